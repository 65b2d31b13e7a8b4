//! Several registers of one shop, each before its own window: a master with its server, machines that join it, who is here, locking
//! one out, and the way from one register to several and back. With real servers and the real runtime.
#![cfg(unix)]

use crate::support::{BAGUETTE, sign_in};
use aurapos_app::{HostOptions, RuntimeHost};
use aurapos_runtime::DataFolder;
use aurapos_runtime::domain::catalog::Unit;
use aurapos_runtime::domain::money::{Currency, Money};
use aurapos_runtime::engine::Command;
use aurapos_runtime::engine::import::{CategoryChoice, ProductDraft};
use aurapos_server::{Wish, is_root};
use aurapos_ui::host::{CatalogSource, RegisterRole, Standing};
use aurapos_ui::markup::{
    ConnectionState, JoinField, JoinStage, ListState, RegistersDialog, Screen, SettingsPage, SharingState, WizardJoin,
};
use aurapos_ui::presenter::settings::{registers, sharing};
use aurapos_ui::presenter::wizard::join;
use aurapos_ui::presenter::{file_picker, orders, settings, wizard};
use aurapos_ui_driver::{Driver, place};
use slint::ComponentHandle as _;
use slint::platform::Key;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A shop that a window shared with others; its server ends with it.
struct Street {
    master: Driver,
    place: TempDir,
    port: u16,
}

fn options(data: &Path, place: &Path, port: u16) -> HostOptions {
    let mut options = HostOptions::new(DataFolder::new(data));
    options.programs = Some(place::programs());
    options.background = false;
    options.server = Wish {
        port: Some(port),
        listen: Some(vec!["127.0.0.1".to_owned()]),
        cluster: Some(place.join("cluster")),
        user: is_root().then(|| "nobody".to_owned()),
        ..Wish::default()
    };
    options
}

fn open(data: &Path, place: &Path, port: u16) -> Driver {
    Driver::open(Arc::new(RuntimeHost::new(options(data, place, port), Box::new(|| {})).unwrap()), 1280, 800)
}

impl Street {
    /// The sample shop of one register, its manager at work.
    fn of_one() -> Street {
        let place = tempfile::tempdir().unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let data = place.path().join("shop");
        place::set_up(&data, place::new_shop("en"), CatalogSource::Sample);
        let master = open(&data, place.path(), port);
        sign_in(&master);
        Street { master, place, port }
    }

    /// And shared.
    fn shared() -> Street {
        let street = Street::of_one();
        street.share();
        street
    }

    fn share(&self) {
        page(&self.master, SettingsPage::Storage);
        self.master.act(sharing::share);
        assert!(self.master.sees("Share this shop with more registers?"), "{:#?}", self.master.names());
        self.master.act(sharing::share_now);
        assert_eq!(self.master.screen(), Screen::SignIn, "everybody is signed out: {:#?}", self.master.names());
        sign_in(&self.master);
        self.master.wait_for(|window| window.shell(sharing::state) == SharingState::Proved);
    }

    fn machine(&self, name: &str) -> Driver {
        open(&self.place.path().join(name), self.place.path(), self.port)
    }

    /// A code of the master for one more register.
    fn code(&self, name: &'static str) -> String {
        page(&self.master, SettingsPage::Registers);
        self.master.act(registers::add);
        self.master.act(move |shell| registers::name_typed(shell, name));
        self.master.act(registers::confirm);
        let code = self.master.shell(|shell| shell.settings.registers.pairing().code.clone());
        assert!(!code.is_empty(), "{:#?} {:?}", self.master.names(), self.master.shell(registers::failed));
        assert!(self.master.sees(&format!("Pairing code {code}")), "{:#?}", self.master.names());
        code
    }

    /// Another machine, joined by a code.
    fn joins(&self, name: &'static str) -> Driver {
        let (code, window) = (self.code(name), self.machine(name));
        self.master.act(registers::close);
        at_join(&window);
        self.type_in(&window, &code);
        window.act(wizard::next);
        assert_eq!(window.screen(), Screen::SignIn, "{:#?}", window.names());
        window
    }

    fn type_in(&self, window: &Driver, code: &str) {
        let (code, port) = (code.to_owned(), self.port.to_string());
        window.act(move |shell| {
            join::edited(shell, JoinField::Address, "127.0.0.1");
            join::edited(shell, JoinField::Port, &port);
            join::edited(shell, JoinField::Code, &code);
        });
    }

