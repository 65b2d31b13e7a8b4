//! What the host remembers of plugins between starts: quarantine, probe results, what the owner switched off.

use crate::files::{now_text, write_atomically};
use crate::refusal::{Code, Refusal};
use crate::sentinel::Death;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most probe results kept; the oldest go first.
const PROBES_MAX: usize = 200;
/// Most plugin files in quarantine; the oldest go first.
const QUARANTINE_MAX: usize = 200;

/// A plugin in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Plugin id.
    pub id: String,
    /// SHA-256 of the library; another file under the same id is another plugin.
    pub sha256: String,
    /// Code of the reason: `P-150`.
    pub code: String,
    /// The call it happened in; may be empty.
    pub call: String,
    /// The reason, one sentence.
    pub reason: String,
    /// Since when, RFC 3339.
    pub time: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct QuarantineFile {
    #[serde(default, rename = "plugin")]
    plugins: Vec<Quarantined>,
}

/// What a trial run said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probed {
    pub(crate) sha256: String,
    /// Empty: it passed.
    pub(crate) code: String,
    pub(crate) message: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct ProbeFile {
    #[serde(default)]
    probe: Vec<Probed>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct DisabledFile {
    #[serde(default)]
    ids: Vec<String>,
}

/// The files of the state folder.
#[derive(Debug)]
pub(crate) struct State {
    folder: PathBuf,
    /// One writer at a time: every change reads the file again, since another process may have written it.
    lock: Mutex<()>,
}

fn read<T: Default + DeserializeOwned>(file: &Path) -> T {
    let Ok(text) = std::fs::read_to_string(file) else { return T::default() };
    toml::from_str(&text).unwrap_or_else(|error: toml::de::Error| {
        // What stands there only ever forbids; an unreadable file must not stop the shop.
        tracing::error!(file = %file.display(), error = error.message(), "cannot be read; it starts anew");
        T::default()
    })
}

fn write<T: Serialize>(file: &Path, value: &T) -> Result<(), Refusal> {
    let text = toml::to_string(value).map_err(|error| Refusal::new(Code::State, "", error))?;
    write_atomically(file, text.as_bytes())
        .map_err(|error| Refusal::new(Code::State, "", format!("{}: {error}", file.display())))
}

impl State {
    pub(crate) fn new(folder: &Path) -> State {
        State { folder: folder.to_owned(), lock: Mutex::new(()) }
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn quarantine_file(&self) -> PathBuf {
        self.folder.join("quarantine.toml")
    }
    fn probe_file(&self) -> PathBuf {
        self.folder.join("probes.toml")
    }
    fn disabled_file(&self) -> PathBuf {
        self.folder.join("disabled.toml")
    }

    /// Everything in quarantine.
    pub(crate) fn quarantine_list(&self) -> Vec<Quarantined> {
        read::<QuarantineFile>(&self.quarantine_file()).plugins
    }

    /// Why this file is in quarantine.
    pub(crate) fn quarantined(&self, id: &str, sha256: &str) -> Option<Quarantined> {
        self.quarantine_list().into_iter().find(|one| one.id == id && one.sha256 == sha256)
    }

    /// Puts a plugin into quarantine; the first reason stays.
    pub(crate) fn quarantine(&self, id: &str, sha256: &str, refusal: &Refusal, call: &str) {
        let _alone = self.alone();
        let mut file: QuarantineFile = read(&self.quarantine_file());
        if file.plugins.iter().any(|one| one.id == id && one.sha256 == sha256) {
            return;
        }
        file.plugins.push(Quarantined {
            id: id.to_owned(),
            sha256: sha256.to_owned(),
            code: refusal.code.text().to_owned(),
            call: call.to_owned(),
            reason: refusal.message.clone(),
            time: now_text(),
        });
        let surplus = file.plugins.len().saturating_sub(QUARANTINE_MAX);
        file.plugins.drain(..surplus);
        if let Err(error) = write(&self.quarantine_file(), &file) {
            tracing::error!(plugin = id, %error, "the quarantine could not be written");
        }
    }

    /// Puts those that took the program down into quarantine.
    pub(crate) fn quarantine_dead(&self, deaths: &[Death]) {
        for death in deaths {
            let (code, how) = match death.signal {
                Some(signal) => (Code::Crashed, format!("in the call `{}`, by signal {signal}", death.call)),
                None => (Code::Exited, format!("in the call `{}`", death.call)),
            };
            let refusal = Refusal::new(code, &death.id, how);
            tracing::error!(plugin = death.id, code = code.text(), "{refusal}: quarantined");
            self.quarantine(&death.id, &death.sha256, &refusal, death.call);
        }
    }

    /// Lifts quarantine and switch, and forgets a failed trial of these files.
    pub(crate) fn enable(&self, id: &str, hashes: &[String]) -> Result<(), Refusal> {
        let _alone = self.alone();
        let mut quarantine: QuarantineFile = read(&self.quarantine_file());
        quarantine.plugins.retain(|one| one.id != id);
        write(&self.quarantine_file(), &quarantine)?;
        let mut disabled: DisabledFile = read(&self.disabled_file());
        disabled.ids.retain(|known| known != id);
        write(&self.disabled_file(), &disabled)?;
        let mut probes: ProbeFile = read(&self.probe_file());
        probes.probe.retain(|probed| probed.code.is_empty() || !hashes.contains(&probed.sha256));
        write(&self.probe_file(), &probes)
    }

    /// Switches a plugin off.
    pub(crate) fn disable(&self, id: &str) -> Result<(), Refusal> {
        let _alone = self.alone();
        let mut disabled: DisabledFile = read(&self.disabled_file());
        if !disabled.ids.iter().any(|known| known == id) {
            disabled.ids.push(id.to_owned());
        }
        write(&self.disabled_file(), &disabled)
    }

    pub(crate) fn is_disabled(&self, id: &str) -> bool {
        read::<DisabledFile>(&self.disabled_file()).ids.iter().any(|known| known == id)
    }

    pub(crate) fn probed(&self, sha256: &str) -> Option<Probed> {
        read::<ProbeFile>(&self.probe_file()).probe.into_iter().find(|probed| probed.sha256 == sha256)
    }

    pub(crate) fn remember_probe(&self, probed: Probed) {
        let _alone = self.alone();
        let mut file: ProbeFile = read(&self.probe_file());
        file.probe.retain(|known| known.sha256 != probed.sha256);
        file.probe.push(probed);
        let surplus = file.probe.len().saturating_sub(PROBES_MAX);
        file.probe.drain(..surplus);
        if let Err(error) = write(&self.probe_file(), &file) {
            tracing::warn!(%error, "the trial's result is not remembered");
        }
    }
}

/// The code of that text.
pub(crate) fn code_of(text: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.text() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarantine_lasts_until_it_is_lifted() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::new(folder.path());
        let death = Death { id: "evil".into(), sha256: "ff".into(), call: "commit", signal: Some(6) };
        state.quarantine_dead(&[death]);
        state.quarantine("evil", "ff", &Refusal::new(Code::Hung, "evil", ""), "begin");
        state.remember_probe(Probed { sha256: "ff".into(), code: "P-116".into(), message: "hung".into() });
        state.remember_probe(Probed { sha256: "ee".into(), code: String::new(), message: String::new() });
        state.disable("evil").unwrap();
        let state = State::new(folder.path());
        let found = state.quarantined("evil", "ff").unwrap();
        assert_eq!((found.code.as_str(), found.call.as_str()), ("P-152", "commit"), "the first reason stays");
        assert!(state.quarantined("evil", "00").is_none(), "another file is another plugin");
        assert!(state.is_disabled("evil") && !state.is_disabled("good"));
        state.enable("evil", &["ff".to_owned()]).unwrap();
        assert!(state.quarantined("evil", "ff").is_none() && !state.is_disabled("evil"));
        assert!(state.probed("ff").is_none() && state.probed("ee").is_some());
    }
}
