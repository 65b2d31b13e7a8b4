//! Files, handles and the loader of a system of the Unix kind.

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// Lets only its owner read and write a file that is made.
pub(crate) fn private(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// An empty file that has no name any more, for readers who have its handle; `path` was its name for a moment.
pub(crate) fn nameless(path: &Path) -> io::Result<File> {
    let file = File::options().read(true).write(true).create_new(true).open(path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

/// Opens the private copy of a library, which is compared through this handle.
pub(crate) fn open_held(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// What stands at the beginning of a file, wherever its other handles are.
pub(crate) fn read_start(file: &File, bytes: &mut [u8]) -> io::Result<usize> {
    file.read_at(bytes, 0)
}

/// Writes over the beginning of a file.
pub(crate) fn write_start(file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, 0)
}

/// The trial's library and its answer, from standard input and output, which lead nowhere afterwards.
pub(crate) fn take_handles() -> io::Result<(File, File)> {
    /// Behind the three that everybody knows.
    const FIRST: i32 = 3;
    let library = rustix::io::fcntl_dupfd_cloexec(io::stdin(), FIRST)?;
    let answer = rustix::io::fcntl_dupfd_cloexec(io::stdout(), FIRST)?;
    let nowhere = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nowhere)?;
    rustix::stdio::dup2_stdout(&nowhere)?;
    Ok((File::from(library), File::from(answer)))
}

/// Opens a library with every symbol resolved now and none given to other libraries.
#[allow(unsafe_code)]
pub(crate) fn open_library(file: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: opening runs the library's constructors, which is what the owner asked for; the file was checked and, the
    // first time, tried out in another process.
    unsafe { Library::open(Some(file), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}
