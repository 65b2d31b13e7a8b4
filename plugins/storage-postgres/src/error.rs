//! PostgreSQL's errors as the contract's, with what to do next.

use crate::contract::error::{ErrorCode, PluginError, Retry};
use std::error::Error as _;
use std::io;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// What our own functions raise (`bookkeeping.rs`): class `AU` is nobody else's.
pub(crate) mod raised {
    /// The transaction's id is there with the same content; the message is its position.
    pub const ALREADY: &str = "AU001";
    /// The transaction's id is there with other content.
    pub const REUSED: &str = "AU002";
    /// This session was told not to commit this id any more.
    pub const REFUSED: &str = "AU003";
    /// The data has another epoch; the message is it.
    pub const EPOCH: &str = "AU004";
    /// An expectation does not hold; the message is its number.
    pub const EXPECTATION: &str = "AU005";
    /// A statement did not touch as many rows as it should.
    pub const ROWS: &str = "AU006";
    /// A row of an append-only table would be changed.
    pub const KEPT: &str = "AU007";
}

/// Whether the connection itself is gone, so that nobody knows what became of what was asked.
pub(crate) fn is_link(error: &Error) -> bool {
    // A server that ends a session says so in an error of its own and closes the connection.
    error.as_db_error().is_none_or(|told| ends_session(told.code()) || told.severity() != "ERROR")
}

/// Whether the link is gone because nothing came back for long: a new one would not be answered sooner.
pub(crate) fn is_silence(error: &Error) -> bool {
    let io = sources(error).find_map(|source| source.downcast_ref::<io::Error>());
    io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut)
}

fn ends_session(state: &SqlState) -> bool {
    [&SqlState::ADMIN_SHUTDOWN, &SqlState::CRASH_SHUTDOWN, &SqlState::CANNOT_CONNECT_NOW, &SqlState::DATABASE_DROPPED]
        .contains(&state)
        || state.code().starts_with("08")
        || matches!(state.code(), "25P03" | "57P05")
}

/// Whether the same statement may succeed when it is begun anew: others were in the way.
pub(crate) fn is_passing(error: &Error) -> bool {
    error
        .code()
        .is_some_and(|state| [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED].contains(&state))
}

/// `what` says what was being done.
pub(crate) fn from_postgres(error: &Error, what: &str) -> PluginError {
    let Some(told) = error.as_db_error() else {
        return from_link(error, what);
    };
    let (code, next) = meaning(told.code());
    let mut words = told.message().to_owned();
    if let Some(detail) = told.detail().filter(|_| shows_no_data(told.code())) {
        words = format!("{words} ({detail})");
    }
    let mut answer = PluginError::new(code, format!("{what}: {words}")).with_next(next);
    if is_link(error) {
        answer.retry = Retry::Later;
    }
    answer
}

/// Details of refused rows hold what is in them.
fn shows_no_data(state: &SqlState) -> bool {
    !state.code().starts_with("22") && !state.code().starts_with("23")
}

