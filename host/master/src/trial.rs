//! The test of a storage before there is a shop on it: the diagnosis of `aurapos-admin server test`, with what was typed.
//!
//! Nothing is changed. Only what is a PostgreSQL over TLS is asked this way; everything else its own plugin is asked about.

use crate::POSTGRES;
use aurapos_runtime::DataFolder;
use aurapos_runtime::storage_choice::StorageChoice;
use aurapos_server::diagnosis::{Diagnosis, Finding, Stop, Target, diagnose_unless};
use aurapos_server::{Home, Secret, certificate};
use std::path::PathBuf;
use thiserror::Error;

/// Hosts of the setting that are tried; more than any shop has.
const HOSTS_MAX: usize = 8;
/// The largest file that can be a certificate, in bytes.
const AUTHORITY_BYTES_MAX: u64 = 64 * 1024;

/// What came of a test.
#[derive(Debug)]
pub enum Trial {
    /// What was found.
    Found(Box<Diagnosis>),
    /// Only its plugin knows how to ask it.
    OfThePlugin,
    /// Nobody waits for it any more.
    CalledOff,
}

/// What cannot be tried.
#[derive(Debug, Error)]
pub enum TrialError {
    /// The certificate of the shop's authority.
    #[error("{file} cannot be used as the certificate of the shop's authority: {why}")]
    Authority {
        /// What was given.
        file: String,
        /// Why it is none.
        why: String,
    },
}

impl TrialError {
    /// The setting that is wrong.
    pub fn key(&self) -> &'static str {
        match self {
            TrialError::Authority { .. } => "authority",
        }
    }
}

/// Tries the storage of a choice: as whoever sells, and where another role makes the tables as that one too.
///
/// # Errors
/// A setting names something that is not there.
pub fn try_storage(folder: &DataFolder, choice: &StorageChoice, stop: &Stop<'_>) -> Result<Trial, TrialError> {
    if choice.plugin != POSTGRES || choice.setting("tls").is_some_and(|tls| tls == "false") {
        return Ok(Trial::OfThePlugin);
    }
    let home = Home::of_data(folder.root());
    let authority = authority(folder, &choice.setting("authority").unwrap_or_default())?;
    let hosts =
        choice.setting("host").filter(|hosts| !hosts.trim().is_empty()).unwrap_or_else(|| "localhost".to_owned());
    let mut first = None;
    for host in hosts.split(',').map(str::trim).filter(|host| !host.is_empty()).take(HOSTS_MAX) {
        for (user, password) in roles(choice) {
            let target = Target { user, password, ..target(choice, host, authority.clone()) };
            let Some(found) = diagnose_unless(&target, Some(&home), stop) else { return Ok(Trial::CalledOff) };
            let is_good = found.is_good();
            first = match first {
                // The first host's answer stands, unless another one is well.
                Some(known) if !is_good => Some(known),
                _ => Some(found),
            };
            if !is_good {
                break;
            }
        }
        if first.as_ref().is_some_and(Diagnosis::is_good) {
            break;
        }
    }
    // A list of nothing but commas is no host.
    Ok(first.map_or(Trial::OfThePlugin, |found| Trial::Found(Box::new(found))))
}

/// Who signs in, with which password: whoever sells, and who makes the tables.
fn roles(choice: &StorageChoice) -> Vec<(Option<String>, Option<Secret>)> {
    let of = |user: &str, password: &str| {
        let name = choice.setting(user).filter(|name| !name.is_empty())?;
        let secret = choice.secrets.iter().find(|(key, _)| key == password).map(|(_, text)| Secret::new(text));
        Some((Some(name), secret))
    };
    let seller = of("user", "password").unwrap_or((Some("aurapos".to_owned()), None));
    std::iter::once(seller).chain(of("owner_user", "owner_password")).collect()
}

