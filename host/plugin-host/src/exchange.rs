//! One call handed from the caller's thread to a lane's thread, and everything that comes back: reports of progress,
//! questions to the host, the answer.
//!
//! Borrowed host objects never leave the caller's thread: the lane sees stand-ins that post into the mailbox, and the
//! caller serves them while it waits. So a call that is given up leaves nothing dangling.

use crate::spin;
use aurapos_contract::backup::{BackupSource, CopyCheck};
use aurapos_contract::storage::{RestoreReport, SnapshotInfo};
use aurapos_contract::{BackupHost, ErrorCode, PluginError, PluginResult, Progress};
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

/// How long a call may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Without a sign of life.
    pub(crate) quiet: Duration,
    /// Signs of life move the deadline.
    pub(crate) extends: bool,
}

impl Patience {
    pub(crate) fn fixed(quiet: Duration) -> Self {
        Patience { quiet, extends: false }
    }
    pub(crate) fn while_alive(quiet: Duration) -> Self {
        Patience { quiet, extends: true }
    }
}

struct Report {
    done: u64,
    total: u64,
    text: String,
}

/// A question of the plugin to the backup host, served on the caller's thread.
enum Question {
    Source(Arc<Mailbox<PluginResult<BackupSource>>>),
    Snapshot(String, Arc<Mailbox<PluginResult<SnapshotInfo>>>),
    Check(String, Arc<Mailbox<PluginResult<CopyCheck>>>),
    Restore(String, String, Arc<Mailbox<PluginResult<RestoreReport>>>),
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
    pub(crate) fn wait(
        &self,
        patience: Patience,
        progress: Option<&dyn Progress>,
        host: Option<&dyn BackupHost>,
    ) -> Result<R, GaveUp> {
        self.serve_until(Some(patience), &|| false, progress, host)
    }

    fn serve_until(
        &self,
        patience: Option<Patience>,
        gone: &dyn Fn() -> bool,
        progress: Option<&dyn Progress>,
        host: Option<&dyn BackupHost>,
    ) -> Result<R, GaveUp> {
        let mut alive = Instant::now();
        let seen = self.arrivals.load(Ordering::Acquire);
        if self.content().is_empty() {
            spin::until(SPIN, || self.arrivals.load(Ordering::Acquire) != seen);
        }
        let mut content = self.content();
        loop {
            if let Some(report) = content.reports.pop_front() {
                drop(content);
                if let Some(progress) = progress {
                    progress.report(report.done, report.total, &report.text);
                }
                self.heed(progress);
                if patience.is_some_and(|patience| patience.extends) {
                    alive = Instant::now();
                }
                content = self.content();
                continue;
            }
            if let Some(question) = content.questions.pop_front() {
                drop(content);
                question.serve(host);
                // The host's own work is not the plugin's silence.
                alive = Instant::now();
                content = self.content();
                continue;
            }
            if let Some(answer) = content.answer.take() {
                return Ok(answer);
            }
            let left = patience.map_or(Some(CANCEL_POLL), |patience| patience.quiet.checked_sub(alive.elapsed()));
            let Some(left) = left.filter(|_| !gone()) else {
                let begun = self.stage.swap(ABANDONED, Ordering::AcqRel) == BEGUN;
                self.cancelled.store(true, Ordering::Release);
                return Err(GaveUp { begun });
            };
            let nap = if progress.is_some() { left.min(CANCEL_POLL) } else { left };
            content = self.arrived.wait_timeout(content, nap).unwrap_or_else(PoisonError::into_inner).0;
            self.heed(progress);
        }
    }

    /// Passes the caller's wish to stop on to the plugin.
    pub(crate) fn heed(&self, progress: Option<&dyn Progress>) {
        if progress.is_some_and(Progress::cancelled) {
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

trait Ask: Post {
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

/// The plugin's progress: posts to the caller.
#[derive(Debug, Clone)]
pub(crate) struct RelayProgress(Arc<dyn Post>);

impl RelayProgress {
    pub(crate) fn new<R: Send + 'static>(mailbox: &Arc<Mailbox<R>>) -> Self {
        RelayProgress(Arc::<Mailbox<R>>::clone(mailbox))
    }
}

impl Progress for RelayProgress {
    fn report(&self, done: u64, total: u64, text: &str) {
        self.0.report(done, total, text);
    }
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// The plugin's backup host: posts questions to the caller and waits for the answers.
#[derive(Debug)]
pub(crate) struct RelayHost(Arc<dyn Ask>);

impl RelayHost {
    pub(crate) fn new<R: Send + 'static>(mailbox: &Arc<Mailbox<R>>) -> Self {
        RelayHost(Arc::<Mailbox<R>>::clone(mailbox))
    }

    fn ask<T: Send + 'static>(
        &self,
        progress: Option<&dyn Progress>,
        question: impl FnOnce(Arc<Mailbox<PluginResult<T>>>) -> Question,
    ) -> PluginResult<T> {
        let gone = || PluginError::new(ErrorCode::Cancelled, "nobody waits for this call any more");
        if self.0.abandoned() {
            return Err(gone());
        }
        let reply = Mailbox::new();
        self.0.ask(question(Arc::clone(&reply)));
        // The host answers every question that it took; it takes none after it gave up.
        reply.serve_until(None, &|| self.0.abandoned(), progress, None).map_err(|_| gone())?
    }
}

impl BackupHost for RelayHost {
    fn source(&self) -> PluginResult<BackupSource> {
        self.ask(None, Question::Source)
    }
    fn take_snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        self.ask(Some(progress), |reply| Question::Snapshot(dest.to_owned(), reply))
    }
    fn check_copy(&self, file: &str, progress: &dyn Progress) -> PluginResult<CopyCheck> {
        self.ask(Some(progress), |reply| Question::Check(file.to_owned(), reply))
    }
    fn restore_copy(&self, file: &str, previous: &str, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        self.ask(Some(progress), |reply| Question::Restore(file.to_owned(), previous.to_owned(), reply))
    }
}

impl Question {
    /// Runs on the caller's thread.
    fn serve(self, host: Option<&dyn BackupHost>) {
        fn reply<T: Send + 'static>(
            to: &Arc<Mailbox<PluginResult<T>>>,
            host: Option<&dyn BackupHost>,
            work: impl FnOnce(&dyn BackupHost, &dyn Progress) -> PluginResult<T>,
        ) {
            let progress = RelayProgress::new(to);
            let none = || PluginError::new(ErrorCode::Unsupported, "this call has no backup host");
            to.answer(host.map_or_else(|| Err(none()), |host| work(host, &progress)));
        }
        match self {
            Question::Source(to) => reply(&to, host, |host, _| host.source()),
            Question::Snapshot(dest, to) => reply(&to, host, |host, progress| host.take_snapshot(&dest, progress)),
            Question::Check(file, to) => reply(&to, host, |host, progress| host.check_copy(&file, progress)),
            Question::Restore(file, previous, to) => {
                reply(&to, host, |host, progress| host.restore_copy(&file, &previous, progress));
            }
        }
    }
}
