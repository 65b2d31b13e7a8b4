//! Exports of a shop on the reference store, read back.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::Env as _;
use crate::queries::fixture::{CATALOG, TestShop};
use crate::queries::{Edge, Span};
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{RecordStore as _, Value};
use aurapos_domain::ids::{IncarnationId, RegisterId};
use aurapos_domain::journal::{EntryKind, Hash, JournalEntry};
use aurapos_domain::tax::percent;

fn text(export: impl FnOnce(&mut Vec<u8>) -> EngineResult<u64>) -> (u64, String) {
    let mut out = Vec::new();
    let rows = export(&mut out).unwrap();
    (rows, String::from_utf8(out).unwrap())
}

#[test]
fn an_exported_catalog_imported_again_changes_nothing() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    shop.import(
        "sku,name,price,vat,barcodes\nQ-1,\"A \"\"quoted\"\", name\",1.00,12,0012345678905|FREE-TEXT\n".as_bytes(),
    )
    .unwrap();
    let (rows, file) = text(|out| export_products(&shop.store, out, TestShop::today()));
    assert_eq!(rows, 5);
    assert!(file.starts_with("sku,name,barcodes,category,price,vat,unit,stock,food\n"));
    assert!(file.contains("\nC-01,Crème brûlée,5400000000010|96385074,Desserts,3.95,6,piece,5,yes\n"), "{file}");
    let again = shop.import(file.as_bytes()).unwrap();
    assert_eq!(
        (again.unchanged, again.added, again.updated, again.rejected_count),
        (5, 0, 0, 0),
        "{:?}",
        again.rejected
    );
    // A new shop takes it whole, stock included.
    let mut other = TestShop::new();
    assert_eq!(other.import(file.as_bytes()).unwrap().added, 5);
    assert_eq!(text(|out| export_products(&other.store, out, TestShop::today())).1, file);
}

#[test]
fn sales_have_a_row_for_each_line() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    shop.sell(&[("5400000000003", 2_000), ("K-01", 684)], 1_000).unwrap();
    let (rows, file) = text(|out| export_sales(&shop.store, out, Span::default()));
    assert_eq!(rows, 2);
    let lines: Vec<&str> = file.lines().collect();
    assert!(lines[1].starts_with("R1-1-000001,sale,2026-11-22T11:00:"), "{}", lines[1]);
    assert!(
        lines[1].ends_with(",1,B-01,Pain gris,5400000000003,2,piece,2.50,0.00,5.00,6,6.65,0.40,7.05,0.00"),
        "{}",
        lines[1]
    );
    assert!(lines[2].ends_with(",2,K-01,Tomates,,0.684,kg,2.99,0.00,2.05,6,,,,"), "{}", lines[2]);
    let later = Span { from: Some(Edge::Time(Timestamp(shop.env.now.0 + 1))), to: None };
    assert_eq!(text(|out| export_sales(&shop.store, out, later)).0, 0);
}

/// What a bookkeeper sums: VAT by day and rate is that of the receipts, however many lines share a rate.
#[test]
fn vat_can_be_summed_by_day_and_rate() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let mut told = std::collections::BTreeMap::<(String, String), [i64; 3]>::new();
    let minor = |text: &str| text.replace('.', "").parse::<i64>().unwrap_or_default();
    let sold = [
        shop.sell(&[("B-01", 1_000), ("W-01", 1_000), ("B-01", 3_000), ("K-01", 333)], 10_000).unwrap(),
        shop.sell(&[("W-01", 2_000), ("W-01", 1_000)], 10_000).unwrap(),
    ];
    for sale in &sold {
        for vat in &sale.sale.vat {
            let key = (sale.sale.header.business_day.to_string(), percent(vat.rate_bp));
            let sums = told.entry(key).or_default();
            for (sum, amount) in sums.iter_mut().zip([vat.base, vat.amount, vat.gross]) {
                *sum += amount.minor;
            }
        }
    }
    assert!(told.len() > 1, "two rates: {told:?}");
    let (_, file) = text(|out| export_sales(&shop.store, out, Span::default()));
    let headings: Vec<&str> = file.lines().next().unwrap().split(',').collect();
    let place = |name: &str| headings.iter().position(|heading| *heading == name).unwrap();
    let (day, rate) = (place("business_day"), place("vat"));
    let sums = [place("vat_base"), place("vat_amount"), place("net")];
    let mut found = std::collections::BTreeMap::<(String, String), [i64; 3]>::new();
    for record in csv::Reader::from_reader(file.as_bytes()).records().map(Result::unwrap) {
        let of_key = found.entry((record[day].to_owned(), record[rate].to_owned())).or_default();
        for (sum, column) in of_key.iter_mut().zip(sums) {
            *sum += minor(&record[column]);
        }
    }
    assert_eq!(found, told);

    // A rate that none of the lines has is not left out.
    let mut transaction = Transaction { id: shop.env.new_id(), ..Transaction::default() };
    let alone = vec![sold[0].id().uuid().into(), Value::Int(1_200), Value::Int(50), Value::Int(6), Value::Int(56)];
    transaction.push(OperationKind::Insert, "sale_vat", crate::rows::sale::VAT, vec![alone]);
    shop.store.commit(&transaction).unwrap();
    let (rows, file) = text(|out| export_sales(&shop.store, out, Span::default()));
    let lines: Vec<&str> = file.lines().collect();
    assert!(rows == 5 && lines[4].starts_with("R1-1-000001,") && lines[4].ends_with(",,,12,0.50,0.06,,"), "{file}");
}

