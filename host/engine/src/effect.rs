//! Effects: what the engine wants done in the world, and the answers that come back. The runtime has workers for each.

use aurapos_contract::PluginResult;
use aurapos_contract::Uuid;
use aurapos_contract::events::HostEvent;
use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentIntent};
use aurapos_domain::receipt::ReceiptFacts;
use aurapos_domain::tender::TenderKind;

/// Names one effect; its answer carries the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub u64);

/// What a payment plugin is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentAction {
    /// `PaymentProvider::begin`.
    Begin,
    /// `PaymentProvider::query_status`: after silence or a restart.
    QueryStatus,
    /// `PaymentProvider::refund`.
    Refund,
    /// `PaymentProvider::reverse`: the sale did not come about.
    Reverse,
}

/// Something to be done, and answered once by [`EffectAnswer`].
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Call the payment plugin of an instance. Answer: [`EffectAnswer::Payment`].
    Payment {
        /// Names the effect.
        id: EffectId,
        /// Instance of the configuration: `cash`.
        instance: String,
        /// Which method.
        action: PaymentAction,
        /// What is paid.
        intent: PaymentIntent,
    },
    /// Print a receipt. Answer: [`EffectAnswer::Printed`].
    Print {
        /// Names the effect.
        id: EffectId,
        /// What and where.
        job: PrintRequest,
    },
    /// Tell the event sinks. Answer: [`EffectAnswer::Delivered`].
    Deliver {
        /// Names the effect.
        id: EffectId,
        /// In the journal's order.
        events: Vec<HostEvent>,
        /// Events before these were left out, since too many waited: the journal has them.
        missed: bool,
    },
}

/// A receipt to print: the runtime makes the document of the facts, with `aurapos-locale`.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintRequest {
    /// Id of the job: the same job printed again has the same.
    pub job: Uuid,
    /// Printer instance of the configuration.
    pub printer: String,
    /// The receipt, original or duplicate.
    pub receipt: Box<ReceiptFacts>,
    /// Language of the receipt, BCP 47.
    pub language: String,
    /// Open the drawer: cash was paid.
    pub kick_drawer: bool,
}

/// What came of an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectAnswer {
    /// Of [`Effect::Payment`].
    Payment(PluginResult<PaymentAnswer>),
    /// Of [`Effect::Print`].
    Printed(PluginResult<()>),
    /// Of [`Effect::Deliver`].
    Delivered(PluginResult<()>),
}

impl Effect {
    /// The effect's id.
    pub fn id(&self) -> EffectId {
        match self {
            Effect::Payment { id, .. } | Effect::Print { id, .. } | Effect::Deliver { id, .. } => *id,
        }
    }
}

/// A way to pay, as the configuration and its plugin say.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentInstance {
    /// Instance name: `cash`, `front terminal`.
    pub name: String,
    /// What people read on the button and the receipt.
    pub label: String,
    /// Which way of paying it is.
    pub kind: TenderKind,
    /// What the plugin can do.
    pub capabilities: PaymentCapabilities,
}

impl PaymentInstance {
    /// An instance whose way of paying follows from what its plugin can do.
    pub fn new(name: impl Into<String>, capabilities: PaymentCapabilities) -> Self {
        let kind = if capabilities.rounds_cash {
            TenderKind::Cash
        } else if capabilities.voucher && capabilities.food_only {
            TenderKind::MealVoucher
        } else if capabilities.voucher {
            TenderKind::GiftVoucher
        } else if capabilities.leaves_register {
            TenderKind::Card
        } else {
            TenderKind::Other
        };
        PaymentInstance { name: name.into(), label: capabilities.name.clone(), kind, capabilities }
    }
}

/// What is configured around the engine. The runtime tells it at start and after each change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Devices {
    /// Ways to pay, at most [`PAYMENTS_MAX`].
    pub payments: Vec<PaymentInstance>,
    /// Instance that prints receipts; none: receipts are not printed.
    pub receipt_printer: Option<String>,
    /// Whether anybody wants events.
    pub event_sinks: bool,
}

/// Most ways to pay.
pub const PAYMENTS_MAX: usize = 32;
