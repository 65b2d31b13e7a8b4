//! A shop and the window on it.

use aurapos_runtime::domain::money::{Currency, Money};
use aurapos_runtime::engine::Command;
use aurapos_ui::host::CatalogSource;
use aurapos_ui::markup::Screen;
use aurapos_ui_driver::{Driver, place};
use slint::platform::Key;
use std::path::Path;
use tempfile::TempDir;

/// Products of the sample shop by the piece: 1.45, 1.30 and 0.55.
pub const BAGUETTE: &str = "5400000010064";
pub const CROISSANT: &str = "5400000010101";
pub const PISTOLET: &str = "5400000010088";

/// A window on a shop of its own. The window goes before the shop.
pub struct Shop {
    pub window: Driver,
    pub folder: TempDir,
}

impl std::ops::Deref for Shop {
    type Target = Driver;

    fn deref(&self) -> &Driver {
        &self.window
    }
}

/// A temporary folder, in memory where there is some.
pub fn scratch() -> TempDir {
    let memory = tempfile::Builder::new().prefix("aurapos-window-").tempdir_in("/dev/shm");
    memory.or_else(|_| tempfile::tempdir()).unwrap()
}

/// The sample shop in English, nobody signed in.
pub fn sample() -> Shop {
    let folder = scratch();
    place::set_up(folder.path(), place::new_shop("en"), CatalogSource::Sample);
    let window = Driver::open(place::host(folder.path()), 1280, 800);
    Shop { window, folder }
}

/// The sample shop with its manager at work and 100.00 in the drawer.
pub fn at_work() -> Shop {
    let shop = sample();
    sign_in(&shop);
    shop
}

/// The manager signs in and opens the drawer.
pub fn sign_in(window: &Driver) {
    window.type_text(place::MANAGER.1);
    window.key(Key::Return);
    assert!(window.shell(|shell| shell.session.is_some()), "{:#?}", window.names());
    if window.screen() == Screen::OpenDrawer {
        window.act(|shell| {
            let float = Money::new(10_000, Currency::EUR);
            shell.submit(Command::OpenDrawer { float }, |_, result| drop(result.unwrap()));
        });
        window.act(|shell| shell.go_home(Screen::Sale));
    }
    assert_eq!(window.screen(), Screen::Sale);
}

/// Pieces of every line of the ticket, by name.
pub fn pieces(window: &Driver) -> Vec<(String, i64)> {
    window.shell(|shell| {
        let lines = shell.sale.ticket.as_ref().map_or(&[][..], |ticket| &ticket.lines);
        lines.iter().map(|line| (line.name.clone(), line.quantity.thousandths() / 1000)).collect()
    })
}

/// What a data folder's database answers, asked by the `sqlite3` program: none of our code stands between.
pub fn ask(folder: &Path, sql: &str) -> String {
    let database = folder.join("AuraPOS.db");
    let out = std::process::Command::new("sqlite3").arg("-readonly").arg(database).arg(sql).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}
