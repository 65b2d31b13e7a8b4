//! Everything that can be known of a plugin without running any of it, in the order of the design: API range, target,
//! size, hash, trust, file format.

use crate::discover::{Discovery, Found};
use crate::elf;
use crate::image::Image;
use crate::locks::{LockFile, Pin};
use crate::options::{Holding, PluginHostOptions, Trust};
use crate::refusal::{Code, Refusal};
use aurapos_plugin_api::API_VERSION;
use aurapos_plugin_api::manifest::Artifact;
use semver::Version;
use std::fs;
use std::path::Path;

/// The largest library, in bytes.
const LIBRARY_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// A library that passed every check on its file.
#[derive(Debug)]
pub(crate) struct Checked {
    /// SHA-256 of the library, hexadecimal.
    pub(crate) sha256: String,
    /// The bytes that were checked.
    pub(crate) image: Image,
}

/// Whether the owner must have trusted the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Everything, for loading.
    Everything,
    /// Everything but trust, for installing.
    ExceptTrust,
}

/// Runs all checks on the file.
///
/// # Errors
/// The first check that fails.
pub(crate) fn check(found: &Found, options: &PluginHostOptions, ask: Ask) -> Result<Checked, Refusal> {
    let id = found.manifest.id.as_str();
    check_api(found)?;
    let artifact = found.artifact()?;
    if artifact.target != options.target {
        let particulars = format!("built for {}, this register is {}", artifact.target, options.target);
        return Err(Refusal::new(Code::Target, id, particulars));
    }
    let image = read_library(found, artifact, options.holding)?;
    let actual = Artifact::of(image.bytes(), &artifact.file, &artifact.target);
    if actual.sha256 != artifact.sha256 {
        let short = |hash: &str| hash.get(..8).unwrap_or_default().to_owned();
        let particulars = format!("its fingerprint is {}, expected {}", short(&actual.sha256), short(&artifact.sha256));
        return Err(Refusal::new(Code::Hash, id, particulars));
    }
    if ask == Ask::Everything {
        check_trust(found, &actual, options)?;
    }
    elf::check(id, image.bytes(), &options.target)?;
    Ok(Checked { sha256: actual.sha256, image })
}

fn check_api(found: &Found) -> Result<(), Refusal> {
    let own = Version::parse(API_VERSION).expect("cargo made the version");
    let asked = &found.manifest.api;
    if asked.matches(&own) {
        return Ok(());
    }
    let particulars = format!("it needs version {asked} of the plugin interface, this program has {own}");
    Err(Refusal::new(Code::ApiRange, &found.manifest.id, particulars))
}

/// Opens the file once; everything that is known of it is known of this handle.
fn read_library(found: &Found, artifact: &Artifact, holding: Holding) -> Result<Image, Refusal> {
    let id = found.manifest.id.as_str();
    let path = found.folder.join(&artifact.file);
    let unreadable = |error: std::io::Error| Refusal::new(Code::Unreadable, id, format!("{}: {error}", path.display()));
    let file = fs::File::open(&path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    if size == 0 {
        return Err(Refusal::new(Code::Empty, id, path.display()));
    }
    if size != artifact.size {
        return Err(Refusal::new(Code::Size, id, format!("{size} of {} bytes are there", artifact.size)));
    }
    if size > LIBRARY_BYTES_MAX {
        let particulars = format!("it has {size} bytes; a plugin has {LIBRARY_BYTES_MAX} at most");
        return Err(Refusal::new(Code::Size, id, particulars));
    }
    Image::read(&file, size, holding).map_err(unreadable)
}

fn check_trust(found: &Found, actual: &Artifact, options: &PluginHostOptions) -> Result<(), Refusal> {
    let id = found.manifest.id.as_str();
    if found.builtin {
        let lock = LockFile::read(&options.builtin_lock)?;
        return match lock.of(id).next() {
            Some(pin) if pin.sha256 == actual.sha256 => Ok(()),
            Some(_) => Err(Refusal::new(Code::NotBuiltIn, id, "its file was replaced")),
            None => Err(Refusal::new(Code::NotBuiltIn, id, "it is not in builtin.lock")),
        };
    }
    if options.trust == Trust::Open {
        return Ok(());
    }
    let lock = LockFile::read(&options.plugins_lock)?;
    let pins: Vec<&Pin> = lock.of(id).collect();
    match pins.first() {
        None => Err(Refusal::new(Code::NotTrusted, id, "")),
        Some(pin) if pin.sha256 == actual.sha256 => Ok(()),
        Some(pin) => {
            let day = pin.trusted.get(..10).unwrap_or("an earlier day");
            Err(Refusal::new(Code::Changed, id, format!("trusted on {day}")))
        }
    }
}

/// Removes private copies of libraries that no folder has any more. A program that runs one keeps it: its file stays
/// mapped.
pub(crate) fn prune_copies(folder: &Path, discovery: &Discovery) {
    let wanted: Vec<&str> =
        discovery.found.iter().filter_map(|found| Some(found.manifest.artifact.as_ref()?.sha256.as_str())).collect();
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let hash = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let is_copy = path.extension().is_some_and(|ending| ending == "so");
        if is_copy
            && !wanted.contains(&hash.as_str())
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(file = %path.display(), %error, "an old copy of a plugin stays");
        }
    }
}
