//! What the screen shows, as plain data.

use super::{basket, dialogs, editor, undo, unknown};
use crate::markup::{LineMode, ListState, NewField, PayState, SaleCategory, SaleDialog, SaleGrid, SaleLine, SaleTile};
use crate::presenter::payment;
use crate::shell::Shell;
use aurapos_domain::catalog::{Colour, Product, Unit};
use aurapos_domain::money::Money;
use aurapos_domain::pricing::Discount;
use aurapos_engine::view::{Ticket, TicketLine};
use aurapos_locale::{Language, format};

/// What stands in the place of the tiles.
pub(crate) fn grid(shell: &Shell) -> SaleGrid {
    if shell.sale.unknown.form.is_some() {
        SaleGrid::Create
    } else if shell.sale.search.is_shown() {
        SaleGrid::Results
    } else if !shell.sale.unknown.waiting.is_empty() {
        SaleGrid::Unknown
    } else {
        SaleGrid::Tiles
    }
}

fn amount(shell: &Shell, money: Money) -> String {
    format::on_screen(format::amount(shell.language, money))
}

fn money(shell: &Shell, money: Money) -> String {
    format::on_screen(format::money(shell.language, money))
}

fn colour(Colour(red, green, blue): Colour) -> slint::Color {
    slint::Color::from_rgb_u8(red, green, blue)
}

/// The strip above the tiles: the favourites first.
pub fn categories(shell: &Shell) -> Vec<SaleCategory> {
    let all = shell.sale.grid.categories.iter().map(|category| SaleCategory {
        id: category.id.to_string().into(),
        name: category.name.as_str().into(),
        colour: colour(category.colour),
        products: i32::try_from(category.products).unwrap_or(i32::MAX),
    });
    std::iter::once(SaleCategory::default()).chain(all).collect()
}

/// The page of tiles, or of results.
pub fn tiles(shell: &Shell) -> Vec<SaleTile> {
    let sale = &shell.sale;
    let tile = |product: &Product| SaleTile {
        id: product.id.to_string().into(),
        name: product.name.as_str().into(),
        price: amount(shell, product.price).into(),
        weighed: product.unit == Unit::Kilogram,
        colour: sale.grid.colour(product).map_or_else(slint::Color::default, colour),
        code: product.sku.as_str().into(),
    };
    if sale.search.is_shown() {
        let page = sale.grid.size().tiles();
        sale.search.results.iter().skip(sale.search.page * page).take(page).map(tile).collect()
    } else {
        sale.grid.products.iter().take(sale.grid.size().tiles()).map(tile).collect()
    }
}

/// The lines of the ticket.
pub fn lines(shell: &Shell) -> Vec<SaleLine> {
    let lines = shell.sale.ticket.as_ref().map_or(&[][..], |ticket| &ticket.lines);
    lines.iter().map(|line| row(shell, line)).collect()
}

fn row(shell: &Shell, line: &TicketLine) -> SaleLine {
    let language = shell.language;
    let own = line.gross.checked_sub(line.discount).unwrap_or(line.gross);
    let listed = if line.fixed { line.gross } else { line.list_price.times(line.quantity).unwrap_or(line.gross) };
    let original = if line.unit_price == line.list_price { line.gross } else { listed };
    SaleLine {
        number: i32::try_from(line.number).unwrap_or(i32::MAX),
        name: line.name.as_str().into(),
        quantity: format::on_screen(format::quantity(language, line.quantity)).into(),
        weighed: line.weighed,
        price: amount(shell, line.unit_price).into(),
        note: line.note.as_str().into(),
        discount: line.agreed_discount.map(|agreed| off(shell, agreed)).unwrap_or_default().into(),
        amount: amount(shell, own).into(),
        original: if original == own { String::new() } else { amount(shell, original) }.into(),
        fixed: line.fixed,
    }
}

/// `−10 %`, `−2,00 €`.
fn off(shell: &Shell, discount: Discount) -> String {
    match discount {
        Discount::Percent(rate) => format!("\u{2212}{}", format::percent(shell.language, rate)),
        Discount::Amount(amount) => format!("\u{2212}{}", money(shell, amount)),
    }
}

/// Everything that is no list.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct View {
    pub grid: SaleGrid,
    pub tiles_state: ListState,
    pub category: String,
    pub columns: i32,
    pub rows: i32,
    pub page: i32,
    pub pages: i32,
    pub marked: String,
    pub selected: i32,
    pub reveal_row: i32,
    pub totals: Totals,
    pub editor: Pad,
    pub removed: Option<String>,
    pub paying: bool,
    pub weigh: Weigh,
    pub discount: Off,
    pub unknown: Code,
    pub form: Form,
}

