//! Catalogs of any size: every product follows from its number and the seed alone.

use std::io;

use aurapos_domain::barcode::check_digit;

use crate::CSV_HEADER;
use crate::words::{CATEGORIES, GOODS_SIZES, MAKERS, MANNERS, NEUTRAL_MANNERS, PLACES, SIZES, SORTS, Sort};

/// How many products have a barcode of their own; a longer catalog ends here.
pub const BARCODES_MAX: u64 = 1_000_000_000;

/// A product that was made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedProduct {
    /// `G` and the product's number, unique.
    pub sku: String,
    /// Several words in French, such as `Confiture fin Rucher des Saules 250 g`; nearly all unique in a catalog of a million.
    pub name: String,
    /// A valid EAN-13 beginning with 549, unique for one seed.
    pub barcode: String,
    /// One of [`crate::categories`].
    pub category: &'static str,
    /// Price in cents, VAT included; of a kilogram when sold by weight.
    pub price_minor: i64,
    /// 600, 1200 or 2100 basis points.
    pub vat_basis_points: i64,
    /// Whether it is sold by weight, not by the piece.
    pub by_weight: bool,
    /// Stock in thousandths of a piece or a kilogram.
    pub stock_thousandths: i64,
    /// Whether meal vouchers may pay for it.
    pub food: bool,
}

/// The first `count` products of the catalog with this seed, at most [`BARCODES_MAX`].
///
/// The same seed gives the same products, and a longer catalog begins with the shorter one.
///
/// ```
/// let shop: Vec<_> = aurapos_sample::generate(1_000, 7).collect();
/// assert_eq!(shop.len(), 1_000);
/// assert_eq!(shop[3], aurapos_sample::generate(4, 7).last().unwrap());
/// ```
pub fn generate(count: u64, seed: u64) -> impl Iterator<Item = GeneratedProduct> {
    (0..count.min(BARCODES_MAX)).map(move |number| product(number, seed))
}

/// Writes the first `count` products as a catalog file that `aurapos-admin import products` reads.
///
/// # Errors
/// Whatever the writer says.
pub fn write_csv(count: u64, seed: u64, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "{CSV_HEADER}")?;
    for product in generate(count, seed) {
        let GeneratedProduct { sku, name, barcode, category, price_minor, stock_thousandths, .. } = &product;
        let (euros, cents) = (price_minor / 100, price_minor % 100);
        let vat = product.vat_basis_points / 100;
        let unit = if product.by_weight { "kg" } else { "piece" };
        let (stock, thousandths) = (stock_thousandths / 1000, stock_thousandths % 1000);
        let food = if product.food { "yes" } else { "no" };
        // A category may contain a comma, so it is always quoted; nothing else does.
        write!(out, "{sku},{name},{barcode},\"{category}\",{euros}.{cents:02},{vat},{unit},{stock}")?;
        if thousandths != 0 {
            write!(out, ".{thousandths:03}")?;
        }
        writeln!(out, ",{food}")?;
    }
    Ok(())
}

