//! The backup folder: what lies in it, found by manifests and names, without reading a backup whole.
//!
//! ```text
//! <root>/Daily/AuraPOS_backup_20260426_180042.db        and …db.json beside it
//! <root>/Weekly/…
//! <root>/AuraPOS_avant_restauration_20260426_180042.db  safety copies, and their manifests
//! …/AuraPOS_backup_20260426_180042.db.refused           a copy that did not pass its check, kept aside
//! …/.part-<uuid>                                        unfinished work; of the dead once the lease is ours
//! ```

use crate::contract::backup::{BackupInfo, BackupKind, BackupState};
use crate::contract::host::LocalTime;
use crate::contract::value::Timestamp;
use crate::contract::{ErrorCode, HostServices, PluginError, PluginResult};
use crate::manifest::{MANIFEST_BYTES_MAX, Manifest, ManifestError, Series, Verdict};
use crate::names::{self, BackupName, MANIFEST_SUFFIX, REFUSED_SUFFIX};
use crate::{failure, os};
use chrono::{Datelike, NaiveDateTime, Timelike};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where the backups of one instance are.
#[derive(Debug, Clone)]
pub struct Shelf {
    root: PathBuf,
}

/// One backup, or what is left of one.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The file; its name without `.refused` is `name`.
    pub path: PathBuf,
    /// File name by which people ask for it.
    pub name: String,
    /// The folder it lies in.
    pub series: Series,
    /// What its name says.
    pub parsed: BackupName,
    /// Size on the disk; `None` when only the manifest is left.
    pub bytes: Option<u64>,
    /// Kept aside: did not pass its check when it was made.
    pub aside: bool,
    /// `None`: a file without a manifest.
    pub manifest: Option<Result<Manifest, ManifestError>>,
}

impl Shelf {
    /// The shelf at this folder, which need not exist.
    pub fn new(root: PathBuf) -> Self {
        Shelf { root }
    }

    /// The folder of all.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of a series.
    pub fn folder(&self, series: Series) -> PathBuf {
        match series {
            Series::Daily => self.root.join("Daily"),
            Series::Weekly => self.root.join("Weekly"),
            Series::Safety => self.root.clone(),
        }
    }

    /// The folder of a series, made when missing.
    pub fn make_folder(&self, series: Series) -> PluginResult<PathBuf> {
        let folder = self.folder(series);
        if !folder.is_dir() {
            os::create_private_folders(&folder).map_err(|error| failure::io("making the folder", &folder, &error))?;
            // Or a cut of power takes the folder away, with what was synced inside.
            folder.ancestors().skip(1).take(2).try_for_each(crate::files::sync_folder)?;
        }
        Ok(folder)
    }

    /// Everything that is a backup or has the name of one, newest name first.
    pub fn entries(&self) -> PluginResult<Vec<Entry>> {
        let mut entries = Vec::new();
        for series in [Series::Daily, Series::Weekly, Series::Safety] {
            let names: BTreeSet<String> = file_names(&self.folder(series))?
                .into_iter()
                .map(|name| name.strip_suffix(MANIFEST_SUFFIX).map(str::to_owned).unwrap_or(name))
                .collect();
            entries.extend(names.iter().filter_map(|file| self.entry(series, file)));
        }
        entries.sort_by(|one, other| (other.parsed.local, &other.name).cmp(&(one.parsed.local, &one.name)));
        Ok(entries)
    }

    /// The entry of a file (or of the manifest that is left of it); `None` when the name is not ours.
    fn entry(&self, series: Series, file: &str) -> Option<Entry> {
        let name = file.strip_suffix(REFUSED_SUFFIX).unwrap_or(file);
        let parsed = names::parse(name).filter(|parsed| parsed.safety == (series == Series::Safety))?;
        let path = self.folder(series).join(file);
        let bytes = fs::metadata(&path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len());
        let manifest = read_manifest(&path);
        if bytes.is_none() && manifest.is_none() {
            return None;
        }
        let name = name.to_owned();
        Some(Entry { aside: file.len() != name.len(), name, path, series, parsed, bytes, manifest })
    }

    /// The entry of this name.
    pub fn find(&self, name: &str) -> PluginResult<Entry> {
        // Every path ends with the empty one.
        if name.trim().is_empty() {
            return Err(PluginError::new(ErrorCode::BadValue, "no backup is named: the name is empty")
                .with_next("Take a name from the list of backups."));
        }
        self.entries()?.into_iter().find(|entry| entry.name == name || entry.path.ends_with(name)).ok_or_else(|| {
            PluginError::new(ErrorCode::NotFound, format!("there is no backup {name} in {}", self.root.display()))
                .with_next("Take a name from the list of backups.")
        })
    }

    /// Whether any file has this name, in any folder and form, so that a name means one backup.
    pub fn has_name(&self, name: &str) -> bool {
        [Series::Daily, Series::Weekly, Series::Safety].into_iter().any(|series| {
            let folder = self.folder(series);
            ["", REFUSED_SUFFIX].into_iter().any(|aside| {
                let path = folder.join(format!("{name}{aside}"));
                path.exists() || manifest_path(&path).exists()
            })
        })
    }

