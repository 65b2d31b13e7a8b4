//! Brings edits: each row that this register edited after the mark is merged, field by field, with the one that the shared
//! store has, and written under the expectation that it is still that one. A store that is new or was restored is brought
//! every row that it lacks an edit of, whoever made it.
//!
//! That edits are there is believed when the feed was read to its end after they were written, and told them: a store that is put back
//! by hand in between, with the epoch that it had, has lost them.

use super::connect::There;
use super::desk::Desk;
use super::facts;
use super::here::Here;
use super::stop::Stop;
use crate::edits::write::{Present, read};
use crate::edits::{EditedRow, EditedTable, RowStamps, TABLES, merge};
use crate::fold::sort_key;
use crate::rows::register::{Counter, EDITS};
use crate::rows::sync::EditMark;
use crate::rows::{self, equal};
use crate::schema::{EDITED, EDITED_BY, OLDER_STAMPS, ROW_VERSION};
use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{ErrorCode, RowBatch, Uuid, Value};
use std::collections::BTreeMap;

/// Rows that are looked at in one question.
const PAGE_ROWS: u32 = 1_000;
/// Rows of one commit: each is read, expected and written. A server has room for some sixteen thousand locks (ADR 0028), and after
/// a restore twenty registers bring what they know at once, with a lock for each row and for what is expected of it.
const COMMIT_ROWS: usize = 300;
/// How often rows are merged anew because somebody was quicker, before the session begins anew.
const TRIES_MAX: usize = 8;

/// Whose edits a pass brings.
enum Wanted {
    /// Those of this register after a clock.
    Own { register: Uuid, after: i64 },
    /// All that the shared store lacks: by register, up to which clock it has them; absent: none.
    Lacking { had: BTreeMap<Uuid, i64> },
}

impl Wanted {
    fn covers(&self, stamps: &RowStamps) -> bool {
        let mut all = [&stamps.last].into_iter().chain(stamps.older.values());
        match self {
            Wanted::Own { register, after } => all.any(|stamp| stamp.register == *register && stamp.clock > *after),
            Wanted::Lacking { had } => {
                all.any(|stamp| had.get(&stamp.register).is_none_or(|clock| stamp.clock > *clock))
            }
        }
    }

    /// The question for the rows that it may cover, with what decides it.
    fn query(&self, table: &EditedTable) -> Query {
        let query = Query::over(table.name).select(&[table.key, ROW_VERSION, EDITED_BY, OLDER_STAMPS]).limit(PAGE_ROWS);
        match self {
            Wanted::Own { after, .. } => query.order_by(EDITED, false).filter(ROW_VERSION, FilterKind::Greater, *after),
            Wanted::Lacking { .. } => query,
        }
    }
}

/// Brings what is to be brought. `false`: there was nothing.
pub(super) async fn bring(desk: &Desk, here: &mut Here, there: &There) -> Result<bool, Stop> {
    if let Some(clock) = here.passed {
        if !here.is_proved() {
            return Ok(false);
        }
        mark(desk, here, there, clock).await?;
        (here.passed, here.mark.edits) = (None, clock);
        if here.mark.recovering {
            here.mark.recovering = false;
            super::remember::remember(desk, here).await?;
        }
        return Ok(true);
    }
    // Read before the rows: whatever is edited from now on has a later clock, and comes next time.
    let latest = latest(desk, here).await?;
    if here.mark.recovering {
        // The feed first: its cursor tells whether the store goes back once more meanwhile.
        if !here.at_end {
            return Ok(false);
        }
        let wanted = Wanted::Lacking { had: had(desk, here, there).await? };
        pass(desk, here, there, &wanted).await?;
        facts::bring_others(desk, here, there).await?;
        (here.passed, here.at_end) = (Some(latest), false);
        return Ok(true);
    }
    if latest <= here.mark.edits {
        return Ok(false);
    }
    let wanted = Wanted::Own { register: here.register.id.uuid(), after: here.mark.edits };
    if pass(desk, here, there, &wanted).await? {
        (here.passed, here.at_end) = (Some(latest), false);
        return Ok(true);
    }
    here.mark.edits = latest;
    Ok(false)
}

/// The latest clock of an edit that this register made or saw.
async fn latest(desk: &Desk, here: &Here) -> Result<i64, Stop> {
    let filters = vec![equal("incarnation", here.register.incarnation.uuid()), equal("name", EDITS)];
    let found: Vec<Counter> = desk.all_own(Query { filters, ..rows::query::<Counter>() }).await?;
    Ok(found.first().and_then(|counter| i64::try_from(counter.value).ok()).unwrap_or_default())
}

/// Which edits the shared store has. Of another register with several lives: those that all of them brought. Of this one nothing is
/// believed: its mark may have been written just when the store went back.
async fn had(desk: &Desk, here: &Here, there: &There) -> Result<BTreeMap<Uuid, i64>, Stop> {
    let mut had: BTreeMap<Uuid, i64> = BTreeMap::new();
    if there.founding {
        return Ok(had);
    }
    // Rows of before the stamps came with the first filling.
    had.insert(Uuid::nil(), i64::MAX);
    let marks: Vec<EditMark> = desk.all(rows::query::<EditMark>()).await?;
    for mark in marks {
        if mark.register == here.register.id.uuid() {
            continue;
        }
        had.entry(mark.register).and_modify(|clock| *clock = mark.clock.min(*clock)).or_insert(mark.clock);
    }
    Ok(had)
}

