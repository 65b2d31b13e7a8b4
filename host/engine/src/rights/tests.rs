//! The table of rights: every command, every deed and every read, for every role. A changed entry fails here.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use aurapos_contract::Uuid;
use aurapos_domain::catalog::Unit;
use aurapos_domain::ids::{DrawerSessionId, OperatorId, ProductId};
use aurapos_domain::money::Quantity;
use aurapos_domain::people::Role;
use aurapos_domain::pricing::Discount;
use aurapos_domain::receipt::ReceiptCopy;

use super::*;
use crate::command::people::{PeopleCommand, RoleChange};
use crate::command::{BackupNote, CashMove, RefundRequest, Reply, SaleRequest, TenderRequest};
use crate::import::{CategoryChoice, ImportSlice, Planner, ProductDraft};

use crate::command::settings::SettingsCommand;
use crate::queries::{ProductFilter, Reading, SalesSearch};
use crate::testing::{PIN, World, eur, identity, item};

/// Who tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Manager,
    Cashier,
    /// Signed in with a role that allows nothing.
    Stranger,
    Locked,
    Nobody,
}

/// A shop in which everybody is signed in at once.
struct Shop {
    world: World,
    sessions: [SessionId; 4],
}

impl Shop {
    fn new() -> Shop {
        let mut world = World::new();
        let manager = world.session.unwrap();
        let add = PeopleCommand::Add { name: "Tom".to_owned(), role: "cashier".to_owned(), pin: "2580".to_owned() };
        world.run(Command::People(add)).unwrap();
        let cashier = world.sign_in("Tom", "2580").unwrap();
        let stranger = world.sign_in("Mia", PIN).unwrap();
        let operator = &mut world.engine.sessions.get_mut(&stranger).unwrap().operator;
        *operator = Operator {
            id: OperatorId::from_bytes([9; 16]),
            name: "Zoe".to_owned(),
            role: Role::unknown("owner"),
            active: true,
        };
        let locked = world.sign_in("Mia", PIN).unwrap();
        world.engine.sessions.get_mut(&locked).unwrap().locked = true;
        world.engine.publish_rights();
        Shop { world, sessions: [manager, cashier, stranger, locked] }
    }

    fn session(&self, who: Who) -> Option<SessionId> {
        self.sessions.get(who as usize).copied()
    }
}

/// `""`: allowed; otherwise the right that is missing, or why it is refused.
fn told(result: EngineResult<impl Sized>) -> String {
    let Err(error) = result else { return String::new() };
    match error.detail.as_deref() {
        Some(Detail::MissingRight { right, operator }) => {
            let what = right.code().replace('_', " ");
            assert!(error.is(Code::NotAllowed) && error.message.contains(operator) && error.message.contains(&what));
            right.code().to_owned()
        }
        _ if error.is(Code::SignedOut) => "signed out".to_owned(),
        _ if error.is(Code::SessionLocked) => "locked".to_owned(),
        _ if error.is(Code::ShopExists) => OPEN.to_owned(),
        _ if error.is(Code::NotAllowed) => "the machine's".to_owned(),
        // Refused for what it is, and not for who asks.
        _ => String::new(),
    }
}

