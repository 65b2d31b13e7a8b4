//! A plugin host with the one plugin, and what the suites ask for: fresh instances in places of their own.
//!
//! Owns: the copy that is tested. Must not know: which cases there are and who hears of them.

use super::super::context::Context;
use crate::output::Failure;
use aurapos_plugin_testkit::conformance::backup::BackupFixture;
use aurapos_plugin_testkit::conformance::events::EventsFixture;
use aurapos_plugin_testkit::conformance::payment::PaymentFixture;
use aurapos_plugin_testkit::conformance::printer::PrinterFixture;
use aurapos_plugin_testkit::conformance::storage::{Place, StorageFixture};
use aurapos_plugin_testkit::{ReferenceProvider, TestHost};
use aurapos_runtime::contract::{BackupScheduler, EventSink, PaymentProvider, Printer, Settings, StorageProvider};
use aurapos_runtime::plugin_host::manifest::complete_settings;
use aurapos_runtime::plugin_host::{Code, Found, Instance, PluginHost, PluginHostOptions, Refusal, Trust};
use std::fs;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A plugin host over a copy of the folder, in a place of its own.
pub(super) struct Bench {
    host: PluginHost,
    id: String,
    settings: Settings,
    /// What a storage is opened with, as in a shop: defaults filled in.
    open_settings: Settings,
    /// How many fresh instances there were: each has a name, and so a folder, of its own.
    made: AtomicU64,
    /// The host of the event sink that was made last: the next one may stand for a restart over the same place.
    last: Mutex<Option<Arc<TestHost>>>,
    /// Removes the place at the end.
    _place: Arc<TestHost>,
}

impl Bench {
    pub(super) fn set_up(context: &Context, found: &Found, settings: Settings) -> Result<Self, Failure> {
        let place = TestHost::new();
        let id = found.manifest.id.clone();
        let open_settings =
            complete_settings(&settings, &found.manifest).map_err(|error| Refusal::new(Code::Settings, &id, error))?;
        let own = place.folder().join("plugins").join(&id);
        let fail =
            |error: io::Error| Failure::new("AP-0502", format!("{}: {error}", own.display()), "Make room on the disk.");
        fs::create_dir_all(&own).map_err(fail)?;
        for file in [found.folder.join("plugin.toml"), found.library()?] {
            let name = file.file_name().unwrap_or_default();
            fs::copy(&file, own.join(name)).map_err(fail)?;
        }
        let mut options = PluginHostOptions::in_folders(&context.options().program_dir(), place.folder());
        options.builtin_dir = None;
        options.trust = Trust::Open;
        Ok(Bench {
            host: PluginHost::open(options),
            id,
            settings,
            open_settings,
            made: AtomicU64::new(0),
            last: Mutex::new(None),
            _place: place,
        })
    }

    fn instance(&self, services: &Arc<TestHost>) -> Instance {
        Instance {
            name: format!("test-{}", self.made.load(Ordering::Relaxed)),
            selector: self.id.clone(),
            in_process: true,
            deadline: None,
            settings: self.settings.clone(),
            services: services.clone(),
        }
    }

    /// Loads and makes it once, so that a refusal is told with its own code and not by every case.
    pub(super) fn starts(&self, kind: &str) -> Result<(), Refusal> {
        let instance = self.instance(&TestHost::new());
        match kind {
            "storage" => self.host.storage(&instance).map(drop),
            "payment" => self.host.payment(&instance).map(drop),
            "backup" => self.host.backup(&instance).map(drop),
            "printer" => self.host.printer(&instance).map(drop),
            _ => self.host.events(&instance).map(drop),
        }
    }

    /// What is made from now on is another instance.
    fn another(&self) {
        self.made.fetch_add(1, Ordering::Relaxed);
    }

    fn sink(&self, services: Arc<TestHost>) -> Arc<dyn EventSink> {
        let sink = made(self.host.events(&self.instance(&services)));
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(services);
        sink
    }
}

/// What the host made, or a panic, which is a failed case with this text: a fixture knows no other way to say it.
fn made<T>(made: Result<T, Refusal>) -> T {
    made.unwrap_or_else(|refusal| panic!("the plugin was refused: {refusal}"))
}

impl PaymentFixture for Bench {
    fn fresh(&self) -> Arc<dyn PaymentProvider> {
        self.another();
        PaymentFixture::again(self)
    }
    fn again(&self) -> Arc<dyn PaymentProvider> {
        made(self.host.payment(&self.instance(&TestHost::new())))
    }
}

impl PrinterFixture for Bench {
    fn fresh(&self) -> Arc<dyn Printer> {
        self.another();
        made(self.host.printer(&self.instance(&TestHost::new())))
    }
}

impl EventsFixture for Bench {
    fn fresh(&self) -> Arc<dyn EventSink> {
        self.another();
        self.sink(TestHost::new())
    }

    fn again(&self) -> Arc<dyn EventSink> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.sink(last.unwrap_or_else(TestHost::new))
    }
}

impl BackupFixture for Bench {
    fn scheduler(&self, host: &Arc<TestHost>) -> Arc<dyn BackupScheduler> {
        made(self.host.backup(&self.instance(host)))
    }

    fn storage(&self, host: &Arc<TestHost>) -> (Arc<dyn StorageProvider>, Settings) {
        let place = host.folder().join("data").to_string_lossy().into_owned();
        (Arc::new(ReferenceProvider::new()), Settings::default().with("path", place))
    }
}

impl StorageFixture for Bench {
    fn fresh(&self) -> Place {
        self.another();
        let services = TestHost::new();
        let folder = services.folder().to_owned();
        let provider = made(self.host.storage(&self.instance(&services)));
        Place { provider, settings: self.open_settings.clone(), folder, data_file: None, keep: Box::new(services) }
    }
}
