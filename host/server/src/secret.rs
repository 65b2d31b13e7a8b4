//! Passwords: made by chance, shown to nobody, kept by who calls.

use crate::ServerError;
use std::fmt;

/// Letters of a password: none that a shell, a connection string or a person takes for another one.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters in a password: 32 of 5 bits are 160 bits.
const LETTERS_MAX: usize = 32;

/// A password. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// One that was kept or typed.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// A new one, 160 bits of chance.
    ///
    /// # Errors
    /// The system gives no chance.
    pub fn generate() -> Result<Self, ServerError> {
        let mut bytes = [0_u8; LETTERS_MAX];
        let failed = |error| ServerError::Program {
            program: "the system's source of chance".to_owned(),
            said: format!("{error}"),
        };
        getrandom::fill(&mut bytes).map_err(failed)?;
        // 256 is a multiple of 32: each letter is as likely as any other.
        Ok(Secret(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()))
    }

    /// The text, for the one call that needs it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What the server keeps of it. It is computed here, so that the password stands in no statement and no log.
    pub(crate) fn verifier(&self) -> String {
        postgres_protocol::password::scram_sha_256(self.0.as_bytes())
    }
}

/// Who keeps passwords: on a register `secrets.toml` (ADR 0014), by the name of the role.
pub trait Keep {
    /// The kept password of a role.
    ///
    /// # Errors
    /// It cannot be read.
    fn get(&self, role: &str) -> Result<Option<Secret>, ServerError>;

    /// Keeps the password of a role; it is on disk when this returns.
    ///
    /// # Errors
    /// It cannot be written.
    fn set(&self, role: &str, secret: &Secret) -> Result<(), ServerError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_by_chance_and_hidden() {
        let (one, two) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one, two);
        assert!(one.text().len() == LETTERS_MAX && one.text().bytes().all(|byte| LETTERS.contains(&byte)));
        assert_eq!(format!("{one:?}"), "Secret");
        let verifier = one.verifier();
        assert!(verifier.starts_with("SCRAM-SHA-256$4096:") && !verifier.contains(one.text()), "{verifier}");
        assert_ne!(verifier, one.verifier(), "each has its own salt");
    }
}
