//! What lies in the folders: `<dir>/<folder>/plugin.toml`. Nothing is run and no library is read here.

use crate::options::PluginHostOptions;
use crate::refusal::{Code, Refusal};
use aurapos_plugin_api::manifest::{Artifact, Kind, Manifest, ManifestError};
use semver::{Version, VersionReq};
use std::fs;
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
}

/// A folder whose manifest cannot be used.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Its id where it tells one, else the folder's name.
    pub name: String,
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
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let broken = |name: &str, refusal| Broken { name: name.to_owned(), folder: folder.to_owned(), refusal };
    let text = fs::read_to_string(folder.join("plugin.toml"))
        .map_err(|error| broken(&name, Refusal::new(Code::Manifest, &name, error)))?;
    let manifest = Manifest::parse(&text).map_err(|error| {
        // One for another version of AuraPOS says who it is, whatever its folder is called.
        let name = match &error {
            ManifestError::Api { id, .. } if !id.is_empty() => id,
            _ => &name,
        };
        broken(name, Refusal::of_manifest(name, &error))
    })?;
    Ok(Found { manifest, text, folder: folder.to_owned(), builtin })
}

/// Looks through all folders.
pub fn discover(options: &PluginHostOptions) -> Discovery {
    let mut all = Discovery::default();
    let builtin = options.builtin_dir.iter().map(|dir| (dir, true));
    // Where programs and data share a folder, the programs' plugins are not strangers as well.
    let strange = options.dirs.iter().filter(|dir| options.builtin_dir.as_ref() != Some(dir));
    for (dir, builtin) in builtin.chain(strange.map(|dir| (dir, false))) {
        for folder in folders(dir) {
            match read(&folder, builtin) {
                Ok(found) => all.found.push(found),
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

/// Two third-party plugins of one id and version are both refused, for nobody can tell which one is meant. A stranger
/// with the id of a built-in is refused alone: it must not be able to switch the built-in off.
fn refuse_duplicates(all: &mut Discovery) {
    let is_duplicate = |one: &Found, found: &[Found]| {
        !one.builtin
            && found.iter().any(|other| {
                other.folder != one.folder
                    && other.manifest.id == one.manifest.id
                    && (other.builtin || other.manifest.version == one.manifest.version)
            })
    };
    let (duplicates, found): (Vec<Found>, Vec<Found>) =
        all.found.iter().cloned().partition(|one| is_duplicate(one, &all.found));
    all.found = found;
    all.broken.extend(duplicates.into_iter().map(|one| Broken {
        refusal: Refusal::new(
            Code::Duplicate,
            &one.manifest.id,
            format!("version {} in {}", one.manifest.version, one.folder.display()),
        ),
        name: one.manifest.id,
        folder: one.folder,
    }));
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
        let fits: Vec<&Found> =
            named.iter().copied().filter(|found| range_allows(&range, &found.manifest.version)).collect();
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
        if let Some(broken) = self.broken.iter().find(|broken| broken.name == id) {
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
        let names: Vec<&str> = fitting.map(|found| found.manifest.id.as_str()).collect();
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
        Found { manifest: Manifest::parse(&text).unwrap(), text, folder: folder.into(), builtin }
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
        check("cash", Kind::Payment, Err((Code::NotFound, "payment plugins here: zvt")));
        check("cash", Kind::Backup, Err((Code::NotFound, "no backup plugin is installed")));
        check("twin", Kind::Printer, Err((Code::Duplicate, "version 1.0.0")));
    }
}