fn target(choice: &StorageChoice, host: &str, authority: Option<String>) -> Target {
    let known = Target::new(host);
    Target {
        port: choice.setting("port").and_then(|port| port.parse().ok()).unwrap_or(known.port),
        database: choice.setting("database").filter(|name| !name.is_empty()).unwrap_or(known.database.clone()),
        schema: choice.setting("schema").filter(|name| !name.is_empty()).unwrap_or(known.schema.clone()),
        authority,
        awaits_shop: true,
        ..known
    }
}

/// The certificate itself, or a file with it; relative to the data folder.
fn authority(folder: &DataFolder, given: &str) -> Result<Option<String>, TrialError> {
    if given.trim().is_empty() {
        return Ok(None);
    }
    let refused = |why: String| TrialError::Authority { file: given.to_owned(), why };
    let text = if given.contains("-----BEGIN") {
        given.to_owned()
    } else {
        let file: PathBuf = folder.root().join(given);
        let size = std::fs::metadata(&file).map_err(|error| refused(error.to_string()))?.len();
        if size > AUTHORITY_BYTES_MAX {
            return Err(refused("it is too large".to_owned()));
        }
        std::fs::read_to_string(&file).map_err(|error| refused(error.to_string()))?
    };
    if certificate::read_pem(&text).is_none() {
        return Err(refused("there is no certificate in it".to_owned()));
    }
    Ok(Some(text))
}

impl Trial {
    /// The shop whose data is there already: another one is not set up on it.
    pub fn shop_there(&self) -> Option<&str> {
        match self {
            Trial::Found(found) => found.server.as_ref()?.shop.as_deref(),
            Trial::OfThePlugin | Trial::CalledOff => None,
        }
    }

    /// A register would get in. Settings that endanger data are told and refuse nobody.
    pub fn lets_in(&self) -> bool {
        matches!(self, Trial::Found(found) if matches!(found.finding, Finding::Ready | Finding::Endangered))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn choice(plugin: &str, settings: &[(&str, &str)]) -> StorageChoice {
        let settings = settings.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
        StorageChoice { plugin: plugin.to_owned(), settings, ..StorageChoice::default() }
    }

    #[test]
    fn what_cannot_be_tried_is_named_and_what_is_no_server_is_left_to_its_plugin() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let tried = |choice: &StorageChoice| try_storage(&folder, choice, &|| false);
        assert!(matches!(tried(&choice("acme", &[])), Ok(Trial::OfThePlugin)));
        assert!(matches!(tried(&choice(POSTGRES, &[("tls", "false")])), Ok(Trial::OfThePlugin)));
        let gone = tried(&choice(POSTGRES, &[("authority", "gone.pem")])).unwrap_err();
        assert!(gone.key() == "authority" && gone.to_string().contains("gone.pem"), "{gone}");
        std::fs::write(place.path().join("none.pem"), "nothing").unwrap();
        assert!(
            tried(&choice(POSTGRES, &[("authority", "\"none.pem\"")]))
                .unwrap_err()
                .to_string()
                .contains("no certificate")
        );
        let stopped = try_storage(&folder, &choice(POSTGRES, &[("host", "127.0.0.1"), ("port", "1")]), &|| true);
        assert!(matches!(stopped, Ok(Trial::CalledOff)));
        let Ok(Trial::Found(found)) = tried(&choice(POSTGRES, &[("host", "\"127.0.0.1\""), ("port", "1")])) else {
            panic!("it is asked");
        };
        assert_eq!((found.finding, found.port), (Finding::NotRunning, 1));
    }

    #[test]
    fn whoever_makes_the_tables_signs_in_too() {
        let one = choice(POSTGRES, &[("user", "\"aurapos_r1\"")]);
        let two = choice(POSTGRES, &[("user", "a"), ("owner_user", "\"o\"")]);
        let names = |choice: &StorageChoice| roles(choice).into_iter().filter_map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!((names(&one), names(&two)), (vec!["aurapos_r1".to_owned()], vec!["a".to_owned(), "o".to_owned()]));
    }
}
