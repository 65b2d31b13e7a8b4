//! The screens' host on the runtime: no method of it waits.
//!
//! Threads: one for what is quick (opening, lists), one for catalogs and setting up, one for backups, two that read, one
//! that brings answers which are due at once, one for the server of this machine and connections, one that hears the open register, one that asks whether a backup is due.

mod about;
mod backups;
mod catalog;
mod desk;
mod events;
mod files;
mod join;
mod open;
mod owed;
mod permit;
mod plugins;
mod preferences;
mod reads;
mod rescue;
mod server;
mod setup;
mod several;
mod storage;
mod trouble;
mod work;

use aurapos_runtime::contract::RecordStore;
use aurapos_runtime::contract::backup::BackupInfo;
use aurapos_runtime::domain::calendar::{LocalTime, Timestamp};
use aurapos_runtime::engine::Command;
use aurapos_runtime::engine::command::SessionId;
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::import::ImportReport;
use aurapos_runtime::engine::rights::{self, Deed, Rights};
use aurapos_runtime::engine::setup::NewShop;
use aurapos_runtime::locale::Language;
use aurapos_runtime::settings::MachineSettings;
use aurapos_runtime::{DataFolder, OpenOptions, Register, ids, zone};
use aurapos_ui::host::{
    About, Answer, BackupState, BackupsView, CallResult, Cancel, CatalogPreview, CatalogSource, Closing, Compared,
    ConnectionReport, Folder, Host, HostEvent, HostResult, JoinWish, Joined, Listener, Opening, Pairing, Plugin,
    PluginSwitch, Preferences, Progress, ReadJob, RegisterDeed, RegistersView, ServerDeed, SetUp, StorageOffer,
    StorageView, StorageWish, TakingIn, Tested, Topic,
};
use backups::OwnBackup;
use desk::Desk;
use events::Listeners;
use open::Open;
use reads::Reads;
use std::fmt::{self, Debug};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use work::Calls;

/// How the program was started.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// The data folder.
    pub folder: DataFolder,
    /// Where the plugins that came with the program are; beside this program where none is given.
    pub programs: Option<PathBuf>,
    /// Third-party plugins are left out.
    pub safe_mode: bool,
    /// Backups are made when they are due, while the program is open.
    pub background: bool,
    /// What a server that the window makes is like; what is left open is chosen as `aurapos-admin server init` does.
    pub server: aurapos_server::Wish,
}

impl HostOptions {
    /// A register in its usual surroundings.
    pub fn new(folder: DataFolder) -> Self {
        HostOptions {
            folder,
            programs: None,
            safe_mode: false,
            background: true,
            server: aurapos_server::Wish::default(),
        }
    }
}

/// What the screens need, on the runtime.
pub struct RuntimeHost {
    inner: Arc<Inner>,
    on_quit: Box<dyn Fn() + Send + Sync>,
}

/// What the threads share.
struct Inner {
    options: OpenOptions,
    safe_mode: AtomicBool,
    listeners: Listeners,
    quick: Desk,
    work: Desk,
    copies: Desk,
    bell: Desk,
    /// The server of this machine and connections to others: each may take its time.
    doors: Desk,
    reads: Reads,
    calls: Calls,
    zone: Mutex<zone::Tz>,
    preferences: Mutex<Preferences>,
    about: Mutex<About>,
    own_backup: OwnBackup,
    /// Backups are made when they are due.
    background: bool,
    /// What a server that is made here is like.
    server_wish: aurapos_server::Wish,
    state: Arc<Mutex<State>>,
}

/// What changes while the program runs. Held for moments only: the screens' thread takes it too.
#[derive(Debug, Default)]
struct State {
    open: Option<Open>,
    /// The backup that was put in the place of the data; the next opening writes it into the journal.
    restored: Option<BackupInfo>,
    /// The program is about to end.
    ending: bool,
    /// What runs is finished first.
    finish: bool,
}

