//! The bytes of a library from its check to its loading: read once, hashed once, and held so that what was checked is what
//! runs, whatever happens to the file meanwhile.
//!
//! On Linux they lie sealed in memory. Where that is not to be had (another system, a kernel that forbids to run what lies
//! in memory), they are written into a private copy that is compared again right before each use. See ADR 0013.

use crate::files::write_atomically;
use crate::options::Holding;
use crate::os;
use std::collections::HashMap;
use std::env::consts::DLL_SUFFIX;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Stands where a library's path would stand: it is the standard input.
pub(crate) const BY_HANDLE: &str = "-";

/// A library's bytes.
#[derive(Debug)]
pub(crate) enum Image {
    /// In memory, where nobody can change them.
    Sealed(os::Sealed),
    /// In this process's own memory; the loader cannot read them there.
    Own(Vec<u8>),
}

impl Image {
    /// Reads `length` bytes of a file.
    ///
    /// # Errors
    /// It cannot be read. Being shorter is no error: the bytes that are there have another hash.
    pub(crate) fn read(mut file: &File, length: u64, holding: Holding) -> io::Result<Image> {
        if holding == Holding::Sealed {
            if let Some(sealed) = os::seal_copy(file, length) {
                return Ok(Image::Sealed(sealed));
            }
            file.rewind()?;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(length).read_to_end(&mut bytes)?;
        Ok(Image::Own(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Image::Sealed(sealed) => sealed.bytes(),
            Image::Own(bytes) => bytes,
        }
    }

    /// Makes them ready for the loader. `folder` is used only where they are not sealed.
    ///
    /// # Errors
    /// The private copy cannot be written.
    pub(crate) fn hold(self, folder: &Path, sha256: &str) -> io::Result<Held> {
        let (file, copy) = match &self {
            Image::Sealed(sealed) => (sealed.file().try_clone()?, None),
            Image::Own(bytes) => {
                let copy = folder.join(format!("{sha256}{DLL_SUFFIX}"));
                // A copy that is there and differs was damaged or tampered with; it is replaced, never loaded.
                if !std::fs::read(&copy).is_ok_and(|present| present == *bytes) {
                    write_atomically(&copy, bytes)?;
                }
                (os::open_held(&copy)?, Some(copy))
            }
        };
        Ok(Held { image: self, file, copy })
    }
}

/// A library that the loader can be given, by this process or by the trial.
#[derive(Debug)]
pub(crate) struct Held {
    image: Image,
    /// What is loaded.
    file: File,
    /// Where it lies, if it lies on a disk.
    copy: Option<PathBuf>,
}

impl Held {
    /// For a child process: what it is told, and the handle that it is given as its standard input.
    ///
    /// # Errors
    /// The copy changed, or the system gives no second handle.
    pub(crate) fn for_child(&self) -> io::Result<(PathBuf, File)> {
        self.compare()?;
        let handle = self.file.try_clone()?;
        let told = if os::path_of(&handle).is_some() { None } else { self.copy.clone() };
        Ok((told.unwrap_or_else(|| BY_HANDLE.into()), handle))
    }

    /// The path under which this process loads it, for as long as the process lives. A library that was loaded before from
    /// this data folder has its old path, by which the loader knows it again.
    ///
    /// # Errors
    /// The copy changed.
    pub(crate) fn path_for_ever(self, data: &Path, sha256: &str) -> io::Result<PathBuf> {
        type Kept = HashMap<(PathBuf, String), (PathBuf, File)>;
        static KEPT: OnceLock<Mutex<Kept>> = OnceLock::new();
        self.compare()?;
        let path = os::path_of(&self.file).or_else(|| self.copy.clone()).ok_or(io::ErrorKind::Unsupported)?;
        let mut kept = KEPT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        // The handle stays open for ever: the loader knows a library by its path first, and a handle's number that came to
        // stand for another file would give the old library for the new one.
        let one = kept.entry((data.to_owned(), sha256.to_owned())).or_insert((path, self.file));
        Ok(one.0.clone())
    }

    /// What lies on a disk is read again, through the handle that is loaded.
    ///
    /// # Errors
    /// The copy changed.
    pub(crate) fn compare(&self) -> io::Result<()> {
        if self.copy.is_none() {
            return Ok(());
        }
        let mut now = Vec::new();
        let mut file = &self.file;
        file.rewind()?;
        file.take(self.image.bytes().len() as u64 + 1).read_to_end(&mut now)?;
        let same = now == self.image.bytes();
        if same { Ok(()) } else { Err(io::Error::other("somebody changed the private copy")) }
    }
}

/// The path of the library that a trial process was told and given.
pub(crate) fn path_in_child(told: &Path, handle: &File) -> PathBuf {
    os::path_of(handle).filter(|_| told == Path::new(BY_HANDLE)).unwrap_or_else(|| told.to_owned())
}
