//! What is told of a register that does not open.

use super::trouble;
use aurapos_runtime::contract::Value;
use aurapos_runtime::contract::error::ErrorCode;
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::lock::LockError;
use aurapos_runtime::settings::MachineSettings;
use aurapos_runtime::{DataFolder, OpenOptions, RuntimeError};
use aurapos_ui::host::{Rescue, RescueKind};

/// The rescue screen of an error.
pub(super) fn rescue(options: &OpenOptions, error: &RuntimeError) -> Rescue {
    let folder = &options.folder;
    let elsewhere = elsewhere(folder);
    Rescue {
        trouble: trouble::of_runtime(error),
        kind: kind(error),
        folder: folder.root().display().to_string(),
        is_file: elsewhere.is_none(),
        database: elsewhere.unwrap_or_else(|| folder.database().display().to_string()),
        backups: folder.backups().display().to_string(),
        holder: holder(error),
    }
}

/// Where the data is when it is not the file in the data folder, in the words of the settings: `postgres: host localhost, port
/// 5432, database aurapos`. A few of them, for people.
fn elsewhere(folder: &DataFolder) -> Option<String> {
    let storage = MachineSettings::read(folder).ok()?.storage;
    let said = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    };
    let items = storage.settings.items.iter().filter_map(|item| Some(format!("{} {}", item.key, said(&item.value)?)));
    let items: Vec<String> = items.take(3).collect();
    (!items.is_empty()).then(|| format!("{}: {}", storage.plugin(), items.join(", ")))
}

/// The program that has the register: "aurapos" of "aurapos, process 4711, since …".
fn holder(error: &RuntimeError) -> String {
    match error {
        RuntimeError::Lock(LockError::Held { holder }) => {
            holder.split(',').next().unwrap_or_default().trim().to_owned()
        }
        _ => String::new(),
    }
}

fn kind(error: &RuntimeError) -> RescueKind {
    match error {
        RuntimeError::Lock(LockError::Held { .. }) => RescueKind::Held,
        RuntimeError::Settings(_)
        | RuntimeError::OtherRegister { .. }
        | RuntimeError::OtherStorage { .. }
        | RuntimeError::Edit(_) => RescueKind::Settings,
        RuntimeError::StorageRefused { .. } | RuntimeError::Plugin { .. } => RescueKind::Storage,
        RuntimeError::DatabaseMissing { .. } => RescueKind::Data,
        RuntimeError::Engine(engine) if engine.is(Code::StorageAway) => RescueKind::Away,
        RuntimeError::Engine(engine) if damaged(engine) => RescueKind::Data,
        RuntimeError::Call(call) if is_damage(call.code) => RescueKind::Data,
        _ => RescueKind::Other,
    }
}

fn damaged(error: &aurapos_runtime::engine::EngineError) -> bool {
    let codes = [Code::StorageDamaged, Code::RegisterDamaged, Code::RowDamaged];
    codes.into_iter().any(|code| error.is(code)) || error.source.as_ref().is_some_and(|source| is_damage(source.code))
}

fn is_damage(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Damaged | ErrorCode::NotAStore)
}