impl RuntimeHost {
    /// Starts the threads; opens nothing yet. `on_quit` ends the event loop: it is called from any thread, once.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn new(options: HostOptions, on_quit: Box<dyn Fn() + Send + Sync>) -> io::Result<Self> {
        let HostOptions { folder, programs, safe_mode, background, server } = options;
        let mut options = OpenOptions::new(folder, "aurapos");
        options.programs = programs;
        let settings = MachineSettings::read(&options.folder);
        let zone = settings.as_ref().map_or(zone::DEFAULT_ZONE, |settings| settings.time_zone);
        let state: Arc<Mutex<State>> = Arc::default();
        let store_of = state.clone();
        let inner = Arc::new(Inner {
            safe_mode: AtomicBool::new(safe_mode),
            listeners: Listeners::default(),
            quick: Desk::start("quick")?,
            work: Desk::start("catalog")?,
            copies: Desk::start("backups")?,
            bell: Desk::start("answers")?,
            doors: Desk::start("server")?,
            reads: Reads::start(Box::new(move || store(&store_of)))?,
            calls: Calls::default(),
            zone: Mutex::new(zone),
            preferences: Mutex::new(preferences::of(settings.as_ref().ok())),
            about: Mutex::new(about::about(&options.folder)),
            own_backup: OwnBackup::default(),
            background,
            server_wish: server,
            state,
            options,
        });
        if background {
            inner.own_backup.keep_watch(Arc::downgrade(&inner))?;
        }
        Ok(RuntimeHost { inner, on_quit })
    }

    /// What draws, for the about screen and the log.
    pub fn set_renderer(&self, renderer: &str) {
        tracing::info!(renderer, "the window is drawn");
        self.inner.lock(&self.inner.about).renderer = renderer.to_owned();
    }

    /// A second start asks for this window; from any thread.
    pub fn show_window(&self) {
        self.inner.listeners.tell(&HostEvent::ShowWindow);
    }

    /// Whether the program is about to end.
    pub fn is_ending(&self) -> bool {
        self.inner.state().ending
    }

    /// Ends everything in order and waits for it: what runs is finished or called off, as [`Host::quit`] was told, and
    /// the register is closed. For the program, after its window is gone.
    pub fn end(&self) {
        let finish = {
            let mut state = self.inner.state();
            state.ending = true;
            state.finish
        };
        if !finish {
            self.inner.calls.call_all_off();
        }
        for desk in [&self.inner.work, &self.inner.copies, &self.inner.doors, &self.inner.quick] {
            desk.drain();
        }
        self.inner.close();
        self.inner.bell.drain();
    }
}

/// The open register's store, and who may read what of it.
fn store(state: &Mutex<State>) -> Option<(Arc<dyn RecordStore>, Rights)> {
    let state = state.lock().unwrap_or_else(PoisonError::into_inner);
    state.open.as_ref().map(|open| (open.register.store().clone(), open.register.rights().clone()))
}

impl Drop for RuntimeHost {
    fn drop(&mut self) {
        self.end();
    }
}

impl Debug for RuntimeHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeHost").field("folder", &self.inner.options.folder).finish_non_exhaustive()
    }
}

impl Inner {
    fn lock<'a, T>(&self, what: &'a Mutex<T>) -> MutexGuard<'a, T> {
        what.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.lock(&self.state)
    }

    /// The open register. For threads that may wait: whoever has it last closes it.
    fn register(&self) -> Option<Arc<Register>> {
        self.state().open.as_ref().map(|open| open.register.clone())
    }

    fn set_zone(&self, zone: zone::Tz) {
        *self.lock(&self.zone) = zone;
    }

    fn submit(self: &Arc<Self>, session: Option<SessionId>, command: Command, answer: Answer<CallResult>) {
        let (inner, caller) = (self.clone(), thread::current().id());
        let answer: Answer<CallResult> = Box::new(move |result| {
            if thread::current().id() == caller {
                // Refused at once. Whoever asked is still asking: it is answered from elsewhere, as always.
                inner.bell.post(move || answer(result));
            } else {
                answer(result);
            }
        });
        if let Err(refused) = rights::from_a_screen(session, &command) {
            return answer(Err(refused));
        }
        let state = self.state();
        match state.open.as_ref() {
            Some(open) => open.register.submit_then(session, command, answer),
            None => answer(Err(Code::NoShop.error("No register is open.").with_next("Open it first."))),
        }
    }
}

