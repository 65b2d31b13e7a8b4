//! What event sinks are told.

use aurapos_contract::RecordStore;
use aurapos_contract::events::{EventKind, EventLine, EventTender, HostEvent};
use aurapos_contract::query::FilterKind;
use aurapos_domain::ids::IncarnationId;
use aurapos_domain::journal::{EntryKind, JournalEntry};
use aurapos_domain::money::{Currency, Money};
use aurapos_domain::sale::SaleKind;

use crate::engine::Engine;
use crate::error::EngineResult;
use crate::rows::people::OperatorRow;
use crate::rows::register::Register;
use crate::{journal, rows, view};

/// What happened after an entry, for a sink that missed it: at most `max` entries are looked at. Returns the events and
/// the number of the last entry that was looked at; the same number as `after` means that there is nothing more.
///
/// # Errors
/// The storage's codes, and [`crate::error::Code::RowDamaged`] for an entry that can't be read.
pub fn events_after(
    store: &dyn RecordStore,
    incarnation: IncarnationId,
    after: u64,
    max: u32,
) -> EngineResult<(Vec<HostEvent>, u64)> {
    let shop = crate::queries::shop(store)?;
    let register = crate::queries::register(store)?;
    let entries = rows::query::<JournalEntry>()
        .filter("incarnation", FilterKind::Equal, incarnation.uuid())
        .filter("seq", FilterKind::Greater, i64::try_from(after).unwrap_or(i64::MAX))
        .limit(max);
    let entries = rows::scan::<JournalEntry>(store, &entries, shop.currency)?;
    let last = entries.last().map_or(after, |entry| entry.seq);
    let mut events = Vec::new();
    for entry in &entries {
        if entry.kind == EntryKind::SALE || entry.kind == EntryKind::REFUND {
            events.push(of_sale(&super::stored::of_entry(entry)?));
        } else if entry.kind == EntryKind::DRAWER_OPENED {
            events.push(of_drawer(store, entry, &register, shop.currency)?);
        }
    }
    Ok((events, last))
}

fn of_drawer(
    store: &dyn RecordStore,
    entry: &JournalEntry,
    register: &Register,
    currency: Currency,
) -> EngineResult<HostEvent> {
    let opened = journal::read_drawer_opened(&entry.body)?;
    let by: Option<OperatorRow> = rows::find(store, "id", opened.operator.uuid(), currency)?;
    Ok(HostEvent {
        kind: EventKind::DrawerOpened,
        time: entry.time.0,
        register: register.code.as_str().to_owned(),
        incarnation: entry.incarnation.uuid(),
        sequence: entry.seq,
        operator: by.map(|row| row.operator.name).unwrap_or_default(),
        currency: currency.code().to_owned(),
        text: drawer_opened(opened.number, Money::new(opened.float_minor, currency)),
        ..HostEvent::default()
    })
}

/// The sentence for an opened drawer.
pub(crate) fn drawer_opened(number: u64, float: Money) -> String {
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
    /// Tells the sinks about the entry that was just committed.
    pub(crate) fn tell(&mut self, kind: EventKind, operator: &str, text: String) {
        let head = &self.core.head;
        let event = HostEvent {
            kind,
            time: head.time.0,
            register: self.core.register.code.as_str().to_owned(),
            incarnation: head.incarnation.uuid(),
            sequence: head.seq,
            operator: operator.to_owned(),
            currency: self.core.currency().code().to_owned(),
            text,
            ..HostEvent::default()
        };
        self.send_events(vec![event]);
    }
}
