//! A shop in a world of its own: one thing happens after the other, at the time that it has in the queue.

use crate::deed::{Deed, History, Planned, REGISTERS_MAX};
use crate::env::{BEGIN_US, Source};
use crate::node::Node;
use crate::port::Break;
use crate::template;
use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::ids::{RegisterCode, RegisterId};
use aurapos_domain::money::Currency;
use aurapos_engine::Env;
use aurapos_engine::command::CommandId;
use aurapos_engine::rows::scan;
use aurapos_engine::rows::sync::Claim;
use aurapos_engine::setup::{Joining, join_shop, shop_to_join};
use aurapos_engine::sync::call::{Answer, Call, EngineCall, Input, Next, StoreCall};
use aurapos_engine::sync::claim;
use aurapos_plugin_testkit::ReferenceStore;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A call that nobody answers is given up after this.
const DEADLINE_US: i64 = 5_000_000;
/// A shop that has not settled so long after the last misfortune never will.
const SETTLE_US_MAX: i64 = 20 * 60 * 1_000_000;

/// More things than this do not happen in any history: whoever makes them turns in a circle, and time goes on so slowly that
/// nobody would see the end of it.
const EVENTS_MAX: u64 = 400_000;

/// What happens next.
#[derive(Debug)]
enum Happening {
    Deed(Deed),
    /// A call reaches the shared store. `true`: somebody waits for its answer.
    Arrive {
        node: usize,
        life: u64,
        call: StoreCall,
        awaited: bool,
        lost: bool,
    },
    Return {
        node: usize,
        life: u64,
        answer: Answer,
    },
    /// A rest is over, or something woke it.
    Wake {
        node: usize,
        life: u64,
        rest: u64,
    },
    Start {
        node: usize,
        life: u64,
    },
    /// A full disk has room again.
    Room {
        node: usize,
    },
    /// A register that was not set up yet asks for its code.
    ClaimCode {
        node: usize,
    },
}

/// A sale that a person holds the receipt of.
#[derive(Debug, Clone)]
pub struct Sold {
    /// The sale.
    pub id: Uuid,
    /// Its number.
    pub receipt: String,
    /// The life that gave the number.
    pub life: Uuid,
    /// Its journal entry.
    pub seq: u64,
    /// Minor units.
    pub total: i64,
    /// Which register.
    pub node: usize,
    /// It was in nothing but data that was thrown away.
    pub gone: bool,
}

/// The shop.
#[derive(Debug)]
pub struct World {
    pub(crate) now_us: i64,
    pub(crate) shared: ReferenceStore,
    copies: Vec<ReferenceStore>,
    pub(crate) nodes: Vec<Node>,
    queue: BTreeMap<(i64, u64), Happening>,
    events: u64,
    /// Calls and answers on their way, and what will start: without them and with everybody at rest nothing happens.
    on_its_way: usize,
    outage_until_us: i64,
    rng: fastrand::Rng,
    pub(crate) source: Source,
    broken: Break,
    pub(crate) sold: Vec<Sold>,
    /// Lives that somebody made two of without anything telling: their numbers can't be unique.
    pub(crate) doubled: bool,
    /// The shared store went back without a new epoch: it may have forgotten codes that are in use, and nobody can know.
    pub(crate) forgot_codes: bool,
    /// Registers that can't sign in to the shared store.
    pub(crate) locked: BTreeSet<Uuid>,
    machines: u64,
    healing: bool,
    /// Every deed and call is printed.
    pub trace: bool,
    /// Something that must never happen, and did.
    pub(crate) failure: Option<String>,
}

impl World {
    /// A world before anything happened.
    pub fn new(seed: u64, broken: Break) -> World {
        let shared = ReferenceStore::new();
        shared.migrate(&aurapos_engine::schema::schema()).expect("an empty store takes the schema");
        let (store, identity) = template::founder();
        let mut world = World {
            now_us: 0,
            shared,
            copies: Vec::new(),
            nodes: vec![Node::of(store, identity, broken)],
            queue: BTreeMap::new(),
            events: 0,
            on_its_way: 0,
            outage_until_us: 0,
            rng: fastrand::Rng::with_seed(seed ^ 0x5eed),
            source: Source::new(seed ^ 0x1d5),
            broken,
            sold: Vec::new(),
            doubled: false,
            forgot_codes: false,
            locked: BTreeSet::new(),
            machines: 1,
            healing: false,
            trace: false,
            failure: None,
        };
        world.start(0);
        world
    }

