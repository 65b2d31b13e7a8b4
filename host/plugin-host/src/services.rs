//! The host that a library sees before any instance of it exists: it can log and knows the time, nothing else.

use aurapos_contract::host::{LocalTime, LogLevel};
use aurapos_contract::{HostServices, Timestamp, Uuid};
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes into the log of this program under the library's id.
#[derive(Debug)]
pub struct LibraryServices {
    /// Plugin id.
    pub id: String,
}

/// In a trial nothing is logged.
#[derive(Debug, Clone, Copy)]
pub struct TrialServices;

/// Writes a plugin's line into this program's log.
pub(crate) fn log(id: &str, level: LogLevel, message: &str) {
    match level {
        LogLevel::Debug => tracing::debug!(target: "plugin", plugin = id, "{message}"),
        LogLevel::Warn => tracing::warn!(target: "plugin", plugin = id, "{message}"),
        LogLevel::Error => tracing::error!(target: "plugin", plugin = id, "{message}"),
        _ => tracing::info!(target: "plugin", plugin = id, "{message}"),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::try_from(since.as_micros()).unwrap_or(Timestamp::MAX)
}

macro_rules! library_host {
    ($type:ty, |$self:ident, $level:ident, $message:ident| $log:expr) => {
        impl HostServices for $type {
            fn log(&$self, $level: LogLevel, $message: &str) {
                $log
            }
            fn now(&self) -> Timestamp {
                now()
            }
            fn local_time(&self, _: Timestamp) -> LocalTime {
                LocalTime::default()
            }
            fn utc_time(&self, _: &LocalTime) -> Timestamp {
                0
            }
            fn data_dir(&self) -> String {
                String::new()
            }
            fn new_id(&self) -> Uuid {
                Uuid::nil()
            }
        }
    };
}
library_host!(LibraryServices, |self, level, message| log(&self.id, level, message));
library_host!(TrialServices, |self, _level, _message| ());
