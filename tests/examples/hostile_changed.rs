//! A plugin built after a mistake: a field of its root has another type than the host's, under the same version.
#![allow(unsafe_code)]

use abi_stable::library::{CheckTypeLayout, LibHeader, RootModuleResult};
use aurapos_abi_changed::PluginRootRef;

/// Never called: the host must refuse before.
extern "C" fn root() -> RootModuleResult {
    std::process::abort()
}

/// The symbol that `export_plugin!` writes.
// SAFETY: the root never gets made.
#[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
pub static ROOT: LibHeader = unsafe { LibHeader::from_constructor::<PluginRootRef>(root, CheckTypeLayout::Yes) };
