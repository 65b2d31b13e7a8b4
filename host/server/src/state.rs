//! How the server is: made, running, healthy; and what is advised.

use crate::authority::{self, Authority, Names};
use crate::certificate;
use crate::diagnosis::{self, Diagnosis, Target};
use crate::firewall::{self, Firewall};
use crate::networks::Networks;
use crate::place::Place;
use crate::service::{self, Service};
use crate::settings::Surroundings;
use crate::{Facts, Home, Keep, ServerError, desk, os, run};
use postgres::Client;
use std::fmt;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Less room than this is worth a warning.
const FREE_BYTES_WARNED: u64 = 1024 * 1024 * 1024;
/// More than this of the connections in use is worth a warning, in percent.
const CONNECTIONS_PERCENT_WARNED: u64 = 80;

/// How far a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is none.
    NotMade,
    /// `init` was begun and did not get to its end.
    HalfMade,
    /// It does not run.
    Stopped,
    /// It runs.
    Running,
}

impl State {
    /// A word for scripts.
    pub fn name(self) -> &'static str {
        match self {
            State::NotMade => "not_made",
            State::HalfMade => "half_made",
            State::Stopped => "stopped",
            State::Running => "running",
        }
    }
}

/// A setting that endangers data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Danger {
    /// Its name.
    pub setting: String,
    /// What it is.
    pub value: String,
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.setting, self.value)
    }
}

/// What a server that runs says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Its version as it calls itself.
    pub version: String,
    /// Connections in use.
    pub connections: u64,
    /// How many are possible.
    pub connections_max: u64,
    /// Since when it runs, microseconds since 1970 UTC.
    pub since_us: i64,
    /// The database's size in bytes.
    pub database_bytes: u64,
    /// Settings that endanger data.
    pub dangers: Vec<Danger>,
}

/// Something worth a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// A word for scripts.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What it is.
    pub message: String,
    /// What to do next; empty when it is good.
    pub next: String,
}

/// Everything about the server of a data folder.
#[derive(Debug)]
pub struct Status {
    /// How far it is.
    pub state: State,
    /// What was chosen.
    pub facts: Option<Facts>,
    /// The cluster's folder.
    pub cluster: Option<PathBuf>,
    /// Addresses by which registers reach it.
    pub addresses: Vec<String>,
    /// The shop's authority.
    pub authority: Option<certificate::Facts>,
    /// The server's certificate.
    pub certificate: Option<certificate::Facts>,
    /// What it says of itself.
    pub health: Option<Health>,
    /// Free room on the cluster's disk, in bytes.
    pub free_bytes: Option<u64>,
    /// This program may start, stop and renew it: it runs as the same user, or as root.
    pub is_ours: bool,
    /// Coming in as this machine's register does.
    pub reached: Option<Diagnosis>,
    /// Whether it starts at boot.
    pub service: Service,
    /// The firewall.
    pub firewall: Firewall,
    /// What was checked.
    pub advice: Vec<Advice>,
}

/// Looks at the server of a data folder.
///
/// # Errors
/// `server.toml` cannot be read.
pub fn status(home: &Home, keep: &dyn Keep) -> Result<Status, ServerError> {
    let networks = Networks::of_this_machine().unwrap_or_default();
    let Some(facts) = home.known_facts()? else { return Ok(Status::nothing()) };
    let place = Place::known(home, &facts)?;
    let around = Surroundings { facts: &facts, networks: &networks, root: &place.root, memory_bytes: 0 };
    let state = match (place.is_made() || facts.major != 0, run::is_running(&place, facts.port)) {
        (false, _) => State::HalfMade,
        (true, false) => State::Stopped,
        (true, true) => State::Running,
    };
    let mut status = Status {
        state,
        addresses: around.outer_addresses().iter().map(ToString::to_string).collect(),
        authority: crate::files::text(&home.authority_file())?
            .and_then(|pem| certificate::read_pem(&pem))
            .map(|(_, facts)| facts),
        certificate: run::certificate_of(&place),
        health: None,
        free_bytes: os::free_bytes(&place.root).ok(),
        is_ours: run::may_change(&place),
        reached: None,
        service: service::look(&facts),
        firewall: firewall::look(facts.port, &around.let_in()),
        cluster: Some(place.root.clone()),
        facts: Some(facts.clone()),
        advice: Vec::new(),
    };
    if state == State::Running {
        let health = desk::open(&place, &facts, &facts.database).and_then(|mut client| health(&mut client));
        status.advice.extend(health.as_ref().err().map(of_error));
        status.health = health.ok();
        status.reached = Some(diagnosis::diagnose(&own_target(home, &facts, keep)?, Some(home)));
    }
    let names = Names::of_this_machine(&networks, &facts.names);
    status.advise(home, &names);
    Ok(status)
}

