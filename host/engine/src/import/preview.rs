//! What a person is shown of a file before it goes in, and the colours that a catalog brings with it.

use std::collections::HashMap;

use aurapos_domain::catalog::Colour;
use aurapos_domain::money::Money;

use super::row::{Row, ShopRules};
use crate::fold::sort_key;

/// A row as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderstoodRow {
    /// Name.
    pub name: String,
    /// Article number.
    pub sku: String,
    /// Barcodes, canonical.
    pub barcodes: Vec<String>,
    /// Name of the category; empty for none.
    pub category: String,
    /// Price of one.
    pub price: Money,
    /// VAT in basis points.
    pub rate_bp: i64,
}

/// What the caller of a plan wished beside the plan.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// So many rows are kept as they were understood.
    pub keep: usize,
    /// Those rows.
    pub first: Vec<UnderstoodRow>,
    /// Colours of new categories, by the name as it is compared.
    pub colours: HashMap<String, Colour>,
}

impl Wishes {
    /// Keeps a row that was believed, when so many are wished for.
    pub fn note(&mut self, row: &Row, rules: &ShopRules) {
        if self.first.len() >= self.keep {
            return;
        }
        self.first.push(UnderstoodRow {
            name: row.name.clone(),
            sku: row.sku.clone(),
            barcodes: row.barcodes.clone().unwrap_or_default(),
            category: row.category.clone().unwrap_or_default(),
            price: row.price,
            // The row was believed: its rate is there.
            rate_bp: rules.rates.rate_on(&row.tax_code, rules.today).map_or(0, |rate| rate.rate_bp),
        });
    }

    /// A colour for each name.
    pub fn colour(&mut self, by_name: &[(&str, Colour)]) {
        self.colours.extend(by_name.iter().map(|(name, colour)| (sort_key(name), *colour)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Planner;
    use crate::queries::categories;
    use crate::queries::fixture::TestShop;

    const CSV: &[u8] = b"sku,name,barcodes,category,price,vat\n\
        B1,Bread,5400000010019,Bakery,2.50,6\nB2,,5400000010026,Bakery,2.50,6\nW1,Water,,Drinks,1.20,6\n";

    #[test]
    fn rows_are_kept_as_they_were_understood() {
        let shop = TestShop::new();
        let mut planner =
            Planner::open(&shop.store, CSV, TestShop::today(), aurapos_contract::Uuid::nil).unwrap().keep_first(5);
        while planner.next_slice().unwrap().is_some() {}
        let rows = planner.first_rows();
        assert_eq!((rows.len(), planner.report().rejected_count), (2, 1));
        let bread = &rows[0];
        assert_eq!((bread.name.as_str(), bread.sku.as_str(), bread.category.as_str()), ("Bread", "B1", "Bakery"));
        assert_eq!((bread.price.minor, bread.rate_bp, bread.barcodes.len()), (250, 600, 1));
    }

    #[test]
    fn new_categories_get_the_colour_that_was_wished_for() {
        let colour = Colour(1, 2, 3);
        let mut shop = TestShop::new();
        let mut number = 0;
        let store = shop.store.clone();
        let ids = move || {
            number += 1;
            aurapos_contract::Uuid::from_u128(number)
        };
        let mut planner = Planner::open(&store, CSV, TestShop::today(), ids).unwrap();
        planner = planner.colours(&[("BAKERY", colour)]);
        while let Some(slice) = planner.next_slice().unwrap() {
            shop.call(crate::Command::ImportSlice(Box::new(slice))).unwrap();
        }
        let found = categories(&shop.store).unwrap();
        let of = |name: &str| found.iter().find(|one| one.name == name).unwrap().colour;
        assert_eq!(of("Bakery"), colour);
        assert_ne!(of("Drinks"), colour);
    }
}
