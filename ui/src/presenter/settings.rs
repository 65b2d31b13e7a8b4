//! The screen "settings": those of the shop, changed and saved page by page, and those of this machine, kept at once.
//!
//! What was typed and not saved stays while the operator looks at another page or another screen; leaving with it is
//! asked about. Another operator begins afresh.

pub mod fields;
pub mod findings;
pub mod machine;
pub mod paper;
pub mod registers;
mod save;
mod scans;
pub mod sharing;
pub mod storage;

pub use save::{save, save_and_leave};
pub use scans::{ScanView, scanned};

use crate::host::{Topic, Trouble};
use crate::markup::{ListState, ReceiptLine, SettingsEntry, SettingsFault, SettingsField, SettingsPage};
use crate::presenter::keys::KeyPress;
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::country::{CountryProfile, VatNumberRule};
use aurapos_domain::people::Permission;
use aurapos_domain::receipt::{ReceiptFacts, ShopFacts};
use aurapos_engine::command::SessionId;
use aurapos_engine::queries::SettingsRead;
use aurapos_engine::settings as registry;
use aurapos_locale::Language;
use slint::platform::Key;
use std::cell::Cell;
use std::collections::VecDeque;

const FIELDS: usize = fields::ALL.len();

/// State of the screen.
#[derive(Debug)]
pub struct Settings {
    /// The page that is shown.
    pub page: SettingsPage,
    state: ListState,
    error: Option<Trouble>,
    /// As the shop has it, as it is shown.
    stored: [String; FIELDS],
    standard: [String; FIELDS],
    drafts: [Option<Draft>; FIELDS],
    faults: [(SettingsFault, String); FIELDS],
    /// Counts up when faults were found.
    pub attempt: i32,
    /// Fields that are still to be sent.
    queue: VecDeque<SettingsField>,
    saving: bool,
    /// When everything is saved the screen is left.
    leave_after: bool,
    /// The question about what is not saved is open.
    pub leaving: bool,
    country: Option<&'static CountryProfile>,
    newest: Option<ReceiptFacts>,
    scan: ScanView,
    /// Who typed what is not saved.
    typed_by: Option<SessionId>,
    /// The page of the storage.
    pub storage: storage::Storage,
    /// The page of the registers.
    pub registers: registers::Registers,
    /// What somebody has to look at.
    pub findings: findings::Findings,
    /// The window has to become the whole screen, or no longer be it.
    pub fullscreen: Cell<Option<bool>>,
}

/// What was typed and is not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    text: String,
    /// The default is asked for, not this text.
    reset: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            page: SettingsPage::Shop,
            state: ListState::Loading,
            error: None,
            stored: Default::default(),
            standard: Default::default(),
            drafts: Default::default(),
            faults: std::array::from_fn(|_| (SettingsFault::None, String::new())),
            attempt: 0,
            queue: VecDeque::new(),
            saving: false,
            leave_after: false,
            leaving: false,
            country: None,
            newest: None,
            scan: ScanView::default(),
            typed_by: None,
            storage: Default::default(),
            registers: Default::default(),
            findings: Default::default(),
            fullscreen: Cell::new(None),
        }
    }
}

impl Settings {
    /// What the pages of the shop show.
    pub fn state(&self) -> ListState {
        self.state
    }

    /// A field as it is typed.
    pub fn text(&self, field: SettingsField) -> &str {
        let place = field as usize;
        self.drafts[place].as_ref().map_or(&self.stored[place], |draft| &draft.text)
    }

    /// How a field stands.
    pub fn entry(&self, field: SettingsField) -> SettingsEntry {
        let place = field as usize;
        let standard = &self.standard[place];
        let (fault, told) = &self.faults[place];
        SettingsEntry {
            changed: self.drafts[place].is_some(),
            fault: *fault,
            told: told.as_str().into(),
            standard: standard.as_str().into(),
            resettable: fields::has_default(field) && self.text(field) != standard,
        }
    }

    /// A page has changes that are not saved.
    pub fn is_unsaved(&self, page: SettingsPage) -> bool {
        fields::ALL.into_iter().any(|field| fields::page(field) == page && self.drafts[field as usize].is_some())
    }

    fn anything_unsaved(&self) -> bool {
        self.drafts.iter().any(Option::is_some)
    }

    /// Changes are on their way.
    pub fn saving(&self) -> bool {
        self.saving
    }

    /// The last scan of the page of the keys.
    pub fn scan(&self) -> &ScanView {
        &self.scan
    }

    /// There is no sale to make the preview of.
    pub fn is_made_up(&self) -> bool {
        self.newest.is_none()
    }

    /// How a VAT number of the country is written.
    pub fn vat_example(&self) -> &'static str {
        match self.country.map(|country| country.vat_number) {
            Some(VatNumberRule::Belgium) => "BE0123456749",
            Some(VatNumberRule::Luxembourg) => "LU12345613",
            _ => "",
        }
    }

    fn forget(&mut self) {
        self.drafts = Default::default();
        self.faults = std::array::from_fn(|_| (SettingsFault::None, String::new()));
        self.queue.clear();
        self.leave_after = false;
        self.leaving = false;
    }
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    let session = shell.session.as_ref().map(|session| session.id);
    if shell.settings.typed_by != session {
        shell.settings.forget();
        storage::forget(shell);
        registers::forget(shell);
        shell.settings.page = first_page(shell);
        shell.settings.typed_by = session;
    }
    shell.settings.leaving = false;
    shell.settings.scan = ScanView::default();
    reload(shell);
    shown(shell);
}

/// What the shown page is about may have changed.
fn shown(shell: &mut Shell) {
    storage::look(shell);
    registers::look(shell);
    if shell.settings.page == SettingsPage::Findings {
        findings::load(shell);
    }
}

