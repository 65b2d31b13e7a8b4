//! The report as a table for other programs.

use super::{Became, Proof, Row};
use crate::zone;
use aurapos_contract::backup::BackupState;
use aurapos_engine::export::csv_text;

const HEADINGS: [&str; 12] = [
    "made",
    "file",
    "series",
    "bytes",
    "sha256",
    "sales",
    "journal_life",
    "journal_entry",
    "journal_hash",
    "state",
    "since",
    "reason",
];

pub(super) fn table(proof: &Proof) -> String {
    csv_text(&HEADINGS, proof.rows.iter().map(|row| cells(proof, row)))
}

fn cells(proof: &Proof, row: &Row) -> Vec<String> {
    let when = |time: aurapos_domain::calendar::Timestamp| zone::rfc3339(proof.zone, time.0);
    let (state, since, reason) = match &row.became {
        Became::Is(BackupState::Verified) => ("verified", String::new(), ""),
        Became::Is(BackupState::Refused) => ("refused", String::new(), ""),
        Became::Is(_) => ("unchecked", String::new(), ""),
        Became::Changed => ("changed", String::new(), ""),
        Became::Deleted { when: time, reason } => ("deleted", when(*time), reason.as_str()),
        Became::Missing => ("missing", String::new(), ""),
        Became::Restored => ("restored", when(row.time), ""),
    };
    let (life, seq, hash) =
        row.entry.clone().map_or_else(Default::default, |(life, seq, hash)| (life, seq.to_string(), hash));
    let note = &row.note;
    vec![
        when(note.made),
        note.name.clone(),
        note.series.clone(),
        note.bytes.to_string(),
        note.sha256.clone(),
        note.sales.to_string(),
        life,
        seq,
        hash,
        state.to_owned(),
        since,
        reason.to_owned(),
    ]
}
