//! Reads against a shop on the reference store.

#![allow(clippy::unwrap_used)]

use super::fixture::{CATALOG, TestShop};
use super::*;
use crate::error::Code;
use crate::rows::Record;
use aurapos_contract::query::Query;
use aurapos_contract::storage::StoreLayer;
use aurapos_contract::{PluginResult, RowBatch};
use aurapos_domain::calendar::Date;
use aurapos_domain::catalog::Product;
use aurapos_domain::money::Quantity;

fn shop_with_catalog() -> TestShop {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    shop
}

fn names(products: &[Product]) -> Vec<&str> {
    products.iter().map(|product| product.name.as_str()).collect()
}

#[test]
fn products_are_found_by_every_form_of_a_code() {
    let mut shop = shop_with_catalog();
    shop.import(b"sku,name,price,vat,barcodes\nU-1,American,1.00,21,012345678905\n").unwrap();
    let sku = |code: &str| product_by_code(&shop.store, code).unwrap().map(|product| product.sku);
    assert_eq!(sku("5400000000003").as_deref(), Some("B-01"));
    assert_eq!(sku(" B-01 ").as_deref(), Some("B-01"));
    assert_eq!(sku("012345678905").as_deref(), Some("U-1"), "UPC-A");
    assert_eq!(sku("0012345678905").as_deref(), Some("U-1"), "the same as EAN-13");
    assert_eq!(sku("00012345678905").as_deref(), Some("U-1"), "the same as GTIN-14");
    assert_eq!(sku("b-01"), None);
    assert_eq!(sku(""), None);
}

#[test]
fn a_gs1_code_is_its_article_in_every_lookup() {
    let mut shop = shop_with_catalog();
    let catalog = "sku,name,price,vat,barcodes\nG-1,Yoghurt,1.00,6,5400000002649\nG-2,Carton of it,9.00,6,15400000002646\n\
        01,Old,2.00,6,\n";
    shop.import(catalog.as_bytes()).unwrap();
    for code in [
        "0105400000002649",
        "(01)05400000002649(17)261231(10)AB1",
        "]C1010540000000264917261231\u{1d}10AB1",
        "]d2010540000000264910AB1\u{1d}17261231",
        "10AB1\u{1d}0105400000002649",
        "05400000002649",
        "5 400000 002649",
        "\u{200b}5400000002649",
    ] {
        assert_eq!(product_by_code(&shop.store, code).unwrap().unwrap().sku, "G-1", "{code:?}");
        assert_eq!(names(&search_products(&shop.store, code, 5).unwrap().products)[0], "Yoghurt", "{code:?}");
        let sale = shop.sell(&[(code, 1_000)], 100).unwrap();
        assert_eq!(
            (sale.sale.lines[0].sku.as_str(), sale.sale.lines[0].barcode.as_deref()),
            ("G-1", Some("5400000002649"))
        );
    }
    assert_eq!(product_by_code(&shop.store, "(01)15400000002646").unwrap().unwrap().sku, "G-2");
    // An EAN-8 in the longer field of a GS1 code.
    assert_eq!(product_by_code(&shop.store, "(01)00000096385074(10)7").unwrap().unwrap().sku, "C-01");
    assert_eq!(shop.sell(&[("0100000096385074", 1_000)], 395).unwrap().sale.lines[0].sku, "C-01");
    assert_eq!(product_by_code(&shop.store, "0105400000002640").unwrap(), None, "a wrong check digit is no article");
    // Article numbers with something invisible in them, as they are pasted.
    assert_eq!(product_by_code(&shop.store, "G\u{200b}-1\u{feff}").unwrap().unwrap().sku, "G-1");
}

#[test]
fn codes_of_older_rules_are_found_shown_and_kept() {
    let mut shop = shop_with_catalog();
    let bread = product_by_code(&shop.store, "B-01").unwrap().unwrap();
    // What an older program stored: two codes in one, an element string as text, a sign for none.
    let mut transaction =
        aurapos_contract::transaction::Transaction { id: aurapos_contract::Uuid::from_u128(77), ..Default::default() };
    let row = |code: &str| crate::rows::catalog::BarcodeRow { code: code.to_owned(), product: bread.id };
    crate::rows::insert(&mut transaction, &["A;B", "0105400000002649", "N/A"].map(row));
    crate::edits::write::stamp(&shop.store, &mut transaction, crate::edits::Stamp::default()).unwrap();
    aurapos_contract::RecordStore::commit(&shop.store, &transaction).unwrap();
    for code in ["A;B", "0105400000002649", "N/A"] {
        let found = product_by_code(&shop.store, code).unwrap().unwrap();
        assert_eq!(found.sku, "B-01");
        assert!(found.barcodes.iter().any(|known| known.canonical() == code), "{:?}", found.barcodes);
        assert_eq!(shop.sell(&[(code, 1_000)], 250).unwrap().sale.lines[0].sku, "B-01");
    }
}