    /// Removes what dead runs left. Only with the lease: then nobody alive is writing here.
    pub fn sweep(&self) -> PluginResult<Vec<String>> {
        let mut swept = Vec::new();
        for series in [Series::Daily, Series::Weekly, Series::Safety] {
            let folder = self.folder(series);
            for name in all_names(&folder)?.into_iter().filter(|name| names::is_part(name)) {
                let path = folder.join(&name);
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|error| failure::io("removing", &path, &error))?;
                swept.push(name);
            }
        }
        // A run names the manifest first. If it died right then, the manifest speaks of a file that never was.
        for entry in self.entries()? {
            let never_checked =
                matches!(&entry.manifest, Some(Ok(manifest)) if manifest.check().verdict == Verdict::Unchecked);
            if entry.bytes.is_none() && never_checked {
                let path = manifest_path(&entry.path);
                fs::remove_file(&path).map_err(|error| failure::io("removing", &path, &error))?;
                swept.push(entry.name);
            }
        }
        Ok(swept)
    }
}

impl Entry {
    /// The manifest, if there is one that can be used.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref().and_then(|manifest| manifest.as_ref().ok())
    }

    /// What is wrong with it as far as a look at the folder tells.
    pub fn flaw(&self) -> Option<String> {
        let name = &self.name;
        match (&self.manifest, self.bytes) {
            (None, _) => None,
            (Some(Err(error)), _) => Some(format!("{name}: its manifest {error}")),
            (Some(Ok(_)), None) => Some(format!("{name} is missing; only its manifest is there")),
            (Some(Ok(manifest)), Some(bytes)) => flaw(manifest, name, self.series, bytes),
        }
    }

    /// Whether it counts: verified, and nothing wrong at a look.
    pub fn counts(&self) -> bool {
        !self.aside
            && self.flaw().is_none()
            && self.manifest().is_some_and(|manifest| manifest.check().verdict == Verdict::Verified)
    }

    /// The contract's view of it.
    pub fn info(&self, host: &dyn HostServices) -> BackupInfo {
        let path = self.path.display().to_string();
        let mut info = match self.manifest() {
            Some(manifest) => manifest.info(&path),
            None => BackupInfo {
                kind: BackupKind::from(self.series),
                time: utc(host, self.parsed.local),
                path,
                note: "no manifest; not checked".to_owned(),
                ..Default::default()
            },
        };
        info.name.clone_from(&self.name);
        info.bytes = self.bytes.unwrap_or(0);
        if self.aside {
            info.state = BackupState::Refused;
        }
        if let Some(flaw) = self.flaw() {
            info.state = BackupState::Refused;
            info.note = flaw;
        }
        info
    }
}

/// What a manifest says against the name, folder and size of the file beside it.
fn flaw(manifest: &Manifest, name: &str, series: Series, bytes: u64) -> Option<String> {
    let record = manifest.record();
    if record.series != series {
        return Some(format!("{name} lies in the wrong folder: it is a {:?} backup", record.series).to_lowercase());
    }
    name_and_size_flaw(manifest, name, bytes)
}

/// The same, wherever it lies.
pub fn name_and_size_flaw(manifest: &Manifest, name: &str, bytes: u64) -> Option<String> {
    let record = manifest.record();
    if record.name != name {
        Some(format!("{name} was renamed: its manifest is of {}", record.name))
    } else if bytes < record.bytes {
        Some(format!("{name} is cut: {bytes} of {} bytes are there", record.bytes))
    } else if bytes > record.bytes {
        Some(format!("{name} has {} bytes too many", bytes - record.bytes))
    } else {
        None
    }
}

/// The manifest's path beside a file.
pub fn manifest_path(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(MANIFEST_SUFFIX);
    PathBuf::from(path)
}

/// The manifest beside a file; `None` when there is none.
pub fn read_manifest(file: &Path) -> Option<Result<Manifest, ManifestError>> {
    let file = match fs::File::open(manifest_path(file)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(Err(ManifestError::Unreadable(error.to_string()))),
    };
    let mut bytes = Vec::new();
    Some(match file.take(MANIFEST_BYTES_MAX).read_to_end(&mut bytes) {
        Ok(_) => Manifest::parse(&bytes),
        Err(error) => Err(ManifestError::Unreadable(error.to_string())),
    })
}

fn file_names(folder: &Path) -> PluginResult<Vec<String>> {
    Ok(all_names(folder)?.into_iter().filter(|name| !name.starts_with('.')).collect())
}

/// Names in a folder; none when it does not exist. A name that is not UTF-8 is none of ours.
fn all_names(folder: &Path) -> PluginResult<Vec<String>> {
    let failed = |error: &std::io::Error| failure::io("listing", folder, error);
    match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(&error)),
        Ok(items) => items
            .map(|item| item.map(|item| item.file_name().into_string().ok()))
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()
            .map_err(|error| failed(&error)),
    }
}

/// A time on the shop's clock.
pub fn local(host: &dyn HostServices, time: Timestamp) -> NaiveDateTime {
    let LocalTime { year, month, day, hour, minute, second, .. } = host.local_time(time);
    i32::try_from(year)
        .ok()
        .and_then(|year| chrono::NaiveDate::from_ymd_opt(year, month, day))
        .and_then(|date| date.and_hms_opt(hour, minute, second))
        .unwrap_or_default()
}

fn utc(host: &dyn HostServices, local: NaiveDateTime) -> Timestamp {
    host.utc_time(&LocalTime {
        year: i64::from(local.year()),
        month: local.month(),
        day: local.day(),
        hour: local.hour(),
        minute: local.minute(),
        second: local.second(),
        offset_s: 0,
    })
}
