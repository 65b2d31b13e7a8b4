//! The form of a sale in the journal; golden files `tests/golden/*.hex`.
//!
//! Version 1: sales, and refunds whose lines were taxed by themselves. Version 2: the same, and at the end what was left of
//! the sale that a refund gives back; it is written when there is such a thing, so that one value has one form.

use super::{CommittedSale, PerpetualTotals, SaleHeader, SaleKind, SaleLine, SaleOrigin, SaleTender};
use crate::body::{BodyError, Reader, Writer};
use crate::calendar::{Date, Timestamp};
use crate::catalog::Unit;
use crate::ids::{
    CategoryId, CustomerId, DrawerSessionId, IncarnationId, OperatorId, ProductId, ReceiptNumber, RegisterId, SaleId,
};
use crate::money::{Currency, Money, Quantity};
use crate::tax::{PriceMode, TaxCode, VatRow};
use crate::tender::TenderKind;
use crate::ticket::LineOrigin;

/// The newest version that `encode` writes.
pub const SALE_BODY_VERSION: u8 = 2;
/// The version without what was left.
const TAXED_ALONE: u8 = 1;

/// The bytes of a sale for the journal.
pub fn encode(sale: &CommittedSale) -> Result<Vec<u8>, BodyError> {
    let mut w = Writer::new(if sale.vat_left.is_empty() { TAXED_ALONE } else { SALE_BODY_VERSION });
    write_header(&mut w, &sale.header);
    w.text(sale.currency.code());
    w.u8(match sale.price_mode {
        PriceMode::Inclusive => 0,
        PriceMode::Exclusive => 1,
    });
    w.list(&sale.lines, write_line);
    w.i64(sale.subtotal.minor).i64(sale.ticket_discount.minor).i64(sale.net.minor);
    w.list(&sale.vat, write_vat);
    w.i64(sale.total.minor).i64(sale.rounding.minor);
    w.list(&sale.tenders, |w, tender| {
        w.text(tender.kind.code()).text(&tender.provider);
        w.i64(tender.tendered.minor).i64(tender.applied.minor).i64(tender.change.minor).text(&tender.reference);
    });
    w.i64(sale.change.minor).text(&sale.note);
    w.u64(sale.perpetual.sales_count).i64(sale.perpetual.grand_total_minor).i64(sale.perpetual.refunds_minor);
    if !sale.vat_left.is_empty() {
        w.list(&sale.vat_left, write_vat);
    }
    w.finish()
}

/// The sale of a journal's bytes. Whether it adds up, `CommittedSale::check` tells.
pub fn decode(bytes: &[u8]) -> Result<CommittedSale, BodyError> {
    let mut r = Reader::new(bytes, SALE_BODY_VERSION)?;
    let header = read_header(&mut r)?;
    let currency = Currency::from_code(&r.text()?).map_err(|_| bad("the currency"))?;
    let money = |r: &mut Reader<'_>| r.i64().map(|minor| Money::new(minor, currency));
    let price_mode = match r.u8()? {
        0 => PriceMode::Inclusive,
        1 => PriceMode::Exclusive,
        _ => return Err(bad("the price mode")),
    };
    let lines = r.list(|r| read_line(r, currency))?;
    let (subtotal, ticket_discount, net) = (money(&mut r)?, money(&mut r)?, money(&mut r)?);
    let vat = r.list(|r| read_vat(r, currency))?;
    let (total, rounding) = (money(&mut r)?, money(&mut r)?);
    let tenders = r.list(|r| {
        Ok(SaleTender {
            kind: TenderKind::from_code(&r.text()?).ok_or_else(|| bad("a tender"))?,
            provider: r.text()?,
            tendered: money(r)?,
            applied: money(r)?,
            change: money(r)?,
            reference: r.text()?,
        })
    })?;
    let (change, note) = (money(&mut r)?, r.text()?);
    let perpetual = PerpetualTotals { sales_count: r.u64()?, grand_total_minor: r.i64()?, refunds_minor: r.i64()? };
    let vat_left = if r.version() == TAXED_ALONE { Vec::new() } else { r.list(|r| read_vat(r, currency))? };
    if r.version() != TAXED_ALONE && vat_left.is_empty() {
        return Err(bad("the version"));
    }
    r.finish()?;
    Ok(CommittedSale {
        header,
        currency,
        price_mode,
        lines,
        subtotal,
        ticket_discount,
        net,
        vat,
        vat_left,
        total,
        rounding,
        tenders,
        change,
        note,
        perpetual,
    })
}

const fn bad(what: &'static str) -> BodyError {
    BodyError::BadValue { what }
}

fn write_vat(w: &mut Writer, row: &VatRow) {
    w.i64(row.rate_bp).i64(row.base.minor).i64(row.amount.minor).i64(row.gross.minor);
}

