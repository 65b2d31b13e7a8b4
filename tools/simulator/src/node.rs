//! One register: its data, its program while it runs, its clock, its line.

use crate::port::{Break, Port};
use crate::template::{self, MANAGER};
use aurapos_contract::RecordStore;
use aurapos_contract::query::Query;
use aurapos_domain::ids::RegisterCode;
use aurapos_engine::command::{Command, Reply, SessionId};
use aurapos_engine::error::EngineResult;
use aurapos_engine::sync::Sync;
use aurapos_engine::{Engine, Env, MachineIdentity};
use aurapos_plugin_testkit::ReferenceStore;
use std::sync::Arc;

/// A program that runs.
#[derive(Debug)]
pub struct Program {
    /// Its engine.
    pub engine: Engine,
    /// Its sync.
    pub sync: Sync,
    /// Who is signed in.
    pub session: Option<SessionId>,
    /// What it waits for while it rests; `None`: it does not rest, or is offline.
    pub watch: Option<Vec<u8>>,
}

/// One register.
#[derive(Debug)]
pub struct Node {
    /// Its data. Before it joined there is none.
    pub store: Option<ReferenceStore>,
    /// What runs.
    pub program: Option<Program>,
    /// The line to the shared store.
    pub port: Port,
    /// Where its data lives.
    pub identity: MachineIdentity,
    /// How far its clock is off.
    pub offset_us: i64,
    /// Counts programs: what belongs to an earlier one is not for this one.
    pub life: u64,
    /// Counts rests: what wakes an earlier one does not wake this one.
    pub rest: u64,
    /// It sees nothing until then.
    pub cut_until_us: i64,
    /// So many answers get lost.
    pub lose_answers: u8,
    /// So many calls get lost.
    pub lose_calls: u8,
    /// So many calls come late.
    pub late: u8,
    /// Its program ends after so many more effects, and comes back after so many microseconds.
    pub crash: Option<(u8, i64)>,
    /// Commits of its own data fail now, or some next ones do.
    pub disk_trouble: bool,
    /// Copies of its data.
    pub copies: Vec<ReferenceStore>,
    /// The code that it is about to claim, before it joined.
    pub wants: Option<RegisterCode>,
    commands: u64,
}

impl Node {
    /// One whose data is there.
    pub fn of(store: ReferenceStore, identity: MachineIdentity, broken: Break) -> Node {
        Node { store: Some(store), ..Node::joining(identity, broken) }
    }

    /// One that is about to join.
    pub fn joining(identity: MachineIdentity, broken: Break) -> Node {
        Node {
            store: None,
            program: None,
            port: Port::new(broken),
            identity,
            offset_us: 0,
            life: 0,
            rest: 0,
            cut_until_us: 0,
            lose_answers: 0,
            lose_calls: 0,
            late: 0,
            crash: None,
            disk_trouble: false,
            copies: Vec::new(),
            wants: None,
            commands: 100,
        }
    }

    /// Starts the program.
    ///
    /// # Errors
    /// Those of opening the register: there should be none.
    pub fn start(&mut self, env: &mut dyn Env) -> EngineResult<()> {
        let Some(store) = &self.store else { return Ok(()) };
        let shared: Arc<dyn RecordStore> = Arc::new(store.clone());
        let (mut engine, _) = Engine::open(shared, &self.identity, env)?;
        engine.set_devices(template::devices(), env)?;
        self.life += 1;
        self.program = Some(Program { engine, sync: Sync::new(), session: None, watch: None });
        Ok(())
    }

    /// Its own data can be written again.
    pub fn make_room(&mut self) {
        self.disk_trouble = false;
        if let Some(store) = &self.store {
            store.refuse_commits(None);
        }
    }

    /// Ends it, wherever it is.
    pub fn end(&mut self) {
        self.program = None;
        self.life += 1;
        self.crash = None;
        self.store = self.store.as_ref().map(ReferenceStore::reopen);
    }

    /// Gives a command as the manager; signs in and opens the drawer first where that was not done.
    ///
    /// # Errors
    /// The command's own.
    pub fn run(&mut self, command: Command, env: &mut dyn Env) -> Option<EngineResult<Reply>> {
        let program = self.program.as_mut()?;
        if program.session.is_none() {
            // A register that joined has nobody before the first feed. The engine takes as long for a name that it does not
            // know as for one that it knows, by a hash that costs more than the rest of a history.
            let nobody = Query::over("operator").select(&["id"]).limit(1);
            if self.store.as_ref()?.scan(&nobody).is_ok_and(|found| found.is_empty()) {
                return None;
            }
            self.commands += 1;
            let sign_in = Command::SignIn { operator: MANAGER.0.to_owned(), pin: MANAGER.1.into() };
            if let Ok(Reply::SignedIn { session, .. }) =
                template::run(&mut program.engine, None, sign_in, self.commands, env)
            {
                program.session = Some(session);
            }
            program.session?;
            self.commands += 1;
            let open = Command::OpenDrawer { float: template::eur(10_000) };
            // It may be open from before.
            let _ = template::run(&mut program.engine, program.session, open, self.commands, env);
        }
        self.commands += 1;
        Some(template::run(&mut program.engine, program.session, command, self.commands, env))
    }
}
