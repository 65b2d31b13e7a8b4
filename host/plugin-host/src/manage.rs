//! What an owner does with plugins: list, install, trust, enable, disable, remove. Configuration is never touched here.

use crate::check::{Ask, check};
use crate::discover::{Found, folder_name, read_folder};
use crate::files::{now_text, write_atomically};
use crate::format;
use crate::host::PluginHost;
use crate::locks::{LockFile, Pin};
use crate::refusal::{Code, Refusal};
use crate::state::Quarantined;
use aurapos_plugin_api::manifest::{Artifact, Kind, Manifest, Words, pack};
use semver::Version;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// How a plugin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PluginState {
    /// Its file passes every check; not loaded by this program.
    Ready,
    /// Loaded by this program.
    Loaded,
    /// Loaded, and a call hangs.
    Hung,
    /// The owner switched it off.
    Disabled,
    /// Not used any more until the owner says so.
    Quarantined,
    /// A check failed.
    Refused,
}

impl PluginState {
    /// The word in `plugin list`.
    pub fn word(self) -> &'static str {
        match self {
            PluginState::Ready => "ready",
            PluginState::Loaded => "loaded",
            PluginState::Hung => "hung",
            PluginState::Disabled => "disabled",
            PluginState::Quarantined => "quarantined",
            PluginState::Refused => "refused",
        }
    }
}

/// One line of `plugin list`.
#[derive(Debug, Clone)]
pub struct PluginStatus {
    /// Id; as the folder's name tells it when the manifest cannot be read.
    pub id: String,
    /// Version; empty when unknown.
    pub version: String,
    /// Name for people.
    pub name: Words,
    /// Publisher; may be empty.
    pub publisher: String,
    /// Capabilities.
    pub kinds: Vec<Kind>,
    /// It came with the program.
    pub builtin: bool,
    /// How it is.
    pub state: PluginState,
    /// Where it would run: always `in-process` until the runner exists.
    pub isolation: &'static str,
    /// Its folder.
    pub path: PathBuf,
    /// Why it is refused, or what happened last.
    pub refusal: Option<Refusal>,
    /// Panics since the program started.
    pub panics: u64,
}

/// What `install` did.
#[derive(Debug, Clone)]
pub struct Installed {
    /// What is installed.
    pub manifest: Manifest,
    /// Other versions of it that are trusted too.
    pub others: Vec<Version>,
}

/// `ID` or `ID@VERSION`, as an owner names one of the installed plugins.
struct Named<'a> {
    text: &'a str,
    id: &'a str,
    version: Option<Version>,
}

impl<'a> Named<'a> {
    fn parse(text: &'a str) -> Result<Named<'a>, Refusal> {
        let Some((id, version)) = text.split_once('@') else { return Ok(Named { text, id: text, version: None }) };
        let version = Version::parse(version)
            .map_err(|error| Refusal::new(Code::NotFound, text, format!("`{version}` is no version: {error}")))?;
        Ok(Named { text, id, version: Some(version) })
    }

    fn means(&self, id: &str, version: Option<&Version>) -> bool {
        self.id == id && (self.version.is_none() || self.version.as_ref() == version)
    }

    fn ambiguous(&self, versions: &BTreeSet<&Version>) -> Refusal {
        let listed: Vec<String> = versions.iter().map(ToString::to_string).collect();
        let example = versions.first().map_or_else(String::new, |version| format!("{}@{version}", self.id));
        Refusal {
            next: format!("Name one of them: `{example}`."),
            ..Refusal::new(Code::Ambiguous, self.id, format!("versions {}", listed.join(", ")))
        }
    }
}

impl PluginHost {
    /// Everything in the folders, and how it is. Runs no plugin.
    pub fn list(&self) -> Vec<PluginStatus> {
        let discovery = self.discover();
        let mut all: Vec<PluginStatus> = discovery.found.iter().map(|found| self.status(found)).collect();
        all.extend(discovery.broken.into_iter().map(|broken| PluginStatus {
            id: broken.id,
            version: broken.version.map(|version| version.to_string()).unwrap_or_default(),
            name: Words::default(),
            publisher: String::new(),
            kinds: Vec::new(),
            builtin: false,
            state: PluginState::Refused,
            isolation: "in-process",
            path: broken.folder,
            refusal: Some(broken.refusal),
            panics: 0,
        }));
        all.sort_by(|a, b| (!a.builtin, &a.id, &a.version).cmp(&(!b.builtin, &b.id, &b.version)));
        all
    }

