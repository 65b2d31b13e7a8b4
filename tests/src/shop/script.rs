//! One life of `sell --script -`.

use super::{end, patiently, reader};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// A running script. Dropping it kills the program.
#[derive(Debug)]
pub struct Script {
    child: Child,
    lines: Option<Sender<String>>,
    answers: Receiver<String>,
    /// Answers that were read.
    heard: u64,
    errors: Receiver<String>,
}

impl Script {
    /// Starts the program of a command whose arguments end in `sell --script -`.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be started");
        let (lines, queue) = channel::<String>();
        let mut stdin = child.stdin.take().expect("it is piped");
        thread::spawn(move || {
            // Ends with the sender, or with the program: then nobody reads any more.
            for line in queue {
                if stdin.write_all(line.as_bytes()).is_err() {
                    return;
                }
            }
        });
        let (found, answers) = channel();
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        thread::spawn(move || {
            let mut line = String::new();
            // A last line without its end was never finished: it acknowledges nothing.
            while stdout.read_line(&mut line).is_ok_and(|bytes| bytes > 0) && line.ends_with('\n') {
                if found.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        });
        let errors = reader(child.stderr.take());
        Script { child, lines: Some(lines), answers, heard: 0, errors }
    }

    /// Gives it a sale. Never waits.
    pub fn send(&mut self, line: &Value) {
        // When the program is gone its missing answer tells.
        let _ = self.lines.as_ref().map(|lines| lines.send(format!("{line}\n")));
    }

    /// Its next answer.
    ///
    /// # Panics
    /// It ended, or hangs.
    pub fn answer(&mut self) -> Value {
        match patiently(&self.answers) {
            Some(line) => self.read(&line),
            None => {
                end(&mut self.child);
                panic!("the script ended: {:?}", patiently(&self.errors))
            }
        }
    }

    /// Its next answer, if it comes so soon.
    pub fn answer_within(&mut self, limit: Duration) -> Option<Value> {
        self.answers.recv_timeout(limit).ok().map(|line| self.read(&line))
    }

    /// Ends the input and waits for the end.
    ///
    /// # Panics
    /// The program does not end with 0.
    pub fn finish(mut self) -> Vec<Value> {
        self.lines = None;
        let answers = self.rest();
        let said = patiently(&self.errors).unwrap_or_default();
        let status = self.child.wait().expect("its output has ended");
        assert_eq!(status.code(), Some(0), "{status}: {said}");
        assert_eq!(said, "");
        answers
    }

    /// Kills it (SIGKILL); what it had answered until then and nobody had read yet.
    pub fn kill(mut self) -> Vec<Value> {
        end(&mut self.child);
        self.rest()
    }

    /// Presses Ctrl+C and waits for the end.
    ///
    /// # Panics
    /// It goes on.
    pub fn interrupt(mut self) -> ExitStatus {
        super::press_ctrl_c(&self.child);
        self.rest();
        self.child.wait().expect("its output has ended")
    }

    fn rest(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| patiently(&self.answers).map(|line| self.read(&line))).collect()
    }

    /// Reads an answer here and not where it arrives: what is wrong with it must fail the test.
    fn read(&mut self, line: &str) -> Value {
        let mut answer: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        // Every line that is sent here is answered, and its number said; it is no part of the sale.
        self.heard += 1;
        let told = answer.as_object_mut().and_then(|answer| answer.remove("line"));
        assert_eq!(told, Some(Value::from(self.heard)), "{line}");
        answer
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
