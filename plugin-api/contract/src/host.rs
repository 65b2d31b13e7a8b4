//! What the host offers to a plugin, and what a plugin is given when it is made.

use crate::api::ApiVersion;
use crate::backup::{BackupHost, BackupSource, CopyCheck};
use crate::error::{ErrorCode, PluginError, PluginResult};
use crate::storage::{RestoreReport, SnapshotInfo};
use crate::value::{Timestamp, Value};
use std::fmt::{self, Debug};
use std::sync::Arc;
use uuid::Uuid;

wire_enum! {
    /// How much a log line matters.
    pub enum LogLevel or Info {
        /// For the plugin's author.
        1 => Debug,
        /// Worth keeping.
        2 => Info,
        /// Somebody should look.
        3 => Warn,
        /// Something failed.
        4 => Error,
    }
}

wire_struct! {
    /// One setting. Its `Debug` shows no secret.
    pub struct Setting, debug by hand {
        /// Key, as the manifest declares it.
        1 => key: String,
        /// Value: Text, Int or Bool.
        2 => value: Value,
        /// The value is a secret: for the plugin alone, never for a log, a screen or a message.
        3 => secret: bool,
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: &dyn Debug = if self.secret { &format_args!("(secret)") } else { &self.value };
        f.debug_struct("Setting").field("key", &self.key).field("value", value).finish()
    }
}

wire_struct! {
    /// The settings of one plugin instance, defaults of the manifest filled in, secrets among them. A setting that
    /// `show_if` hides is not here, nor one that has no value.
    pub struct Settings {
        /// The settings, each key once.
        1 => items: Vec<Setting>,
    }
}

wire_struct! {
    /// Wall clock time in the shop's time zone.
    pub struct LocalTime {
        /// Year.
        1 => year: i64,
        /// 1 to 12.
        2 => month: u32,
        /// 1 to 31.
        3 => day: u32,
        /// 0 to 23.
        4 => hour: u32,
        /// 0 to 59.
        5 => minute: u32,
        /// 0 to 59.
        6 => second: u32,
        /// Offset from UTC in seconds.
        7 => offset_s: i64,
    }
}

impl Settings {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.items.iter().find(|item| item.key == key).map(|item| &item.value)
    }

    /// A text, or [`ErrorCode::Config`] when it is missing or something else.
    pub fn text(&self, key: &str) -> PluginResult<&str> {
        self.get(key).and_then(Value::as_text).ok_or_else(|| missing(key, "text"))
    }

    /// A whole number, or [`ErrorCode::Config`] when it is missing or something else.
    pub fn int(&self, key: &str) -> PluginResult<i64> {
        self.get(key).and_then(Value::as_int).ok_or_else(|| missing(key, "a whole number"))
    }

    /// A truth value, or [`ErrorCode::Config`] when it is missing or something else.
    pub fn bool(&self, key: &str) -> PluginResult<bool> {
        match self.get(key) {
            Some(Value::Bool(truth)) => Ok(*truth),
            _ => Err(missing(key, "true or false")),
        }
    }

    /// Sets a value, replacing an earlier one.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<Value>) -> Self {
        self.put(Setting { key: key.to_owned(), value: value.into(), secret: false })
    }

    /// Sets a secret, replacing an earlier value.
    #[must_use]
    pub fn with_secret(self, key: &str, text: &str) -> Self {
        self.put(Setting { key: key.to_owned(), value: Value::from(text), secret: true })
    }

    /// Whether a secret of that key is given.
    pub fn has_secret(&self, key: &str) -> bool {
        self.items.iter().any(|item| item.secret && item.key == key)
    }

    fn put(mut self, setting: Setting) -> Self {
        self.items.retain(|item| item.key != setting.key);
        self.items.push(setting);
        self
    }
}

fn missing(key: &str, wanted: &str) -> PluginError {
    PluginError::new(ErrorCode::Config, format!("the setting `{key}` must be {wanted}"))
        .with_next(format!("Set `{key}` in the plugin's configuration."))
}

/// What a long call reports to, and asks whether to stop. Calls may come from any thread.
pub trait Progress: Send + Sync + Debug {
    /// Work done, out of a total (0 when unknown), and what is going on. In long work (a copy, a check)
    /// each report is a sign of life; no call goes on beyond its total deadline, whatever it reports.
    fn report(&self, done: u64, total: u64, text: &str);
    /// Whether the caller wants the call to stop; it then answers [`ErrorCode::Cancelled`].
    fn cancelled(&self) -> bool;
}

/// A progress that nobody looks at.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn report(&self, _: u64, _: u64, _: &str) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// A backup host for calls that have none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHost;

impl NoHost {
    fn none<T>() -> PluginResult<T> {
        Err(PluginError::new(ErrorCode::Unsupported, "this call has no backup host"))
    }
}