fn read_vat(r: &mut Reader<'_>, currency: Currency) -> Result<VatRow, BodyError> {
    let money = |r: &mut Reader<'_>| r.i64().map(|minor| Money::new(minor, currency));
    Ok(VatRow { rate_bp: r.i64()?, base: money(r)?, amount: money(r)?, gross: money(r)? })
}

fn write_header(w: &mut Writer, header: &SaleHeader) {
    w.uuid(header.id.uuid()).text(&header.number.to_string());
    w.u8(match header.kind {
        SaleKind::Sale => 0,
        SaleKind::Refund => 1,
    });
    w.option(header.origin.as_ref(), |w, origin| {
        w.uuid(origin.sale.uuid()).text(&origin.number.to_string());
    });
    w.uuid(header.register.uuid()).uuid(header.incarnation.uuid()).uuid(header.drawer_session.uuid());
    w.uuid(header.operator.uuid()).text(&header.operator_name);
    w.option(header.customer, |w, customer| {
        w.uuid(customer.uuid());
    });
    w.option(header.customer_vat_number.as_deref(), |w, number| {
        w.text(number);
    });
    w.i64(header.time.0).i32(header.utc_offset_s).i32(header.business_day.days()).u8(header.hour_local);
}

fn read_header(r: &mut Reader<'_>) -> Result<SaleHeader, BodyError> {
    Ok(SaleHeader {
        id: SaleId::new(r.uuid()?),
        number: read_number(r)?,
        kind: match r.u8()? {
            0 => SaleKind::Sale,
            1 => SaleKind::Refund,
            _ => return Err(bad("the kind of sale")),
        },
        origin: r.option(|r| Ok(SaleOrigin { sale: SaleId::new(r.uuid()?), number: read_number(r)? }))?,
        register: RegisterId::new(r.uuid()?),
        incarnation: IncarnationId::new(r.uuid()?),
        drawer_session: DrawerSessionId::new(r.uuid()?),
        operator: OperatorId::new(r.uuid()?),
        operator_name: r.text()?,
        customer: r.option(|r| r.uuid().map(CustomerId::new))?,
        customer_vat_number: r.option(Reader::text)?,
        time: Timestamp(r.i64()?),
        utc_offset_s: r.i32()?,
        business_day: read_day(r)?,
        hour_local: match r.u8()? {
            hour @ 0..=23 => hour,
            _ => return Err(bad("the hour")),
        },
    })
}

fn read_number(r: &mut Reader<'_>) -> Result<ReceiptNumber, BodyError> {
    let text = r.text()?;
    let number = ReceiptNumber::parse(&text).map_err(|_| bad("the receipt number"))?;
    // One value has one form: a number with other zeros in front would be hashed differently.
    if number.to_string() == text { Ok(number) } else { Err(bad("the receipt number")) }
}

fn read_day(r: &mut Reader<'_>) -> Result<Date, BodyError> {
    let days = r.i32()?;
    let date = Date::from_days(days);
    if date.days() == days { Ok(date) } else { Err(bad("the business day")) }
}

fn write_line(w: &mut Writer, line: &SaleLine) {
    w.u32(line.number).uuid(line.product.uuid()).text(&line.sku).text(&line.name);
    w.option(line.category, |w, category| {
        w.uuid(category.uuid());
    });
    w.option(line.barcode.as_deref(), |w, code| {
        w.text(code);
    });
    w.text(line.unit.code()).i64(line.quantity.thousandths());
    w.i64(line.list_price.minor).i64(line.unit_price.minor).bool(line.fixed);
    w.i64(line.gross.minor).i64(line.discount.minor).i64(line.ticket_discount.minor).i64(line.net.minor);
    w.text(line.tax_code.as_str()).i64(line.rate_bp).bool(line.food).text(&line.note);
    w.option(line.origin, |w, origin| {
        w.uuid(origin.sale.uuid()).u32(origin.line);
    });
}

fn read_line(r: &mut Reader<'_>, currency: Currency) -> Result<SaleLine, BodyError> {
    let money = |r: &mut Reader<'_>| r.i64().map(|minor| Money::new(minor, currency));
    Ok(SaleLine {
        number: r.u32()?,
        product: ProductId::new(r.uuid()?),
        sku: r.text()?,
        name: r.text()?,
        category: r.option(|r| r.uuid().map(CategoryId::new))?,
        barcode: r.option(Reader::text)?,
        unit: Unit::stored(&r.text()?).map_err(|_| bad("a unit"))?,
        quantity: Quantity::from_thousandths(r.i64()?),
        list_price: money(r)?,
        unit_price: money(r)?,
        fixed: r.bool()?,
        gross: money(r)?,
        discount: money(r)?,
        ticket_discount: money(r)?,
        net: money(r)?,
        tax_code: TaxCode::stored(&r.text()?),
        rate_bp: r.i64()?,
        food: r.bool()?,
        note: r.text()?,
        origin: r.option(|r| Ok(LineOrigin { sale: SaleId::new(r.uuid()?), line: r.u32()? }))?,
    })
}
