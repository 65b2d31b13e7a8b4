//! What lies in the folders: `<dir>/<folder>/plugin.toml`, and which of it is trusted. Nothing is run here, and no library
//! is read unless several folders claim to hold the one that is trusted.

use crate::locks::LockFile;
use crate::options::PluginHostOptions;
use crate::refusal::{Code, Refusal};
use aurapos_plugin_api::manifest::{Artifact, Kind, MANIFEST_BYTES_MAX, Manifest, ManifestError};
use semver::{Version, VersionReq};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Most folders looked at in one directory.
const FOLDERS_MAX: usize = 1_000;

/// A folder with a manifest that could be read.
#[derive(Debug, Clone)]
pub struct Found {
    /// The manifest of the sidecar.
    pub manifest: Manifest,
    /// Its text.
    pub text: String,
    /// The folder.
    pub folder: PathBuf,
    /// It came with the program.
    pub builtin: bool,
    /// What the locks say about the file that the sidecar names.
    pub standing: Standing,
}

/// What the owner (or for a built-in the build) said about a file of this id and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// This very file is pinned.
    Trusted,
    /// Another file is.
    Replaced {
        /// Since when: RFC 3339, or empty.
        trusted: String,
    },
    /// None is.
    Unknown {
        /// Other versions of the id that are pinned.
        trusted: Vec<Version>,
    },
    /// The lock cannot be read.
    Unreadable(Refusal),
}

/// A folder whose manifest cannot be used.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The plugin's id, as far as its manifest or the folder's name tells.
    pub id: String,
    /// The version, if it is known.
    pub version: Option<Version>,
    /// The folder.
    pub folder: PathBuf,
    /// Why.
    pub refusal: Refusal,
}

/// Everything that was found.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// Usable manifests, by id, then version.
    pub found: Vec<Found>,
    /// The others.
    pub broken: Vec<Broken>,
}

impl Found {
    /// The file beside the manifest.
    ///
    /// # Errors
    /// The sidecar has no `[artifact]`.
    pub fn artifact(&self) -> Result<&Artifact, Refusal> {
        self.manifest.artifact.as_ref().ok_or_else(|| {
            Refusal::new(
                Code::Manifest,
                &self.manifest.id,
                "it has no [artifact]: pack the plugin before installing it",
            )
        })
    }

    /// The library's path.
    ///
    /// # Errors
    /// As [`Found::artifact`].
    pub fn library(&self) -> Result<PathBuf, Refusal> {
        Ok(self.folder.join(&self.artifact()?.file))
    }
}

/// Reads one folder's manifest.
///
/// # Errors
/// It is missing or wrong.
pub fn read_folder(folder: &Path, builtin: bool) -> Result<Found, Refusal> {
    read(folder, builtin).map_err(|broken| broken.refusal)
}

fn read(folder: &Path, builtin: bool) -> Result<Found, Broken> {
    let name = name_of(folder);
    let broken = |(id, version): (&str, Option<Version>), refusal| Broken {
        id: id.to_owned(),
        version,
        folder: folder.to_owned(),
        refusal,
    };
    let text = text_of(&folder.join("plugin.toml")).map_err(|error| {
        let mut refusal = Refusal::new(Code::Manifest, &name, &error);
        if error.kind() == io::ErrorKind::NotFound {
            refusal.message =
                format!("{}: there is no plugin in this folder: plugin.toml is missing", folder.display());
            refusal.next = "Give the folder that `plugin pack` made: plugin.toml and the library lie in it.".to_owned();
        }
        broken(named_by(&name), refusal)
    })?;
    let manifest = Manifest::parse(&text).map_err(|error| {
        // One for another version of AuraPOS says who it is, whatever its folder is called.
        let named = match &error {
            ManifestError::Api { id, version, .. } if !id.is_empty() => (id.as_str(), Version::parse(version).ok()),
            _ => named_by(&name),
        };
        let refusal = Refusal::of_manifest(named.0, &error);
        broken(named, refusal)
    })?;
    let standing = Standing::Unknown { trusted: Vec::new() };
    Ok(Found { manifest, text, folder: folder.to_owned(), builtin, standing })
}

