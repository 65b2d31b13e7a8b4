//! What the register's own store says: its lives, how far they are known to be posted, where the feed goes on.

use super::desk::Desk;
use super::stop::Stop;
use crate::error::Code;
use crate::rows::journal::Head;
use crate::rows::register::{Incarnation, Register};
use crate::rows::sync::{SyncLife, SyncMark};
use crate::rows::{self, equal};
use aurapos_contract::Uuid;
use aurapos_contract::query::Query;
use aurapos_domain::journal::{Hash, JournalEntry};
use aurapos_domain::money::Currency;
use std::collections::{BTreeSet, HashSet, VecDeque};

/// How many of its own transactions a session recognises in the feed: all that a shop of a few million sales brings when it
/// becomes one of several registers. What is not recognised is looked up row by row, and changes nothing.
const OWN_MAX: usize = 100_000;

/// How long the feed may take to tell what this session did: somebody's transaction that is not over keeps it back. Then the heads are
/// looked at anew, and what is missing is brought again.
const PROOF_US: i64 = 10_000_000;

/// The register as its own store has it, and what was learnt of the shared one since.
#[derive(Debug)]
pub(super) struct Here {
    pub(super) register: Register,
    /// Its lives, the oldest first; the last one is the present one.
    pub(super) lives: Vec<Life>,
    pub(super) mark: SyncMark,
    /// What is stored of `mark`.
    pub(super) stored: SyncMark,
    /// When something of it was stored last.
    pub(super) stored_at_us: i64,
    /// Transactions that this session committed to the shared store: their changes need not come back.
    own: HashSet<Uuid>,
    /// The same, the oldest first.
    own_in_turn: VecDeque<Uuid>,
    /// Those of them that did not come back by the feed yet, and since when there are any: a store that is put back by hand with the
    /// epoch that it had loses them without a word.
    unproved: HashSet<Uuid>,
    unproved_since_us: i64,
    /// The feed was read to its end, and its cursor is good.
    pub(super) at_end: bool,
    /// A pass over the edits is over: up to this clock they are in the shared store as soon as the feed was read to its end.
    pub(super) passed: Option<i64>,
}

/// A life of the register.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) id: Uuid,
    /// Its last entry here.
    pub(super) seq: u64,
    /// That entry's hash.
    pub(super) hash: Hash,
    /// What the shared store has: the last entry, its hash, the totals up to it.
    pub(super) there: Option<Head>,
    /// What was remembered.
    pub(super) known: SyncLife,
    /// What of `known` is stored.
    pub(super) stored: SyncLife,
}

impl Life {
    /// The last entry that the shared store has.
    pub(super) fn acked(&self) -> u64 {
        self.there.as_ref().map_or(0, |head| head.seq)
    }
}

/// The last entry of a life that is here.
async fn last_of(desk: &Desk, life: Uuid) -> Result<Option<(u64, Hash)>, Stop> {
    let query = Query { filters: vec![equal("incarnation", life)], descending: true, ..rows::query::<JournalEntry>() };
    let last = desk.own(query.limit(1)).await?;
    let last: Vec<JournalEntry> = rows::read_all(&last, Currency::NONE)?;
    Ok(last.first().map(|entry| (entry.seq, entry.hash)))
}

