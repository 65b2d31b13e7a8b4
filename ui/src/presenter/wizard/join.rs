//! A register that joins a shop: where the master is, the pairing, and the shop that is brought here.
//!
//! Pairing comes once and is kept by the data folder; the download can be stopped and goes on, also at the next start.

use super::Work;
use crate::host::{
    Cancel, ConnectionReport, HostResult, JoinWish, Joined, Progress, TakingIn, Tested, Ticket, Trouble,
};
use crate::markup::{JoinFault, JoinField, JoinStage, OpeningDeed};
use crate::presenter::connection::{self, Connection};
use crate::presenter::{file_picker, opening, status};
use crate::shell::Shell;
use aurapos_domain::calendar::Timestamp;
use aurapos_engine::error::Code;
use std::fmt;
use std::path::PathBuf;

/// How long is waited for a server that does not answer, in microseconds.
const AGAIN_US: i64 = 5_000_000;
/// Letters and figures of a pairing code.
const CODE_SIGNS: usize = 20;

/// State of the step. Its `Debug` shows no code.
pub struct Join {
    /// Name or address of the master.
    pub address: String,
    /// Its port.
    pub port: String,
    /// The database.
    pub database: String,
    /// The pairing code.
    pub code: String,
    /// The pairing file instead.
    pub file: Option<PathBuf>,
    /// What the register is called.
    pub name: String,
    faults: Vec<(JoinField, JoinFault)>,
    /// Counts up when faults were found.
    pub attempt: i32,
    /// The test, and why joining was refused.
    pub connection: Connection,
    stage: JoinStage,
    taking: TakingIn,
    /// When the download is tried again by itself: the server did not answer.
    again: Option<Timestamp>,
}

impl Default for Join {
    fn default() -> Self {
        Join {
            address: String::new(),
            port: "5432".to_owned(),
            database: "aurapos".to_owned(),
            code: String::new(),
            file: None,
            name: String::new(),
            faults: Vec::new(),
            attempt: 0,
            connection: Connection::default(),
            stage: JoinStage::Form,
            taking: TakingIn::default(),
            again: None,
        }
    }
}

impl fmt::Debug for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join").field("address", &self.address).field("stage", &self.stage).finish_non_exhaustive()
    }
}

impl Join {
    /// What is being done.
    pub fn stage(&self) -> JoinStage {
        self.stage
    }

    /// How much of the shop is here.
    pub fn taking(&self) -> &TakingIn {
        &self.taking
    }

    /// What is wrong with a field.
    pub fn fault(&self, field: JoinField) -> JoinFault {
        self.faults.iter().find(|(its, _)| *its == field).map_or(JoinFault::None, |(_, fault)| *fault)
    }

    fn set(&mut self, field: JoinField, text: &str) {
        let place = match field {
            JoinField::Address => &mut self.address,
            JoinField::Port => &mut self.port,
            JoinField::Database => &mut self.database,
            JoinField::Code => &mut self.code,
            JoinField::Name => &mut self.name,
        };
        text.clone_into(place);
        self.faults.retain(|(its, _)| *its != field);
    }

    /// Looks at everything that was asked; whether all is well.
    fn check(&mut self) -> bool {
        let mut found = Vec::new();
        // A file says where the master is.
        if self.file.is_none() && self.address.trim().is_empty() {
            found.push((JoinField::Address, JoinFault::Empty));
        }
        if !self.port.trim().parse::<u16>().is_ok_and(|port| port > 0) {
            found.push((JoinField::Port, JoinFault::Port));
        }
        if self.database.trim().is_empty() {
            found.push((JoinField::Database, JoinFault::Empty));
        }
        let signs = self.code.chars().filter(char::is_ascii_alphanumeric).count();
        match (self.file.is_some(), self.code.trim().is_empty()) {
            (true, _) => {}
            (false, true) => found.push((JoinField::Code, JoinFault::Empty)),
            (false, false) if signs != CODE_SIGNS => found.push((JoinField::Code, JoinFault::CodeForm)),
            (false, false) => {}
        }
        self.faults = found;
        if !self.faults.is_empty() {
            self.attempt = self.attempt.wrapping_add(1);
        }
        self.faults.is_empty()
    }

    fn wish(&self) -> JoinWish {
        let text = |text: &String| text.trim().to_owned();
        JoinWish {
            ticket: self.file.clone().map_or_else(|| Ticket::Code(text(&self.code)), Ticket::File),
            address: text(&self.address),
            // A file knows them better than what stands in the fields by itself.
            port: self.port.trim().parse().ok().filter(|_| self.file.is_none() || self.port.trim() != "5432"),
            database: if self.file.is_some() && self.database.trim() == "aurapos" {
                String::new()
            } else {
                text(&self.database)
            },
            name: text(&self.name),
        }
    }
}

fn of(shell: &mut Shell) -> &mut Connection {
    &mut shell.wizard.join.connection
}

/// A field was typed in.
pub fn edited(shell: &mut Shell, field: JoinField, text: &str) {
    shell.wizard.join.set(field, text);
    shell.wizard.join.connection.forget();
}

/// A pairing file instead of a code.
pub fn choose_file(shell: &mut Shell) {
    file_picker::open(shell, "json", |shell, path| {
        let join = &mut shell.wizard.join;
        join.file = Some(path);
        join.faults.clear();
        join.connection.forget();
    });
}

/// A code after all.
pub fn forget_file(shell: &mut Shell) {
    shell.wizard.join.file = None;
    shell.wizard.join.connection.forget();
}

