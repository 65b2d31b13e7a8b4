//! What the screens need from the program around them. The program `aurapos` implements it on the runtime; tests too.
//!
//! Owns: the port and the plain data that crosses it. Must not know: the runtime, plugins' loading, threads. Nothing here
//! waits: whatever takes time is answered through an [`Answer`] from another thread. What changes or reveals something
//! takes the session of whoever asks, and is refused by the name of the right that they have not ([`Deed`] says which;
//! ADR 0022): what the screens show or hide is courtesy, not the guard.
//!
//! [`Deed`]: aurapos_engine::rights::Deed

mod backups;
mod progress;
mod registers;
mod storage;

pub use backups::{Backup, BackupState, BackupsView};
pub use progress::{Cancel, Progress};
pub use registers::{
    Compared, JoinWish, Joined, Pairing, RegisterDeed, RegisterRole, RegistersView, ShopRegister, Standing, TakingIn,
    Ticket,
};
pub use storage::{
    ConnectionReport, FieldKind, OfferKind, ServerDeed, ServerState, ServerView, SetUp, SettingField, StorageOffer,
    StorageView, StorageWish, Tested, Typed,
};

use aurapos_domain::calendar::{LocalTime, Timestamp};
use aurapos_domain::money::Currency;
use aurapos_domain::people::Permission;
use aurapos_engine::Event;
use aurapos_engine::command::SessionId;
use aurapos_engine::error::Detail;
use aurapos_engine::import::ImportReport;
use aurapos_engine::queries::Reading;
use aurapos_engine::setup::NewShop;
use aurapos_engine::{Command, EngineError, PaymentInstance, Reply};
use aurapos_locale::Language;
use std::path::PathBuf;
use std::sync::Arc;

/// Takes the one answer to something; called once, from any thread.
pub type Answer<T> = Box<dyn FnOnce(T) + Send>;
/// Takes what is told again and again; called from any thread.
pub type Listener<T> = Arc<dyn Fn(T) + Send + Sync>;
/// A read of the open register, for the session it was asked with.
pub type ReadJob = Box<dyn FnOnce(&Reading<'_>) + Send>;
/// The result of a command.
pub type CallResult = Result<Reply, EngineError>;
/// The result of what the program does beside the engine.
pub type HostResult<T> = Result<T, Trouble>;

/// What went wrong outside the engine, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trouble {
    /// Stable code: `AP-0401`, `P-102`.
    pub code: String,
    /// One English sentence that names the thing.
    pub message: String,
    /// What to do next; one English sentence.
    pub next: String,
    /// Who has not which right, when that is it.
    pub missing: Option<(String, Permission)>,
}

/// The code of what the operator called off.
pub const CALLED_OFF: &str = "AP-0902";

impl Trouble {
    /// The operator called it off: screens show that as no error.
    pub fn is_called_off(&self) -> bool {
        self.code == CALLED_OFF
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        let missing = match error.detail.map(|detail| *detail) {
            Some(Detail::MissingRight { operator, right }) => Some((operator, right)),
            _ => None,
        };
        Trouble { code: error.code.to_owned(), message: error.message, next: error.next, missing }
    }
}

/// A question to the store; a newer one of the same topic takes the place of one that has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Topic {
    Search,
    Tiles,
    Categories,
    People,
    Operators,
    Orders,
    OrderDetail,
    Products,
    ProductDetail,
    Settings,
    Findings,
    Drawer,
    Counts,
    /// Never replaced.
    Other,
}

/// What became of opening the register.
#[derive(Debug, Clone, PartialEq)]
pub enum Opening {
    /// It is open.
    Ready(Box<Facts>),
    /// There is no shop in the folder: the wizard.
    NoShop,
    /// The register was paired, and the shop was never here whole: it is brought here first.
    Arriving,
    /// It could not be opened: the rescue screen.
    Refused(Box<Rescue>),
}

