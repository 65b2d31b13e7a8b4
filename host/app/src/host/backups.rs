//! Backups: the list, making one, checking one, putting one back, and the ones that are made on their own.

use super::work::Told;
use super::{Inner, trouble};
use aurapos_runtime::contract::backup::{BackupInfo, BackupKind, BackupState, BackupTrigger};
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::engine::Command;
use aurapos_runtime::{Backups, RuntimeError, ids};
use aurapos_ui::host::{Backup, BackupsView, Cancel, Closing, HostEvent, HostResult, Listener, Progress};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// How often is asked whether a backup is due.
const WATCH_INTERVAL: Duration = Duration::from_secs(60);

/// The backup that the program makes on its own.
#[derive(Debug, Default)]
pub(super) struct OwnBackup {
    running: Mutex<Option<Cancel>>,
    queued: AtomicBool,
    /// Dropped with this, it ends the watch.
    watch: Mutex<Option<Sender<()>>>,
}

impl OwnBackup {
    /// Asks again and again whether a backup is due, as long as the host is there.
    pub(super) fn keep_watch(&self, inner: Weak<Inner>) -> io::Result<()> {
        let (stop, stopped) = channel::<()>();
        *self.watch.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        let watch = move || {
            while stopped.recv_timeout(WATCH_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                if let Some(inner) = inner.upgrade() {
                    inner.queue_own_backup(BackupTrigger::Tick);
                }
            }
        };
        thread::Builder::new().name("backup watch".to_owned()).spawn(watch).map(drop)
    }

    /// Somebody asks for something on the same desk: the own backup ends and is tried again later.
    pub(super) fn make_way(&self) {
        if let Some(cancel) = self.running.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            cancel.ask();
        }
    }

    fn set(&self, cancel: Option<Cancel>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = cancel;
    }
}

impl Inner {
    /// Makes what is due, behind what is queued; once at a time.
    pub(super) fn queue_own_backup(self: &Arc<Self>, trigger: BackupTrigger) {
        if self.register().is_none() || self.own_backup.queued.swap(true, Ordering::SeqCst) {
            return;
        }
        let inner = self.clone();
        self.copies.post(move || inner.back_up_on_its_own(trigger));
    }

    fn back_up_on_its_own(&self, trigger: BackupTrigger) {
        self.own_backup.queued.store(false, Ordering::SeqCst);
        let Some(register) = self.register().filter(|_| !self.state().ending) else { return };
        let cancel = Cancel::default();
        self.own_backup.set(Some(cancel.clone()));
        let told = Told::new(Arc::new(|_| {}), cancel);
        let result = register.backups().and_then(|backups| backups.run(trigger, ids::now(), None, &told));
        self.own_backup.set(None);
        match result {
            Ok(report) if report.made.is_empty() => return,
            Ok(_) => {}
            Err(RuntimeError::NoBackup) => return,
            Err(error) => tracing::warn!(code = error.code(), "the backup failed and is tried again: {error}"),
        }
        self.listeners.tell(&HostEvent::BackupsChanged);
    }

    /// The backup plugin, with the open register behind it where there is one.
    fn desk(&self) -> Result<Backups, RuntimeError> {
        match self.register() {
            Some(register) => register.backups(),
            None => Backups::apart(&self.options),
        }
    }

    /// The backups, also without a register.
    pub(super) fn backups(&self) -> HostResult<BackupsView> {
        let folder = self.options.folder.backups().display().to_string();
        let empty = BackupsView { folder, ..BackupsView::default() };
        let backups = match self.desk() {
            Ok(backups) => backups,
            // A new machine: nothing was backed up from it.
            Err(RuntimeError::NoShop { .. }) => return Ok(empty),
            Err(error) => return Err(trouble::of_runtime(&error)),
        };
        let list = backups.list().map_err(|error| trouble::of_runtime(&error))?;
        let is_due = |backups: &Backups| Ok(!backups.plan(BackupTrigger::Close, ids::now())?.due.is_empty());
        let due = self.register().is_some()
            && is_due(&backups).unwrap_or_else(|error: RuntimeError| {
                tracing::warn!("the backup plugin has no plan: {error}");
                false
            });
        Ok(BackupsView { list: list.into_iter().map(shown).collect(), due, keeps: self.keeps(), ..empty })
    }

