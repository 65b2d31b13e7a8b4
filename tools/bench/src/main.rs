//! `aurapos-bench`: the figures, each beside its raw limit in the same run. Started by `cargo xtask bench`.

// The group `postgres`, which is not there, uses more than the others.
#![cfg_attr(not(unix), allow(dead_code))]

mod captured;
mod groups;
mod measure;
mod report;
mod screen;
mod shop;

use report::Figure;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// What went wrong, for a developer.
pub type BenchResult<T> = Result<T, Box<dyn Error>>;

/// How large everything is.
#[derive(Debug, Clone)]
pub struct Sizes {
    /// Sales timed per side in `commit` and `growth`.
    pub sales: usize,
    /// Sales through `aurapos-admin sell --script`.
    pub scripted: usize,
    /// Catalogs for `lookup`, each imported.
    pub catalogs: Vec<u64>,
    /// Lookups per class.
    pub lookups: usize,
    /// Sales already stored in `growth`.
    pub stored: u64,
    /// Rounds of short calls.
    pub rounds: usize,
    /// Loads of a plugin.
    pub loads: usize,
    /// Products in the shop of `window`.
    pub windowed: u64,
    /// Starts of the window, warm; half as many cold.
    pub starts: usize,
    /// Scans, taps, keystrokes and switches, each.
    pub touches: usize,
    /// Sales in the window until its memory is looked at again.
    pub sold: usize,
    /// Connections to a server in `postgres`, whose memory is looked at.
    pub connections: usize,
    /// Registers that post at once in `shared`, line by line.
    pub posting: Vec<usize>,
    /// Registers that see each other's sales.
    pub seeing: Vec<usize>,
    /// Sales that wait when a register by itself becomes one of several.
    pub queued: usize,
    /// Catalogs that a register takes in when it joins.
    pub joined: Vec<u64>,
    /// Sales in the shop of `backup`.
    pub backed_up: usize,
    /// Damaged backups that are looked at.
    pub damaged: usize,
}

/// What a group is given.
#[derive(Debug)]
pub struct Bench {
    /// Where the programs and `plugins/` are.
    pub programs: PathBuf,
    /// A folder on the disk that is measured; emptied at the end.
    pub folder: tempfile::TempDir,
    /// Sizes.
    pub sizes: Sizes,
    /// The parts of a group that are measured; none: all.
    pub parts: Vec<String>,
}

impl Sizes {
    fn full() -> Self {
        Sizes {
            sales: 1_000,
            scripted: 1_000,
            catalogs: vec![100_000, 1_000_000],
            lookups: 2_000,
            stored: 1_000_000,
            rounds: 200,
            loads: 30,
            windowed: 100_000,
            starts: 10,
            touches: 120,
            sold: 1_000,
            connections: 100,
            posting: vec![1, 4, 16],
            seeing: vec![2, 20],
            queued: 100_000,
            joined: vec![100_000, 1_000_000],
            backed_up: 100_000,
            damaged: 10_000,
        }
    }

    /// Every line of every group, in seconds: so that it cannot rot.
    fn smoke() -> Self {
        Sizes {
            sales: 5,
            scripted: 5,
            catalogs: vec![500],
            lookups: 10,
            stored: 50,
            rounds: 2,
            loads: 1,
            windowed: 500,
            starts: 1,
            touches: 2,
            sold: 2,
            connections: 10,
            posting: vec![1, 2],
            seeing: vec![2, 3],
            queued: 20,
            joined: vec![200],
            backed_up: 20,
            damaged: 20,
        }
    }
}

#[derive(Debug)]
struct Options {
    smoke: bool,
    only: Vec<String>,
    queued: Option<usize>,
    joined: Vec<u64>,
    backed_up: Option<usize>,
    parts: Vec<String>,
    json: Option<PathBuf>,
    table: Option<PathBuf>,
    into: Option<PathBuf>,
    programs: Option<PathBuf>,
    folder: Option<PathBuf>,
}

