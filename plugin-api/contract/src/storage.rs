//! Storage: a small record store. It knows nothing of trade; the host gives it a schema and records.
//!
//! The semantics are the same on every engine and proved by the conformance suite in `aurapos-plugin-testkit`:
//! - `commit` is serialisable against every other commit, all or nothing, and durable when it returns. Readers see whole
//!   commits only.
//! - Order is that of [`crate::Value`]: by index columns, then key, nulls first, text by bytes.
//! - Search: a row matches when every word of the question is a prefix of a word of its search column. Words are
//!   separated by spaces; both sides were folded by the engine. When more match than asked for, any of them.
//! - Calls may come from several threads at once. A call that was interrupted (deadline, panic, crash) either happened
//!   or did not; [`RecordStore::outcome`] tells for commits.

use crate::batch::RowBatch;
use crate::host::Settings;
use crate::query::{AggregateQuery, ChangeBatch, Query};
use crate::schema::Schema;
use crate::transaction::{Committed, Outcome, Prune, Pruned, Transaction};
use crate::value::Timestamp;
use uuid::Uuid;

/// The [feature](StoreInfo::features) of a store whose data many programs write at once: a server's. Then
/// [`StorageProvider::open`] opens it as often as it is asked, what one writes is there for all, and only what puts other
/// data in its place ([`RecordStore::restore_to`], [`StorageProvider::put_back`]) needs it alone. With the setting
/// `alone = true`, which the host adds for what one register keeps for itself, such a store too is opened by one writer:
/// a second one is [`crate::ErrorCode::Busy`].
pub const MANY_WRITERS: &str = "many-writers";

wire_struct! {
    /// What a store is.
    pub struct StoreInfo {
        /// Engine, for people: `SQLite`.
        1 => engine: String,
        /// The engine's version: `3.51.1`.
        2 => engine_version: String,
        /// The life of this data, changed by a restore or migration of the shared store; nil before the first `migrate`.
        3 => epoch: Uuid,
        /// Schema on disk: major, 0 before the first `migrate`.
        4 => schema_major: u32,
        /// Schema on disk: minor.
        5 => schema_minor: u32,
        /// Highest position of a commit that can be read; 0 before the first.
        6 => position: u64,
        /// Opened by `open_copy`.
        7 => read_only: bool,
        /// Where the data is, for people: a file path or `host:port/database`.
        8 => location: String,
        /// Extra abilities, by name; unknown names are ignored.
        9 => features: Vec<String>,
        /// File ending of a snapshot, without the dot: `db`, `sql`.
        10 => snapshot_extension: String,
        /// Size of the data in bytes: about what a copy of it takes.
        11 => bytes: u64,
    }
}

wire_struct! {
    /// A copy made by [`RecordStore::snapshot`].
    pub struct SnapshotInfo {
        /// Size in bytes.
        1 => bytes: u64,
        /// Highest position of a commit that it contains, exactly: every commit up to it is in the copy, none after it.
        /// (On a server: commits hold a shared lock, a snapshot takes it alone for the moment in which it begins.)
        2 => position: u64,
        /// Rows per table.
        3 => tables: Vec<TableCount>,
        /// The store's epoch.
        4 => epoch: Uuid,
    }
}

wire_struct! {
    /// How many rows a table has.
    pub struct TableCount {
        /// Table.
        1 => table: String,
        /// Rows.
        2 => rows: u64,
    }
}

wire_struct! {
    /// What [`RecordStore::verify`] found.
    pub struct VerifyReport {
        /// Every check of the engine passed (pages, indexes, foreign keys).
        1 => ok: bool,
        /// What is wrong, as sentences; empty when `ok`.
        2 => problems: Vec<String>,
        /// Size in bytes.
        3 => bytes: u64,
        /// Highest position of a commit.
        4 => position: u64,
        /// Rows per table.
        5 => tables: Vec<TableCount>,
        /// Schema major.
        6 => schema_major: u32,
        /// Schema minor.
        7 => schema_minor: u32,
    }
}

wire_struct! {
    /// After a restore.
    pub struct RestoreReport {
        /// The data that was in use before, in the storage's own words: what [`StorageProvider::put_back`] takes. Empty if
        /// there was none.
        1 => previous: String,
        /// What is in use now.
        2 => restored: VerifyReport,
        /// Where the data that was in use before is now, for people: a file path or `host:port/database`.
        3 => previous_location: String,
    }
}

