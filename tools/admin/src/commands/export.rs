//! `export …`: a CSV file, written aside and named when it is whole.

use super::context::Context;
use super::import::today;
use super::sales::start_of;
use crate::cli::{ExportArgs, ExportWhat};
use crate::output::{Answer, Failure, Outcome};
use aurapos_runtime::engine::export;
use serde_json::json;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// `export …`
pub fn export(context: &Context, args: &ExportArgs) -> Outcome {
    let reader = context.reader()?;
    let from = args.from.as_deref().map(|day| start_of(&reader, day, 0)).transpose()?;
    let to = args.to.as_deref().map(|day| start_of(&reader, day, 1)).transpose()?;
    let span = export::Span { from, to };
    let store = reader.store.as_ref();
    let write = |out: &mut dyn Write| match args.what {
        ExportWhat::Products => export::export_products(store, out, today(reader.site.zone.get())),
        ExportWhat::Sales => export::export_sales(store, out, span),
        ExportWhat::Journal => export::export_journal(store, out, span),
        ExportWhat::Stock => export::export_stock(store, out),
    };
    if args.file == Path::new("-") {
        // Standard output is the file: an answer beside it would spoil it.
        let rows = write(&mut BufWriter::new(io::stdout().lock()))?;
        return Ok(if context.json { Answer::silent(rows < u64::MAX) } else { Answer::silent(true) });
    }
    let fail = |error: io::Error| {
        Failure::new("AP-0502", format!("{}: {error}", args.file.display()), "Check the folder's rights and room.")
    };
    let aside = args.file.with_extension(format!("part-{}", std::process::id()));
    let mut out = BufWriter::new(File::create(&aside).map_err(fail)?);
    let written = write(&mut out).map_err(Failure::from);
    let placed = written.and_then(|rows| {
        out.flush()
            .and_then(|()| out.get_ref().sync_all())
            .and_then(|()| fs::rename(&aside, &args.file))
            .map_err(fail)?;
        Ok(rows)
    });
    if placed.is_err() {
        // Half a file helps nobody; the first error is told.
        let _ = fs::remove_file(&aside);
    }
    let rows = placed?;
    let file = args.file.display().to_string();
    Ok(Answer::new(json!({"rows": rows, "file": file}), format!("{rows} rows are in {file}.")))
}
