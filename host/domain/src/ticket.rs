//! A ticket: the sale being built, its lines, and the totals that add up.
//!
//! Knows nothing of who may do what (`people`), how it is paid (`tender`), or where it is kept.

use crate::catalog::{Product, Unit, check_price};
use crate::ids::{CategoryId, CustomerId, ProductId, SaleId, TicketId};
use crate::money::{Currency, Money, MoneyError, Quantity};
use crate::pricing::{Discount, PricingError};
use crate::tax::{PriceMode, TaxCode, TaxError, VatRow};

mod totals;

pub(crate) use totals::same as same_amount;
pub use totals::{LineTotals, Totals, TotalsError};

/// Most lines of a ticket.
pub const LINES_MAX: usize = 1000;
/// Largest quantity of a line, in thousandths (99 999.999).
pub const QUANTITY_MAX: i64 = 99_999_999;
/// Most characters of a note.
pub const NOTE_CHARS_MAX: usize = 200;

/// What can be refused on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// The ticket is full.
    #[error("the ticket has {LINES_MAX} lines and takes no more")]
    TooManyLines,
    /// No such line.
    #[error("the ticket has no line {line}")]
    NoSuchLine {
        /// The number that was asked for.
        line: u32,
    },
    /// A quantity of nothing.
    #[error("a line needs a quantity other than zero")]
    QuantityZero,
    /// A quantity nobody believes.
    #[error("a quantity of {quantity} is above the limit of {}", Quantity::from_thousandths(QUANTITY_MAX))]
    QuantityAbsurd {
        /// The quantity.
        quantity: Quantity,
    },
    /// Part of a piece.
    #[error("{name} is sold by the piece, {quantity} is not a whole number")]
    NotWhole {
        /// The product's name.
        name: String,
        /// The quantity.
        quantity: Quantity,
    },
    /// Sold in a unit of a newer program.
    #[error("{name} is sold by \"{unit}\", which this program does not know")]
    NewerUnit {
        /// The product's name.
        name: String,
        /// The unit's name.
        unit: String,
    },
    /// The amount of the line is fixed by a label or by the sale it comes back from.
    #[error("the amount of line {line} is fixed; remove the line instead")]
    LineFixed {
        /// The line.
        line: u32,
    },
    /// The product is no longer sold.
    #[error("{name} is no longer sold")]
    Inactive {
        /// The product's name.
        name: String,
    },
    /// The note is too long.
    #[error("the note has {chars} characters, more than {NOTE_CHARS_MAX}")]
    NoteTooLong {
        /// How many it has.
        chars: usize,
    },
    /// Another currency than the ticket's.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A price that is not believed.
    #[error(transparent)]
    Price(#[from] crate::catalog::CatalogError),
    /// A discount that is not possible.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// A rate that is not possible.
    #[error(transparent)]
    Tax(#[from] TaxError),
    /// The totals do not add up: a bug, never the operator's fault.
    #[error(transparent)]
    Totals(#[from] TotalsError),
}

/// The line of an earlier sale that a refund line gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineOrigin {
    /// The sale.
    pub sale: SaleId,
    /// The number of its line.
    pub line: u32,
}

/// What a line is made of, before the ticket gives it a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// The product.
    pub product: ProductId,
    /// Its article number at this moment.
    pub sku: String,
    /// Its name at this moment.
    pub name: String,
    /// Its category at this moment.
    pub category: Option<CategoryId>,
    /// The code that was scanned, if any.
    pub barcode: Option<String>,
    /// Piece or kilogram.
    pub unit: Unit,
    /// How much; below zero when goods come back.
    pub quantity: Quantity,
    /// The price in the catalog.
    pub list_price: Money,
    /// The price that is asked; another than the list price when it was overridden.
    pub unit_price: Money,
    /// The whole amount of the line when it is not price times quantity: a price label, a refund. Sign of the quantity.
    pub fixed_gross: Option<Money>,
    /// The line's own discount.
    pub discount: Option<Discount>,
    /// Which VAT rate.
    pub tax_code: TaxCode,
    /// Its percentage on the day of the sale, in basis points.
    pub rate_bp: i64,
    /// Food: may be paid with meal vouchers.
    pub food: bool,
    /// A note for the receipt; empty for none.
    pub note: String,
    /// What a refund line gives back.
    pub origin: Option<LineOrigin>,
}

