//! One call handed from the caller's thread to a lane's thread, and everything that comes back: reports of progress,
//! questions to the host, the answer.
//!
//! Borrowed host objects never leave the caller's thread: the lane sees stand-ins that post into the mailbox, and the
//! caller serves them while it waits. So a call that is given up leaves nothing dangling.

use crate::spin;
use aurapos_contract::backup::BackupHostTable;
use aurapos_contract::call::{Bytes, Caller, Link, Method, Opened, Reply, Serve};
use aurapos_contract::{ApiVersion, BackupHost, ErrorCode, PluginError, PluginResult, Progress};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Most reports that wait to be shown; older ones are dropped.
const REPORTS_MAX: usize = 32;
/// How often a waiting caller asks its progress whether to stop.
const CANCEL_POLL: Duration = Duration::from_millis(50);
/// How long a caller looks for its answer before it sleeps: a read, and mostly a commit, is over by then.
const SPIN: Duration = Duration::from_millis(1);

/// How long a call may take. What the host does meanwhile for the call is not counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Without a sign of life.
    pub(crate) quiet: Duration,
    /// In all, whatever it reports.
    pub(crate) total: Duration,
}

impl Patience {
    /// Signs of life do not help.
    pub(crate) fn fixed(total: Duration) -> Self {
        Patience { quiet: total, total }
    }

    /// What is left, `alive` after the last sign of life and `worked` after the beginning; `None`: it is over.
    fn left(self, alive: Duration, worked: Duration) -> Option<Duration> {
        let left = self.quiet.checked_sub(alive)?.min(self.total.checked_sub(worked)?);
        Some(left).filter(|left| !left.is_zero())
    }
}

struct Report {
    done: u64,
    total: u64,
    text: String,
}

/// A question of the plugin to the backup host, served on the caller's thread.
pub(crate) struct Question {
    method: &'static Method,
    request: Vec<u8>,
    reply: Arc<Mailbox<PluginResult<Vec<u8>>>>,
}

struct Content<R> {
    answer: Option<R>,
    reports: VecDeque<Report>,
    questions: VecDeque<Question>,
}

impl<R> Content<R> {
    fn is_empty(&self) -> bool {
        self.answer.is_none() && self.reports.is_empty() && self.questions.is_empty()
    }
}

/// Where a call's answer, reports and questions arrive.
pub(crate) struct Mailbox<R> {
    content: Mutex<Content<R>>,
    arrived: Condvar,
    /// How often something arrived, for callers that look without the lock.
    arrivals: AtomicU32,
    cancelled: AtomicBool,
    /// [`QUEUED`], then [`BEGUN`] or [`ABANDONED`]; a begun call can be abandoned later.
    stage: AtomicU8,
}

const QUEUED: u8 = 0;
const BEGUN: u8 = 1;
const ABANDONED: u8 = 2;

impl<R> fmt::Debug for Mailbox<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox")
    }
}

/// The caller waited long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GaveUp {
    /// The call had begun: it may have happened. Otherwise it never will.
    pub(crate) begun: bool,
}

