//! The border itself: a call across it against a plain trait object's, through a lane, and 10,000 rows.

use super::nothing;
use crate::measure::{Times, per_call};
use crate::report::{Figure, Goal};
use crate::{Bench, BenchResult};
use aurapos_contract::query::Query;
use aurapos_contract::{ApiVersion, HostServices, PluginContext, RecordStore, Settings, StorageProvider};
use aurapos_plugin_api::Border;
use aurapos_plugin_api::loader::Plugin;
use aurapos_plugin_api::manifest::Manifest;
use aurapos_plugin_host::{Instance, PluginHost, PluginHostOptions, TARGET, library, pack_library};
use aurapos_plugin_testkit::host::TestHost;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MANIFEST: &str = include_str!("../../examples/nothing.toml");
/// Calls timed together.
const CALLS: usize = 2_000;
/// Calls through a lane timed together: each is a thread's wake-up.
const LANE_CALLS: usize = 200;

/// Says on standard error what the plugin did wrong; in a benchmark it does nothing.
#[derive(Debug)]
struct Loud;

impl Border for Loud {
    fn bad_answer(&self, call: &str, reason: &str) {
        eprintln!("{call}: {reason}");
    }
    fn panicked(&self, call: &str, message: &str) {
        eprintln!("{call} panicked: {message}");
    }
}

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let library = library_of(bench)?;
    let host: Arc<dyn HostServices> = TestHost::new();
    let plugin = load(&library, &host)?;
    let context = PluginContext {
        host,
        api: ApiVersion::OWN,
        instance: "nothing".to_owned(),
        folder: bench.folder.path().display().to_string(),
        settings: Settings::default(),
    };
    let border: Arc<dyn Border> = Arc::new(Loud);
    let across = plugin.storage(&context, &border)?.open(&Settings::default())?;
    // The same plugin compiled in: what a plain trait object costs.
    let plain: Box<dyn RecordStore> = nothing::Nothing.open(&Settings::default())?;
    let call = |store: &dyn RecordStore| {
        let _ = black_box(black_box(store).wait(black_box(&[]), 0));
    };
    let rounds = bench.sizes.rounds;
    let (ours, limit) = per_call(rounds, CALLS, || call(across.as_ref()), || call(plain.as_ref()));
    let mut figures =
        vec![Figure::alone("abi", "call across the ABI", ours, "ns", Goal::Ratio(2.0)).beside(limit, "dyn call")];

    let laned = laned(bench, &library)?.open(&Settings::default())?;
    let (ours, limit) = per_call(rounds, LANE_CALLS, || call(laned.as_ref()), || call(across.as_ref()));
    figures.push(
        Figure::alone("abi", "the same call through its lane", ours / 1e3, "µs", Goal::Shown)
            .beside(limit / 1e3, "without the lane"),
    );

    let query = Query::over("product");
    let scan = |store: &dyn RecordStore| {
        let _ = black_box(black_box(store).scan(&query));
    };
    let (ours, limit) = {
        let (mut our_times, mut limit_times) = (Times::default(), Times::default());
        for _ in 0..rounds {
            our_times.time(|| scan(across.as_ref()));
            limit_times.time(|| scan(plain.as_ref()));
        }
        (our_times.percentile(50.0) / 1e6, limit_times.percentile(50.0) / 1e6)
    };
    figures.push(
        Figure::alone("abi", "10,000 rows of 5 columns, checked", ours, "ms", Goal::AtMost(2.0))
            .beside(limit, "without the border (a clone)"),
    );
    Ok(figures)
}

pub(super) fn library_of(bench: &Bench) -> BenchResult<PathBuf> {
    let file = bench.programs.join("examples").join(format!(
        "{}nothing{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ));
    if file.is_file() {
        Ok(file)
    } else {
        Err(format!("{} is missing: cargo xtask bench builds it", file.display()).into())
    }
}

fn load(file: &Path, host: &Arc<dyn HostServices>) -> BenchResult<Plugin> {
    let border: Arc<dyn Border> = Arc::new(Loud);
    let manifest = Manifest::parse(MANIFEST)?;
    library::load(file, &manifest, MANIFEST, host.clone(), &border).map_err(|refusal| refusal.message.into())
}

/// The same plugin through the whole host: found, pinned, tried out, loaded, behind lanes.
fn laned(bench: &Bench, file: &Path) -> BenchResult<Arc<dyn StorageProvider>> {
    let data = bench.folder.path().join("laned");
    let host = PluginHost::open(PluginHostOptions::in_folders(&bench.programs, &data));
    install(bench, &host, file)?;
    storage(&host, "nothing")
}

/// As an author packs it and an owner installs it.
pub(super) fn install(bench: &Bench, host: &PluginHost, file: &Path) -> BenchResult<()> {
    let folder = bench.folder.path().join("packed");
    std::fs::create_dir_all(&folder)?;
    let name = file.file_name().ok_or("a library without a name")?;
    std::fs::copy(file, folder.join(name))?;
    let sidecar = pack_library(MANIFEST, file, TARGET).map_err(|refusal| refusal.message)?;
    std::fs::write(folder.join("plugin.toml"), sidecar)?;
    host.install(&folder).map(drop).map_err(|refusal| refusal.message.into())
}

fn storage(host: &PluginHost, id: &str) -> BenchResult<Arc<dyn StorageProvider>> {
    host.storage(&instance(id)).map_err(|refusal| refusal.message.into())
}

/// A use of a plugin with its default settings.
pub(super) fn instance(id: &str) -> Instance {
    Instance {
        name: id.to_owned(),
        selector: id.to_owned(),
        in_process: true,
        deadline: None,
        settings: Settings::default(),
        services: TestHost::new(),
    }
}
