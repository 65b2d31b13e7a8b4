//! `plugin test DIR`: the conformance suites against a plugin's folder, through the whole ABI: the checks on the file, the
//! trial in a child process, lanes and deadlines, as in a shop.

use super::context::Context;
use super::plugin_given;
use crate::output::{Answer, Failure, Outcome};
use aurapos_plugin_testkit::conformance::backup::{self, BackupFixture};
use aurapos_plugin_testkit::conformance::events::{self, EventsFixture};
use aurapos_plugin_testkit::conformance::payment::{self, PaymentFixture};
use aurapos_plugin_testkit::conformance::printer::{self, PrinterFixture};
use aurapos_plugin_testkit::conformance::storage::{self, Place, StorageFixture};
use aurapos_plugin_testkit::conformance::{CaseResult, Report};
use aurapos_plugin_testkit::{ReferenceProvider, TestHost};
use aurapos_runtime::contract::{BackupScheduler, EventSink, PaymentProvider, Printer, Settings, StorageProvider};
use aurapos_runtime::plugin_host::discover::read_folder;
use aurapos_runtime::plugin_host::manifest::complete_settings;
use aurapos_runtime::plugin_host::{Code, Found, Instance, PluginHost, PluginHostOptions, Refusal, Trust};
use serde_json::{Value, json};
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Runs the suites of every kind that the plugin offers.
pub fn test(context: &Context, dir: &Path, given: &[String], secret_file: Option<&Path>) -> Outcome {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let found = read_folder(&dir, false)?;
    let settings = plugin_given::settings(given, secret_file, &found)?;
    let bench = Bench::set_up(context, &found, settings)?;
    let mut reports = Vec::new();
    for kind in &found.manifest.kinds {
        bench.starts(kind.word())?;
        let all = |_: &str| true;
        reports.push(match kind.word() {
            "storage" => storage::run_some(&bench, &all, &mut heard),
            "payment" => payment::run_some(&bench, &all, &mut heard),
            "backup" => backup::run_some(&bench, &all, &mut heard),
            "printer" => printer::run_some(&bench, &all, &mut heard),
            "events" => events::run_some(&bench, &all, &mut heard),
            other => {
                return Err(Failure::new("AP-0503", format!("there is no suite for {other}"), "Use a later version."));
            }
        });
    }
    Ok(answer(&found, &reports))
}

/// A plugin host over a copy of the folder, in a place of its own.
struct Bench {
    host: PluginHost,
    id: String,
    settings: Settings,
    /// What a storage is opened with, as in a shop: defaults filled in.
    open_settings: Settings,
    /// The host of the event sink that was made last: the next one may stand for a restart over the same place.
    last: Mutex<Option<Arc<TestHost>>>,
    /// Removes the place at the end.
    _place: Arc<TestHost>,
}

impl Bench {
    fn set_up(context: &Context, found: &Found, settings: Settings) -> Result<Self, Failure> {
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
            last: Mutex::new(None),
            _place: place,
        })
    }

    fn instance(&self, services: &Arc<TestHost>) -> Instance {
        Instance {
            name: "test".to_owned(),
            selector: self.id.clone(),
            in_process: true,
            deadline: None,
            settings: self.settings.clone(),
            services: services.clone(),
        }
    }

    /// Loads and makes it once, so that a refusal is told with its own code and not by every case.
    fn starts(&self, kind: &str) -> Result<(), Refusal> {
        let instance = self.instance(&TestHost::new());
        match kind {
            "storage" => self.host.storage(&instance).map(drop),
            "payment" => self.host.payment(&instance).map(drop),
            "backup" => self.host.backup(&instance).map(drop),
            "printer" => self.host.printer(&instance).map(drop),
            _ => self.host.events(&instance).map(drop),
        }
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
        made(self.host.payment(&self.instance(&TestHost::new())))
    }
}

impl PrinterFixture for Bench {
    fn fresh(&self) -> Arc<dyn Printer> {
        made(self.host.printer(&self.instance(&TestHost::new())))
    }
}

impl EventsFixture for Bench {
    fn fresh(&self) -> Arc<dyn EventSink> {
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
        let services = TestHost::new();
        let folder = services.folder().to_owned();
        let provider = made(self.host.storage(&self.instance(&services)));
        Place { provider, settings: self.open_settings.clone(), folder, data_file: None, keep: Box::new(services) }
    }
}

/// Shows each case as it ends, when somebody looks.
fn heard(case: &CaseResult) {
    if io::stderr().is_terminal() {
        let mark = if case.result.is_ok() { "pass" } else { "FAIL" };
        // A closed standard error is no reason to stop.
        let _ = writeln!(io::stderr(), "{mark}  {}", case.name);
    }
}

fn answer(found: &Found, reports: &[Report]) -> Answer {
    let case_json = |case: &CaseResult| {
        let failure = case.result.as_ref().err().map(|failure| failure.0.clone());
        json!({"name": case.name, "promise": case.promise, "ok": case.result.is_ok(), "failure": failure})
    };
    let suites: Vec<Value> = reports
        .iter()
        .map(|report| json!({
            "suite": report.suite, "ok": report.passed(), "cases": report.cases.iter().map(case_json).collect::<Vec<_>>(),
        }))
        .collect();
    let good = reports.iter().all(Report::passed);
    let manifest = &found.manifest;
    let mut text: Vec<String> = reports.iter().map(|report| report.to_string().trim_end().to_owned()).collect();
    text.push(format!("{} {}: {}", manifest.id, manifest.version, if good { "conforms" } else { "does not conform" }));
    let json = json!({
        "id": manifest.id, "version": manifest.version.to_string(), "ok": good, "suites": suites,
    });
    Answer { good, ..Answer::new(json, text.join("\n")) }
}
