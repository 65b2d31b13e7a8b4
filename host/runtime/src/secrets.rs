//! `secrets.toml`: what plugins need to know and nobody may read, by kind, instance and key.
//!
//! Owns the file: that only its owner can read it, that it is replaced whole, that no error and no `Debug` shows what is
//! in it. Must not know what a secret is for, nor which settings are secrets: that is in the plugins' manifests.
//!
//! ```toml
//! [payment."front terminal"]
//! password = "…"
//! ```
//!
//! It stays on this machine: no backup has it, and `aurapos.toml` may be shown to anybody.

use crate::folder::{DataFolder, replace_file};
use crate::os;
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use thiserror::Error;
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

/// The largest file, in bytes.
pub const SECRETS_BYTES_MAX: u64 = 1024 * 1024;

const HEAD: &str = "# AuraPOS: secrets of plugins, for this machine's register alone. Written by `aurapos-admin plugin set-secret`.\n\n";

/// Why secrets were not read or kept. None of these says what a secret is.
#[derive(Debug, Error)]
pub enum SecretsError {
    /// Whoever has an account on this machine may have read or changed it.
    #[error("{file} can be read or changed by other users of this machine, so no secret in it is used")]
    OpenToOthers {
        /// The file.
        file: String,
    },
    /// It cannot be read or written.
    #[error("{file} cannot be used: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// It is not what this program writes.
    #[error("{file} is damaged: {what}")]
    Damaged {
        /// The file.
        file: String,
        /// Where and how.
        what: String,
    },
    /// Whoever may write into the folder could put another file in its place.
    #[error("other users of this machine may write into {folder}, so no secret is kept there")]
    FolderOpenToOthers {
        /// The data folder.
        folder: String,
    },
}

impl SecretsError {
    /// The code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            SecretsError::OpenToOthers { .. } => "AP-0211",
            SecretsError::File { .. } => "AP-0212",
            SecretsError::Damaged { .. } => "AP-0213",
            SecretsError::FolderOpenToOthers { .. } => "AP-0214",
        }
    }

    /// What to do next, one or two sentences.
    pub fn next(&self) -> String {
        match self {
            SecretsError::OpenToOthers { file } => {
                format!("Run `chmod 600 {file}`; if somebody may have read it, choose new secrets and set them again.")
            }
            SecretsError::File { .. } => "Check who owns the file and whether the disk is readable.".to_owned(),
            SecretsError::Damaged { .. } => {
                "Correct it, or move it away and set the secrets again: `aurapos-admin plugin set-secret`.".to_owned()
            }
            SecretsError::FolderOpenToOthers { folder } => format!("Run `chmod go-w {folder}` first."),
        }
    }
}

