//! What every command starts with: the data folder, an open register or a reader, who does it.

use super::interrupt::Interrupt;
use crate::cli::SignIn;
use crate::output::Failure;
use crate::words::{for_folder, shell};
use aurapos_runtime::engine::command::{Command, Reply, SessionId};
use aurapos_runtime::engine::{EngineError, TypedPin};
use aurapos_runtime::settings::MachineSettings;
use aurapos_runtime::{CallResult, DataFolder, OpenOptions, Reader, Register, RuntimeError, zone};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

/// Of one run of the program.
#[derive(Debug)]
pub struct Context {
    /// The register's folder.
    pub folder: DataFolder,
    /// Somebody reads and types: nobody asked for JSON, and questions and answers go through a terminal.
    pub may_ask: bool,
    /// Standard error is for scripts.
    pub json: bool,
    /// The folder was named: whoever repeats a command without it means another one.
    pub named: bool,
}

impl Context {
    /// From `--data`, or the user's own folder. `json`: the answer is one document for a program.
    pub fn new(data: Option<PathBuf>, json: bool) -> Result<Self, Failure> {
        if data.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            return Err(Failure::usage("--data is empty", "Give a folder, or leave --data out."));
        }
        let named = data.is_some();
        // An empty variable is one that is not set.
        let variable = || std::env::var_os("AURAPOS_DATA").filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = match data.or_else(variable) {
            Some(path) => Some(DataFolder::new(path)),
            None => DataFolder::of_user(),
        };
        let none = || Failure::usage("there is no data folder for this user", "Give one with --data DIR.");
        let may_ask = !json && io::stdin().is_terminal() && io::stderr().is_terminal();
        Ok(Context { folder: folder.ok_or_else(none)?, may_ask, json, named })
    }

    /// How this program opens a register.
    pub fn options(&self) -> OpenOptions {
        OpenOptions::new(self.folder.clone(), "aurapos-admin")
    }

    /// The time zone to show times in: the settings file's, as long as it can be read.
    pub fn zone(&self) -> zone::Tz {
        MachineSettings::read(&self.folder).map_or(zone::DEFAULT_ZONE, |settings| settings.time_zone)
    }

    /// What to do when nothing better is known.
    pub fn doctor_hint(&self) -> String {
        format!("`{} doctor` tells more.", self.program())
    }

    /// An advice whose commands name the folder as this one was named, so that it can be typed as it stands.
    pub fn advice(&self, next: &str) -> String {
        if self.named { for_folder(next, &self.program()) } else { next.to_owned() }
    }

    /// How this program is called for this folder, as a shell reads it.
    pub fn program(&self) -> String {
        format!("aurapos-admin --data {}", shell(&self.folder.root().display().to_string()))
    }

    /// Reads beside whatever program has the register open.
    pub fn reader(&self) -> Result<Reader, Failure> {
        Ok(Reader::open(&self.options())?)
    }
}

/// A register open for writing.
#[derive(Debug)]
pub struct Open {
    /// The register.
    pub register: Arc<Register>,
    interrupt: Interrupt,
    json: bool,
}

impl Open {
    /// Opens it.
    pub fn register(context: &Context) -> Result<Self, Failure> {
        let register = Arc::new(Register::open(&context.options())?);
        if let Some(found) = &register.facts().went_back
            && !context.json
        {
            // Nobody reads standard error: it is a finding until it is ticked off, too.
            let _ = writeln!(io::stderr(), "{} `{} doctor` says what to do.", found.told(), context.program());
        }
        Ok(Open { register, interrupt: Interrupt::default(), json: context.json })
    }

    /// Signs the operator of the command line in; asks for the PIN when it was not given.
    pub fn sign_in(&self, who: &SignIn) -> Result<SessionId, Failure> {
        let name = who.operator.clone().ok_or_else(super::acts::nobody)?;
        let pin = match who.given_pin() {
            Some(pin) => pin.to_owned(),
            None => ask_pin(&format!("PIN of {name}: "))?,
        };
        self.sign_in_as(&name, &pin)
    }

    /// Signs somebody in.
    pub fn sign_in_as(&self, operator: &str, pin: &str) -> Result<SessionId, Failure> {
        let command = Command::SignIn { operator: operator.to_owned(), pin: pin.into() };
        match self.register.call(None, command)? {
            Reply::SignedIn { session, .. } => Ok(session),
            other => Err(super::unexpected(&other)),
        }
    }

    /// Gives a command that pays; Ctrl+C asks the payment to stop meanwhile.
    pub fn pay(&self, session: SessionId, command: Command) -> CallResult {
        self.interrupt.during(&self.register, session, !self.json, || self.register.call(Some(session), command))
    }

    /// Closes it in order. What is stored is stored: a failure here is for the log.
    pub fn close(&self) {
        self.register.close();
    }
}

/// Asks a question on the terminal; true when the answer is the word `yes`.
pub fn ask_yes(question: &str) -> Result<bool, Failure> {
    let unread = |error: io::Error| Failure::usage(format!("the answer was not read: {error}"), "Nothing was changed.");
    let mut answer = String::new();
    write!(io::stderr(), "{question} ").and_then(|()| io::stderr().flush()).map_err(unread)?;
    io::stdin().read_line(&mut answer).map_err(unread)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

/// Asks for a PIN without showing it.
pub fn ask_pin(prompt: &str) -> Result<String, Failure> {
    let next = "Give it with --pin, in AURAPOS_PIN, or run the program in a terminal.";
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("a PIN is needed", next));
    }
    rpassword::prompt_password(prompt).map_err(|error| Failure::usage(format!("the PIN was not read: {error}"), next))
}

/// Asks for a PIN that somebody chooses: twice, since nobody sees what is typed.
pub fn ask_new_pin(prompt: &str) -> Result<String, Failure> {
    let first = ask_pin(prompt)?;
    if ask_pin("The same again: ")? == first {
        return Ok(first);
    }
    Err(Failure::usage("the two PINs are not the same", "Nothing was changed: try again."))
}

impl SignIn {
    /// The PIN that was given; an empty one (an empty AURAPOS_PIN) is none.
    pub fn given_pin(&self) -> Option<&str> {
        self.pin.as_ref().map(TypedPin::text).filter(|pin| !pin.is_empty())
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Failure::new(error.code, error.message, error.next)
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        Failure::new(error.code(), error.to_string(), error.next())
    }
}
