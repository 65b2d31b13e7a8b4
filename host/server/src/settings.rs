//! PostgreSQL's settings for a shop: one file of its own beside `postgresql.conf`, who may come in, who is who.
//!
//! Owns texts only; `make` writes them.

use crate::Facts;
use crate::database::{OWNER, READER};
use crate::networks::{Network, Networks};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::Path;

/// The file that `postgresql.conf` includes.
pub(crate) const FILE: &str = "aurapos.conf";
/// The role that only the socket lets in.
pub(crate) const SUPERUSER: &str = "postgres";
/// The map of the system's users to roles.
const MAP: &str = "aurapos";
/// 100 registers of two connections each, PostgreSQL's own, and some for the owner.
pub(crate) const CONNECTIONS_MAX: u32 = 250;

const MEGABYTE: u64 = 1024 * 1024;

const HEAD: &str = "\
# AuraPOS: written by `aurapos-admin server init` and `server start`. Your own settings belong behind the line that includes
# this file in postgresql.conf.

# Who reaches it, and where its files are.
";

/// What is the same on every machine.
const FIXED: &str = "
# Every connection over the network is TLS, with the certificate of the shop's own authority.
ssl = on
ssl_min_protocol_version = 'TLSv1.2'
password_encryption = 'scram-sha-256'
authentication_timeout = '15s'
superuser_reserved_connections = 5
tcp_keepalives_idle = 30
tcp_keepalives_interval = 10
tcp_keepalives_count = 3
idle_in_transaction_session_timeout = '60s'

# A sale that was acknowledged is on disk.
fsync = on
synchronous_commit = on
full_page_writes = on

# Checkpoints spread out: a sale does not wait for them.
wal_compression = on
min_wal_size = '80MB'
max_wal_size = '1GB'
checkpoint_timeout = '15min'
checkpoint_completion_target = 0.9

# One file a weekday, written anew after a week. Statements and their values are not logged: they are the shop's.
logging_collector = on
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_file_mode = 0600
log_line_prefix = '%m [%p] %u@%d %h '
log_statement = 'none'
log_min_error_statement = 'panic'
log_parameter_max_length_on_error = 0
log_timezone = 'UTC'
timezone = 'UTC'
cluster_name = 'aurapos'

# A shop's machine, which does other things too.
random_page_cost = 1.1
jit = off
work_mem = '8MB'
";

/// What the settings depend on.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    /// What was chosen.
    pub(crate) facts: &'a Facts,
    /// This machine's networks.
    pub(crate) networks: &'a Networks,
    /// The cluster's folder.
    pub(crate) root: &'a Path,
    /// The machine's memory in bytes, 0 when unknown.
    pub(crate) memory_bytes: u64,
}

impl Surroundings<'_> {
    /// Addresses to listen at beside the machine itself.
    pub(crate) fn outer_addresses(&self) -> Vec<IpAddr> {
        if self.facts.listen.is_empty() {
            return self.networks.of_the_shop().iter().map(|one| one.address).collect();
        }
        let named = self.facts.listen.iter().filter_map(|text| text.parse::<IpAddr>().ok());
        named.filter(|address| !address.is_loopback()).collect()
    }

    /// Networks that are let in.
    pub(crate) fn let_in(&self) -> Vec<Network> {
        let outer = self.outer_addresses();
        let near = self.networks.interfaces.iter().filter(|one| outer.contains(&one.address)).map(|one| one.network);
        let mut networks: Vec<Network> = near.chain(self.facts.further_networks()).collect();
        networks.sort();
        networks.dedup();
        networks
    }

    /// `aurapos.conf`.
    pub(crate) fn settings(&self) -> String {
        let mut addresses = vec!["127.0.0.1".to_owned()];
        if self.networks.interfaces.iter().any(|one| one.address == IpAddr::from(std::net::Ipv6Addr::LOCALHOST)) {
            addresses.push("::1".to_owned());
        }
        addresses.extend(self.outer_addresses().iter().map(IpAddr::to_string));
        let path = |name: &str| quoted(&self.root.join(name).display().to_string());
        let mut text = HEAD.to_owned();
        for (name, value) in [
            ("listen_addresses", quoted(&addresses.join(", "))),
            ("port", self.facts.port.to_string()),
            ("unix_socket_directories", path("run")),
            ("max_connections", CONNECTIONS_MAX.to_string()),
            ("ssl_cert_file", path("tls/server.crt")),
            ("ssl_key_file", path("tls/server.key")),
            ("log_directory", path("log")),
        ] {
            let _ = writeln!(text, "{name} = {value}");
        }
        text.push_str(FIXED);
        for (name, megabytes) in self.memory() {
            let _ = writeln!(text, "{name} = '{megabytes}MB'");
        }
        text
    }

    /// A quarter, as servers have it, is too much on a machine that also shows the window of a register.
    fn memory(&self) -> [(&'static str, u64); 3] {
        let memory = if self.memory_bytes == 0 { 2048 } else { self.memory_bytes / MEGABYTE };
        [
            ("shared_buffers", (memory / 8).clamp(64, 1024)),
            ("effective_cache_size", (memory / 2).max(256)),
            ("maintenance_work_mem", (memory / 32).clamp(32, 256)),
        ]
    }

    /// `pg_hba.conf`: the first line that fits decides.
    pub(crate) fn access(&self) -> String {
        let mut text = String::from(
            "# AuraPOS: who may come in. Written by `aurapos-admin server init` and `server start`; further networks belong into\n\
             # `server init --network`.\n\
             # The machine's own users by the socket, without a password, as the roles that pg_ident.conf gives them.\n",
        );
        let _ = writeln!(text, "local   all all peer map={MAP}");
        text.push_str("# Nobody is superuser over the network.\n");
        for any in ["0.0.0.0/0", "::/0"] {
            let _ = writeln!(text, "host    all {SUPERUSER} {any} reject");
        }
        text.push_str("# This machine's register, and the tables' owner from nowhere else.\n");
        for own in ["127.0.0.1/32", "::1/128"] {
            let _ = writeln!(text, "hostssl all all {own} scram-sha-256");
        }
        for any in ["0.0.0.0/0", "::/0"] {
            let _ = writeln!(text, "host    all {OWNER} {any} reject");
        }
        text.push_str("# Registers of the shop's networks, over TLS, by password.\n");
        for network in self.let_in() {
            let _ = writeln!(text, "hostssl all all {network} scram-sha-256");
        }
        text.push_str("# Everybody else.\n");
        for any in ["0.0.0.0/0", "::/0"] {
            let _ = writeln!(text, "host    all all {any} reject");
            let _ = writeln!(text, "host    replication all {any} reject");
        }
        text
    }
}

