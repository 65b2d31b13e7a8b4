//! Whole files against a shop: what goes in, what is refused by name, and that a second run changes nothing.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::command::{Command, Reply};
use crate::error::Code;
use crate::import::plan::Planner;
use crate::queries::fixture::{CATALOG, TestShop};
use crate::queries::{self, level_of, product_by_code};
use aurapos_domain::money::Quantity;
use proptest::prelude::*;

#[test]
fn a_catalog_goes_in_whole() {
    let mut shop = TestShop::new();
    let report = shop.import(CATALOG.as_bytes()).unwrap();
    assert_eq!((report.rows, report.added, report.updated, report.unchanged), (4, 4, 0, 0));
    assert_eq!((report.categories, report.rejected_count), (4, 0));
    let product = product_by_code(&shop.store, "96385074").unwrap().unwrap();
    assert_eq!(
        (product.name.as_str(), product.price.minor, product.tax_code.as_str()),
        ("Crème brûlée", 395, "reduced")
    );
    assert_eq!(product.barcodes.len(), 2);
    assert_eq!(level_of(&shop.store, product.id).unwrap(), Quantity::pieces(5));
    let counts = queries::counts(&shop.store).unwrap();
    assert_eq!((counts.products, counts.barcodes, counts.categories), (4, 4, 4));
}

#[test]
fn run_again_changes_nothing() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let before = shop.store.clone();
    let entries = queries::counts(&before).unwrap().entries;
    let again = shop.import(CATALOG.as_bytes()).unwrap();
    assert_eq!((again.added, again.updated, again.unchanged, again.categories), (0, 0, 4, 0));
    assert_eq!(queries::counts(&before).unwrap().entries, entries, "nothing was journaled");
}

#[test]
fn a_dry_run_writes_nothing() {
    let mut shop = TestShop::new();
    let report = shop.plan(CATALOG.as_bytes()).unwrap();
    assert_eq!((report.added, report.categories), (4, 4));
    assert_eq!(queries::counts(&shop.store).unwrap().products, 0);
}

#[test]
fn changes_are_compared_by_article_number() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let changed = "sku,name,price,vat,stock,barcodes\n\
        B-01,Pain gris,2.60,6,999,5400000000003\n\
        C-01,Crème brûlée,3.95,6,5,5400000000010\n\
        W-01,Vin rouge,12.00,21,,5400000000027\n";
    let report = shop.import(changed.as_bytes()).unwrap();
    assert_eq!((report.added, report.updated, report.unchanged), (0, 2, 1));
    let bread = product_by_code(&shop.store, "B-01").unwrap().unwrap();
    assert_eq!(bread.price.minor, 260);
    assert!(bread.category.is_some() && bread.food, "columns that the file lacks say nothing");
    assert_eq!(level_of(&shop.store, bread.id).unwrap(), Quantity::pieces(20), "stock counts for new products only");
    assert!(product_by_code(&shop.store, "96385074").unwrap().is_none(), "a code that is gone from the file is gone");
}

#[test]
fn bad_rows_are_named_and_good_ones_go_in() {
    let file = "sku;name;barcodes;price;vat;stock\n\
        G-1;Good;5400000000003;1,00;21;1\n\
        G-2;Number;5,41E+12;1,00;21;\n\
        G-3;Digit;5400000000004;1,00;21;\n\
        G-4;#REF!;;1,00;21;\n\
        G-1;Twice;;1,00;21;\n\
        G-5;Same code;5400000000003;1,00;21;\n\
        G-6;Negative;;-1,00;21;\n\
        G-7;Absurd;;5400000000003;21;\n\
        G-8;Rate;;1,00;19;\n\
        G-9;;;1,00;21;\n\
        ;No number;;1,00;21;\n\
        \"G-10;Open quote;;1,00;21;\n\
        G-11;Also good;0012345678905;1,00;21;\n";
    let mut shop = TestShop::new();
    let report = shop.import(file.as_bytes()).unwrap();
    let named: Vec<(u64, &str)> = report.rejected.iter().map(|row| (row.line, row.reason.as_str())).collect();
    assert_eq!(
        named,
        [
            (
                3,
                "\"5,41E+12\" is a barcode that a spreadsheet turned into a number: format the column as text and give its digits again"
            ),
            (4, "the check digit of 5400000000004 is wrong: it ends in 4 and should end in 3"),
            (5, "the name is \"#REF!\", an error of the spreadsheet"),
            (6, "the sku G-1 stands in line 2 already"),
            (7, "the barcode 5400000000003 stands in line 2 already"),
            (8, "the price -1.00 EUR is below zero"),
            (9, "the price 5400000000003.00 EUR is above the limit of 1000000.00 EUR"),
            (10, "there is no tax rate of 19 % on 2026-11-22"),
            (11, "the name is empty"),
            (12, "the article number (sku) is empty"),
            (13, "a quote (\") is opened and never closed"),
        ]
    );
    assert_eq!((report.rows, report.added, report.rejected_count), (13, 2, 11));
}

