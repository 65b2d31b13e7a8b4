//! Codes that no product has: one after the other, while selling goes on; and making the product at once.

use super::{basket, search};
use crate::host::{Topic, Trouble};
use crate::markup::NewField;
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::barcode::Barcode;
use aurapos_domain::catalog::Unit;
use aurapos_domain::money::{Money, Quantity};
use aurapos_domain::people::Permission;
use aurapos_engine::command::ItemRequest;
use aurapos_engine::error::ProductField;
use aurapos_engine::import::{CategoryChoice, ProductDraft};
use aurapos_engine::queries::{ProductView, TaxChoice};
use aurapos_engine::{Command, EngineError, Reply};
use aurapos_locale::parse;
use std::collections::VecDeque;

/// Most codes that are kept waiting: beyond it the scanner reads something that is no merchandise.
const WAITING_MAX: usize = 50;

/// A code that no product has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) code: String,
    /// How often it was scanned.
    pub(crate) times: i32,
}

/// The form of a new product.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// Its barcode; `None` when it was looked for by name.
    pub(crate) code: Option<Code>,
    pub(crate) name: String,
    pub(crate) vats: Vec<TaxChoice>,
    pub(crate) refused: NewField,
    pub(crate) error: String,
    pub(crate) busy: bool,
}

/// What waits to be known.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    pub(crate) waiting: VecDeque<Code>,
    pub(crate) form: Option<Form>,
}

/// What the form has.
#[derive(Debug, Clone, Default)]
pub struct New {
    /// Name as typed.
    pub name: String,
    /// Price as typed.
    pub price: String,
    /// Index of the VAT rate.
    pub vat: usize,
    /// Index of the category, 0 for none.
    pub category: usize,
    /// By weight.
    pub by_weight: bool,
}

/// A code is unknown: the same one again is one more of it.
pub(crate) fn queue(shell: &mut Shell, item: ItemRequest) {
    let Unknown { waiting, form } = &mut shell.sale.unknown;
    let in_form = form.as_mut().and_then(|form| form.code.as_mut()).filter(|known| known.code == item.code);
    if let Some(known) = in_form {
        known.times += 1;
    } else if let Some(known) = waiting.iter_mut().find(|known| known.code == item.code) {
        known.times += 1;
    } else if waiting.len() < WAITING_MAX {
        waiting.push_back(Code { code: item.code, times: 1 });
    }
}

/// Whether it can be no barcode at all.
pub(crate) fn is_bad(code: &str) -> bool {
    Barcode::parse(code).is_err()
}

/// Goes on without it.
pub fn skip(shell: &mut Shell) {
    shell.sale.unknown.waiting.pop_front();
}

/// Looks for the product by its name instead.
pub fn look_for(shell: &mut Shell) {
    skip(shell);
    search::focus(shell);
}

/// Opens the form: for the unknown code, or for what was looked for and not found.
pub fn form(shell: &mut Shell) {
    if !shell.may(Permission::ManageCatalog) {
        return;
    }
    let looked_for = shell.sale.search.text.trim().to_owned();
    let found_nothing = !looked_for.is_empty();
    let code = if found_nothing {
        let code = Code { code: looked_for.clone(), times: 1 };
        (code.code.bytes().all(|byte| byte.is_ascii_digit()) && !is_bad(&code.code)).then_some(code)
    } else {
        shell.sale.unknown.waiting.front().cloned().filter(|known| !is_bad(&known.code))
    };
    if !found_nothing && code.is_none() {
        return;
    }
    if !found_nothing {
        shell.sale.unknown.waiting.pop_front();
    }
    let name = if found_nothing && code.is_none() { looked_for } else { String::new() };
    search::leave(shell);
    shell.sale.unknown.form = Some(Form { code, name, ..Form::default() });
    let now = shell.host().now();
    shell.read(
        Topic::Other,
        move |reading| reading.tax_choices(now),
        |shell, result| match (result, shell.sale.unknown.form.as_mut()) {
            (Ok(vats), Some(form)) => form.vats = vats,
            (Err(error), _) => shell.fail(&error),
            (Ok(_), None) => {}
        },
    );
}

/// Leaves the form; its code is offered again.
pub fn cancel(shell: &mut Shell) {
    if let Some(form) = shell.sale.unknown.form.take()
        && let Some(code) = form.code
    {
        shell.sale.unknown.waiting.push_front(code);
    }
}

/// Makes the product; then it goes onto the ticket as often as it was scanned.
pub fn create(shell: &mut Shell, new: &New) {
    let draft = match draft(shell, new) {
        Some(Ok(draft)) => draft,
        Some(Err(field)) => return refuse(shell, field, String::new()),
        None => return,
    };
    if let Some(form) = &mut shell.sale.unknown.form {
        form.busy = true;
        form.refused = NewField::None;
    }
    shell.submit(Command::SaveProduct(Box::new(draft)), |shell, result| match result {
        Ok(Reply::Product(product)) => created(shell, *product),
        Ok(_) => {}
        Err(error) => not_created(shell, &error),
    });
}

fn draft(shell: &Shell, new: &New) -> Option<Result<ProductDraft, NewField>> {
    let form = shell.sale.unknown.form.as_ref().filter(|form| !form.busy)?;
    if new.name.trim().is_empty() {
        return Some(Err(NewField::Name));
    }
    let price: Option<Money> = parse::money(shell.language, &new.price, shell.currency()).ok();
    let Some(price) = price.filter(|price| !price.is_negative()) else { return Some(Err(NewField::Price)) };
    let Some(vat) = form.vats.get(new.vat) else { return Some(Err(NewField::Vat)) };
    let category = new.category.checked_sub(1).and_then(|index| shell.sale.grid.categories.get(index));
    Some(Ok(ProductDraft {
        id: None,
        sku: String::new(),
        name: new.name.trim().to_owned(),
        price,
        tax_code: vat.code.as_str().to_owned(),
        unit: if new.by_weight { Unit::Kilogram } else { Unit::Piece },
        category: category.map_or(CategoryChoice::None, |category| CategoryChoice::Id(category.id)),
        barcodes: form.code.iter().map(|code| code.code.clone()).collect(),
        food: false,
        active: true,
        stock: None,
    }))
}

fn created(shell: &mut Shell, product: ProductView) {
    let Some(form) = shell.sale.unknown.form.take() else { return };
    let times = form.code.as_ref().map_or(1, |code| code.times);
    let quantity = (times > 1 && product.product.unit == Unit::Piece).then(|| Quantity::pieces(times));
    basket::add(shell, ItemRequest { code: product.product.sku, quantity, price: None });
}

fn not_created(shell: &mut Shell, error: &EngineError) {
    let field = match error.product_field() {
        Some(ProductField::Name) => NewField::Name,
        Some(ProductField::Price) => NewField::Price,
        Some(ProductField::Vat) => NewField::Vat,
        Some(ProductField::Category) => NewField::Category,
        _ => NewField::Other,
    };
    let (sentence, next) = status::told(shell, &Trouble::from(error.clone()));
    let text = if field == NewField::Other { format!("{sentence} {next}") } else { sentence };
    refuse(shell, field, text);
}

fn refuse(shell: &mut Shell, field: NewField, error: String) {
    if let Some(form) = &mut shell.sale.unknown.form {
        form.busy = false;
        form.refused = field;
        form.error = error;
    }
}
