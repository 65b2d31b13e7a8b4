//! The master's own desk for pairing: the server of this machine's data folder, as its owner.

use super::PairError;
use super::issue::der_of;
use crate::place::Place;
use crate::{Facts, Home, ServerError, desk, files, run};
use postgres::Client;
use std::path::PathBuf;

/// A server of this machine that runs.
pub(super) struct Master {
    /// What was chosen.
    pub(super) facts: Facts,
    /// Where it lies, and whose it is.
    pub(super) place: Place,
    authority_file: PathBuf,
}

impl Master {
    /// That of a data folder.
    ///
    /// # Errors
    /// There is none, or it does not run.
    pub(super) fn of(home: &Home) -> Result<Self, PairError> {
        let facts = home.facts()?;
        let place = Place::known(home, &facts)?;
        if !run::is_running(&place, facts.port) {
            return Err(PairError::Stopped { port: facts.port });
        }
        Ok(Master { facts, place, authority_file: home.authority_file() })
    }

    /// As superuser through the socket, in the shop's database: only this machine's owner comes in there.
    pub(super) fn desk(&self) -> Result<Client, PairError> {
        Ok(desk::open(&self.place, &self.facts, &self.facts.database)?)
    }

    /// The certificate of the shop's authority: DER and PEM.
    pub(super) fn authority(&self) -> Result<(Vec<u8>, String), PairError> {
        let pem = files::text(&self.authority_file)?.unwrap_or_default();
        let damaged = || ServerError::Authority {
            folder: self.authority_file.parent().unwrap_or(&self.authority_file).display().to_string(),
            why: "its certificate is missing or damaged".to_owned(),
        };
        let der = der_of(&pem).ok_or_else(damaged)?;
        Ok((der, pem))
    }
}
