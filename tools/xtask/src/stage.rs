//! Lays the first-party plugins beside the programs, as an installation would have them.
//!
//! Owns the layout `target/<profile>/plugins/<id>/{plugin.toml, library}` and `target/<profile>/builtin.lock`.
//! A running register may have a staged library mapped: files are written aside and renamed over, never in place.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::failure::{Context, Failure, Outcome};
use crate::workspace::Workspace;
use crate::{postgres, process};

/// The packages whose cdylibs are the plugins that come with AuraPOS.
pub const PLUGIN_PACKAGES: [&str; 6] = [
    "aurapos-storage-sqlite",
    "aurapos-storage-postgres",
    "aurapos-payment-cash",
    "aurapos-backup-scheduler",
    "aurapos-printer-file",
    "aurapos-events-csv",
];

/// The packages that hold the programs: `aurapos-admin`, and the plugin host with its `aurapos-plugin-probe`.
pub const PROGRAM_PACKAGES: [&str; 2] = ["aurapos-admin", "aurapos-plugin-host"];

/// The programs that must stand beside the plugins when staging is done.
pub const PROGRAMS: [&str; 2] = ["aurapos-admin", "aurapos-plugin-probe"];

/// The package of the window and its program; built only where somebody looks at it, because Slint takes minutes.
pub const WINDOW: (&str, &str) = ("aurapos-app", "aurapos");

/// The package that drives the window without a display, and its program that draws every screen.
pub const SHOTS: (&str, &str) = ("aurapos-ui-driver", "aurapos-shots");

/// Which of cargo's profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `target/debug`
    Debug,
    /// `target/release`
    Release,
}

impl Profile {
    /// Its folder below the target folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    /// What cargo wants to hear.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Debug => &[],
            Self::Release => &["--release"],
        }
    }
}

/// The system that programs and libraries are built for, and how files are called there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// The target triple.
    pub target: String,
    /// What stands before and behind the name of a library.
    library: (&'static str, &'static str),
    /// What stands behind the name of a program.
    program: &'static str,
}

impl System {
    /// The one that cargo builds for when none is named.
    ///
    /// # Errors
    /// `rustc` is missing or does not say.
    pub fn own() -> Outcome<Self> {
        use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
        Ok(Self { target: host_target()?, library: (DLL_PREFIX, DLL_SUFFIX), program: EXE_SUFFIX })
    }

    /// Windows, built with the GNU tools.
    #[must_use]
    pub fn windows() -> Self {
        Self { target: "x86_64-pc-windows-gnu".to_owned(), library: ("", ".dll"), program: ".exe" }
    }

    /// The file name that cargo gives the cdylib of a package.
    #[must_use]
    pub fn library_file(&self, package: &str) -> String {
        let (before, behind) = self.library;
        format!("{before}{}{behind}", package.replace('-', "_"))
    }

    /// The file name of a program.
    #[must_use]
    pub fn program_file(&self, name: &str) -> String {
        format!("{name}{}", self.program)
    }
}

/// A plugin that was laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedPlugin {
    /// The id of its manifest.
    pub id: String,
    /// The version of its manifest.
    pub version: String,
    /// The file name of its library.
    pub file: String,
    /// Bytes of the library.
    pub size: u64,
    /// SHA-256 of the library, lower-case hexadecimal.
    pub sha256: String,
}

/// What staging left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The folder with the programs, `builtin.lock` and `plugins/`.
    pub folder: PathBuf,
    /// What they are for.
    pub system: System,
    /// The plugins, ordered by id.
    pub plugins: Vec<StagedPlugin>,
}

/// Builds programs and plugins, then lays them out.
///
/// # Errors
/// The build fails, or whatever [`lay_out`] refuses.
pub fn build_and_lay_out(workspace: &Workspace, profile: Profile) -> Outcome<Staged> {
    build_with(workspace, profile, None)
}

/// As [`build_and_lay_out`], with one package more.
///
/// # Errors
/// As [`build_and_lay_out`].
pub fn build_with(workspace: &Workspace, profile: Profile, more: Option<&str>) -> Outcome<Staged> {
    let mut command = process::cargo();
    command.current_dir(&workspace.root).arg("build").args(profile.arguments());
    for package in PROGRAM_PACKAGES.into_iter().chain(PLUGIN_PACKAGES).chain(more) {
        command.args(["-p", package]);
    }
    process::run(&mut command)?;
    lay_out(workspace, profile)
}

impl Staged {
    /// The file of a program that was built.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(self.system.program_file(name))
    }
}

/// Lays out what was built before.
///
/// # Errors
/// A library, a program or a manifest is missing or unusable, or the target folder cannot be written.
pub fn lay_out(workspace: &Workspace, profile: Profile) -> Outcome<Staged> {
    let staged = lay_out_in(workspace, workspace.target_dir.join(profile.folder()), System::own()?)?;
    postgres::bundle(workspace, &staged.folder)?;
    Ok(staged)
}

