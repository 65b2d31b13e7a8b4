//! What event sinks are told: always made of the journal's own entry, whether it was committed just now or long ago, so that
//! a sink that catches up hears the same, word for word.

use aurapos_contract::events::{EventKind, EventLine, EventTender, HostEvent};
use aurapos_contract::query::FilterKind;
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::ids::IncarnationId;
use aurapos_domain::journal::{EntryKind, JournalEntry};
use aurapos_domain::money::{Currency, Money};
use aurapos_domain::sale::SaleKind;

use crate::command::BackupDeed;
use crate::engine::Engine;
use crate::error::{Code, EngineResult};
use crate::rows::people;
use crate::rows::register::{Incarnation, Register};
use crate::{journal, rows, view};

/// The kinds of entries that sinks are told. A kind that is added here reaches every sink, also of entries before.
const TOLD: [EntryKind; 4] = [EntryKind::SALE, EntryKind::REFUND, EntryKind::DRAWER_OPENED, EntryKind::BACKUP_MADE];

/// The lives of this register, the first one first: a sink that missed something may have missed it before a restore.
///
/// # Errors
/// The storage's codes.
pub fn lives(store: &dyn RecordStore) -> EngineResult<Vec<IncarnationId>> {
    let (shop, register) = (crate::queries::shop(store)?, crate::queries::register(store)?);
    let mut known: Vec<Incarnation> = rows::scan_all(store, rows::query::<Incarnation>(), shop.currency)?;
    let mut lives = Vec::new();
    let mut life = Some(register.incarnation);
    // By who came from whom, not by their times: clocks jump. Each is taken once, so that damaged rows make no circle.
    while let Some(at) = life.and_then(|life| known.iter().position(|one| one.id == life)) {
        let one = known.swap_remove(at);
        lives.push(one.id);
        life = one.previous;
    }
    lives.reverse();
    Ok(lives)
}

/// What happened after an entry of one life, for a sink that missed it: at most `max` entries are looked at. Returns the
/// events and the number of the last entry that was looked at; the same number as `after` means that there is nothing more.
/// What can't be read is left out: `journal verify` tells of it, and the sink still gets everything else.
///
/// # Errors
/// The storage's codes.
pub fn events_after(
    store: &dyn RecordStore,
    incarnation: IncarnationId,
    after: u64,
    max: u32,
) -> EngineResult<(Vec<HostEvent>, u64)> {
    let (shop, register) = (crate::queries::shop(store)?, crate::queries::register(store)?);
    let mut query = rows::query::<JournalEntry>()
        .filter("incarnation", FilterKind::Equal, incarnation.uuid())
        .filter("seq", FilterKind::Greater, i64::try_from(after).unwrap_or(i64::MAX))
        .filter_in("kind", TOLD.map(|kind| Value::Int(i64::from(kind.0))).to_vec())
        .limit(max);
    let entries: Vec<JournalEntry> = loop {
        let batch = store.scan(&query)?;
        // A store may answer nothing yet, with more to come.
        if !batch.is_empty() || batch.next().is_empty() {
            break rows::read_all(&batch, shop.currency)?;
        }
        query.after = batch.next().to_vec();
    };
    let last = entries.last().map_or(after, |entry| entry.seq);
    let mut events = Vec::new();
    for entry in &entries {
        match of_entry(store, entry, &register, shop.currency) {
            Ok(event) => events.push(event),
            Err(error) if error.is(Code::RowDamaged) => {}
            Err(error) => return Err(error),
        }
    }
    Ok((events, last))
}

fn of_entry(
    store: &dyn RecordStore,
    entry: &JournalEntry,
    register: &Register,
    currency: Currency,
) -> EngineResult<HostEvent> {
    let (kind, operator, text) = match entry.kind {
        EntryKind::DRAWER_OPENED => {
            let opened = journal::read_drawer_opened(&entry.body)?;
            let by = people::operator(store, opened.operator)?;
            let text = drawer_opened(opened.number, Money::new(opened.float_minor, currency));
            (EventKind::DrawerOpened, by.map(|row| row.operator.name).unwrap_or_default(), text)
        }
        EntryKind::BACKUP_MADE => {
            let made = journal::read_backup(BackupDeed::Made, entry.time, &entry.body)?;
            (EventKind::BackupMade, String::new(), made.name)
        }
        _ => return Ok(of_sale(&super::stored::of_entry(entry)?)),
    };
    Ok(HostEvent {
        kind,
        time: entry.time.0,
        register: register.code.as_str().to_owned(),
        incarnation: entry.incarnation.uuid(),
        sequence: entry.seq,
        operator,
        currency: currency.code().to_owned(),
        text,
        ..HostEvent::default()
    })
}

/// The sentence for an opened drawer.
fn drawer_opened(number: u64, float: Money) -> String {
    format!("Drawer session {number} opened with {float}.")
}

/// A committed sale as an event.
pub fn of_sale(sale: &view::Sale) -> HostEvent {
    let header = &sale.sale.header;
    let lines = sale.sale.lines.iter().map(|line| EventLine {
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity.thousandths(),
        unit_price_minor: line.unit_price.minor,
        total_minor: line.net.minor,
        vat_rate: line.rate_bp,
    });
    let tenders = sale
        .sale
        .tenders
        .iter()
        .map(|tender| EventTender { name: tender.provider.clone(), amount_minor: tender.applied.minor });
    HostEvent {
        kind: match header.kind {
            SaleKind::Sale => EventKind::Sale,
            SaleKind::Refund => EventKind::Refund,
        },
        time: header.time.0,
        register: header.number.register.as_str().to_owned(),
        incarnation: header.incarnation.uuid(),
        sequence: sale.seq,
        operator: header.operator_name.clone(),
        receipt_number: header.number.to_string(),
        total_minor: sale.sale.total.minor,
        currency: sale.sale.currency.code().to_owned(),
        lines: lines.collect(),
        tenders: tenders.collect(),
        text: String::new(),
    }
}

impl Engine {
    /// Tells the sinks about the entry that was just committed. When it can't be read now, they get it when they catch up.
    pub(crate) fn tell_last_entry(&mut self) {
        if !self.devices.event_sinks {
            return;
        }
        let (incarnation, before) = (self.core.head.incarnation, self.core.head.seq.saturating_sub(1));
        match events_after(self.core.store.as_ref(), incarnation, before, 1) {
            Ok((events, _)) => self.send_events(events),
            Err(_) => self.events_missed = true,
        }
    }
}
