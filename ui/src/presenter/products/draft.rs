//! From what stands in the form to what the engine is given, and why not.
//!
//! Pure: no store, no window. What only the store knows (a number or code that another product has) the engine refuses.

use aurapos_domain::barcode::{Barcode, BarcodeError};
use aurapos_domain::catalog::{BARCODES_MAX, CatalogError, Unit, check_name, check_price, check_sku};
use aurapos_domain::ids::ProductId;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::tax::TaxCode;
use aurapos_domain::ticket::QUANTITY_MAX;
use aurapos_engine::error::ProductField;
use aurapos_engine::import::{CategoryChoice, ProductDraft};
use aurapos_locale::parse::{self, ParseError};
use aurapos_locale::{Language, Messages, format};

/// What stands in the form.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Fields {
    pub name: String,
    pub sku: String,
    pub price: String,
    pub stock: String,
    /// A code that is being typed and not yet taken.
    pub code: String,
    pub codes: Vec<String>,
    pub tax_code: Option<TaxCode>,
    pub unit: Unit,
    pub category: CategoryChoice,
    /// Name of the category, for people.
    pub category_name: String,
    pub food: bool,
    pub active: bool,
}

impl Default for Fields {
    fn default() -> Self {
        Fields {
            name: String::new(),
            sku: String::new(),
            price: String::new(),
            stock: String::new(),
            code: String::new(),
            codes: Vec::new(),
            tax_code: None,
            unit: Unit::Piece,
            category: CategoryChoice::None,
            category_name: String::new(),
            food: false,
            active: true,
        }
    }
}

/// Why a field is refused; an empty text is the field's own sentence (it is empty).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Faults {
    pub name: Option<String>,
    pub sku: Option<String>,
    pub price: Option<String>,
    pub vat: Option<String>,
    pub category: Option<String>,
    pub codes: Option<String>,
    pub stock: Option<String>,
    /// None of the fields.
    pub other: Option<String>,
}

impl Faults {
    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        *self == Faults::default()
    }

    /// The place for a refusal of the engine.
    pub fn of(&mut self, field: Option<ProductField>) -> &mut Option<String> {
        match field {
            Some(ProductField::Name) => &mut self.name,
            Some(ProductField::Sku) => &mut self.sku,
            Some(ProductField::Price) => &mut self.price,
            Some(ProductField::Vat) => &mut self.vat,
            Some(ProductField::Category) => &mut self.category,
            Some(ProductField::Barcodes) => &mut self.codes,
            Some(ProductField::Stock) => &mut self.stock,
            None => &mut self.other,
        }
    }
}

/// How people of a shop write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    /// Their language.
    pub language: Language,
    /// The shop's currency.
    pub currency: Currency,
}

impl Writing {
    fn say(self, code: &str, arguments: &[(&str, &str)]) -> String {
        Messages::new(self.language).sentence(code, arguments).unwrap_or_default()
    }
}

/// What the engine is given, or every field that is wrong.
///
/// # Errors
/// A field is empty that must not be, or cannot be read.
pub fn draft(fields: &Fields, id: Option<ProductId>, writing: Writing) -> Result<ProductDraft, Faults> {
    let mut faults = Faults::default();
    let name = fields.name.trim();
    faults.name = check_name(name).err().map(|error| of_catalog(&error, writing));
    let sku = fields.sku.trim();
    if !sku.is_empty() {
        faults.sku = check_sku(sku).err().map(|error| of_catalog(&error, writing));
    }
    let price = price(&fields.price, writing).map_err(|fault| faults.price = Some(fault));
    if fields.tax_code.is_none() {
        faults.vat = Some(String::new());
    }
    let stock = stock(fields, id, writing).map_err(|fault| faults.stock = Some(fault));
    let (Ok(price), Ok(stock), Some(tax_code), true) = (price, stock, &fields.tax_code, faults.is_empty()) else {
        return Err(faults);
    };
    Ok(ProductDraft {
        id,
        sku: sku.to_owned(),
        name: name.to_owned(),
        price,
        tax_code: tax_code.as_str().to_owned(),
        unit: fields.unit,
        category: fields.category.clone(),
        barcodes: fields.codes.clone(),
        food: fields.food,
        active: fields.active,
        stock,
    })
}

