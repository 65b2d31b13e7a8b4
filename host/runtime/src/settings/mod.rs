//! `aurapos.toml`: facts of this machine. Which plugins, under which names, with which settings.
//!
//! Owns reading with places in errors, writing that keeps what it does not know, and the copy of the settings that
//! worked last. Must not know what the whole shop shares: those are rows in the store.

mod edit;
mod error;
mod file;
mod place;
mod several;
mod template;
#[cfg(test)]
mod tests;
mod ui;

pub use edit::{EditError, SettingsEdit};
pub use error::{Place, SettingsError};
pub use several::Mode;
pub use template::default_text;
pub use ui::{IDLE_LOCK_MINUTES_MAX, Theme, UiSettings, save_ui};

use crate::folder::{DataFolder, replace_file};
use crate::zone;
use aurapos_contract::{Settings, Value};
use aurapos_domain::ids::RegisterCode;
use chrono_tz::Tz;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

/// The shortest deadline a TOML may give a plugin: below it every second call would be given up, and a payment that is given
/// up is one of which nobody knows.
pub const DEADLINE_MS_MIN: i64 = 1_000;
/// The longest one: somebody waits for it.
pub const DEADLINE_MS_MAX: i64 = 600_000;

/// How plugins that did not come with the program are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Whatever lies in the folders is loaded.
    Open,
    /// What the owner installed or trusted, as it was then.
    Tofu,
}

/// A table that chooses a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Name within its kind; the selector's plugin where none is given.
    pub name: String,
    /// Plugin id, with a version range where needed: `cash`, `zvt@^1`.
    pub selector: String,
    /// Whether it is used.
    pub enabled: bool,
    /// The owner wants it in this process although it did not come with the program.
    pub in_process: bool,
    /// How long its main work may take in all, whatever it reports meanwhile: a payment from its beginning to its answer, a
    /// print, a commit. For a backup: how long it may be silent.
    pub deadline: Option<Duration>,
    /// `[….config]`.
    pub settings: Settings,
}

impl Instance {
    /// The plugin's id, without a version range.
    pub fn plugin(&self) -> &str {
        self.selector.split('@').next().unwrap_or_default()
    }
}

/// The settings of one machine.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineSettings {
    /// Folders with third-party plugins, relative to the data folder unless absolute.
    pub plugin_dirs: Vec<PathBuf>,
    /// Trust in them.
    pub trust: Trust,
    /// The register's code, as it was set up; the store has the last word.
    pub register: Option<String>,
    /// Zone in which this machine shows times before the store is open.
    pub time_zone: Tz,
    /// Log filter: `info`, `debug`.
    pub log_level: String,
    /// One register, or one of several.
    pub mode: Mode,
    /// `[storage.local]`
    pub storage: Instance,
    /// `[storage.shared]`: the shop's database, where there are several registers.
    pub shared: Option<Instance>,
    /// `[[payment]]`, in order.
    pub payments: Vec<Instance>,
    /// `[backup]`
    pub backup: Option<Instance>,
    /// `[[printer]]`
    pub printers: Vec<Instance>,
    /// `[[events]]`
    pub events: Vec<Instance>,
    /// `[ui]`
    pub ui: UiSettings,
    /// Keys that this version does not know.
    pub unknown: Vec<String>,
}

impl MachineSettings {
    /// Reads the settings of a data folder.
    ///
    /// # Errors
    /// Missing, unreadable, not TOML, a wrong value, or one whose feature does not exist yet.
    pub fn read(folder: &DataFolder) -> Result<Self, SettingsError> {
        Self::parse(&read_text(folder)?, &shown(folder), folder.last_good_file().exists())
    }

    /// Reads settings from a text; `file` and `last_good` go into errors.
    ///
    /// # Errors
    /// As [`MachineSettings::read`].
    pub fn parse(text: &str, file: &str, last_good: bool) -> Result<Self, SettingsError> {
        Check { text, file, last_good }.settings()
    }

    /// All instances with the kind of their table, the register's own storage first.
    pub fn instances(&self) -> impl Iterator<Item = (&'static str, &Instance)> {
        std::iter::once(("storage", &self.storage))
            .chain(self.shared.as_ref().map(|one| ("storage", one)))
            .chain(self.payments.iter().map(|one| ("payment", one)))
            .chain(self.backup.iter().map(|one| ("backup", one)))
            .chain(self.printers.iter().map(|one| ("printer", one)))
            .chain(self.events.iter().map(|one| ("events", one)))
    }
}

