//! The pairing code: twenty letters that a person types where no file can be carried.
//!
//! ```text
//! FFFF-FFSS-SSSS-SSSS-SSCC
//! F  30 bits: the shop's authority, as seen with the secret of this code
//! S  60 bits of chance: the one-time secret
//! C  10 bits: check letters over the others
//! ```
//!
//! Owns its form, and what is made of it: the name and the password of a role that lives for one pairing, and the fingerprint that
//! only who knows the secret can compute. How many bits, and why that is enough: ADR 0037. Must not know who connects to what.

use super::PairError;
use crate::{Secret, ServerError};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Letters of a code: no 0 and O, no 1 and I. Their place is their value; 32 of them are 5 bits.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const FINGERPRINT_LETTERS: usize = 6;
const SECRET_LETTERS: usize = 12;
const CHECK_LETTERS: usize = 2;
/// All letters of a code.
pub(super) const CODE_LETTERS: usize = FINGERPRINT_LETTERS + SECRET_LETTERS + CHECK_LETTERS;
const GROUP_LETTERS: usize = 4;
/// The largest prime below 32²: one wrong letter, and two that changed places, always give another remainder.
const CHECK_PRIME: u32 = 1021;

/// One try at a secret costs 19 MiB and two passes, as one at a PIN does: the name of a pairing's role is no secret in the shop,
/// and nobody computes the secret back from it.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
/// Each secret is used once and by chance: a salt of its own would have to be typed as well.
const SALT: &[u8] = b"AuraPOS-pairing-1";
const ROLE_BYTES: usize = 8;
const PASSWORD_BYTES: usize = 32;
const KEY_BYTES: usize = 32;
const FINGERPRINT_TAG: &[u8] = b"AuraPOS-pairing-authority-1\0";

/// What the name of a role for one pairing begins with.
pub(crate) const ROLE_PREFIX: &str = "aurapos_pair_";

/// A code as it was typed or given: its letters fit together. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// Values of 0 to 31, [`CODE_LETTERS`] of them, check letters included.
    values: [u8; CODE_LETTERS],
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

/// What is made of a code's secret, at the cost of one try.
pub(crate) struct Keys {
    /// The role for this one pairing.
    pub(crate) role: String,
    /// Its password.
    pub(crate) password: Secret,
    key: [u8; KEY_BYTES],
}

impl Code {
    /// A new one for an authority (its certificate in DER), 60 bits of chance.
    ///
    /// # Errors
    /// The system gives no chance.
    pub(crate) fn generate(authority: &[u8]) -> Result<Self, PairError> {
        let mut chance = [0_u8; SECRET_LETTERS];
        let failed = |error| ServerError::Program {
            program: "the system's source of chance".to_owned(),
            said: format!("{error}"),
        };
        getrandom::fill(&mut chance).map_err(failed)?;
        // 256 is a multiple of 32: each letter is as likely as any other.
        let secret = chance.map(|byte| byte % 32);
        let mut values = [0_u8; CODE_LETTERS];
        values[FINGERPRINT_LETTERS..][..SECRET_LETTERS].copy_from_slice(&secret);
        let fingerprint = Code { values }.keys()?.fingerprint(authority);
        values[..FINGERPRINT_LETTERS].copy_from_slice(&fingerprint);
        let check = check_of(&values[..CODE_LETTERS - CHECK_LETTERS]);
        values[CODE_LETTERS - CHECK_LETTERS..].copy_from_slice(&check);
        Ok(Code { values })
    }

    /// Whether a text is meant to be a code, right or wrong: groups of letters and digits, about as many as a code has.
    pub fn is_meant(text: &str) -> bool {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric()).count();
        let plain = text.trim().chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == ' ');
        plain && letters.abs_diff(CODE_LETTERS) <= GROUP_LETTERS
    }

    /// Reads what was typed: capitals or not, with hyphens and spaces or without.
    ///
    /// # Errors
    /// [`PairError::Mistyped`]: a letter that is in no code, too few or too many, or check letters that do not fit.
    pub fn parse(text: &str) -> Result<Self, PairError> {
        let wrong = |why: String| PairError::Mistyped { why };
        let mut values = Vec::with_capacity(CODE_LETTERS);
        for letter in text.trim().chars().filter(|letter| *letter != '-' && !letter.is_whitespace()) {
            let capital = letter.to_ascii_uppercase();
            let value = LETTERS.iter().position(|one| char::from(*one) == capital);
            let value = value.ok_or_else(|| wrong(format!("\"{letter}\" is in no code (nor are 0, O, 1 and I)")))?;
            values.push(u8::try_from(value).unwrap_or(u8::MAX));
            if values.len() > CODE_LETTERS {
                return Err(wrong(format!("it has more than {CODE_LETTERS} letters")));
            }
        }
        let count = values.len();
        let values: [u8; CODE_LETTERS] =
            values.try_into().map_err(|_| wrong(format!("it has {count} letters of {CODE_LETTERS}")))?;
        let (front, check) = values.split_at(CODE_LETTERS - CHECK_LETTERS);
        if check_of(front) != check {
            return Err(wrong("its last two letters do not fit the others".to_owned()));
        }
        Ok(Code { values })
    }

    /// The code as people read it: `ABCD-EFGH-…`. For the eyes of who pairs, and nobody's log.
    pub fn text(&self) -> String {
        let letters: Vec<char> =
            self.values.iter().map(|value| char::from(LETTERS[usize::from(*value % 32)])).collect();
        letters.chunks(GROUP_LETTERS).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// Whether an authority (its certificate in DER) is the one that this code is for.
    pub(crate) fn is_for(&self, keys: &Keys, authority: &[u8]) -> bool {
        keys.fingerprint(authority) == self.values[..FINGERPRINT_LETTERS]
    }

    /// Role, password and key of this code's secret. Takes as long as one try at it.
    pub(crate) fn keys(&self) -> Result<Keys, PairError> {
        let failed =
            |error: argon2::Error| ServerError::Program { program: "Argon2".to_owned(), said: error.to_string() };
        let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(failed)?;
        let mut bytes = [0_u8; ROLE_BYTES + PASSWORD_BYTES + KEY_BYTES];
        let secret = &self.values[FINGERPRINT_LETTERS..][..SECRET_LETTERS];
        let stretch = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        stretch.hash_password_into(secret, SALT, &mut bytes).map_err(failed)?;
        let (role, rest) = bytes.split_at(ROLE_BYTES);
        let (password, rest) = rest.split_at(PASSWORD_BYTES);
        let mut key = [0_u8; KEY_BYTES];
        key.copy_from_slice(rest);
        Ok(Keys { role: format!("{ROLE_PREFIX}{}", hex(role)), password: Secret::new(hex(password)), key })
    }
}

