//! The register's state as the store has it, and the one way to write: a [`Draft`] that ends in one commit.
//!
//! Every write appends at least one journal entry and moves the head, under the expectation that the head is still the
//! one this register knows. So a second writer, a repeated commit or a copied database cannot fork the journal unnoticed.

use std::collections::BTreeMap;
use std::sync::Arc;

use aurapos_contract::error::ErrorCode;
use aurapos_contract::query::FilterKind;
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{PluginError, RecordStore, Uuid, Value};
use aurapos_domain::calendar::{DAY_US, Date, SECOND_US, Timestamp};
use aurapos_domain::drawer::{DrawerSession, DrawerState};
use aurapos_domain::ids::IncarnationId;
use aurapos_domain::journal::{EntryKind, Hash, JournalEntry};
use aurapos_domain::money::Currency;
use aurapos_domain::tax::TaxTable;
use aurapos_domain::tender::{RoundingRule, RoundingScope};
use chrono_tz::Tz;

use crate::edits::{self, Stamp};
use crate::env::Env;
use crate::error::{Code, EngineError, EngineResult};
use crate::event::Event;
use crate::journal;
use crate::known::KnownProducts;
use crate::rows::drawer::{DrawerRow, DrawerTotal};
use crate::rows::journal::Head;
use crate::rows::register::{Counter, DRAWERS, EDITS, RECEIPTS, Register, Setting};
use crate::rows::shop::Shop;
use crate::rows::{self, count};

/// How far the clock may run back against the last journal entry before it counts as a jump: what NTP corrects.
pub const CLOCK_BACK_US_MAX: i64 = 60 * SECOND_US;
/// How far ahead it may be: a shop closes for holidays, not for longer than this.
pub const CLOCK_AHEAD_US_MAX: i64 = 45 * DAY_US;

/// The state. Read from the store at start and after every surprise, then kept in step with each commit.
#[derive(Debug)]
pub struct Core {
    pub(crate) store: Arc<dyn RecordStore>,
    pub(crate) shop: Shop,
    pub(crate) zone: Tz,
    pub(crate) register: Register,
    pub(crate) head: Head,
    /// The last receipt number given.
    pub(crate) receipts: u64,
    /// The last number of a drawer session given.
    pub(crate) drawers: u64,
    /// The latest clock of an edit that this register made or saw.
    pub(crate) edit_clock: i64,
    pub(crate) drawer: Option<DrawerSession>,
    pub(crate) taxes: TaxTable,
    /// Settings that were changed from their defaults.
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) doubt: Option<Doubt>,
    /// Products that were sold lately.
    pub(crate) known: KnownProducts,
    /// PINs that were right in this run.
    pub(crate) pins: crate::people::PinCache,
    /// Events that arose below a command; the engine sends them after it.
    pub(crate) notices: Vec<Event>,
}

/// A commit of which nobody knows whether it happened.
#[derive(Debug)]
pub struct Doubt {
    /// Its transaction.
    pub(crate) transaction: Uuid,
    /// The sale it would have stored.
    pub(crate) sale: Option<Box<crate::view::Sale>>,
    /// The print job it would have stored.
    pub(crate) print: Option<Box<crate::effect::PrintRequest>>,
    /// What the storage said.
    pub(crate) error: PluginError,
}

/// A transaction being written, with its journal entries.
#[derive(Debug)]
pub struct Draft {
    /// Rows and further expectations.
    pub(crate) transaction: Transaction,
    /// The head after the entries so far.
    pub(crate) head: Head,
    /// One time for everything in it.
    pub(crate) time: Timestamp,
}

