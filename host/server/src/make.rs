//! Making the server, step by step: each looks at what is there and does what is missing.

use crate::authority::{self, Authority};
use crate::diagnosis::{self, Finding};
use crate::firewall::{self, Firewall};
use crate::networks::Networks;
use crate::pair::{self, PairError};
use crate::place::Place;
use crate::run::Lock;
use crate::service::{self, Service};
use crate::settings::Surroundings;
use crate::tools::{self, Tools};
use crate::{
    Consent, Facts, Home, Keep, Secret, ServerError, Step, Wish, certificate, cluster, database, desk, files, os, run,
    state,
};
use aurapos_contract::Progress;
use std::path::{Path, PathBuf};

/// A server that was made, or was there.
#[derive(Debug)]
pub struct Made {
    /// What was chosen.
    pub facts: Facts,
    /// What was done, in words; empty when everything was there.
    pub done: Vec<String>,
    /// The cluster's folder.
    pub cluster: PathBuf,
    /// Version of PostgreSQL.
    pub version: String,
    /// Addresses by which other registers reach it.
    pub addresses: Vec<String>,
    /// The shop's authority.
    pub authority: certificate::Facts,
    /// The role of this machine's register; its password is kept under that name.
    pub role: String,
    /// How a store reaches it from this machine.
    pub connection: Connection,
    /// The role of the owner with `psql`.
    pub reader: &'static str,
    /// Whether it starts at boot.
    pub service: Service,
    /// The firewall and its lines.
    pub firewall: Firewall,
}

/// How a store of this machine reaches the server. The passwords are kept under the names of the roles ([`Keep`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// A name of this machine that is in the certificate.
    pub host: &'static str,
    /// The port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The schema of the shop.
    pub schema: &'static str,
    /// The role of this machine's register.
    pub user: String,
    /// Who makes and changes tables; from this machine alone.
    pub owner_user: &'static str,
    /// The group that the rights to sell are given to.
    pub register_role: &'static str,
    /// The certificate of the shop's authority.
    pub authority: PathBuf,
}

impl Connection {
    /// That of the server that was made in a folder, for this machine's register.
    ///
    /// # Errors
    /// None was made there, or its file cannot be read.
    pub fn known(home: &Home) -> Result<Self, ServerError> {
        let facts = home.facts()?;
        Ok(Connection::of(home, &facts, &facts.role()?))
    }

    fn of(home: &Home, facts: &Facts, role: &str) -> Self {
        Connection {
            host: "localhost",
            port: facts.port,
            database: facts.database.clone(),
            schema: database::SCHEMA,
            user: role.to_owned(),
            owner_user: database::OWNER,
            register_role: database::REGISTERS,
            authority: home.authority_file(),
        }
    }
}

/// Makes the server of a data folder, or what is missing of it. Run again it changes nothing; killed anywhere it goes on.
///
/// # Errors
/// What cannot be done, by name. What was done stays.
pub fn init(home: &Home, wish: &Wish, keep: &dyn Keep, progress: &dyn Progress) -> Result<Made, ServerError> {
    if !os::MAKES_SERVERS {
        return Err(ServerError::NotOnThisSystem);
    }
    Step::Choose.begin(progress)?;
    if wish.firewall == Consent::Done && !os::is_root() {
        return Err(ServerError::NeedsRoot { what: "change the firewall".to_owned() });
    }
    let mut making = Making::choose(home, wish)?;
    Step::Folders.begin(progress)?;
    let _lock = making.folders()?;
    Step::Authority.begin(progress)?;
    let authority = making.authority()?;
    Step::Cluster.begin(progress)?;
    making.cluster()?;
    Step::Certificate.begin(progress)?;
    let renewed = run::renew_locked(home, &making.facts, &making.place)?;
    making.note(renewed.is_some(), "made the server's certificate");
    Step::Settings.begin(progress)?;
    let changed = run::write_settings(&making.facts, &making.place)?;
    making.note(changed, "wrote the settings");
    Step::Start.begin(progress)?;
    making.start(changed || renewed.is_some())?;
    Step::Passwords.begin(progress)?;
    let role = making.facts.role()?;
    let passwords = making.passwords(&role, keep)?;
    Step::Database.begin(progress)?;
    making.database(&role, &passwords)?;
    Step::Service.begin(progress)?;
    let (service, changed) = making.service()?;
    making.note(changed, "wrote the service");
    Step::Firewall.begin(progress)?;
    let firewall = making.firewall(wish.firewall)?;
    Step::Check.begin(progress)?;
    making.check(keep)?;
    progress.report(Step::ALL.len() as u64, Step::ALL.len() as u64, "done");
    Ok(making.made(authority, role, service, firewall))
}

