//! The hidden `plugin test-cases`: runs cases of one suite and tells each as it begins and as it ends.
//!
//! Owns: the lines on standard output that [`super::watch`] reads. Each begins with the word that the parent chose, so that
//! whatever a plugin writes there itself is not taken for one.

use super::Given;
use super::bench::Bench;
use crate::commands::context::Context;
use crate::commands::plugin_given;
use crate::output::{Answer, Failure, Outcome};
use aurapos_plugin_testkit::conformance::{CaseResult, backup, events, payment, printer, storage};
use aurapos_runtime::plugin_host::discover::read_folder;
use serde_json::{Value, json};
use std::io::{self, Write as _};
use std::path::Path;

/// What the parent asks for.
#[derive(Debug)]
pub struct Request<'a> {
    /// Folder with plugin.toml and the library.
    pub dir: &'a Path,
    /// What the plugin is given.
    pub given: Given<'a>,
    /// The suite.
    pub suite: &'a str,
    /// The cases, by name.
    pub cases: &'a [String],
    /// What each line begins with.
    pub word: &'a str,
}

/// Runs the cases, one after the other; ends when nobody hears of them any more.
pub fn run(context: &Context, request: &Request<'_>) -> Outcome {
    let tell = |message: Value| {
        // With a line break of our own: what a plugin wrote before may lack one.
        let line = format!("\n{}{message}\n", request.word);
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes()).and_then(|()| out.flush())
    };
    let unheard = |error: io::Error| Failure::unwritten("", &error);
    let bench = match ready(context, request) {
        Ok(bench) => bench,
        Err(failure) => {
            let Failure { code, message, next, .. } = failure;
            tell(json!({"refused": {"code": code, "message": message, "next": next}})).map_err(unheard)?;
            return Ok(Answer::silent(true));
        }
    };
    tell(json!({"ready": true})).map_err(unheard)?;
    for name in request.cases {
        tell(json!({"begins": name})).map_err(unheard)?;
        let mut failure = Some("there is no such case".to_owned());
        let mut heard = |case: &CaseResult| failure = case.result.as_ref().err().map(|failure| failure.0.clone());
        one(&bench, request.suite, name, &mut heard);
        tell(json!({"ends": name, "failure": failure})).map_err(unheard)?;
    }
    Ok(Answer::silent(true))
}

/// Loads the plugin and makes it once, so that a refusal is told with its own code and not by every case.
fn ready(context: &Context, request: &Request<'_>) -> Result<Bench, Failure> {
    let found = read_folder(request.dir, false)?;
    let Given { set, secret_file } = request.given;
    let bench = Bench::set_up(context, &found, plugin_given::settings(set, secret_file, &found)?)?;
    bench.starts(request.suite)?;
    Ok(bench)
}

fn one(bench: &Bench, suite: &str, name: &str, heard: &mut dyn FnMut(&CaseResult)) {
    let wanted = |case: &str| case == name;
    let _ = match suite {
        "storage" => storage::run_some(bench, &wanted, heard),
        "payment" => payment::run_some(bench, &wanted, heard),
        "backup" => backup::run_some(bench, &wanted, heard),
        "printer" => printer::run_some(bench, &wanted, heard),
        "events" => events::run_some(bench, &wanted, heard),
        _ => return,
    };
}
