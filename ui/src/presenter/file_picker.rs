//! Choosing a file in the window: opened with what shall be done with the file.
//!
//! `file_picker::open(shell, "csv", |shell, path| …)`: the dialog (`FilePickerDialog` on the screen that needs it) shows
//! folders; a tap on a file closes it and hands the path over.

use crate::host::{FileEntry, Folder, HostResult};
use crate::presenter::status;
use crate::shell::Shell;
use std::path::PathBuf;

type Then = Box<dyn FnOnce(&mut Shell, PathBuf)>;

/// How the folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum State {
    #[default]
    Loading,
    Ready,
    Failed,
}

/// State of the dialog.
#[derive(Default)]
pub struct FilePicker {
    then: Option<Then>,
    ending: String,
    folder: Option<Folder>,
    /// Where the next time begins.
    last: Option<PathBuf>,
    wanted: Option<PathBuf>,
    typed: String,
    state: State,
    error: String,
    shown: i32,
    /// Which listing is awaited: an older one does not count any more.
    asked: u64,
}

impl std::fmt::Debug for FilePicker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilePicker")
            .field("open", &self.then.is_some())
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}

impl FilePicker {
    /// It is shown.
    pub fn is_open(&self) -> bool {
        self.then.is_some()
    }

    /// What is looked for.
    pub fn ending(&self) -> &str {
        &self.ending
    }

    /// How the folder is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Why it cannot be shown.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// The path above the list.
    pub fn path(&self) -> &str {
        &self.typed
    }

    /// Counts up with every folder.
    pub fn shown(&self) -> i32 {
        self.shown
    }

    /// The folder that is shown.
    pub fn folder(&self) -> Option<&Folder> {
        self.folder.as_ref()
    }
}

/// Asks for a file of an ending (without the dot; empty: any). `then` is not called when nothing is chosen.
pub fn open(shell: &mut Shell, ending: &str, then: impl FnOnce(&mut Shell, PathBuf) + 'static) {
    shell.file_picker.then = Some(Box::new(then));
    ending.clone_into(&mut shell.file_picker.ending);
    let start = shell.file_picker.last.clone();
    list(shell, start);
}

/// Nothing is chosen.
pub fn cancel(shell: &mut Shell) {
    shell.file_picker.then = None;
}

fn list(shell: &mut Shell, path: Option<PathBuf>) {
    let picker = &mut shell.file_picker;
    picker.state = State::Loading;
    picker.wanted.clone_from(&path);
    picker.asked += 1;
    let (asked, ending) = (picker.asked, picker.ending.clone());
    let answer = shell.expect(move |shell, result| {
        if shell.file_picker.asked == asked {
            listed(shell, result);
        }
    });
    shell.host().folder(shell.session_id(), path, &ending, answer);
}

fn listed(shell: &mut Shell, result: HostResult<Folder>) {
    match result {
        Ok(folder) => {
            let picker = &mut shell.file_picker;
            picker.typed = folder.path.display().to_string();
            picker.last = Some(folder.path.clone());
            picker.folder = Some(folder);
            picker.state = State::Ready;
            picker.shown = picker.shown.wrapping_add(1);
        }
        Err(trouble) => {
            let (sentence, next) = status::told(shell, &trouble);
            let picker = &mut shell.file_picker;
            picker.error = format!("{sentence} {next}");
            // A folder that is gone is no place to begin at the next time.
            picker.last = None;
            picker.state = State::Failed;
        }
    }
}

/// An entry was tapped: a folder is opened, a file is taken.
pub fn choose(shell: &mut Shell, index: usize) {
    let entry = shell.file_picker.folder.as_ref().and_then(|folder| folder.entries.get(index));
    if let Some(entry) = entry.filter(|_| shell.file_picker.state == State::Ready).cloned() {
        take(shell, entry);
    }
}

/// A place at the side was tapped.
pub fn choose_place(shell: &mut Shell, index: usize) {
    let place = shell.file_picker.folder.as_ref().and_then(|folder| folder.places.get(index));
    if let Some(place) = place.cloned() {
        list(shell, Some(place.path));
    }
}

/// The folder above.
pub fn up(shell: &mut Shell) {
    let parent = shell.file_picker.folder.as_ref().and_then(|folder| folder.parent.clone());
    if parent.is_some() {
        list(shell, parent);
    }
}

/// A path was typed: a file of the ending is taken, anything else is listed.
pub fn typed(shell: &mut Shell, text: &str) {
    let path = PathBuf::from(unquoted(text));
    if path.as_os_str().is_empty() {
        return list(shell, None);
    }
    text.clone_into(&mut shell.file_picker.typed);
    if is_file_name(&path, &shell.file_picker.ending) {
        finish(shell, path);
    } else {
        list(shell, Some(path));
    }
}

/// Once more.
pub fn retry(shell: &mut Shell) {
    let wanted = shell.file_picker.wanted.clone();
    list(shell, wanted);
}

fn take(shell: &mut Shell, entry: FileEntry) {
    if entry.folder { list(shell, Some(entry.path)) } else { finish(shell, entry.path) }
}

fn finish(shell: &mut Shell, path: PathBuf) {
    if let Some(then) = shell.file_picker.then.take() {
        then(shell, path);
    }
}

/// What is copied from a file manager often stands in quotes.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text)
}

/// Whether a typed path names a file of the ending. With any ending it cannot be told and the folder is asked for.
fn is_file_name(path: &std::path::Path, ending: &str) -> bool {
    !ending.is_empty() && path.extension().is_some_and(|found| found.to_string_lossy().eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn typed_paths() {
        assert_eq!(unquoted(" \"/users/a b.csv\" "), "/users/a b.csv");
        assert_eq!(unquoted("'x'"), "x");
        assert_eq!(unquoted("\"x"), "\"x");
        for (path, ending, file) in
            [("/a/b.csv", "csv", true), ("/a/b.CSV", "csv", true), ("/a/b", "csv", false), ("/a/b.csv", "", false)]
        {
            assert_eq!(is_file_name(Path::new(path), ending), file, "{path}");
        }
    }
}
