//! A way to pay: paper vouchers of the shop, up to a limit. It works as it is; edit it until it is yours.
//!
//! Owns: what it answered to each payment. Must not know: the ticket, the drawer, rounding. The host computes every
//! answer again and refuses what does not add up.

#![deny(unsafe_code)]

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::once::{Once, Seen};
use aurapos_plugin_api::*;

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    payment: vouchers,
}

/// Makes one instance, with the settings of its `[[payment]]` table; defaults are filled in already.
fn vouchers(context: PluginContext) -> PluginResult<Vouchers> {
    Ok(Vouchers { limit_minor: context.settings.int("limit")?, once: Once::open(&context)? })
}

#[derive(Debug)]
struct Vouchers {
    limit_minor: i64,
    /// What was begun and answered, on disk: an intent moves money once, also after a crash. See `once` in the API's docs.
    once: Once,
}

impl Vouchers {
    /// Here the money moves: talk to the terminal, and answer what it said. `Once` has the intent on disk before this is
    /// called, and calls it once for each intent. `Declined` is an answer (no money moved, the operator reads why); an error
    /// or `Unknown` leaves the payment in doubt.
    fn charge(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        if intent.amount_minor > self.limit_minor {
            let message = format!("vouchers pay at most {} cents", self.limit_minor);
            return Ok(PaymentAnswer { state: PaymentState::Declined, message, ..Default::default() });
        }
        Ok(PaymentAnswer { state: PaymentState::Approved, approved_minor: intent.amount_minor, ..Default::default() })
    }

    /// Here the terminal is asked about a payment whose answer was lost. Without anybody to ask, the operator decides.
    fn look_up(&self, _: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        Ok(PaymentAnswer { message: "Look whether the voucher is in the drawer.".into(), ..Default::default() })
    }
}

impl PaymentProvider for Vouchers {
    /// What the host builds on; what is not said here is not offered, and never asked for. A terminal adds
    /// `leaves_register: true`.
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        Ok(PaymentCapabilities { name: "Vouchers".into(), voucher: true, ..Default::default() })
    }

    /// Takes money. What can be checked before anybody pays is checked here.
    fn begin(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        if intent.amount_minor < 0 || intent.tendered_minor != intent.amount_minor {
            return Err(PluginError::new(ErrorCode::BadValue, "a voucher pays exactly what is due"));
        }
        self.once.pay(intent, || self.charge(intent))
    }

    /// What became of an intent. `Aborted` only of what was provably never begun.
    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        match self.once.seen(intent)? {
            Seen::Answered(answer) => Ok(answer),
            Seen::Never => Ok(PaymentAnswer { state: PaymentState::Aborted, ..Default::default() }),
            Seen::InDoubt => self.once.resolve(intent, || self.look_up(intent)),
        }
    }
}

#[cfg(test)]
mod tests;