/// The secrets of one register.
#[derive(Clone)]
pub struct Secrets {
    /// Every value below `kind.instance` is a text: [`Secrets::read`] checked it.
    document: DocumentMut,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Reads those of a data folder; none where there is no file.
    ///
    /// # Errors
    /// The file is open to others, cannot be read, or is damaged.
    pub fn read(folder: &DataFolder) -> Result<Self, SecretsError> {
        let path = folder.secrets_file();
        let file = path.display().to_string();
        let failed = |source| SecretsError::File { file: file.clone(), source };
        let mut open = match os::open_plain(&path) {
            Ok(open) => open,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(Secrets { document: DocumentMut::new() });
            }
            Err(error) => return Err(failed(error)),
        };
        // Of the file that is open, not of the one that has its name by now.
        let metadata = open.metadata().map_err(failed)?;
        let damaged = |what: String| SecretsError::Damaged { file: file.clone(), what };
        if !metadata.is_file() {
            return Err(damaged("it is not a file".to_owned()));
        }
        if os::is_open_to_others(&metadata) {
            return Err(SecretsError::OpenToOthers { file });
        }
        if metadata.len() > SECRETS_BYTES_MAX {
            return Err(damaged(format!("it has more than {SECRETS_BYTES_MAX} bytes")));
        }
        let mut text = String::new();
        (&mut open).take(SECRETS_BYTES_MAX).read_to_string(&mut text).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => damaged("it is not UTF-8 text".to_owned()),
            _ => failed(error),
        })?;
        // What a parser says may repeat the line, and with it a secret: only the place is told.
        let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            damaged(format!("line {line} is not TOML"))
        })?;
        check(document.as_table()).map_err(damaged)?;
        Ok(Secrets { document })
    }

    /// A secret.
    pub fn get(&self, kind: &str, instance: &str, key: &str) -> Option<&str> {
        self.of(kind, instance)?.get(key)?.as_str()
    }

    /// The keys of an instance's secrets.
    pub fn keys(&self, kind: &str, instance: &str) -> Vec<String> {
        self.of(kind, instance).map_or_else(Vec::new, |table| table.iter().map(|(key, _)| key.to_owned()).collect())
    }

    fn of(&self, kind: &str, instance: &str) -> Option<&dyn TableLike> {
        self.document.get(kind)?.as_table_like()?.get(instance)?.as_table_like()
    }

    /// Sets a secret.
    pub fn set(&mut self, kind: &str, instance: &str, key: &str, text: &str) {
        let implicit = || {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        };
        // That both are tables was checked in reading.
        let kinds = self.document.entry(kind).or_insert_with(implicit).as_table_like_mut();
        let table = kinds.map(|kinds| kinds.entry(instance).or_insert_with(toml_edit::table));
        if let Some(table) = table.and_then(Item::as_table_like_mut) {
            table.insert(key, value(text));
        }
    }

    /// Forgets a secret; whether there was one.
    pub fn unset(&mut self, kind: &str, instance: &str, key: &str) -> bool {
        let Some(kinds) = self.document.get_mut(kind).and_then(Item::as_table_like_mut) else { return false };
        let Some(table) = kinds.get_mut(instance).and_then(Item::as_table_like_mut) else { return false };
        let found = table.remove(key).is_some();
        if table.is_empty() {
            kinds.remove(instance);
        }
        found
    }

    /// Writes them, for this user only, whole or not at all.
    ///
    /// # Errors
    /// Others may write into the folder, or the file cannot be written.
    pub fn write(&self, folder: &DataFolder) -> Result<(), SecretsError> {
        let path = folder.secrets_file();
        let failed = |source| SecretsError::File { file: path.display().to_string(), source };
        if os::is_writable_for_others(&fs::metadata(folder.root()).map_err(failed)?) {
            return Err(SecretsError::FolderOpenToOthers { folder: folder.root().display().to_string() });
        }
        let text = self.document.to_string();
        // The line that says what this file is goes with the table below it when that is removed.
        let text = if text.starts_with('#') { text } else { format!("{HEAD}{}", text.trim_start()) };
        replace_file(&path, text.as_bytes()).map_err(failed)
    }
}

