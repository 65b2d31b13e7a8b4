//! The screen "products": the catalog as a list, and the form of one product.
//!
//! [`list`] reads the rows that are seen, [`form`] holds what is typed until it is saved. A scan goes into the form while it
//! is open; otherwise it finds its product.

pub mod draft;
pub mod form;
pub mod list;
mod view;

pub use view::{FormView, form_view, line};

use crate::markup::{CategoryPick, ProductSaid, Screen};
use crate::presenter::keys::KeyPress;
use crate::shell::Shell;
use aurapos_domain::catalog::Product;
use aurapos_domain::ids::OperatorId;
use aurapos_domain::people::Permission;
use aurapos_engine::EngineError;
use aurapos_engine::queries::{CategoryView, TaxChoice};
use slint::platform::Key;

use crate::host::Topic;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Products {
    /// The rows.
    pub list: list::List,
    /// The form, while it is open.
    pub form: Option<form::Form>,
    /// Categories in their order.
    pub categories: Vec<CategoryView>,
    /// The VAT rates to choose from.
    pub rates: Vec<TaxChoice>,
    /// Whose category is being chosen.
    pub picking: CategoryPick,
    /// What went well a moment ago: kind, name, number.
    pub said: Option<(ProductSaid, String, String)>,
    /// Counts up when faults were found.
    pub attempt: i32,
    /// Counts up when a form begins.
    pub begun: i32,
    /// A code that was scanned and that no product has.
    unknown: Option<String>,
    /// Whose form it is: another operator never finds it.
    operator: Option<OperatorId>,
}

/// The screen is shown. A form that was left with a function key is still there.
pub fn enter(shell: &mut Shell) {
    let operator = shell.session.as_ref().map(|session| session.operator.id);
    if shell.products.operator != operator {
        shell.products.form = None;
    }
    shell.products.operator = operator;
    shell.products.picking = CategoryPick::None;
    shell.products.said = None;
    shell.products.unknown = None;
    list::begin(shell);
    load_choices(shell);
}

/// Reads categories and rates.
pub(crate) fn load_choices(shell: &mut Shell) {
    let now = shell.host().now();
    shell.read(
        // The sale asks for categories too: neither may take the place of the other.
        Topic::Other,
        move |reading| -> Result<_, EngineError> { Ok((reading.categories()?, reading.tax_choices(now)?)) },
        |shell, result| match result {
            Ok((categories, rates)) => {
                shell.products.categories = categories;
                shell.products.rates = rates;
            }
            Err(error) => shell.fail(&error),
        },
    );
}

/// Whether whoever is signed in may change the catalog.
pub fn may_change(shell: &Shell) -> bool {
    shell.may(Permission::ManageCatalog)
}

/// Whose category shall be chosen; nobody's closes the dialog.
pub fn pick_category(shell: &mut Shell, pick: CategoryPick) {
    if pick == CategoryPick::Form && form::is_busy(shell) {
        return;
    }
    shell.products.picking = pick;
}

/// A category was chosen, or none.
pub fn choose_category(shell: &mut Shell, id: &str) {
    let category = shell.products.categories.iter().find(|one| one.id.to_string() == id).cloned();
    match shell.products.picking {
        CategoryPick::Filter => list::filter_category(shell, category),
        CategoryPick::Form => form::choose_category(shell, category),
        CategoryPick::None => {}
    }
    shell.products.picking = CategoryPick::None;
}

/// The category's own name was typed.
pub fn name_category(shell: &mut Shell, name: &str) {
    if shell.products.picking == CategoryPick::Form {
        form::name_category(shell, name);
    }
    shell.products.picking = CategoryPick::None;
}

/// To the import of a file.
pub fn import(shell: &mut Shell) {
    if may_change(shell) {
        shell.go(Screen::ImportCatalog);
    }
}

/// What went well was read.
pub fn dismiss_said(shell: &mut Shell) {
    shell.products.said = None;
}

/// A code that nothing has and that a new product can get: a scanned one, or one that was typed as figures.
pub fn free_code(shell: &Shell) -> Option<&str> {
    let query = shell.products.list.query().trim();
    if !shell.products.list.is_empty() || shell.products.list.category().is_some() {
        return None;
    }
    let scanned = shell.products.unknown.as_deref() == Some(query);
    let figures = query.len() >= 8 && query.bytes().all(|byte| byte.is_ascii_digit());
    (scanned || figures).then_some(query)
}

/// A new product with the code that was looked for.
pub fn add_with_code(shell: &mut Shell) {
    if let Some(code) = free_code(shell).map(str::to_owned) {
        form::add(shell);
        form::add_code(shell, &code);
    }
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.control || key.alt {
        return false;
    }
    if shell.products.picking != CategoryPick::None {
        if key.is(Key::Escape) {
            shell.products.picking = CategoryPick::None;
        }
        return key.is(Key::Escape);
    }
    if shell.products.form.is_some() {
        if key.is(Key::Escape) {
            form::escape(shell);
        }
        return key.is(Key::Escape);
    }
    if key.is(Key::Escape) && !shell.products.list.query().is_empty() {
        list::search(shell, "");
        return true;
    }
    if key.is(Key::Return) {
        return list::open_marked(shell);
    }
    list::key(shell, key)
}

/// A code was scanned while the screen is shown: into the form, or to its product. True: it was meant for the screen.
pub fn scanned(shell: &mut Shell, code: &str) -> bool {
    if shell.products.form.is_some() {
        form::add_code(shell, code);
        return true;
    }
    if shell.products.picking != CategoryPick::None {
        return true;
    }
    let code = code.trim().to_owned();
    let wanted = code.clone();
    shell.read(
        Topic::ProductDetail,
        move |reading| reading.product_by_code(&wanted),
        move |shell, result| match result {
            Ok(Some(product)) => found(shell, &product),
            Ok(None) => {
                shell.products.unknown = Some(code.clone());
                list::search(shell, &code);
            }
            Err(error) => shell.fail(&error),
        },
    );
    true
}

fn found(shell: &mut Shell, product: &Product) {
    if shell.screen == Screen::Products && shell.products.form.is_none() {
        form::open(shell, product.id);
    }
}
