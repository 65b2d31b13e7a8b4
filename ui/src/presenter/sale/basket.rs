//! The ticket and the way to it: commands that are on their way, what waits for them, which line is selected.
//!
//! Commands are answered in the order in which they were given, however many are on their way. Nothing that was scanned
//! is given up because of the moment: what was refused for a closed drawer, a running payment or a full queue is given
//! again.

use super::{dialogs, editor, search, undo, unknown, weigh};
use crate::host::{CallResult, Trouble};
use crate::markup::{PayState, Screen, ToastKind};
use crate::presenter::{payment, status};
use crate::shell::Shell;
use aurapos_domain::money::Quantity;
use aurapos_engine::command::{ItemRequest, SessionId};
use aurapos_engine::error::Code;
use aurapos_engine::view::{Ticket, TicketLine};
use aurapos_engine::{Command, EngineError, Reply};

/// What is on its way.
#[derive(Debug, Default)]
pub(crate) struct Basket {
    /// Whose ticket it is.
    session: Option<SessionId>,
    /// Commands that are not answered yet.
    in_flight: usize,
    /// Pieces more or less of a line, until what is on its way is answered.
    steps: Vec<(u32, i64)>,
    /// What waits for the drawer to be opened.
    for_drawer: Vec<ItemRequest>,
    /// What waits for a running payment or a full queue.
    held: Vec<ItemRequest>,
    /// What comes when everything is answered.
    then: Option<Then>,
    /// The selected line.
    pub(crate) selected: Option<u32>,
    /// The line that shall be seen, and how often one was.
    pub(crate) seen: Option<u32>,
    pub(crate) reveal: i32,
    /// Until when undoing is offered.
    pub(crate) undo: undo::Offer,
}

/// What was asked while scans were on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Pay,
    ExactCash,
}

impl Basket {
    /// Everything is answered.
    pub(crate) fn is_quiet(&self) -> bool {
        self.in_flight == 0
    }
}

/// The ticket of whoever is signed in: what was another's is forgotten.
pub(crate) fn own(shell: &mut Shell) {
    let session = shell.session.as_ref().map(|session| session.id);
    if shell.sale.basket.session != session {
        shell.sale.ticket = None;
        shell.sale.basket = Basket { session, ..Basket::default() };
        shell.sale.scale = weigh::Scale::default();
        shell.sale.unknown = unknown::Unknown::default();
        search::leave(shell);
        shell.sale.dialogs = Default::default();
        shell.sale.editor = Default::default();
        shell.sale.grid.forget_favourites();
    }
}

/// Gives a command; `then` runs when it is answered, unless somebody else is at work by then.
pub(crate) fn give(shell: &mut Shell, command: Command, then: impl FnOnce(&mut Shell, CallResult) + 'static) {
    own(shell);
    let session = shell.sale.basket.session;
    shell.sale.basket.in_flight += 1;
    shell.submit(command, move |shell, result| {
        if shell.session.as_ref().map(|session| session.id) != session || shell.sale.basket.session != session {
            return;
        }
        shell.sale.basket.in_flight = shell.sale.basket.in_flight.saturating_sub(1);
        then(shell, result);
        settle(shell);
    });
}

/// A change of the ticket: its answer is shown, a refusal is told.
pub(crate) fn change(shell: &mut Shell, command: Command) {
    give(shell, command, |shell, result| match result {
        Ok(reply) => take(shell, reply),
        Err(error) => refused(shell, &error),
    });
}

/// Asks how the ticket stands.
pub(crate) fn refresh(shell: &mut Shell) {
    if shell.session.is_none() || shell.locked {
        return;
    }
    give(shell, Command::ShowTicket, |shell, result| match result {
        Ok(reply) => take(shell, reply),
        Err(error) if error.is(Code::TicketEmpty) => shell.sale.ticket = None,
        Err(error) => shell.fail(&error),
    });
}

/// Shows what a command answered.
pub(crate) fn take(shell: &mut Shell, reply: Reply) {
    let Reply::Ticket(ticket) = reply else { return };
    let before = shell.sale.ticket.as_ref().map_or(&[][..], |ticket| &ticket.lines);
    let selected = selected_after(before, &ticket.lines, shell.sale.basket.selected);
    if selected.is_none() || (selected != shell.sale.basket.selected && shell.sale.editor.open) {
        editor::close(shell);
    }
    shell.sale.basket.selected = selected;
    shell.sale.ticket = Some(*ticket);
}

