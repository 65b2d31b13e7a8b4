//! Windows: what AuraPOS does not do there yet is told as the commands that do it (ADR 0031).

use crate::ServerError;
use crate::files::Readers;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether AuraPOS can make a server here.
pub(crate) const MAKES_SERVERS: bool = false;
/// There are no sockets with a path here.
pub(crate) const SOCKET_BYTES_MAX: usize = usize::MAX;
/// What the name of a program ends with.
pub(crate) const PROGRAM_SUFFIX: &str = ".exe";

/// A user of this system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Its name.
    pub(crate) name: String,
}

impl Account {
    /// Who runs this program.
    pub(crate) fn own() -> Result<Self, ServerError> {
        Ok(Account { name: std::env::var("USERNAME").unwrap_or_default() })
    }

    /// Who owns a file or folder: nobody else is asked for here.
    pub(crate) fn of_owner(_: &Path) -> Result<Self, ServerError> {
        Account::own()
    }

    /// The user of a name.
    pub(crate) fn named(name: &str) -> Result<Option<Self>, ServerError> {
        Ok(Some(Account { name: name.to_owned() }))
    }

    /// There is no root.
    pub(crate) fn is_root(&self) -> bool {
        false
    }
}

/// There is no root.
pub(crate) fn is_root() -> bool {
    false
}

/// Nobody makes users here.
pub(crate) fn system_account() -> Result<Account, ServerError> {
    Account::own()
}

/// A command of this user.
pub(crate) fn command_as(_: &Account, program: &Path) -> Command {
    Command::new(program)
}

/// Who made it owns it.
pub(crate) fn give(_: &Path, _: &Account) -> io::Result<()> {
    Ok(())
}

/// The folder decides who may read.
pub(crate) fn readers(_: &mut OpenOptions, _: Readers) {}

/// The folder decides who may read.
pub(crate) fn has_rights(file: &Path, _: Readers, _: Option<&Account>) -> bool {
    file.is_file()
}

/// The folder above decides.
pub(crate) fn folder_mode(_: &mut DirBuilder, _: u32) {}

/// The folder above decides.
pub(crate) fn settle_folder(_: &Path, _: u32, _: Option<&Account>) -> io::Result<bool> {
    Ok(false)
}

/// The folder decides who may read.
pub(crate) fn is_private(_: &Metadata) -> bool {
    true
}

/// A folder is synced through a handle that may write; what refuses that has nothing better.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    let _ = File::open(folder).and_then(|open| open.sync_all());
    Ok(())
}

/// Room on the disk of a path, in bytes.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    fs4::available_space(path)
}

/// Nobody asks here: the settings are written by hand.
pub(crate) fn memory_bytes() -> u64 {
    0
}

/// What this machine calls itself.
pub(crate) fn machine_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

/// Nobody asks here.
pub(crate) fn is_postgres(_: i32) -> bool {
    false
}

/// There are no sockets with a path here.
pub(crate) fn socket_answers(_: &Path) -> bool {
    false
}

/// Where PostgreSQL's installer puts its programs.
pub(crate) fn tool_folders() -> Vec<PathBuf> {
    let base = std::env::var_os("ProgramFiles").map(PathBuf::from).unwrap_or_default().join("PostgreSQL");
    let entries = std::fs::read_dir(base).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path().join("bin")).collect();
    found.sort();
    found
}

/// `netstat -abno` tells an administrator.
pub(crate) fn holder_of(_: SocketAddr) -> Option<String> {
    None
}

/// Services are registered with `pg_ctl register`.
pub(crate) fn systemd_runs() -> bool {
    false
}

/// There are no units.
pub(crate) fn unit_file(name: &str) -> PathBuf {
    PathBuf::from(name)
}

/// Where a server of all users lies.
pub(crate) fn state_folder() -> PathBuf {
    std::env::var_os("ProgramData").map(PathBuf::from).unwrap_or_default().join("AuraPOS")
}

/// What is to be done by hand where AuraPOS does not do it.
pub(crate) fn by_hand() -> String {
    "Install PostgreSQL with its own installer, then in a terminal of an administrator: `pg_ctl register -N AuraPOS-PostgreSQL \
     -D \"C:\\ProgramData\\AuraPOS\\Cluster\" -S auto` and `netsh advfirewall firewall add rule name=\"PostgreSQL AuraPOS\" dir=in \
     action=allow protocol=TCP localport=5432 remoteip=localsubnet`. Or keep the server on a Linux machine of the shop."
        .to_owned()
}
