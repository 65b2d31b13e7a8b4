//! Products are made, found, changed and sold; catalogs are looked at and imported.

use crate::support::{Shop, sample};
use aurapos_runtime::domain::money::{Currency, Money};
use aurapos_runtime::engine::Command;
use aurapos_ui::markup::{ImportStage, ListState, ProductSaid, Products, Screen};
use aurapos_ui::presenter::file_picker;
use aurapos_ui_driver::place;
use slint::platform::Key;
use slint::{ComponentHandle, Model};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Codes of no product, and of the sample shop's baguette (1.45).
const FREE: &str = "5449000000996";
const OTHER: &str = "4006381333931";
const BAGUETTE: &str = "5400000010064";

/// The manager at the products, with an open drawer.
fn products() -> Shop {
    let shop = sample();
    shop.type_text(place::MANAGER.1);
    shop.key(Key::Return);
    shop.act(|shell| {
        let float = Money::new(10_000, Currency::EUR);
        shell.submit(Command::OpenDrawer { float }, |_, result| drop(result.unwrap()));
    });
    shop.act(|shell| shell.go_home(Screen::Sale));
    shop.act(|shell| shell.go(Screen::Products));
    assert_eq!(shop.shell(|shell| shell.products.list.state()), ListState::Ready, "{:#?}", shop.names());
    shop
}

/// Names of the rows that are shown.
fn rows(shop: &Shop) -> Vec<String> {
    shop.window().global::<Products<'_>>().get_rows().iter().take(20).map(|row| row.name.to_string()).collect()
}

/// Types into a field as a hand that tapped it first.
fn fill(shop: &Shop, field: &str, text: &str) {
    shop.tap(field);
    shop.type_text(text);
}

/// The codes of the form, and what is said about them.
fn codes(shop: &Shop) -> (Vec<String>, Option<String>) {
    shop.shell(|shell| {
        let form = shell.products.form.as_ref();
        form.map(|form| (form.fields.codes.clone(), form.faults.codes.clone())).unwrap_or_default()
    })
}

fn said(shop: &Shop) -> Option<ProductSaid> {
    shop.shell(|shell| shell.products.said.as_ref().map(|said| said.0))
}

#[test]
fn a_product_is_made_sold_and_gets_another_price() {
    let shop = products();
    shop.tap("New product");
    shop.type_text("Ginger ale");
    fill(&shop, "Price", "2.40");
    shop.scan(FREE);
    assert_eq!(codes(&shop), (vec![FREE.to_owned()], None), "a scan goes into the form");
    shop.tap("Save");
    assert_eq!(said(&shop), Some(ProductSaid::Added), "{:#?}", shop.names());

    shop.act(|shell| shell.go(Screen::Sale));
    shop.scan(FREE);
    let total = || shop.shell(|shell| shell.sale.ticket.as_ref().map(|ticket| ticket.total.minor));
    assert_eq!(total(), Some(240));
    shop.key(Key::F10);
    assert_eq!(shop.screen(), Screen::Done);

    shop.act(|shell| shell.go(Screen::Products));
    shop.scan(FREE);
    assert_eq!(shop.shell(|shell| shell.products.form.as_ref().map(|form| form.fields.price.clone())).unwrap(), "2.40");
    // What stands in the field is marked: typing takes its place.
    fill(&shop, "Price", "2.60");
    shop.key(Key::Return);
    assert_eq!(said(&shop), Some(ProductSaid::Changed), "{:#?}", shop.names());
    shop.act(|shell| shell.go(Screen::Sale));
    shop.scan(FREE);
    assert_eq!(total(), Some(260));
}

