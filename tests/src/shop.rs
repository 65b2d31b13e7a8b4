//! A shop in a temporary folder, run by the built programs as a script would run them.
//!
//! Owns how the programs are found, started, read and ended. Every wait has a limit, so a program that hangs fails its
//! test instead of holding the run. Must not look into the programs: what they wrote is read by `sqlite3` ([`crate::books`]).

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

mod script;

pub use script::Script;

/// The manager of every test shop.
pub const OPERATOR: &str = "Mia";
/// Her PIN.
pub const PIN: &str = "4711";
/// Longer than anything here takes on a busy machine; a program that needs more hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// The folder with the staged programs: `AURAPOS_PROGRAMS` (a release build, a changed one), or the target folder in which
/// this test was built.
///
/// # Panics
/// They are not there.
pub fn programs() -> PathBuf {
    let built = || {
        let test = std::env::current_exe().expect("a running test has a path");
        test.ancestors().nth(2).expect("tests are built in target/<profile>/deps").to_owned()
    };
    let folder = std::env::var_os("AURAPOS_PROGRAMS").map_or_else(built, PathBuf::from);
    for name in ["aurapos-admin", "aurapos-plugin-probe", "builtin.lock", "plugins/sqlite/plugin.toml"] {
        let there = folder.join(name).exists();
        assert!(there, "{} is missing in {}: run cargo xtask stage", name, folder.display());
    }
    folder
}

/// What a program said, and how it ended.
#[derive(Debug)]
pub struct Said {
    /// Its end.
    pub status: ExitStatus,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A refusal as scripts read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `AP-0000` or `P-000`.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub next: String,
}

impl Refusal {
    /// Reads `{"error": {"code", "message", "next"}}`; a script's answer also has the `id` of its line.
    ///
    /// # Panics
    /// It is not exactly that.
    pub fn of(value: &Value) -> Self {
        let outer = value.as_object().expect("an error is an object");
        assert!(outer.keys().all(|key| key == "error" || key == "id"), "{value}");
        let error = outer["error"].as_object().expect("an error has fields");
        let mut keys: Vec<_> = error.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["code", "message", "next"], "{value}");
        let text = |key: &str| error[key].as_str().expect("an error's fields are texts").to_owned();
        let refusal = Refusal { code: text("code"), message: text("message"), next: text("next") };
        let (kind, number) = refusal.code.split_once('-').expect("a code has two parts");
        assert!(["AP", "P"].contains(&kind) && number.parse::<u16>().is_ok(), "{refusal:?}");
        assert!(!refusal.message.is_empty(), "{refusal:?}");
        refusal
    }

    /// True when the message or the next step has these words.
    pub fn says(&self, words: &str) -> bool {
        self.message.contains(words) || self.next.contains(words)
    }
}

/// Runs a program to its end, with `input` on its standard input.
///
/// # Panics
/// It cannot be started, or does not end in time.
pub fn run(command: &mut Command, input: &[u8]) -> Said {
    let shown = format!("{command:?}");
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{shown} cannot be started: {error}"));
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_vec();
    // A program that refuses at once does not read: a broken pipe is no failure of the test.
    let feeder = thread::spawn(move || drop(stdin.write_all(&input)));
    let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let (Ok(out), Ok(err)) = (out.recv_timeout(PATIENCE), err.recv_timeout(PATIENCE)) else {
        end(&mut child);
        panic!("{shown} did not end within {PATIENCE:?}");
    };
    feeder.join().expect("the feeder only writes");
    let status = child.wait().expect("its output has ended");
    Said { status, out, err }
}

fn reader(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (text, texts): (Sender<String>, _) = channel();
    let mut stream = stream.expect("it is piped");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is what there is.
        let _ = stream.read_to_end(&mut bytes);
        let _ = text.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    texts
}

/// What a terminal does when somebody presses Ctrl+C (SIGINT).
///
/// # Panics
/// The program is gone, or there is no `kill`.
pub fn press_ctrl_c(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("every system has kill");
    assert!(sent.success(), "the program is gone");
}

/// Kills a program at once (SIGKILL) and waits for its end.
fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// A data folder and the programs.
#[derive(Debug)]
pub struct Shop {
    /// The data folder.
    pub data: PathBuf,
    /// Other programs than those of [`programs`].
    served_by: Option<PathBuf>,
    _place: Option<TempDir>,
}

impl Shop {
    /// A data folder in a temporary place, not made yet.
    pub fn nowhere() -> Self {
        Self::below(scratch())
    }

    /// The same on a disk, for tests in which its pace matters.
    pub fn on_disk() -> Self {
        let shop = Self::below(tempfile::tempdir().expect("there is a temporary folder"));
        shop.set_up();
        shop
    }

    fn below(place: TempDir) -> Self {
        Shop { data: place.path().join("shop"), served_by: None, _place: Some(place) }
    }

    /// A data folder of the caller's.
    pub fn at(data: &Path) -> Self {
        Shop { data: data.to_owned(), served_by: None, _place: None }
    }

    /// From now on the programs of this folder keep the shop.
    pub fn serve_by(&mut self, programs: &Path) {
        self.served_by = Some(programs.to_owned());
    }

    /// A shop with the sample catalog and an open drawer.
    pub fn open() -> Self {
        let shop = Self::nowhere();
        shop.set_up();
        shop
    }

