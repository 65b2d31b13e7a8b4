//! Products and categories, and the limits within which they are believed.

use crate::barcode::{Barcode, is_invisible};
use crate::ids::{CategoryId, ProductId};
use crate::money::Money;
use crate::tax::TaxCode;
use std::fmt;

/// Most characters of a product's or category's name.
pub const NAME_CHARS_MAX: usize = 120;
/// Most characters of an article number.
pub const SKU_CHARS_MAX: usize = 64;
/// Most barcodes of one product.
pub const BARCODES_MAX: usize = 20;
/// The highest price that is believed, in minor units (1 000 000.00): above it somebody scanned a code into the price.
pub const PRICE_MINOR_MAX: i64 = 100_000_000;

/// What can be wrong with a product or a category.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// The name is empty.
    #[error("the name is empty")]
    NameEmpty,
    /// The name has too many characters.
    #[error("the name has {chars} characters, more than {NAME_CHARS_MAX}")]
    NameTooLong {
        /// How many it has.
        chars: usize,
    },
    /// The article number is empty.
    #[error("the article number (sku) is empty")]
    SkuEmpty,
    /// The article number has too many characters.
    #[error("the article number has {chars} characters, more than {SKU_CHARS_MAX}")]
    SkuTooLong {
        /// How many it has.
        chars: usize,
    },
    /// A line break or another character that cannot be printed.
    #[error("the {field} contains a character that cannot be printed")]
    ControlCharacter {
        /// `name` or `sku`.
        field: &'static str,
    },
    /// Too many barcodes.
    #[error("the product has {count} barcodes, more than {BARCODES_MAX}")]
    TooManyBarcodes {
        /// How many it has.
        count: usize,
    },
    /// The same barcode twice on one product.
    #[error("the barcode {code} is there twice")]
    BarcodeTwice {
        /// Its canonical form.
        code: String,
    },
    /// A price below zero.
    #[error("the price {price} is below zero")]
    PriceNegative {
        /// The price.
        price: Money,
    },
    /// A price nobody believes.
    #[error("the price {price} is above the limit of {}", Money::new(PRICE_MINOR_MAX, price.currency))]
    PriceAbsurd {
        /// The price.
        price: Money,
    },
    /// Not `#RRGGBB`.
    #[error("\"{text}\" is not a colour like #2F6FED")]
    BadColour {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// Not a unit.
    #[error("\"{text}\" is not a unit (piece or kg)")]
    BadUnit {
        /// What was given, cut to a readable length.
        text: String,
    },
}

/// How a product is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// By the piece: whole quantities only.
    Piece,
    /// By weight: the price is per kilogram.
    Kilogram,
    /// In a way that only a newer program knows: kept as it is, shown as it is called, never sold here.
    Newer(NewerUnit),
}

impl Unit {
    /// The stable name in files and stores: `piece`, `kg`.
    pub fn code(&self) -> &str {
        match self {
            Unit::Piece => "piece",
            Unit::Kilogram => "kg",
            Unit::Newer(unit) => unit.code(),
        }
    }

    /// The unit of a stable name that somebody gave: one that this program knows.
    pub fn from_code(text: &str) -> Result<Self, CatalogError> {
        match text {
            "piece" => Ok(Unit::Piece),
            "kg" => Ok(Unit::Kilogram),
            _ => Err(CatalogError::BadUnit { text: text.chars().take(40).collect() }),
        }
    }

    /// The unit of a stable name that is stored already: also one of a newer program.
    ///
    /// # Errors
    /// [`CatalogError::BadUnit`] for a text that can be none: empty, or longer than [`NewerUnit::BYTES_MAX`].
    pub fn stored(text: &str) -> Result<Self, CatalogError> {
        Unit::from_code(text).or_else(|error| NewerUnit::new(text).map(Unit::Newer).ok_or(error))
    }

    /// True for a unit that this program can sell in.
    pub const fn is_known(self) -> bool {
        !matches!(self, Unit::Newer(_))
    }
}

/// The stable name of a unit that this program does not know.
// Private fields: UTF-8, zeros behind it, so that equal names are equal values.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NewerUnit {
    bytes: [u8; NewerUnit::BYTES_MAX],
    len: u8,
}

