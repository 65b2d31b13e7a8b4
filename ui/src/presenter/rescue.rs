//! The rescue screen: what happened to the register, where its data and backups are, and what can be done.

use crate::host::{self, Backup, BackupsView, Cancel, HostResult, Progress, RescueKind, Trouble};
use crate::markup::OpeningDeed;
use crate::presenter::{opening, status};
use crate::shell::Shell;
use aurapos_domain::calendar::{SECOND_US, Timestamp};
use aurapos_locale::errors;

/// How long a server that was away is left alone before it is tried again.
const AWAY_US: i64 = 5 * SECOND_US;

/// What is going on.
#[derive(Debug, Clone, Default)]
pub enum Work {
    /// Nothing.
    #[default]
    None,
    /// The register is tried again.
    Opening,
    /// A backup is put in the place of the data.
    Restoring {
        /// Stops it.
        cancel: Cancel,
        /// How far it is.
        progress: Progress,
    },
}

/// The backups, as far as they are known.
#[derive(Debug, Clone, Default)]
pub enum List {
    /// Being read.
    #[default]
    Loading,
    /// Newest first.
    Ready(Vec<Backup>),
    /// They cannot be listed.
    Failed(Trouble),
}

/// State of the screen.
#[derive(Debug, Default)]
pub struct Rescue {
    /// Why the register did not open.
    pub trouble: Option<host::Rescue>,
    /// What is going on.
    pub work: Work,
    /// The backups are shown.
    pub lists: bool,
    /// The backups.
    pub list: List,
    /// Which one is chosen.
    pub chosen: Option<usize>,
    /// It is asked whether to restore it.
    pub asks: bool,
    /// Why a restore failed.
    pub fault: Option<Trouble>,
    /// Third parties' plugins were left out on purpose and it did not help.
    pub safely: bool,
    /// Since when it waits for a server to be tried again.
    pub waits_since: Option<Timestamp>,
}

/// Why the register did not open.
pub fn set(shell: &mut Shell, trouble: host::Rescue) {
    let safely = shell.rescue.safely;
    shell.rescue = Rescue { trouble: Some(trouble), safely, ..Rescue::default() };
}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}

fn idle(shell: &Shell) -> bool {
    matches!(shell.rescue.work, Work::None)
}

/// Opens the register once more; this screen stays until it is known what came of it.
pub fn try_again(shell: &mut Shell) {
    if idle(shell) {
        shell.rescue.work = Work::Opening;
        shell.rescue.fault = None;
        opening::ask(shell);
    }
}

/// Every half second: a server that was away may answer again. The list of backups and a question stay undisturbed.
pub fn tick(shell: &mut Shell, now: Timestamp) {
    let away = shell.rescue.trouble.as_ref().is_some_and(|trouble| trouble.kind == RescueKind::Away);
    if !away || !idle(shell) || shell.rescue.lists {
        shell.rescue.waits_since = None;
        return;
    }
    let since = *shell.rescue.waits_since.get_or_insert(now);
    // A clock that was set back begins anew.
    if now < since || now.0 - since.0 >= AWAY_US {
        shell.rescue.waits_since = None;
        try_again(shell);
    }
}

/// Opens the register without third parties' plugins.
pub fn safe_start(shell: &mut Shell) {
    if idle(shell) {
        shell.rescue.work = Work::Opening;
        shell.rescue.safely = true;
        let answer = shell.expect(opening::opened);
        shell.host().open_safely(answer);
    }
}

/// Shows the backups, read anew.
pub fn show_backups(shell: &mut Shell) {
    shell.rescue.lists = true;
    shell.rescue.list = List::Loading;
    shell.rescue.chosen = None;
    let answer = shell.expect(|shell, result: HostResult<BackupsView>| match result {
        Ok(view) => {
            shell.rescue.chosen = best(&view.list);
            shell.rescue.list = List::Ready(view.list);
        }
        Err(trouble) => shell.rescue.list = List::Failed(trouble),
    });
    shell.host().backups(None, answer);
}

/// The backup to offer first: the newest one that was checked, otherwise the newest without a known problem.
fn best(list: &[Backup]) -> Option<usize> {
    let sound = |backup: &Backup| backup.problem.is_empty();
    list.iter().position(|backup| sound(backup) && backup.verified).or_else(|| list.iter().position(sound))
}

