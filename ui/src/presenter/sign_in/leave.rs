//! The way out of a session: signing out, and giving the register to another operator.

use super::{signed_out, ticket_lines};
use crate::shell::Shell;
use aurapos_engine::Command;
use aurapos_engine::error::Code;

/// Another operator wants the register: the session ends, after a question when a ticket would be given up.
pub fn other_operator(shell: &mut Shell) {
    sign_out(shell);
}

/// Ends the session; asks first when a ticket would be given up.
pub fn sign_out(shell: &mut Shell) {
    if shell.session.is_none() || shell.sign_in.leaving {
        return;
    }
    if ticket_lines(shell) > 0 {
        shell.sign_in.asks_to_leave = true;
    } else {
        leave(shell);
    }
}

/// Ends the session, and gives up its ticket.
pub fn leave(shell: &mut Shell) {
    if shell.session.is_none() || shell.sign_in.leaving {
        return;
    }
    shell.sign_in.leaving = true;
    shell.submit(Command::SignOut, |shell, result| {
        shell.sign_in.leaving = false;
        shell.sign_in.asks_to_leave = false;
        match result {
            Err(error) if !error.is(Code::SignedOut) => shell.fail(&error),
            _ => signed_out(shell),
        }
    });
}

/// The ticket is not given up.
pub fn stay(shell: &mut Shell) {
    shell.sign_in.asks_to_leave = false;
}
