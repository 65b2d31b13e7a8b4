//! Closing the program: a question when a ticket is open, and the backup that is due. Nobody is ever held: every answer
//! that does not come can be gone round.

use crate::host::{self, Cancel, HostResult, Progress, Trouble};
use crate::presenter::sign_in;
use crate::shell::Shell;
use aurapos_engine::Command;
use aurapos_engine::error::Code;

/// How far closing is.
#[derive(Debug, Clone, Default)]
pub enum Stage {
    /// Nobody wants to close.
    #[default]
    Open,
    /// It was asked whether something is due.
    Asked,
    /// A ticket is open.
    Ticket,
    /// The backup is made.
    Backup {
        /// Stops it.
        cancel: Cancel,
        /// How far it is.
        progress: Progress,
    },
    /// The backup failed.
    Failed(Trouble),
    /// The window is about to go.
    Gone,
}

/// State of the dialogs.
#[derive(Debug, Default)]
pub struct Closing {
    /// How far closing is.
    pub stage: Stage,
    /// Which try counts: answers to an earlier one, which was called off, don't.
    number: u64,
}

/// Somebody wants to end the program.
pub fn begin(shell: &mut Shell) {
    match shell.closing.stage {
        Stage::Open if sign_in::ticket_lines(shell) > 0 => shell.closing.stage = Stage::Ticket,
        Stage::Open => look(shell),
        // Wanted again while nobody answers: then without an answer.
        Stage::Asked => quit(shell, false),
        // A dialog is open and says what can be done.
        Stage::Ticket | Stage::Backup { .. } | Stage::Failed(_) | Stage::Gone => {}
    }
}

/// The ticket is given up: its session ends, so that the journal tells it. A ticket with payments stays: the money is in
/// the drawer. When nobody answers, wanting to close once more closes.
pub fn go_on(shell: &mut Shell) {
    if !matches!(shell.closing.stage, Stage::Ticket) {
        return;
    }
    let number = next(shell);
    shell.closing.stage = Stage::Asked;
    shell.submit(Command::SignOut, move |shell, result| match result {
        Err(error) if error.is(Code::TicketPaid) => {
            cancel(shell);
            shell.fail(&error);
        }
        _ => {
            sign_in::signed_out(shell);
            if shell.closing.number == number {
                look(shell);
            }
        }
    });
}

fn look(shell: &mut Shell) {
    let number = next(shell);
    shell.closing.stage = Stage::Asked;
    let answer = shell.expect(move |shell, due| {
        if shell.closing.number == number {
            match due {
                host::Closing::Now => quit(shell, false),
                host::Closing::BackupDue => back_up(shell),
            }
        }
    });
    shell.host().closing(answer);
}

/// Makes the backup that is due; also once more after it failed.
pub fn back_up(shell: &mut Shell) {
    let number = next(shell);
    let cancel = Cancel::default();
    shell.closing.stage = Stage::Backup { cancel: cancel.clone(), progress: Progress::default() };
    let progress = shell.hear(move |shell, told: Progress| {
        let Closing { stage, number: current } = &mut shell.closing;
        if let (Stage::Backup { progress, .. }, true) = (stage, *current == number) {
            *progress = told;
        }
    });
    let answer = shell.expect(move |shell, result: HostResult<()>| {
        if shell.closing.number == number {
            made(shell, result);
        }
    });
    shell.host().close_backup(progress, cancel, answer);
}

fn made(shell: &mut Shell, result: HostResult<()>) {
    match result {
        Ok(()) => quit(shell, false),
        Err(trouble) if trouble.is_called_off() => shell.closing.stage = Stage::Open,
        Err(trouble) => {
            tracing::warn!(code = trouble.code, "the backup before closing failed: {}", trouble.message);
            shell.closing.stage = Stage::Failed(trouble);
        }
    }
}

/// The program stays open; a backup that runs is stopped.
pub fn cancel(shell: &mut Shell) {
    if let Stage::Backup { cancel, .. } = &shell.closing.stage {
        cancel.ask();
    }
    if !matches!(shell.closing.stage, Stage::Gone) {
        next(shell);
        // Not shown until the backup has stopped: that is its own affair.
        shell.closing.stage = Stage::Open;
    }
}

/// The window goes now, the backup is finished without it.
pub fn finish_in_background(shell: &mut Shell) {
    quit(shell, true);
}

/// Without a backup.
pub fn close_anyway(shell: &mut Shell) {
    quit(shell, false);
}

fn quit(shell: &mut Shell, finish: bool) {
    next(shell);
    shell.closing.stage = Stage::Gone;
    shell.host().quit(finish);
}

fn next(shell: &mut Shell) -> u64 {
    shell.closing.number += 1;
    shell.closing.number
}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
