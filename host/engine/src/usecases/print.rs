//! Receipts: printed after the commit, printed again marked as a duplicate. Printing never fails a sale.

use aurapos_contract::PluginResult;
use aurapos_domain::ids::ReceiptNumber;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::receipt::{ReceiptCopy, ShopFacts};

use crate::command::{Reply, SessionId};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::rows::payment::PrintJobRow;
use crate::state::Core;
use crate::view::Event;
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
}
