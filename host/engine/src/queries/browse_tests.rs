//! Categories, tiles, the list of products, the search for sales.

#![allow(clippy::unwrap_used)]

use aurapos_domain::catalog::{Product, Unit};
use aurapos_domain::ids::CategoryId;

use super::browse::FAVOURITES_MAX;
use super::fixture::{CATALOG, START, TestShop, eur};
use super::*;
use crate::command::{Command, Reply};
use crate::import::{CategoryChoice, ProductDraft};

fn shop() -> TestShop {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    shop
}

fn skus(products: &[Product]) -> Vec<&str> {
    products.iter().map(|product| product.sku.as_str()).collect()
}

fn category(shop: &TestShop, name: &str) -> CategoryId {
    categories(&shop.store).unwrap().into_iter().find(|category| category.name == name).unwrap().id
}

/// No longer sold.
fn retire(shop: &mut TestShop, sku: &str) {
    let product = product_by_code(&shop.store, sku).unwrap().unwrap();
    let draft = ProductDraft {
        id: Some(product.id),
        sku: product.sku,
        name: product.name,
        price: product.price,
        tax_code: product.tax_code.as_str().to_owned(),
        unit: Unit::Piece,
        category: product.category.map_or(CategoryChoice::None, CategoryChoice::Id),
        barcodes: Vec::new(),
        food: product.food,
        active: false,
        stock: None,
    };
    assert!(matches!(shop.call(Command::SaveProduct(Box::new(draft))), Ok(Reply::Product(_))));
}

#[test]
fn categories_come_in_their_order_with_what_is_sold_of_them() {
    let mut shop = shop();
    shop.import("sku,name,price,vat,category\nB-02,Baguette,1.10,6,boulangerie\n".as_bytes()).unwrap();
    retire(&mut shop, "C-01");
    let list = categories(&shop.store).unwrap();
    let shown: Vec<(&str, u64, i32)> =
        list.iter().map(|category| (category.name.as_str(), category.products, category.position)).collect();
    assert_eq!(shown, [("Boulangerie", 2, 0), ("Desserts", 0, 1), ("Boissons", 1, 2), ("Légumes", 1, 3)]);
}

#[test]
fn tiles_of_a_category_come_by_name_page_by_page_without_what_is_no_longer_sold() {
    let mut shop = shop();
    let mut csv = String::from("sku,name,price,vat,category\n");
    for number in (1..=25).rev() {
        csv.push_str(&format!("T-{number},Thé {number:02},1.00,6,Boissons\n"));
    }
    shop.import(csv.as_bytes()).unwrap();
    retire(&mut shop, "T-3");
    let drinks = Some(category(&shop, "Boissons"));
    let page = tiles(&shop.store, drinks, 0, 3).unwrap();
    assert_eq!((skus(&page.tiles), page.total), (vec!["T-1", "T-2", "T-4"], 25));
    let page = tiles(&shop.store, drinks, 23, 3).unwrap();
    assert_eq!((skus(&page.tiles), page.total), (vec!["T-25", "W-01"], 25));
    assert!(tiles(&shop.store, drinks, 99, 3).unwrap().tiles.is_empty());
    let whole = tiles(&shop.store, drinks, 0, 100).unwrap().tiles;
    for (offset, limit) in [(0, 7), (5, 7), (12, 1), (13, 1), (13, 7), (20, 5), (20, 500), (24, 1)] {
        let page = tiles(&shop.store, drinks, offset as u64, limit as u32).unwrap().tiles;
        assert_eq!(page, whole[offset..(offset + limit).min(25)], "{limit} from {offset}");
    }
}

#[test]
fn favourites_are_what_is_sold_most_then_names() {
    let mut shop = shop();
    assert_eq!(skus(&tiles(&shop.store, None, 0, 9).unwrap().tiles), ["C-01", "B-01", "K-01", "W-01"], "by name");
    shop.sell(&[("W-01", 1_000)], 1_200).unwrap();
    shop.sell(&[("W-01", 1_000), ("K-01", 9_500)], 5_000).unwrap();
    let back = shop.sell(&[("B-01", 1_000)], 250).unwrap();
    shop.refund(&back.receipt_no().to_string()).unwrap();
    let page = tiles(&shop.store, None, 0, 9).unwrap();
    assert_eq!(
        (skus(&page.tiles), page.total),
        (vec!["W-01", "K-01", "C-01", "B-01"], 4),
        "what came back is not liked"
    );
    assert_eq!(skus(&tiles(&shop.store, None, 1, 2).unwrap().tiles), ["K-01", "C-01"]);
    shop.sell(&[("C-01", 1_000)], 400).unwrap();
    let page = tiles(&shop.store, None, 0, 3).unwrap();
    assert_eq!(skus(&page.tiles), ["W-01", "C-01", "K-01"], "of equals the one sold last");
    retire(&mut shop, "W-01");
    assert_eq!(skus(&tiles(&shop.store, None, 0, 1).unwrap().tiles), ["C-01"]);
    let mut csv = String::from("sku,name,price,vat\n");
    (0..200).for_each(|number| csv.push_str(&format!("N-{number},Nom {number:03},1.00,6\n")));
    shop.import(csv.as_bytes()).unwrap();
    assert_eq!(tiles(&shop.store, None, 0, 500).unwrap().tiles.len(), FAVOURITES_MAX);
}

