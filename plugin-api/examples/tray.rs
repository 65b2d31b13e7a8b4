//! The smallest useful payment plugin: exact coins in a tray, up to a limit.
#![deny(unsafe_code)]

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::once::{Once, Seen};
use aurapos_plugin_api::{PaymentProvider, PluginContext, PluginResult, Progress, export_plugin};

#[derive(Debug)]
struct Tray {
    limit_minor: i64,
    once: Once,
}

impl PaymentProvider for Tray {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        Ok(PaymentCapabilities { name: "Tray".into(), rounds_cash: true, ..Default::default() })
    }
    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        if intent.amount_minor > self.limit_minor {
            let message = format!("the tray takes at most {} cents", self.limit_minor);
            return Ok(PaymentAnswer { state: PaymentState::Declined, message, ..Default::default() });
        }
        let approved = PaymentAnswer {
            state: PaymentState::Approved,
            approved_minor: intent.amount_minor,
            change_minor: intent.tendered_minor - intent.amount_minor,
            ..Default::default()
        };
        progress.report(1, 1, "coins counted");
        self.once.pay(intent, || Ok(approved))
    }
    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        // Coins count when the sale is committed; asked about a sale that is not, the tray is still the customer's.
        Ok(match self.once.seen(intent)? {
            Seen::Answered(answer) => answer,
            _ => PaymentAnswer { state: PaymentState::Aborted, ..Default::default() },
        })
    }
}

export_plugin! {
    manifest: include_str!("tray.plugin.toml"),
    payment: |context: PluginContext| {
        Ok(Tray { limit_minor: context.settings.int("limit")?, once: Once::open(&context)?.without_sync() })
    },
}
