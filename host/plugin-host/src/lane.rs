//! Lanes: a thread and a bounded queue each, through which every call into a plugin goes. The caller waits with a
//! deadline and is free when it passes, whatever the plugin does.

use crate::exchange::{Mailbox, Patience};
use crate::sentinel::Sentinel;
use crate::spin;
use crate::watch::Watch;
use aurapos_contract::call::{Caller, Method, Repeat};
use aurapos_contract::error::Retry;
use aurapos_contract::{ErrorCode, PluginError, PluginResult};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Most calls that wait in one lane.
const QUEUE_MAX: usize = 256;
/// How long a lane looks for the next call before it sleeps: the calls of one sale follow each other closely.
const SPIN: Duration = Duration::from_millis(1);

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Inner {
    queue: VecDeque<(&'static Method, Job)>,
    /// The call that is going on, and since when.
    current: Option<(&'static Method, Instant)>,
    /// A caller gave up on the call that is going on.
    stuck: bool,
    /// No more calls come.
    closed: bool,
    /// The thread exists.
    started: bool,
}

impl Inner {
    fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.closed
    }
}

/// What the thread and the callers share.
struct Shared {
    name: String,
    watch: Arc<Watch>,
    /// A hung storage is not shut out; its lane goes on when the call comes back.
    is_storage: bool,
    inner: Mutex<Inner>,
    work: Condvar,
    /// How often something came, for a lane that looks without the lock.
    arrivals: AtomicU32,
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One lane. Its thread begins with the first call and ends after the last one when the lane is dropped.
pub(crate) struct Lane {
    shared: Arc<Shared>,
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lane({})", self.shared.name)
    }
}

impl Lane {
    pub(crate) fn new(name: &str, watch: &Arc<Watch>, is_storage: bool) -> Lane {
        Lane {
            shared: Arc::new(Shared {
                name: format!("{} {name}", watch.id),
                watch: Arc::clone(watch),
                is_storage,
                inner: Mutex::default(),
                work: Condvar::new(),
                arrivals: AtomicU32::new(0),
            }),
        }
    }

    /// Runs `work` on the lane's thread and waits for its answer.
    ///
    /// # Errors
    /// [`ErrorCode::Timeout`] when the deadline passed: the call may have happened. [`ErrorCode::Busy`] when it was not
    /// even begun, because the lane is full or stuck.
    pub(crate) fn call<R: Send + 'static>(
        &self,
        call: &'static Method,
        patience: Patience,
        caller: Caller<'_>,
        work: impl FnOnce(&Arc<Mailbox<PluginResult<R>>>) -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        let mailbox: Arc<Mailbox<PluginResult<R>>> = Mailbox::new();
        // Cancelled before it began: the plugin sees it from its first question on.
        mailbox.heed(caller.progress);
        let theirs = Arc::clone(&mailbox);
        self.send(
            call,
            Box::new(move || {
                // Given up while it waited in the queue, it must not happen behind the caller's back.
                if theirs.begin() {
                    let answer = work(&theirs);
                    theirs.answer(answer);
                }
            }),
        )?;
        let start = Instant::now();
        mailbox.wait(patience, caller).unwrap_or_else(|gave_up| {
            let waited = start.elapsed();
            Err(if gave_up.begun { self.given_up(call, waited) } else { self.never_begun(call, waited) })
        })
    }

    /// Hands work to the lane without waiting.
    fn send(&self, call: &'static Method, job: Job) -> PluginResult<()> {
        let mut inner = self.shared.inner();
        let busy = |message: String| Err(PluginError::new(ErrorCode::Busy, message));
        if let Some((stuck_in, since)) = inner.current.filter(|_| inner.stuck) {
            let seconds = since.elapsed().as_secs_f64();
            return busy(format!(
                "{} has been busy with `{}` for {seconds:.1} s; `{}` was not begun",
                self.shared.watch.id, stuck_in.name, call.name
            ));
        }
        if inner.queue.len() >= QUEUE_MAX {
            return busy(format!("{QUEUE_MAX} calls wait for {} already", self.shared.watch.id));
        }
        if !inner.started {
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name(self.shared.name.clone());
            thread
                .spawn(move || run(&shared))
                .map_err(|error| PluginError::new(ErrorCode::Internal, format!("no thread for a plugin: {error}")))?;
            inner.started = true;
        }
        inner.queue.push_back((call, job));
        drop(inner);
        self.shared.arrivals.fetch_add(1, Ordering::Release);
        self.shared.work.notify_one();
        Ok(())
    }

    fn given_up(&self, call: &'static Method, waited: Duration) -> PluginError {
        let mut inner = self.shared.inner();
        inner.stuck = inner.current.is_some();
        drop(inner);
        let (id, seconds) = (&self.shared.watch.id, waited.as_secs_f64());
        self.shared.watch.hung(call, seconds, self.shared.is_storage);
        let message = format!("{id} did not answer `{}` within {seconds:.1} s", call.name);
        let mut error = PluginError::new(ErrorCode::Timeout, message);
        if call.repeat == Repeat::Freely {
            error.retry = Retry::Later;
        }
        error
    }

    fn never_begun(&self, call: &'static Method, waited: Duration) -> PluginError {
        let (id, seconds) = (&self.shared.watch.id, waited.as_secs_f64());
        let busy = self.shared.inner().current.map_or("another call", |(current, _)| current.name);
        let message = format!("{id} was busy with `{busy}` for {seconds:.1} s; `{}` was not begun", call.name);
        PluginError::new(ErrorCode::Busy, message)
    }

    /// Whether it has a thread: something was called.
    pub(crate) fn is_started(&self) -> bool {
        self.shared.inner().started
    }

    /// Whether the call that is going on was given up.
    pub(crate) fn is_stuck(&self) -> bool {
        let inner = self.shared.inner();
        inner.stuck && inner.current.is_some()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.shared.inner().closed = true;
        self.shared.work.notify_one();
    }
}

/// The lane's thread.
fn run(shared: &Shared) {
    let seat = shared.watch.sentinel.enter_thread(&shared.watch.id, &shared.watch.sha256);
    loop {
        let seen = shared.arrivals.load(Ordering::Acquire);
        if shared.inner().is_idle() {
            spin::until(SPIN, || shared.arrivals.load(Ordering::Acquire) != seen);
        }
        let mut inner = shared.inner();
        let (call, job) = loop {
            if let Some(next) = inner.queue.pop_front() {
                break next;
            }
            if inner.closed {
                drop(inner);
                return shared.watch.sentinel.leave_thread(&seat);
            }
            inner = shared.work.wait(inner).unwrap_or_else(PoisonError::into_inner);
        };
        inner.current = Some((call, Instant::now()));
        drop(inner);
        {
            let _inside = Sentinel::inside(call);
            job();
        }
        let mut inner = shared.inner();
        inner.current = None;
        let came_back = std::mem::take(&mut inner.stuck);
        drop(inner);
        if came_back {
            tracing::warn!(plugin = shared.watch.id, call = call.name, "a call that was given up came back");
            if shared.is_storage {
                shared.watch.forget_note(crate::refusal::Code::StoreHung);
            }
        }
    }
}
