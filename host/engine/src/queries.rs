//! Pure reads over a store, callable from any thread, on the open store as on a copy.
//!
//! Owns the questions that programs and screens ask and in which order the answers come. Changes nothing; knows no
//! session: who may ask what, the caller decides — but for [`Reading`], which asks for the right of a session first.

pub mod backups;
pub mod browse;
pub mod catalog;
pub mod findings;
pub mod newer;
pub mod payments;
pub mod people;
pub mod reading;
pub mod sales;
pub mod sales_search;
pub mod span;
pub mod stock;
pub mod sync;

pub use backups::{BackupEntry, backup_history, days_sold};
pub use browse::{
    CategoryView, ProductFilter, ProductPage, ProductRow, TaxChoice, TilePage, categories, product_by_id,
    products_page, tax_choices, tiles,
};
pub use catalog::{FoundProducts, ProductView, product_by_code, search_products};
pub use findings::{all_findings, findings};
pub use newer::of_newer_programs;
pub use payments::{OpenPayment, open_payments};
pub use people::{OperatorView, RoleOrigin, RoleView, operators, roles};
pub use reading::{DrawerHistory, PersonView, Reading, SettingsRead};
pub use sales::{
    DaySummary, SaleSummary, SalesFilter, SalesPage, day_summary, register_codes, sale_by_id, sale_by_receipt, sales,
};
pub use sales_search::{SalesSearch, Whose, sales_search};
pub use span::{Edge, Span};
pub use stock::{StockLine, level_of, stock_list};
pub use sync::{SyncState, sync_state};

use aurapos_contract::RecordStore;
use aurapos_contract::query::{AggregateQuery, Filter};
use aurapos_domain::ids::IncarnationId;
use aurapos_domain::money::Currency;

use crate::error::{Code, EngineResult};
use crate::rows;
use crate::rows::journal::Head;
use crate::rows::register::Register;
use crate::rows::shop::Shop;

/// The shop.
pub fn shop(store: &dyn RecordStore) -> EngineResult<Shop> {
    // The currency is the shop's own column; no money stands in this row.
    let mut shops: Vec<Shop> = rows::scan(store, &rows::query::<Shop>().limit(1), Currency::EUR)?;
    shops.pop().ok_or_else(|| Code::NoShop.error("There is no shop in this data folder."))
}

/// This register.
pub fn register(store: &dyn RecordStore) -> EngineResult<Register> {
    let mut registers: Vec<Register> = rows::scan(store, &rows::query::<Register>().limit(1), Currency::EUR)?;
    registers.pop().ok_or_else(|| Code::NoShop.error("There is no register in this data folder."))
}

/// The last entry of the journal of a life; before the first one, number 0.
///
/// # Errors
/// Those of the store.
pub fn journal_head(store: &dyn RecordStore, life: IncarnationId) -> EngineResult<Head> {
    let found: Option<Head> = rows::find(store, "incarnation", life.uuid(), Currency::NONE)?;
    found.ok_or_else(|| Code::RowDamaged.error("Table journal_head: the present life of the register is not in it."))
}

/// How many rows of a table satisfy the conditions.
pub fn count(store: &dyn RecordStore, table: &str, filters: Vec<Filter>) -> EngineResult<u64> {
    let query = AggregateQuery { table: table.to_owned(), filters, ..AggregateQuery::default() };
    let answer = store.aggregate(&query)?;
    let count = answer.column("count").and_then(|column| answer.int(0, column));
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}

/// How much there is of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Products, also those no longer sold.
    pub products: u64,
    /// Barcodes.
    pub barcodes: u64,
    /// Categories.
    pub categories: u64,
    /// Sales and refunds.
    pub sales: u64,
    /// Journal entries.
    pub entries: u64,
    /// Operators, also disabled ones.
    pub operators: u64,
}

/// Counts the shop's main tables.
pub fn counts(store: &dyn RecordStore) -> EngineResult<Counts> {
    let rows = |table: &str| {
        let edited = crate::schema::edited::EditedTable::find(table).is_some();
        let live = edited.then(|| rows::equal(crate::schema::DELETED, false));
        count(store, table, live.into_iter().collect())
    };
    Ok(Counts {
        products: rows("product")?,
        barcodes: rows("product_barcode")?,
        categories: rows("category")?,
        sales: rows("sale")?,
        entries: rows("journal")?,
        operators: rows("operator")?,
    })
}

#[cfg(test)]
mod browse_tests;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
