//! Payment: a way to pay, from coins to a card terminal.
//!
//! The host keeps the state of each payment; a plugin speaks one protocol. Money moves once: while an intent is
//! [`PaymentState::Unknown`] the host asks `query_status` and never begins again. Whatever a plugin answers is computed
//! again by the host and refused if it does not add up.

use crate::error::{ErrorCode, PluginError};
use crate::value::Timestamp;
use uuid::Uuid;

wire_struct! {
    /// What a payment plugin can do.
    pub struct PaymentCapabilities {
        /// Name shown to the operator when the instance has none.
        1 => name: String,
        /// The part settled this way is rounded to the smallest coin by the host (cash).
        2 => rounds_cash: bool,
        /// Money leaves the register's own hands: the intent is stored before `begin` is called.
        3 => leaves_register: bool,
        /// More may be handed over than is due; the difference is given back.
        4 => gives_change: bool,
        /// Offers `refund`.
        5 => refunds: bool,
        /// Offers `reverse`.
        6 => reverses: bool,
        /// Offers `settle`.
        7 => settles: bool,
        /// The drawer opens when it is used.
        8 => opens_drawer: bool,
        /// Pays only for products marked as food (meal vouchers).
        9 => food_only: bool,
        /// A voucher: never rounded.
        10 => voucher: bool,
        /// Currencies, ISO 4217; empty: any.
        11 => currencies: Vec<String>,
    }
}

wire_enum! {
    /// Which way the money goes.
    pub strict enum PaymentKind {
        /// To the shop.
        1 => Sale,
        /// Back to the customer.
        2 => Refund,
    }
}

wire_struct! {
    /// One payment to be made. The same intent always has the same id.
    pub strict struct PaymentIntent, version 1 {
        /// Chosen by the host.
        1 => id: Uuid,
        /// Direction.
        2 => kind: PaymentKind,
        /// The amount to be paid, in minor units, never negative, rounded already where the capability says so.
        3 => amount_minor: i64,
        /// ISO 4217.
        4 => currency: String,
        /// What was handed over, in minor units, at least `amount_minor` for plugins that give change; otherwise equal to it.
        5 => tendered_minor: i64,
        /// The ticket, for the plugin's own records.
        6 => ticket: Uuid,
        /// When the intent was made.
        7 => time: Timestamp,
        /// Register code, for receipts of the terminal.
        8 => register: String,
        /// For a refund or reversal: the reference of the payment it undoes; may be empty.
        9 => original_reference: String,
    }
}

wire_enum! {
    /// How a payment stands.
    pub enum PaymentState or Unknown {
        /// Nobody knows. Ask `query_status`; never begin again.
        0 => Unknown,
        /// Paid.
        1 => Approved,
        /// Refused; no money moved.
        2 => Declined,
        /// Stopped by the operator or customer; no money moved.
        3 => Aborted,
        /// Going on.
        4 => InProgress,
    }
}

wire_struct! {
    /// What a plugin says of a payment.
    pub struct PaymentAnswer {
        /// State.
        1 => state: PaymentState,
        /// What was paid, in minor units; may be less than asked (partial approval) when `Approved`.
        2 => approved_minor: i64,
        /// What is given back, in minor units: tendered − approved.
        3 => change_minor: i64,
        /// The protocol's own reference, for refunds and disputes; may be empty.
        4 => reference: String,
        /// A sentence for the operator; may be empty.
        5 => message: String,
        /// Lines for the customer's receipt.
        6 => customer_receipt: Vec<String>,
        /// Lines for the merchant's receipt.
        7 => merchant_receipt: Vec<String>,
        /// Name of the means used, for the receipt: `Bancontact`; may be empty.
        8 => means: String,
    }
}

wire_struct! {
    /// An end of day.
    pub struct SettleReport {
        /// Payments counted by the terminal.
        1 => count: u64,
        /// Their sum in minor units.
        2 => total_minor: i64,
        /// Lines to print.
        3 => lines: Vec<String>,
    }
}

capability! {
    /// A way to pay. Calls may come from two threads: `cancel` and `query_status` do not wait for `begin`.
    ///
    /// An instance is exclusive: the host never has two of them at once, also not beside one that hangs. It is made anew
    /// after a panic and at each start, and must then know what it began before: see
    /// [`PluginContext::folder`](crate::PluginContext).
    pub trait PaymentProvider, table PaymentTable, client PaymentClient, layer PaymentLayer, kind 3 {
        /// What this instance can do; the same for its whole life.
        1 => fn capabilities(&self) -> PaymentCapabilities [Main, Start, Freely];

        /// Makes a payment and answers when it is over or unknown. Progress texts are shown to the operator. The same intent
        /// moves money once: asked again, it answers what became of the first time.
        2 => fn begin(&self, ref intent: PaymentIntent; progress) -> PaymentAnswer [Main, Payment, ById];

        /// Asks a payment that is going on to stop; whether it did is what `begin` or `query_status` answers. A plugin whose
        /// `begin` looks at `progress.cancelled()` leaves it alone.
        3 => fn cancel(&self, val intent: Uuid) -> () [Control, Control, Freely, always] default { Ok(()) };

        /// What became of an intent, also after a restart. [`PaymentState::Aborted`] and [`PaymentState::Declined`] say that
        /// no money moved and none will: only of what is known to be so, never because nothing is remembered. Otherwise
        /// [`PaymentState::Unknown`].
        4 => fn query_status(&self, ref intent: PaymentIntent) -> PaymentAnswer [Control, Control, Freely, always];

        /// Takes back a payment of today, in full.
        5 => fn reverse(&self, ref intent: PaymentIntent; progress) -> PaymentAnswer [Main, Payment, ById]
            default { Err(PluginError::new(ErrorCode::Unsupported, "this way to pay cannot take a payment back")) };

        /// Pays money to the customer.
        6 => fn refund(&self, ref intent: PaymentIntent; progress) -> PaymentAnswer [Main, Payment, ById]
            default { Err(PluginError::new(ErrorCode::Unsupported, "this way to pay cannot give money back")) };

        /// Ends the day at the terminal.
        7 => fn settle(&self; progress) -> SettleReport [Main, Payment, Never]
            default { Err(PluginError::new(ErrorCode::Unsupported, "this way to pay has no end of day")) };
    }
}