/// Tables of tables of texts. Names are told, values never.
fn check(document: &Table) -> Result<(), String> {
    for (kind, instances) in document {
        let instances = instances.as_table_like().ok_or_else(|| format!("`{kind}` is not a table"))?;
        for (instance, secrets) in instances.iter() {
            let secrets = secrets.as_table_like().ok_or_else(|| format!("`{kind}.{instance}` is not a table"))?;
            if let Some((key, _)) = secrets.iter().find(|(_, secret)| !secret.is_str()) {
                return Err(format!("`{kind}.{instance}.{key}` is not a text in quotes"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "open \"sesame\"\n\u{1f511}";

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path().join("shop"));
        folder.create().unwrap();
        (place, folder)
    }

    #[test]
    fn a_secret_is_kept_by_kind_instance_and_key() {
        let (_place, folder) = folder();
        let mut secrets = Secrets::read(&folder).unwrap();
        assert_eq!(secrets.get("payment", "front terminal", "password"), None);
        secrets.set("payment", "front terminal", "password", SECRET);
        secrets.set("payment", "a.b", "password", "other");
        secrets.set("storage", "postgres", "password", "third");
        secrets.write(&folder).unwrap();
        let mut read = Secrets::read(&folder).unwrap();
        assert_eq!(read.get("payment", "front terminal", "password"), Some(SECRET));
        assert_eq!(
            (read.get("payment", "a.b", "password"), read.get("payment", "a", "password")),
            (Some("other"), None)
        );
        assert_eq!((read.keys("payment", "a.b"), read.keys("events", "a.b")), (vec!["password".to_owned()], vec![]));
        read.set("payment", "a.b", "password", "newer");
        assert!(read.unset("payment", "front terminal", "password") && !read.unset("payment", "nobody", "x"));
        read.write(&folder).unwrap();
        let read = Secrets::read(&folder).unwrap();
        assert_eq!(read.get("payment", "front terminal", "password"), None);
        assert_eq!(
            (read.get("payment", "a.b", "password"), read.get("storage", "postgres", "password")),
            (Some("newer"), Some("third"))
        );
        let text = fs::read_to_string(folder.secrets_file()).unwrap();
        assert!(
            text.starts_with("# AuraPOS") && !text.contains("front terminal") && text.matches('#').count() == 1,
            "{text}"
        );
        assert_eq!(format!("{read:?}"), "Secrets");
    }

    #[test]
    fn what_a_person_wrote_into_the_file_stays() {
        let (_place, folder) = folder();
        let text = "# mine\n[payment.front]\npassword = \"a\"   # until May\n\n[payment.back]\npin = \"1\"\n";
        replace_file(&folder.secrets_file(), text.as_bytes()).unwrap();
        let mut secrets = Secrets::read(&folder).unwrap();
        secrets.set("payment", "back", "pin", "2");
        secrets.write(&folder).unwrap();
        assert_eq!(fs::read_to_string(folder.secrets_file()).unwrap(), text.replace("\"1\"", "\"2\""));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_not_believed() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_place, folder) = folder();
        let mut secrets = Secrets::read(&folder).unwrap();
        secrets.set("payment", "front", "password", SECRET);
        secrets.write(&folder).unwrap();
        let file = folder.secrets_file();
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        for bits in [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666, 0o777] {
            fs::set_permissions(&file, fs::Permissions::from_mode(bits)).unwrap();
            let error = Secrets::read(&folder).unwrap_err();
            assert_eq!(error.code(), "AP-0211", "{bits:o}: {error}");
            assert!(error.next().contains(&format!("chmod 600 {}", file.display())), "{}", error.next());
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(Secrets::read(&folder).is_ok());
        for bits in [0o770, 0o702, 0o777] {
            fs::set_permissions(folder.root(), fs::Permissions::from_mode(bits)).unwrap();
            let error = secrets.write(&folder).unwrap_err();
            assert!(error.code() == "AP-0214" && error.next().contains("chmod go-w"), "{bits:o}: {error}");
        }
        fs::set_permissions(folder.root(), fs::Permissions::from_mode(0o755)).unwrap();
        secrets.write(&folder).unwrap();
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn a_damaged_file_is_named_and_no_secret_is_told() {
        let (_place, folder) = folder();
        let check = |content: &[u8], words: &str| {
            replace_file(&folder.secrets_file(), content).unwrap();
            let error = Secrets::read(&folder).unwrap_err();
            let told = format!("{error} {error:?} {}", error.next());
            assert!(error.code() == "AP-0213" && told.contains(words) && told.contains("secrets.toml"), "{told}");
            assert!(!told.contains("sesame") && !told.contains("4711"), "{told}");
        };
        check(b"[payment.front]\npassword = \"sesame\npin = \"4711\"\n", "line 2 is not TOML");
        check(b"[payment.front]\npassword = sesame\n", "line 2 is not TOML");
        check(b"sesame\n", "line 1 is not TOML");
        check(b"[payment.front]\npin = 4711\n", "`payment.front.pin` is not a text");
        check(b"payment = \"sesame\"\n", "`payment` is not a table");
        check(b"[payment]\nfront = \"sesame\"\n", "`payment.front` is not a table");
        check(b"[payment.front]\npassword = \"sesame\xff\"\n", "not UTF-8");
        check(&vec![b'#'; SECRETS_BYTES_MAX as usize + 1], "more than");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_a_folder_are_no_file_of_secrets() {
        let (place, folder) = folder();
        let other = place.path().join("other.toml");
        replace_file(&other, b"[payment.front]\npassword = \"x\"\n").unwrap();
        std::os::unix::fs::symlink(&other, folder.secrets_file()).unwrap();
        assert_eq!(Secrets::read(&folder).unwrap_err().code(), "AP-0212");
        fs::remove_file(folder.secrets_file()).unwrap();
        fs::create_dir(folder.secrets_file()).unwrap();
        assert_eq!(Secrets::read(&folder).unwrap_err().code(), "AP-0213");
    }
}
