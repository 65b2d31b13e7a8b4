//! Exports of a shop on the reference store, read back.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::queries::fixture::{CATALOG, TestShop};
use aurapos_domain::ids::{IncarnationId, RegisterId};
use aurapos_domain::journal::{EntryKind, Hash, JournalEntry};

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
    assert!(lines[1].ends_with(",1,B-01,Pain gris,5400000000003,2,piece,2.50,0.00,5.00,6,7.05,0.00"), "{}", lines[1]);
    assert!(lines[2].ends_with(",2,K-01,Tomates,,0.684,kg,2.99,0.00,2.05,6,,"), "{}", lines[2]);
    let later = Span { from: Some(Timestamp(shop.env.now.0 + 1)), to: None };
    assert_eq!(text(|out| export_sales(&shop.store, out, later)).0, 0);
}

#[test]
fn the_chain_can_be_computed_again_from_the_export() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    shop.sell(&[("B-01", 1_000)], 250).unwrap();
    let (rows, file) = text(|out| export_journal(&shop.store, out, Span::default()));
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