/// The text of the settings file.
///
/// # Errors
/// Missing, not readable, or not UTF-8.
pub fn read_text(folder: &DataFolder) -> Result<String, SettingsError> {
    let path = folder.settings_file();
    match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let place = place::place_of(&String::from_utf8_lossy(good), good.len());
            let message = "this is not UTF-8 text".to_owned();
            let last_good = folder.last_good_file().exists();
            SettingsError::Syntax { file: shown(folder), place, message, last_good }
        }),
        // Below a file there is no folder either.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let (last_good, fresh) = (folder.last_good_file().exists(), folder.is_fresh());
            Err(SettingsError::Missing { file: shown(folder), last_good, fresh })
        }
        Err(source) => Err(SettingsError::File { file: shown(folder), source }),
    }
}

/// Writes the settings file whole.
///
/// # Errors
/// The file cannot be written.
pub fn write_text(folder: &DataFolder, text: &str) -> Result<(), SettingsError> {
    replace_file(&folder.settings_file(), text.as_bytes())
        .map_err(|source| SettingsError::File { file: shown(folder), source })
}

/// The lines of a settings text that choose the storage.
pub(crate) fn storage_lines(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        if line.trim_start().starts_with('[') {
            inside = line.trim_start().starts_with("[storage");
        }
        inside && !line.trim().is_empty() && !line.trim_start().starts_with('#')
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Keeps the settings as the last that worked. Called after a register was opened with them.
///
/// # Errors
/// The copy cannot be written.
pub fn keep_last_good(folder: &DataFolder) -> Result<(), SettingsError> {
    let file = folder.last_good_file();
    let text = read_text(folder)?;
    if std::fs::read(&file).is_ok_and(|kept| kept == text.as_bytes()) {
        return Ok(());
    }
    replace_file(&file, text.as_bytes())
        .map_err(|source| SettingsError::File { file: file.display().to_string(), source })
}

/// Puts the settings that worked last back; what was there is kept as `aurapos.toml.broken`.
///
/// # Errors
/// There is no such copy, or the files cannot be written.
pub fn use_last_good(folder: &DataFolder) -> Result<(), SettingsError> {
    let file = folder.last_good_file();
    let fail = |source| SettingsError::File { file: file.display().to_string(), source };
    let text = std::fs::read(&file).map_err(fail)?;
    match std::fs::copy(folder.settings_file(), folder.root().join("aurapos.toml.broken")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(error)),
        _ => {}
    }
    replace_file(&folder.settings_file(), &text).map_err(fail)
}

fn shown(folder: &DataFolder) -> String {
    folder.settings_file().display().to_string()
}

/// One reading of one text.
struct Check<'a> {
    text: &'a str,
    file: &'a str,
    last_good: bool,
}

