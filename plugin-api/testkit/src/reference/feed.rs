//! The feed: which rows of replicated tables each commit touched.

use super::table::{Data, Key};
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::query::{ANSWER_ROWS_MAX, Change, ChangeBatch, ChangeKind};
use aurapos_contract::{Uuid, Value};

/// Epoch, position and commit of a cursor.
fn parts(bytes: &[u8]) -> Option<(Uuid, u64, Uuid)> {
    let (epoch, rest) = bytes.split_first_chunk::<16>()?;
    let (position, commit) = rest.split_first_chunk::<8>()?;
    let commit = Uuid::from_bytes(commit.try_into().ok()?);
    Some((Uuid::from_bytes(*epoch), u64::from_be_bytes(*position), commit))
}

impl Data {
    /// A cursor is the epoch, the position of the last commit that was given, and that commit's id: a copy that was put back by
    /// hand has the same epoch, and after some commits the same positions, but no commit of before under them.
    fn read_cursor(&self, after: &[u8]) -> PluginResult<u64> {
        if after.is_empty() {
            return Ok(0);
        }
        let (epoch, position, commit) = parts(after)
            .ok_or_else(|| PluginError::new(ErrorCode::BadQuery, "these bytes are no cursor of this feed"))?;
        if epoch != self.epoch || commit != self.logged_at(position) {
            return Err(PluginError::new(ErrorCode::CursorTooOld, "the cursor belongs to another life of this data"));
        }
        Ok(position)
    }

    /// The commit in the feed at a position. What was given when there was nothing yet has none.
    fn logged_at(&self, position: u64) -> Uuid {
        self.log.get(&position).map(|logged| logged.transaction).unwrap_or_default()
    }

    /// Behind everything of the feed up to a position.
    fn cursor(&self, position: u64) -> Vec<u8> {
        let last = self.log.range(..=position).next_back();
        let (position, commit) = last.map_or((0, Uuid::nil()), |(&position, logged)| (position, logged.transaction));
        [self.epoch.as_bytes().as_slice(), &position.to_be_bytes(), commit.as_bytes()].concat()
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
