//! What adds up over the whole journal: stock, drawers, counters, lifetime totals, how many rows there are.

use std::collections::{BTreeMap, HashMap};

use aurapos_contract::RecordStore;
use aurapos_domain::drawer::DrawerSession;
use aurapos_domain::ids::{DrawerSessionId, IncarnationId, ProductId};
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::sale::{CommittedSale, PerpetualTotals};
use aurapos_domain::tender::TenderKind;

use super::CheckReport;
use crate::error::EngineResult;
use crate::queries::count;
use crate::rows;
use crate::rows::drawer::{DrawerMove, DrawerRow, DrawerTotal};
use crate::rows::lookup;
use crate::rows::register::{Counter, DRAWERS, RECEIPTS};
use crate::rows::stock::{StockLevel, StockMoveRow};

/// The numbers that a chain ends with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ChainSums {
    /// The last receipt's counter.
    pub receipts: u64,
    /// The last drawer session's number; 0 when this life opened none.
    pub drawers: u64,
    /// Lifetime totals.
    pub totals: PerpetualTotals,
}

/// Sums over every chain. Memory: a few bytes per product that ever moved and per drawer session.
#[derive(Debug, Default)]
pub(super) struct Sums {
    stock: HashMap<ProductId, i64>,
    drawers: BTreeMap<DrawerSessionId, Drawer>,
    /// Rows that the journal makes, per table.
    rows: BTreeMap<&'static str, u64>,
    pub chains: BTreeMap<IncarnationId, ChainSums>,
}

#[derive(Debug)]
struct Drawer {
    session: DrawerSession,
    tenders: BTreeMap<TenderKind, i64>,
}

impl Sums {
    pub fn rows_made(&mut self, table: &'static str, rows: usize) {
        *self.rows.entry(table).or_default() += rows as u64;
    }

    pub fn stock_moved(&mut self, moves: &[StockMoveRow]) {
        for moved in moves {
            let level = self.stock.entry(moved.product).or_default();
            *level = level.saturating_add(moved.quantity.thousandths());
        }
    }

    /// What moved by an entry that only a newer program reads.
    pub fn stock_received(&mut self, product: ProductId, thousandths: i64) {
        let level = self.stock.entry(product).or_default();
        *level = level.saturating_add(thousandths);
    }

    pub fn drawer_opened(&mut self, session: DrawerSession) {
        self.drawers.insert(session.id, Drawer { session, tenders: BTreeMap::new() });
    }

    /// False when the drawer was never opened.
    pub fn cash_moved(&mut self, moved: &DrawerMove) -> bool {
        let Some(drawer) = self.drawers.get_mut(&moved.drawer) else { return false };
        let sum = match moved.kind.as_str() {
            "loan" => &mut drawer.session.loans,
            "pickup" => &mut drawer.session.pickups,
            _ => return true,
        };
        sum.minor = sum.minor.saturating_add(moved.amount.minor);
        true
    }

    /// False when the drawer was never opened.
    pub fn sold(&mut self, sale: &CommittedSale) -> bool {
        let Some(drawer) = self.drawers.get_mut(&sale.header.drawer_session) else { return false };
        for tender in &sale.tenders {
            let sum = drawer.tenders.entry(tender.kind).or_default();
            *sum = sum.saturating_add(tender.applied.minor);
        }
        true
    }

    /// Compares every sum with what is stored.
    pub fn finish(mut self, store: &dyn RecordStore, currency: Currency, report: &mut CheckReport) -> EngineResult<()> {
        for (&table, &made) in &self.rows {
            let found = count(store, table, Vec::new())?;
            if found != made {
                report.problem(format!("{table}: the table has {found} rows, the journal makes {made}"), None);
            }
        }
        let stock = self.stock_levels(store, currency, report);
        report.take_damage(stock)?;
        let drawers = self.drawer_rows(store, currency, report);
        report.take_damage(drawers)?;
        let counters = self.counters(store, currency, report);
        report.take_damage(counters)
    }

