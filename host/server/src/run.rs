//! Starting and stopping, and keeping what changes by itself: the machine's addresses, the certificate.

use crate::authority::{self, Authority, Names};
use crate::files::{self, Readers};
use crate::networks::Networks;
use crate::place::Place;
use crate::settings::{self, Surroundings};
use crate::tools::{self, Tools};
use crate::{Facts, Home, ServerError, certificate, desk, os, process, service};
use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// How long PostgreSQL may take to start (it may have to recover) and to stop, in seconds.
const PATIENCE_S: u32 = 120;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Started {
    /// It was not running.
    pub was_started: bool,
    /// It runs with new settings.
    pub was_changed: bool,
    /// The certificate is new; why.
    pub renewed: Option<String>,
}

/// Only one program changes a server at a time; held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    pub(crate) fn take(home: &Home) -> Result<Self, ServerError> {
        let path = home.lock_file();
        let mut options = fs::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        os::readers(&mut options, Readers::Owner);
        let file = options.open(&path).map_err(ServerError::file(&path))?;
        // Root leaves nothing that the folder's owner cannot use.
        if os::is_root() {
            let owner = os::Account::of_owner(home.root())?;
            os::give(&path, &owner).map_err(ServerError::file(&path))?;
        }
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(ServerError::Busy { folder: home.root().display().to_string() }),
            Err(fs::TryLockError::Error(error)) => Err(ServerError::file(&path)(error)),
        }
    }
}

/// Starts the server of a data folder, with the addresses and the certificate of today. `through_service`: by the service
/// where there is one, so that systemd knows that it runs.
///
/// # Errors
/// There is none, or it does not start.
pub fn start(home: &Home, through_service: bool) -> Result<Started, ServerError> {
    let facts = home.facts()?;
    let place = made_place(home, &facts)?;
    must_be_its_user(&place, "start the server")?;
    let started = {
        let _lock = Lock::take(home)?;
        let renewed = renew_locked(home, &facts, &place)?;
        let changed = write_settings(&facts, &place)?;
        if is_running(&place, facts.port) {
            let was_changed = changed && apply(&place, &facts)?;
            return Ok(Started { was_started: false, was_changed, renewed });
        }
        Started { was_started: true, was_changed: changed, renewed }
    };
    if through_service && os::is_root() && matches!(service::look(&facts), service::Service::AtBoot) {
        process::run(Command::new("systemctl").args(["start", service::UNIT]), "systemctl start")?;
    } else {
        launch(&place, &facts, &tools_of(&place, &facts)?)?;
    }
    Ok(started)
}

/// Stops it: whoever is connected is sent away, and everything that was committed is on disk. Whether it was running.
///
/// # Errors
/// There is none, or it does not stop.
pub fn stop(home: &Home, through_service: bool) -> Result<bool, ServerError> {
    let facts = home.facts()?;
    let place = made_place(home, &facts)?;
    must_be_its_user(&place, "stop the server")?;
    if !is_running(&place, facts.port) {
        return Ok(false);
    }
    if through_service && os::is_root() && matches!(service::look(&facts), service::Service::AtBoot) {
        process::run(Command::new("systemctl").args(["stop", service::UNIT]), "systemctl stop")?;
        if !is_running(&place, facts.port) {
            return Ok(true);
        }
    }
    let tools = tools_of(&place, &facts)?;
    pg_ctl(&place, &tools, &["stop", "-m", "fast"])?;
    Ok(true)
}

/// Makes the certificate anew when it is due; why, where it was.
///
/// # Errors
/// There is no server, or the authority's key is not here.
pub fn renew(home: &Home) -> Result<Option<String>, ServerError> {
    let facts = home.facts()?;
    let place = made_place(home, &facts)?;
    must_be_its_user(&place, "renew the certificate")?;
    let _lock = Lock::take(home)?;
    let renewed = renew_locked(home, &facts, &place)?;
    if renewed.is_some() && is_running(&place, facts.port) {
        apply(&place, &facts)?;
    }
    Ok(renewed)
}

