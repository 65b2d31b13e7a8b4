//! What the host is told when it opens, and what an instance is made from.

use aurapos_contract::{HostServices, Settings};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How plugins that did not come with the program are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Whatever lies in the folders.
    Open,
    /// What the owner installed or trusted, exactly as it was then.
    Tofu,
}

/// Where the bytes of a library lie from its check to its loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// Sealed in memory; as a private copy where this system cannot.
    Sealed,
    /// Always as a private copy in [`PluginHostOptions::cache_dir`], as on systems that cannot seal.
    Copy,
}

/// How long calls may take before they are given up. Each is a total: only long work has one for silence beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Making an object, asking for capabilities.
    pub start: Duration,
    /// A commit.
    pub commit: Duration,
    /// A short read.
    pub read: Duration,
    /// Long work without a sign of life.
    pub quiet: Duration,
    /// Long work in all, whatever it reports.
    pub long: Duration,
    /// A payment in all.
    pub payment: Duration,
    /// `cancel` and `query_status`.
    pub control: Duration,
    /// Printing and events.
    pub device: Duration,
    /// Closing and dropping.
    pub close: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Deadlines {
            start: seconds(15),
            commit: seconds(15),
            read: seconds(15),
            quiet: seconds(120),
            long: seconds(6 * 60 * 60),
            payment: seconds(120),
            control: seconds(15),
            device: seconds(30),
            close: seconds(10),
        }
    }
}

/// Where everything is.
#[derive(Debug, Clone)]
pub struct PluginHostOptions {
    /// The plugins that came with the program: `<dir>/<id>/plugin.toml`. `None` where there are none.
    pub builtin_dir: Option<PathBuf>,
    /// Their hashes, written by the build.
    pub builtin_lock: PathBuf,
    /// Third parties' plugins, absolute. The first one is where `install` puts them.
    pub dirs: Vec<PathBuf>,
    /// Pins of third parties' plugins.
    pub plugins_lock: PathBuf,
    /// How a library is kept from changing between its check and its loading.
    pub holding: Holding,
    /// Private copies, where libraries are not held in memory. Made when the first one is needed.
    pub cache_dir: PathBuf,
    /// Probe results, sentinels, quarantine.
    pub state_dir: PathBuf,
    /// A folder for each instance, `<dir>/<id>/<instance>`, for what it has to remember.
    pub instances_dir: PathBuf,
    /// `aurapos-plugin-probe`.
    pub probe_program: PathBuf,
    /// How long a probe may take.
    pub probe_deadline: Duration,
    /// Trust in third parties' plugins.
    pub trust: Trust,
    /// Target triple of this program.
    pub target: String,
    /// Deadlines where an instance has none of its own.
    pub deadlines: Deadlines,
    /// Only look: no signal handlers, no sentinel of this process, no change of the quarantine at opening. For programs
    /// that read while another one holds the register.
    pub look_only: bool,
}

/// The target triple this program was built for.
pub const TARGET: &str = env!("AURAPOS_TARGET");

impl PluginHostOptions {
    /// The usual places: built-ins beside the programs, the rest in the data folder.
    pub fn in_folders(program_dir: &std::path::Path, data_dir: &std::path::Path) -> Self {
        PluginHostOptions {
            builtin_dir: Some(program_dir.join("plugins")),
            builtin_lock: program_dir.join("builtin.lock"),
            dirs: vec![data_dir.join("plugins")],
            plugins_lock: data_dir.join("plugins.lock"),
            holding: Holding::Sealed,
            cache_dir: data_dir.join("plugin-cache"),
            state_dir: data_dir.join("plugin-state"),
            instances_dir: data_dir.join("plugin-data"),
            probe_program: program_dir.join(format!("aurapos-plugin-probe{}", std::env::consts::EXE_SUFFIX)),
            probe_deadline: Duration::from_secs(10),
            trust: Trust::Tofu,
            target: TARGET.to_owned(),
            deadlines: Deadlines::default(),
            look_only: false,
        }
    }
}

/// One use of a plugin, as the TOML names it.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Name within its kind: `front terminal`.
    pub name: String,
    /// Plugin id, with a version range where needed: `sqlite`, `zvt@^1`.
    pub selector: String,
    /// The owner wants it in this process although it did not come with the program.
    pub in_process: bool,
    /// How long its main work may take: a payment, a print, a commit in all; a backup without a sign of life. `None`: the
    /// host's default.
    pub deadline: Option<Duration>,
    /// The instance's settings as given; defaults are filled in from the manifest.
    pub settings: Settings,
    /// What the plugin may ask.
    pub services: Arc<dyn HostServices>,
}