    fn stock_levels(
        &mut self,
        store: &dyn RecordStore,
        currency: Currency,
        report: &mut CheckReport,
    ) -> EngineResult<()> {
        let stock = &mut self.stock;
        lookup::each_record(store, rows::query::<StockLevel>(), currency, |levels: Vec<StockLevel>| {
            for level in levels {
                let sum = Quantity::from_thousandths(stock.remove(&level.product).unwrap_or_default());
                if sum != level.quantity {
                    let (product, found) = (level.product, level.quantity);
                    report
                        .problem(format!("stock_level, product {product}: it is {found}, the moves make {sum}"), None);
                }
            }
            Ok(())
        })?;
        let mut missing: Vec<_> = self.stock.iter().filter(|(_, sum)| **sum != 0).collect();
        missing.sort_unstable();
        for (product, sum) in missing {
            let sum = Quantity::from_thousandths(*sum);
            report.problem(format!("stock_level, product {product}: it is missing, the moves make {sum}"), None);
        }
        Ok(())
    }

    fn drawer_rows(&self, store: &dyn RecordStore, currency: Currency, report: &mut CheckReport) -> EngineResult<()> {
        let mut seen = 0;
        lookup::each_record(store, rows::query::<DrawerRow>(), currency, |found: Vec<DrawerRow>| {
            for row in found {
                seen += 1;
                let number = row.session.number;
                let Some(drawer) = self.drawers.get(&row.session.id) else {
                    report.problem(format!("drawer_session {number}: the table has it, the journal does not"), None);
                    continue;
                };
                // State and count belong to closing, which the journal tells in entries of its own.
                let wanted = &drawer.session;
                let told = DrawerSession { state: wanted.state, counted: wanted.counted, ..row.session };
                if told != *wanted {
                    let what = first_difference(&told, wanted);
                    report.problem(format!("drawer_session {number}: {what} is not what the journal says"), None);
                }
            }
            Ok(())
        })?;
        if seen < self.drawers.len() {
            let (missing, all) = (self.drawers.len() - seen, self.drawers.len());
            report.problem(format!("drawer_session: {missing} of {all} sessions of the journal are missing"), None);
        }
        let mut totals: BTreeMap<(DrawerSessionId, TenderKind), i64> = BTreeMap::new();
        for (id, drawer) in &self.drawers {
            totals.extend(drawer.tenders.iter().map(|(kind, sum)| ((*id, *kind), *sum)));
        }
        lookup::each_record(store, rows::query::<DrawerTotal>(), currency, |found: Vec<DrawerTotal>| {
            for row in found {
                let sum = totals.remove(&(row.drawer, row.kind)).unwrap_or_default();
                if sum != row.amount.minor {
                    let (kind, found, sum) = (row.kind.code(), row.amount, Money::new(sum, currency));
                    report.problem(format!("drawer_total, {kind}: it is {found}, the sales make {sum}"), None);
                }
            }
            Ok(())
        })?;
        for ((_, kind), sum) in totals.into_iter().filter(|(_, sum)| *sum != 0) {
            let (kind, sum) = (kind.code(), Money::new(sum, currency));
            report.problem(format!("drawer_total, {kind}: it is missing, the sales make {sum}"), None);
        }
        Ok(())
    }

    fn counters(&self, store: &dyn RecordStore, currency: Currency, report: &mut CheckReport) -> EngineResult<()> {
        let counters: Vec<Counter> = rows::scan_all(store, rows::query::<Counter>(), currency)?;
        for (incarnation, sums) in &self.chains {
            let value = |name: &str| {
                let found = counters.iter().find(|counter| counter.incarnation == *incarnation && counter.name == name);
                found.map(|counter| counter.value)
            };
            if value(RECEIPTS) != Some(sums.receipts) {
                let found = value(RECEIPTS).map_or("missing".to_owned(), |value| value.to_string());
                let last = sums.receipts;
                report.problem(format!("counter receipt: it is {found}, the last receipt has number {last}"), None);
            }
            // A life begins with the number that the one before ended with.
            if sums.drawers > 0 && value(DRAWERS) != Some(sums.drawers) {
                let found = value(DRAWERS).map_or("missing".to_owned(), |value| value.to_string());
                let last = sums.drawers;
                report.problem(format!("counter drawer: it is {found}, the last session has number {last}"), None);
            }
        }
        Ok(())
    }
}

fn first_difference(found: &DrawerSession, wanted: &DrawerSession) -> &'static str {
    if found.float != wanted.float {
        "the float"
    } else if found.loans != wanted.loans {
        "the sum of loans"
    } else if found.pickups != wanted.pickups {
        "the sum of pickups"
    } else if found.number != wanted.number {
        "the number"
    } else {
        "who opened it, when or for which day"
    }
}