    fn status(&self, found: &Found) -> PluginStatus {
        let manifest = &found.manifest;
        let (state, refusal, panics) = self.judge(found);
        PluginStatus {
            id: manifest.id.clone(),
            version: manifest.version.to_string(),
            name: manifest.name.clone(),
            publisher: manifest.publisher.clone(),
            kinds: manifest.kinds.clone(),
            builtin: found.builtin,
            state,
            isolation: "in-process",
            path: found.folder.clone(),
            refusal,
            panics,
        }
    }

    fn judge(&self, found: &Found) -> (PluginState, Option<Refusal>, u64) {
        let id = found.manifest.id.as_str();
        let sha256 = found.manifest.artifact.as_ref().map_or("", |artifact| artifact.sha256.as_str());
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(sha256).cloned();
        let panics = loaded.as_ref().map_or(0, |loaded| loaded.watch.panics());
        if self.state.is_disabled(id) {
            return (PluginState::Disabled, Some(Refusal::new(Code::Disabled, id, "")), panics);
        }
        if let Some(refusal) = self.quarantine_of(id, sha256) {
            return (PluginState::Quarantined, Some(refusal), panics);
        }
        if let Some(loaded) = loaded {
            let note = loaded.watch.noted();
            let hung = note.as_ref().is_some_and(|note| note.code == Code::StoreHung);
            return (if hung { PluginState::Hung } else { PluginState::Loaded }, note, panics);
        }
        match check(found, &self.options, Ask::Everything) {
            Err(refusal) => (PluginState::Refused, Some(refusal), panics),
            Ok(checked) => match self
                .state
                .probed(&checked.sha256)
                .and_then(|probed| crate::state::code_of(&probed.code).map(|code| (code, probed.message)))
            {
                None => (PluginState::Ready, None, panics),
                Some((code, message)) => {
                    (PluginState::Refused, Some(Refusal { code, message, next: code.next().to_owned() }), panics)
                }
            },
        }
    }

    /// Everything in quarantine, with the call and the time.
    pub fn quarantine(&self) -> Vec<Quarantined> {
        self.state.quarantine_list()
    }

    /// Copies a packed plugin folder into the shop's plugins and trusts this very file. Another version that is there stays,
    /// and stays trusted.
    ///
    /// # Errors
    /// A check on the file fails, the id is a built-in's, or the copy cannot be written.
    pub fn install(&self, source: &Path) -> Result<Installed, Refusal> {
        let found = read_folder(source, false)?;
        let Manifest { id, version, .. } = &found.manifest;
        if self.discover().found.iter().any(|known| known.builtin && known.manifest.id == *id) {
            return Err(Refusal::new(Code::Duplicate, id, "a plugin of this name came with AuraPOS"));
        }
        let checked = check(&found, &self.options, Ask::ExceptTrust)?;
        let artifact = found.artifact()?;
        let target = self.install_dir(id)?.join(folder_name(id, version));
        let failed = |error: std::io::Error| Refusal::new(Code::State, id, format!("{}: {error}", target.display()));
        // The library first: a sidecar without its library is refused, a library without a sidecar is not seen.
        write_atomically(&target.join(&artifact.file), checked.image.bytes()).map_err(failed)?;
        write_atomically(&target.join("plugin.toml"), found.text.as_bytes()).map_err(failed)?;
        for entry in fs::read_dir(&target).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let stays = path.file_name().is_some_and(|name| name == "plugin.toml" || name == artifact.file.as_str());
            if !stays && path.is_file() {
                fs::remove_file(&path).map_err(failed)?;
            }
        }
        let mut others = self.pin(&found, &checked.sha256)?.versions_of(id);
        others.retain(|other| other != version);
        Ok(Installed { manifest: found.manifest, others })
    }

    fn install_dir(&self, id: &str) -> Result<&Path, Refusal> {
        let dir = self.options.dirs.first().map(PathBuf::as_path);
        dir.ok_or_else(|| Refusal::new(Code::State, id, "no folder for plugins is set"))
    }

    fn pin(&self, found: &Found, sha256: &str) -> Result<LockFile, Refusal> {
        let artifact = found.artifact()?;
        let mut lock = LockFile::read(&self.options.plugins_lock)?;
        lock.pin(Pin {
            id: found.manifest.id.clone(),
            version: found.manifest.version.clone(),
            file: artifact.file.clone(),
            size: artifact.size,
            sha256: sha256.to_owned(),
            trusted: now_text(),
        });
        lock.write(&self.options.plugins_lock)?;
        Ok(lock)
    }