    fn registers(&self) -> Vec<(String, String, Standing, bool)> {
        page(&self.master, SettingsPage::Registers);
        self.master.shell(|shell| {
            let view = shell.settings.registers.view();
            assert_eq!((shell.settings.registers.state(), &view.trouble), (ListState::Ready, &None));
            let one =
                |one: &aurapos_ui::host::ShopRegister| (one.code.clone(), one.name.clone(), one.standing, one.online);
            view.registers.iter().map(one).collect()
        })
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        // Where it was never made there is nothing to stop.
        let home = aurapos_server::Home::of_data(&self.place.path().join("shop"));
        let _ = aurapos_server::stop(&home, true);
    }
}

fn page(window: &Driver, page: SettingsPage) {
    window.act(|shell| shell.go_home(Screen::Settings));
    window.act(move |shell| settings::show(shell, page));
}

/// A fresh machine at the step of whoever joins a shop, by hand.
fn at_join(window: &Driver) {
    window.tap("Continue");
    window.tap("Join a shop");
    window.tap("Continue");
    assert_eq!(window.shell(|shell| shell.wizard.step), wizard::Step::Join, "{:#?}", window.names());
}

fn sell(window: &Driver) {
    window.act(|shell| shell.go_home(Screen::Sale));
    window.scan(BAGUETTE);
    window.key(Key::F10);
}

fn sales(window: &Driver) -> usize {
    window.act(|shell| shell.go_home(Screen::Orders));
    window.shell(orders::rows).len()
}

fn settled(window: &Driver) -> bool {
    window.shell(|shell| shell.status.link().is_some_and(|link| link.settled()))
}

#[test]
fn a_shop_of_one_register_is_shared_joined_sold_at_looked_over_and_left() {
    let street = Street::of_one();
    sell(&street.master);
    page(&street.master, SettingsPage::Registers);
    let role = |window: &Driver| window.shell(registers::role);
    assert_eq!(role(&street.master), RegisterRole::Single);
    assert!(street.master.sees("Share this shop with more registers"), "{:#?}", street.master.names());
    street.share();
    assert_eq!(street.registers(), [("R1".to_owned(), String::new(), Standing::Joined, true)]);
    assert_eq!(role(&street.master), RegisterRole::Master);

    let bar = street.joins("Bar");
    sign_in(&bar);
    page(&bar, SettingsPage::Registers);
    assert_eq!(
        bar.shell(|shell| shell.settings.registers.view().name.clone()),
        "Bar",
        "what it is called came with it"
    );
    sell(&bar);
    bar.wait_for(settled);
    street.master.wait_for(|window| {
        window.act(|_| {});
        sales(window) == 2
    });
    // The filter is there as soon as two sell, and each shows its own.
    assert_eq!(street.master.shell(|shell| orders::registers(shell).0.to_vec()), ["R1", "R2"]);
    for (place, count) in [(1, 1), (2, 1), (0, 2)] {
        street.master.act(move |shell| orders::choose_register(shell, place));
        assert_eq!(street.master.shell(orders::rows).len(), count, "{place}");
    }
    // Found with the keyboard and the eyes, too.
    assert!(street.master.sees("Register"), "{:#?}", street.master.names());

    let all = street.registers();
    assert_eq!(all[1], ("R2".to_owned(), "Bar".to_owned(), Standing::Joined, true), "{all:?}");
    street.master.act(|shell| registers::rename(shell, 1));
    street.master.act(|shell| registers::name_typed(shell, "Terrace"));
    street.master.act(registers::confirm);
    assert_eq!(street.registers()[1].1, "Terrace");
    page(&bar, SettingsPage::Registers);
    let (seen, may) = bar.shell(|shell| {
        let view = shell.settings.registers.view();
        (view.registers.iter().map(|one| one.name.clone()).collect::<Vec<_>>(), view.allowed)
    });
    assert_eq!((seen, may), (vec![String::new(), "Terrace".to_owned()], false), "a slave sees all and changes none");

    locked_out_and_let_in(&street, &bar);

    // And back to one register, with what both sold.
    page(&street.master, SettingsPage::Storage);
    street.master.act(sharing::leave);
    street.master.act(sharing::leave_now);
    assert_eq!(street.master.screen(), Screen::SignIn, "{:#?}", street.master.names());
    sign_in(&street.master);
    page(&street.master, SettingsPage::Registers);
    assert_eq!(role(&street.master), RegisterRole::Single);
    assert_eq!(sales(&street.master), 3);
    sell(&street.master);
}

