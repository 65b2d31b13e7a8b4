//! The steps of a run, by name, so that tests can make each of them fail or end the process there.

use crate::contract::PluginResult;

/// Before this happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the name of what follows")]
pub enum Step {
    Sweep,
    Space,
    Part,
    Snapshot,
    Sync,
    Hash,
    Manifest,
    NameManifest,
    NameFile,
    SyncFolder,
    Check,
    Record,
    Retention,
    Delete,
    DeleteManifest,
}

/// All of them, in the order in which a run takes them.
#[cfg(test)]
pub const ALL: [Step; 15] = [
    Step::Sweep,
    Step::Space,
    Step::Part,
    Step::Snapshot,
    Step::Sync,
    Step::Hash,
    Step::Manifest,
    Step::NameManifest,
    Step::NameFile,
    Step::SyncFolder,
    Step::Check,
    Step::Record,
    Step::Retention,
    Step::Delete,
    Step::DeleteManifest,
];

/// Called before each step; in programs it does nothing.
#[cfg(not(test))]
pub fn before(_: Step) -> PluginResult<()> {
    Ok(())
}

#[cfg(test)]
pub use faults::{before, die_at, fail_at};

#[cfg(test)]
mod faults {
    use super::*;
    use crate::contract::{ErrorCode, PluginError};
    use std::cell::Cell;

    #[derive(Clone, Copy)]
    enum Fault {
        Fail,
        Die,
    }

    thread_local! {
        static FAULT: Cell<Option<(Step, Fault)>> = const { Cell::new(None) };
    }

    /// From now on this thread fails before that step, as a full disk does.
    pub fn fail_at(step: Option<Step>) {
        FAULT.set(step.map(|step| (step, Fault::Fail)));
    }

    /// From now on the process ends before that step, without any cleaning.
    pub fn die_at(step: Step) {
        FAULT.set(Some((step, Fault::Die)));
    }

    /// Called before each step.
    pub fn before(step: Step) -> PluginResult<()> {
        match FAULT.get() {
            Some((at, Fault::Fail)) if at == step => {
                Err(PluginError::new(ErrorCode::DiskFull, format!("no room before {step:?}")))
            }
            Some((at, Fault::Die)) if at == step => std::process::abort(),
            _ => Ok(()),
        }
    }
}
