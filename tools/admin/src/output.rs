//! What comes out: one answer, as text or as one JSON document; one error, in the same two forms.

use serde_json::{Value, json};
use std::io::{self, Write as _};
use std::process::ExitCode;

/// What a command has to say.
#[derive(Debug)]
pub struct Answer {
    /// For scripts.
    pub json: Value,
    /// For people, without the last newline.
    pub text: String,
    /// Everything is as it should be; otherwise the exit code is 1 although there is an answer (a check that found
    /// something).
    pub good: bool,
}

impl Answer {
    /// An answer that is good.
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Answer { json, text: text.into(), good: true }
    }

    /// An answer that says what is wrong.
    pub fn bad(json: Value, text: impl Into<String>) -> Self {
        Answer { json, text: text.into(), good: false }
    }

    /// Nothing more to write: the command wrote its lines itself.
    pub fn silent(good: bool) -> Self {
        Answer { json: Value::Null, text: String::new(), good }
    }
}

/// Why a command was refused.
#[derive(Debug, Clone)]
pub struct Failure {
    /// `AP-0000` or `P-000`.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// What to do next; may be empty.
    pub next: String,
    /// It was asked wrongly: exit code 2.
    pub usage: bool,
}

/// What a command ends with.
pub type Outcome = Result<Answer, Failure>;

impl Failure {
    /// A refusal.
    pub fn new(code: impl Into<String>, message: impl Into<String>, next: impl Into<String>) -> Self {
        Failure { code: code.into(), message: message.into(), next: next.into(), usage: false }
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>, next: impl Into<String>) -> Self {
        Failure { usage: true, ..Failure::new("AP-0001", message, next) }
    }

    /// The error as scripts read it.
    pub fn json(&self) -> Value {
        json!({"error": {"code": self.code, "message": self.message, "next": self.next}})
    }

    fn text(&self) -> String {
        let Failure { code, message, next, .. } = self;
        if next.is_empty() { format!("{code}: {message}") } else { format!("{code}: {message}\n{next}") }
    }
}

/// Writes the outcome and chooses the exit code.
pub fn finish(outcome: &Outcome, as_json: bool) -> ExitCode {
    let written = match outcome {
        Ok(answer) if as_json && answer.json.is_null() => Ok(()),
        Ok(answer) if as_json => line_out(&answer.json.to_string()),
        Ok(answer) if answer.text.is_empty() => Ok(()),
        Ok(answer) => line_out(&answer.text),
        Err(failure) => {
            let text = if as_json { failure.json().to_string() } else { failure.text() };
            // Nobody reads standard error: the exit code still tells.
            let _ = writeln!(io::stderr(), "{text}");
            Ok(())
        }
    };
    match (outcome, written) {
        // The reader went away (`| head`): what was done is done.
        (_, Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        (_, Err(_)) => ExitCode::from(1),
        (Ok(answer), Ok(())) if answer.good => ExitCode::SUCCESS,
        (Ok(_), Ok(())) => ExitCode::from(1),
        (Err(failure), Ok(())) => ExitCode::from(if failure.usage { 2 } else { 1 }),
    }
}

/// Writes one line to standard output, flushed.
pub fn line_out(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
