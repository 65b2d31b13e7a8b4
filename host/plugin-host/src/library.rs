//! Opens a library that passed every check on its file, and proves that what it exports is a plugin that fits.
//!
//! The same code runs in the trial process (`aurapos-plugin-probe`) and in the host. Libraries are never closed.

use crate::os;
use crate::refusal::{Code, Refusal};
use aurapos_contract::HostServices;
use aurapos_plugin_api::Border;
use aurapos_plugin_api::loader::{Plugin, ROOT_SYMBOL, RootError};
use aurapos_plugin_api::manifest::{Manifest, same_manifest};
use std::ffi::c_void;
use std::path::Path;
use std::sync::Arc;

/// Opens `file` and finds the root's address.
#[allow(unsafe_code)]
fn open(id: &str, file: &Path) -> Result<*const c_void, Refusal> {
    // The path is this program's own business and tells an owner nothing.
    let words = |error: libloading::Error| error.to_string().replace(&format!("{}: ", file.display()), "");
    let library = os::open_library(file).map_err(|error| Refusal::new(Code::Open, id, words(error)))?;
    // SAFETY: only the address is taken; what stands there is checked before it is believed.
    let symbol = unsafe { library.get::<*const c_void>(ROOT_SYMBOL) }.map(|symbol| *symbol);
    // Code, statics and thread-locals of a plugin may be in use for ever: it is never unloaded, whatever comes next.
    std::mem::forget(library);
    match symbol {
        Ok(symbol) if !symbol.is_null() => Ok(symbol),
        Ok(_) | Err(_) => Err(Refusal::new(Code::NoRoot, id, "it exports no plugin")),
    }
}

/// Opens a library and checks everything up to its health.
///
/// # Errors
/// The first check that fails.
#[allow(unsafe_code)]
pub fn load(
    file: &Path,
    manifest: &Manifest,
    sidecar: &str,
    services: Arc<dyn HostServices>,
    border: &Arc<dyn Border>,
) -> Result<Plugin, Refusal> {
    let id = manifest.id.as_str();
    let symbol = open(id, file)?;
    // SAFETY: the symbol stands in a library that is never closed.
    let plugin = unsafe { Plugin::from_symbol(symbol) }.map_err(|error| {
        let code = match error {
            RootError::Header(_) => Code::Foundation,
            RootError::Version(_) => Code::Generation,
            RootError::Layout(_) => Code::Layout,
            RootError::Constructor(_) => Code::Constructor,
        };
        Refusal::new(code, id, error)
    })?;
    plugin.attach(services, Arc::clone(border)).map_err(|error| Refusal::new(Code::Constructor, id, error))?;
    if !same_manifest(plugin.manifest(), sidecar) {
        return Err(Refusal::new(Code::ManifestDiffers, id, "plugin.toml is not the one inside the library"));
    }
    let has = plugin.kinds();
    if let Some(missing) = manifest.kinds.iter().find(|kind| !has.contains(kind)) {
        return Err(Refusal::new(Code::KindMissing, id, format!("it has no {missing} part")));
    }
    plugin.health(border).map_err(|error| Refusal::new(Code::Unwell, id, error))?;
    Ok(plugin)
}
