//! `sell` and `refund`: whole sales at once.

use super::context::{Context, Open};
use super::sale_view::{sale_json, sale_text};
use super::script;
use crate::amounts;
use crate::cli::{RefundArgs, SellArgs};
use crate::output::{Answer, Failure, Outcome};
use crate::words::shell;
use aurapos_runtime::domain::ids::{CustomerId, SaleId};
use aurapos_runtime::domain::money::{Currency, Money};
use aurapos_runtime::engine::command::{Command, RefundRequest, Reply, SaleRequest, TenderRequest};
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::queries::product_by_code;
use aurapos_runtime::engine::view;

/// `sell`
pub fn sell(context: &Context, args: &SellArgs) -> Outcome {
    let open = Open::register(context)?;
    if let Some(file) = &args.script {
        return script::run(context, &open, file, &args.who);
    }
    let currency = open.register.currency();
    let store = open.register.store();
    let known = |code: &str| Ok(product_by_code(store.as_ref(), code)?.is_some());
    let request = SaleRequest {
        id: sale_id(args.id.as_deref())?,
        items: args.items.iter().map(|item| amounts::item(item, currency, known)).collect::<Result<_, _>>()?,
        discount: args.discount.as_deref().map(|text| amounts::discount(text, currency)).transpose()?,
        customer: args.customer.as_deref().map(customer_id).transpose()?,
        customer_vat_number: args.customer_vat.clone(),
        note: args.note.clone(),
        tenders: args.tenders.iter().map(|tender| amounts::tender(tender, currency)).collect::<Result<_, _>>()?,
    };
    let session = open.sign_in(&args.who)?;
    let answer = sale_answer(&open, open.pay(session, Command::Sell(request)));
    open.close();
    answer
}

/// `refund`
pub fn refund(context: &Context, args: &RefundArgs) -> Outcome {
    let open = Open::register(context)?;
    let currency = open.register.currency();
    let request = RefundRequest {
        id: sale_id(args.id.as_deref())?,
        receipt_no: args.receipt.clone(),
        lines: args.lines.iter().map(|line| refund_line(line)).collect::<Result<_, _>>()?,
        tenders: args.tenders.iter().map(|tender| paid_back(tender, currency)).collect::<Result<_, _>>()?,
    };
    let session = open.sign_in(&args.who)?;
    let answer = sale_answer(&open, open.pay(session, Command::Refund(request)));
    open.close();
    answer.map_err(|mut failure| {
        if [Code::NotPaid.text(), Code::BadTender.text()].contains(&failure.code.as_str()) {
            failure.next = "Leave the amount out: then exactly what is due goes back.".to_owned();
        }
        failure
    })
}

/// That the money goes out is said by `refund`; a sign would say it twice.
fn paid_back(text: &str, currency: Currency) -> Result<TenderRequest, Failure> {
    let tender = amounts::tender(text, currency)?;
    if tender.amount.is_some_and(Money::is_negative) {
        let message = format!("\"{text}\": the amounts of a refund have no sign");
        return Err(Failure::usage(message, "Write cash=2.00, or leave the amount out for exactly what is due."));
    }
    Ok(tender)
}

/// What a sale that was asked for became.
pub fn sale_answer(open: &Open, result: aurapos_runtime::CallResult) -> Outcome {
    match result {
        Ok(Reply::Sale(sale)) => Ok(Answer::new(sale_json(&sale), sale_text(&sale)).done(stored(&sale))),
        Ok(other) => Err(super::unexpected(&other)),
        Err(error) => Err(with_refused(open, error.into())),
    }
}

/// What stays done even when nobody can be told.
pub fn stored(sale: &view::Sale) -> String {
    format!("{} is stored", sale.receipt_no())
}

/// A way to pay that the settings name and whose plugin was refused is missing for a reason: it is told here, where the
/// operator wonders.
fn with_refused(open: &Open, mut failure: Failure) -> Failure {
    if failure.code != Code::NoSuchTender.text() {
        return failure;
    }
    let refused = open.register.refused().iter().filter(|one| one.kind == "payment");
    let mut reasons: Vec<(&str, String, String)> =
        refused.map(|one| (one.name.as_str(), format!("{}", one.refusal), one.refusal.next.clone())).collect();
    for one in open.register.site().settings.payments.iter().filter(|one| !one.enabled) {
        let next = format!("Turn it on: `aurapos-admin plugin enable {}`.", shell(one.plugin()));
        reasons.push((&one.name, "it is switched off in the settings".to_owned(), next));
    }
    // The one that was asked for tells more than "there is none".
    if let Some((name, reason, next)) =
        reasons.iter().find(|(name, ..)| failure.message.contains(&format!("\"{name}\"")))
    {
        failure.message = format!("\"{name}\" cannot be paid with: {reason}.");
        failure.next.clone_from(next);
        return failure;
    }
    for (name, reason, _) in &reasons {
        failure.message += &format!(" {name} is in the settings and not used: {reason}.");
    }
    failure
}

/// An id of the caller's own.
pub fn sale_id(text: Option<&str>) -> Result<Option<SaleId>, Failure> {
    let read =
        |text: &str| text.parse().map_err(|error| Failure::usage(format!("{error}"), "Give a UUID, or leave it out."));
    text.map(read).transpose()
}

/// A customer's id.
pub fn customer_id(text: &str) -> Result<CustomerId, Failure> {
    text.parse().map_err(|error| Failure::usage(format!("{error}"), "Give the customer's id."))
}

fn refund_line(text: &str) -> Result<(u32, aurapos_runtime::domain::money::Quantity), Failure> {
    let wrong =
        || Failure::usage(format!("\"{text}\" is not a line"), "Write a line like 2:1, its number and how much of it.");
    let (line, quantity) = text.split_once(':').ok_or_else(wrong)?;
    Ok((line.trim().parse().map_err(|_| wrong())?, amounts::quantity(quantity)?))
}
