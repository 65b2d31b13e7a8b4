//! A refund with its receipt: never more than was sold, and the last piece takes the last cent, of the price as of the tax
//! and of what cash is rounded by (ADR 0023, 0032).

use std::collections::{BTreeMap, BTreeSet};

use aurapos_contract::query::{FilterKind, IN_VALUES_MAX, Query};
use aurapos_contract::{RowBatch, Uuid, Value};
use aurapos_domain::catalog::Unit;
use aurapos_domain::ids::SaleId;
use aurapos_domain::money::{Money, Quantity};
use aurapos_domain::sale::{SaleKind, SaleLine, SaleOrigin};
use aurapos_domain::tax::{self, VatRow};
use aurapos_domain::tender::{PartOf, refund_part};
use aurapos_domain::ticket::{LineOrigin, NewLine, Ticket};

use crate::command::{CommandId, RefundRequest, Reply, SessionId};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::refused;
use crate::error::{Code, EngineError, EngineResult};
use crate::rows::lookup;
use crate::state::Core;
use crate::view;
use crate::work::Work;

/// What is left of a sale.
struct Remaining {
    /// Of each line: quantity and amount.
    lines: BTreeMap<u32, (Quantity, Money)>,
    /// Of each rate: what is still taxed.
    vat: Vec<VatRow>,
    /// What the parts that came back before were rounded by.
    rounding: Money,
}

impl Engine {
    pub(crate) fn refund(
        &mut self,
        command: CommandId,
        session: Option<SessionId>,
        request: RefundRequest,
        env: &mut dyn Env,
    ) -> EngineResult<Option<Reply>> {
        let operator = self.operator(session)?;
        if let Some(reply) = self.sold_before(request.id)? {
            return Ok(Some(reply));
        }
        self.core.drawer_open()?;
        self.core.shop.must_be_known()?;
        self.room_for_work()?;
        let origin = self.sale_to_refund(&request.receipt_no)?;
        let mut remaining = remaining(&self.core, &origin)?;
        let mut ticket = self.new_ticket(env);
        for (number, quantity) in wanted(&request, &remaining)? {
            let line = origin.sale.lines.iter().find(|line| line.number == number);
            let (Some(line), Some(left)) = (line, remaining.lines.get_mut(&number)) else {
                return Err(Code::RefundTooMuch.error(format!("The receipt has no line {number} that can come back.")));
            };
            let amount = refund_part(left.1, left.0, quantity).map_err(refused(Code::RefundTooMuch))?;
            // The same line may be named twice: the second time less of it is left.
            left.0 = left.0.checked_sub(quantity).map_err(refused(Code::RefundTooMuch))?;
            left.1 = left.1.checked_sub(amount).map_err(refused(Code::RefundTooMuch))?;
            let line = refund_line(origin.id(), line, quantity, amount)?;
            ticket.add_line(line).map_err(refused(Code::TicketRefused))?;
        }
        ticket.set_vat_left(remaining.vat);
        let sale = request.id.unwrap_or_else(|| SaleId::new(env.new_id()));
        let session = session.ok_or_else(|| Code::SignedOut.error("Nobody is signed in."))?;
        let business = origin.sale.header.customer_vat_number.clone();
        let rule = self.core.rounding(business.is_some());
        let tenders = origin.sale.tenders.iter();
        let work = Work {
            kind: SaleKind::Refund,
            origin: Some(SaleOrigin { sale: origin.id(), number: origin.receipt_no().clone() }),
            part_of: Some(PartOf { total: origin.sale.total, rounding: remaining.rounding }),
            customer_vat_number: business,
            original_references: tenders.map(|paid| (paid.provider.clone(), paid.reference.clone())).collect(),
            ..Work::new(ticket, sale, operator, session, rule)
        };
        self.start_whole(command, work, request.tenders, env)
    }

    fn sale_to_refund(&self, receipt_no: &str) -> EngineResult<view::Sale> {
        let found = super::stored::sale(self.core.store.as_ref(), "receipt_no", receipt_no.trim())?;
        let sale = found.ok_or_else(|| Code::NoSuchSale.error(format!("There is no sale {receipt_no}.")))?;
        if sale.sale.header.kind == SaleKind::Refund {
            return Err(Code::RefundTooMuch.error(format!("{receipt_no} is a refund and can't be refunded.")));
        }
        Ok(sale)
    }
}

fn wanted(request: &RefundRequest, remaining: &Remaining) -> EngineResult<Vec<(u32, Quantity)>> {
    if !request.lines.is_empty() {
        return Ok(request.lines.clone());
    }
    let all: Vec<(u32, Quantity)> =
        remaining.lines.iter().filter(|(_, left)| !left.0.is_zero()).map(|(line, left)| (*line, left.0)).collect();
    if all.is_empty() {
        return Err(Code::RefundTooMuch.error(format!("Everything of {} has come back already.", request.receipt_no)));
    }
    Ok(all)
}

fn refund_line(sale: SaleId, line: &SaleLine, quantity: Quantity, amount: Money) -> EngineResult<NewLine> {
    if let Unit::Newer(unit) = line.unit {
        let told = format!("{} was sold by \"{}\", which this program does not know.", line.name, unit.code());
        return Err(Code::NeedsUpdate.error(told));
    }
    Ok(NewLine {
        product: line.product,
        sku: line.sku.clone(),
        name: line.name.clone(),
        category: line.category,
        barcode: line.barcode.clone(),
        unit: line.unit,
        quantity: quantity.checked_neg().map_err(refused(Code::BadRequest))?,
        list_price: line.list_price,
        unit_price: line.unit_price,
        fixed_gross: Some(amount.checked_neg().map_err(refused(Code::BadRequest))?),
        discount: None,
        tax_code: line.tax_code.clone(),
        rate_bp: line.rate_bp,
        food: line.food,
        note: String::new(),
        origin: Some(LineOrigin { sale, line: line.number }),
    })
}

