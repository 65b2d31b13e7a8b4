//! Where operating systems differ: who may read a file, how a name lasts.

use std::fs::OpenOptions;

pub use aurapos_plugin_api::os::sync_folder;

/// Lets only its owner read and write a file that is made.
#[cfg(unix)]
pub fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

/// Here the folder says who may read a file.
#[cfg(windows)]
pub fn private(_: &mut OpenOptions) {}