/// A number for each kind of command; one that is new does not compile without one.
fn kind(command: &Command) -> usize {
    match command {
        Command::SignIn { .. } => 0,
        Command::SignOut => 1,
        Command::Lock => 2,
        Command::Unlock { .. } => 3,
        Command::ShowTicket => 4,
        Command::AddItem(_) => 5,
        Command::SetQuantity { .. } => 6,
        Command::OverridePrice { .. } => 7,
        Command::DiscountLine { .. } => 8,
        Command::DiscountTicket { .. } => 9,
        Command::Note { .. } => 10,
        Command::RemoveLine { .. } => 11,
        Command::RestoreLine { .. } => 12,
        Command::ClearTicket => 13,
        Command::Tender(_) => 14,
        Command::AskPayment => 15,
        Command::CancelPayment => 16,
        Command::TakeBackCash => 17,
        Command::Finish => 18,
        Command::Sell(_) => 19,
        Command::Refund(_) => 20,
        Command::Reprint { .. } => 21,
        Command::OpenDrawer { .. } => 22,
        Command::MoveCash { .. } => 23,
        Command::NoSale { .. } => 24,
        Command::DrawerStatus => 25,
        Command::ResolveDoubt => 26,
        Command::RotateToken { .. } => 27,
        Command::NoteBackup(_) => 28,
        Command::ImportSlice(_) => 29,
        Command::SaveProduct(_) => 30,
        Command::People(PeopleCommand::Add { .. }) => 31,
        Command::People(PeopleCommand::Disable { .. }) => 32,
        Command::People(PeopleCommand::Enable { .. }) => 33,
        Command::People(PeopleCommand::SetRole { .. }) => 34,
        Command::People(PeopleCommand::ResetPin { .. }) => 35,
        Command::People(PeopleCommand::RescueManager { .. }) => 36,
        Command::People(PeopleCommand::SaveRole(_)) => 37,
        Command::People(PeopleCommand::RemoveRole { .. }) => 38,
        Command::Settings(SettingsCommand::Set { .. }) => 39,
        Command::Settings(SettingsCommand::Reset { .. }) => 40,
        Command::ResolveFinding { .. } => 41,
    }
}
const KINDS: usize = 42;

