//! The PostgreSQL server beside the master: made, started, looked at; and why a register does not reach it.
//!
//! Owns: the shop's own authority and the server's certificate ([`authority`], [`certificate`]), PostgreSQL's programs on this
//! machine ([`tools`]), the cluster, its settings and its roles ([`init`] and the other deeds of [`Server`]), the service at
//! boot, the firewall's lines, the [`diagnosis`] of a connection, and how registers of other machines join ([`pair`]). Must not know: registers, stores, plugins, `aurapos.toml`
//! or `secrets.toml`; who calls says what the shop is called and keeps the passwords ([`Keep`]). See ADR 0030, 0031 and 0037.
//!
//! ```text
//! Postgres/            in the data folder: what belongs to the master's owner
//!   server.toml        what was chosen: port, user, tools, where the cluster lies
//!   authority.pem/.key the shop's own authority; its key is nowhere else
//!   Cluster/           what belongs to the user whom the server runs as; elsewhere with --cluster
//!     data/ tls/ run/ log/
//! ```

#![forbid(unsafe_code)]

pub mod authority;
pub mod certificate;
mod cluster;
mod database;
mod desk;
pub mod diagnosis;
mod error;
mod files;
pub mod firewall;
mod home;
mod make;
pub mod networks;
mod os;
pub mod pair;
mod place;
mod process;
mod run;
mod secret;
pub mod service;
mod settings;
mod state;
mod step;
pub mod tools;
mod wish;

pub use error::ServerError;
pub use home::{Facts, Home};
pub use make::{Connection, Made, init};
pub use run::{Started, renew, start, stop};
pub use secret::{Keep, Secret};
pub use state::{Danger, Health, State, Status, status};
pub use step::Step;
pub use wish::{Consent, Wish};

/// Whether this system is one on which servers are made; on others the lines to do it by hand are told.
pub const MAKES_SERVERS: bool = os::MAKES_SERVERS;

/// Whether this program may do everything: put a service in its place, change the firewall, be another user.
pub fn is_root() -> bool {
    os::is_root()
}
