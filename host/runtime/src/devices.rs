//! The devices of a register, as plain data between whoever opens their plugins ([`crate::site`]) and whoever works with
//! them ([`crate::register`]). Must not know: either.

use aurapos_contract::{EventSink, PaymentProvider, Printer};
use std::sync::Arc;

/// The devices of a register that could be opened, by instance name, in the order of the settings.
#[derive(Debug, Default, Clone)]
pub(crate) struct DeviceSet {
    pub(crate) payments: Vec<(String, Arc<dyn PaymentProvider>)>,
    pub(crate) printers: Vec<(String, Arc<dyn Printer>)>,
    pub(crate) sinks: Vec<(String, Arc<dyn EventSink>)>,
}