/// What one command answers each: stranger, cashier, and nobody. A manager may everything that is a person's.
type Row = (Command, &'static str, &'static str, &'static str);

const OUT: &str = "signed out";
const MACHINE: &str = "the machine's";
const OPEN: &str = "a register is open";

fn selling() -> Vec<Row> {
    let (line, quantity) = (1, |thousandths| Quantity::from_thousandths(thousandths));
    let text = String::new;
    let priced = crate::command::ItemRequest { price: Some(eur(1)), ..item("2") };
    let back = item("2*-1");
    let sale = |items: Vec<_>, discount| Command::Sell(SaleRequest { items, discount, ..SaleRequest::default() });
    let tender = TenderRequest { instance: "cash".to_owned(), amount: None };
    vec![
        (Command::ShowTicket, "", "", OUT),
        (Command::AddItem(item("2")), "sell", "", OUT),
        (Command::AddItem(priced.clone()), "sell", "price_override", OUT),
        (Command::AddItem(back.clone()), "sell", "refund", OUT),
        (Command::SetQuantity { line, quantity: quantity(2000) }, "sell", "", OUT),
        (Command::SetQuantity { line, quantity: quantity(-2000) }, "sell", "refund", OUT),
        (Command::SetQuantity { line, quantity: quantity(0) }, "sell", "", OUT),
        (Command::OverridePrice { line, price: eur(1) }, "sell", "price_override", OUT),
        (Command::DiscountLine { line, discount: None }, "sell", "discount", OUT),
        (Command::DiscountTicket { discount: None }, "sell", "discount", OUT),
        (Command::Note { line: None, text: text() }, "sell", "", OUT),
        (Command::RemoveLine { line }, "sell", "", OUT),
        (Command::RestoreLine { line }, "sell", "", OUT),
        (Command::ClearTicket, "void_line", "", OUT),
        (Command::Tender(tender), "sell", "", OUT),
        (Command::AskPayment, "sell", "", OUT),
        (Command::CancelPayment, "sell", "", OUT),
        (Command::TakeBackCash, "sell", "", OUT),
        (Command::Finish, "sell", "", OUT),
        (sale(vec![item("2")], None), "sell", "", OUT),
        (sale(vec![item("2"), priced], None), "sell", "price_override", OUT),
        (sale(vec![item("2"), back], None), "sell", "refund", OUT),
        (sale(vec![item("2")], Some(Discount::Percent(100))), "sell", "discount", OUT),
        (Command::Refund(RefundRequest::default()), "refund", "refund", OUT),
        (Command::Reprint { receipt_no: text() }, "reprint", "", OUT),
        (Command::OpenDrawer { float: eur(1) }, "drawer_session", "", OUT),
        (
            Command::MoveCash { kind: CashMove::Loan, amount: eur(1), reason: text() },
            "cash_movement",
            "cash_movement",
            OUT,
        ),
        (
            Command::MoveCash { kind: CashMove::Pickup, amount: eur(1), reason: text() },
            "cash_movement",
            "cash_movement",
            OUT,
        ),
        (Command::NoSale { reason: text() }, "open_drawer", "open_drawer", OUT),
        (Command::DrawerStatus, "", "", ""),
    ]
}

fn managing(world: &World) -> Vec<Row> {
    let name = |name: &str| name.to_owned();
    let people = Command::People;
    let set = |key: &str| Command::Settings(SettingsCommand::Set { key: key.to_owned(), value: "5".to_owned() });
    let (catalog, operators) = ("manage_catalog", "manage_operators");
    let note = BackupNote::default();
    let pin = || "2581".to_owned();
    vec![
        (Command::SignIn { operator: name("Tom"), pin: "2580".into() }, "", "", ""),
        (Command::SignOut, "", "", OUT),
        (Command::Lock, "", "", OUT),
        (Command::Unlock { pin: "2580".into() }, "", "", OUT),
        (Command::ResolveDoubt, "", "", ""),
        (Command::RotateToken { identity: identity("t9") }, MACHINE, MACHINE, ""),
        (Command::NoteBackup(note), MACHINE, MACHINE, ""),
        (Command::ImportSlice(Box::new(slice(world))), catalog, catalog, ""),
        (Command::SaveProduct(Box::new(draft())), catalog, catalog, OUT),
        (
            people(PeopleCommand::Add { name: name("Eve"), role: name("cashier"), pin: pin() }),
            operators,
            operators,
            OUT,
        ),
        (people(PeopleCommand::Disable { name: name("Tom") }), operators, operators, OUT),
        (people(PeopleCommand::Enable { name: name("Tom") }), operators, operators, OUT),
        (people(PeopleCommand::SetRole { name: name("Tom"), role: name("manager") }), operators, operators, OUT),
        (people(PeopleCommand::SaveRole(RoleChange::default())), operators, operators, OUT),
        (people(PeopleCommand::RemoveRole { code: name("cashier") }), operators, operators, OUT),
        (people(PeopleCommand::ResetPin { name: name("Mia"), pin: pin() }), operators, operators, OUT),
        (people(PeopleCommand::ResetPin { name: name("tom"), pin: pin() }), operators, "", OUT),
        (people(PeopleCommand::RescueManager { name: name("Mia"), pin: pin() }), MACHINE, MACHINE, ""),
        (set("receipt.footer"), "settings", "settings", OUT),
        (set("backup.daily_keep"), "backup", "backup", OUT),
        (set("no.such"), "settings", "settings", OUT),
        (Command::Settings(SettingsCommand::Reset { key: name("backup.daily_keep") }), "backup", "backup", OUT),
        (Command::ResolveFinding { id: Uuid::from_u128(1) }, "settings", "settings", OUT),
    ]
}

fn slice(world: &World) -> ImportSlice {
    let csv = "sku,name,price,vat
NEW-1,New,1.00,21
"
    .as_bytes();
    let today = crate::local_time::local(world.engine.core.zone, world.env.now).date;
    let mut planner = Planner::open(world.store.as_ref(), csv, today, || Uuid::from_u128(99 << 80)).unwrap();
    planner.next_slice().unwrap().unwrap()
}

fn draft() -> ProductDraft {
    ProductDraft {
        id: None,
        sku: "NEW".to_owned(),
        name: "New".to_owned(),
        category: CategoryChoice::None,
        price: eur(100),
        tax_code: "BE-21".to_owned(),
        unit: Unit::Piece,
        barcodes: Vec::new(),
        food: false,
        active: true,
        stock: None,
    }
}

#[test]
fn every_command_asks_for_its_right() {
    let mut shop = Shop::new();
    let mut seen = BTreeSet::new();
    let table: Vec<Row> = selling().into_iter().chain(managing(&shop.world)).collect();
    for (command, stranger, cashier, nobody) in table {
        seen.insert(kind(&command));
        let machines = need(&command) == Need::Program;
        let person = |who: &'static str| if machines { MACHINE } else { who };
        let locked = match need(&command) {
            Need::Nothing | Need::Session => "",
            _ => person("locked"),
        };
        let expected = [
            (Who::Manager, person("")),
            (Who::Cashier, cashier),
            (Who::Stranger, stranger),
            (Who::Locked, locked),
            (Who::Nobody, nobody),
        ];
        for (who, expected) in expected {
            let session = shop.session(who);
            let found = told(shop.world.engine.allow(session, &command));
            assert_eq!(found, expected, "{who:?} {command:?}");
            if !expected.is_empty() {
                // What is refused is refused before anything of it is done.
                let before = shop.world.rows("journal");
                shop.world.session = session;
                assert_eq!(told(shop.world.run(command.clone())), expected, "{who:?} {command:?}");
                assert_eq!(shop.world.rows("journal"), before, "{who:?} {command:?}");
            }
        }
        let session = shop.session(Who::Manager);
        assert_eq!(told(from_a_screen(session, &command)), if machines { MACHINE } else { "" }, "{command:?}");
        let nobodys = match need(&command) {
            Need::Program => MACHINE,
            Need::RightsOrProgram(_) => OUT,
            _ => "",
        };
        assert_eq!(told(from_a_screen(None, &command)), nobodys, "{command:?}");
    }
    assert_eq!(seen, (0..KINDS).collect(), "every kind of command stands in the table");
}

/// What each deed answers: stranger, cashier, nobody, and whether it works while no register is open.
const DEEDS: [(Deed, &str, &str, &str, bool); 34] = [
    (Deed::SeePeople, "", "", "", false),
    (Deed::SeeCatalog, "", "", "", false),
    (Deed::SeePaper, "", "", "", false),
    (Deed::SeeProducts, "manage_catalog", "manage_catalog", OUT, false),
    (Deed::SeeOperators, "manage_operators", "manage_operators", OUT, false),
    (Deed::SeeOwnSales, "", "", OUT, false),
    (Deed::SeeAllSales, "see_all_sales", "see_all_sales", OUT, false),
    (Deed::FindReceipt, "reprint", "", OUT, false),
    (Deed::SeeDrawerMoves, "drawer_session", "", OUT, false),
    (Deed::SeeTakings, "see_expected_cash", "see_expected_cash", OUT, false),
    (Deed::SeeSettings, "", "", OUT, false),
    (Deed::SeeFindings, "settings", "settings", OUT, false),
    (Deed::SeeBackupState, "", "", "", true),
    (Deed::SeeBackups, "backup", "backup", OUT, true),
    (Deed::BackUp, "backup", "backup", OUT, false),
    (Deed::VerifyBackup, "backup", "backup", OUT, true),
    (Deed::Restore, "restore", "restore", OUT, true),
    (Deed::ShowFolder, "settings", "settings", OUT, true),
    (Deed::BrowseFiles, "manage_catalog", "manage_catalog", OUT, true),
    (Deed::PreviewCatalog, "manage_catalog", "manage_catalog", OUT, true),
    (Deed::ImportCatalog, "manage_catalog", "manage_catalog", OUT, false),
    (Deed::SeePlugins, "plugins", "plugins", OUT, false),
    (Deed::SwitchPlugin, "plugins", "plugins", OUT, false),
    (Deed::KeepPreferences, "", "", "", true),
    (Deed::ChangeLock, "settings", "settings", OUT, true),
    (Deed::SetUp, OPEN, OPEN, OPEN, true),
    (Deed::CloseBackup, "", "", "", false),
    (Deed::SeeStorage, "settings", "settings", OUT, false),
    (Deed::TestConnection, "settings", "settings", OUT, true),
    (Deed::ChangeServer, "settings", "settings", OUT, false),
    (Deed::SeeRegisters, "settings", "settings", OUT, false),
    (Deed::ChangeRegisters, "settings", "settings", OUT, false),
    (Deed::ShareShop, "settings", "settings", OUT, false),
    (Deed::Join, OPEN, OPEN, OPEN, true),
];

#[test]
fn every_deed_asks_for_its_right() {
    let shop = Shop::new();
    let rights = shop.world.engine.rights();
    assert_eq!(DEEDS.map(|(deed, ..)| deed).to_vec(), Deed::ALL, "every deed stands in the table");
    for (deed, stranger, cashier, nobody, closed) in DEEDS {
        let never = nobody == OPEN;
        let locked = if nobody == OUT { "locked" } else { nobody };
        let expected = [
            (Who::Manager, if never { OPEN } else { "" }),
            (Who::Cashier, cashier),
            (Who::Stranger, stranger),
            (Who::Locked, locked),
            (Who::Nobody, nobody),
        ];
        for (who, expected) in expected {
            assert_eq!(told(rights.allow(shop.session(who), deed.need())), expected, "{who:?} {deed:?}");
        }
        assert_eq!(deed.while_closed().is_some(), closed, "{deed:?}");
    }
    assert_eq!(told(rights.allow(Some(SessionId(99)), Deed::Restore.need())), OUT, "a session that never was");
}

/// Every read, by whom it is answered: manager, cashier, stranger, locked, nobody.
#[test]
fn every_read_asks_for_its_right() {
    let mut shop = Shop::new();
    let now = shop.world.env.now;
    shop.world.session = shop.session(Who::Manager);
    let receipt = shop.world.sell(&["2"], &[("cash", 0)]).unwrap();
    let number = receipt.receipt_no().to_string();
    let (rights, store) = (shop.world.engine.rights(), shop.world.store.clone());
    let (drawer, product) = (DrawerSessionId::new(Uuid::from_u128(1)), ProductId::new(Uuid::from_u128(1)));
    let filter = ProductFilter::default();
    type Read<'a> = Box<dyn Fn(&Reading<'_>) -> String + 'a>;
    let reads: Vec<(Read<'_>, [&str; 5])> = vec![
        (Box::new(|read| told(read.people(now))), ["", "", "", "", ""]),
        (Box::new(|read| told(read.categories())), ["", "", "", "", ""]),
        (Box::new(|read| told(read.tiles(None, 0, 10))), ["", "", "", "", ""]),
        (Box::new(|read| told(read.search_products("a", 10))), ["", "", "", "", ""]),
        (Box::new(|read| told(read.product_by_code("2"))), ["", "", "", "", ""]),
        (Box::new(|read| told(read.paper(&receipt, ReceiptCopy::Original))), ["", "", "", "", ""]),
        (Box::new(|read| told(read.operators(now))), five("manage_operators", "manage_operators")),
        (Box::new(|read| told(read.roles())), five("manage_operators", "manage_operators")),
        (Box::new(|read| told(read.products_page(&filter, 0, 10, now))), five("manage_catalog", "manage_catalog")),
        (Box::new(|read| told(read.product_by_id(product))), five("manage_catalog", "manage_catalog")),
        (Box::new(|read| told(read.tax_choices(now))), five("manage_catalog", "manage_catalog")),
        (Box::new(|read| told(read.sales(&SalesSearch::of("", 10)))), five("", "")),
        (Box::new(|read| told(read.sale(&number))), five("", "see_all_sales")),
        (Box::new(|read| told(read.drawer_history(drawer, 200, now))), five("", "drawer_session")),
        (Box::new(|read| told(read.settings())), five("", "")),
        (Box::new(|read| told(read.register_codes())), five("", "")),
        (Box::new(|read| told(read.findings())), five("settings", "settings")),
    ];
    for (place, (read, expected)) in reads.iter().enumerate() {
        let all = [Who::Manager, Who::Cashier, Who::Stranger, Who::Locked, Who::Nobody];
        let found = all.map(|who| read(&Reading::new(store.as_ref(), &rights, shop.session(who))));
        assert_eq!(found, *expected, "read {place}");
    }
}