impl Host for RuntimeHost {
    fn now(&self) -> Timestamp {
        Timestamp(ids::now())
    }

    fn local(&self, time: Timestamp) -> LocalTime {
        let zone = *self.inner.lock(&self.inner.zone);
        time.local(i32::try_from(zone::local_time(zone, time.0).offset_s).unwrap_or(0))
    }

    fn preferences(&self) -> Preferences {
        self.inner.lock(&self.inner.preferences).clone()
    }

    fn keep_preferences(&self, session: Option<SessionId>, preferences: Preferences, answer: Answer<HostResult<()>>) {
        let locks = self.inner.lock(&self.inner.preferences).idle_lock_minutes == preferences.idle_lock_minutes;
        let permit = self.inner.permit(session, if locks { Deed::KeepPreferences } else { Deed::ChangeLock });
        self.inner.quickly(permit, answer, move |inner| inner.keep_preferences(preferences));
    }

    fn open(&self, answer: Answer<Opening>) {
        let inner = self.inner.clone();
        self.inner.quick.post(move || answer(inner.open()));
    }

    fn open_safely(&self, answer: Answer<Opening>) {
        if self.inner.state().open.is_none() {
            self.inner.safe_mode.store(true, Ordering::SeqCst);
        }
        self.open(answer);
    }

    fn listen(&self, hear: Listener<HostEvent>) {
        self.inner.listeners.add(hear);
    }

    fn knows(&self, session: Option<SessionId>) -> bool {
        self.inner.knows(session)
    }

    fn submit(&self, session: Option<SessionId>, command: Command, answer: Answer<CallResult>) {
        self.inner.submit(session, command, answer);
    }

    fn read(&self, session: Option<SessionId>, topic: Topic, job: ReadJob) {
        self.inner.reads.ask(session, topic, job);
    }

    fn preview_catalog(
        &self,
        session: Option<SessionId>,
        source: CatalogSource,
        new: Option<NewShop>,
        cancel: Cancel,
        answer: Answer<HostResult<CatalogPreview>>,
    ) {
        let permit = self.inner.permit(session, Deed::PreviewCatalog);
        self.inner.at_work(permit, cancel.clone(), answer, move |inner| inner.preview_catalog(&source, new, &cancel));
    }

    fn import_catalog(
        &self,
        session: SessionId,
        source: CatalogSource,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<ImportReport>>,
    ) {
        let work = move |inner: &Arc<Inner>, cancel| inner.import_catalog(session, &source, progress, cancel);
        let permit = self.inner.permit(Some(session), Deed::ImportCatalog);
        self.inner.at_work(permit, cancel.clone(), answer, move |inner| work(inner, cancel));
    }

    fn set_up(
        &self,
        new: NewShop,
        storage: StorageWish,
        catalog: CatalogSource,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<SetUp>>,
    ) {
        let permit = self.inner.permit(None, Deed::SetUp);
        let work = move |inner: &Arc<Inner>, cancel| inner.set_up(&new, &storage, &catalog, progress, cancel);
        self.inner.at_work(permit, cancel.clone(), answer, move |inner| work(inner, cancel));
    }

    fn storages(&self, language: Language, answer: Answer<HostResult<Vec<StorageOffer>>>) {
        let permit = self.inner.permit(None, Deed::SetUp);
        self.inner.quickly(permit, answer, move |inner| inner.storages(language));
    }

