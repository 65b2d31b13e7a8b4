//! What the tests of the host share: real folders, real plugins, answers that are waited for.

#![allow(dead_code, clippy::unwrap_used)]

use aurapos_app::{HostOptions, RuntimeHost, sample};
use aurapos_runtime::engine::command::{Command, Reply, SessionId};
use aurapos_runtime::engine::queries;
use aurapos_runtime::plugin_host::{PluginHost, PluginHostOptions, TARGET, pack_library};
use aurapos_runtime::{DataFolder, OpenOptions, Reader};
use aurapos_ui::host::{
    Answer, Cancel, CatalogSource, Facts, Host, HostResult, Listener, Opening, Progress, StorageWish,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Where the staged plugins are: the folder of the built programs.
pub fn programs() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.ancestors().nth(2).unwrap().to_owned();
    let folder = std::env::var_os("AURAPOS_PROGRAMS").map_or(built, PathBuf::from);
    let there = folder.join("plugins/sqlite/plugin.toml").exists();
    assert!(there, "no plugins in {}: run cargo xtask stage", folder.display());
    folder
}

/// A temporary folder, in memory where there is some.
pub fn scratch() -> TempDir {
    let memory = tempfile::Builder::new().prefix("aurapos-app-").tempdir_in("/dev/shm");
    memory.or_else(|_| tempfile::tempdir()).unwrap()
}

pub fn options(folder: &Path) -> HostOptions {
    HostOptions { programs: Some(programs()), background: false, ..HostOptions::new(DataFolder::new(folder)) }
}

pub fn host(folder: &Path) -> RuntimeHost {
    RuntimeHost::new(options(folder), Box::new(|| {})).unwrap()
}

/// An answer, and where it comes in.
pub fn expect<T: Send + 'static>() -> (Answer<T>, Receiver<T>) {
    let (give, answer) = channel();
    (Box::new(move |value| drop(give.send(value))), answer)
}

/// Waits for the answer to what is asked.
pub fn ask<T: Send + 'static>(question: impl FnOnce(Answer<T>)) -> T {
    let (answer, coming) = expect();
    question(answer);
    coming.recv_timeout(PATIENCE).expect("an answer always comes")
}

pub fn open(host: &RuntimeHost) -> Opening {
    ask(|answer| host.open(answer))
}

pub fn ready(host: &RuntimeHost) -> Facts {
    match open(host) {
        Opening::Ready(facts) => *facts,
        other => panic!("{other:?}"),
    }
}

pub fn no_progress() -> Listener<Progress> {
    Arc::new(|_| {})
}

pub fn set_up(host: &RuntimeHost, catalog: CatalogSource) -> HostResult<()> {
    let set_up = |answer| {
        host.set_up(sample::new_shop(), StorageWish::File, catalog, no_progress(), Cancel::default(), answer);
    };
    ask(set_up).map(drop)
}

/// Installs a plugin of a third party, as its owner would: what it would do if it ran is another test's business.
pub fn install_stranger(folder: &Path) {
    let packed = tempfile::tempdir().unwrap();
    let staged = programs().join("plugins/cash");
    let is_library = |file: &PathBuf| file.to_string_lossy().ends_with(std::env::consts::DLL_SUFFIX);
    let library = fs::read_dir(staged).unwrap().map(|entry| entry.unwrap().path()).find(is_library).unwrap();
    let file = packed.path().join(library.file_name().unwrap());
    fs::copy(library, &file).unwrap();
    let manifest = "id = \"acme-pay\"\nversion = \"1.0.0\"\nkinds = [\"payment\"]\napi = \"^1\"\npublisher = \"Acme SA\"\n\
        name = \"Acme terminal\"\n";
    fs::write(packed.path().join("plugin.toml"), pack_library(manifest, &file, TARGET).unwrap()).unwrap();
    let options = PluginHostOptions { look_only: true, ..PluginHostOptions::in_folders(&programs(), folder) };
    PluginHost::open(options).install(packed.path()).unwrap();
}

/// A shop in a folder of its own, open.
pub struct Shop {
    pub host: RuntimeHost,
    pub facts: Facts,
    place: TempDir,
}

impl Shop {
    /// Without products.
    pub fn empty() -> Shop {
        let place = scratch();
        let host = host(&place.path().join("shop"));
        set_up(&host, CatalogSource::Empty).unwrap();
        let facts = ready(&host);
        Shop { host, facts, place }
    }

    /// The sample shop with so many sales.
    pub fn sample(sales: u32) -> Shop {
        let place = scratch();
        sample::make(options(&place.path().join("shop")), sales).unwrap();
        let host = host(&place.path().join("shop"));
        let facts = ready(&host);
        Shop { host, facts, place }
    }

    pub fn folder(&self) -> PathBuf {
        self.place.path().join("shop")
    }
}

/// Signs somebody of the sample shop in.
pub fn sign_in_as(host: &RuntimeHost, operator: &str, pin: &str) -> SessionId {
    let command = Command::SignIn { operator: operator.to_owned(), pin: pin.into() };
    match ask(|answer| host.submit(None, command, answer)).unwrap() {
        Reply::SignedIn { session, .. } => session,
        other => panic!("{other:?}"),
    }
}

/// Signs the manager of the sample shop in.
pub fn sign_in(host: &RuntimeHost) -> SessionId {
    sign_in_as(host, sample::MANAGER, sample::PIN)
}

/// The same, as whom the host is asked.
pub fn manager(host: &RuntimeHost) -> Option<SessionId> {
    Some(sign_in(host))
}

/// Counts the rows of a table, beside the open register.
pub fn count(folder: &Path, table: &str) -> u64 {
    let mut options = OpenOptions::new(DataFolder::new(folder), "test");
    options.programs = Some(programs());
    let reader = Reader::open(&options).unwrap();
    queries::count(reader.store.as_ref(), table, Vec::new()).unwrap()
}

/// Everything in a folder, by name, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
