//! A register's folders with plugins in them, for the tests of this crate.
#![allow(dead_code, clippy::unwrap_used)]

use aurapos_contract::host::{LocalTime, LogLevel};
use aurapos_contract::{HostServices, Settings, Timestamp, Uuid};
use aurapos_plugin_host::{Deadlines, Instance, PluginHost, PluginHostOptions, TARGET, pack_library};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the plugins logged.
#[derive(Debug, Default)]
pub struct Log(pub Mutex<Vec<String>>);

impl HostServices for Log {
    fn log(&self, _: LogLevel, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }
    fn now(&self) -> Timestamp {
        42
    }
    fn local_time(&self, _: Timestamp) -> LocalTime {
        LocalTime { year: 2026, ..Default::default() }
    }
    fn utc_time(&self, _: &LocalTime) -> Timestamp {
        7
    }
    fn data_dir(&self) -> String {
        "/shop".to_owned()
    }
    fn new_id(&self) -> Uuid {
        Uuid::from_u64_pair(1, 2)
    }
}

pub struct Shop {
    pub folder: tempfile::TempDir,
    pub log: Arc<Log>,
}

/// The folder of this build's programs; examples lie below it.
fn programs() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_aurapos-plugin-probe")).parent().unwrap().to_owned()
}

fn library(name: &str) -> PathBuf {
    let file = format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    programs().join("examples").join(file)
}

/// The manifest that the example was built with.
pub fn manifest_of(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{name}.plugin.toml"));
    fs::read_to_string(file).unwrap()
}

impl Shop {
    pub fn new() -> Shop {
        Shop { folder: tempfile::tempdir().unwrap(), log: Arc::default() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Packs an example as an author would; answers the folder.
    pub fn pack(&self, name: &str) -> PathBuf {
        let folder = self.path(&format!("downloads/{name}"));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(library(name).file_name().unwrap());
        fs::copy(library(name), &file).unwrap();
        fs::write(folder.join("plugin.toml"), pack_library(&manifest_of(name), &file, TARGET).unwrap()).unwrap();
        folder
    }

    pub fn options(&self) -> PluginHostOptions {
        PluginHostOptions {
            probe_program: env!("CARGO_BIN_EXE_aurapos-plugin-probe").into(),
            probe_deadline: Duration::from_secs(60),
            builtin_dir: Some(self.path("builtin")),
            builtin_lock: self.path("builtin.lock"),
            ..PluginHostOptions::in_folders(self.folder.path(), self.folder.path())
        }
    }

    /// A host that gives up soon, for tests in which something hangs.
    pub fn impatient_host(&self) -> PluginHost {
        let millis = Duration::from_millis;
        let deadlines =
            Deadlines { commit: millis(300), payment: millis(300), close: millis(100), ..Deadlines::default() };
        PluginHost::open(PluginHostOptions { deadlines, ..self.options() })
    }

    pub fn host(&self) -> PluginHost {
        PluginHost::open(self.options())
    }

    /// A host with an example installed and trusted.
    pub fn host_with(&self, name: &str) -> PluginHost {
        let host = self.host();
        host.install(&self.pack(name)).unwrap();
        host
    }

    pub fn instance(&self, selector: &str, settings: Settings) -> Instance {
        Instance {
            name: "front".to_owned(),
            selector: selector.to_owned(),
            in_process: true,
            deadline: None,
            settings,
            services: Arc::<Log>::clone(&self.log),
        }
    }

    pub fn unruly(&self, how: &str) -> Instance {
        self.instance("unruly", Settings::default().with("how", how))
    }
}