/// A manifest's text; of one that is larger than any may be, only as much as shows that.
fn text_of(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(file)?.take(MANIFEST_BYTES_MAX as u64 + 4).read_to_string(&mut text)?;
    Ok(text)
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The folder in which `install` lays a plugin: two versions lie side by side. An id has no dot and a version has two, so
/// that no two plugins share a name.
pub(crate) fn folder_name(id: &str, version: &Version) -> String {
    format!("{id}-{version}")
}

/// What [`folder_name`] put together; a folder of another name is taken for an id.
fn named_by(folder: &str) -> (&str, Option<Version>) {
    let cuts = folder.match_indices('-').filter_map(|(at, _)| {
        let version = Version::parse(&folder[at + 1..]).ok()?;
        Some((&folder[..at], Some(version)))
    });
    cuts.into_iter().next().unwrap_or((folder, None))
}

/// Looks through all folders.
pub fn discover(options: &PluginHostOptions) -> Discovery {
    let mut all = Discovery::default();
    let builtin = options.builtin_dir.iter().map(|dir| (dir, true));
    // Where programs and data share a folder, the programs' plugins are not strangers as well.
    let strange = options.dirs.iter().filter(|dir| options.builtin_dir.as_ref() != Some(dir));
    for (dir, builtin) in builtin.chain(strange.map(|dir| (dir, false))) {
        let lock = LockFile::read(if builtin { &options.builtin_lock } else { &options.plugins_lock });
        for folder in folders(dir) {
            match read(&folder, builtin) {
                Ok(found) => all.found.push(Found { standing: standing(&found.manifest, &lock), ..found }),
                Err(broken) => all.broken.push(broken),
            }
        }
    }
    all.found.sort_by(|a, b| (&a.manifest.id, &a.manifest.version).cmp(&(&b.manifest.id, &b.manifest.version)));
    refuse_duplicates(&mut all);
    all
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("plugin.toml").is_file())
        .take(FOLDERS_MAX)
        .collect();
    folders.sort();
    folders
}

fn standing(manifest: &Manifest, lock: &Result<LockFile, Refusal>) -> Standing {
    let lock = match lock {
        Ok(lock) => lock,
        Err(refusal) => return Standing::Unreadable(refusal.clone()),
    };
    let claimed = manifest.artifact.as_ref().map(|artifact| artifact.sha256.as_str());
    match lock.pin_of(&manifest.id, &manifest.version) {
        Some(pin) if Some(pin.sha256.as_str()) == claimed => Standing::Trusted,
        Some(pin) => Standing::Replaced { trusted: pin.trusted.clone() },
        None => Standing::Unknown { trusted: lock.versions_of(&manifest.id) },
    }
}

/// A stranger cannot switch off what is trusted: one with the id of a built-in, or with id and version of a pinned file,
/// is refused alone. Where nothing is trusted, two third-party plugins of one id and version are both refused, for nobody
/// can tell which one is meant.
fn refuse_duplicates(all: &mut Discovery) {
    let found = std::mem::take(&mut all.found);
    let mut refused: Vec<Option<Refusal>> = Vec::new();
    for one in &found {
        let rivals = || found.iter().filter(|other| other.folder != one.folder && other.manifest.id == one.manifest.id);
        let same_version: Vec<&Found> =
            rivals().filter(|other| !other.builtin && other.manifest.version == one.manifest.version).collect();
        let winner = if let Some(builtin) = rivals().find(|other| other.builtin) {
            Some(builtin)
        } else {
            trusted_one(one, &same_version)
        };
        let is_duplicate = !one.builtin && (rivals().any(|other| other.builtin) || !same_version.is_empty());
        let loses = is_duplicate && winner.is_none_or(|winner| winner.folder != one.folder);
        refused.push(loses.then(|| duplicate(one, winner)));
    }
    for (one, refusal) in found.into_iter().zip(refused) {
        let Some(refusal) = refusal else {
            all.found.push(one);
            continue;
        };
        all.broken.push(Broken {
            refusal,
            id: one.manifest.id,
            version: Some(one.manifest.version),
            folder: one.folder,
        });
    }
}

