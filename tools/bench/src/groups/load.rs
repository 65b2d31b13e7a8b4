//! Loading a plugin, from the folders to an object that answers, beside reading and hashing its file: what every host that
//! knows what it loads has to do.
//!
//! Each load is in a process of its own, since a library that is in one already costs nothing; and the raw limit is
//! measured in that same process.

use super::abi::{install, instance, library_of};
use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::{Bench, BenchResult};
use aurapos_plugin_host::{PluginHost, PluginHostOptions};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let data = bench.folder.path().join("load");
    install(bench, &host(&bench.programs, &data), &library_of(bench)?)?;
    let small = loads(bench, &data, "nothing")?;
    let large = loads(bench, &data, "sqlite")?;
    let figure = |what: String, load: &Load, goal| {
        Figure::alone("load", what, load.whole, "ms", goal).beside(load.raw, "reading the file and SHA-256")
    };
    let size = |load: &Load| load.bytes as f64 / 1e6;
    Ok(vec![
        figure(format!("a small plugin ({:.1} MB) to its first answer", size(&small)), &small, Goal::AtMost(2.0)),
        figure(format!("storage-sqlite ({:.1} MB) to its first answer", size(&large)), &large, Goal::Ratio(1.3)),
    ])
}

/// Medians in milliseconds.
struct Load {
    whole: f64,
    raw: f64,
    bytes: u64,
}

fn loads(bench: &Bench, data: &Path, id: &str) -> BenchResult<Load> {
    let (mut whole, mut raw, mut bytes) = (Times::default(), Times::default(), 0);
    for turn in 0..=bench.sizes.loads {
        let program = std::env::current_exe()?;
        let output = Command::new(program).arg("--load-once").args([&bench.programs, data]).arg(id).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [loaded, hashed, size] = numbers[..] else {
            return Err(format!("{id}: {}", String::from_utf8_lossy(&output.stderr)).into());
        };
        bytes = size;
        // The first one tries the library out in a trial process.
        if turn > 0 {
            whole.add(Duration::from_nanos(loaded));
            raw.add(Duration::from_nanos(hashed));
        }
    }
    Ok(Load { whole: whole.percentile(50.0) / 1e6, raw: raw.percentile(50.0) / 1e6, bytes })
}

fn host(programs: &Path, data: &Path) -> PluginHost {
    PluginHost::open(PluginHostOptions::in_folders(programs, data))
}

/// In a process of its own: hashes the file and loads the plugin; prints the nanoseconds of the load, of the hash, and the
/// file's size.
pub fn load_once(programs: &Path, data: &Path, id: &str) -> BenchResult<()> {
    let looking = PluginHostOptions { look_only: true, ..PluginHostOptions::in_folders(programs, data) };
    let discovery = PluginHost::open(looking).discover();
    let found = discovery.found.iter().find(|found| found.manifest.id == id).ok_or("it is not there")?;
    let file = found.library().map_err(|refusal| refusal.message)?;
    // Once unmeasured: both sides find the file in the system's memory.
    std::fs::read(&file)?;
    let start = Instant::now();
    let bytes = std::fs::read(&file)?;
    let hash = Sha256::digest(&bytes);
    let hashed = start.elapsed();
    std::hint::black_box(hash);
    let size = bytes.len();
    drop(bytes);
    // Opened once a program, whatever it loads.
    let (host, instance) = (host(programs, data), instance(id));
    let start = Instant::now();
    host.storage(&instance).map_err(|refusal| refusal.message)?;
    println!("{} {} {size}", start.elapsed().as_nanos(), hashed.as_nanos());
    Ok(())
}
