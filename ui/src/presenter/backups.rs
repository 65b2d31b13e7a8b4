//! The screen "backups": how they stand, making one, checking one, putting one back.

use crate::host::{Backup, BackupState, BackupsView, Cancel, HostEvent, HostResult, Progress};
use crate::markup::{BackupDeed, BackupKind, BackupRow, ListState, Screen, ToastKind};
use crate::presenter::keys::KeyPress;
use crate::presenter::{opening, status};
use crate::shell::Shell;
use aurapos_domain::people::Permission;
use aurapos_locale::format;

/// State of the screen.
#[derive(Debug)]
pub struct Backups {
    view: BackupsView,
    state: ListState,
    error: String,
    selected: Option<String>,
    /// What runs, and how to stop it.
    running: Option<Running>,
    asking: bool,
}

#[derive(Debug)]
struct Running {
    deed: BackupDeed,
    cancel: Cancel,
    progress: Progress,
}

impl Default for Backups {
    fn default() -> Self {
        let view = BackupsView::default();
        Backups { view, state: ListState::Loading, error: String::new(), selected: None, running: None, asking: false }
    }
}

impl Backups {
    /// What the list shows.
    pub fn state(&self) -> ListState {
        self.state
    }

    /// Why there is no list.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// Where the backups are.
    pub fn folder(&self) -> &str {
        &self.view.folder
    }

    /// A backup is due now.
    pub fn due(&self) -> bool {
        self.view.due
    }

    /// Index of the chosen one.
    pub fn selected(&self) -> Option<usize> {
        let name = self.selected.as_deref()?;
        self.view.list.iter().position(|backup| backup.name == name)
    }

    /// What is being done.
    pub fn deed(&self) -> BackupDeed {
        self.running.as_ref().map_or(BackupDeed::None, |running| running.deed)
    }

    /// How far it is, as [`Progress::share`].
    pub fn progress(&self) -> f32 {
        self.running.as_ref().map_or(-1.0, |running| running.progress.share())
    }

    /// It was asked to stop.
    pub fn cancelling(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.cancel.asked())
    }

    /// The confirmation of a restore is open.
    pub fn asking(&self) -> bool {
        self.asking && self.selected().is_some()
    }
}

/// Whoever saw the list is gone. What runs goes on.
pub(crate) fn forget(shell: &mut Shell) {
    let running = shell.backups.running.take();
    shell.backups = Backups { running, ..Backups::default() };
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    shell.backups.asking = false;
    reload(shell);
}

/// Asks for the list again.
pub fn reload(shell: &mut Shell) {
    let answer = shell.expect(listed);
    shell.host().backups(shell.session_id(), answer);
}

fn listed(shell: &mut Shell, result: HostResult<BackupsView>) {
    match result {
        Ok(view) => take(shell, view),
        Err(trouble) if shell.backups.view.list.is_empty() => {
            shell.backups.state = ListState::Failed;
            shell.backups.error = status::told(shell, &trouble).0;
        }
        Err(trouble) => shell.fail_host(&trouble),
    }
}

fn take(shell: &mut Shell, view: BackupsView) {
    status::note_backups(shell, BackupState::of(&view.list));
    let backups = &mut shell.backups;
    backups.state = if view.list.is_empty() { ListState::Empty } else { ListState::Ready };
    backups.view = view;
    if backups.selected().is_none() {
        backups.selected = backups.view.list.first().map(|backup| backup.name.clone());
    }
}

/// Chooses one.
pub fn select(shell: &mut Shell, index: i32) {
    let chosen = usize::try_from(index).ok().and_then(|index| shell.backups.view.list.get(index));
    shell.backups.selected = chosen.map(|backup| backup.name.clone());
}

/// Begins a deed; gives what stops it, or `None` while another runs.
fn begin(shell: &mut Shell, deed: BackupDeed) -> Option<Cancel> {
    if shell.backups.running.is_some() {
        return None;
    }
    let cancel = Cancel::default();
    shell.backups.running = Some(Running { deed, cancel: cancel.clone(), progress: Progress::default() });
    Some(cancel)
}

fn advance(shell: &mut Shell, progress: Progress) {
    if let Some(running) = &mut shell.backups.running {
        running.progress = progress;
    }
}