    /// Everything of a history, and then until everybody has everything.
    pub fn live(&mut self, history: &History) {
        let mut at = 0;
        for Planned { after_ms, deed } in &history.deeds {
            at += i64::from(*after_ms) * 1_000;
            self.put(at, Happening::Deed(*deed));
        }
        // Without a deed none is the last one, and the loop would have no end.
        while self.failure.is_none()
            && !history.deeds.is_empty()
            && let Some(((now, _), what)) = self.queue.pop_first()
        {
            self.now_us = now;
            let last = matches!(what, Happening::Deed(_));
            self.happen(what);
            if last && !self.queue.values().any(|what| matches!(what, Happening::Deed(_))) {
                break;
            }
        }
        self.heal();
    }

    /// All lines are mended, everybody is there, and time goes on until nothing happens any more.
    fn heal(&mut self) {
        self.healing = true;
        self.outage_until_us = 0;
        crate::trouble::let_in(self);
        let by = self.now_us + SETTLE_US_MAX;
        for node in 0..self.nodes.len() {
            let one = &mut self.nodes[node];
            (one.cut_until_us, one.lose_answers, one.lose_calls, one.late, one.crash) = (0, 0, 0, 0, None);
            one.make_room();
            if one.program.is_none() && one.store.is_some() {
                self.start(node);
            }
        }
        while self.failure.is_none() && !self.settled() {
            let Some(((now, _), what)) = self.queue.pop_first() else {
                return self.fail("nothing happens any more, and not everything is everywhere".to_owned());
            };
            self.now_us = now;
            if now > by {
                let told: Vec<_> =
                    self.nodes.iter().filter_map(|node| node.program.as_ref()).map(|one| one.sync.status()).collect();
                return self.fail(format!("it does not settle: {told:#?}"));
            }
            self.happen(what);
        }
    }

    pub(crate) fn say(&self, what: impl FnOnce() -> String) {
        if self.trace {
            println!("{:>12.3} {}", self.now_us as f64 / 1e6, what());
        }
    }

    fn settled(&self) -> bool {
        let at_rest = |node: &Node| match &node.program {
            None => node.store.is_none(),
            Some(program) => {
                program.sync.status().settled()
                    && program.watch.as_ref().is_some_and(|cursor| self.shared.wait(cursor, 0).is_ok_and(|news| !news))
            }
        };
        self.on_its_way == 0 && self.nodes.iter().all(at_rest)
    }

    pub(crate) fn fail(&mut self, why: String) {
        self.failure.get_or_insert(why);
    }

    fn put(&mut self, at_us: i64, what: Happening) {
        self.events += 1;
        if self.events > EVENTS_MAX {
            self.fail(format!("more than {EVENTS_MAX} things happen: somebody turns in a circle"));
        }
        if !matches!(what, Happening::Deed(_) | Happening::Wake { .. } | Happening::Room { .. }) {
            self.on_its_way += 1;
        }
        self.queue.insert((at_us, self.events), what);
    }

    fn wall(&self, node: usize) -> i64 {
        BEGIN_US + self.now_us + self.nodes[node].offset_us
    }

    fn start(&mut self, node: usize) {
        let wall = self.wall(node);
        if let Err(error) = self.nodes[node].start(&mut self.source.at(wall)) {
            if self.nodes[node].disk_trouble {
                return self.crash(node, 1_000_000);
            }
            return self.fail(format!("register {node} does not open: {error:?}"));
        }
        self.turn(node, Input::Wake);
    }

