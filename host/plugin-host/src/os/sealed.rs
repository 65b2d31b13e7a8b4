//! A file in memory that nobody can change any more, this process included: what was checked is what is loaded.

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::ptr;

/// Bytes in memory, sealed, and readable as long as this lives.
#[derive(Debug)]
pub(crate) struct Sealed {
    file: File,
    start: *const u8,
    length: usize,
}

// SAFETY: the mapping is private, read-only, of a file whose content and length are sealed: it never changes, and it is
// unmapped once, by `Drop`.
#[allow(unsafe_code)]
unsafe impl Send for Sealed {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for Sealed {}

impl Sealed {
    /// Copies `length` bytes of a file and seals them.
    ///
    /// # Errors
    /// The source is shorter, or this system has no such files, cannot seal them or forbids to run what is in them.
    pub(crate) fn copy_of(source: &File, length: usize) -> io::Result<Sealed> {
        let mut file = create("aurapos-plugin", MemfdFlags::EXEC)?;
        // The kernel copies: the bytes do not pass through this process.
        let copied = io::copy(&mut source.take(length as u64), &mut file)?;
        file.flush()?;
        if copied != length as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        seal(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK)?;
        // Where running them is forbidden, that is known now and not by a loader's message.
        Map::new(&file, length, ProtFlags::READ | ProtFlags::EXEC)?;
        // Not populated: the kernel brings in sixteen pages at a fault, which is quicker than all of them one by one.
        let map = Map::new(&file, length, ProtFlags::READ)?;
        let start = map.start.cast::<u8>().cast_const();
        std::mem::forget(map);
        Ok(Sealed { file, start, length })
    }

    /// The bytes.
    #[allow(unsafe_code)]
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: mapped by `copy_of` for as long as this lives, of a file that is as long and cannot be changed.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        drop(Map { start: self.start.cast_mut().cast(), length: self.length });
    }
}

/// A mapping that goes when it is dropped.
struct Map {
    start: *mut std::ffi::c_void,
    length: usize,
}

impl Map {
    #[allow(unsafe_code)]
    fn new(file: &File, length: usize, protection: ProtFlags) -> io::Result<Map> {
        // SAFETY: a new mapping, at an address of the kernel's choice; nothing refers to it yet.
        let start = unsafe { mmap(ptr::null_mut(), length, protection, MapFlags::PRIVATE, file, 0) }?;
        Ok(Map { start, length })
    }
}

impl Drop for Map {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: made by `new` with this length; whoever holds a `Map` has given nobody a reference that outlives it.
        let _ = unsafe { munmap(self.start, self.length) };
    }
}

/// Copies `length` bytes of a file into sealed memory; `None` where this kernel does not let us, which is logged.
pub(crate) fn seal_copy(source: &File, length: u64) -> Option<Sealed> {
    if !Path::new("/proc/self/fd").exists() {
        return None;
    }
    let sealed = Sealed::copy_of(source, usize::try_from(length).ok()?);
    sealed.inspect_err(|error| tracing::info!(%error, "a library is not held in memory")).ok()
}

/// The path of an open file.
pub(crate) fn path_of(file: &File) -> Option<PathBuf> {
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    path.exists().then_some(path)
}

/// A file in memory of a fixed size, full of zeros: what is written into it cannot make it grow.
pub(crate) fn fixed(name: &str, bytes: u64) -> io::Result<File> {
    let file = create(name, MemfdFlags::NOEXEC_SEAL)?;
    file.set_len(bytes)?;
    seal(&file, SealFlags::GROW | SealFlags::SHRINK)?;
    Ok(file)
}

fn seal(file: &File, seals: SealFlags) -> io::Result<()> {
    Ok(fcntl_add_seals(file, seals | SealFlags::SEAL)?)
}

/// Kernels before 6.3 do not know `kind`, and let everything run.
fn create(name: &str, kind: MemfdFlags) -> io::Result<File> {
    let usual = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let made = match memfd_create(name, usual | kind) {
        Err(rustix::io::Errno::INVAL) => memfd_create(name, usual),
        made => made,
    };
    Ok(File::from(made?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    fn source(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        io::Seek::rewind(&mut file).unwrap();
        file
    }

    #[test]
    fn what_is_sealed_cannot_be_changed_by_any_way() {
        let content = vec![7_u8; 10_000];
        let sealed = Sealed::copy_of(&source(&content), content.len()).unwrap();
        assert!(sealed.file.write_at(b"x", 0).is_err(), "written");
        assert!(sealed.file.set_len(1).is_err() && sealed.file.set_len(20_000).is_err(), "another length");
        let again = format!("/proc/self/fd/{}", sealed.file.as_raw_fd());
        let opened = File::options().write(true).open(again);
        assert!(
            opened.is_err() || opened.is_ok_and(|file| file.write_at(b"x", 0).is_err()),
            "written by another handle"
        );
        assert_eq!(sealed.bytes(), content);
        assert!(Sealed::copy_of(&source(b"short"), 6).is_err());
    }

    #[test]
    fn what_has_a_fixed_size_does_not_grow() {
        let file = fixed("a-test", 8).unwrap();
        file.write_all_at(b"12345678", 0).unwrap();
        assert!(file.write_at(b"9", 8).is_err() && file.set_len(9).is_err());
    }
}
