//! The factory: named data in memory, snapshots as real files.

use super::{ReferenceStore, Shared, lock, snapshot, table};
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::host::{Progress, Settings};
use aurapos_contract::storage::{RestoreReport, RestoreRequest, VerifyReport};
use aurapos_contract::{RecordStore, StorageProvider, Value};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

/// Keeps the data of every `path` setting (a plain name here) for as long as the provider lives.
#[derive(Debug, Default)]
pub struct ReferenceProvider {
    places: Mutex<HashMap<String, Place>>,
}

#[derive(Debug, Default)]
struct Place {
    shared: Arc<Shared>,
    open: Weak<()>,
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
        let (data, _) = snapshot::read(Path::new(file))?;
        let shared = Shared { data: Mutex::new(data), ..Default::default() };
        Ok(Box::new(ReferenceStore::over(Arc::new(shared), true, file.to_owned(), None)))
    }

    fn verify(&self, file: &str, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "the check was cancelled"));
        }
        match snapshot::read(Path::new(file)) {
            Ok((_, report)) => Ok(report),
            Err(error) if error.code == ErrorCode::Damaged => {
                let bytes = std::fs::metadata(file).map(|found| found.len()).unwrap_or(0);
                Ok(VerifyReport { problems: vec![error.message], bytes, ..Default::default() })
            }
            Err(error) => Err(error),
        }
    }

    fn restore(
        &self,
        settings: &Settings,
        request: &RestoreRequest,
        progress: &dyn Progress,
    ) -> PluginResult<RestoreReport> {
        let name = Self::place(settings)?;
        let mut places = lock(&self.places);
        let place = places.entry(name.clone()).or_default();
        if place.open.strong_count() > 0 {
            return Err(Self::busy(&name));
        }
        let (mut data, restored) = snapshot::read(Path::new(&request.source))?;
        if Path::new(&request.previous).exists() {
            return Err(PluginError::new(ErrorCode::Io, format!("{} is there already", request.previous)));
        }
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "the restore was cancelled"));
        }
        let old = lock(&place.shared.data).clone();
        let previous = if old == table::Data::default() {
            String::new()
        } else {
            snapshot::write(&old, &request.previous, progress)?;
            request.previous.clone()
        };
        data.epoch = table::new_epoch();
        *lock(&place.shared.data) = data;
        Ok(RestoreReport { previous, restored })
    }
}
