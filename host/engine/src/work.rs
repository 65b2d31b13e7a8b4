//! A ticket with its payments, from the first line to the commit.

use std::collections::VecDeque;

use aurapos_contract::payment::PaymentIntent;
use aurapos_domain::catalog::Unit;
use aurapos_domain::ids::SaleId;
use aurapos_domain::money::Money;
use aurapos_domain::people::Operator;
use aurapos_domain::sale::{SaleKind, SaleOrigin};
use aurapos_domain::tender::{Due, PartOf, PaymentRequest, RoundingRule, Settlement, Tender, TenderKind, settle};
use aurapos_domain::ticket::{Line, NewLine, Ticket, Totals};

use crate::command::{CommandId, SessionId, TenderRequest};
use crate::effect::EffectId;
use crate::error::refused;
use crate::error::{Code, EngineResult};
use crate::rows::payment::IntentRow;
use crate::view;

/// Most tickets that are worked on at once.
pub(crate) const WORKS_MAX: usize = 64;

/// A payment that counts.
#[derive(Debug, Clone)]
pub(crate) struct Paid {
    /// For cash what was handed over, otherwise what was paid; below zero when money goes back.
    pub(crate) tender: Tender,
    /// Instance.
    pub(crate) instance: String,
    /// The plugin's own reference.
    pub(crate) reference: String,
    /// The stored intent, when the money left the register.
    pub(crate) intent: Option<IntentRow>,
    /// The drawer opens.
    pub(crate) opens_drawer: bool,
    /// What the plugin was asked, when it was asked.
    pub(crate) asked: Option<PaymentIntent>,
}

/// A payment that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    /// What the plugin was given.
    pub(crate) intent: PaymentIntent,
    /// The same for the domain's check of the answer.
    pub(crate) request: PaymentRequest,
    /// Instance.
    pub(crate) instance: String,
    /// The stored intent, when the money leaves the register.
    pub(crate) row: Option<IntentRow>,
    /// `query_status` was called after silence.
    pub(crate) asked: bool,
    /// An effect is in flight. `false`: nobody knows, and nobody is being asked.
    pub(crate) running: bool,
    /// The effect in flight, or the last one.
    pub(crate) effect: EffectId,
    /// The operator asked it to stop.
    pub(crate) cancelling: bool,
}

/// A ticket on its way.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) ticket: Ticket,
    /// The id its sale will have.
    pub(crate) sale: SaleId,
    pub(crate) kind: SaleKind,
    pub(crate) origin: Option<SaleOrigin>,
    /// What came back of that sale before, as far as the rounding of this part depends on it.
    pub(crate) part_of: Option<PartOf>,
    pub(crate) operator: Operator,
    pub(crate) session: SessionId,
    pub(crate) customer_vat_number: Option<String>,
    pub(crate) rule: RoundingRule,
    pub(crate) paid: Vec<Paid>,
    pub(crate) pending: Option<Pending>,
    /// Payments of a whole sale that are still to be asked for.
    pub(crate) plan: VecDeque<TenderRequest>,
    /// A whole sale: it ends as a sale or not at all, and is no session's ticket.
    pub(crate) whole: bool,
    /// The command that waits for it.
    pub(crate) command: Option<CommandId>,
    /// References of the payments that a refund gives back, by instance.
    pub(crate) original_references: Vec<(String, String)>,
    /// Lines that were taken away, the last one at the end.
    pub(crate) removed: Vec<Line>,
    /// A payment is being taken back: its number among the paid ones.
    pub(crate) taking_back: Option<usize>,
}

/// Most lines of a ticket that can be put back.
pub(crate) const REMOVED_MAX: usize = 100;

impl Work {
    pub(crate) fn new(
        ticket: Ticket,
        sale: SaleId,
        operator: Operator,
        session: SessionId,
        rule: RoundingRule,
    ) -> Self {
        Work {
            ticket,
            sale,
            kind: SaleKind::Sale,
            origin: None,
            part_of: None,
            operator,
            session,
            customer_vat_number: None,
            rule,
            paid: Vec::new(),
            pending: None,
            plan: VecDeque::new(),
            whole: false,
            command: None,
            original_references: Vec::new(),
            removed: Vec::new(),
            taking_back: None,
        }
    }

