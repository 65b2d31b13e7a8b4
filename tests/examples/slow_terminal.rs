//! A card terminal that takes its time, as the tests want it: its customer is a file.
//!
//! In its folder it writes `log`, a line for everything that it is asked. A file `card` there is the customer who pays, a
//! file `say` is what the display shows, and `outcome` is what it answers when it is asked about an earlier payment.

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::{
    ErrorCode, PaymentProvider, PluginContext, PluginError, PluginResult, Progress, Uuid, export_plugin,
};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often it looks whether its customer is there.
const LOOK: Duration = Duration::from_millis(5);

#[derive(Debug)]
struct Terminal {
    folder: PathBuf,
    how: String,
    cancel: String,
    /// Payments that were called off by `cancel`.
    heard: Mutex<BTreeSet<Uuid>>,
}

impl Terminal {
    fn new(context: &PluginContext) -> PluginResult<Terminal> {
        Ok(Terminal {
            folder: PathBuf::from(&context.folder),
            how: context.settings.text("how")?.to_owned(),
            cancel: context.settings.text("cancel")?.to_owned(),
            heard: Mutex::default(),
        })
    }

    fn log(&self, line: &str) -> PluginResult<()> {
        let fail = |error| PluginError::new(ErrorCode::Io, format!("the log of the terminal: {error}"));
        let mut file = fs::File::options().create(true).append(true).open(self.folder.join("log")).map_err(fail)?;
        file.write_all(format!("{line}\n").as_bytes()).map_err(fail)
    }

    fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(name)).ok().filter(|text| !text.is_empty())
    }

    /// Whether it takes the wish to stop to heart, by what it was told and in which way.
    fn stops(&self, intent: Uuid, progress: &dyn Progress) -> bool {
        let heard = || self.heard.lock().unwrap_or_else(PoisonError::into_inner).contains(&intent);
        match self.how.as_str() {
            "sees" => progress.cancelled(),
            "hears" => heard(),
            "ignores" => false,
            _ => progress.cancelled() || heard(),
        }
    }

    fn pay(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let mut shown = String::new();
        loop {
            match self.how.as_str() {
                "hangs" => std::thread::park(),
                "talks" => progress.report(0, 0, "and another thing"),
                _ => std::thread::sleep(LOOK),
            }
            let say = self.text("say").unwrap_or_else(|| "Present the card".to_owned());
            if say != shown && self.how != "talks" {
                progress.report(0, 0, &say);
                shown = say;
            }
            let reference = format!("terminal-{}", intent.id);
            let state = |state, approved_minor| {
                Ok(PaymentAnswer { state, approved_minor, reference: reference.clone(), ..Default::default() })
            };
            if self.folder.join("card").exists() {
                return state(PaymentState::Approved, intent.amount_minor);
            }
            if self.how != "talks" && self.stops(intent.id, progress) {
                self.log(&format!("stopping {}", intent.id))?;
                return match self.how.as_str() {
                    "pays" => state(PaymentState::Approved, intent.amount_minor),
                    "forgets" => state(PaymentState::Unknown, 0),
                    _ => state(PaymentState::Aborted, 0),
                };
            }
        }
    }
}

impl PaymentProvider for Terminal {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        let name = "Terminal".to_owned();
        Ok(PaymentCapabilities { name, leaves_register: true, refunds: true, reverses: true, ..Default::default() })
    }

    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.log(&format!("begin {}", intent.id))?;
        self.pay(intent, progress)
    }

    fn cancel(&self, intent: Uuid) -> PluginResult<()> {
        self.log(&format!("cancel {intent}"))?;
        match self.cancel.as_str() {
            "hangs" => loop {
                std::thread::park();
            },
            "panics" => panic!("cancel went wrong"),
            _ => {}
        }
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).insert(intent);
        Ok(())
    }

    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        self.log(&format!("query_status {}", intent.id))?;
        let state = match self.text("outcome").as_deref() {
            Some("approved") => PaymentState::Approved,
            Some("aborted") => PaymentState::Aborted,
            _ => PaymentState::Unknown,
        };
        let approved_minor = if state == PaymentState::Approved { intent.amount_minor } else { 0 };
        Ok(PaymentAnswer { state, approved_minor, ..Default::default() })
    }

    fn reverse(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.log(&format!("reverse {} {}", intent.id, progress.cancelled()))?;
        Ok(PaymentAnswer { state: PaymentState::Approved, approved_minor: intent.amount_minor, ..Default::default() })
    }

    fn refund(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.log(&format!("refund {}", intent.id))?;
        self.pay(intent, progress)
    }
}

export_plugin! {
    manifest: include_str!("slow_terminal.plugin.toml"),
    payment: |context: PluginContext| Terminal::new(&context),
}
