//! The programs of two versions of the API, each in a folder as an installation has it. The plugins that come with them are
//! the same files: those of today's build.

use aurapos_tests::shop;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder of programs.
#[derive(Debug)]
pub struct Programs {
    /// For the words of a failed test.
    pub name: &'static str,
    /// With `aurapos-admin`, `aurapos-plugin-probe`, `builtin.lock` and `plugins/`.
    pub folder: PathBuf,
    _place: Option<TempDir>,
}

impl Programs {
    /// What `cargo xtask stage` laid out.
    pub fn today() -> Programs {
        Programs { name: "today's programs", folder: shop::programs(), _place: None }
    }

    /// The grown programs with today's plugins: a shop that updated the program alone.
    ///
    /// # Panics
    /// The folder cannot be made.
    pub fn grown(admin: &Path, probe: &Path) -> Programs {
        let built = shop::programs();
        // Beside what it links: a link costs nothing, and a program knows its folder by the name it was started with.
        let place = TempDir::new_in(&built).expect("the target folder can be written");
        let folder = place.path().to_owned();
        for (file, name) in [(admin, "aurapos-admin"), (probe, "aurapos-plugin-probe")] {
            let name = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            fs::hard_link(file, &name).or_else(|_| fs::copy(file, &name).map(drop)).expect("a program can be copied");
        }
        fs::copy(built.join("builtin.lock"), folder.join("builtin.lock")).expect("the lock can be copied");
        shop::copy_folder(&built.join("plugins"), &folder.join("plugins"));
        Programs { name: "the grown programs", folder, _place: Some(place) }
    }

    /// The trial program.
    pub fn probe(&self) -> PathBuf {
        self.folder.join(format!("aurapos-plugin-probe{}", std::env::consts::EXE_SUFFIX))
    }
}