fn made_place(home: &Home, facts: &Facts) -> Result<Place, ServerError> {
    let place = Place::known(home, facts)?;
    if !place.is_made() {
        return Err(ServerError::NotMade { folder: home.root().display().to_string() });
    }
    Ok(place)
}

/// Whether this program runs as the server's user, or as root.
pub(crate) fn may_change(place: &Place) -> bool {
    os::is_root() || os::Account::own().is_ok_and(|own| own == place.account)
}

fn must_be_its_user(place: &Place, what: &str) -> Result<(), ServerError> {
    if may_change(place) {
        return Ok(());
    }
    Err(ServerError::NeedsRoot { what: format!("{what} of {}", place.account.name) })
}

fn tools_of(place: &Place, facts: &Facts) -> Result<Tools, ServerError> {
    let named = Some(facts.tools.as_path()).filter(|folder| !folder.as_os_str().is_empty());
    // An upgrade of the system may have moved them.
    tools::find(&place.account, named, Some(facts.major))
        .or_else(|_| tools::find(&place.account, None, Some(facts.major)))
}

/// The server's certificate, as far as this user may see it.
pub(crate) fn certificate_of(place: &Place) -> Option<certificate::Facts> {
    let pem = fs::read_to_string(place.tls().join("server.crt")).ok()?;
    certificate::read_pem(&pem).map(|(_, facts)| facts)
}

/// Makes the certificate anew when it is due. The key is written first: PostgreSQL keeps the pair that it has until it is told
/// to read them, and a run that was killed between the two is made good by the next one.
pub(crate) fn renew_locked(home: &Home, facts: &Facts, place: &Place) -> Result<Option<String>, ServerError> {
    let networks = Networks::of_this_machine().map_err(ServerError::file(Path::new("this machine's networks")))?;
    let names = Names::of_this_machine(&networks, &facts.names);
    let authority = Authority::read(home)?;
    let now = SystemTime::now();
    let (key_file, certificate_file) = (place.tls().join("server.key"), place.tls().join("server.crt"));
    let is_pair = authority::is_pair(&certificate_file, &key_file);
    let due = authority::renewal(certificate_of(place).as_ref(), authority.facts(), &names, now);
    let due = due.or_else(|| (!is_pair).then(|| "its key is another one's".to_owned()));
    if due.is_some() {
        let identity = authority.issue(&names, now)?;
        files::put(&key_file, identity.key.as_bytes(), Readers::Owner, Some(&place.account))?;
        files::put(&certificate_file, identity.certificate.as_bytes(), Readers::Owner, Some(&place.account))?;
    }
    Ok(due)
}

/// Writes PostgreSQL's settings for the addresses of today; whether they changed.
pub(crate) fn write_settings(facts: &Facts, place: &Place) -> Result<bool, ServerError> {
    let networks = Networks::of_this_machine().map_err(ServerError::file(Path::new("this machine's networks")))?;
    let around = Surroundings { facts, networks: &networks, root: &place.root, memory_bytes: os::memory_bytes() };
    let mut users = vec![place.account.name.clone(), place.owner.name.clone(), "root".to_owned()];
    users.dedup();
    let mut changed = false;
    for (name, text) in [
        (settings::FILE, around.settings()),
        ("pg_hba.conf", around.access()),
        ("pg_ident.conf", settings::people(&users)),
    ] {
        changed |= files::put(&place.data().join(name), text.as_bytes(), Readers::Owner, Some(&place.account))?;
    }
    Ok(changed)
}

