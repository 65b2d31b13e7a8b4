//! The contract's traits, served through lanes: what the host hands to the engine and the runtime.

mod backup;
mod devices;
mod live;
mod payment;
mod storage;

pub(crate) use backup::LanedBackup;
pub(crate) use devices::{LanedEvents, LanedPrinter};
pub(crate) use live::Live;
pub(crate) use payment::LanedPayment;
pub(crate) use storage::LanedStorage;
