//! Golden receipts in four languages on three widths of paper. `UPDATE_GOLDEN=1 cargo test -p aurapos-locale` writes them
//! again; look at the difference before committing it.
#![allow(clippy::unwrap_used)]

use aurapos_contract::document::{BlockKind, Style, text_width};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::catalog::Unit;
use aurapos_domain::ids::ReceiptNumber;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::receipt::{ReceiptCopy, ReceiptFacts, ReceiptLine, ReceiptTender, ShopFacts};
use aurapos_domain::sale::SaleKind;
use aurapos_domain::tax::{PriceMode, vat_rows};
use aurapos_domain::tender::TenderKind;
use aurapos_locale::receipt::{PreviewLine, RowKind};
use aurapos_locale::{Language, receipt};
use std::path::Path;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn line(name: &str, quantity: &str, unit: Unit, price: i64, gross: i64, rate_bp: i64) -> ReceiptLine {
    ReceiptLine {
        name: name.to_owned(),
        quantity: Quantity::parse(quantity).unwrap(),
        unit,
        unit_price: eur(price),
        gross: eur(gross),
        discount: eur(0),
        rate_bp,
        note: String::new(),
    }
}

fn tender(kind: TenderKind, minor: i64, reference: &str) -> ReceiptTender {
    ReceiptTender { kind, tendered: eur(minor), reference: reference.to_owned() }
}

fn sale() -> ReceiptFacts {
    let coffee = line("Café moulu pur arabica de Bruxelles 250 g", "2", Unit::Piece, 499, 998, 600);
    let lamp = line("Tafellamp", "1", Unit::Piece, 124_950, 124_950, 2100);
    let lines = vec![
        ReceiptLine { discount: eur(100), ..coffee },
        line("Gouda jong", "0.684", Unit::Kilogram, 1299, 889, 600),
        ReceiptLine { note: "toonzaalmodel".to_owned(), ..lamp },
    ];
    let nets = [(600, eur(877)), (600, eur(868)), (2100, eur(124_892))];
    ReceiptFacts {
        shop: ShopFacts {
            name: "Bij Mia".to_owned(),
            address: vec!["Grote Markt 1".to_owned(), "1000 Brussel".to_owned()],
            vat_number: "BE0123456749".to_owned(),
            phone: "02 123 45 67".to_owned(),
            footer: vec!["Bedankt en tot ziens! Merci et à bientôt !".to_owned()],
        },
        copy: ReceiptCopy::Original,
        kind: SaleKind::Sale,
        number: ReceiptNumber::parse("R1-1-000042").unwrap(),
        origin: None,
        time: Timestamp(1_795_355_775_123_456).local(3600),
        operator: "Mia".to_owned(),
        customer_vat_number: Some("BE0403170701".to_owned()),
        price_mode: PriceMode::Inclusive,
        lines,
        subtotal: eur(126_737),
        ticket_discount: eur(100),
        vat: vat_rows(PriceMode::Inclusive, Currency::EUR, nets).unwrap(),
        total: eur(126_637),
        rounding: eur(-2),
        to_pay: eur(126_635),
        tenders: vec![tender(TenderKind::Card, 120_000, "AUTH 1234"), tender(TenderKind::Cash, 10_000, "")],
        change: eur(3365),
        note: String::new(),
        journal_hash: "a97d5253".to_owned(),
    }
}

fn refund() -> ReceiptFacts {
    ReceiptFacts {
        kind: SaleKind::Refund,
        copy: ReceiptCopy::Duplicate,
        number: ReceiptNumber::parse("R1-7KQ2-000001").unwrap(),
        origin: Some(ReceiptNumber::parse("R1-1-000042").unwrap()),
        customer_vat_number: None,
        lines: vec![line("Café moulu 250 g", "-1", Unit::Piece, 499, -439, 600)],
        subtotal: eur(-439),
        ticket_discount: eur(0),
        vat: vat_rows(PriceMode::Inclusive, Currency::EUR, [(600, eur(-439))]).unwrap(),
        total: eur(-439),
        rounding: eur(-1),
        to_pay: eur(-440),
        tenders: vec![tender(TenderKind::Cash, -440, "")],
        change: eur(0),
        note: "Grüße".to_owned(),
        ..sale()
    }
}

