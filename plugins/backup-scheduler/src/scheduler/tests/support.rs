//! A host for tests: its "database" is a text file with a checksum, its check reads that file.

use crate::contract::backup::{
    BackupInfo, BackupKind, BackupRequest, BackupSource, BackupState, BackupTrigger, CopyCheck,
};
use crate::contract::host::{LocalTime, LogLevel, NoProgress, Progress, Settings};
use crate::contract::storage::{RestoreReport, SnapshotInfo, TableCount};
use crate::contract::value::Timestamp;
use crate::contract::{
    BackupHost, BackupScheduler, ErrorCode, HostServices, PluginContext, PluginError, PluginResult, Uuid,
};
use crate::manifest::hex;
use crate::scheduler::{Scheduler, scheduler};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Two hours ahead of UTC, all year.
const OFFSET_S: i64 = 7200;
static IDS: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
pub struct Services {
    data: PathBuf,
}

impl HostServices for Services {
    fn log(&self, _: LogLevel, _: &str) {}
    fn now(&self) -> Timestamp {
        at("2026-04-26 18:00:42")
    }
    fn local_time(&self, time: Timestamp) -> LocalTime {
        let local = DateTime::from_timestamp_micros(time + OFFSET_S * 1_000_000).unwrap();
        LocalTime {
            year: i64::from(local.year()),
            month: local.month(),
            day: local.day(),
            hour: local.hour(),
            minute: local.minute(),
            second: local.second(),
            offset_s: OFFSET_S,
        }
    }
    fn utc_time(&self, local: &LocalTime) -> Timestamp {
        let date = NaiveDate::from_ymd_opt(local.year as i32, local.month, local.day).unwrap();
        let time = date.and_hms_opt(local.hour, local.minute, local.second).unwrap();
        time.and_utc().timestamp_micros() - OFFSET_S * 1_000_000
    }
    fn data_dir(&self) -> String {
        self.data.to_string_lossy().into_owned()
    }
    fn new_id(&self) -> Uuid {
        let life = u128::from(std::process::id()) << 64;
        Uuid::from_u128(life | u128::from(IDS.fetch_add(1, Ordering::Relaxed)))
    }
}

/// A local time as microseconds UTC.
pub fn at(local: &str) -> Timestamp {
    let time = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M:%S").unwrap();
    time.and_utc().timestamp_micros() - OFFSET_S * 1_000_000
}

/// How the host answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Good,
    SnapshotFails(ErrorCode),
    /// Writes half of the file and leaves it there, as a storage that breaks its promise would.
    SnapshotLeavesHalf,
    /// Says that it wrote more than is there.
    SnapshotLies,
    /// The copy is sound and empty, as after a full disk.
    SnapshotIsEmpty,
    CheckFinds,
    CheckFails(ErrorCode),
    CheckSeesOtherShop,
    CheckSeesOlderCommit,
    CheckCountsFewerRows,
    RestoreFails,
    SourceFails,
    /// A new machine: there is no shop yet.
    NothingHere,
}

#[derive(Debug)]
pub struct Host {
    pub data: PathBuf,
    pub mood: Mood,
    pub register: &'static str,
    pub bytes: u64,
    pub shop: u128,
}

/// The bytes of a shop's data at a position.
pub fn data_at(position: u64, shop: u128) -> Vec<u8> {
    let body = format!("{position} {shop}\n{}", "a sale and another sale\n".repeat(400));
    format!("AURA {}\n{body}", hex(&Sha256::digest(body.as_bytes()))).into_bytes()
}

/// Position and shop of such bytes; `None` when they are not whole.
fn read(bytes: &[u8]) -> PluginResult<Option<(u64, u128)>> {
    let Some(rest) = bytes.strip_prefix(b"AURA ") else {
        return Err(PluginError::new(ErrorCode::NotAStore, "this is not a file of AuraPOS"));
    };
    let (Some(hash), Some(body)) = (rest.get(..64), rest.get(65..)) else { return Ok(None) };
    if hex(&Sha256::digest(body)).as_bytes() != hash {
        return Ok(None);
    }
    let line = std::str::from_utf8(body).unwrap().lines().next().unwrap();
    let (position, shop) = line.split_once(' ').unwrap();
    Ok(Some((position.parse().unwrap(), shop.parse().unwrap())))
}

fn error<T>(code: ErrorCode) -> PluginResult<T> {
    Err(PluginError::new(code, format!("the host was told to answer {code:?}")))
}

impl BackupHost for Host {
    fn source(&self) -> PluginResult<BackupSource> {
        if self.mood == Mood::SourceFails {
            return error(ErrorCode::Damaged);
        }
        if self.mood == Mood::NothingHere {
            return error(ErrorCode::NotFound);
        }
        Ok(BackupSource {
            shop: Uuid::from_u128(self.shop),
            shop_name: "Épicerie du Parc".to_owned(),
            register: self.register.to_owned(),
            engine: "Test 1".to_owned(),
            extension: "db".to_owned(),
            position: 17,
            program: "0.1.0".to_owned(),
            bytes: self.bytes,
        })
    }