/// A register's code that another machine has.
fn of_another(error: PairError) -> ServerError {
    match error {
        PairError::Server(error) => error,
        other => ServerError::choice(other.to_string()),
    }
}

/// What is being made.
struct Making<'a> {
    home: &'a Home,
    facts: Facts,
    place: Place,
    tools: Tools,
    done: Vec<String>,
}

impl<'a> Making<'a> {
    fn note(&mut self, changed: bool, what: &str) {
        if changed {
            self.done.push(what.to_owned());
        }
    }

    fn choose(home: &'a Home, wish: &Wish) -> Result<Self, ServerError> {
        let known = home.known_facts()?;
        let mut facts = Facts::wished(known, wish)?;
        let networks = Networks::of_this_machine().map_err(ServerError::file(Path::new("this machine's networks")))?;
        for text in wish.listen.iter().flatten() {
            if !text.parse().is_ok_and(|address| networks.is_own(address)) {
                return Err(ServerError::choice(format!("this machine does not have the address {text}")));
            }
        }
        let place = Place::choose(home, &mut facts, wish)?;
        let major = cluster::major(&place);
        let known_tools = Some(facts.tools.clone()).filter(|folder| !folder.as_os_str().is_empty());
        let named = wish.tools.clone().or_else(|| known_tools.filter(|folder| folder.is_dir()));
        let tools = tools::find(&place.account, named.as_deref(), major)?;
        facts.tools.clone_from(&tools.bin);
        if run::is_running(&place, facts.port) {
            // Before anything is written: the register of another machine would be locked out.
            let present = home.known_facts()?.unwrap_or_else(|| facts.clone());
            if let Ok(mut client) = desk::open(&place, &present, &facts.database) {
                pair::check_own(&mut client, &facts.register).map_err(of_another)?;
            }
        } else {
            run::check_port(&facts)?;
        }
        Ok(Making { home, facts, place, tools, done: Vec::new() })
    }

    /// The folders, the lock, and what was chosen: from here on a run that is killed goes on with the same choices.
    fn folders(&mut self) -> Result<Lock, ServerError> {
        let owner = self.place.owner.clone();
        // The server's user goes through to the cluster, and sees nothing on the way.
        let inside = self.place.root.starts_with(self.home.root());
        let mode = if inside && self.place.account != owner { 0o711 } else { 0o700 };
        let mut changed = files::folder(self.home.root(), mode, Some(&owner))?;
        let lock = Lock::take(self.home)?;
        changed |= self.home.write_facts(&self.facts, Some(&owner))?;
        changed |= self.place.make(&self.facts)?;
        self.note(changed, "made the folders");
        Ok(lock)
    }

    fn authority(&mut self) -> Result<Authority, ServerError> {
        if self.facts.major == 0 {
            authority::forget_other(self.home, &self.facts.shop)?;
        }
        let (authority, made) = Authority::ensure(self.home, &self.facts.shop, &self.place.owner)?;
        self.note(made, "made the shop's authority");
        Ok(authority)
    }

    fn cluster(&mut self) -> Result<(), ServerError> {
        let made = cluster::ensure(&self.place, &self.facts, &self.tools)?;
        self.note(made, "made the cluster");
        self.facts.major = cluster::major(&self.place).unwrap_or(self.tools.major);
        self.home.write_facts(&self.facts, Some(&self.place.owner)).map(drop)
    }

    fn start(&mut self, changed: bool) -> Result<(), ServerError> {
        if run::is_running(&self.place, self.facts.port) {
            if changed {
                run::apply(&self.place, &self.facts)?;
                self.done.push("took the new settings into use".to_owned());
            }
            return Ok(());
        }
        run::launch(&self.place, &self.facts, &self.tools)?;
        self.done.push("started PostgreSQL".to_owned());
        Ok(())
    }

