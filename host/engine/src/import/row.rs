//! One row of the file as a product would be: every cell read and believed on its own. What other rows and the store
//! say about it, the plan knows.

use std::borrow::Cow;

use aurapos_domain::calendar::Date;
use aurapos_domain::catalog::{BARCODES_MAX, CatalogError, Unit, check_name};
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::tax::{TaxCode, TaxTable};

use super::cells::{self, Vat};
use super::columns::{Columns, Field};
use super::entities;
use super::reason::Reason;
use crate::spreadsheet;

/// What of the shop a row is read by.
#[derive(Debug, Clone)]
pub struct ShopRules {
    /// The money of prices.
    pub currency: Currency,
    /// The rates.
    pub rates: TaxTable,
    /// The day on which a percentage must be valid.
    pub today: Date,
}

/// A row that can be believed on its own. `None` where the file lacks the column: an existing product keeps what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line of the file.
    pub line: u64,
    /// Article number: what the product is known by.
    pub sku: String,
    /// Name, NFC.
    pub name: String,
    /// Canonical codes.
    pub barcodes: Option<Vec<String>>,
    /// Name of the category, empty for none.
    pub category: Option<String>,
    /// Price of one.
    pub price: Money,
    /// Kind of rate.
    pub tax_code: TaxCode,
    /// Piece or kilogram.
    pub unit: Option<Unit>,
    /// Opening stock, for new products.
    pub stock: Option<Quantity>,
    /// Food.
    pub food: Option<bool>,
}

impl Row {
    /// Reads the cells of a record, or says why the row is refused: the first reason.
    pub fn read(line: u64, fields: &[String], columns: &Columns, rules: &ShopRules) -> Result<Row, Reason> {
        // A decimal comma in a file separated by commas moves every cell after it: only an empty excess is harmless.
        if fields.iter().skip(columns.width).any(|cell| !cell.is_empty()) {
            return Err(Reason::TooManyCells { expected: columns.width, found: fields.len() });
        }
        for field in Field::ALL {
            cells::check_intact(field.name(), columns.cell(field, fields).unwrap_or_default())?;
        }
        columns.variant(fields).try_for_each(|cell| cells::check_intact(Field::Name.name(), cell))?;
        let cell = |field: Field| columns.cell(field, fields);
        let required = |field: Field| cell(field).unwrap_or_default();
        let row = Row {
            line,
            sku: cells::sku(required(Field::Sku))?,
            name: name(&full_name(columns, fields))?,
            barcodes: cell(Field::Barcodes).map(cells::barcodes).transpose()?,
            category: cell(Field::Category).map(|cell| category(&text_of(columns, cell))).transpose()?,
            price: cells::price(required(Field::Price), rules.currency)?,
            tax_code: tax_code(required(Field::Vat), rules)?,
            unit: cell(Field::Unit).map(unit).transpose()?,
            stock: cell(Field::Stock).map(cells::stock).transpose()?.flatten(),
            food: cell(Field::Food).map(cells::food).transpose()?,
        };
        row.check()?;
        Ok(row)
    }

    fn check(&self) -> Result<(), Reason> {
        let count = self.barcodes.as_ref().map_or(0, Vec::len);
        if count > BARCODES_MAX {
            return Err(CatalogError::TooManyBarcodes { count }.into());
        }
        self.stock.map_or(Ok(()), |quantity| check_stock(quantity, self.unit.unwrap_or(Unit::Piece)))
    }
}

/// A unit, also one that may be what a newer program calls the product's: the plan compares.
fn unit(text: &str) -> Result<Unit, Reason> {
    cells::unit(text).or_else(|reason| Unit::stored(text.trim()).map_err(|_| reason))
}

/// Fails unless so much of it can be in stock.
pub fn check_stock(quantity: Quantity, unit: Unit) -> Result<(), Reason> {
    if quantity.thousandths().unsigned_abs() > aurapos_domain::ticket::QUANTITY_MAX.unsigned_abs() {
        Err(Reason::StockAbsurd { quantity })
    } else if unit == Unit::Piece && !quantity.is_whole() {
        Err(Reason::StockNotWhole { quantity })
    } else {
        Ok(())
    }
}

pub fn name(text: &str) -> Result<String, Reason> {
    let name = crate::fold::nfc(text);
    check_name(&name)?;
    Ok(name)
}

/// The name with what tells the product from others of that name: `Mug - Blue`.
fn full_name(columns: &Columns, fields: &[String]) -> String {
    let cell = columns.cell(Field::Name, fields).unwrap_or_default();
    if cell.is_empty() {
        return String::new();
    }
    let parts = std::iter::once(cell).chain(columns.variant(fields));
    parts.map(|part| text_of(columns, part)).collect::<Vec<_>>().join(" - ")
}

/// The text of a cell. Web shops export letters as HTML has them; our own export never does.
fn text_of<'a>(columns: &Columns, cell: &'a str) -> Cow<'a, str> {
    let text = spreadsheet::of_cell(cell);
    if columns.ours { text } else { Cow::Owned(entities::decoded(&text)) }
}

fn category(text: &str) -> Result<String, Reason> {
    if text.is_empty() { Ok(String::new()) } else { name(text) }
}

