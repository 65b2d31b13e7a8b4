//! Where the server runs and as whom: the user, the folder of the cluster, its mark.

use crate::files::{self, Readers};
use crate::os::{self, Account};
use crate::{Facts, Home, ServerError, Wish};
use std::fs;
use std::path::{Path, PathBuf};

/// The mark of a cluster that AuraPOS made, in its folder.
const MARK: &str = "AuraPOS.cluster";
/// Free room that a cluster needs to be made and to begin: its files are 40 MB, the log of what is written up to 1 GB later.
pub(crate) const FREE_BYTES_MIN: u64 = 300 * 1024 * 1024;
/// The name of PostgreSQL's socket in its folder, with the longest port.
const SOCKET_NAME: &str = ".s.PGSQL.65535";

/// A cluster's folder, and who owns what.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The folder of the cluster, absolute.
    pub(crate) root: PathBuf,
    /// Whom the server runs as; owns the folder.
    pub(crate) account: Account,
    /// Who owns the data folder; owns the authority and may come in by the socket.
    pub(crate) owner: Account,
}

impl Place {
    /// PostgreSQL's own data.
    pub(crate) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Its certificate and key.
    pub(crate) fn tls(&self) -> PathBuf {
        self.root.join("tls")
    }

    /// Its socket.
    pub(crate) fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// What it said.
    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    fn mark(&self) -> PathBuf {
        self.root.join(MARK)
    }

    /// The place that was chosen before.
    ///
    /// # Errors
    /// The user is gone.
    pub(crate) fn known(home: &Home, facts: &Facts) -> Result<Self, ServerError> {
        let gone = || ServerError::User { user: facts.user.clone(), why: "this system has no such user".to_owned() };
        let account = Account::named(&facts.user)?.ok_or_else(gone)?;
        Ok(Place { root: home.cluster(facts), account, owner: Account::of_owner(home.root())? })
    }

    /// Chooses user and folder, and writes them into `facts`. Makes nothing but the system user that root's server runs as.
    ///
    /// # Errors
    /// The user cannot be, or the folder holds something else.
    pub(crate) fn choose(home: &Home, facts: &mut Facts, wish: &Wish) -> Result<Self, ServerError> {
        let data = home.root().parent().unwrap_or(home.root());
        let owner = Account::of_owner(data)?;
        let account = choose_account(facts, wish, &owner)?;
        if wish
            .cluster
            .as_ref()
            .is_some_and(|cluster| facts.major != 0 && absolute(cluster) != absolute(&home.cluster(facts)))
        {
            let what = format!("the cluster is in {} and is not moved", home.cluster(facts).display());
            return Err(ServerError::choice(what));
        }
        if facts.major == 0 && wish.cluster.is_none() && !can_enter(&account, &owner, data) {
            // Nobody but its owner enters the data folder, and that stays.
            facts.cluster = os::state_folder().join(format!("Cluster-{}", &facts.id[..8.min(facts.id.len())]));
        }
        facts.user.clone_from(&account.name);
        let place = Place { root: absolute(&home.cluster(facts)), account, owner };
        place.check_path()?;
        place.check_ours(facts)?;
        Ok(place)
    }

    fn check_path(&self) -> Result<(), ServerError> {
        let path = self.run();
        let bytes = path.as_os_str().len() + 1 + SOCKET_NAME.len();
        if bytes > os::SOCKET_BYTES_MAX {
            let path = path.display().to_string();
            return Err(ServerError::PathTooLong { path, bytes, bytes_max: os::SOCKET_BYTES_MAX });
        }
        Ok(())
    }

    /// The folder is empty, missing, or the one that this server was given.
    pub(crate) fn check_ours(&self, facts: &Facts) -> Result<(), ServerError> {
        let ours = files::text(&self.mark())?.is_some_and(|mark| mark.trim_end().ends_with(&facts.id));
        if ours || files::is_empty(&self.root)? {
            return Ok(());
        }
        Err(ServerError::FolderNotOurs { folder: self.root.display().to_string() })
    }

    /// Makes the folder and puts the mark into it before anything else.
    pub(crate) fn make(&self, facts: &Facts) -> Result<bool, ServerError> {
        if let Some(parent) = self.root.parent().filter(|parent| !parent.is_dir()) {
            fs::create_dir_all(parent).map_err(ServerError::file(parent))?;
        }
        // The owner of the data folder reaches the socket through it.
        let outer = if self.account == self.owner { 0o700 } else { 0o711 };
        let mut changed = files::folder(&self.root, outer, Some(&self.account))?;
        self.check_ours(facts)?;
        let mark = format!("AuraPOS {}\n", facts.id);
        changed |= files::put(&self.mark(), mark.as_bytes(), Readers::All, Some(&self.account))?;
        for (folder, mode) in [(self.tls(), 0o700), (self.log(), 0o700), (self.run(), outer)] {
            changed |= files::folder(&folder, mode, Some(&self.account))?;
        }
        self.check_room()?;
        Ok(changed)
    }

    /// Room is needed for what is not there yet.
    fn check_room(&self) -> Result<(), ServerError> {
        if self.data().exists() {
            return Ok(());
        }
        let free = os::free_bytes(&self.root).map_err(ServerError::file(&self.root))?;
        if free < FREE_BYTES_MIN {
            let folder = self.root.display().to_string();
            return Err(ServerError::DiskFull {
                folder,
                free_mb: free / 1_000_000,
                needed_mb: FREE_BYTES_MIN / 1_000_000,
            });
        }
        Ok(())
    }

    /// Whether the cluster is there, whole: it has its name only when it is.
    pub(crate) fn is_made(&self) -> bool {
        self.data().join("PG_VERSION").is_file()
    }
}

/// Whom the server runs as. PostgreSQL refuses to be root.
fn choose_account(facts: &Facts, wish: &Wish, owner: &Account) -> Result<Account, ServerError> {
    let own = Account::own()?;
    let named = wish.user.clone().or_else(|| Some(facts.user.clone()).filter(|user| !user.is_empty()));
    let account = match named {
        Some(name) => {
            let gone = || ServerError::User { user: name.clone(), why: "this system has no such user".to_owned() };
            Account::named(&name)?.ok_or_else(gone)?
        }
        None if !own.is_root() => own.clone(),
        None if !owner.is_root() => owner.clone(),
        None => os::system_account()?,
    };
    if account.is_root() {
        let why = "PostgreSQL refuses to be root".to_owned();
        return Err(ServerError::User { user: account.name, why });
    }
    if facts.major != 0 && !facts.user.is_empty() && facts.user != account.name {
        return Err(ServerError::choice(format!("the server runs as {}, and that stays", facts.user)));
    }
    if !own.is_root() && own != account {
        return Err(ServerError::NeedsRoot { what: format!("make a server that runs as {}", account.name) });
    }
    Ok(account)
}

/// Whether a user may enter a folder: asked as that user.
fn can_enter(account: &Account, owner: &Account, folder: &Path) -> bool {
    if account == owner {
        return true;
    }
    let mut command = os::command_as(account, Path::new("/usr/bin/test"));
    crate::process::run(command.arg("-x").arg(folder), "test").is_ok()
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// 128 bits of chance, in hexadecimal.
pub(crate) fn new_id() -> Result<String, ServerError> {
    let mut bytes = [0_u8; 16];
    let failed =
        |error| ServerError::Program { program: "the system's source of chance".to_owned(), said: format!("{error}") };
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