fn price(text: &str, writing: Writing) -> Result<Money, String> {
    let price = parse::money(writing.language, text, writing.currency).map_err(|error| match error {
        // The field's own sentence shows how an amount is written.
        ParseError::Empty | ParseError::NotANumber => String::new(),
        other => other.told(writing.language),
    })?;
    check_price(price).map_err(|error| of_catalog(&error, writing))?;
    Ok(price)
}

fn stock(fields: &Fields, id: Option<ProductId>, writing: Writing) -> Result<Option<Quantity>, String> {
    if id.is_some() || fields.stock.trim().is_empty() {
        return Ok(None);
    }
    let language = writing.language;
    let stock = parse::quantity(language, &fields.stock, fields.unit).map_err(|error| error.told(language))?;
    if stock.thousandths().unsigned_abs() > QUANTITY_MAX.unsigned_abs() {
        let quantity = format::on_screen(format::quantity(language, stock));
        return Err(writing.say("row.stock_absurd", &[("quantity", &quantity)]));
    }
    Ok(Some(stock))
}

/// A code that was typed or scanned, in its canonical form.
///
/// # Errors
/// It is no code, the product has it already, or has too many.
pub fn code(text: &str, known: &[String], writing: Writing) -> Result<String, String> {
    let read = Barcode::parse(text).map_err(|error| of_barcode(&error, writing))?;
    let code = read.canonical().to_owned();
    if known.contains(&code) {
        return Err(of_catalog(&CatalogError::BarcodeTwice { code }, writing));
    }
    if known.len() >= BARCODES_MAX {
        return Err(of_catalog(&CatalogError::TooManyBarcodes { count: known.len() + 1 }, writing));
    }
    Ok(code)
}

fn of_catalog(error: &CatalogError, writing: Writing) -> String {
    let say = |code, arguments: &[(&str, &str)]| writing.say(code, arguments);
    let amount = |price: &Money| format::on_screen(format::money(writing.language, *price));
    match error {
        CatalogError::NameTooLong { chars } => say("row.name_too_long", &[("chars", &chars.to_string())]),
        CatalogError::SkuTooLong { chars } => say("row.sku_too_long", &[("chars", &chars.to_string())]),
        CatalogError::TooManyBarcodes { count } => say("row.too_many_barcodes", &[("count", &count.to_string())]),
        CatalogError::BarcodeTwice { code } => say("row.barcode_repeated", &[("code", code)]),
        CatalogError::PriceNegative { .. } => say("price.negative", &[]),
        CatalogError::PriceAbsurd { price } => say("price.absurd", &[("amount", &amount(price))]),
        // Empty; characters that cannot be printed never get into the form.
        _ => String::new(),
    }
}

fn of_barcode(error: &BarcodeError, writing: Writing) -> String {
    match error {
        BarcodeError::Empty | BarcodeError::ControlCharacter => writing.say("row.barcode_empty", &[]),
        BarcodeError::TooLong { chars } => writing.say("row.barcode_too_long", &[("chars", &chars.to_string())]),
        BarcodeError::WrongCheckDigit { code, expected, .. } => {
            writing.say("row.check_digit", &[("code", code), ("expected", &expected.to_string())])
        }
        BarcodeError::SpreadsheetNumber { code } => writing.say("row.barcode_number", &[("code", code)]),
        BarcodeError::Placeholder { text } => writing.say("row.barcode_none", &[("text", text)]),
        BarcodeError::Several { code } => writing.say("row.barcode_several", &[("code", code)]),
        BarcodeError::Unscannable { .. } => writing.say("row.barcode_unscannable", &[]),
    }
}

/// What was typed or pasted, without what cannot be printed.
pub fn printable(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

#[cfg(test)]
mod tests;
