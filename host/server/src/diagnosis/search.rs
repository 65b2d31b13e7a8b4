//! Asking the neighbours: whether the master answers at another address of this machine's networks.
//!
//! Only private networks of a shop's size are asked, only at the one port, and only with a handshake: who has a certificate of
//! the shop's authority is the master. No password is sent.

use super::probe::{self, Reach};
use super::{Stop, Target};
use crate::networks::Networks;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The largest network that is asked: 1,024 addresses.
const MACHINES_MAX: u32 = 1024;
/// How many are asked at once.
const AT_ONCE: usize = 128;
/// A neighbour answers within milliseconds.
const NEIGHBOUR_PATIENCE: Duration = Duration::from_millis(400);

/// Where the shop's master answers, when it is not at `but`.
pub(super) fn neighbours(target: &Target, networks: &Networks, but: IpAddr, stop: &Stop<'_>) -> Option<IpAddr> {
    let authority = target.authority.as_deref()?;
    let mut machines: Vec<IpAddr> = Vec::new();
    for one in networks.of_the_shop() {
        machines.extend(one.network.machines(MACHINES_MAX).into_iter().map(IpAddr::from));
    }
    machines.retain(|machine| *machine != but);
    machines.sort();
    machines.dedup();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(machines.len()) {
            scope.spawn(|| {
                while let Some(machine) = machines.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !stop()) {
                    let reached = probe::reach(SocketAddr::new(*machine, target.port), NEIGHBOUR_PATIENCE);
                    let Reach::Tls(tls) = reached else { continue };
                    if tls.belongs_to_shop(authority)
                        && let Ok(mut found) = found.lock()
                    {
                        *found = Some(*machine);
                        // Nobody else needs to be asked.
                        next.store(machines.len(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    found.into_inner().ok().flatten()
}
