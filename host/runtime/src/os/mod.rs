//! What differs between operating systems: the machine's own id, a file's number, who may read and write it, how names last,
//! where a user's data lies.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(crate) use aurapos_plugin_host::sync_folder;
#[cfg(unix)]
pub(crate) use unix::{
    file_number, free_bytes, holder_beside, is_open_to_others, is_writable_for_others, machine_id, open_plain, private,
    private_folder, user_data,
};
#[cfg(windows)]
pub(crate) use windows::{
    file_number, free_bytes, holder_beside, is_open_to_others, is_writable_for_others, machine_id, open_plain, private,
    private_folder, user_data,
};

/// A variable of the environment that says something.
fn variable(name: &str) -> Option<std::path::PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(Into::into)
}