impl Keys {
    /// An authority as this secret sees it. Who does not know the secret cannot look for another authority that gives the same:
    /// 30 bits are then guessed at the register that is being paired, once a try, and not computed.
    fn fingerprint(&self, authority: &[u8]) -> [u8; FINGERPRINT_LETTERS] {
        let digest = Sha256::new().chain_update(FINGERPRINT_TAG).chain_update(self.key);
        let digest = digest.chain_update(Sha256::digest(authority)).finalize();
        let mut letters = [0_u8; FINGERPRINT_LETTERS];
        for (letter, byte) in letters.iter_mut().zip(digest) {
            *letter = byte % 32;
        }
        letters
    }
}

/// The check letters of the letters before them.
fn check_of(values: &[u8]) -> [u8; CHECK_LETTERS] {
    let rest = values.iter().fold(0_u32, |rest, value| (rest * 32 + u32::from(*value)) % CHECK_PRIME);
    [rest / 32, rest % 32].map(|value| u8::try_from(value).unwrap_or(u8::MAX))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was printed once is typed for ever: letters, stretching and check must not change.
    const GOLDEN: &str = "YHMX-BA23-4567-89AB-CD6H";

    fn golden() -> Code {
        let mut values = [0_u8; CODE_LETTERS];
        for (at, value) in values[FINGERPRINT_LETTERS..][..SECRET_LETTERS].iter_mut().enumerate() {
            *value = u8::try_from(at).unwrap();
        }
        let keys = Code { values }.keys().unwrap();
        values[..FINGERPRINT_LETTERS].copy_from_slice(&keys.fingerprint(b"an authority"));
        let check = check_of(&values[..CODE_LETTERS - CHECK_LETTERS]);
        values[CODE_LETTERS - CHECK_LETTERS..].copy_from_slice(&check);
        Code { values }
    }

    #[test]
    fn a_code_is_the_same_for_ever() {
        let code = golden();
        assert_eq!(code.text(), GOLDEN);
        assert_eq!(code.keys().unwrap().role, "aurapos_pair_b9a4cf19cde9ae07");
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = Code::generate(b"an authority").unwrap();
        let text = code.text();
        assert_eq!((text.len(), text.matches('-').count()), (24, 4));
        for typed in [text.clone(), text.to_lowercase(), text.replace('-', ""), format!(" {} ", text.replace('-', " "))]
        {
            assert!(Code::is_meant(&typed), "{typed}");
            assert_eq!(Code::parse(&typed).unwrap(), code, "{typed}");
        }
        assert_ne!(Code::generate(b"an authority").unwrap(), code);
        assert_eq!(format!("{code:?}"), "Code");
        for other in ["pairing.json", "./R2", "R2", "", "/media/usb/aurapos-R2.json"] {
            assert!(!Code::is_meant(other), "{other}");
        }
    }

    #[test]
    fn a_mistyped_code_is_told_before_anybody_is_asked() {
        let code = golden();
        let refused = |text: &str, words: &str| {
            let error = Code::parse(text).unwrap_err();
            let told = error.to_string();
            assert!(error.code() == "AP-0633" && told.contains(words), "{text}: {told}");
        };
        refused("", "0 letters of 20");
        refused(&GOLDEN[..19], "letters of 20");
        refused(&format!("{GOLDEN}A"), "more than 20");
        refused(&GOLDEN.replacen('Y', "O", 1), "\"O\" is in no code");
        // Every single wrong letter, and every two neighbours that changed places.
        for at in 0..CODE_LETTERS {
            for value in (0..32).filter(|value| *value != code.values[at]) {
                let mut values = code.values;
                values[at] = value;
                refused(&Code { values }.text(), "do not fit");
            }
            let mut values = code.values;
            values.swap(at, (at + 1) % CODE_LETTERS);
            if at + 1 < CODE_LETTERS && values != code.values {
                refused(&Code { values }.text(), "do not fit");
            }
        }
    }

    #[test]
    fn a_code_knows_its_authority_and_tells_nobody_else() {
        let code = Code::generate(b"an authority").unwrap();
        let keys = code.keys().unwrap();
        assert!(code.is_for(&keys, b"an authority") && !code.is_for(&keys, b"another authority"));
        // The same authority looks different with each secret: nothing can be prepared.
        let other = Code::generate(b"an authority").unwrap().keys().unwrap();
        assert_ne!(keys.fingerprint(b"an authority"), other.fingerprint(b"an authority"));
        assert!(keys.role != other.role && keys.role.len() == ROLE_PREFIX.len() + 2 * ROLE_BYTES);
        assert!(!keys.password.text().contains(&keys.role[ROLE_PREFIX.len()..]));
    }
}