/// Of folders with one id and version, the one that holds the pinned file. Whoever copies a sidecar claims to be it, so
/// that between several the files are read.
fn trusted_one<'a>(one: &'a Found, same_version: &[&'a Found]) -> Option<&'a Found> {
    let mut claim: Vec<&Found> = same_version.iter().copied().chain([one]).collect();
    claim.retain(|found| found.standing == Standing::Trusted);
    // In the order of their folders, so that each of them gives the same answer.
    claim.sort_by(|a, b| a.folder.cmp(&b.folder));
    match claim.as_slice() {
        [] => None,
        [only] => Some(only),
        several => several.iter().find(|found| crate::check::holds_its_file(found)).or(several.first()).copied(),
    }
}

fn duplicate(one: &Found, winner: Option<&Found>) -> Refusal {
    let (version, folder) = (&one.manifest.version, one.folder.display());
    let particulars = match winner {
        Some(winner) if !winner.builtin => {
            format!("version {version} in {folder}; the trusted one is in {}", winner.folder.display())
        }
        _ => format!("version {version} in {folder}"),
    };
    Refusal::new(Code::Duplicate, &one.manifest.id, particulars)
}

impl Discovery {
    /// The plugin that a selector (`sqlite`, `zvt@^1`) means, for a capability.
    ///
    /// # Errors
    /// None or several fit; the candidates are listed.
    pub fn select(&self, selector: &str, kind: Kind) -> Result<&Found, Refusal> {
        let (id, range) = match selector.split_once('@') {
            None => (selector, VersionReq::STAR),
            Some((id, range)) => {
                let parsed = VersionReq::parse(range);
                (
                    id,
                    parsed.map_err(|error| {
                        Refusal::new(Code::NotFound, selector, format!("`{range}` is no version range: {error}"))
                    })?,
                )
            }
        };
        let named: Vec<&Found> = self.found.iter().filter(|found| found.manifest.id == id).collect();
        let mut fits: Vec<&Found> =
            named.iter().copied().filter(|found| range_allows(&range, &found.manifest.version)).collect();
        // What nobody trusted does not make a name ambiguous.
        if fits.iter().any(|found| found.standing == Standing::Trusted) {
            fits.retain(|found| found.standing == Standing::Trusted);
        }
        match fits.as_slice() {
            [one] if one.manifest.kinds.contains(&kind) => Ok(one),
            [one] => {
                let can: Vec<&str> = one.manifest.kinds.iter().map(|kind| kind.word()).collect();
                let others = self.candidates(kind);
                Err(Refusal::new(Code::WrongKind, id, format!("it is for {}, not {kind}; {others}", can.join(", "))))
            }
            [] => Err(self.none_fits(selector, id, kind, &named)),
            several => {
                let versions: Vec<String> = several.iter().map(|found| found.manifest.version.to_string()).collect();
                Err(Refusal::new(Code::Ambiguous, selector, format!("versions {}", versions.join(", "))))
            }
        }
    }

    fn none_fits(&self, selector: &str, id: &str, kind: Kind, named: &[&Found]) -> Refusal {
        if let Some(broken) = self.broken.iter().find(|broken| broken.id == id) {
            return broken.refusal.clone();
        }
        if !named.is_empty() {
            let versions: Vec<String> = named.iter().map(|found| found.manifest.version.to_string()).collect();
            return Refusal::new(Code::NotFound, selector, format!("there is version {}", versions.join(", ")));
        }
        Refusal::new(Code::NotFound, selector, self.candidates(kind))
    }

    fn candidates(&self, kind: Kind) -> String {
        let fitting = self.found.iter().filter(|found| found.manifest.kinds.contains(&kind));
        let mut names: Vec<&str> = fitting.map(|found| found.manifest.id.as_str()).collect();
        names.dedup();
        if names.is_empty() {
            format!("no {kind} plugin is installed")
        } else {
            format!("{kind} plugins here: {}", names.join(", "))
        }
    }
}

/// A pre-release counts as its release: `^1` allows `1.2.0-beta`, which semver alone would refuse.
fn range_allows(range: &VersionReq, version: &Version) -> bool {
    range.matches(version) || range.matches(&Version::new(version.major, version.minor, version.patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: &str, version: &str, kinds: &str, folder: &str, builtin: bool) -> Found {
        let text = format!("id = \"{id}\"\nversion = \"{version}\"\nkinds = [{kinds}]\napi = \"^1\"\n");
        let standing = Standing::Unknown { trusted: Vec::new() };
        Found { manifest: Manifest::parse(&text).unwrap(), text, folder: folder.into(), builtin, standing }
    }

    fn trusted(id: &str, version: &str, folder: &str) -> Found {
        Found { standing: Standing::Trusted, ..found(id, version, "\"payment\"", folder, false) }
    }

    fn all() -> Discovery {
        let mut all = Discovery {
            found: vec![
                found("sqlite", "1.0.0", "\"storage\"", "b/sqlite", true),
                found("sqlite", "9.0.0", "\"storage\"", "t/evil", false),
                found("zvt", "1.4.0", "\"payment\"", "t/zvt1", false),
                found("zvt", "2.0.0", "\"payment\"", "t/zvt2", false),
                found("twin", "1.0.0", "\"printer\"", "t/a", false),
                found("twin", "1.0.0", "\"printer\"", "t/b", false),
                trusted("acme", "1.0.0", "t/m"),
                found("acme", "1.0.0", "\"payment\"", "t/k", false),
                found("acme", "7.0.0", "\"payment\"", "t/l", false),
                trusted("both", "1.1.0", "t/o"),
                trusted("both", "2.0.0", "t/p"),
            ],
            broken: Vec::new(),
        };
        refuse_duplicates(&mut all);
        all
    }

    #[test]
    fn selectors_find_one_plugin_or_say_what_there_is() {
        let all = all();
        let check = |selector: &str, kind: Kind, expected: Result<&str, (Code, &str)>| {
            let got = all.select(selector, kind).map(|found| found.manifest.version.to_string());
            match (got, expected) {
                (Ok(version), Ok(expected)) => assert_eq!(version, expected, "{selector}"),
                (Err(refusal), Err((code, words))) => {
                    assert_eq!(refusal.code, code, "{selector}: {refusal}");
                    assert!(refusal.message.contains(words), "{selector}: {refusal}");
                }
                (got, _) => panic!("{selector}: {got:?}"),
            }
        };
        check("sqlite", Kind::Storage, Ok("1.0.0"));
        check("zvt@^1", Kind::Payment, Ok("1.4.0"));
        check("zvt", Kind::Payment, Err((Code::Ambiguous, "1.4.0, 2.0.0")));
        check("zvt@^3", Kind::Payment, Err((Code::NotFound, "there is version 1.4.0, 2.0.0")));
        check("zvt@one", Kind::Payment, Err((Code::NotFound, "no version range")));
        check(
            "zvt@^1",
            Kind::Storage,
            Err((Code::WrongKind, "for payment, not storage; storage plugins here: sqlite")),
        );
        check("cash", Kind::Payment, Err((Code::NotFound, "payment plugins here: zvt, acme, both")));
        check("cash", Kind::Backup, Err((Code::NotFound, "no backup plugin is installed")));
        check("twin", Kind::Printer, Err((Code::Duplicate, "version 1.0.0")));
        check("acme", Kind::Payment, Ok("1.0.0"));
        check("acme@7", Kind::Payment, Ok("7.0.0"));
        check("both", Kind::Payment, Err((Code::Ambiguous, "1.1.0, 2.0.0")));
        check("both@^1", Kind::Payment, Ok("1.1.0"));
        check("both@^2", Kind::Payment, Ok("2.0.0"));
        let stranger = all.broken.iter().find(|broken| broken.id == "acme").unwrap();
        assert_eq!(stranger.folder, Path::new("t/k"), "alone, and named");
        assert!(stranger.refusal.message.contains("the trusted one is in t/m"), "{}", stranger.refusal);
    }

    #[test]
    fn folders_tell_id_and_version() {
        let check = |folder: &str, id: &str, version: Option<&str>| {
            let (its_id, its_version) = named_by(folder);
            assert_eq!((its_id, its_version.map(|version| version.to_string()).as_deref()), (id, version), "{folder}");
        };
        check("zvt", "zvt", None);
        check("acme-pay", "acme-pay", None);
        check("acme-pay-1.2.0", "acme-pay", Some("1.2.0"));
        check("acme-1-1.2.0-rc.1", "acme-1", Some("1.2.0-rc.1"));
        let version = Version::parse("1.2.0-rc.1").unwrap();
        assert_eq!(named_by(&folder_name("a-1", &version)), ("a-1", Some(version)));
    }
}