impl BackupHost for NoHost {
    fn source(&self) -> PluginResult<BackupSource> {
        Self::none()
    }
    fn take_snapshot(&self, _: &str, _: &dyn Progress) -> PluginResult<SnapshotInfo> {
        Self::none()
    }
    fn check_copy(&self, _: &str, _: &dyn Progress) -> PluginResult<CopyCheck> {
        Self::none()
    }
    fn restore_copy(&self, _: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        Self::none()
    }
}

/// What every plugin may ask of the host.
pub trait HostServices: Send + Sync + Debug {
    /// Writes into the host's log under the plugin's name.
    fn log(&self, level: LogLevel, message: &str);
    /// The time by the host's clock.
    fn now(&self) -> Timestamp;
    /// A time in the shop's time zone.
    fn local_time(&self, time: Timestamp) -> LocalTime;
    /// The time at which the shop's clock shows this local time (`offset_s` is ignored; the earlier of two, the later
    /// edge of a gap).
    fn utc_time(&self, local: &LocalTime) -> Timestamp;
    /// The register's data folder, absolute.
    fn data_dir(&self) -> String;
    /// A new UUIDv7.
    fn new_id(&self) -> Uuid;
}

capability! {
    /// [`HostServices`] as a table: the same questions, over a link that can fail.
    pub trait HostPort, table HostTable, client HostClient, layer HostLayer, kind 9 {
        /// As [`HostServices::log`].
        1 => fn log(&self, val level: LogLevel, ref message: str) -> () [Main, Read, Never];
        /// As [`HostServices::now`].
        2 => fn now(&self) -> Timestamp [Main, Read, Freely];
        /// As [`HostServices::local_time`].
        3 => fn local_time(&self, val time: Timestamp) -> LocalTime [Main, Read, Freely];
        /// As [`HostServices::utc_time`].
        4 => fn utc_time(&self, ref local: LocalTime) -> Timestamp [Main, Read, Freely];
        /// As [`HostServices::data_dir`].
        5 => fn data_dir(&self) -> String [Main, Read, Freely];
        /// As [`HostServices::new_id`].
        6 => fn new_id(&self) -> Uuid [Main, Read, Freely];
        /// The plugin panicked: in the call of this name, or in a thread of its own (an empty name).
        7 => fn panicked(&self, ref call: str, ref message: str) -> () [Main, Read, Never];
    }
}

/// What a plugin's factory is given.
#[derive(Debug, Clone)]
pub struct PluginContext {
    /// The host.
    pub host: Arc<dyn HostServices>,
    /// The version of the contract that the host speaks: what it does not know is not worth asking for.
    pub api: ApiVersion,
    /// The instance's name in the TOML: `front terminal`, `sqlite`.
    pub instance: String,
    /// A folder that only this instance uses, absolute. What it wrote and synced there is there after a crash and in every
    /// later version of the plugin. It exists.
    pub folder: String,
    /// The instance's settings.
    pub settings: Settings,
}

wire_struct! {
    /// [`PluginContext`] as it crosses; the host is an object beside it.
    pub struct FactoryRequest {
        /// The instance's name.
        1 => instance: String,
        /// Its folder.
        2 => folder: String,
        /// Its settings.
        3 => settings: Settings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, encode};

    fn settings() -> Settings {
        Settings::default().with("port", 5_i64).with("fast", true).with_secret("password", "open sesame")
    }

    #[test]
    fn a_setting_is_asked_for_by_its_type() {
        let settings = settings();
        assert_eq!((settings.int("port"), settings.bool("fast")), (Ok(5), Ok(true)));
        assert_eq!(settings.text("password"), Ok("open sesame"), "the plugin has it like any other text");
        for (error, words) in [
            (settings.bool("port").unwrap_err(), "`port` must be true or false"),
            (settings.int("fast").unwrap_err(), "`fast` must be a whole number"),
            (settings.text("none").unwrap_err(), "`none` must be text"),
            (settings.int("password").unwrap_err(), "`password` must be"),
        ] {
            assert!(error.code == ErrorCode::Config && error.to_string().contains(words), "{error}");
            assert!(!format!("{error:?}").contains("sesame"), "{error:?}");
        }
    }

    #[test]
    fn a_secret_crosses_and_shows_in_no_log() {
        let before = settings();
        let after: Settings = decode(&encode(&before)).unwrap();
        assert_eq!(after, before);
        assert!(after.has_secret("password") && !after.has_secret("port") && !after.has_secret("none"));
        for shown in [format!("{after:?}"), format!("{after:#?}"), format!("{:?}", after.items[2])] {
            assert!(!shown.contains("sesame") && shown.contains("(secret)") && shown.contains("password"), "{shown}");
        }
        assert!(format!("{after:?}").contains("Int(5)"), "what is no secret is shown");
        let plain = before.with("password", "open sesame");
        assert!(!plain.has_secret("password"), "a value that replaces a secret is none");
    }
}
