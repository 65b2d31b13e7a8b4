//! Payment: once `begin`, `reverse` or `refund` was handed over, an answer that does not come, cannot be read or is a panic
//! means that nobody knows whether money moved: the host answers `Unknown`, never an error that could be taken for a refusal.
//! The operator's wish to stop is taken to the plugin on its control lane while the payment goes on.

use super::laned::Laned;
use aurapos_contract::call::{Bytes, Caller, Link, Method, Opened};
use aurapos_contract::error::Retry;
use aurapos_contract::payment::{
    PaymentAnswer, PaymentCapabilities, PaymentClient, PaymentIntent, PaymentLayer, PaymentState, PaymentTable,
};
use aurapos_contract::{ApiVersion, ErrorCode, PaymentProvider, PluginError, PluginResult, Progress, Uuid};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One way to pay.
#[derive(Debug)]
pub(crate) struct LanedPayment {
    client: PaymentClient<Money>,
    capabilities: PaymentCapabilities,
}

/// The lanes; while money may move, the plugin's own words for a cut line are told apart from the host's.
#[derive(Debug, Clone)]
struct Money(Arc<Laned>);

impl LanedPayment {
    pub(crate) fn new(laned: Laned, capabilities: PaymentCapabilities) -> Self {
        LanedPayment { client: PaymentClient(Money(Arc::new(laned))), capabilities }
    }

    fn money(
        &self,
        intent: &PaymentIntent,
        progress: &dyn Progress,
        work: impl FnOnce(&dyn Progress) -> PluginResult<PaymentAnswer>,
    ) -> PluginResult<PaymentAnswer> {
        if let Some(refused) = self.client.0.0.watch.refused() {
            return Err(refused);
        }
        let stopping =
            Stopping { progress, control: self.client.clone(), intent: intent.id, told: AtomicBool::new(false) };
        work(&stopping).or_else(unknown)
    }
}

impl Link for Money {
    fn call(
        &self,
        method: &'static Method,
        request: &[u8],
        caller: Caller<'_>,
        answer: &mut Bytes,
    ) -> PluginResult<Opened> {
        self.0.call(method, request, caller, answer).map_err(|error| {
            let money = [PaymentTable::begin(), PaymentTable::reverse(), PaymentTable::refund()].contains(&method);
            match error.code {
                // The plugin's own word, of a line that was cut: only the host can say that nothing was begun, and it was
                // asked before.
                ErrorCode::Closed if money => PluginError { code: ErrorCode::PaymentUnknown, ..error },
                _ => error,
            }
        })
    }
    fn peer(&self) -> ApiVersion {
        self.0.peer()
    }
    fn unreadable(&self, method: &'static Method, reason: &str) {
        self.0.unreadable(method, reason);
    }
}

/// Errors after which nobody knows become the answer that says so. An answer that this host is too old for is one; an
/// intent that the plugin is too old for is not: it was refused before anything happened.
fn unknown(error: PluginError) -> PluginResult<PaymentAnswer> {
    let nobody_knows = match error.code {
        ErrorCode::Timeout | ErrorCode::Panic | ErrorCode::BadMessage | ErrorCode::PaymentUnknown => true,
        ErrorCode::NeedsNewer => error.retry == Retry::AskFirst,
        _ => false,
    };
    if !nobody_knows {
        return Err(error);
    }
    Ok(PaymentAnswer { state: PaymentState::Unknown, message: error.to_string(), ..Default::default() })
}

/// The progress of a payment: the first time that the caller wants it to stop, the plugin is told beside the call.
#[derive(Debug)]
struct Stopping<'a> {
    progress: &'a dyn Progress,
    control: PaymentClient<Money>,
    intent: Uuid,
    told: AtomicBool,
}

impl Progress for Stopping<'_> {
    fn report(&self, done: u64, total: u64, text: &str) {
        self.progress.report(done, total, text);
    }

    fn cancelled(&self) -> bool {
        let cancelled = self.progress.cancelled();
        if cancelled && !self.told.swap(true, Ordering::AcqRel) {
            let (control, intent) = (self.control.clone(), self.intent);
            // The one who waits for the payment goes on waiting for it: a plugin that is slow to hear does not keep him.
            let teller = std::thread::Builder::new().name("payment cancel".to_owned());
            let told = teller.spawn(move || {
                if let Err(error) = control.cancel(intent) {
                    tracing::warn!(plugin = control.0.0.watch.id, %error, "a payment could not be told to stop");
                }
            });
            if let Err(error) = told {
                tracing::error!(%error, "no thread to tell a payment to stop");
            }
        }
        cancelled
    }
}

impl PaymentLayer for LanedPayment {
    fn inner(&self) -> &dyn PaymentProvider {
        &self.client
    }
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        // The same for its whole life: asked once, when the instance was made.
        Ok(self.capabilities.clone())
    }
    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.money(intent, progress, |progress| self.client.begin(intent, progress))
    }
    fn reverse(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.money(intent, progress, |progress| self.client.reverse(intent, progress))
    }
    fn refund(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.money(intent, progress, |progress| self.client.refund(intent, progress))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_that_nothing_happened_is_an_error() {
        let check = |code: ErrorCode, retry: Option<Retry>, is_unknown: bool| {
            let error = PluginError::new(code, "words");
            let error = PluginError { retry: retry.unwrap_or(error.retry), ..error };
            let answer = unknown(error.clone());
            match is_unknown {
                true => assert_eq!(answer.unwrap().state, PaymentState::Unknown, "{code:?}"),
                false => assert_eq!(answer, Err(error)),
            }
        };
        for code in [ErrorCode::Timeout, ErrorCode::Panic, ErrorCode::BadMessage, ErrorCode::PaymentUnknown] {
            check(code, None, true);
        }
        check(ErrorCode::Declined, None, false);
        check(ErrorCode::Busy, None, false);
        // The intent was too new, or the answer was.
        check(ErrorCode::NeedsNewer, None, false);
        check(ErrorCode::NeedsNewer, Some(Retry::AskFirst), true);
    }
}
