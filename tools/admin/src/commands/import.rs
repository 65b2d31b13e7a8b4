//! `import products`: planned beside the engine, applied slice by slice.

use super::context::{Context, Open};
use super::progress::ProgressLine;
use crate::cli::ImportCommand;
use crate::output::{Answer, Failure, Outcome};
use crate::words::count;
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::engine::command::{Command, Reply, SessionId};
use aurapos_runtime::engine::error::{Code, EngineResult};
use aurapos_runtime::engine::import::{ImportReport, Planner, TextEncoding, write_all};
use aurapos_runtime::{CallResult, ids, sample, zone};
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

/// `import …`
pub fn import(context: &Context, what: &ImportCommand) -> Outcome {
    let ImportCommand::Products { file, encoding, dry_run, who, .. } = what;
    let encoding = encoding.as_deref().map(named).transpose()?;
    let (input, size) = match file {
        Some(file) => open_file(file)?,
        None => of_sample(),
    };
    if *dry_run {
        let reader = context.reader()?;
        let ids = reader.site.ids.clone();
        let today = today(reader.site.zone.get());
        let report = Planner::open_as(reader.store.as_ref(), input, encoding, today, move || ids.next())?.dry_run()?;
        return Ok(answer(&report, true));
    }
    let open = Open::register(context)?;
    // Whoever has the machine may bring a catalog in: the journal then names nobody. Named, it is done as that person
    // and needs the right.
    let session = if who.operator.is_some() { Some(open.sign_in(who)?) } else { None };
    let progress = ProgressLine::new();
    let report = run(&open, session, encoding, Counted { input, read: 0, size, progress: &progress })?;
    open.close();
    drop(progress);
    Ok(answer(&report, false))
}

/// Imports a text that is at hand.
pub fn import_text(open: &Open, session: Option<SessionId>, text: &[u8]) -> Result<ImportReport, Failure> {
    run(open, session, None, text)
}

/// The encoding of a name.
fn named(name: &str) -> Result<TextEncoding, Failure> {
    TextEncoding::named(name).ok_or_else(|| {
        let next = "Names are those of the web: utf-8, windows-1250, windows-1251, windows-1252, windows-1254, shift-jis, gbk; \
                    also macintosh and cp850.";
        Failure::usage(format!("\"{name}\" is no encoding that is known here"), next)
    })
}

fn run(
    open: &Open,
    session: Option<SessionId>,
    encoding: Option<TextEncoding>,
    input: impl Read,
) -> Result<ImportReport, Failure> {
    let site = open.register.site();
    let ids = site.ids.clone();
    let mut planner =
        Planner::open_as(open.register.store().as_ref(), input, encoding, today(site.zone.get()), move || ids.next())?;
    // One slice is written while the next is planned.
    let submit = |slice| Some(open.register.submit(session, Command::ImportSlice(Box::new(slice))));
    write_all(&mut planner, submit, |written| check(written.wait()))?;
    Ok(planner.report().clone())
}

fn check(answer: CallResult) -> EngineResult<()> {
    match answer? {
        Reply::Import(_) => Ok(()),
        other => Err(Code::Bug.error(format!("The engine answered an import with {other:?}."))),
    }
}

/// The day on the shop's wall.
pub fn today(zone: zone::Tz) -> aurapos_runtime::domain::calendar::Date {
    let now = ids::now();
    let offset_s = i32::try_from(zone::local_time(zone, now).offset_s).unwrap_or(0);
    Timestamp(now).local(offset_s).date
}

/// What is read, and its size in bytes.
type Input = (Box<dyn Read>, u64);

fn of_sample() -> Input {
    let text = sample::sample_catalog_csv().as_bytes().to_vec();
    let size = text.len() as u64;
    (Box::new(Cursor::new(text)), size)
}

fn open_file(file: &Path) -> Result<Input, Failure> {
    let fail =
        |error| Failure::new("AP-0502", format!("{}: {error}", file.display()), "Check the file's name and rights.");
    let open = File::open(file).map_err(fail)?;
    let size = open.metadata().map_err(fail)?.len();
    Ok((Box::new(BufReader::with_capacity(1 << 18, open)), size))
}

/// A file that tells how far it was read.
struct Counted<'a, R> {
    input: R,
    read: u64,
    size: u64,
    progress: &'a ProgressLine,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.input.read(buffer)?;
        self.read += bytes as u64;
        self.progress.report(self.read, self.size, "importing products");
        Ok(bytes)
    }
}

fn answer(report: &ImportReport, dry_run: bool) -> Answer {
    let rejected: Vec<_> = report.rejected.iter().map(|row| json!({"line": row.line, "reason": row.reason})).collect();
    let json = json!({
        "rows": report.rows, "added": report.added, "updated": report.updated, "unchanged": report.unchanged,
        "categories": report.categories, "rejected_count": report.rejected_count, "rejected": rejected,
        "ignored_columns": report.ignored_columns, "dry_run": dry_run,
    });
    let would = if dry_run { "would be " } else { "" };
    let mut lines = vec![format!(
        "{}: {} {would}added, {} {would}updated, {} unchanged, {} rejected.",
        count(report.rows, "row", "rows"),
        report.added,
        report.updated,
        report.unchanged,
        report.rejected_count
    )];
    lines.extend(report.rejected.iter().map(|row| format!("line {}: {}", row.line, row.reason)));
    let hidden = report.rejected_count.saturating_sub(report.rejected.len() as u64);
    if hidden > 0 {
        lines.push(format!("… and {} more.", count(hidden, "rejected row", "rejected rows")));
    }
    if !report.ignored_columns.is_empty() {
        lines.push(format!("Columns that mean nothing here: {}.", report.ignored_columns.join(", ")));
    }
    // A script that fed the wrong file learns of it; a list whose good rows came in is done.
    let came_in = report.added + report.updated + report.unchanged > 0;
    Answer { good: came_in || report.rejected_count == 0, ..Answer::new(json, lines.join("\n")) }
}
