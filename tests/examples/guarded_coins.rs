//! A payment plugin with a secret: it takes coins when it knows the password. See `tests/secrets.rs`.
#![deny(unsafe_code)]

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::contract::settings::{SettingChoice, SettingProblem};
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

/// What only the plugin knows of its settings.
#[derive(Debug)]
struct Guide;

impl SettingsGuide for Guide {
    fn validate(&self, _: &str, settings: &Settings) -> PluginResult<Vec<SettingProblem>> {
        let odd = settings.int("limit").is_ok_and(|limit| limit % 5 != 0);
        let message = "there are no coins of 1 and 2 cents here".to_owned();
        Ok(odd.then(|| SettingProblem { key: "limit".to_owned(), message }).into_iter().collect())
    }
    fn options(&self, kind: &str, key: &str, _: &Settings) -> PluginResult<Vec<SettingChoice>> {
        let choice =
            |value: &str| SettingChoice { value: value.to_owned(), label: format!("a {kind} of {value} cents") };
        Ok(if key == "limit" { ["500", "1000"].map(choice).to_vec() } else { Vec::new() })
    }
    fn test_connection(&self, _: &str, settings: &Settings, _: &dyn Progress) -> PluginResult<String> {
        if settings.text("mode")? == "offline" {
            return Err(PluginError::new(ErrorCode::Unsupported, "nobody is asked"));
        }
        if settings.text("password")? == PASSWORD {
            return Ok("the provider of coins".to_owned());
        }
        let refused = PluginError::new(ErrorCode::Config, "the provider does not know this password");
        Err(refused.with_next("Ask the provider for another letter."))
    }
}

export_plugin! {
    manifest: include_str!("guarded_coins.plugin.toml"),
    payment: guarded,
    settings: Guide,
}
