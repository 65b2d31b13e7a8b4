//! The feed: which rows of replicated tables each commit touched.

use super::table::{Data, Key};
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::query::{ANSWER_ROWS_MAX, Change, ChangeBatch, ChangeKind};
use aurapos_contract::{Uuid, Value};

impl Data {
    /// A cursor is the epoch and the position up to which everything was given.
    fn read_cursor(&self, after: &[u8]) -> PluginResult<u64> {
        if after.is_empty() {
            return Ok(0);
        }
        let (epoch, position) = after
            .split_first_chunk::<16>()
            .and_then(|(epoch, rest)| Some((Uuid::from_bytes(*epoch), u64::from_be_bytes(rest.try_into().ok()?))))
            .ok_or_else(|| PluginError::new(ErrorCode::BadQuery, "these bytes are no cursor of this feed"))?;
        if epoch != self.epoch || position > self.position {
            return Err(PluginError::new(ErrorCode::CursorTooOld, "the cursor belongs to another life of this data"));
        }
        Ok(position)
    }

    fn cursor(&self, position: u64) -> Vec<u8> {
        [self.epoch.as_bytes().as_slice(), &position.to_be_bytes()].concat()
    }

    pub fn has_changes(&self, after: &[u8]) -> PluginResult<bool> {
        let after = self.read_cursor(after)?;
        Ok(self.log.range(after + 1..).next().is_some())
    }

    pub fn changes(&self, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        let after = self.read_cursor(after)?;
        let max = if max == 0 { ANSWER_ROWS_MAX } else { max.min(ANSWER_ROWS_MAX) } as usize;
        let mut batch = ChangeBatch { next: self.cursor(self.position), ..Default::default() };
        for (&position, logged) in self.log.range(after + 1..) {
            if !batch.changes.is_empty() && batch.changes.len() + logged.touched.len() > max {
                batch.next = self.cursor(position - 1);
                batch.more = true;
                break;
            }
            for (at, (table, key)) in logged.touched.iter().enumerate() {
                if !logged.touched[..at].contains(&(table.clone(), key.clone())) && !self.was_pruned(table, key) {
                    batch.changes.push(self.change(table, key, position, logged.transaction));
                }
            }
        }
        Ok(batch)
    }

    /// A fact that is gone was pruned here, and nobody else is told.
    fn was_pruned(&self, table: &str, key: &Key) -> bool {
        let there = self.tables.get(table).is_some_and(|data| data.rows.contains_key(key));
        !there && self.disk.table(table).is_some_and(|table| table.append_only)
    }

    /// The row as it is now: a later change may show already.
    fn change(&self, table: &str, key: &Key, position: u64, transaction: Uuid) -> Change {
        let schema = self.active.table(table).or(self.disk.table(table)).expect("only tables of the schema are logged");
        let stored = self.disk.table(table).expect("only tables of the schema are logged");
        let (kind, columns, row) = match self.tables.get(table).and_then(|data| data.rows.get(key)) {
            None => (ChangeKind::Deleted, schema.key.clone(), key.clone()),
            Some(row) => {
                let columns: Vec<String> = schema.columns.iter().map(|column| column.name.clone()).collect();
                let cells: Vec<Value> = super::table::pick(stored, &columns, row);
                (ChangeKind::Put, columns, cells)
            }
        };
        Change { kind, table: table.to_owned(), columns, row, position, transaction }
    }
}
