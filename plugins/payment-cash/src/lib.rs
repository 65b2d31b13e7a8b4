//! Cash: what is handed over, what is given back.
//!
//! The whole plugin, and the one to read first when you write your own: one struct, one trait, one `export_plugin!`.
//!
//! Owns: the change, and what it answered to each payment. Must not know: rounding to the smallest coin (the host rounds,
//! because `rounds_cash` is declared), the drawer, the ticket.

use aurapos_plugin_api::once::{Once, Seen};
use aurapos_plugin_api::{contract, export_plugin};
use contract::host::LogLevel;
use contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentIntent, PaymentKind, PaymentState, SettleReport};
use contract::{ErrorCode, PaymentProvider, PluginContext, PluginError, PluginResult, Progress};

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    payment: cash,
}

/// Makes one instance: what `export_plugin!` is given.
pub fn cash(context: PluginContext) -> PluginResult<Cash> {
    let once = Once::open(&context).or_else(|error| {
        // The journal keeps the books of cash: a damaged memory must not close the drawer.
        context.host.log(LogLevel::Warn, &format!("{error}; it is put aside"));
        Once::begin_anew(&context)
    })?;
    Ok(Cash { once: once.without_sync() })
}

/// Coins and notes, counted by the operator.
///
/// Cash has no terminal that could know more than the register: coins have moved when the sale is committed, and then
/// the journal says so. So an intent that was not answered is [`PaymentState::Aborted`]: the sale was not committed, the
/// money on the counter is still the customer's. That is also why nothing here waits for the disk.
#[derive(Debug)]
pub struct Cash {
    once: Once,
}

impl PaymentProvider for Cash {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        Ok(PaymentCapabilities {
            name: "Cash".to_owned(),
            rounds_cash: true,
            gives_change: true,
            refunds: true,
            opens_drawer: true,
            ..Default::default()
        })
    }

    fn begin(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.count_once(intent, PaymentKind::Sale)
    }

    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        Ok(match self.once.seen(intent)? {
            Seen::Answered(answer) => answer,
            Seen::Never | Seen::InDoubt => PaymentAnswer {
                state: PaymentState::Aborted,
                message: "No cash was taken for this payment.".to_owned(),
                ..Default::default()
            },
        })
    }

    fn reverse(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(unsupported("Cash is not reversed.", "Make a refund: the money goes back over the counter."))
    }

    fn refund(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.count_once(intent, PaymentKind::Refund)
    }

    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        Err(unsupported("Cash has no terminal to end the day at.", "Count the drawer."))
    }
}

impl Cash {
    /// The answer of a first call, and the same again for a repeated one: an intent moves money once.
    fn count_once(&self, intent: &PaymentIntent, expected: PaymentKind) -> PluginResult<PaymentAnswer> {
        if intent.kind != expected {
            return Err(PluginError::new(ErrorCode::BadValue, "a sale is begun, a refund is refunded"));
        }
        // Counting cannot fail half-way: what is wrong with the amounts is found before anything is remembered.
        let answer = count(intent)?;
        match self.once.seen(intent)? {
            // The counting was cut short; counted again it is the same.
            Seen::InDoubt => self.once.resolve(intent, || Ok(answer)),
            _ => self.once.pay(intent, || Ok(answer)),
        }
    }
}

/// The rule of cash: enough was handed over, and the rest goes back.
fn count(intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
    let (due, handed) = (intent.amount_minor, intent.tendered_minor);
    if due < 0 || handed < 0 {
        return Err(PluginError::new(ErrorCode::BadValue, "an amount of cash is never negative"));
    }
    match intent.kind {
        // The drawer pays exactly what is due; nothing is handed over that could come back.
        PaymentKind::Refund => Ok(approved(due, 0)),
        // Too little is an answer, not an error: no money moved, the operator asks for the rest.
        PaymentKind::Sale if handed < due => Ok(PaymentAnswer {
            state: PaymentState::Declined,
            message: format!("{} is due, {} was handed over.", amount(due, intent), amount(handed, intent)),
            ..Default::default()
        }),
        PaymentKind::Sale => Ok(approved(due, handed - due)),
        // A direction of a later contract: this plugin does not know which way the money goes.
        _ => Err(PluginError::new(ErrorCode::Unsupported, "cash is taken or given back, nothing else")),
    }
}

fn approved(approved_minor: i64, change_minor: i64) -> PaymentAnswer {
    PaymentAnswer { state: PaymentState::Approved, approved_minor, change_minor, ..Default::default() }
}

fn amount(minor: i64, intent: &PaymentIntent) -> String {
    format!("{}.{:02} {}", minor / 100, minor % 100, intent.currency)
}

fn unsupported(message: &str, next: &str) -> PluginError {
    PluginError::new(ErrorCode::Unsupported, message).with_next(next)
}

#[cfg(test)]
mod tests;
