//! A receipt as a document: what was committed, in the language of the customer or the shop.

use crate::{Language, format, words::Words};
use aurapos_contract::document::{Align, Block, BlockKind, Document, Style};
use aurapos_domain::catalog::Unit;
use aurapos_domain::money::{Money, Quantity};
use aurapos_domain::receipt::{ReceiptCopy, ReceiptFacts, ReceiptLine};
use aurapos_domain::sale::SaleKind;
use aurapos_domain::tax::{PriceMode, VatRow};
use aurapos_domain::tender::TenderKind;

mod preview;

pub use preview::{PreviewLine, RowKind, preview};

/// Builds the document of a receipt. It opens the drawer when the first print had cash in it; a duplicate never does.
pub fn document(facts: &ReceiptFacts, language: Language) -> Document {
    let mut receipt = Receipt {
        facts,
        language,
        words: Words::of(language),
        document: Document::new(facts.number.to_string(), language.code()),
    };
    receipt.head();
    receipt.lines();
    receipt.totals();
    receipt.vat();
    receipt.foot();
    receipt.document
}

struct Receipt<'a> {
    facts: &'a ReceiptFacts,
    language: Language,
    words: &'static Words,
    document: Document,
}

impl Receipt<'_> {
    fn head(&mut self) {
        let (facts, words) = (self.facts, self.words);
        self.centred(&facts.shop.name, Style::Large);
        for line in &facts.shop.address {
            self.centred(line, Style::Normal);
        }
        if !facts.shop.phone.is_empty() {
            self.centred(&format!("{} {}", words.phone, facts.shop.phone), Style::Normal);
        }
        if !facts.shop.vat_number.is_empty() {
            self.centred(&format!("{} {}", words.vat_number, facts.shop.vat_number), Style::Normal);
        }
        if facts.copy == ReceiptCopy::Duplicate {
            self.centred(words.duplicate, Style::Large);
        }
        if facts.kind == SaleKind::Refund {
            self.centred(words.refund, Style::Bold);
        }
        self.document.rule();
        self.pair(&format!("{} {}", words.receipt, facts.number), "", Style::Normal);
        let time = format::date_time(self.language, facts.time);
        self.pair(&time, "", Style::Normal);
        self.pair(&format!("{} {}", words.served_by, facts.operator), "", Style::Normal);
        if let Some(origin) = &facts.origin {
            self.pair(&format!("{} {origin}", words.refund_of), "", Style::Normal);
        }
        if let Some(number) = &facts.customer_vat_number {
            self.pair(&format!("{} {number}", words.customer_vat_number), "", Style::Normal);
        }
        self.document.rule();
    }

    fn lines(&mut self) {
        let (facts, words) = (self.facts, self.words);
        for line in &facts.lines {
            let amount = format!("{} {}", self.amount(line.gross), self.mark(line.rate_bp));
            self.pair(&line.name, &amount, Style::Normal);
            if let Some(text) = self.times(line) {
                self.pair(&text, "", Style::Normal);
            }
            if !line.discount.is_zero() {
                let discount = self.less(line.discount);
                self.pair(words.discount, &discount, Style::Normal);
            }
            if !line.note.is_empty() {
                self.pair(&format!("({})", line.note), "", Style::Normal);
            }
        }
        self.document.rule();
    }

    fn totals(&mut self) {
        let (facts, words) = (self.facts, self.words);
        if !facts.ticket_discount.is_zero() {
            self.pair(words.subtotal, &self.amount(facts.subtotal), Style::Normal);
            self.pair(words.discount, &self.less(facts.ticket_discount), Style::Normal);
        }
        if facts.price_mode == PriceMode::Exclusive {
            for row in &facts.vat {
                let rate = format!("{} {}", words.vat, format::percent(self.language, row.rate_bp));
                self.pair(&rate, &self.amount(row.amount), Style::Normal);
            }
        }
        let total = format!("{} {}", words.total, facts.total.currency);
        // Not large: twice as wide, a total of seven digits would leave a 58 mm paper.
        self.pair(&total, &self.amount(facts.total), Style::Bold);
        if !facts.rounding.is_zero() {
            self.pair(words.rounding, &self.amount(facts.rounding), Style::Normal);
            let label = if facts.to_pay.is_negative() { words.paid_back } else { words.to_pay };
            self.pair(label, &self.amount(facts.to_pay), Style::Bold);
        }
        for tender in &facts.tenders {
            self.pair(words.tender(tender.kind), &self.amount(tender.tendered), Style::Normal);
            if !tender.reference.is_empty() {
                self.pair(&tender.reference, "", Style::Normal);
            }
        }
        if !facts.change.is_zero() {
            self.pair(words.change, &self.amount(facts.change), Style::Bold);
        }
        self.document.rule();
    }

    fn vat(&mut self) {
        let (facts, words) = (self.facts, self.words);
        self.pair(&format!("{} {} + {}", words.vat, words.vat_base, words.vat), words.vat_included, Style::Normal);
        for VatRow { rate_bp, base, amount, gross } in &facts.vat {
            let rate = format!("{} {}", self.mark(*rate_bp), format::percent(self.language, *rate_bp));
            let parts = format!("{rate} {} + {}", self.amount(*base), self.amount(*amount));
            self.pair(&parts, &self.amount(*gross), Style::Normal);
        }
        self.document.rule();
    }

    fn foot(&mut self) {
        let (facts, words) = (self.facts, self.words);
        if !facts.note.is_empty() {
            self.centred(&facts.note, Style::Normal);
        }
        for line in &facts.shop.footer {
            self.centred(line, Style::Normal);
        }
        self.centred(&format!("{} {}", words.journal, facts.journal_hash), Style::Normal);
        if facts.copy == ReceiptCopy::Duplicate {
            self.centred(words.duplicate, Style::Bold);
        }
        // A scanner reads the receipt number back for a refund.
        self.document.qr(facts.number.to_string());
        self.document.cut();
        let cash = facts.tenders.iter().any(|tender| tender.kind == TenderKind::Cash);
        if cash && facts.copy == ReceiptCopy::Original {
            self.document.blocks.push(Block { kind: BlockKind::KickDrawer, ..Block::default() });
        }
    }

    /// `2 x 4,99`, `0,684 kg x 12,99`; nothing for one piece at its price.
    fn times(&self, line: &ReceiptLine) -> Option<String> {
        if line.unit == Unit::Piece && line.quantity == Quantity::ONE {
            return None;
        }
        let quantity = format::quantity_of(self.language, line.quantity, line.unit);
        Some(format!("{quantity} x {}", self.amount(line.unit_price)))
    }

    /// The letter of a rate in the VAT table: A for the highest.
    fn mark(&self, rate_bp: i64) -> char {
        let place = self.facts.vat.iter().position(|row| row.rate_bp == rate_bp);
        place.and_then(|place| ('A'..='Z').nth(place)).unwrap_or('*')
    }

    fn amount(&self, money: Money) -> String {
        format::amount(self.language, money)
    }

    /// What is taken off, with its minus.
    fn less(&self, money: Money) -> String {
        self.amount(Money::new(money.minor.saturating_neg(), money.currency))
    }

    fn centred(&mut self, text: &str, style: Style) {
        self.document.text(text, Align::Center, style);
    }

    fn pair(&mut self, left: &str, right: &str, style: Style) {
        self.document.pair(left, right, style);
    }
}