#[test]
fn who_has_a_code_or_a_number_already_is_named() {
    let shop = products();
    shop.tap("New product");
    shop.scan(BAGUETTE);
    let (taken, fault) = codes(&shop);
    assert!(taken.is_empty(), "the code is not taken over");
    let fault = fault.unwrap();
    assert!(fault.contains(BAGUETTE) && fault.contains("Baguette"), "{fault}");

    shop.scan("5449000000995");
    assert!(codes(&shop).1.unwrap().contains("check digit"));
    shop.scan(OTHER);
    shop.scan(OTHER);
    let (own, fault) = codes(&shop);
    assert_eq!((own.len(), fault.unwrap().contains("twice")), (1, true));

    let sku = rows_sku(&shop, "Baguette");
    shop.tap("Name");
    shop.type_text("Another bread");
    fill(&shop, "Price", "1");
    fill(&shop, "Article number", &sku);
    shop.tap("Save");
    let fault = shop.shell(|shell| shell.products.form.as_ref().and_then(|form| form.faults.sku.clone()));
    assert!(fault.as_deref().is_some_and(|fault| fault.contains("Baguette")), "{fault:?}");
}

/// The number of the first product whose name begins so.
fn rows_sku(shop: &Shop, name: &str) -> String {
    let rows = shop.window().global::<Products<'_>>().get_rows();
    rows.iter().find(|row| row.name.starts_with(name)).unwrap().sku.to_string()
}

#[test]
fn an_empty_form_says_what_is_missing_and_a_changed_one_is_not_lost() {
    let shop = products();
    shop.tap("New product");
    shop.tap("Save");
    assert!(shop.sees("The product needs a name."), "{:#?}", shop.names());
    shop.type_text("Half done");
    shop.key(Key::Escape);
    assert!(shop.sees("Leave without saving?"));
    shop.tap("Go on editing");
    assert_eq!(
        shop.shell(|shell| shell.products.form.as_ref().map(|form| form.fields.name.clone())).unwrap(),
        "Half done"
    );
    // A function key leaves the screen, but not the form.
    shop.key(Key::F5);
    assert_eq!(shop.screen(), Screen::Sale);
    shop.act(|shell| shell.go(Screen::Products));
    assert!(shop.shell(|shell| shell.products.form.is_some()));
    shop.key(Key::Escape);
    shop.tap("Leave");
    assert!(shop.shell(|shell| shell.products.form.is_none()));
    // Nothing was changed: nothing is asked.
    shop.tap("New product");
    shop.key(Key::Escape);
    assert!(shop.shell(|shell| shell.products.form.is_none()));
}

#[test]
fn search_and_filters_find_and_an_unknown_code_can_be_added() {
    let shop = products();
    let all = shop.shell(|shell| shell.products.list.total());
    shop.tap("Name, number or barcode");
    shop.type_text("bagu");
    assert!(rows(&shop)[0].starts_with("Baguette"), "{:?}", rows(&shop));
    shop.key(Key::Return);
    assert!(shop.shell(|shell| shell.products.form.is_some()), "Enter opens what was found first");
    shop.tap("Sold");
    shop.tap("Save");
    let found = shop.shell(|shell| shell.products.list.total());
    shop.tap("Also those not sold");
    assert_eq!(shop.shell(|shell| shell.products.list.total()), found + 1);
    shop.tap("Clear the text");
    assert_eq!(shop.shell(|shell| shell.products.list.total()), all);

    shop.tap("Category: all");
    shop.tap("Boulangerie");
    let some = shop.shell(|shell| shell.products.list.total());
    assert!(some > 0 && some < all);
    shop.tap("Category: Boulangerie");
    shop.tap("All categories");

    shop.scan(FREE);
    shop.tap("New product with this code");
    assert_eq!(codes(&shop).0, [FREE]);
}

#[test]
fn a_new_category_is_made_with_its_first_product() {
    let shop = products();
    shop.tap("New product");
    shop.type_text("Postcard");
    fill(&shop, "Price", "1.20");
    shop.tap("Category: No category");
    fill(&shop, "Or a new one", "Souvenirs");
    shop.tap("Use it");
    shop.tap("Save and add another");
    assert_eq!(said(&shop), Some(ProductSaid::Added), "{:#?}", shop.names());
    let next = shop.shell(|shell| shell.products.form.as_ref().map(|form| form.fields.category_name.clone()));
    assert_eq!(next.as_deref(), Some("Souvenirs"), "the next one stands in the same place");
    assert!(
        shop.shell(|shell| shell.products.categories.iter().any(|one| one.name == "Souvenirs" && one.products == 1))
    );
}

