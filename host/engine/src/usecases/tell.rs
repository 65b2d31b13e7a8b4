//! What event sinks are told.

use aurapos_contract::events::{EventKind, EventLine, EventTender, HostEvent};
use aurapos_domain::sale::SaleKind;

use crate::engine::Engine;
use crate::view;

/// A committed sale as an event.
pub fn of_sale(sale: &view::Sale) -> HostEvent {
    let header = &sale.sale.header;
    let lines = sale.sale.lines.iter().map(|line| EventLine {
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity.thousandths(),
        unit_price_minor: line.unit_price.minor,
        total_minor: line.net.minor,
        vat_rate: line.rate_bp,
    });
    let tenders = sale
        .sale
        .tenders
        .iter()
        .map(|tender| EventTender { name: tender.provider.clone(), amount_minor: tender.applied.minor });
    HostEvent {
        kind: match header.kind {
            SaleKind::Sale => EventKind::Sale,
            SaleKind::Refund => EventKind::Refund,
        },
        time: header.time.0,
        register: header.number.register.as_str().to_owned(),
        incarnation: header.incarnation.uuid(),
        sequence: sale.seq,
        operator: header.operator_name.clone(),
        receipt_number: header.number.to_string(),
        total_minor: sale.sale.total.minor,
        currency: sale.sale.currency.code().to_owned(),
        lines: lines.collect(),
        tenders: tenders.collect(),
        text: String::new(),
    }
}

impl Engine {
    /// Tells the sinks about the entry that was just committed.
    pub(crate) fn tell(&mut self, kind: EventKind, operator: &str, text: String) {
        let head = &self.core.head;
        let event = HostEvent {
            kind,
            time: head.time.0,
            register: self.core.register.code.as_str().to_owned(),
            incarnation: head.incarnation.uuid(),
            sequence: head.seq,
            operator: operator.to_owned(),
            currency: self.core.currency().code().to_owned(),
            text,
            ..HostEvent::default()
        };
        self.send_events(vec![event]);
    }
}
