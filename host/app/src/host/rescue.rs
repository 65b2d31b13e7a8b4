//! What is told of a register that does not open.

use super::trouble;
use aurapos_runtime::contract::error::ErrorCode;
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::lock::LockError;
use aurapos_runtime::{OpenOptions, RuntimeError};
use aurapos_ui::host::{Rescue, RescueKind};

/// The rescue screen of an error.
pub(super) fn rescue(options: &OpenOptions, error: &RuntimeError) -> Rescue {
    let folder = &options.folder;
    Rescue {
        trouble: trouble::of_runtime(error),
        kind: kind(error),
        folder: folder.root().display().to_string(),
        database: folder.database().display().to_string(),
        backups: folder.backups().display().to_string(),
        holder: holder(error),
    }
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
