//! The smallest useful payment plugin: exact coins in a tray, up to a limit.
#![deny(unsafe_code)]

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::{
    ErrorCode, PaymentProvider, PluginContext, PluginError, PluginResult, Progress, Uuid, export_plugin,
};

#[derive(Debug)]
struct Tray {
    limit_minor: i64,
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
        progress.report(1, 1, "coins counted");
        Ok(PaymentAnswer { state: PaymentState::Approved, approved_minor: intent.amount_minor, ..Default::default() })
    }
    fn cancel(&self, _: Uuid) -> PluginResult<()> {
        Ok(()) // nothing goes on that could be stopped
    }
    fn query_status(&self, _: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        // Coins count when the sale is committed; asked about a sale that is not, the tray is still the customer's.
        Ok(PaymentAnswer { state: PaymentState::Aborted, ..Default::default() })
    }
    fn reverse(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(PluginError::new(ErrorCode::Unsupported, "give the coins back by hand"))
    }
    fn refund(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(PluginError::new(ErrorCode::Unsupported, "give the coins back by hand"))
    }
    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        Ok(SettleReport::default())
    }
}

export_plugin! {
    manifest: include_str!("tray.plugin.toml"),
    payment: |context: PluginContext| Ok(Tray { limit_minor: context.settings.int("limit")? }),
}
