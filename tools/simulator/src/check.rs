//! What must be true when everybody has everything: no sale lost or doubled, no gap, no number twice, the same rows, stock and
//! money everywhere, and a person told of what nobody could prevent.

use crate::world::World;
use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::{RecordStore, Uuid, Value};
use aurapos_domain::journal::{ChainCheck, JournalEntry};
use aurapos_domain::money::Currency;
use aurapos_engine::apply::FindingKind;
use aurapos_engine::check::check_store;
use aurapos_engine::edits::EditedTable;
use aurapos_engine::queries::all_findings;
use aurapos_engine::rows::journal::Head;
use aurapos_engine::rows::sync::SyncLife;
use aurapos_engine::rows::{self, scan_all};
use aurapos_engine::schema::schema;
use aurapos_plugin_testkit::ReferenceStore;
use std::collections::{BTreeMap, BTreeSet};

/// Why a history is a bad one; `None`: it is not.
pub fn check(world: &World) -> Option<String> {
    world.failure.clone().or_else(|| all(world).err())
}

fn all(world: &World) -> Result<(), String> {
    let stores: Vec<&ReferenceStore> = world.nodes.iter().filter_map(|node| node.store.as_ref()).collect();
    let forks: BTreeMap<Uuid, u64> = stores.iter().flat_map(|store| forks(store)).collect();
    for (number, store) in stores.iter().enumerate() {
        let report = check_store(*store, &mut |_, _| true).map_err(|error| format!("{error:?}"))?;
        if !report.ok() {
            let problems: Vec<&String> = report.problems.iter().map(|problem| &problem.message).collect();
            return Err(format!("register {number} does not fit together: {problems:#?}"));
        }
    }
    chains(&world.shared)?;
    sales(world, &stores, &forks)?;
    numbers(world, &stores, &forks)?;
    same_rows(world, &stores, &forks)?;
    given_back(world, &stores, &forks)
}

/// The lives of which two histories exist, as a register has quarantined them, or told of those of others; and from where on.
fn forks(store: &ReferenceStore) -> Vec<(Uuid, u64)> {
    let lives: Vec<SyncLife> = records(store, rows::query::<SyncLife>());
    let told = all_findings(store).expect("what the engine wrote can be read");
    let told = told.into_iter().filter(|finding| finding.kind == FindingKind::Fork);
    let of_others =
        told.filter_map(|finding| Uuid::try_parse(finding.subject.split(' ').next()?).ok()).map(|life| (life, 0));
    of_others.chain(lives.into_iter().filter_map(|life| Some((life.incarnation, life.forked?)))).collect()
}

fn records<R: rows::Record>(store: &ReferenceStore, query: Query) -> Vec<R> {
    scan_all(store, query, Currency::EUR).expect("what the engine wrote can be read")
}

/// Whether some data has this entry, and the sale in it.
pub fn has_entry(store: &ReferenceStore, life: Uuid, seq: u64, sale: Uuid) -> bool {
    let query = Query::over("sale").select(&["seq"]).filter("id", FilterKind::Equal, sale);
    let query = query.filter("incarnation", FilterKind::Equal, life).filter("seq", FilterKind::Equal, rows::count(seq));
    store.scan(&query).is_ok_and(|found| found.len() == 1)
}

/// In the shared store every life is whole, from its first entry to the head.
fn chains(shared: &ReferenceStore) -> Result<(), String> {
    let heads: Vec<Head> = records(shared, rows::query::<Head>());
    let mut entries: Vec<JournalEntry> = records(shared, rows::query::<JournalEntry>());
    for head in heads {
        let mut chain = ChainCheck::new(head.register, head.incarnation);
        let of_life = |entry: &JournalEntry| entry.incarnation == head.incarnation;
        for entry in entries.iter().filter(|entry| of_life(entry)) {
            chain.feed(entry).map_err(|fault| format!("the shared journal of {}: {fault}", head.incarnation))?;
        }
        chain
            .finish(head.seq, head.hash)
            .map_err(|fault| format!("the shared journal of {}: {fault}", head.incarnation))?;
        entries.retain(|entry| !of_life(entry));
    }
    match entries.first() {
        Some(entry) => Err(format!("the shared journal has entries of {} without a head", entry.incarnation)),
        None => Ok(()),
    }
}