/// What does not change while the register is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Name of the shop.
    pub shop_name: String,
    /// Its currency.
    pub currency: Currency,
    /// Country code: `BE`.
    pub country: String,
    /// Language of receipts: `fr`.
    pub language: String,
    /// `R1`.
    pub register: String,
    /// Why the register opened in a new life just now; empty when it did not.
    pub new_incarnation: String,
    /// The last receipt that was known of data that is missing; empty when nothing is, or somebody ticked it off.
    pub lost_after: String,
    /// Storage and its version: `SQLite 3.53`.
    pub storage: String,
    /// It shares the shop with other registers.
    pub shares: bool,
    /// Third-party plugins were left out on purpose.
    pub safe_mode: bool,
    /// Instances of the settings that could not be used.
    pub refused: Vec<PluginTrouble>,
    /// The ways to pay, in the order of the settings.
    pub payments: Vec<PaymentInstance>,
    /// There is a receipt printer.
    pub prints: bool,
}

/// An instance of the settings that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginTrouble {
    /// `payment`, `printer`, …
    pub kind: String,
    /// Instance or plugin.
    pub name: String,
    /// Why.
    pub trouble: Trouble,
}

/// A register that could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescue {
    /// Why.
    pub trouble: Trouble,
    /// What would help.
    pub kind: RescueKind,
    /// The data folder.
    pub folder: String,
    /// The database: a file, or where it is in the words of the settings.
    pub database: String,
    /// It is a file in the data folder.
    pub is_file: bool,
    /// Where the backups are.
    pub backups: String,
    /// Which program has the register; empty when none has it.
    pub holder: String,
}

/// What would help a register that could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RescueKind {
    /// Data damaged or missing: restore a backup.
    Data,
    /// The storage plugin was refused: put it right, or start in safe mode.
    Storage,
    /// The settings file: correct it, or use the last one that worked.
    Settings,
    /// The server that has the data does not answer: it is tried again by itself.
    Away,
    /// Another program has the register.
    Held,
    /// Rights, disk, newer program: what the trouble says.
    Other,
}

/// What the program tells on its own.
#[derive(Debug, Clone)]
pub enum HostEvent {
    /// From the engine.
    Engine(Box<Event>),
    /// A payment plugin tells the operator something.
    PaymentProgress {
        /// Instance.
        instance: String,
        /// The text.
        text: String,
    },
    /// A device failed; nothing of a sale is lost.
    DeviceFailed {
        /// Instance.
        instance: String,
        /// What it said.
        message: String,
    },
    /// How the register stands with the shop's server.
    Sync(Box<aurapos_engine::sync::status::Status>),
    /// A backup was made or failed in the background.
    BackupsChanged,
    /// The system asks for another colour scheme, or a second start asks for this window.
    ShowWindow,
}

/// How the window looks and behaves on this machine (`[ui]` in `aurapos.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preferences {
    /// `en`, `fr`, `nl`, `de`; empty: the shop's.
    pub language: String,
    /// Which colours.
    pub theme: ThemeChoice,
    /// No movement.
    pub reduced_motion: bool,
    /// Minutes without touch or key after which the register locks; 0: never.
    pub idle_lock_minutes: u32,
    /// The whole screen.
    pub fullscreen: bool,
}

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

/// Where a catalog comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogSource {
    /// Nothing.
    Empty,
    /// The products of the sample shop.
    Sample,
    /// A CSV file.
    File(PathBuf),
}

/// What a catalog file would do.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogPreview {
    /// What would be added, changed, refused; with reasons by row.
    pub report: ImportReport,
    /// The first rows as they were understood, at most 50: name, code, price, VAT, unit.
    pub rows: Vec<PreviewRow>,
}

/// A row of a catalog as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PreviewRow {
    pub name: String,
    pub sku: String,
    pub barcode: String,
    pub category: String,
    pub price: String,
    pub vat: String,
}

/// A file or folder that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Name in its folder.
    pub name: String,
    /// Whole path.
    pub path: PathBuf,
    /// A folder.
    pub folder: bool,
    /// Bytes.
    pub size: u64,
}

/// A folder to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Whole path.
    pub path: PathBuf,
    /// The folder above it.
    pub parent: Option<PathBuf>,
    /// Folders first, then files of the asked ending, by name.
    pub entries: Vec<FileEntry>,
    /// Places worth going to: home, downloads, removable disks.
    pub places: Vec<FileEntry>,
}