    fn happen(&mut self, what: Happening) {
        if !matches!(what, Happening::Deed(_) | Happening::Wake { .. } | Happening::Room { .. }) {
            self.on_its_way -= 1;
        }
        if let Happening::Deed(deed) = &what {
            self.say(|| format!("{deed:?}"));
        }
        match what {
            Happening::Deed(deed) => crate::doing::deed(self, deed),
            Happening::Arrive { node, life, call, awaited, lost } => self.arrive(node, life, call, awaited, lost),
            Happening::Return { node, life, answer } if self.nodes[node].life == life => {
                self.turn(node, Input::Answer(answer));
            }
            Happening::Wake { node, life, rest } if (self.nodes[node].life, self.nodes[node].rest) == (life, rest) => {
                self.turn(node, Input::Wake);
            }
            Happening::Start { node, life } if self.nodes[node].life == life => self.start(node),
            Happening::ClaimCode { node } => self.claim_code(node),
            Happening::Room { node } => self.nodes[node].make_room(),
            Happening::Return { .. } | Happening::Wake { .. } | Happening::Start { .. } => {}
        }
    }

    fn arrive(&mut self, node: usize, life: u64, call: StoreCall, awaited: bool, lost: bool) {
        let before = self.shared.position();
        let answer = match crate::trouble::is_locked_out(self, node) {
            true => call.failed(PluginError::new(ErrorCode::Config, "this register was locked out")),
            false => self.nodes[node].port.ask(&call, &self.shared),
        };
        self.say(|| format!("  {node}: {} -> {}", crate::trace::call(&call), crate::trace::answer(&answer)));
        if self.shared.position() > before {
            self.notify();
        }
        if awaited {
            let delay = self.delay();
            let (at, answer) = match lost {
                true => (DEADLINE_US, self.nodes[node].port.unknown(&call, unknown())),
                false => (delay, answer),
            };
            self.put(self.now_us + at, Happening::Return { node, life, answer });
        }
    }

    /// Whoever rests and watches hears that there is something.
    pub(crate) fn notify(&mut self) {
        for node in 0..self.nodes.len() {
            let one = &self.nodes[node];
            let hears = self.now_us >= one.cut_until_us.max(self.outage_until_us);
            if hears && one.program.as_ref().is_some_and(|program| program.watch.is_some()) {
                let (life, rest) = (one.life, one.rest);
                let delay = self.delay();
                self.put(self.now_us + delay, Happening::Wake { node, life, rest });
            }
        }
    }

    fn delay(&mut self) -> i64 {
        match self.rng.u8(0..20) {
            0 => self.rng.i64(20_000..600_000),
            _ => self.rng.i64(200..20_000),
        }
    }

    /// Turns a register's sync until it waits for something.
    pub(crate) fn turn(&mut self, node: usize, input: Input) {
        let mut input = Some(input);
        while let Some(given) = input.take() {
            let (now, wall) = (self.now_us, self.wall(node));
            let Some(program) = &mut self.nodes[node].program else { return };
            program.watch = None;
            match program.sync.step(given, now, &mut self.source.at(wall)) {
                Next::Pending => {}
                Next::Rest(rest) => {
                    self.nodes[node].rest += 1;
                    let (life, number) = (self.nodes[node].life, self.nodes[node].rest);
                    if let Some(program) = &mut self.nodes[node].program {
                        program.watch.clone_from(&rest.watch);
                    }
                    self.put(rest.until_us.max(now + 1), Happening::Wake { node, life, rest: number });
                    // What was committed between the last look and this rest.
                    let news = rest.watch.is_some_and(|cursor| self.shared.wait(&cursor, 0).unwrap_or(true));
                    if news {
                        self.put(now + 1_000, Happening::Wake { node, life, rest: number });
                    }
                }
                Next::Call(Call::Local(query)) => {
                    let store = self.nodes[node].store.as_ref().expect("a program has data");
                    input = Some(Input::Answer(Answer::Rows(store.scan(&query))));
                }
                Next::Call(Call::Engine(call)) => {
                    let Some(answer) = self.give(node, call) else { return };
                    input = Some(Input::Answer(answer));
                }
                Next::Call(Call::Shared(call)) => {
                    if self.crashes(node) {
                        return;
                    }
                    self.send(node, call);
                }
            }
        }
    }

