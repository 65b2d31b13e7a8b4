//! The form of one product: what is typed, its codes, saving it, and leaving it.

use crate::host::Topic;
use crate::markup::{ProductSaid, ProductText};
use crate::presenter::products::draft::{self, Faults, Fields, Writing};
use crate::presenter::products::{list, load_choices, may_change};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::catalog::Product;
use aurapos_domain::ids::ProductId;
use aurapos_engine::error::Detail;
use aurapos_engine::import::CategoryChoice;
use aurapos_engine::queries::{CategoryView, ProductView};
use aurapos_engine::{Command, EngineError, Reply};
use aurapos_locale::{Messages, errors, format};

/// A product that is being added or changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Which; `None` for a new one.
    pub id: Option<ProductId>,
    /// What stands in it.
    pub fields: Fields,
    /// As it began.
    was: Fields,
    /// What is wrong.
    pub faults: Faults,
    /// It is being saved.
    pub busy: bool,
    /// It is asked whether what was changed may be lost.
    pub asks_to_leave: bool,
}

impl Form {
    fn new(id: Option<ProductId>, fields: Fields) -> Form {
        Form { id, was: fields.clone(), fields, faults: Faults::default(), busy: false, asks_to_leave: false }
    }

    /// Something would be lost.
    pub fn is_changed(&self) -> bool {
        self.fields != self.was
    }
}

/// It is being saved.
pub fn is_busy(shell: &Shell) -> bool {
    shell.products.form.as_ref().is_some_and(|form| form.busy)
}

fn writing(shell: &Shell) -> Writing {
    Writing { language: shell.language, currency: shell.currency() }
}

/// A new product. It is sold by the piece, at the highest rate, in the category that is shown.
pub fn add(shell: &mut Shell) {
    if !may_change(shell) || shell.products.form.is_some() {
        return;
    }
    let mut fields =
        Fields { tax_code: shell.products.rates.first().map(|rate| rate.code.clone()), ..Fields::default() };
    if let Some(category) = shell.products.list.category() {
        fields.category = CategoryChoice::Id(category.id);
        fields.category_name.clone_from(&category.name);
    }
    begin(shell, Form::new(None, fields));
}

fn begin(shell: &mut Shell, form: Form) {
    shell.products.form = Some(form);
    shell.products.said = None;
    shell.products.begun = shell.products.begun.wrapping_add(1);
}

/// Opens the product of a row.
pub fn open_text(shell: &mut Shell, id: &str) {
    if let Ok(id) = id.parse() {
        open(shell, id);
    }
}

/// Opens a product as it is stored now.
pub fn open(shell: &mut Shell, id: ProductId) {
    shell.read(
        Topic::ProductDetail,
        move |reading| reading.product_by_id(id),
        move |shell, result| match result {
            Ok(Some(view)) if shell.products.form.is_none() => {
                let fields = fields_of(shell, &view);
                begin(shell, Form::new(Some(id), fields));
            }
            Ok(Some(_)) => {}
            // Somebody else took it away: the list is read again.
            Ok(None) => list::again(shell),
            Err(error) => shell.fail(&error),
        },
    );
}

fn fields_of(shell: &Shell, view: &ProductView) -> Fields {
    let ProductView { product, category, .. } = view;
    Fields {
        name: product.name.clone(),
        sku: product.sku.clone(),
        price: format::amount(shell.language, product.price),
        stock: String::new(),
        code: String::new(),
        codes: codes_of(product),
        tax_code: Some(product.tax_code.clone()),
        unit: product.unit,
        category: product.category.map_or(CategoryChoice::None, CategoryChoice::Id),
        category_name: category.clone(),
        food: product.food,
        active: product.active,
    }
}

fn codes_of(product: &Product) -> Vec<String> {
    product.barcodes.iter().map(|code| code.canonical().to_owned()).collect()
}

/// Changes the form unless it is being saved.
fn change(shell: &mut Shell, edit: impl FnOnce(&mut Form)) {
    if let Some(form) = shell.products.form.as_mut().filter(|form| !form.busy) {
        edit(form);
    }
}

