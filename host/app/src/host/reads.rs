//! Reads of the store on their own threads. A newer question of a topic takes the place of one that has not begun, and
//! two of one topic never run at once: the newer answer must not be overtaken by the older one.

use super::desk;
use aurapos_runtime::contract::RecordStore;
use aurapos_runtime::engine::command::SessionId;
use aurapos_runtime::engine::queries::Reading;
use aurapos_runtime::engine::rights::Rights;
use aurapos_ui::host::{ReadJob, Topic};
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many threads read: a slow report must not hold up the search.
const READERS: usize = 2;
/// How long closing waits for what is being read; a store that hangs answers when it is closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the store comes from at the moment a job begins, and who may read what of it.
pub(super) type StoreNow = Box<dyn Fn() -> Option<(Arc<dyn RecordStore>, Rights)> + Send + Sync>;

/// The reading threads. They end when this is dropped.
#[derive(Debug)]
pub(super) struct Reads {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

/// A question, and as whom it is asked.
struct Waiting {
    topic: Topic,
    session: Option<SessionId>,
    job: ReadJob,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    running: BTreeSet<Topic>,
    busy: usize,
    ended: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("waiting", &self.waiting.len()).field("running", &self.running).finish()
    }
}

impl Queue {
    fn put(&mut self, question: Waiting) {
        let topic = question.topic;
        let older = self.waiting.iter_mut().find(|older| older.topic == topic && topic != Topic::Other);
        match older {
            Some(older) => *older = question,
            None => self.waiting.push_back(question),
        }
    }

    /// The next job whose topic is not being read.
    fn take(&mut self) -> Option<Waiting> {
        let free = |one: &Waiting| one.topic == Topic::Other || !self.running.contains(&one.topic);
        let next = self.waiting.iter().position(free)?;
        let taken = self.waiting.remove(next)?;
        self.running.insert(taken.topic);
        self.busy += 1;
        Some(taken)
    }

    fn done(&mut self, topic: Topic) {
        self.running.remove(&topic);
        self.busy -= 1;
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, store: &StoreNow) {
        let mut queue = self.queue();
        loop {
            if let Some(Waiting { topic, session, job }) = queue.take() {
                drop(queue);
                // Without a store the job is dropped: nobody asks a register that is closed.
                if let Some((store, rights)) = store() {
                    desk::run(Box::new(move || job(&Reading::new(store.as_ref(), &rights, session))));
                }
                queue = self.queue();
                queue.done(topic);
                self.changed.notify_all();
            } else if queue.ended {
                return;
            } else {
                queue = self.wait(queue);
            }
        }
    }
}

impl Reads {
    /// Starts the threads.
    pub(super) fn start(store: StoreNow) -> io::Result<Reads> {
        let reads = Reads { shared: Arc::default() };
        let store = Arc::new(store);
        for number in 1..=READERS {
            let (shared, store) = (reads.shared.clone(), store.clone());
            thread::Builder::new().name(format!("read {number}")).spawn(move || shared.read(&store))?;
        }
        Ok(reads)
    }

    /// Queues a question; never waits.
    pub(super) fn ask(&self, session: Option<SessionId>, topic: Topic, job: ReadJob) {
        self.shared.queue().put(Waiting { topic, session, job });
        self.shared.changed.notify_all();
    }

    /// Forgets what has not begun and waits for what has: the store is about to close.
    pub(super) fn settle(&self) {
        let mut queue = self.shared.queue();
        queue.waiting.clear();
        let deadline = Instant::now() + PATIENCE;
        while queue.busy > 0 && Instant::now() < deadline {
            let waited = self.shared.changed.wait_timeout(queue, PATIENCE);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Reads {
    fn drop(&mut self) {
        let mut queue = self.shared.queue();
        queue.ended = true;
        queue.waiting.clear();
        self.shared.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(topic: Topic, name: &'static str, ran: &Arc<Mutex<Vec<&'static str>>>) -> Waiting {
        let ran = ran.clone();
        Waiting { topic, session: None, job: Box::new(move |_| ran.lock().unwrap().push(name)) }
    }

    #[test]
    fn a_newer_question_takes_the_place_of_the_one_that_waits() {
        let ran = Arc::default();
        let mut queue = Queue::default();
        queue.put(question(Topic::Search, "a", &ran));
        queue.put(question(Topic::Other, "x", &ran));
        queue.put(question(Topic::Search, "ab", &ran));
        queue.put(question(Topic::Other, "y", &ran));
        assert_eq!(
            queue.waiting.iter().map(|one| one.topic).collect::<Vec<_>>(),
            [Topic::Search, Topic::Other, Topic::Other]
        );
    }

    #[test]
    fn two_of_one_topic_never_run_at_once() {
        let ran = Arc::default();
        let mut queue = Queue::default();
        queue.put(question(Topic::Search, "a", &ran));
        assert!(queue.take().is_some_and(|one| one.topic == Topic::Search));
        queue.put(question(Topic::Search, "ab", &ran));
        queue.put(question(Topic::Tiles, "tiles", &ran));
        assert!(queue.take().is_some_and(|one| one.topic == Topic::Tiles), "another topic goes on");
        assert!(queue.take().is_none(), "the newer search waits for the older");
        queue.done(Topic::Search);
        assert!(queue.take().is_some_and(|one| one.topic == Topic::Search));
    }
}
