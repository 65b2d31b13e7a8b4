//! What the list and the form of products show.

use crate::markup::{ProductFault, ProductFaults, ProductLine};
use crate::presenter::products::draft::Faults;
use crate::presenter::products::form::Form;
use crate::shell::Shell;
use aurapos_domain::catalog::Unit;
use aurapos_engine::import::CategoryChoice;
use aurapos_engine::queries::ProductRow;
use aurapos_locale::{Language, format};
use slint::SharedString;

/// A row of the list.
pub fn line(language: Language, row: &ProductRow) -> ProductLine {
    let product = &row.view.product;
    let others = product.barcodes.len().saturating_sub(1);
    let stock = row.view.stock;
    ProductLine {
        id: product.id.to_string().into(),
        name: product.name.as_str().into(),
        sku: product.sku.as_str().into(),
        barcode: product.barcodes.first().map(|code| code.canonical().into()).unwrap_or_default(),
        more_barcodes: if others > 0 { format!(" +{others}").into() } else { SharedString::default() },
        category: row.view.category.as_str().into(),
        price: format::on_screen(format::money(language, product.price)).into(),
        by_weight: product.unit == Unit::Kilogram,
        vat: row.rate_bp.map(|rate| format::percent(language, rate)).unwrap_or_default().into(),
        stock: format::on_screen(format::quantity(language, stock)).into(),
        negative: stock.thousandths() < 0,
        active: product.active,
        known: true,
    }
}

/// What the form shows beside the lists.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct FormView {
    pub new: bool,
    pub busy: bool,
    pub asks_to_leave: bool,
    pub name: SharedString,
    pub sku: SharedString,
    pub price: SharedString,
    pub stock: SharedString,
    pub code: SharedString,
    pub codes: Vec<SharedString>,
    pub vat: i32,
    pub by_weight: bool,
    pub food: bool,
    pub active: bool,
    pub category: SharedString,
    pub category_new: bool,
    pub faults: ProductFaults,
}

/// The form as it is; `None` while it is closed.
pub fn form_view(shell: &Shell) -> Option<FormView> {
    let Form { id, fields, faults, busy, asks_to_leave, .. } = shell.products.form.as_ref()?;
    let rate = shell.products.rates.iter().position(|rate| Some(&rate.code) == fields.tax_code.as_ref());
    Some(FormView {
        new: id.is_none(),
        busy: *busy,
        asks_to_leave: *asks_to_leave,
        name: fields.name.as_str().into(),
        sku: fields.sku.as_str().into(),
        price: fields.price.as_str().into(),
        stock: fields.stock.as_str().into(),
        code: fields.code.as_str().into(),
        codes: fields.codes.iter().map(SharedString::from).collect(),
        vat: rate.and_then(|rate| i32::try_from(rate).ok()).unwrap_or(-1),
        by_weight: fields.unit == Unit::Kilogram,
        food: fields.food,
        active: fields.active,
        category: fields.category_name.as_str().into(),
        category_new: matches!(fields.category, CategoryChoice::Named(_)),
        faults: faults_view(faults),
    })
}

fn faults_view(faults: &Faults) -> ProductFaults {
    let fault = |fault: &Option<String>| ProductFault {
        shown: fault.is_some(),
        text: fault.as_deref().unwrap_or_default().into(),
    };
    ProductFaults {
        name: fault(&faults.name),
        sku: fault(&faults.sku),
        price: fault(&faults.price),
        vat: fault(&faults.vat),
        category: fault(&faults.category),
        codes: fault(&faults.codes),
        stock: fault(&faults.stock),
        other: fault(&faults.other),
    }
}
