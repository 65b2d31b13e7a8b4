//! `plugin test DIR`: the conformance suites against a plugin's folder, through the whole ABI: the checks on the file, the
//! trial in a child process, lanes and deadlines, as in a shop.

use super::context::Context;
use crate::output::{Answer, Failure, Outcome};
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::storage::{self, Place, StorageFixture};
use aurapos_plugin_testkit::conformance::{CaseResult, Report};
use aurapos_runtime::contract::Settings;
use aurapos_runtime::plugin_host::discover::read_folder;
use aurapos_runtime::plugin_host::{Found, Instance, PluginHost, PluginHostOptions, Refusal, Trust};
use serde_json::{Value, json};
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Arc;

/// Runs the suites of every kind that the plugin offers.
pub fn test(context: &Context, dir: &Path) -> Outcome {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let found = read_folder(&dir, false)?;
    let bench = Bench::set_up(context, &found)?;
    let (mut reports, mut notes) = (Vec::new(), Vec::new());
    for kind in &found.manifest.kinds {
        match kind.word() {
            "storage" => {
                // Refused at once with its own code, before a suite tells the same many times.
                bench.host.storage(&bench.instance(&TestHost::new()))?;
                reports.push(storage::run_some(&bench, &|_| true, &mut heard));
            }
            other => notes.push(bench.starts(other)?),
        }
    }
    Ok(answer(&found, &reports, &notes))
}

/// A plugin host over a copy of the folder, in a place of its own.
struct Bench {
    host: PluginHost,
    id: String,
    /// Removes the place at the end.
    _place: Arc<TestHost>,
}

impl Bench {
    fn set_up(context: &Context, found: &Found) -> Result<Self, Failure> {
        let place = TestHost::new();
        let id = found.manifest.id.clone();
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
        Ok(Bench { host: PluginHost::open(options), id, _place: place })
    }

    fn instance(&self, services: &Arc<TestHost>) -> Instance {
        Instance {
            name: "test".to_owned(),
            selector: self.id.clone(),
            in_process: true,
            deadline: None,
            settings: Settings::default(),
            services: services.clone(),
        }
    }

    /// Loads, makes and asks a plugin of a kind that has no suite yet.
    fn starts(&self, kind: &str) -> Result<String, Failure> {
        let services = TestHost::new();
        let instance = self.instance(&services);
        let started: Result<(), Refusal> = match kind {
            "payment" => self.host.payment(&instance).map(drop),
            "backup" => self.host.backup(&instance).map(drop),
            "printer" => self.host.printer(&instance).map(drop),
            "events" => self.host.events(&instance).map(drop),
            _ => Ok(()),
        };
        started?;
        Ok(format!("{kind}: it loads, starts with its defaults and answers; there is no suite for this kind yet"))
    }
}

impl StorageFixture for Bench {
    fn fresh(&self) -> Place {
        let services = TestHost::new();
        let folder = services.folder().to_owned();
        let provider = self.host.storage(&self.instance(&services));
        // A panic is a failed case with this text; the suite knows no other way to say it.
        let provider = provider.unwrap_or_else(|refusal| panic!("the plugin was refused: {refusal}"));
        Place { provider, settings: Settings::default(), folder, data_file: None, keep: Box::new(services) }
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

fn answer(found: &Found, reports: &[Report], notes: &[String]) -> Answer {
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
    text.extend(notes.iter().cloned());
    text.push(format!("{} {}: {}", manifest.id, manifest.version, if good { "conforms" } else { "does not conform" }));
    let json = json!({
        "id": manifest.id, "version": manifest.version.to_string(), "ok": good, "suites": suites, "notes": notes,
    });
    Answer { good, ..Answer::new(json, text.join("\n")) }
}
