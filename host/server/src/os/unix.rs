//! Systems of the Unix kind.

use crate::ServerError;
use crate::files::Readers;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether AuraPOS can make a server here.
pub(crate) const MAKES_SERVERS: bool = true;
/// The longest path of a socket, without its final zero.
pub(crate) const SOCKET_BYTES_MAX: usize = 107;
/// The system user that a server of root's runs as.
const SYSTEM_USER: &str = "aurapos";
/// What the name of a program ends with.
pub(crate) const PROGRAM_SUFFIX: &str = "";

/// A user of this system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Its name.
    pub(crate) name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// Who runs this program.
    pub(crate) fn own() -> Result<Self, ServerError> {
        Account::of(rustix::process::geteuid().as_raw())
    }

    /// Who owns a file or folder.
    pub(crate) fn of_owner(path: &Path) -> Result<Self, ServerError> {
        let metadata = fs::metadata(path).map_err(ServerError::file(path))?;
        Account::of(metadata.uid())
    }

    fn of(uid: u32) -> Result<Self, ServerError> {
        let unknown = |why: String| ServerError::User { user: format!("number {uid}"), why };
        let found = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid));
        let user = found.map_err(|error| unknown(error.to_string()))?;
        let user = user.ok_or_else(|| unknown("this system has no such user".to_owned()))?;
        Ok(Account { name: user.name, uid, gid: user.gid.as_raw() })
    }

    /// The user of a name.
    pub(crate) fn named(name: &str) -> Result<Option<Self>, ServerError> {
        let found = nix::unistd::User::from_name(name);
        let found = found.map_err(|error| ServerError::User { user: name.to_owned(), why: error.to_string() })?;
        Ok(found.map(|user| Account { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
    }

    /// Whether it is root.
    pub(crate) fn is_root(&self) -> bool {
        self.uid == 0
    }
}

/// Whether this program may do everything.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The system user for a server of root's; made where it is missing.
pub(crate) fn system_account() -> Result<Account, ServerError> {
    if let Some(account) = Account::named(SYSTEM_USER)? {
        return Ok(account);
    }
    let mut command = Command::new("useradd");
    command.args(["--system", "--user-group", "--home-dir", "/nonexistent", "--no-create-home"]);
    command.args(["--shell", "/usr/sbin/nologin", "--comment", "AuraPOS server", SYSTEM_USER]);
    crate::process::run(&mut command, "useradd")?;
    let missing = || ServerError::User { user: SYSTEM_USER.to_owned(), why: "useradd did not make it".to_owned() };
    Account::named(SYSTEM_USER)?.ok_or_else(missing)
}

/// A command that runs as a user, from a folder that everybody can enter and without this program's environment: variables
/// of PostgreSQL would lead its programs elsewhere.
pub(crate) fn command_as(account: &Account, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C").current_dir("/");
    if rustix::process::geteuid().as_raw() != account.uid {
        // Further groups are given up with it.
        command.gid(account.gid).uid(account.uid);
    }
    command
}

/// Gives a file or folder to a user.
pub(crate) fn give(path: &Path, owner: &Account) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if (metadata.uid(), metadata.gid()) == (owner.uid, owner.gid) {
        return Ok(());
    }
    std::os::unix::fs::lchown(path, Some(owner.uid), Some(owner.gid))
}

fn mode_of(readers: Readers) -> u32 {
    match readers {
        Readers::Owner => 0o600,
        Readers::All => 0o644,
    }
}

/// Sets who may read a file that is made.
pub(crate) fn readers(options: &mut OpenOptions, readers: Readers) {
    options.mode(mode_of(readers));
}

/// Whether a file has this owner and these rights.
pub(crate) fn has_rights(file: &Path, readers: Readers, owner: Option<&Account>) -> bool {
    let Ok(metadata) = fs::symlink_metadata(file) else { return false };
    let owned = owner.is_none_or(|owner| metadata.uid() == owner.uid);
    metadata.is_file() && owned && metadata.mode() & 0o777 & !mode_of(readers) == 0
}

/// Sets the rights of a folder that is made.
pub(crate) fn folder_mode(builder: &mut DirBuilder, mode: u32) {
    builder.mode(mode);
}

/// Gives a folder its rights and owner; whether they changed.
pub(crate) fn settle_folder(path: &Path, mode: u32, owner: Option<&Account>) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"));
    }
    let mut changed = false;
    if metadata.mode() & 0o777 != mode {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        changed = true;
    }
    if let Some(owner) = owner.filter(|owner| owner.uid != metadata.uid()) {
        give(path, owner)?;
        changed = true;
    }
    Ok(changed)
}

