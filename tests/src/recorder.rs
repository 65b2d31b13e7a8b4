//! Runs a program with `examples/recorder.rs` preloaded.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A recording that is being made.
#[derive(Debug)]
pub struct Recorder {
    log: PathBuf,
}

impl Recorder {
    /// Preloads the recorder into a program that is about to be started: it records what happens below `folder`.
    ///
    /// # Panics
    /// The recorder was not built.
    pub fn of(command: &mut Command, folder: &Path, log: &Path) -> Self {
        let folder = folder.canonicalize().expect("the recorded folder is there");
        command.env("LD_PRELOAD", library()).env("AURAPOS_RECORD_DIR", folder).env("AURAPOS_RECORD_LOG", log);
        Recorder { log: log.to_owned() }
    }

    /// What was recorded.
    ///
    /// # Panics
    /// Nothing was.
    pub fn log(&self) -> Vec<u8> {
        std::fs::read(&self.log).expect("the recorder wrote its log")
    }
}

/// The built recorder: examples stand beside the tests.
fn library() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let target = test.ancestors().nth(2).expect("tests are built in target/<profile>/deps");
    let name = format!("{}recorder{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let file = target.join("examples").join(name);
    assert!(file.is_file(), "{} is missing: run cargo build -p aurapos-tests --examples", file.display());
    file
}
