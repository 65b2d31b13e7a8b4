//! The trial's own process: `aurapos-plugin-probe LIBRARY MANIFEST`, with the library (or `-` for the standard input's) and
//! the text of the `plugin.toml` beside it. The standard output is the file for the answer.
//!
//! Before any code of the library runs, both handles are put where the library does not look for them, and are not handed
//! on to programs that it starts; what it prints goes nowhere.

use super::answer;
use crate::image::path_in_child;
use crate::library::load;
use crate::os;
use crate::refusal::Refusal;
use crate::services::TrialServices;
use aurapos_plugin_api::Border;
use aurapos_plugin_api::manifest::Manifest;
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

/// The whole program.
pub fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    let [library, text] = arguments.as_slice() else {
        eprintln!("usage: aurapos-plugin-probe LIBRARY MANIFEST <LIBRARY >ANSWER");
        return ExitCode::from(2);
    };
    let Ok((handle, answer)) = os::take_handles() else { return ExitCode::from(2) };
    let result = trial(&path_in_child(Path::new(library), &handle), &text.to_string_lossy());
    match answer::write(&answer, &result) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn trial(library: &Path, text: &str) -> Result<(), Refusal> {
    let manifest = Manifest::parse(text).map_err(|error| Refusal::of_manifest("", &error))?;
    let border: Arc<dyn Border> = Arc::new(Nobody);
    load(library, &manifest, text, Arc::new(TrialServices), &border).map(drop)
}
