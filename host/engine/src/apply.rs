//! Takes in what a feed brings of other registers: edits are merged field by field, facts are added once, stock moves by
//! differences. A feed never blocks: what can't be taken is left out and told as a [`Finding`].
//!
//! Owns the rules that no index can keep between registers that do not see each other: two products of one article number,
//! two lives of one number. Both are stored, and a person is told.
//! Must not know: where a feed comes from, cursors, connections.

mod arrived;
mod edited;
mod facts;
pub mod feed;
pub(crate) mod finding;
mod readable;
#[cfg(test)]
mod tests;

pub use finding::{Finding, FindingKind};

use feed::{Applied, FEED_BYTES_MAX, FEED_CHANGES_MAX, Feed};

use crate::engine::Engine;
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::rows;
use crate::state::{Core, edit_counter};
use arrived::Arrived;
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{Uuid, Value};
use aurapos_domain::calendar::{DAY_US, Timestamp};

/// How far the clock of an edit may be ahead of this register's before it is told. The edit is taken in all the same: what
/// counts must not depend on whose clock looks at it, or registers would never agree (ADR 0035).
pub const STAMP_AHEAD_US_MAX: i64 = DAY_US;

/// Most findings that are looked up in one question.
const FINDINGS_ASKED_MAX: usize = 100;

/// What is gathered for the one transaction.
struct Taking<'a> {
    core: &'a Core,
    now: Timestamp,
    transaction: Transaction,
    /// The latest clock of an edit that was seen.
    clock: i64,
    applied: Applied,
    /// Transactions of which a fact can't be taken: none of theirs is.
    bad: std::collections::BTreeSet<Uuid>,
    /// Tables that changed.
    touched: std::collections::BTreeSet<&'static str>,
}

impl Taking<'_> {
    fn find(&mut self, kind: FindingKind, subject: impl Into<String>, other: impl Into<String>, told: String) {
        let finding = Finding::new(kind, subject.into(), other.into(), told, self.now);
        if !self.applied.findings.iter().any(|known| known.id() == finding.id()) {
            self.applied.findings.push(finding);
        }
    }
}

impl Engine {
    /// Takes a feed in. Refused whole only when the store fails, a commit is in doubt, or the feed is larger than allowed.
    pub(crate) fn apply(&mut self, feed: Feed, env: &mut dyn Env) -> EngineResult<Applied> {
        self.core.need_no_doubt()?;
        check_size(&feed)?;
        if self.core.store.outcome(feed.id)?.committed.is_some() {
            return Ok(Applied { already: true, ..Applied::default() });
        }
        let now = env.now();
        let mut taking = Taking {
            core: &self.core,
            now,
            transaction: Transaction { id: feed.id, time: now.0, ..Transaction::default() },
            clock: self.core.edit_clock,
            applied: Applied::default(),
            bad: std::collections::BTreeSet::new(),
            touched: std::collections::BTreeSet::new(),
        };
        let arrived = Arrived::sort(feed.changes, &mut taking);
        edited::take(arrived.edited, &mut taking)?;
        facts::take(arrived.facts, &mut taking)?;
        let known = known(&self.core, &taking.applied.findings)?;
        taking.applied.findings.retain(|finding| !known.contains(&finding.id()));
        rows::upsert(&mut taking.transaction, &taking.applied.findings.clone());
        rows::upsert(&mut taking.transaction, feed.mark.as_slice());
        let Taking { mut transaction, clock, applied, touched, .. } = taking;
        if clock > self.core.edit_clock {
            rows::upsert(&mut transaction, &[edit_counter(self.core.register.incarnation, clock)]);
        }
        // Also without rows: the feed's id is remembered, and its cursor may go on.
        self.core.write(&transaction)?;
        self.core.edit_clock = clock;
        self.refresh(&touched)?;
        self.out.events.push(Event::Applied(Box::new(applied.clone())));
        Ok(applied)
    }

    /// What is kept in memory becomes what is stored: shop, settings, rates, rights.
    fn refresh(&mut self, touched: &std::collections::BTreeSet<&'static str>) -> EngineResult<()> {
        let any = |tables: &[&str]| tables.iter().any(|table| touched.contains(table));
        if any(&["shop", "setting", "tax_rate"]) {
            self.core.reload()?;
        }
        if any(&["operator", "role"]) {
            self.refresh_people()?;
        }
        if any(&["product", "product_barcode", "category", "tax_rate"]) {
            self.out.events.push(Event::CatalogChanged { product: None });
        }
        Ok(())
    }
}

/// Those of the findings that somebody ticked off: they are told no more.
pub(crate) fn known(core: &Core, findings: &[Finding]) -> EngineResult<Vec<Uuid>> {
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Value> = findings.iter().map(|finding| finding.id().into()).collect();
    let mut known = Vec::new();
    for ids in ids.chunks(FINDINGS_ASKED_MAX) {
        let query = rows::query::<Finding>().filter_in("id", ids.to_vec());
        let rows: Vec<Finding> = rows::scan_all(core.store.as_ref(), query, core.currency())?;
        known.extend(rows.iter().filter(|finding| finding.resolved.is_some()).map(Finding::id));
    }
    Ok(known)
}

fn check_size(feed: &Feed) -> EngineResult<()> {
    let bytes: usize = feed.changes.iter().flat_map(|change| &change.row).map(Value::size).sum();
    if feed.changes.len() > FEED_CHANGES_MAX || bytes > FEED_BYTES_MAX {
        let (count, most) = (feed.changes.len(), FEED_CHANGES_MAX);
        return Err(Code::BadRequest.error(format!(
            "A feed of {count} changes and {bytes} bytes is more than is taken at once ({most} and {FEED_BYTES_MAX})."
        )));
    }
    Ok(())
}