/// Reads the settings of the shop again.
pub fn reload(shell: &mut Shell) {
    if shell.settings.state != ListState::Ready {
        shell.settings.state = ListState::Loading;
    }
    shell.read(
        Topic::Settings,
        |reading| reading.settings(),
        |shell, result| match result {
            Ok(read) => take(&mut shell.settings, read),
            Err(error) => {
                shell.settings.state = ListState::Failed;
                shell.settings.error = Some(error.into());
            }
        },
    );
}

fn take(settings: &mut Settings, read: SettingsRead) {
    // What is not theirs is not in the answer, and must not stay from whoever was here before.
    settings.stored = Default::default();
    settings.standard = Default::default();
    for field in fields::ALL {
        let Some(view) = read.settings.iter().find(|view| view.definition.key == fields::key(field)) else { continue };
        settings.stored[field as usize] = fields::shown(field, &view.value);
        settings.standard[field as usize] = fields::shown(field, &view.default);
    }
    settings.country = Some(read.country);
    settings.newest = read.newest;
    settings.state = ListState::Ready;
}

/// Why nothing can be shown, in the operator's language.
pub fn error(shell: &Shell) -> String {
    shell.settings.error.as_ref().map(|trouble| status::told(shell, trouble).0).unwrap_or_default()
}

/// Shows a page; what was typed on the others stays.
pub fn show(shell: &mut Shell, page: SettingsPage) {
    if !allowed(shell, page) {
        return;
    }
    shell.settings.page = page;
    shell.settings.scan = ScanView::default();
    shown(shell);
}

/// The first page that whoever is signed in may open: those of the machine are everybody's.
fn first_page(shell: &Shell) -> SettingsPage {
    if allowed(shell, SettingsPage::Shop) { SettingsPage::Shop } else { SettingsPage::Language }
}

/// Whether whoever is signed in may open a page and change what it is about.
pub fn allowed(shell: &Shell, page: SettingsPage) -> bool {
    if matches!(page, SettingsPage::Storage | SettingsPage::Registers | SettingsPage::Findings) {
        return shell.may(Permission::Settings);
    }
    let mut fields = fields::ALL.into_iter().filter(|field| fields::page(*field) == page);
    fields.all(|field| registry::find(fields::key(field)).is_ok_and(|definition| shell.may(definition.permission)))
}

/// A field was typed in: what was wrong with it is forgotten until the next look.
pub fn edited(shell: &mut Shell, field: SettingsField, text: &str) {
    let settings = &mut shell.settings;
    let place = field as usize;
    let changed = settings.stored[place] != text;
    settings.drafts[place] = changed.then(|| Draft { text: text.to_owned(), reset: false });
    settings.faults[place] = (SettingsFault::None, String::new());
}

/// Another language for the receipts.
pub fn choose_receipt_language(shell: &mut Shell, index: i32) {
    let language = usize::try_from(index).ok().and_then(|index| Language::ALL.get(index));
    if let Some(language) = language {
        edited(shell, SettingsField::ReceiptLanguage, language.code());
    }
}

/// Puts the default into a field; saved, it counts as not chosen.
pub fn reset(shell: &mut Shell, field: SettingsField) {
    let text = shell.settings.standard[field as usize].clone();
    edited(shell, field, &text);
    if let Some(draft) = &mut shell.settings.drafts[field as usize] {
        draft.reset = true;
    }
}

/// Forgets what was typed on the shown page.
pub fn discard(shell: &mut Shell) {
    let page = shell.settings.page;
    for field in fields::ALL.into_iter().filter(|field| fields::page(*field) == page) {
        shell.settings.drafts[field as usize] = None;
        shell.settings.faults[field as usize] = (SettingsFault::None, String::new());
    }
}

/// Leaves the screen; what is not saved is asked about.
pub fn back(shell: &mut Shell) {
    if shell.settings.anything_unsaved() {
        shell.settings.leaving = true;
    } else {
        shell.back();
    }
}

/// Leaves without what was typed.
pub fn leave(shell: &mut Shell) {
    shell.settings.forget();
    shell.back();
}

/// Stays.
pub fn stay(shell: &mut Shell) {
    shell.settings.leaving = false;
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.is(Key::Escape) && !key.repeat {
        back(shell);
        return true;
    }
    if key.control && matches!(key.text.as_str(), "s" | "S") {
        save(shell);
        return true;
    }
    false
}

/// The language of the receipts as it is chosen.
pub fn receipt_language(shell: &Shell) -> Language {
    Language::from_code(shell.settings.text(SettingsField::ReceiptLanguage)).unwrap_or_default()
}

/// The receipt with what is typed; only on the pages that show it.
pub fn paper_rows(shell: &Shell) -> Vec<ReceiptLine> {
    let settings = &shell.settings;
    if !matches!(settings.page, SettingsPage::Shop | SettingsPage::Receipts) || settings.state != ListState::Ready {
        return Vec::new();
    }
    let text = |field| settings.text(field).trim().to_owned();
    let shop = ShopFacts {
        name: text(SettingsField::Name),
        address: fields::lines(settings.text(SettingsField::Address)),
        vat_number: text(SettingsField::Vat),
        phone: text(SettingsField::Phone),
        footer: fields::lines(settings.text(SettingsField::Footer)),
    };
    let made_up = || {
        let host = shell.host();
        let register = shell.facts.as_ref().map(|facts| facts.register.as_str())?;
        let operator = shell.session.as_ref().map(|session| session.operator.name.as_str())?;
        paper::made_up(settings.country?, shell.currency(), register, operator, host.local(host.now()))
    };
    let sale = settings.newest.clone().or_else(made_up);
    sale.map(|sale| paper::rows(&sale, shop, receipt_language(shell))).unwrap_or_default()
}
