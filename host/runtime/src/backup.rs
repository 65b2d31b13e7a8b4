//! The host's side of backups: what a backup plugin asks of it, and the plugin itself with its triggers.

use crate::folder::DataFolder;
use crate::head_file::HeadFile;
use crate::identity::TokenFile;
use crate::lock::RegisterLock;
use crate::settings::{self, MachineSettings, SettingsEdit, SettingsError};
use crate::site::{OpenOptions, Site};
use crate::{RuntimeError, ids, zone};
use aurapos_contract::backup::{
    BackupInfo, BackupKind, BackupPlan, BackupReport, BackupRequest, BackupScheduler, BackupSource, BackupTrigger,
    CopyCheck, RestoredBackup,
};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::storage::{RestoreReport, SnapshotInfo, VerifyReport};
use aurapos_contract::{
    BackupHost, PluginError, PluginResult, Progress, RecordStore, Settings, StorageProvider, Timestamp, Uuid,
};
use aurapos_engine::command::BackupDeed;
use aurapos_engine::schema::older::seen_today;
use aurapos_engine::{EngineError, queries};
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};

/// The fewest days that the backup plugin keeps.
const KEEP_DAYS_MIN: i64 = 3;

/// What the desk may do with an open register.
pub(crate) trait OpenRegister: Send + Sync {
    /// Its store.
    fn store(&self) -> Arc<dyn RecordStore>;
    /// Shop, shop's name, register's code.
    fn names(&self) -> (Uuid, String, String);
    /// Writes what was done with a backup into the journal; `reason`: why it was deleted.
    fn note(&self, deed: BackupDeed, info: &BackupInfo, reason: &str);
    /// After a snapshot: from now on this database is younger than the copy.
    fn snapshot_taken(&self) -> PluginResult<()>;
    /// Ends all work on the store, so that another can take its place. It does not open again.
    fn close(&self) -> PluginResult<()>;
}

/// Checks copies and puts them back; takes snapshots while a register is open. Without one (a register in need of rescue)
/// everything but snapshots works.
pub(crate) struct CopyDesk {
    /// Or why there is none: the backups can still be listed, copied and deleted then.
    pub(crate) provider: PluginResult<Arc<dyn StorageProvider>>,
    pub(crate) settings: Settings,
    pub(crate) folder: DataFolder,
    /// `None` once closed for a restore, or when none could be opened.
    pub(crate) register: Mutex<Option<Arc<dyn OpenRegister>>>,
    /// While a restore goes on: the copy that was checked first, still open, so that what was proved is what is put in
    /// the place of the data. Otherwise none is kept: somewhere an open file cannot be renamed or deleted.
    pub(crate) proved: Mutex<Proved>,
}

/// See [`CopyDesk::proved`].
#[derive(Default)]
pub(crate) enum Proved {
    /// Copies are closed when they were checked.
    #[default]
    Nothing,
    /// The next one that is checked is kept.
    Wanted,
    /// The one that was checked, by its name.
    Copy(String, Arc<dyn RecordStore>),
}

