//! Going through the answers to a query, within the limits of one question to a store. Knows no records.

use aurapos_contract::query::{ANSWER_ROWS_MAX, Query};
use aurapos_contract::{RecordStore, RowBatch};

use crate::error::EngineResult;

/// Goes through every answer to a query, page after page, without keeping any: constant memory over any table.
pub fn each_page(
    store: &dyn RecordStore,
    mut query: Query,
    mut page: impl FnMut(&RowBatch) -> EngineResult<()>,
) -> EngineResult<()> {
    loop {
        let batch = store.scan(&query)?;
        page(&batch)?;
        if batch.next().is_empty() {
            return Ok(());
        }
        query.after = batch.next().to_vec();
    }
}

/// Goes through the first rows of a query, `max` at most, over as many answers as it takes. Says whether there are more.
pub fn each_row(
    store: &dyn RecordStore,
    mut query: Query,
    max: usize,
    mut row: impl FnMut(&RowBatch, usize) -> EngineResult<()>,
) -> EngineResult<bool> {
    let mut seen = 0;
    loop {
        // One more than is wanted tells whether there are more.
        let wanted = (max - seen).saturating_add(1).min(ANSWER_ROWS_MAX as usize);
        query.limit = u32::try_from(wanted).unwrap_or(ANSWER_ROWS_MAX);
        let batch = store.scan(&query)?;
        for place in 0..batch.len() {
            if seen == max {
                return Ok(true);
            }
            row(&batch, place)?;
            seen += 1;
        }
        if batch.next().is_empty() {
            return Ok(false);
        }
        query.after = batch.next().to_vec();
    }
}
