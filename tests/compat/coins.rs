// The body of a payment plugin, included under each version of the API. Nothing newer than 1.0.0 may stand here.

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::{
    ErrorCode, LogLevel, PaymentProvider, PluginContext, PluginError, PluginResult, Progress, Uuid, export_plugin,
};

#[derive(Debug)]
struct Coins {
    context: PluginContext,
    limit_minor: i64,
}

impl PaymentProvider for Coins {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        let name = format!("coins, {}", aurapos_plugin_api::API_VERSION);
        Ok(PaymentCapabilities { name, rounds_cash: true, ..Default::default() })
    }
    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        if intent.amount_minor > self.limit_minor {
            let next = format!("at most {} cents", self.limit_minor);
            return Err(PluginError::new(ErrorCode::Declined, "too many coins").with_next(next));
        }
        progress.report(1, 2, "counting");
        let local = self.context.host.local_time(self.context.host.now());
        self.context.host.log(LogLevel::Info, &format!("counted at {:02}:{:02}", local.hour, local.minute));
        let reference = self.context.host.new_id().to_string();
        let approved_minor = intent.amount_minor;
        Ok(PaymentAnswer { state: PaymentState::Approved, approved_minor, reference, ..Default::default() })
    }
    fn cancel(&self, _: Uuid) -> PluginResult<()> {
        Ok(())
    }
    fn query_status(&self, _: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        Ok(PaymentAnswer { state: PaymentState::Aborted, ..Default::default() })
    }
    fn reverse(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        panic!("coins are never reversed")
    }
    fn refund(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(PluginError::new(ErrorCode::Unsupported, "give the coins back by hand"))
    }
    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        Ok(SettleReport { count: 3, total_minor: 1_234, lines: vec!["é".into()] })
    }
}

export_plugin! {
    manifest: include_str!("coins.plugin.toml"),
    payment: |context: PluginContext| Ok(Coins { limit_minor: context.settings.int("limit")?, context }),
}
