//! Saving one product: what is stored, what is refused and at which field.

#![allow(clippy::unwrap_used)]

use aurapos_domain::money::{Money, Quantity};

use super::{CategoryChoice, ProductDraft};
use crate::command::people::PeopleCommand;
use crate::command::{Command, ItemRequest, Reply};
use crate::error::{Code, Detail, EngineError, EngineResult, ProductField};
use crate::queries::fixture::{CATALOG, TestShop, eur};
use crate::queries::{ProductView, categories, product_by_code, search_products};
use crate::testing::new_product;
use crate::view::Ticket;

fn shop() -> TestShop {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    shop
}

fn save(shop: &mut TestShop, draft: ProductDraft) -> EngineResult<ProductView> {
    match shop.call(Command::SaveProduct(Box::new(draft)))? {
        Reply::Product(view) => Ok(*view),
        other => panic!("another reply: {other:?}"),
    }
}

/// The draft that changes nothing of a product.
fn edit(shop: &TestShop, code: &str) -> ProductDraft {
    let product = product_by_code(&shop.store, code).unwrap().unwrap();
    ProductDraft {
        id: Some(product.id),
        sku: product.sku,
        price: product.price,
        tax_code: product.tax_code.as_str().to_owned(),
        unit: product.unit,
        category: product.category.map_or(CategoryChoice::None, CategoryChoice::Id),
        barcodes: product.barcodes.iter().map(|code| code.canonical().to_owned()).collect(),
        food: product.food,
        active: product.active,
        ..new_product(&product.name)
    }
}

fn check(shop: &TestShop) {
    let report = crate::check::check_store(&shop.store, &mut |_, _| true).unwrap();
    assert!(report.ok(), "{:?}", report.problems);
}

#[test]
fn a_new_product_is_stored_found_and_journaled_with_its_stock() {
    let mut shop = shop();
    let view = save(
        &mut shop,
        ProductDraft {
            category: CategoryChoice::Named(" Épicerie ".to_owned()),
            barcodes: vec![" 012345678905 ".to_owned(), String::new()],
            stock: Some(Quantity::pieces(7)),
            ..new_product(" Cafe\u{301} moulu ")
        },
    )
    .unwrap();
    assert_eq!((view.product.sku.as_str(), view.product.name.as_str()), ("5", "Café moulu"), "four there were");
    assert_eq!((view.category.as_str(), view.stock), ("Épicerie", Quantity::pieces(7)));
    assert_eq!(view.product.barcodes[0].canonical(), "0012345678905");
    let found = product_by_code(&shop.store, "12345678905").unwrap();
    assert!(found.is_none(), "a code without its zero is another text");
    assert_eq!(product_by_code(&shop.store, "012345678905").unwrap().unwrap().id, view.product.id);
    for words in ["cafe", "moulu", "0012345"] {
        assert_eq!(search_products(&shop.store, words, 5).unwrap().products.len(), 1, "{words}");
    }
    let last = categories(&shop.store).unwrap().pop().unwrap();
    assert_eq!((last.name.as_str(), last.products), ("Épicerie", 1));
    check(&shop);
    let sale = shop.sell(&[("012345678905", 1_000)], 100).unwrap();
    assert_eq!(sale.sale.total, eur(100));
    check(&shop);
}

#[test]
fn the_next_number_is_free() {
    let mut shop = shop();
    for sku in ["6", "7"] {
        save(&mut shop, ProductDraft { sku: sku.to_owned(), ..new_product(sku) }).unwrap();
    }
    // Six products: 7 is the next and taken.
    let view = save(&mut shop, new_product("Next")).unwrap();
    assert_eq!(view.product.sku, "8");
    let unnamed = ProductDraft { sku: String::new(), ..edit(&shop, "B-01") };
    let kept = save(&mut shop, unnamed).unwrap();
    assert_eq!(kept.product.sku, "B-01", "one that has a number keeps it");
}

#[test]
fn a_change_moves_codes_search_and_category_and_an_equal_one_writes_nothing() {
    let mut shop = shop();
    let entries = |shop: &TestShop| crate::queries::counts(&shop.store).unwrap().entries;
    let before = entries(&shop);
    let same = edit(&shop, "C-01");
    save(&mut shop, same).unwrap();
    assert_eq!(entries(&shop), before, "nothing changed");
    let changed = ProductDraft {
        sku: "C-02".to_owned(),
        name: "Flan".to_owned(),
        price: eur(420),
        barcodes: vec!["96385074".to_owned(), "ABC-1".to_owned()],
        category: CategoryChoice::Named("BOISSONS".to_owned()),
        ..edit(&shop, "C-01")
    };
    let view = save(&mut shop, changed).unwrap();
    assert_eq!((view.category.as_str(), view.stock), ("Boissons", Quantity::pieces(5)), "the stock stays");
    assert_eq!(entries(&shop), before + 1);
    let sku = |code: &str| product_by_code(&shop.store, code).unwrap().map(|product| product.sku);
    assert_eq!(sku("5400000000010"), None);
    assert_eq!((sku("ABC-1").as_deref(), sku("96385074").as_deref()), (Some("C-02"), Some("C-02")));
    assert!(search_products(&shop.store, "brulee", 5).unwrap().products.is_empty(), "the old name is gone");
    assert_eq!(search_products(&shop.store, "flan", 5).unwrap().products.len(), 1);
    // The code that went away is free for another.
    let other = ProductDraft { barcodes: vec!["5400000000010".to_owned()], ..new_product("Crêpe") };
    save(&mut shop, other).unwrap();
    check(&shop);
}