impl Debug for CopyDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyDesk").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl CopyDesk {
    /// The desk of a register that is not open, or that is read through `register`.
    pub(crate) fn of(site: &Site, register: Option<Arc<dyn OpenRegister>>) -> Result<Self, RuntimeError> {
        let refused =
            |error: RuntimeError| PluginError::new(ErrorCode::Unsupported, error.to_string()).with_next(error.next());
        Ok(CopyDesk {
            provider: site.storage().map_err(refused),
            settings: site.storage_settings(false)?,
            folder: site.folder.clone(),
            register: Mutex::new(register),
            proved: Mutex::default(),
        })
    }

    fn provider(&self) -> PluginResult<&Arc<dyn StorageProvider>> {
        self.provider.as_ref().map_err(Clone::clone)
    }

    /// A copy, open and readable as the shop's. It may be of an older schema: it is read as it is, nothing is added to it.
    fn opened(&self, file: &str) -> PluginResult<Arc<dyn RecordStore>> {
        seen_today(Arc::from(self.provider()?.open_copy(file)?))
    }

    /// The copy that was checked in this restore, or the file opened now.
    fn proved(&self, file: &str) -> PluginResult<Arc<dyn RecordStore>> {
        let kept = std::mem::take(&mut *self.proved.lock().unwrap_or_else(PoisonError::into_inner));
        match kept {
            Proved::Copy(name, copy) if name == file => Ok(copy),
            _ => self.opened(file),
        }
    }

    /// Keeps a checked copy open for a restore that goes on, or closes it.
    fn let_go(&self, file: &str, copy: Arc<dyn RecordStore>) -> PluginResult<()> {
        let mut proved = self.proved.lock().unwrap_or_else(PoisonError::into_inner);
        match *proved {
            Proved::Wanted => *proved = Proved::Copy(file.to_owned(), copy),
            _ => copy.close()?,
        }
        Ok(())
    }

    fn check(&self, copy: &dyn RecordStore, progress: &dyn Progress) -> PluginResult<CopyCheck> {
        let pages = copy.verify(progress)?;
        if !pages.ok {
            return Ok(damaged(pages));
        }
        let mut keep_on = |done, total| {
            progress.report(done, total, "checking the copy");
            !progress.cancelled()
        };
        aurapos_engine::check::check_copy(copy, &mut keep_on).map_err(of_engine)
    }

    fn register(&self) -> PluginResult<Arc<dyn OpenRegister>> {
        let open = self.register.lock().unwrap_or_else(PoisonError::into_inner).clone();
        open.ok_or_else(|| {
            if self.folder.is_fresh() {
                return PluginError::new(ErrorCode::NotFound, "there is no shop yet, so nothing can be copied from it");
            }
            PluginError::new(ErrorCode::Closed, "the present data is not open, so nothing can be copied from it")
                .with_next("Restore a backup; what is there now is kept aside.")
        })
    }
}

impl BackupHost for CopyDesk {
    fn source(&self) -> PluginResult<BackupSource> {
        let register = self.register()?;
        let info = register.store().info()?;
        let (shop, shop_name, code) = register.names();
        Ok(BackupSource {
            shop,
            shop_name,
            register: code,
            engine: format!("{} {}", info.engine, info.engine_version),
            extension: info.snapshot_extension,
            position: info.position,
            program: format!("AuraPOS {}", env!("CARGO_PKG_VERSION")),
            bytes: info.bytes,
        })
    }

    fn take_snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        let register = self.register()?;
        let info = register.store().snapshot(dest, progress)?;
        if let Err(error) = register.snapshot_taken() {
            // A copy that cannot be told from the original must not exist.
            let _ = std::fs::remove_file(dest);
            return Err(error);
        }
        Ok(info)
    }

    fn check_copy(&self, file: &str, progress: &dyn Progress) -> PluginResult<CopyCheck> {
        let copy = match self.opened(file) {
            Err(error) if error.code == ErrorCode::Damaged => {
                return Ok(damaged(VerifyReport { problems: vec![error.message], ..Default::default() }));
            }
            opened => opened?,
        };
        let check = self.check(copy.as_ref(), progress);
        match &check {
            Ok(check) if check.ok => self.let_go(file, copy)?,
            _ => copy.close()?,
        }
        check
    }

    fn restore_copy(&self, file: &str, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        let copy = self.proved(file)?;
        let open = self.register.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Closing gives the lock back; nobody may open what is being replaced. Whoever rescues has the lock already.
        let mut _lock = None;
        if let Some(register) = open {
            register.close()?;
            let taken = RegisterLock::take(&self.folder, "a restore", ids::now());
            _lock = Some(taken.map_err(|error| PluginError::new(ErrorCode::Busy, error.to_string()))?);
        }
        let restored = register_in(copy.as_ref()).and_then(|of| Ok((of, copy.restore_to(&self.settings, progress)?)));
        copy.close()?;
        let (of, report) = restored?;
        // The copy's token is older than the file's in any case; without the file even a copy made behind our back opens
        // in a new incarnation.
        if let Err(error) = TokenFile::remove(&self.folder) {
            tracing::warn!("the token file stays after a restore: {error}");
        }
        // The copy knows less on purpose, and the restore itself says what it holds.
        if let Err(error) = HeadFile::remove(&self.folder) {
            tracing::warn!("register.head stays after a restore: {error}");
        }
        fit_settings(&self.folder, &of).map_err(|error| {
            let message = format!("the backup is in its place, but aurapos.toml could not be written: {error}");
            let next = format!("Write one: `aurapos-admin settings write-default --register {}`.", of.code);
            PluginError::new(ErrorCode::Io, message).with_next(next)
        })?;
        Ok(report)
    }
}

/// The name of a series in the journal, in reports and for scripts.
pub const fn series_name(kind: BackupKind) -> &'static str {
    match kind {
        BackupKind::Daily => "daily",
        BackupKind::Weekly => "weekly",
        BackupKind::Safety => "safety",
        _ => "other",
    }
}