/// Adds something to the ticket.
pub(crate) fn add(shell: &mut Shell, item: ItemRequest) {
    let again = item.clone();
    give(shell, Command::AddItem(item), move |shell, result| match result {
        Ok(Reply::Ticket(ticket)) => added(shell, *ticket),
        Ok(_) => {}
        Err(error) => not_added(shell, again, &error),
    });
}

fn added(shell: &mut Shell, ticket: Ticket) {
    let before = shell.sale.ticket.as_ref().map_or(&[][..], |ticket| &ticket.lines);
    if let Some(line) = newest(before, &ticket.lines) {
        // Whoever is typing for a line goes on with it.
        if !shell.sale.editor.is_typing() {
            editor::close(shell);
            shell.sale.basket.selected = Some(line);
        }
        reveal(shell, line);
        let name = ticket.lines.iter().find(|known| known.number == line).map(|line| line.name.clone());
        if !matches!(shell.screen, Screen::Sale | Screen::Payment) {
            status::toast_kind(shell, ToastKind::AddedToTicket, name.unwrap_or_default());
        }
    }
    take(shell, Reply::Ticket(Box::new(ticket)));
}

fn not_added(shell: &mut Shell, item: ItemRequest, error: &EngineError) {
    // Something is missing on the ticket: it is not paid without a look.
    shell.sale.basket.then = None;
    let paying = payment::state(shell) == PayState::Paying;
    if error.is(Code::NoSuchItem) {
        unknown::queue(shell, item);
        if shell.screen != Screen::Sale {
            shell.fail(error);
        }
    } else if error.is(Code::DrawerClosed) {
        shell.sale.basket.for_drawer.push(item);
        if shell.screen == Screen::Sale {
            shell.go(Screen::OpenDrawer);
        }
    } else if error.is(Code::RegisterBusy) || paying && (error.is(Code::TicketPaid) || error.is(Code::PaymentRunning)) {
        shell.sale.basket.held.push(item);
    } else if error.is(Code::BadRequest) && item.quantity.is_none() {
        weigh::look_up(shell, item, error.clone());
    } else {
        refused(shell, error);
    }
}

/// Tells a refusal; a drawer that isn't open is opened first.
pub(crate) fn refused(shell: &mut Shell, error: &EngineError) {
    let (sentence, _) = status::told(shell, &Trouble::from(error.clone()));
    status::note_refusal(shell, error.code, &sentence);
    if error.is(Code::DrawerClosed) && shell.screen == Screen::Sale {
        shell.go(Screen::OpenDrawer);
    } else {
        shell.fail(error);
    }
}

/// The drawer is open: gives again what waited for it, in its order.
pub(crate) fn drawer_opened(shell: &mut Shell) {
    let waiting = std::mem::take(&mut shell.sale.basket.for_drawer);
    waiting.into_iter().for_each(|item| add(shell, item));
}

/// From time to time: what was held for a payment or a full queue is given again.
pub fn tick(shell: &mut Shell) {
    let quiet = shell.sale.basket.is_quiet() && payment::state(shell) != PayState::Paying;
    if quiet && !shell.locked && shell.session.is_some() {
        let held = std::mem::take(&mut shell.sale.basket.held);
        held.into_iter().for_each(|item| add(shell, item));
    }
}

/// A code was scanned, on any screen.
pub fn scanned(shell: &mut Shell, code: &str) {
    own(shell);
    add(shell, ItemRequest { code: code.to_owned(), quantity: None, price: None });
    // Where somebody fills in a form it stays, and a message says that it is on the ticket.
    // What is scanned while the drawer is counted waits for it.
    let forms = [
        Screen::Products,
        Screen::ImportCatalog,
        Screen::Operators,
        Screen::Backups,
        Screen::Settings,
        Screen::Drawer,
        Screen::OpenDrawer,
    ];
    if !forms.contains(&shell.screen) && !matches!(shell.screen, Screen::Sale | Screen::Payment) {
        shell.go_home(Screen::Sale);
    }
}