#[test]
fn the_chain_can_be_computed_again_from_the_export() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    shop.sell(&[("B-01", 1_000)], 250).unwrap();
    let (rows, file) = text(|out| export_journal(&shop.store, out, Times::default()));
    assert_eq!(rows, crate::queries::counts(&shop.store).unwrap().entries);
    let mut previous = Hash::ZERO;
    for record in csv::Reader::from_reader(file.as_bytes()).records().map(Result::unwrap) {
        let body = &record[9];
        let entry = JournalEntry {
            register: record[0].parse::<RegisterId>().unwrap(),
            incarnation: record[1].parse::<IncarnationId>().unwrap(),
            seq: record[2].parse().unwrap(),
            kind: EntryKind(record[4].parse().unwrap()),
            time: Timestamp(record[6].parse().unwrap()),
            previous,
            body: (0..body.len()).step_by(2).map(|at| u8::from_str_radix(&body[at..at + 2], 16).unwrap()).collect(),
            hash: Hash::ZERO,
        };
        assert_eq!(record[7], previous.to_string());
        previous = entry.computed_hash();
        assert_eq!(record[8], previous.to_string());
    }
}

#[test]
fn stock_of_what_is_sold_or_moved() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let (rows, file) = text(|out| export_stock(&shop.store, out));
    assert_eq!(rows, 4);
    assert!(file.contains("K-01,Tomates,kg,10.5\n"), "{file}");
    assert!(file.lines().any(|line| line.ends_with(",0")), "what never moved is there, with nothing in stock: {file}");
}

#[test]
fn a_full_disk_is_an_error_with_a_code() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
    }
    let shop = TestShop::new();
    assert!(export_stock(&shop.store, Full).unwrap_err().is(Code::ExportFailed));
}

#[test]
fn times_have_their_offset() {
    let noon = Timestamp(1_795_341_600_000_000);
    assert_eq!(rfc3339(noon, 3_600), "2026-11-22T11:00:00+01:00");
    assert_eq!(rfc3339(noon, -12_600), "2026-11-22T06:30:00-03:30");
}

/// Every cell of a file, as a spreadsheet parts it: at commas, and at semicolons where the decimal sign is a comma.
fn formulas(file: &str) -> Vec<String> {
    let mut found = Vec::new();
    for delimiter in [b',', b';'] {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(file.as_bytes());
        let cells = reader.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
        found.extend(cells.filter(|cell| cell.starts_with(['=', '+', '@', '\t', '\r']) || is_no_number(cell)));
    }
    found
}

