//! What differs between countries, as data. No other module names a country, a percentage or a rounding step.

use crate::calendar::Date;
use crate::ids::TaxRateId;
use crate::money::Currency;
use crate::tax::{PriceMode, TaxCode, TaxError, TaxRate, TaxTable};
use crate::tender::{RoundingRule, RoundingScope};

/// A VAT rate of a country from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountryRate {
    /// The tax code that products name.
    pub code: &'static str,
    /// Basis points: 21 % = 2100.
    pub rate_bp: i64,
    /// First day, as year, month, day.
    pub valid_from: (i32, u32, u32),
}

/// How a country's VAT numbers are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VatNumberRule {
    /// `BE` and ten digits, the last two are 97 minus the first eight modulo 97.
    Belgium,
    /// `LU` and eight digits, the last two are the first six modulo 89.
    Luxembourg,
    /// Anything that is not empty.
    Any,
}

/// Everything that a country decides for a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryProfile {
    /// ISO 3166 code; `XX` is nobody's.
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
    /// The money.
    pub currency: Currency,
    /// Whether prices contain the VAT.
    pub price_mode: PriceMode,
    /// The rates.
    pub rates: &'static [CountryRate],
    /// Cash rounding.
    pub rounding: RoundingRule,
    /// Years for which weekly backups are kept unless the shop sets another number.
    pub retention_years: u8,
    /// IANA time zone.
    pub timezone: &'static str,
    /// Languages that customers expect, the most common one first.
    pub languages: &'static [&'static str],
    /// The check of VAT numbers.
    pub vat_number: VatNumberRule,
}

/// What can be wrong with a VAT number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VatNumberError {
    /// Not the form of the country.
    #[error("\"{text}\" is not a VAT number of the form {form}")]
    Form {
        /// What was given, cut to a readable length.
        text: String,
        /// The form of the country.
        form: &'static str,
    },
    /// The check digits do not fit: a digit is mistyped.
    #[error("the check digits of {text} are wrong")]
    CheckDigits {
        /// What was given.
        text: String,
    },
}

/// Belgium. Rates: Royal Decree no. 20; rounding: Code of Economic Law VI.7/1 (since 1 December 2019).
const BELGIUM: CountryProfile = CountryProfile {
    code: "BE",
    name: "Belgium",
    currency: Currency::EUR,
    price_mode: PriceMode::Inclusive,
    rates: &[
        CountryRate { code: "standard", rate_bp: 2100, valid_from: (1996, 1, 1) },
        CountryRate { code: "intermediate", rate_bp: 1200, valid_from: (1992, 4, 1) },
        CountryRate { code: "reduced", rate_bp: 600, valid_from: (1992, 4, 1) },
        CountryRate { code: "zero", rate_bp: 0, valid_from: (1992, 4, 1) },
    ],
    rounding: RoundingRule { scope: RoundingScope::CashPart, step_minor: 5, total_over_minor: 5 },
    retention_years: 7,
    timezone: "Europe/Brussels",
    languages: &["nl", "fr", "de", "en"],
    vat_number: VatNumberRule::Belgium,
};

/// Luxembourg, whose rates were one point lower in 2023: a rate has a start date for a reason.
const LUXEMBOURG: CountryProfile = CountryProfile {
    code: "LU",
    name: "Luxembourg",
    currency: Currency::EUR,
    price_mode: PriceMode::Inclusive,
    rates: &[
        CountryRate { code: "standard", rate_bp: 1700, valid_from: (2015, 1, 1) },
        CountryRate { code: "standard", rate_bp: 1600, valid_from: (2023, 1, 1) },
        CountryRate { code: "standard", rate_bp: 1700, valid_from: (2024, 1, 1) },
        CountryRate { code: "intermediate", rate_bp: 1400, valid_from: (2015, 1, 1) },
        CountryRate { code: "intermediate", rate_bp: 1300, valid_from: (2023, 1, 1) },
        CountryRate { code: "intermediate", rate_bp: 1400, valid_from: (2024, 1, 1) },
        CountryRate { code: "reduced", rate_bp: 800, valid_from: (2015, 1, 1) },
        CountryRate { code: "reduced", rate_bp: 700, valid_from: (2023, 1, 1) },
        CountryRate { code: "reduced", rate_bp: 800, valid_from: (2024, 1, 1) },
        CountryRate { code: "super-reduced", rate_bp: 300, valid_from: (2015, 1, 1) },
    ],
    rounding: RoundingRule::NONE,
    retention_years: 10,
    timezone: "Europe/Luxembourg",
    languages: &["fr", "de", "en"],
    vat_number: VatNumberRule::Luxembourg,
};

