//! The host: from a name in the TOML to an object of the contract.

use crate::calls::Call;
use crate::check::{Ask, Checked, check, prune_copies};
use crate::discover::{Discovery, Found, discover};
use crate::exchange::Patience;
use crate::lane::{Lane, Served};
use crate::lanes::{LanedBackup, LanedEvents, LanedPayment, LanedPrinter, LanedStorage, Live};
use crate::library;
use crate::options::{Instance, PluginHostOptions};
use crate::probe::Trial;
use crate::refusal::{Code, Refusal};
use crate::sentinel::{Sentinel, collect};
use crate::services::LibraryServices;
use crate::state::{State, code_of};
use crate::watch::Watch;
use aurapos_contract::{
    BackupScheduler, ErrorCode, EventSink, PaymentProvider, PluginContext, PluginError, PluginResult, Printer,
    StorageProvider,
};
use aurapos_plugin_api::Border;
use aurapos_plugin_api::loader::Plugin;
use aurapos_plugin_api::manifest::{Kind, Manifest, complete_settings, same_manifest};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A library in this process. It stays.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The sidecar's text; another sidecar beside the same bytes is another plugin, and not this one.
    text: String,
    pub(crate) plugin: Plugin,
    pub(crate) watch: Arc<Watch>,
}

/// Finds, checks, loads and watches plugins.
#[derive(Debug)]
pub struct PluginHost {
    pub(crate) options: PluginHostOptions,
    pub(crate) state: Arc<State>,
    sentinel: Arc<Sentinel>,
    /// By SHA-256 of the library.
    pub(crate) loaded: Mutex<HashMap<String, Loaded>>,
}

/// Everything needed to make an object, and to make it again.
struct Ready {
    loaded: Loaded,
    context: PluginContext,
    border: Arc<dyn Border>,
}

impl PluginHost {
    /// Opens the host: puts into quarantine what took the program down the last time, and begins to watch. Loads nothing.
    pub fn open(options: PluginHostOptions) -> PluginHost {
        let state = Arc::new(State::new(&options.state_dir));
        let sentinel = if options.look_only {
            Sentinel::none()
        } else {
            state.quarantine_dead(&collect(&options.state_dir));
            Sentinel::open(&options.state_dir).unwrap_or_else(|error| {
                // Selling goes on without it; what is lost is the name of a plugin that takes the program down.
                tracing::warn!(%error, folder = %options.state_dir.display(), "no sentinel");
                Sentinel::none()
            })
        };
        if !options.look_only && options.cache_dir.is_dir() {
            prune_copies(&options.cache_dir, &discover(&options));
        }
        PluginHost { options, state, sentinel: Arc::new(sentinel), loaded: Mutex::default() }
    }

    /// What lies in the folders now.
    pub fn discover(&self) -> Discovery {
        discover(&self.options)
    }

    /// The manifest of the plugin that a selector means.
    ///
    /// # Errors
    /// As [`Discovery::select`].
    pub fn manifest(&self, selector: &str, kind: Kind) -> Result<Manifest, Refusal> {
        Ok(self.discover().select(selector, kind)?.manifest.clone())
    }