/// What is told of a copy that the storage found damaged.
fn damaged(pages: VerifyReport) -> CopyCheck {
    let summary = pages.problems.first().cloned().unwrap_or_else(|| "the copy is damaged".to_owned());
    CopyCheck {
        ok: false,
        problems: pages.problems,
        position: pages.position,
        tables: pages.tables,
        schema_major: pages.schema_major,
        schema_minor: pages.schema_minor,
        summary,
        ..CopyCheck::default()
    }
}

fn register_in(copy: &dyn RecordStore) -> PluginResult<CopyOf> {
    let told =
        queries::register(copy).and_then(|register| Ok((register.code.to_string(), queries::shop(copy)?.timezone)));
    let (code, time_zone) = told.map_err(of_engine)?;
    Ok(CopyOf { code, time_zone })
}

/// Of which register a copy is.
struct CopyOf {
    code: String,
    time_zone: String,
}

/// Makes the settings those of the register that was put here: on a new machine there are none yet, and on one that was
/// set up to receive the backup they may name another register.
fn fit_settings(folder: &DataFolder, of: &CopyOf) -> Result<(), RuntimeError> {
    let text = match settings::read_text(folder) {
        Err(SettingsError::Missing { .. }) => settings::default_text(&of.code, &of.time_zone),
        Err(error) => return Err(error.into()),
        Ok(text) => {
            let chosen = MachineSettings::parse(&text, "aurapos.toml", false)?.register;
            if chosen.is_none_or(|chosen| chosen == of.code) {
                return Ok(());
            }
            let mut edit = SettingsEdit::of(&text)?;
            edit.set_register(&of.code, None)?;
            edit.text()
        }
    };
    Ok(settings::write_text(folder, &text)?)
}

/// The shop's retention as settings of our backup plugin.
pub(crate) fn shop_settings(store: &dyn RecordStore) -> Settings {
    let value = |key| aurapos_engine::settings::get(store, key).ok()?.value.parse::<i64>().ok();
    let mut settings = Settings::default();
    if let Some(years) = value("backup.weekly_years") {
        settings = settings.with("years", years);
    }
    if let Some(days) = value("backup.daily_keep") {
        // The plugin keeps at least the newest three whatever is asked.
        settings = settings.with("keep_days", days.max(KEEP_DAYS_MIN));
    }
    settings
}

/// What the engine says against a copy, told to a plugin.
fn of_engine(error: EngineError) -> PluginError {
    error.source.map_or_else(|| PluginError::new(ErrorCode::Damaged, error.message), |source| *source)
}

/// The backups of a register: the plugin that decides, and the host's desk behind it.
#[derive(Debug)]
pub struct Backups {
    scheduler: Arc<dyn BackupScheduler>,
    desk: CopyDesk,
    /// Held while no register is open and one may be put in its place.
    _lock: Option<RegisterLock>,
}

impl Backups {
    pub(crate) fn new(scheduler: Arc<dyn BackupScheduler>, desk: CopyDesk) -> Self {
        Backups { scheduler, desk, _lock: None }
    }

    /// Without a register, beside whatever program has it open: list, verify, copy, delete.
    ///
    /// # Errors
    /// Settings or plugins that are refused.
    pub fn apart(options: &OpenOptions) -> Result<Self, RuntimeError> {
        Self::beside(Site::open(options, true)?)
    }

    fn beside(site: Site) -> Result<Self, RuntimeError> {
        let scheduler = site.backup(Settings::default())?;
        Ok(Self::new(scheduler, CopyDesk::of(&site, None)?))
    }

    /// For a register that does not open (damaged or missing data) and for a new machine, whose data folder need not be
    /// there: everything but snapshots, with the right to write. A restore writes the settings file where there is none.
    ///
    /// # Errors
    /// Another program has the register; settings or plugins that are refused.
    pub fn rescue(options: &OpenOptions) -> Result<Self, RuntimeError> {
        let fresh = options.folder.is_fresh();
        if fresh {
            options.folder.create()?;
        }
        let lock = RegisterLock::take(&options.folder, &options.program, ids::now())?;
        let site = if fresh {
            // What the restored register's file will say, but for the register.
            let text = settings::default_text("R1", zone::DEFAULT_ZONE.name());
            Site::with(options, MachineSettings::parse(&text, "aurapos.toml", false)?, true)?
        } else {
            Site::open(options, true)?
        };
        Ok(Backups { _lock: Some(lock), ..Self::beside(site)? })
    }