const USAGE: &str = "aurapos-bench [--smoke] [--only GROUP]... [--programs DIR] [--folder DIR] [--json FILE] [--table FILE] \
     [--into FILE] [--queued SALES] [--joined PRODUCTS]... [--backed-up SALES] [--part PART]...";

fn options() -> BenchResult<Options> {
    let mut options = Options {
        smoke: false,
        only: Vec::new(),
        queued: None,
        joined: Vec::new(),
        backed_up: None,
        parts: Vec::new(),
        json: None,
        table: None,
        into: None,
        programs: None,
        folder: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value\n{USAGE}"));
        match argument.as_str() {
            "--smoke" => options.smoke = true,
            "--only" => options.only.push(value()?),
            "--queued" => options.queued = Some(value()?.parse()?),
            "--joined" => options.joined.push(value()?.parse()?),
            "--backed-up" => options.backed_up = Some(value()?.parse()?),
            "--part" => options.parts.push(value()?),
            "--json" => options.json = Some(value()?.into()),
            "--into" => options.into = Some(value()?.into()),
            "--table" => options.table = Some(value()?.into()),
            "--programs" => options.programs = Some(value()?.into()),
            "--folder" => options.folder = Some(value()?.into()),
            other => return Err(format!("unknown argument {other}\n{USAGE}").into()),
        }
    }
    if let Some(unknown) = options.only.iter().find(|name| !groups::ALL.iter().any(|(group, _)| group == name)) {
        let known: Vec<&str> = groups::ALL.iter().map(|(name, _)| *name).collect();
        return Err(format!("no group {unknown}; there are {}", known.join(", ")).into());
    }
    Ok(options)
}

fn run() -> BenchResult<()> {
    let options = options()?;
    let own = || std::env::current_exe().ok().and_then(|exe| exe.parent().map(PathBuf::from));
    let programs = options.programs.clone().or_else(own).ok_or("where are the programs? --programs DIR")?;
    // Beside the programs: the disk that is measured is a real one, not a /tmp in memory.
    let folder = options.folder.clone().unwrap_or_else(|| programs.clone());
    let folder = tempfile::Builder::new().prefix("aurapos-bench-").tempdir_in(folder)?;
    let mut sizes = if options.smoke { Sizes::smoke() } else { Sizes::full() };
    sizes.queued = options.queued.unwrap_or(sizes.queued);
    sizes.backed_up = options.backed_up.unwrap_or(sizes.backed_up);
    if !options.joined.is_empty() {
        sizes.joined.clone_from(&options.joined);
    }
    let bench = Bench { programs, folder, sizes, parts: options.parts.clone() };
    let mut figures: Vec<Figure> = Vec::new();
    for (name, group) in groups::ALL {
        if options.only.is_empty() || options.only.iter().any(|only| only == name) {
            eprintln!("{name} …");
            let start = std::time::Instant::now();
            figures.extend(group(&bench)?);
            eprintln!("{name}: {:.1} s", start.elapsed().as_secs_f64());
        }
    }
    let table = report::table(&figures);
    println!("{table}");
    if let Some(file) = options.table {
        std::fs::write(file, &table)?;
    }
    if let Some(file) = options.into {
        let text = report::replaced(&std::fs::read_to_string(&file)?, &table).ok_or("no place for the table")?;
        std::fs::write(file, text)?;
    }
    if let Some(file) = options.json {
        std::fs::write(file, format!("{:#}\n", report::json(&figures)))?;
    }
    Ok(())
}

/// A child of the groups `load` and `shared`, which measure some things in processes of their own.
fn child() -> Option<BenchResult<()>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [what, programs, data, id] = arguments.as_slice() else { return None };
    match what.to_str()? {
        "--load-once" => Some(groups::load_once(programs, data, &id.to_string_lossy())),
        "--join-once" => Some(groups::join_once(programs, data, id.to_string_lossy().parse().unwrap_or_default())),
        _ => None,
    }
}

fn main() -> ExitCode {
    match child().unwrap_or_else(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("aurapos-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