impl NewLine {
    /// A line of `quantity` of a product at its list price.
    pub fn of_product(product: &Product, quantity: Quantity, rate_bp: i64) -> NewLine {
        NewLine {
            product: product.id,
            sku: product.sku.clone(),
            name: product.name.clone(),
            category: product.category,
            barcode: None,
            unit: product.unit,
            quantity,
            list_price: product.price,
            unit_price: product.price,
            fixed_gross: None,
            discount: None,
            tax_code: product.tax_code.clone(),
            rate_bp,
            food: product.food,
            note: String::new(),
            origin: None,
        }
    }

    /// Price times quantity, or the fixed amount.
    pub fn gross(&self) -> Result<Money, MoneyError> {
        match self.fixed_gross {
            Some(amount) => Ok(amount),
            None => self.unit_price.times(self.quantity),
        }
    }

    /// A second scan of the same piece adds to the line unless something makes the line special.
    fn merges_with(&self, other: &NewLine) -> bool {
        let plain = |line: &NewLine| {
            line.unit == Unit::Piece
                && line.fixed_gross.is_none()
                && line.discount.is_none()
                && line.note.is_empty()
                && line.origin.is_none()
        };
        plain(self)
            && plain(other)
            && self.product == other.product
            && self.unit_price == other.unit_price
            && self.rate_bp == other.rate_bp
            && self.quantity.is_negative() == other.quantity.is_negative()
    }
}

/// A row of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number on this ticket; never given again, also when the line is removed.
    pub number: u32,
    /// What it is made of.
    pub item: NewLine,
}

/// A sale being built.
// Private fields: every line passed `check_line`, all amounts are of `currency`, numbers rise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    id: TicketId,
    currency: Currency,
    mode: PriceMode,
    lines: Vec<Line>,
    last_number: u32,
    discount: Option<Discount>,
    customer: Option<CustomerId>,
    note: String,
    vat_left: Vec<VatRow>,
}

impl Ticket {
    /// An empty ticket.
    pub fn new(id: TicketId, currency: Currency, mode: PriceMode) -> Ticket {
        let (note, vat_left) = (String::new(), Vec::new());
        Ticket { id, currency, mode, lines: Vec::new(), last_number: 0, discount: None, customer: None, note, vat_left }
    }

    /// Its id.
    pub const fn id(&self) -> TicketId {
        self.id
    }

    /// The currency of all amounts.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether prices contain the VAT.
    pub const fn mode(&self) -> PriceMode {
        self.mode
    }