impl Here {
    pub(super) async fn read(desk: &Desk) -> Result<Here, Stop> {
        let registers: Vec<Register> = desk.all_own(rows::query::<Register>().limit(1)).await?;
        let register = registers.into_iter().next();
        let register = register.ok_or_else(|| Code::NoShop.error("There is no register in this data folder."))?;
        let marks: Vec<SyncMark> = desk.all_own(rows::query::<SyncMark>()).await?;
        let mark = marks.into_iter().next().unwrap_or(SyncMark { edits: i64::MIN, ..SyncMark::default() });
        let own = Query { filters: vec![equal("register", register.id.uuid())], ..rows::query::<Incarnation>() };
        let incarnations: Vec<Incarnation> = desk.all_own(own).await?;
        let heads: Vec<Head> = desk.all_own(rows::query::<Head>()).await?;
        let known: Vec<SyncLife> = desk.all_own(rows::query::<SyncLife>()).await?;
        let mut lives = Vec::new();
        let mut seen = BTreeSet::new();
        let mut next = Some(register.incarnation);
        while let Some(id) = next.filter(|id| seen.insert(*id)) {
            let head = heads.iter().find(|head| head.incarnation == id);
            let head =
                head.ok_or_else(|| Code::RegisterDamaged.error("The head of a life of this register is missing."))?;
            let (seq, hash) = match id == register.incarnation {
                true => (head.seq, head.hash),
                // What came back of an earlier life after a restore is its as well, and may be lost there once more.
                false => last_of(desk, id.uuid()).await?.unwrap_or((head.seq, head.hash)),
            };
            let none = SyncLife { incarnation: id.uuid(), acked: 0, acked_at: None, forked: None };
            let stored = known.iter().find(|life| life.incarnation == id.uuid()).cloned().unwrap_or(none);
            // What this program learnt is newer than what it wrote down.
            let learnt = desk.papers().lives.get(&id.uuid()).cloned();
            let known = learnt.unwrap_or_else(|| stored.clone());
            let known = SyncLife { forked: known.forked.or(stored.forked), ..known };
            lives.push(Life { id: id.uuid(), seq, hash, there: None, stored, known });
            next = incarnations.iter().find(|one| one.id == id).and_then(|one| one.previous);
        }
        lives.reverse();
        let stored_at_us = desk.moment().at_us;
        Ok(Here {
            register,
            lives,
            stored: mark.clone(),
            mark,
            stored_at_us,
            own: HashSet::new(),
            own_in_turn: VecDeque::new(),
            unproved: HashSet::new(),
            unproved_since_us: stored_at_us,
            at_end: false,
            passed: None,
        })
    }

    /// The present life. There is always one.
    pub(super) fn present(&self) -> &Life {
        self.lives.last().expect("a register has a life: `read` gives none without")
    }

    pub(super) fn is_present(&self, life: Uuid) -> bool {
        self.register.incarnation.uuid() == life
    }

    pub(super) fn life_mut(&mut self, id: Uuid) -> Option<&mut Life> {
        self.lives.iter_mut().find(|life| life.id == id)
    }

    /// Remembers a transaction as this session's own.
    pub(super) fn did(&mut self, transaction: Uuid, now_us: i64) {
        if self.unproved.is_empty() {
            self.unproved_since_us = now_us;
        }
        self.unproved.insert(transaction);
        self.at_end = false;
        if self.own_in_turn.len() == OWN_MAX
            && let Some(oldest) = self.own_in_turn.pop_front()
        {
            self.own.remove(&oldest);
        }
        if self.own.insert(transaction) {
            self.own_in_turn.push_back(transaction);
        }
    }

    /// The feed told a transaction: it is in the history that the cursor belongs to.
    pub(super) fn proved(&mut self, transaction: Uuid, now_us: i64) {
        if self.unproved.remove(&transaction) {
            self.unproved_since_us = now_us;
        }
    }

    /// Whether everything that this session did is in the history that the cursor belongs to.
    pub(super) fn is_proved(&self) -> bool {
        self.at_end && self.unproved.is_empty()
    }

    /// Until when the feed has to tell what this session did; `None`: it told all of it.
    pub(super) fn proof_due_us(&self) -> Option<i64> {
        (!self.unproved.is_empty()).then_some(self.unproved_since_us + PROOF_US)
    }

    pub(super) fn did_itself(&self, transaction: Uuid) -> bool {
        self.own.contains(&transaction)
    }

    /// How the present life ends now, and what is still to be posted of all of them.
    pub(super) async fn count(&mut self, desk: &Desk) -> Result<(), Stop> {
        let present = self.register.incarnation.uuid();
        let query = Query { filters: vec![equal("incarnation", present)], ..rows::query::<Head>() };
        let head: Vec<Head> = desk.all_own(query).await?;
        if let (Some(head), Some(life)) = (head.into_iter().next(), self.lives.last_mut()) {
            (life.seq, life.hash) = (head.seq, head.hash);
        }
        self.tell(desk);
        Ok(())
    }

    /// Puts it into the status.
    pub(super) fn tell(&self, desk: &Desk) {
        desk.papers().lives = self.lives.iter().map(|life| (life.id, life.known.clone())).collect();
        let open = |life: &&Life| life.known.forked.is_none();
        let unsent = self.lives.iter().filter(open).map(|life| life.seq.saturating_sub(life.known.acked)).sum();
        let lost = |life: &Life| life.known.forked.map_or(0, |from| (life.seq + 1).saturating_sub(from));
        let contact = self.mark.contact;
        let quarantined = self.lives.iter().map(lost).sum();
        let acked_at = self.lives.iter().filter_map(|life| life.known.acked_at).max();
        desk.status(|status| {
            (status.unsent, status.quarantined) = (unsent, quarantined);
            (status.acked_at, status.contact) = (acked_at, contact);
        });
    }
}
