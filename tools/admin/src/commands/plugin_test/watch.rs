//! Watches the process that runs the cases: hears each as it begins and ends, says in which one the process died or hung,
//! and has the remaining ones go on in a new process.
//!
//! Owns: processes and deadlines. Must not know: what a case does. No case is run twice: what a plugin did before it died
//! is not repeated, and the answer is the same however often it dies.

use super::{Case, Given, Suite};
use crate::commands::context::Context;
use crate::os;
use crate::output::Failure;
use aurapos_plugin_testkit::TestHost;
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// After so many deaths and hangs of one suite the remaining cases are not run: nothing new would be learned.
const DEATHS_MAX: usize = 10;
/// How long a process that closed its output may take to end, and its last words to be read.
const LAST_MOMENTS: Duration = Duration::from_secs(5);
/// Between two looks whether it did.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
/// Lines that a process wrote itself and that are told when it dies.
const LAST_WORDS_MAX: usize = 8;
/// Characters of one of them.
const LAST_WORD_CHARS_MAX: usize = 300;

/// One suite of one plugin.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) suite: &'static str,
    pub(super) dir: &'a Path,
    pub(super) given: Given<'a>,
    /// How long one case may take, and the start.
    pub(super) patience: Duration,
}

/// How a process went on.
#[derive(Debug)]
enum End {
    /// It told all its cases.
    Done,
    /// It was told before any case that the plugin cannot be used.
    Refused(Failure),
    /// It died, or was ended because it hung: why, as a sentence.
    Died(String),
}

/// Runs all cases of a suite.
///
/// # Errors
/// The plugin is refused, or no process can be started.
pub(super) fn run(context: &Context, asked: &Asked<'_>, cases: Vec<Case>) -> Result<Suite, Failure> {
    let mut suite = Suite::of(asked.suite);
    let mut remaining = VecDeque::from(cases);
    let mut deaths = 0;
    while !remaining.is_empty() {
        let before = suite.report.cases.len();
        let why = match one_process(context, asked, &mut remaining, &mut suite)? {
            End::Done => continue,
            End::Refused(failure) => return Err(failure),
            End::Died(why) => why,
        };
        deaths += 1;
        let not_run = if suite.report.cases.len() == before {
            // Nothing was begun: every further process would die in the same way.
            suite.add(
                Case { name: "start", promise: "an instance is made and goes, before any case" },
                Err(why),
                Duration::ZERO,
            );
            "not run: the plugin does not even start".to_owned()
        } else if deaths == DEATHS_MAX {
            format!("not run: the plugin took its process down {DEATHS_MAX} times before")
        } else {
            continue;
        };
        remaining.drain(..).for_each(|case| suite.add(case, Err(not_run.clone()), Duration::ZERO));
    }
    Ok(suite)
}

/// Runs cases in one process until all are told or it dies; takes each case off the list as it begins.
fn one_process(
    context: &Context,
    asked: &Asked<'_>,
    remaining: &mut VecDeque<Case>,
    suite: &mut Suite,
) -> Result<End, Failure> {
    // What the process leaves behind when it dies goes with this.
    let place = TestHost::new();
    let word = format!("case-{}:", place.folder().display());
    let mut process = Process::start(context, asked, remaining, &word, place.folder())?;
    let first = suite.report.cases.len();
    let mut current: Option<(Case, Instant)> = None;
    loop {
        let message = match process.lines.recv_timeout(asked.patience) {
            Ok(message) => message,
            Err(end) => {
                let status =
                    process.ended(if end == RecvTimeoutError::Timeout { Duration::ZERO } else { LAST_MOMENTS });
                if current.is_none() && remaining.is_empty() && status.is_some_and(|status| status.success()) {
                    return Ok(End::Done);
                }
                let why = match status {
                    Some(status) => how(status),
                    None if end == RecvTimeoutError::Disconnected => {
                        "it closed the output of its process and did not end".to_owned()
                    }
                    None => format!("nothing was heard for {} s, so it was ended: it hung", asked.patience.as_secs()),
                };
                return Ok(died(suite, first, current, format!("{why}{}", process.last_words())));
            }
        };
        if let Some(refused) = message.get("refused") {
            let text = |key: &str| refused[key].as_str().unwrap_or_default();
            return Ok(End::Refused(Failure::new(text("code"), text("message"), text("next"))));
        }
        if message.get("begins").is_some() {
            current = remaining.pop_front().map(|case| (case, Instant::now()));
        } else if message.get("ends").is_some()
            && let Some((case, began)) = current.take()
        {
            let failure = message["failure"].as_str().map(str::to_owned);
            suite.add(case, failure.map_or(Ok(()), Err), began.elapsed());
        }
    }
}

