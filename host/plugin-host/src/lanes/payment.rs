//! Payment: `cancel` and `query_status` have a lane of their own, so that they never wait behind `begin`.
//!
//! Once `begin`, `reverse` or `refund` was handed over, an answer that does not come, cannot be read or is a panic means
//! that nobody knows whether money moved: the host answers `Unknown`, never an error that could be taken for a refusal.

use super::live::{Live, retire};
use crate::calls::Call;
use crate::exchange::{Patience, RelayProgress};
use crate::lane::{Lane, Served};
use crate::options::Deadlines;
use crate::watch::Watch;
use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentIntent, PaymentState, SettleReport};
use aurapos_contract::{ErrorCode, PaymentProvider, PluginError, PluginResult, Progress, Uuid};
use std::sync::Arc;
use std::time::Duration;

/// One way to pay.
#[derive(Debug)]
pub(crate) struct LanedPayment {
    pub(crate) live: Arc<Live<dyn PaymentProvider>>,
    pub(crate) main: Lane,
    pub(crate) control: Lane,
    pub(crate) watch: Arc<Watch>,
    pub(crate) capabilities: PaymentCapabilities,
    /// For `begin` and what is like it.
    pub(crate) deadline: Duration,
    pub(crate) deadlines: Deadlines,
}

impl LanedPayment {
    fn main<R: Send + 'static>(
        &self,
        call: Call,
        progress: &dyn Progress,
        work: impl FnOnce(&dyn PaymentProvider, &dyn Progress) -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        if let Some(refused) = self.watch.refused() {
            return Err(refused);
        }
        let live = Arc::clone(&self.live);
        self.main.call(call, Patience::while_alive(self.deadline), Served::progress(progress), move |mailbox| {
            let progress = RelayProgress::new(mailbox);
            live.run(|payment| work(payment, &progress))
        })
    }

    fn money(
        &self,
        call: Call,
        progress: &dyn Progress,
        work: impl FnOnce(&dyn PaymentProvider, &dyn Progress) -> PluginResult<PaymentAnswer> + Send + 'static,
    ) -> PluginResult<PaymentAnswer> {
        let work = move |payment: &dyn PaymentProvider, progress: &dyn Progress| {
            work(payment, progress).or_else(|error| match error.code {
                // The plugin's own word, of a line that was cut: only this lane can say that nothing was begun.
                ErrorCode::Closed => unknown(PluginError { code: ErrorCode::PaymentUnknown, ..error }),
                _ => Err(error),
            })
        };
        self.main(call, progress, work).or_else(unknown)
    }

    /// Also for a plugin in quarantine: what became of a payment must still be asked.
    fn control<R: Send + 'static>(
        &self,
        call: Call,
        work: impl FnOnce(&dyn PaymentProvider) -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        let live = Arc::clone(&self.live);
        self.control.call(call, Patience::fixed(self.deadlines.control), Served::default(), move |_| {
            live.run(|payment| work(payment))
        })
    }
}

/// Errors after which nobody knows become the answer that says so.
fn unknown(error: PluginError) -> PluginResult<PaymentAnswer> {
    match error.code {
        ErrorCode::Timeout | ErrorCode::Panic | ErrorCode::BadMessage | ErrorCode::PaymentUnknown => {
            Ok(PaymentAnswer { state: PaymentState::Unknown, message: error.to_string(), ..Default::default() })
        }
        _ => Err(error),
    }
}

impl PaymentProvider for LanedPayment {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        // The same for its whole life: asked once, when the instance was made.
        Ok(self.capabilities.clone())
    }
    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let intent = intent.clone();
        self.money(Call::Begin, progress, move |payment, progress| payment.begin(&intent, progress))
    }
    fn cancel(&self, intent: Uuid) -> PluginResult<()> {
        self.control(Call::Cancel, move |payment| payment.cancel(intent))
    }
    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        let intent = intent.clone();
        self.control(Call::QueryStatus, move |payment| payment.query_status(&intent))
    }
    fn reverse(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let intent = intent.clone();
        self.money(Call::Reverse, progress, move |payment, progress| payment.reverse(&intent, progress))
    }
    fn refund(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let intent = intent.clone();
        self.money(Call::Refund, progress, move |payment, progress| payment.refund(&intent, progress))
    }
    fn settle(&self, progress: &dyn Progress) -> PluginResult<SettleReport> {
        self.main(Call::Settle, progress, |payment, progress| payment.settle(progress))
    }
}

impl Drop for LanedPayment {
    fn drop(&mut self) {
        let lane = if self.main.is_stuck() { &self.control } else { &self.main };
        retire(&self.live, lane, self.deadlines.close);
    }
}