#[test]
fn an_open_ticket_keeps_its_price() {
    let mut shop = shop();
    let add = || Command::AddItem(ItemRequest { code: "B-01".to_owned(), quantity: None, price: None });
    let ticket = |reply: Reply| match reply {
        Reply::Ticket(ticket) => *ticket,
        other => panic!("{other:?}"),
    };
    shop.call(add()).unwrap();
    let dearer = ProductDraft { price: eur(300), ..edit(&shop, "B-01") };
    save(&mut shop, dearer).unwrap();
    let shown: Ticket = ticket(shop.call(Command::ShowTicket).unwrap());
    assert_eq!(shown.total, eur(250));
    let shown = ticket(shop.call(add()).unwrap());
    assert_eq!((shown.lines.len(), shown.total), (2, eur(550)), "from now on the new price, on its own line");
}

#[track_caller]
fn refused(error: EngineError, code: Code, field: ProductField, words: &str) {
    assert!(error.is(code), "{error:?}");
    assert_eq!(error.product_field(), Some(field), "{error}");
    assert!(error.message.contains(words), "{}", error.message);
}

#[test]
fn what_is_refused_names_its_field() {
    let mut shop = shop();
    let mut bad = |change: &dyn Fn(&mut ProductDraft)| {
        let mut draft = new_product("Something");
        change(&mut draft);
        save(&mut shop, draft).unwrap_err()
    };
    use ProductField as F;
    let code = Code::BadProduct;
    refused(bad(&|d| d.name = "  ".to_owned()), code, F::Name, "The name is empty");
    refused(bad(&|d| d.name = "x".repeat(121)), code, F::Name, "121 characters");
    refused(bad(&|d| d.sku = "x".repeat(65)), code, F::Sku, "65 characters");
    refused(bad(&|d| d.price = eur(-1)), code, F::Price, "below zero");
    refused(bad(&|d| d.price = eur(100_000_001)), code, F::Price, "above the limit");
    refused(bad(&|d| d.price = Money::new(1, aurapos_domain::money::Currency::USD)), code, F::Price, "USD");
    refused(bad(&|d| d.tax_code = "luxury".to_owned()), code, F::Vat, "luxury");
    refused(bad(&|d| d.tax_code = String::new()), code, F::Vat, "");
    refused(bad(&|d| d.barcodes = vec!["5400000000004".to_owned()]), code, F::Barcodes, "check digit");
    refused(bad(&|d| d.barcodes = vec!["A1".to_owned(), "A1".to_owned()]), code, F::Barcodes, "twice");
    let many = |d: &mut ProductDraft| d.barcodes = (0..21).map(|code| format!("C-{code}")).collect();
    refused(bad(&many), code, F::Barcodes, "21 barcodes");
    refused(bad(&|d| d.stock = Some(Quantity::from_thousandths(1_500))), code, F::Stock, "whole");
    refused(bad(&|d| d.stock = Some(Quantity::from_thousandths(100_000_000))), code, F::Stock, "not believed");
    let gone = aurapos_domain::ids::CategoryId::from_bytes([9; 16]);
    refused(bad(&|d| d.category = CategoryChoice::Id(gone)), code, F::Category, "category");
    refused(bad(&|d| d.category = CategoryChoice::Named(" ".to_owned())), code, F::Category, "empty");
    let again = ProductDraft { stock: Some(Quantity::ONE), ..edit(&shop, "B-01") };
    refused(save(&mut shop, again).unwrap_err(), code, F::Stock, "new product");
    assert_eq!(crate::queries::counts(&shop.store).unwrap().products, 4, "nothing came in");
    assert_eq!(categories(&shop.store).unwrap().len(), 4, "and no category for it");
}

#[test]
fn a_number_or_code_of_another_product_names_it() {
    let mut shop = shop();
    let holder = |error: &EngineError| match error.detail.as_deref() {
        Some(Detail::Product { holder: Some(holder), .. }) => holder.name.clone(),
        other => panic!("{other:?}"),
    };
    let same_sku = ProductDraft { sku: " B-01 ".to_owned(), ..new_product("Other") };
    let error = save(&mut shop, same_sku).unwrap_err();
    assert_eq!(holder(&error), "Pain gris");
    refused(error, Code::ProductTaken, ProductField::Sku, "Pain gris (B-01)");
    let same_code = ProductDraft { barcodes: vec!["5400000000027".to_owned()], ..edit(&shop, "B-01") };
    let error = save(&mut shop, same_code).unwrap_err();
    assert_eq!(holder(&error), "Vin rouge");
    refused(error, Code::ProductTaken, ProductField::Barcodes, "5400000000027");
    let lost = ProductDraft { id: Some(aurapos_domain::ids::ProductId::from_bytes([7; 16])), ..new_product("Lost") };
    assert!(save(&mut shop, lost).unwrap_err().is(Code::NoSuchProduct));
}

#[test]
fn only_who_may_change_the_catalog_saves_products() {
    let mut shop = shop();
    let add = PeopleCommand::Add { name: "Tom".to_owned(), role: "cashier".to_owned(), pin: "2580".to_owned() };
    shop.call(Command::People(add)).unwrap();
    shop.sign_in("Tom", "2580").unwrap();
    assert!(save(&mut shop, new_product("Mine")).unwrap_err().is(Code::NotAllowed));
    shop.session = None;
    assert!(save(&mut shop, new_product("Nobody's")).unwrap_err().is(Code::SignedOut));
}
