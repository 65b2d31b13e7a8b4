//! What the host offers to a plugin, and what a plugin is given when it is made.

use crate::error::{ErrorCode, PluginError, PluginResult};
use crate::value::{Timestamp, Value};
use std::fmt::Debug;
use std::sync::Arc;

wire_enum! {
    /// How much a log line matters.
    pub enum LogLevel {
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
    /// One setting.
    pub struct Setting {
        /// Key, as the manifest declares it.
        1 => key: String,
        /// Value: Text, Int or Bool.
        2 => value: Value,
    }
}

wire_struct! {
    /// The settings of one plugin instance, defaults of the manifest filled in.
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

    /// Sets a value, replacing an earlier one.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.items.retain(|item| item.key != key);
        self.items.push(Setting { key: key.to_owned(), value: value.into() });
        self
    }
}

fn missing(key: &str, wanted: &str) -> PluginError {
    PluginError::new(ErrorCode::Config, format!("the setting `{key}` must be {wanted}"))
        .with_next(format!("Set `{key}` in the plugin's configuration."))
}

/// What a long call reports to, and asks whether to stop. Calls may come from any thread.
pub trait Progress: Send + Sync + Debug {
    /// Work done, out of a total (0 when unknown), and what is going on. Each report moves the deadline of the call.
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
    fn new_id(&self) -> uuid::Uuid;
}

/// What a plugin's factory is given.
#[derive(Debug, Clone)]
pub struct PluginContext {
    /// The host.
    pub host: Arc<dyn HostServices>,
    /// The instance's name in the TOML: `front terminal`, `sqlite`.
    pub instance: String,
    /// The instance's settings.
    pub settings: Settings,
}
