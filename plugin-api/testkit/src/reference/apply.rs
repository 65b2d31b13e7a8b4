//! Commits: what a transaction does to the data, all or nothing.

use super::table::{Data, Key, Known, Logged, Row, pick, position};
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::schema::Table;
use aurapos_contract::transaction::{Committed, Expectation, Operation, OperationKind, Prune, Pruned, Transaction};
use aurapos_contract::{Value, validate};

/// What a commit changed so far, to take it back.
#[derive(Default)]
struct Undo {
    replaced: Vec<(String, Key, Option<Row>)>,
    logged: Logged,
}

impl Data {
    pub fn commit(&mut self, transaction: &Transaction) -> PluginResult<Committed> {
        validate::check_transaction(&self.active, transaction)?;
        let hash = transaction.content_hash();
        if let Some(known) = self.commits.get(&transaction.id) {
            if known.hash == hash {
                return Ok(Committed { position: known.position, already: true });
            }
            let message = format!("the transaction id {} was used before with other content", transaction.id);
            return Err(PluginError::new(ErrorCode::IdReused, message));
        }
        validate::check_epoch(transaction, self.epoch)?;
        for (index, expectation) in transaction.expectations.iter().enumerate() {
            self.expect(expectation, index)?;
        }
        let mut undo =
            Undo { logged: Logged { transaction: transaction.id, ..Default::default() }, ..Default::default() };
        for (index, operation) in transaction.operations.iter().enumerate() {
            if let Err(mut error) = self.apply(operation, &mut undo) {
                error.detail.index = index as u64;
                self.take_back(undo);
                return Err(error);
            }
        }
        self.position += 1;
        self.commits.insert(transaction.id, Known { position: self.position, hash, time: transaction.time });
        if !undo.logged.touched.is_empty() {
            self.log.insert(self.position, undo.logged);
        }
        Ok(Committed { position: self.position, already: false })
    }

    /// Removes old facts of others; nothing remembers that they were there.
    pub fn prune(&mut self, request: &Prune) -> PluginResult<Pruned> {
        let plan = validate::check_prune(&self.active, request)?;
        let table = self.disk.table(&plan.table.name).expect("the request was checked");
        let data = self.tables.entry(table.name.clone()).or_default();
        let columns = [plan.owner.name.clone(), plan.age.name.clone()];
        let goes = |row: &Row| {
            let cells = pick(table, &columns, row);
            plan.goes(request, &cells[0], &cells[1])
        };
        let mut keys: Vec<Key> = data.rows.iter().filter(|(_, row)| goes(row)).map(|(key, _)| key.clone()).collect();
        let more = keys.len() > plan.limit;
        keys.truncate(plan.limit);
        for key in &keys {
            data.replace(table, key, None);
        }
        Ok(Pruned { rows: keys.len() as u64, more })
    }

    fn take_back(&mut self, undo: Undo) {
        for (name, key, old) in undo.replaced.into_iter().rev() {
            let table = self.disk.table(&name).expect("it was changed under this name");
            self.tables.entry(name).or_default().replace(table, &key, old);
        }
    }

    fn expect(&self, expectation: &Expectation, index: usize) -> PluginResult<()> {
        let table = self.disk.table(&expectation.table).expect("the transaction was checked");
        let found = self.tables.get(&table.name).and_then(|data| data.rows.get(&expectation.key));
        validate::check_expected(table, expectation, found.cloned()).map_err(|mut error| {
            error.detail.index = index as u64;
            error
        })
    }

    fn apply(&mut self, operation: &Operation, undo: &mut Undo) -> PluginResult<()> {
        let table = self.disk.table(&operation.table).expect("the transaction was checked").clone();
        for (at, values) in operation.rows.iter().enumerate() {
            self.apply_row(&table, operation, values, at, undo)?;
        }
        Ok(())
    }

    fn apply_row(
        &mut self,
        table: &Table,
        operation: &Operation,
        values: &[Value],
        at: usize,
        undo: &mut Undo,
    ) -> PluginResult<()> {
        let data = self.tables.entry(table.name.clone()).or_default();
        let mut new: Row = table.columns.iter().map(|column| column.default.clone()).collect();
        fill(table, operation, values, &mut new);
        let key = pick(table, &table.key, &new);
        let old = data.rows.get(&key).cloned();
        let row = match (operation.kind, &old) {
            (OperationKind::Delete, None) => return Ok(()),
            (OperationKind::Delete, Some(_)) => None,
            (OperationKind::Insert, Some(there)) => {
                return Err(validate::key_taken(table, at, there.clone()));
            }
            (_, Some(there)) => Some(validate::row_after(table, operation, at, there)?),
            (_, None) => {
                if let Some(missing) = validate::missing_required(table, &operation.columns).first() {
                    let message = format!("the row is new, so the column `{missing}` needs a value");
                    return Err(PluginError::new(ErrorCode::BadValue, message).at(&table.name, missing, at));
                }
                Some(new)
            }
        };
        if let Some(holder) = row.as_ref().and_then(|row| data.unique_holder(table, &key, row)) {
            return Err(validate::values_taken(table, at, Some(holder.clone())));
        }
        data.replace(table, &key, row);
        if table.replicated {
            undo.logged.touched.push((table.name.clone(), key.clone()));
        }
        undo.replaced.push((table.name.clone(), key, old));
        Ok(())
    }
}

/// Puts the values that an operation names into a row.
fn fill(table: &Table, operation: &Operation, values: &[Value], row: &mut Row) {
    for (name, value) in operation.columns.iter().zip(values) {
        if let Some(at) = position(table, name) {
            row[at] = value.clone();
        }
    }
}