/// Tries whether the master is reached and believed; nothing of the pairing is used.
pub fn test(shell: &mut Shell) {
    if shell.wizard.join.stage == JoinStage::Form
        && !shell.wizard.join.connection.is_running()
        && shell.wizard.join.check()
    {
        let wish = shell.wizard.join.wish();
        connection::begin(shell, of, Tested::Master(wish), |_, _: &ConnectionReport| {});
    }
}

/// The test shall stop.
pub fn stop(shell: &mut Shell) {
    connection::stop(shell, of);
}

/// The step is done: the machine is paired, or what came before is brought to its end.
pub(super) fn next(shell: &mut Shell) {
    match shell.wizard.join.stage {
        JoinStage::Form => {
            if shell.wizard.join.check() {
                pair(shell);
            }
        }
        JoinStage::Pairing | JoinStage::Taking => {}
        JoinStage::Stopped => take_in(shell),
    }
}

fn pair(shell: &mut Shell) {
    let wish = shell.wizard.join.wish();
    shell.wizard.join.connection.forget();
    shell.wizard.join.stage = JoinStage::Pairing;
    let cancel = Cancel::default();
    shell.wizard.work = Work::Running { cancel: cancel.clone(), progress: Progress::default() };
    let progress = shell.hear(|shell, told: Progress| {
        if let Work::Running { progress, .. } = &mut shell.wizard.work {
            *progress = told;
        }
    });
    let asked = cancel.clone();
    let answer = shell.expect(move |shell, result: HostResult<Joined>| {
        shell.wizard.work = Work::None;
        shell.wizard.join.stage = JoinStage::Form;
        match result {
            Ok(Joined::Paired) => {
                // A key to the shop, and used.
                shell.wizard.join.code.clear();
                // Called off too late: the pairing cannot be taken back, but the rest waits.
                match asked.asked() {
                    true => shell.wizard.join.stage = JoinStage::Stopped,
                    false => take_in(shell),
                }
            }
            Ok(Joined::Refused(report)) => of(shell).tell(&report),
            Err(trouble) if trouble.is_called_off() => {}
            Err(trouble) => refused(shell, &trouble),
        }
    });
    shell.host().join(wish, shell.language, progress, cancel, answer);
}

fn refused(shell: &mut Shell, trouble: &Trouble) {
    tracing::warn!(code = trouble.code, "the shop was not joined: {}", trouble.message);
    let (sentence, next) = status::told(shell, trouble);
    let report = ConnectionReport { code: trouble.code.clone(), sentence, next, ..ConnectionReport::default() };
    of(shell).tell(&report);
}

/// Time goes by: a server that did not answer may do by now.
pub fn tick(shell: &mut Shell, now: Timestamp) {
    let is_due = shell.wizard.join.again.is_some_and(|again| now >= again);
    if is_due && shell.wizard.join.stage == JoinStage::Stopped {
        take_in(shell);
    }
}

/// A register that was paired, and whose shop was never here whole: a run before this one was stopped.
pub fn go_on(shell: &mut Shell) {
    shell.wizard.choose(crate::markup::WizardKind::Slave);
    (shell.wizard.step, shell.wizard.reached) = (super::Step::Join, super::Step::Join);
    take_in(shell);
}

fn take_in(shell: &mut Shell) {
    shell.wizard.join.stage = JoinStage::Taking;
    shell.wizard.join.taking = TakingIn::default();
    shell.wizard.join.again = None;
    shell.wizard.join.connection.forget();
    let cancel = Cancel::default();
    shell.wizard.work = Work::Running { cancel: cancel.clone(), progress: Progress::default() };
    let progress = shell.hear(|shell, told: TakingIn| shell.wizard.join.taking = told);
    let answer = shell.expect(|shell, result: HostResult<()>| {
        shell.wizard.work = Work::None;
        shell.wizard.join.stage = JoinStage::Stopped;
        match result {
            Ok(()) => {
                shell.wizard = super::Wizard::default();
                opening::begin_after(shell, OpeningDeed::AfterSetup);
            }
            Err(trouble) if trouble.is_called_off() => {}
            Err(trouble) => {
                if trouble.code == Code::StorageAway.text() {
                    shell.wizard.join.again = Some(Timestamp(shell.host().now().0 + AGAIN_US));
                }
                refused(shell, &trouble);
            }
        }
    });
    shell.host().take_in(progress, cancel, answer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_stands_at_its_field() {
        let mut join = Join::default();
        assert!(!join.check());
        assert_eq!(
            (join.fault(JoinField::Address), join.fault(JoinField::Code), join.fault(JoinField::Port)),
            (JoinFault::Empty, JoinFault::Empty, JoinFault::None)
        );
        join.set(JoinField::Address, "192.168.1.10");
        join.set(JoinField::Code, "abcd-efgh-jklm-npqr-stu");
        join.set(JoinField::Port, "70000");
        assert!(!join.check());
        assert_eq!((join.fault(JoinField::Code), join.fault(JoinField::Port)), (JoinFault::CodeForm, JoinFault::Port));
        join.set(JoinField::Code, "abcd efgh jklm npqr stuv");
        join.set(JoinField::Port, "5433");
        assert!(join.check());
        assert_eq!((join.wish().port, join.wish().database.as_str()), (Some(5433), "aurapos"));
        assert!(!format!("{join:?} {:?}", join.wish()).contains("abcd"));
    }

    #[test]
    fn a_file_says_where_the_master_is_unless_somebody_does() {
        let mut join = Join { file: Some(PathBuf::from("bar.json")), ..Join::default() };
        assert!(join.check());
        assert_eq!((join.wish().port, join.wish().database.as_str()), (None, ""));
        join.set(JoinField::Port, "5433");
        assert_eq!(join.wish().port, Some(5433));
    }
}