/// What is left of each line that was sold and of its tax: the sale less everything that came back.
fn remaining(core: &Core, origin: &view::Sale) -> EngineResult<Remaining> {
    let sold = origin.sale.lines.iter().filter(|line| !line.quantity.is_negative());
    let mut left: BTreeMap<u32, (Quantity, Money)> =
        sold.map(|line| (line.number, (line.quantity, line.net))).collect();
    let query = Query::over("refund_line").select(&["sale", "origin_line", "quantity", "net"]).filter(
        "origin",
        FilterKind::Equal,
        origin.id().uuid(),
    );
    let mut refunds: BTreeSet<Uuid> = BTreeSet::new();
    lookup::each_page(core.store.as_ref(), query, |back| {
        for row in 0..back.len() {
            refunds.insert(back.uuid(row, 0).ok_or_else(|| missing("refund_line"))?);
            take_line(&mut left, back, row, core)?;
        }
        Ok(())
    })?;
    let refunds: Vec<Uuid> = refunds.into_iter().collect();
    let vat = tax::vat_left(&origin.sale.vat, &vat_of(core, &refunds)?).map_err(refused(Code::RowDamaged))?;
    Ok(Remaining { lines: left, vat, rounding: rounding_of(core, &refunds)? })
}

fn missing(table: &str) -> EngineError {
    Code::RowDamaged.error(format!("Table {table}: a value is missing."))
}

/// Takes off what one row of `refund_line` gave back.
fn take_line(
    left: &mut BTreeMap<u32, (Quantity, Money)>,
    back: &RowBatch,
    row: usize,
    core: &Core,
) -> EngineResult<()> {
    let (Some(line), Some(quantity), Some(net)) = (back.int(row, 1), back.int(row, 2), back.int(row, 3)) else {
        return Err(missing("refund_line"));
    };
    let line = u32::try_from(line).ok().and_then(|line| left.get_mut(&line));
    let Some(left) = line else { return Ok(()) };
    // What came back is stored below zero.
    left.0 = left.0.checked_add(Quantity::from_thousandths(quantity)).map_err(refused(Code::RowDamaged))?;
    left.1 = left.1.checked_add(Money::new(net, core.currency())).map_err(refused(Code::RowDamaged))?;
    Ok(())
}

/// The VAT rows of refunds, which are of one sale each.
fn vat_of(core: &Core, refunds: &[Uuid]) -> EngineResult<Vec<VatRow>> {
    let mut rows = Vec::new();
    for some in refunds.chunks(IN_VALUES_MAX) {
        let sales: Vec<Value> = some.iter().map(|sale| (*sale).into()).collect();
        let query = Query::over("sale_vat").select(&["rate", "base", "amount", "gross"]).filter_in("sale", sales);
        lookup::each_page(core.store.as_ref(), query, |batch| {
            for row in 0..batch.len() {
                let int = |column| batch.int(row, column).ok_or_else(|| missing("sale_vat"));
                let money = |column| int(column).map(|minor| Money::new(minor, core.currency()));
                rows.push(VatRow { rate_bp: int(0)?, base: money(1)?, amount: money(2)?, gross: money(3)? });
            }
            Ok(())
        })?;
    }
    Ok(rows)
}

/// The sum of what refunds were rounded by.
fn rounding_of(core: &Core, refunds: &[Uuid]) -> EngineResult<Money> {
    let mut sum = Money::zero(core.currency());
    for some in refunds.chunks(IN_VALUES_MAX) {
        let sales: Vec<Value> = some.iter().map(|sale| (*sale).into()).collect();
        let query = Query::over("sale").select(&["rounding"]).filter_in("id", sales);
        lookup::each_page(core.store.as_ref(), query, |batch| {
            for row in 0..batch.len() {
                let minor = batch.int(row, 0).ok_or_else(|| missing("sale"))?;
                sum = sum.checked_add(Money::new(minor, sum.currency)).map_err(refused(Code::RowDamaged))?;
            }
            Ok(())
        })?;
    }
    Ok(sum)
}

/// Checks again at the commit that no more comes back than is left, and takes the tax off what is left now: another refund
/// may have been committed while a payment of this one was waited for.
pub(crate) fn check_remaining(core: &Core, origin: SaleId, ticket: &mut Ticket) -> EngineResult<()> {
    let sale = super::stored::sale(core.store.as_ref(), "id", origin.uuid())?
        .ok_or_else(|| Code::NoSuchSale.error("The sale to be refunded is gone."))?;
    let mut left = remaining(core, &sale)?;
    for line in ticket.lines() {
        let Some(origin) = line.item.origin else { continue };
        let entry = left.lines.get_mut(&origin.line).ok_or_else(|| too_much(&line.item.name))?;
        entry.0 = entry.0.checked_add(line.item.quantity).map_err(refused(Code::BadRequest))?;
        let amount = line.item.gross().map_err(refused(Code::BadRequest))?;
        entry.1 = entry.1.checked_add(amount).map_err(refused(Code::BadRequest))?;
        if entry.0.is_negative() || entry.1.is_negative() {
            return Err(too_much(&line.item.name));
        }
    }
    ticket.set_vat_left(left.vat);
    Ok(())
}

fn too_much(name: &str) -> EngineError {
    Code::RefundTooMuch.error(format!("More of {name} would come back than was sold."))
}
