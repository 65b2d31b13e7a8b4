//! A plugin of today's API.
#![deny(unsafe_code)]

use today_plugin_api as api;

#[path = "../terminal.rs"]
mod terminal;

api::export_plugin! {
    manifest: include_str!("../terminal.plugin.toml"),
    payment: terminal::terminal,
}
