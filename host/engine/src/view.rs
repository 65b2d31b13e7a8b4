//! What screens and programs are shown: plain data, no behaviour. Amounts are the domain's `Money`.

use aurapos_contract::Uuid;
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_domain::catalog::Unit;
use aurapos_domain::drawer::{DrawerSession, DrawerState};
use aurapos_domain::ids::{DrawerSessionId, IncarnationCode, OperatorId, ProductId, ReceiptNumber, SaleId, TicketId};
use aurapos_domain::journal::Hash;
use aurapos_domain::money::{Money, Quantity};
use aurapos_domain::people::PermissionSet;
use aurapos_domain::pricing::Discount;
use aurapos_domain::sale::CommittedSale;
use aurapos_domain::tax::VatRow;
use aurapos_domain::tender::TenderKind;

use crate::command::{CommandId, Reply, SessionId};
use crate::effect::EffectId;
use crate::error::EngineError;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A command ended.
    Done {
        /// Which.
        command: CommandId,
        /// How. Boxed: an error is larger than most replies.
        result: Result<Reply, EngineError>,
    },
    /// A session's ticket changed.
    TicketChanged {
        /// Whose.
        session: SessionId,
        /// As it is now.
        ticket: Box<Ticket>,
    },
    /// A sale is on disk.
    Committed(Box<Sale>),
    /// Products or categories changed: screens read them again. Names the product when it was one alone.
    CatalogChanged {
        /// The product.
        product: Option<ProductId>,
    },
    /// Changes of other registers were taken in.
    Applied(Box<crate::apply::Applied>),
    /// The drawer changed. Everybody hears it, so that it is told without what came in.
    DrawerChanged(Box<Drawer>),
    /// The clock jumped since the last journal entry; selling goes on.
    ClockJumped {
        /// Time of the last entry.
        last: Timestamp,
        /// Time now.
        now: Timestamp,
    },
    /// The database was copied or restored: receipt numbers go on under a new code.
    IncarnationOpened {
        /// The new code.
        code: IncarnationCode,
        /// The code before.
        previous: IncarnationCode,
        /// Why.
        reason: String,
    },
    /// Nobody knows whether the last commit is stored; selling stops until it is known.
    InDoubt(EngineError),
    /// It is known.
    Resolved {
        /// It is stored.
        committed: bool,
    },
    /// A receipt did not print; it can be printed again.
    PrintFailed {
        /// Which.
        receipt_no: ReceiptNumber,
        /// What the printer said.
        message: String,
    },
    /// Event sinks did not take what they were told; the runtime tells them again.
    DeliverFailed {
        /// What the sink said.
        message: String,
    },
    /// A payment needs somebody's eyes: paid, but its sale did not come about and it could not be taken back.
    PaymentManual {
        /// The intent.
        intent: Uuid,
        /// Instance.
        instance: String,
        /// How much.
        amount: Money,
    },
    /// The operator asked a payment that goes on to stop: the runtime tells its plugin, screens show it. What becomes of the
    /// payment only the plugin's own answer says.
    PaymentCancelling {
        /// Whose payment.
        session: SessionId,
        /// Instance.
        instance: String,
        /// The effect that goes on: a later one is another payment, also of the same ticket.
        payment: EffectId,
    },
    /// A payment plugin's answer did not add up and was refused; the runtime shuts the plugin out.
    PaymentLied {
        /// Instance.
        instance: String,
        /// What was wrong.
        message: String,
    },
}

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
    /// Role.
    pub role: String,
    /// What they may do.
    pub permissions: PermissionSet,
}

impl From<&aurapos_domain::people::Operator> for Operator {
    fn from(operator: &aurapos_domain::people::Operator) -> Self {
        Operator {
            id: operator.id,
            name: operator.name.clone(),
            role: operator.role.code.clone(),
            permissions: operator.role.permissions,
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