    /// `10/7`: days and years, as the shop's settings say.
    fn keeps(&self) -> String {
        let Some(register) = self.register() else { return String::new() };
        let setting = |key| {
            let setting = aurapos_runtime::engine::settings::get(register.store().as_ref(), key);
            setting.map(|setting| setting.value).unwrap_or_default()
        };
        format!("{}/{}", setting("backup.daily_keep"), setting("backup.weekly_years"))
    }

    /// Makes one now.
    pub(super) fn back_up(&self, progress: Listener<Progress>, cancel: Cancel) -> HostResult<BackupsView> {
        self.run(BackupTrigger::Manual, progress, cancel)?;
        self.backups()
    }

    /// Makes what is due at closing.
    pub(super) fn close_backup(&self, progress: Listener<Progress>, cancel: Cancel) -> HostResult<()> {
        self.run(BackupTrigger::Close, progress, cancel)
    }

    fn run(&self, trigger: BackupTrigger, progress: Listener<Progress>, cancel: Cancel) -> HostResult<()> {
        let register = self.register().ok_or_else(trouble::not_open)?;
        let told = Told::new(progress, cancel);
        let made = register.backups().and_then(|backups| backups.run(trigger, ids::now(), None, &told));
        let report = made.map_err(|error| trouble::of_runtime(&error))?;
        if let Some(bad) = report.made.iter().find(|made| made.state == BackupState::Refused) {
            let message = format!("The backup {} was made and is not sound: {}", bad.name, bad.note);
            return Err(trouble::trouble("AP-0906", &message, "Try again, and check the disk."));
        }
        Ok(())
    }

    /// Reads one whole and checks it.
    pub(super) fn verify_backup(
        &self,
        name: &str,
        progress: Listener<Progress>,
        cancel: Cancel,
    ) -> HostResult<BackupsView> {
        let told = Told::new(progress, cancel);
        let checked = self.desk().and_then(|backups| backups.verify(name, &told));
        let checked = checked.map_err(|error| trouble::of_runtime(&error))?;
        let mut view = self.backups()?;
        // One from elsewhere, or whose check is not kept, shows what was found just now.
        match view.list.iter_mut().find(|backup| backup.name == checked.name) {
            Some(known) => *known = shown(checked),
            None => view.list.insert(0, shown(checked)),
        }
        Ok(view)
    }

    /// Puts one in the place of the data.
    pub(super) fn restore(&self, name: &str, progress: Listener<Progress>, cancel: Cancel) -> HostResult<()> {
        let told = Told::new(progress, cancel);
        let restored = match self.register() {
            Some(register) => {
                let restored = register.backups().and_then(|backups| backups.restore(name, &told));
                // Refused before anything was touched, the register goes on.
                if restored.is_ok() || register.call(None, Command::ResolveDoubt).is_err() {
                    drop(register);
                    self.close();
                }
                restored
            }
            None => Backups::rescue(&self.options).and_then(|backups| backups.restore(name, &told)),
        };
        let restored = restored.map_err(|error| trouble::of_runtime(&error))?;
        self.state().restored = Some(restored.restored);
        self.listeners.tell(&HostEvent::BackupsChanged);
        Ok(())
    }

    /// Whether something is due before closing. Without an answer the program closes: nobody is kept in it.
    pub(super) fn closing(&self) -> Closing {
        let Some(register) = self.register() else { return Closing::Now };
        let plan = register.backups().and_then(|backups| backups.plan(BackupTrigger::Close, ids::now()));
        match plan {
            Ok(plan) if !plan.due.is_empty() => Closing::BackupDue,
            Ok(_) => Closing::Now,
            Err(error) => {
                tracing::warn!(code = error.code(), "closing without a backup: {error}");
                Closing::Now
            }
        }
    }
}

fn shown(info: BackupInfo) -> Backup {
    let kind = match info.kind {
        BackupKind::Daily => "daily",
        BackupKind::Weekly => "weekly",
        BackupKind::Safety => "safety",
        _ => "other",
    };
    let refused = info.state == BackupState::Refused;
    Backup {
        name: info.name,
        time: Timestamp(info.time),
        kind: kind.to_owned(),
        bytes: info.bytes,
        sales: info.sales,
        verified: info.state == BackupState::Verified,
        problem: if refused { info.note } else { String::new() },
        path: info.path,
    }
}
