//! The report on backups that a shop prints for an inspector: what the journal wrote down of each one, what lies in the folder
//! now, and the time in which there was none.
//!
//! Owns: bringing the journal and the list of backups together. Must not know: how backups are made and kept (the plugin's),
//! where the report is written to.

mod page;
mod table;

use crate::backup::{Backups, series_name};
use crate::reader::Reader;
use crate::site::OpenOptions;
use crate::{RuntimeError, ids, zone};
use aurapos_contract::backup::{BackupInfo, BackupState};
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_engine::check::{CheckReport, check_store};
use aurapos_engine::command::{BackupDeed, BackupNote};
use aurapos_engine::queries::{self, BackupEntry};
use aurapos_locale::Language;
use std::collections::{BTreeMap, BTreeSet};

/// More days than this between two backups are told: a weekly is due after seven, and it may be made the next morning.
const GAP_DAYS: i32 = 8;

/// What became of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// It is where it was put; what its last check said.
    Is(BackupState),
    /// A file of its name is there, and it is another one.
    Changed,
    /// It was deleted.
    Deleted {
        /// When.
        when: Timestamp,
        /// Why, in the words of whoever did it.
        reason: String,
    },
    /// It is not there, and nobody wrote down why.
    Missing,
    /// It was put in the place of the data.
    Restored,
}

/// One backup, as the journal and the folder know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What the journal says of it, or the manifest where the journal says nothing.
    pub note: BackupNote,
    /// Life, number and hash of its journal entry.
    pub entry: Option<(String, u64, String)>,
    /// When the entry was written, or the file made.
    pub time: Timestamp,
    /// What became of it.
    pub became: Became,
}

/// A time without a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Day of the backup before it, or of the beginning of the period.
    pub from: Date,
    /// Day of the one after it, or today.
    pub to: Date,
    /// Days in it on which the register sold.
    pub days_sold: usize,
}

/// The report.
#[derive(Debug)]
pub struct Proof {
    /// The shop's name.
    pub shop: String,
    /// Its VAT number; may be empty.
    pub vat_number: String,
    /// The register's code.
    pub register: String,
    /// When the report was made.
    pub made: Timestamp,
    /// For how many years backups are kept.
    pub years: u32,
    /// The backups of the period, the oldest first.
    pub rows: Vec<Row>,
    /// The times without one.
    pub gaps: Vec<Gap>,
    /// What walking the journal found.
    pub journal: CheckReport,
    /// Life, number and hash of the journal's last entry.
    pub last_entry: (String, u64, String),
    zone: zone::Tz,
}

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page to print, in a language.
    Page(Language),
    /// A table for other programs (CSV, English headings).
    Table,
}

impl Proof {
    /// Makes it, beside whatever program has the register open. `keep_on` hears how far the journal is walked; `false` stops.
    ///
    /// # Errors
    /// The register cannot be read, the backups cannot be listed; stopped.
    pub fn of(options: &OpenOptions, keep_on: &mut dyn FnMut(u64, u64) -> bool) -> Result<Proof, RuntimeError> {
        let reader = Reader::open(options)?;
        let store = reader.store.as_ref();
        let (shop, register) = (queries::shop(store)?, queries::register(store)?);
        let years = aurapos_engine::settings::get(store, "backup.weekly_years")?.value.parse().unwrap_or(7);
        let zone = reader.site.zone.get();
        let made = Timestamp(ids::now());
        let today = day_of(zone, made);
        let begin = today.plus_days(-i32::try_from(years).unwrap_or(100).saturating_mul(366));
        let history = queries::backup_history(store)?;
        let mut rows = brought_together(history, Backups::apart(options)?.list()?);
        rows.retain(|row| day_of(zone, row.note.made) >= begin);
        let sold = queries::days_sold(store)?;
        let days: BTreeSet<Date> =
            rows.iter().filter(|row| proves(row)).map(|row| day_of(zone, row.note.made)).collect();
        let head = queries::journal_head(store, register.incarnation)?;
        Ok(Proof {
            shop: shop.name,
            vat_number: shop.vat_number,
            register: register.code.to_string(),
            made,
            years,
            gaps: gaps(&days, &sold, begin, today),
            rows,
            journal: check_store(store, keep_on)?,
            last_entry: (register.incarnation_code.to_string(), head.seq, head.hash.to_string()),
            zone,
        })
    }