fn tax_code(text: &str, rules: &ShopRules) -> Result<TaxCode, Reason> {
    match cells::vat(text)? {
        Vat::Percentage(rate) => Ok(rules.rates.rate_of_percentage(rate, rules.today)?.code.clone()),
        Vat::Code(code) => Ok(rules.rates.rate_on(&code, rules.today)?.code.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_domain::country::CountryProfile;
    use aurapos_domain::ids::TaxRateId;

    fn rules() -> ShopRules {
        let belgium = CountryProfile::find("BE").unwrap();
        let rates = belgium.tax_table(|index| TaxRateId::from_bytes([index as u8; 16])).unwrap();
        ShopRules { currency: Currency::EUR, rates, today: Date::parse("2026-11-22").unwrap() }
    }

    fn read(header: &str, row: &str) -> Result<Row, String> {
        let delimiter = if header.contains('\t') { '\t' } else { ';' };
        let split = |line: &str| line.split(delimiter).map(str::to_owned).collect::<Vec<_>>();
        let columns = Columns::of_header(1, &split(header)).unwrap();
        Row::read(2, &split(row), &columns, &rules()).map_err(|reason| reason.to_string())
    }

    const HEADER: &str = "sku;name;barcodes;category;price;vat;unit;stock;food";

    #[test]
    fn a_good_row() {
        let row = read(HEADER, "B-01;Cre\u{300}me;5400000000003;Frais;2,50;6 %;kg;1,25;oui").unwrap();
        assert_eq!(row.name, "Crème");
        assert_eq!(row.barcodes.as_deref(), Some(&["5400000000003".to_owned()][..]));
        assert_eq!(row.category.as_deref(), Some("Frais"));
        assert_eq!((row.price.minor, row.tax_code.as_str()), (250, "reduced"));
        assert_eq!(
            (row.unit, row.stock, row.food),
            (Some(Unit::Kilogram), Some(Quantity::from_thousandths(1250)), Some(true))
        );
    }

    #[test]
    fn names_of_web_shops_come_right() {
        let name = |header: &str, row: &str| read(header, row).unwrap().name;
        let square = "Item Name;Variation Name;SKU;Description;Price;vat";
        assert_eq!(name(square, "Filter coffee;Regular;SQ-1;Hot, freshly brewed;3.50;6"), "Filter coffee");
        assert_eq!(name(square, "Mug;Blue;SQ-3;;12.00;21"), "Mug - Blue");
        assert_eq!(read(square, ";Blue;SQ-3;A mug;12.00;21").unwrap_err(), "the name is empty");
        let woo = "SKU\tName\tDescription\tRegular price\tvat";
        assert_eq!(name(woo, "W-1\tPain d&#8217;épices\tUn pain\t4,50\t6"), "Pain d’épices");
        assert_eq!(name(woo, "W-2\tFish &amp; chips\t\t4,50\t6"), "Fish & chips");
        // What our own export writes stands there as it is.
        let ours = HEADER.replace(';', "\t");
        assert_eq!(name(&ours, "W-3\tFish &amp; chips\t\t\t4.50\t6\t\t\t"), "Fish &amp; chips");
    }

    #[test]
    fn formulas_are_names() {
        for (cell, name) in
            [("=1+1", "=1+1"), ("+32 card", "+32 card"), ("'-20 %", "-20 %"), ("@home", "@home"), ("'t", "'t")]
        {
            let row = read(HEADER, &format!("'=7;{cell};;{cell};2.50;6;;;")).unwrap();
            assert_eq!((row.sku.as_str(), row.name.as_str(), row.category.as_deref()), ("=7", name, Some(name)));
        }
    }

    #[test]
    fn columns_that_are_not_there_say_nothing() {
        let row = read("sku;name;price;vat", "B-01;Bread;2.50;6").unwrap();
        assert_eq!((row.barcodes, row.category, row.unit, row.stock, row.food), (None, None, None, None, None));
        let row = read(HEADER, "B-01;Bread;;;2.50;6").unwrap();
        assert_eq!(
            (row.barcodes, row.category, row.unit, row.food),
            (Some(vec![]), Some(String::new()), Some(Unit::Piece), Some(false))
        );
    }

    #[test]
    fn rows_that_are_refused_by_name() {
        for (row, expected) in [
            (";Bread;;;2.50;6", "the article number (sku) is empty"),
            ("B-01;;;;2.50;6", "the name is empty"),
            ("B-01;Bread;;;2.50;7", "there is no tax rate of 7 % on 2026-11-22"),
            ("B-01;Bread;;;2.50;luxury", "there is no tax rate \"luxury\" valid on 2026-11-22"),
            (
                "B-01;Bread;;;2;50;6;piece;0;0",
                "the row has 10 cells, the header 9: a comma inside a value needs quotes around it",
            ),
            ("B-01;#REF!;;;2.50;6", "the name is \"#REF!\", an error of the spreadsheet"),
            (
                "B-01;CrÃ¨me;;;2.50;6",
                "the name \"CrÃ¨me\" was saved in one encoding and read in another: export it again as UTF-8",
            ),
            ("B-01;Bread;;;2.50;6;piece;1,5", "the stock 1.5 is not a whole number of pieces"),
            ("B-01;Bre\tad;;;2.50;6", "the name contains a character that cannot be printed"),
        ] {
            assert_eq!(read(HEADER, row).unwrap_err(), expected, "{row}");
        }
        let long = format!("B-01;{};;;2.50;6", "x".repeat(121));
        assert_eq!(read(HEADER, &long).unwrap_err(), "the name has 121 characters, more than 120");
        let codes: Vec<String> = (0..21).map(|code| format!("C-{code}")).collect();
        let many = format!("B-01;Bread;{};;2.50;6", codes.join("|"));
        assert_eq!(read(HEADER, &many).unwrap_err(), "the product has 21 barcodes, more than 20");
    }
}
