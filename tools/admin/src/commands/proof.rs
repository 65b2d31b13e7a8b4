//! `backup proof`.

use super::context::Context;
use super::export::{Target, into_file, target, unwritable};
use super::progress::ProgressLine;
use crate::output::{Answer, Failure, Outcome};
use crate::words::count;
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::engine::queries;
use aurapos_runtime::locale::Language;
use aurapos_runtime::proof::{Became, Form, Proof};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;

/// Writes the report on backups.
pub fn proof(context: &Context, file: &Path, language: Option<&str>, force: bool) -> Outcome {
    let reader = context.reader()?;
    let asked = match language {
        Some(code) => Some(Language::from_code(code).ok_or_else(|| {
            Failure::usage(format!("\"{code}\" is no language of this program"), "Use en, fr, nl or de.")
        })?),
        None => Language::from_code(&queries::shop(reader.store.as_ref())?.language),
    };
    let form = match file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("html" | "htm") => Form::Page(asked.unwrap_or_default()),
        Some("csv") => Form::Table,
        _ => {
            let message = format!("{} says not which form the report is to have", file.display());
            return Err(Failure::usage(
                message,
                "Name a file that ends in .html (to print) or .csv (for other programs).",
            ));
        }
    };
    let place = target(context, &reader, file, force)?;
    drop(reader);
    let progress = ProgressLine::new();
    let proof = Proof::of(&context.options(), &mut |done, total| {
        progress.report(done, total, "walking the journal");
        true
    })?;
    drop(progress);
    let text = proof.written(form);
    let write = |out: &mut dyn std::io::Write| out.write_all(text.as_bytes());
    match place {
        Target::File(path) => into_file(&path, |out| write(out).map_err(unwritable(file)))?,
        Target::Device(mut device) => {
            write(&mut device).and_then(|()| device.flush()).map_err(unwritable(file))?;
        }
    }
    Ok(answer(&proof, file))
}

fn answer(proof: &Proof, file: &Path) -> Answer {
    let of = |wanted: fn(&Became) -> bool| proof.rows.iter().filter(|row| wanted(&row.became)).count();
    let missing = of(|became| matches!(became, Became::Missing | Became::Changed));
    let unexplained = proof.gaps.iter().filter(|gap| gap.days_sold > 0).count();
    let shown = file.display().to_string();
    let json = json!({
        "file": shown, "rows": proof.rows.len(), "missing": missing, "gaps": proof.gaps.len(), "unexplained": unexplained,
        "journal_ok": proof.journal.ok(), "entries": proof.journal.entries,
    });
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let mut lines = vec![format!("{} in {shown}.", count(number(proof.rows.len()), "backup", "backups"))];
    if missing > 0 {
        lines.push(format!("{} missing or changed.", count(number(missing), "file is", "files are")));
    }
    if unexplained > 0 {
        let times = count(number(unexplained), "time", "times");
        lines.push(format!("{times} of more than eight days with sales and without a backup."));
    }
    if !proof.journal.ok() {
        lines.push("The journal does not add up: `aurapos-admin journal verify` says where.".to_owned());
    }
    Answer::new(json, lines.join("\n"))
}
