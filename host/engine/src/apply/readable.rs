//! Whether this program will be able to read a row that came: one that it cannot would break every list, and the start of the
//! register, for ever. A value of a newer program is no such thing: every reader knows what to do with it.

use crate::edits::Fields;
use crate::error::EngineResult;
use crate::rows::catalog::BarcodeRow;
use crate::rows::drawer::DrawerMove;
use crate::rows::people::StoredOperator;
use crate::rows::register::{Incarnation, Setting};
use crate::rows::shop::Shop;
use crate::rows::stock::StockMoveRow;
use crate::rows::{self, Record, sale};
use aurapos_contract::schema::Table;
use aurapos_contract::{ColumnType, PluginError, RowBatch, Value};
use aurapos_domain::catalog::{Category, Product};
use aurapos_domain::journal::JournalEntry;
use aurapos_domain::money::Currency;
use aurapos_domain::people::Role;
use aurapos_domain::tax::TaxRate;

type Reader = fn(&Table, &Fields, Currency) -> EngineResult<()>;

/// What reads the rows of a table; `None` for one that registers do not share.
fn reader(table: &str) -> Option<Reader> {
    Some(match table {
        "shop" => read::<Shop>,
        "setting" => read::<Setting>,
        "role" => read::<Role>,
        "operator" => read::<StoredOperator>,
        "category" => read::<Category>,
        "tax_rate" => read::<TaxRate>,
        "product" => read::<Product>,
        "product_barcode" => read::<BarcodeRow>,
        "incarnation" => read::<Incarnation>,
        "journal" => read::<JournalEntry>,
        "stock_move" => read::<StockMoveRow>,
        "drawer_move" => read::<DrawerMove>,
        "sale" => |_, values, _| sale::readable(values),
        // Texts and numbers, read as what they are.
        "sale_line" | "refund_line" | "sale_tender" | "sale_vat" => |_, _, _| Ok(()),
        _ => return None,
    })
}

/// Fails when the row can't be read here.
pub(super) fn check(table: &Table, values: &Fields, currency: Currency) -> EngineResult<()> {
    reader(&table.name).map_or(Ok(()), |read| read(table, values, currency))
}

fn read<R: Record>(table: &Table, values: &Fields, currency: Currency) -> EngineResult<()> {
    let kind = |name: &&str| table.column(name).map_or(ColumnType::Int, |column| column.kind);
    let mut batch = RowBatch::with_columns(R::COLUMNS.iter().map(|name| (*name, kind(name))));
    let row: Vec<Value> = R::COLUMNS.iter().map(|name| values.get(*name).cloned().unwrap_or_default()).collect();
    batch.push(&row).map_err(PluginError::from)?;
    rows::read_all::<R>(&batch, currency).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_that_registers_share_has_its_reader() {
        for table in crate::schema::schema().tables {
            assert_eq!(reader(&table.name).is_some(), table.replicated, "{}", table.name);
        }
    }
}