    /// The report as text, in one of its forms.
    pub fn written(&self, form: Form) -> String {
        match form {
            Form::Page(language) => page::page(self, language),
            Form::Table => table::table(self),
        }
    }

    fn local(&self, time: Timestamp) -> aurapos_domain::calendar::LocalTime {
        time.local(zone::offset_s(self.zone, time.0))
    }
}

fn day_of(zone: zone::Tz, time: Timestamp) -> Date {
    time.local(zone::offset_s(zone, time.0)).date
}

/// It was made and passed its check then; what was put back tells nothing of its day.
fn proves(row: &Row) -> bool {
    row.note.deed == BackupDeed::Made && row.entry.is_some()
}

/// The journal's entries beside the files: every entry is a row but for the deletions, which are told with what they deleted.
fn brought_together(history: Vec<BackupEntry>, list: Vec<BackupInfo>) -> Vec<Row> {
    // Of some only the manifest is left.
    let there = list.into_iter().filter(|info| info.bytes > 0);
    let mut files: BTreeMap<String, BackupInfo> = there.map(|info| (info.name.clone(), info)).collect();
    let mut deleted: BTreeMap<String, (Timestamp, String)> = BTreeMap::new();
    for entry in history.iter().filter(|entry| entry.note.deed == BackupDeed::Deleted) {
        deleted.insert(entry.note.name.clone(), (entry.time, entry.note.reason.clone()));
    }
    let mut rows = Vec::new();
    for entry in history {
        let mut note = entry.note;
        let became = match note.deed {
            BackupDeed::Deleted => continue,
            BackupDeed::Restored => Became::Restored,
            BackupDeed::Made => match files.get(&note.name) {
                Some(file) if file.sha256 == note.sha256 => {
                    // Entries of before these were written down.
                    if note.series.is_empty() {
                        (note.series, note.bytes) = (series_name(file.kind).to_owned(), file.bytes);
                    }
                    let is = Became::Is(file.state);
                    files.remove(&note.name);
                    is
                }
                Some(_) => {
                    files.remove(&note.name);
                    Became::Changed
                }
                None => match deleted.get(&note.name) {
                    Some((when, reason)) => Became::Deleted { when: *when, reason: reason.clone() },
                    None => Became::Missing,
                },
            },
        };
        rows.push(Row { entry: Some((entry.life, entry.seq, entry.hash.to_string())), time: entry.time, note, became });
    }
    for file in files.into_values() {
        let note = BackupNote {
            deed: BackupDeed::Made,
            name: file.name,
            sha256: file.sha256,
            sales: file.sales,
            position: file.position,
            series: series_name(file.kind).to_owned(),
            made: Timestamp(file.time),
            bytes: file.bytes,
            reason: String::new(),
        };
        rows.push(Row { entry: None, time: note.made, note, became: Became::Is(file.state) });
    }
    rows.sort_by_key(|row| (row.note.made, row.time));
    rows
}

/// The times of more than [`GAP_DAYS`] without a backup, from the first day with anything at all.
fn gaps(days: &BTreeSet<Date>, sold: &BTreeSet<Date>, begin: Date, today: Date) -> Vec<Gap> {
    let first = [days.first(), sold.range(begin..).next()].into_iter().flatten().min().copied();
    let Some(mut from) = first else { return Vec::new() };
    let mut gaps = Vec::new();
    for &to in days.iter().chain([&today]) {
        if to.days() - from.days() > GAP_DAYS {
            let between = from.plus_days(1)..to;
            gaps.push(Gap { from, to, days_sold: sold.range(between).count() });
        }
        from = from.max(to);
    }
    gaps
}

#[cfg(test)]
mod tests;
