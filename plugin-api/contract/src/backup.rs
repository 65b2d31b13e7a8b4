//! Backup: when, under which name, how long. The copies themselves are made by the storage and checked by the host.

use crate::storage::{RestoreReport, SnapshotInfo, TableCount};
use crate::value::Timestamp;
use uuid::Uuid;

wire_enum! {
    /// Why a run happens.
    pub enum BackupTrigger or Tick {
        /// The program closes.
        1 => Close,
        /// The program started.
        2 => Start,
        /// The clock, while the program is open.
        3 => Tick,
        /// Somebody asked: a backup is made whether one is due or not.
        4 => Manual,
    }
}

wire_enum! {
    /// The two series of the seed, and the copies made for safety.
    pub enum BackupKind or Other {
        /// One a day; the newest of each of the last 10 days is kept.
        1 => Daily,
        /// One a week, kept for the legal period.
        2 => Weekly,
        /// The state before a restore.
        3 => Safety,
        /// A series that this version has no name for.
        4 => Other,
    }
}

wire_enum! {
    /// What is known of a backup.
    pub enum BackupState or Unchecked {
        /// Not checked since it was found.
        0 => Unchecked,
        /// Restored or opened, and reconciled.
        1 => Verified,
        /// Damaged, or not what its manifest says.
        2 => Refused,
    }
}

wire_struct! {
    /// One backup.
    pub struct BackupInfo {
        /// File name: `AuraPOS_backup_20260426_180042.db`.
        1 => name: String,
        /// Series.
        2 => kind: BackupKind,
        /// When it was made.
        3 => time: Timestamp,
        /// Size in bytes.
        4 => bytes: u64,
        /// Full path.
        5 => path: String,
        /// What is known of it.
        6 => state: BackupState,
        /// What the check said, in one sentence.
        7 => note: String,
        /// SHA-256 of the file, hexadecimal.
        8 => sha256: String,
        /// Number of this backup in its series' chain of manifests.
        9 => number: u64,
        /// Sales in it, as the host's check counted them.
        10 => sales: u64,
        /// Position of the last commit in it.
        11 => position: u64,
    }
}

wire_struct! {
    /// What is asked of a run.
    pub strict struct BackupRequest, version 1 {
        /// Why.
        1 => trigger: BackupTrigger,
        /// The time to go by.
        2 => now: Timestamp,
        /// Only this series; otherwise whatever is due.
        3 => kind: Option<BackupKind>,
    }
}

wire_struct! {
    /// A backup that goes, or is kept although its time is over.
    pub struct RetentionDecision {
        /// File name.
        1 => name: String,
        /// It goes.
        2 => delete: bool,
        /// Why.
        3 => reason: String,
    }
}

wire_struct! {
    /// What a run would do.
    pub struct BackupPlan {
        /// The series that are due.
        1 => due: Vec<BackupKind>,
        /// Why, or why not, one sentence each.
        2 => reasons: Vec<String>,
        /// What goes and what is kept in spite of its age.
        3 => retention: Vec<RetentionDecision>,
    }
}

wire_struct! {
    /// What a run did.
    pub struct BackupReport {
        /// Made and verified.
        1 => made: Vec<BackupInfo>,
        /// Deleted.
        2 => deleted: Vec<RetentionDecision>,
        /// Sentences for the log and the screen.
        3 => notes: Vec<String>,
    }
}

wire_struct! {
    /// What the host's check of a copy found.
    pub struct CopyCheck {
        /// Nothing differs.
        1 => ok: bool,
        /// What differs, as sentences.
        2 => problems: Vec<String>,
        /// Sales in the copy.
        3 => sales: u64,
        /// Journal entries in the copy.
        4 => entries: u64,
        /// Position of the last commit.
        5 => position: u64,
        /// Rows per table.
        6 => tables: Vec<TableCount>,
        /// The shop.
        7 => shop: Uuid,
        /// The shop's name.
        8 => shop_name: String,
        /// Schema major.
        9 => schema_major: u32,
        /// Schema minor.
        10 => schema_minor: u32,
        /// One sentence: `restored and reconciled, 12,431 sales, 0 differences`.
        11 => summary: String,
    }
}

wire_struct! {
    /// What the source of the backups is, for the manifest.
    pub struct BackupSource {
        /// The shop.
        1 => shop: Uuid,
        /// The shop's name.
        2 => shop_name: String,
        /// The register's code.
        3 => register: String,
        /// Storage engine and version: `SQLite 3.51.1`.
        4 => engine: String,
        /// Ending of a snapshot's name: `db`, `sql`.
        5 => extension: String,
        /// Position of the last commit now.
        6 => position: u64,
        /// Version of the program.
        7 => program: String,
        /// Size of the data in bytes, for the question whether it fits.
        8 => bytes: u64,
    }
}

capability! {
    /// What the host offers to a backup plugin.
    pub trait BackupHost, table BackupHostTable, client BackupHostClient, layer BackupHostLayer, kind 8 {
        /// What the backups are of.
        1 => fn source(&self) -> BackupSource [Main, Read, Freely];
        /// Makes a consistent copy in a new file; see [`crate::RecordStore::snapshot`].
        2 => fn take_snapshot(&self, ref dest: str; progress) -> SnapshotInfo [Main, Long, Never];
        /// Opens a copy and checks it as a storage (pages, indexes) and as a shop (journal chain, money, stock).
        3 => fn check_copy(&self, ref file: str; progress) -> CopyCheck [Main, Long, Freely];
        /// Puts a copy in the place of the current data; the storage keeps the present data aside.
        4 => fn restore_copy(&self, ref file: str; progress) -> RestoreReport [Main, Long, Never];
    }
}

wire_struct! {
    /// What a restore did.
    pub struct RestoredBackup {
        /// The copy of the state before, `AuraPOS_avant_restauration_*`; empty if there was nothing to copy.
        1 => safety: BackupInfo,
        /// What was restored.
        2 => restored: BackupInfo,
        /// Sentences for the log and the screen.
        3 => notes: Vec<String>,
    }
}

capability! {
    /// Decides when a backup is made, names, keeps, copies, deletes and restores it.
    pub trait BackupScheduler, table BackupTable, client BackupClient, layer BackupLayer, kind 4 {
        /// What a run would do now. Changes nothing.
        1 => fn plan(&self, ref request: BackupRequest; host) -> BackupPlan [Main, Long, Freely];
        /// Makes what is due, verifies it, then deletes what may go.
        2 => fn run(&self, ref request: BackupRequest; host, progress) -> BackupReport [Main, Long, Never];
        /// All backups, newest first, without reading them whole.
        3 => fn list(&self) -> Vec<BackupInfo> [Main, Long, Freely];
        /// Reads one whole and checks it: size, hash, manifest, then the host's check. Takes a name from the list or a path.
        4 => fn verify(&self, ref name: str; host, progress) -> BackupInfo [Main, Long, Freely];
        /// Copies one elsewhere (a folder, or a new file), reads it back and compares.
        5 => fn copy(&self, ref name: str, ref dest: str; progress) -> String [Main, Long, Never];
        /// Deletes one on the owner's word.
        6 => fn delete(&self, ref name: str) -> () [Main, Long, Never];
        /// Checks a backup (name or path), copies the present state aside, and puts the backup in its place.
        7 => fn restore(&self, ref name: str, val now: Timestamp; host, progress) -> RestoredBackup [Main, Long, Never];
    }
}