/// Lets a server that runs read its files anew, and restarts it where a setting needs that. Whether anything had to be done.
pub(crate) fn apply(place: &Place, facts: &Facts) -> Result<bool, ServerError> {
    let tools = tools_of(place, facts)?;
    pg_ctl(place, &tools, &["reload"])?;
    // The port it has is in its own file, not in ours.
    let mut present = facts.clone();
    present.port = running_port(place).unwrap_or(facts.port);
    let mut client = desk::open(place, &present, "postgres")?;
    let waits = "SELECT count(*)::text FROM pg_settings WHERE pending_restart";
    // The reload is a signal: the server's processes read their files a moment later.
    let pending = (0..20).any(|turn| {
        if turn > 0 {
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        desk::ask(&mut client, waits).is_ok_and(|count| count != "0")
    });
    drop(client);
    if pending {
        pg_ctl(place, &tools, &["stop", "-m", "fast"])?;
        launch(place, facts, &tools)?;
    }
    Ok(true)
}

/// Starts PostgreSQL and waits until it answers.
pub(crate) fn launch(place: &Place, facts: &Facts, tools: &Tools) -> Result<(), ServerError> {
    check_port(facts)?;
    let log = place.log().join("start.log");
    // Only what this start says.
    let _ = fs::remove_file(&log);
    let log_text = log.display().to_string();
    let started = pg_ctl(place, tools, &["start", "-l", &log_text]);
    started.map(drop).map_err(|error| {
        let said = [files::tail(&log, 4), newest_log(&place.log())].join(" / ");
        let said = process::one_line(&said);
        let said = if said.trim_matches([' ', '/']).is_empty() { error.to_string() } else { said };
        if said.contains("No space left") {
            let free_mb = os::free_bytes(&place.root).unwrap_or(0) / 1_000_000;
            return ServerError::DiskFull { folder: place.root.display().to_string(), free_mb, needed_mb: 100 };
        }
        ServerError::NotStarted { said }
    })
}

/// The last lines of the newest log that the collector wrote.
fn newest_log(folder: &Path) -> String {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let logs = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("postgresql-"));
    let newest = logs.max_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok());
    newest.map_or_else(String::new, |entry| files::tail(&entry.path(), 4))
}

/// Nobody else may have the port.
pub(crate) fn check_port(facts: &Facts) -> Result<(), ServerError> {
    let mut addresses = vec![IpAddr::from([127, 0, 0, 1])];
    addresses.extend(facts.listen.iter().filter_map(|text| text.parse::<IpAddr>().ok()));
    for address in addresses {
        let place = SocketAddr::new(address, facts.port);
        match TcpListener::bind(place) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                let by = os::holder_of(place).unwrap_or_else(|| "another program".to_owned());
                return Err(ServerError::PortTaken { port: facts.port, address: address.to_string(), by });
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let what = format!("port {} is one of those that only root may use", facts.port);
                return Err(ServerError::choice(what));
            }
            // An address that the machine does not have today is left out by PostgreSQL.
            Err(_) => {}
        }
    }
    Ok(())
}

/// Whether its PostgreSQL runs: the process that its own file names is there.
pub(crate) fn is_running(place: &Place, port: u16) -> bool {
    if fs::read_dir(place.data()).is_err() {
        // Who may not look into the cluster's folder asks at the socket.
        return os::socket_answers(&place.run().join(format!(".s.PGSQL.{port}")));
    }
    pid_lines(place).and_then(|lines| lines.first()?.trim().parse().ok()).is_some_and(os::is_postgres)
}

/// The port of the PostgreSQL that runs; the fourth line of its file.
fn running_port(place: &Place) -> Option<u16> {
    pid_lines(place)?.get(3)?.trim().parse().ok()
}

fn pid_lines(place: &Place) -> Option<Vec<String>> {
    let text = fs::read_to_string(place.data().join("postmaster.pid")).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

fn pg_ctl(place: &Place, tools: &Tools, words: &[&str]) -> Result<String, ServerError> {
    let mut command = os::command_as(&place.account, &tools.program("pg_ctl"));
    command.args(words).arg("-D").arg(place.data()).arg("-s");
    if words.first() != Some(&"reload") {
        command.args(["-w", "-t", &PATIENCE_S.to_string()]);
    }
    process::run(&mut command, "pg_ctl")
}