fn product(number: u64, seed: u64) -> GeneratedProduct {
    let mut chance = Chance(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let (sort, name) = named(number, seed);
    let (cheapest, dearest) = sort.price_minor;
    let price_minor = shelf_price(cheapest + chance.below((dearest - cheapest) as u64) as i64);
    let stock_thousandths = match sort.by_weight {
        true => chance.below(1_600) as i64 * 50,
        false => chance.below(241) as i64 * 1000,
    };
    GeneratedProduct {
        sku: format!("G{:08}", number + 1),
        name,
        barcode: barcode(number, seed),
        category: CATEGORIES[sort.category].0,
        price_minor,
        vat_basis_points: sort.vat_basis_points,
        by_weight: sort.by_weight,
        stock_thousandths,
        food: sort.food,
    }
}

/// Walks through all combinations of words in an order that the seed chooses.
fn named(number: u64, seed: u64) -> (&'static Sort, String) {
    const COMBINATIONS: u64 = (SORTS.len() * MANNERS.len() * MAKERS.len() * PLACES.len() * SIZES.len()) as u64;
    // A prime that divides no list's length, so that every combination is met.
    const STEP: u64 = 15_485_863;
    let mut rest = (number % COMBINATIONS * STEP + Chance(seed).below(COMBINATIONS)) % COMBINATIONS;
    let mut pick = |length: usize| {
        let index = rest % length as u64;
        rest /= length as u64;
        index as usize
    };
    let sort = &SORTS[pick(SORTS.len())];
    let manners = if is_eaten(sort) { &MANNERS[..] } else { &MANNERS[MANNERS.len() - NEUTRAL_MANNERS..] };
    let (manner, maker, place) = (manners[pick(manners.len())], MAKERS[pick(MAKERS.len())], PLACES[pick(PLACES.len())]);
    let sizes = if is_eaten(sort) { &SIZES[..] } else { &GOODS_SIZES[..] };
    let size = if sort.by_weight { "en vrac" } else { sizes[pick(sizes.len())] };
    let round = number / COMBINATIONS;
    let series = if round == 0 { String::new() } else { format!(" série {}", round + 1) };
    (sort, format!("{} {manner} {maker} {place} {size}{series}", sort.name))
}

/// Whether flavours and weights make sense in its name; food for tax is another matter.
fn is_eaten(sort: &Sort) -> bool {
    !["Hygiène et entretien", "Presse, fleurs et divers"].contains(&CATEGORIES[sort.category].0)
}

/// 549, nine digits of the product, the check digit. The digits are scattered so that neighbours share no prefix.
fn barcode(number: u64, seed: u64) -> String {
    // Odd and no multiple of five: it scatters the numbers below 10^9 without two falling on one.
    const SCATTER: u64 = 387_420_489;
    let serial = (number * SCATTER + seed % BARCODES_MAX) % BARCODES_MAX;
    let body = format!("549{serial:09}");
    let check = check_digit(&body).expect("the body is made of digits");
    format!("{body}{check}")
}

/// Prices on a shelf end in 5 or 9.
fn shelf_price(minor: i64) -> i64 {
    minor / 10 * 10 + if minor % 10 < 5 { 5 } else { 9 }
}

/// SplitMix64: small, fast, the same everywhere; chance for catalogs, never for secrets.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit; the tiny bias of the remainder does not matter here.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::tests::is_ean13;

    const MANY: u64 = 100_000;

    fn distinct<T: Ord>(of: impl Fn(GeneratedProduct) -> T) -> usize {
        generate(MANY, 42).map(of).collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn skus_barcodes_and_names_are_unique() {
        assert_eq!(distinct(|product| product.sku), MANY as usize);
        assert_eq!(distinct(|product| product.barcode), MANY as usize);
        // Loose goods have no size in their name, so a few of them share one.
        assert!(distinct(|product| product.name) > MANY as usize * 99 / 100);
    }

    #[test]
    fn every_product_is_believable() {
        for product in generate(MANY, 42) {
            assert!(is_ean13(&product.barcode) && product.barcode.starts_with("549"), "{product:?}");
            assert!((15..=4_000).contains(&product.price_minor), "{product:?}");
            assert!([600, 1200, 2100].contains(&product.vat_basis_points), "{product:?}");
            assert!((0..=300_000).contains(&product.stock_thousandths), "{product:?}");
            assert!(product.name.chars().count() <= 80 && product.name.split(' ').count() >= 5, "{product:?}");
            assert!(!product.name.contains([',', '"', ';']), "{product:?}");
        }
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        let some = |seed| generate(100, seed).collect::<Vec<_>>();
        assert_eq!(some(1), some(1));
        assert_ne!(some(1), some(2));
        assert_eq!(generate(1_000, 1).take(100).collect::<Vec<_>>(), some(1));
        assert_eq!(generate(0, 1).count(), 0);
    }

    #[test]
    fn the_first_product_of_a_seed_never_changes() {
        // Measurements of different days compare the same catalogs.
        let mut text = Vec::new();
        write_csv(2, 42, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let golden = [
            CSV_HEADER,
            "G00000001,Pâté au caramel Cave des Remparts lot de 2,5490000000424,\"Boucherie et charcuterie\",7.19,6,piece,136,yes",
            "G00000002,Bouquet bio Fournil des Aubépines lot de 6,5493874205315,\"Presse, fleurs et divers\",26.85,6,piece,158,yes",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), golden);
    }

    #[test]
    fn search_finds_many_words_and_all_kinds() {
        let mut words = BTreeMap::<String, usize>::new();
        for product in generate(10_000, 1) {
            product.name.split(' ').for_each(|word| *words.entry(word.to_owned()).or_default() += 1);
        }
        assert!(words.len() > 200, "{}", words.len());
        assert_eq!(distinct(|product| product.category), CATEGORIES.len());
        assert_eq!(distinct(|product| (product.vat_basis_points, product.by_weight)), 4);
    }

    #[test]
    fn a_million_barcodes_do_not_meet() {
        let numbers: BTreeSet<u64> = (0..1_000_000_u64).map(|number| number * 387_420_489 % BARCODES_MAX).collect();
        assert_eq!(numbers.len(), 1_000_000);
    }
}