/// The second register, called Terrace, is locked out, sells one, and is let in again with it.
fn locked_out_and_let_in(street: &Street, bar: &Driver) {
    // Asked first.
    street.master.act(|shell| registers::lock_out(shell, 1));
    assert!(street.master.sees("Lock R2 (Terrace) out?"), "{:#?}", street.master.names());
    assert_eq!(street.registers()[1].2, Standing::Joined, "nothing was done yet");
    street.master.act(registers::confirm);
    assert_eq!(street.registers()[1].2, Standing::Revoked);
    assert_eq!(street.master.shell(|shell| shell.settings.registers.dialog), RegistersDialog::None);
    // And in again, asked first as well; it brings what it sold meanwhile.
    sell(bar);
    let may = |window: &Driver| window.shell(|shell| registers::lines(shell)[1].may_let_in);
    assert!(may(&street.master) && !may(bar), "the master's owner alone");
    street.master.act(|shell| registers::let_in(shell, 1));
    assert!(street.master.sees("Let R2 (Terrace) in again?"), "{:#?}", street.master.names());
    assert_eq!(street.registers()[1].2, Standing::Revoked, "nothing was done yet");
    street.master.act(registers::confirm);
    assert_eq!(street.registers()[1].2, Standing::Joined);
    assert!(!may(&street.master));
    bar.wait_for(settled);
}

#[test]
fn every_way_not_to_join_says_what_to_do() {
    let street = Street::shared();
    let code = street.code("Bar");
    // As a file, for its owner alone; nothing is written over.
    let file = street.place.path().join("bar.json");
    let path = file.display().to_string();
    street.master.act(move |shell| registers::file_typed(shell, &path));
    street.master.act(registers::save_file);
    assert!(street.master.sees("Saved: "), "{:#?}", street.master.names());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    street.master.act(registers::save_file);
    assert!(
        street.master.shell(registers::failed).0.contains("exist")
            || !street.master.shell(registers::failed).1.is_empty()
    );
    street.master.act(registers::close);
    assert!(street.master.shell(|shell| shell.settings.registers.pairing().code.is_empty()), "it is shown once");

    let window = street.machine("bar");
    at_join(&window);
    let found = |window: &Driver| window.window().global::<WizardJoin>().get_connection();
    window.act(wizard::next);
    assert!(window.sees("Fill this in.") || window.names().iter().any(|name| name.contains("Fill this in.")));
    // A letter that was mistyped.
    let first = if code.starts_with('2') { "3" } else { "2" };
    street.type_in(&window, &format!("{first}{}", &code[1..]));
    window.act(wizard::next);
    assert_eq!((found(&window).state, found(&window).code.as_str()), (ConnectionState::Bad, "AP-0633"));
    assert!(!found(&window).next.is_empty() && window.sees("Join the shop"));
    // Nobody is there.
    street.type_in(&window, &code);
    window.act(|shell| join::edited(shell, JoinField::Port, "1"));
    window.act(join::test);
    assert_eq!(found(&window).state, ConnectionState::Bad, "{:#?}", window.names());
    assert!(!found(&window).next.is_empty());
    // The way is right: tried, and nothing used.
    street.type_in(&window, &code);
    window.act(join::test);
    assert_eq!(found(&window).state, ConnectionState::Good, "{:?}", found(&window).sentence);
    assert!(!street.place.path().join("bar").join("aurapos.toml").exists());
    // By the file.
    window.act(join::choose_file);
    let path = file.display().to_string();
    window.act(move |shell| file_picker::typed(shell, &path));
    let port = street.port.to_string();
    window.act(move |shell| join::edited(shell, JoinField::Port, &port));
    window.act(wizard::next);
    assert_eq!(window.screen(), Screen::SignIn, "{:#?}", window.names());
    sign_in(&window);
    assert_eq!(window.shell(|shell| shell.facts.as_ref().unwrap().register.clone()), "R2");
    // Used once: the next machine is told.
    let other = street.machine("other");
    at_join(&other);
    street.type_in(&other, &code);
    other.act(wizard::next);
    assert_eq!(found(&other).code.as_str(), "AP-0635", "{:?}", found(&other).sentence);
}