impl Core {
    /// Reads the state of a migrated store.
    pub(crate) fn load(store: Arc<dyn RecordStore>) -> EngineResult<Core> {
        // The shop's own row needs no currency to be read: it names it.
        let shops = rows::scan::<Shop>(store.as_ref(), &rows::query::<Shop>().limit(2), Currency::EUR)?;
        let shop = only(shops, "shop")?.ok_or_else(|| Code::NoShop.error("There is no shop in this data folder."))?;
        let currency = shop.currency;
        let registers = rows::scan::<Register>(store.as_ref(), &rows::query::<Register>().limit(2), currency)?;
        let register = only(registers, "register")?
            .ok_or_else(|| Code::RegisterDamaged.error("The store has a shop but no register."))?;
        let head = rows::find::<Head>(store.as_ref(), "incarnation", register.incarnation.uuid(), currency)?
            .ok_or_else(|| Code::RegisterDamaged.error("The head of the journal is missing."))?;
        let counters = rows::query::<Counter>().filter("incarnation", FilterKind::Equal, register.incarnation.uuid());
        let counters = rows::scan_all::<Counter>(store.as_ref(), counters, currency)?;
        let value = |name: &str| counters.iter().find(|counter| counter.name == name).map(|counter| counter.value);
        let counter = |name: &str| {
            value(name).ok_or_else(|| Code::RegisterDamaged.error(format!("The counter \"{name}\" is missing.")))
        };
        let taxes = rows::catalog::tax_table(store.as_ref(), currency)?;
        let zone = crate::local_time::zone(&shop.timezone)?;
        Ok(Core {
            zone,
            receipts: counter(RECEIPTS)?,
            drawers: counter(DRAWERS)?,
            // A shop of before the stamps has none: whatever the clock says is later than its rows.
            edit_clock: value(EDITS).and_then(|clock| i64::try_from(clock).ok()).unwrap_or_default(),
            drawer: load_drawer(store.as_ref(), currency)?,
            taxes,
            settings: load_settings(store.as_ref(), currency)?,
            head,
            register,
            shop,
            store,
            doubt: None,
            known: KnownProducts::default(),
            pins: crate::people::PinCache::default(),
            notices: Vec::new(),
        })
    }

    /// The state of a register that is being set up: its head is before the first entry.
    pub(crate) fn new(
        store: Arc<dyn RecordStore>,
        shop: Shop,
        register: Register,
        head: Head,
        taxes: TaxTable,
    ) -> EngineResult<Core> {
        Ok(Core {
            zone: crate::local_time::zone(&shop.timezone)?,
            receipts: 0,
            drawers: 0,
            edit_clock: 0,
            drawer: None,
            taxes,
            settings: BTreeMap::new(),
            head,
            register,
            shop,
            store,
            doubt: None,
            known: KnownProducts::default(),
            pins: crate::people::PinCache::default(),
            notices: Vec::new(),
        })
    }

    /// Reads the state again: after a conflict, a resolved doubt, or when a command changed rates or settings.
    pub(crate) fn reload(&mut self) -> EngineResult<()> {
        let fresh = Core::load(Arc::clone(&self.store))?;
        let notices = std::mem::take(&mut self.notices);
        let pins = std::mem::take(&mut self.pins);
        let edit_clock = self.edit_clock.max(fresh.edit_clock);
        *self = Core { notices, pins, edit_clock, ..fresh };
        Ok(())
    }

    /// The shop's currency.
    pub(crate) fn currency(&self) -> Currency {
        self.shop.currency
    }

    /// How this shop rounds, for a consumer or a business customer.
    pub(crate) fn rounding(&self, business: bool) -> RoundingRule {
        let mut rule = self.shop.country.rounding;
        if rule.scope == RoundingScope::CashPart && crate::settings::rounds_all_tenders(&self.shop, &self.settings) {
            rule.scope = RoundingScope::AllTenders;
        }
        if business { rule.for_business_customer() } else { rule }
    }

    /// The shop's day at a time.
    pub(crate) fn business_day(&self, time: Timestamp) -> Date {
        let begins = crate::settings::day_begins(&self.shop, &self.settings);
        crate::local_time::business_day(self.zone, begins, time)
    }

