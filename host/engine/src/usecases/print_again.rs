//! Receipts of which nobody knows whether they were printed, because the program ended before the printer answered (ADR
//! 0023). A receipt of the last hour is printed again at the next start, as a duplicate, since it may be on paper already;
//! any other is told.

use aurapos_contract::Uuid;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{OperatorId, ReceiptNumber};
use aurapos_domain::journal::EntryKind;
use aurapos_domain::receipt::ReceiptCopy;

use crate::effect::PrintRequest;
use crate::engine::Engine;
use crate::env::Env;
use crate::error::EngineResult;
use crate::event::Event;
use crate::rows::payment::PrintJobRow;
use crate::state::Draft;
use crate::{journal, rows};

/// How old a receipt may be that is printed again: later, its customer is gone.
const AGE_US_MAX: i64 = 3_600_000_000;
/// How often a receipt is begun: one that takes the program down with it must not do so at each start.
const ATTEMPTS_MAX: u32 = 3;
/// Most receipts that are printed again at one start, and most that are told; the newest ones.
const AGAIN_MAX: usize = 10;
/// Rows settled in one transaction.
const ROWS_MAX: usize = 1_000;

impl Engine {
    /// Looks once, at the start, at what an earlier life of the program left behind.
    pub(crate) fn print_again(&mut self, env: &mut dyn Env) {
        if std::mem::replace(&mut self.jobs_seen, true) || self.core.doubt.is_some() {
            return;
        }
        // What can't be read or written now is looked at again at the next start: printing never stops the register.
        let _ = self.settle_jobs(env);
    }

    fn settle_jobs(&mut self, env: &mut dyn Env) -> EngineResult<()> {
        let query = rows::query::<PrintJobRow>().filter_in("state", vec!["waiting".into()]);
        let mut left: Vec<PrintJobRow> = rows::scan_all(self.core.store.as_ref(), query, self.core.currency())?;
        left.sort_by_key(|row| std::cmp::Reverse((row.created, row.id)));
        let now = env.now();
        let (again, told): (Vec<_>, Vec<_>) =
            left.into_iter().enumerate().partition(|(place, row)| *place < AGAIN_MAX && self.is_fresh(row, now));
        let mut printed = Vec::new();
        let mut told: Vec<PrintJobRow> = told.into_iter().map(|(_, row)| row).collect();
        for (_, row) in again.into_iter().rev() {
            let row = PrintJobRow { attempts: row.attempts.saturating_add(1), ..row };
            match self.duplicate(&row)? {
                Some(request) => printed.push((row, request)),
                None => told.push(row),
            }
        }
        self.write_duplicates(&printed, env)?;
        for (row, request) in printed {
            self.send_print(row, request);
        }
        self.give_up_jobs(told, env)
    }

    /// It was sold in this life of the register, not long ago, and did not take the program down before.
    fn is_fresh(&self, row: &PrintJobRow, now: Timestamp) -> bool {
        let age_us = now.0.saturating_sub(row.created.0);
        !self.copied && row.attempts < ATTEMPTS_MAX && (0..=AGE_US_MAX).contains(&age_us)
    }

    /// The job with the receipt as a duplicate, under the id that it had.
    fn duplicate(&self, row: &PrintJobRow) -> EngineResult<Option<PrintRequest>> {
        let Some(sale) = super::stored::sale(self.core.store.as_ref(), "id", row.sale.uuid())? else { return Ok(None) };
        self.print_request(&sale, ReceiptCopy::Duplicate, false, row.id)
    }

    /// Before they are printed: the journal knows each duplicate, and the rows how often it was tried.
    fn write_duplicates(&mut self, jobs: &[(PrintJobRow, PrintRequest)], env: &mut dyn Env) -> EngineResult<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        let mut draft: Draft = self.core.draft(env)?;
        // Nobody asked for it: the program itself did.
        let program = OperatorId::new(Uuid::nil());
        for (row, _) in jobs {
            self.core.append(&mut draft, EntryKind::REPRINT, journal::reprint(row.sale, &row.title, program)?)?;
        }
        let rows: Vec<PrintJobRow> = jobs.iter().map(|(row, _)| row.clone()).collect();
        rows::upsert(&mut draft.transaction, &rows);
        self.core.commit(draft)
    }

    /// Nobody will print these any more: the operator hears of the newest ones.
    fn give_up_jobs(&mut self, jobs: Vec<PrintJobRow>, env: &mut dyn Env) -> EngineResult<()> {
        let message = "the program ended before the printer answered".to_owned();
        let failed: Vec<PrintJobRow> = jobs
            .into_iter()
            .map(|row| PrintJobRow { state: "failed".to_owned(), error: message.clone(), ..row })
            .collect();
        for some in failed.chunks(ROWS_MAX) {
            self.write_jobs(some, env)?;
        }
        for row in failed.iter().take(AGAIN_MAX) {
            if let Ok(receipt_no) = ReceiptNumber::parse(&row.title) {
                self.out.events.push(Event::PrintFailed { receipt_no, message: message.clone() });
            }
        }
        Ok(())
    }
}