fn five<'a>(cashier: &'a str, stranger: &'a str) -> [&'a str; 5] {
    ["", cashier, stranger, "locked", OUT]
}

#[test]
fn what_is_not_theirs_is_left_out() {
    let mut shop = Shop::new();
    let now = shop.world.env.now;
    shop.world.session = shop.session(Who::Manager);
    let of_mia = shop.world.sell(&["2"], &[("cash", 0)]).unwrap().receipt_no().to_string();
    shop.world.session = shop.session(Who::Cashier);
    let of_tom = shop.world.sell(&["2"], &[("cash", 0)]).unwrap().receipt_no().to_string();
    let drawer = shop.world.drawer();
    assert_eq!(drawer.takings, None, "a cashier counts blindly");
    let (rights, store) = (shop.world.engine.rights(), shop.world.store.clone());
    let read = |who| Reading::new(store.as_ref(), &rights, shop.session(who));
    let sales = |who, text: &str| {
        let found = read(who).sales(&SalesSearch::of(text, 10)).unwrap().sales;
        found.into_iter().map(|sale| sale.receipt_no).collect::<Vec<_>>()
    };
    assert_eq!(sales(Who::Manager, ""), [of_tom.clone(), of_mia.clone()]);
    assert_eq!(sales(Who::Cashier, ""), [of_tom.as_str()]);
    assert_eq!(sales(Who::Cashier, "Mia"), [""; 0]);
    assert_eq!(sales(Who::Cashier, &of_mia), [of_mia.as_str()], "whoever has the receipt in the hand finds it");
    assert_eq!(sales(Who::Stranger, &of_mia), [""; 0]);
    assert!(read(Who::Cashier).sale(&of_tom).is_ok());
    let keys = |who| {
        let read = read(who).settings().unwrap();
        (read.settings.len(), read.newest.is_some())
    };
    assert_eq!(keys(Who::Manager), (crate::settings::definitions().len(), true));
    assert_eq!(keys(Who::Cashier), (0, false));
    let history = read(Who::Cashier).drawer_history(drawer.id, 200, now).unwrap();
    assert_eq!(history.opened_by, "Mia");
}