/// A plugin in the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plugin {
    /// `cash`, `backup-scheduler`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Version.
    pub version: String,
    /// `storage`, `payment`, `backup`, `printer`, `events`.
    pub kind: String,
    /// Who made it.
    pub author: String,
    /// What it is for.
    pub description: String,
    /// Shipped with the program.
    pub built_in: bool,
    /// It works, is switched off, was refused, …
    pub state: PluginState,
    /// Why it was refused or failed.
    pub trouble: Option<Trouble>,
    /// Instances of the settings that use it.
    pub instances: Vec<String>,
    /// It can be switched on and off here (payment and backup).
    pub switchable: bool,
    /// It did not come with AuraPOS, and the owner has not let it run inside the register yet.
    pub needs_consent: bool,
    /// Where its file is.
    pub path: String,
}

/// What becomes of a plugin from the next start on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginSwitch {
    /// Not used.
    Off,
    /// Used; refused (P-132) where the owner's consent is missing.
    On,
    /// Used, and the owner, who was told what that means, lets it run inside the register.
    OnInsideTheRegister,
}

/// How a plugin stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PluginState {
    /// In use.
    Active,
    /// Found, not used.
    #[default]
    Off,
    /// Switched on or off; counts from the next start.
    AfterRestart,
    /// Refused or in quarantine.
    Refused,
}

/// What the about screen tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Of the program.
    pub version: String,
    /// Which renderer draws.
    pub renderer: String,
    /// Storage engine and version.
    pub storage: String,
    /// The data folder.
    pub data_folder: String,
    /// Where the log files are.
    pub logs: String,
    /// Operating system.
    pub system: String,
}

/// What to do at closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Nothing is due: close at once.
    Now,
    /// A backup is due.
    BackupDue,
}