    /// Starts a transaction. When the clock jumped since the last entry, its first entry says so.
    pub(crate) fn draft(&mut self, env: &mut dyn Env) -> EngineResult<Draft> {
        let time = env.now();
        let transaction = Transaction { id: env.new_id(), time: time.0, ..Transaction::default() };
        let mut draft = Draft { transaction, head: self.head.clone(), time };
        let last = self.head.time;
        let ahead_us = time.0.saturating_sub(last.0);
        if self.head.seq > 0 && !(-CLOCK_BACK_US_MAX..=CLOCK_AHEAD_US_MAX).contains(&ahead_us) {
            self.append(&mut draft, EntryKind::CLOCK_JUMPED, journal::clock_jumped(last, time)?)?;
            self.notices.push(Event::ClockJumped { last, now: time });
        }
        Ok(draft)
    }

    /// Adds a journal entry; returns its number and hash.
    pub(crate) fn append(&self, draft: &mut Draft, kind: EntryKind, body: Vec<u8>) -> EngineResult<(u64, Hash)> {
        let before = (draft.head.seq > 0).then_some((draft.head.seq, draft.head.hash));
        let entry = JournalEntry::next(draft.head.register, draft.head.incarnation, before, kind, draft.time, body)
            .map_err(|error| Code::BadRequest.error(format!("{error}.")))?;
        rows::insert(&mut draft.transaction, std::slice::from_ref(&entry));
        draft.head.seq = entry.seq;
        draft.head.hash = entry.hash;
        draft.head.time = entry.time;
        Ok((entry.seq, entry.hash))
    }

    /// Writes the draft: all or nothing. On [`Code::InDoubt`] nobody knows; [`Core::doubt`] is set then and everything
    /// that writes is refused until [`Core::resolve`] knows more.
    pub(crate) fn commit(&mut self, mut draft: Draft) -> EngineResult<()> {
        let known = &self.head;
        let key = vec![draft.head.incarnation.uuid().into()];
        if known.incarnation != draft.head.incarnation || known.seq == 0 {
            draft.transaction.expect_absent("journal_head", key);
        } else {
            let values = vec![count(known.seq), Value::Bytes(known.hash.0.to_vec())];
            draft.transaction.expect_row("journal_head", key, &["seq", "hash"], values);
        }
        rows::upsert(&mut draft.transaction, std::slice::from_ref(&draft.head));
        if edits::write::edits(&draft.transaction) {
            self.stamp(&mut draft)?;
        }
        self.write(&draft.transaction)?;
        self.head = draft.head;
        Ok(())
    }

    /// Writes the first draft of a register that joins a shop: what it edits came with its stamps and keeps them.
    pub(crate) fn begin_with(mut self, mut draft: Draft) -> EngineResult<()> {
        draft.transaction.expect_absent("journal_head", vec![draft.head.incarnation.uuid().into()]);
        rows::upsert(&mut draft.transaction, std::slice::from_ref(&draft.head));
        self.write(&draft.transaction)
    }

    /// Stamps what the draft edits, later than every edit that this register made or saw.
    fn stamp(&mut self, draft: &mut Draft) -> EngineResult<()> {
        // A wall clock from beyond all reason counts as none: nobody would take the edit.
        let wall = Some(draft.time.0).filter(|now| *now < edits::CLOCK_MAX).unwrap_or_default();
        let clock = wall.max(self.edit_clock.saturating_add(1));
        let stamp = Stamp { clock, register: draft.head.register.uuid() };
        edits::write::stamp(self.store.as_ref(), &mut draft.transaction, stamp)?;
        let counter = edit_counter(draft.head.incarnation, clock);
        rows::upsert(&mut draft.transaction, &[counter]);
        // Also when the commit fails: a clock that ran ahead harms nobody, one that is used twice might.
        self.edit_clock = clock;
        Ok(())
    }

    /// Writes a transaction as it is: what is no journal entry, such as the register's token. Refused while a commit is
    /// in doubt, also for what answers of plugins bring: a second doubt would hide the first, and its sale with it.
    pub(crate) fn write(&mut self, transaction: &Transaction) -> EngineResult<()> {
        self.need_no_doubt()?;
        self.known.heed(transaction);
        match self.store.commit(transaction) {
            Ok(_) => Ok(()),
            Err(error) if error.code == ErrorCode::Conflict => {
                self.reload()?;
                Err(error.into())
            }
            Err(error) if is_surely_not_stored(error.code) => Err(error.into()),
            Err(error) => self.ask(transaction.id, error),
        }
    }