/// Whether only its owner and root can read a file.
pub(crate) fn is_private(metadata: &Metadata) -> bool {
    metadata.mode() & 0o077 == 0
}

/// Makes the names in a folder last.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Room on the disk of a path for who is not root, in bytes.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Memory of this machine, in bytes.
pub(crate) fn memory_bytes() -> u64 {
    let info = rustix::system::sysinfo();
    info.totalram.saturating_mul(u64::from(info.mem_unit))
}

/// What this machine calls itself.
pub(crate) fn machine_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Whether a process of this number is there and may be a PostgreSQL: after a boot another program may have its number.
pub(crate) fn is_postgres(pid: i32) -> bool {
    let Some(process) = rustix::process::Pid::from_raw(pid) else { return false };
    // A process of somebody else refuses the question, and is there.
    let is_there = match rustix::process::test_kill_process(process) {
        Ok(()) => true,
        Err(error) => error == rustix::io::Errno::PERM,
    };
    let name = fs::read_to_string(format!("/proc/{pid}/comm"));
    is_there && name.map_or(true, |name| name.trim() == "postgres")
}

/// Whether somebody listens at a socket.
pub(crate) fn socket_answers(path: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(path).is_ok()
}

/// Folders where this system's packages put PostgreSQL's programs.
pub(crate) fn tool_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    // Debian, Ubuntu; then Red Hat and SUSE.
    for (base, behind) in [("/usr/lib/postgresql", "bin"), ("/usr", "bin"), ("/usr/lib", "bin"), ("/opt", "bin")] {
        let entries = fs::read_dir(base).into_iter().flatten().flatten();
        let named =
            |name: &str| base == "/usr/lib/postgresql" || name.starts_with("pgsql-") || name.starts_with("postgresql");
        let mut found: Vec<PathBuf> = entries
            .filter(|entry| named(&entry.file_name().to_string_lossy()))
            .map(|entry| entry.path().join(behind))
            .filter(|path| path.join("postgres").is_file())
            .collect();
        found.sort();
        folders.extend(found);
    }
    folders
}

/// Who listens at a port, as far as this user can see: `postgres (process 812)`.
pub(crate) fn holder_of(address: SocketAddr) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|file| listener(file, address))?;
    let wanted = format!("socket:[{inode}]");
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let Ok(pid) = process.file_name().to_string_lossy().parse::<u32>() else { continue };
        let files = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        let mut links = files.filter_map(|file| fs::read_link(file.path()).ok());
        if links.any(|link| link.to_string_lossy() == wanted) {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (process {pid})", name.trim()));
        }
    }
    None
}

/// The inode of who listens at a port, in a table of the kernel: `sl local_address rem_address st … inode`.
fn listener(file: &str, address: SocketAddr) -> Option<u64> {
    const LISTENS: &str = "0A";
    let text = fs::read_to_string(file).ok()?;
    text.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (host, port) = fields.get(1)?.split_once(':')?;
        let any = host.bytes().all(|byte| byte == b'0');
        let same = any || host.eq_ignore_ascii_case(&kernel_form(address.ip()));
        let listens = fields.get(3) == Some(&LISTENS) && u16::from_str_radix(port, 16) == Ok(address.port());
        (listens && same).then(|| fields.get(9)?.parse().ok())?
    })
}

/// An address as the kernel's tables write it: words of 32 bits in the machine's order.
fn kernel_form(address: IpAddr) -> String {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let words = bytes.chunks_exact(4).map(|word| u32::from_ne_bytes([word[0], word[1], word[2], word[3]]));
    words.map(|word| format!("{word:08X}")).collect()
}

/// Whether systemd runs this machine.
pub(crate) fn systemd_runs() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// Where a unit of systemd is put.
pub(crate) fn unit_file(name: &str) -> PathBuf {
    Path::new("/etc/systemd/system").join(name)
}

/// Where a server of root's lies when its user cannot enter the data folder.
pub(crate) fn state_folder() -> PathBuf {
    PathBuf::from("/var/lib/aurapos")
}

/// What is to be done by hand where AuraPOS does not do it.
pub(crate) fn by_hand() -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

    #[test]
    fn who_listens_is_named() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let holder = holder_of(address).unwrap();
        assert!(holder.contains(&format!("process {}", std::process::id())), "{holder}");
        drop(listener);
        assert_eq!(holder_of(address), None);
    }

    #[test]
    fn addresses_are_written_as_the_kernel_does() {
        let check = |address: IpAddr, expected: &str| assert_eq!(kernel_form(address), expected);
        if cfg!(target_endian = "little") {
            check(Ipv4Addr::LOCALHOST.into(), "0100007F");
            check(Ipv6Addr::LOCALHOST.into(), "00000000000000000000000001000000");
        }
    }
}
