//! Whole shops from a seed: registers with the real engine and the real sync, one shared store, clocks that jump, a network
//! that delays, loses and repeats, programs that end anywhere, databases that are put back or used twice.
//!
//! Owns: the world ([`world`]), histories ([`deed`]), what must be true in the end ([`check`]), the breaks of the protocol
//! that must be found ([`port`]). Must not know: threads, the wall clock, disks, servers.

#![forbid(unsafe_code)]

pub mod check;
pub mod deed;
mod doing;
pub mod env;
mod node;
pub mod port;
pub mod shrink;
mod template;
mod trace;
mod trouble;
pub mod world;

use deed::History;
use port::Break;
use world::World;

/// Lives a history; why it is a bad one, or `None`.
pub fn live(history: &History, broken: Break) -> Option<String> {
    live_aloud(history, broken, false)
}

/// The same; every deed and call is printed when `trace` says so.
pub fn live_aloud(history: &History, broken: Break, trace: bool) -> Option<String> {
    let mut world = World::new(history.seed, broken);
    world.trace = trace;
    world.live(history);
    check::check(&world)
}
