//! Which tables have rows that are edited, and which of their columns are fields with stamps of their own.

use super::{EDITED_BY, OLDER_STAMPS, ROW_VERSION};

/// A table whose rows are edited.
#[derive(Debug, Clone, Copy)]
pub struct EditedTable {
    /// Table.
    pub name: &'static str,
    /// Its key.
    pub key: &'static str,
    /// Columns that are made of others: they are made again after a merge and have no stamps.
    pub derived: &'static [&'static str],
}

/// Every table whose rows are edited, in the order in which they are brought and taken in. Barcodes come before their products:
/// a product's words to search by have its barcodes in them, and the other way round each product of a catalog is written
/// twice. A test compares the list with the schema.
pub const TABLES: [EditedTable; 8] = [
    EditedTable { name: "shop", key: "id", derived: &[] },
    EditedTable { name: "setting", key: "name", derived: &[] },
    EditedTable { name: "role", key: "code", derived: &[] },
    EditedTable { name: "operator", key: "id", derived: &["name_sort"] },
    EditedTable { name: "category", key: "id", derived: &["name_sort"] },
    EditedTable { name: "tax_rate", key: "id", derived: &[] },
    EditedTable { name: "product_barcode", key: "code", derived: &[] },
    EditedTable { name: "product", key: "id", derived: &["name_sort", "search"] },
];

impl EditedTable {
    /// The table of that name, when its rows are edited.
    pub fn find(name: &str) -> Option<&'static EditedTable> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// Whether a column is a field with a stamp of its own.
    pub fn is_field(&self, column: &str) -> bool {
        column != self.key
            && ![ROW_VERSION, EDITED_BY, OLDER_STAMPS].contains(&column)
            && !self.derived.contains(&column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barcodes_come_before_what_is_found_by_them() {
        let place = |name: &str| TABLES.iter().position(|table| table.name == name);
        assert!(place("product_barcode") < place("product"));
    }

    #[test]
    fn the_list_is_that_of_the_schema() {
        for table in crate::schema::schema().tables {
            let stamped = table.column(ROW_VERSION).is_some();
            let edited = EditedTable::find(&table.name);
            assert_eq!(edited.is_some(), stamped, "{}", table.name);
            let Some(edited) = edited else { continue };
            assert!(table.replicated && !table.append_only, "{}", table.name);
            assert_eq!(table.key, [edited.key], "{}", table.name);
            assert!(edited.derived.iter().all(|column| table.column(column).is_some()), "{}", table.name);
            assert!(table.indexes.iter().all(|index| !index.unique), "{}: two registers can break it", table.name);
        }
    }
}