#[test]
fn a_barcode_of_another_product_is_refused_and_one_that_was_freed_is_not() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let taken = "sku,name,barcodes,price,vat\nN-01,New,5400000000003,1.00,21\n";
    let report = shop.import(taken.as_bytes()).unwrap();
    assert_eq!(report.rejected[0].reason, "the barcode 5400000000003 belongs to the product B-01");
    let moved = "sku,name,barcodes,price,vat\nB-01,Pain gris,,2.50,6\nN-01,New,5400000000003,1.00,21\n";
    let report = shop.import(moved.as_bytes()).unwrap();
    assert_eq!((report.added, report.updated, report.rejected_count), (1, 1, 0));
    assert_eq!(product_by_code(&shop.store, "5400000000003").unwrap().unwrap().sku, "N-01");
    assert_eq!(shop.import(moved.as_bytes()).unwrap().unchanged, 2);
}

#[test]
fn windows_files_with_semicolons_and_commas() {
    let mut shop = TestShop::new();
    let file = b"sep=;\r\nArtikelnr.;Bezeichnung;Preis;MwSt;Einheit\r\nK-1;K\xe4se \x80;1.234,50 \x80;6 %;St\xfcck\r\n";
    let report = shop.import(file).unwrap();
    assert_eq!((report.added, report.rejected_count), (1, 0), "{:?}", report.rejected);
    let product = product_by_code(&shop.store, "K-1").unwrap().unwrap();
    assert_eq!((product.name.as_str(), product.price.minor), ("Käse €", 123_450));
}

#[test]
fn files_that_are_no_lists_are_refused_as_a_whole() {
    let mut shop = TestShop::new();
    for (file, expected) in [
        (&b"PK\x03\x04rest"[..], "The file can't be imported: this is a workbook (.xlsx, .ods), not a CSV file."),
        (b"", "The file can't be imported: the file is empty."),
        (b"sku,name\nB,Bread\n", "The file can't be imported: the header has no column price, vat."),
    ] {
        let error = shop.plan(file).unwrap_err();
        assert!(error.is(Code::ImportFile));
        assert_eq!(error.message, expected);
    }
}

#[test]
fn a_slice_given_twice_is_stored_once() {
    let mut shop = TestShop::new();
    let store = shop.store.clone();
    let mut ids = 0_u64;
    let new_id = move || {
        ids += 1;
        aurapos_contract::Uuid::from_u64_pair(0x0193_1111_0000_7000, 0x8000_0000_0000_0000 | ids)
    };
    let mut planner = Planner::open(&store, CATALOG.as_bytes(), TestShop::today(), new_id).unwrap();
    let slice = planner.next_slice().unwrap().unwrap();
    for already in [false, true] {
        let Reply::Import(report) = shop.call(Command::ImportSlice(Box::new(slice.clone()))).unwrap() else {
            panic!("another reply")
        };
        assert_eq!((report.already, report.counts.added), (already, 4));
    }
    assert_eq!(queries::counts(&store).unwrap().products, 4);
}

#[test]
fn a_product_edited_between_plan_and_slice_is_not_overwritten() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let change = |price: &str| format!("sku,name,price,vat\nB-01,Pain gris,{price},6\n").into_bytes();
    let store = shop.store.clone();
    let (first, second) = (change("2.60"), change("2.70"));
    let mut ids = 0_u64;
    let new_id = move || {
        ids += 1;
        aurapos_contract::Uuid::from_u64_pair(0x0193_2222_0000_7000, 0x8000_0000_0000_0000 | ids)
    };
    let slice =
        Planner::open(&store, first.as_slice(), TestShop::today(), new_id).unwrap().next_slice().unwrap().unwrap();
    shop.import(&second).unwrap();
    let error = shop.call(Command::ImportSlice(Box::new(slice))).unwrap_err();
    assert!(error.is(Code::Changed), "{error:?}");
    assert_eq!(product_by_code(&store, "B-01").unwrap().unwrap().price.minor, 270);
}

