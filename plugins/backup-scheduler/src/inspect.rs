//! Is this file what its manifest says, and is it a shop? Reads it whole, then asks the host.

use crate::contract::backup::CopyCheck;
use crate::contract::value::Timestamp;
use crate::contract::{BackupHost, ErrorCode, PluginError, PluginResult, Progress};
use crate::failure;
use crate::files::{self, Content};
use crate::manifest::{Check, Manifest, TableRows, Verdict};
use crate::shelf::{self, Entry, Shelf};
use std::path::{Path, PathBuf};

/// A backup that somebody named: one of the list, or a file anywhere.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The file.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Set when it is in the list.
    pub entry: Option<Entry>,
    /// The manifest beside it; `None` when there is none.
    pub manifest: Option<Manifest>,
    /// What is wrong with it before it is read.
    pub flaw: Option<String>,
}

/// What reading and checking found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Size and hash; absent when the file could not be read or was wrong before.
    pub content: Option<Content>,
    /// What the host said; absent when it was not asked.
    pub check: Option<CopyCheck>,
    /// What is wrong, naming the file; absent when nothing is.
    pub problem: Option<String>,
}

/// Finds what a name or path means: first a name of the list, then a file.
pub fn subject(shelf: &Shelf, name: &str) -> PluginResult<Subject> {
    let path = Path::new(name);
    let is_path = name.contains(std::path::MAIN_SEPARATOR);
    if !is_path || path.parent().is_some_and(|folder| on_shelf(shelf, folder)) {
        match shelf.find(path.file_name().and_then(|file| file.to_str()).unwrap_or(name)) {
            Ok(entry) => return Ok(listed(entry)),
            // A file in the folder where the command was typed.
            Err(error) if error.code == ErrorCode::NotFound && path.is_file() => {}
            Err(error) => return Err(error),
        }
    }
    found(path)
}

fn listed(entry: Entry) -> Subject {
    let flaw = entry.flaw().or_else(|| entry.aside.then(|| format!("{} did not pass its check", entry.name)));
    let (path, name, manifest) = (entry.path.clone(), entry.name.clone(), entry.manifest().cloned());
    Subject { path, name, manifest, flaw, entry: Some(entry) }
}

/// A file that is not in the list, with the manifest that lies beside it.
fn found(path: &Path) -> PluginResult<Subject> {
    let metadata = std::fs::metadata(path).map_err(|error| failure::io("opening", path, &error))?;
    let name = path.file_name().and_then(|file| file.to_str()).filter(|_| metadata.is_file()).ok_or_else(|| {
        PluginError::new(ErrorCode::NotFound, format!("{} is no file", path.display()))
            .with_next("Name the backup file itself.")
    })?;
    let (manifest, flaw) = match shelf::read_manifest(path) {
        None => (None, None),
        Some(Err(error)) => (None, Some(format!("{name}: its manifest {error}"))),
        Some(Ok(manifest)) => {
            let flaw = shelf::name_and_size_flaw(&manifest, name, metadata.len());
            (Some(manifest), flaw)
        }
    };
    Ok(Subject { path: path.to_path_buf(), name: name.to_owned(), entry: None, manifest, flaw })
}

fn on_shelf(shelf: &Shelf, folder: &Path) -> bool {
    use crate::manifest::Series::{Daily, Safety, Weekly};
    [Daily, Weekly, Safety].into_iter().any(|series| shelf.folder(series) == folder)
}

/// Reads and checks a backup. An error means that it could not be checked, not that it is bad.
pub fn examine(
    shelf: &Shelf,
    subject: &Subject,
    host: &dyn BackupHost,
    progress: &dyn Progress,
) -> PluginResult<Finding> {
    let bad = |content, problem| Ok(Finding { content, check: None, problem: Some(problem) });
    if let Some(flaw) = &subject.flaw {
        return bad(None, flaw.clone());
    }
    let content = files::read_content(&subject.path, "reading the backup", progress)?;
    if let Some(problem) = content_problem(shelf, subject, &content) {
        return bad(Some(content), problem);
    }
    failure::stop_if_cancelled(progress)?;
    let checked = match check_copy(host, &subject.path, progress) {
        Ok(checked) => checked,
        Err(error) if is_about_the_file(error.code) => {
            return bad(Some(content), format!("{}: {}", subject.name, error.message));
        }
        Err(error) => return Err(error),
    };
    let problem = match (checked.ok, &subject.manifest) {
        (false, _) => Some(refusal(&checked)),
        (true, Some(manifest)) if checked.position != manifest.record().position => {
            Some(format!("it ends at commit {}, its manifest says {}", checked.position, manifest.record().position))
        }
        _ => None,
    };
    let problem = problem.map(|problem| format!("{}: {problem}", subject.name));
    Ok(Finding { content: Some(content), check: Some(checked), problem })
}