/// `pg_ident.conf`: who of this machine's users may be which role by the socket.
pub(crate) fn people(users: &[String]) -> String {
    let mut text =
        String::from("# AuraPOS: map, user of this machine, role. Written by `aurapos-admin server init`.\n");
    for user in users {
        for role in [SUPERUSER, READER] {
            let _ = writeln!(text, "{MAP} {} {role}", doubled(user));
        }
    }
    text
}

/// The line that makes `postgresql.conf` read ours.
pub(crate) fn include_line() -> String {
    format!("\n# AuraPOS\ninclude = '{FILE}'\n")
}

/// A value as PostgreSQL's settings write it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// A word as `pg_ident.conf` writes it.
fn doubled(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wish;
    use crate::networks::Interface;

    fn networks() -> Networks {
        let one = |name: &str, address: &str, bits: u8| {
            let address: IpAddr = address.parse().unwrap();
            Interface { name: name.to_owned(), address, network: Network::of(address, bits) }
        };
        Networks {
            interfaces: vec![one("lo", "127.0.0.1", 8), one("eth0", "192.168.1.10", 24), one("eth1", "8.8.4.4", 24)],
        }
    }

    fn text(wish: &Wish, networks: &Networks) -> (String, String) {
        let facts = Facts::wished(None, &Wish { shop: Some("Shop".into()), ..wish.clone() }).unwrap();
        let root = Path::new("/srv/mia's shop");
        let around = Surroundings { facts: &facts, networks, root, memory_bytes: 8 << 30 };
        (around.settings(), around.access())
    }

    #[test]
    fn it_listens_in_the_shop_and_nowhere_else() {
        let (settings, access) = text(&Wish::default(), &networks());
        assert!(settings.contains("listen_addresses = '127.0.0.1, 192.168.1.10'\n"), "{settings}");
        assert!(settings.contains("ssl_key_file = '/srv/mia''s shop/tls/server.key'\n"), "{settings}");
        assert!(settings.contains("shared_buffers = '1024MB'\n"), "{settings}");
        let lines: Vec<&str> = access.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                "local   all all peer map=aurapos",
                "host    all postgres 0.0.0.0/0 reject",
                "host    all postgres ::/0 reject",
                "hostssl all all 127.0.0.1/32 scram-sha-256",
                "hostssl all all ::1/128 scram-sha-256",
                "host    all aurapos_owner 0.0.0.0/0 reject",
                "host    all aurapos_owner ::/0 reject",
                "hostssl all all 192.168.1.0/24 scram-sha-256",
                "host    all all 0.0.0.0/0 reject",
                "host    replication all 0.0.0.0/0 reject",
                "host    all all ::/0 reject",
                "host    replication all ::/0 reject",
            ]
        );
        let wish = Wish {
            listen: Some(vec!["8.8.4.4".into()]),
            networks: Some(vec![Network::parse("10.8.0.0/16").unwrap()]),
            ..Wish::default()
        };
        let (settings, access) = text(&wish, &networks());
        assert!(settings.contains("listen_addresses = '127.0.0.1, 8.8.4.4'\n"), "{settings}");
        assert!(access.contains("8.8.4.0/24 scram") && access.contains("10.8.0.0/16 scram"), "{access}");
        assert!(!access.contains("192.168"), "{access}");
    }

    #[test]
    fn without_a_network_only_the_machine_comes_in() {
        let (settings, access) = text(&Wish::default(), &Networks::default());
        assert!(settings.contains("listen_addresses = '127.0.0.1'\n"));
        assert_eq!(access.matches("hostssl").count(), 2);
    }

    #[test]
    fn people_are_named_whole() {
        let text = people(&["mia".to_owned(), "a \"b\"".to_owned()]);
        assert!(
            text.contains("aurapos \"mia\" postgres\n") && text.contains("aurapos \"a \"\"b\"\"\" aurapos_reader\n")
        );
    }
}