/// The server goes away between pairing and download: nothing is lost, and the next start goes on.
#[test]
fn a_download_that_was_stopped_goes_on_at_the_next_start() {
    let street = Street::shared();
    let code = street.code("Bar");
    street.master.act(registers::close);
    let data = street.place.path().join("bar");
    let wish = aurapos_server::pair::Way {
        address: Some("127.0.0.1".to_owned()),
        port: Some(street.port),
        ..aurapos_server::pair::Way::default()
    };
    // What a program leaves that was killed right after pairing.
    let ticket = aurapos_server::pair::Ticket::read(&code, "the code").unwrap();
    let folder = DataFolder::new(&data);
    aurapos_master::pairing::join(&folder, "test", &ticket, &wish, &Silent).unwrap();
    let home = aurapos_server::Home::of_data(&street.place.path().join("shop"));
    aurapos_server::stop(&home, true).unwrap();
    let window = street.machine("bar");
    assert_eq!(
        (window.screen(), window.shell(|shell| shell.wizard.join.stage())),
        (Screen::Wizard, JoinStage::Stopped)
    );
    assert!(window.sees("This machine belongs to the shop."), "{:#?}", window.names());
    if let Some(folder) = std::env::var_os("AURAPOS_PICTURES") {
        window.picture(&Path::new(&folder).join("several-stopped.png")).unwrap();
    }
    let found = window.window().global::<WizardJoin>().get_connection();
    assert!(found.state == ConnectionState::Bad && !found.next.is_empty(), "{:?}", found.sentence);
    aurapos_server::start(&home, true).unwrap();
    // By itself, as it said.
    let begun = Instant::now();
    while window.screen() != Screen::SignIn && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(200));
        window.advance(Duration::from_secs(1));
        window.settle();
    }
    assert_eq!(window.screen(), Screen::SignIn, "{:#?}", window.names());
    sign_in(&window);
    sell(&window);
    drop(window);
    let again = street.machine("bar");
    assert_eq!(again.screen(), Screen::SignIn, "whole once is whole");
}

/// Two products of one number, made while the registers did not see each other: told, and ticked off.
#[test]
fn what_does_not_fit_together_is_told_and_ticked_off() {
    let street = Street::shared();
    let bar = street.joins("Bar");
    sign_in(&bar);
    let home = aurapos_server::Home::of_data(&street.place.path().join("shop"));
    aurapos_server::stop(&home, true).unwrap();
    for (window, name) in [(&street.master, "Elderflower"), (&bar, "Fig jam")] {
        window.act(move |shell| {
            let draft = ProductDraft {
                id: None,
                sku: "TWICE".to_owned(),
                name: name.to_owned(),
                price: Money::new(500, Currency::EUR),
                tax_code: "standard".to_owned(),
                unit: Unit::Piece,
                category: CategoryChoice::None,
                barcodes: Vec::new(),
                food: false,
                active: true,
                stock: None,
            };
            shell.submit(Command::SaveProduct(Box::new(draft)), |_, result| drop(result.unwrap()));
        });
    }
    aurapos_server::start(&home, true).unwrap();
    let count = |window: &Driver| window.shell(|shell| shell.settings.findings.count());
    for window in [&street.master, &bar] {
        window.wait_for(|window| count(window) == 1);
        window.act(|shell| shell.go_home(Screen::More));
        assert!(window.sees("To look at"), "{:#?}", window.names());
        page(window, SettingsPage::Findings);
        assert!(window.sees("Tick off: Two products have the article number TWICE"), "{:#?}", window.names());
    }
    if let Some(folder) = std::env::var_os("AURAPOS_PICTURES") {
        bar.picture(&Path::new(&folder).join("several-findings.png")).unwrap();
    }
    bar.tap("Tick off: Two products");
    assert_eq!(count(&bar), 0);
    assert!(bar.sees("There is nothing to look at"), "{:#?}", bar.names());
}

#[derive(Debug)]
struct Silent;

impl aurapos_runtime::contract::Progress for Silent {
    fn report(&self, _: u64, _: u64, _: &str) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Where the pictures of this file go, when somebody wants them.
#[test]
fn pictures_of_a_shop_with_two_registers() {
    let Some(folder) = std::env::var_os("AURAPOS_PICTURES").map(PathBuf::from) else { return };
    let street = Street::shared();
    let bar = street.joins("Bar");
    sign_in(&bar);
    sell(&bar);
    let draw = |window: &Driver, name: &str| window.picture(&folder.join(format!("{name}.png"))).unwrap();
    page(&street.master, SettingsPage::Storage);
    draw(&street.master, "several-storage");
    street.master.act(sharing::leave);
    draw(&street.master, "several-storage-leave");
    street.master.act(sharing::keep);
    page(&street.master, SettingsPage::Registers);
    draw(&street.master, "several-registers");
    street.master.act(|shell| registers::lock_out(shell, 1));
    draw(&street.master, "several-lock-out");
    street.master.act(registers::confirm);
    draw(&street.master, "several-locked-out");
    street.master.act(|shell| registers::let_in(shell, 1));
    draw(&street.master, "several-let-in");
    street.master.act(registers::confirm);
    street.code("Terrace");
    draw(&street.master, "several-pairing");
    street.master.act(registers::close);
    sales(&street.master);
    draw(&street.master, "several-orders");
    page(&bar, SettingsPage::Registers);
    draw(&bar, "several-registers-slave");
}
