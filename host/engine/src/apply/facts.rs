//! Adds the facts of other registers, each once. A fact that says something else than the one there is, or a journal that
//! does not fit, is left out with its whole transaction.

use super::arrived::{Fact, shown};
use super::{FindingKind, Taking};
use crate::error::EngineResult;
use crate::rows::lookup::{IN_MAX, each_page};
use crate::rows::register::Incarnation;
use crate::rows::stock::StockMoveRow;
use crate::rows::{self, Record};
use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::schema::Table;
use aurapos_contract::transaction::OperationKind;
use aurapos_contract::{ColumnType, RowBatch, Uuid, Value};
use aurapos_domain::ids::{IncarnationId, ProductId};
use aurapos_domain::journal::{Hash, JournalEntry};
use aurapos_domain::money::Quantity;
use std::collections::{BTreeMap, BTreeSet};

mod given_back;

type Key = Vec<Value>;

/// The facts of each table that are taken in.
type New = Vec<(Table, BTreeMap<Key, Fact>)>;

pub(super) fn take(tables: Vec<(Table, Vec<Fact>)>, taking: &mut Taking<'_>) -> EngineResult<()> {
    let mut bad: BTreeSet<Uuid> = std::mem::take(&mut taking.bad);
    let mut new: New = Vec::new();
    for (table, facts) in tables {
        let facts = unknown(&table, facts, &mut bad, taking)?;
        new.push((table, facts));
    }
    for (table, facts) in &new {
        if table.name == JournalEntry::TABLE {
            check_chains(table, facts, &mut bad, taking)?;
        }
    }
    for (_, facts) in &mut new {
        let before = facts.len();
        facts.retain(|_, fact| !bad.contains(&fact.transaction));
        taking.applied.left_out += (before - facts.len()) as u64;
    }
    new.retain(|(_, facts)| !facts.is_empty());
    given_back::check(&new, taking)?;
    for (table, facts) in new {
        match table.name.as_str() {
            StockMoveRow::TABLE => move_stock(&table, &facts, taking)?,
            Incarnation::TABLE => same_numbers(&table, &facts, taking)?,
            "sale" => same_receipts(&table, &facts, taking)?,
            _ => {}
        }
        taking.applied.facts += facts.len() as u64;
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let rows = facts.into_values().map(|fact| fact.row).collect();
        taking.transaction.push(OperationKind::Insert, &table.name, &columns, rows);
    }
    Ok(())
}

fn place(table: &Table, column: &str) -> usize {
    table.columns.iter().position(|known| known.name == column).unwrap_or_default()
}

fn key_of(table: &Table, row: &[Value]) -> Key {
    table.key.iter().map(|key| row[place(table, key)].clone()).collect()
}

/// The facts that are not there yet. Those that say something else than what is there make their transaction a bad one.
fn unknown(
    table: &Table,
    facts: Vec<Fact>,
    bad: &mut BTreeSet<Uuid>,
    taking: &mut Taking<'_>,
) -> EngineResult<BTreeMap<Key, Fact>> {
    let mut new: BTreeMap<Key, Fact> = BTreeMap::new();
    for fact in facts {
        let key = key_of(table, &fact.row);
        let twice = new.get(&key).map(|known| known.row != fact.row);
        match twice {
            None => drop(new.insert(key, fact)),
            Some(false) => taking.applied.left_out += 1,
            Some(true) => {
                fork(table, &key, taking);
                bad.insert(fact.transaction);
                taking.applied.left_out += 1;
            }
        }
    }
    for there in stored(table, new.keys(), taking)? {
        let key = key_of(table, &there);
        let Some(fact) = new.remove(&key) else { continue };
        taking.applied.left_out += 1;
        if fact.row != there {
            fork(table, &key, taking);
            bad.insert(fact.transaction);
        }
    }
    Ok(new)
}

fn fork(table: &Table, key: &Key, taking: &mut Taking<'_>) {
    // One life that was used twice is one thing to look at, however many entries differ.
    let whole = table.key.first().is_some_and(|first| first == "incarnation");
    let key = &key[..if whole { 1 } else { key.len() }];
    let key = key.iter().map(shown).collect::<Vec<_>>().join(" ");
    let told = format!(
        "Two registers say different things of one fact (table {}, {key}): a database was copied and used twice. What was \
         here first stays; run aurapos-admin journal verify at both registers.",
        table.name
    );
    taking.find(FindingKind::Fork, key, table.name.as_str(), told);
}

