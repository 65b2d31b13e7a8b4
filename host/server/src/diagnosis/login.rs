//! The last questions, with a client of PostgreSQL: password, database, version, whose shop it is.

use super::{Diagnosis, Finding, ServerFacts, Stage, Target};
use crate::Home;
use crate::desk::{self, said};
use crate::place::Place;
use crate::state::dangers;
use postgres::config::{ChannelBinding, SslMode};
use postgres::error::SqlState;
use postgres::{Client, Config};
use std::net::SocketAddr;
use std::time::SystemTime;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Signs in and looks at the database.
pub(super) fn sign_in(
    target: &Target,
    address: SocketAddr,
    own: Option<&Home>,
    seen: &mut Diagnosis,
) -> Result<(), Finding> {
    let mut client = connect(target, address).map_err(|error| {
        seen.detail = said(&error);
        finding_of(&error, target, own)
    })?;
    seen.reached = Stage::SignedIn;
    let looked = look(&mut client, target, seen);
    looked.map_err(|error| {
        seen.detail = said(&error);
        finding_of(&error, target, None)
    })?
}

pub(crate) fn connect(target: &Target, address: SocketAddr) -> Result<Client, postgres::Error> {
    let mut config = Config::new();
    // The name is what the certificate is checked for; the address is the one that answered.
    config.host(&target.host).hostaddr(address.ip()).port(address.port()).dbname(&target.database);
    config.user(target.user.as_deref().unwrap_or_default());
    config.password(target.password.as_ref().map_or("", |password| password.text()));
    config.ssl_mode(SslMode::Require).channel_binding(ChannelBinding::Require);
    config.connect_timeout(target.patience).application_name("aurapos server test");
    config.options("-c statement_timeout=5s -c lock_timeout=2s");
    // That the authority can be read was seen at the handshake.
    let tls = super::probe::client_config(target.authority.as_deref().unwrap_or_default());
    let tls = tls.unwrap_or_else(|_| super::probe::believes_nobody());
    config.connect(MakeRustlsConnect::new(tls))
}

/// What a refusal means.
pub(crate) fn finding_of(error: &postgres::Error, target: &Target, own: Option<&Home>) -> Finding {
    let Some(code) = error.code() else { return Finding::Other };
    let message = error.as_db_error().map_or("", |error| error.message());
    match *code {
        SqlState::INVALID_PASSWORD if own.is_some_and(|home| is_unknown_here(home, target)) => Finding::UserUnknown,
        SqlState::INVALID_PASSWORD => Finding::WrongPassword,
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION if message.contains("pg_hba.conf") => Finding::NotAdmitted,
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION if message.contains("not permitted to log in") => {
            Finding::Revoked
        }
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => Finding::UserUnknown,
        SqlState::INVALID_CATALOG_NAME => Finding::DatabaseMissing,
        SqlState::TOO_MANY_CONNECTIONS => Finding::TooManyConnections,
        SqlState::CANNOT_CONNECT_NOW | SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => Finding::Starting,
        SqlState::INSUFFICIENT_PRIVILEGE => Finding::Revoked,
        SqlState::DISK_FULL => Finding::DiskFull,
        _ => Finding::Other,
    }
}

/// A server tells nobody over the network which names it knows. On its own machine its owner may ask.
fn is_unknown_here(home: &Home, target: &Target) -> bool {
    let Ok(facts) = home.facts() else { return false };
    let place = Place::known(home, &facts).ok().filter(|_| facts.port == target.port);
    let Some(mut client) = place.and_then(|place| desk::open(&place, &facts, "postgres").ok()) else { return false };
    let user = target.user.as_deref().unwrap_or_default();
    client.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&user]).is_ok_and(|found| found.is_none())
}

/// The epoch that the store's own table holds.
fn epoch(client: &mut Client, schema: &str) -> Result<Option<String>, postgres::Error> {
    let row = client.query_opt(&format!("SELECT epoch::text FROM {schema}._meta LIMIT 1"), &[])?;
    row.map_or(Ok(None), |row| row.try_get(0))
}

/// Looks at a server and its database; the inner refusal is the finding.
fn look(client: &mut Client, target: &Target, seen: &mut Diagnosis) -> Result<Result<(), Finding>, postgres::Error> {
    let row = client.query_one(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int, pg_is_in_recovery(),
                current_setting('transaction_read_only') = 'on' AND NOT EXISTS (SELECT FROM pg_settings
                    WHERE name = 'default_transaction_read_only' AND source IN ('user', 'database user')), (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        &[],
    )?;
    let (version, number): (String, i32) = (row.try_get(0)?, row.try_get(1)?);
    let (replica, only_reads): (bool, bool) = (row.try_get(2)?, row.try_get(3)?);
    let here_ms = crate::state::microseconds(SystemTime::now()) / 1000;
    let clock_ahead_ms = row.try_get::<_, i64>(4)? - here_ms;
    let mut facts = ServerFacts { version, clock_ahead_ms, ..ServerFacts::default() };
    facts.dangers = dangers(client)?;
    seen.server = Some(facts.clone());
    let major = number.unsigned_abs() / 10_000;
    if major < *target.versions.start() {
        return Ok(Err(Finding::TooOld));
    }
    if major > *target.versions.end() {
        return Ok(Err(Finding::TooNew));
    }
    if replica || only_reads {
        return Ok(Err(Finding::ReadOnly));
    }
    let shop = look_at_shop(client, target, &mut facts)?;
    seen.server = Some(facts.clone());
    if shop.is_ok() {
        seen.reached = Stage::Database;
    }
    Ok(shop.and(if facts.dangers.is_empty() { Ok(()) } else { Err(Finding::Endangered) }))
}

/// Whose database it is. A schema without tables is one that waits for its shop.
fn look_at_shop(
    client: &mut Client,
    target: &Target,
    facts: &mut ServerFacts,
) -> Result<Result<(), Finding>, postgres::Error> {
    let row = client.query_one(
        "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1),
                EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1),
                EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = '_meta'),
                EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'shop')",
        &[&target.schema],
    )?;
    let (schema, tables): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    let (meta, shop): (bool, bool) = (row.try_get(2)?, row.try_get(3)?);
    if (!schema && !target.awaits_shop) || (tables && !meta) {
        return Ok(Err(Finding::NotAuraPos));
    }
    let quoted = format!("\"{}\"", target.schema.replace('"', "\"\""));
    if shop {
        let row = client.query_opt(&format!("SELECT name FROM {quoted}.shop LIMIT 1"), &[])?;
        facts.shop = row.map(|row| row.try_get(0)).transpose()?;
    }
    if meta {
        facts.epoch = epoch(client, &quoted)?;
    }
    if facts.shop.is_some() && target.shop.is_some() && facts.shop != target.shop {
        return Ok(Err(Finding::OtherShop));
    }
    if facts.epoch.is_some() && target.epoch.is_some() && facts.epoch != target.epoch {
        return Ok(Err(Finding::OtherEpoch));
    }
    Ok(Ok(()))
}