    fn test_connection(
        &self,
        session: Option<SessionId>,
        tested: Tested,
        language: Language,
        cancel: Cancel,
        answer: Answer<HostResult<ConnectionReport>>,
    ) {
        let permit = self.inner.permit(session, Deed::TestConnection);
        let test = move |inner: &Arc<Inner>, cancel| inner.test_connection(&tested, language, &cancel);
        self.inner.at_doors(permit, cancel.clone(), answer, move |inner| test(inner, cancel));
    }

    fn storage(&self, session: Option<SessionId>, language: Language, answer: Answer<HostResult<StorageView>>) {
        let permit = self.inner.permit(session, Deed::SeeStorage);
        self.inner.at_doors(permit, Cancel::default(), answer, move |inner| inner.storage(language));
    }

    fn change_server(
        &self,
        session: Option<SessionId>,
        deed: ServerDeed,
        language: Language,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<StorageView>>,
    ) {
        let permit = self.inner.permit(session, Deed::ChangeServer);
        let work = move |inner: &Arc<Inner>, cancel| inner.change_server(deed, language, progress, cancel);
        self.inner.at_doors(permit, cancel.clone(), answer, move |inner| work(inner, cancel));
    }

    fn registers(&self, session: Option<SessionId>, answer: Answer<HostResult<RegistersView>>) {
        let permit = self.inner.permit(session, Deed::SeeRegisters);
        self.inner.at_doors(permit, Cancel::default(), answer, |inner| inner.registers());
    }

    fn change_register(
        &self,
        session: Option<SessionId>,
        deed: RegisterDeed,
        answer: Answer<HostResult<RegistersView>>,
    ) {
        let permit = self.inner.permit(session, Deed::ChangeRegisters);
        self.inner.at_doors(permit, Cancel::default(), answer, move |inner| inner.change_register(&deed));
    }

    fn invite(&self, session: Option<SessionId>, name: String, answer: Answer<HostResult<Pairing>>) {
        let permit = self.inner.permit(session, Deed::ChangeRegisters);
        self.inner.at_doors(permit, Cancel::default(), answer, move |inner| inner.invite(name));
    }

    fn save_pairing(
        &self,
        session: Option<SessionId>,
        pairing: Pairing,
        file: PathBuf,
        answer: Answer<HostResult<()>>,
    ) {
        let permit = self.inner.permit(session, Deed::ChangeRegisters);
        self.inner.quickly(permit, answer, move |_| several::save_pairing(&pairing, &file));
    }

    fn share_shop(
        &self,
        session: Option<SessionId>,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<()>>,
    ) {
        let permit = self.inner.permit(session, Deed::ShareShop);
        self.inner.at_doors(permit, cancel.clone(), answer, move |inner| inner.share_shop(progress, cancel));
    }

    fn be_alone(
        &self,
        session: Option<SessionId>,
        lost: bool,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<()>>,
    ) {
        let permit = self.inner.permit(session, Deed::ShareShop);
        self.inner.at_doors(permit, cancel.clone(), answer, move |inner| inner.be_alone(lost, progress, cancel));
    }

    fn others(&self, session: Option<SessionId>, answer: Answer<HostResult<Vec<String>>>) {
        let permit = self.inner.permit(session, Deed::SeeRegisters);
        self.inner.at_doors(permit, Cancel::default(), answer, |inner| inner.others());
    }

    fn compare(
        &self,
        session: Option<SessionId>,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<Compared>>,
    ) {
        let permit = self.inner.permit(session, Deed::ShareShop);
        self.inner.at_doors(permit, cancel.clone(), answer, move |inner| inner.compare(progress, cancel));
    }

    fn join(
        &self,
        wish: JoinWish,
        language: Language,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<Joined>>,
    ) {
        let permit = self.inner.permit(None, Deed::Join);
        let work = move |inner: &Arc<Inner>, cancel| inner.join(&wish, language, progress, cancel);
        self.inner.at_work(permit, cancel.clone(), answer, move |inner| work(inner, cancel));
    }

