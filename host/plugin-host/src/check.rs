//! Everything that can be known of a plugin without running any of it, in the order of the design: target, size, hash,
//! trust, file format. That its API range fits was found when its manifest was read: of another one's
//! manifest nothing else is understood.

use crate::discover::{Discovery, Found, Standing};
use crate::format;
use crate::image::Image;
use crate::options::{Holding, PluginHostOptions, Trust};
use crate::refusal::{Code, Refusal};
use aurapos_plugin_api::manifest::Artifact;
use semver::Version;
use std::env::consts::DLL_EXTENSION;
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
        check_trust(found, options)?;
    }
    format::check(id, image.bytes(), &options.target)?;
    Ok(Checked { sha256: actual.sha256, image })
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

/// The hash is compared before: what the sidecar says of its file is true here.
fn check_trust(found: &Found, options: &PluginHostOptions) -> Result<(), Refusal> {
    let id = found.manifest.id.as_str();
    let version = &found.manifest.version;
    match &found.standing {
        Standing::Trusted => Ok(()),
        Standing::Replaced { .. } if found.builtin => Err(Refusal::new(Code::NotBuiltIn, id, "its file was replaced")),
        Standing::Unknown { .. } if found.builtin => {
            Err(Refusal::new(Code::NotBuiltIn, id, "it is not in builtin.lock"))
        }
        _ if options.trust == Trust::Open && !found.builtin => Ok(()),
        Standing::Replaced { trusted } => {
            let day = trusted.get(..10).unwrap_or("an earlier day");
            Err(Refusal::new(Code::Changed, id, format!("trusted on {day}")))
        }
        Standing::Unknown { trusted } if trusted.is_empty() => Err(Refusal::new(Code::NotTrusted, id, "")),
        Standing::Unknown { trusted } => {
            let particulars = format!("version {version}; trusted: {}", listed(trusted));
            Err(Refusal::new(Code::NotTrusted, id, particulars))
        }
        Standing::Unreadable(refusal) => Err(refusal.clone()),
    }
}

/// Versions as a list for people.
pub(crate) fn listed(versions: &[Version]) -> String {
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether the file beside a sidecar is the one that the sidecar names.
pub(crate) fn holds_its_file(found: &Found) -> bool {
    let Ok(artifact) = found.artifact() else { return false };
    let image = read_library(found, artifact, Holding::Copy);
    image.is_ok_and(|image| Artifact::of(image.bytes(), &artifact.file, &artifact.target).sha256 == artifact.sha256)
}

/// Removes private copies of libraries that no folder has any more. A program that runs one keeps it: its file stays
/// mapped.
pub(crate) fn prune_copies(folder: &Path, discovery: &Discovery) {
    let wanted: Vec<&str> =
        discovery.found.iter().filter_map(|found| Some(found.manifest.artifact.as_ref()?.sha256.as_str())).collect();
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let hash = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let is_copy = path.extension().is_some_and(|ending| ending == DLL_EXTENSION);
        if is_copy
            && !wanted.contains(&hash.as_str())
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(file = %path.display(), %error, "an old copy of a plugin stays");
        }
    }
}
