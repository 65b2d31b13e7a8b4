//! One server, from its start to its end.

use crate::authority::Identity;
use crate::place::{self, OWNER, User, Version};
use crate::processes::{children, lives, signal, wait_until_gone};
use rustix::process::Signal;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The password of the superuser `postgres`.
pub const PASSWORD: &str = "of the superuser in tests";

/// How long a server may take until it is ready, or gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often another port is tried when somebody was faster.
const PORTS_TRIED: u32 = 5;

/// Waits for the end of the test. Told that all is well it does nothing; otherwise it takes the server away.
const GUARD: &str = r#"
read -r word && exit 0
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
memory=$(sed -n '7s/^ *[0-9]* *\([0-9]*\) *$/\1/p' "$1/data/postmaster.pid" 2>/dev/null)
[ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null
for turn in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
[ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null
[ -n "$memory" ] && ipcrm -m "$memory" 2>/dev/null
rm -rf "$1"
"#;

/// How a server is.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether what it says is on the disk is on the disk. Tests that pull no plug are quicker without.
    pub fsync: bool,
    /// With this certificate; then nobody gets in from the network without TLS.
    pub tls: Option<Identity>,
    /// Lines for `postgresql.conf`.
    pub settings: Vec<String>,
    /// Lines for `pg_hba.conf` before its own.
    pub hba: Vec<String>,
    /// Where its folder is made; `None`: below the target folder.
    pub place: Option<PathBuf>,
}

/// A server that runs, or was killed; gone with everything when it is dropped.
#[derive(Debug)]
pub struct Server {
    version: Version,
    folder: PathBuf,
    port: u16,
    postmaster: Option<Child>,
    guard: Option<Child>,
    _owner: File,
}

impl Server {
    /// Begins a server and waits until it answers.
    ///
    /// # Panics
    /// The tools are missing, or it does not begin: with its log.
    #[must_use]
    pub fn start(version: Version, options: Options) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        place::sweep();
        let all = options.place.clone().unwrap_or_else(place::servers);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = all.join(format!("{}-{}-{number}", version.major(), std::process::id()));
        let user = User::unprivileged();
        user.owns(&all);
        fs::create_dir(&folder).expect("a folder for the server");
        let owner = place::lock(&folder.join(OWNER));
        for made in [folder.clone(), folder.join(OWNER)] {
            user.owns(&made);
        }
        let guard = guard(user, &folder);
        let mut server = Self { version, folder, port: 0, postmaster: None, guard: Some(guard), _owner: owner };
        server.fill(user, &options);
        for _ in 0..PORTS_TRIED {
            server.port = free_port();
            if server.try_start() {
                return server;
            }
            let log = server.log();
            assert!(log.contains("Address already in use"), "the server did not begin:\n{log}");
        }
        panic!("no port stays free on this machine:\n{}", server.log());
    }

    fn fill(&self, user: User, options: &Options) {
        let data = self.data();
        let template = place::template(self.version, PASSWORD);
        place::run(user.runs(Command::new("cp").args(["-r", "--reflink=auto"]).arg(template).arg(&data)));
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("a folder of its own");
        let mut settings = vec![
            "listen_addresses = '127.0.0.1'".to_owned(),
            format!("unix_socket_directories = '{}'", self.folder.display()),
            format!("fsync = {}", if options.fsync { "on" } else { "off" }),
            "max_connections = 60".to_owned(),
            "shared_buffers = 32MB".to_owned(),
            // Otherwise a killed server leaves a file behind in a folder of the system.
            "dynamic_shared_memory_type = mmap".to_owned(),
            "log_line_prefix = '%m [%p] %u@%d '".to_owned(),
        ];
        let mut host = "host";
        if let Some(identity) = &options.tls {
            host = "hostssl";
            settings.push("ssl = on".to_owned());
            for (name, pem) in [("server.crt", &identity.certificate), ("server.key", &identity.key)] {
                let file = data.join(name);
                fs::write(&file, pem).expect("the certificate");
                fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("for the server alone");
                user.owns(&file);
            }
        }
        settings.extend(options.settings.iter().cloned());
        append(&data.join("postgresql.conf"), &settings);
        let hba = data.join("pg_hba.conf");
        fs::write(&hba, "").expect("who gets in");
        append(&hba, &options.hba);
        append(&hba, &["local all all trust".to_owned(), format!("{host} all all 127.0.0.1/32 scram-sha-256")]);
        user.owns(&hba);
    }

    /// Whether it answers; it has ended otherwise.
    fn try_start(&mut self) -> bool {
        let log = OpenOptions::new().create(true).append(true).open(self.folder.join("log")).expect("a log");
        let mut command = self.version.tool("postgres");
        command.arg("-D").arg(self.data()).arg("-p").arg(self.port.to_string()).process_group(0);
        let errors = log.try_clone().expect("a log");
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(log).stderr(errors);
        let mut child = User::unprivileged().runs(&mut command).spawn().expect("the server begins");
        let start = Instant::now();
        loop {
            let noted = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            let mut lines = noted.lines();
            let is_this = lines.next() == Some(child.id().to_string().as_str());
            if is_this && lines.any(|line| line.trim() == "ready") {
                self.postmaster = Some(child);
                return true;
            }
            if child.try_wait().expect("the server is our child").is_some() {
                return false;
            }
            assert!(start.elapsed() < PATIENCE, "the server does not get ready:\n{}", self.log());
            sleep(Duration::from_millis(5));
        }
    }

    /// Kills it and everything below it with `kill -9`, in one moment.
    pub fn kill(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else {
            return;
        };
        let pid = postmaster.id();
        // While it stands still it begins nobody more.
        signal(pid, Signal::STOP);
        let below = children(pid);
        signal(pid, Signal::KILL);
        below.iter().for_each(|&child| signal(child, Signal::KILL));
        // Killed a moment ago.
        let _ = postmaster.wait();
        wait_until_gone(&below);
    }

    /// Stops it as an administrator would who does not wait: connections are ended, what was committed stays.
    pub fn stop(&mut self) {
        if let Some(mut postmaster) = self.postmaster.take() {
            signal(postmaster.id(), Signal::INT);
            postmaster.wait().expect("the server is our child");
        }
    }

    /// Begins it again on the same port, with the same data.
    ///
    /// # Panics
    /// It does not begin: with its log.
    pub fn restart(&mut self) {
        self.stop();
        assert!(self.try_start(), "the server did not begin again:\n{}", self.log());
    }

    /// Lets it stand still, as if its machine hung; connections stay.
    pub fn freeze(&self) {
        self.to_all(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.to_all(Signal::CONT);
    }

    fn to_all(&self, what: Signal) {
        let pid = self.postmaster.as_ref().expect("the server runs").id();
        for one in std::iter::once(pid).chain(children(pid)) {
            signal(one, what);
        }
    }

    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.postmaster.as_ref().is_some_and(|child| lives(child.id()))
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Its folder, with its socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of its cluster.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What it wrote.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.join("log")).unwrap_or_default()).into_owned()
    }

    /// Runs SQL as the superuser with `psql`, over the socket; answers what it printed, columns separated by `|`.
    ///
    /// # Panics
    /// It fails: with what `psql` says.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.try_sql(database, sql).unwrap_or_else(|words| panic!("{sql}\n{words}"))
    }

    /// The same, with the error as an answer.
    ///
    /// # Errors
    /// What `psql` says.
    pub fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut command = self.version.tool("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-c", sql]);
        command.arg("-h").arg(&self.folder).arg("-p").arg(self.port.to_string());
        let output = command.output().expect("psql runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut postmaster) = self.postmaster.take() {
            // Nobody wants its data any more.
            let below = children(postmaster.id());
            signal(postmaster.id(), Signal::QUIT);
            below.iter().for_each(|&child| signal(child, Signal::CONT));
            signal(postmaster.id(), Signal::CONT);
            let _ = postmaster.wait();
        }
        place::free_memory(&fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default());
        // A disk that is gone takes it along.
        let _ = fs::remove_dir_all(&self.folder);
        if let Some(mut guard) = self.guard.take() {
            let told = guard.stdin.take().map(|mut input| input.write_all(b"done\n"));
            debug_assert!(told.is_some(), "the guard listens");
            let _ = guard.wait();
        }
    }
}

fn guard(user: User, folder: &Path) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard"]).arg(folder).current_dir("/").process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    user.runs(&mut command).spawn().expect("a guard for the server")
}

fn append(file: &Path, lines: &[String]) {
    let mut text = lines.join("\n");
    text.push('\n');
    let opened = OpenOptions::new().append(true).open(file);
    opened.and_then(|mut opened| opened.write_all(text.as_bytes())).expect("the server's settings");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("a port").port()
}
