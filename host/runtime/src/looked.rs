//! The backups of a register that is only read: what a run would do, beside whatever program sells.

use crate::RuntimeError;
use crate::backup::{Backups, CopyDesk, OpenRegister, shop_settings};
use crate::reader::Reader;
use crate::site::{OpenOptions, Site};
use aurapos_contract::backup::{BackupInfo, BackupPlan, BackupTrigger};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::{PluginError, PluginResult, RecordStore, Timestamp, Uuid};
use aurapos_engine::command::BackupDeed;
use std::sync::Arc;

/// What a run at `now` would make and delete, and why.
///
/// # Errors
/// The register cannot be read; those of the backup plugin.
pub fn backup_plan(options: &OpenOptions, trigger: BackupTrigger, now: Timestamp) -> Result<BackupPlan, RuntimeError> {
    let reader = Reader::open(options)?;
    let site = Site::open(options, true)?;
    let scheduler = site.backup(shop_settings(reader.store.as_ref()))?;
    let desk = CopyDesk::of(&site, Some(Arc::new(Looked(reader))))?;
    Backups::new(scheduler, desk).plan(trigger, now)
}

/// A register that is only read.
struct Looked(Reader);

impl OpenRegister for Looked {
    fn store(&self) -> Arc<dyn RecordStore> {
        self.0.store.clone()
    }

    fn names(&self) -> (Uuid, String, String) {
        let facts = &self.0.facts;
        (facts.shop, facts.shop_name.clone(), facts.code.clone())
    }

    fn note(&self, _: BackupDeed, _: &BackupInfo, _: &str) {}

    fn snapshot_taken(&self) -> PluginResult<()> {
        Err(PluginError::new(ErrorCode::Unsupported, "a register that is only read makes no backups"))
    }

    fn close(&self) -> PluginResult<()> {
        Err(PluginError::new(ErrorCode::Unsupported, "a register that is only read is not replaced"))
    }
}
