//! Why a row was refused: one sentence that names the cell.

use aurapos_domain::barcode::BarcodeError;
use aurapos_domain::catalog::CatalogError;
use aurapos_domain::money::{Currency, Quantity};
use aurapos_domain::tax::TaxError;

use super::records::RecordError;

/// Why a row was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The row could not be split into cells.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// More cells than columns.
    #[error("the row has {found} cells, the header {expected}: a comma inside a value needs quotes around it")]
    TooManyCells {
        /// Columns of the header.
        expected: usize,
        /// Cells of the row.
        found: usize,
    },
    /// A required cell is empty.
    #[error("the {column} is empty")]
    Missing {
        /// Column.
        column: &'static str,
    },
    /// A broken formula.
    #[error("the {column} is \"{text}\", an error of the spreadsheet")]
    SpreadsheetError {
        /// Column.
        column: &'static str,
        /// The cell.
        text: String,
    },
    /// Text in the wrong encoding.
    #[error("the {column} \"{text}\" was saved in one encoding and read in another: export it again as UTF-8")]
    Garbled {
        /// Column.
        column: &'static str,
        /// The cell.
        text: String,
    },
    /// A barcode that is none.
    #[error(transparent)]
    Barcode(BarcodeError),
    /// A barcode whose leading zero a spreadsheet took.
    #[error("the barcode {code} has lost its leading zero ({right}): format the column as text")]
    LostZeros {
        /// As in the file.
        code: String,
        /// With the zero.
        right: String,
    },
    /// Name, article number or price break a rule of the catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The price is not a number, or could be two.
    #[error("the price \"{text}\" can't be read for certain: write it like 1234.50")]
    Price {
        /// The cell.
        text: String,
    },
    /// The price is in a currency that is not the shop's.
    #[error("the price \"{text}\" is in another currency: this shop's prices are in {currency}")]
    ForeignCurrency {
        /// The cell.
        text: String,
        /// The shop's.
        currency: Currency,
    },
    /// The VAT is not a percentage.
    #[error("the vat \"{text}\" is neither a percentage like 21 nor a tax code of the shop")]
    Vat {
        /// The cell.
        text: String,
    },
    /// The shop has no such rate.
    #[error(transparent)]
    Rate(#[from] TaxError),
    /// Not a unit.
    #[error("the unit \"{text}\" is neither piece nor kg")]
    Unit {
        /// The cell.
        text: String,
    },
    /// Neither yes nor no.
    #[error("the food \"{text}\" is neither yes nor no")]
    Food {
        /// The cell.
        text: String,
    },
    /// Not a quantity.
    #[error("the stock \"{text}\" is not a quantity like 12 or 1.5")]
    Stock {
        /// The cell.
        text: String,
    },
    /// A quantity nobody believes.
    #[error("the stock {quantity} is not believed")]
    StockAbsurd {
        /// The quantity.
        quantity: Quantity,
    },
    /// The stock of something sold by the piece is not whole.
    #[error("the stock {quantity} is not a whole number of pieces")]
    StockNotWhole {
        /// The quantity.
        quantity: Quantity,
    },
    /// Two rows for one product.
    #[error("the sku {sku} stands in line {line} already")]
    SkuTwice {
        /// Article number.
        sku: String,
        /// The earlier line.
        line: u64,
    },
    /// Two rows with one barcode.
    #[error("the barcode {code} stands in line {line} already")]
    BarcodeTwice {
        /// Code.
        code: String,
        /// The earlier line.
        line: u64,
    },
    /// Another product has the barcode.
    #[error("the barcode {code} belongs to the product {sku}")]
    BarcodeTaken {
        /// Code.
        code: String,
        /// Article number of the other product.
        sku: String,
    },
}
