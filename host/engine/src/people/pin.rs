//! The Argon2id hashes of PINs. What can be a PIN, `aurapos_domain::people::Pin` says.
//!
//! A PIN has few digits, so the hash can't stop somebody who holds the database and a fast computer; it makes each try
//! cost 19 MiB and two passes. What stops somebody at the register is the lockout.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, CustomizedPasswordHasher, Params, PasswordVerifier, Version};
use aurapos_domain::people::{Pin, PinError};

/// Memory of one hash, in KiB: the first choice of OWASP's password storage cheat sheet for Argon2id (2023).
pub const MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
pub const PASSES: u32 = 2;
/// Lanes; one, since a register computes one PIN at a time.
pub const LANES: u32 = 1;
/// Bytes of salt, from the environment's random source.
pub const SALT_BYTES: usize = 16;
/// Why a PIN can't be hashed, or a hash can't be checked. Neither stands in the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The hash in the store is not one of ours: it was changed by hand, or damaged.
    #[error("the stored PIN can't be read ({0})")]
    Unreadable(String),
    /// The hash could not be computed.
    #[error("the PIN could not be hashed ({0})")]
    Hash(String),
}

/// Fails unless the text can be chosen as a PIN: digits enough, and not the first that anybody tries.
pub fn check_new_pin(pin: &str) -> Result<(), PinError> {
    Pin::choose(pin).map(|_| ())
}

/// The PHC string (`$argon2id$v=19$m=19456,t=2,p=1$…`) of a PIN with this salt.
pub fn hash_pin(pin: &str, salt: &[u8; SALT_BYTES]) -> Result<String, HashError> {
    let fail = |error: &dyn std::fmt::Display| HashError::Hash(error.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| fail(&error))?;
    let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_with_params(pin.as_bytes(), salt, params)
        .map_err(|error| fail(&error))?;
    Ok(hash.to_string())
}

/// Whether the PIN is the one that was hashed, with the parameters that stand in the hash, so that older hashes stay
/// good when the parameters above grow.
pub fn verify_pin(pin: &str, stored: &str) -> Result<bool, HashError> {
    let hash = PasswordHash::new(stored).map_err(|error| HashError::Unreadable(error.to_string()))?;
    if hash.algorithm.as_str() != "argon2id" || hash.hash.is_none() {
        return Err(HashError::Unreadable(format!("algorithm {}", hash.algorithm)));
    }
    match Argon2::default().verify_password(pin.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(HashError::Unreadable(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_states_its_parameters_and_knows_its_pin() {
        let hash = hash_pin("4711", &[7; SALT_BYTES]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(verify_pin("4711", &hash), Ok(true));
        assert_eq!(verify_pin("4712", &hash), Ok(false));
        assert_eq!(verify_pin("", &hash), Ok(false));
        assert_ne!(hash, hash_pin("4711", &[8; SALT_BYTES]).unwrap(), "the salt matters");
    }

    #[test]
    fn a_hash_with_older_parameters_still_counts() {
        let params = Params::new(8 * 1024, 1, 1, None).unwrap();
        let old: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_with_params(b"2580", &[1; SALT_BYTES], params)
            .unwrap();
        assert_eq!(verify_pin("2580", &old.to_string()), Ok(true));
    }

    #[test]
    fn a_damaged_hash_is_no_open_door() {
        for stored in [
            "",
            "4711",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA",
            "$argon2i$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A",
        ] {
            assert!(matches!(verify_pin("4711", stored), Err(HashError::Unreadable(_))), "{stored}");
        }
    }
}
