//! Receipts: printed after the commit, printed again marked as a duplicate. Printing never fails a sale.

use aurapos_contract::PluginResult;
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_domain::ids::ReceiptNumber;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::receipt::{ReceiptCopy, ShopFacts};

use crate::command::{Reply, SessionId};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::rows::Record;
use crate::rows::payment::PrintJobRow;
use crate::state::Core;
use crate::{journal, rows};

/// Most finished jobs that are kept to be written with the next sale; above it the oldest stay `waiting` in the store.
const FINISHED_MAX: usize = 100;

impl Core {
    /// What the shop prints about itself.
    pub(crate) fn shop_facts(&self) -> ShopFacts {
        ShopFacts {
            name: self.shop.name.clone(),
            address: self.shop.address.clone(),
            vat_number: self.shop.vat_number.clone(),
            phone: self.shop.phone.clone(),
            footer: crate::settings::receipt_footer(&self.shop, &self.settings),
        }
    }
}

impl Engine {
    pub(crate) fn reprint(
        &mut self,
        session: Option<SessionId>,
        receipt_no: &str,
        env: &mut dyn Env,
    ) -> EngineResult<Reply> {
        let operator = self.operator(session)?;
        let found = super::stored::sale(self.core.store.as_ref(), "receipt_no", receipt_no.trim())?;
        let sale = found.ok_or_else(|| Code::NoSuchSale.error(format!("There is no sale {receipt_no}.")))?;
        let Some((row, request)) = self.print_job(&sale, ReceiptCopy::Duplicate, false, env)? else {
            return Err(Code::BadRequest.error("No receipt printer is configured."));
        };
        let mut draft = self.core.draft(env)?;
        let body = journal::reprint(sale.id(), receipt_no.trim(), operator.id)?;
        self.core.append(&mut draft, EntryKind::REPRINT, body)?;
        rows::insert(&mut draft.transaction, std::slice::from_ref(&row));
        self.core.commit(draft)?;
        self.send_print(row, request);
        Ok(Reply::Done)
    }

    /// A receipt was printed, or not. The state of the job travels with the next sale's commit: it is worth no commit of
    /// its own.
    pub(crate) fn printed(&mut self, job: PrintJobRow, result: PluginResult<()>) {
        let (state, error) = match &result {
            Ok(()) => ("printed", String::new()),
            Err(error) => ("failed", error.to_string()),
        };
        if !error.is_empty()
            && let Ok(receipt_no) = ReceiptNumber::parse(&job.title)
        {
            self.out.events.push(Event::PrintFailed { receipt_no, message: error.clone() });
        }
        if self.printed.len() >= FINISHED_MAX {
            self.printed.remove(0);
        }
        let attempts = job.attempts.saturating_add(1);
        self.printed.push(PrintJobRow { state: state.to_owned(), error, attempts, ..job });
    }

    /// Writes the finished jobs that no sale took along. For the end of the program, so that the next start finds nothing to
    /// print again.
    pub fn settle_prints(&mut self, env: &mut dyn Env) {
        let finished = std::mem::take(&mut self.printed);
        if !finished.is_empty() && self.write_jobs(&finished, env).is_err() {
            self.printed = finished;
        }
    }

    /// Writes finished jobs alone: they tell nothing of trade, so that no journal entry is made.
    pub(crate) fn write_jobs(&mut self, jobs: &[PrintJobRow], env: &mut dyn Env) -> EngineResult<()> {
        let mut transaction = Transaction { id: env.new_id(), time: env.now().0, ..Transaction::default() };
        finish_jobs(&mut transaction, jobs);
        self.core.write(&transaction)
    }
}

/// Puts finished jobs into a transaction. A printed one is taken away: what was printed the journal knows, and a sale pays
/// for a table that stays small. A failed one stays, with what the printer said.
pub(crate) fn finish_jobs(transaction: &mut Transaction, jobs: &[PrintJobRow]) {
    let (printed, failed): (Vec<&PrintJobRow>, Vec<&PrintJobRow>) = jobs.iter().partition(|row| row.state == "printed");
    if !printed.is_empty() {
        let keys = printed.into_iter().map(|row| vec![row.id.into()]).collect();
        transaction.push(OperationKind::Delete, PrintJobRow::TABLE, &["id"], keys);
    }
    let failed: Vec<PrintJobRow> = failed.into_iter().cloned().collect();
    rows::upsert(transaction, &failed);
}
