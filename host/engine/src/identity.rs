//! Where a register's database lives: plain data, compared when it is opened.

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
