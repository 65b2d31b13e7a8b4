//! Opening a register: the schema, the state, and whether this database is still the one that gave the last number.

use std::sync::Arc;

use aurapos_contract::RecordStore;
use aurapos_domain::ids::{IncarnationCode, IncarnationId};
use aurapos_domain::journal::{EntryKind, Hash};
use aurapos_domain::sale::PerpetualTotals;

use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::identity::{LastKnown, MachineIdentity};
use crate::journal;
use crate::rows::journal::Head;
use crate::rows::register::{Counter, DRAWERS, Incarnation, Numbers, RECEIPTS, Register};
use crate::rows::{self, Record};
use crate::state::{Core, Draft, edit_counter};
use crate::went_back::{WentBack, went_back};

/// How often a random code is drawn before giving up: 31^4 codes, so a second draw is rare already.
const CODE_DRAWS_MAX: usize = 16;

/// Brings the store to the schema and reads the state; opens a new incarnation when the identity differs, or when the data
/// knows less than was known of it.
pub(crate) fn open(
    store: Arc<dyn RecordStore>,
    identity: &MachineIdentity,
    known: Option<&LastKnown>,
    env: &mut dyn Env,
) -> EngineResult<(Core, Vec<Event>)> {
    store.migrate(&crate::schema::schema())?;
    let mut core = Core::load(store)?;
    let mut events = Vec::new();
    let went_back = known.map_or(Ok(None), |known| went_back(core.store.as_ref(), known))?;
    let reason = difference(&core.register.identity, identity);
    // Also under the identity that was here last: the numbers of what is missing were given.
    if reason.is_some() || went_back.is_some() {
        let reason = reason.unwrap_or("later entries of the journal are missing");
        let found = |draft: &mut Draft| {
            let finding = went_back.as_ref().map(|found: &WentBack| found.finding(draft.time));
            rows::upsert(&mut draft.transaction, finding.as_slice());
        };
        events.push(new_incarnation(&mut core, identity, reason, &found, env)?);
    }
    events.extend(went_back.map(|found| Event::WentBack(Box::new(found))));
    Ok((core, events))
}

/// Why the identities differ, in words for the journal.
fn difference(stored: &MachineIdentity, found: &MachineIdentity) -> Option<&'static str> {
    if stored.machine != found.machine {
        Some("the data was opened on another machine")
    } else if stored.token != found.token {
        Some("the data is a copy or a restored backup")
    } else if stored.inode != found.inode {
        Some("the data folder was copied")
    } else {
        None
    }
}

/// Opens a new life: a new id, code and chain, whose first entry names the last one of the old.
pub(crate) fn new_incarnation(
    core: &mut Core,
    identity: &MachineIdentity,
    reason: &str,
    found: &dyn Fn(&mut Draft),
    env: &mut dyn Env,
) -> EngineResult<Event> {
    let code = free_code(core, env)?;
    let mut draft = core.draft(env)?;
    let incarnation = Incarnation {
        id: IncarnationId::new(env.new_id()),
        register: core.register.id,
        code: code.clone(),
        previous: Some(core.register.incarnation),
        previous_seq: core.head.seq,
        previous_hash: core.head.hash,
        reason: reason.to_owned(),
        // The entry's own time: the check compares them.
        opened: draft.time,
        numbers: Some(Numbers { shop: core.shop.id, register: core.register.code.clone() }),
    };
    let register = Register {
        incarnation: incarnation.id,
        incarnation_code: code.clone(),
        identity: identity.clone(),
        ..core.register.clone()
    };
    // The old life gets no more entries: a jump of the clock is told by the times of the two lives.
    draft.transaction.operations.clear();
    let old = core.register.incarnation.uuid().into();
    draft.transaction.expect_row(Register::TABLE, vec![register.id.uuid().into()], &["incarnation"], vec![old]);
    rows::upsert(&mut draft.transaction, std::slice::from_ref(&register));
    found(&mut draft);
    begin(core, &mut draft, &incarnation, core.drawers)?;
    core.commit(draft)?;
    let previous = std::mem::replace(&mut core.register, register).incarnation_code;
    core.receipts = 0;
    Ok(Event::IncarnationOpened { code, previous, reason: reason.to_owned() })
}

/// The first rows of a life: itself, its counters, its first entry.
pub(crate) fn begin(core: &Core, draft: &mut Draft, incarnation: &Incarnation, drawers: u64) -> EngineResult<()> {
    draft.head = empty_head(incarnation, draft.time);
    rows::insert(&mut draft.transaction, std::slice::from_ref(incarnation));
    let counter = |name: &str, value| Counter { incarnation: incarnation.id, name: name.to_owned(), value };
    let edits = edit_counter(incarnation.id, core.edit_clock);
    rows::insert(&mut draft.transaction, &[counter(RECEIPTS, 0), counter(DRAWERS, drawers), edits]);
    core.append(draft, EntryKind::INCARNATION_OPENED, journal::incarnation_opened(incarnation)?)?;
    Ok(())
}

/// The head before the first entry.
pub(crate) fn empty_head(incarnation: &Incarnation, time: aurapos_domain::calendar::Timestamp) -> Head {
    let totals = PerpetualTotals::default();
    Head { incarnation: incarnation.id, register: incarnation.register, seq: 0, hash: Hash::ZERO, time, totals }
}

fn free_code(core: &Core, env: &mut dyn Env) -> EngineResult<IncarnationCode> {
    let known: Vec<Incarnation> = rows::scan_all(core.store.as_ref(), rows::query::<Incarnation>(), core.currency())?;
    for _ in 0..CODE_DRAWS_MAX {
        let mut random = [0; 4];
        env.random(&mut random);
        let code = IncarnationCode::from_random(random);
        if known.iter().all(|incarnation| incarnation.code != code) {
            return Ok(code);
        }
    }
    Err(Code::Bug.error("No free incarnation code was found."))
}

/// Writes a new identity into the register's row. It is no journal entry: it happens at every start and snapshot and
/// tells nothing about trade.
pub(crate) fn rotate(core: &mut Core, identity: MachineIdentity, env: &mut dyn Env) -> EngineResult<()> {
    let register = Register { identity, ..core.register.clone() };
    let mut transaction =
        aurapos_contract::transaction::Transaction { id: env.new_id(), time: env.now().0, ..Default::default() };
    rows::upsert(&mut transaction, std::slice::from_ref(&register));
    core.write(&transaction)?;
    core.register = register;
    Ok(())
}

/// The identity in the register's row, before the register is opened: lets the runtime finish a rotation that was cut
/// off between the file and the row. `None` when there is no shop yet. The store must have been migrated.
pub fn stored_identity(store: &dyn RecordStore) -> EngineResult<Option<MachineIdentity>> {
    let query = rows::query::<Register>().limit(1);
    let found = rows::scan::<Register>(store, &query, aurapos_domain::money::Currency::EUR)?;
    Ok(found.into_iter().next().map(|register| register.identity))
}