/// Selects a line and opens its keypad; the selected one again closes it.
pub fn select(shell: &mut Shell, line: u32) {
    if shell.sale.basket.selected == Some(line) && shell.sale.editor.open {
        editor::close(shell);
        return;
    }
    shell.sale.basket.selected = Some(line);
    editor::open(shell);
    reveal(shell, line);
}

/// Selects the next line up or down, without its keypad.
pub(crate) fn select_next(shell: &mut Shell, down: bool) {
    let lines = shell.sale.ticket.as_ref().map_or(&[][..], |ticket| &ticket.lines);
    let Some(next) = next_line(lines, shell.sale.basket.selected, down) else { return };
    shell.sale.basket.selected = Some(next);
    shell.sale.editor.retarget();
    reveal(shell, next);
}

/// Selects a line and brings it into sight.
pub(crate) fn show_line(shell: &mut Shell, line: u32) {
    shell.sale.basket.selected = Some(line);
    reveal(shell, line);
}

fn reveal(shell: &mut Shell, line: u32) {
    shell.sale.basket.seen = Some(line);
    shell.sale.basket.reveal = shell.sale.basket.reveal.wrapping_add(1);
}

/// Pieces more or less of the selected line. They are added up until what is on its way is answered, so that no scan of
/// the same product is overwritten.
pub fn step(shell: &mut Shell, by: i32) {
    let Some(line) = view_selected(shell).filter(|line| !line.fixed && !line.weighed).map(|line| line.number) else {
        return;
    };
    let steps = &mut shell.sale.basket.steps;
    match steps.iter_mut().find(|(number, _)| *number == line) {
        Some((_, sum)) => *sum += i64::from(by),
        None => steps.push((line, i64::from(by))),
    }
    settle(shell);
}

/// The selected line.
pub(crate) fn view_selected(shell: &Shell) -> Option<&TicketLine> {
    let selected = shell.sale.basket.selected?;
    shell.sale.ticket.as_ref()?.lines.iter().find(|line| line.number == selected)
}

/// Everything is answered: what waited for that.
fn settle(shell: &mut Shell) {
    if !shell.sale.basket.is_quiet() {
        return;
    }
    for (number, by) in std::mem::take(&mut shell.sale.basket.steps) {
        let lines = shell.sale.ticket.as_ref().map_or(&[][..], |ticket| &ticket.lines);
        let Some(line) = lines.iter().find(|line| line.number == number) else { continue };
        let Ok(quantity) = line.quantity.checked_add(Quantity::from_thousandths(by * 1000)) else { continue };
        // Less than nothing is no way to give goods back: the last piece goes, and can be put back.
        if quantity.is_zero() || line.quantity.is_negative() != quantity.is_negative() {
            undo::remove(shell, number);
        } else {
            change(shell, Command::SetQuantity { line: number, quantity });
        }
    }
    if shell.sale.basket.is_quiet() {
        match shell.sale.basket.then.take() {
            Some(Then::Pay) => pay(shell),
            Some(Then::ExactCash) => exact_cash(shell),
            None => {}
        }
    }
}

fn has_lines(shell: &Shell) -> bool {
    shell.sale.ticket.as_ref().is_some_and(|ticket| !ticket.lines.is_empty())
}

/// To the payment, once everything that was scanned is on the ticket.
pub fn pay(shell: &mut Shell) {
    if !shell.sale.basket.is_quiet() {
        shell.sale.basket.then = Some(Then::Pay);
    } else if has_lines(shell) && shell.screen == Screen::Sale {
        shell.go(Screen::Payment);
    }
}

/// Exact cash with one key, once everything that was scanned is on the ticket.
pub fn exact_cash(shell: &mut Shell) {
    if !shell.sale.basket.is_quiet() {
        shell.sale.basket.then = Some(Then::ExactCash);
    } else if has_lines(shell) {
        editor::close(shell);
        payment::exact_cash(shell);
    }
}

/// Gives the ticket up.
pub fn clear(shell: &mut Shell) {
    dialogs::close(shell);
    give(shell, Command::ClearTicket, |shell, result| match result {
        Ok(_) => {
            shell.sale.ticket = None;
            shell.sale.basket.selected = None;
            undo::dismiss(shell);
            editor::close(shell);
        }
        Err(error) => refused(shell, &error),
    });
}

