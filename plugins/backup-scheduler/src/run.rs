//! Making one backup. At no moment is there a file that looks good and is not:
//!
//! lease → sweep → free space → private `.part-<uuid>` folder → snapshot → sync → read again and hash → manifest →
//! name both (manifest first, so that no backup stands without one) → sync the folder → the host's check → verdict in the
//! manifest. Until the verdict is there the file is listed as unchecked and counts for nothing. What does not pass is
//! renamed to `.refused`.

use crate::contract::backup::{BackupInfo, BackupSource, CopyCheck};
use crate::contract::storage::SnapshotInfo;
use crate::contract::value::Timestamp;
use crate::contract::{BackupHost, ErrorCode, HostServices, PluginError, PluginResult, Progress};
use crate::files::{self, Content, Part};
use crate::inspect::{self, check_copy, is_about_the_file, record_of};
use crate::manifest::{Link, Manifest, Record, Series, TableRows};
use crate::names::{self, BACKUP_PREFIX, REFUSED_SUFFIX, SAFETY_PREFIX};
use crate::shelf::{self, Shelf};
use crate::step::{Step, before};
use crate::{failure, os};
use std::fs;
use std::path::{Path, PathBuf};

/// Everything that making a backup needs. The caller holds the lease.
#[derive(Debug)]
pub struct Maker<'a> {
    /// Where.
    pub shelf: &'a Shelf,
    /// Clock and ids.
    pub services: &'a dyn HostServices,
    /// Snapshot and check.
    pub host: &'a dyn BackupHost,
    /// Who watches.
    pub progress: &'a dyn Progress,
    /// What it is a backup of.
    pub source: &'a BackupSource,
    /// The time to go by.
    pub now: Timestamp,
}

/// A copy that has its name and manifest, unchecked.
struct Named {
    path: PathBuf,
    manifest: Manifest,
}

/// What the check of a named copy said.
pub enum Outcome {
    /// It counts.
    Verified(BackupInfo),
    /// It was put aside; the sentence says why.
    Refused(BackupInfo, String),
}

