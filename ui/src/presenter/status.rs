//! What stands around every screen: messages, health of storage, backups and plugins, the clock.

use crate::host::{BackupState, HostEvent, Preferences, ThemeChoice, Trouble};
use crate::markup::{Health, Screen, ToastData, ToastKind, Tone};
use crate::presenter::{rescue, rights, sale, settings, sign_in, wizard};
use crate::shell::Shell;
use aurapos_domain::calendar::Timestamp;
use aurapos_engine::Event;
use aurapos_engine::error::Code;
use aurapos_engine::sync::status::{Phase, Status as Link};
use aurapos_locale::{errors, format, names};
use slint::SharedString;
use std::cell::Cell;

/// How long a message that needs nothing stays, in microseconds.
const TOAST_US: i64 = 4_000_000;
/// How long an error stays unless it is dismissed, in microseconds.
const ERROR_US: i64 = 12_000_000;
/// After so long without a good backup its health is a warning.
const BACKUP_OLD_US: i64 = 36 * 3_600 * 1_000_000;

/// State around the screens.
#[derive(Debug, Default)]
pub struct Status {
    toast: Option<(ToastData, Timestamp)>,
    /// Why storage is not well; the operator's language.
    storage_trouble: Option<String>,
    /// The newest good backup.
    last_backup: Option<Timestamp>,
    backup_trouble: bool,
    backups_known: bool,
    /// Plugins that were refused or failed.
    pub plugin_problems: i32,
    /// The register opened in a new life just now, which the operator has not read yet.
    pub new_life: bool,
    /// How the register stands with the shop's server; `None`: it is by itself.
    link: Option<Link>,
    /// The shop is on its way to a server that it is shared on from now on.
    pub bringing: Option<settings::sharing::Bringing>,
    /// When it is there, both sides are compared.
    pub prove: bool,
    /// The page of shortcuts is open.
    pub help_open: bool,
    /// The system's colours are dark.
    pub system_dark: bool,
    /// The last time somebody touched anything.
    pub last_touch: Option<Timestamp>,
    /// The window has to come to the front.
    pub raise: Cell<bool>,
}

impl Status {
    /// How the register stands with the shop's server; `None`: it is by itself.
    pub fn link(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    /// The register is by itself.
    pub fn forget_link(&mut self) {
        self.link = None;
    }
}

/// Tells something that went well, in the words of the markup; `argument` is a name in them.
pub fn toast_kind(shell: &mut Shell, kind: ToastKind, argument: impl Into<SharedString>) {
    show(shell, Tone::Ok, argument.into(), SharedString::default(), TOAST_US);
    if let Some((toast, _)) = &mut shell.status.toast {
        toast.kind = kind;
    }
}

/// Tells something that went well.
pub fn toast(shell: &mut Shell, text: impl Into<SharedString>) {
    show(shell, Tone::Ok, text.into(), SharedString::default(), TOAST_US);
}

/// Tells something that needs a look.
pub fn toast_warning(shell: &mut Shell, text: impl Into<SharedString>) {
    show(shell, Tone::Warn, text.into(), SharedString::default(), ERROR_US);
}

/// Tells something that needs a look, in the operator's language.
pub fn warn_trouble(shell: &mut Shell, trouble: &Trouble) {
    let (text, next) = told(shell, trouble);
    show(shell, Tone::Warn, text.into(), next.into(), ERROR_US);
}

/// Tells an error in the operator's language.
pub fn toast_trouble(shell: &mut Shell, trouble: &Trouble) {
    let (text, next) = told(shell, trouble);
    show(shell, Tone::Danger, text.into(), next.into(), ERROR_US);
}

/// An error as the operator reads it: sentence and next step.
pub fn told(shell: &Shell, trouble: &Trouble) -> (String, String) {
    let missing = trouble.missing.as_ref();
    let facts = missing.map(|(who, right)| [who.as_str(), names::permission(shell.language, *right)]);
    match errors::sentence(shell.language, &trouble.code, facts.as_ref().map_or(&[], |facts| facts)) {
        // What is wrong with a file only its own words say.
        Some(told) if trouble.code == Code::ImportFile.text() => {
            (format!("{} ({})", told.sentence, trouble.message), told.next)
        }
        Some(told) => (told.sentence, told.next),
        None => (trouble.message.clone(), trouble.next.clone()),
    }
}

fn show(shell: &mut Shell, tone: Tone, text: SharedString, next: SharedString, stays_us: i64) {
    let until = Timestamp(shell.host().now().0 + stays_us);
    shell.status.toast = Some((ToastData { shown: true, kind: ToastKind::Text, tone, text, next }, until));
}

/// The message was read.
pub fn dismiss_toast(shell: &mut Shell) {
    shell.status.toast = None;
}

/// Every half second: messages vanish, an untouched register locks.
pub fn tick(shell: &mut Shell) {
    let now = shell.host().now();
    if shell.status.toast.as_ref().is_some_and(|(_, until)| now > *until) {
        shell.status.toast = None;
    }
    sale::tick(shell);
    rescue::tick(shell, now);
    settings::registers::tick(shell, now);
    wizard::join::tick(shell, now);
    sign_in::lock_when_idle(shell, now);
}

/// The program tells something.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    match event {
        HostEvent::Engine(event) => engine_event(shell, event),
        HostEvent::DeviceFailed { instance, message } => {
            let text = format!("{instance}: {message}");
            toast_warning(shell, text);
        }
        HostEvent::BackupsChanged => look_at_backups(shell),
        HostEvent::ShowWindow => shell.status.raise.set(true),
        HostEvent::Sync(link) => linked(shell, link),
        HostEvent::PaymentProgress { .. } => {}
    }
}

