//! VAT: rates with a start date, and the tax on the sum of the lines of each rate.
//!
//! Which rates a country has is data (`country`); nothing here knows a percentage.

use crate::calendar::Date;
use crate::ids::TaxRateId;
use crate::money::{Currency, Money, MoneyError, div_half_away};
use std::collections::BTreeMap;
use std::fmt;

/// A whole in basis points: 100 % = 10 000.
pub const WHOLE_BP: i64 = 10_000;
/// The highest rate that is believed, in basis points (100 %).
pub const RATE_BP_MAX: i64 = WHOLE_BP;

/// What can be wrong with a tax rate or a VAT table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaxError {
    /// A tax code is 1 to 16 lower-case letters, digits, `-` or `_`.
    #[error("\"{text}\" is not a tax code (1 to 16 of a-z, 0-9, - and _)")]
    BadCode {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// No rate of that code is valid on that day.
    #[error("there is no tax rate \"{code}\" valid on {date}")]
    NoRate {
        /// The code that was looked for.
        code: TaxCode,
        /// The day it was looked for.
        date: Date,
    },
    /// No rate of that percentage is valid on that day.
    #[error("there is no tax rate of {} % on {date}", percent(*rate_bp))]
    NoSuchPercentage {
        /// The rate that was looked for, in basis points.
        rate_bp: i64,
        /// The day it was looked for.
        date: Date,
    },
    /// Below 0 % or above 100 %.
    #[error("a tax rate of {} % is outside of 0 to 100 %", percent(*rate_bp))]
    RateOutOfRange {
        /// The rate in basis points.
        rate_bp: i64,
    },
    /// Two rates of one code start on the same day.
    #[error("the tax rate \"{code}\" starts twice on {date}")]
    StartsTwice {
        /// The code.
        code: TaxCode,
        /// The day.
        date: Date,
    },
    /// A refund of a rate that the sale did not have.
    #[error("nothing was taxed with {} % that could be given back", percent(*rate_bp))]
    NothingLeft {
        /// The rate in basis points.
        rate_bp: i64,
    },
    /// An amount did not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A rate in basis points as people write percentages: `21`, `5.5`, `8.25`.
pub fn percent(rate_bp: i64) -> String {
    Money::new(rate_bp, Currency::EUR).to_decimal().trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Whether the prices of a shop contain the VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PriceMode {
    /// Prices include VAT (consumers in Europe).
    Inclusive,
    /// VAT is added to the prices.
    Exclusive,
}

impl PriceMode {
    /// The stable name in stores and settings.
    pub const fn code(self) -> &'static str {
        match self {
            PriceMode::Inclusive => "inclusive",
            PriceMode::Exclusive => "exclusive",
        }
    }

    /// The mode of a stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        [PriceMode::Inclusive, PriceMode::Exclusive].into_iter().find(|mode| mode.code() == code)
    }
}

/// The name of a kind of rate that stays when the percentage changes: `standard`, `reduced`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxCode(String);

impl TaxCode {
    /// Most characters a code may have.
    pub const CHARS_MAX: usize = 16;

    /// Checks and takes a code.
    pub fn parse(text: &str) -> Result<Self, TaxError> {
        let fits = !text.is_empty() && text.len() <= Self::CHARS_MAX;
        if fits && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_') {
            Ok(TaxCode(text.to_owned()))
        } else {
            Err(TaxError::BadCode { text: text.chars().take(40).collect() })
        }
    }

    /// Takes a code that is stored already. One that can be none here is of a newer program: there is no rate for it, so
    /// that nothing is sold with it, and it stays as it is.
    pub fn stored(text: &str) -> Self {
        TaxCode(text.to_owned())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaxCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A rate from a day on, until a later rate of the same code starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    /// The id of this row.
    pub id: TaxRateId,
    /// Which kind of rate.
    pub code: TaxCode,
    /// Basis points: 21 % = 2100.
    pub rate_bp: i64,
    /// First day on which it is used.
    pub valid_from: Date,
}

/// All rates of a shop.
// Private field: sorted by code and start, one rate per code and day. Each within 0 to 100 %, or of a newer program: then it
// is no rate to tax with, and hides those of its code that started before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaxTable {
    rates: Vec<TaxRate>,
}

impl TaxTable {
    /// Checks and takes the rates.
    pub fn new(rates: Vec<TaxRate>) -> Result<Self, TaxError> {
        for rate in &rates {
            check_rate(rate.rate_bp)?;
        }
        TaxTable::stored(rates)
    }

    /// Takes rates that are stored already, also those of a newer program that are none here.
    ///
    /// # Errors
    /// [`TaxError::StartsTwice`].
    pub fn stored(mut rates: Vec<TaxRate>) -> Result<Self, TaxError> {
        rates.sort_by(|a, b| (&a.code, a.valid_from).cmp(&(&b.code, b.valid_from)));
        for pair in rates.windows(2) {
            if pair[0].code == pair[1].code && pair[0].valid_from == pair[1].valid_from {
                return Err(TaxError::StartsTwice { code: pair[0].code.clone(), date: pair[0].valid_from });
            }
        }
        Ok(TaxTable { rates })
    }

    /// All rates, sorted by code and start.
    pub fn rates(&self) -> &[TaxRate] {
        &self.rates
    }

    /// The rate of a code on a day: the one that started last.
    pub fn rate_on(&self, code: &TaxCode, date: Date) -> Result<&TaxRate, TaxError> {
        let started = |rate: &&TaxRate| rate.code == *code && rate.valid_from <= date;
        let rate = self.rates.iter().rfind(started).ok_or_else(|| TaxError::NoRate { code: code.clone(), date })?;
        // Not the one before: it ended on that day, whatever the new one means.
        check_rate(rate.rate_bp).map(|()| rate)
    }

