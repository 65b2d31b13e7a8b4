//! Tries out a library in another process, the first time its hash is seen: opening a library can end a process before
//! any check of ours runs.

use crate::discover::Found;
use crate::refusal::{Code, Refusal};
use crate::state::{Probed, State, code_of};
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Begins the line with the trial's result, among whatever a library prints.
pub const RESULT_PREFIX: &str = "aurapos-probe ";
/// How often the trial process is looked at.
const POLL: Duration = Duration::from_millis(2);

/// The trial's result, one JSON line.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProbeResult {
    /// Empty when everything passed, otherwise the refusal's code.
    pub code: String,
    /// The refusal's sentence.
    pub message: String,
}

/// Tries the library out unless this hash was tried before.
///
/// # Errors
/// It crashed, hung, or was refused there.
pub(crate) fn probe(
    found: &Found,
    sha256: &str,
    copy: &Path,
    program: &Path,
    deadline: Duration,
    state: &State,
) -> Result<(), Refusal> {
    let id = found.manifest.id.as_str();
    if let Some(known) = state.probed(sha256) {
        let Some(code) = code_of(&known.code) else { return Ok(()) };
        return Err(Refusal { code, message: known.message, next: code.next().to_owned() });
    }
    let result = run(found, copy, program, deadline);
    // What depends on this machine or this program (a missing library, a layout) may be other tomorrow: only a pass, and
    // what must not be tried again without being asked, is remembered.
    let (code, message) = match &result {
        Ok(()) => (String::new(), String::new()),
        Err(refusal) if matches!(refusal.code, Code::ProbeDied | Code::ProbeHung) => {
            tracing::error!(plugin = id, code = refusal.code.text(), "{refusal}");
            (refusal.code.text().to_owned(), refusal.message.clone())
        }
        Err(_) => return result,
    };
    state.remember_probe(Probed { sha256: sha256.to_owned(), code, message });
    result
}

fn run(found: &Found, copy: &Path, program: &Path, deadline: Duration) -> Result<(), Refusal> {
    let id = found.manifest.id.as_str();
    let mut child = Command::new(program)
        .arg(copy)
        .arg(found.folder.join("plugin.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Refusal::new(Code::NoProbe, id, format!("{}: {error}", program.display())))?;
    let status = wait(&mut child, deadline).map_err(|error| Refusal::new(Code::NoProbe, id, error))?;
    let Some(status) = status else {
        let particulars = format!("it did not end within {} s", deadline.as_secs_f64());
        return Err(Refusal::new(Code::ProbeHung, id, particulars));
    };
    let mut said = Vec::new();
    if let Some(output) = child.stdout.take() {
        // A pipe whose process is gone ends; what is more than a result line can be is not read.
        let _ = output.take(1024 * 1024).read_to_end(&mut said);
    }
    understand(id, status, &String::from_utf8_lossy(&said))
}

/// Waits for the child; kills it at the deadline.
fn wait(child: &mut Child, deadline: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

fn understand(id: &str, status: ExitStatus, said: &str) -> Result<(), Refusal> {
    let line = said.lines().rev().find_map(|line| line.strip_prefix(RESULT_PREFIX));
    let Some(line) = line else {
        return Err(Refusal::new(Code::ProbeDied, id, format!("the trial ended with {status}")));
    };
    let result: ProbeResult = serde_json::from_str(line).map_err(|error| Refusal::new(Code::ProbeLied, id, error))?;
    if result.code.is_empty() {
        // It passed, and then killed its process on the way out.
        return if status.success() {
            Ok(())
        } else {
            Err(Refusal::new(Code::ProbeDied, id, format!("the trial ended with {status}")))
        };
    }
    let code = code_of(&result.code).ok_or_else(|| Refusal::new(Code::ProbeLied, id, result.code.clone()))?;
    Err(Refusal { code, message: result.message, next: code.next().to_owned() })
}
