//! The storage that does nothing, as a plugin's library.

use aurapos_plugin_api::{PluginContext, export_plugin};

#[path = "../src/groups/nothing.rs"]
mod nothing;

export_plugin! {
    manifest: include_str!("nothing.toml"),
    storage: |_: PluginContext| Ok(nothing::Nothing),
}