/// As [`lay_out`], of programs that were built for a system into a folder.
///
/// # Errors
/// As [`lay_out`].
pub fn lay_out_in(workspace: &Workspace, folder: PathBuf, system: System) -> Outcome<Staged> {
    let mut plugins = Vec::new();
    for name in PLUGIN_PACKAGES {
        let package = workspace
            .package(name)
            .and_then(|package| package.folder.as_deref())
            .ok_or_else(|| Failure::refused(format!("no package {name} in this workspace")))?;
        let library = folder.join(system.library_file(name));
        plugins.push(stage_one(&folder, &workspace.root.join(package), &library, &system)?);
    }
    for program in PROGRAMS {
        let file = folder.join(system.program_file(program));
        if !file.is_file() {
            return Err(Failure::refused(format!("{} was not built", file.display())));
        }
    }
    plugins.sort_by(|left, right| left.id.cmp(&right.id));
    if let Some(pair) = plugins.windows(2).find(|pair| pair[0].id == pair[1].id) {
        return Err(Failure::refused(format!("two plugins have the id `{}`", pair[0].id)));
    }
    replace_file(&folder.join("builtin.lock"), lock_text(&plugins).as_bytes())?;
    Ok(Staged { folder, system, plugins })
}

/// Lays out one plugin: its library first, then the sidecar that names it.
fn stage_one(folder: &Path, package: &Path, library: &Path, system: &System) -> Outcome<StagedPlugin> {
    let manifest_file = package.join("plugin.toml");
    let manifest = fs::read_to_string(&manifest_file).while_doing(format!("reading {}", manifest_file.display()))?;
    let (id, version) = manifest_name(&manifest).while_doing(manifest_file.display())?;
    let bytes = fs::read(library).while_doing(format!("reading {}", library.display()))?;
    let file = library
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| Failure::refused(format!("{} is no file", library.display())))?;
    let plugin = StagedPlugin { id, version, file, size: bytes.len() as u64, sha256: sha256(&bytes) };
    let own = folder.join("plugins").join(&plugin.id);
    fs::create_dir_all(&own).while_doing(format!("creating {}", own.display()))?;
    replace_file(&own.join(&plugin.file), &bytes)?;
    replace_file(&own.join("plugin.toml"), sidecar(&manifest, &plugin, &system.target).as_bytes())?;
    remove_strangers(&own, &plugin.file, system)?;
    Ok(plugin)
}

/// The sidecar: the manifest as it is embedded, and the facts about the library beside it.
pub fn sidecar(manifest: &str, plugin: &StagedPlugin, target: &str) -> String {
    let StagedPlugin { file, size, sha256, .. } = plugin;
    let manifest = manifest.trim_end();
    format!(
        "{manifest}\n\n[artifact]\ntarget = \"{target}\"\nfile = \"{file}\"\nsize = {size}\nsha256 = \"{sha256}\"\n"
    )
}

/// The text of `builtin.lock`: the libraries that the host trusts because they were built with it.
pub fn lock_text(plugins: &[StagedPlugin]) -> String {
    let mut text = String::from("# Written by `cargo xtask stage`: the plugins that were built with these programs.\n");
    for StagedPlugin { id, version, file, size, sha256 } in plugins {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n[[plugin]]\nid = \"{id}\"\nversion = \"{version}\"\nfile = \"{file}\"\nsize = {size}\nsha256 = \"{sha256}\"\n"
        );
    }
    text
}

/// Id and version of a manifest: at its top or in its `[plugin]` table.
fn manifest_name(manifest: &str) -> Outcome<(String, String)> {
    let table: toml::Table = manifest.parse().while_doing("not valid TOML")?;
    if table.contains_key("artifact") {
        return Err(Failure::refused("it already has an [artifact] table, which only staging may write"));
    }
    let text = |key: &str| table.get(key).or_else(|| table.get("plugin")?.get(key)).and_then(toml::Value::as_str);
    let id = text("id");
    let id = id.ok_or_else(|| Failure::refused("it has no id"))?;
    let plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    if id.is_empty() || !id.chars().all(plain) {
        return Err(Failure::refused(format!("the id `{id}` is not made of a-z, 0-9 and -")));
    }
    let version = text("version").ok_or_else(|| Failure::refused("it has no version"))?;
    Ok((id.to_owned(), version.to_owned()))
}

/// The target triple that cargo builds for when none is named.
///
/// # Errors
/// `rustc` is missing or does not say.
pub fn host_target() -> Outcome<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = process::output_of(std::process::Command::new(rustc).arg("-vV"))?;
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Failure::refused("rustc -vV names no host"))
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Puts new content under a name: whoever has the old file open or mapped keeps it whole.
fn replace_file(file: &Path, content: &[u8]) -> Outcome<()> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(());
    }
    let doing = format!("writing {}", file.display());
    // Two that stage at once, in one process or in two, must not write one aside file.
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let turn = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let aside = file.with_extension(format!("part-{}-{turn}", std::process::id()));
    let written = fs::File::create(&aside).and_then(|mut open| open.write_all(content).and_then(|()| open.sync_all()));
    written.and_then(|()| fs::rename(&aside, file)).map_err(|error| {
        // The aside file is worthless now; the error that matters is the first one.
        let _ = fs::remove_file(&aside);
        Failure::refused(format!("{doing}: {error}"))
    })
}