impl NewerUnit {
    /// Most bytes of a unit's name, for this program and all later ones.
    pub const BYTES_MAX: usize = 32;

    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; NewerUnit::BYTES_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(NewerUnit { bytes, len: u8::try_from(text.len()).ok()? }).filter(|unit| unit.len > 0)
    }

    /// The name.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("it was made of a text")
    }
}

impl fmt::Debug for NewerUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Something the shop sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The shop's own article number, unique in the shop.
    pub sku: String,
    /// What stands on the receipt.
    pub name: String,
    /// Codes by which it is scanned.
    pub barcodes: Vec<Barcode>,
    /// Where it stands in the grid.
    pub category: Option<CategoryId>,
    /// Price of one unit, with or without VAT as the shop's price mode says.
    pub price: Money,
    /// Which VAT rate.
    pub tax_code: TaxCode,
    /// Piece or kilogram.
    pub unit: Unit,
    /// Food: may be paid with meal vouchers.
    pub food: bool,
    /// False when it is no longer sold; history keeps it.
    pub active: bool,
}

impl Product {
    /// Fails on the first rule that the product breaks.
    pub fn check(&self) -> Result<(), CatalogError> {
        check_sku(&self.sku)?;
        check_name(&self.name)?;
        check_price(self.price)?;
        if self.barcodes.len() > BARCODES_MAX {
            return Err(CatalogError::TooManyBarcodes { count: self.barcodes.len() });
        }
        for (index, code) in self.barcodes.iter().enumerate() {
            if self.barcodes[..index].iter().any(|other| other.canonical() == code.canonical()) {
                return Err(CatalogError::BarcodeTwice { code: code.canonical().to_owned() });
            }
        }
        Ok(())
    }
}

/// Fails unless `0 <= price <= PRICE_MINOR_MAX`; also the rule for a price override.
pub fn check_price(price: Money) -> Result<(), CatalogError> {
    if price.is_negative() {
        Err(CatalogError::PriceNegative { price })
    } else if price.minor > PRICE_MINOR_MAX {
        Err(CatalogError::PriceAbsurd { price })
    } else {
        Ok(())
    }
}

/// Fails unless the name can stand on a receipt.
pub fn check_name(name: &str) -> Result<(), CatalogError> {
    let chars = name.chars().count();
    if !name.chars().any(shows) {
        Err(CatalogError::NameEmpty)
    } else if chars > NAME_CHARS_MAX {
        Err(CatalogError::NameTooLong { chars })
    } else if name.chars().any(is_unseen) {
        Err(CatalogError::ControlCharacter { field: "name" })
    } else {
        Ok(())
    }
}

/// Neither a space nor one of the characters that only join or part others.
fn shows(letter: char) -> bool {
    let joins =
        matches!(letter, '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FE00}'..='\u{FE0F}');
    !letter.is_whitespace() && !joins
}

/// Control characters, and those that turn the direction of the text around them: a name shows as it is, nothing else.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Fails unless the text can be an article number.
pub fn check_sku(sku: &str) -> Result<(), CatalogError> {
    let chars = sku.chars().count();
    if sku.trim().is_empty() {
        Err(CatalogError::SkuEmpty)
    } else if chars > SKU_CHARS_MAX {
        Err(CatalogError::SkuTooLong { chars })
    } else if sku.chars().any(|letter| is_unseen(letter) || is_invisible(letter)) {
        // Two numbers that look the same are one to everybody but the program.
        Err(CatalogError::ControlCharacter { field: "sku" })
    } else {
        Ok(())
    }
}

/// A colour as red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Reads `#2F6FED`.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let error = || CatalogError::BadColour { text: text.chars().take(40).collect() };
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()));
        let rgb = u32::from_str_radix(digits.ok_or_else(error)?, 16).map_err(|_| error())?;
        Ok(Colour((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8))
    }
}

impl Colour {
    /// What a colour is shown as that this program can't read.
    pub const UNREAD: Colour = Colour(0x80, 0x80, 0x80);
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

/// A group of products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// What stands on its button.
    pub name: String,
    /// The colour of its button.
    pub colour: Colour,
    /// Its place in the row of categories, smallest first.
    pub order: i32,
}

impl Category {
    /// Fails on the first rule that the category breaks.
    pub fn check(&self) -> Result<(), CatalogError> {
        check_name(&self.name)
    }
}

#[cfg(test)]
mod tests;