/// The program around the screens.
pub trait Host: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;
    /// A moment on the shop's wall.
    fn local(&self, time: Timestamp) -> LocalTime;
    /// How the window looks; read once at the start.
    fn preferences(&self) -> Preferences;
    /// Keeps them for the next start. When an untouched register locks is changed only by whoever may.
    fn keep_preferences(&self, session: Option<SessionId>, preferences: Preferences, answer: Answer<HostResult<()>>);

    /// Opens the register of the data folder; also after the wizard and after a restore.
    fn open(&self, answer: Answer<Opening>);
    /// The same without third parties' plugins, until the program ends. A register that is open stays as it is.
    fn open_safely(&self, answer: Answer<Opening>);
    /// Hears what happens from now on.
    fn listen(&self, hear: Listener<HostEvent>);
    /// Whether the register is open and somebody is signed in by this session: a register that was closed and opened again knows
    /// nobody.
    fn knows(&self, session: Option<SessionId>) -> bool;
    /// Gives a command to the engine. What only the program itself may do is refused.
    fn submit(&self, session: Option<SessionId>, command: Command, answer: Answer<CallResult>);
    /// Reads the open register on another thread, for whoever is signed in by `session` when the read begins. The job is
    /// dropped when a newer one of its topic came.
    fn read(&self, session: Option<SessionId>, topic: Topic, job: ReadJob);

    /// Reads a catalog file without changing anything; also before there is a shop (then by `new`'s country).
    fn preview_catalog(
        &self,
        session: Option<SessionId>,
        source: CatalogSource,
        new: Option<NewShop>,
        cancel: Cancel,
        answer: Answer<HostResult<CatalogPreview>>,
    );
    /// Imports a catalog into the open register.
    fn import_catalog(
        &self,
        session: SessionId,
        source: CatalogSource,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<ImportReport>>,
    );
    /// Sets a shop up with its catalog, where none is open. All or nothing: what fails or is cancelled leaves no shop behind.
    /// With any storage but a file alone the catalog comes in after the shop stands; what of it fails is in the answer.
    fn set_up(
        &self,
        new: NewShop,
        storage: StorageWish,
        catalog: CatalogSource,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<SetUp>>,
    );
    /// The storages that a shop can be set up on, the one that is nearest first.
    fn storages(&self, language: Language, answer: Answer<HostResult<Vec<StorageOffer>>>);
    /// Tries a connection; nothing is changed by it.
    fn test_connection(
        &self,
        session: Option<SessionId>,
        tested: Tested,
        language: Language,
        cancel: Cancel,
        answer: Answer<HostResult<ConnectionReport>>,
    );
    /// The storage in use and the server of this machine.
    fn storage(&self, session: Option<SessionId>, language: Language, answer: Answer<HostResult<StorageView>>);
    /// Starts, stops, renews or makes the server of this machine.
    fn change_server(
        &self,
        session: Option<SessionId>,
        deed: ServerDeed,
        language: Language,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<StorageView>>,
    );
    /// The registers of the shop, and what this one is among them.
    fn registers(&self, session: Option<SessionId>, answer: Answer<HostResult<RegistersView>>);
    /// Renames a register or locks it out; how all of them are afterwards.
    fn change_register(
        &self,
        session: Option<SessionId>,
        deed: RegisterDeed,
        answer: Answer<HostResult<RegistersView>>,
    );
    /// Issues a pairing for one more register of this name.
    fn invite(&self, session: Option<SessionId>, name: String, answer: Answer<HostResult<Pairing>>);
    /// Writes a pairing into a new file, for its owner alone.
    fn save_pairing(&self, session: Option<SessionId>, pairing: Pairing, file: PathBuf, answer: Answer<HostResult<()>>);
    /// Makes this register the master of several: the server is made or started where it is not, then the register is closed and
    /// opened again at once, and everybody is signed out. The shop is brought to the server from then on, while it sells.
    fn share_shop(
        &self,
        session: Option<SessionId>,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<()>>,
    );
    /// Makes this register one by itself. `lost`: nothing more is brought, taken or compared. It is closed and opened again at once,
    /// and everybody is signed out.
    fn be_alone(
        &self,
        session: Option<SessionId>,
        lost: bool,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<()>>,
    );
    /// The other registers that share the shop, by code.
    fn others(&self, session: Option<SessionId>, answer: Answer<HostResult<Vec<String>>>);
    /// Compares every row that the registers share with the server's.
    fn compare(
        &self,
        session: Option<SessionId>,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<Compared>>,
    );
    /// Joins a shop, where there is none: pairs the folder with the master. Called off before the pairing is used, nothing is left.
    fn join(
        &self,
        wish: JoinWish,
        language: Language,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<Joined>>,
    );
    /// Opens a register that was paired and brings the shop here; called off it is closed, and goes on the next time.
    fn take_in(&self, progress: Listener<TakingIn>, cancel: Cancel, answer: Answer<HostResult<()>>);

    /// Lists a folder; `None`: where people keep their files.
    fn folder(
        &self,
        session: Option<SessionId>,
        path: Option<PathBuf>,
        ending: &str,
        answer: Answer<HostResult<Folder>>,
    );

    /// How the backups stand: for the bar on every screen.
    fn backup_state(&self, answer: Answer<HostResult<BackupState>>);
    /// The backups; without a session only while no register is open (rescue), as verifying and restoring.
    fn backups(&self, session: Option<SessionId>, answer: Answer<HostResult<BackupsView>>);
    /// Makes a backup now.
    fn back_up(
        &self,
        session: Option<SessionId>,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<BackupsView>>,
    );
    /// Reads one whole and checks it.
    fn verify_backup(
        &self,
        session: Option<SessionId>,
        name: String,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<BackupsView>>,
    );
    /// Puts a backup in the place of the data; the register is closed by it. Open again afterwards.
    fn restore(
        &self,
        session: Option<SessionId>,
        name: String,
        progress: Listener<Progress>,
        cancel: Cancel,
        answer: Answer<HostResult<()>>,
    );
    /// Shows a folder in the system's file manager.
    fn show_folder(&self, session: Option<SessionId>, path: &str, answer: Answer<HostResult<()>>);

    /// The plugins.
    fn plugins(&self, session: Option<SessionId>, answer: Answer<HostResult<Vec<Plugin>>>);
    /// Switches a payment or backup plugin on or off in the settings file.
    fn switch_plugin(
        &self,
        session: Option<SessionId>,
        id: String,
        to: PluginSwitch,
        answer: Answer<HostResult<Vec<Plugin>>>,
    );

    /// Versions and places.
    fn about(&self) -> About;
    /// Whether a backup is due before closing.
    fn closing(&self, answer: Answer<Closing>);
    /// Makes the backup that closing asks for.
    fn close_backup(&self, progress: Listener<Progress>, cancel: Cancel, answer: Answer<HostResult<()>>);
    /// Ends the program: the window goes; with `finish` what runs in the background is finished without it.
    fn quit(&self, finish: bool);
}
