//! Which files are trusted: `builtin.lock` (written by the build, beside the programs) and `plugins.lock` (third
//! parties' plugins, pinned when the owner installs or trusts them).

use crate::files::write_atomically;
use crate::refusal::{Code, Refusal};
use semver::Version;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One trusted file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Plugin id.
    pub id: String,
    /// Its version.
    pub version: Version,
    /// Library file name.
    pub file: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// When it was trusted: RFC 3339 in UTC. Not in `builtin.lock`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trusted: String,
}

/// A lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LockFile {
    /// The pins.
    #[serde(default, rename = "plugin")]
    pub plugins: Vec<Pin>,
}

impl LockFile {
    /// Reads a lock; a file that is not there has no pins.
    ///
    /// # Errors
    /// [`Code::State`] when it cannot be read or is no lock.
    pub fn read(file: &Path) -> Result<LockFile, Refusal> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(LockFile::default()),
            Err(error) => return Err(Refusal::new(Code::State, "", format!("{}: {error}", file.display()))),
        };
        toml::from_str(&text)
            .map_err(|error| Refusal::new(Code::State, "", format!("{}: {}", file.display(), error.message())))
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// [`Code::State`].
    pub fn write(&self, file: &Path) -> Result<(), Refusal> {
        let body = toml::to_string(self).map_err(|error| Refusal::new(Code::State, "", error))?;
        let text = format!("# The plugins that the owner of this register trusts, as they were then.\n\n{body}");
        write_atomically(file, text.as_bytes())
            .map_err(|error| Refusal::new(Code::State, "", format!("{}: {error}", file.display())))
    }

    /// The pin of an id and version.
    pub fn pin_of(&self, id: &str, version: &Version) -> Option<&Pin> {
        self.plugins.iter().find(|pin| pin.id == id && pin.version == *version)
    }

    /// The versions of an id that are pinned, the oldest first.
    pub fn versions_of(&self, id: &str) -> Vec<Version> {
        let mut versions: Vec<Version> =
            self.plugins.iter().filter(|pin| pin.id == id).map(|pin| pin.version.clone()).collect();
        versions.sort();
        versions
    }

    /// Trusts this file from now on, instead of what was trusted under its id and version. Other versions stay trusted.
    pub fn pin(&mut self, pin: Pin) {
        self.plugins.retain(|known| (&known.id, &known.version) != (&pin.id, &pin.version));
        self.plugins.push(pin);
        self.plugins.sort_by(|a, b| (&a.id, &a.version).cmp(&(&b.id, &b.version)));
    }

    /// Forgets a version of an id, or all of them. True when something was there.
    pub fn forget(&mut self, id: &str, version: Option<&Version>) -> bool {
        let before = self.plugins.len();
        self.plugins.retain(|pin| pin.id != id || version.is_some_and(|version| pin.version != *version));
        self.plugins.len() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_trusted_side_by_side() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plugins.lock");
        let pin = |id: &str, version: &str, sha256: &str| Pin {
            id: id.to_owned(),
            version: Version::parse(version).unwrap(),
            file: "libzvt.so".to_owned(),
            size: 1,
            sha256: sha256.to_owned(),
            trusted: "2026-04-26T18:00:42Z".to_owned(),
        };
        let mut lock = LockFile::default();
        for one in
            [pin("zvt", "2.0.0", "bb"), pin("zvt", "1.4.0", "aa"), pin("zvt", "1.4.0", "cc"), pin("x", "1.0.0", "dd")]
        {
            lock.pin(one);
        }
        lock.write(&file).unwrap();
        let mut lock = LockFile::read(&file).unwrap();
        let hash = |lock: &LockFile, version: &str| {
            lock.pin_of("zvt", &Version::parse(version).unwrap()).map(|pin| pin.sha256.clone())
        };
        assert_eq!(hash(&lock, "1.4.0").as_deref(), Some("cc"), "the same version: instead");
        assert_eq!(hash(&lock, "2.0.0").as_deref(), Some("bb"));
        assert_eq!(hash(&lock, "3.0.0"), None);
        assert_eq!(lock.versions_of("zvt").len(), 2);
        assert!(lock.forget("zvt", Some(&Version::new(1, 4, 0))) && !lock.forget("zvt", Some(&Version::new(9, 0, 0))));
        assert_eq!(lock.versions_of("zvt"), [Version::new(2, 0, 0)]);
        assert!(lock.forget("zvt", None) && !lock.forget("zvt", None) && lock.versions_of("x").len() == 1);
    }
}