/// Everybody hears events: none of them tells what the drawer took in.
#[test]
fn takings_are_told_to_whoever_asks_and_may_see_them() {
    let mut world = World::closed();
    let opened = world.run(Command::OpenDrawer { float: eur(100) }).unwrap();
    assert!(matches!(opened, Reply::Drawer(drawer) if drawer.session.as_ref().unwrap().takings.is_some()));
    let heard = world.events.iter().filter_map(|event| match event {
        crate::event::Event::DrawerChanged(drawer) => drawer.session.clone(),
        _ => None,
    });
    let heard: Vec<_> = heard.collect();
    assert!(heard.len() == 1 && heard[0].takings.is_none(), "{heard:?}");
    world.session = None;
    assert_eq!(world.drawer().takings, None);
}

#[test]
fn rights_follow_each_step_on_other_threads() {
    let mut shop = Shop::new();
    let rights = shop.world.engine.rights();
    let cashier = shop.session(Who::Cashier);
    let may = |session| told(rights.allow(session, Deed::Restore.need()));
    assert_eq!(may(cashier), "restore");
    let promote = PeopleCommand::SetRole { name: "Tom".to_owned(), role: "manager".to_owned() };
    shop.world.session = shop.session(Who::Manager);
    shop.world.run(Command::People(promote)).unwrap();
    assert_eq!(may(cashier), "");
    shop.world.session = cashier;
    shop.world.run(Command::Lock).unwrap();
    assert_eq!(may(cashier), "locked");
    shop.world.run(Command::SignOut).unwrap();
    assert_eq!(may(cashier), OUT);
}
