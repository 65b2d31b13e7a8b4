//! A payment plugin with a secret: it takes coins when it knows the password. See `tests/secrets.rs`.
#![deny(unsafe_code)]

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::once::{Once, Seen};
use aurapos_plugin_api::*;

/// What its provider would accept.
const PASSWORD: &str = "open-sesame-4711";

#[derive(Debug)]
struct Guarded {
    refused: Option<&'static str>,
    limit_minor: i64,
    once: Once,
}

/// Writes all it was given into the log, and fails on nothing that the host should have refused before.
fn guarded(context: PluginContext) -> PluginResult<Guarded> {
    context.host.log(LogLevel::Info, &format!("made with {context:?}"));
    let settings = &context.settings;
    let keys: Vec<&str> = settings.items.iter().map(|item| item.key.as_str()).collect();
    context.host.log(LogLevel::Info, &format!("settings: {}", keys.join(", ")));
    let online = settings.text("mode")? == "online";
    let limit_minor = if online { i64::MAX } else { settings.int("limit")? };
    let known = !online || settings.text("password")? == PASSWORD;
    let refused = (!known).then_some("the provider does not know this password");
    Ok(Guarded { refused, limit_minor, once: Once::open(&context)? })
}

impl PaymentProvider for Guarded {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        Ok(PaymentCapabilities { name: "Guarded coins".into(), voucher: true, ..Default::default() })
    }
    fn begin(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        if intent.amount_minor < 0 || intent.tendered_minor != intent.amount_minor {
            return Err(PluginError::new(ErrorCode::BadValue, "coins pay exactly what is due"));
        }
        let too_much = (intent.amount_minor > self.limit_minor).then_some("too much without checking");
        let answer = match self.refused.or(too_much) {
            Some(message) => {
                PaymentAnswer { state: PaymentState::Declined, message: message.to_owned(), ..Default::default() }
            }
            None => PaymentAnswer {
                state: PaymentState::Approved,
                approved_minor: intent.amount_minor,
                ..Default::default()
            },
        };
        self.once.pay(intent, || Ok(answer))
    }
    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        match self.once.seen(intent)? {
            Seen::Answered(answer) => Ok(answer),
            Seen::Never => Ok(PaymentAnswer { state: PaymentState::Aborted, ..Default::default() }),
            Seen::InDoubt => Ok(PaymentAnswer::default()),
        }
    }
}

export_plugin! {
    manifest: include_str!("guarded_coins.plugin.toml"),
    payment: guarded,
}
