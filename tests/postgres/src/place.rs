//! Where tools, templates and servers are; who runs them; what an earlier test left behind.

use crate::processes::{command_line, lives, signal, wait_until_gone};
use rustix::process::{Signal, geteuid};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A major version of PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// Debian's: the oldest that is supported.
    V15,
    /// With TLS: the one that comes with AuraPOS.
    V17,
    /// The newest, without TLS.
    V18,
}

impl Version {
    /// `15`.
    #[must_use]
    pub fn major(self) -> &'static str {
        match self {
            Self::V15 => "15",
            Self::V17 => "17",
            Self::V18 => "18",
        }
    }

    /// A program of this version, ready for arguments.
    #[must_use]
    pub fn tool(self, name: &str) -> Command {
        let folder = tools(self);
        let mut command = Command::new(folder.join("bin").join(name));
        // The wheel of 18 looks for its libraries where it was built.
        command.env("LD_LIBRARY_PATH", folder.join("lib"));
        command
    }
}

/// In a server's folder: locked for as long as the test lives that began it.
pub(crate) const OWNER: &str = "owner.lock";
/// What is written into a folder of tools last.
const STAMP: &str = "made-from";

/// The user that servers run as: PostgreSQL refuses to be root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    /// `None`: simply ourselves.
    other: Option<(u32, u32)>,
}

impl User {
    pub(crate) fn unprivileged() -> Self {
        if !geteuid().is_root() {
            return Self { other: None };
        }
        let users = fs::read_to_string("/etc/passwd").expect("the users of this machine");
        let line = users.lines().find(|line| line.starts_with("nobody:")).expect("there is a user `nobody`");
        let number = |at: usize| line.split(':').nth(at).and_then(|text| text.parse().ok()).expect("its number");
        Self { other: Some((number(2), number(3))) }
    }

    /// The command, to be run as this user.
    pub(crate) fn runs(self, command: &mut Command) -> &mut Command {
        match self.other {
            Some((user, group)) => command.uid(user).gid(group),
            None => command,
        }
    }

    /// Gives a file or folder to this user.
    pub(crate) fn owns(self, path: &Path) {
        if let Some((user, group)) = self.other {
            chown(path, Some(user), Some(group)).expect("root gives files away");
        }
    }

    /// Whether this user comes to a folder at all.
    fn reaches(self, path: &Path) -> bool {
        self.other.is_none_or(|(user, _)| {
            path.ancestors().filter_map(|folder| fs::metadata(folder).ok()).all(|folder| {
                let bit = if folder.uid() == user { 0o100 } else { 0o001 };
                folder.permissions().mode() & bit != 0
            })
        })
    }
}

/// Cargo's target folder: where the running test was built.
fn target() -> PathBuf {
    let own = std::env::current_exe().expect("a test knows its own file");
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let mut places = own.ancestors().map(Path::to_owned).chain(named);
    places
        .find(|folder| folder.join("postgres/15").join(STAMP).is_file())
        .expect("PostgreSQL's tools are not laid out: type `cargo xtask postgres`")
}

/// Where servers live: below the target folder, or where everybody may go when the user cannot come there.
pub(crate) fn servers() -> PathBuf {
    let (user, target) = (User::unprivileged(), target());
    let below = target.join("tmp");
    let place = if user.reaches(&target) { below } else { std::env::temp_dir().join("aurapos-test") }.join("postgres");
    fs::create_dir_all(&place).expect("a folder for servers");
    user.owns(&place);
    place
}

fn tools(version: Version) -> PathBuf {
    let (user, target) = (User::unprivileged(), target());
    let folder = target.join("postgres").join(version.major());
    assert!(
        folder.join(STAMP).is_file(),
        "PostgreSQL {} is not laid out: type `cargo xtask postgres`",
        version.major()
    );
    if user.reaches(&target) {
        return folder;
    }
    let copy = servers().join(format!("tools-{}", version.major()));
    let _one = lock(&copy.with_extension("lock"));
    if !copy.join(STAMP).is_file() {
        run(Command::new("cp").args(["-rL"]).arg(&folder).arg(&copy));
    }
    copy
}

/// A lock that is held until it is dropped.
pub(crate) fn lock(file: &Path) -> File {
    let opened = OpenOptions::new().create(true).append(true).open(file).expect("a lock file");
    opened.lock().expect("a lock");
    opened
}

pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A cluster of this version that nobody uses, made by the first who asks.
pub(crate) fn template(version: Version, password: &str) -> PathBuf {
    let place = servers();
    let stamp = fs::metadata(tools(version).join("bin/postgres")).map_or(0, |file| file.mtime());
    let template = place.join(format!("template-{}-{stamp}", version.major()));
    let _one = lock(&place.join(format!("template-{}.lock", version.major())));
    if template.join("PG_VERSION").is_file() {
        return template;
    }
    let part = place.join(format!("template-{}.part", version.major()));
    let _ = fs::remove_dir_all(&part);
    let secret = place.join(format!("template-{}.password", version.major()));
    fs::write(&secret, password).expect("a file for the password");
    let user = User::unprivileged();
    user.owns(&secret);
    let mut make = version.tool("initdb");
    make.args(["--username=postgres", "--encoding=UTF8", "--no-locale", "--data-checksums", "--no-sync"]);
    make.args(["--auth-local=trust", "--auth-host=scram-sha-256"]).current_dir(&place);
    make.arg(format!("--pwfile={}", secret.display())).arg("-D").arg(&part);
    run(user.runs(&mut make));
    fs::remove_file(&secret).expect("the file goes again");
    fs::rename(&part, &template).expect("the template gets its name");
    template
}

/// Takes away what tests left that could not do it themselves.
pub(crate) fn sweep() {
    for entry in fs::read_dir(servers()).into_iter().flatten().flatten() {
        let owner = OpenOptions::new().append(true).open(entry.path().join(OWNER));
        if owner.is_ok_and(|owner| owner.try_lock().is_ok()) {
            end(&entry.path());
            // Somebody else may sweep at the same time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Ends the server whose folder this is, if it runs, and frees what the system holds for it.
fn end(folder: &Path) {
    let data = folder.join("data");
    let noted = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    if let Some(pid) = noted.lines().next().and_then(|line| line.parse().ok())
        && lives(pid)
        && command_line(pid).contains(&data.display().to_string())
    {
        signal(pid, Signal::QUIT);
        wait_until_gone(&[pid]);
    }
    free_memory(&noted);
}

/// A killed server leaves a segment of shared memory; its number stands in its file.
pub(crate) fn free_memory(noted: &str) {
    if let Some(number) = noted.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
        // Mostly the server has freed it itself.
        let _ = Command::new("ipcrm").args(["-m", number]).output();
    }
}