/// Makes a backup now.
pub fn back_up(shell: &mut Shell) {
    let Some(cancel) = begin(shell, BackupDeed::Making) else { return };
    let progress = shell.hear(advance);
    let answer = shell.expect(|shell, result| done(shell, result, ToastKind::BackupMade));
    shell.host().back_up(shell.session_id(), progress, cancel, answer);
}

/// Reads the chosen one whole and checks it.
pub fn verify(shell: &mut Shell) {
    let Some(name) = shell.backups.selected.clone() else { return };
    let Some(cancel) = begin(shell, BackupDeed::Checking) else { return };
    let progress = shell.hear(advance);
    let answer = shell.expect(|shell, result| done(shell, result, ToastKind::BackupChecked));
    shell.host().verify_backup(shell.session_id(), name, progress, cancel, answer);
}

fn done(shell: &mut Shell, result: HostResult<BackupsView>, kind: ToastKind) {
    let cancelled = shell.backups.cancelling();
    shell.backups.running = None;
    match result {
        Ok(view) => {
            take(shell, view);
            let chosen = shell.backups.selected().and_then(|index| shell.backups.view.list.get(index));
            // A check that found damage is told by the row, not by a success.
            if kind != ToastKind::BackupChecked || chosen.is_some_and(|backup| backup.problem.is_empty()) {
                status::toast_kind(shell, kind, "");
            }
        }
        Err(_) if cancelled => reload(shell),
        Err(trouble) => {
            shell.fail_host(&trouble);
            reload(shell);
        }
    }
}

/// Asks what runs to stop.
pub fn cancel(shell: &mut Shell) {
    if let Some(running) = &shell.backups.running {
        running.cancel.ask();
    }
}

/// Opens the confirmation of a restore.
pub fn ask_restore(shell: &mut Shell) {
    shell.backups.asking = shell.may(Permission::Restore);
}

/// Closes the confirmation.
pub fn give_up(shell: &mut Shell) {
    shell.backups.asking = false;
}

/// Puts the chosen one in the place of the data, then opens the register again.
pub fn restore(shell: &mut Shell) {
    shell.backups.asking = false;
    let Some(name) = shell.backups.selected.clone() else { return };
    let Some(cancel) = begin(shell, BackupDeed::Restoring) else { return };
    let progress = shell.hear(advance);
    let answer = shell.expect(|shell, result: HostResult<()>| {
        let cancelled = shell.backups.cancelling();
        shell.backups.running = None;
        match result {
            Ok(()) => status::toast_kind(shell, ToastKind::BackupRestored, ""),
            Err(_) if cancelled => {}
            Err(trouble) => shell.fail_host(&trouble),
        }
        // The register was closed by it, whatever came of it.
        opening::begin(shell);
    });
    shell.host().restore(shell.session_id(), name, progress, cancel, answer);
}

/// Shows the folder in the system's file manager.
pub fn show_folder(shell: &mut Shell) {
    let folder = shell.backups.view.folder.clone();
    crate::presenter::about::show_folder(shell, &folder);
}

/// The rows, newest first.
pub fn rows(shell: &Shell) -> Vec<BackupRow> {
    shell.backups.view.list.iter().map(|backup| row(shell, backup)).collect()
}

fn row(shell: &Shell, backup: &Backup) -> BackupRow {
    BackupRow {
        name: backup.name.as_str().into(),
        when: status::relative(shell, backup.time).into(),
        kind: kind(&backup.kind),
        size: format::size(shell.language, backup.bytes).into(),
        sales: format::count(shell.language, backup.sales).into(),
        verified: backup.verified,
        problem: backup.problem.as_str().into(),
        path: backup.path.as_str().into(),
    }
}

fn kind(text: &str) -> BackupKind {
    match text {
        "daily" => BackupKind::Daily,
        "weekly" => BackupKind::Weekly,
        "safety" => BackupKind::Safety,
        _ => BackupKind::Other,
    }
}

/// The program tells something.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    if matches!(event, HostEvent::BackupsChanged) && shell.screen == Screen::Backups {
        reload(shell);
    }
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    use slint::platform::Key;
    if shell.backups.running.is_some() || shell.backups.asking {
        return false;
    }
    let last = shell.backups.view.list.len().saturating_sub(1);
    let at = shell.backups.selected().unwrap_or(0);
    let next = if key.is(Key::DownArrow) {
        (at + 1).min(last)
    } else if key.is(Key::UpArrow) {
        at.saturating_sub(1)
    } else {
        return false;
    };
    select(shell, i32::try_from(next).unwrap_or(0));
    true
}
