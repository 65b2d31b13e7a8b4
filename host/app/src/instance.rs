//! One window a data folder: a second start asks the first to show its window.
//!
//! The register's lock is what keeps two programs from writing one shop; this only saves the operator a second window.
//! Where the system offers no way, or the first does not answer, the second opens and shows who has the register.

use crate::os::{Call, Line, dial, listen};
use sha2::{Digest, Sha256};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How long the second waits for the first's answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the second waits for a first that is about to end.
const END_PATIENCE: Duration = Duration::from_secs(5);
/// What the second asks.
const SHOW: &str = "show";
/// The first shows its window.
const SHOWN: &str = "shown";
/// The first has no window any more, and ends.
const ENDING: &str = "ending";

/// What this start is.
#[derive(Debug)]
pub enum Claim {
    /// The first, or nobody can tell.
    First(Instance),
    /// Another one shows its window now.
    Shown,
}

/// The first start's line, on which others call. Dropped, nobody is answered any more.
#[derive(Debug)]
pub struct Instance {
    line: Option<Line>,
}

/// Finds out which start this is of the data folder.
pub fn claim(folder: &Path) -> Claim {
    let name = name_of(folder);
    match ask(&name) {
        Some(Answer::Shown) => return Claim::Shown,
        Some(Answer::Ended) | None => {}
    }
    let line = listen(&name).map_err(|error| tracing::info!("no other start can be heard: {error}")).ok();
    Claim::First(Instance { line })
}

/// What the first said.
enum Answer {
    Shown,
    Ended,
}

fn ask(name: &str) -> Option<Answer> {
    let mut call = dial(name).ok()?;
    call.set_read_timeout(Some(PATIENCE)).ok()?;
    call.write_all(format!("{SHOW}\n").as_bytes()).ok()?;
    let mut reader = BufReader::new(call);
    let mut answer = String::new();
    reader.read_line(&mut answer).ok()?;
    match answer.trim() {
        SHOWN => Some(Answer::Shown),
        ENDING => {
            // The line ends with the first's process; whoever still holds the register then, the window tells.
            let call: &Call = reader.get_ref();
            call.set_read_timeout(Some(END_PATIENCE)).ok()?;
            let _ = reader.read_to_string(&mut answer);
            Some(Answer::Ended)
        }
        _ => None,
    }
}

impl Instance {
    /// Answers other starts from now on: shows the window, or says that the program is about to end.
    pub fn answer(self, is_ending: impl Fn() -> bool + Send + 'static, show: impl Fn() + Send + 'static) {
        let Some(line) = self.line else { return };
        let work = move || {
            // Held to the end of the process, which is what a caller waits for.
            let mut held: Vec<Call> = Vec::new();
            for call in line.incoming().flatten() {
                if let Some(call) = reply(call, &is_ending, &show) {
                    held.truncate(8);
                    held.push(call);
                }
            }
        };
        if let Err(error) = thread::Builder::new().name("other starts".to_owned()).spawn(work) {
            tracing::warn!("other starts are not answered: {error}");
        }
    }
}

/// Answers one caller; gives back the line of one who waits for the end.
fn reply(call: Call, is_ending: &impl Fn() -> bool, show: &impl Fn()) -> Option<Call> {
    call.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(call);
    let mut asked = String::new();
    // A word, not a book.
    (&mut reader).take(64).read_line(&mut asked).ok()?;
    if asked.trim() != SHOW {
        return None;
    }
    let mut call = reader.into_inner();
    let ending = is_ending();
    call.write_all(format!("{}\n", if ending { ENDING } else { SHOWN }).as_bytes()).ok()?;
    if ending {
        return Some(call);
    }
    show();
    None
}

/// A name of this user's folder that fits everywhere: a path may be longer than a socket's name can be.
fn name_of(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let hash = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let hash: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("aurapos-{}-{hash}", crate::os::user())
}

/// Shares the host with the thread that answers.
pub fn serve(instance: Instance, host: &Arc<crate::RuntimeHost>) {
    let (asked, shown) = (Arc::downgrade(host), Arc::downgrade(host));
    let is_ending = move || asked.upgrade().is_none_or(|host| host.is_ending());
    instance.answer(is_ending, move || {
        if let Some(host) = shown.upgrade() {
            host.show_window();
        }
    });
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;

    fn first(folder: &Path) -> Instance {
        match claim(folder) {
            Claim::First(instance) => instance,
            Claim::Shown => panic!("nobody else is there"),
        }
    }

    #[test]
    fn the_second_start_shows_the_first_window() {
        let place = tempfile::tempdir().unwrap();
        let (tell, told) = channel();
        first(place.path()).answer(|| false, move || tell.send(()).unwrap());
        for _ in 0..3 {
            assert!(matches!(claim(place.path()), Claim::Shown));
            told.recv_timeout(Duration::from_secs(60)).expect("the window is shown");
        }
        let other = tempfile::tempdir().unwrap();
        drop(first(other.path()));
        drop(first(other.path()));
    }

    #[test]
    fn a_first_that_does_not_answer_holds_nobody_up() {
        let place = tempfile::tempdir().unwrap();
        let line = listen(&name_of(place.path())).unwrap();
        let hangs_up = thread::spawn(move || drop(line.accept()));
        assert!(ask(&name_of(place.path())).is_none());
        hangs_up.join().unwrap();
    }

    #[test]
    fn a_first_that_ends_is_waited_for() {
        let place = tempfile::tempdir().unwrap();
        let name = name_of(place.path());
        let line = listen(&name).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let ends = over.clone();
        let first = thread::spawn(move || {
            let (call, _) = line.accept().unwrap();
            let held = reply(call, &|| true, &|| panic!("it has no window")).unwrap();
            ends.store(true, Ordering::SeqCst);
            drop(held);
        });
        assert!(matches!(ask(&name), Some(Answer::Ended)));
        assert!(over.load(Ordering::SeqCst));
        first.join().unwrap();
    }
}
