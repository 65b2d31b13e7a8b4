//! The scheduler: the contract's methods, each put together from the parts of this crate.

use crate::contract::backup::{
    BackupInfo, BackupKind, BackupPlan, BackupReport, BackupRequest, BackupSource, RestoredBackup, RetentionDecision,
};
use crate::contract::value::Timestamp;
use crate::contract::{
    BackupHost, BackupScheduler, ErrorCode, HostServices, PluginContext, PluginError, PluginResult, Progress,
};
use crate::inspect::{self, Finding, Subject};
use crate::lease::Lease;
use crate::manifest::{Manifest, Series, Verdict};
use crate::retention::{self, Decision, Held, Moment, Rules, Standing};
use crate::run::{self, Maker, Outcome};
use crate::schedule::{self, Cover, Due, Past, Question};
use crate::shelf::{self, Entry, Shelf};
use crate::step::{Step, before};
use crate::{copy, failure, files, restore, settings};
use std::path::Path;
use std::sync::Arc;

/// Backups of one data folder.
#[derive(Debug)]
pub struct Scheduler {
    host: Arc<dyn HostServices>,
    shelf: Shelf,
    rules: Rules,
    /// How old the newest backup may be at closing, in microseconds.
    cover_age: i64,
}

/// Makes an instance: what `export_plugin!` is given.
pub fn scheduler(context: PluginContext) -> PluginResult<Scheduler> {
    let folder = settings::folder(&context.settings, Path::new(&context.host.data_dir()))?;
    let rules = settings::rules(&context.settings)?;
    let cover_age = settings::cover_minutes(&context.settings)? * schedule::MINUTE;
    Ok(Scheduler { host: context.host, shelf: Shelf::new(folder), rules, cover_age })
}

impl BackupScheduler for Scheduler {
    fn plan(&self, request: &BackupRequest, host: &dyn BackupHost) -> PluginResult<BackupPlan> {
        let source = host.source()?;
        let entries = self.shelf.entries()?;
        let due = self.due(request, &entries, &source)?;
        let newest_before = newest(&entries, &source);
        let mut held = self.held(&entries, &source);
        // As if what is due had been made: that is when retention runs.
        let made = due.iter().filter(|due| due.due).map(|due| self.imagined(due.series, request.now));
        held.extend(made);
        let retention = retention::plan(&held, self.rules, self.moment(request.now, newest_before))
            .into_iter()
            .filter(|decision| decision.delete || decision.kept_in_spite)
            .map(decided)
            .collect();
        Ok(BackupPlan {
            due: due.iter().filter(|due| due.due).map(|due| due.series.into()).collect(),
            reasons: due.into_iter().map(|due| due.reason).collect(),
            retention,
        })
    }