/// Every sale that somebody has the receipt of is there once, and nothing else is.
fn sales(world: &World, stores: &[&ReferenceStore], forks: &BTreeMap<Uuid, u64>) -> Result<(), String> {
    let told: BTreeMap<Uuid, i64> = world.sold.iter().map(|sale| (sale.id, sale.total)).collect();
    let batch = world.shared.scan(&Query::over("sale").select(&["id", "total"])).map_err(|error| error.to_string())?;
    let mut there: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in 0..batch.len() {
        let (Some(id), Some(total)) = (batch.uuid(row, 0), batch.int(row, 1)) else { continue };
        there.insert(id, total);
        if told.get(&id) != Some(&total) {
            return Err(format!("the shared store has a sale {id} of {total} that nobody made: {:?}", told.get(&id)));
        }
    }
    for sale in world.sold.iter().filter(|sale| !sale.gone && !there.contains_key(&sale.id)) {
        // What the register quarantined is in its own data, and a person was told.
        let kept = stores.iter().any(|store| has_entry(store, sale.life, sale.seq, sale.id));
        let quarantined = forks.contains_key(&sale.life) && kept;
        if !quarantined {
            return Err(format!("the sale {} of register {} is lost", sale.receipt, sale.node));
        }
    }
    Ok(())
}

/// A number is given once; where nobody could prevent it, a person was told.
fn numbers(world: &World, stores: &[&ReferenceStore], forks: &BTreeMap<Uuid, u64>) -> Result<(), String> {
    let mut numbers: BTreeMap<&str, BTreeSet<Uuid>> = BTreeMap::new();
    for sale in world.sold.iter().filter(|sale| !sale.gone) {
        numbers.entry(&sale.receipt).or_default().insert(sale.id);
    }
    let twice: Vec<&&str> = numbers.iter().filter(|(_, ids)| ids.len() > 1).map(|(number, _)| number).collect();
    let told = |kinds: &[FindingKind]| {
        stores.iter().any(|store| {
            all_findings(*store).is_ok_and(|found| found.iter().any(|finding| kinds.contains(&finding.kind)))
        })
    };
    if let Some(number) = twice.first() {
        if !world.doubled && !world.forgot_codes {
            return Err(format!("the number {number} was given twice"));
        }
        if !told(&[FindingKind::Fork, FindingKind::WentBack, FindingKind::SameReceipt, FindingKind::SameNumbers]) {
            return Err(format!("the number {number} was given twice, and nobody was told"));
        }
    }
    if !forks.is_empty() && !told(&[FindingKind::Fork]) {
        return Err("a life is quarantined, and nobody was told".to_owned());
    }
    if !forks.is_empty() && !world.doubled {
        return Err(format!("a life is quarantined, and nothing forked it: {forks:?}"));
    }
    Ok(())
}

/// The rows of a table, those of quarantined lives left out.
fn dump(store: &ReferenceStore, table: &str, without: &[&str], forks: &Quarantine) -> BTreeSet<Vec<Value>> {
    let mut rows = BTreeSet::new();
    let mut query = Query::over(table);
    loop {
        let batch = store.scan(&query).expect("the schema has the table");
        let names: Vec<String> = batch.columns().map(|(name, _)| name.to_owned()).collect();
        let keep: Vec<usize> = (0..names.len()).filter(|&at| !without.contains(&names[at].as_str())).collect();
        for row in (0..batch.len()).map(|row| batch.row(row)) {
            if !forks.covers(table, &names, &row) {
                rows.insert(keep.iter().map(|&at| row[at].clone()).collect());
            }
        }
        if batch.next().is_empty() {
            return rows;
        }
        query.after = batch.next().to_vec();
    }
}

/// Rows of lives of which two histories exist.
struct Quarantine {
    lives: BTreeSet<Uuid>,
    sales: BTreeSet<Uuid>,
}

impl Quarantine {
    fn of(forks: &BTreeMap<Uuid, u64>, stores: &[&ReferenceStore]) -> Self {
        let lives: BTreeSet<Uuid> = forks.keys().copied().collect();
        let mut sales = BTreeSet::new();
        for store in stores {
            let batch = store.scan(&Query::over("sale").select(&["id", "incarnation"])).expect("it is open");
            let of = |row: usize| batch.uuid(row, 1).is_some_and(|life| lives.contains(&life));
            sales.extend((0..batch.len()).filter(|row| of(*row)).filter_map(|row| batch.uuid(row, 0)));
        }
        Quarantine { lives, sales }
    }

