//! Finding past sales by what people remember: part of the number, who sold, how much, on which day.

use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_domain::ids::{OperatorId, RegisterCode};
use aurapos_domain::money::{Currency, Money};

use super::sales::{SUMMARY, SaleSummary, SalesPage, of_register, summary};
use crate::error::EngineResult;
use crate::fold::fold;

/// How many of the newest sales are looked at unless more are asked for: what a busy shop sells in months.
pub const LOOKED_AT: usize = 50_000;
/// Sales read at once.
const STEP: u32 = 2_000;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesSearch {
    /// Words; a sale fits every one of them. A word is part of a receipt number, the beginning of the operator's name, an
    /// amount (`12,50`) or a day (`2026-11-22`, `22/11/2026`, `22/11`). No words: the newest.
    pub text: String,
    /// Sales at or after this time alone. A whole receipt number is found whenever it was sold.
    pub from: Option<Timestamp>,
    /// At most so many, at least one.
    pub limit: usize,
    /// How many sales are looked at: a search without a hit must not read the sales of ten years.
    pub looked_at: usize,
    /// Sales of this register alone; a whole receipt number is found wherever it was sold.
    pub register: Option<RegisterCode>,
    /// Whose.
    pub whose: Whose,
}

impl SalesSearch {
    /// A search among the newest sales.
    pub fn of(text: &str, limit: usize) -> SalesSearch {
        let text = text.to_owned();
        SalesSearch { text, from: None, limit, looked_at: LOOKED_AT, register: None, whose: Whose::ALL }
    }
}

/// One word of a search, in each way in which it can be meant.
struct Word {
    /// As part of a receipt number.
    number: String,
    /// As the beginning of a word of a name.
    name: String,
    amount: Option<Money>,
    day: Option<Day>,
}

/// A day, perhaps without its year.
enum Day {
    Whole(Date),
    EachYear(u32, u32),
}

/// Whose sales are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whose {
    /// Only what this one sold; `None`: everybody's.
    pub operator: Option<OperatorId>,
    /// Somebody else's too, when its whole number is given.
    pub by_number: bool,
}

impl Whose {
    /// Everybody's.
    pub const ALL: Whose = Whose { operator: None, by_number: true };
}

/// Sales that fit, newest first; `more` when there are others, or sales that were not looked at.
pub fn sales_search(store: &dyn RecordStore, search: &SalesSearch) -> EngineResult<SalesPage> {
    let currency = super::shop(store)?.currency;
    let words: Vec<Word> = search.text.split_whitespace().map(|word| Word::of(word, currency)).collect();
    let limit = search.limit.max(1);
    let step = if words.is_empty() { u32::try_from(limit).unwrap_or(STEP).saturating_add(1).min(STEP) } else { STEP };
    let mut query = Query::over("sale").select(SUMMARY).order_by("time", true).limit(step);
    query = of_register(query, search.register.as_ref());
    if let Some(from) = search.from {
        query = query.filter("time", FilterKind::AtLeast, Value::Time(from.0));
    }
    if let Some(operator) = search.whose.operator {
        query = query.filter("operator", FilterKind::Equal, operator.uuid());
    }
    let mut page = SalesPage::default();
    let mut looked_at = 0;
    'looking: loop {
        let batch = store.scan(&query)?;
        for row in 0..batch.len() {
            if looked_at == search.looked_at {
                page.more = true;
                break 'looking;
            }
            looked_at += 1;
            let sale = summary(&batch, row, currency)?;
            if words.iter().all(|word| word.fits(&sale)) {
                if page.sales.len() == limit {
                    page.more = true;
                    break 'looking;
                }
                page.sales.push(sale);
            }
        }
        if batch.next().is_empty() {
            break;
        }
        query.after = batch.next().to_vec();
    }
    if page.sales.is_empty()
        && search.whose.by_number
        && let Some(sale) = by_number(store, &search.text, currency)?
    {
        // A number is given once: there is no other.
        return Ok(SalesPage { sales: vec![sale], more: false });
    }
    Ok(page)
}

fn by_number(store: &dyn RecordStore, text: &str, currency: Currency) -> EngineResult<Option<SaleSummary>> {
    let Ok(number) = aurapos_domain::ids::ReceiptNumber::parse(&text.trim().to_uppercase()) else { return Ok(None) };
    let filter = crate::rows::equal("receipt_no", number.to_string());
    let query = Query { filters: vec![filter], ..Query::over("sale").select(SUMMARY).limit(1) };
    let batch = store.scan(&query)?;
    if batch.is_empty() { Ok(None) } else { summary(&batch, 0, currency).map(Some) }
}

impl Word {
    fn of(word: &str, currency: Currency) -> Word {
        let plain = word.trim_matches(|letter: char| !letter.is_alphanumeric()).replace(',', ".");
        Word {
            number: word.to_uppercase(),
            name: fold(word),
            amount: Money::parse(&plain, currency).ok(),
            day: day_of(word),
        }
    }

    fn fits(&self, sale: &SaleSummary) -> bool {
        sale.receipt_no.contains(&self.number) || self.is_name(sale) || self.is_amount(sale) || self.is_day(sale)
    }

    fn is_name(&self, sale: &SaleSummary) -> bool {
        // A name of two words joined by a hyphen is looked for as typed.
        let name = format!(" {}", fold(&sale.operator_name));
        !self.name.is_empty() && name.contains(&format!(" {}", self.name))
    }

    fn is_amount(&self, sale: &SaleSummary) -> bool {
        let paid = sale.total.checked_add(sale.rounding).unwrap_or(sale.total);
        let size = |money: Money| money.minor.unsigned_abs();
        self.amount.is_some_and(|amount| size(amount) == size(sale.total) || size(amount) == size(paid))
    }

    fn is_day(&self, sale: &SaleSummary) -> bool {
        let day = sale.time.local(sale.utc_offset_s).date;
        match &self.day {
            None => false,
            Some(Day::Whole(date)) => *date == day,
            Some(Day::EachYear(month, in_month)) => {
                let (_, sold_month, sold_day) = day.ymd();
                (sold_month, sold_day) == (*month, *in_month)
            }
        }
    }
}

fn day_of(word: &str) -> Option<Day> {
    if let Ok(date) = Date::parse(word) {
        return Some(Day::Whole(date));
    }
    let parts: Vec<&str> = word.split(['/', '.', '-']).filter(|part| !part.is_empty()).collect();
    let number = |part: &&str| part.parse::<u32>().ok();
    let day = number(parts.first()?)?;
    let month = number(parts.get(1)?)?;
    if word.contains(['/', '-']) || word.ends_with('.') || parts.len() == 3 {
        return match parts.get(2) {
            Some(year) => {
                let year = i32::try_from(number(year)?).ok()?;
                let year = if year < 100 { year + 2000 } else { year };
                Date::from_ymd(year, month, day).ok().map(Day::Whole)
            }
            None => Some(Day::EachYear(month, day)),
        };
    }
    None
}
