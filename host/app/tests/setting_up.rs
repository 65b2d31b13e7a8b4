//! The wizard's work: a preview before there is a shop, and a shop that is made whole or not at all.

#![allow(clippy::unwrap_used)]

mod common;

use aurapos_app::sample;
use aurapos_runtime::engine::setup::NewShop;
use aurapos_ui::host::{
    CALLED_OFF, Cancel, CatalogPreview, CatalogSource, Host, HostResult, Opening, Preferences, StorageWish,
    ThemeChoice, Topic,
};
use common::{ask, expect, host, names, no_progress, open, ready, scratch, set_up};
use std::fs;
use std::path::Path;
use std::sync::Arc;

const CSV: &str = "sku,name,barcodes,category,price,vat\n\
    B1,Bread,5400000010019,Bakery,2.50,6\n\
    B2,,5400000010026,Bakery,2.50,6\n\
    W1,Water,,Drinks,abc,6\n\
    W2,Water 1 l,,Drinks,1.20,21\n";

fn preview(folder: &Path, source: CatalogSource) -> HostResult<CatalogPreview> {
    let new = NewShop { country: "BE".to_owned(), ..NewShop::default() };
    let host = host(folder);
    ask(|answer| host.preview_catalog(None, source, Some(new), Cancel::default(), answer))
}

#[test]
fn a_catalog_is_previewed_before_there_is_a_shop() {
    let place = scratch();
    let file = place.path().join("catalog.csv");
    fs::write(&file, CSV).unwrap();
    let data = place.path().join("shop");
    let found = preview(&data, CatalogSource::File(file)).unwrap();
    assert_eq!((found.report.rows, found.report.added, found.report.rejected_count), (4, 2, 2));
    let lines: Vec<u64> = found.report.rejected.iter().map(|row| row.line).collect();
    assert_eq!(lines, [3, 4]);
    assert!(found.report.rejected[1].reason.contains("abc"), "{:?}", found.report.rejected);
    let names: Vec<&str> = found.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Bread", "Water 1 l"]);
    let bread = &found.rows[0];
    assert_eq!(
        (bread.sku.as_str(), bread.barcode.as_str(), bread.category.as_str()),
        ("B1", "5400000010019", "Bakery")
    );
    assert!(bread.price.contains("2.50") && bread.vat.contains('6'), "{bread:?}");
    assert!(!data.exists(), "nothing is made of a preview");
    assert!(preview(&data, CatalogSource::Sample).unwrap().report.added > 100);
    assert_eq!(preview(&data, CatalogSource::Empty).unwrap().report.rows, 0);
    let missing = preview(&data, CatalogSource::File(place.path().join("gone.csv"))).unwrap_err();
    assert!(missing.code == "AP-0904" && missing.message.contains("gone.csv"), "{missing:?}");
}

#[test]
fn a_shop_is_set_up_with_the_sample_catalog_and_its_colours() {
    let place = scratch();
    let data = place.path().join("shop");
    let host = host(&data);
    let chosen = Preferences { theme: ThemeChoice::Dark, language: "nl".to_owned(), ..Preferences::default() };
    ask(|answer| host.keep_preferences(None, chosen.clone(), answer)).unwrap();
    assert!(!data.exists(), "a choice in the wizard makes no folder");
    set_up(&host, CatalogSource::Sample).unwrap();
    assert_eq!(names(&data), ["AuraPOS.db", "aurapos.toml", "register.lock", "register.token"]);
    ready(&host);
    let (answer, found) = expect();
    host.read(None, Topic::Categories, Box::new(move |reading| answer(reading.categories())));
    let found = found.recv_timeout(common::PATIENCE).unwrap().unwrap();
    let (name, colour) = aurapos_runtime::sample::categories()[0];
    assert_eq!(found.iter().find(|one| one.name == name).unwrap().colour.to_string(), colour);
    host.end();
    assert_eq!(common::host(&data).preferences(), chosen);
}

#[test]
fn what_is_refused_or_called_off_leaves_no_shop_behind() {
    let place = scratch();
    let data = place.path().join("shop");
    let host = host(&data);
    let refused = NewShop { pin: "1111".to_owned(), ..sample::new_shop() };
    let refused = ask(|answer| {
        host.set_up(refused, StorageWish::File, CatalogSource::Empty, no_progress(), Cancel::default(), answer);
    });
    assert_eq!(refused.unwrap_err().code, "AP-1003");
    assert!(!data.exists());
    let missing = set_up(&host, CatalogSource::File(place.path().join("gone.csv"))).unwrap_err();
    assert_eq!(missing.code, "AP-0904");
    assert!(!data.exists(), "{:?}", names(&data));
    // Called off in the middle of the catalog.
    let cancel = Cancel::default();
    let asks = cancel.clone();
    let progress = Arc::new(move |progress: aurapos_ui::host::Progress| {
        if progress.total > 0 {
            asks.ask();
        }
    });
    let called = ask(|answer| {
        host.set_up(sample::new_shop(), StorageWish::File, CatalogSource::Sample, progress, cancel, answer)
    });
    assert_eq!(called.unwrap_err().code, CALLED_OFF);
    assert!(!data.exists(), "{:?}", names(&data));
    assert_eq!(open(&host), Opening::NoShop);
    set_up(&host, CatalogSource::Empty).unwrap();
    ready(&host);
}

#[test]
fn files_that_were_there_before_are_untouched_and_settings_are_used() {
    let place = scratch();
    let own = aurapos_runtime::settings::default_text("R7", "Europe/Paris") + "# mine\n";
    fs::write(place.path().join("aurapos.toml"), &own).unwrap();
    fs::write(place.path().join("notes.txt"), "mine").unwrap();
    let host = host(place.path());
    set_up(&host, CatalogSource::File(place.path().join("gone.csv"))).unwrap_err();
    assert_eq!(names(place.path()), ["aurapos.toml", "notes.txt"]);
    assert_eq!(open(&host), Opening::NoShop);
    let before = names(place.path());
    set_up(&host, CatalogSource::File(place.path().join("gone.csv"))).unwrap_err();
    assert_eq!(names(place.path()), before);
    assert_eq!(fs::read_to_string(place.path().join("aurapos.toml")).unwrap(), own);
    set_up(&host, CatalogSource::Empty).unwrap();
    let text = fs::read_to_string(place.path().join("aurapos.toml")).unwrap();
    assert!(text.contains("# mine") && text.contains("\"R1\""), "{text}");
    assert_eq!(ready(&host).register, "R1");
}

#[test]
fn a_shop_that_is_there_is_not_replaced() {
    let shop = common::Shop::sample(0);
    let before = fs::metadata(shop.folder().join("AuraPOS.db")).unwrap().len();
    let refused = set_up(&shop.host, CatalogSource::Empty).unwrap_err();
    assert_eq!(refused.code, "AP-1002", "it is open: {refused:?}");
    shop.host.end();
    fs::remove_file(shop.folder().join("aurapos.last-good.toml")).unwrap();
    let refused = set_up(&host(&shop.folder()), CatalogSource::Empty).unwrap_err();
    assert_eq!(refused.code, "AP-1002");
    assert!(fs::metadata(shop.folder().join("AuraPOS.db")).unwrap().len() >= before);
    assert_eq!(ready(&host(&shop.folder())).shop_name, sample::SHOP);
}
