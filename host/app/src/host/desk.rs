//! A thread that does one job after another, so that whoever has something to do never waits.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Something to do.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// A thread with a queue. It ends when the desk is dropped and its queue is empty.
#[derive(Debug)]
pub(super) struct Desk {
    jobs: Sender<Job>,
}

impl Desk {
    /// Starts the thread.
    pub(super) fn start(name: &str) -> io::Result<Desk> {
        let (jobs, queue) = channel::<Job>();
        thread::Builder::new().name(name.to_owned()).spawn(move || queue.into_iter().for_each(run))?;
        Ok(Desk { jobs })
    }

    /// Queues a job; never waits.
    pub(super) fn post(&self, job: impl FnOnce() + Send + 'static) {
        // The thread lives as long as the desk: nothing comes back.
        let _ = self.jobs.send(Box::new(job));
    }

    /// Waits until everything that is queued now is done.
    pub(super) fn drain(&self) {
        let (done, all) = channel();
        self.post(move || drop(done));
        // Ends with the sender, whatever becomes of it.
        let _: Result<(), _> = all.recv();
    }
}

/// Runs a job; one that panics takes nothing else with it.
pub(super) fn run(job: Job) {
    if catch_unwind(AssertUnwindSafe(job)).is_err() {
        tracing::error!("a job of the window panicked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn jobs_run_in_order_and_survive_a_panic() {
        let desk = Desk::start("test").unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        for number in 0..4 {
            let seen = seen.clone();
            desk.post(move || {
                assert_ne!(number, 2, "this one panics");
                seen.lock().unwrap().push(number);
            });
        }
        desk.drain();
        assert_eq!(*seen.lock().unwrap(), [0, 1, 3]);
    }
}
