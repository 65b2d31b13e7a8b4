//! Sales (one row a line), the journal, stock.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::catalog::Product;
use aurapos_domain::ids::ProductId;
use aurapos_domain::journal::JournalEntry;
use aurapos_domain::money::{Money, Quantity};
use aurapos_domain::tax::percent;

use super::{Times, finish, of_csv, rfc3339, writer};
use crate::error::EngineResult;
use crate::queries::{Span, shop};
use crate::rows::lookup;
use crate::rows::{self, stock::StockLevel};
use crate::spreadsheet::{to_cell, to_code_cell};

/// Sales of one page: as many as one "is one of" takes.
const PAGE: u32 = 1_000;

const SALES: &[&str] = &[
    "receipt_no",
    "kind",
    "time",
    "business_day",
    "operator",
    "line",
    "sku",
    "name",
    "barcode",
    "quantity",
    "unit",
    "unit_price",
    "discount",
    "net",
    "vat",
    "vat_base",
    "vat_amount",
    "total",
    "rounding",
];

/// Writes every line of every sale, oldest first, so that each column of amounts can be summed: `total` and `rounding` stand
/// on the first line of a sale, `vat_base` and `vat_amount` on the first line of each of its rates. So the sums by
/// `business_day` and `vat` are those of the receipts, whose VAT is computed once a rate and not once a line. Returns how
/// many lines.
pub fn export_sales(store: &dyn RecordStore, out: impl Write, span: Span) -> EngineResult<u64> {
    let currency = shop(store)?.currency;
    let columns =
        ["id", "receipt_no", "kind", "time", "utc_offset", "business_day", "operator_name", "total", "rounding"];
    let query = span.of_sales(Query::over("sale").select(&columns).order_by("time", false).limit(PAGE));
    let mut writer = writer(out, SALES)?;
    let mut written = 0;
    let amount = |minor: i64| Money::new(minor, currency).to_decimal();
    lookup::each_page(store, query, |batch| {
        let ids: Vec<Value> = (0..batch.len()).map(|row| batch.value(row, 0)).collect();
        let (lines, mut vat) = (lines_of(store, ids.clone())?, vat_of(store, ids)?);
        for row in 0..batch.len() {
            let text = |column: usize| batch.text(row, column).unwrap_or_default();
            let int = |column: usize| batch.int(row, column).unwrap_or_default();
            let day = aurapos_domain::calendar::Date::from_days(i32::try_from(int(5)).unwrap_or_default()).to_string();
            let time = rfc3339(Timestamp(int(3)), i32::try_from(int(4)).unwrap_or_default());
            let operator = to_cell(text(6));
            let sale = &batch.value(row, 0);
            let lines = lines.get(sale).map(Vec::as_slice).unwrap_or_default();
            let mut rates = vat.remove(sale).unwrap_or_default();
            // A rate without a line of its own gets a row: nothing of the sale's VAT is left out.
            let alone: Vec<i64> =
                rates.keys().filter(|rate| lines.iter().all(|line| line.rate != **rate)).copied().collect();
            let alone = alone.into_iter().map(|rate| (Default::default(), rate));
            let mut first = true;
            for (cells, rate) in lines.iter().map(|line| (line.cells(amount), line.rate)).chain(alone) {
                let of_sale = |minor: i64| if first { amount(minor) } else { String::new() };
                let of_rate = rates.remove(&rate).map(|(base, vat)| [amount(base), amount(vat)]).unwrap_or_default();
                let (rate, sums) = (percent(rate), [of_sale(int(7)), of_sale(int(8))]);
                let sale = [text(1), text(2), &time, &day, &operator];
                let rest = cells.iter().chain([&rate]).chain(&of_rate).chain(&sums).map(String::as_str);
                writer.write_record(sale.into_iter().chain(rest)).map_err(|error| of_csv(&error))?;
                first = false;
                written += 1;
            }
        }
        Ok(())
    })?;
    finish(writer)?;
    Ok(written)
}

/// Base and VAT of each rate, by sale.
type VatOfSales = HashMap<Value, BTreeMap<i64, (i64, i64)>>;

fn vat_of(store: &dyn RecordStore, sales: Vec<Value>) -> EngineResult<VatOfSales> {
    let mut vat = VatOfSales::new();
    if sales.is_empty() {
        return Ok(vat);
    }
    let query = Query::over("sale_vat").select(&["sale", "rate", "base", "amount"]).filter_in("sale", sales);
    lookup::each_page(store, query, |batch| {
        for row in 0..batch.len() {
            let int = |column: usize| batch.int(row, column).unwrap_or_default();
            vat.entry(batch.value(row, 0)).or_default().insert(int(1), (int(2), int(3)));
        }
        Ok(())
    })?;
    Ok(vat)
}

/// A line as the export writes it, read without its sale.
struct Line {
    number: i64,
    sku: String,
    name: String,
    barcode: String,
    unit: String,
    quantity: i64,
    unit_price: i64,
    discount: i64,
    ticket_discount: i64,
    net: i64,
    rate: i64,
}