impl<R: Send + 'static> Mailbox<R> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Mailbox {
            content: Mutex::new(Content { answer: None, reports: VecDeque::new(), questions: VecDeque::new() }),
            arrived: Condvar::new(),
            arrivals: AtomicU32::new(0),
            cancelled: AtomicBool::new(false),
            stage: AtomicU8::new(QUEUED),
        })
    }

    fn content(&self) -> MutexGuard<'_, Content<R>> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lane's side: the call is over.
    pub(crate) fn answer(&self, answer: R) {
        self.content().answer = Some(answer);
        self.tell();
    }

    /// Something is in the mailbox, and the lock is free.
    fn tell(&self) {
        self.arrivals.fetch_add(1, Ordering::Release);
        self.arrived.notify_one();
    }

    /// Nobody waits any more.
    fn is_abandoned(&self) -> bool {
        self.stage.load(Ordering::Acquire) == ABANDONED
    }

    /// The lane's side: begins the call, unless it was given up while it waited in the queue.
    pub(crate) fn begin(&self) -> bool {
        self.stage.compare_exchange(QUEUED, BEGUN, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The caller's side: waits for the answer and serves what the plugin asks meanwhile.
    pub(crate) fn wait(&self, patience: Patience, caller: Caller<'_>) -> Result<R, GaveUp> {
        self.serve_until(Some(patience), &|| false, caller)
    }

    fn serve_until(
        &self,
        patience: Option<Patience>,
        gone: &dyn Fn() -> bool,
        caller: Caller<'_>,
    ) -> Result<R, GaveUp> {
        let start = Instant::now();
        // The last sign of life, and how long the host itself worked.
        let (mut alive, mut served) = (start, Duration::ZERO);
        let seen = self.arrivals.load(Ordering::Acquire);
        if self.content().is_empty() {
            spin::until(SPIN, || self.arrivals.load(Ordering::Acquire) != seen);
        }
        let mut content = self.content();
        loop {
            let left = match patience {
                None => Some(CANCEL_POLL),
                Some(patience) => patience.left(alive.elapsed(), start.elapsed().saturating_sub(served)),
            };
            let left = left.filter(|_| !gone());
            if let Some(report) = content.reports.pop_front().filter(|_| left.is_some()) {
                drop(content);
                caller.progress.report(report.done, report.total, &report.text);
                self.heed(caller.progress);
                alive = Instant::now();
                content = self.content();
                continue;
            }
            if let Some(question) = content.questions.pop_front().filter(|_| left.is_some()) {
                drop(content);
                // The host's own work is neither the plugin's silence nor its time.
                let begun = Instant::now();
                question.serve(caller.host);
                alive = Instant::now();
                served += begun.elapsed();
                content = self.content();
                continue;
            }
            if let Some(answer) = content.answer.take() {
                return Ok(answer);
            }
            let Some(left) = left else {
                let begun = self.stage.swap(ABANDONED, Ordering::AcqRel) == BEGUN;
                self.cancelled.store(true, Ordering::Release);
                return Err(GaveUp { begun });
            };
            let nap = left.min(CANCEL_POLL);
            content = self.arrived.wait_timeout(content, nap).unwrap_or_else(PoisonError::into_inner).0;
            self.heed(caller.progress);
        }
    }

    /// Passes the caller's wish to stop on to the plugin.
    pub(crate) fn heed(&self, progress: &dyn Progress) {
        if progress.cancelled() {
            self.cancelled.store(true, Ordering::Release);
        }
    }
}

/// What a lane can do with any mailbox.
pub(crate) trait Post: Send + Sync + fmt::Debug {
    fn report(&self, done: u64, total: u64, text: &str);
    fn cancelled(&self) -> bool;
    fn abandoned(&self) -> bool;
}

pub(crate) trait Ask: Post {
    fn ask(&self, question: Question);
}

impl<R: Send + 'static> Post for Mailbox<R> {
    fn report(&self, done: u64, total: u64, text: &str) {
        let mut content = self.content();
        if content.reports.len() == REPORTS_MAX {
            content.reports.pop_front();
        }
        content.reports.push_back(Report { done, total, text: text.to_owned() });
        drop(content);
        self.tell();
    }
    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }
    fn abandoned(&self) -> bool {
        self.is_abandoned()
    }
}

impl<R: Send + 'static> Ask for Mailbox<R> {
    fn ask(&self, question: Question) {
        self.content().questions.push_back(question);
        self.tell();
    }
}

/// Whom the lane's side of a call can talk to: it posts to the caller.
#[derive(Debug, Clone)]
pub(crate) struct Relay(Arc<dyn Ask>);

impl Relay {
    pub(crate) fn new<R: Send + 'static>(mailbox: &Arc<Mailbox<R>>) -> Self {
        Relay(Arc::<Mailbox<R>>::clone(mailbox))
    }
}

impl Progress for Relay {
    fn report(&self, done: u64, total: u64, text: &str) {
        self.0.report(done, total, text);
    }
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// The plugin's questions to the backup host: posted to the caller, who answers them.
impl Link for Relay {
    fn call(
        &self,
        method: &'static Method,
        request: &[u8],
        caller: Caller<'_>,
        answer: &mut Bytes,
    ) -> PluginResult<Opened> {
        let gone = || PluginError::new(ErrorCode::Cancelled, "nobody waits for this call any more");
        if self.0.abandoned() {
            return Err(gone());
        }
        let reply = Mailbox::new();
        self.0.ask(Question { method, request: request.to_vec(), reply: Arc::clone(&reply) });
        // The host answers every question that it took; it takes none after it gave up.
        answer.put(reply.serve_until(None, &|| self.0.abandoned(), caller).map_err(|_| gone())??);
        Ok(None)
    }
    fn peer(&self) -> ApiVersion {
        ApiVersion::OWN
    }
    fn unreadable(&self, _: &'static Method, _: &str) {}
}

impl Question {
    /// Runs on the caller's thread.
    fn serve(self, host: &dyn BackupHost) {
        let progress = Relay::new(&self.reply);
        let mut answer = Vec::new();
        let caller = Caller::NOBODY.progress(&progress);
        let mut reply = Reply::new(&mut answer, ApiVersion::OWN);
        let result = BackupHostTable::serve(host, self.method.number, &self.request, caller, &mut reply);
        self.reply.answer(result.map(|()| answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_with_silence_or_the_total_whichever_is_first() {
        let seconds = Duration::from_secs;
        let patience = Patience { quiet: seconds(10), total: seconds(60) };
        for (alive, worked, left) in
            [(0, 0, Some(10)), (4, 30, Some(6)), (10, 30, None), (0, 57, Some(3)), (0, 60, None), (0, 100, None)]
        {
            let expected = left.map(seconds);
            assert_eq!(patience.left(seconds(alive), seconds(worked)), expected, "{alive} {worked}");
        }
        assert_eq!(Patience::fixed(seconds(5)).left(seconds(5), seconds(5)), None);
    }
}
