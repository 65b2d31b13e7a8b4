//! Amounts, quantities, discounts and days as people and scripts write them.

use crate::output::Failure;
use aurapos_runtime::domain::calendar::Date;
use aurapos_runtime::domain::money::{Currency, Money, Quantity};
use aurapos_runtime::domain::pricing::Discount;
use aurapos_runtime::domain::tax::{WHOLE_BP, percent};
use aurapos_runtime::engine::command::{ItemRequest, TenderRequest};

/// Longer than any barcode or article number can be, in bytes.
const CODE_BYTES_MAX: usize = 512;
/// How much of a wrong text is shown.
const SHOWN_CHARS: usize = 60;

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

/// `CODE[:QTY[:PRICE]]`. A code may have colons of its own: the longest one that `known` knows is taken, of a GS1
/// element string the shortest.
pub fn item(
    text: &str,
    currency: Currency,
    known: impl Fn(&str) -> Result<bool, Failure>,
) -> Result<ItemRequest, Failure> {
    if let Some((code, _)) = text.split_once(':') {
        // Price and quantity are behind the last two colons; what is before may be a code.
        let ends = text.rmatch_indices(':').map(|(at, _)| at).take(2);
        let mut ends: Vec<usize> = std::iter::once(text.len()).chain(ends).collect();
        if is_element_string(text) {
            // A batch may have a colon, and every longer text is the same article with another batch: the shortest counts.
            ends.reverse();
        } else {
            ends.retain(|end| *end > code.len());
        }
        for end in ends {
            let longer = text[..end].trim();
            if longer.len() <= CODE_BYTES_MAX && known(longer)? {
                return parts(text, longer, text.get(end + 1..), currency);
            }
        }
        return parts(text, code, text.get(code.len() + 1..), currency);
    }
    parts(text, text, None, currency)
}

/// Whether a text is more than a code by itself: a GS1 element string or web address, in which batches and dates stand.
fn is_element_string(text: &str) -> bool {
    let text = text.trim_start();
    let is_gtin_field = text.starts_with("01") && text.bytes().take_while(u8::is_ascii_digit).count() >= 16;
    text.starts_with(['(', ']']) || text.starts_with("http") || is_gtin_field
}

fn parts(text: &str, code: &str, rest: Option<&str>, currency: Currency) -> Result<ItemRequest, Failure> {
    let mut rest = rest.into_iter().flat_map(|rest| rest.split(':')).map(str::trim);
    let (amount, price) = (rest.next().filter(|part| !part.is_empty()), rest.next().filter(|part| !part.is_empty()));
    if code.trim().is_empty() || rest.next().is_some() {
        return Err(Failure::usage(
            format!("\"{}\" is not an item", shortened(text)),
            "Write an item like CODE, CODE:2 or CODE:2:1.50.",
        ));
    }
    Ok(ItemRequest {
        code: item_code(code)?,
        quantity: amount.map(quantity).transpose()?,
        price: price.map(|text| money(text, currency)).transpose()?,
    })
}

/// A barcode or article number that is short enough to be one.
pub fn item_code(code: &str) -> Result<String, Failure> {
    let code = code.trim();
    if code.len() <= CODE_BYTES_MAX {
        return Ok(code.to_owned());
    }
    let message = format!(
        "\"{}\" has {} letters, more than any barcode or article number",
        shortened(code),
        code.chars().count()
    );
    Err(Failure::usage(message, "Give each item with an --item of its own."))
}

/// The beginning of a text that may be endless.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
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
            let item = item(text, Currency::EUR, |code| Ok(code == "A:1" || code == "2:0:0")).unwrap();
            assert_eq!(item.code, code, "{text}");
            assert_eq!(item.quantity.map(Quantity::thousandths), thousandths, "{text}");
            assert_eq!(item.price.map(|price| price.minor), minor, "{text}");
        };
        check("5400000000003", "5400000000003", None, None);
        check("A-1:2", "A-1", Some(2000), None);
        check("A:0.684:1.5", "A", Some(684), Some(150));
        check("A::1.50", "A", None, Some(150));
        check("A:1", "A:1", None, None);
        check("A:1:2", "A:1", Some(2000), None);
        check("A:1:2:0.50", "A:1", Some(2000), Some(50));
        check("2:0:0", "2:0:0", None, None);
        let endless = "7".repeat(120_000);
        for text in ["", ":2", "A:2:1:9", "A:x", "A:2:1.234", "2:0:0:1:1:1", &endless] {
            let failure = item(text, Currency::EUR, |code| Ok(code == "2:0:0")).unwrap_err();
            assert!(failure.usage && failure.message.len() < 200, "{failure:?}");
        }
    }

    /// Whatever stands behind the article is a batch to whoever looks it up.
    #[test]
    fn behind_an_element_string_stand_quantity_and_price_too() {
        let known = |code: &str| Ok(code.contains("05400000002649"));
        for code in [
            "(01)05400000002649(17)261231(10)AB1",
            "01054000000026491726123110AB1",
            "https://id.gs1.org/01/05400000002649/10/AB1",
            "]C10105400000002649",
        ] {
            for (tail, thousandths, minor) in [
                ("", None, None),
                (":2", Some(2000), None),
                (":2:1.50", Some(2000), Some(150)),
                ("::1.50", None, Some(150)),
            ] {
                let item = item(&format!("{code}{tail}"), Currency::EUR, known).unwrap();
                assert_eq!(item.code, code, "{code}{tail}");
                assert_eq!(item.quantity.map(Quantity::thousandths), thousandths, "{code}{tail}");
                assert_eq!(item.price.map(|price| price.minor), minor, "{code}{tail}");
            }
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
