//! A card terminal beside the shop, a real plugin: its customer is a file in its folder.
//!
//! Owns: how it is laid into a data folder, and what its customer does. What it makes of that: `tests/examples/slow_terminal.rs`.

use crate::place;
use aurapos_runtime::DataFolder;
use aurapos_runtime::plugin_host::TARGET;
use aurapos_runtime::plugin_host::manifest::{Artifact, pack};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};

const MANIFEST: &str = include_str!("../../../tests/examples/slow_terminal.plugin.toml");

/// Where the terminal keeps its log and finds its customer.
pub fn folder(shop: &Path) -> PathBuf {
    shop.join("plugin-data").join("slow-terminal").join("terminal")
}

/// Lets a shop that is not open take payments by it. `how`: what it makes of the wish to stop.
///
/// # Panics
/// Its library was not built, or the folder cannot be written.
pub fn add(shop: &Path, how: &str) {
    let file = format!("{DLL_PREFIX}window_terminal{DLL_SUFFIX}");
    let built = place::programs().join("examples").join(&file);
    let library = fs::read(&built).unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo build -p aurapos-ui-driver --examples` builds it", built.display())
    });
    let own = DataFolder::new(shop).plugins().join("slow-terminal");
    fs::create_dir_all(&own).expect("a folder can be made");
    let sidecar = pack(MANIFEST, &Artifact::of(&library, &file, TARGET)).expect("its manifest is right");
    fs::write(own.join(&file), library).expect("a file can be written");
    fs::write(own.join("plugin.toml"), sidecar).expect("a file can be written");
    let settings = shop.join("aurapos.toml");
    let text = fs::read_to_string(&settings).expect("the shop has settings");
    let trusting = text.replace("trust = \"tofu\"", "trust = \"open\"");
    let table = "[[payment]]\nname = \"terminal\"\nuse = \"slow-terminal\"\nisolation = \"in-process\"\n";
    let text = format!("{trusting}\n{table}[payment.config]\nhow = \"{how}\"\n");
    fs::write(settings, text).expect("a file can be written");
}

/// What the terminal was asked so far: the word, then the payment.
pub fn log(shop: &Path) -> Vec<String> {
    fs::read_to_string(folder(shop).join("log")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Lays a file into its folder: `card`, the customer who pays; `say`, what the display shows; `outcome`, what it answers
/// when it is asked about an earlier payment.
///
/// # Panics
/// It cannot be written.
pub fn put(shop: &Path, name: &str, text: &str) {
    fs::write(folder(shop).join(name), text).expect("a file can be written");
}

/// The customer goes.
pub fn take_card_away(shop: &Path) {
    // It may not have been there.
    let _ = fs::remove_file(folder(shop).join("card"));
}