/// This machine's register at its own server.
pub(crate) fn own_target(home: &Home, facts: &Facts, keep: &dyn Keep) -> Result<Target, ServerError> {
    let role = facts.role()?;
    Ok(Target {
        port: facts.port,
        database: facts.database.clone(),
        password: keep.get(&role)?,
        user: Some(role),
        authority: crate::files::text(&home.authority_file())?,
        searches: false,
        ..Target::new("127.0.0.1")
    })
}

fn of_error(error: &ServerError) -> Advice {
    Advice { name: "server", ok: false, message: format!("{}: {error}", error.code()), next: error.next() }
}

fn health(client: &mut Client) -> Result<Health, ServerError> {
    let ask = |client: &mut Client| {
        let row = client.query_one(
            "SELECT current_setting('server_version'), (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
                    current_setting('max_connections')::bigint, pg_database_size(current_database()),
                    (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint",
            &[],
        )?;
        let number = |at: usize| row.try_get::<_, i64>(at).map(i64::unsigned_abs);
        let (version, connections) = (row.try_get(0)?, number(1)?);
        let (connections_max, database_bytes) = (number(2)?, number(3)?);
        let since_us = row.try_get(4)?;
        Ok(Health { version, connections, connections_max, since_us, database_bytes, dangers: dangers(client)? })
    };
    ask(client).map_err(desk::refused("say how it is"))
}

/// Settings that endanger data, as this session sees them.
pub(crate) fn dangers(client: &mut Client) -> Result<Vec<Danger>, postgres::Error> {
    let rows = client.query(
        "SELECT name, setting FROM pg_settings WHERE
            (name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums') AND setting = 'off')
            OR (name IN ('zero_damaged_pages', 'ignore_checksum_failure', 'ignore_invalid_pages') AND setting = 'on')
            OR (name = 'password_encryption' AND setting <> 'scram-sha-256')
         ORDER BY name",
        &[],
    )?;
    rows.iter().map(|row| Ok(Danger { setting: row.try_get(0)?, value: row.try_get(1)? })).collect()
}

impl Status {
    fn nothing() -> Self {
        Status {
            state: State::NotMade,
            facts: None,
            cluster: None,
            addresses: Vec::new(),
            authority: None,
            certificate: None,
            health: None,
            free_bytes: None,
            is_ours: false,
            reached: None,
            service: Service::None,
            firewall: Firewall::none(),
            advice: vec![Advice {
                name: "server",
                ok: false,
                message: "there is no server here".to_owned(),
                next: "Make one: `aurapos-admin server init`.".to_owned(),
            }],
        }
    }

    /// Whether everything is as it should be.
    pub fn is_good(&self) -> bool {
        self.advice.iter().all(|one| one.ok)
    }

    fn add(&mut self, name: &'static str, found: Result<String, (String, &str)>) {
        let one = match found {
            Ok(message) => Advice { name, ok: true, message, next: String::new() },
            Err((message, next)) => Advice { name, ok: false, message, next: next.to_owned() },
        };
        self.advice.push(one);
    }

    fn advise(&mut self, home: &Home, names: &Names) {
        match self.state {
            State::Running => self.add("server", Ok("PostgreSQL runs".to_owned())),
            State::Stopped => self
                .add("server", Err(("PostgreSQL does not run".to_owned(), "Start it: `aurapos-admin server start`."))),
            _ => self.add(
                "server",
                Err(("it was not made to its end".to_owned(), "Run `aurapos-admin server init` again.")),
            ),
        }
        self.advise_certificate(home, names);
        self.advise_health();
        if let Some(diagnosis) = &self.reached {
            let told = diagnosis.told(aurapos_locale::Language::English);
            let one = Advice {
                name: "reached",
                ok: diagnosis.is_good(),
                message: if diagnosis.is_good() { "a register gets in over TLS".to_owned() } else { told.sentence },
                next: told.next,
            };
            self.advice.push(one);
        }
        let is_alone = self.facts.as_ref().is_some_and(|facts| facts.listen.is_empty());
        if self.addresses.is_empty() && is_alone && self.state == State::Running {
            self.add("network", Err(("no other register can reach it: this machine is in no network of a shop".to_owned(),
                "Connect the machine to the shop's network and run `aurapos-admin server start`, or name an address with `server init --listen`.")));
        }
        if let Some(free) = self.free_bytes {
            let message = format!("{} MB are free", free / 1_000_000);
            let next = "Make room before the disk is full: PostgreSQL stops when it is.";
            self.add("room", if free < FREE_BYTES_WARNED { Err((message, next)) } else { Ok(message) });
        }
        if let Service::ByHand { reason, .. } = &self.service {
            let message = format!("it does not start at boot: {reason}");
            self.add(
                "boot",
                Err((message, "Run `sudo aurapos-admin server init`, or start it yourself after each boot.")),
            );
        }
    }

    fn advise_certificate(&mut self, home: &Home, names: &Names) {
        let (Some(authority), Some(present)) = (&self.authority, &self.certificate) else {
            // Who cannot see the cluster's folder cannot see the certificate either; the connection tells.
            return;
        };
        let due = authority::renewal(Some(present), authority, names, SystemTime::now());
        let until = format!("the certificate is valid until {}", day(present.not_after_us));
        let next = "Make a new one: `aurapos-admin server status --renew`.";
        self.add("certificate", due.map_or(Ok(until.clone()), |why| Err((format!("{until}, and {why}"), next))));
        // A key that others can read is worth more than a word.
        let authority = Authority::read(home);
        if let Err(error @ ServerError::Authority { .. }) = &authority {
            self.advice.push(of_error(error));
        }
    }

    fn advise_health(&mut self) {
        let Some(health) = self.health.clone() else { return };
        let percent = health.connections * 100 / health.connections_max.max(1);
        let message = format!("{} of {} connections are in use", health.connections, health.connections_max);
        let next = "End what is not a register, or raise max_connections behind the include in postgresql.conf.";
        self.add("connections", if percent >= CONNECTIONS_PERCENT_WARNED { Err((message, next)) } else { Ok(message) });
        let dangers: Vec<String> = health.dangers.iter().map(ToString::to_string).collect();
        let next = "Take these settings out of postgresql.conf and postgresql.auto.conf, then run `aurapos-admin server start`.";
        let found = Ok("no setting endangers data".to_owned());
        self.add(
            "settings",
            if dangers.is_empty() { found } else { Err((format!("data is in danger: {}", dangers.join(", ")), next)) },
        );
    }
}

/// Microseconds since 1970 UTC.
pub(crate) fn microseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A day as every language reads it: `2029-11-30`, in UTC.
pub(crate) fn day(time_us: i64) -> String {
    chrono::DateTime::from_timestamp_micros(time_us).unwrap_or_default().format("%Y-%m-%d").to_string()
}
