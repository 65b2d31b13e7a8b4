//! Tries out a library in another process, the first time its hash is seen: opening a library can end a process before
//! any check of ours runs.
//!
//! The result travels in a file of a fixed size that the trial was given, never on its standard output, which the library
//! may write to without end and hand on to helpers. Nobody waits for the end of a stream: the host waits for the process,
//! with a deadline, ends everything in its group, and then reads. See ADR 0013.

mod answer;
pub mod child;

use crate::discover::Found;
use crate::image::Held;
use crate::os;
use crate::refusal::{Code, Refusal};
use crate::state::{Probed, State, code_of};
use answer::AnswerFile;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often the trial process is looked at.
const POLL: Duration = Duration::from_millis(2);
/// How long a process that was killed may take to go.
const REAP_MAX: Duration = Duration::from_secs(1);

/// Where and how long things are tried out.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    /// `aurapos-plugin-probe`.
    pub(crate) program: &'a Path,
    pub(crate) deadline: Duration,
    pub(crate) state: &'a State,
}

impl Trial<'_> {
    /// Tries the library out unless this hash was tried before.
    ///
    /// # Errors
    /// It crashed, hung, or was refused there.
    pub(crate) fn of(&self, found: &Found, sha256: &str, held: &Held) -> Result<(), Refusal> {
        let id = found.manifest.id.as_str();
        if let Some(known) = self.state.probed(sha256) {
            let Some(code) = code_of(&known.code) else { return Ok(()) };
            return Err(Refusal { code, message: known.message, next: code.next().to_owned() });
        }
        let result = self.run(found, held);
        // What depends on this machine or this program (a missing library, a layout) may be other tomorrow: only a pass,
        // and what must not be tried again without being asked, is remembered.
        let (code, message) = match &result {
            Ok(()) => (String::new(), String::new()),
            Err(refusal) if matches!(refusal.code, Code::ProbeDied | Code::ProbeHung) => {
                tracing::error!(plugin = id, code = refusal.code.text(), "{refusal}");
                (refusal.code.text().to_owned(), refusal.message.clone())
            }
            Err(_) => return result,
        };
        self.state.remember_probe(Probed { sha256: sha256.to_owned(), code, message });
        result
    }

    fn run(&self, found: &Found, held: &Held) -> Result<(), Refusal> {
        let id = found.manifest.id.as_str();
        let unheld = |error: std::io::Error| Refusal::new(Code::Cache, id, error);
        let (library, handle) = held.for_child().map_err(unheld)?;
        let none =
            |error: std::io::Error| Refusal::new(Code::NoProbe, id, format!("{}: {error}", self.program.display()));
        let answer = AnswerFile::new().map_err(none)?;
        let mut command = Command::new(self.program);
        command.arg(library).arg(&found.text);
        command.stdin(handle).stdout(answer.for_child().map_err(none)?).stderr(Stdio::null());
        os::lead_a_group(&mut command);
        let mut child = command.spawn().map_err(none)?;
        let Some(status) = wait(&mut child, self.deadline).map_err(none)? else {
            let particulars = format!("it did not end within {} s", self.deadline.as_secs_f64());
            return Err(Refusal::new(Code::ProbeHung, id, particulars));
        };
        // What happened to another library is not held against this one.
        held.compare().map_err(unheld)?;
        answer.understand(id, status)
    }
}

/// Waits for the child, and ends whatever it left behind. `None`: it had to be ended itself.
fn wait(child: &mut Child, deadline: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let ended = loop {
        match os::has_ended(child) {
            Ok(false) if start.elapsed() < deadline => std::thread::sleep(POLL),
            ended => break ended,
        }
    };
    // Before it is reaped: afterwards its number may be somebody else's.
    let killed = os::end(child);
    let status = reap(child)?;
    let in_time = ended?;
    killed?;
    Ok(status.filter(|_| in_time))
}

/// A process that was killed goes at once, unless the system itself holds it (a disk that does not answer).
fn reap(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        let status = child.try_wait()?;
        if status.is_some() || start.elapsed() >= REAP_MAX {
            return Ok(status);
        }
        std::thread::sleep(POLL);
    }
}
