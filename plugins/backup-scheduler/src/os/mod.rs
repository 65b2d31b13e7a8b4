//! What differs between operating systems: free space, modes, the page cache, syncing a folder.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{
    create_private_file, create_private_folder, create_private_folders, forget_cached, free_space, make_private,
    sync_folder,
};
#[cfg(windows)]
pub use windows::{
    create_private_file, create_private_folder, create_private_folders, forget_cached, free_space, make_private,
    sync_folder,
};