    /// The rate that has this percentage on a day; what an import needs that says `21`.
    pub fn rate_of_percentage(&self, rate_bp: i64, date: Date) -> Result<&TaxRate, TaxError> {
        let current = |rate: &&TaxRate| self.rate_on(&rate.code, date).is_ok_and(|now| now.id == rate.id);
        self.rates
            .iter()
            .filter(current)
            .find(|rate| rate.rate_bp == rate_bp)
            .ok_or(TaxError::NoSuchPercentage { rate_bp, date })
    }
}

/// Fails unless the rate is between 0 and 100 %.
pub fn check_rate(rate_bp: i64) -> Result<(), TaxError> {
    if (0..=RATE_BP_MAX).contains(&rate_bp) { Ok(()) } else { Err(TaxError::RateOutOfRange { rate_bp }) }
}

/// The VAT of one rate in a sale: `base + amount = gross`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VatRow {
    /// Basis points: 21 % = 2100.
    pub rate_bp: i64,
    /// What is taxed.
    pub base: Money,
    /// The tax.
    pub amount: Money,
    /// Both together.
    pub gross: Money,
}

/// The VAT row of one rate, on the sum of its lines (with or without VAT, as `mode` says).
pub fn vat_row(mode: PriceMode, rate_bp: i64, sum: Money) -> Result<VatRow, TaxError> {
    check_rate(rate_bp)?;
    match mode {
        PriceMode::Inclusive => {
            // total − total/(1+rate), so that base and amount add up to what the customer pays.
            let base = div_half_away(i128::from(sum.minor) * i128::from(WHOLE_BP), i128::from(WHOLE_BP + rate_bp));
            let base = Money::new(i64::try_from(base).map_err(|_| MoneyError::Overflow)?, sum.currency);
            Ok(VatRow { rate_bp, base, amount: sum.checked_sub(base)?, gross: sum })
        }
        PriceMode::Exclusive => {
            let amount = sum.basis_points(rate_bp)?;
            Ok(VatRow { rate_bp, base: sum, amount, gross: sum.checked_add(amount)? })
        }
    }
}

/// One row per rate, highest rate first, from (rate, amount) of each line.
pub fn vat_rows(
    mode: PriceMode,
    currency: Currency,
    lines: impl IntoIterator<Item = (i64, Money)>,
) -> Result<Vec<VatRow>, TaxError> {
    sums(currency, lines)?.into_iter().rev().map(|(rate_bp, sum)| vat_row(mode, rate_bp, sum)).collect()
}

fn sums(currency: Currency, lines: impl IntoIterator<Item = (i64, Money)>) -> Result<BTreeMap<i64, Money>, MoneyError> {
    let mut sums: BTreeMap<i64, Money> = BTreeMap::new();
    for (rate_bp, net) in lines {
        let sum = sums.entry(rate_bp).or_insert(Money::zero(currency));
        *sum = sum.checked_add(net)?;
    }
    Ok(sums)
}

/// The VAT row of one rate of a refund: what was taxed so far (`left`: the sale less what came back before) less what the
/// rest of the sale is taxed with, when `back` (below zero) comes off. So every cent of the tax comes back with the last
/// part, whatever the parts were and however earlier ones were computed.
pub fn vat_row_back(mode: PriceMode, left: &VatRow, back: Money) -> Result<VatRow, TaxError> {
    let taxed = match mode {
        PriceMode::Inclusive => left.gross,
        PriceMode::Exclusive => left.base,
    };
    let rest = vat_row(mode, left.rate_bp, taxed.checked_add(back)?)?;
    Ok(VatRow {
        rate_bp: left.rate_bp,
        base: rest.base.checked_sub(left.base)?,
        amount: rest.amount.checked_sub(left.amount)?,
        gross: rest.gross.checked_sub(left.gross)?,
    })
}

/// The rows of a refund, as [`vat_rows`]; `left` has a row for each rate, or the refund is not of that sale. A rate of `left`
/// without a line is settled as it stands.
pub fn vat_rows_back(
    mode: PriceMode,
    currency: Currency,
    lines: impl IntoIterator<Item = (i64, Money)>,
    left: &[VatRow],
) -> Result<Vec<VatRow>, TaxError> {
    let row = |(rate_bp, back)| {
        let left = left.iter().find(|row| row.rate_bp == rate_bp).ok_or(TaxError::NothingLeft { rate_bp })?;
        vat_row_back(mode, left, back)
    };
    let mut back = sums(currency, lines)?;
    for row in left {
        back.entry(row.rate_bp).or_insert(Money::zero(currency));
    }
    back.into_iter().rev().map(row).collect()
}

/// Whether a rate has tax left and nothing that is taxed: all of it came back, by programs that taxed each part by itself.
pub fn is_left_over(mode: PriceMode, left: &VatRow) -> bool {
    let taxed = match mode {
        PriceMode::Inclusive => left.gross,
        PriceMode::Exclusive => left.base,
    };
    taxed.is_zero() && !left.amount.is_zero()
}

/// What there is left to give back of each rate: the sale's rows with those of its refunds (below zero) put together.
pub fn vat_left<'a>(sold: &[VatRow], back: impl IntoIterator<Item = &'a VatRow>) -> Result<Vec<VatRow>, MoneyError> {
    let mut left = sold.to_vec();
    for row in back {
        let Some(of) = left.iter_mut().find(|of| of.rate_bp == row.rate_bp) else { continue };
        of.base = of.base.checked_add(row.base)?;
        of.amount = of.amount.checked_add(row.amount)?;
        of.gross = of.gross.checked_add(row.gross)?;
    }
    Ok(left)
}

#[cfg(test)]
mod tests;