    /// The passwords are kept before the server knows them: killed between, the same ones are used again.
    fn passwords(&mut self, role: &str, keep: &dyn Keep) -> Result<Vec<(String, Secret)>, ServerError> {
        let mut passwords = Vec::new();
        for role in [role, database::OWNER, database::READER] {
            let secret = match keep.get(role)? {
                Some(secret) => secret,
                None => {
                    let secret = Secret::generate()?;
                    keep.set(role, &secret)?;
                    self.done.push(format!("chose a password for {role}"));
                    secret
                }
            };
            passwords.push((role.to_owned(), secret));
        }
        Ok(passwords)
    }

    fn database(&mut self, role: &str, passwords: &[(String, Secret)]) -> Result<(), ServerError> {
        let mut client = desk::open(&self.place, &self.facts, "postgres")?;
        let mut changed = database::make_groups(&mut client)?;
        changed |= database::make_register(&mut client, role)?;
        changed |= database::make_reader(&mut client)?;
        self.note(changed, "made the roles");
        for (role, secret) in passwords {
            if !database::has_password(&mut client, role)? || !self.gets_in(role, secret) {
                database::set_password(&mut client, role, secret)?;
                self.done.push(format!("set the password of {role}"));
            }
        }
        let made = database::make_database(&mut client, &self.facts.database)?;
        let mut inside = desk::open(&self.place, &self.facts, &self.facts.database)?;
        let schema = database::make_schema(&mut inside, &self.facts.database)?;
        self.note(made || schema, "made the database");
        let prepared = pair::ensure(&mut inside, &self.facts.database)?;
        let claimed = pair::claim_own(&mut inside, &self.facts.register, role).map_err(of_another)?;
        self.note(prepared || claimed, "prepared the pairing of registers");
        Ok(())
    }

    /// Whether a role signs in with this password; at the database that every cluster has.
    fn gets_in(&self, role: &str, secret: &Secret) -> bool {
        let Ok(authority) = files::text(&self.home.authority_file()) else { return false };
        let target = diagnosis::Target {
            port: self.facts.port,
            database: "postgres".to_owned(),
            user: Some(role.to_owned()),
            password: Some(secret.clone()),
            authority,
            searches: false,
            ..diagnosis::Target::new("127.0.0.1")
        };
        diagnosis::diagnose(&target, None).reached >= diagnosis::Stage::SignedIn
    }

    fn service(&self) -> Result<(Service, bool), ServerError> {
        let data = self.home.root().parent().unwrap_or(self.home.root());
        service::install(self.home, &self.facts, data, &self.place.root)
    }

    fn firewall(&mut self, consent: Consent) -> Result<Firewall, ServerError> {
        let networks = Networks::of_this_machine().map_err(ServerError::file(Path::new("this machine's networks")))?;
        let around = Surroundings { facts: &self.facts, networks: &networks, root: &self.place.root, memory_bytes: 0 };
        let let_in = around.let_in();
        let found = firewall::look(self.facts.port, &let_in);
        if consent == Consent::Shown {
            return Ok(found);
        }
        let changed = firewall::open(&found)?;
        self.note(changed, "opened the firewall");
        Ok(firewall::look(self.facts.port, &let_in))
    }

    fn check(&self, keep: &dyn Keep) -> Result<(), ServerError> {
        let target = state::own_target(self.home, &self.facts, keep)?;
        let diagnosis = diagnosis::diagnose(&target, Some(self.home));
        // A setting of the owner's that endangers data is told by `status`; the server is made all the same.
        if diagnosis.is_good() || diagnosis.finding == Finding::Endangered {
            return Ok(());
        }
        let told = diagnosis.told(aurapos_locale::Language::English);
        Err(ServerError::Unreached { code: diagnosis.code(), told: told.sentence, next: told.next })
    }

    fn made(self, authority: Authority, role: String, service: Service, firewall: Firewall) -> Made {
        let networks = Networks::of_this_machine().unwrap_or_default();
        let around = Surroundings { facts: &self.facts, networks: &networks, root: &self.place.root, memory_bytes: 0 };
        let addresses = around.outer_addresses().iter().map(ToString::to_string).collect();
        Made {
            cluster: self.place.root.clone(),
            version: self.tools.version.clone(),
            addresses,
            authority: authority.facts().clone(),
            connection: Connection::of(self.home, &self.facts, &role),
            role,
            reader: database::READER,
            service,
            firewall,
            done: self.done,
            facts: self.facts,
        }
    }
}
