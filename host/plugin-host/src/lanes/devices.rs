//! Printers and event sinks: one lane each.

use super::live::{Live, retire};
use crate::calls::Call;
use crate::exchange::Patience;
use crate::lane::{Lane, Served};
use crate::watch::Watch;
use aurapos_contract::events::HostEvent;
use aurapos_contract::printer::{PrintJob, PrinterCapabilities, PrinterStatus};
use aurapos_contract::{EventSink, PluginResult, Printer, Uuid};
use std::sync::Arc;
use std::time::Duration;

/// A device with one lane and one deadline.
#[derive(Debug)]
struct Device<T: ?Sized> {
    live: Arc<Live<T>>,
    lane: Lane,
    watch: Arc<Watch>,
    deadline: Duration,
}

impl<T: ?Sized + Send + Sync + 'static> Device<T> {
    fn call<R: Send + 'static>(
        &self,
        call: Call,
        work: impl FnOnce(&T) -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        if let Some(refused) = self.watch.refused() {
            return Err(refused);
        }
        let live = Arc::clone(&self.live);
        self.lane.call(call, Patience::fixed(self.deadline), Served::default(), move |_| live.run(work))
    }
}

/// A printer.
#[derive(Debug)]
pub(crate) struct LanedPrinter {
    device: Device<dyn Printer>,
    capabilities: PrinterCapabilities,
    close: Duration,
}

impl LanedPrinter {
    pub(crate) fn new(
        live: Arc<Live<dyn Printer>>,
        lane: Lane,
        watch: Arc<Watch>,
        capabilities: PrinterCapabilities,
        (deadline, close): (Duration, Duration),
    ) -> Self {
        LanedPrinter { device: Device { live, lane, watch, deadline }, capabilities, close }
    }
}

impl Printer for LanedPrinter {
    fn capabilities(&self) -> PluginResult<PrinterCapabilities> {
        Ok(self.capabilities.clone())
    }
    fn print(&self, job: &PrintJob) -> PluginResult<()> {
        let job = job.clone();
        self.device.call(Call::Print, move |printer| printer.print(&job))
    }
    fn status(&self) -> PluginResult<PrinterStatus> {
        self.device.call(Call::Status, |printer| printer.status())
    }
    fn open_drawer(&self) -> PluginResult<()> {
        self.device.call(Call::OpenDrawer, |printer| printer.open_drawer())
    }
}

impl Drop for LanedPrinter {
    fn drop(&mut self) {
        retire(&self.device.live, &self.device.lane, self.close);
    }
}

/// An event sink.
#[derive(Debug)]
pub(crate) struct LanedEvents {
    device: Device<dyn EventSink>,
    close: Duration,
}

impl LanedEvents {
    pub(crate) fn new(
        live: Arc<Live<dyn EventSink>>,
        lane: Lane,
        watch: Arc<Watch>,
        (deadline, close): (Duration, Duration),
    ) -> Self {
        LanedEvents { device: Device { live, lane, watch, deadline }, close }
    }
}

impl EventSink for LanedEvents {
    fn deliver(&self, events: &[HostEvent]) -> PluginResult<()> {
        let events = events.to_vec();
        self.device.call(Call::Deliver, move |sink| sink.deliver(&events))
    }
    fn position(&self, incarnation: Uuid) -> PluginResult<u64> {
        self.device.call(Call::Position, move |sink| sink.position(incarnation))
    }
}

impl Drop for LanedEvents {
    fn drop(&mut self) {
        retire(&self.device.live, &self.device.lane, self.close);
    }
}
