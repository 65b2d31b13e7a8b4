//! Versions and places.

use aurapos_runtime::DataFolder;
use aurapos_ui::host::About;

/// What is known before a register is open.
pub(super) fn about(folder: &DataFolder) -> About {
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        renderer: String::new(),
        storage: String::new(),
        data_folder: folder.root().display().to_string(),
        logs: folder.logs().display().to_string(),
        system: system(),
    }
}

/// `Debian GNU/Linux 13 (trixie), x86_64`.
fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    format!("{name}, {}", std::env::consts::ARCH)
}