capability! {
    /// Opens stores of one engine and handles their files. Made once per plugin instance.
    pub trait StorageProvider, table StorageTable, client StorageClient, layer StorageLayer, kind 2 {
        /// Opens the store that the settings name, making it if there is none. With the setting `read_only = true`, which
        /// the host adds when a command only looks, the data may be open elsewhere: nothing is made or changed, writes
        /// answer [`crate::ErrorCode::ReadOnly`], and [`StoreInfo::read_only`] says so.
        ///
        /// One store per data: a second open of the same data for writing is [`crate::ErrorCode::Busy`], unless the store is
        /// one of [`MANY_WRITERS`]. A damaged one is [`crate::ErrorCode::Damaged`] and stays untouched. So is one beside which lies what belongs to other data (the
        /// log of the database that a copy was put over by hand): the two together would be data that never was.
        1 => fn open(&self, ref settings: Settings) -> Box<dyn RecordStore> [Main, Long, Freely];

        /// Opens a snapshot for reading only. It never changes the file, nor leaves others beside it. This one handle is
        /// proved ([`RecordStore::verify`]), read, and put in the place of the data ([`RecordStore::restore_to`]): it stays
        /// with the copy that was opened, whatever gets its name afterwards. A damaged one is
        /// [`crate::ErrorCode::Damaged`] here or in its proof.
        2 => fn open_copy(&self, ref file: str) -> Box<dyn RecordStore> [Main, Long, Freely];

        /// Puts data that a restore kept aside ([`RestoreReport::previous`]) in use again, as it was, damaged or not; what
        /// the settings name is kept aside in its turn. No store of that data may be open.
        3 => fn put_back(&self, ref settings: Settings, ref previous: str; progress) -> RestoreReport [Main, Long, Never];
    }
}

capability! {
    /// An open store. Dropping it ends all its work.
    pub trait RecordStore, table StoreTable, client StoreClient, layer StoreLayer, kind 7 {
        /// What this store is.
        1 => fn info(&self) -> StoreInfo [Read, Read, Freely, always];

        /// Brings the data to this schema: additive, idempotent, all or nothing. Data of a newer minor is accepted and left
        /// alone; a newer major is refused with [`crate::ErrorCode::SchemaNewer`]. Must be called once before anything else.
        2 => fn migrate(&self, ref schema: Schema) -> () [Commit, Long, Freely, always];

        /// Writes a transaction. See [`Transaction`].
        3 => fn commit(&self, ref transaction: Transaction) -> Committed [Commit, Commit, ById];

        /// What became of a transaction.
        4 => fn outcome(&self, val transaction: Uuid) -> Outcome [Read, Read, Freely, always];

        /// Rows that satisfy a query. The answer's [`RowBatch::next`] continues it.
        5 => fn scan(&self, ref query: Query) -> RowBatch [Read, Read, Freely, always];

        /// At most `limit` rows (all columns) of a searchable table that match the text, which may be any: words that no
        /// row can hold find nothing.
        6 => fn search(&self, ref table: str, ref text: str, val limit: u32) -> RowBatch [Search, Read, Freely, always];

        /// Counts and sums.
        7 => fn aggregate(&self, ref query: AggregateQuery) -> RowBatch [Long, Long, Freely, always];

        /// Changes of replicated tables after a cursor (empty: from the first), at most about `max` of them but always whole
        /// transactions. No committed transaction is ever skipped.
        8 => fn changes(&self, ref after: [u8], val max: u32) -> ChangeBatch [Read, Read, Freely, always];

        /// Waits until there are changes after the cursor, or `timeout_ms` passed. True when there are.
        9 => fn wait(&self, ref after: [u8], val timeout_ms: u32) -> bool [Wait, Timeout, Freely, always];

        /// Writes a consistent copy into a new file while reads and commits go on. `dest` must not exist; after an error or
        /// cancellation it does not exist either.
        10 => fn snapshot(&self, ref dest: str; progress) -> SnapshotInfo [Long, Long, Never, always];

        /// Keeps the store quick: moves the write-ahead log into the file, forgets transaction ids older than
        /// [`crate::transaction::OUTCOME_DAYS`] before `now`. Called when the register is idle; commits must not wait for it.
        11 => fn maintain(&self, val now: Timestamp) -> () [Long, Long, Freely, always];

        /// Removes old facts of others, all or nothing. What is not append-only and replicated, and a question without a
        /// bound, is refused with [`crate::ErrorCode::BadQuery`]. Neither a commit nor a change of the feed.
        13 => fn prune(&self, ref request: Prune) -> Pruned [Long, Long, Freely, always];

        /// Proves the data with everything the engine can check by itself: a snapshot that was opened as a copy, or data in
        /// use. Damage is a report that is not `ok`.
        14 => fn verify(&self; progress) -> VerifyReport [Long, Long, Freely, always];

        /// Puts this copy in the place of the data that the settings name, as the beginning of another epoch. No store of
        /// that data may be open. What will be used is written and proved first, whatever disks copy and data are on; a
        /// failure anywhere leaves the old data in use, and the old data is kept ([`RestoreReport::previous`]). Works when
        /// the current data is damaged or missing. What is no copy is [`crate::ErrorCode::Unsupported`].
        15 => fn restore_to(&self, ref settings: Settings; progress) -> RestoreReport [Long, Long, Never];

        /// Ends all work. Later calls answer [`crate::ErrorCode::Closed`]; closing twice is no error.
        12 => fn close(&self) -> () [Commit, Long, Freely, always];
    }
}
