//! The host: from a name in the TOML to an object of the contract.

use crate::calls::{FACTORY, LOAD};
use crate::check::{Ask, Checked, check, prune_copies};
use crate::discover::{Discovery, Found, discover};
use crate::exchange::Patience;
use crate::lane::Lane;
use crate::lanes::{Laned, LanedPayment, LanedPrinter, LanedStorage, Live, Make};
use crate::library;
use crate::options::{Deadlines, Instance, PluginHostOptions};
use crate::probe::Trial;
use crate::refusal::{Code, Refusal};
use crate::sentinel::{Sentinel, collect};
use crate::services::LibraryServices;
use crate::state::{State, code_of};
use crate::watch::Watch;
use aurapos_contract::backup::BackupClient;
use aurapos_contract::call::{Caller, Link, Method, Table};
use aurapos_contract::events::EventsClient;
use aurapos_contract::payment::{PaymentClient, PaymentTable};
use aurapos_contract::printer::{PrinterClient, PrinterTable};
use aurapos_contract::settings::{SettingProblem, SettingsClient, SettingsTable};
use aurapos_contract::storage::StorageClient;
use aurapos_contract::{
    ApiVersion, BackupScheduler, ErrorCode, EventSink, PaymentProvider, PluginContext, PluginError, PluginResult,
    Printer, Settings, SettingsGuide, StorageProvider,
};
use aurapos_plugin_api::Border;
use aurapos_plugin_api::loader::Plugin;
use aurapos_plugin_api::manifest::{Kind, Manifest, SettingsError, complete_settings, same_manifest};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

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
    /// Payment instances by plugin and name: never two of one at once.
    exclusive: Mutex<HashMap<(String, String), Weak<Live>>>,
}

/// Everything needed to make an object, and to make it again.
#[derive(Clone)]
struct Ready {
    kind: Kind,
    loaded: Loaded,
    context: PluginContext,
    border: Arc<dyn Border>,
}

impl PluginHost {
    /// Opens the host: puts into quarantine what took the program down the last time, and begins to watch. Loads nothing.
    pub fn open(options: PluginHostOptions) -> PluginHost {
        crate::os::keep_little_memory();
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
        let sentinel = Arc::new(sentinel);
        PluginHost { options, state, sentinel, loaded: Mutex::default(), exclusive: Mutex::default() }
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
        let mut deadlines = self.options.deadlines;
        deadlines.commit = instance.deadline.unwrap_or(deadlines.commit);
        let live = Live::new(self.make(&ready)?, ready.again(), false);
        let laned = Laned::new(live, "storage", &ready.loaded.watch, deadlines, true);
        Ok(Arc::new(LanedStorage(StorageClient(laned))))
    }

    /// Makes a way to pay.
    ///
    /// # Errors
    /// The first check that fails; [`Code::StillBusy`] while an earlier instance of this name hangs in a call.
    pub fn payment(&self, instance: &Instance) -> Result<Arc<dyn PaymentProvider>, Refusal> {
        let ready = self.ready(instance, Kind::Payment)?;
        let mut deadlines = self.options.deadlines;
        deadlines.payment = instance.deadline.unwrap_or(deadlines.payment);
        let live = self.alone(&ready, &instance.name)?;
        let client = PaymentClient(Laned::new(live, "payment", &ready.loaded.watch, deadlines, false));
        let capabilities = first_answer(&ready, PaymentTable::capabilities(), client.capabilities())?;
        Ok(Arc::new(LanedPayment::new(client.0, capabilities)))
    }