/// A library under an earlier name would be a second plugin with the same id.
fn remove_strangers(folder: &Path, library: &str, system: &System) -> Outcome<()> {
    let doing = || format!("tidying {}", folder.display());
    for entry in fs::read_dir(folder).while_doing(doing())? {
        let entry = entry.while_doing(doing())?;
        let name = entry.file_name();
        let is_library = name.to_string_lossy().ends_with(system.library.1);
        if is_library && name != library {
            fs::remove_file(entry.path()).while_doing(doing())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(manifest: &str, words: &str) {
        let failure = manifest_name(manifest).unwrap_err().to_string();
        assert!(failure.contains(words), "{manifest:?} gave {failure}");
    }

    #[test]
    fn the_id_is_found_or_the_manifest_refused() {
        let named = |id: &str, version: &str| (id.to_owned(), version.to_owned());
        assert_eq!(manifest_name("id = \"cash\"\nversion = \"1.0.0\"").unwrap(), named("cash", "1.0.0"));
        let table = "[plugin]\nid = \"file-printer\"\nversion = \"2.1.0\"";
        assert_eq!(manifest_name(table).unwrap(), named("file-printer", "2.1.0"));
        refused("id = \"cash\"", "no version");
        refused("name = 1", "no id");
        refused("id = \"../up\"", "a-z, 0-9");
        refused("id = \"\"", "a-z, 0-9");
        refused("id = \"x\"\n[artifact]\n", "only staging");
        refused("id = ", "not valid TOML");
    }

    #[test]
    fn a_plugin_is_laid_out_and_laid_out_again() {
        let place = tempfile::tempdir().unwrap();
        let package = place.path().join("package");
        fs::create_dir(&package).unwrap();
        fs::write(package.join("plugin.toml"), "id = \"cash\"\nversion = \"1.0.0\"\nname = \"Cash\"\n").unwrap();
        let library = place.path().join("libcash.so");
        fs::write(&library, b"first build").unwrap();
        let system = System { target: "x86_64-unknown-linux-gnu".to_owned(), library: ("lib", ".so"), program: "" };
        let staged = stage_one(place.path(), &package, &library, &system).unwrap();
        assert_eq!(staged.size, 11);
        assert_eq!(staged.sha256, sha256(b"first build"));

        let own = place.path().join("plugins/cash");
        let sidecar: toml::Table = fs::read_to_string(own.join("plugin.toml")).unwrap().parse().unwrap();
        assert_eq!(sidecar["name"].as_str(), Some("Cash"));
        assert_eq!(sidecar["artifact"]["target"].as_str(), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(sidecar["artifact"]["size"].as_integer(), Some(11));
        assert_eq!(sidecar["artifact"]["sha256"].as_str(), Some(staged.sha256.as_str()));

        // A rebuild replaces the file by rename: an open handle still sees the old library, whole.
        fs::write(own.join("libolder.so"), b"left behind").unwrap();
        let mapped = fs::File::open(own.join("libcash.so")).unwrap();
        fs::write(&library, b"second").unwrap();
        let again = stage_one(place.path(), &package, &library, &system).unwrap();
        assert_eq!(std::io::read_to_string(mapped).unwrap(), "first build");
        assert_eq!(fs::read(own.join("libcash.so")).unwrap(), b"second");
        assert_ne!(again.sha256, staged.sha256);
        let mut names: Vec<_> = fs::read_dir(&own).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["libcash.so", "plugin.toml"]);
    }

    #[test]
    fn the_lock_lists_what_was_staged() {
        let (id, version) = ("cash".into(), "1.0.0".into());
        let plugin = StagedPlugin { id, version, file: "libcash.so".into(), size: 5, sha256: "ab".into() };
        let lock: toml::Table = lock_text(&[plugin]).parse().unwrap();
        let first = &lock["plugin"][0];
        assert_eq!(first["id"].as_str(), Some("cash"));
        assert_eq!(first["version"].as_str(), Some("1.0.0"));
        assert_eq!(first["file"].as_str(), Some("libcash.so"));
        assert_eq!(first["size"].as_integer(), Some(5));
        assert_eq!(first["sha256"].as_str(), Some("ab"));
    }

    #[test]
    fn hashes_and_names_are_as_others_write_them() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let windows = System::windows();
        assert_eq!(windows.library_file("aurapos-payment-cash"), "aurapos_payment_cash.dll");
        assert_eq!(windows.program_file("aurapos-admin"), "aurapos-admin.exe");
        let own = System::own().unwrap().library_file("aurapos-payment-cash");
        assert!(own.contains("aurapos_payment_cash."), "{own}");
        assert!(host_target().unwrap().contains(std::env::consts::ARCH));
    }
}
