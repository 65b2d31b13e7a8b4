//! Checks a store or a copy: journal chains, money, stock and projections; yields the contract's `CopyCheck`.
//!
//! The journal is the truth. A register's own lives are checked whole, to the last number; of other registers there is what
//! was received of them, and that must fit together. Everything that can be made from it is made again, entry by entry, and compared with what is
//! stored: sales, lines, tenders, VAT, stock moves and levels, drawers, counters, heads. Streams over the store page by
//! page, so that a copy of any size can be checked while the register sells.
//! Must not know: how the store keeps its files (the storage's own `verify` does).

mod compare;
pub(crate) mod entry;
mod sums;
#[cfg(test)]
mod tests;
mod walk;

pub use walk::check_store;

use aurapos_contract::RecordStore;
use aurapos_contract::backup::CopyCheck;
use aurapos_contract::storage::TableCount;
use aurapos_domain::ids::{IncarnationId, RegisterCode};

use crate::error::{Code, EngineResult};

/// Problems that are kept with their sentences; further ones are counted.
pub const PROBLEMS_MAX: usize = 100;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What and where: `sale R1-1-000004: …`.
    pub message: String,
    /// The journal entry that it belongs to.
    pub entry: Option<EntryPlace>,
}

/// A journal entry by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPlace {
    /// `R1`.
    pub register: String,
    /// Code of the incarnation.
    pub incarnation: String,
    /// Number in its chain.
    pub seq: u64,
}

/// One chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Whose life.
    pub incarnation: IncarnationId,
    /// `R1`.
    pub register: RegisterCode,
    /// Code of the incarnation.
    pub code: String,
    /// Entries.
    pub entries: u64,
    /// Sales and refunds.
    pub sales: u64,
    /// The first entry that is bad or missing, and why.
    pub first_bad: Option<(u64, String)>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// Journal entries.
    pub entries: u64,
    /// Sales and refunds.
    pub sales: u64,
    /// Entries of other registers that only a newer program reads: they are where they belong and unchanged, and what they
    /// made was counted, not compared.
    pub received: u64,
    /// Every chain.
    pub chains: Vec<ChainReport>,
    /// How many problems.
    pub problem_count: u64,
    /// The first [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
}

impl CheckReport {
    /// Nothing differs.
    pub const fn ok(&self) -> bool {
        self.problem_count == 0
    }

    /// The first problem: with its journal entry where it has one.
    pub fn first_bad(&self) -> Option<&Problem> {
        self.problems.first()
    }

    /// `opened and reconciled, 12,431 sales, 0 differences`.
    pub fn summary(&self) -> String {
        let differences = if self.problem_count == 1 { "difference" } else { "differences" };
        let sales = if self.sales == 1 { "sale" } else { "sales" };
        let (made, found) = (grouped(self.sales), grouped(self.problem_count));
        let received = match self.received {
            0 => String::new(),
            1 => ", 1 entry of a newer program counted only".to_owned(),
            more => format!(", {} entries of a newer program counted only", grouped(more)),
        };
        format!("opened and reconciled, {made} {sales}, {found} {differences}{received}")
    }

    /// A row that can't be read is a finding of the check, not its end; a store that fails is.
    fn take_damage(&mut self, result: EngineResult<()>) -> EngineResult<()> {
        match result {
            Err(error) if error.is(Code::RowDamaged) => {
                self.problem(error.message, None);
                Ok(())
            }
            other => other,
        }
    }

    fn problem(&mut self, message: String, entry: Option<EntryPlace>) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { message, entry });
        }
    }
}

/// Checks a copy (as [`crate::schema::older::seen_today`] gives it) and answers in the contract's form, with the rows of each table.
pub fn check_copy(store: &dyn RecordStore, keep_on: &mut dyn FnMut(u64, u64) -> bool) -> EngineResult<CopyCheck> {
    let report = check_store(store, keep_on)?;
    let shop = crate::queries::shop(store)?;
    let info = store.info()?;
    let mut tables = Vec::new();
    for table in crate::schema::schema().tables {
        let rows = crate::queries::count(store, &table.name, Vec::new())?;
        tables.push(TableCount { table: table.name, rows });
    }
    let mut problems: Vec<String> = report.problems.iter().map(|problem| problem.message.clone()).collect();
    let more = report.problem_count - problems.len() as u64;
    if more > 0 {
        problems.push(format!("and {} more", grouped(more)));
    }
    Ok(CopyCheck {
        ok: report.ok(),
        problems,
        sales: report.sales,
        entries: report.entries,
        position: info.position,
        tables,
        shop: shop.id.uuid(),
        shop_name: shop.name,
        schema_major: info.schema_major,
        schema_minor: info.schema_minor,
        summary: report.summary(),
    })
}

/// `12,431`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