#[test]
fn search_ranks_the_exact_code_then_names_that_begin_so() {
    let mut shop = shop_with_catalog();
    shop.import(b"sku,name,price,vat\nX-1,Rouge baiser,9.00,21\nX-2,Apero rouge,2.00,21\nrouge,Exact,1.00,21\n")
        .unwrap();
    let found = search_products(&shop.store, "rouge", 10).unwrap();
    assert!(!found.more);
    assert_eq!(names(&found.products), ["Exact", "Rouge baiser", "Apero rouge", "Vin rouge"]);
    let two = search_products(&shop.store, "rouge", 2).unwrap();
    assert_eq!((names(&two.products), two.more), (vec!["Exact", "Rouge baiser"], true));
    assert_eq!(names(&search_products(&shop.store, "BRULEE cre", 10).unwrap().products), ["Crème brûlée"]);
    assert_eq!(names(&search_products(&shop.store, "5400000000027", 10).unwrap().products), ["Vin rouge"]);
    assert_eq!(
        names(&search_products(&shop.store, "54000000000", 10).unwrap().products),
        ["Crème brûlée", "Pain gris", "Vin rouge"]
    );
    assert!(search_products(&shop.store, "nothing", 10).unwrap().products.is_empty());
    assert!(search_products(&shop.store, " -- ", 10).unwrap().products.is_empty());
}

#[test]
fn a_search_answer_begins_with_the_columns_of_a_product() {
    let schema = crate::schema::schema();
    let columns: Vec<&str> =
        schema.table("product").unwrap().columns.iter().map(|column| column.name.as_str()).collect();
    assert!(columns.starts_with(Product::COLUMNS), "`search` answers all columns in the schema's order");
}

#[test]
fn views_add_category_and_stock() {
    let shop = shop_with_catalog();
    let products = search_products(&shop.store, "tomates", 10).unwrap().products;
    let views = catalog::views(&shop.store, products, aurapos_domain::money::Currency::EUR).unwrap();
    assert_eq!((views[0].category.as_str(), views[0].stock), ("Légumes", Quantity::from_thousandths(10_500)));
}

/// After midnight the evening goes on: its sales count for the day before, and so are they listed.
#[test]
fn sales_are_listed_by_the_day_that_they_count_for() {
    let mut shop = shop_with_catalog();
    let at = |shop: &mut TestShop, hours: i64| {
        shop.env.now.0 += hours * 3_600_000_000;
        shop.sell(&[("B-01", 1_000)], 1_000).unwrap().sale.header.business_day
    };
    // From 11 in the morning: that day, still that day at one in the night, the next day at six.
    let days = [at(&mut shop, 0), at(&mut shop, 14), at(&mut shop, 5)];
    assert!(days[0] == days[1] && days[2] == days[0].plus_days(1), "{days:?}");
    let numbers = |span: Span| -> Vec<u32> {
        let page = sales(&shop.store, &SalesFilter { span, ..SalesFilter::default() }).unwrap();
        assert!(page.sales.iter().all(|sale| days.contains(&sale.business_day)));
        page.sales.iter().map(|sale| sale.receipt_no[5..].parse().unwrap()).collect()
    };
    let day = |day: Date| Some(Edge::Day(day));
    assert_eq!(numbers(Span::of_day(days[0])), [2, 1]);
    assert_eq!(numbers(Span::of_day(days[2])), [3]);
    assert_eq!(numbers(Span { from: day(days[2]), to: None }), [3]);
    assert_eq!(numbers(Span { from: None, to: day(days[0]) }), [2, 1]);
    assert_eq!(numbers(Span { from: day(days[0]), to: day(days[2]) }), [3, 2, 1]);
    assert_eq!(numbers(Span::of_day(days[0].plus_days(-1))), [0; 0]);
}

#[test]
fn sales_are_listed_newest_first_and_shown_by_number() {
    let mut shop = shop_with_catalog();
    let first = shop.sell(&[("B-01", 2_000)], 1_000).unwrap();
    let second = shop.sell(&[("W-01", 1_000)], 2_000).unwrap();
    let list = sales(&shop.store, &SalesFilter::default()).unwrap().sales;
    let numbers: Vec<&str> = list.iter().map(|sale| sale.receipt_no.as_str()).collect();
    assert_eq!(numbers, ["R1-1-000002", "R1-1-000001"]);
    assert_eq!((list[1].total.minor, list[1].operator_name.as_str(), list[1].register()), (500, "Mia", "R1"));
    let only = |filter: SalesFilter| sales(&shop.store, &filter).unwrap().sales.len();
    assert_eq!(only(SalesFilter { limit: 1, ..SalesFilter::default() }), 1);
    assert_eq!(
        only(SalesFilter {
            span: Span { from: Some(Edge::Time(second.sale.header.time)), to: None },
            ..SalesFilter::default()
        }),
        1
    );
    assert_eq!(
        only(SalesFilter {
            span: Span { from: None, to: Some(Edge::Time(first.sale.header.time)) },
            ..SalesFilter::default()
        }),
        0
    );
    for (code, count) in [("R1", 2), ("R", 0), ("R10", 0), ("R2", 0)] {
        let register = Some(aurapos_domain::ids::RegisterCode::stored(code));
        assert_eq!(only(SalesFilter { register: register.clone(), ..SalesFilter::default() }), count, "{code}");
        let search = SalesSearch { register, ..SalesSearch::of("", 10) };
        assert_eq!(sales_search(&shop.store, &search).unwrap().sales.len(), count, "{code}");
    }
    assert_eq!(register_codes(&shop.store).unwrap(), ["R1"]);
    let shown = sale_by_receipt(&shop.store, "R1-1-000001").unwrap();
    assert_eq!(shown.sale, first.sale);
    assert_eq!(sale_by_id(&shop.store, first.id()).unwrap().unwrap().hash, first.hash);
    for number in ["R1-1-000003", "nonsense"] {
        assert!(sale_by_receipt(&shop.store, number).unwrap_err().is(Code::NoSuchSale));
    }
}