/// A field was typed in: what was wrong with it is looked at again when it is saved.
pub fn edited(shell: &mut Shell, field: ProductText, text: &str) {
    let text = draft::printable(text);
    change(shell, |form| {
        let (place, fault) = match field {
            ProductText::Name => (&mut form.fields.name, &mut form.faults.name),
            ProductText::Sku => (&mut form.fields.sku, &mut form.faults.sku),
            ProductText::Price => (&mut form.fields.price, &mut form.faults.price),
            ProductText::Stock => (&mut form.fields.stock, &mut form.faults.stock),
            ProductText::Code => (&mut form.fields.code, &mut form.faults.codes),
            // The dialog's own: it counts when it is taken over.
            ProductText::Category => return,
        };
        *place = text;
        *fault = None;
    });
}

/// Another VAT rate.
pub fn choose_vat(shell: &mut Shell, index: usize) {
    let Some(code) = shell.products.rates.get(index).map(|rate| rate.code.clone()) else { return };
    change(shell, |form| {
        form.fields.tax_code = Some(code);
        form.faults.vat = None;
    });
}

/// By weight, or by the piece.
pub fn choose_unit(shell: &mut Shell, by_weight: bool) {
    use aurapos_domain::catalog::Unit;
    change(shell, |form| {
        form.fields.unit = if by_weight { Unit::Kilogram } else { Unit::Piece };
        form.faults.stock = None;
    });
}

/// Food, or not.
pub fn set_food(shell: &mut Shell, on: bool) {
    change(shell, |form| form.fields.food = on);
}

/// Sold, or not any more.
pub fn set_active(shell: &mut Shell, on: bool) {
    change(shell, |form| form.fields.active = on);
}

/// A category there is, or none.
pub fn choose_category(shell: &mut Shell, category: Option<CategoryView>) {
    change(shell, |form| {
        form.faults.category = None;
        let (choice, name) = match category {
            Some(category) => (CategoryChoice::Id(category.id), category.name),
            None => (CategoryChoice::None, String::new()),
        };
        form.fields.category = choice;
        form.fields.category_name = name;
    });
}

/// A category of this name: the engine takes the one there is, or makes it.
pub fn name_category(shell: &mut Shell, name: &str) {
    let name = draft::printable(name).trim().to_owned();
    let known = shell.products.categories.iter().find(|one| one.name.to_lowercase() == name.to_lowercase()).cloned();
    if name.is_empty() || known.is_some() {
        return choose_category(shell, known);
    }
    change(shell, |form| {
        form.faults.category = None;
        form.fields.category = CategoryChoice::Named(name.clone());
        form.fields.category_name = name;
    });
}

/// The code that was typed is taken.
pub fn take_code(shell: &mut Shell) {
    let typed = shell.products.form.as_ref().map(|form| form.fields.code.clone()).unwrap_or_default();
    add_code(shell, &typed);
}

/// A code was typed or scanned. Whether another product has it is looked up meanwhile.
pub fn add_code(shell: &mut Shell, text: &str) {
    let writing = writing(shell);
    let Some(form) = shell.products.form.as_mut().filter(|form| !form.busy) else { return };
    let typed = form.fields.code.trim() == text.trim();
    match draft::code(text, &form.fields.codes, writing) {
        Ok(code) => {
            form.faults.codes = None;
            form.fields.codes.push(code.clone());
            if typed {
                form.fields.code.clear();
            }
            look_for_holder(shell, code);
        }
        Err(fault) => form.faults.codes = Some(fault),
    }
}

fn look_for_holder(shell: &mut Shell, code: String) {
    let wanted = code.clone();
    shell.read(
        Topic::Other,
        move |reading| reading.product_by_code(&wanted),
        move |shell, result| {
            // What cannot be looked up now is found when it is saved.
            if let Ok(Some(product)) = result {
                held(shell, &code, &product);
            }
        },
    );
}

/// Another product has the code: it goes again, and is named.
fn held(shell: &mut Shell, code: &str, product: &Product) {
    let has_it = product.barcodes.iter().any(|own| own.canonical() == code);
    let who = format!("{} ({})", product.name, product.sku);
    let told = Messages::new(shell.language).sentence("row.barcode_taken", &[("code", code), ("sku", &who)]);
    change(shell, |form| {
        if has_it && form.id != Some(product.id) && form.fields.codes.iter().any(|own| own == code) {
            form.fields.codes.retain(|own| own != code);
            form.faults.codes = told;
        }
    });
}

