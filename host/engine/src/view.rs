//! What screens and programs are shown: plain data, no behaviour. Amounts are the domain's `Money`.

use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_domain::catalog::Unit;
use aurapos_domain::drawer::{DrawerSession, DrawerState};
use aurapos_domain::ids::{DrawerSessionId, OperatorId, ProductId, ReceiptNumber, SaleId, TicketId};
use aurapos_domain::journal::Hash;
use aurapos_domain::money::{Money, Quantity};
use aurapos_domain::people::PermissionSet;
use aurapos_domain::pricing::Discount;
use aurapos_domain::sale::CommittedSale;
use aurapos_domain::tax::VatRow;
use aurapos_domain::tender::TenderKind;

/// A committed sale. The printable facts are `domain::receipt::ReceiptFacts::new(&sale.sale, &shop, &sale.hash, copy)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The sale as the journal has it.
    pub sale: CommittedSale,
    /// Its journal entry.
    pub seq: u64,
    /// That entry's hash.
    pub hash: Hash,
    /// It had been committed before under the same id: this is the first result.
    pub repeated: bool,
}

impl Sale {
    /// The sale's id.
    pub fn id(&self) -> SaleId {
        self.sale.header.id
    }

    /// The receipt number.
    pub fn receipt_no(&self) -> &ReceiptNumber {
        &self.sale.header.number
    }
}

/// Somebody who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Id.
    pub id: OperatorId,
    /// Name.
    pub name: String,
    /// Code of the role.
    pub role: String,
    /// What the shop calls the role; empty for a built-in one that keeps its name.
    pub role_name: String,
    /// What they may do.
    pub permissions: PermissionSet,
}

impl From<&aurapos_domain::people::Operator> for Operator {
    fn from(operator: &aurapos_domain::people::Operator) -> Self {
        Operator {
            id: operator.id,
            name: operator.name.clone(),
            role: operator.role.code.clone(),
            role_name: operator.role.name.clone(),
            permissions: if operator.active { operator.role.permissions } else { PermissionSet::NONE },
        }
    }
}

/// A ticket being built.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Id.
    pub id: TicketId,
    /// Lines in order.
    pub lines: Vec<TicketLine>,
    /// Sum of the lines after their own discounts.
    pub subtotal: Money,
    /// The ticket's discount as agreed.
    pub discount: Option<Discount>,
    /// What it takes off.
    pub ticket_discount: Money,
    /// VAT, highest rate first.
    pub vat: Vec<VatRow>,
    /// What is owed before rounding.
    pub total: Money,
    /// Payments so far.
    pub tenders: Vec<TicketTender>,
    /// What is still due in cash, rounded.
    pub due_cash: Money,
    /// What is still due by card and the like.
    pub due_other: Money,
    /// What is still due by voucher.
    pub due_voucher: Money,
    /// Nothing is due: it can be committed.
    pub settled: bool,
    /// A payment whose outcome nobody knows holds the ticket.
    pub payment_unknown: bool,
    /// The payment that goes on was asked to stop, and has not answered yet.
    pub cancelling: bool,
    /// Note on the ticket.
    pub note: String,
    /// How many pieces, a weighed line counted as one.
    pub item_count: u64,
    /// Lines that were taken away and can be put back, the last one first.
    pub removed: Vec<RemovedLine>,
}

/// A line that was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedLine {
    /// Its number, for [`crate::Command::RestoreLine`].
    pub number: u32,
    /// Name.
    pub name: String,
}

/// A line of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketLine {
    /// Number, for commands.
    pub number: u32,
    /// Product.
    pub product: ProductId,
    /// SKU.
    pub sku: String,
    /// Name.
    pub name: String,
    /// How much.
    pub quantity: Quantity,
    /// Piece or kilogram.
    pub unit: Unit,
    /// Price asked.
    pub unit_price: Money,
    /// Price in the catalog.
    pub list_price: Money,
    /// Before discounts.
    pub gross: Money,
    /// The line's own discount.
    pub discount: Money,
    /// The line's own discount as agreed.
    pub agreed_discount: Option<Discount>,
    /// After all discounts.
    pub net: Money,
    /// VAT rate, basis points.
    pub rate_bp: i64,
    /// Note.
    pub note: String,
    /// Sold by weight: the quantity is kilograms.
    pub weighed: bool,
    /// A label or the sale it comes back from fixes its amount: quantity and price can't be changed.
    pub fixed: bool,
}

/// A payment on a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketTender {
    /// Instance.
    pub instance: String,
    /// The way.
    pub kind: TenderKind,
    /// For cash what was handed over; otherwise what was paid.
    pub amount: Money,
}

/// How the drawer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawer {
    /// The session; `None`: the drawer is closed.
    pub session: Option<DrawerView>,
}

/// A drawer session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawerView {
    /// Id.
    pub id: DrawerSessionId,
    /// Number of its Z report.
    pub number: u64,
    /// State.
    pub state: DrawerState,
    /// Who opened it.
    pub opened_by: OperatorId,
    /// When.
    pub opened_at: Timestamp,
    /// The shop's day on which it was opened. Each sale counts for the day on which it is made.
    pub business_day: Date,
    /// The shop's day now.
    pub today: Date,
    /// Cash at the start.
    pub float: Money,
    /// Cash put in.
    pub loans: Money,
    /// Cash taken out.
    pub pickups: Money,
    /// What came in; `None` for whoever may not see it, and counts blindly.
    pub takings: Option<Takings>,
}

/// What a drawer session took in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takings {
    /// What each way of paying came to.
    pub tenders: Vec<(TenderKind, Money)>,
    /// The cash that should be in the drawer.
    pub expected_cash: Money,
}

impl DrawerView {
    /// It was left open when the day changed: it should be counted and closed.
    pub fn is_of_earlier_day(&self) -> bool {
        self.business_day < self.today
    }
}

impl Drawer {
    /// The view of a session, with what came in or without. Sums that don't fit are shown as the float: the session itself
    /// refused them before.
    pub(crate) fn of(session: Option<&DrawerSession>, today: Date, with_takings: bool) -> Drawer {
        let session = session.map(|session| DrawerView {
            id: session.id,
            number: session.number,
            state: session.state,
            opened_by: session.opened_by,
            opened_at: session.opened_at,
            business_day: session.business_day,
            today,
            float: session.float,
            loans: session.loans,
            pickups: session.pickups,
            takings: with_takings.then(|| Takings {
                tenders: session.tenders.iter().map(|(kind, amount)| (*kind, *amount)).collect(),
                expected_cash: session.expected_cash().unwrap_or(session.float),
            }),
        });
        Drawer { session }
    }
}