#[test]
fn the_arrows_and_enter_open_a_product() {
    let shop = products();
    shop.key(Key::DownArrow);
    shop.key(Key::DownArrow);
    let name = rows(&shop)[1].clone();
    shop.key(Key::Return);
    assert_eq!(shop.shell(|shell| shell.products.form.as_ref().map(|form| form.fields.name.clone())), Some(name));
}

fn file(shop: &Shop, text: &str) -> PathBuf {
    let path = shop.folder.path().join("list.csv");
    std::fs::write(&path, text).unwrap();
    path
}

/// The import of a file is looked at.
fn looking(text: &str) -> (Shop, PathBuf) {
    let shop = products();
    let path = file(&shop, text);
    shop.tap("Import");
    assert_eq!(shop.screen(), Screen::ImportCatalog);
    shop.tap("Choose a file");
    let typed = path.display().to_string();
    shop.act(move |shell| file_picker::typed(shell, &typed));
    (shop, path)
}

#[test]
fn a_file_is_looked_at_imported_and_left_as_it_is() {
    let text = "sku,name,price,vat,category\nX1,Lamp,12.50,21,Home\nX2,Chair,forty,21,Home\nX3,Table,99,21,Home\n";
    let (shop, path) = looking(text);
    let before = shop.shell(|shell| shell.products.list.total());
    assert!(shop.sees("Some rows cannot go in"), "{:#?}", shop.names());
    assert_eq!(shop.shell(|shell| shell.import.changes()), 2);
    shop.tap("Refused rows");
    assert!(shop.names().iter().any(|name| name.contains("forty")), "{:#?}", shop.names());
    shop.tap("Import 2 products");
    assert_eq!(shop.shell(|shell| shell.import.stage()), ImportStage::Done, "{:#?}", shop.names());
    shop.tap("Show the products");
    assert_eq!(shop.screen(), Screen::Products);
    assert_eq!(shop.shell(|shell| shell.products.list.total()), before + 2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    // The same file again has nothing to do.
    shop.tap("Import");
    shop.tap("Choose a file");
    shop.act(move |shell| file_picker::typed(shell, &path.display().to_string()));
    assert!(shop.sees("Nothing to import"), "{:#?}", shop.names());
}

#[test]
fn what_is_no_list_of_products_is_refused_with_a_sentence() {
    let (shop, _) = looking("just some words\nand others\n");
    assert_eq!(shop.shell(|shell| shell.import.preview()), ListState::Failed);
    assert!(!shop.shell(|shell| shell.import.trouble().0.is_empty()));
    assert!(shop.sees("Try again") && !shop.sees("Import 0"));
}

#[test]
fn a_long_list_is_read_where_it_is_seen() {
    let mut text = "sku,name,price,vat\n".to_owned();
    for number in 0..2_000 {
        writeln!(text, "L{number:04},Zebra {number:04},1.00,21").unwrap();
    }
    let (shop, _) = looking(&text);
    shop.tap("Import 2,000 products");
    shop.tap("Show the products");
    let total = shop.shell(|shell| shell.products.list.total());
    assert!(total > 2_000);
    shop.key(Key::End);
    let last = shop.window().global::<Products<'_>>().get_rows().row_data(total - 1).unwrap();
    assert_eq!(last.name, "Zebra 1999");
    assert!(shop.shell(|shell| shell.products.list.pages().len()) <= 7, "not everything is held");
    shop.key(Key::Return);
    assert_eq!(shop.shell(|shell| shell.products.form.as_ref().unwrap().fields.name.clone()), "Zebra 1999");
}
