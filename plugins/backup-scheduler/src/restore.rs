//! Puts a backup in the place of the present data, after proving it and copying the present state aside.

use crate::contract::backup::{BackupInfo, BackupState, RestoredBackup};
use crate::contract::value::Timestamp;
use crate::contract::{BackupHost, ErrorCode, HostServices, PluginResult, Progress};
use crate::failure;
use crate::files;
use crate::inspect::{self, Subject};
use crate::manifest::Series;
use crate::run::{Maker, Outcome};
use crate::shelf::Shelf;

/// Restores. The caller holds the lease.
pub fn restore(
    shelf: &Shelf,
    subject: &Subject,
    now: Timestamp,
    services: &dyn HostServices,
    host: &dyn BackupHost,
    progress: &dyn Progress,
) -> PluginResult<RestoredBackup> {
    let finding = inspect::examine(shelf, subject, host, progress)?;
    if let Some(problem) = finding.problem {
        return Err(failure::damaged(format!("nothing was restored: {problem}")));
    }
    let restored = info(subject, &finding, services);
    let mut notes: Vec<String> = other_shop(&finding, host).into_iter().collect();
    let safety = safety(shelf, now, services, host, progress, &mut notes)?;
    failure::stop_if_cancelled(progress)?;
    progress.report(0, 0, "putting the backup in its place");
    let report = host.restore_copy(&subject.path.to_string_lossy(), progress)?;
    if !report.previous.is_empty() {
        notes.push(format!("the data that was in use before is kept as {}", report.previous_location));
    }
    notes.push("restart AuraPOS: the register opens as the same shop with a new incarnation".to_owned());
    Ok(RestoredBackup { safety, restored, notes })
}

/// A new machine is set up before its old data comes back, so another shop's backup is no error; people should know.
fn other_shop(finding: &inspect::Finding, host: &dyn BackupHost) -> Option<String> {
    let checked = finding.check.as_ref()?;
    let source = host.source().ok().filter(|source| source.shop != checked.shop)?;
    Some(format!("the backup is of the shop {}; until now this was {}", checked.shop_name, source.shop_name))
}

/// A copy of the present state. When it cannot be read (that may be why somebody restores), the restore still keeps the
/// old files; when there is no room or somebody stops it, nothing is restored.
fn safety(
    shelf: &Shelf,
    now: Timestamp,
    services: &dyn HostServices,
    host: &dyn BackupHost,
    progress: &dyn Progress,
    notes: &mut Vec<String>,
) -> PluginResult<BackupInfo> {
    let source = host.source();
    // A new machine: there is no state before.
    let nothing_here = source.as_ref().is_err_and(|error| error.code == ErrorCode::NotFound);
    let made =
        source.and_then(|source| Maker { shelf, services, host, progress, source: &source, now }.make(Series::Safety));
    match made {
        Ok(Outcome::Verified(info)) => {
            notes.push(format!("the state before is kept as {}", info.path));
            Ok(info)
        }
        Ok(Outcome::Refused(info, problem)) => {
            notes.push(format!("the state before is kept as {}, but it is not sound: {problem}", info.path));
            Ok(info)
        }
        Err(error) if stops_the_restore(error.code) => Err(error),
        Err(error) if error.code == ErrorCode::NotFound && nothing_here => Ok(BackupInfo::default()),
        Err(error) => {
            notes.push(format!("the state before could not be copied: {error}"));
            Ok(BackupInfo::default())
        }
    }
}

fn stops_the_restore(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Cancelled | ErrorCode::DiskFull | ErrorCode::Busy | ErrorCode::Timeout)
}

/// What the list says of a backup, with what the examination found.
pub fn info(subject: &Subject, finding: &inspect::Finding, services: &dyn HostServices) -> BackupInfo {
    let path = subject.path.to_string_lossy();
    let mut info = match (&subject.entry, &subject.manifest) {
        (Some(entry), _) => entry.info(services),
        (None, Some(manifest)) => manifest.info(&path),
        (None, None) => BackupInfo { path: path.into_owned(), ..Default::default() },
    };
    info.name.clone_from(&subject.name);
    if let Some(files::Content { bytes, sha256 }) = &finding.content {
        info.bytes = *bytes;
        info.sha256.clone_from(sha256);
    }
    let check = inspect::record_of(finding.check.as_ref(), finding.problem.as_deref(), info.time);
    info.state = BackupState::from(check.verdict);
    info.note = check.summary;
    if subject.manifest.is_none() && info.state == BackupState::Verified {
        info.state = BackupState::Unchecked;
        info.note = format!("{}; no manifest beside it that says what was backed up", info.note);
    }
    if let Some(checked) = &finding.check {
        info.sales = checked.sales;
        info.position = checked.position;
    }
    info
}