    fn take_in(&self, progress: Listener<TakingIn>, cancel: Cancel, answer: Answer<HostResult<()>>) {
        let permit = self.inner.permit(None, Deed::Join);
        self.inner.at_work(permit, cancel.clone(), answer, move |inner| inner.take_in(&progress, &cancel));
    }

    fn folder(
        &self,
        session: Option<SessionId>,
        path: Option<PathBuf>,
        ending: &str,
        answer: Answer<HostResult<Folder>>,
    ) {
        let (ending, permit) = (ending.to_owned(), self.inner.permit(session, Deed::BrowseFiles));
        self.inner.quickly(permit, answer, move |_| files::folder(path, &ending));
    }

    fn backup_state(&self, answer: Answer<HostResult<BackupState>>) {
        let permit = self.inner.permit(None, Deed::SeeBackupState);
        self.inner.quickly(permit, answer, |inner| inner.backups().map(|view| BackupState::of(&view.list)));
    }

    fn backups(&self, session: Option<SessionId>, answer: Answer<HostResult<BackupsView>>) {
        let permit = self.inner.permit(session, Deed::SeeBackups);
        self.inner.quickly(permit, answer, |inner| inner.backups());
    }

    fn back_up(
        &self,
        session: Option<SessionId>,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<BackupsView>>,
    ) {
        let permit = self.inner.permit(session, Deed::BackUp);
        self.inner.at_copies(permit, cancel.clone(), answer, move |inner| inner.back_up(progress, cancel));
    }

    fn verify_backup(
        &self,
        session: Option<SessionId>,
        name: String,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<BackupsView>>,
    ) {
        let permit = self.inner.permit(session, Deed::VerifyBackup);
        self.inner.at_copies(permit, cancel.clone(), answer, move |inner| inner.verify_backup(&name, progress, cancel));
    }

    fn restore(
        &self,
        session: Option<SessionId>,
        name: String,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<()>>,
    ) {
        let permit = self.inner.permit(session, Deed::Restore);
        self.inner.at_copies(permit, cancel.clone(), answer, move |inner| inner.restore(&name, progress, cancel));
    }

    fn show_folder(&self, session: Option<SessionId>, path: &str, answer: Answer<HostResult<()>>) {
        let (path, permit) = (PathBuf::from(path), self.inner.permit(session, Deed::ShowFolder));
        self.inner.quickly(permit, answer, move |_| files::show_folder(&path));
    }

    fn plugins(&self, session: Option<SessionId>, answer: Answer<HostResult<Vec<Plugin>>>) {
        let permit = self.inner.permit(session, Deed::SeePlugins);
        self.inner.quickly(permit, answer, |inner| inner.plugins());
    }

    fn switch_plugin(
        &self,
        session: Option<SessionId>,
        id: String,
        to: PluginSwitch,
        answer: Answer<HostResult<Vec<Plugin>>>,
    ) {
        let permit = self.inner.permit(session, Deed::SwitchPlugin);
        self.inner.quickly(permit, answer, move |inner| inner.switch_plugin(&id, to));
    }

    fn about(&self) -> About {
        self.inner.lock(&self.inner.about).clone()
    }

    fn closing(&self, answer: Answer<Closing>) {
        let inner = self.inner.clone();
        self.inner.quick.post(move || answer(inner.closing()));
    }

    fn close_backup(&self, progress: Listener<Progress>, cancel: Cancel, answer: Answer<HostResult<()>>) {
        let permit = self.inner.permit(None, Deed::CloseBackup);
        self.inner.at_copies(permit, cancel.clone(), answer, move |inner| inner.close_backup(progress, cancel));
    }

    fn quit(&self, finish: bool) {
        {
            let mut state = self.inner.state();
            if std::mem::replace(&mut state.ending, true) {
                return;
            }
            state.finish = finish;
        }
        if !finish {
            self.inner.calls.call_all_off();
        }
        (self.on_quit)();
    }
}