#[test]
fn the_list_of_products_filters_pages_and_knows_rates_and_stock() {
    let mut shop = shop();
    retire(&mut shop, "C-01");
    let page = |filter: ProductFilter, offset| products_page(&shop.store, &filter, offset, 2, START).unwrap();
    let sku = |page: &ProductPage| page.rows.iter().map(|row| row.view.product.sku.clone()).collect::<Vec<_>>();
    let all = page(ProductFilter::default(), 0);
    assert_eq!((sku(&all), all.total), (vec!["B-01".to_owned(), "K-01".to_owned()], 3));
    assert_eq!(sku(&page(ProductFilter::default(), 2)), ["W-01"]);
    let row = &all.rows[0];
    assert_eq!(
        (row.rate_bp, row.view.category.as_str(), row.view.stock.to_string()),
        (Some(600), "Boulangerie", "20".to_owned())
    );
    assert_eq!(row.view.product.barcodes[0].canonical(), "5400000000003");
    let with = ProductFilter { include_inactive: true, ..ProductFilter::default() };
    assert_eq!((page(with.clone(), 0).total, sku(&page(with.clone(), 0))[0].as_str()), (4, "C-01"));
    let drinks = ProductFilter { category: Some(category(&shop, "Boissons")), ..ProductFilter::default() };
    assert_eq!(sku(&page(drinks, 0)), ["W-01"]);
    let desserts = ProductFilter { category: Some(category(&shop, "Desserts")), ..ProductFilter::default() };
    assert_eq!(page(desserts.clone(), 0).total, 0);
    assert_eq!(page(ProductFilter { include_inactive: true, ..desserts.clone() }, 0).total, 1);
    let words = |text: &str, filter: ProductFilter| page(ProductFilter { text: text.to_owned(), ..filter }, 0);
    assert_eq!(sku(&words("vin rou", ProductFilter::default())), ["W-01"]);
    assert_eq!(sku(&words("5400000000027", ProductFilter::default())), ["W-01"]);
    assert_eq!(words("creme", ProductFilter::default()).total, 0);
    assert_eq!(words("creme", with).total, 1);
    assert_eq!(words("vin", desserts).total, 0);
}

#[test]
fn one_product_and_the_rates_to_choose() {
    let shop = shop();
    let product = product_by_code(&shop.store, "K-01").unwrap().unwrap();
    let view = product_by_id(&shop.store, product.id).unwrap().unwrap();
    assert_eq!((view.product, view.category.as_str()), (product, "Légumes"));
    let nobody = aurapos_domain::ids::ProductId::from_bytes([1; 16]);
    assert_eq!(product_by_id(&shop.store, nobody).unwrap(), None);
    let rates: Vec<i64> = tax_choices(&shop.store, START).unwrap().iter().map(|choice| choice.rate_bp).collect();
    assert_eq!(rates, [2100, 1200, 600, 0]);
}

#[test]
fn sales_are_found_by_number_name_amount_and_day() {
    let mut shop = shop();
    shop.sell(&[("B-01", 2_000)], 1_000).unwrap();
    shop.sell(&[("W-01", 1_000)], 2_000).unwrap();
    shop.env.now.0 += 86_400_000_000;
    shop.sell(&[("W-01", 1_000), ("C-01", 1_000)], 2_000).unwrap();
    let found = |text: &str| {
        let list = sales_search(&shop.store, &SalesSearch::of(text, 10)).unwrap().sales;
        list.iter().map(|sale| sale.receipt_no.trim_start_matches("R1-1-00000").to_owned()).collect::<Vec<_>>().concat()
    };
    for (text, expected) in [
        ("", "321"),
        ("r1-1-000002", "2"),
        ("000003", "3"),
        ("mia", "321"),
        ("MI", "321"),
        ("ia", ""),
        ("5,00", "1"),
        ("12", "2"),
        ("€12.00", "2"),
        ("15.95", "3"),
        ("2026-11-22", "21"),
        ("22/11/2026", "21"),
        ("22/11", "21"),
        ("23.11.", "3"),
        ("23.11.26", "3"),
        ("mia 23/11", "3"),
        ("mia 24/11", ""),
        ("R9-1-000001", ""),
    ] {
        assert_eq!(found(text), expected, "{text:?}");
    }
    let newest = sales_search(&shop.store, &SalesSearch::of("", 1)).unwrap();
    assert_eq!((newest.sales.len(), newest.more), (1, true));
    assert_eq!(sales_search(&shop.store, &SalesSearch::of("mia", 2)).unwrap().sales[0].total, eur(1_595));
}

#[test]
fn a_day_is_summed_up() {
    let mut shop = shop();
    let day = |days: i32| TestShop::today().plus_days(days);
    let none = DaySummary { sales: 0, refunds: 0, total: eur(0) };
    assert_eq!(day_summary(&shop.store, day(0)).unwrap(), none);
    shop.sell(&[("W-01", 1_000)], 1_200).unwrap();
    shop.sell(&[("C-01", 2_000)], 1_000).unwrap();
    let back = shop.sell(&[("B-01", 1_000)], 250).unwrap();
    shop.refund(&back.receipt_no().to_string()).unwrap();
    let told = day_summary(&shop.store, day(0)).unwrap();
    assert_eq!(told, DaySummary { sales: 3, refunds: 1, total: eur(1_200 + 790) });
    assert_eq!(day_summary(&shop.store, day(1)).unwrap(), none);
}
