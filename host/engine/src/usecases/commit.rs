//! The commit of a sale: one transaction with everything that the sale changes, then what follows from it.

use aurapos_contract::Uuid;
use aurapos_domain::ids::{ReceiptNumber, TicketId};
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Quantity;
use aurapos_domain::receipt::{ReceiptCopy, ReceiptFacts};
use aurapos_domain::sale::{CommittedSale, SaleHeader, SaleKind, TenderDetail, encode};

use super::levels;
use crate::command::Reply;
use crate::effect::PrintRequest;
use crate::engine::Engine;
use crate::env::Env;
use crate::error::refused;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::rows;
use crate::rows::drawer::DrawerTotal;
use crate::rows::payment::{IntentRow, PrintJobRow};
use crate::rows::register::RECEIPTS;
use crate::state::{Core, Draft};
use crate::view;
use crate::work::Work;

impl Engine {
    /// Commits a paid ticket. An error leaves the ticket as it was; in doubt it stays until the doubt is resolved.
    pub(crate) fn finish(&mut self, id: TicketId, env: &mut dyn Env) -> EngineResult<Reply> {
        self.core.need_no_doubt()?;
        if let Some(work) = self.works.get_mut(&id)
            && let Some(origin) = &work.origin
        {
            super::refund::check_remaining(&self.core, origin.sale, &mut work.ticket)?;
        }
        let mut draft = self.core.draft(env)?;
        let work = self.works.get(&id).ok_or_else(|| Code::Bug.error("The ticket is gone."))?;
        let sale = committed_sale(&self.core, work, &draft)?;
        let kind = match sale.header.kind {
            SaleKind::Sale => EntryKind::SALE,
            SaleKind::Refund => EntryKind::REFUND,
        };
        let body = encode(&sale).map_err(refused(Code::SaleRefused))?;
        let (seq, hash) = self.core.append(&mut draft, kind, body)?;
        draft.head.totals = sale.perpetual;
        let drawer = self.write_rows(&mut draft, &sale, seq)?;
        let paid_by = work.paid.iter().filter_map(|paid| paid.intent.as_ref());
        let intents: Vec<IntentRow> =
            paid_by.map(|row| IntentRow { sale: Some(sale.header.id), updated: draft.time, ..row.clone() }).collect();
        rows::upsert(&mut draft.transaction, &intents);
        let kick = work.paid.iter().any(|paid| paid.opens_drawer);
        let sale = view::Sale { sale, seq, hash, repeated: false };
        let print = self.print_job(&sale, ReceiptCopy::Original, kick, env)?;
        if let Some((row, _)) = &print {
            rows::insert(&mut draft.transaction, std::slice::from_ref(row));
        }
        let finished = std::mem::take(&mut self.printed);
        super::print::finish_jobs(&mut draft.transaction, &finished);
        if let Err(error) = self.core.commit(draft) {
            self.printed = finished;
            if let Some(doubt) = &mut self.core.doubt {
                doubt.sale = Some(Box::new(sale));
                doubt.print = print.map(|(_, request)| Box::new(request));
            }
            return Err(error);
        }
        self.core.receipts += 1;
        self.core.drawer = Some(drawer);
        self.drop_work(id);
        self.tell_of_a_new_day(env);
        Ok(self.committed(sale, print))
    }

    /// What follows from a committed sale; nothing of it can fail the sale.
    pub(crate) fn committed(&mut self, sale: view::Sale, print: Option<(PrintJobRow, PrintRequest)>) -> Reply {
        let shown = Box::new(sale);
        self.out.events.push(Event::Committed(shown.clone()));
        if let Some((row, request)) = print {
            self.send_print(row, request);
        }
        if self.devices.event_sinks {
            let told = super::tell::of_sale(&shown);
            self.send_events(vec![told]);
        }
        Reply::Sale(shown)
    }

