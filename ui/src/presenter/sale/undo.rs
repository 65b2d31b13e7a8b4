//! Taking a line away, and putting it back.

use super::basket;
use crate::shell::Shell;
use aurapos_domain::calendar::Timestamp;
use aurapos_engine::Command;
use aurapos_engine::view::RemovedLine;

/// How long undoing is offered, in microseconds; the key for it works as long as the ticket is there.
const OFFER_US: i64 = 8_000_000;

/// Until when undoing is offered.
#[derive(Debug, Default)]
pub(crate) struct Offer(Option<Timestamp>);

/// Takes a line away.
pub(crate) fn remove(shell: &mut Shell, line: u32) {
    basket::give(shell, Command::RemoveLine { line }, |shell, result| match result {
        Ok(reply) => {
            shell.sale.basket.undo = Offer(Some(Timestamp(shell.host().now().0 + OFFER_US)));
            basket::take(shell, reply);
        }
        Err(error) => basket::refused(shell, &error),
    });
}

/// Puts the line back that was taken away last.
pub fn undo(shell: &mut Shell) {
    dismiss(shell);
    let Some(line) = last(shell).map(|line| line.number) else { return };
    basket::give(shell, Command::RestoreLine { line }, move |shell, result| match result {
        Ok(reply) => {
            basket::take(shell, reply);
            basket::show_line(shell, line);
        }
        Err(error) => basket::refused(shell, &error),
    });
}

/// The offer was seen.
pub fn dismiss(shell: &mut Shell) {
    shell.sale.basket.undo = Offer::default();
}

fn last(shell: &Shell) -> Option<&RemovedLine> {
    shell.sale.ticket.as_ref()?.removed.first()
}

/// The name of what can be put back, as long as that is offered.
pub(crate) fn offered(shell: &Shell) -> Option<&str> {
    let until = shell.sale.basket.undo.0?;
    let line = last(shell)?;
    (shell.host().now() < until).then_some(line.name.as_str())
}
