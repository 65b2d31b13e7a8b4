//! The journal's entry of a slice: how much it changed, and the opening stock it brought, since stock derives from entries.

use aurapos_domain::body::{BodyError, Reader};
use aurapos_domain::ids::{OperatorId, ProductId};
use aurapos_domain::money::Quantity;

use super::slice::SliceCounts;
use crate::error::EngineResult;
use crate::journal;

/// What the entry `catalog_imported` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogImported {
    /// Who imported; `None` for the program itself.
    pub operator: Option<OperatorId>,
    /// How much was changed.
    pub counts: SliceCounts,
    /// Opening stock of new products; the moves have numbers from 1 in this order.
    pub opening: Vec<(ProductId, Quantity)>,
}

impl CatalogImported {
    /// The body, version 1.
    pub fn encode(&self) -> EngineResult<Vec<u8>> {
        let mut w = journal::body();
        w.option(self.operator, |w, operator| {
            w.uuid(operator.uuid());
        });
        w.u64(self.counts.added).u64(self.counts.updated).u64(self.counts.categories);
        w.list(&self.opening, |w, (product, quantity)| {
            w.uuid(product.uuid()).i64(quantity.thousandths());
        });
        journal::finish(w)
    }

    /// Reads a body.
    pub fn decode(bytes: &[u8]) -> Result<CatalogImported, BodyError> {
        let mut r = Reader::new(bytes, journal::VERSION)?;
        let operator = r.option(|r| r.uuid().map(OperatorId::new))?;
        let counts = SliceCounts { added: r.u64()?, updated: r.u64()?, categories: r.u64()? };
        let opening = r.list(|r| Ok((ProductId::new(r.uuid()?), Quantity::from_thousandths(r.i64()?))))?;
        r.finish()?;
        Ok(CatalogImported { operator, counts, opening })
    }
}

/// What the entry `product_changed` says: the product as it was saved by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductChanged {
    /// Who saved it; `None` for the program itself.
    pub operator: Option<OperatorId>,
    /// Which.
    pub product: ProductId,
    /// Article number.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Price, minor units.
    pub price_minor: i64,
    /// Price before; `None` for a new product.
    pub price_before_minor: Option<i64>,
    /// VAT rate's code.
    pub tax_code: String,
    /// Whether it is sold.
    pub active: bool,
    /// Opening stock of a new product; the moves have numbers from 1 in this order.
    pub opening: Vec<(ProductId, Quantity)>,
}

impl ProductChanged {
    /// The body, version 1.
    pub fn encode(&self) -> EngineResult<Vec<u8>> {
        let mut w = journal::body();
        w.option(self.operator, |w, operator| {
            w.uuid(operator.uuid());
        });
        w.uuid(self.product.uuid()).text(&self.sku).text(&self.name).i64(self.price_minor);
        w.option(self.price_before_minor, |w, before| {
            w.i64(before);
        });
        w.text(&self.tax_code).bool(self.active);
        w.list(&self.opening, |w, (product, quantity)| {
            w.uuid(product.uuid()).i64(quantity.thousandths());
        });
        journal::finish(w)
    }

    /// Reads a body.
    pub fn decode(bytes: &[u8]) -> Result<ProductChanged, BodyError> {
        let mut r = Reader::new(bytes, journal::VERSION)?;
        let changed = ProductChanged {
            operator: r.option(|r| r.uuid().map(OperatorId::new))?,
            product: ProductId::new(r.uuid()?),
            sku: r.text()?,
            name: r.text()?,
            price_minor: r.i64()?,
            price_before_minor: r.option(Reader::i64)?,
            tax_code: r.text()?,
            active: r.bool()?,
            opening: r.list(|r| Ok((ProductId::new(r.uuid()?), Quantity::from_thousandths(r.i64()?))))?,
        };
        r.finish()?;
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_saved_product_is_held_still() {
        let changed = ProductChanged {
            operator: Some(OperatorId::from_bytes([0x11; 16])),
            product: ProductId::from_bytes([0x22; 16]),
            sku: "B-01".to_owned(),
            name: "Pain".to_owned(),
            price_minor: 250,
            price_before_minor: Some(240),
            tax_code: "reduced".to_owned(),
            active: true,
            opening: vec![(ProductId::from_bytes([0x22; 16]), Quantity::from_thousandths(1500))],
        };
        let bytes = changed.encode().unwrap();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = [
            "01",
            "01",
            &"11".repeat(16),
            &"22".repeat(16),
            "00000004422d3031",
            "000000045061696e",
            "00000000000000fa",
            "01",
            "00000000000000f0",
            "0000000772656475636564",
            "01",
            "00000001",
            &"22".repeat(16),
            "00000000000005dc",
        ];
        assert_eq!(hex, expected.concat());
        assert_eq!(ProductChanged::decode(&bytes), Ok(changed));
        assert!(ProductChanged::decode(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn the_form_is_held_still() {
        let imported = CatalogImported {
            operator: Some(OperatorId::from_bytes([0x11; 16])),
            counts: SliceCounts { added: 2, updated: 1, categories: 1 },
            opening: vec![(ProductId::from_bytes([0x22; 16]), Quantity::from_thousandths(1500))],
        };
        let bytes = imported.encode().unwrap();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = [
            "01",
            "01",
            &"11".repeat(16),
            "0000000000000002",
            "0000000000000001",
            "0000000000000001",
            "00000001",
            &"22".repeat(16),
            "00000000000005dc",
        ];
        assert_eq!(hex, expected.concat());
        assert_eq!(CatalogImported::decode(&bytes), Ok(imported));
        assert!(CatalogImported::decode(&bytes[..bytes.len() - 1]).is_err());
    }
}
