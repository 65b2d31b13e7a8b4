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
    /// What was done and stays done when nobody can be told; empty for what only looked.
    pub done: String,
    /// Who did it stands nowhere: it was the owner of this machine.
    pub by_the_owner: bool,
}

/// What is said of everything that is done as nobody of the shop.
const BY_THE_OWNER: &str = "Done as the owner of this machine: no person of the shop is named for it.";

impl Answer {
    /// An answer that is good.
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Answer { json, text: text.into(), good: true, done: String::new(), by_the_owner: false }
    }

    /// Nothing more to write: the command wrote its lines itself.
    pub fn silent(good: bool) -> Self {
        Answer { good, ..Answer::new(Value::Null, "") }
    }

    /// The same answer, saying that the owner of this machine did it: in text mode on standard error, in JSON as a field.
    #[must_use]
    pub fn by_the_owner(mut self) -> Self {
        if let Some(fields) = self.json.as_object_mut() {
            fields.insert("by_the_owner".to_owned(), true.into());
        }
        self.by_the_owner = true;
        self
    }

    /// The same answer, with what stays done when it cannot be written: `R1-1-000042 is stored`.
    #[must_use]
    pub fn done(mut self, what: impl Into<String>) -> Self {
        self.done = what.into();
        self
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

    /// The answer could not be written to standard output. What was done is named: it must not be done again.
    pub fn unwritten(done: &str, error: &io::Error) -> Self {
        if done.is_empty() {
            let message = format!("the answer could not be written: {error}");
            return Failure::new("AP-0504", message, "Check where standard output goes, then ask again.");
        }
        let message = format!("{done}, but the answer could not be written: {error}");
        Failure::new("AP-0504", message, "Don't do it again: look at what is there, a sale with `sales list`.")
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
            tell(failure, as_json);
            return ExitCode::from(if failure.usage { 2 } else { 1 });
        }
    };
    if let Ok(answer) = outcome
        && answer.by_the_owner
        && !as_json
    {
        // Nobody reads standard error: it is done all the same.
        let _ = writeln!(io::stderr(), "{BY_THE_OWNER}");
    }
    match (outcome, written) {
        // The reader of something that only looked went away (`| head`): it had enough.
        (Ok(answer), Err(error)) if answer.done.is_empty() && error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        (Ok(answer), Err(error)) => {
            tell(&Failure::unwritten(&answer.done, &error), as_json);
            ExitCode::from(1)
        }
        (Ok(answer), Ok(())) if answer.good => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}

fn tell(failure: &Failure, as_json: bool) {
    let text = if as_json { failure.json().to_string() } else { failure.text() };
    // Nobody reads standard error: the exit code still tells.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes one line to standard output, flushed.
pub fn line_out(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