impl Line {
    /// What stands of it between the sale's cells and those of VAT and sums.
    fn cells(&self, amount: impl Fn(i64) -> String) -> [String; 9] {
        [
            self.number.to_string(),
            to_cell(&self.sku).into_owned(),
            to_cell(&self.name).into_owned(),
            to_cell(&self.barcode).into_owned(),
            Quantity::from_thousandths(self.quantity).to_string(),
            self.unit.clone(),
            amount(self.unit_price),
            amount(self.discount.saturating_add(self.ticket_discount)),
            amount(self.net),
        ]
    }
}

fn lines_of(store: &dyn RecordStore, sales: Vec<Value>) -> EngineResult<HashMap<Value, Vec<Line>>> {
    let mut lines: HashMap<Value, Vec<Line>> = HashMap::new();
    if sales.is_empty() {
        return Ok(lines);
    }
    let columns = [
        "sale",
        "line",
        "sku",
        "name",
        "barcode",
        "unit",
        "quantity",
        "unit_price",
        "discount",
        "ticket_discount",
        "net",
        "rate",
    ];
    lookup::each_page(store, Query::over("sale_line").select(&columns).filter_in("sale", sales), |batch| {
        for row in 0..batch.len() {
            let text = |column: usize| batch.text(row, column).unwrap_or_default().to_owned();
            let int = |column: usize| batch.int(row, column).unwrap_or_default();
            lines.entry(batch.value(row, 0)).or_default().push(Line {
                number: int(1),
                sku: text(2),
                name: text(3),
                barcode: text(4),
                unit: text(5),
                quantity: int(6),
                unit_price: int(7),
                discount: int(8),
                ticket_discount: int(9),
                net: int(10),
                rate: int(11),
            });
        }
        Ok(())
    })?;
    Ok(lines)
}

fn within(mut query: Query, times: Times) -> Query {
    if let Some(from) = times.from {
        query = query.filter("time", FilterKind::AtLeast, Value::Time(from.0));
    }
    if let Some(to) = times.to {
        query = query.filter("time", FilterKind::Less, Value::Time(to.0));
    }
    query
}

/// Writes the journal, chain by chain, each entry with its hash and its body in hexadecimal, so that the chain can be
/// computed again without our program. Returns how many entries.
pub fn export_journal(store: &dyn RecordStore, out: impl Write, times: Times) -> EngineResult<u64> {
    let shop = shop(store)?;
    let zone = crate::local_time::zone(&shop.timezone)?;
    let headings =
        ["register", "incarnation", "seq", "kind", "kind_number", "time", "time_us", "previous", "hash", "body"];
    let mut writer = writer(out, &headings)?;
    let mut written = 0;
    let query = within(rows::query::<JournalEntry>().limit(PAGE), times);
    lookup::each_record(store, query, shop.currency, |entries: Vec<JournalEntry>| {
        for entry in &entries {
            let body: String = entry.body.iter().map(|byte| format!("{byte:02x}")).collect();
            writer
                .write_record([
                    entry.register.to_string(),
                    entry.incarnation.to_string(),
                    entry.seq.to_string(),
                    entry.kind.to_string(),
                    entry.kind.0.to_string(),
                    rfc3339(entry.time, crate::local_time::offset_s(zone, entry.time)),
                    entry.time.0.to_string(),
                    entry.previous.to_string(),
                    entry.hash.to_string(),
                    body,
                ])
                .map_err(|error| of_csv(&error))?;
            written += 1;
        }
        Ok(())
    })?;
    finish(writer)?;
    Ok(written)
}

/// Writes what is in stock of every product that is sold or ever moved, by name. Returns how many products.
pub fn export_stock(store: &dyn RecordStore, out: impl Write) -> EngineResult<u64> {
    let currency = shop(store)?.currency;
    let mut writer = writer(out, &["sku", "name", "unit", "quantity"])?;
    let mut written = 0;
    let query = rows::query::<Product>().order_by("name", false).limit(PAGE);
    lookup::each_record(store, query, currency, |products: Vec<Product>| {
        let ids = products.iter().map(|product| product.id.uuid().into()).collect::<Vec<_>>();
        let levels: Vec<StockLevel> = lookup::rows_in(store, "product", ids, currency)?;
        let levels: HashMap<ProductId, Quantity> =
            levels.into_iter().map(|level| (level.product, level.quantity)).collect();
        for product in products {
            let level = levels.get(&product.id);
            if level.is_none() && !product.active {
                continue;
            }
            let quantity = level.copied().unwrap_or_default().to_string();
            let (sku, name) = (to_code_cell(&product.sku), to_cell(&product.name));
            let record = [sku.as_ref(), &name, product.unit.code(), &quantity];
            writer.write_record(record).map_err(|error| of_csv(&error))?;
            written += 1;
        }
        Ok(())
    })?;
    finish(writer)?;
    Ok(written)
}