    /// Sets the shop up with the sample catalog and opens the drawer.
    pub fn set_up(&self) {
        let init = ["init", "--shop", "Épicerie du Coin", "--manager", OPERATOR, "--pin", PIN, "--sample-data"];
        let made = self.ok(&init);
        assert_eq!(made["register"], "R1");
        self.ok(&["drawer", "open", "--operator", OPERATOR, "--pin", PIN, "--float", "100.00"]);
    }

    /// `aurapos-admin --data … --json ARGS`.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.spoken(&["--json"]);
        command.args(args);
        command
    }

    /// `aurapos-admin --data … ARGS`: as people type it.
    pub fn spoken(&self, args: &[&str]) -> Command {
        let folder = self.served_by.clone().unwrap_or_else(programs);
        let mut command = Command::new(folder.join("aurapos-admin"));
        command.env_remove("AURAPOS_DATA").env_remove("AURAPOS_PIN");
        command.arg("--data").arg(&self.data).args(args);
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Said {
        run(&mut self.command(args), b"")
    }

    /// Runs a command that must succeed: exit code 0, exactly one JSON document, nothing on standard error.
    ///
    /// # Panics
    /// Anything else happens.
    pub fn ok(&self, args: &[&str]) -> Value {
        let said = self.run(args);
        assert_eq!(said.status.code(), Some(0), "{args:?}: {said:?}");
        assert_eq!(said.err, "", "{args:?}");
        one_document(&said.out)
    }

    /// Runs a command that must be refused: exit code 1, nothing on standard output, one error on standard error.
    ///
    /// # Panics
    /// Anything else happens.
    pub fn refused(&self, args: &[&str]) -> Refusal {
        let said = self.run(args);
        refusal_in(&said, 1, args)
    }

    /// Runs a command that is wrong usage: exit code 2, nothing on standard output, one error on standard error.
    ///
    /// # Panics
    /// Anything else happens.
    pub fn misused(&self, args: &[&str]) -> Refusal {
        let said = self.run(args);
        refusal_in(&said, 2, args)
    }

    /// Runs a check that finds something: exit code 1 and an answer.
    ///
    /// # Panics
    /// Anything else happens.
    pub fn found_bad(&self, args: &[&str]) -> Value {
        let said = self.run(args);
        assert_eq!(said.status.code(), Some(1), "{args:?}: {said:?}");
        assert_eq!(said.err, "", "{args:?}");
        one_document(&said.out)
    }

    /// Starts `sell --script -`.
    pub fn script(&self) -> Script {
        Script::start(&mut self.command(&["sell", "--script", "-"]))
    }

    /// Sells one basket of the caller's items.
    pub fn sell(&self, items: &[&str]) -> Value {
        let mut args = vec!["sell", "--operator", OPERATOR, "--pin", PIN, "--tender", "cash"];
        items.iter().for_each(|item| args.extend(["--item", item]));
        self.ok(&args)
    }

    /// Sells a script of lines to its end; one answer a line.
    pub fn sell_all(&self, lines: &[Value]) -> Vec<Value> {
        let mut script = self.script();
        lines.iter().for_each(|line| script.send(line));
        let answers = script.finish();
        assert_eq!(answers.len(), lines.len(), "one answer a line");
        answers
    }

    /// `journal verify` finds nothing.
    pub fn verify(&self) -> Value {
        let found = self.ok(&["journal", "verify"]);
        assert_eq!((&found["ok"], &found["first_bad"]), (&json!(true), &Value::Null), "{found}");
        found
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.data.join("AuraPOS.db")
    }
}

/// A temporary folder in memory where there is some, else on the disk: most tests wait for the disk more than they work.
///
/// # Panics
/// There is no temporary folder.
pub fn scratch() -> TempDir {
    let memory = tempfile::Builder::new().prefix("aurapos-test-").tempdir_in("/dev/shm");
    memory.or_else(|_| tempfile::tempdir()).expect("there is a temporary folder")
}

/// The one JSON document of an output.
///
/// # Panics
/// It is not exactly one.
pub fn one_document(out: &str) -> Value {
    assert_eq!(out.lines().count(), 1, "one document is one line: {out}");
    serde_json::from_str(out).unwrap_or_else(|error| panic!("not one JSON document ({error}): {out}"))
}

/// The refusal that a program ended with.
///
/// # Panics
/// It ended in another way.
pub fn refusal_in(said: &Said, code: i32, args: &[&str]) -> Refusal {
    assert_eq!(said.status.code(), Some(code), "{args:?}: {said:?}");
    assert_eq!(said.out, "", "{args:?}");
    Refusal::of(&one_document(&said.err))
}

/// Copies a folder with everything in it.
///
/// # Panics
/// It cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the copy can be made");
    for entry in std::fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let dest = to.join(entry.file_name());
        if entry.file_type().expect("an entry has a type").is_dir() {
            copy_folder(&entry.path(), &dest);
        } else {
            std::fs::copy(entry.path(), dest).expect("a file can be copied");
        }
    }
}

/// Waits for a channel with the usual patience.
fn patiently<T>(channel: &Receiver<T>) -> Option<T> {
    match channel.recv_timeout(PATIENCE) {
        Ok(value) => Some(value),
        Err(RecvTimeoutError::Disconnected) => None,
        Err(RecvTimeoutError::Timeout) => panic!("no answer within {PATIENCE:?}"),
    }
}
