//! `export …`: a CSV file, written aside and named when it is whole.

use super::context::Context;
use super::import::today;
use super::sales::{span_of, start_of};
use crate::cli::{Days, ExportArgs, ExportWhat};
use crate::output::{Answer, Failure, Outcome};
use crate::words::count;
use aurapos_runtime::Reader;
use aurapos_runtime::engine::export;
use serde_json::json;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// `export …`
pub fn export(context: &Context, args: &ExportArgs) -> Outcome {
    let reader = context.reader()?;
    let (span, times) = (span_of(&reader, &args.days)?, times_of(&reader, &args.days)?);
    let whole = matches!(args.what, ExportWhat::Products | ExportWhat::Stock);
    if whole && (span.from.is_some() || span.to.is_some()) {
        return Err(Failure::usage("the list is that of now and has no days", "Leave --day, --from and --to out."));
    }
    let store = reader.store.as_ref();
    let write = |out: &mut dyn Write| match args.what {
        ExportWhat::Products => export::export_products(store, out, today(reader.site.zone.get())),
        ExportWhat::Sales => export::export_sales(store, out, span),
        ExportWhat::Journal => export::export_journal(store, out, times),
        ExportWhat::Stock => export::export_stock(store, out),
    };
    if args.file == Path::new("-") {
        // Standard output is the file: an answer beside it would spoil it.
        let mut out = Listened { out: BufWriter::new(io::stdout().lock()), gone: false };
        return match write(&mut out) {
            // `| head` had enough.
            Err(_) if out.gone => Ok(Answer::silent(true)),
            written => written.map(|_| Answer::silent(true)).map_err(Failure::from),
        };
    }
    let rows = match target(context, &reader, &args.file, args.force)? {
        Target::File(file) => into_file(&file, |out| Ok(write(out)?))?,
        Target::Device(file) => write(&mut BufWriter::new(file))?,
    };
    let file = args.file.display().to_string();
    let are = if rows == 1 { "is" } else { "are" };
    Ok(Answer::new(json!({"rows": rows, "file": file}), format!("{} {are} in {file}.", count(rows, "row", "rows"))))
}

/// The same days for what has no business day: from midnight to midnight on the shop's wall.
fn times_of(reader: &Reader, days: &Days) -> Result<export::Times, Failure> {
    let (from, to) = (days.day.as_ref().or(days.from.as_ref()), days.day.as_ref().or(days.to.as_ref()));
    Ok(export::Times {
        from: from.map(|day| start_of(reader, day, 0)).transpose()?,
        to: to.map(|day| start_of(reader, day, 1)).transpose()?,
    })
}

/// Where an export goes.
pub enum Target {
    /// A file to be made, or one that may be written over.
    File(PathBuf),
    /// Something that is there and is no file, such as `/dev/null` or a pipe: written into, never put away.
    Device(File),
}

/// Judges the place before anything is written: the register's own files are never written over, others only when that
/// was asked for.
pub fn target(context: &Context, reader: &Reader, file: &Path, force: bool) -> Result<Target, Failure> {
    let fail = unwritable(file);
    let real = real_path(file).map_err(&fail)?;
    let root = context.folder.root().canonicalize().map_err(&fail)?;
    let database = reader.store.info().ok().and_then(|info| PathBuf::from(info.location).canonicalize().ok());
    if real.starts_with(&root) || Some(&real) == database.as_ref() {
        let message = format!("{} belongs to the register itself", file.display());
        return Err(Failure::new("AP-0505", message, "Name a file outside of the data folder."));
    }
    match fs::metadata(&real) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Target::File(real)),
        Err(error) => Err(fail(error)),
        Ok(there) if there.is_dir() => Err(fail(io::ErrorKind::IsADirectory.into())),
        Ok(there) if !there.is_file() => File::options().write(true).open(&real).map(Target::Device).map_err(fail),
        Ok(_) if force => Ok(Target::File(real)),
        Ok(_) => {
            let message = format!("{} is there already", file.display());
            Err(Failure::new("AP-0505", message, "Give another name, or write over it with --force."))
        }
    }
}

/// The file behind links; for one that is not there its folder's.
fn real_path(file: &Path) -> io::Result<PathBuf> {
    match file.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let absolute = std::path::absolute(file)?;
            let (folder, name) = (absolute.parent(), absolute.file_name());
            let (folder, name) = folder.zip(name).ok_or(io::ErrorKind::InvalidInput)?;
            Ok(folder.canonicalize()?.join(name))
        }
        found => found,
    }
}

pub fn unwritable(file: &Path) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::new("AP-0502", format!("{}: {error}", file.display()), "Check the folder's rights and room.")
}

/// Writes aside and renames: a reader sees a whole file or none.
pub fn into_file<T>(file: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T, Failure>) -> Result<T, Failure> {
    let fail = unwritable(file);
    let aside = file.with_extension(format!("part-{}", std::process::id()));
    let mut out = BufWriter::new(File::create(&aside).map_err(&fail)?);
    let placed = write(&mut out).and_then(|rows| {
        out.flush().and_then(|()| out.get_ref().sync_all()).and_then(|()| fs::rename(&aside, file)).map_err(&fail)?;
        Ok(rows)
    });
    if placed.is_err() {
        // Half a file helps nobody; the first error is told.
        let _ = fs::remove_file(&aside);
    }
    placed
}

/// A writer that knows whether its reader went away.
struct Listened<W> {
    out: W,
    gone: bool,
}

impl<W> Listened<W> {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        self.gone |= result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        result
    }
}

impl<W: Write> Write for Listened<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.note(flushed)
    }
}
