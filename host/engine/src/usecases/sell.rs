//! A whole sale at once: the same ticket, tenders and commit as at the screen, ended as a sale or not at all.

use aurapos_domain::ids::{SaleId, TicketId};
use aurapos_domain::tender::Tender;

use super::item;
use crate::command::{CommandId, Reply, SaleRequest, SessionId, TenderRequest};
use crate::effect::PAYMENTS_MAX;
use crate::engine::Engine;
use crate::env::Env;
use crate::error::refused;
use crate::error::{Code, EngineResult};
use crate::work::Work;

/// Most items of a whole sale; the same products add up to fewer lines.
pub const ITEMS_MAX: usize = 10_000;

impl Engine {
    pub(crate) fn sell(
        &mut self,
        command: CommandId,
        session: Option<SessionId>,
        request: SaleRequest,
        env: &mut dyn Env,
    ) -> EngineResult<Option<Reply>> {
        let operator = self.operator(session)?;
        if let Some(reply) = self.sold_before(request.id)? {
            return Ok(Some(reply));
        }
        self.core.drawer_open()?;
        self.room_for_work()?;
        if request.items.is_empty() {
            return Err(Code::TicketEmpty.error("The sale has no items."));
        }
        let mut ticket = self.new_ticket(env);
        if request.items.len() > ITEMS_MAX {
            return Err(Code::TicketRefused.error(format!("A sale takes at most {ITEMS_MAX} items.")));
        }
        for line in item::lines(&mut self.core, &request.items, env.now())? {
            ticket.add_line(line).map_err(refused(Code::TicketRefused))?;
        }
        if request.discount.is_some() {
            ticket.set_discount(request.discount).map_err(refused(Code::TicketRefused))?;
        }
        ticket.set_customer(request.customer);
        ticket.set_note(&crate::fold::nfc(&request.note)).map_err(refused(Code::TicketRefused))?;
        let country = self.core.shop.country;
        let vat_number = request.customer_vat_number.as_deref().map(|number| country.vat_number.normalise(number));
        let vat_number = vat_number.transpose().map_err(refused(Code::BadRequest))?;
        let rule = self.core.rounding(vat_number.is_some());
        let sale = request.id.unwrap_or_else(|| SaleId::new(env.new_id()));
        let session = session.ok_or_else(|| Code::SignedOut.error("Nobody is signed in."))?;
        let work = Work { customer_vat_number: vat_number, ..Work::new(ticket, sale, operator, session, rule) };
        self.start_whole(command, work, request.tenders, env)
    }

    /// The first result of a sale id that was used before.
    pub(crate) fn sold_before(&self, id: Option<SaleId>) -> EngineResult<Option<Reply>> {
        let Some(id) = id else { return Ok(None) };
        if self.works.values().any(|work| work.sale == id) {
            return Err(Code::SaleRunning.error(format!("The sale {id} is being worked on.")));
        }
        let found = super::stored::sale(self.core.store.as_ref(), "id", id.uuid())?;
        Ok(found.map(|sale| Reply::Sale(Box::new(sale))))
    }

    /// Takes a finished ticket through its payments. Nothing is charged before the payments are known to cover it.
    pub(crate) fn start_whole(
        &mut self,
        command: CommandId,
        mut work: Work,
        tenders: Vec<TenderRequest>,
        env: &mut dyn Env,
    ) -> EngineResult<Option<Reply>> {
        self.check_plan(&work, &tenders)?;
        work.whole = true;
        work.command = Some(command);
        work.plan = tenders.into();
        let id: TicketId = work.ticket.id();
        self.works.insert(id, work);
        self.advance(id, env)
    }

    fn check_plan(&self, work: &Work, tenders: &[TenderRequest]) -> EngineResult<()> {
        if tenders.len() > PAYMENTS_MAX {
            return Err(Code::BadTender.error(format!("A sale takes at most {PAYMENTS_MAX} tenders.")));
        }
        let mut planned: Vec<Tender> = Vec::new();
        for request in tenders {
            let kind = self.instance(&request.instance)?.kind;
            let (totals, settlement) = work.settlement(&planned)?;
            let remaining = Work::remaining(&settlement, kind);
            let amount = match request.amount {
                None => remaining,
                Some(given) if totals.total.is_negative() => given.checked_neg().map_err(refused(Code::BadTender))?,
                Some(given) => given,
            };
            super::payment::believed(kind, amount, remaining)?;
            planned.push(Tender { kind, amount });
        }
        let (_, settlement) = work.settlement(&planned)?;
        if settlement.settled {
            return Ok(());
        }
        let due = settlement.remaining_voucher;
        Err(Code::NotPaid.error(format!("{due} of the {} is not paid.", settlement.total)))
    }
}