    /// Makes a backup scheduler.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn backup(&self, instance: &Instance) -> Result<Arc<dyn BackupScheduler>, Refusal> {
        let ready = self.ready(instance, Kind::Backup)?;
        let mut deadlines = self.options.deadlines;
        deadlines.quiet = instance.deadline.unwrap_or(deadlines.quiet);
        deadlines.long = deadlines.long.max(deadlines.quiet);
        let live = Live::new(self.make(&ready)?, ready.again(), false);
        Ok(Arc::new(BackupClient(Laned::new(live, "backup", &ready.loaded.watch, deadlines, false))))
    }

    /// Makes a printer.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn printer(&self, instance: &Instance) -> Result<Arc<dyn Printer>, Refusal> {
        let ready = self.ready(instance, Kind::Printer)?;
        let live = Live::new(self.make(&ready)?, ready.again(), false);
        let laned = Laned::new(live, "printer", &ready.loaded.watch, self.device(instance), false);
        let client = PrinterClient(laned);
        let capabilities = first_answer(&ready, PrinterTable::capabilities(), client.capabilities())?;
        Ok(Arc::new(LanedPrinter { client, capabilities }))
    }

    /// Makes an event sink.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn events(&self, instance: &Instance) -> Result<Arc<dyn EventSink>, Refusal> {
        let ready = self.ready(instance, Kind::Events)?;
        let live = Live::new(self.make(&ready)?, ready.again(), false);
        let laned = Laned::new(live, "events", &ready.loaded.watch, self.device(instance), false);
        Ok(Arc::new(EventsClient(laned)))
    }

    /// A plugin's help with its settings, for a draft of them: no instance is made, and the draft may be wrong.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn settings_guide(&self, instance: &Instance, kind: Kind) -> Result<Arc<dyn SettingsGuide>, Refusal> {
        let ready = self.loaded(instance, kind, |given, _| Ok(given.clone()))?;
        let watch = &ready.loaded.watch;
        let theirs = ready.clone();
        let guide = start(&self.options, &ready, &FACTORY, move || theirs.guide())
            .map_err(|error| refusal_of(code_for(&error, Code::Factory), &watch.id, &error))?;
        let again = ready.clone();
        let live = Live::new(guide, Box::new(move || again.guide()), false);
        Ok(Arc::new(SettingsClient(Laned::new(live, "settings", watch, self.device(instance), false))))
    }

    fn device(&self, instance: &Instance) -> Deadlines {
        let deadlines = self.options.deadlines;
        Deadlines { device: instance.deadline.unwrap_or(deadlines.device), ..deadlines }
    }

    /// An object that is the only one of its instance: an earlier one that hangs in a call may still move money.
    fn alone(&self, ready: &Ready, name: &str) -> Result<Arc<Live>, Refusal> {
        let mut all = self.exclusive.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (ready.loaded.watch.id.clone(), name.to_owned());
        if all.get(&key).and_then(Weak::upgrade).is_some_and(|earlier| earlier.is_occupied()) {
            return Err(Refusal::new(Code::StillBusy, &key.0, format!("as {name}")));
        }
        let live = Live::new(self.make(ready)?, ready.again(), true);
        all.insert(key, Arc::downgrade(&live));
        Ok(live)
    }

    /// Everything before the factory, with settings that the manifest allows.
    fn ready(&self, instance: &Instance, kind: Kind) -> Result<Ready, Refusal> {
        let mut ready = self.loaded(instance, kind, complete_settings)?;
        ready.context.folder = self.own_folder(&ready.loaded.watch.id, &instance.name)?;
        Ok(ready)
    }

    /// The library of an instance, and its settings as `settings` makes them from those that were given.
    fn loaded(
        &self,
        instance: &Instance,
        kind: Kind,
        settings: fn(&Settings, &Manifest) -> Result<Settings, SettingsError>,
    ) -> Result<Ready, Refusal> {
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
        let settings = settings(&instance.settings, &found.manifest)
            .map_err(|error| wrong_setting(found, &instance.name, &error))?;
        let loaded = self.load(found, checked)?;
        let border: Arc<dyn Border> = Arc::<Watch>::clone(&loaded.watch);
        let context = PluginContext {
            host: Arc::clone(&instance.services),
            api: ApiVersion::OWN,
            instance: instance.name.clone(),
            folder: String::new(),
            settings,
        };
        Ok(Ready { kind, loaded, context, border })
    }

    /// The folder that only this instance uses.
    fn own_folder(&self, id: &str, instance: &str) -> Result<String, Refusal> {
        let folder = self.options.instances_dir.join(id).join(folder_name(instance));
        let failed = |error: std::io::Error| Refusal::new(Code::State, id, format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let not_text = || Refusal::new(Code::State, id, format!("{}: not UTF-8", folder.display()));
        folder.to_str().map(str::to_owned).ok_or_else(not_text)
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
        let plugin = lane.call(&LOAD, patience, Caller::NOBODY, move |_| {
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

    /// Asks the plugin about its settings, then runs the factory: on a lane that is thrown away if it hangs.
    fn make(&self, ready: &Ready) -> Result<Arc<dyn Link>, Refusal> {
        let id = &ready.loaded.watch.id;
        let (theirs, kind) = (ready.clone(), ready.kind);
        let problems = start(&self.options, ready, &FACTORY, move || theirs.problems(kind));
        let problems = problems.map_err(|error| refusal_of(code_for(&error, Code::Settings), id, &error))?;
        if !problems.is_empty() {
            let told = |problem: &SettingProblem| match problem.key.as_str() {
                "" => problem.message.clone(),
                key => format!("`{key}`: {}", problem.message),
            };
            let all: Vec<String> = problems.iter().take(SHOWN_PROBLEMS_MAX).map(told).collect();
            return Err(Refusal::new(Code::Settings, id, all.join("; ")));
        }
        let theirs = ready.clone();
        start(&self.options, ready, &FACTORY, move || theirs.object())
            .map_err(|error| refusal_of(code_for(&error, Code::Factory), id, &error))
    }
}

/// Most problems of settings in one refusal.
const SHOWN_PROBLEMS_MAX: usize = 5;

/// The code for an error while an instance is made.
fn code_for(error: &PluginError, otherwise: Code) -> Code {
    match error.code {
        ErrorCode::Panic => Code::FactoryPanic,
        ErrorCode::Timeout => Code::FactoryHung,
        ErrorCode::Config => Code::Settings,
        ErrorCode::BadMessage => Code::BadAnswer,
        _ => otherwise,
    }
}

/// A plugin that says it is well must be able to answer the simplest question.
fn first_answer<R>(ready: &Ready, method: &Method, answer: PluginResult<R>) -> Result<R, Refusal> {
    let watch = &ready.loaded.watch;
    answer.map_err(|error| match error.code {
        ErrorCode::Config => refusal_of(Code::Settings, &watch.id, &error),
        ErrorCode::BadMessage => refusal_of(Code::BadAnswer, &watch.id, &error),
        ErrorCode::Timeout => refusal_of(Code::Hung, &watch.id, &error),
        ErrorCode::Panic => watch.quarantine(Code::LyingHealth, method.name, error),
        _ => refusal_of(Code::LyingHealth, &watch.id, &error),
    })
}

/// Runs what may hang on a lane of its own.
fn start<R: Send + 'static>(
    options: &PluginHostOptions,
    ready: &Ready,
    method: &'static Method,
    work: impl FnOnce() -> PluginResult<R> + Send + 'static,
) -> PluginResult<R> {
    if let Some(refused) = ready.loaded.watch.refused() {
        return Err(refused);
    }
    let lane = Lane::new("start", &ready.loaded.watch, false);
    lane.call(method, Patience::fixed(options.deadlines.start), Caller::NOBODY, move |_| work())
}

impl Ready {
    /// What the plugin says of its settings.
    fn problems(&self, kind: Kind) -> PluginResult<Vec<SettingProblem>> {
        let guide = self.loaded.plugin.settings_guide(&self.context, &self.border)?;
        guide.validate(kind.word(), &self.context.settings)
    }

    /// The plugin's help with its settings; on a lane's thread only.
    fn guide(&self) -> PluginResult<Arc<dyn Link>> {
        Ok(Arc::new(self.loaded.plugin.make(SettingsTable::KIND, &self.context, &self.border)?))
    }

    /// The object; on a lane's thread only.
    fn object(&self) -> PluginResult<Arc<dyn Link>> {
        Ok(Arc::new(self.loaded.plugin.make(self.kind.number(), &self.context, &self.border)?))
    }

    /// How to make another one.
    fn again(&self) -> Make {
        let theirs = self.clone();
        Box::new(move || theirs.object())
    }
}

/// A setting that the manifest refuses; a secret stands in another file than the rest.
fn wrong_setting(found: &Found, instance: &str, error: &SettingsError) -> Refusal {
    let mut refusal = Refusal::new(Code::Settings, &found.manifest.id, error);
    if found.manifest.field(&error.key).is_some_and(|field| field.secret) {
        refusal.next = format!("Set the secret: aurapos-admin plugin set-secret \"{instance}\" {}.", error.key);
    }
    refusal
}

/// An instance's name as a folder's: what file systems do not share is written as `%` and two hexadecimal digits a byte.
fn folder_name(instance: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    instance
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect()
}

/// A refusal that keeps the plugin's own advice, if it has any.
fn refusal_of(code: Code, id: &str, error: &PluginError) -> Refusal {
    let mut refusal = Refusal::new(code, id, error);
    if !error.detail.next.is_empty() {
        refusal.next = error.detail.next.clone();
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_instances_never_share_a_folder() {
        for (name, folder) in [
            ("cash", "cash"),
            ("front terminal", "front%20terminal"),
            ("Front terminal", "%46ront%20terminal"),
            ("../x", "%2e%2e%2fx"),
            ("é", "%c3%a9"),
        ] {
            assert_eq!(folder_name(name), folder);
        }
    }
}
