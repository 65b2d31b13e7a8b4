//! Customers made from a seed: equal seeds bring equal baskets. Chance for tests, never for secrets.

use crate::shop::{OPERATOR, PIN};
use serde_json::{Value, json};

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Equal seeds, equal numbers.
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// The seed of the environment's variable `name`, or `usual`; printed, so that a failure can be repeated.
    pub fn from_env(name: &str, usual: u64) -> Self {
        let seed = number_from_env(name, usual);
        println!("{name}={seed}");
        Chance(seed)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.any() % limit.max(1)
    }

    /// One of them.
    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

/// A number of the environment, or the usual one.
///
/// # Panics
/// The variable holds something else.
pub fn number_from_env(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Customers of the sample shop and of a generated catalog of `generated` products (seed 42).
#[derive(Debug)]
pub struct Customers {
    chance: Chance,
    /// Code, and whether it is sold by weight.
    goods: Vec<(String, bool)>,
}

impl Customers {
    /// Who come with this seed.
    pub fn new(seed: u64, generated: u64) -> Self {
        let made = aurapos_sample::generate(generated, 42).map(|product| (product.barcode, product.by_weight));
        let pieces = ["BOUL-001", "EAU-001", "BOUL-002"].map(|sku| (sku.to_owned(), false));
        let loose = ["FRUIT-001"].map(|sku| (sku.to_owned(), true));
        Customers { chance: Chance::new(seed), goods: pieces.into_iter().chain(loose).chain(made).collect() }
    }

    /// The next one, as a line of a script with an id of its own.
    pub fn sale(&mut self) -> Value {
        let items: Vec<Value> = (0..=self.chance.below(4)).map(|_| self.item()).collect();
        let discount = match self.chance.below(10) {
            0 => json!("10%"),
            1 => json!("0.04"),
            _ => Value::Null,
        };
        let tender = if self.chance.below(2) == 0 { json!("2000.00") } else { Value::Null };
        json!({
            "id": self.id(), "operator": OPERATOR, "pin": PIN, "items": items, "discount": discount,
            "tenders": [{"cash": tender}],
        })
    }

    /// So many of them.
    pub fn sales(&mut self, count: usize) -> Vec<Value> {
        (0..count).map(|_| self.sale()).collect()
    }

    fn item(&mut self) -> Value {
        let (code, by_weight) = self.chance.one_of(&self.goods).clone();
        let quantity = match by_weight {
            true => format!("0.{:03}", 300 + self.chance.below(700)),
            false => (1 + self.chance.below(3)).to_string(),
        };
        json!({"item": code, "qty": quantity})
    }

    /// A random UUID.
    fn id(&mut self) -> String {
        let (high, low) = (self.chance.any(), self.chance.any());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48 & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}