/// The rows of these keys that are there, all columns.
fn stored<'a>(
    table: &Table,
    keys: impl Iterator<Item = &'a Key>,
    taking: &Taking<'_>,
) -> EngineResult<Vec<Vec<Value>>> {
    let keys: BTreeSet<&Key> = keys.collect();
    let mut firsts: Vec<Value> = keys.iter().map(|key| key[0].clone()).collect();
    firsts.dedup();
    // The second column of a key is a number in every table of facts but one; it narrows long journals.
    let numbers: Vec<i64> = keys.iter().filter_map(|key| key.get(1).and_then(Value::as_int)).collect();
    let span = numbers.iter().min().zip(numbers.iter().max()).filter(|_| numbers.len() == keys.len());
    let mut found = Vec::new();
    for chunk in firsts.chunks(IN_MAX) {
        let mut query = Query::over(&table.name).filter_in(&table.key[0], chunk.to_vec());
        if let Some((low, high)) = span {
            query =
                query.filter(&table.key[1], FilterKind::AtLeast, *low).filter(&table.key[1], FilterKind::AtMost, *high);
        }
        each_page(taking.core.store.as_ref(), query, |batch| {
            let rows = (0..batch.len()).map(|row| batch.row(row));
            found.extend(rows.filter(|row| keys.contains(&key_of(table, row))));
            Ok(())
        })?;
    }
    Ok(found)
}

/// The facts of a table as records of their type.
fn records<R: Record>(table: &Table, facts: &BTreeMap<Key, Fact>, taking: &Taking<'_>) -> EngineResult<Vec<R>> {
    let column = |name: &&str| table.column(name).map_or(ColumnType::Int, |column| column.kind);
    let mut batch = RowBatch::with_columns(R::COLUMNS.iter().map(|name| (*name, column(name))));
    for fact in facts.values() {
        let row: Vec<Value> = R::COLUMNS.iter().map(|name| fact.row[place(table, name)].clone()).collect();
        batch.push(&row).map_err(aurapos_contract::PluginError::from)?;
    }
    rows::read_all(&batch, taking.core.currency())
}

/// Every entry must be what its hash says and follow the one before it, as far as that is known here: a register that
/// joined late, or pruned, does not have the beginning.
fn check_chains(
    table: &Table,
    facts: &BTreeMap<Key, Fact>,
    bad: &mut BTreeSet<Uuid>,
    taking: &mut Taking<'_>,
) -> EngineResult<()> {
    // In the order of the key: life, then number. So are the facts.
    let entries: Vec<JournalEntry> = records(table, facts, taking)?;
    // The last entry that is, or will be, here.
    let mut last: Option<(IncarnationId, u64, Hash)> = None;
    for (entry, fact) in entries.iter().zip(facts.values()) {
        let before = match last {
            Some((life, seq, hash)) if life == entry.incarnation => Some((seq, hash)),
            _ => last_before(entry, taking)?,
        };
        let follows = match before {
            Some(before) => before == (entry.seq.saturating_sub(1), entry.previous),
            None => entry.seq != 1 || entry.previous == Hash::ZERO,
        };
        // Nobody else writes this register's own life: an entry of it that is not here is a second writer's.
        let own = entry.incarnation == taking.core.register.incarnation;
        if follows && !own && entry.computed_hash() == entry.hash {
            // What is left out for another reason is no entry that one could follow.
            if bad.contains(&fact.transaction) {
                last = Some(
                    before.map_or((entry.incarnation, 0, Hash::ZERO), |(seq, hash)| (entry.incarnation, seq, hash)),
                );
                continue;
            }
            last = Some((entry.incarnation, entry.seq, entry.hash));
            continue;
        }
        last = before.map(|(seq, hash)| (entry.incarnation, seq, hash)).or(Some((entry.incarnation, 0, Hash::ZERO)));
        bad.insert(fact.transaction);
        let subject = entry.incarnation.to_string();
        let told = if own {
            format!("Another program writes the journal of this register: entry {} is not its own.", entry.seq)
        } else {
            format!(
                "Entry {} of a register's journal was changed on its way, or does not follow the one before.",
                entry.seq
            )
        };
        let kind = if own { FindingKind::Fork } else { FindingKind::BrokenChain };
        taking.find(kind, subject, JournalEntry::TABLE, told);
    }
    Ok(())
}

