//! Real PostgreSQL servers for tests.
//!
//! Owns: how a server is begun, killed, begun again and taken away ([`Server`]), where that happens ([`place`]), and the
//! certificates of a made-up shop ([`Authority`]). Must not know what is stored in it.
//!
//! Everything here panics with a sentence: a test without its server is a test that fails.

mod authority;
mod place;
mod processes;
mod server;

pub use authority::{Authority, Identity};
pub use place::Version;
pub use server::{Options, PASSWORD, Server};
