//! Where a register's database lives, and how far it had come: plain data, compared when it is opened.

use aurapos_contract::Uuid;
use aurapos_domain::journal::Hash;

/// Where a database lives. The register's row and a file beside the database hold the same; a copy or a restored backup
/// differs in at least one part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MachineIdentity {
    /// Random text, new at every start and after each snapshot.
    pub token: String,
    /// Hash of the machine's id.
    pub machine: String,
    /// The file's inode number.
    pub inode: i64,
}

/// How far the journal of a register had come, as is known outside of its database. Where the database knows less, commits
/// were lost: its log was deleted or cut, or an earlier copy was put in its place. See ADR 0032.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastKnown {
    /// The register.
    pub register: Uuid,
    /// Its life.
    pub incarnation: Uuid,
    /// The last entry of that life; 0 for none.
    pub seq: u64,
    /// That entry's hash.
    pub hash: Hash,
    /// How many receipt numbers were given in that life.
    pub receipts: u64,
    /// The last of them: `R1-1-000168`; ends in `-000000` where there is none.
    pub receipt: String,
}