    fn run(
        &self,
        request: &BackupRequest,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<BackupReport> {
        let source = host.source()?;
        let _lease = Lease::take(self.shelf.root())?;
        let mut report = BackupReport::default();
        before(Step::Sweep)?;
        for name in self.shelf.sweep()? {
            report.notes.push(format!("removed {name}, left by a backup that was cut off"));
        }
        let entries = self.shelf.entries()?;
        let newest_before = newest(&entries, &source);
        let due = self.due(request, &entries, &source)?;
        if due.iter().all(|due| !due.due) {
            report.notes.extend(due.into_iter().map(|due| due.reason));
            return Ok(report);
        }
        let maker =
            Maker { shelf: &self.shelf, services: &*self.host, host, progress, source: &source, now: request.now };
        let made = due.iter().filter(|due| due.due).try_for_each(|due| make(&maker, due, &mut report));
        before(Step::Retention)?;
        let all = self.held(&self.shelf.entries()?, &source);
        // A run that failed only tidies what never passed: whatever is still good may be needed now.
        let only = made.is_err().then_some(Standing::Unproved);
        self.retain(&all, only, self.moment(request.now, newest_before), &mut report)?;
        made.map(|()| report)
    }

    fn list(&self) -> PluginResult<Vec<BackupInfo>> {
        let mut list: Vec<BackupInfo> = self.shelf.entries()?.iter().map(|entry| entry.info(&*self.host)).collect();
        list.sort_by(|one, other| (other.time, &other.name).cmp(&(one.time, &one.name)));
        Ok(list)
    }

    fn verify(&self, name: &str, host: &dyn BackupHost, progress: &dyn Progress) -> PluginResult<BackupInfo> {
        let subject = inspect::subject(&self.shelf, name)?;
        let finding = inspect::examine(&self.shelf, &subject, host, progress)?;
        self.remember(&subject, &finding);
        Ok(restore::info(&subject, &finding, &*self.host))
    }

    fn copy(&self, name: &str, dest: &str, progress: &dyn Progress) -> PluginResult<String> {
        let subject = inspect::subject(&self.shelf, name)?;
        copy::copy(&self.shelf, &subject, dest, &*self.host, progress)
    }

    fn delete(&self, name: &str) -> PluginResult<()> {
        let _lease = Lease::take(self.shelf.root())?;
        run::remove(&self.shelf.find(name)?.path)
    }

    fn restore(
        &self,
        name: &str,
        now: Timestamp,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<RestoredBackup> {
        let _lease = Lease::take(self.shelf.root())?;
        let subject = inspect::subject(&self.shelf, name)?;
        restore::restore(&self.shelf, &subject, now, &*self.host, host, progress)
    }
}

impl Scheduler {
    fn due(&self, request: &BackupRequest, entries: &[Entry], source: &BackupSource) -> PluginResult<Vec<Due>> {
        let only = match request.kind {
            None => None,
            Some(BackupKind::Daily) => Some(Series::Daily),
            Some(BackupKind::Weekly) => Some(Series::Weekly),
            Some(other) => {
                let message = format!("{other:?} backups are not made on request");
                return Err(PluginError::new(ErrorCode::BadValue, message));
            }
        };
        let cover = Cover { age: self.cover_age, position: source.position };
        let question = Question { trigger: request.trigger, only, now: request.now, cover };
        let past: Vec<Past> = counted(entries, source).collect();
        let failed = of_source(entries, source)
            .filter_map(|entry| entry.manifest().filter(|manifest| never_passed(entry, manifest)))
            .map(|manifest| manifest.record().time)
            .max();
        Ok(schedule::due(question, &past, failed))
    }

    /// What retention decides about: only this source, only what has a manifest.
    fn held(&self, entries: &[Entry], source: &BackupSource) -> Vec<Held> {
        of_source(entries, source)
            .filter_map(|entry| entry.manifest().map(|manifest| (entry, manifest)))
            .map(|(entry, manifest)| Held {
                name: entry.name.clone(),
                series: entry.series,
                time: manifest.record().time,
                day: shelf::local(&*self.host, manifest.record().time).date(),
                number: manifest.record().number,
                standing: if entry.counts() {
                    Standing::Verified
                } else if never_passed(entry, manifest) {
                    Standing::Unproved
                } else {
                    Standing::Damaged
                },
            })
            .collect()
    }

    fn imagined(&self, series: Series, now: Timestamp) -> Held {
        let day = shelf::local(&*self.host, now).date();
        let name = "the backup that is due".to_owned();
        Held { name, series, time: now, day, number: u64::MAX, standing: Standing::Verified }
    }

    fn moment(&self, now: Timestamp, newest_before: Option<Timestamp>) -> Moment {
        Moment { now, today: shelf::local(&*self.host, now).date(), newest_before }
    }

    fn retain(
        &self,
        held: &[Held],
        only: Option<Standing>,
        moment: Moment,
        report: &mut BackupReport,
    ) -> PluginResult<()> {
        let allowed = |name: &str| {
            only.is_none_or(|standing| held.iter().any(|held| held.name == name && held.standing == standing))
        };
        let decisions = retention::plan(held, self.rules, moment);
        for decision in decisions.into_iter().filter(|decision| allowed(&decision.name)) {
            if decision.delete {
                run::remove(&self.shelf.find(&decision.name)?.path)?;
                report.deleted.push(decided(decision));
            } else if decision.kept_in_spite {
                report.notes.push(format!("{} is kept: {}", decision.name, decision.reason));
            }
        }
        Ok(())
    }

    /// Writes the verdict of a verification into the manifest, when nobody is working there. It is said either way.
    fn remember(&self, subject: &Subject, finding: &Finding) {
        let (Some(entry), Some(manifest)) = (&subject.entry, &subject.manifest) else { return };
        let Ok(_lease) = Lease::take(self.shelf.root()) else { return };
        // Only if it is still there: it may have been deleted while it was read.
        if !entry.path.exists() || entry.aside {
            return;
        }
        let check = inspect::record_of(finding.check.as_ref(), finding.problem.as_deref(), self.host.now());
        let manifest = manifest.clone().with_check(check);
        let path = shelf::manifest_path(&entry.path);
        if let Err(error) = files::replace_manifest(&path, &manifest, self.host.new_id()) {
            self.host.log(crate::contract::host::LogLevel::Warn, &error.to_string());
        }
    }
}

/// Makes one series, and says in one error what went wrong and what was made before.
fn make(maker: &Maker<'_>, due: &Due, report: &mut BackupReport) -> PluginResult<()> {
    let outcome = maker.make(due.series).map_err(|mut error| {
        if let Some(made) = report.made.first() {
            error.message = format!("{} was made, then: {}", made.name, error.message);
        }
        error
    })?;
    match outcome {
        Outcome::Verified(info) => {
            report.notes.push(format!("{} ({})", info.name, due.reason));
            report.made.push(info);
            Ok(())
        }
        Outcome::Refused(info, problem) => {
            let message = format!("the backup {} did not pass its check and does not count: {problem}", info.name);
            Err(failure::damaged(message)
                .with_next("Earlier backups are kept. Check the shop's data with `doctor`; the copy is kept aside."))
        }
    }
}

/// Put aside when it was made, or its run did not get to the check.
fn never_passed(entry: &Entry, manifest: &Manifest) -> bool {
    entry.aside || manifest.check().verdict == Verdict::Unchecked
}

fn of_source<'a>(entries: &'a [Entry], source: &'a BackupSource) -> impl Iterator<Item = &'a Entry> + 'a {
    entries.iter().filter(|entry| entry.manifest().is_some_and(|manifest| run::is_of(manifest.record(), source)))
}

/// What counts.
fn counted<'a>(entries: &'a [Entry], source: &'a BackupSource) -> impl Iterator<Item = Past> + 'a {
    of_source(entries, source).filter(|entry| entry.counts()).filter_map(|entry| {
        let record = entry.manifest()?.record();
        Some(Past { series: entry.series, time: record.time, position: record.position })
    })
}

fn newest(entries: &[Entry], source: &BackupSource) -> Option<Timestamp> {
    counted(entries, source).map(|past| past.time).max()
}

fn decided(decision: Decision) -> RetentionDecision {
    RetentionDecision { name: decision.name, delete: decision.delete, reason: decision.reason }
}

#[cfg(test)]
mod tests;