    /// Makes what is due at `now`, or what was asked for.
    ///
    /// # Errors
    /// The plugin's or the storage's.
    pub fn run(
        &self,
        trigger: BackupTrigger,
        now: Timestamp,
        kind: Option<BackupKind>,
        progress: &dyn Progress,
    ) -> Result<BackupReport, RuntimeError> {
        // What is deleted is not there to be asked afterwards.
        let before = self.scheduler.list()?;
        let report = self.scheduler.run(&BackupRequest { trigger, now, kind }, &self.desk, progress)?;
        for made in &report.made {
            tracing::info!(name = made.name, bytes = made.bytes, sales = made.sales, "backup made");
            self.note(BackupDeed::Made, made, "");
        }
        for gone in &report.deleted {
            tracing::info!(name = gone.name, reason = gone.reason, "backup deleted");
            if let Some(known) = before.iter().find(|known| known.name == gone.name) {
                self.note(BackupDeed::Deleted, known, &gone.reason);
            }
        }
        Ok(report)
    }

    /// What a run at `now` would do.
    ///
    /// # Errors
    /// The plugin's.
    pub fn plan(&self, trigger: BackupTrigger, now: Timestamp) -> Result<BackupPlan, RuntimeError> {
        Ok(self.scheduler.plan(&BackupRequest { trigger, now, kind: None }, &self.desk)?)
    }

    /// All backups, newest first.
    ///
    /// # Errors
    /// The plugin's.
    pub fn list(&self) -> Result<Vec<BackupInfo>, RuntimeError> {
        Ok(self.scheduler.list()?)
    }

    /// Reads one whole and checks it.
    ///
    /// # Errors
    /// There is none of that name, or it cannot be read. A backup that is damaged is an answer, not an error.
    pub fn verify(&self, name: &str, progress: &dyn Progress) -> Result<BackupInfo, RuntimeError> {
        Ok(self.scheduler.verify(name, &self.desk, progress)?)
    }

    /// Copies one elsewhere; gives the new file's path.
    ///
    /// # Errors
    /// The plugin's.
    pub fn copy(&self, name: &str, dest: &str, progress: &dyn Progress) -> Result<String, RuntimeError> {
        Ok(self.scheduler.copy(name, dest, progress)?)
    }

    /// Deletes one on somebody's word; `reason` stands in the journal where a register is open.
    ///
    /// # Errors
    /// The plugin's.
    pub fn delete(&self, name: &str, reason: &str) -> Result<(), RuntimeError> {
        let known = self.scheduler.list()?.into_iter().find(|known| known.name == name);
        self.scheduler.delete(name)?;
        if let Some(known) = known {
            self.note(BackupDeed::Deleted, &known, reason);
        }
        Ok(())
    }

    fn note(&self, deed: BackupDeed, info: &BackupInfo, reason: &str) {
        if let Ok(register) = self.desk.register() {
            register.note(deed, info, reason);
        }
    }

    /// Puts one in the place of the present data. The register is closed by it and stays so; open it again afterwards.
    ///
    /// # Errors
    /// The backup is damaged or the copy of the present state failed: the present data stays in use.
    pub fn restore(&self, name: &str, progress: &dyn Progress) -> Result<RestoredBackup, RuntimeError> {
        let keep = |proved| *self.desk.proved.lock().unwrap_or_else(PoisonError::into_inner) = proved;
        keep(Proved::Wanted);
        let restored = self.scheduler.restore(name, ids::now(), &self.desk, progress);
        keep(Proved::Nothing);
        Ok(restored?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_follow_the_register_that_was_put_here() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let of = |code: &str| CopyOf { code: code.to_owned(), time_zone: "Europe/Paris".to_owned() };
        let text = || settings::read_text(&folder).unwrap();
        fit_settings(&folder, &of("R7")).unwrap();
        assert_eq!(text(), settings::default_text("R7", "Europe/Paris"), "a new machine");
        let own = settings::default_text("R1", "Europe/Brussels") + "# mine\n";
        settings::write_text(&folder, &own).unwrap();
        fit_settings(&folder, &of("R1")).unwrap();
        assert_eq!(text(), own);
        fit_settings(&folder, &of("R2")).unwrap();
        assert_eq!(text(), own.replace("\"R1\"", "\"R2\""), "the rest stays as it was");
    }
}
