//! A way to pay: paper vouchers of the shop, up to a limit. It works as it is; edit it until it is yours.
//!
//! Owns: what it answered to each payment. Must not know: the ticket, the drawer, rounding. The host computes every
//! answer again and refuses what does not add up.

#![deny(unsafe_code)]

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::*;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    payment: vouchers,
}

/// Makes one instance, with the settings of its `[[payment]]` table; defaults are filled in already.
fn vouchers(context: PluginContext) -> PluginResult<Vouchers> {
    Ok(Vouchers { limit_minor: context.settings.int("limit")?, answered: Mutex::default() })
}

#[derive(Debug)]
struct Vouchers {
    limit_minor: i64,
    /// The newest answers, newest first: an intent that comes again gets the same answer and moves no money.
    answered: Mutex<VecDeque<(PaymentIntent, PaymentAnswer)>>,
}

impl PaymentProvider for Vouchers {
    /// What the host builds on; what is not said here is not offered, and never asked for.
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        Ok(PaymentCapabilities { name: "Vouchers".into(), voucher: true, ..Default::default() })
    }

    /// Takes money. `Declined` is an answer (no money moved, the operator reads why); an error is a failure.
    fn begin(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, answer)) = answered.iter().find(|(known, _)| known.id == intent.id) {
            let reused = || PluginError::new(ErrorCode::IdReused, "another payment was made with this id");
            return if known == intent { Ok(answer.clone()) } else { Err(reused()) };
        }
        if intent.amount_minor < 0 || intent.tendered_minor != intent.amount_minor {
            return Err(PluginError::new(ErrorCode::BadValue, "a voucher pays exactly what is due"));
        }
        let answer = if intent.amount_minor > self.limit_minor {
            let message = format!("vouchers pay at most {} cents", self.limit_minor);
            PaymentAnswer { state: PaymentState::Declined, message, ..Default::default() }
        } else {
            PaymentAnswer { state: PaymentState::Approved, approved_minor: intent.amount_minor, ..Default::default() }
        };
        answered.push_front((intent.clone(), answer.clone()));
        // The host asks about the payment at hand, never about the one of an hour ago.
        answered.truncate(256);
        Ok(answer)
    }

    /// What became of an intent. Never `Approved` for one that was not begun; `Unknown` when only a terminal knows.
    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answered.iter().find(|(known, _)| known == intent).map(|(_, answer)| answer.clone());
        Ok(known.unwrap_or_else(|| PaymentAnswer { state: PaymentState::Aborted, ..Default::default() }))
    }

    /// Nothing goes on that could be stopped: `begin` answers at once.
    fn cancel(&self, _: Uuid) -> PluginResult<()> {
        Ok(())
    }

    fn reverse(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(PluginError::new(ErrorCode::Unsupported, "a voucher is not reversed"))
    }

    fn refund(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(PluginError::new(ErrorCode::Unsupported, "money does not come back as a voucher"))
    }

    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        Err(PluginError::new(ErrorCode::Unsupported, "there is no end of day"))
    }
}

#[cfg(test)]
mod tests;
