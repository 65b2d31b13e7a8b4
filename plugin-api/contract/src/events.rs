//! Events: what was committed, told to whoever wants to know. An event sink can never fail a sale.

use crate::value::Timestamp;
use uuid::Uuid;

wire_enum! {
    /// What happened.
    pub enum EventKind or Other {
        /// Something this version has no name for.
        0 => Other,
        /// A sale.
        1 => Sale,
        /// A refund.
        2 => Refund,
        /// A drawer was opened.
        3 => DrawerOpened,
        /// A drawer was closed.
        4 => DrawerClosed,
        /// A backup was made.
        5 => BackupMade,
    }
}

wire_struct! {
    /// A line of a sale.
    pub struct EventLine {
        /// SKU.
        1 => sku: String,
        /// Name.
        2 => name: String,
        /// Thousandths.
        3 => quantity: i64,
        /// Price of one, minor units.
        4 => unit_price_minor: i64,
        /// The line's total after all discounts, minor units.
        5 => total_minor: i64,
        /// VAT rate, basis points.
        6 => vat_rate: i64,
    }
}

wire_struct! {
    /// A tender of a sale.
    pub struct EventTender {
        /// Instance name: `cash`.
        1 => name: String,
        /// Amount that stays in the shop, minor units.
        2 => amount_minor: i64,
    }
}

wire_struct! {
    /// One event: a journal entry, told.
    pub struct HostEvent {
        /// What.
        1 => kind: EventKind,
        /// When.
        2 => time: Timestamp,
        /// Register code.
        3 => register: String,
        /// The register's incarnation.
        4 => incarnation: Uuid,
        /// Number of the entry in that incarnation's journal, counted from 1.
        5 => sequence: u64,
        /// Operator's name.
        6 => operator: String,
        /// Receipt number, for sales.
        7 => receipt_number: String,
        /// Total in minor units, for sales.
        8 => total_minor: i64,
        /// Currency, ISO 4217.
        9 => currency: String,
        /// Lines, for sales.
        10 => lines: Vec<EventLine>,
        /// Tenders, for sales.
        11 => tenders: Vec<EventTender>,
        /// A sentence, for everything else.
        12 => text: String,
    }
}

capability! {
    /// Receives events in order, at least once each: after a crash the host goes on after [`EventSink::position`].
    pub trait EventSink, table EventsTable, client EventsClient, layer EventsLayer, kind 6 {
        /// Takes events. When it returns, they are kept; an error means: none of them, send again.
        1 => fn deliver(&self, ref events: [HostEvent]) -> () [Main, Device, Freely];
        /// The highest sequence of this incarnation that was taken; 0 for none.
        2 => fn position(&self, val incarnation: Uuid) -> u64 [Main, Device, Freely];
    }
}
