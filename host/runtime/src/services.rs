//! What the host offers to one plugin instance: its log, the clock, the shop's wall time, the data folder, ids.

use crate::ids::{self, IdMaker};
use crate::zone;
use aurapos_contract::host::{LocalTime, LogLevel};
use aurapos_contract::{HostServices, Timestamp, Uuid};
use chrono_tz::Tz;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// The longest log line of a plugin, in bytes; the rest is cut.
pub const LOG_LINE_BYTES_MAX: usize = 4096;

/// The shop's time zone: the settings file's until the store is open, then the shop's own.
#[derive(Debug, Clone)]
pub struct SharedZone(Arc<RwLock<Tz>>);

impl SharedZone {
    /// Starts with this zone.
    pub fn new(zone: Tz) -> Self {
        SharedZone(Arc::new(RwLock::new(zone)))
    }

    /// The zone now.
    pub fn get(&self) -> Tz {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes by this zone from now on.
    pub fn set(&self, zone: Tz) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = zone;
    }
}

/// The services for one instance.
#[derive(Debug, Clone)]
pub struct Services {
    /// Who speaks in the log: `payment/cash`.
    pub speaker: String,
    /// The register's data folder.
    pub data_dir: PathBuf,
    /// The shop's wall.
    pub zone: SharedZone,
    /// The maker of ids.
    pub ids: Arc<IdMaker>,
}

impl HostServices for Services {
    fn log(&self, level: LogLevel, message: &str) {
        let plugin = self.speaker.as_str();
        let message = &message[..message.floor_char_boundary(LOG_LINE_BYTES_MAX)];
        match level {
            LogLevel::Debug => tracing::debug!(target: "plugin", plugin, "{message}"),
            LogLevel::Info => tracing::info!(target: "plugin", plugin, "{message}"),
            LogLevel::Warn => tracing::warn!(target: "plugin", plugin, "{message}"),
            // Levels of newer plugins are more urgent than any we know.
            _ => tracing::error!(target: "plugin", plugin, "{message}"),
        }
    }

    fn now(&self) -> Timestamp {
        ids::now()
    }

    fn local_time(&self, time: Timestamp) -> LocalTime {
        zone::local_time(self.zone.get(), time)
    }

    fn utc_time(&self, local: &LocalTime) -> Timestamp {
        zone::utc_time(self.zone.get(), local)
    }

    fn data_dir(&self) -> String {
        self.data_dir.to_string_lossy().into_owned()
    }

    fn new_id(&self) -> Uuid {
        self.ids.next()
    }
}
