//! The contract's traits, served through lanes: what the host hands to the engine and the runtime.
//!
//! [`Laned`] carries any call of any table; here is only what one capability needs beyond that.

mod laned;
mod live;
mod payment;
mod storage;

pub(crate) use laned::Laned;
pub(crate) use live::{Live, Make};
pub(crate) use payment::LanedPayment;
pub(crate) use storage::LanedStorage;

use aurapos_contract::printer::{PrinterCapabilities, PrinterClient, PrinterLayer};
use aurapos_contract::{PluginResult, Printer};

/// A printer. What it can do is the same for its whole life: asked once, when the instance was made.
#[derive(Debug)]
pub(crate) struct LanedPrinter {
    pub(crate) client: PrinterClient<Laned>,
    pub(crate) capabilities: PrinterCapabilities,
}

impl PrinterLayer for LanedPrinter {
    fn inner(&self) -> &dyn Printer {
        &self.client
    }
    fn capabilities(&self) -> PluginResult<PrinterCapabilities> {
        Ok(self.capabilities.clone())
    }
}
