//! What a trial answers, and the file in which it does.

use crate::os;
use crate::refusal::{Code, Refusal};
use crate::state::code_of;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::process::ExitStatus;

/// Size of the file, in bytes. It cannot grow.
const ANSWER_BYTES: usize = 16 * 1024;
/// Most characters of a message that comes from a plugin.
const MESSAGE_CHARS_MAX: usize = 1_000;

/// The trial's result: one JSON line at the beginning of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    /// Empty when everything passed, otherwise the refusal's code.
    code: String,
    /// The refusal's sentence.
    message: String,
}

/// The file, of the host's side.
#[derive(Debug)]
pub(super) struct AnswerFile(File);

impl AnswerFile {
    /// An empty one, in memory where the system has such files.
    pub(super) fn new() -> io::Result<AnswerFile> {
        let in_memory = os::fixed("aurapos-trial", ANSWER_BYTES as u64);
        in_memory.or_else(|_| crate::files::nameless()).map(AnswerFile)
    }

    pub(super) fn for_child(&self) -> io::Result<File> {
        self.0.try_clone()
    }

    /// What the trial said, once its process is gone.
    ///
    /// # Errors
    /// It refused the plugin, or it died, or what stands there is no answer.
    pub(super) fn understand(&self, id: &str, status: ExitStatus) -> Result<(), Refusal> {
        let died = || Refusal::new(Code::ProbeDied, id, format!("the trial ended with {status}"));
        let mut bytes = vec![0; ANSWER_BYTES];
        let length = os::read_start(&self.0, &mut bytes).map_err(|error| Refusal::new(Code::ProbeLied, id, error))?;
        let said = &bytes[..length];
        if said.iter().all(|&byte| byte == 0) {
            return Err(died());
        }
        let line = said.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let answer: Answer = serde_json::from_slice(line).map_err(|error| Refusal::new(Code::ProbeLied, id, error))?;
        if answer.code.is_empty() {
            // It passed, and then killed its process on the way out.
            return if status.success() { Ok(()) } else { Err(died()) };
        }
        let code = code_of(&answer.code).ok_or_else(|| Refusal::new(Code::ProbeLied, id, &answer.code))?;
        Err(Refusal { code, message: answer.message, next: code.next().to_owned() })
    }
}

/// Writes the result over whatever stands in the file.
pub(super) fn write(file: &File, result: &Result<(), Refusal>) -> io::Result<()> {
    let (code, message) = match result {
        Ok(()) => (String::new(), String::new()),
        Err(refusal) => (refusal.code.text().to_owned(), refusal.message.chars().take(MESSAGE_CHARS_MAX).collect()),
    };
    let line = serde_json::to_string(&Answer { code, message })?;
    os::write_start(file, format!("{line}\n").as_bytes())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::os::write_start;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn an_answer_is_understood_or_named() {
        let (well, dead) = (ExitStatus::from_raw(0), ExitStatus::from_raw(libc::SIGABRT));
        let check = |written: &dyn Fn(&File) -> io::Result<()>, status: ExitStatus, expected: Result<(), Code>| {
            let file = AnswerFile::new().unwrap();
            written(&file.for_child().unwrap()).unwrap();
            let understood = file.understand("evil", status).map_err(|refusal| refusal.code);
            assert_eq!(understood, expected);
        };
        let passed = |file: &File| write(file, &Ok(()));
        check(&passed, well, Ok(()));
        check(&passed, dead, Err(Code::ProbeDied));
        check(&|_| Ok(()), well, Err(Code::ProbeDied));
        check(&|file| write_start(file, b"all is well"), well, Err(Code::ProbeLied));
        check(&|file| write_start(file, b"{\"code\":\"P-999\",\"message\":\"\"}\n"), well, Err(Code::ProbeLied));
        let long = "\u{1}".repeat(1_000_000);
        let unwell = Err(Refusal::new(Code::Unwell, "evil", &long));
        check(&|file| write(file, &unwell), well, Err(Code::Unwell));
        // Written over what the library left there.
        let late = |file: &File| write_start(file, &[b'x'; 300]).and_then(|()| write(file, &Ok(())));
        check(&late, well, Ok(()));
    }
}
