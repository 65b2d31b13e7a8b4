//! Taking the money: what is due, several tenders, what was handed over and goes back.
//!
//! The ticket is the sale's; it is paid here. A sale that could not be stored stays paid on its ticket and is stored again
//! from here: nobody pays twice.

pub mod entry;
mod going;
pub mod notes;
mod view;

pub use going::cancel;
pub use view::{View, view};
pub(crate) use view::{amount, detail_of_line, money, signed, vat};

use crate::host::{CallResult, HostEvent, Trouble};
use crate::markup::{PayState, Screen};
use crate::presenter::keys::KeyPress;
use crate::presenter::{done, status};
use crate::shell::Shell;
use aurapos_domain::drawer::denominations;
use aurapos_domain::money::Money;
use aurapos_domain::tender::TenderKind;
use aurapos_engine::command::TenderRequest;
use aurapos_engine::error::Code;
use aurapos_engine::event::Event;
use aurapos_engine::view::Ticket;
use aurapos_engine::{Command, EngineError, PaymentInstance, Reply};
use entry::MoneyEntry;
use going::{Deed, Going};
use slint::platform::Key;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Payment {
    typed: MoneyEntry,
    /// Name of the instance that is chosen.
    chosen: Option<String>,
    /// A payment is on its way.
    going: Option<Going>,
    trouble: Option<Trouble>,
    /// Nobody knows whether the paid sale is stored.
    in_doubt: bool,
    asking_back: bool,
    /// Giving back was asked by leaving.
    leaving: bool,
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    let Payment { going, in_doubt, .. } = std::mem::take(&mut shell.payment);
    shell.payment = Payment { going, in_doubt, ..Payment::default() };
    if shell.sale.ticket.is_none() {
        refresh(shell);
    }
}

/// The program tells something.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    match event {
        HostEvent::PaymentProgress { instance, text } => going::told(shell, instance, text),
        HostEvent::Engine(event) => match &**event {
            Event::PaymentCancelling { session, .. } => going::asked(shell, *session),
            event if shell.payment.in_doubt => doubt_ends(shell, event),
            _ => {}
        },
        _ => {}
    }
}

/// Whether the sale was stored is known: it was, or its paid ticket is stored again from here.
fn doubt_ends(shell: &mut Shell, event: &Event) {
    let operator = shell.session.as_ref().map(|session| session.operator.id);
    match event {
        Event::Committed(sale) if Some(sale.sale.header.operator) == operator => {
            answered(shell, Ok(Reply::Sale(sale.clone())));
        }
        Event::Resolved { committed: false } => {
            shell.payment.in_doubt = false;
            shell.payment.trouble = None;
            refresh(shell);
        }
        _ => {}
    }
}

/// Where the payment stands.
pub fn state(shell: &Shell) -> PayState {
    match &shell.sale.ticket {
        _ if shell.payment.going.is_some() => PayState::Paying,
        Some(ticket) if ticket.payment_unknown => PayState::Unknown,
        Some(ticket) if is_paid(ticket) => PayState::Unsaved,
        _ => PayState::Ready,
    }
}

/// Paid, and only to be stored.
fn is_paid(ticket: &Ticket) -> bool {
    ticket.settled && !ticket.tenders.is_empty()
}

/// The ways to pay of this register.
fn ways(shell: &Shell) -> &[PaymentInstance] {
    shell.facts.as_ref().map_or(&[], |facts| facts.payments.as_slice())
}

/// The way that is chosen: cash unless somebody chose another.
fn way(shell: &Shell) -> Option<&PaymentInstance> {
    let chosen = shell.payment.chosen.as_deref();
    let ways = ways(shell);
    let named = ways.iter().find(|way| Some(way.name.as_str()) == chosen);
    named.or_else(|| ways.iter().find(|way| way.kind == TenderKind::Cash)).or(ways.first())
}

/// What is due in this way.
fn due_in(ticket: &Ticket, kind: TenderKind) -> Money {
    match kind {
        TenderKind::Cash => ticket.due_cash,
        kind if kind.is_voucher() => ticket.due_voucher,
        _ => ticket.due_other,
    }
}

/// What is due in the way that is chosen.
fn due(shell: &Shell) -> Option<Money> {
    let kind = way(shell).map_or(TenderKind::Cash, |way| way.kind);
    shell.sale.ticket.as_ref().map(|ticket| due_in(ticket, kind))
}