impl Check<'_> {
    fn settings(&self) -> Result<MachineSettings, SettingsError> {
        let file: file::File = toml::from_str(self.text).map_err(|error| self.told_by_parser(&error))?;
        let mode = self.mode(file.register.mode.as_ref())?;
        let trust = match file.plugins.trust.as_ref().map(|word| (word.get_ref().as_str(), word.span())) {
            None | Some(("tofu", _)) => Trust::Tofu,
            Some(("open", _)) => Trust::Open,
            Some(("signed", span)) => {
                return Err(self.not_yet(span, "trust = \"signed\"", "signatures arrive later; use \"tofu\""));
            }
            Some((other, span)) => {
                return Err(self.wrong(span, format!("\"{other}\" is not open, tofu or signed")));
            }
        };
        let storage = self.instance(file.storage.local)?;
        let shared = self.shared(mode, file.register.mode.as_ref(), file.storage.shared, &storage)?;
        let dirs = file.plugins.dirs.unwrap_or_else(|| vec!["plugins".to_owned()]);
        Ok(MachineSettings {
            plugin_dirs: dirs.into_iter().map(PathBuf::from).collect(),
            trust,
            register: self.register_code(file.register.code)?,
            time_zone: self.time_zone(file.register.time_zone)?,
            log_level: self.log_level(file.log.level)?,
            mode,
            storage,
            shared,
            payments: self.list(file.payment)?,
            backup: file.backup.map(|one| self.instance(one)).transpose()?,
            printers: self.list(file.printer)?,
            events: self.list(file.events)?,
            ui: self.ui(file.ui)?,
            unknown: place::unknown_keys(self.text),
        })
    }

    fn log_level(&self, level: Option<file::Word>) -> Result<String, SettingsError> {
        let Some(level) = level else { return Ok("info".to_owned()) };
        if ["error", "warn", "info", "debug", "trace"].contains(&level.get_ref().as_str()) {
            return Ok(level.into_inner());
        }
        let message = format!("\"{}\" is not error, warn, info, debug or trace", level.get_ref());
        Err(self.wrong(level.span(), message))
    }

    fn register_code(&self, code: Option<file::Word>) -> Result<Option<String>, SettingsError> {
        let Some(code) = code else { return Ok(None) };
        RegisterCode::parse(code.get_ref()).map_err(|error| self.wrong(code.span(), error.to_string()))?;
        Ok(Some(code.into_inner()))
    }

    fn time_zone(&self, name: Option<file::Word>) -> Result<Tz, SettingsError> {
        let Some(name) = name else {
            return Ok(zone::DEFAULT_ZONE);
        };
        let message = || format!("\"{}\" is not a time zone like Europe/Brussels", name.get_ref());
        zone::zone_of_name(name.get_ref()).ok_or_else(|| self.wrong(name.span(), message()))
    }

    fn list(&self, instances: Vec<toml::Spanned<file::Instance>>) -> Result<Vec<Instance>, SettingsError> {
        let mut list: Vec<Instance> = Vec::with_capacity(instances.len());
        for one in instances {
            let span = one.get_ref().name.as_ref().unwrap_or(&one.get_ref().selector).span();
            let one = self.instance(one)?;
            if list.iter().any(|other| other.name == one.name) {
                return Err(
                    self.wrong(span, format!("two instances have the name \"{}\"; give each its own", one.name))
                );
            }
            list.push(one);
        }
        Ok(list)
    }

    fn instance(&self, one: toml::Spanned<file::Instance>) -> Result<Instance, SettingsError> {
        let one = one.into_inner();
        let in_process = match one.isolation.as_ref().map(|word| (word.get_ref().as_str(), word.span())) {
            None => false,
            Some(("in-process", _)) => true,
            Some(("process", span)) => {
                let reason = "plugins in a process of their own arrive later; \"in-process\" loads it here";
                return Err(self.not_yet(span, "isolation = \"process\"", reason));
            }
            Some((other, span)) => {
                return Err(self.wrong(span, format!("\"{other}\" is not in-process or process")));
            }
        };
        let deadline = match one.deadline_ms {
            None => None,
            Some(ms) if (DEADLINE_MS_MIN..=DEADLINE_MS_MAX).contains(ms.get_ref()) => {
                Some(Duration::from_millis(ms.into_inner().unsigned_abs()))
            }
            Some(ms) => {
                return Err(
                    self.wrong(ms.span(), format!("a deadline is {DEADLINE_MS_MIN} to {DEADLINE_MS_MAX} milliseconds"))
                );
            }
        };
        let mut settings = Settings::default();
        for (key, value) in one.config {
            settings = settings.with(&key, self.config_value(value)?);
        }
        let selector = one.selector.into_inner();
        let plain = selector.split('@').next().unwrap_or_default().to_owned();
        let name = one.name.map_or(plain, toml::Spanned::into_inner);
        Ok(Instance { name, selector, enabled: one.enabled.unwrap_or(true), in_process, deadline, settings })
    }

    fn config_value(&self, value: toml::Spanned<toml::Value>) -> Result<Value, SettingsError> {
        let span = value.span();
        match value.into_inner() {
            toml::Value::String(text) => Ok(Value::Text(text)),
            toml::Value::Integer(number) => Ok(Value::Int(number)),
            toml::Value::Boolean(truth) => Ok(Value::Bool(truth)),
            other => {
                let message =
                    format!("a plugin's setting is a text, a whole number, true or false, not a {}", other.type_str());
                Err(self.wrong(span, message))
            }
        }
    }

    fn told_by_parser(&self, error: &toml::de::Error) -> SettingsError {
        let place = place::place_of(self.text, error.span().map_or(self.text.len(), |span| span.start));
        let (file, message, last_good) = (self.file.to_owned(), error.message().to_owned(), self.last_good);
        if toml_edit::Document::parse(self.text).is_err() {
            SettingsError::Syntax { file, place, message, last_good }
        } else {
            SettingsError::Value { file, place, message, last_good }
        }
    }

    fn wrong(&self, span: Range<usize>, message: String) -> SettingsError {
        let place = place::place_of(self.text, span.start);
        SettingsError::Value { file: self.file.to_owned(), place, message, last_good: self.last_good }
    }

    fn not_yet(&self, span: Range<usize>, value: &str, reason: &str) -> SettingsError {
        let place = place::place_of(self.text, span.start);
        SettingsError::NotYet { file: self.file.to_owned(), place, value: value.to_owned(), reason: reason.to_owned() }
    }
}
