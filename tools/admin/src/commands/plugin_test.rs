//! `plugin test DIR`: the conformance suites against a plugin's folder, through the whole ABI.

use super::context::Context;
use crate::output::{Failure, Outcome};
use std::path::Path;

/// Runs the suites of every kind that the plugin offers.
pub fn test(_: &Context, dir: &Path) -> Outcome {
    let message = format!("{}: the conformance suites are not in this build", dir.display());
    Err(Failure::new("AP-0503", message, "Use a later version."))
}
