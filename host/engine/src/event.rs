//! What the engine tells: what happened, in the words of its views.

use aurapos_contract::Uuid;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{IncarnationCode, ProductId, ReceiptNumber};
use aurapos_domain::money::Money;

use crate::apply::feed::Applied;
use crate::command::{CommandId, Reply, SessionId};
use crate::effect::EffectId;
use crate::error::EngineError;
use crate::view::{Drawer, Operator, Sale, Ticket};
use crate::went_back::WentBack;

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
    /// Somebody who is signed in is or may now something else: another role, or a role that allows something else.
    RightsChanged {
        /// Whose session.
        session: SessionId,
        /// As they are now.
        operator: Box<Operator>,
    },
    /// Changes of other registers were taken in.
    Applied(Box<Applied>),
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
    /// The data knows less than was known of it: what is missing.
    WentBack(Box<WentBack>),
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
