//! "Test the connection": asked beside the window's thread, called off at once, told with what to do next.

use crate::host::{Cancel, ConnectionReport, HostResult, Tested};
use crate::markup::{Connection as Shown, ConnectionState};
use crate::presenter::status;
use crate::shell::Shell;
use slint::{ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// A test of a connection.
#[derive(Debug, Default)]
pub struct Connection {
    /// Which test counts.
    number: u64,
    cancel: Cancel,
    outcome: Outcome,
}

#[derive(Debug, Default, PartialEq)]
enum Outcome {
    #[default]
    None,
    Running,
    /// As the markup shows it, made once: lines that were new each time would take the focus from whoever reads them.
    Told(Box<Shown>),
}

impl Connection {
    /// It goes on.
    pub fn is_running(&self) -> bool {
        self.outcome == Outcome::Running
    }

    /// What was tested last, and unchanged since, is well.
    pub fn is_good(&self) -> bool {
        matches!(&self.outcome, Outcome::Told(shown) if shown.state == ConnectionState::Good)
    }

    /// Calls it off and forgets what was found: something else is going to be tested.
    pub fn forget(&mut self) {
        self.cancel.ask();
        self.number += 1;
        self.outcome = Outcome::None;
    }

    /// Shows what was found in another way than by a test.
    pub fn tell(&mut self, report: &ConnectionReport) {
        self.forget();
        self.outcome = Outcome::Told(Box::new(shown(report)));
    }

    /// For the markup.
    pub fn shown(&self) -> Shown {
        match &self.outcome {
            Outcome::None => Shown::default(),
            Outcome::Running => Shown { state: ConnectionState::Running, ..Shown::default() },
            Outcome::Told(shown) => (**shown).clone(),
        }
    }
}

fn shown(report: &ConnectionReport) -> Shown {
    let lines: Vec<SharedString> = report.lines.iter().map(SharedString::from).collect();
    Shown {
        state: if report.good { ConnectionState::Good } else { ConnectionState::Bad },
        place: report.place.as_str().into(),
        server: report.server.as_str().into(),
        sentence: report.sentence.as_str().into(),
        next: report.next.as_str().into(),
        code: report.code.as_str().into(),
        detail: report.detail.as_str().into(),
        lines: ModelRc::from(Rc::new(VecModel::from(lines))),
    }
}

/// Where a test is kept.
pub type Of = fn(&mut Shell) -> &mut Connection;

/// Begins a test; `then` hears what was found, unless it was called off.
pub fn begin(shell: &mut Shell, of: Of, tested: Tested, then: impl FnOnce(&mut Shell, &ConnectionReport) + 'static) {
    let connection = of(shell);
    connection.forget();
    connection.outcome = Outcome::Running;
    let cancel = Cancel::default();
    connection.cancel = cancel.clone();
    let number = connection.number;
    let answer = shell.expect(move |shell, result: HostResult<ConnectionReport>| {
        if of(shell).number != number {
            return;
        }
        let report = match result {
            Ok(report) => report,
            Err(trouble) if trouble.is_called_off() => return of(shell).forget(),
            Err(trouble) => {
                let (sentence, next) = status::told(shell, &trouble);
                ConnectionReport { code: trouble.code, sentence, next, ..ConnectionReport::default() }
            }
        };
        of(shell).outcome = Outcome::Told(Box::new(shown(&report)));
        then(shell, &report);
    });
    shell.host().test_connection(shell.session_id(), tested, shell.language, cancel, answer);
}

/// Nobody waits for it any more: the screen is free at once.
pub fn stop(shell: &mut Shell, of: Of) {
    if of(shell).is_running() {
        of(shell).forget();
    }
}