#[test]
fn the_stock_list_begins_with_what_is_missing() {
    let mut shop = shop_with_catalog();
    shop.sell(&[("W-01", 3_000)], 3_600).unwrap();
    let (list, more) = stock_list(&shop.store, Some(Quantity::pieces(5)), 10).unwrap();
    assert!(!more);
    let shown: Vec<(&str, String)> =
        list.iter().map(|line| (line.product.sku.as_str(), line.quantity.to_string())).collect();
    assert_eq!(shown, [("W-01", "-3".to_owned()), ("C-01", "5".to_owned())]);
    let (one, more) = stock_list(&shop.store, None, 1).unwrap();
    assert_eq!((one.len(), more), (1, true));
}

/// A store that answers a few rows at a time, as every store may.
#[derive(Debug)]
struct FewAtATime(aurapos_plugin_testkit::ReferenceStore);

impl StoreLayer for FewAtATime {
    fn inner(&self) -> &dyn RecordStore {
        &self.0
    }
    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        let limit = if query.limit == 0 { 3 } else { query.limit.min(3) };
        self.0.scan(&Query { limit, ..query.clone() })
    }
}

/// Limit, and whether there are more; asked of a store that needs many answers for it.
#[test]
fn a_list_is_whole_or_says_that_there_is_more() {
    let mut shop = shop_with_catalog();
    (0..10).for_each(|_| drop(shop.sell(&[("B-01", 1_000)], 250).unwrap()));
    let store = FewAtATime(shop.store.clone());
    for (limit, shown, more) in [(0, 10, false), (1, 1, true), (9, 9, true), (10, 10, false), (100_000, 10, false)] {
        let page = sales(&store, &SalesFilter { limit, ..SalesFilter::default() }).unwrap();
        assert_eq!((page.sales.len(), page.more), (shown, more), "sales, {limit}");
        if limit > 0 {
            for text in ["", "mia", "2,50"] {
                let page = sales_search(&store, &SalesSearch::of(text, limit as usize)).unwrap();
                assert_eq!((page.sales.len(), page.more), (shown, more), "sales that fit {text:?}, {limit}");
            }
        }
    }
    for (looked_at, shown, more) in [(0, 0, true), (4, 4, true), (9, 9, true), (10, 10, false), (11, 10, false)] {
        let search = SalesSearch { looked_at, ..SalesSearch::of("mia", 100) };
        let page = sales_search(&store, &search).unwrap();
        assert_eq!((page.sales.len(), page.more), (shown, more), "looking at {looked_at}");
    }
    let old = SalesSearch { looked_at: 1, ..SalesSearch::of("R1-1-000002", 100) };
    assert_eq!(
        sales_search(&store, &old).unwrap().sales[0].receipt_no,
        "R1-1-000002",
        "a whole number is always found"
    );
    assert_eq!(tiles(&store, None, 0, 100).unwrap().tiles.len(), 4, "more products than one answer has");
}

/// Whatever opens a register reads all of what it needs, however few rows an answer has.
#[test]
fn a_register_opens_on_a_store_that_answers_a_few_rows_at_a_time() {
    let mut shop = shop_with_catalog();
    let set = |key: &str, value: &str| {
        let (key, value) = (key.to_owned(), value.to_owned());
        crate::command::Command::Settings(crate::command::settings::SettingsCommand::Set { key, value })
    };
    let values = [
        ("backup.daily_keep", "12"),
        ("backup.weekly_years", "11"),
        ("day.begins", "06:00"),
        ("receipt.footer", "Merci"),
        ("rounding.all_tenders", "true"),
    ];
    values.iter().for_each(|(key, value)| drop(shop.call(set(key, value)).unwrap()));
    let store: std::sync::Arc<dyn RecordStore> = std::sync::Arc::new(FewAtATime(shop.store.clone()));
    let core = crate::state::Core::load(store).unwrap();
    assert_eq!(core.settings.len(), values.len());
}

#[test]
fn an_empty_store_has_no_shop() {
    let store = aurapos_plugin_testkit::ReferenceStore::new();
    aurapos_contract::RecordStore::migrate(&store, &crate::schema::schema()).unwrap();
    assert!(shop(&store).unwrap_err().is(Code::NoShop));
    assert_eq!(counts(&store).unwrap(), Counts::default());
}
