//! Answers as bytes, and back.

use crate::abi::{Answer, Done};
use crate::guard::guard;
use abi_stable::std_types::{RErr, ROk, RResult, RVec};
use aurapos_contract::codec::{self, Wire};
use aurapos_contract::{ErrorCode, PluginError, PluginResult, RowBatch};

/// Runs a call and packs its answer.
pub(crate) fn answer<T: Wire>(call: &'static str, work: impl FnOnce() -> PluginResult<T>) -> Answer {
    plain(call, || work().map(|value| RVec::from(codec::encode(&value))))
}

/// Runs a call that answers rows.
pub(crate) fn rows(call: &'static str, work: impl FnOnce() -> PluginResult<RowBatch>) -> Answer {
    plain(call, || work().map(|batch| RVec::from(batch.to_bytes())))
}

/// Runs a call that answers nothing.
pub(crate) fn done(call: &'static str, work: impl FnOnce() -> PluginResult<()>) -> Done {
    plain(call, work)
}

/// Runs a call whose answer crosses as it is.
pub(crate) fn plain<T>(call: &'static str, work: impl FnOnce() -> PluginResult<T>) -> RResult<T, RVec<u8>> {
    match guard(call, work) {
        Ok(value) => ROk(value),
        Err(error) => RErr(codec::encode(&error).into()),
    }
}

/// The error in an answer; bytes that are none give an error that says so.
pub(crate) fn error_of(bytes: &[u8]) -> Result<PluginError, PluginError> {
    codec::decode(bytes).map_err(|error| {
        PluginError::new(ErrorCode::BadMessage, format!("the error of the other side cannot be read: {error}"))
    })
}

/// Unpacks an answer of the host, whom a plugin trusts.
pub(crate) fn unpack<T: Wire>(answer: Answer) -> PluginResult<T> {
    match answer {
        ROk(bytes) => Ok(codec::decode(&bytes)?),
        RErr(bytes) => Err(error_of(&bytes).unwrap_or_else(|unreadable| unreadable)),
    }
}