/// What the ticket comes to.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Totals {
    pub empty: bool,
    pub items: i32,
    pub subtotal: String,
    pub discount: String,
    pub vat_rates: String,
    pub vat_amounts: String,
    pub vat_included: bool,
    pub total: String,
    pub paid: String,
    pub due: String,
    pub exact: String,
    pub ticket_discount: String,
    pub note: String,
}

/// The keypad of the selected line.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Pad {
    pub open: bool,
    pub mode: LineMode,
    pub entry: String,
    pub current: String,
    pub unit: String,
    pub valid: bool,
    pub whole: bool,
    pub fixed: bool,
    pub discounted: bool,
    pub price_changed: bool,
    pub name: String,
}

/// The dialog of a weight.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Weigh {
    pub name: String,
    pub price: String,
    pub entry: String,
    pub amount: String,
    pub valid: bool,
    pub waiting: i32,
}

/// The dialog of the ticket's discount.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Off {
    pub amount: bool,
    pub entry: String,
    pub after: String,
    pub valid: bool,
}

/// A code that no product has.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Code {
    pub code: String,
    pub times: i32,
    pub waiting: i32,
    pub bad: bool,
}

/// The form of a new product.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Form {
    pub name: String,
    pub vats: Vec<String>,
    pub categories: Vec<String>,
    pub refused: NewField,
    pub error: String,
    pub busy: bool,
}

/// What the screen shows.
pub fn view(shell: &Shell) -> View {
    let sale = &shell.sale;
    let results = sale.search.is_shown();
    let size = sale.grid.size();
    let (page, pages) = match results {
        true => (sale.search.page, size.pages(sale.search.results.len())),
        false => (sale.grid.page(), sale.grid.pages()),
    };
    let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let marked = results.then(|| sale.search.results.get(sale.search.marked)).flatten();
    let lines = sale.ticket.as_ref().map_or(&[][..], |ticket| &ticket.lines);
    let reveal_row = lines.iter().position(|line| Some(line.number) == sale.basket.seen);
    View {
        grid: grid(shell),
        tiles_state: if results { sale.search.state() } else { sale.grid.state },
        category: sale.grid.category().map(|category| category.to_string()).unwrap_or_default(),
        columns: number(size.columns),
        rows: number(size.rows),
        page: number(page + 1),
        pages: number(pages),
        marked: marked.map(|product| product.id.to_string()).unwrap_or_default(),
        selected: basket::view_selected(shell).and_then(|line| i32::try_from(line.number).ok()).unwrap_or(-1),
        reveal_row: reveal_row.map_or(-1, number),
        totals: sale.ticket.as_ref().map_or(nothing(shell), |ticket| totals(shell, ticket)),
        editor: pad(shell),
        removed: undo::offered(shell).map(str::to_owned),
        paying: payment::state(shell) == PayState::Paying,
        weigh: weigh(shell),
        discount: discount(shell),
        unknown: code(shell),
        form: form(shell),
    }
}

fn nothing(shell: &Shell) -> Totals {
    let zero = money(shell, Money::zero(shell.currency()));
    Totals { empty: true, vat_included: true, total: zero, ..Totals::default() }
}

fn totals(shell: &Shell, ticket: &Ticket) -> Totals {
    if ticket.lines.is_empty() {
        return nothing(shell);
    }
    let currency = shell.currency();
    let sum = |amounts: Vec<Money>| Money::sum(currency, amounts).unwrap_or(Money::zero(currency));
    let gross = sum(ticket.lines.iter().map(|line| line.gross).collect());
    let off_lines = sum(ticket.lines.iter().map(|line| line.discount).collect());
    let off_all = off_lines.checked_add(ticket.ticket_discount).unwrap_or(off_lines);
    let after = ticket.subtotal.checked_sub(ticket.ticket_discount);
    let rates: Vec<String> = ticket.vat.iter().map(|row| format::percent(shell.language, row.rate_bp)).collect();
    let taxes: Vec<String> = ticket.vat.iter().map(|row| amount(shell, row.amount)).collect();
    let paid = sum(ticket.tenders.iter().map(|tender| tender.amount).collect());
    let less = |money: Money| money.checked_neg().unwrap_or(money);
    Totals {
        empty: false,
        items: i32::try_from(ticket.item_count).unwrap_or(i32::MAX),
        subtotal: money(shell, gross),
        discount: if off_all.is_zero() { String::new() } else { money(shell, less(off_all)) },
        vat_rates: rates.join(" · "),
        vat_amounts: taxes.join(" · "),
        vat_included: after == Ok(ticket.total),
        total: money(shell, ticket.total),
        paid: if paid.is_zero() { String::new() } else { money(shell, paid) },
        due: money(shell, ticket.due_other),
        exact: money(shell, ticket.due_cash),
        ticket_discount: ticket.discount.map(|agreed| off(shell, agreed)).unwrap_or_default(),
        note: ticket.note.clone(),
    }
}

