//! Amounts, quantities, discounts and days as people and scripts write them.

use crate::output::Failure;
use aurapos_runtime::domain::calendar::Date;
use aurapos_runtime::domain::money::{Currency, Money, Quantity};
use aurapos_runtime::domain::pricing::Discount;
use aurapos_runtime::domain::tax::{WHOLE_BP, percent};
use aurapos_runtime::engine::command::{ItemRequest, TenderRequest};

/// `12.50`
pub fn money(text: &str, currency: Currency) -> Result<Money, Failure> {
    Money::parse(text.trim(), currency).map_err(|error| wrong(error, "Write amounts like 12.50."))
}

/// `2`, `0.684`
pub fn quantity(text: &str) -> Result<Quantity, Failure> {
    Quantity::parse(text.trim()).map_err(|error| wrong(error, "Write quantities like 2 or 0.684."))
}

/// `10%` or `2.00`
pub fn discount(text: &str, currency: Currency) -> Result<Discount, Failure> {
    let text = text.trim();
    match text.strip_suffix('%') {
        // A percentage has two decimals, as an amount of hundredths of it.
        Some(rate) => Money::parse(rate.trim(), Currency::EUR)
            .map(|rate| Discount::Percent(rate.minor))
            .map_err(|error| wrong(error, "Write a discount like 10% or 2.00.")),
        None => money(text, currency).map(Discount::Amount),
    }
}

/// `CODE[:QTY[:PRICE]]`
pub fn item(text: &str, currency: Currency) -> Result<ItemRequest, Failure> {
    let mut parts = text.split(':');
    let code = parts.next().unwrap_or_default().trim().to_owned();
    let optional = |part: Option<&str>| part.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned);
    let (amount, price) = (optional(parts.next()), optional(parts.next()));
    if code.is_empty() || parts.next().is_some() {
        return Err(Failure::usage(
            format!("\"{text}\" is not an item"),
            "Write an item like CODE, CODE:2 or CODE:2:1.50.",
        ));
    }
    Ok(ItemRequest {
        code,
        quantity: amount.map(|text| quantity(&text)).transpose()?,
        price: price.map(|text| money(&text, currency)).transpose()?,
    })
}

/// `NAME[=AMOUNT]`
pub fn tender(text: &str, currency: Currency) -> Result<TenderRequest, Failure> {
    let (name, amount) = match text.split_once('=') {
        Some((name, amount)) => (name, Some(money(amount, currency)?)),
        None => (text, None),
    };
    if name.trim().is_empty() {
        return Err(Failure::usage(format!("\"{text}\" is not a tender"), "Write a tender like cash=20.00, or cash."));
    }
    Ok(TenderRequest { instance: name.trim().to_owned(), amount })
}

/// `2026-04-26`
pub fn date(text: &str) -> Result<Date, Failure> {
    Date::parse(text).map_err(|error| wrong(error, "Write days like 2026-04-26."))
}

/// A rate in basis points as a decimal: `21`.
pub fn rate(rate_bp: i64) -> String {
    debug_assert!((-WHOLE_BP..=WHOLE_BP).contains(&rate_bp), "a rate is a share");
    percent(rate_bp)
}

fn wrong(error: impl ToString, next: &str) -> Failure {
    Failure::usage(error.to_string(), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_have_code_quantity_and_price() {
        let check = |text: &str, code: &str, thousandths: Option<i64>, minor: Option<i64>| {
            let item = item(text, Currency::EUR).unwrap();
            assert_eq!(item.code, code, "{text}");
            assert_eq!(item.quantity.map(Quantity::thousandths), thousandths, "{text}");
            assert_eq!(item.price.map(|price| price.minor), minor, "{text}");
        };
        check("5400000000003", "5400000000003", None, None);
        check("A-1:2", "A-1", Some(2000), None);
        check("A:0.684:1.5", "A", Some(684), Some(150));
        check("A::1.50", "A", None, Some(150));
        for text in ["", ":2", "A:2:1:9", "A:x", "A:1:1.234"] {
            assert!(item(text, Currency::EUR).unwrap_err().usage, "{text}");
        }
    }

    #[test]
    fn discounts_and_tenders_are_read() {
        assert_eq!(discount("10%", Currency::EUR).unwrap(), Discount::Percent(1000));
        assert_eq!(discount("12.5 %", Currency::EUR).unwrap(), Discount::Percent(1250));
        assert_eq!(discount("2.00", Currency::EUR).unwrap(), Discount::Amount(Money::new(200, Currency::EUR)));
        assert!(discount("%", Currency::EUR).is_err());
        let paid = tender("cash=20", Currency::EUR).unwrap();
        assert_eq!((paid.instance.as_str(), paid.amount.unwrap().minor), ("cash", 2000));
        assert_eq!(tender("front terminal", Currency::EUR).unwrap().amount, None);
        assert!(tender("=2", Currency::EUR).is_err());
    }
}
