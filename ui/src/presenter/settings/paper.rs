//! The receipt beside the settings: the newest sale, or a made-up one, with what is typed.

use crate::markup::ReceiptLine as Row;
use crate::presenter::done::receipt::lines;
use aurapos_contract::RecordStore;
use aurapos_domain::calendar::LocalTime;
use aurapos_domain::catalog::Unit;
use aurapos_domain::country::CountryProfile;
use aurapos_domain::ids::ReceiptNumber;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::receipt::{ReceiptCopy, ReceiptFacts, ReceiptLine, ReceiptTender, ShopFacts};
use aurapos_domain::sale::SaleKind;
use aurapos_domain::tax::vat_rows;
use aurapos_domain::tender::TenderKind;
use aurapos_engine::error::EngineResult;
use aurapos_engine::queries::{self, SalesFilter};
use aurapos_locale::Language;
use aurapos_locale::receipt::{document, preview};

/// How far back a sale is looked for: what was given back makes a poor example.
const LOOKED_AT: u32 = 20;

/// The newest sale; `None` when there is none or it does not add up.
pub fn newest(store: &dyn RecordStore) -> EngineResult<Option<ReceiptFacts>> {
    let filter = SalesFilter { limit: LOOKED_AT, ..SalesFilter::default() };
    let Some(newest) = queries::sales(store, &filter)?.sales.into_iter().find(|sale| sale.kind == "sale") else {
        return Ok(None);
    };
    let sale = queries::sale_by_id(store, newest.id)?;
    Ok(sale
        .and_then(|sale| ReceiptFacts::new(&sale.sale, &ShopFacts::default(), &sale.hash, ReceiptCopy::Original).ok()))
}

/// A sale that never was, for a shop that sold nothing yet. `None` where the country has no rates.
pub fn made_up(
    country: &CountryProfile,
    currency: Currency,
    register: &str,
    operator: &str,
    time: LocalTime,
) -> Option<ReceiptFacts> {
    let money = |minor| Money::new(minor, currency);
    let rate_bp = country.rates.last().map(|rate| rate.rate_bp).filter(|rate| *rate > 0);
    let rate_bp = rate_bp.or_else(|| country.rates.iter().map(|rate| rate.rate_bp).find(|rate| *rate > 0))?;
    let line = |name: &str, quantity: &str, unit, price, gross| {
        Some(ReceiptLine {
            name: name.to_owned(),
            quantity: Quantity::parse(quantity).ok()?,
            unit,
            unit_price: money(price),
            gross: money(gross),
            discount: money(0),
            rate_bp,
            note: String::new(),
        })
    };
    let lines = vec![
        line("Baguette", "2", Unit::Piece, 140, 280)?,
        line("Espresso", "1", Unit::Piece, 260, 260)?,
        line("Gouda", "0.350", Unit::Kilogram, 1600, 560)?,
    ];
    let total = money(1100);
    let vat = vat_rows(country.price_mode, currency, [(rate_bp, total)]).ok()?;
    let total = Money::sum(currency, vat.iter().map(|row| row.gross)).ok()?;
    let given = money(2000);
    Some(ReceiptFacts {
        shop: ShopFacts::default(),
        copy: ReceiptCopy::Original,
        kind: SaleKind::Sale,
        number: ReceiptNumber::parse(&format!("{register}-1-000042")).ok()?,
        origin: None,
        time,
        operator: operator.to_owned(),
        customer_vat_number: None,
        price_mode: country.price_mode,
        lines,
        subtotal: money(1100),
        ticket_discount: money(0),
        vat,
        total,
        rounding: money(0),
        to_pay: total,
        tenders: vec![ReceiptTender { kind: TenderKind::Cash, tendered: given, reference: String::new() }],
        change: given.checked_sub(total).ok()?,
        note: String::new(),
        journal_hash: "a97d5253".to_owned(),
    })
}

/// The paper of a sale with the shop as it is typed.
pub fn rows(sale: &ReceiptFacts, shop: ShopFacts, language: Language) -> Vec<Row> {
    let facts = ReceiptFacts { shop, ..sale.clone() };
    lines(&preview(&document(&facts, language), None))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aurapos_domain::calendar::Timestamp;

    #[test]
    fn a_made_up_sale_adds_up_in_every_country_and_shows_what_is_typed() {
        let time = Timestamp(1_795_355_775_123_456).local(3600);
        for country in CountryProfile::ALL {
            let sale = made_up(country, country.currency, "R1", "Mia", time).unwrap();
            let paid = sale.tenders[0].tendered.checked_sub(sale.change).unwrap();
            assert_eq!(paid, sale.to_pay, "{}", country.code);
            let shop =
                ShopFacts { name: "Chez Mia".to_owned(), footer: vec!["Merci !".to_owned()], ..ShopFacts::default() };
            let rows = rows(&sale, shop, Language::French);
            assert!(rows.iter().any(|row| row.left == "Chez Mia" && row.big));
            assert!(rows.iter().any(|row| row.left == "Merci !"));
        }
    }
}