/// A code is taken off.
pub fn remove_code(shell: &mut Shell, index: usize) {
    change(shell, |form| {
        if index < form.fields.codes.len() {
            form.fields.codes.remove(index);
            form.faults.codes = None;
        }
    });
}

/// Saves it; `another`: and begins a new one.
pub fn save(shell: &mut Shell, another: bool) {
    if !may_change(shell) || is_busy(shell) {
        return;
    }
    if shell.products.form.as_ref().is_some_and(|form| !form.fields.code.trim().is_empty()) {
        take_code(shell);
    }
    let writing = writing(shell);
    let Some(form) = shell.products.form.as_mut() else { return };
    if !form.fields.code.trim().is_empty() {
        // The code that was typed is refused.
        return refuse(shell);
    }
    match draft::draft(&form.fields, form.id, writing) {
        Err(faults) => {
            form.faults = faults;
            refuse(shell);
        }
        Ok(draft) => {
            form.faults = Faults::default();
            form.busy = true;
            let new = draft.id.is_none();
            shell.submit(Command::SaveProduct(Box::new(draft)), move |shell, result| match result {
                Ok(Reply::Product(view)) => saved(shell, &view, new, another),
                Ok(_) => {}
                Err(error) => refused(shell, &error),
            });
        }
    }
}

fn refuse(shell: &mut Shell) {
    shell.products.attempt = shell.products.attempt.wrapping_add(1);
}

fn saved(shell: &mut Shell, view: &ProductView, new: bool, another: bool) {
    let said = if new { ProductSaid::Added } else { ProductSaid::Changed };
    let last = shell.products.form.take();
    if another {
        add(shell);
        // Those that follow mostly stand in the same place.
        if let (Some(last), Some(form)) = (last, shell.products.form.as_mut()) {
            form.fields.category = view.product.category.map_or(CategoryChoice::None, CategoryChoice::Id);
            form.fields.category_name.clone_from(&view.category);
            form.fields.tax_code = last.fields.tax_code;
            form.fields.unit = last.fields.unit;
            form.fields.food = last.fields.food;
            form.was = form.fields.clone();
        }
    }
    shell.products.said = Some((said, view.product.name.clone(), view.product.sku.clone()));
    list::again(shell);
    load_choices(shell);
}

fn refused(shell: &mut Shell, error: &EngineError) {
    let told = sentence(shell, error);
    if let Some(form) = shell.products.form.as_mut() {
        form.busy = false;
        *form.faults.of(error.product_field()) = Some(told);
    }
    refuse(shell);
}

/// Why it was not saved, with the product that is in the way.
fn sentence(shell: &Shell, error: &EngineError) -> String {
    if let Some(Detail::Product { holder: Some(holder), .. }) = error.detail.as_deref() {
        let who = format!("{} ({})", holder.name, holder.sku);
        if let Some(told) = errors::sentence(shell.language, error.code, &[&who]) {
            return told.sentence;
        }
    }
    let (sentence, next) = status::told(shell, &error.clone().into());
    if error.product_field().is_some() { sentence } else { format!("{sentence} {next}") }
}

/// Escape: the question goes, or the form.
pub fn escape(shell: &mut Shell) {
    match shell.products.form.as_ref() {
        Some(form) if form.asks_to_leave => stay(shell),
        _ => cancel(shell),
    }
}

/// The form is left; what was changed is asked about first.
pub fn cancel(shell: &mut Shell) {
    match shell.products.form.as_mut() {
        Some(form) if form.busy => {}
        Some(form) if form.is_changed() => form.asks_to_leave = true,
        _ => shell.products.form = None,
    }
}

/// What was changed may be lost.
pub fn leave(shell: &mut Shell) {
    if !is_busy(shell) {
        shell.products.form = None;
    }
}

/// The form stays.
pub fn stay(shell: &mut Shell) {
    change(shell, |form| form.asks_to_leave = false);
}