fn linked(shell: &mut Shell, link: &Link) {
    let before = shell.status.link.replace(link.clone());
    // The server came or went: what the page of the storage says of it is looked at again.
    if before.is_none_or(|before| before.online() != link.online()) && shell.screen == Screen::Settings {
        settings::storage::look(shell);
        settings::registers::look(shell);
    }
    settings::sharing::linked(shell, link);
}

fn engine_event(shell: &mut Shell, event: &Event) {
    match event {
        Event::InDoubt(error) => {
            let trouble = Trouble::from(error.clone());
            shell.status.storage_trouble = Some(told(shell, &trouble).0);
        }
        Event::Resolved { .. } | Event::Committed(_) => shell.status.storage_trouble = None,
        // People came from another register, or the shop itself, which was just joined.
        Event::Applied(applied) if applied.edited > 0 && shell.screen == Screen::SignIn => sign_in::load(shell),
        Event::RightsChanged { session, operator } => rights::changed(shell, *session, operator),
        Event::PrintFailed { receipt_no, .. } => {
            let code = Code::NotPrinted.text().to_owned();
            let (text, next) = told(shell, &Trouble { code, ..Trouble::default() });
            show(shell, Tone::Danger, format!("{receipt_no}: {text}").into(), next.into(), ERROR_US);
        }
        _ => {}
    }
}

/// A command was refused: what that says about the storage.
pub fn note_refusal(shell: &mut Shell, code: &str, sentence: &str) {
    let storage = [Code::DiskFull, Code::StorageFailed, Code::StorageDamaged, Code::StorageReadOnly, Code::InDoubt];
    if storage.iter().any(|known| known.text() == code) {
        shell.status.storage_trouble = Some(sentence.to_owned());
    }
}

/// Asks how the backups stand.
pub fn look_at_backups(shell: &mut Shell) {
    let answer = shell.expect(|shell, result| match result {
        Ok(state) => note_backups(shell, state),
        Err(_) => {
            shell.status.backups_known = true;
            shell.status.backup_trouble = true;
        }
    });
    shell.host().backup_state(answer);
}

/// The backups are known.
pub fn note_backups(shell: &mut Shell, state: BackupState) {
    shell.status.backups_known = true;
    shell.status.last_backup = state.last_good;
    shell.status.backup_trouble = state.newest_is_bad;
}

/// How the storage is.
pub fn storage(shell: &Shell) -> (Health, String) {
    match (&shell.status.storage_trouble, &shell.facts) {
        (Some(trouble), _) => (Health::Bad, trouble.clone()),
        (None, Some(facts)) => (Health::Good, facts.storage.clone()),
        (None, None) => (Health::Unknown, String::new()),
    }
}

/// How the register stands with the shop's server: since when it does not answer and how many entries of the journal wait to be
/// sent, or why it refuses. [`Health::Unknown`]: the register is by itself.
pub fn link(shell: &Shell) -> (Health, String, i32) {
    let Some(link) = &shell.status.link else { return (Health::Unknown, String::new(), 0) };
    let waiting = i32::try_from(link.unsent).unwrap_or(i32::MAX);
    match (link.phase, link.offline_since) {
        (Phase::Refused, _) => (Health::Bad, link.trouble.clone().unwrap_or_default(), waiting),
        (_, Some(since)) => (Health::Warn, format::time(shell.host().local(since)), waiting),
        // It was not asked yet.
        (_, None) if link.server.is_empty() => (Health::Unknown, String::new(), waiting),
        (_, None) => (Health::Good, String::new(), waiting),
    }
}

/// What the shop's server is, for people; empty: it was not asked yet.
pub fn server(shell: &Shell) -> &str {
    shell.status.link.as_ref().map_or("", |link| link.server.as_str())
}

/// When the shop's server last took something of this register, and how many entries it holds another history of.
pub fn brought(shell: &Shell) -> (Option<Timestamp>, i32) {
    let Some(link) = &shell.status.link else { return (None, 0) };
    (link.acked_at, i32::try_from(link.quarantined).unwrap_or(i32::MAX))
}

/// How the backups are, and when the last good one was.
pub fn backup(shell: &Shell) -> (Health, String) {
    let now = shell.host().now();
    let text = shell.status.last_backup.map(|time| relative(shell, time)).unwrap_or_default();
    let health = match shell.status.last_backup {
        _ if !shell.status.backups_known => Health::Unknown,
        _ if shell.status.backup_trouble => Health::Bad,
        None => Health::Warn,
        Some(time) if now.0 - time.0 > BACKUP_OLD_US => Health::Warn,
        Some(_) => Health::Good,
    };
    (health, text)
}

/// `today 19:02`, `yesterday 19:02`, or the date.
pub fn relative(shell: &Shell, time: Timestamp) -> String {
    let host = shell.host();
    format::date_time(shell.language, host.local(time))
}

/// The message to show.
pub fn toast_view(shell: &Shell) -> ToastData {
    shell.status.toast.as_ref().map(|(toast, _)| toast.clone()).unwrap_or_default()
}

/// Whether the dark colours are shown.
pub fn dark(shell: &Shell) -> bool {
    let Preferences { theme, .. } = &shell.preferences;
    match theme {
        ThemeChoice::Dark => true,
        ThemeChoice::Light => false,
        ThemeChoice::System => shell.status.system_dark,
    }
}

/// Whether somebody is at work and the bar on top is shown.
pub fn at_work(shell: &Shell) -> bool {
    shell.session.is_some() && !matches!(shell.screen, Screen::Wizard | Screen::Rescue | Screen::Opening)
}