fn is_no_number(cell: &str) -> bool {
    cell.strip_prefix('-').is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[test]
fn names_like_formulas_are_harmless_in_every_file_and_the_same_after_import() {
    let mut shop = TestShop::new();
    let catalog = "sku,name,barcodes,category,price,vat,unit,stock,food\n\
        T-4101,\"=HYPERLINK(\"\"http://evil.example\"\",\"\"click\"\")\",,=Test,1.00,21,piece,,no\n\
        T-4102,=1+1,'=A1|'+5,,1.00,21,piece,,no\n\
        T-4103,+32 phone card,,,1.00,21,piece,,no\n\
        T-4104,-A sticker,,,1.00,21,piece,,no\n\
        T-4105,@home mug,,,1.00,21,piece,,no\n\
        =1+1,Good row,,,1.00,21,piece,,no\n\
        T-4108,\"Bread;=1+1\",,,1.00,21,piece,,no\n\
        T-4109,\"'t Hoekje;@x\",,@Test,1.00,21,piece,,no\n";
    assert_eq!(shop.import(catalog.as_bytes()).unwrap().added, 8);
    shop.sell(&[("T-4102", 1_000), ("=1+1", 1_000), ("T-4108", 1_000), ("T-4101", 1_000)], 400).unwrap();
    let today = TestShop::today();
    let (_, products) = text(|out| export_products(&shop.store, out, today));
    let (_, sales) = text(|out| export_sales(&shop.store, out, Span::default()));
    let (_, journal) = text(|out| export_journal(&shop.store, out, Times::default()));
    let (_, stock) = text(|out| export_stock(&shop.store, out));
    for file in [&products, &sales, &journal, &stock] {
        assert_eq!(formulas(file), Vec::<String>::new(), "{file}");
    }
    assert!(sales.contains("'=1+1") && stock.contains("'+32 phone card"));
    let report = shop.import(products.as_bytes()).unwrap();
    assert_eq!((report.unchanged, report.rejected_count), (8, 0), "{report:?}\n{products}");
    // And in another shop it is the same catalog.
    let mut other = TestShop::new();
    other.import(products.as_bytes()).unwrap();
    assert_eq!(text(|out| export_products(&other.store, out, today)).1, products);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    /// Whatever a product is called: its export is harmless, and an import of it changes nothing.
    #[test]
    fn every_catalog_comes_back(
        names in proptest::collection::vec("[-=+@'\";,&#1 aé🍓＝]{1,14}", 1..6),
        skus in proptest::collection::vec("[-=+@'\";,1a]{1,6}", 6),
        codes in proptest::collection::vec("[-=+@'\",1a]{1,6}", 6),
    ) {
        let mut shop = TestShop::new();
        for (number, name) in names.iter().enumerate() {
            let draft = crate::import::ProductDraft {
                id: None,
                sku: format!("{}{number}", skus[number]),
                name: name.clone(),
                price: crate::queries::fixture::eur(100),
                tax_code: "standard".to_owned(),
                unit: aurapos_domain::catalog::Unit::Piece,
                category: crate::import::CategoryChoice::Named(name.clone()),
                barcodes: vec![format!("{}Z{number}", codes[number])],
                food: false,
                active: true,
                stock: None,
            };
            // What a form refuses is in no export.
            let _ = shop.call(crate::Command::SaveProduct(Box::new(draft)));
        }
        let (rows, products) = text(|out| export_products(&shop.store, out, TestShop::today()));
        proptest::prop_assert_eq!(formulas(&products), Vec::<String>::new());
        let report = shop.import(products.as_bytes()).unwrap();
        proptest::prop_assert_eq!((report.unchanged, report.rejected.len()), (rows, 0), "{:?}\n{}", report, products);
    }
}

#[test]
fn nothing_is_left_out_in_silence() {
    let mut shop = TestShop::new();
    let mut catalog = String::from("sku,name,barcodes,price,vat,stock\n");
    (0..2_345).for_each(|number| catalog.push_str(&format!("S-{number:05},Same name,C{number}|D{number},1.00,21,1\n")));
    assert_eq!(shop.import(catalog.as_bytes()).unwrap().added, 2_345);
    for number in 0..2_100 {
        // Many sales share their moment with others.
        shop.env.now.0 -= 1_000_000 * i64::from(number % 7 != 0);
        shop.sell(&[("S-00001", 1_000)], 100).unwrap();
    }
    let lines = |file: &str| file.lines().count() as u64 - 1;
    let (rows, products) = text(|out| export_products(&shop.store, out, TestShop::today()));
    assert_eq!((rows, lines(&products)), (2_345, 2_345));
    assert!(products.lines().skip(1).all(|line| line.contains('|')));
    let (rows, stock) = text(|out| export_stock(&shop.store, out));
    assert_eq!((rows, lines(&stock)), (2_345, 2_345));
    let (rows, sales) = text(|out| export_sales(&shop.store, out, Span::default()));
    assert_eq!((rows, lines(&sales)), (2_100, 2_100));
    let entries = crate::queries::counts(&shop.store).unwrap().entries;
    assert_eq!(text(|out| export_journal(&shop.store, out, Times::default())).0, entries);
}
