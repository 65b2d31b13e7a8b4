//! A believable Belgian sample shop, and a generator of catalogs of any size.
//!
//! Owns the products that `init --sample-data` imports and the vocabulary of the catalogs that tests and benchmarks
//! make up. Gives text and plain values; must not know the engine, a store or a file.

mod generate;
mod words;

pub use generate::{BARCODES_MAX, GeneratedProduct, generate, write_csv};

/// The columns of a catalog file, as `aurapos-admin import products` reads them.
pub const CSV_HEADER: &str = "sku,name,barcodes,category,price,vat,unit,stock,food";

/// The catalog of the sample shop as a CSV file: UTF-8, commas, a header line.
///
/// Prices are euros with two decimals and include VAT, `vat` is in percent, `unit` is `piece` or `kg`, `stock` is in
/// that unit, and `food` says whether meal vouchers may pay for it.
///
/// ```
/// assert!(aurapos_sample::sample_catalog_csv().starts_with(aurapos_sample::CSV_HEADER));
/// ```
pub fn sample_catalog_csv() -> &'static str {
    include_str!("../data/catalog.csv")
}

/// The categories of the sample shop in the order of their buttons: name and colour as `#RRGGBB`.
///
/// The generator uses the same ones.
pub fn categories() -> &'static [(&'static str, &'static str)] {
    &words::CATEGORIES
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The fields of one line; only quotes around a whole field occur.
    fn fields(line: &str) -> Vec<String> {
        let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
        for character in line.chars() {
            match character {
                '"' => quoted = !quoted,
                ',' if !quoted => all.push(std::mem::take(&mut field)),
                other => field.push(other),
            }
        }
        all.push(field);
        all
    }

    /// Whether an EAN-13 is right, told in another way than the domain does it: the weighted sum of all 13 digits.
    pub(crate) fn is_ean13(code: &str) -> bool {
        let digits: Vec<u32> = code.chars().filter_map(|digit| digit.to_digit(10)).collect();
        let sum: u32 = digits.iter().zip([1, 3].iter().cycle()).map(|(digit, weight)| digit * weight).sum();
        digits.len() == 13 && code.len() == 13 && sum.is_multiple_of(10)
    }

    fn rows() -> Vec<Vec<String>> {
        sample_catalog_csv().lines().skip(1).map(fields).collect()
    }

    #[test]
    fn the_independent_check_knows_right_from_wrong() {
        assert!(is_ean13("4006381333931"));
        assert!(!is_ean13("4006381333932") && !is_ean13("406381333931") && !is_ean13("400638133393X"));
    }

    #[test]
    fn every_row_is_whole() {
        assert_eq!(sample_catalog_csv().lines().next(), Some(CSV_HEADER));
        for row in rows() {
            assert_eq!(row.len(), 9, "{row:?}");
            assert!(!row[1].is_empty() && row[1].chars().count() <= 40, "{row:?}");
            let (euros, cents) = row[4].split_once('.').unwrap();
            assert!(euros.parse::<u32>().is_ok() && cents.len() == 2 && cents.parse::<u32>().is_ok(), "{row:?}");
            assert!(row[4] != "0.00", "{row:?}");
            assert!(["6", "12", "21"].contains(&row[5].as_str()), "{row:?}");
            assert!(["piece", "kg"].contains(&row[6].as_str()), "{row:?}");
            assert!(["yes", "no"].contains(&row[8].as_str()), "{row:?}");
            let whole = !row[7].contains('.');
            assert!(whole || row[6] == "kg", "{row:?}");
        }
    }

    #[test]
    fn every_barcode_is_right_and_stands_once() {
        let all: Vec<String> =
            rows().iter().flat_map(|row| row[2].split('|').map(str::to_owned).collect::<Vec<_>>()).collect();
        for code in &all {
            assert!(is_ean13(code) && code.starts_with("5400000"), "{code}");
        }
        assert!(all.len() > rows().len(), "some products carry two");
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn skus_and_names_stand_once() {
        for column in [0, 1] {
            let all: BTreeSet<String> = rows().into_iter().map(|mut row| row.swap_remove(column)).collect();
            assert_eq!(all.len(), rows().len(), "column {column}");
        }
    }

    #[test]
    fn the_shop_is_a_whole_one() {
        assert!(rows().len() >= 200);
        let count = |column: usize| {
            rows().into_iter().fold(BTreeMap::<String, usize>::new(), |mut counts, mut row| {
                *counts.entry(row.swap_remove(column)).or_default() += 1;
                counts
            })
        };
        assert!(count(5).values().all(|&products| products >= 10), "{:?}", count(5));
        assert!(count(6)["kg"] >= 20, "{:?}", count(6));
        assert!(count(8)["no"] >= 40, "{:?}", count(8));
        let named: BTreeSet<String> = categories().iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(count(3).into_keys().collect::<BTreeSet<_>>(), named);
    }

    #[test]
    fn categories_have_colours_of_their_own() {
        assert!((8..=12).contains(&categories().len()));
        let colours: BTreeSet<_> = categories().iter().map(|(_, colour)| colour).collect();
        assert_eq!(colours.len(), categories().len());
        for colour in colours {
            let digits = colour.strip_prefix('#').unwrap();
            assert!(digits.len() == 6 && digits.chars().all(|digit| digit.is_ascii_hexdigit()), "{colour}");
        }
    }
}