/// Imports a file; before its first slice is written, somebody at the screen does something.
fn import_while(shop: &mut TestShop, file: &[u8], meanwhile: impl FnOnce(&mut TestShop)) -> ImportReport {
    let store = shop.store.clone();
    let mut ids = 0_u64;
    let new_id = move || {
        ids += 1;
        aurapos_contract::Uuid::from_u64_pair(0x0193_3333_0000_7000, 0x8000_0000_0000_0000 | ids)
    };
    let mut planner = Planner::open(&store, file, TestShop::today(), new_id).unwrap();
    let mut meanwhile = Some(meanwhile);
    let submit = |slice| {
        if let Some(act) = meanwhile.take() {
            act(shop);
        }
        Some(shop.call(Command::ImportSlice(Box::new(slice))))
    };
    write_all(&mut planner, submit, |answer| answer.map(|_| ())).unwrap();
    planner.report().clone()
}

fn save(shop: &mut TestShop, change: impl FnOnce(&mut ProductDraft)) {
    let mut draft = ProductDraft {
        id: None,
        sku: String::new(),
        name: "By hand".to_owned(),
        price: crate::queries::fixture::eur(100),
        tax_code: "standard".to_owned(),
        unit: aurapos_domain::catalog::Unit::Piece,
        category: CategoryChoice::None,
        barcodes: Vec::new(),
        food: false,
        active: true,
        stock: None,
    };
    change(&mut draft);
    shop.call(Command::SaveProduct(Box::new(draft))).unwrap();
}

fn is_right(shop: &TestShop) {
    let checked = crate::check::check_store(&shop.store, &mut |_, _| true).unwrap();
    assert!(checked.ok(), "{:?}", checked.problems);
}

#[test]
fn a_barcode_that_was_saved_meanwhile_stays_where_it_is() {
    let mut shop = TestShop::new();
    let file =
        b"sku,name,barcodes,price,vat,stock\nN-01,First,5400000000003,1.00,21,2\nN-02,Second,5400000000010,1.00,21,3\n";
    let by_hand = |shop: &mut TestShop| save(shop, |draft| draft.barcodes = vec!["5400000000003".to_owned()]);
    let report = import_while(&mut shop, file, by_hand);
    assert_eq!((report.added, report.rejected_count), (1, 1), "{report:?}");
    assert_eq!(report.rejected[0].line, 2);
    assert!(report.rejected[0].reason.starts_with("the barcode 5400000000003 belongs to the product"), "{report:?}");
    assert_eq!(product_by_code(&shop.store, "5400000000003").unwrap().unwrap().name, "By hand");
    let second = product_by_code(&shop.store, "5400000000010").unwrap().unwrap();
    assert_eq!((second.name.as_str(), level_of(&shop.store, second.id).unwrap()), ("Second", Quantity::pieces(3)));
    is_right(&shop);
}

#[test]
fn an_article_number_that_was_made_meanwhile_is_one_product() {
    let mut shop = TestShop::new();
    let file = b"sku,name,price,vat\nN-01,New,1.00,21\n";
    let report = import_while(&mut shop, file, |shop| save(shop, |draft| draft.sku = "N-01".to_owned()));
    assert_eq!((report.added, report.updated, report.rejected_count), (0, 1, 0), "{report:?}");
    assert_eq!(queries::counts(&shop.store).unwrap().products, 1);
    assert_eq!(product_by_code(&shop.store, "N-01").unwrap().unwrap().name, "New");
    is_right(&shop);
}

#[test]
fn what_was_changed_meanwhile_is_compared_again() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let file = "sku,name,category,price,vat\nB-01,Pain gris,Boulangerie,2.60,6\nN-01,New,Traiteur,1.00,21\nN-02,Next,Traiteur,1.00,21\n";
    let by_hand = |shop: &mut TestShop| {
        // The same article number, the same category, and the product that the file changes.
        save(shop, |draft| {
            draft.sku = "N-01".to_owned();
            draft.category = CategoryChoice::Named("traiteur".to_owned());
        });
        let bread = product_by_code(&shop.store, "B-01").unwrap().unwrap();
        save(shop, |draft| {
            (draft.id, draft.sku, draft.name) = (Some(bread.id), "B-01".to_owned(), "Pain noir".to_owned());
        });
    };
    let report = import_while(&mut shop, file.as_bytes(), by_hand);
    assert_eq!((report.added, report.updated, report.categories, report.rejected_count), (1, 2, 0, 0), "{report:?}");
    let names: Vec<String> = queries::categories(&shop.store).unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names.iter().filter(|name| name.to_lowercase() == "traiteur").count(), 1, "{names:?}");
    assert_eq!(product_by_code(&shop.store, "N-01").unwrap().unwrap().name, "New");
    assert_eq!(product_by_code(&shop.store, "B-01").unwrap().unwrap().price.minor, 260);
    is_right(&shop);
    assert_eq!(shop.import(file.as_bytes()).unwrap().unchanged, 3);
}

