//! Why something about the server was refused or failed: a code, a sentence, what to do next.

use std::io;
use std::path::Path;
use thiserror::Error;

/// Why the server was not made, started, stopped or looked at.
#[derive(Debug, Error)]
pub enum ServerError {
    /// No PostgreSQL that AuraPOS can use.
    #[error("no PostgreSQL was found on this machine (looked in {looked})")]
    NoTools {
        /// Where it was looked for.
        looked: String,
    },
    /// A PostgreSQL that is too old or too new.
    #[error("the PostgreSQL in {folder} is version {version}; AuraPOS works with 15 to 18")]
    ToolsVersion {
        /// The folder of its programs.
        folder: String,
        /// Its version, as it calls itself.
        version: String,
    },
    /// A PostgreSQL that was built without TLS.
    #[error("the PostgreSQL in {folder} was built without TLS")]
    ToolsWithoutTls {
        /// The folder of its programs.
        folder: String,
    },
    /// Only root may do it.
    #[error("only root may {what}")]
    NeedsRoot {
        /// What was asked for.
        what: String,
    },
    /// Somebody else has the port.
    #[error("port {port} of {address} is taken by {by}")]
    PortTaken {
        /// The port.
        port: u16,
        /// The address that was tried.
        address: String,
        /// Who has it, as far as this user can know.
        by: String,
    },
    /// There is something that AuraPOS did not make.
    #[error("{folder} holds something that AuraPOS did not make, and it is left alone")]
    FolderNotOurs {
        /// The folder.
        folder: String,
    },
    /// No room.
    #[error("there is no room for a server in {folder}: {free_mb} MB are free, {needed_mb} MB are needed")]
    DiskFull {
        /// The folder.
        folder: String,
        /// What is free, in megabytes.
        free_mb: u64,
        /// What is needed, in megabytes.
        needed_mb: u64,
    },
    /// PostgreSQL does not know the locale.
    #[error("this system has no locale {locale}")]
    LocaleMissing {
        /// The locale.
        locale: String,
    },
    /// Nothing was made here.
    #[error("there is no server in {folder}")]
    NotMade {
        /// The folder `Postgres`.
        folder: String,
    },
    /// PostgreSQL did not start.
    #[error("PostgreSQL does not start: {said}")]
    NotStarted {
        /// The last lines of its log.
        said: String,
    },
    /// A program of PostgreSQL or of the system failed.
    #[error("{program} failed: {said}")]
    Program {
        /// The program.
        program: String,
        /// What it said.
        said: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The caller wanted to stop.
    #[error("stopped before {before}")]
    Cancelled {
        /// The step that was not begun.
        before: &'static str,
    },
    /// The server refused a statement.
    #[error("the database refused to {what}: {said}")]
    Database {
        /// What was to be done.
        what: &'static str,
        /// What the server said.
        said: String,
    },
    /// The user whom the server should run as cannot do it.
    #[error("the server cannot run as {user}: {why}")]
    User {
        /// The user.
        user: String,
        /// Why.
        why: String,
    },
    /// A socket in this folder would have too long a name.
    #[error("the path {path} is too long for a socket: {bytes} bytes, {bytes_max} are possible")]
    PathTooLong {
        /// The folder of the socket.
        path: String,
        /// Its length with the name of the socket.
        bytes: usize,
        /// The longest.
        bytes_max: usize,
    },
    /// This system is prepared by hand.
    #[error("AuraPOS does not set a server up on this system yet")]
    NotOnThisSystem,
    /// The authority's files do not belong together.
    #[error("the shop's authority in {folder} cannot be used: {why}")]
    Authority {
        /// The folder.
        folder: String,
        /// Why.
        why: String,
    },
    /// A choice that is not possible.
    #[error("{what}")]
    Choice {
        /// Which and why.
        what: String,
    },
    /// A firewall is at work and the rule did not get in.
    #[error("the rule did not get into {firewall}: {said}")]
    Firewall {
        /// Which firewall.
        firewall: String,
        /// What it said.
        said: String,
    },
    /// The cluster was made by another version than the tools'.
    #[error("the cluster is of PostgreSQL {cluster}, and {folder} has version {tools}")]
    OtherVersion {
        /// The cluster's major version.
        cluster: u32,
        /// The tools' folder.
        folder: String,
        /// The tools' major version.
        tools: u32,
    },
    /// Another program is at work on this server.
    #[error("another program is making or changing the server in {folder}")]
    Busy {
        /// The folder `Postgres`.
        folder: String,
    },
    /// The password could not be kept.
    #[error("the password could not be kept: {why}")]
    Keep {
        /// Code of the keeper's own refusal.
        code: String,
        /// Why.
        why: String,
        /// What to do.
        next: String,
    },
    /// Everything was made, and the register does not get in.
    #[error("the server is made, but a register does not get in: {told}")]
    Unreached {
        /// Code of the diagnosis.
        code: &'static str,
        /// What the diagnosis says.
        told: String,
        /// What it advises.
        next: String,
    },
}

impl ServerError {
    /// A file that failed.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| ServerError::File { path, source }
    }

