//! A register's plugin folders for tests: real libraries, packed as an author ships them, changed as a test wants.

use aurapos_contract::{HostServices, Settings};
use aurapos_plugin_api::manifest::{Artifact, Manifest, pack};
use aurapos_plugin_host::{Deadlines, Instance, PluginHost, PluginHostOptions, TARGET, Trust};
use aurapos_plugin_testkit::TestHost;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The folder of this build: `target/debug`.
pub fn build_folder() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a path");
    let is_build = |folder: &&Path| folder.join("examples").is_dir() && folder.join("deps").is_dir();
    let found = program.ancestors().skip(1).find(is_build);
    found.expect("tests run from cargo's target folder").to_owned()
}

fn library_name(name: &str) -> String {
    format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// The bytes of a library that is an example of this package.
pub fn example(name: &str) -> Vec<u8> {
    read(&build_folder().join("examples").join(library_name(name)))
}

/// The library of a first-party plugin, as cargo built it for these tests: `aurapos_payment_cash`.
pub fn first_party(name: &str) -> PathBuf {
    build_folder().join("deps").join(library_name(name))
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo test -p aurapos-tests` builds it", file.display()))
}

/// What a hostile library does before it has settings: writes over the mark in its bytes.
///
/// # Panics
/// There is no mark, or `what` is too long.
pub fn mark(library: &mut [u8], what: &str) {
    const MARK: &[u8] = b"AURAPOS-HOSTILE:";
    let places: Vec<usize> = (0..library.len() - MARK.len()).filter(|&at| library[at..].starts_with(MARK)).collect();
    let [at] = places[..] else { panic!("the mark stands at {places:?}") };
    let room = &mut library[at + MARK.len()..at + MARK.len() + 32];
    assert!(what.len() <= room.len(), "`{what}` is too long for the mark");
    room.fill(b' ');
    room[..what.len()].copy_from_slice(what.as_bytes());
}

/// Replaces bytes that stand in a library exactly once by as many others.
///
/// # Panics
/// They stand there never or several times.
pub fn replace(library: &mut [u8], before: &[u8], after: &[u8]) {
    assert_eq!(before.len(), after.len(), "a library cannot grow");
    let places: Vec<usize> =
        (0..=library.len() - before.len()).filter(|&at| library[at..].starts_with(before)).collect();
    let [at] = places[..] else { panic!("{} stands at {places:?}", String::from_utf8_lossy(before)) };
    library[at..at + after.len()].copy_from_slice(after);
}

/// A program folder with the good plugins, and a data folder for the others. Goes when it is dropped.
#[derive(Debug)]
pub struct Place {
    folder: tempfile::TempDir,
    /// Of the host that is opened next.
    pub options: PluginHostOptions,
    /// What plugins see of the host.
    pub services: Arc<TestHost>,
}

impl Place {
    /// With the real cash and SQLite plugins as built-ins, and a trial program.
    pub fn new(probe: &str) -> Place {
        let folder = tempfile::tempdir().expect("a test needs a temporary folder");
        let (program, data) = (folder.path().join("program"), folder.path().join("data"));
        fs::create_dir_all(data.join("plugins")).expect("a temporary folder can be written");
        let mut lock = String::new();
        for (package, id) in [("payment-cash", "cash"), ("storage-sqlite", "sqlite")] {
            let library = first_party(&format!("aurapos_{}", package.replace('-', "_")));
            let manifest = repository().join("plugins").join(package).join("plugin.toml");
            let manifest = String::from_utf8(read(&manifest)).expect("a manifest is text");
            let artifact = lay(&program.join("plugins").join(id), &manifest, &read(&library));
            lock += &pin_text(&manifest, &artifact);
        }
        fs::write(program.join("builtin.lock"), lock).expect("a temporary folder can be written");
        let options = options(&program, &data, probe);
        let services = TestHost::over(&data);
        Place { folder, options, services }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The program folder.
    pub fn program(&self) -> PathBuf {
        self.folder.path().join("program")
    }

    /// Where a third party's plugin of that folder name lies.
    pub fn plugin(&self, name: &str) -> PathBuf {
        self.data().join("plugins").join(name)
    }

    /// Lays a packed plugin into the data folder; nobody has trusted it.
    pub fn put(&self, name: &str, manifest: &str, library: &[u8]) -> Artifact {
        lay(&self.plugin(name), manifest, library)
    }

    /// A host over these folders: the next start.
    pub fn host(&self) -> PluginHost {
        PluginHost::open(self.options.clone())
    }

    /// A third party's plugin with settings, in this process.
    pub fn instance(&self, selector: &str, settings: &[(&str, &str)]) -> Instance {
        let services = Arc::clone(&self.services);
        instance(selector, settings, services)
    }
}

/// As the TOML would say it.
pub fn instance(selector: &str, settings: &[(&str, &str)], services: Arc<dyn HostServices>) -> Instance {
    let settings = settings.iter().fold(Settings::default(), |all, (key, value)| all.with(key, *value));
    Instance {
        name: "test".to_owned(),
        selector: selector.to_owned(),
        in_process: true,
        deadline: None,
        settings,
        services,
    }
}

/// The host of a program folder and a data folder. Nobody's trust is asked for: what these tests load was never installed.
pub fn options(program: &Path, data: &Path, probe: &str) -> PluginHostOptions {
    let long = Duration::from_secs(60);
    let deadlines = Deadlines {
        start: long,
        commit: long,
        read: long,
        quiet: long,
        long,
        payment: long,
        control: long,
        device: long,
        close: long,
    };
    PluginHostOptions {
        trust: Trust::Open,
        probe_program: PathBuf::from(probe),
        probe_deadline: long,
        deadlines,
        ..PluginHostOptions::in_folders(program, data)
    }
}

/// Writes a library and its sidecar.
///
/// # Panics
/// The manifest is refused, or the folder cannot be written.
pub fn lay(folder: &Path, manifest: &str, library: &[u8]) -> Artifact {
    fs::create_dir_all(folder).expect("a temporary folder can be written");
    let artifact = Artifact::of(library, &library_name("plugin"), TARGET);
    fs::write(folder.join(&artifact.file), library).expect("a temporary folder can be written");
    let sidecar = pack(manifest, &artifact).expect("the tests' manifests are right");
    fs::write(folder.join("plugin.toml"), sidecar).expect("a temporary folder can be written");
    artifact
}

/// Writes a manifest and a library beside each other as an author's build leaves them, not packed yet.
///
/// # Panics
/// The folder cannot be written.
pub fn lay_out(folder: &Path, manifest: &str, library: &[u8]) -> (PathBuf, PathBuf) {
    let (sidecar, file) = (folder.join("plugin.toml"), folder.join(library_name("plugin")));
    fs::create_dir_all(folder).expect("a temporary folder can be written");
    fs::write(&sidecar, manifest).expect("a temporary folder can be written");
    fs::write(&file, library).expect("a temporary folder can be written");
    (sidecar, file)
}

/// A pin as it stands in a lock file.
///
/// # Panics
/// The manifest is refused.
pub fn pin_text(manifest: &str, artifact: &Artifact) -> String {
    let Manifest { id, version, .. } = Manifest::parse(manifest).expect("the tests' manifests are right");
    let Artifact { file, size, sha256, .. } = artifact;
    format!(
        "[[plugin]]\nid = \"{id}\"\nversion = \"{version}\"\nfile = \"{file}\"\nsize = {size}\nsha256 = \"{sha256}\"\n\n"
    )
}

/// The root of the sources.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository").to_owned()
}
