//! What the screen "payment" shows, as texts in the operator's language.

use super::entry::decimal_key;
use super::{due, going, handed_over, state, suggestions, way, ways};
use crate::markup::{GivenTender, NoteTile, PayLine, PayState, TenderLook, TenderTile};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::catalog::Unit;
use aurapos_domain::money::{Money, Quantity};
use aurapos_domain::tax::VatRow;
use aurapos_domain::tender::TenderKind;
use aurapos_engine::PaymentInstance;
use aurapos_engine::view::{Ticket, TicketLine};
use aurapos_locale::{Language, format, names};

/// The whole screen.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct View {
    pub state: PayState,
    pub lines: Vec<PayLine>,
    pub items: i32,
    pub subtotal: String,
    pub discount: String,
    pub vat_names: String,
    pub vat_amounts: String,
    pub total: String,
    pub due: String,
    pub due_cash: String,
    pub rounding: String,
    pub given: Vec<GivenTender>,
    pub handed_over: String,
    pub payable: bool,
    pub tenders: Vec<TenderTile>,
    pub cash: bool,
    pub notes: Vec<NoteTile>,
    pub typed: String,
    pub typed_amount: String,
    pub change: String,
    pub missing: String,
    pub decimal: String,
    pub trouble: String,
    pub trouble_next: String,
    pub waiting: bool,
    pub progress: String,
    pub cancellable: bool,
    pub cancelling: bool,
    pub asking_back: bool,
}

/// An amount without its currency, for columns on a screen.
pub(crate) fn amount(language: Language, money: Money) -> String {
    format::on_screen(format::amount(language, money))
}

/// An amount with its currency, for a screen.
pub(crate) fn money(language: Language, money: Money) -> String {
    format::on_screen(format::money(language, money))
}

/// A difference with its sign, plus too: `+0.01`.
pub(crate) fn signed(language: Language, money: Money) -> String {
    let text = amount(language, money);
    if money.is_positive() { format!("+{text}") } else { text }
}

/// How a way to pay looks.
pub(crate) fn look(kind: TenderKind) -> TenderLook {
    match kind {
        TenderKind::Cash => TenderLook::Cash,
        TenderKind::Card => TenderLook::Card,
        TenderKind::MealVoucher | TenderKind::EcoVoucher | TenderKind::GiftVoucher => TenderLook::Voucher,
        TenderKind::Transfer => TenderLook::Transfer,
        TenderKind::Account | TenderKind::Other => TenderLook::Other,
    }
}

/// Builds it.
pub fn view(shell: &Shell) -> View {
    let language = shell.language;
    let mut view = View { state: state(shell), ..View::default() };
    view.payable = !ways(shell).is_empty();
    view.decimal = decimal_key(language, shell.currency());
    view.asking_back = shell.payment.asking_back;
    view.waiting = going::waits(shell);
    view.cancellable = going::can_stop(shell);
    if let Some(going) = &shell.payment.going {
        view.progress.clone_from(&going.progress);
        view.cancelling = going.cancelling;
    }
    if let Some(trouble) = &shell.payment.trouble {
        (view.trouble, view.trouble_next) = status::told(shell, trouble);
    }
    view.cash = way(shell).is_none_or(|way| way.kind == TenderKind::Cash);
    if let Some(ticket) = &shell.sale.ticket {
        sheet(language, ticket, &mut view);
        sums(shell, ticket, &mut view);
        typed(shell, &mut view);
    }
    view
}

/// The ticket at the left.
fn sheet(language: Language, ticket: &Ticket, view: &mut View) {
    view.lines = ticket.lines.iter().map(|one| line(language, one)).collect();
    view.items = i32::try_from(ticket.item_count).unwrap_or(i32::MAX);
    view.subtotal = amount(language, ticket.subtotal);
    if !ticket.ticket_discount.is_zero() {
        let less = ticket.ticket_discount.checked_neg().unwrap_or(ticket.ticket_discount);
        view.discount = amount(language, less);
    }
    (view.vat_names, view.vat_amounts) = vat(language, &ticket.vat);
    view.total = money(language, ticket.total);
}

fn line(language: Language, line: &TicketLine) -> PayLine {
    PayLine {
        quantity: format::on_screen(format::quantity(language, line.quantity)).into(),
        unit: if line.unit == Unit::Kilogram { "kg".into() } else { Default::default() },
        name: line.name.as_str().into(),
        detail: detail_of_line(language, line.unit, line.quantity, line.unit_price, &line.note).into(),
        amount: amount(language, line.net).into(),
        was: if line.net == line.gross { Default::default() } else { amount(language, line.gross).into() },
    }
}