/// Which line a change added to: a new one, or one of which there is more.
fn newest(before: &[TicketLine], after: &[TicketLine]) -> Option<u32> {
    let old = |line: &TicketLine| before.iter().find(|old| old.number == line.number);
    let grown = |line: &&TicketLine| old(line).is_none_or(|old| old.quantity != line.quantity);
    after.iter().rev().find(grown).map(|line| line.number)
}

/// Which line is selected after a change: the same, or the one that came into its place, or the last.
fn selected_after(before: &[TicketLine], after: &[TicketLine], selected: Option<u32>) -> Option<u32> {
    let selected = selected?;
    if after.iter().any(|line| line.number == selected) {
        return Some(selected);
    }
    let place = before.iter().position(|line| line.number == selected)?;
    after.get(place).or(after.last()).map(|line| line.number)
}

/// The line below or above; the last one when none is selected.
fn next_line(lines: &[TicketLine], selected: Option<u32>, down: bool) -> Option<u32> {
    let place = selected.and_then(|selected| lines.iter().position(|line| line.number == selected));
    let next = match (place, down) {
        (None, _) => lines.len().checked_sub(1)?,
        (Some(place), true) => (place + 1).min(lines.len() - 1),
        (Some(place), false) => place.saturating_sub(1),
    };
    lines.get(next).map(|line| line.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_contract::Uuid;
    use aurapos_domain::catalog::Unit;
    use aurapos_domain::ids::ProductId;
    use aurapos_domain::money::{Currency, Money};

    fn lines(numbers: &[(u32, i32)]) -> Vec<TicketLine> {
        let none = Money::zero(Currency::EUR);
        let line = |(number, pieces): &(u32, i32)| TicketLine {
            number: *number,
            product: ProductId::new(Uuid::from_bytes([1; 16])),
            sku: String::new(),
            name: String::new(),
            quantity: Quantity::pieces(*pieces),
            unit: Unit::Piece,
            unit_price: none,
            list_price: none,
            gross: none,
            discount: none,
            agreed_discount: None,
            net: none,
            rate_bp: 0,
            note: String::new(),
            weighed: false,
            fixed: false,
        };
        numbers.iter().map(line).collect()
    }

    #[test]
    fn the_newest_line_is_new_or_has_more() {
        let table = [
            (&[][..], &[(1, 1)][..], Some(1)),
            (&[(1, 1)], &[(1, 1), (2, 1)], Some(2)),
            (&[(1, 1), (2, 1)], &[(1, 2), (2, 1)], Some(1)),
            (&[(1, 1)], &[(1, 1)], None),
            (&[(1, 1), (2, 1)], &[], None),
        ];
        for (before, after, expected) in table {
            assert_eq!(newest(&lines(before), &lines(after)), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn after_a_removal_the_line_in_its_place_is_selected() {
        let before = lines(&[(1, 1), (2, 1), (5, 1)]);
        let table = [
            (&[(1, 1), (2, 1), (5, 1)][..], Some(2), Some(2)),
            (&[(1, 1), (5, 1)], Some(2), Some(5)),
            (&[(1, 1), (2, 1)], Some(5), Some(2)),
            (&[], Some(5), None),
            (&[(1, 1)], None, None),
            (&[(1, 1)], Some(9), None),
        ];
        for (after, selected, expected) in table {
            assert_eq!(selected_after(&before, &lines(after), selected), expected, "{after:?} {selected:?}");
        }
    }

    #[test]
    fn arrows_stay_on_the_ticket() {
        let all = lines(&[(1, 1), (2, 1), (5, 1)]);
        let table = [
            (None, true, Some(5)),
            (None, false, Some(5)),
            (Some(1), false, Some(1)),
            (Some(1), true, Some(2)),
            (Some(5), true, Some(5)),
            (Some(5), false, Some(2)),
        ];
        for (selected, down, expected) in table {
            assert_eq!(next_line(&all, selected, down), expected, "{selected:?} {down}");
        }
        assert_eq!(next_line(&[], Some(1), true), None);
    }
}
