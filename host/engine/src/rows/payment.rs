//! Payments that left the register, and receipts to print.

use super::{Fields, Record, time};
use crate::error::EngineResult;
use aurapos_contract::payment::PaymentKind;
use aurapos_contract::{RecordStore, Uuid, Value};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{PaymentIntentId, SaleId, TicketId};
use aurapos_domain::money::{Currency, Money};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntentState {
    /// Stored; the plugin was or is about to be called.
    Sent,
    /// No answer, or one that tells nothing: ask before anything else.
    Unknown,
    /// Paid.
    Approved,
    /// Refused; no money moved.
    Declined,
    /// Stopped; no money moved.
    Aborted,
    /// Taken back, because its sale did not come about.
    Reversed,
    /// Paid without a sale and not taken back: a person has to look.
    Manual,
}

impl IntentState {
    const ALL: [IntentState; 7] = [
        IntentState::Sent,
        IntentState::Unknown,
        IntentState::Approved,
        IntentState::Declined,
        IntentState::Aborted,
        IntentState::Reversed,
        IntentState::Manual,
    ];

    /// The stable name in stores.
    pub const fn code(self) -> &'static str {
        match self {
            IntentState::Sent => "sent",
            IntentState::Unknown => "unknown",
            IntentState::Approved => "approved",
            IntentState::Declined => "declined",
            IntentState::Aborted => "aborted",
            IntentState::Reversed => "reversed",
            IntentState::Manual => "manual",
        }
    }

    /// The state of a stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A payment that leaves the register, stored before the plugin is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// Its id.
    pub id: PaymentIntentId,
    /// The ticket it pays.
    pub ticket: TicketId,
    /// Instance of the configuration.
    pub instance: String,
    /// Which way the money goes.
    pub kind: PaymentKind,
    /// Where it stands.
    pub state: IntentState,
    /// What is to be paid, never below zero.
    pub amount: Money,
    /// What was handed over.
    pub tendered: Money,
    /// What was paid.
    pub approved: Money,
    /// The protocol's own reference; empty for none.
    pub reference: String,
    /// The reference of the payment that is undone; empty for none.
    pub original_reference: String,
    /// When it was made.
    pub created: Timestamp,
    /// When its state changed.
    pub updated: Timestamp,
    /// The sale it paid.
    pub sale: Option<SaleId>,
}

impl Record for IntentRow {
    const TABLE: &'static str = "payment_intent";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "ticket",
        "instance",
        "kind",
        "state",
        "amount",
        "tendered",
        "approved",
        "reference",
        "original_reference",
        "created",
        "updated",
        "sale",
    ];

    fn write(&self) -> Vec<Value> {
        vec![
            self.id.uuid().into(),
            self.ticket.uuid().into(),
            self.instance.as_str().into(),
            match self.kind {
                PaymentKind::Refund => "refund",
                _ => "sale",
            }
            .into(),
            self.state.code().into(),
            self.amount.minor.into(),
            self.tendered.minor.into(),
            self.approved.minor.into(),
            self.reference.as_str().into(),
            self.original_reference.as_str().into(),
            time(self.created),
            time(self.updated),
            self.sale.map(SaleId::uuid).into(),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(IntentRow {
            id: fields.id()?,
            ticket: fields.id()?,
            instance: fields.text()?,
            kind: fields.coded(|code| match code {
                "sale" => Some(PaymentKind::Sale),
                "refund" => Some(PaymentKind::Refund),
                _ => None,
            })?,
            state: fields.coded(IntentState::from_code)?,
            amount: fields.money()?,
            tendered: fields.money()?,
            approved: fields.money()?,
            reference: fields.text()?,
            original_reference: fields.text()?,
            created: fields.time()?,
            updated: fields.time()?,
            sale: fields.maybe(Fields::id)?,
        })
    }
}

/// A receipt to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintJobRow {
    /// Its id.
    pub id: Uuid,
    /// Of which sale.
    pub sale: SaleId,
    /// Printer instance.
    pub printer: String,
    /// Receipt number.
    pub title: String,
    /// `waiting` or `failed`; a printed job has no row (programs before left them as `printed`).
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What the printer said last; empty for nothing.
    pub error: String,
    /// When it was made.
    pub created: Timestamp,
}

impl Record for PrintJobRow {
    const TABLE: &'static str = "print_job";
    const COLUMNS: &'static [&'static str] =
        &["id", "sale", "printer", "title", "state", "attempts", "error", "created"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.id.into(),
            self.sale.uuid().into(),
            self.printer.as_str().into(),
            self.title.as_str().into(),
            self.state.as_str().into(),
            i64::from(self.attempts).into(),
            self.error.as_str().into(),
            time(self.created),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(PrintJobRow {
            id: fields.id()?,
            sale: fields.id()?,
            printer: fields.text()?,
            title: fields.text()?,
            state: fields.text()?,
            attempts: fields.number()?,
            error: fields.text()?,
            created: fields.time()?,
        })
    }
}

/// Payments of an earlier life that have no outcome, or an outcome but no sale.
pub fn open_intents(store: &dyn RecordStore, currency: Currency) -> EngineResult<Vec<IntentRow>> {
    let open = [IntentState::Sent, IntentState::Unknown, IntentState::Approved].map(|state| state.code().into());
    let mut query = super::query::<IntentRow>().filter_in("state", open.to_vec());
    query.filters.push(super::equal("sale", Value::Null));
    super::scan_all::<IntentRow>(store, query, currency)
}
