//! `aurapos-plugin-probe LIBRARY PLUGIN.TOML`: loads one plugin library, checks it as the host would, and says so in one
//! line. It exists so that what a library does to its process is done to this one.

use aurapos_plugin_api::Border;
use aurapos_plugin_api::manifest::Manifest;
use aurapos_plugin_host::library::load;
use aurapos_plugin_host::probe::{ProbeResult, RESULT_PREFIX};
use aurapos_plugin_host::refusal::{Code, Refusal};
use aurapos_plugin_host::services::TrialServices;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// In a trial nobody watches: what goes wrong is in the result.
#[derive(Debug)]
struct Nobody;

impl Border for Nobody {
    fn bad_answer(&self, _: &str, _: &str) {}
    fn panicked(&self, _: &str, _: &str) {}
}

fn trial(library: &Path, sidecar: &Path) -> Result<(), Refusal> {
    let text = std::fs::read_to_string(sidecar).map_err(|error| Refusal::new(Code::Manifest, "", error))?;
    let manifest = Manifest::parse(&text).map_err(|error| Refusal::of_manifest("", &error))?;
    let border: Arc<dyn Border> = Arc::new(Nobody);
    load(library, &manifest, &text, Arc::new(TrialServices), &border).map(drop)
}

fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    let [library, sidecar] = arguments.as_slice() else {
        eprintln!("usage: aurapos-plugin-probe LIBRARY PLUGIN.TOML");
        return ExitCode::from(2);
    };
    let result = match trial(Path::new(library), Path::new(sidecar)) {
        Ok(()) => ProbeResult { code: String::new(), message: String::new() },
        Err(refusal) => ProbeResult { code: refusal.code.text().to_owned(), message: refusal.message },
    };
    let line = serde_json::to_string(&result).expect("two texts are always JSON");
    println!("{RESULT_PREFIX}{line}");
    ExitCode::SUCCESS
}