    fn covers(&self, table: &str, names: &[String], row: &[Value]) -> bool {
        let is = |column: &str, of: &BTreeSet<Uuid>| {
            let at = names.iter().position(|name| name == column);
            at.is_some_and(|at| matches!(&row[at], Value::Uuid(id) if of.contains(id)))
        };
        is("incarnation", &self.lives) || (table != "sale" && is("sale", &self.sales))
    }
}

/// Facts and edited rows are the same in the shared store and at every register.
fn same_rows(world: &World, stores: &[&ReferenceStore], forks: &BTreeMap<Uuid, u64>) -> Result<(), String> {
    let everybody: Vec<&ReferenceStore> = stores.iter().copied().chain([&world.shared]).collect();
    let forked = Quarantine::of(forks, &everybody);
    for table in schema().tables.iter().filter(|table| table.replicated) {
        // What each makes of other fields for its own searches.
        let derived = EditedTable::find(&table.name).map_or(&[][..], |table| table.derived);
        let there = dump(&world.shared, &table.name, derived, &forked);
        for (number, store) in stores.iter().enumerate() {
            same(&table.name, number, &dump(store, &table.name, derived, &forked), &there)?;
        }
        // The registers make the same of the same fields; where nothing is made, all are as the shared store already.
        if !derived.is_empty() {
            let first = dump(stores[0], &table.name, &[], &forked);
            for (number, store) in stores.iter().enumerate().skip(1) {
                same(&table.name, number, &dump(store, &table.name, &[], &forked), &first)?;
            }
        }
    }
    if forks.is_empty() {
        for (number, store) in stores.iter().enumerate() {
            let levels = |store: &ReferenceStore| {
                let mut rows = dump(store, "stock_level", &[], &forked);
                rows.retain(|row| row[1] != Value::Int(0));
                rows
            };
            same("stock_level", number, &levels(store), &levels(stores[0]))?;
        }
    }
    Ok(())
}

fn same(table: &str, number: usize, here: &BTreeSet<Vec<Value>>, there: &BTreeSet<Vec<Value>>) -> Result<(), String> {
    let more: Vec<_> = here.difference(there).take(3).collect();
    let less: Vec<_> = there.difference(here).take(3).collect();
    if more.is_empty() && less.is_empty() {
        return Ok(());
    }
    Err(format!("{table} differs at register {number}: only here {more:?}; only there {less:?}"))
}

/// Of what came back more often than it was sold, everybody is told.
fn given_back(world: &World, stores: &[&ReferenceStore], forks: &BTreeMap<Uuid, u64>) -> Result<(), String> {
    if !forks.is_empty() {
        return Ok(());
    }
    let mut left: BTreeMap<(Value, Value), i64> = BTreeMap::new();
    let lines = |table: &str, columns: &[&str]| world.shared.scan(&Query::over(table).select(columns));
    let sold = lines("sale_line", &["sale", "line", "quantity"]).map_err(|error| error.to_string())?;
    let lines_sold =
        (0..sold.len()).map(|row| sold.row(row)).filter(|row| row[2].as_int().is_some_and(|sold| sold > 0));
    for row in lines_sold {
        left.insert((row[0].clone(), row[1].clone()), row[2].as_int().unwrap_or_default());
    }
    let back = lines("refund_line", &["origin", "origin_line", "quantity"]).map_err(|error| error.to_string())?;
    for row in (0..back.len()).map(|row| back.row(row)) {
        if let Some(left) = left.get_mut(&(row[0].clone(), row[1].clone())) {
            *left -= row[2].as_int().unwrap_or_default().abs();
        }
    }
    let over = left.into_iter().filter(|((_, _), left)| *left < 0).count();
    for (number, store) in stores.iter().enumerate() {
        let found = all_findings(*store).map_err(|error| format!("{error:?}"))?;
        let told = found.iter().filter(|finding| finding.kind == FindingKind::OverRefund).count();
        if told < over {
            return Err(format!("{over} lines came back too often, and register {number} tells {told}"));
        }
    }
    Ok(())
}
