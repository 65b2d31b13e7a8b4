//! Which files are trusted: `builtin.lock` (written by the build, beside the programs) and `plugins.lock` (third
//! parties' plugins, pinned when the owner installs or trusts them).

use crate::files::write_atomically;
use crate::refusal::{Code, Refusal};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One trusted file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Plugin id.
    pub id: String,
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

    /// The pins of an id.
    pub fn of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Pin> {
        self.plugins.iter().filter(move |pin| pin.id == id)
    }

    /// Trusts this file from now on, instead of what was trusted under its id and file name.
    pub fn pin(&mut self, pin: Pin) {
        self.plugins.retain(|known| known.id != pin.id);
        self.plugins.push(pin);
        self.plugins.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// Forgets an id. True when it was there.
    pub fn forget(&mut self, id: &str) -> bool {
        let before = self.plugins.len();
        self.plugins.retain(|pin| pin.id != id);
        self.plugins.len() != before
    }
}
