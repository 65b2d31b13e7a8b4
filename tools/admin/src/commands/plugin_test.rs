//! `plugin test DIR`: the conformance suites against a plugin's folder, through the whole ABI: the checks on the file, the
//! trial in a child process, lanes and deadlines, as in a shop.
//!
//! Owns: which suites run and what is answered. The cases run in a process of their own ([`child`], [`watch`]), so that a
//! plugin that takes its process down is a failed case with a name and not the end of the test (ADR 0015).

use super::context::Context;
use super::plugin_given;
use crate::output::{Answer, Failure, Outcome};
use aurapos_plugin_testkit::conformance::{
    CaseResult, Failure as Broken, Report, backup, events, payment, printer, storage,
};
use aurapos_runtime::plugin_host::Found;
use aurapos_runtime::plugin_host::discover::read_folder;
use serde_json::{Value, json};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

mod bench;
mod child;
mod junit;
mod watch;

pub use child::{Request as CasesRequest, run as cases};

/// Settings for the plugin: a file is given on by its name, for others can see the arguments of a process.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// `KEY=VALUE`, as they were typed.
    pub set: &'a [String],
    /// The file with its secrets.
    pub secret_file: Option<&'a Path>,
}

/// What is tested, and how.
#[derive(Debug)]
pub struct Request<'a> {
    /// Folder with plugin.toml and the library.
    pub dir: &'a Path,
    /// What the plugin is given.
    pub given: Given<'a>,
    /// How long one case may take, in seconds.
    pub case_seconds: u64,
    /// Where the report goes as JUnit XML.
    pub junit: Option<PathBuf>,
}

/// A case of a suite, before it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Case {
    name: &'static str,
    promise: &'static str,
}

/// A suite that was run.
#[derive(Debug)]
struct Suite {
    report: Report,
    /// How long each case took, in the order of the report.
    took: Vec<Duration>,
}

/// Runs the suites of every kind that the plugin offers.
pub fn test(context: &Context, request: &Request<'_>) -> Outcome {
    let dir = std::path::absolute(request.dir).unwrap_or_else(|_| request.dir.to_owned());
    let found = read_folder(&dir, false)?;
    let Given { set, secret_file } = request.given;
    plugin_given::settings(set, secret_file, &found)?;
    let mut suites = Vec::new();
    for kind in &found.manifest.kinds {
        let (suite, cases) = suite_of(kind.word()).ok_or_else(|| {
            Failure::new("AP-0503", format!("there is no suite for {}", kind.word()), "Use a later version.")
        })?;
        let asked = watch::Asked {
            suite,
            dir: &dir,
            given: request.given,
            patience: Duration::from_secs(request.case_seconds),
        };
        suites.push(watch::run(context, &asked, cases)?);
    }
    if let Some(file) = &request.junit {
        let xml = junit::xml(&found.manifest.id, &suites);
        std::fs::write(file, xml).map_err(|error| {
            let message = format!("{}: {error}", file.display());
            Failure::new("AP-0502", message, "Check the folder's rights and room.")
        })?;
    }
    Ok(answer(&found, &suites))
}

/// The suite of a kind: its name and its cases, in order.
fn suite_of(kind: &str) -> Option<(&'static str, Vec<Case>)> {
    macro_rules! suite {
        ($name:literal, $module:ident) => {
            ($name, $module::cases().iter().map(|case| Case { name: case.name, promise: case.promise }).collect())
        };
    }
    Some(match kind {
        "storage" => suite!("storage", storage),
        "payment" => suite!("payment", payment),
        "backup" => suite!("backup", backup),
        "printer" => suite!("printer", printer),
        "events" => suite!("events", events),
        _ => return None,
    })
}

impl Suite {
    fn of(suite: &'static str) -> Suite {
        Suite { report: Report { suite, cases: Vec::new() }, took: Vec::new() }
    }

    /// Takes a case in, and shows it when somebody looks.
    fn add(&mut self, case: Case, result: Result<(), String>, took: Duration) {
        if io::stderr().is_terminal() {
            let mark = if result.is_ok() { "pass" } else { "FAIL" };
            // A closed standard error is no reason to stop.
            let _ = writeln!(io::stderr(), "{mark}  {}", case.name);
        }
        self.report.cases.push(CaseResult { name: case.name, promise: case.promise, result: result.map_err(Broken) });
        self.took.push(took);
    }
}

fn answer(found: &Found, suites: &[Suite]) -> Answer {
    let case_json = |case: &CaseResult| {
        let failure = case.result.as_ref().err().map(|failure| failure.0.clone());
        json!({"name": case.name, "promise": case.promise, "ok": case.result.is_ok(), "failure": failure})
    };
    let reports = || suites.iter().map(|suite| &suite.report);
    let json: Vec<Value> = reports()
        .map(|report| json!({
            "suite": report.suite, "ok": report.passed(), "cases": report.cases.iter().map(case_json).collect::<Vec<_>>(),
        }))
        .collect();
    let good = reports().all(Report::passed);
    let manifest = &found.manifest;
    let mut text: Vec<String> = reports().map(|report| report.to_string().trim_end().to_owned()).collect();
    text.push(format!("{} {}: {}", manifest.id, manifest.version, if good { "conforms" } else { "does not conform" }));
    let json = json!({
        "id": manifest.id, "version": manifest.version.to_string(), "ok": good, "suites": json,
    });
    Answer { good, ..Answer::new(json, text.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_known_by_its_name() {
        for kind in ["storage", "payment", "backup", "printer", "events"] {
            let (suite, cases) = suite_of(kind).unwrap();
            assert_eq!(suite, kind);
            for (at, case) in cases.iter().enumerate() {
                assert!(!cases[..at].iter().any(|other| other.name == case.name), "{kind}: {}", case.name);
                assert!(!case.name.contains(','), "{kind}: {}", case.name);
            }
        }
        assert_eq!(suite_of("kitchen"), None);
    }
}
