//! The server's own desk: connections as superuser through the socket, which only this machine's owner reaches.

use crate::place::Place;
use crate::settings::SUPERUSER;
use crate::{Facts, ServerError};
use postgres::{Client, Config, NoTls};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Comes in as superuser.
///
/// # Errors
/// The server does not run or does not let this user in.
pub(crate) fn open(place: &Place, facts: &Facts, database: &str) -> Result<Client, ServerError> {
    let mut config = Config::new();
    config.host(&place.run().display().to_string()).port(facts.port).user(SUPERUSER).dbname(database);
    config.application_name("aurapos-admin server").connect_timeout(CONNECT_TIMEOUT);
    // Whatever hangs in the server does not hang here for ever.
    config.options("-c statement_timeout=60s -c lock_timeout=20s");
    config.connect(NoTls).map_err(refused("let its owner in"))
}

/// What a server said, as one sentence; never the statement.
pub(crate) fn refused(what: &'static str) -> impl FnOnce(postgres::Error) -> ServerError {
    move |error| ServerError::Database { what, said: said(&error) }
}

/// The server's own words, or those of what lies below.
pub(crate) fn said(error: &postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} ({})", error.message(), error.code().code());
    }
    let mut told = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(source) = below {
        told = source.to_string();
        below = source.source();
    }
    told
}

/// One text that the server answers.
pub(crate) fn ask(client: &mut Client, statement: &str) -> Result<String, ServerError> {
    let row = client.query_one(statement, &[]).map_err(refused("answer"))?;
    Ok(row.try_get::<_, Option<String>>(0).map_err(refused("answer"))?.unwrap_or_default())
}