impl Maker<'_> {
    /// Makes one backup of a series and has it checked.
    pub fn make(&self, series: Series) -> PluginResult<Outcome> {
        let named = self.copy(series)?;
        let checked = before(Step::Check).and_then(|()| check_copy(self.host, &named.path, self.progress));
        let (checked, problem) = match checked {
            Ok(checked) => {
                let problem = self.problem(&named, &checked);
                (Some(checked), problem)
            }
            Err(error) if is_about_the_file(error.code) => (None, Some(error.message)),
            Err(error) => {
                // Stopped on purpose: whoever stopped it wants no file. Otherwise it stays, unchecked.
                if error.code == ErrorCode::Cancelled {
                    remove(&named.path)?;
                }
                return Err(error);
            }
        };
        let check = record_of(checked.as_ref(), problem.as_deref(), self.services.now());
        let manifest = named.manifest.with_check(check);
        before(Step::Record)?;
        match problem {
            None => {
                files::replace_manifest(&shelf::manifest_path(&named.path), &manifest, self.services.new_id())?;
                Ok(Outcome::Verified(manifest.info(&named.path.to_string_lossy())))
            }
            // The state before a restore may well be damaged: that is why it is replaced. It keeps its name and verdict.
            Some(problem) if series == Series::Safety => {
                files::replace_manifest(&shelf::manifest_path(&named.path), &manifest, self.services.new_id())?;
                Ok(Outcome::Refused(manifest.info(&named.path.to_string_lossy()), problem))
            }
            Some(problem) => {
                let aside = self.put_aside(&named.path, &manifest)?;
                Ok(Outcome::Refused(manifest.info(&aside.to_string_lossy()), problem))
            }
        }
    }

    /// Up to the name and the manifest.
    fn copy(&self, series: Series) -> PluginResult<Named> {
        failure::stop_if_cancelled(self.progress)?;
        let folder = self.shelf.make_folder(series)?;
        before(Step::Space)?;
        self.check_space(&folder)?;
        before(Step::Part)?;
        let part = Part::create(&folder, self.services.new_id())?;
        let prefix = if series == Series::Safety { SAFETY_PREFIX } else { BACKUP_PREFIX };
        let local = shelf::local(self.services, self.now);
        let name = names::free(prefix, local, &self.source.extension, |name| self.shelf.has_name(name));
        let file = part.file(&name);
        before(Step::Snapshot)?;
        self.progress.report(0, 0, "copying the data");
        let snapshot = self.host.take_snapshot(&file.to_string_lossy(), self.progress)?;
        before(Step::Sync)?;
        os::make_private(&file)
            // For writing: Windows syncs nothing through a handle that may only read.
            .and_then(|()| fs::File::options().write(true).open(&file)?.sync_all())
            .map_err(|error| failure::io("writing", &file, &error))?;
        before(Step::Hash)?;
        let content = files::read_content(&file, "reading the copy again", self.progress)?;
        if content.bytes != snapshot.bytes {
            let message = format!("the copy has {} bytes, {} were written", content.bytes, snapshot.bytes);
            return Err(failure::damaged(message));
        }
        let manifest = Manifest::new(self.record(series, &name, &snapshot, content)?);
        before(Step::Manifest)?;
        files::write_new(&shelf::manifest_path(&file), &manifest.to_bytes())?;
        failure::stop_if_cancelled(self.progress)?;
        let path = folder.join(&name);
        before(Step::NameManifest)?;
        files::rename_new(&shelf::manifest_path(&file), &shelf::manifest_path(&path))?;
        let named = before(Step::NameFile).and_then(|()| files::rename_new(&file, &path));
        if named.is_err() {
            let _ = fs::remove_file(shelf::manifest_path(&path));
        }
        named?;
        before(Step::SyncFolder)?;
        files::sync_folder(&folder)?;
        Ok(Named { path, manifest })
    }

    /// Twice the size of the last copy: one for the copy, one so that the shop can go on selling on the same disk.
    fn check_space(&self, folder: &Path) -> PluginResult<()> {
        let last =
            self.shelf.entries()?.into_iter().filter(|entry| self.is_ours(entry)).filter_map(|entry| entry.bytes);
        let needed = last.take(1).max().unwrap_or(0).max(self.source.bytes).saturating_mul(2);
        let free = os::free_space(folder).map_err(|error| failure::io("asking the free space of", folder, &error))?;
        if free >= needed {
            return Ok(());
        }
        let message = format!(
            "not enough room for a backup in {}: {} MB are needed, {} MB are free; all earlier backups are kept",
            folder.display(),
            needed.div_ceil(1_000_000),
            free / 1_000_000
        );
        Err(PluginError::new(ErrorCode::DiskFull, message).with_next("Make room or choose another backup folder."))
    }

    fn is_ours(&self, entry: &shelf::Entry) -> bool {
        entry.manifest().is_some_and(|manifest| is_of(manifest.record(), self.source))
    }

    fn record(&self, series: Series, name: &str, snapshot: &SnapshotInfo, content: Content) -> PluginResult<Record> {
        let previous = self.last_link(series)?;
        Ok(Record {
            name: name.to_owned(),
            series,
            time: self.now,
            local_time: shelf::local(self.services, self.now).format("%Y-%m-%d %H:%M:%S").to_string(),
            number: previous.as_ref().map_or(1, |link| link.number + 1),
            previous,
            copy_of: None,
            bytes: content.bytes,
            sha256: content.sha256,
            position: snapshot.position,
            tables: snapshot
                .tables
                .iter()
                .map(|table| TableRows { table: table.table.clone(), rows: table.rows })
                .collect(),
            epoch: snapshot.epoch.to_string(),
            engine: self.source.engine.clone(),
            program: self.source.program.clone(),
            shop: self.source.shop.to_string(),
            shop_name: self.source.shop_name.clone(),
            register: self.source.register.clone(),
        })
    }

    /// The manifest with the highest number of this source's series.
    fn last_link(&self, series: Series) -> PluginResult<Option<Link>> {
        let entries = self.shelf.entries()?;
        let mine = entries.iter().filter(|entry| entry.series == series && self.is_ours(entry));
        Ok(mine.filter_map(shelf::Entry::manifest).map(Manifest::link).max_by_key(|link| link.number))
    }

    /// What the host's check and our own comparison say against a copy.
    fn problem(&self, named: &Named, checked: &CopyCheck) -> Option<String> {
        let record = named.manifest.record();
        if !checked.ok {
            return Some(inspect::refusal(checked));
        }
        if checked.position != record.position {
            return Some(format!("it ends at commit {}, {} were copied", checked.position, record.position));
        }
        if checked.shop != self.source.shop {
            return Some("it is the data of another shop".to_owned());
        }
        inspect::row_problem(&record.tables, checked)
    }

    /// Renames what did not pass: first the file, so that it can no longer be taken for a backup.
    fn put_aside(&self, path: &Path, manifest: &Manifest) -> PluginResult<PathBuf> {
        let mut aside = path.as_os_str().to_owned();
        aside.push(REFUSED_SUFFIX);
        let aside = PathBuf::from(aside);
        files::rename_new(path, &aside)?;
        let old = shelf::manifest_path(path);
        files::replace_manifest(&shelf::manifest_path(&aside), manifest, self.services.new_id())?;
        fs::remove_file(&old).map_err(|error| failure::io("removing", &old, &error))?;
        files::sync_folder(path.parent().unwrap_or(self.shelf.root()))?;
        Ok(aside)
    }
}

/// Whether a backup is of this register of this shop, in this format: another register may write into the same folder.
pub fn is_of(record: &Record, source: &BackupSource) -> bool {
    record.shop == source.shop.to_string()
        && record.register == source.register
        && record.name.ends_with(&format!(".{}", source.extension))
}

/// Deletes a backup: the file, then its manifest. What a cut of power leaves is a manifest that says what is missing.
pub fn remove(path: &Path) -> PluginResult<()> {
    for (step, path) in [(Step::Delete, path.to_path_buf()), (Step::DeleteManifest, shelf::manifest_path(path))] {
        before(step)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failure::io("deleting", &path, &error));
            }
            _ => {}
        }
    }
    files::sync_folder(path.parent().unwrap_or(Path::new(".")))
}
