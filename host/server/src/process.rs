//! Programs of others: run to their end, with what they said.

use crate::ServerError;
use std::process::{Command, Stdio};

/// Characters of a program's words that are told.
const TOLD_CHARACTERS_MAX: usize = 600;

/// Runs a program to its end; its standard output.
///
/// # Errors
/// It cannot be started or ends badly.
pub(crate) fn run(command: &mut Command, name: &str) -> Result<String, ServerError> {
    let failed = |said: String| ServerError::Program { program: name.to_owned(), said };
    let output = command.stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stderr, output.stdout].concat();
    let said = one_line(&String::from_utf8_lossy(&said));
    Err(failed(if said.is_empty() { output.status.to_string() } else { said }))
}

/// What a program said, in one line of a bearable length; its end matters most.
pub(crate) fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let line = lines.join(" / ");
    let skipped = line.chars().count().saturating_sub(TOLD_CHARACTERS_MAX);
    if skipped == 0 { line } else { format!("…{}", line.chars().skip(skipped).collect::<String>()) }
}
