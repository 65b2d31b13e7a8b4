//! What goes wrong here, as the screens tell it. Codes of this program: AP-09xx.

use aurapos_runtime::RuntimeError;
use aurapos_runtime::contract::error::ErrorCode;
use aurapos_runtime::plugin_host::Refusal;
use aurapos_server::ServerError;
use aurapos_ui::host::{CALLED_OFF, Trouble};
use std::path::Path;

/// A trouble from its three parts.
pub(super) fn trouble(code: &str, message: &str, next: &str) -> Trouble {
    Trouble { code: code.to_owned(), message: message.to_owned(), next: next.to_owned(), missing: None }
}

/// What the operator called off.
pub(super) fn called_off() -> Trouble {
    trouble(CALLED_OFF, "This was called off.", "Nothing was changed.")
}

/// There is no register open to do it with.
pub(super) fn not_open() -> Trouble {
    trouble("AP-0903", "No register is open.", "Open it first.")
}

/// A file or folder that could not be used.
pub(super) fn of_file(path: &Path, error: &std::io::Error) -> Trouble {
    let message = format!("{} cannot be used: {error}.", path.display());
    trouble("AP-0904", &message, "Check its name and its rights, and that the disk is still there.")
}

/// What the runtime says.
pub(super) fn of_runtime(error: &RuntimeError) -> Trouble {
    match error {
        RuntimeError::Call(call) if call.code == ErrorCode::Cancelled => called_off(),
        _ => trouble(error.code(), &sentence(&error.to_string()), &error.next()),
    }
}

/// What the server beside the master says.
pub(super) fn of_server(error: &ServerError) -> Trouble {
    match error {
        ServerError::Cancelled { .. } => called_off(),
        _ => trouble(error.code(), &sentence(&error.to_string()), &error.next()),
    }
}

/// Why a plugin was refused.
pub(super) fn of_refusal(refusal: &Refusal) -> Trouble {
    trouble(refusal.code_text(), &sentence(&refusal.message), &refusal.next)
}

/// The runtime's messages begin small, to stand behind a program's name; on a screen they are sentences.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    // A name or a path at the beginning stays as it is.
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_word = word.chars().all(char::is_alphabetic);
    let mut sentence = if is_word { first.to_uppercase().chain(letters).collect() } else { text.to_owned() };
    if !sentence.ends_with(['.', '!', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("there is no shop in /d"), "There is no shop in /d.");
        assert_eq!(sentence("/d/aurapos.toml, line 3: no"), "/d/aurapos.toml, line 3: no.");
        assert_eq!(sentence("aurapos.toml is missing"), "aurapos.toml is missing.");
        assert_eq!(sentence("The file is gone."), "The file is gone.");
        assert_eq!(sentence(""), "");
    }
}
