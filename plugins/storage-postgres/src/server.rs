//! What must be true of a server before anything is believed to be stored.

use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::locks::{Whole, whole};
use crate::session::{Asked, Fault, Purpose, Session};
use crate::settings::Target;
use std::time::{Duration, Instant};
use tokio_postgres::types::Type;

/// The oldest that is supported: its `pg_snapshot_xmin` and transition of privileges are what the feed and the rights need.
const OLDEST: i32 = 150_000;
/// How long a session that ended may still be there.
const GOES: Duration = Duration::from_millis(500);

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub version: String,
    number: i32,
    /// Settings that must be on, and are not.
    off: Vec<String>,
    encoding: String,
    recovering: bool,
}

pub(crate) fn facts(session: &mut Session) -> Asked<Facts> {
    const ASK: &str = "SELECT current_setting('server_version'), current_setting('server_version_num')::integer, \
        ARRAY(SELECT name FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name \
        WHERE current_setting(name) IN ('off', 'local')), current_setting('server_encoding'), pg_is_in_recovery()";
    let rows = session.once(ASK)?;
    let row = rows.first().ok_or_else(|| PluginError::new(ErrorCode::Internal, "the server answered no row"))?;
    let read = || -> Result<Facts, tokio_postgres::Error> {
        Ok(Facts {
            version: row.try_get(0)?,
            number: row.try_get(1)?,
            off: row.try_get(2)?,
            encoding: row.try_get(3)?,
            recovering: row.try_get(4)?,
        })
    };
    read().map_err(Fault::Postgres)
}

impl Facts {
    /// What keeps a store from using this server, for writing or for reading only.
    pub fn check(&self, target: &Target) -> PluginResult<()> {
        let refuse = |code, words: String, next: &str| {
            Err(PluginError::new(code, format!("PostgreSQL at {}: {words}", target.location())).with_next(next))
        };
        if self.number < OLDEST {
            let words = format!("version {} is too old, 15 is the oldest that AuraPOS uses", self.version);
            return refuse(ErrorCode::Config, words, "Update the PostgreSQL server to a version from 15 on.");
        }
        if self.encoding != "UTF8" {
            let words = format!("the database has the encoding {}, not UTF8", self.encoding);
            return refuse(ErrorCode::Config, words, "Create the database anew with ENCODING 'UTF8'.");
        }
        if target.read_only {
            return Ok(());
        }
        if self.recovering {
            let words = "this server is a replica and only reads".to_owned();
            return refuse(
                ErrorCode::ReadOnly,
                words,
                "Name the server that writes in the settings, or promote this one.",
            );
        }
        if let Some(name) = self.off.first() {
            let words = format!("{name} is off: a power cut would lose sales that were acknowledged");
            return refuse(ErrorCode::Config, words, "Set it to on in postgresql.conf, and restart the server.");
        }
        Ok(())
    }
}

/// Shares the data with the others that have it open; whoever puts other data in its place waits for all of them, and
/// they for him. A register's own data is nobody else's.
pub(crate) fn share(session: &mut Session, target: &Target) -> PluginResult<()> {
    if target.alone {
        return alone(session, target);
    }
    if try_lock(session, "pg_try_advisory_lock_shared", whole(&target.schema, Whole::Open))? {
        return Ok(());
    }
    let message =
        format!("the data in {} is just being replaced, or a register keeps it for itself", target.location());
    Err(PluginError::new(ErrorCode::Busy, message).with_next("Wait until the restore is over."))
}

/// Has the data alone. A store that was closed a moment ago is not gone from the server yet.
pub(crate) fn alone(session: &mut Session, target: &Target) -> PluginResult<()> {
    let until = Instant::now() + GOES;
    loop {
        if try_lock(session, "pg_try_advisory_lock", whole(&target.schema, Whole::Open))? {
            return Ok(());
        }
        end_our_lost(session, target)?;
        if Instant::now() >= until {
            break;
        }
        std::thread::sleep(GOES / 20);
    }
    let message = format!("the data in {} is in use by a register", target.location());
    Err(PluginError::new(ErrorCode::Busy, message).with_next(
        "Close AuraPOS on every register that has it, then try again; after a power cut or a cut line, in half a minute.",
    ))
}

/// A session of this opening whose line was cut: the server may not know of it for half a minute, and keeps its lock.
fn end_our_lost(session: &mut Session, target: &Target) -> PluginResult<()> {
    if target.opening.is_nil() {
        return Ok(());
    }
    let name = Purpose::Write.name(target);
    let ended = session.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND usename = current_user \
         AND pid <> pg_backend_pid()",
        &[Type::TEXT],
        &[&name],
    );
    ended.map(drop).map_err(|fault| fault.told("a session that was lost cannot be ended"))
}

fn try_lock(session: &mut Session, function: &str, number: i64) -> PluginResult<bool> {
    let rows = session.query(&format!("SELECT {function}($1)"), &[Type::INT8], &[&number]);
    let got = rows.and_then(|rows| rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(Fault::Postgres)));
    got.map_err(|fault| fault.told("the data cannot be locked"))
}

/// Whether a schema is there.
pub(crate) fn has_schema(session: &mut Session, name: &str) -> Asked<bool> {
    let rows = session.query("SELECT FROM pg_namespace WHERE nspname = $1", &[Type::NAME], &[&name])?;
    Ok(!rows.is_empty())
}