/// Size and hash against the manifest, and the manifest against the one before it.
fn content_problem(shelf: &Shelf, subject: &Subject, content: &Content) -> Option<String> {
    let manifest = subject.manifest.as_ref()?;
    if let Some(flaw) = shelf::name_and_size_flaw(manifest, &subject.name, content.bytes) {
        return Some(flaw);
    }
    if content.sha256 != manifest.record().sha256 {
        return Some(match holder_of(shelf, &content.sha256) {
            Some(other) => format!("{} was swapped: it holds the backup {other}", subject.name),
            None => format!("{} was changed: its bytes are not those that were backed up", subject.name),
        });
    }
    chain_problem(shelf, subject, manifest)
}

/// The backup on the shelf whose manifest has this hash.
fn holder_of(shelf: &Shelf, sha256: &str) -> Option<String> {
    let entries = shelf.entries().ok()?;
    let other = entries.into_iter().find(|entry| entry.manifest().is_some_and(|it| it.record().sha256 == sha256));
    other.map(|entry| entry.name)
}

/// The manifest before this one in the series, as far as it is still there: retention takes old ones away.
fn chain_problem(shelf: &Shelf, subject: &Subject, manifest: &Manifest) -> Option<String> {
    let entry = subject.entry.as_ref()?;
    let link = manifest.record().previous.as_ref()?;
    let entries = shelf.entries().ok()?;
    let before = entries
        .iter()
        .filter(|other| other.series == entry.series)
        .filter_map(Entry::manifest)
        .find(|other| other.record().name == link.name)?;
    (before.series_seal() != link.seal).then(|| {
        format!("{}: the series is broken: {} is not the backup that was made before it", subject.name, link.name)
    })
}

/// Asks the host, after telling people.
pub fn check_copy(host: &dyn BackupHost, path: &Path, progress: &dyn Progress) -> PluginResult<CopyCheck> {
    progress.report(0, 0, "checking the backup as a shop");
    host.check_copy(&path.to_string_lossy(), progress)
}

/// Whether an error of a check says that the file is bad, rather than that it could not be checked now.
pub fn is_about_the_file(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Damaged
            | ErrorCode::NotAStore
            | ErrorCode::SchemaNewer
            | ErrorCode::SchemaConflict
            | ErrorCode::BadValue
    )
}

/// What the host's refusal says, in one sentence.
pub fn refusal(checked: &CopyCheck) -> String {
    match checked.problems.as_slice() {
        [] if checked.summary.is_empty() => "did not pass the check".to_owned(),
        [] => checked.summary.clone(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
    }
}

/// Rows that the check counted otherwise than the storage said when it made the copy; a full disk can leave a database
/// that is sound and empty.
pub fn row_problem(tables: &[TableRows], checked: &CopyCheck) -> Option<String> {
    tables.iter().find_map(|table| {
        let counted = checked.tables.iter().find(|other| other.table == table.table)?;
        (counted.rows != table.rows)
            .then(|| format!("the table {} has {} rows, {} were copied", table.table, counted.rows, table.rows))
    })
}

/// A check as the manifest keeps it. `problem` overrides what the host said.
pub fn record_of(checked: Option<&CopyCheck>, problem: Option<&str>, time: Timestamp) -> Check {
    let nothing = CopyCheck::default();
    let seen = checked.unwrap_or(&nothing);
    let summary = match problem {
        Some(problem) => problem.to_owned(),
        None if seen.summary.is_empty() => format!("checked, {} sales, 0 differences", seen.sales),
        None => seen.summary.clone(),
    };
    let mut problems: Vec<String> = seen.problems.iter().take(20).cloned().collect();
    if problems.is_empty() {
        problems.extend(problem.map(str::to_owned));
    }
    Check {
        verdict: if problem.is_some() { Verdict::Refused } else { Verdict::Verified },
        time,
        summary,
        sales: seen.sales,
        entries: seen.entries,
        schema: format!("{}.{}", seen.schema_major, seen.schema_minor),
        problems,
    }
}