/// Another way to pay.
pub fn choose(shell: &mut Shell, index: usize) {
    if state(shell) == PayState::Ready
        && let Some(way) = ways(shell).get(index)
    {
        shell.payment.chosen = Some(way.name.clone());
        shell.payment.trouble = None;
    }
}

/// A key of the pad.
pub fn pad(shell: &mut Shell, key: &str) {
    if state(shell) == PayState::Ready {
        let currency = shell.currency();
        shell.payment.typed.key(key, currency);
        shell.payment.trouble = None;
    }
}

/// Takes what was typed; too little of it is a part.
pub fn take(shell: &mut Shell) {
    let amount = shell.payment.typed.amount(shell.currency()).filter(|amount| amount.is_positive());
    if let Some(amount) = amount {
        pay(shell, Some(amount));
    }
}

/// Takes exactly what is due.
pub fn exact(shell: &mut Shell) {
    pay(shell, None);
}

/// Takes one of the suggested amounts.
pub fn note(shell: &mut Shell, index: usize) {
    let amount = suggestions(shell).get(index).copied();
    if let Some(amount) = amount {
        pay(shell, Some(amount));
    }
}

/// What a customer is likely to hand over.
fn suggestions(shell: &Shell) -> Vec<Money> {
    let currency = shell.currency();
    let cash = way(shell).is_some_and(|way| way.kind == TenderKind::Cash);
    let due = shell.sale.ticket.as_ref().filter(|_| cash).map_or(0, |ticket| ticket.due_cash.minor);
    let unit = 10_i64.pow(u32::from(currency.digits()));
    notes::suggested(due, denominations(currency), unit).into_iter().map(|minor| Money::new(minor, currency)).collect()
}

/// Exact cash with one key, from the sale as from here. With nothing on the ticket it does nothing.
pub fn exact_cash(shell: &mut Shell) {
    let empty = shell.sale.ticket.as_ref().is_none_or(|ticket| ticket.lines.is_empty());
    if empty || shell.payment.asking_back {
        return;
    }
    let cash = ways(shell).iter().find(|way| way.kind == TenderKind::Cash).map(|way| way.name.clone());
    if state(shell) != PayState::Ready || cash.is_none() {
        shell.go(Screen::Payment);
        return;
    }
    shell.payment.chosen = cash;
    pay(shell, None);
}

fn pay(shell: &mut Shell, amount: Option<Money>) {
    if state(shell) != PayState::Ready || shell.sale.ticket.is_none() {
        return;
    }
    let Some(instance) = way(shell).map(|way| way.name.clone()) else { return };
    ask(shell, Deed::Pays(instance.clone()), Command::Tender(TenderRequest { instance, amount }));
}

/// Stores a paid sale again, or asks what became of a payment.
pub fn retry(shell: &mut Shell) {
    match state(shell) {
        PayState::Unsaved => ask(shell, Deed::Short, Command::Finish),
        PayState::Unknown => ask(shell, Deed::Asks, Command::AskPayment),
        PayState::Ready | PayState::Paying => {}
    }
}

fn ask(shell: &mut Shell, deed: Deed, command: Command) {
    shell.payment.going = Some(Going::new(deed));
    shell.payment.trouble = None;
    let session = shell.session.as_ref().map(|session| session.id);
    shell.submit(command, move |shell, result| {
        if shell.session.as_ref().map(|session| session.id) == session {
            answered(shell, result);
        } else {
            // Somebody else is at work by now: it is not their sale.
            shell.payment.going = None;
        }
    });
}

fn answered(shell: &mut Shell, result: CallResult) {
    shell.payment.going = None;
    shell.payment.in_doubt = result.as_ref().is_err_and(|error| error.is(Code::InDoubt));
    match result {
        Ok(Reply::Sale(sale)) => {
            shell.payment = Payment::default();
            shell.sale.ticket = None;
            done::show(shell, *sale);
        }
        Ok(Reply::Ticket(ticket)) => {
            shell.payment.typed.clear();
            shell.sale.ticket = Some(*ticket);
        }
        Ok(_) => {}
        Err(error) => refused(shell, &error),
    }
}