/// `2,49 / kg`, `× 1,30`, and the note.
pub(crate) fn detail_of_line(language: Language, unit: Unit, quantity: Quantity, price: Money, note: &str) -> String {
    let price = match unit {
        Unit::Kilogram => format!("{}\u{a0}/\u{a0}kg", amount(language, price)),
        Unit::Newer(unit) => format!("{}\u{a0}/\u{a0}{}", amount(language, price), unit.code()),
        Unit::Piece if quantity == Quantity::ONE => String::new(),
        Unit::Piece => format!("×\u{a0}{}", amount(language, price)),
    };
    match (price.is_empty(), note.is_empty()) {
        (_, true) => price,
        (true, false) => note.to_owned(),
        (false, false) => format!("{price} · {note}"),
    }
}

/// `TVA 6 % · 21 %` and `0,88 · 0,03`.
pub(crate) fn vat(language: Language, rows: &[VatRow]) -> (String, String) {
    if rows.is_empty() {
        return (names::vat(language).to_owned(), amount_of_nothing());
    }
    let rates: Vec<String> = rows.iter().map(|row| format::percent(language, row.rate_bp)).collect();
    let amounts: Vec<String> = rows.iter().map(|row| amount(language, row.amount)).collect();
    (format!("{} {}", names::vat(language), rates.join(" · ")), amounts.join(" · "))
}

fn amount_of_nothing() -> String {
    "\u{2013}".to_owned()
}

/// What is due and what was given.
fn sums(shell: &Shell, ticket: &Ticket, view: &mut View) {
    let language = shell.language;
    let kind = way(shell).map_or(TenderKind::Cash, |way| way.kind);
    let exact = if kind.is_voucher() { ticket.due_voucher } else { ticket.due_other };
    let paid = view.state == PayState::Unsaved;
    view.due = money(language, if paid { ticket.total } else { exact });
    if let Some(due) = due(shell).filter(|_| !paid) {
        view.due_cash = money(language, due);
        let rounding = due.checked_sub(exact).unwrap_or(Money::zero(due.currency));
        if !rounding.is_zero() {
            view.rounding = signed(language, rounding);
        }
    }
    let ways = ways(shell);
    view.given = ticket
        .tenders
        .iter()
        .map(|tender| GivenTender {
            title: title(language, ways, &tender.instance, tender.kind).into(),
            look: look(tender.kind),
            amount: money(language, tender.amount).into(),
        })
        .collect();
    let handed_over = handed_over(shell);
    if handed_over.is_positive() {
        view.handed_over = money(language, handed_over);
    }
    let chosen = way(shell).map(|way| way.name.clone());
    view.tenders = ways
        .iter()
        .map(|way| TenderTile {
            title: title(language, ways, &way.name, way.kind).into(),
            look: look(way.kind),
            due: money(language, super::due_in(ticket, way.kind)).into(),
            selected: chosen.as_ref() == Some(&way.name),
        })
        .collect();
}

/// The language's word for a way to pay; where two are of one kind, what each is called.
fn title(language: Language, ways: &[PaymentInstance], name: &str, kind: TenderKind) -> String {
    let alone = ways.iter().filter(|way| way.kind == kind).count() <= 1;
    let label =
        ways.iter().find(|way| way.name == name).map(|way| way.label.as_str()).filter(|label| !label.is_empty());
    match label {
        Some(label) if !alone => label.to_owned(),
        _ => names::tender(language, kind).to_owned(),
    }
}

/// What is typed, and what comes of it.
fn typed(shell: &Shell, view: &mut View) {
    let (language, currency) = (shell.language, shell.currency());
    view.typed = shell.payment.typed.shown(language);
    let due = due(shell).unwrap_or(Money::zero(currency));
    view.notes = suggestions(shell)
        .into_iter()
        .map(|note| NoteTile { amount: amount(language, note).into(), change: over(language, note, due).into() })
        .collect();
    let Some(typed) = shell.payment.typed.amount(currency).filter(|typed| typed.is_positive()) else { return };
    view.typed_amount = money(language, typed);
    let change = typed.checked_sub(due).unwrap_or(Money::zero(currency));
    if !change.is_negative() {
        view.change = money(language, change);
    } else if let Ok(missing) = change.checked_neg() {
        view.missing = money(language, missing);
    }
}

fn over(language: Language, given: Money, due: Money) -> String {
    given.checked_sub(due).map(|change| amount(language, change)).unwrap_or_default()
}