    /// Asks once what became of a commit. `Ok`: it happened.
    fn ask(&mut self, transaction: Uuid, error: PluginError) -> EngineResult<()> {
        match self.store.outcome(transaction) {
            Ok(outcome) if outcome.committed.is_some() => Ok(()),
            Ok(_) => {
                Err(Code::StorageFailed.because(format!("The storage failed, nothing was stored: {error}."), error))
            }
            Err(_) => {
                let told = in_doubt(&error);
                self.doubt = Some(Doubt { transaction, sale: None, print: None, error });
                Err(told)
            }
        }
    }

    /// Refuses while a commit is in doubt.
    pub(crate) fn need_no_doubt(&self) -> EngineResult<()> {
        self.doubt.as_ref().map_or(Ok(()), |doubt| Err(in_doubt(&doubt.error)))
    }

    /// Asks again what became of the commit in doubt. `Some(true)`: it happened; the state was read again.
    pub(crate) fn resolve(&mut self) -> EngineResult<Option<(bool, Doubt)>> {
        let Some(doubt) = self.doubt.take() else { return Ok(None) };
        let outcome = self.store.outcome(doubt.transaction).map_err(EngineError::from).and_then(|outcome| {
            let committed = outcome.committed.is_some();
            // The state is read again either way, before anything is written on top of it.
            self.reload().map(|()| committed)
        });
        match outcome {
            Ok(committed) => Ok(Some((committed, doubt))),
            Err(_) => {
                let told = in_doubt(&doubt.error);
                self.doubt = Some(doubt);
                Err(told)
            }
        }
    }
}

/// The counter's row of the latest edit.
pub(crate) fn edit_counter(incarnation: IncarnationId, clock: i64) -> Counter {
    Counter { incarnation, name: EDITS.to_owned(), value: clock.unsigned_abs() }
}

fn in_doubt(error: &PluginError) -> EngineError {
    Code::InDoubt.because(format!("The storage has not said whether the last entry is stored: {error}."), error.clone())
}

/// Errors that promise that nothing was written; after any other the store is asked.
fn is_surely_not_stored(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Conflict
            | ErrorCode::IdReused
            | ErrorCode::BadValue
            | ErrorCode::UnknownTable
            | ErrorCode::UnknownColumn
            | ErrorCode::AppendOnly
            | ErrorCode::TooLarge
            | ErrorCode::ReadOnly
            | ErrorCode::DiskFull
            | ErrorCode::Busy
            | ErrorCode::SchemaNewer
    )
}

fn only<T>(mut found: Vec<T>, what: &str) -> EngineResult<Option<T>> {
    if found.len() > 1 {
        return Err(Code::RegisterDamaged.error(format!("The store has more than one {what}.")));
    }
    Ok(found.pop())
}

fn load_drawer(store: &dyn RecordStore, currency: Currency) -> EngineResult<Option<DrawerSession>> {
    let present = [DrawerState::Opening, DrawerState::Open, DrawerState::Counting].map(|state| state.code().into());
    let query = rows::query::<DrawerRow>().filter_in("state", present.to_vec()).limit(2);
    let Some(row) = only(rows::scan::<DrawerRow>(store, &query, currency)?, "open drawer")? else { return Ok(None) };
    let mut session = row.session;
    let totals = rows::query::<DrawerTotal>().filter("drawer", FilterKind::Equal, session.id.uuid());
    for total in rows::scan_all::<DrawerTotal>(store, totals, currency)? {
        session.tenders.insert(total.kind, total.amount);
    }
    Ok(Some(session))
}

fn load_settings(store: &dyn RecordStore, currency: Currency) -> EngineResult<BTreeMap<String, String>> {
    let settings = rows::scan_all::<Setting>(store, rows::query::<Setting>(), currency)?;
    Ok(settings.into_iter().map(|setting| (setting.name, setting.value)).collect())
}