/// A refusal stands where the money is; from another screen it is told as everywhere, and shown here when the ticket can
/// only go on from here.
fn refused(shell: &mut Shell, error: &EngineError) {
    let trouble = Trouble::from(error.clone());
    let (sentence, _) = status::told(shell, &trouble);
    status::note_refusal(shell, error.code, &sentence);
    if shell.screen == Screen::Payment {
        tracing::warn!(code = error.code, "shown to the operator: {}", error.message);
        shell.payment.trouble = Some(trouble.clone());
    } else {
        shell.fail(error);
    }
    let answer = trouble;
    shell.submit(Command::ShowTicket, move |shell, result| {
        if let Ok(Reply::Ticket(ticket)) = result {
            shell.sale.ticket = Some(*ticket);
        }
        if !matches!(state(shell), PayState::Ready | PayState::Paying) && shell.screen != Screen::Payment {
            shell.go(Screen::Payment);
            shell.payment.trouble = Some(answer);
        }
    });
}

fn refresh(shell: &mut Shell) {
    shell.submit(Command::ShowTicket, |shell, result| {
        if let Ok(Reply::Ticket(ticket)) = result {
            shell.sale.ticket = Some(*ticket);
        }
    });
}

/// Cash that was handed over for this ticket.
fn handed_over(shell: &Shell) -> Money {
    let currency = shell.currency();
    let tenders = shell.sale.ticket.iter().flat_map(|ticket| &ticket.tenders);
    let cash = tenders.filter(|tender| tender.kind == TenderKind::Cash).map(|tender| tender.amount);
    Money::sum(currency, cash).unwrap_or(Money::zero(currency))
}

/// Escape: a payment that goes on is asked to stop, and stays on the screen until it answers; otherwise back to the sale.
fn escape(shell: &mut Shell) {
    if going::can_stop(shell) { cancel(shell) } else { back(shell) }
}

/// Back to the sale; cash that was handed over goes back first.
pub fn back(shell: &mut Shell) {
    if may_give_back(shell) {
        shell.payment.asking_back = true;
        shell.payment.leaving = true;
    } else {
        shell.go_home(Screen::Sale);
    }
}

/// Asks whether the cash goes back; the payment goes on.
pub fn give_back(shell: &mut Shell) {
    if may_give_back(shell) {
        shell.payment.asking_back = true;
        shell.payment.leaving = false;
    }
}

/// There is cash to give back, and nothing else is going on with it.
fn may_give_back(shell: &Shell) -> bool {
    let rests = matches!(state(shell), PayState::Ready | PayState::Unsaved) && !shell.payment.in_doubt;
    rests && handed_over(shell).is_positive()
}

/// The cash stays.
pub fn keep(shell: &mut Shell) {
    shell.payment.asking_back = false;
    shell.payment.leaving = false;
}

/// The cash goes back to the customer.
pub fn hand_back(shell: &mut Shell) {
    if shell.payment.going.is_some() || !shell.payment.asking_back {
        return;
    }
    let leaving = shell.payment.leaving;
    keep(shell);
    shell.payment.going = Some(Going::new(Deed::Short));
    shell.payment.trouble = None;
    shell.submit(Command::TakeBackCash, move |shell, result| {
        shell.payment.going = None;
        match result {
            Ok(Reply::Ticket(ticket)) => {
                let free = ticket.tenders.is_empty();
                shell.sale.ticket = Some(*ticket);
                shell.payment.typed.clear();
                if leaving && free && shell.screen == Screen::Payment {
                    shell.go_home(Screen::Sale);
                }
            }
            Ok(_) => {}
            Err(error) => refused(shell, &error),
        }
    });
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if shell.payment.asking_back || key.control || key.alt {
        return false;
    }
    if let Some(key) = key.pad() {
        pad(shell, key);
    } else if key.is(Key::Delete) {
        shell.payment.typed.clear();
    } else if key.is(Key::Return) && !key.repeat {
        if state(shell) == PayState::Ready { take(shell) } else { retry(shell) }
    } else if key.is(Key::Escape) && !key.repeat {
        escape(shell);
    } else {
        return false;
    }
    true
}

/// A function key that works on every screen. True: taken.
pub fn function_key(shell: &mut Shell, key: &KeyPress) -> bool {
    let selling = matches!(shell.screen, Screen::Sale | Screen::Payment);
    if selling && key.is(Key::F10) {
        match shell.screen {
            Screen::Payment if shell.payment.asking_back => {}
            Screen::Payment => exact(shell),
            _ => exact_cash(shell),
        }
        return true;
    }
    let lines = shell.sale.ticket.as_ref().is_some_and(|ticket| !ticket.lines.is_empty());
    if shell.screen == Screen::Sale && key.is(Key::F9) && lines {
        shell.go(Screen::Payment);
        return true;
    }
    false
}
