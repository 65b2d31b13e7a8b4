//! A plugin's object behind its lanes: each method of its table waits in the lane and within the deadline that the table
//! says.

use super::live::Live;
use crate::calls::DROP;
use crate::exchange::{Patience, Relay};
use crate::lane::Lane;
use crate::options::Deadlines;
use crate::watch::Watch;
use aurapos_contract::backup::BackupHostClient;
use aurapos_contract::call::{self, Arguments, Bytes, Caller, Link, Method, Opened, Within};
use aurapos_contract::{ApiVersion, PluginResult};
use std::sync::Arc;
use std::time::Duration;

/// The lanes that a table can name, with the words for a thread's name.
const LANES: [(call::Lane, &str); 7] = [
    (call::Lane::Main, "main"),
    (call::Lane::Control, "control"),
    (call::Lane::Commit, "commit"),
    (call::Lane::Read, "read"),
    (call::Lane::Search, "search"),
    (call::Lane::Long, "long work"),
    (call::Lane::Wait, "wait"),
];

/// An object, its lanes and its deadlines.
#[derive(Debug)]
pub(crate) struct Laned {
    pub(crate) live: Arc<Live>,
    /// As [`LANES`]. A lane that is never used has no thread.
    lanes: [Lane; LANES.len()],
    pub(crate) watch: Arc<Watch>,
    pub(crate) deadlines: Deadlines,
}

impl Laned {
    /// Lanes around an object. `what` names them among others of the plugin.
    pub(crate) fn new(live: Arc<Live>, what: &str, watch: &Arc<Watch>, deadlines: Deadlines, is_storage: bool) -> Self {
        let lanes = LANES.map(|(_, name)| Lane::new(&format!("{what} {name}"), watch, is_storage));
        Laned { live, lanes, watch: Arc::clone(watch), deadlines }
    }

    pub(crate) fn lane(&self, lane: call::Lane) -> &Lane {
        let place = LANES.iter().position(|(known, _)| *known == lane).unwrap_or(0);
        &self.lanes[place]
    }

    /// How long a call of this method may take.
    pub(crate) fn patience(&self, method: &Method, request: &[u8]) -> Patience {
        let Deadlines { start, commit, read, quiet, long, payment, control, device, .. } = self.deadlines;
        match method.within {
            Within::Start => Patience::fixed(start),
            Within::Read => Patience::fixed(read),
            Within::Commit => Patience::fixed(commit),
            Within::Payment => Patience::fixed(payment),
            Within::Control => Patience::fixed(control),
            Within::Device => Patience::fixed(device),
            Within::Timeout => Patience::fixed(read + timeout_of(request)),
            // A newer table's word that this host does not know is work of any length.
            _ => Patience { quiet, total: long },
        }
    }
}

/// The second argument, milliseconds.
fn timeout_of(request: &[u8]) -> Duration {
    let timeout = || {
        let mut arguments = Arguments::of(request).ok()?;
        arguments.take::<Vec<u8>>().ok()?;
        arguments.take::<u32>().ok()
    };
    Duration::from_millis(timeout().unwrap_or_default().into())
}

impl Link for Laned {
    fn call(
        &self,
        method: &'static Method,
        request: &[u8],
        caller: Caller<'_>,
        answer: &mut Bytes,
    ) -> PluginResult<Opened> {
        if let Some(refused) = self.watch.refused().filter(|_| !method.always) {
            return Err(refused);
        }
        let patience = self.patience(method, request);
        let (live, request) = (Arc::clone(&self.live), request.to_vec());
        let (bytes, opened) = self.lane(method.lane).call(method, patience, caller, move |mailbox| {
            let relay = Relay::new(mailbox);
            let host = BackupHostClient(&relay);
            let mut answer = Bytes::default();
            let caller = Caller { progress: &relay, host: &host };
            let opened = live.run(|link| link.call(method, &request, caller, &mut answer))?;
            Ok((answer, opened))
        })?;
        *answer = bytes;
        Ok(opened)
    }

    fn peer(&self) -> ApiVersion {
        self.live.peer()
    }

    fn unreadable(&self, method: &'static Method, reason: &str) {
        aurapos_plugin_api::Border::bad_answer(&*self.watch, method.name, reason);
    }
}

/// Drops the object on a lane's thread, for its Drop may do anything, and waits a while for it.
impl Drop for Laned {
    fn drop(&mut self) {
        let live = Arc::clone(&self.live);
        let lane = self.lanes.iter().find(|lane| lane.is_started() && !lane.is_stuck());
        let lane = lane.or_else(|| self.lanes.iter().find(|lane| !lane.is_stuck())).unwrap_or(&self.lanes[0]);
        let gone = lane.call(&DROP, Patience::fixed(self.deadlines.close), Caller::NOBODY, move |_| {
            live.retire();
            Ok(())
        });
        if let Err(error) = gone {
            tracing::warn!(%error, "a plugin's object was left behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_is_read_from_the_request() {
        let request = aurapos_contract::codec::encode(&vec![0u32]);
        assert_eq!(timeout_of(&request), Duration::ZERO, "not the second argument");
        // [h'', 250]
        assert_eq!(timeout_of(&[0x82, 0x40, 0x18, 250]), Duration::from_millis(250));
    }
}
