//! The data folder of a register: where each file is, and that it can be written.

use crate::os;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What to do in a folder without a shop.
pub(crate) const NOTHING_HERE: &str = "Set a shop up with `aurapos-admin init`, bring one back with `aurapos-admin backup \
     restore FILE --yes`, or give another folder with --data.";

/// What can be wrong with a data folder.
#[derive(Debug, Error)]
pub enum FolderError {
    /// It cannot be made.
    #[error("the data folder {path} cannot be made: {source}")]
    Create {
        /// The folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It is not there.
    #[error("there is no data folder {path}")]
    Missing {
        /// The folder.
        path: String,
    },
    /// Its disk is full.
    #[error("the disk of the data folder {path} is full")]
    Full {
        /// The folder.
        path: String,
    },
    /// It is there and cannot be written.
    #[error("the data folder {path} cannot be written: {source}")]
    NotWritable {
        /// The folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Something else has its name.
    #[error("{path} is not a folder")]
    NotAFolder {
        /// The path.
        path: String,
    },
}

/// The files of one register. A value only names them; [`DataFolder::create`] and [`DataFolder::check_writable`] touch
/// the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder {
    root: PathBuf,
    /// Somewhere else than in the folder.
    settings: Option<PathBuf>,
}

impl DataFolder {
    /// The folder at a path, made absolute.
    pub fn new(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        DataFolder { root: absolute(path), settings: None }
    }

    /// The same folder with its settings in another file.
    #[must_use]
    pub fn with_settings(mut self, file: impl AsRef<Path>) -> Self {
        self.settings = Some(absolute(file.as_ref()));
        self
    }

    /// The folder of this user: `%AppData%\AuraPOS` on Windows, `$XDG_DATA_HOME/AuraPOS` elsewhere.
    pub fn of_user() -> Option<Self> {
        os::user_data().map(|base| DataFolder::new(base.join("AuraPOS")))
    }

    /// The folder itself, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Facts of this machine.
    pub fn settings_file(&self) -> PathBuf {
        self.settings.clone().unwrap_or_else(|| self.root.join("aurapos.toml"))
    }

    /// What plugins need to know and nobody may read. Beside the data, wherever the settings are.
    pub fn secrets_file(&self) -> PathBuf {
        self.root.join("secrets.toml")
    }

    /// The settings that last opened a register.
    pub fn last_good_file(&self) -> PathBuf {
        self.root.join("aurapos.last-good.toml")
    }

    /// The local store of the first-party storage.
    pub fn database(&self) -> PathBuf {
        self.root.join("AuraPOS.db")
    }

    /// Backups, in `Daily` and `Weekly`.
    pub fn backups(&self) -> PathBuf {
        self.root.join("Backups")
    }

    /// Log files, one a day.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Plugins that the owner installed.
    pub fn plugins(&self) -> PathBuf {
        self.root.join("plugins")
    }

    /// The hashes of the plugins that the owner trusts.
    pub fn plugins_lock(&self) -> PathBuf {
        self.root.join("plugins.lock")
    }

    /// Probe results, sentinels and the quarantine.
    pub fn plugin_state(&self) -> PathBuf {
        self.root.join("plugin-state")
    }

    /// Who holds the register.
    pub fn register_lock(&self) -> PathBuf {
        self.root.join("register.lock")
    }

    /// What tells this database from a copy of it.
    pub fn register_token(&self) -> PathBuf {
        self.root.join("register.token")
    }

    /// How far its journal had come.
    pub fn register_head(&self) -> PathBuf {
        self.root.join("register.head")
    }

    /// How it stands with the shop's shared store, as the program says that has it open.
    pub fn register_sync(&self) -> PathBuf {
        self.root.join("register.sync")
    }

    /// Whether a register was set up here, as far as its files tell.
    pub fn shop_was_here(&self) -> bool {
        self.register_token().exists() || self.settings_file().exists() || self.last_good_file().exists()
    }

    /// Whether no file tells of a shop, in use now or before.
    pub fn is_fresh(&self) -> bool {
        !self.shop_was_here() && !self.database().exists()
    }