#[test]
fn a_category_that_was_made_meanwhile_is_not_made_again() {
    let mut shop = TestShop::new();
    let file = b"sku,name,category,price,vat\nN-01,New,Traiteur,1.00,21\nN-02,Next,Fromages,1.00,21\n";
    let by_hand =
        |shop: &mut TestShop| save(shop, |draft| draft.category = CategoryChoice::Named("TRAITEUR".to_owned()));
    let report = import_while(&mut shop, file, by_hand);
    assert_eq!((report.added, report.categories, report.rejected_count), (2, 1, 0), "{report:?}");
    let found = queries::categories(&shop.store).unwrap();
    let of = |name: &str| {
        found.iter().filter(|one| one.name.to_lowercase() == name).map(|one| one.products).collect::<Vec<_>>()
    };
    assert_eq!((of("traiteur"), of("fromages")), (vec![2], vec![1]));
    is_right(&shop);
}

#[test]
fn who_never_rests_is_told_at_last() {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let store = shop.store.clone();
    let new_id = || aurapos_contract::Uuid::from_u64_pair(0x0193_4444_0000_7000, 0x8000_0000_0000_0001);
    let file = &b"sku,name,price,vat\nB-01,Pain gris,2.60,6\n"[..];
    let mut planner = Planner::open(&store, file, TestShop::today(), new_id).unwrap();
    let mut tries = 0;
    let submit = |_| {
        tries += 1;
        Some(())
    };
    let error = write_all(&mut planner, submit, |()| Err(Code::Changed.error("Again."))).unwrap_err();
    assert!(error.is(Code::Changed) && tries == 11, "{error}, {tries}");
}

#[test]
fn large_files_go_in_slices_that_fit_a_transaction() {
    let mut file = String::from("sku,name,barcodes,price,vat,stock\n");
    for number in 0..7_000 {
        file.push_str(&format!("S-{number},Product {number},C{number}|D{number},1.00,21,3\n"));
    }
    let mut shop = TestShop::new();
    let store = shop.store.clone();
    let before = queries::counts(&store).unwrap().entries;
    let report = shop.import(file.as_bytes()).unwrap();
    assert_eq!(report.added, 7_000);
    let slices = queries::counts(&store).unwrap().entries - before;
    assert_eq!(slices, 4, "7,000 products of 5 rows, at most 10,000 rows a transaction");
    let checked = crate::check::check_store(&store, &mut |_, _| true).unwrap();
    assert!(checked.ok(), "{:?}", checked.problems);
}

#[test]
fn only_the_first_thousand_refusals_are_kept() {
    let mut file = String::from("sku,name,price,vat\n");
    (0..2_500).for_each(|number| file.push_str(&format!("S-{number},,1.00,21\n")));
    let report = TestShop::new().plan(file.as_bytes()).unwrap();
    assert_eq!((report.rejected_count, report.rejected.len()), (2_500, REJECTED_MAX));
}

fn any_file() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        4 => "[A-Za-zé ]{0,8}".prop_map(String::from),
        1 => "[0-9]{1,4}[.,][0-9]{2}".prop_map(String::from),
        1 => Just("\"".to_owned()),
        1 => Just("5400000000003".to_owned()),
        1 => Just("#REF!".to_owned()),
    ];
    let price = prop_oneof!["[0-9]{1,3}\\.[0-9]{2}", "[0-9]{1,3}"];
    let row = ("[A-C][0-9]", cell.clone(), price, prop_oneof![Just("21"), Just("6"), Just("7")], cell)
        .prop_map(|(sku, name, price, vat, codes)| format!("{sku},{name},{price},{vat},{codes}"));
    proptest::collection::vec(row, 0..30).prop_map(|rows| format!("sku,name,price,vat,barcodes\n{}\n", rows.join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the file: after it went in, the same file changes nothing, and the books are right.
    #[test]
    fn twice_is_once(file in any_file()) {
        let mut shop = TestShop::new();
        let first = shop.import(file.as_bytes()).unwrap();
        prop_assert_eq!(first.rows, first.added + first.updated + first.unchanged + first.rejected_count);
        let second = shop.import(file.as_bytes()).unwrap();
        prop_assert_eq!((second.added, second.updated, second.categories), (0, 0, 0));
        prop_assert_eq!(second.rejected, first.rejected);
        prop_assert!(crate::check::check_store(&shop.store, &mut |_, _| true).unwrap().ok());
    }
}