fn exclusive() -> ReceiptFacts {
    ReceiptFacts {
        price_mode: PriceMode::Exclusive,
        customer_vat_number: None,
        lines: vec![line("Desk", "1", Unit::Piece, 19_999, 19_999, 825)],
        subtotal: eur(19_999),
        ticket_discount: eur(0),
        vat: vat_rows(PriceMode::Exclusive, Currency::EUR, [(825, eur(19_999))]).unwrap(),
        total: eur(21_649),
        rounding: eur(0),
        to_pay: eur(21_649),
        tenders: vec![tender(TenderKind::Card, 21_649, "")],
        change: eur(0),
        ..sale()
    }
}

fn check(name: &str, facts: &ReceiptFacts, language: Language, columns: usize) {
    let text = receipt::document(facts, language).to_text(columns);
    for line in text.lines() {
        assert!(text_width(line) <= columns, "{name}: \"{line}\" is wider than {columns}");
    }
    golden(&format!("{name}-{language}-{columns}.txt"), &text);
}

fn golden(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{file} differs; UPDATE_GOLDEN=1 writes it again");
}

#[test]
fn receipts_in_every_language_on_every_paper() {
    for language in Language::ALL {
        for columns in [32, 42, 48] {
            check("sale", &sale(), language, columns);
        }
        check("refund-duplicate", &refund(), language, 42);
    }
    check("vat-on-top", &exclusive(), Language::English, 42);
}

/// Rows as text: kind, style and alignment by a letter, then the parts.
fn rows(facts: &ReceiptFacts, language: Language, columns: Option<usize>) -> String {
    let row = |row: &PreviewLine| {
        let [kind, style, align] = [format!("{:?}", row.kind), format!("{:?}", row.style), format!("{:?}", row.align)];
        format!("{kind:<5} {style:<6} {align:<6} |{}|{}|\n", row.left, row.right)
    };
    receipt::preview(&receipt::document(facts, language), columns).iter().map(row).collect()
}

#[test]
fn the_screen_shows_what_the_printer_prints() {
    for language in Language::ALL {
        golden(&format!("preview-sale-{language}-32.txt"), &rows(&sale(), language, Some(32)));
        golden(&format!("preview-refund-duplicate-{language}.txt"), &rows(&refund(), language, None));
    }
    for columns in [24, 32, 42, 48] {
        let document = receipt::document(&sale(), Language::French);
        for row in receipt::preview(&document, Some(columns)) {
            let letters = row.left.chars().count() + row.right.chars().count() + usize::from(!row.right.is_empty());
            let wide = if row.style == Style::Large { 2 } else { 1 };
            assert!(row.kind == RowKind::Qr || letters * wide <= columns, "{columns}: {row:?}");
        }
    }
}

#[test]
fn only_a_first_print_with_cash_opens_the_drawer() {
    fn opens(facts: &ReceiptFacts) -> bool {
        let document = receipt::document(facts, Language::English);
        document.blocks.iter().any(|block| block.kind == BlockKind::KickDrawer)
    }
    assert!(opens(&sale()));
    assert!(!opens(&ReceiptFacts { copy: ReceiptCopy::Duplicate, ..sale() }));
    assert!(!opens(&exclusive()), "no cash");
}

#[test]
fn a_duplicate_says_so_in_every_language() {
    for (language, word) in Language::ALL.into_iter().zip(["DUPLICATE", "DUPLICATA", "DUPLICAAT", "DUPLIKAT"]) {
        let duplicate = ReceiptFacts { copy: ReceiptCopy::Duplicate, ..sale() };
        assert_eq!(receipt::document(&duplicate, language).to_text(42).matches(word).count(), 2);
        assert!(!receipt::document(&sale(), language).to_text(42).contains(word));
    }
}
