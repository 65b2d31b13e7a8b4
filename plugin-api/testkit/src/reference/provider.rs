//! The factory: named data in memory, snapshots as real files.

use super::{ReferenceStore, Shared, lock, snapshot, table};
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::host::{Progress, Settings};
use aurapos_contract::storage::{RestoreReport, VerifyReport};
use aurapos_contract::{RecordStore, StorageProvider, Value};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

/// Keeps the data of every `path` setting (a plain name here) for as long as the provider lives.
#[derive(Debug, Default)]
pub struct ReferenceProvider {
    places: Arc<Mutex<HashMap<String, Place>>>,
}

#[derive(Debug, Default)]
struct Place {
    shared: Arc<Shared>,
    open: Weak<()>,
    /// What restores took out of use, oldest first: its name is its number, counted from 1.
    previous: Vec<table::Data>,
}

/// What a store knows that was opened as a copy.
#[derive(Debug)]
pub(crate) struct Copy {
    bytes: u64,
    places: Arc<Mutex<HashMap<String, Place>>>,
}

impl Copy {
    /// Size of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Puts proved data in the place that settings name.
    pub(crate) fn put_in_place(
        &self,
        settings: &Settings,
        mut data: table::Data,
        restored: VerifyReport,
    ) -> PluginResult<RestoreReport> {
        data.epoch = table::new_epoch();
        swap(&self.places, settings, restored, data)
    }
}

/// Puts other data in a place that nobody has open, and keeps what was there.
fn swap(
    places: &Mutex<HashMap<String, Place>>,
    settings: &Settings,
    restored: VerifyReport,
    new: table::Data,
) -> PluginResult<RestoreReport> {
    let name = ReferenceProvider::place(settings)?;
    let mut places = lock(places);
    let place = places.entry(name.clone()).or_default();
    if place.open.strong_count() > 0 {
        return Err(ReferenceProvider::busy(&name));
    }
    let old = std::mem::replace(&mut *lock(&place.shared.data), new);
    let mut report = RestoreReport { restored, ..Default::default() };
    if old != table::Data::default() {
        place.previous.push(old);
        report.previous = place.previous.len().to_string();
        report.previous_location = format!("memory, {name} {}", report.previous);
    }
    Ok(report)
}

impl ReferenceProvider {
    /// A provider without data.
    pub fn new() -> Self {
        Self::default()
    }

    fn place(settings: &Settings) -> PluginResult<String> {
        match settings.get("path") {
            None => Ok("reference".to_owned()),
            Some(Value::Text(path)) if !path.is_empty() => Ok(path.clone()),
            Some(_) => Err(PluginError::new(ErrorCode::Config, "the setting `path` must be text")),
        }
    }

    fn busy(name: &str) -> PluginError {
        PluginError::new(ErrorCode::Busy, format!("`{name}` is open already"))
    }
}

impl StorageProvider for ReferenceProvider {
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        let name = Self::place(settings)?;
        let mut places = lock(&self.places);
        let place = places.entry(name.clone()).or_default();
        if place.open.strong_count() > 0 {
            return Err(Self::busy(&name));
        }
        let hold = Arc::new(());
        place.open = Arc::downgrade(&hold);
        Ok(Box::new(ReferenceStore::over(place.shared.clone(), false, name, Some(hold))))
    }

    fn open_copy(&self, file: &str) -> PluginResult<Box<dyn RecordStore>> {
        let (data, report) = snapshot::read(Path::new(file))?;
        let copy = Copy { bytes: report.bytes, places: self.places.clone() };
        Ok(Box::new(ReferenceStore::copy(data, file.to_owned(), Some(copy))))
    }

    fn put_back(&self, settings: &Settings, previous: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        let gone = || PluginError::new(ErrorCode::NotFound, format!("nothing is kept as `{previous}`"));
        let number = previous.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).ok_or_else(gone)?;
        let name = Self::place(settings)?;
        let kept = lock(&self.places).get(&name).and_then(|place| place.previous.get(number)).cloned();
        let kept = kept.ok_or_else(gone)?;
        let restored = snapshot::report(&kept, snapshot::size(&kept));
        swap(&self.places, settings, restored, kept)
    }
}