    /// Every row of the sale beside its journal entry; returns the drawer after it.
    fn write_rows(
        &self,
        draft: &mut Draft,
        sale: &CommittedSale,
        seq: u64,
    ) -> EngineResult<aurapos_domain::drawer::DrawerSession> {
        rows::sale::insert(&mut draft.transaction, sale, seq);
        let sold = sale
            .lines
            .iter()
            .map(|line| (line.product, Quantity::from_thousandths(line.quantity.thousandths().saturating_neg())));
        levels::move_by(&mut draft.transaction, sold)?;
        let mut drawer = self.core.drawer_open()?.clone();
        drawer.add_sale(sale).map_err(refused(Code::SaleRefused))?;
        let kinds: std::collections::BTreeSet<_> = sale.tenders.iter().map(|tender| tender.kind).collect();
        let totals: Vec<DrawerTotal> = kinds
            .into_iter()
            .map(|kind| DrawerTotal { drawer: drawer.id, kind, amount: drawer.tender_total(kind) })
            .collect();
        rows::upsert(&mut draft.transaction, &totals);
        self.core.next_number(draft, RECEIPTS, self.core.receipts);
        Ok(drawer)
    }

    /// The receipt's job and what the runtime is given; `None` without a printer.
    pub(crate) fn print_job(
        &self,
        sale: &view::Sale,
        copy: ReceiptCopy,
        kick_drawer: bool,
        env: &mut dyn Env,
    ) -> EngineResult<Option<(PrintJobRow, PrintRequest)>> {
        let Some(request) = self.print_request(sale, copy, kick_drawer, env.new_id())? else { return Ok(None) };
        let row = PrintJobRow {
            id: request.job,
            sale: sale.id(),
            printer: request.printer.clone(),
            title: sale.receipt_no().to_string(),
            state: "waiting".to_owned(),
            attempts: 0,
            error: String::new(),
            created: env.now(),
        };
        Ok(Some((row, request)))
    }

    /// What the runtime is given for a job; `None` without a printer.
    pub(crate) fn print_request(
        &self,
        sale: &view::Sale,
        copy: ReceiptCopy,
        kick_drawer: bool,
        job: Uuid,
    ) -> EngineResult<Option<PrintRequest>> {
        let Some(printer) = self.devices.receipt_printer.clone() else { return Ok(None) };
        let facts = self.core.shop_facts();
        let receipt = ReceiptFacts::new(&sale.sale, &facts, &sale.hash, copy).map_err(refused(Code::SaleRefused))?;
        let language = self.core.shop.language.clone();
        Ok(Some(PrintRequest { job, printer, receipt: Box::new(receipt), language, kick_drawer }))
    }
}

fn committed_sale(core: &Core, work: &Work, draft: &Draft) -> EngineResult<CommittedSale> {
    let (_, settlement) = work.settlement(&[])?;
    let drawer = core.drawer_open()?;
    let utc_offset_s = crate::local_time::offset_s(core.zone, draft.time);
    let register = &core.register;
    let number = ReceiptNumber::new(register.code.clone(), register.incarnation_code.clone(), core.receipts + 1);
    let header = SaleHeader {
        id: work.sale,
        number,
        kind: work.kind,
        origin: work.origin.clone(),
        register: register.id,
        incarnation: register.incarnation,
        drawer_session: drawer.id,
        operator: work.operator.id,
        operator_name: work.operator.name.clone(),
        customer: work.ticket.customer(),
        customer_vat_number: work.customer_vat_number.clone(),
        time: draft.time,
        utc_offset_s,
        business_day: core.business_day(draft.time),
        hour_local: draft.time.local(utc_offset_s).hour,
    };
    let details: Vec<TenderDetail> = work
        .paid
        .iter()
        .map(|paid| TenderDetail { provider: paid.instance.clone(), reference: paid.reference.clone() })
        .collect();
    CommittedSale::build(header, &work.ticket, &settlement, &details, draft.head.totals)
        .map_err(refused(Code::SaleRefused))
}