/// The code of a state, and what to do.
fn meaning(state: &SqlState) -> (ErrorCode, &'static str) {
    match state.code() {
        "53300" | "53400" => (
            ErrorCode::Busy,
            "The server has no connection left: close a register that is not used, or raise max_connections in postgresql.conf.",
        ),
        "53100" => (ErrorCode::DiskFull, "Make room on the disk of the PostgreSQL server, then try again."),
        "53200" => (ErrorCode::Busy, "The PostgreSQL server is out of memory: try again in a moment."),
        "25006" => (
            ErrorCode::ReadOnly,
            "This server only reads (a replica, or default_transaction_read_only is on): name the server that writes in the settings.",
        ),
        "42501" => (
            ErrorCode::Config,
            "The user of the settings lacks a right: give the owner's user and password in the settings, so that AuraPOS can set the rights again.",
        ),
        "28P01" | "28000" => {
            (ErrorCode::Config, "Correct user and password in the settings, or the server's pg_hba.conf.")
        }
        "3D000" => (ErrorCode::Config, "Correct the database's name in the settings, or create it on the server."),
        "57P03" => (ErrorCode::Busy, "The server is just starting: try again in a moment."),
        "57P01" | "57P02" | "57P05" | "25P03" => {
            (ErrorCode::Unreachable, "Try again: the connection is made anew by itself.")
        }
        "57014" => (ErrorCode::Timeout, ""),
        "55P03" | "40001" | "40P01" | "55006" => (ErrorCode::Busy, "Somebody else holds what is needed: try again."),
        "58030" | "58P01" => (ErrorCode::Io, "Look at the disk of the PostgreSQL server, and at its log."),
        "XX001" | "XX002" => {
            (ErrorCode::Damaged, "The server's data is damaged: look at its log, and restore a backup.")
        }
        "42P01" | "42703" | "42883" | "3F000" => (
            ErrorCode::Damaged,
            "Somebody changed the tables by hand: look at what `verify` names, or restore a backup.",
        ),
        raised::KEPT => (ErrorCode::AppendOnly, ""),
        "54000" | "54001" | "54011" | "54023" => (ErrorCode::TooLarge, ""),
        state if state.starts_with("08") => {
            (ErrorCode::Unreachable, "Try again: the connection is made anew by itself.")
        }
        _ => (ErrorCode::Internal, ""),
    }
}

/// No server said it: the network, TLS, or the way there.
fn from_link(error: &Error, what: &str) -> PluginError {
    if let Some(found) = sources(error).find_map(|source| source.downcast_ref::<rustls::Error>()) {
        let (words, next) = crate::tls::words(found);
        return PluginError::new(ErrorCode::Config, format!("{what}: {words}")).with_next(next);
    }
    let io = sources(error).find_map(|source| source.downcast_ref::<io::Error>());
    // The connection's own words are shorter than the chain's.
    let words = io.map_or_else(|| chain(error), ToString::to_string);
    if io.is_some_and(|io| io.kind() == io::ErrorKind::PermissionDenied && words.contains("allow writes")) {
        let (code, next) = meaning(&SqlState::READ_ONLY_SQL_TRANSACTION);
        return PluginError::new(code, format!("{what}: {words}")).with_next(next);
    }
    if words.contains("does not support TLS") {
        return PluginError::new(ErrorCode::Config, format!("{what}: the server offers no protected connection (TLS)"))
            .with_next("Switch TLS on at the server (ssl = on in postgresql.conf, with a certificate of the shop's authority).");
    }
    if io.is_none() && !error.is_closed() {
        // A server that is not one, an authentication that it should not ask for.
        let next = "Look whether the address in the settings is that of the shop's PostgreSQL server.";
        return PluginError::new(ErrorCode::Config, format!("{what}: {words}")).with_next(next);
    }
    lost(&format!("{what}: {words}"))
}

/// The server cannot be reached, or no longer.
pub(crate) fn lost(message: &str) -> PluginError {
    let mut answer = PluginError::new(ErrorCode::Unreachable, message)
        .with_next("Look whether the server is on and the network is there; AuraPOS connects again by itself.");
    answer.retry = Retry::Later;
    answer
}

/// A call took longer than it may.
pub(crate) fn late(what: &str) -> PluginError {
    PluginError::new(ErrorCode::Timeout, format!("{what}: the server does not answer"))
        .with_next("Look whether the server is on and the network is there; AuraPOS connects again by itself.")
}

/// Nobody knows whether it happened.
pub(crate) fn unknown(mut error: PluginError) -> PluginError {
    error.retry = Retry::AskFirst;
    error
}

fn sources(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let now = next?;
        // The error inside an `io::Error` is not among its sources.
        next = match now.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => now.source(),
        };
        Some(now)
    })
}

fn chain(error: &Error) -> String {
    let mut words = error.to_string();
    for source in sources(error) {
        let more = source.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
    }
    words
}
