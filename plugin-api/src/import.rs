//! The host's side: an ABI object becomes a [`Link`], over which the contract's clients are its traits. What cannot be read
//! is an error for the caller and told to the [`Border`].

use crate::abi::*;
use crate::border::Border;
use crate::inside::inside;
use crate::objects::CallerExport;
use crate::pack::error_of;
use abi_stable::std_types::{ROption, RVec};
use aurapos_contract::call::{Bytes, Caller, Link, Method, Opened};
use aurapos_contract::{ApiVersion, ErrorCode, PluginError, PluginResult};
use std::fmt;
use std::sync::Arc;

/// Answers up to this many bytes are copied into memory of this side, if they are not there already.
const COPIED_BYTES_MAX: usize = 4096;

/// Memory of the plugin.
struct Foreign(RVec<u8>);

impl AsRef<[u8]> for Foreign {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// An object in a plugin.
enum Target {
    Object(ObjectBox),
    Store(StoreBox),
}

/// A link to an object in a library of this process.
pub struct AbiLink {
    /// Taken by Drop only.
    target: Option<Target>,
    border: Arc<dyn Border>,
    peer: ApiVersion,
}

impl fmt::Debug for AbiLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plugin object")
    }
}

impl AbiLink {
    pub(crate) fn new(object: ObjectBox, border: Arc<dyn Border>, peer: ApiVersion) -> Self {
        AbiLink { target: Some(Target::Object(object)), border, peer }
    }

    /// The error in an answer, told to the border where it has to be.
    #[cold]
    fn failed(&self, call: &'static str, answer: &[u8]) -> PluginError {
        failed(&self.border, call, answer)
    }
}

/// The error in an answer, told to the border where it has to be.
#[cold]
pub(crate) fn failed(border: &Arc<dyn Border>, call: &'static str, answer: &[u8]) -> PluginError {
    match error_of(answer) {
        Ok(error) => {
            if error.code == ErrorCode::Panic {
                let told = error.message.strip_prefix("panicked in ").and_then(|rest| rest.split_once(": "));
                border.panicked(call, told.map_or(error.message.as_str(), |(_, message)| message));
            }
            error
        }
        Err(unreadable) => {
            border.bad_answer(call, &unreadable.message);
            let message = format!("the plugin's answer to `{call}` cannot be used: {}", unreadable.message);
            PluginError { message, ..unreadable }
        }
    }
}

impl Link for AbiLink {
    fn call(
        &self,
        method: &'static Method,
        request: &[u8],
        caller: Caller<'_>,
        answer: &mut Bytes,
    ) -> PluginResult<Opened> {
        let caller = CallerExport { caller, peer: self.peer };
        // The buffer stays ours: what the plugin appends grows it with our allocator.
        let mut out = RVec::from(answer.take_buffer());
        let mut opened = ROption::RNone;
        let status = inside(|| match &self.target {
            Some(Target::Object(object)) => {
                object.call(method.number, request.into(), caller.as_abi(), &mut out, &mut opened)
            }
            Some(Target::Store(store)) => store.call(method.number, request.into(), caller.as_abi(), &mut out),
            None => OK,
        });
        // Many bytes of the plugin's stay in its memory; few are copied, if they are not ours.
        if out.len() > COPIED_BYTES_MAX {
            answer.put_foreign(Box::new(Foreign(out)))
        } else {
            answer.put(out.into_vec())
        }
        let opened = opened.into_option().map(|store| {
            let border = Arc::clone(&self.border);
            Arc::new(AbiLink { target: Some(Target::Store(store)), border, peer: self.peer }) as Arc<dyn Link>
        });
        if status == OK { Ok(opened) } else { Err(self.failed(method.name, answer)) }
    }

    fn peer(&self) -> ApiVersion {
        self.peer
    }

    fn unreadable(&self, method: &'static Method, reason: &str) {
        self.border.bad_answer(method.name, reason);
    }
}

impl Drop for AbiLink {
    fn drop(&mut self) {
        let target = self.target.take();
        inside(|| drop(target));
    }
}
