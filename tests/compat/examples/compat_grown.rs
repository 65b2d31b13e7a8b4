//! A plugin of a later minor version of the API, which uses all that came with it.
#![deny(unsafe_code)]

use api::contract::payment::{PaymentAnswer, PaymentIntent, PaymentKind, PaymentLayer, PaymentState};
use api::{ErrorCode, LogLevel, PaymentProvider, PluginContext, PluginError, PluginResult, Progress};
use aurapos_plugin_api as api;

#[path = "../terminal.rs"]
mod terminal;

/// The terminal, a year later.
#[derive(Debug)]
struct Later(terminal::Terminal);

impl PaymentLayer for Later {
    fn inner(&self) -> &dyn PaymentProvider {
        &self.0
    }

    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let said = |state| Ok(PaymentAnswer { state, tip_minor: 7, ..Default::default() });
        match intent.amount_minor {
            401 => return said(PaymentState::DeclinedForGood),
            402 => return said(PaymentState::Suspended),
            403 => return Err(PluginError::new(ErrorCode::CardBlocked, "the card is on a list")),
            404 => return Err(PluginError::new(ErrorCode::BankClosed, "the bank is closed")),
            _ => {}
        }
        let host = &self.0.context.host;
        host.log(LogLevel::Info, &format!("for {}", host.shop_name()));
        let answer = self.0.begin(intent, progress)?;
        let how = if intent.contactless_only { "without contact" } else { "as it comes" };
        let what = if intent.kind == PaymentKind::Deposit { "deposit" } else { "payment" };
        let message = format!("{what} {how}, points for {:?}", intent.loyalty_card);
        Ok(PaymentAnswer { tip_minor: 50, message, ..answer })
    }

    fn tip(&self, amount_minor: i64) -> PluginResult<i64> {
        Ok(amount_minor / 10)
    }
}

api::export_plugin! {
    manifest: include_str!("../terminal.plugin.toml"),
    payment: |context: PluginContext| terminal::terminal(context).map(Later),
}