    /// Money was taken or may have been: the ticket can't be changed or given up.
    pub(crate) fn holds_money(&self) -> bool {
        !self.paid.is_empty() || self.pending.is_some()
    }

    /// A whole sale that nobody waits for any more: its caller was told that it failed.
    pub(crate) fn is_left_behind(&self) -> bool {
        self.whole && self.command.is_none() && self.pending.as_ref().is_none_or(|pending| !pending.running)
    }

    /// Where the sale stands with these tenders more.
    pub(crate) fn settlement(&self, more: &[Tender]) -> EngineResult<(Totals, Settlement)> {
        let totals = self.ticket.totals().map_err(refused(Code::TicketRefused))?;
        let food = totals.food_total().map_err(refused(Code::TicketRefused))?;
        let due = Due { total: totals.total, food, part_of: self.part_of };
        let tenders: Vec<Tender> =
            self.paid.iter().map(|paid| paid.tender.clone()).chain(more.iter().cloned()).collect();
        let settlement = settle(due, self.rule, &tenders).map_err(refused(Code::BadTender))?;
        Ok((totals, settlement))
    }

    /// What is due in one way.
    pub(crate) fn remaining(settlement: &Settlement, kind: TenderKind) -> Money {
        match kind {
            TenderKind::Cash => settlement.remaining_cash,
            TenderKind::MealVoucher => settlement.remaining_meal,
            kind if kind.is_voucher() => settlement.remaining_voucher,
            _ => settlement.remaining_other,
        }
    }

    /// What the operator sees.
    pub(crate) fn view(&self) -> EngineResult<view::Ticket> {
        let (totals, settlement) = self.settlement(&[])?;
        let lines = self.ticket.lines().iter().zip(&totals.lines).map(|(line, amounts)| view::TicketLine {
            number: line.number,
            product: line.item.product,
            sku: line.item.sku.clone(),
            name: line.item.name.clone(),
            quantity: line.item.quantity,
            unit: line.item.unit,
            unit_price: line.item.unit_price,
            list_price: line.item.list_price,
            gross: amounts.gross,
            discount: amounts.discount,
            agreed_discount: line.item.discount,
            net: amounts.net,
            rate_bp: amounts.rate_bp,
            note: line.item.note.clone(),
            weighed: line.item.unit == Unit::Kilogram,
            fixed: line.item.fixed_gross.is_some(),
        });
        let tenders = self.paid.iter().map(|paid| view::TicketTender {
            instance: paid.instance.clone(),
            kind: paid.tender.kind,
            amount: paid.tender.amount,
        });
        Ok(view::Ticket {
            id: self.ticket.id(),
            lines: lines.collect(),
            subtotal: totals.subtotal,
            discount: self.ticket.discount(),
            ticket_discount: totals.ticket_discount,
            vat: totals.vat,
            total: totals.total,
            tenders: tenders.collect(),
            due_cash: settlement.remaining_cash,
            due_other: settlement.remaining_other,
            due_voucher: settlement.remaining_voucher,
            settled: settlement.settled && !self.ticket.is_empty(),
            payment_unknown: self.pending.as_ref().is_some_and(|pending| !pending.running),
            cancelling: self.pending.as_ref().is_some_and(|pending| pending.running && pending.cancelling),
            note: self.ticket.note().to_owned(),
            item_count: self.ticket.lines().iter().map(|line| pieces(&line.item)).sum(),
            removed: self.removed.iter().rev().map(removed).collect(),
        })
    }
}

fn removed(line: &Line) -> view::RemovedLine {
    view::RemovedLine { number: line.number, name: line.item.name.clone() }
}

/// How many things a line is in a bag.
fn pieces(item: &NewLine) -> u64 {
    match item.unit {
        Unit::Piece => item.quantity.thousandths().unsigned_abs() / 1_000,
        Unit::Kilogram | Unit::Newer(_) => 1,
    }
}