    fn take_snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        let Some((position, shop)) = read(&fs::read(&self.data).unwrap())? else { return error(ErrorCode::Damaged) };
        let copied = if self.mood == Mood::SnapshotIsEmpty { 0 } else { position };
        let bytes = data_at(copied, shop);
        assert!(!Path::new(dest).exists(), "a snapshot goes into a new file");
        if progress.cancelled() {
            return error(ErrorCode::Cancelled);
        }
        match self.mood {
            Mood::SnapshotFails(code) => return error(code),
            Mood::SnapshotLeavesHalf => {
                fs::write(dest, &bytes[..bytes.len() / 2]).unwrap();
                return error(ErrorCode::DiskFull);
            }
            _ => fs::write(dest, &bytes).unwrap(),
        }
        let extra = u64::from(self.mood == Mood::SnapshotLies);
        let tables = vec![TableCount { table: "sale".to_owned(), rows: position }];
        Ok(SnapshotInfo { bytes: bytes.len() as u64 + extra, position, tables, epoch: Uuid::from_u128(3) })
    }

    fn check_copy(&self, file: &str, progress: &dyn Progress) -> PluginResult<CopyCheck> {
        if progress.cancelled() {
            return error(ErrorCode::Cancelled);
        }
        if let Mood::CheckFails(code) = self.mood {
            return error(code);
        }
        let found = read(&fs::read(file).unwrap())?;
        let problems = match found {
            None => vec!["the data is damaged".to_owned()],
            Some(_) if self.mood == Mood::CheckFinds => vec!["sale 12 is not in the journal".to_owned()],
            Some(_) => Vec::new(),
        };
        let (position, shop) = found.unwrap_or_default();
        let shop = if self.mood == Mood::CheckSeesOtherShop { shop + 1 } else { shop };
        Ok(CopyCheck {
            ok: problems.is_empty(),
            problems,
            sales: position,
            position: position - u64::from(self.mood == Mood::CheckSeesOlderCommit),
            tables: vec![TableCount {
                table: "sale".to_owned(),
                rows: position - u64::from(self.mood == Mood::CheckCountsFewerRows),
            }],
            shop: Uuid::from_u128(shop),
            summary: format!("opened and reconciled, {position} sales, 0 differences"),
            ..Default::default()
        })
    }

    fn restore_copy(&self, file: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        if self.mood == Mood::RestoreFails {
            return error(ErrorCode::Io);
        }
        if self.mood == Mood::NothingHere {
            fs::copy(file, &self.data).unwrap();
            return Ok(RestoreReport::default());
        }
        let aside = self.data.with_extension("previous");
        fs::rename(&self.data, &aside).unwrap();
        fs::copy(file, &self.data).unwrap();
        let (previous, previous_location) = ("previous".to_owned(), aside.display().to_string());
        Ok(RestoreReport { previous, previous_location, ..Default::default() })
    }
}

/// Stops at the n-th question.
#[derive(Debug)]
pub struct StopAt(pub AtomicI64);

impl Progress for StopAt {
    fn report(&self, _: u64, _: u64, _: &str) {}
    fn cancelled(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) <= 0
    }
}

/// A shop in a folder.
pub struct Shop {
    /// Only there to be removed at the end; none in a child process, whose parent owns the folder.
    pub _keep: Option<tempfile::TempDir>,
    pub folder: PathBuf,
    pub host: Host,
    pub scheduler: Scheduler,
}

impl Shop {
    pub fn new() -> Self {
        let keep = tempfile::tempdir().unwrap();
        let folder = keep.path().to_path_buf();
        fs::write(folder.join("AuraPOS.db"), data_at(17, 1)).unwrap();
        Shop { _keep: Some(keep), ..Shop::at(&folder) }
    }

    pub fn at(folder: &Path) -> Self {
        let data = folder.join("AuraPOS.db");
        let host = Host { data, mood: Mood::Good, register: "R1", bytes: 0, shop: 1 };
        let services = Arc::new(Services { data: folder.to_path_buf() });
        let context = PluginContext {
            host: services,
            api: crate::contract::ApiVersion::OWN,
            instance: "backup-scheduler".to_owned(),
            folder: String::new(),
            settings: Settings::default(),
        };
        Shop { _keep: None, folder: folder.to_path_buf(), host, scheduler: scheduler(context).unwrap() }
    }

    pub fn request(trigger: BackupTrigger, kind: Option<BackupKind>, now: &str) -> BackupRequest {
        BackupRequest { trigger, now: at(now), kind }
    }

    /// A daily backup by hand.
    pub fn daily(&self, now: &str) -> PluginResult<BackupInfo> {
        let request = Shop::request(BackupTrigger::Manual, Some(BackupKind::Daily), now);
        let mut report = self.scheduler.run(&request, &self.host, &NoProgress)?;
        Ok(report.made.remove(0))
    }

    /// Every name below the backup folder, sorted; without the lease.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for folder in ["", "Daily", "Weekly"] {
            let path = self.folder.join("Backups").join(folder);
            for item in fs::read_dir(path).into_iter().flatten() {
                let name = item.unwrap().file_name().into_string().unwrap();
                if !["Daily", "Weekly", ".lease"].contains(&name.as_str()) {
                    names.push(Path::new(folder).join(name).to_string_lossy().into_owned());
                }
            }
        }
        names.sort();
        names
    }

    /// What must hold whatever happened: what the list calls verified is whole and passes every check; every file with a
    /// backup's name has a manifest; the shop's data was not touched.
    pub fn assert_sound(&self, when: &str) {
        for info in self.scheduler.list().unwrap() {
            let manifest = PathBuf::from(format!("{}.json", info.path));
            assert!(manifest.exists(), "{when}: {} has no manifest", info.path);
            if info.state == BackupState::Verified {
                let bytes = fs::read(&info.path).unwrap();
                assert_eq!(hex(&Sha256::digest(&bytes)), info.sha256, "{when}: {}", info.name);
                assert!(read(&bytes).unwrap().is_some(), "{when}: {}", info.name);
                assert_eq!(info.sales, 17, "{when}");
            }
        }
        assert_eq!(fs::read(&self.host.data).unwrap(), data_at(17, 1), "{when}");
    }

    pub fn verified(&self) -> Vec<String> {
        let list = self.scheduler.list().unwrap();
        list.into_iter().filter(|info| info.state == BackupState::Verified).map(|info| info.name).collect()
    }
}