    /// Gives a call to the engine; `None` when the program ended before or after it.
    fn give(&mut self, node: usize, call: EngineCall) -> Option<Answer> {
        let calls = self.nodes[node].port.engine(call);
        let mut answer = None;
        for (number, call) in (0_u64..).zip(calls) {
            if self.crashes(node) {
                return None;
            }
            let wall = self.wall(node);
            let program = self.nodes[node].program.as_mut()?;
            let id = CommandId(number);
            let told = crate::trace::engine(&call);
            let step = program.engine.step(call.input(id), &mut self.source.at(wall));
            answer = EngineCall::answer(id, &step);
            self.say(|| {
                format!("  {node}: {told} -> {}", answer.as_ref().map(crate::trace::answer).unwrap_or_default())
            });
        }
        if self.crashes(node) { None } else { answer }
    }

    /// Counts an effect; `true` when the program ends with it.
    fn crashes(&mut self, node: usize) -> bool {
        match &mut self.nodes[node].crash {
            Some((0, down)) => {
                let down = *down;
                self.crash(node, down);
                true
            }
            Some((left, _)) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    /// Ends a register's program, for a while.
    pub(crate) fn crash(&mut self, node: usize, down_us: i64) {
        self.nodes[node].end();
        let life = self.nodes[node].life;
        self.put(self.now_us + down_us.max(1), Happening::Start { node, life });
    }

    fn send(&mut self, node: usize, call: StoreCall) {
        let (there, back) = (self.now_us + self.delay(), self.now_us + DEADLINE_US);
        let one = &mut self.nodes[node];
        let life = one.life;
        if self.now_us < one.cut_until_us.max(self.outage_until_us) {
            let error = PluginError::new(ErrorCode::Unreachable, "the shared store can't be reached");
            let answer = call.failed(error);
            return self.put(there + 100_000, Happening::Return { node, life, answer });
        }
        if one.lose_calls > 0 {
            one.lose_calls -= 1;
            let answer = one.port.unknown(&call, unknown());
            return self.put(back, Happening::Return { node, life, answer });
        }
        if one.late > 0 {
            one.late -= 1;
            let answer = one.port.unknown(&call, unknown());
            self.put(back, Happening::Return { node, life, answer });
            let at = back + self.rng.i64(1..20_000_000);
            return self.put(at, Happening::Arrive { node, life, call, awaited: false, lost: false });
        }
        let lost = one.lose_answers > 0;
        one.lose_answers = one.lose_answers.saturating_sub(1);
        self.put(there, Happening::Arrive { node, life, call, awaited: true, lost });
    }

    pub(crate) fn outage(&mut self, us: i64) {
        self.outage_until_us = self.now_us + us;
    }

    pub(crate) fn copy_shared(&mut self) {
        self.copies.push(self.shared.duplicate());
    }

    /// A copy of the shared store takes its place. What was nowhere else is gone.
    pub(crate) fn restore_shared(&mut self) {
        let Some(copy) = self.copies.last() else { return };
        self.shared = copy.restored();
        self.forget();
    }

    /// The same by hand, with the epoch that it had.
    pub(crate) fn put_back_shared(&mut self) {
        let Some(copy) = self.copies.last() else { return };
        self.shared = copy.duplicate();
        self.forgot_codes = true;
        self.forget();
    }

    /// A full disk has room again after a while.
    pub(crate) fn room_later(&mut self, node: usize, us: i64) {
        self.put(self.now_us + us, Happening::Room { node });
    }

    /// Marks the sales that no data in use has.
    pub(crate) fn forget(&mut self) {
        for at in 0..self.sold.len() {
            let sale = &self.sold[at];
            let mut all = self.nodes.iter().filter_map(|node| node.store.as_ref()).chain([&self.shared]);
            let kept = all.any(|store| crate::check::has_entry(store, sale.life, sale.seq, sale.id));
            self.sold[at].gone |= !kept;
        }
    }

    pub(crate) fn broken(&self) -> Break {
        self.broken
    }

    pub(crate) fn machine(&mut self) -> u64 {
        self.machines += 1;
        self.machines
    }

    /// Somebody sets up one more register: it looks which codes are free, and asks for one a moment later.
    pub(crate) fn join(&mut self) {
        if self.nodes.len() >= REGISTERS_MAX {
            return;
        }
        let machine = self.machine();
        let mut node = Node::joining(template::identity(machine, machine), self.broken);
        node.wants = self.free_code();
        self.nodes.push(node);
        let at = self.now_us + self.delay();
        self.put(at, Happening::ClaimCode { node: self.nodes.len() - 1 });
    }

    fn free_code(&self) -> Option<RegisterCode> {
        let taken: Vec<String> = self.claims(self.shop()?).into_iter().map(|claim| claim.code).collect();
        let code = (1..).map(|number| format!("R{number}")).find(|code| !taken.contains(code))?;
        RegisterCode::parse(&code).ok()
    }

    pub(crate) fn claims(&self, shop: Uuid) -> Vec<Claim> {
        scan(&self.shared, &claim::of_shop(shop), Currency::EUR).expect("what the engine wrote can be read")
    }

    /// The shop, when the shared store has it.
    pub(crate) fn shop(&self) -> Option<Uuid> {
        let shops = self.shared.scan(&shop_to_join()).ok()?;
        (shops.len() == 1).then(|| shops.column("id").and_then(|at| shops.uuid(0, at))).flatten()
    }

    fn claim_code(&mut self, node: usize) {
        let wall = self.wall(node);
        let again = self.now_us + 500_000;
        let (Some(shop), Some(code)) = (self.shop(), self.nodes[node].wants.clone()) else {
            self.nodes[node].wants = self.free_code();
            if !self.healing {
                self.put(again, Happening::ClaimCode { node });
            }
            return;
        };
        let epoch = self.shared.info().map(|info| info.epoch).unwrap_or_default();
        let (register, id) = {
            let mut env = self.source.at(wall);
            (env.new_id(), env.new_id())
        };
        let now = aurapos_domain::calendar::Timestamp(wall);
        let wanted = Claim {
            shop,
            code: code.as_str().to_owned(),
            register,
            incarnation: register,
            epoch,
            name: String::new(),
            claimed: now,
            seen: now,
            revoked: None,
        };
        let call = StoreCall::Commit(Box::new(claim::claim(&wanted, epoch, id)));
        let Answer::Committed(Ok(_)) = self.nodes[node].port.ask(&call, &self.shared) else {
            // Somebody was quicker.
            self.nodes[node].wants = self.free_code();
            return self.put(again, Happening::ClaimCode { node });
        };
        let store = ReferenceStore::new();
        let shared: Arc<dyn RecordStore> = Arc::new(store.clone());
        let may_be_taken = claim::may_have_forgotten(&self.claims(shop), epoch);
        let identity = self.nodes[node].identity.clone();
        let joining = Joining { register: RegisterId::new(register), code, may_be_taken, epoch, identity };
        let shops = self.shared.scan(&shop_to_join());
        let joined = shops
            .map_err(aurapos_engine::EngineError::from)
            .and_then(|shops| join_shop(&shared, &shops, &joining, &mut self.source.at(wall)));
        match joined {
            Ok(()) => {
                self.nodes[node].store = Some(store);
                self.start(node);
            }
            Err(error) => self.fail(format!("a register can't join: {error:?}")),
        }
    }

    /// The environment of a register now.
    pub(crate) fn env(&mut self, node: usize) -> crate::env::Moment<'_> {
        let wall = self.wall(node);
        self.source.at(wall)
    }

    /// A register and its environment.
    pub(crate) fn node_and_env(&mut self, node: usize) -> (&mut Node, crate::env::Moment<'_>) {
        let wall = self.wall(node);
        (&mut self.nodes[node], self.source.at(wall))
    }
}

fn unknown() -> PluginError {
    PluginError::new(ErrorCode::Timeout, "no answer came")
}