fn pad(shell: &Shell) -> Pad {
    let editor = &shell.sale.editor;
    let Some(line) = basket::view_selected(shell) else { return Pad::default() };
    let language = shell.language;
    let rate = |discount| match discount {
        Some(Discount::Percent(rate)) => format::percent(language, rate),
        Some(Discount::Amount(off)) => money(shell, off),
        None => "0".to_owned(),
    };
    let (current, unit) = match editor.mode {
        LineMode::Quantity => (
            format::on_screen(format::quantity(language, line.quantity)),
            if line.weighed { "kg" } else { "" }.to_owned(),
        ),
        LineMode::Discount if editor.figures.is_empty() => (rate(line.agreed_discount), String::new()),
        LineMode::Discount => (String::new(), "%".to_owned()),
        LineMode::Price => (amount(shell, line.unit_price), format::symbol(shell.currency())),
    };
    Pad {
        open: editor.open,
        mode: editor.mode,
        entry: editor.figures.shown(language),
        current,
        unit,
        valid: editor::command(shell).is_some(),
        whole: editor::decimals(shell, line) == 0,
        fixed: line.fixed,
        discounted: line.agreed_discount.is_some(),
        price_changed: line.unit_price != line.list_price,
        name: line.name.clone(),
    }
}

fn weigh(shell: &Shell) -> Weigh {
    let scale = &shell.sale.scale;
    let Some(product) = scale.waiting.front() else { return Weigh::default() };
    let entry = scale.figures.shown(shell.language);
    Weigh {
        name: product.name.clone(),
        price: money(shell, product.price),
        entry: if entry.is_empty() { "0".to_owned() } else { entry },
        amount: scale.amount().map(|price| money(shell, price)).unwrap_or_default(),
        valid: scale.weight().is_some(),
        waiting: i32::try_from(scale.waiting.len() - 1).unwrap_or(i32::MAX),
    }
}

fn discount(shell: &Shell) -> Off {
    let state = &shell.sale.dialogs;
    if state.shown != SaleDialog::Discount {
        return Off::default();
    }
    let entry = state.figures.shown(shell.language);
    Off {
        amount: state.amount,
        entry: if entry.is_empty() { "0".to_owned() } else { entry },
        after: dialogs::after_discount(shell).map(|after| money(shell, after)).unwrap_or_default(),
        valid: dialogs::discount(shell).is_some(),
    }
}

fn code(shell: &Shell) -> Code {
    let unknown = &shell.sale.unknown;
    let waiting = unknown.waiting.len();
    let form = unknown.form.as_ref().map(|form| form.code.as_ref());
    let (shown, others) = match form {
        Some(code) => (code, waiting),
        None => (unknown.waiting.front(), waiting.saturating_sub(1)),
    };
    Code {
        code: shown.map(|code| code.code.clone()).unwrap_or_default(),
        times: shown.map_or(1, |code| code.times),
        waiting: i32::try_from(others).unwrap_or(i32::MAX),
        bad: shown.is_some_and(|code| unknown::is_bad(&code.code)),
    }
}

fn form(shell: &Shell) -> Form {
    let Some(form) = &shell.sale.unknown.form else { return Form::default() };
    Form {
        name: form.name.clone(),
        vats: form.vats.iter().map(|vat| format::percent(shell.language, vat.rate_bp)).collect(),
        categories: shell.sale.grid.categories.iter().map(|category| category.name.clone()).collect(),
        refused: form.refused,
        error: form.error.clone(),
        busy: form.busy,
    }
}

/// The percentages that have a key, as the language writes them.
pub fn presets(language: Language) -> Vec<(i32, String)> {
    let text = |percent: i32| format!("\u{2212}{}", format::percent(language, i64::from(percent) * 100));
    [5, 10, 20, 50].into_iter().map(|percent| (percent, text(percent))).collect()
}
