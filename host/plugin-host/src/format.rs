//! The kind of file that a library is on the system of a target: which of the two formats is asked for.

use crate::refusal::Refusal;
use crate::{elf, pe};

/// Checks that these bytes are a whole library for `target`, without running any of it.
///
/// # Errors
/// Those of [`elf::check`] and [`pe::check`].
pub(crate) fn check(plugin: &str, bytes: &[u8], target: &str) -> Result<(), Refusal> {
    let is_windows = target.split('-').any(|part| part == "windows");
    if is_windows { pe::check(plugin, bytes, target) } else { elf::check(plugin, bytes, target) }
}