/// Says that every edit of this life up to a clock is there.
async fn mark(desk: &Desk, here: &mut Here, there: &There, clock: i64) -> Result<(), Stop> {
    let (id, time) = (desk.id(), desk.moment().wall.0);
    let mut transaction = Transaction { id, time, epoch: Some(there.epoch), ..Transaction::default() };
    let mark = EditMark { incarnation: here.register.incarnation.uuid(), register: here.register.id.uuid(), clock };
    rows::upsert(&mut transaction, &[mark]);
    desk.commit(transaction).await.map(drop).map_err(Stop::away)
}

/// One pass over all edited tables. The shop's row comes last: where it is, everything is. `false`: there was nothing to look at.
async fn pass(desk: &Desk, here: &mut Here, there: &There, wanted: &Wanted) -> Result<bool, Stop> {
    let mut covers = false;
    for table in TABLES.iter().filter(|table| table.name != "shop").chain(EditedTable::find("shop")) {
        let mut query = wanted.query(table);
        loop {
            let batch = desk.own(query.clone()).await?;
            let keys = covered(&batch, wanted)?;
            for keys in keys.chunks(COMMIT_ROWS) {
                // Facts never wait for rows of a catalog.
                while facts::post(desk, here, there).await? {}
                covers = true;
                commit(desk, here, there, table, keys).await?;
            }
            if batch.next().is_empty() {
                break;
            }
            query.after = batch.next().to_vec();
        }
    }
    Ok(covers)
}

fn covered(batch: &RowBatch, wanted: &Wanted) -> Result<Vec<Value>, Stop> {
    let mut keys = Vec::new();
    for row in (0..batch.len()).map(|row| batch.row(row)) {
        if let [key, version, by, older] = row.as_slice()
            && wanted.covers(&RowStamps::read(version, by, older)?)
        {
            keys.push(key.clone());
        }
    }
    Ok(keys)
}

/// Brings what of some rows is not there.
async fn commit(desk: &Desk, here: &mut Here, there: &There, table: &EditedTable, keys: &[Value]) -> Result<(), Stop> {
    for _ in 0..TRIES_MAX {
        let query = || Query::over(table.name).filter_in(table.key, keys.to_vec());
        let mine = rows_of(table, &desk.own(query()).await?)?;
        let theirs = rows_of(table, &desk.scan(query()).await.map_err(Stop::away)?)?;
        let mut transaction = merged(table, &mine, &theirs)?;
        if transaction.operations.is_empty() {
            return Ok(());
        }
        let id = desk.seal(&mut transaction, there.epoch);
        match desk.commit(transaction).await {
            Ok(_) => {
                here.did(id, desk.moment().at_us);
                return Ok(());
            }
            // Somebody was quicker with one of the rows.
            Err(error) if error.code == ErrorCode::Conflict && error.detail.epoch.is_nil() => {}
            Err(error) => return Err(Stop::away(error)),
        }
    }
    Err(Stop::Again)
}

fn rows_of(table: &EditedTable, batch: &RowBatch) -> Result<BTreeMap<Value, Present>, Stop> {
    Ok((0..batch.len()).map(|row| read(table, batch, row)).collect::<Result<_, _>>()?)
}

/// What the rows of the shared store become, each expected to be what was read of it. Empty: nothing changes.
fn merged(
    table: &EditedTable,
    mine: &BTreeMap<Value, Present>,
    theirs: &BTreeMap<Value, Present>,
) -> Result<Transaction, Stop> {
    let mut transaction = Transaction::default();
    let mut rows = Vec::new();
    let stamp_columns = [ROW_VERSION, EDITED_BY, OLDER_STAMPS];
    let mut columns: Vec<&str> =
        mine.values().next().into_iter().flat_map(|row| row.values.keys()).map(String::as_str).collect();
    let values = columns.len();
    columns.extend(stamp_columns);
    for (key, present) in mine {
        let row = EditedRow::of(table, present.values.clone(), present.stamps.clone());
        let known = theirs.get(key);
        let both = match known {
            None => row,
            Some(known) => {
                let theirs = EditedRow::of(table, known.values.clone(), known.stamps.clone());
                let (both, _) = merge(&row, &theirs);
                if both == theirs {
                    continue;
                }
                transaction.expect_row(table.name, vec![key.clone()], &stamp_columns, known.stamps.values()?.to_vec());
                both
            }
        };
        if known.is_none() {
            transaction.expect_absent(table.name, vec![key.clone()]);
        }
        let value = |column: &str| match both.fields.get(column) {
            Some(value) => value.clone(),
            None if column == "name_sort" => {
                sort_key(both.fields.get("name").and_then(Value::as_text).unwrap_or_default()).into()
            }
            // Each register makes its own words; nobody searches in the shared store.
            None => present.values.get(column).cloned().unwrap_or_default(),
        };
        let mut cells: Vec<Value> = columns[..values].iter().map(|column| value(column)).collect();
        cells.extend(both.stamps.values()?);
        rows.push(cells);
    }
    if !rows.is_empty() {
        transaction.push(OperationKind::Upsert, table.name, &columns, rows);
    }
    Ok(transaction)
}