/// Back to what happened.
pub fn back(shell: &mut Shell) {
    shell.rescue.lists = false;
    shell.rescue.fault = None;
}

/// A backup was tapped.
pub fn choose(shell: &mut Shell, index: usize) {
    let known = match &shell.rescue.list {
        List::Ready(list) => list.get(index).is_some_and(|backup| backup.problem.is_empty()),
        List::Loading | List::Failed(_) => false,
    };
    if known {
        shell.rescue.chosen = Some(index);
    }
}

/// The chosen backup.
pub fn chosen(shell: &Shell) -> Option<&Backup> {
    match &shell.rescue.list {
        List::Ready(list) => list.get(shell.rescue.chosen?),
        List::Loading | List::Failed(_) => None,
    }
}

/// Asks before it is restored.
pub fn ask(shell: &mut Shell) {
    shell.rescue.asks = chosen(shell).is_some() && idle(shell);
}

/// It is not restored.
pub fn give_up(shell: &mut Shell) {
    shell.rescue.asks = false;
}

/// Puts the chosen backup in the place of the data, then opens the register.
pub fn restore(shell: &mut Shell) {
    let Some(name) = chosen(shell).map(|backup| backup.name.clone()).filter(|_| idle(shell)) else { return };
    let cancel = Cancel::default();
    shell.rescue.asks = false;
    shell.rescue.fault = None;
    shell.rescue.work = Work::Restoring { cancel: cancel.clone(), progress: Progress::default() };
    let progress = shell.hear(|shell, told: Progress| {
        if let Work::Restoring { progress, .. } = &mut shell.rescue.work {
            *progress = told;
        }
    });
    let answer = shell.expect(restored);
    shell.host().restore(None, name, progress, cancel, answer);
}

fn restored(shell: &mut Shell, result: HostResult<()>) {
    shell.rescue.work = Work::None;
    match result {
        Ok(()) => opening::begin_after(shell, OpeningDeed::AfterRestore),
        Err(trouble) if trouble.is_called_off() => {}
        Err(trouble) => {
            tracing::warn!(code = trouble.code, "the backup was not restored: {}", trouble.message);
            shell.rescue.fault = Some(trouble);
        }
    }
}

/// The restore shall stop; the data stays as it was.
pub fn cancel(shell: &mut Shell) {
    if let Work::Restoring { cancel, .. } = &shell.rescue.work {
        cancel.ask();
    }
}

/// Shows a folder in the system's file manager.
pub fn open_folder(shell: &mut Shell, path: &str) {
    let answer = shell.expect(|shell, result: HostResult<()>| {
        if let Err(trouble) = result {
            shell.fail_host(&trouble);
        }
    });
    shell.host().show_folder(None, path, answer);
}

/// What happened and what to do, in the operator's language. Who holds the register is named.
pub fn told(shell: &Shell) -> (String, String) {
    let Some(rescue) = &shell.rescue.trouble else { return (String::new(), String::new()) };
    let holder = Some(rescue.holder.as_str()).filter(|holder| !holder.is_empty());
    let named = holder.and_then(|holder| errors::sentence(shell.language, &rescue.trouble.code, &[holder]));
    named.map_or_else(|| status::told(shell, &rescue.trouble), |told| (told.sentence, told.next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_domain::calendar::Timestamp;

    fn backup(verified: bool, problem: &str) -> Backup {
        Backup {
            name: String::new(),
            time: Timestamp(0),
            kind: String::new(),
            bytes: 0,
            sales: 0,
            verified,
            problem: problem.to_owned(),
            path: String::new(),
        }
    }

    #[test]
    fn the_newest_checked_backup_is_offered() {
        let (checked, unchecked, damaged) = (backup(true, ""), backup(false, ""), backup(true, "cut off"));
        assert_eq!(best(&[]), None);
        assert_eq!(best(std::slice::from_ref(&damaged)), None);
        assert_eq!(best(&[unchecked.clone(), checked.clone()]), Some(1));
        assert_eq!(best(&[damaged, unchecked]), Some(1));
    }
}
