//! The server that was made in a shop's own data folder as a storage: settings and secrets by themselves. A master shares it; a single
//! register may keep its own data there.

use crate::{Kept, POSTGRES};
use aurapos_runtime::DataFolder;
use aurapos_runtime::storage_choice::StorageChoice;
use aurapos_server::{Connection, Home, Keep as _, ServerError};
use thiserror::Error;

/// Why the server of a data folder is no storage for a shop.
#[derive(Debug, Error)]
pub enum NoServer {
    /// There is none, or it cannot be looked at.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A password is gone.
    #[error("the password of {role} is not in this data folder")]
    PasswordMissing {
        /// Whose.
        role: String,
    },
}

impl NoServer {
    /// The code of this refusal.
    pub fn code(&self) -> &str {
        match self {
            NoServer::Server(error) => error.code(),
            NoServer::PasswordMissing { .. } => "AP-0609",
        }
    }

    /// What to do next; `program`: how `aurapos-admin` is called for this data folder.
    pub fn next(&self, program: &str) -> String {
        match self {
            NoServer::Server(ServerError::NotMade { .. }) => format!("Make a server first: `{program} server init`."),
            NoServer::Server(error) => error.next(),
            NoServer::PasswordMissing { .. } => {
                format!("Run `{program} server init` again: it makes what is missing.")
            }
        }
    }
}

/// The server of a data folder, with the passwords that its making kept.
///
/// # Errors
/// There is none, or a password of it is gone.
pub fn own_storage(folder: &DataFolder) -> Result<StorageChoice, NoServer> {
    let way = Connection::known(&Home::of_data(folder.root()))?;
    let keep = Kept::new(folder);
    let mut secrets = Vec::new();
    for (key, role) in [("password", way.user.as_str()), ("owner_password", way.owner_user)] {
        let kept = keep.get(role)?.ok_or_else(|| NoServer::PasswordMissing { role: role.to_owned() })?;
        secrets.push((key.to_owned(), kept.text().to_owned()));
    }
    let root = std::path::absolute(folder.root()).unwrap_or_else(|_| folder.root().to_owned());
    // Relative to the data folder, so that the folder can be moved.
    let authority = way.authority.strip_prefix(&root).unwrap_or(&way.authority).display().to_string();
    let quoted = |text: &str| format!("{text:?}");
    let settings = [
        ("host", way.host.to_owned()),
        ("port", way.port.to_string()),
        ("database", quoted(&way.database)),
        ("schema", quoted(way.schema)),
        ("user", quoted(&way.user)),
        ("owner_user", quoted(way.owner_user)),
        ("register_role", quoted(way.register_role)),
        ("authority", quoted(&authority)),
    ];
    let settings = settings.map(|(key, text)| (key.to_owned(), text)).into();
    Ok(StorageChoice { plugin: POSTGRES.to_owned(), settings, secrets, in_process: false })
}

/// A word as a shell reads it back whole.
pub fn shell_word(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn without_a_server_it_says_how_to_make_one() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let error = own_storage(&folder).unwrap_err();
        assert_eq!(error.code(), "AP-0609");
        assert!(error.next("aurapos-admin --data X").contains("aurapos-admin --data X server init"));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "looking makes nothing");
    }

    #[test]
    fn a_word_of_a_shell() {
        for (text, word) in [("/srv/shop", "/srv/shop"), ("my shop", "'my shop'"), ("it's", "'it'\\''s'"), ("", "''")] {
            assert_eq!(shell_word(text), word);
        }
    }
}
