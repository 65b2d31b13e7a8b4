//! What these tests stand on: a data folder in a temporary place, a server of it on a free port, its end.
#![allow(dead_code, clippy::unwrap_used)]

use aurapos_contract::host::NoProgress;
use aurapos_server::diagnosis::{Diagnosis, Target, diagnose};
use aurapos_server::{Home, Keep, Made, Secret, ServerError, Wish, init};
use postgres::{Client, NoTls};
use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub const SHOP: &str = "Épicerie du Coin";

/// Waits for the end of the test. Told that all is well it does nothing; otherwise it takes every server away.
const GUARD: &str = r#"
read -r word && exit 0
for file in $(find "$1" -name postmaster.pid); do kill -QUIT "$(head -n 1 "$file")" 2>/dev/null; done
sleep 1
rm -rf "$1"
"#;

/// A data folder, and a port for its server.
pub struct Ground {
    place: TempDir,
    guard: Option<Child>,
    pub data: PathBuf,
    pub home: Home,
    pub port: u16,
    pub keep: FileKeep,
}

impl Ground {
    pub fn new() -> Self {
        Ground::at(tempfile::tempdir().unwrap(), free_port())
    }

    pub fn at(place: TempDir, port: u16) -> Self {
        let data = place.path().join("shop");
        fs::create_dir(&data).unwrap();
        if is_root() {
            // PostgreSQL refuses to be root: the folder is somebody's, and the server runs as them.
            fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
            chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard"]).arg(place.path()).stdin(Stdio::piped()).stdout(Stdio::null());
        let guard = command.stderr(Stdio::null()).spawn().unwrap();
        let keep = FileKeep::beside(&data);
        Ground { home: Home::of_data(&data), guard: Some(guard), place, data, port, keep }
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// The usual wish: this shop, this port, the machine alone.
    pub fn wish(&self) -> Wish {
        let listen = Some(vec!["127.0.0.1".to_owned()]);
        Wish { shop: Some(SHOP.into()), port: Some(self.port), listen, tools: Some(tools("15")), ..Wish::default() }
    }

    pub fn init(&self, wish: &Wish) -> Result<Made, ServerError> {
        init(&self.home, wish, &self.keep, &NoProgress)
    }

    /// A server that runs.
    pub fn made() -> Self {
        let ground = Ground::new();
        ground.init(&ground.wish()).unwrap();
        ground
    }

    pub fn cluster(&self) -> PathBuf {
        self.home.root().join("Cluster")
    }

    /// As superuser, through the socket.
    pub fn desk(&self, database: &str) -> Client {
        let run = self.cluster().join("run").display().to_string();
        let port = self.home.facts().unwrap().port;
        postgres::Config::new().host(&run).port(port).user("postgres").dbname(database).connect(NoTls).unwrap()
    }

    pub fn sql(&self, database: &str, statements: &str) {
        self.desk(database).batch_execute(statements).unwrap();
    }

    /// Lets the server read its files anew, and waits until new sessions see it.
    pub fn reload(&self) {
        let loaded = |ground: &Ground| -> std::time::SystemTime {
            // Of a session that begins now: those are what is asked afterwards.
            ground.desk("postgres").query_one("SELECT pg_conf_load_time()", &[]).unwrap().get(0)
        };
        let before = loaded(self);
        self.sql("postgres", "SELECT pg_reload_conf()");
        while loaded(self) == before {
            std::thread::yield_now();
        }
    }

    /// Adds lines behind the include, where an owner would.
    pub fn own_settings(&self, lines: &str) {
        let file = self.cluster().join("data/postgresql.conf");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n{lines}\n")).unwrap();
    }

    /// This machine's register at its own server.
    pub fn target(&self) -> Target {
        Target {
            port: self.port,
            user: Some("aurapos_r1".into()),
            password: self.keep.get("aurapos_r1").unwrap(),
            authority: Some(fs::read_to_string(self.home.authority_file()).unwrap()),
            searches: false,
            ..Target::new("127.0.0.1")
        }
    }

    pub fn diagnose(&self, change: impl FnOnce(&mut Target)) -> Diagnosis {
        let mut target = self.target();
        change(&mut target);
        diagnose(&target, None)
    }

    /// Puts a certificate of its own in the place of the server's.
    pub fn use_identity(&self, identity: &aurapos_server::authority::Identity) {
        for (name, text) in [("server.key", &identity.key), ("server.crt", &identity.certificate)] {
            // Written into the file that is there: owner and rights stay.
            fs::write(self.cluster().join("tls").join(name), text).unwrap();
        }
        self.reload();
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            // Its input ends: it takes the servers away.
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }
}

/// Passwords in a file, so that a run that was killed has kept them.
pub struct FileKeep {
    file: PathBuf,
}

impl FileKeep {
    pub fn beside(data: &Path) -> Self {
        FileKeep { file: data.parent().unwrap().join("passwords") }
    }

    fn all(&self) -> BTreeMap<String, String> {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        text.lines().filter_map(|line| line.split_once('=')).map(|(role, text)| (role.into(), text.into())).collect()
    }

    pub fn forget(&self) {
        fs::remove_file(&self.file).unwrap();
    }
}

impl Keep for FileKeep {
    fn get(&self, role: &str) -> Result<Option<Secret>, ServerError> {
        Ok(self.all().get(role).map(Secret::new))
    }

    fn set(&self, role: &str, secret: &Secret) -> Result<(), ServerError> {
        let mut all = self.all();
        all.insert(role.to_owned(), secret.text().to_owned());
        let text: String = all.iter().map(|(role, text)| format!("{role}={text}\n")).collect();
        fs::write(&self.file, text).unwrap();
        Ok(())
    }
}

const NOBODY: u32 = 65534;

pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The programs of a version that `cargo xtask postgres` laid out.
pub fn tools(major: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let place = test.ancestors().map(|folder| folder.join("postgres").join(major).join("bin"));
    let found = place.into_iter().find(|folder| folder.join("postgres").is_file());
    found.unwrap_or_else(|| panic!("PostgreSQL {major} is not laid out: type `cargo xtask postgres`"))
}

/// Runs this very test once more with a word in its environment; true in that second run.
pub fn again(test: &str, word: &str, wrap: &[&str]) -> bool {
    if std::env::var("AURAPOS_AGAIN").is_ok_and(|inside| inside == word) {
        return true;
    }
    let status = command_again(test, word, wrap).status().unwrap();
    assert!(status.success(), "{test} as {word}: {status}");
    false
}

pub fn command_again(test: &str, word: &str, wrap: &[&str]) -> Command {
    let own = std::env::current_exe().unwrap();
    let mut words: Vec<std::ffi::OsString> = wrap.iter().map(Into::into).collect();
    words.push(own.into());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).args(["--exact", test, "--nocapture"]).env("AURAPOS_AGAIN", word);
    command
}