    /// The third-party plugin of that name.
    fn third_party(&self, named: &Named) -> Result<Found, Refusal> {
        let discovery = self.discover();
        let is_meant = |found: &&Found| named.means(&found.manifest.id, Some(&found.manifest.version));
        let meant: Vec<&Found> = discovery.found.iter().filter(is_meant).collect();
        match meant.as_slice() {
            [found] if found.builtin => Err(Refusal::new(Code::BuiltIn, named.id, "")),
            [found] => Ok((*found).clone()),
            [] => {
                let broken =
                    discovery.broken.into_iter().find(|broken| named.means(&broken.id, broken.version.as_ref()));
                Err(broken.map_or_else(|| Refusal::new(Code::NotFound, named.text, ""), |broken| broken.refusal))
            }
            several => {
                let versions: BTreeSet<&Version> = several.iter().map(|found| &found.manifest.version).collect();
                Err(named.ambiguous(&versions))
            }
        }
    }

    /// Trusts the file that is there now: `ID`, or `ID@VERSION` where several are. An update by hand changed the library;
    /// its sidecar must fit it.
    ///
    /// # Errors
    /// A check on the file fails.
    pub fn trust(&self, name: &str) -> Result<Manifest, Refusal> {
        let found = self.third_party(&Named::parse(name)?)?;
        let checked = check(&found, &self.options, Ask::ExceptTrust)?;
        self.pin(&found, &checked.sha256)?;
        Ok(found.manifest)
    }

    /// Removes a third-party plugin's folders and its pin: `ID`, or `ID@VERSION` where several versions are.
    ///
    /// # Errors
    /// There is none, several versions are there and none is named, or a folder cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), Refusal> {
        let named = Named::parse(name)?;
        let discovery = self.discover();
        if discovery.found.iter().any(|found| found.builtin && found.manifest.id == named.id) {
            return Err(Refusal::new(Code::BuiltIn, named.id, "it cannot be removed"));
        }
        let found = discovery.found.iter().map(|one| (&one.manifest.id, Some(&one.manifest.version), &one.folder));
        let broken = discovery.broken.iter().map(|one| (&one.id, one.version.as_ref(), &one.folder));
        let meant: Vec<_> = found.chain(broken).filter(|(id, version, _)| named.means(id, *version)).collect();
        let mut lock = LockFile::read(&self.options.plugins_lock)?;
        let pinned = lock.versions_of(named.id);
        let versions: BTreeSet<&Version> = meant.iter().filter_map(|(_, version, _)| *version).chain(&pinned).collect();
        if named.version.is_none() && versions.len() > 1 {
            return Err(named.ambiguous(&versions));
        }
        let was_pinned = lock.forget(named.id, named.version.as_ref());
        if meant.is_empty() && !was_pinned {
            return Err(Refusal::new(Code::NotFound, name, ""));
        }
        for (_, _, folder) in meant {
            fs::remove_dir_all(folder)
                .map_err(|error| Refusal::new(Code::State, name, format!("{}: {error}", folder.display())))?;
        }
        lock.write(&self.options.plugins_lock)
    }

    /// Lifts the quarantine and the switch of a plugin, and lets a failed trial be tried again.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn enable(&self, id: &str) -> Result<(), Refusal> {
        let discovery = self.discover();
        let of_id = discovery.found.iter().filter(|found| found.manifest.id == id);
        let hashes: Vec<String> =
            of_id.filter_map(|found| Some(found.manifest.artifact.as_ref()?.sha256.clone())).collect();
        self.state.enable(id, &hashes)?;
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.values().filter(|loaded| loaded.watch.id == id).for_each(|loaded| loaded.watch.lift());
        Ok(())
    }

    /// Switches a plugin off from the next start on; what is open stays open.
    ///
    /// # Errors
    /// No such plugin, or the state cannot be written.
    pub fn disable(&self, id: &str) -> Result<(), Refusal> {
        let discovery = self.discover();
        let known = discovery.found.iter().any(|found| found.manifest.id == id)
            || discovery.broken.iter().any(|broken| broken.id == id);
        if known { self.state.disable(id) } else { Err(Refusal::new(Code::NotFound, id, "")) }
    }

    /// Whoever computes an answer again and finds it wrong says so here: the plugin is put into quarantine.
    pub fn report_wrong_answer(&self, id: &str, call: &str, particulars: &str) -> Option<Refusal> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = loaded.values().map(|loaded| &loaded.watch).find(|watch| watch.id == id)?;
        Some(watch.quarantine(Code::WrongAnswer, call, particulars))
    }
}

/// The sidecar's text for a manifest and a library file beside it: what an author ships.
///
/// # Errors
/// The manifest is wrong, or the library is none for `target`.
pub fn pack_library(manifest: &str, library: &Path, target: &str) -> Result<String, Refusal> {
    let unreadable =
        |error: std::io::Error| Refusal::new(Code::Unreadable, "", format!("{}: {error}", library.display()));
    let bytes = fs::read(library).map_err(unreadable)?;
    format::check("", &bytes, target)?;
    let file = library.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    pack(manifest, &Artifact::of(&bytes, &file, target)).map_err(|error| Refusal::of_manifest("", &error))
}