    /// A choice that is not possible.
    pub(crate) fn choice(what: impl Into<String>) -> Self {
        ServerError::Choice { what: what.into() }
    }

    /// The code of this refusal.
    pub fn code(&self) -> &str {
        match self {
            ServerError::NoTools { .. } => "AP-0601",
            ServerError::ToolsVersion { .. } => "AP-0602",
            ServerError::ToolsWithoutTls { .. } => "AP-0603",
            ServerError::NeedsRoot { .. } => "AP-0604",
            ServerError::PortTaken { .. } => "AP-0605",
            ServerError::FolderNotOurs { .. } => "AP-0606",
            ServerError::DiskFull { .. } => "AP-0607",
            ServerError::LocaleMissing { .. } => "AP-0608",
            ServerError::NotMade { .. } => "AP-0609",
            ServerError::NotStarted { .. } => "AP-0610",
            ServerError::Program { .. } => "AP-0611",
            ServerError::File { source, .. } if is_full(source) => "AP-0607",
            ServerError::File { .. } => "AP-0612",
            ServerError::Cancelled { .. } => "AP-0613",
            ServerError::Database { .. } => "AP-0614",
            ServerError::User { .. } => "AP-0615",
            ServerError::PathTooLong { .. } => "AP-0616",
            ServerError::NotOnThisSystem => "AP-0617",
            ServerError::Authority { .. } => "AP-0618",
            ServerError::Choice { .. } => "AP-0619",
            ServerError::Firewall { .. } => "AP-0620",
            ServerError::OtherVersion { .. } => "AP-0621",
            ServerError::Busy { .. } => "AP-0622",
            ServerError::Keep { code, .. } => code,
            ServerError::Unreached { code, .. } => code,
        }
    }

    /// What to do next, one or two sentences, on a command line.
    pub fn next(&self) -> String {
        match self {
            ServerError::NoTools { .. } | ServerError::ToolsVersion { .. } | ServerError::ToolsWithoutTls { .. } => {
                "Install PostgreSQL 15 to 18 (Debian, Ubuntu: `apt-get install postgresql`), or name the folder of its programs \
                 with --tools DIR."
                    .to_owned()
            }
            ServerError::NeedsRoot { .. } => {
                "Run the same command with sudo, or leave that option out: everything else works without.".to_owned()
            }
            ServerError::PortTaken { port, .. } => {
                format!("End that program, or choose another port: --port {}.", port.saturating_add(1))
            }
            ServerError::FolderNotOurs { .. } => "Name an empty folder with --cluster DIR.".to_owned(),
            ServerError::DiskFull { .. } => "Make room, or name a folder on another disk with --cluster DIR.".to_owned(),
            ServerError::LocaleMissing { .. } => {
                "Install it (Debian, Ubuntu: `apt-get install locales`, then `locale-gen`), or name another with --locale."
                    .to_owned()
            }
            ServerError::NotMade { .. } => "Make one: `aurapos-admin server init`.".to_owned(),
            ServerError::NotStarted { .. } => {
                "Look at the last lines of its log; `aurapos-admin server status` tells where it lies.".to_owned()
            }
            ServerError::Program { .. } | ServerError::Database { .. } => {
                "Run the command again: what is done already stays done.".to_owned()
            }
            ServerError::File { source, .. } if is_full(source) => {
                "Make room, or name a folder on another disk with --cluster DIR.".to_owned()
            }
            ServerError::File { .. } => "Check who owns it and the disk, then run the command again.".to_owned(),
            ServerError::Cancelled { .. } => "Run the command again: it goes on where it stopped.".to_owned(),
            ServerError::User { .. } => "Name another user of this system with --user NAME.".to_owned(),
            ServerError::PathTooLong { .. } => "Name a folder with a shorter path: --cluster DIR.".to_owned(),
            ServerError::NotOnThisSystem => crate::os::by_hand(),
            ServerError::Authority { folder, .. } => format!(
                "Put the authority's files back from where they were kept; without them, move {folder}/authority.* away and run \
                 `aurapos-admin server init` again: then every register pairs anew."
            ),
            ServerError::Choice { .. } => "See `aurapos-admin server init --help`.".to_owned(),
            ServerError::Firewall { .. } => "Put the lines in by hand: `aurapos-admin server status` shows them.".to_owned(),
            ServerError::OtherVersion { cluster, .. } => {
                format!("Install PostgreSQL {cluster} beside it, or name the folder of its programs with --tools DIR.")
            }
            ServerError::Busy { .. } => "Wait until it is done, then try again.".to_owned(),
            ServerError::Keep { next, .. } | ServerError::Unreached { next, .. } => next.clone(),
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
