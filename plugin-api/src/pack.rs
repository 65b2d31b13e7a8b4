//! Answers in a buffer of the other side, guarded: what `Status` and bytes mean.

use crate::abi::{ERROR, OK, Status};
use crate::guard::caught;
use abi_stable::std_types::RVec;
use aurapos_contract::codec::{self, Sink};
use aurapos_contract::{ApiVersion, ErrorCode, PluginError, PluginResult};
use std::convert::Infallible;

/// The other side's buffer, to write into.
#[derive(Debug)]
pub(crate) struct Out<'a>(pub(crate) &'a mut RVec<u8>);

impl Sink for Out<'_> {
    type Error = Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        // Most of what a message consists of is one byte long.
        match bytes {
            [byte] => self.0.push(*byte),
            bytes => self.0.extend_from_copy_slice(bytes),
        }
        Ok(())
    }
}

/// Runs `work`, which writes its answer; an error or a panic takes the answer's place. `call` names it for a panic.
pub(crate) fn answer(
    answer: &mut RVec<u8>,
    peer: ApiVersion,
    call: impl FnOnce() -> &'static str,
    work: impl FnOnce(&mut RVec<u8>) -> PluginResult<()>,
) -> Status {
    // The answer is written inside the guard: what comes out of it is one number.
    let error = match caught(|| work(answer)) {
        Ok(Ok(())) => return OK,
        Ok(Err(error)) => error,
        Err(panic) => panic.in_call(call()),
    };
    failed(answer, peer, &error)
}

#[cold]
fn failed(answer: &mut RVec<u8>, peer: ApiVersion, error: &PluginError) -> Status {
    answer.clear();
    answer.extend_from_copy_slice(&codec::encode_for(error, peer));
    ERROR
}

/// The error in an answer; bytes that are none give an error that says so.
pub(crate) fn error_of(bytes: &[u8]) -> Result<PluginError, PluginError> {
    codec::decode(bytes).map_err(|error| {
        PluginError::new(ErrorCode::BadMessage, format!("the error of the other side cannot be read: {error}"))
    })
}

/// What a call of the host answered, whom a plugin trusts.
pub(crate) fn trusted(status: Status, answer: &[u8]) -> PluginResult<()> {
    if status == OK { Ok(()) } else { Err(error_of(answer).unwrap_or_else(|unreadable| unreadable)) }
}