    /// Makes the folder, for its owner only.
    ///
    /// # Errors
    /// It cannot be made or written, or a file has its name.
    pub fn create(&self) -> Result<(), FolderError> {
        let path = || self.root.display().to_string();
        if self.root.exists() && !self.root.is_dir() {
            return Err(FolderError::NotAFolder { path: path() });
        }
        make_private(&self.root).map_err(|source| FolderError::Create { path: path(), source })?;
        self.check_writable()
    }

    /// Writes and removes a file, to fail now with a clear message and not in the middle of a sale.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn check_writable(&self) -> Result<(), FolderError> {
        let probe = self.root.join(format!(".write-check-{}", std::process::id()));
        let written = fs::File::create(&probe).and_then(|mut file| file.write_all(b"AuraPOS"));
        let removed = fs::remove_file(&probe);
        written.and(removed).map_err(|source| unwritable(self.root.display().to_string(), source))
    }
}

impl DataFolder {
    /// Room on the folder's disk for this user, in bytes.
    ///
    /// # Errors
    /// The system does not say.
    pub fn free_bytes(&self) -> io::Result<u64> {
        os::free_bytes(&self.root)
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn unwritable(path: String, source: io::Error) -> FolderError {
    match source.kind() {
        io::ErrorKind::NotFound => FolderError::Missing { path },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FolderError::Full { path },
        _ => FolderError::NotWritable { path, source },
    }
}

/// Makes a folder and its parents; the folder itself is for its owner only.
fn make_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    os::private_folder(&mut builder);
    builder.create(path)
}

/// Writes a small file aside, syncs it and renames it over: a reader sees the old content or the new.
pub(crate) fn replace_file(file: &Path, content: &[u8]) -> io::Result<()> {
    let aside = file.with_extension(format!("part-{}", std::process::id()));
    // What an earlier program of this number left has the rights that it had then: the new one is made anew.
    let _ = fs::remove_file(&aside);
    let written = private_file(&aside).and_then(|mut open| open.write_all(content).and_then(|()| open.sync_all()));
    let result = written.and_then(|()| fs::rename(&aside, file)).and_then(|()| sync_folder_of(file));
    if result.is_err() {
        // The first error is the one that matters.
        let _ = fs::remove_file(&aside);
    }
    result
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    os::private(&mut options);
    options.open(path)
}

/// Makes a rename or a new file last: its folder is synced.
pub(crate) fn sync_folder_of(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), os::sync_folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_for_its_owner_only() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path().join("deep/shop"));
        assert!(!folder.shop_was_here());
        folder.create().unwrap();
        folder.create().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(folder.root()).unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert_eq!(fs::read_dir(folder.root()).unwrap().count(), 0, "the check leaves nothing behind");
    }

    #[test]
    fn settings_may_lie_elsewhere() {
        let folder = DataFolder::new("/shop");
        assert_eq!(folder.settings_file(), Path::new("/shop/aurapos.toml"));
        let folder = folder.with_settings("/etc/aurapos.toml");
        assert_eq!(folder.settings_file(), Path::new("/etc/aurapos.toml"));
        assert_eq!(folder.last_good_file(), Path::new("/shop/aurapos.last-good.toml"));
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("shop");
        fs::write(&file, "").unwrap();
        let check = |path: &Path, words: &str| {
            let error = DataFolder::new(path).create().unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("shop"), "{error}");
        };
        let missing = DataFolder::new(place.path().join("nowhere")).check_writable();
        assert!(matches!(missing, Err(FolderError::Missing { .. })), "{missing:?}");
        check(&file, "is not a folder");
        check(&file.join("below"), "cannot be made");
    }

    #[test]
    fn what_stands_against_writing_is_told_apart() {
        let check = |kind: io::ErrorKind, code: &str, next: &str| {
            let error = crate::RuntimeError::from(unwritable("shop".to_owned(), kind.into()));
            assert!(error.code() == code && error.next().contains(next), "{error}: {} {}", error.code(), error.next());
        };
        check(io::ErrorKind::StorageFull, "AP-8001", "Make room");
        check(io::ErrorKind::NotFound, "AP-0101", "init");
        check(io::ErrorKind::PermissionDenied, "AP-0102", "rights");
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a.toml");
        replace_file(&file, b"one").unwrap();
        replace_file(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }
}