    /// Makes a storage.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn storage(&self, instance: &Instance) -> Result<Arc<dyn StorageProvider>, Refusal> {
        let ready = self.ready(instance, Kind::Storage)?;
        let settings = ready.context.settings.clone();
        let (object, make) = self.make(&ready, |ready| ready.loaded.plugin.storage(&ready.context, &ready.border))?;
        let (object, ()) =
            self.first_call(&ready, Call::ValidateConfig, object, move |storage| storage.validate_config(&settings))?;
        let watch = ready.loaded.watch;
        let mut deadlines = self.options.deadlines;
        deadlines.commit = instance.deadline.unwrap_or(deadlines.commit);
        let lane = Lane::new("storage", &watch, true);
        Ok(Arc::new(LanedStorage { live: Live::new(object, make, false), lane, watch, deadlines }))
    }

    /// Makes a way to pay.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn payment(&self, instance: &Instance) -> Result<Arc<dyn PaymentProvider>, Refusal> {
        let ready = self.ready(instance, Kind::Payment)?;
        let (object, make) = self.make(&ready, |ready| ready.loaded.plugin.payment(&ready.context, &ready.border))?;
        let (object, capabilities) =
            self.first_call(&ready, Call::Capabilities, object, |payment| payment.capabilities())?;
        let watch = ready.loaded.watch;
        Ok(Arc::new(LanedPayment {
            live: Live::new(object, make, false),
            main: Lane::new("payment", &watch, false),
            control: Lane::new("payment control", &watch, false),
            watch,
            capabilities,
            deadline: instance.deadline.unwrap_or(self.options.deadlines.payment),
            deadlines: self.options.deadlines,
        }))
    }

    /// Makes a backup scheduler.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn backup(&self, instance: &Instance) -> Result<Arc<dyn BackupScheduler>, Refusal> {
        let ready = self.ready(instance, Kind::Backup)?;
        let (object, make) = self.make(&ready, |ready| ready.loaded.plugin.backup(&ready.context, &ready.border))?;
        let watch = ready.loaded.watch;
        let mut deadlines = self.options.deadlines;
        deadlines.quiet = instance.deadline.unwrap_or(deadlines.quiet);
        let lane = Lane::new("backup", &watch, false);
        Ok(Arc::new(LanedBackup { live: Live::new(object, make, false), lane, watch, deadlines }))
    }

    /// Makes a printer.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn printer(&self, instance: &Instance) -> Result<Arc<dyn Printer>, Refusal> {
        let ready = self.ready(instance, Kind::Printer)?;
        let (object, make) = self.make(&ready, |ready| ready.loaded.plugin.printer(&ready.context, &ready.border))?;
        let (object, capabilities) =
            self.first_call(&ready, Call::Capabilities, object, |printer| printer.capabilities())?;
        let watch = ready.loaded.watch;
        let deadlines = (instance.deadline.unwrap_or(self.options.deadlines.device), self.options.deadlines.close);
        let lane = Lane::new("printer", &watch, false);
        Ok(Arc::new(LanedPrinter::new(Live::new(object, make, false), lane, watch, capabilities, deadlines)))
    }

    /// Makes an event sink.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn events(&self, instance: &Instance) -> Result<Arc<dyn EventSink>, Refusal> {
        let ready = self.ready(instance, Kind::Events)?;
        let (object, make) = self.make(&ready, |ready| ready.loaded.plugin.events(&ready.context, &ready.border))?;
        let watch = ready.loaded.watch;
        let deadlines = (instance.deadline.unwrap_or(self.options.deadlines.device), self.options.deadlines.close);
        let lane = Lane::new("events", &watch, false);
        Ok(Arc::new(LanedEvents::new(Live::new(object, make, false), lane, watch, deadlines)))
    }

    /// Everything before the factory.
    fn ready(&self, instance: &Instance, kind: Kind) -> Result<Ready, Refusal> {
        let discovery = self.discover();
        let found = discovery.select(&instance.selector, kind)?;
        let id = found.manifest.id.as_str();
        if self.state.is_disabled(id) {
            return Err(Refusal::new(Code::Disabled, id, ""));
        }
        let checked = check(found, &self.options, Ask::Everything)?;
        if !found.builtin && !instance.in_process {
            return Err(Refusal::new(Code::NeedsConsent, id, ""));
        }
        if let Some(refusal) = self.quarantine_of(id, &checked.sha256) {
            return Err(refusal);
        }
        let settings = complete_settings(&instance.settings, &found.manifest)
            .map_err(|error| Refusal::new(Code::Settings, id, error))?;
        let loaded = self.load(found, checked)?;
        let border: Arc<dyn Border> = Arc::<Watch>::clone(&loaded.watch);
        let context = PluginContext { host: Arc::clone(&instance.services), instance: instance.name.clone(), settings };
        Ok(Ready { loaded, context, border })
    }

    /// Why this file is in quarantine, as it was said when it happened.
    pub(crate) fn quarantine_of(&self, id: &str, sha256: &str) -> Option<Refusal> {
        let known = self.state.quarantined(id, sha256)?;
        let code = code_of(&known.code).unwrap_or(Code::Hung);
        let day = known.time.get(..10).unwrap_or_default();
        let message = format!("{} (in quarantine since {day})", known.reason);
        Some(Refusal { code, message, next: code.next().to_owned() })
    }

    fn trial(&self) -> Trial<'_> {
        let options = &self.options;
        Trial { program: &options.probe_program, deadline: options.probe_deadline, state: &self.state }
    }

    /// The library, from this process or from its file.
    fn load(&self, found: &Found, checked: Checked) -> Result<Loaded, Refusal> {
        let mut all = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, Checked { sha256, image }) = (found.manifest.id.as_str(), checked);
        if let Some(loaded) = all.get(&sha256) {
            if !same_manifest(&loaded.text, &found.text) {
                return Err(Refusal::new(Code::ManifestDiffers, id, "plugin.toml is not the one inside the library"));
            }
            return Ok(loaded.clone());
        }
        if crate::os::is_loader_held() {
            // It would hang too, and be shut out although it did nothing.
            let refusal = Refusal::new(Code::Open, id, "another plugin hangs while it is loaded");
            return Err(Refusal {
                next: "Restart AuraPOS; the plugin that hangs is left out then.".to_owned(),
                ..refusal
            });
        }
        let unheld = |error: std::io::Error| Refusal::new(Code::Cache, id, error);
        let held = image.hold(&self.options.cache_dir, &sha256).map_err(unheld)?;
        self.trial().of(found, &sha256, &held)?;
        let library = held.path_for_ever(&self.options.state_dir, &sha256).map_err(unheld)?;
        let watch = Watch::new(id, &sha256, Arc::clone(&self.state), Arc::clone(&self.sentinel));
        let border: Arc<dyn Border> = Arc::<Watch>::clone(&watch);
        let (manifest, text) = (found.manifest.clone(), found.text.clone());
        let services = Arc::new(LibraryServices { id: id.to_owned() });
        let patience = Patience::fixed(self.options.deadlines.start);
        // One lane for one call: if it hangs, its thread is all that is lost.
        let lane = Lane::new("load", &watch, false);
        let plugin = lane.call(Call::Load, patience, Served::default(), move |_| {
            Ok(library::load(&library, &manifest, &text, services, &border))
        });
        let plugin = plugin.map_err(|error| {
            crate::os::hold_loader();
            Refusal::new(Code::FactoryHung, id, error)
        })??;
        tracing::info!(plugin = id, version = %found.manifest.version, builtin = found.builtin, "loaded");
        let loaded = Loaded { text: found.text.clone(), plugin, watch };
        all.insert(sha256, loaded.clone());
        Ok(loaded)
    }

    /// Runs the factory, on a lane that is thrown away if it hangs; and says how to run it again.
    #[allow(clippy::type_complexity)]
    fn make<T: ?Sized + Send + Sync + 'static>(
        &self,
        ready: &Ready,
        factory: impl Fn(&Ready) -> PluginResult<Box<T>> + Send + Sync + Copy + 'static,
    ) -> Result<(Box<T>, Box<dyn Fn() -> PluginResult<Box<T>> + Send + Sync>), Refusal> {
        let again = ready.again();
        let object = self.start(ready, Call::Factory, move || factory(&again)).map_err(|error| {
            let code = match error.code {
                ErrorCode::Panic => Code::FactoryPanic,
                ErrorCode::Timeout => Code::FactoryHung,
                ErrorCode::Config => Code::Settings,
                ErrorCode::BadMessage => Code::BadAnswer,
                _ => Code::Factory,
            };
            refusal_of(code, &ready.loaded.watch.id, &error)
        })?;
        let again = ready.again();
        Ok((object, Box::new(move || factory(&again))))
    }

    /// A plugin that says it is well must be able to answer the simplest question.
    fn first_call<T: ?Sized + Send + Sync + 'static, R: Send + 'static>(
        &self,
        ready: &Ready,
        call: Call,
        object: Box<T>,
        ask: impl FnOnce(&T) -> PluginResult<R> + Send + 'static,
    ) -> Result<(Box<T>, R), Refusal> {
        let watch = &ready.loaded.watch;
        self.start(ready, call, move || ask(&object).map(|answer| (object, answer))).map_err(|error| match error.code {
            ErrorCode::Config => refusal_of(Code::Settings, &watch.id, &error),
            ErrorCode::BadMessage => refusal_of(Code::BadAnswer, &watch.id, &error),
            ErrorCode::Timeout => refusal_of(Code::Hung, &watch.id, &error),
            ErrorCode::Panic => watch.quarantine(Code::LyingHealth, call.name(), error),
            _ => refusal_of(Code::LyingHealth, &watch.id, &error),
        })
    }

    fn start<R: Send + 'static>(
        &self,
        ready: &Ready,
        call: Call,
        work: impl FnOnce() -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        if let Some(refused) = ready.loaded.watch.refused() {
            return Err(refused);
        }
        let lane = Lane::new("start", &ready.loaded.watch, false);
        lane.call(call, Patience::fixed(self.options.deadlines.start), Served::default(), move |_| work())
    }
}

impl Ready {
    fn again(&self) -> Ready {
        Ready { loaded: self.loaded.clone(), context: self.context.clone(), border: Arc::clone(&self.border) }
    }
}

/// A refusal that keeps the plugin's own advice, if it has any.
fn refusal_of(code: Code, id: &str, error: &PluginError) -> Refusal {
    let mut refusal = Refusal::new(code, id, error);
    if !error.detail.next.is_empty() {
        refusal.next = error.detail.next.clone();
    }
    refusal
}
