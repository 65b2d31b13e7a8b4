//! Products that were sold lately, so that what is sold again needs no question to the store.
//!
//! Owns: how many are kept. Must not know: what a code means, tickets. The register is the only writer of its store, and
//! every write goes through [`crate::state::Core::write`], which forgets them all when one touches what they come from.

use std::collections::HashMap;

use aurapos_contract::transaction::Transaction;
use aurapos_domain::catalog::Product;

use crate::rows::Record;
use crate::rows::catalog::BarcodeRow;

/// Most products that are kept: more than a shop sells of often, and less than a megabyte.
const KNOWN_MAX: usize = 2_000;

/// Products by the form of their barcode under which the store has it.
#[derive(Debug, Default)]
pub(crate) struct KnownProducts(HashMap<String, Product>);

impl KnownProducts {
    /// The product of a barcode.
    pub(crate) fn get(&self, code: &str) -> Option<&Product> {
        self.0.get(code)
    }

    /// Keeps what the store just answered.
    pub(crate) fn keep(&mut self, code: &str, product: &Product) {
        if self.0.len() >= KNOWN_MAX {
            self.0.clear();
        }
        self.0.insert(code.to_owned(), product.clone());
    }

    /// Forgets them when a transaction changes products or barcodes, whatever becomes of it.
    pub(crate) fn heed(&mut self, transaction: &Transaction) {
        let touched = |table: &str| transaction.operations.iter().any(|operation| operation.table == table);
        if !self.0.is_empty() && (touched(Product::TABLE) || touched(BarcodeRow::TABLE)) {
            self.0.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;
    use aurapos_contract::transaction::OperationKind;
    use aurapos_domain::money::Currency;

    #[test]
    fn many_are_not_kept_for_ever_and_a_change_of_products_or_barcodes_forgets_all() {
        let world = World::new();
        let product =
            crate::rows::scan_all::<Product>(world.store.as_ref(), crate::rows::query::<Product>(), Currency::EUR)
                .unwrap()
                .remove(0);
        let mut known = KnownProducts::default();
        for number in 0..=KNOWN_MAX {
            known.keep(&number.to_string(), &product);
        }
        assert_eq!((known.0.len(), known.get("0")), (1, None));
        for (table, is_kept) in [("sale", true), (Product::TABLE, false), (BarcodeRow::TABLE, false)] {
            known.keep("1", &product);
            let mut transaction = Transaction::default();
            transaction.push(OperationKind::Upsert, table, &[], Vec::new());
            known.heed(&transaction);
            assert_eq!(known.get("1").is_some(), is_kept, "{table}");
        }
    }
}