/// Nobody's country: prices without VAT, dollars, no rounding. It proves that nothing above is hard-coded.
const NEUTRAL: CountryProfile = CountryProfile {
    code: "XX",
    name: "Neutral (prices without tax)",
    currency: Currency::USD,
    price_mode: PriceMode::Exclusive,
    rates: &[
        CountryRate { code: "standard", rate_bp: 825, valid_from: (2000, 1, 1) },
        CountryRate { code: "zero", rate_bp: 0, valid_from: (2000, 1, 1) },
    ],
    rounding: RoundingRule::NONE,
    retention_years: 7,
    timezone: "Etc/UTC",
    languages: &["en"],
    vat_number: VatNumberRule::Any,
};

impl CountryProfile {
    /// All profiles.
    pub const ALL: &'static [CountryProfile] = &[BELGIUM, LUXEMBOURG, NEUTRAL];

    /// Nobody's profile: what stands for one that this program does not know.
    pub fn neutral() -> &'static CountryProfile {
        &NEUTRAL
    }

    /// The profiles that a new shop may have: those of countries. The neutral one is for shops that had it and for tests.
    pub fn offered() -> impl Iterator<Item = &'static CountryProfile> {
        Self::ALL.iter().filter(|profile| profile.code != NEUTRAL.code)
    }

    /// The profile of an ISO 3166 code such as `BE`.
    pub fn find(code: &str) -> Option<&'static CountryProfile> {
        Self::ALL.iter().find(|profile| profile.code == code)
    }

    /// The rates as a table; `id` names each by its place in `rates`.
    pub fn tax_table(&self, id: impl Fn(usize) -> TaxRateId) -> Result<TaxTable, TaxError> {
        let mut rates = Vec::with_capacity(self.rates.len());
        for (index, rate) in self.rates.iter().enumerate() {
            let (year, month, day) = rate.valid_from;
            let valid_from = Date::from_ymd(year, month, day).expect("the profiles above name days that exist");
            rates.push(TaxRate { id: id(index), code: TaxCode::parse(rate.code)?, rate_bp: rate.rate_bp, valid_from });
        }
        TaxTable::new(rates)
    }
}

impl VatNumberRule {
    /// Checks a VAT number and returns it without spaces, dots and dashes: `BE 0123.456.749` becomes `BE0123456749`.
    pub fn normalise(self, text: &str) -> Result<String, VatNumberError> {
        let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_uppercase();
        let form = |form| VatNumberError::Form { text: text.chars().take(40).collect(), form };
        match self {
            VatNumberRule::Belgium => {
                let digits = plain.strip_prefix("BE").unwrap_or(&plain);
                // Numbers of before 2005 had nine digits and got a zero in front.
                let digits = if digits.len() == 9 { format!("0{digits}") } else { digits.to_owned() };
                let number =
                    all_digits(&digits, 10).filter(|n| *n < 2_000_000_000).ok_or_else(|| form("BE0123456749"))?;
                if 97 - (number / 100) % 97 != number % 100 {
                    return Err(VatNumberError::CheckDigits { text: format!("BE{digits}") });
                }
                Ok(format!("BE{digits}"))
            }
            VatNumberRule::Luxembourg => {
                let digits = plain.strip_prefix("LU").unwrap_or(&plain);
                let number = all_digits(digits, 8).ok_or_else(|| form("LU12345613"))?;
                if (number / 100) % 89 != number % 100 {
                    return Err(VatNumberError::CheckDigits { text: format!("LU{digits}") });
                }
                Ok(format!("LU{digits}"))
            }
            VatNumberRule::Any if plain.is_empty() => Err(form("any letters and digits")),
            VatNumberRule::Any => Ok(plain),
        }
    }
}

fn all_digits(text: &str, length: usize) -> Option<u64> {
    if text.len() == length && text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
