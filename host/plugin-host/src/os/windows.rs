//! Files, handles, processes and the loader of Windows.

use libloading::os::windows::{LOAD_LIBRARY_SEARCH_SYSTEM32, Library};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::ptr;
use windows_sys::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_TEMPORARY, FILE_FLAG_DELETE_ON_CLOSE, FILE_SHARE_READ};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{CREATE_NO_WINDOW, GetCurrentProcess};

/// A file inherits who may read it from its folder, and the user's own folder keeps other users out: nothing is added.
pub(crate) fn private(_: &mut OpenOptions) {}

/// An empty file that nobody else can open and that goes with its last handle.
pub(crate) fn nameless(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    options.share_mode(0).attributes(FILE_ATTRIBUTE_TEMPORARY).custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
    options.open(path)
}

/// Opens the private copy of a library. As long as this handle lives nobody can write it, rename it, remove it or put
/// another folder in its place; whoever has it open for writing already makes this fail.
pub(crate) fn open_held(path: &Path) -> io::Result<File> {
    File::options().read(true).share_mode(FILE_SHARE_READ).open(path)
}

/// What stands at the beginning of a file, wherever its other handles are.
pub(crate) fn read_start(file: &File, bytes: &mut [u8]) -> io::Result<usize> {
    file.seek_read(bytes, 0)
}

/// Writes over the beginning of a file.
pub(crate) fn write_start(file: &File, bytes: &[u8]) -> io::Result<()> {
    let mut written = 0;
    while written < bytes.len() {
        match file.seek_write(&bytes[written..], written as u64)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            more => written += more,
        }
    }
    Ok(())
}

/// The trial gets no console window of its own; what it starts ends with it, see [`take_handles`].
pub(crate) fn lead_a_group(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW);
}

/// Whether the child ended.
pub(crate) fn has_ended(child: &mut Child) -> io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}

/// Ends the child, and with it everything in its job.
pub(crate) fn end(child: &mut Child) -> io::Result<()> {
    child.kill()
}

/// The trial's library and its answer, from standard input and output, which lead nowhere afterwards. From here on this
/// process is in a job that ends with it, and so does everything that the library starts.
pub(crate) fn take_handles() -> io::Result<(File, File)> {
    end_with_all()?;
    // Duplicates are not handed on to programs that are started.
    let library = io::stdin().as_handle().try_clone_to_owned()?;
    let answer = io::stdout().as_handle().try_clone_to_owned()?;
    lead_nowhere()?;
    Ok((File::from(library), File::from(answer)))
}

/// Puts this process into a job of its own. The only handle of the job is this process': when it ends, however it ends, the
/// system ends everything in the job.
#[allow(unsafe_code)]
fn end_with_all() -> io::Result<()> {
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    // The second keeps Windows from asking a shopkeeper what to do about a library that crashed.
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    // SAFETY: a new job without a name and with the usual rights.
    let job = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: made above, and owned by nobody else.
    let job = unsafe { OwnedHandle::from_raw_handle(job) };
    let length = size_of_val(&limits) as u32;
    // SAFETY: `limits` is what this class of information says, of that length, and is only read.
    let set = unsafe {
        SetInformationJobObject(
            job.as_raw_handle(),
            JobObjectExtendedLimitInformation,
            ptr::from_ref(&limits).cast(),
            length,
        )
    };
    // SAFETY: the pseudo handle of this process is always valid.
    if set == 0 || unsafe { AssignProcessToJobObject(job.as_raw_handle(), GetCurrentProcess()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // Closed by the system when the process ends, and that is what ends the others.
    std::mem::forget(job);
    Ok(())
}

/// Points standard input and output of the C library at nothing; it tells the system, where Rust looks.
#[allow(unsafe_code)]
fn lead_nowhere() -> io::Result<()> {
    // SAFETY: the path is a C string, and the numbers are the C library's own for the first two streams.
    unsafe {
        let nowhere = libc::open(c"NUL".as_ptr(), libc::O_RDWR);
        if nowhere < 0 || libc::dup2(nowhere, 0) < 0 || libc::dup2(nowhere, 1) < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Opens a library. What it needs besides is looked for among the system's own libraries only: not in the working folder,
/// not on the PATH, and not in the folder of the private copies, where every plugin's lie.
#[allow(unsafe_code)]
pub(crate) fn open_library(file: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: opening runs the library's constructors, which is what the owner asked for; the file was checked and, the
    // first time, tried out in another process.
    unsafe { Library::load_with_flags(file, LOAD_LIBRARY_SEARCH_SYSTEM32) }.map(Into::into)
}
