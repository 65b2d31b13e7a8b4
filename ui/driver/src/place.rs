//! A data folder with a shop in it, for tests and pictures; made by the same code as the wizard's.

use aurapos_app::{HostOptions, RuntimeHost};
use aurapos_runtime::DataFolder;
use aurapos_runtime::engine::setup::NewShop;
use aurapos_ui::host::{Cancel, CatalogSource, Host, StorageWish};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;

/// The manager of the shops made here.
pub const MANAGER: (&str, &str) = ("Sofie Vermeulen", "4711");

/// Where the programs and the staged plugins are, seen from a program in the target folder or below it.
///
/// # Panics
/// Nothing was staged: `cargo xtask stage` does it, and every other command of xtask.
pub fn programs() -> PathBuf {
    let own = std::env::current_exe().expect("this program has a path");
    let staged = own.ancestors().find(|folder| folder.join("builtin.lock").exists());
    staged.map(Path::to_owned).expect("the plugins are staged beside the programs: run `cargo xtask stage` first")
}

/// A host on a data folder, which may be empty.
///
/// # Panics
/// The system gives no threads.
pub fn host(folder: &Path) -> Arc<RuntimeHost> {
    let mut options = HostOptions::new(DataFolder::new(folder));
    options.programs = Some(programs());
    options.background = false;
    Arc::new(RuntimeHost::new(options, Box::new(|| {})).expect("the system gives threads"))
}

/// The shop of the tests: Belgian, in the language given.
pub fn new_shop(language: &str) -> NewShop {
    NewShop {
        name: "Épicerie du Parc".to_owned(),
        country: "BE".to_owned(),
        language: language.to_owned(),
        address: vec!["Rue du Parc 12".to_owned(), "1000 Bruxelles".to_owned()],
        phone: "+32 2 555 01 23".to_owned(),
        register: "R1".to_owned(),
        manager: MANAGER.0.to_owned(),
        pin: MANAGER.1.to_owned(),
        ..NewShop::default()
    }
}

/// Sets a shop up in an empty folder.
///
/// # Panics
/// It cannot be set up.
pub fn set_up(folder: &Path, new: NewShop, catalog: CatalogSource) {
    let host = host(folder);
    let (sender, receiver) = channel();
    let answer = Box::new(move |result| {
        let _ = sender.send(result);
    });
    host.set_up(new, StorageWish::File, catalog, Arc::new(|_| {}), Cancel::default(), answer);
    let result = receiver.recv_timeout(crate::PATIENCE).expect("the host answers");
    result.unwrap_or_else(|trouble| panic!("the shop cannot be set up: {trouble:?}"));
}