/// The last entry of the same life that is here before this one. Where there is one, this one must be the next; where there
/// is none, the register joined late, or pruned.
fn last_before(entry: &JournalEntry, taking: &Taking<'_>) -> EngineResult<Option<(u64, Hash)>> {
    let mut query = rows::query::<JournalEntry>()
        .filter("incarnation", FilterKind::Equal, entry.incarnation.uuid())
        .filter("seq", FilterKind::Less, rows::count(entry.seq))
        .limit(1);
    query.descending = true;
    let found = rows::scan::<JournalEntry>(taking.core.store.as_ref(), &query, taking.core.currency())?;
    Ok(found.first().map(|entry| (entry.seq, entry.hash)))
}

/// The levels grow by what moved.
fn move_stock(table: &Table, facts: &BTreeMap<Key, Fact>, taking: &mut Taking<'_>) -> EngineResult<()> {
    let (product, quantity) = (place(table, "product"), place(table, "quantity"));
    let mut moved: BTreeMap<ProductId, i64> = BTreeMap::new();
    for fact in facts.values() {
        let (Value::Uuid(product), Some(quantity)) = (&fact.row[product], fact.row[quantity].as_int()) else {
            continue;
        };
        let sum = moved.entry(ProductId::new(*product)).or_default();
        *sum = sum.saturating_add(quantity);
    }
    let moved = moved.into_iter().map(|(product, sum)| (product, Quantity::from_thousandths(sum)));
    crate::usecases::levels::move_by(&mut taking.transaction, moved)
}

/// Two lives that give the same numbers: a dead register that was set up anew under its code.
fn same_numbers(table: &Table, facts: &BTreeMap<Key, Fact>, taking: &mut Taking<'_>) -> EngineResult<()> {
    let arrived: Vec<Incarnation> = records(table, facts, taking)?;
    let known: Vec<Incarnation> =
        rows::scan_all(taking.core.store.as_ref(), rows::query::<Incarnation>(), taking.core.currency())?;
    for life in &arrived {
        let same = |other: &&Incarnation| {
            other.id != life.id && other.code == life.code && life.numbers.is_some() && other.numbers == life.numbers
        };
        let (Some(other), Some(numbers)) = (known.iter().chain(&arrived).find(same), &life.numbers) else { continue };
        let subject = format!("{}-{}", numbers.register, life.code);
        let mut both = [life.id.to_string(), other.id.to_string()];
        both.sort_unstable();
        let told = format!(
            "Two registers, or two lives of one, print receipts that begin with {subject}. Set one of them up again under \
             another code."
        );
        taking.find(FindingKind::SameNumbers, subject, both.join(" "), told);
    }
    Ok(())
}

/// Two sales of one number: both are kept, a person is told.
fn same_receipts(table: &Table, facts: &BTreeMap<Key, Fact>, taking: &mut Taking<'_>) -> EngineResult<()> {
    let (id, number) = (place(table, "id"), place(table, "receipt_no"));
    let mut holders: BTreeMap<Value, BTreeSet<Value>> = BTreeMap::new();
    for fact in facts.values() {
        holders.entry(fact.row[number].clone()).or_default().insert(fact.row[id].clone());
    }
    let numbers: Vec<Value> = holders.keys().cloned().collect();
    for chunk in numbers.chunks(IN_MAX) {
        let query = Query::over("sale").select(&["receipt_no", "id"]).filter_in("receipt_no", chunk.to_vec());
        each_page(taking.core.store.as_ref(), query, |batch| {
            for row in 0..batch.len() {
                if let Some(ids) = holders.get_mut(&batch.value(row, 0)) {
                    ids.insert(batch.value(row, 1));
                }
            }
            Ok(())
        })?;
    }
    for (number, ids) in holders.into_iter().filter(|(_, ids)| ids.len() > 1) {
        let number = shown(&number);
        let both = ids.iter().map(shown).collect::<Vec<_>>().join(" ");
        let told = format!("{} sales have the receipt number {number}.", ids.len());
        taking.find(FindingKind::SameReceipt, number, both, told);
    }
    Ok(())
}