/// Puts a death where it belongs: the case that was running; otherwise the one before it in the same process, whose end
/// was told too early.
fn died(suite: &mut Suite, first: usize, current: Option<(Case, Instant)>, why: String) -> End {
    let why = format!("the plugin took its process down: {why}");
    if let Some((case, began)) = current {
        suite.add(case, Err(why.clone()), began.elapsed());
    } else if let Some(last) = suite.report.cases[first..].last_mut() {
        let earlier = last.result.as_ref().err().map(|failure| format!("{}; ", failure.0)).unwrap_or_default();
        last.result = Err(format!("{earlier}after the case was over, {why}").into());
    }
    End::Died(why)
}

/// How a process ended, in words; the numbers of signals are those of Linux.
fn how(status: ExitStatus) -> String {
    if let Some(signal) = os::signal_of(status) {
        let name = match signal {
            4 => "illegal instruction, ",
            6 => "abort, ",
            7 => "bus error, ",
            8 => "arithmetic fault, ",
            9 => "killed, ",
            11 => "memory fault, ",
            _ => "",
        };
        return format!("{name}signal {signal}");
    }
    match status.code() {
        Some(code) => format!("it exited with code {code}"),
        None => status.to_string(),
    }
}

/// A running process, its messages, and what it wrote besides.
struct Process {
    child: Child,
    lines: Receiver<Value>,
    /// Closed when everything that it wrote was read.
    all_read: Receiver<()>,
    words: Arc<Mutex<VecDeque<String>>>,
}

impl Process {
    fn start(
        context: &Context,
        asked: &Asked<'_>,
        cases: &VecDeque<Case>,
        word: &str,
        place: &Path,
    ) -> Result<Process, Failure> {
        let fail = |error: std::io::Error| {
            let message = format!("this program could not be started once more: {error}");
            Failure::new("AP-0502", message, "Check the program's file and rights.")
        };
        let mut command = Command::new(std::env::current_exe().map_err(fail)?);
        command.arg("--data").arg(context.folder.root()).args(["plugin", "test-cases"]).arg(asked.dir);
        for set in asked.given.set {
            command.args(["--set", set]);
        }
        if let Some(file) = asked.given.secret_file {
            command.arg("--secret-file").arg(file);
        }
        let names: Vec<&str> = cases.iter().map(|case| case.name).collect();
        command.args(["--suite", asked.suite, "--word", word, "--cases", &names.join(",")]);
        for variable in ["TMPDIR", "TMP", "TEMP"] {
            command.env(variable, place);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(fail)?;
        let (send, lines) = mpsc::channel();
        let (reading, all_read) = mpsc::channel();
        let words = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(stream) = child.stdout.take() {
            let (word, words, reading) = (word.to_owned(), Arc::clone(&words), reading.clone());
            thread::spawn(move || {
                each_line(stream, |line| {
                    match line.strip_prefix(&word).and_then(|text| serde_json::from_str(text).ok()) {
                        // Where nobody listens any more, the process was given up.
                        Some(message) => drop(send.send(message)),
                        None => keep(&words, line),
                    }
                });
                drop(reading);
            });
        }
        if let Some(stream) = child.stderr.take() {
            let words = Arc::clone(&words);
            thread::spawn(move || {
                each_line(stream, |line| keep(&words, line));
                drop(reading);
            });
        }
        Ok(Process { child, lines, all_read, words })
    }

    /// How it ended, when it does within this time; otherwise it is ended. (A plugin can close the streams and live on, or
    /// leave a child of its own behind that holds them.)
    fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + within;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            if Instant::now() >= until {
                self.kill();
                return None;
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    fn kill(&mut self) {
        // It may have ended by itself meanwhile: then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// What it wrote itself, newest last: `abort` says why there, if anywhere.
    fn last_words(&mut self) -> String {
        // Never a message, only the end; without it, what was read so far.
        let _ = self.all_read.recv_timeout(LAST_MOMENTS);
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words.is_empty() { String::new() } else { format!("; it wrote: {}", words.join(" / ")) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn each_line(stream: impl Read, mut heard: impl FnMut(&str)) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(count) if count > 0) {
        heard(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

fn keep(words: &Mutex<VecDeque<String>>, line: &str) {
    if line.is_empty() {
        return;
    }
    let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
    if words.len() == LAST_WORDS_MAX {
        words.pop_front();
    }
    words.push_back(line.chars().take(LAST_WORD_CHARS_MAX).collect());
}
