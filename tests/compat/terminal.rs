//! A payment terminal that remembers what it charged: the common body of the plugins of every version of the API. Nothing
//! newer than 1.0.0 may stand here.
//!
//! Whoever includes it says what `api` is. Its folder has `charges`, a line for each time that money moved, and for the
//! tests `hold`: as long as that is there, `begin` does not come back after it charged, and `held` tells so; and `panic`, at
//! which it panics after it charged.

use crate::api::contract::payment::*;
use crate::api::{ErrorCode, LogLevel, PaymentProvider, PluginContext, PluginError, PluginResult, Progress, Uuid};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The instance.
#[derive(Debug)]
pub struct Terminal {
    /// What it was made with.
    pub context: PluginContext,
    limit_minor: i64,
    /// Nobody else writes the file meanwhile.
    charges: Mutex<PathBuf>,
}

/// The factory.
///
/// # Errors
/// The limit is missing.
pub fn terminal(context: PluginContext) -> PluginResult<Terminal> {
    let charges = Mutex::new(Path::new(&context.folder).join("charges"));
    Ok(Terminal { limit_minor: context.settings.int("limit")?, charges, context })
}

fn io(error: std::io::Error) -> PluginError {
    PluginError::new(ErrorCode::Io, format!("the list of charges: {error}"))
}

/// What was charged under an intent's id.
fn charged(file: &Path, id: Uuid) -> PluginResult<Option<i64>> {
    let text = if file.exists() { fs::read_to_string(file).map_err(io)? } else { String::new() };
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{id} ")));
    Ok(line.and_then(|amount| amount.parse().ok()))
}

/// Writes a line that is on the disk when this returns.
fn note(file: &Path, line: &str) -> PluginResult<()> {
    let mut open = fs::File::options().create(true).append(true).open(file).map_err(io)?;
    open.write_all(format!("{line}\n").as_bytes()).and_then(|()| open.sync_all()).map_err(io)
}

fn approved(approved_minor: i64, reference: String) -> PaymentAnswer {
    PaymentAnswer { state: PaymentState::Approved, approved_minor, reference, ..Default::default() }
}

impl PaymentProvider for Terminal {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        let name = format!("terminal, {}", crate::api::API_VERSION);
        Ok(PaymentCapabilities { name, leaves_register: true, reverses: true, settles: true, ..Default::default() })
    }

    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        assert!(intent.currency != "XXX", "there is no such money");
        if intent.amount_minor > self.limit_minor {
            let next = format!("at most {} cents", self.limit_minor);
            return Err(PluginError::new(ErrorCode::Declined, "too much").with_next(next));
        }
        let file = self.charges.lock().unwrap_or_else(PoisonError::into_inner);
        progress.report(1, 2, "charging");
        let host = &self.context.host;
        let local = host.local_time(host.now());
        host.log(LogLevel::Info, &format!("charged at {:02}:{:02}", local.hour, local.minute));
        if charged(&file, intent.id)?.is_none() {
            note(&file, &format!("{} {}", intent.id, intent.amount_minor))?;
        }
        // Once: the mark goes first.
        assert!(fs::remove_file(file.with_file_name("panic")).is_err(), "struck by lightning after charging");
        while file.with_file_name("hold").exists() {
            fs::write(file.with_file_name("held"), "").map_err(io)?;
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(approved(intent.amount_minor, host.new_id().to_string()))
    }

    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        let file = self.charges.lock().unwrap_or_else(PoisonError::into_inner);
        // What is not in the list was never begun: it is written before money moves.
        let stopped = PaymentAnswer { state: PaymentState::Aborted, ..Default::default() };
        Ok(charged(&file, intent.id)?.map_or(stopped, |amount| approved(amount, "from the list".to_owned())))
    }

    fn reverse(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let file = self.charges.lock().unwrap_or_else(PoisonError::into_inner);
        note(&file, &format!("reversed {}", intent.id))?;
        Ok(approved(intent.amount_minor, intent.original_reference.clone()))
    }

    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        Ok(SettleReport { count: 3, total_minor: 1_234, lines: vec!["é".into()] })
    }
}
