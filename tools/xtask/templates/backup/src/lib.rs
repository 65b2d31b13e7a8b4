//! One checked copy a day, the newest are kept. It works as it is; edit it until it is yours.
//!
//! Owns: when, under which name, how long; each copy has a line beside it (`.sum`: SHA-256, time, position). Must not know:
//! how a copy of the data is made or what a sound shop is. Those it asks of the host.

#![deny(unsafe_code)]

use aurapos_plugin_api::contract::backup::*;
use aurapos_plugin_api::*;
use shelf::Shelf;
use std::fs;
use std::path::Path;
use std::sync::Arc;

mod shelf;

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    backup: daily,
}

/// Makes one instance, with the settings of its `[backup]` table; defaults are filled in already.
fn daily(context: PluginContext) -> PluginResult<Daily> {
    let data_dir = context.host.data_dir();
    let shelf = Shelf { folder: Path::new(&data_dir).join(context.settings.text("folder")?) };
    Ok(Daily { host: context.host, shelf, keep: context.settings.int("keep")?.max(1) as usize })
}

#[derive(Debug)]
struct Daily {
    host: Arc<dyn HostServices>,
    shelf: Shelf,
    keep: usize,
}

impl Daily {
    /// The day in the shop's zone: a shop that closes after midnight has its backup of that day.
    fn day(&self, time: Timestamp) -> (i64, u32, u32) {
        let at = self.host.local_time(time);
        (at.year, at.month, at.day)
    }

    fn stamp(&self, time: Timestamp) -> String {
        let at = self.host.local_time(time);
        format!("{:04}{:02}{:02}_{:02}{:02}{:02}", at.year, at.month, at.day, at.hour, at.minute, at.second)
    }
}

impl BackupScheduler for Daily {
    fn plan(&self, request: &BackupRequest, _: &dyn BackupHost) -> PluginResult<BackupPlan> {
        let all = self.shelf.list()?;
        let manual = request.trigger == BackupTrigger::Manual;
        let made_today = all.iter().any(|info| self.day(info.time) == self.day(request.now));
        // There is one series here: another one is made only because somebody asked.
        let other = request.kind.is_some_and(|kind| kind != BackupKind::Daily);
        let (due, reason) = match (manual, made_today || other) {
            (true, _) => (vec![BackupKind::Daily], "somebody asked for it"),
            (false, true) => (Vec::new(), "there is one of today"),
            (false, false) => (vec![BackupKind::Daily], "there is none of today"),
        };
        // The one that is due counts among those that are kept.
        let old = all.iter().skip(self.keep - due.len().min(self.keep));
        let goes = |info: &BackupInfo| RetentionDecision {
            name: info.name.clone(),
            delete: true,
            reason: format!("there are {} newer ones", self.keep),
        };
        Ok(BackupPlan { due, reasons: vec![reason.into()], retention: old.map(goes).collect() })
    }

    fn run(
        &self,
        request: &BackupRequest,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<BackupReport> {
        let plan = self.plan(request, host)?;
        let mut report = BackupReport { notes: plan.reasons, ..Default::default() };
        if !plan.due.is_empty() {
            let name = format!("AuraPOS_backup_{}", self.stamp(request.now));
            report.made.push(self.shelf.make(&name, request.now, host, progress)?);
        }
        // Only now: an old one goes when the new one is there and checked.
        for old in plan.retention {
            self.shelf.delete(&old.name)?;
            report.deleted.push(old);
        }
        Ok(report)
    }

    fn list(&self) -> PluginResult<Vec<BackupInfo>> {
        self.shelf.list()
    }

    fn verify(&self, name: &str, host: &dyn BackupHost, progress: &dyn Progress) -> PluginResult<BackupInfo> {
        self.shelf.verify(&self.shelf.find(name)?, host, progress)
    }

    fn copy(&self, name: &str, dest: &str, progress: &dyn Progress) -> PluginResult<String> {
        self.shelf.copy(name, Path::new(dest), progress)
    }

    fn delete(&self, name: &str) -> PluginResult<()> {
        self.shelf.delete(name)
    }

    fn restore(
        &self,
        name: &str,
        now: Timestamp,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<RestoredBackup> {
        let restored = self.verify(name, host, progress)?;
        if restored.state != BackupState::Verified {
            return Err(PluginError::new(ErrorCode::Damaged, format!("{name}: {}", restored.note)));
        }
        let mut notes = Vec::new();
        // The state before, as a copy of its own. What is damaged cannot be copied and is restored all the same.
        let name = format!("AuraPOS_avant_restauration_{}", self.stamp(now));
        let safety = match self.shelf.make(&name, now, host, progress) {
            Ok(made) => BackupInfo { kind: BackupKind::Safety, ..made },
            Err(error) if matches!(error.code, ErrorCode::DiskFull | ErrorCode::Cancelled | ErrorCode::Busy) => {
                return Err(error);
            }
            Err(error) => {
                notes.push(format!("the state before could not be copied: {error}"));
                BackupInfo::default()
            }
        };
        let report = host.restore_copy(&restored.path, progress)?;
        if !report.previous.is_empty() {
            notes.push(format!("the data that was in use before is kept as {}", report.previous_location));
        }
        Ok(RestoredBackup { safety, restored, notes })
    }
}

#[cfg(test)]
mod tests;