    /// The rows in the order in which they came.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The row of a number.
    pub fn line(&self, number: u32) -> Result<&Line, TicketError> {
        self.lines.iter().find(|line| line.number == number).ok_or(TicketError::NoSuchLine { line: number })
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The discount on the whole ticket.
    pub const fn discount(&self) -> Option<Discount> {
        self.discount
    }

    /// The customer.
    pub const fn customer(&self) -> Option<CustomerId> {
        self.customer
    }

    /// The note on the whole ticket; empty for none.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Of a refund: what is left of its sale, rate by rate; empty for a sale.
    pub fn vat_left(&self) -> &[VatRow] {
        &self.vat_left
    }

    /// Makes the ticket a refund of one sale: its lines take their VAT off what is left there.
    pub fn set_vat_left(&mut self, left: Vec<VatRow>) {
        self.vat_left = left;
        self.vat_left.sort_unstable_by_key(|row| std::cmp::Reverse(row.rate_bp));
    }

    /// Adds a line, or adds its quantity to the same product's plain line. Returns the line's number.
    pub fn add_line(&mut self, item: NewLine) -> Result<u32, TicketError> {
        self.check_line(&item)?;
        if let Some(index) = self.lines.iter().position(|line| line.item.merges_with(&item)) {
            let mut merged = self.lines[index].item.clone();
            merged.quantity = merged.quantity.checked_add(item.quantity)?;
            self.check_line(&merged)?;
            self.lines[index].item = merged;
            return Ok(self.lines[index].number);
        }
        if self.lines.len() >= LINES_MAX {
            return Err(TicketError::TooManyLines);
        }
        self.last_number += 1;
        self.lines.push(Line { number: self.last_number, item });
        Ok(self.last_number)
    }

    /// Sets the quantity of a line; use `remove_line` for nothing.
    pub fn set_quantity(&mut self, number: u32, quantity: Quantity) -> Result<(), TicketError> {
        self.change(number, |item| {
            if item.fixed_gross.is_some() {
                return Err(TicketError::LineFixed { line: number });
            }
            item.quantity = quantity;
            Ok(())
        })
    }

    /// Asks another price than the catalog's; who may do that is checked by the caller.
    pub fn override_price(&mut self, number: u32, price: Money) -> Result<(), TicketError> {
        self.change(number, |item| {
            if item.fixed_gross.is_some() {
                return Err(TicketError::LineFixed { line: number });
            }
            item.unit_price = price;
            Ok(())
        })
    }

    /// Sets or clears a line's discount.
    pub fn set_line_discount(&mut self, number: u32, discount: Option<Discount>) -> Result<(), TicketError> {
        self.change(number, |item| {
            item.discount = discount;
            Ok(())
        })
    }

    /// Sets a line's note; empty clears it.
    pub fn set_line_note(&mut self, number: u32, note: &str) -> Result<(), TicketError> {
        self.change(number, |item| {
            note.clone_into(&mut item.note);
            Ok(())
        })
    }

    /// Takes a line away.
    pub fn remove_line(&mut self, number: u32) -> Result<Line, TicketError> {
        let index = self.lines.iter().position(|line| line.number == number);
        index.map(|index| self.lines.remove(index)).ok_or(TicketError::NoSuchLine { line: number })
    }

    /// Puts a line back that was taken away, exactly as it was and where it was.
    pub fn restore_line(&mut self, line: Line) -> Result<(), TicketError> {
        self.check_line(&line.item)?;
        if line.number > self.last_number || self.line(line.number).is_ok() {
            return Err(TicketError::NoSuchLine { line: line.number });
        }
        if self.lines.len() >= LINES_MAX {
            return Err(TicketError::TooManyLines);
        }
        let place = self.lines.partition_point(|known| known.number < line.number);
        self.lines.insert(place, line);
        Ok(())
    }

    /// Sets or clears the discount on the whole ticket.
    pub fn set_discount(&mut self, discount: Option<Discount>) -> Result<(), TicketError> {
        if let Some(discount) = &discount {
            discount.check()?;
            if let Discount::Amount(amount) = discount {
                amount.same_currency(Money::zero(self.currency))?;
            }
        }
        self.discount = discount;
        Ok(())
    }

    /// Puts a customer on the ticket, or takes them off.
    pub fn set_customer(&mut self, customer: Option<CustomerId>) {
        self.customer = customer;
    }

    /// Sets the note on the whole ticket; empty clears it.
    pub fn set_note(&mut self, note: &str) -> Result<(), TicketError> {
        check_note(note)?;
        note.clone_into(&mut self.note);
        Ok(())
    }

    /// The totals, which are known to add up.
    pub fn totals(&self) -> Result<Totals, TicketError> {
        totals::of_ticket(self)
    }

    fn change(
        &mut self,
        number: u32,
        edit: impl FnOnce(&mut NewLine) -> Result<(), TicketError>,
    ) -> Result<(), TicketError> {
        let index = self.lines.iter().position(|line| line.number == number);
        let index = index.ok_or(TicketError::NoSuchLine { line: number })?;
        let mut item = self.lines[index].item.clone();
        edit(&mut item)?;
        self.check_line(&item)?;
        self.lines[index].item = item;
        Ok(())
    }

    fn check_line(&self, item: &NewLine) -> Result<(), TicketError> {
        check_quantity(&item.name, item.unit, item.quantity)?;
        check_price(item.unit_price)?;
        check_price(item.list_price)?;
        crate::tax::check_rate(item.rate_bp)?;
        check_note(&item.note)?;
        item.list_price.same_currency(Money::zero(self.currency))?;
        let gross = item.gross()?;
        gross.checked_add(Money::zero(self.currency))?;
        item.unit_price.same_currency(gross)?;
        if let Some(discount) = &item.discount {
            discount.of(gross)?;
        }
        Ok(())
    }
}

/// Fails unless the product is still sold.
pub fn check_active(product: &Product) -> Result<(), TicketError> {
    if product.active { Ok(()) } else { Err(TicketError::Inactive { name: product.name.clone() }) }
}

/// Fails unless the quantity is possible for the unit.
pub fn check_quantity(name: &str, unit: Unit, quantity: Quantity) -> Result<(), TicketError> {
    if quantity.is_zero() {
        Err(TicketError::QuantityZero)
    } else if quantity.thousandths().unsigned_abs() > QUANTITY_MAX.unsigned_abs() {
        Err(TicketError::QuantityAbsurd { quantity })
    } else if unit == Unit::Piece && !quantity.is_whole() {
        Err(TicketError::NotWhole { name: name.to_owned(), quantity })
    } else if let Unit::Newer(unit) = unit {
        Err(TicketError::NewerUnit { name: name.to_owned(), unit: unit.code().to_owned() })
    } else {
        Ok(())
    }
}

fn check_note(note: &str) -> Result<(), TicketError> {
    let chars = note.chars().count();
    if chars > NOTE_CHARS_MAX { Err(TicketError::NoteTooLong { chars }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
