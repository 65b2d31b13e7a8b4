#![allow(clippy::unwrap_used)]

use super::FindingKind;
use crate::apply::feed::FEED_CHANGES_MAX;
use crate::command::people::{PeopleCommand, RoleChange};
use crate::command::settings::SettingsCommand;
use crate::command::{Command, RefundRequest, Reply};
use crate::edits::TABLES;
use crate::error::Code;
use crate::import::{CategoryChoice, ProductDraft};
use crate::queries;
use crate::rows::{self, Record};
use crate::testing::{World, eur, new_product, pay};
use aurapos_contract::query::{Change, Query};
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::catalog::Product;
use aurapos_domain::money::Currency;
use aurapos_domain::people::{Permission, PermissionSet};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Registers of one shop, each knowing how far it took in every other.
struct Shop {
    registers: Vec<World>,
    cursors: BTreeMap<(usize, usize), Vec<u8>>,
}

impl Shop {
    /// The first has the catalog, and all have taken it in.
    fn of(count: usize) -> Self {
        let mut registers = vec![World::new()];
        registers.extend((2..=count as u64).map(World::register));
        let mut shop = Shop { registers, cursors: BTreeMap::new() };
        shop.exchange();
        shop
    }

    /// `to` takes in what `from` did.
    fn feed(&mut self, from: usize, to: usize) -> super::Applied {
        let cursor = self.cursors.entry((from, to)).or_default();
        let (low, high) = self.registers.split_at_mut(from.max(to));
        let (from, to) = if from < to { (&low[from], &mut high[0]) } else { (&high[0], &mut low[to]) };
        to.take_from(from, cursor)
    }

    /// Everybody takes in what everybody did, until nothing is new: what was taken in is passed on, too.
    fn exchange(&mut self) {
        for _ in 0..self.registers.len() {
            for from in 0..self.registers.len() {
                for to in (0..self.registers.len()).filter(|to| *to != from) {
                    self.feed(from, to);
                }
            }
        }
    }

    /// All have the same edited rows, with their stamps, and every store fits together.
    fn must_agree(&self) {
        for table in TABLES {
            let rows = |world: &World| {
                let batch = world.store.inner_scan(table.name);
                (0..batch.len()).map(|row| batch.row(row)).collect::<Vec<_>>()
            };
            let first = rows(&self.registers[0]);
            for other in &self.registers[1..] {
                assert_eq!(first, rows(other), "{}", table.name);
            }
        }
        let levels = |world: &World| {
            let batch = world.store.inner_scan("stock_level");
            let rows = (0..batch.len()).map(|row| batch.row(row));
            rows.filter(|row| row[1] != Value::Int(0)).collect::<Vec<_>>()
        };
        for world in &self.registers {
            assert_eq!(levels(&self.registers[0]), levels(world), "stock");
            world.check();
        }
    }
}

fn draft(world: &World, sku: &str) -> ProductDraft {
    let product: Option<Product> = rows::find(world.store.as_ref(), "sku", sku, Currency::EUR).unwrap();
    let Some(product) = product else {
        return ProductDraft { sku: sku.to_owned(), ..new_product("Neu") };
    };
    let view = queries::product_by_id(world.store.as_ref(), product.id).unwrap().unwrap();
    ProductDraft {
        id: Some(product.id),
        sku: product.sku,
        name: product.name,
        price: product.price,
        tax_code: product.tax_code.as_str().to_owned(),
        unit: product.unit,
        category: product.category.map_or(CategoryChoice::None, CategoryChoice::Id),
        barcodes: view.product.barcodes.iter().map(|code| code.canonical().to_owned()).collect(),
        food: product.food,
        active: product.active,
        stock: None,
    }
}

fn save(world: &mut World, sku: &str, edit: impl FnOnce(&mut ProductDraft)) {
    let mut draft = draft(world, sku);
    edit(&mut draft);
    world.env.now.0 += 1_000_000;
    world.run(Command::SaveProduct(Box::new(draft))).unwrap();
}

fn product(world: &World, sku: &str) -> Product {
    rows::find(world.store.as_ref(), "sku", sku, Currency::EUR).unwrap().unwrap()
}

fn kinds(applied: &super::Applied) -> Vec<FindingKind> {
    applied.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn the_facts_of_three_registers_fit_together_at_each() {
    let mut shop = Shop::of(3);
    for (number, world) in shop.registers.iter_mut().enumerate() {
        for _ in 0..=number {
            world.sell(&["1*2", "2"], &[("cash", 0)]).unwrap();
        }
    }
    shop.exchange();
    shop.must_agree();
    assert_eq!(shop.registers[1].rows("sale"), 6);
    // What another register sold is found here, and nothing comes twice.
    let again = shop.feed(0, 2);
    assert_eq!((again.facts, again.edited), (0, 0));
    // A fact that is gone at the receiver is missed, though it was another's.
    assert_eq!(shop.registers[2].texts("sale", "receipt_no").len(), 6);
}

#[test]
fn fields_merge_and_the_loser_is_kept() {
    let mut shop = Shop::of(2);
    save(&mut shop.registers[0], "1", |product| product.price = eur(300));
    save(&mut shop.registers[1], "1", |product| product.name = "Kaffee".to_owned());
    shop.exchange();
    shop.must_agree();
    let merged = product(&shop.registers[0], "1");
    assert_eq!((merged.name.as_str(), merged.price), ("Kaffee", eur(300)));
    assert_eq!(queries::search_products(shop.registers[0].store.as_ref(), "kaff", 5).unwrap().products.len(), 1);

    // The same field: the later edit wins at both, and both know what lost.
    save(&mut shop.registers[0], "1", |product| product.price = eur(310));
    shop.registers[1].env.now.0 += 60_000_000;
    save(&mut shop.registers[1], "1", |product| product.price = eur(320));
    shop.exchange();
    shop.must_agree();
    for world in &shop.registers {
        assert_eq!(product(world, "1").price, eur(320));
        assert!(world.texts("lost_edit", "lost").contains(&"310".to_owned()), "{:?}", world.texts("lost_edit", "lost"));
    }
}

#[test]
fn a_clock_that_is_behind_does_not_lose_the_later_edit_of_what_it_saw() {
    let mut shop = Shop::of(2);
    shop.registers[0].env.now.0 += 3_600_000_000;
    save(&mut shop.registers[0], "1", |product| product.price = eur(300));
    shop.exchange();
    // An hour behind, but it saw the edit: what it does now is later.
    save(&mut shop.registers[1], "1", |product| product.price = eur(400));
    shop.exchange();
    shop.must_agree();
    assert_eq!(product(&shop.registers[0], "1").price, eur(400));
}

#[test]
fn two_of_one_name_never_block_a_feed() {
    let mut shop = Shop::of(2);
    for world in &mut shop.registers {
        save(world, "1", |product| product.category = CategoryChoice::Named("Boissons".to_owned()));
        save(world, "N-1", |_| {});
        world
            .run(Command::People(PeopleCommand::Add {
                name: "Ben".to_owned(),
                role: "cashier".to_owned(),
                pin: "2580".to_owned(),
            }))
            .unwrap();
    }
    let applied = shop.feed(0, 1);
    let mut found = kinds(&applied);
    found.sort();
    assert_eq!(found, [FindingKind::SameSku, FindingKind::SameCategory, FindingKind::SameOperator]);
    assert_eq!(shop.registers[1].rows("finding"), 3);
    assert_eq!(queries::findings(shop.registers[1].store.as_ref()).unwrap().len(), 3);
    shop.exchange();
    shop.must_agree();
    assert_eq!(shop.registers[0].rows("category"), 2);
    // What was put right is no finding any more.
    save(&mut shop.registers[1], "N-1", |product| product.sku = "N-2".to_owned());
    let left = queries::findings(shop.registers[1].store.as_ref()).unwrap();
    assert!(left.iter().all(|finding| finding.kind != FindingKind::SameSku), "{left:?}");
    // Both sell on.
    for world in &mut shop.registers {
        world.sell(&["1"], &[("cash", 0)]).unwrap();
    }
}

#[test]
fn what_was_ticked_off_stays_so_when_it_comes_again() {
    let mut shop = Shop::of(3);
    for world in &mut shop.registers {
        save(world, "N-1", |_| {});
    }
    shop.feed(0, 1);
    let register = &mut shop.registers[1];
    let open = |world: &World| queries::findings(world.store.as_ref()).unwrap();
    let [found] = &open(register)[..] else { panic!("{:?}", open(register)) };
    let (id, entries) = (found.id(), register.rows("journal"));
    register.run(Command::ResolveFinding { id }).unwrap();
    assert_eq!(open(register), []);
    let by = queries::all_findings(register.store.as_ref()).unwrap()[0].resolved;
    assert_eq!(by.map(|(when, _)| when), Some(register.env.now));
    assert!(register.kinds().contains(&aurapos_domain::journal::EntryKind::FINDING_RESOLVED));
    register.run(Command::ResolveFinding { id }).unwrap();
    assert_eq!(register.rows("journal"), entries + 1, "once is enough");
    let nothing = register.run(Command::ResolveFinding { id: aurapos_contract::Uuid::from_u128(1) });
    assert!(nothing.unwrap_err().is(Code::NoSuchFinding));
    register.check();

    // The same again by another way: no longer told. Another pair is.
    shop.cursors.clear();
    assert_eq!(shop.feed(0, 1).findings, []);
    assert_eq!(open(&shop.registers[1]), []);
    let by_way_of = shop.feed(2, 1);
    assert_eq!(kinds(&by_way_of), [FindingKind::SameSku]);
    assert_eq!(open(&shop.registers[1]).len(), 1);

    // What is found at every feed anew stays ticked off, too.
    shop.registers[0].env.now.0 += 2 * super::STAMP_AHEAD_US_MAX;
    save(&mut shop.registers[0], "1", |product| product.price = eur(300));
    let ahead = changes(&shop.registers[0]);
    let applied = shop.registers[2].take_in(ahead.clone()).unwrap();
    let found = applied.findings.iter().find(|finding| finding.kind == FindingKind::Ahead).unwrap();
    shop.registers[2].run(Command::ResolveFinding { id: found.id() }).unwrap();
    let again = shop.registers[2].take_in(ahead).unwrap();
    assert!(again.findings.iter().all(|finding| finding.kind != FindingKind::Ahead), "{again:?}");
    let stored = queries::all_findings(shop.registers[2].store.as_ref()).unwrap();
    assert!(stored.iter().any(|finding| finding.kind == FindingKind::Ahead && finding.resolved.is_some()));
}

#[test]
fn tombstones_travel() {
    let mut shop = Shop::of(2);
    save(&mut shop.registers[0], "2", |product| product.barcodes = vec!["5400000000010".to_owned()]);
    shop.exchange();
    shop.registers[1].sell(&["5400000000010"], &[("cash", 0)]).unwrap();
    shop.registers[1].set("receipt.footer", "Merci");
    shop.exchange();
    assert_eq!(shop.registers[0].engine.core.settings.get("receipt.footer").map(String::as_str), Some("Merci"));

    save(&mut shop.registers[0], "2", |product| product.barcodes.clear());
    let reset = SettingsCommand::Reset { key: "receipt.footer".to_owned() };
    shop.registers[0].run(Command::Settings(reset)).unwrap();
    shop.exchange();
    shop.must_agree();
    let world = &mut shop.registers[1];
    assert!(world.engine.core.settings.is_empty());
    assert!(world.sell(&["5400000000010"], &[("cash", 0)]).unwrap_err().is(Code::NoSuchItem));
    // The code may be given again.
    save(world, "4", |product| product.barcodes = vec!["5400000000010".to_owned()]);
    shop.exchange();
    shop.must_agree();
    assert_eq!(shop.registers[0].sell(&["5400000000010"], &[("cash", 0)]).unwrap().sale.total, eur(1000));
}

#[test]
fn rights_that_were_taken_away_elsewhere_are_gone_here() {
    let mut shop = Shop::of(2);
    let people = |world: &mut World, command| world.run(Command::People(command)).map(|_: Reply| ());
    let add = PeopleCommand::Add { name: "Zoë".to_owned(), role: "manager".to_owned(), pin: "1357".to_owned() };
    people(&mut shop.registers[0], add).unwrap();
    shop.exchange();
    shop.registers[1].sign_in("Zoë", "1357").unwrap();
    people(&mut shop.registers[0], PeopleCommand::SetRole { name: "Zoë".to_owned(), role: "cashier".to_owned() })
        .unwrap();
    shop.exchange();
    let refused = people(&mut shop.registers[1], PeopleCommand::Disable { name: "Mia".to_owned() });
    assert!(refused.unwrap_err().is(Code::NotAllowed));
    people(&mut shop.registers[0], PeopleCommand::Disable { name: "Zoë".to_owned() }).unwrap();
    shop.exchange();
    assert!(shop.registers[1].sell(&["1"], &[("cash", 0)]).is_err());
}

/// The changes of everything that a register did.
fn changes(world: &World) -> Vec<Change> {
    world.store.inner.changes(&[], 2_000).unwrap().changes
}

fn set(change: &mut Change, column: &str, value: Value) {
    let at = change.columns.iter().position(|name| name == column).unwrap();
    change.row[at] = value;
}

#[test]
fn what_was_changed_on_its_way_is_left_out_with_its_whole_transaction() {
    let mut shop = Shop::of(2);
    let known = changes(&shop.registers[0]).len();
    shop.registers[0].sell(&["1"], &[("cash", 0)]).unwrap();
    let sold: Vec<Change> = changes(&shop.registers[0]).split_off(known);
    let sales = shop.registers[1].rows("sale");
    let mut forged = sold.clone();
    let entry = forged.iter_mut().find(|change| change.table == "journal").unwrap();
    set(entry, "body", Value::Bytes(vec![1, 2, 3]));
    let applied = shop.registers[1].take_in(forged).unwrap();
    assert_eq!((kinds(&applied), applied.facts), (vec![FindingKind::BrokenChain], 0));
    assert_eq!(shop.registers[1].rows("sale"), sales);
    // The true one is taken in, and one that says something else after it is not.
    assert!(shop.registers[1].take_in(sold.clone()).unwrap().facts > 0);
    let mut other = sold;
    let sale = other.iter_mut().find(|change| change.table == "sale").unwrap();
    set(sale, "total", Value::Int(1));
    let applied = shop.registers[1].take_in(other).unwrap();
    assert_eq!((kinds(&applied), applied.facts), (vec![FindingKind::Fork], 0));
    shop.exchange();
    shop.must_agree();
}

#[test]
fn nobody_else_writes_this_registers_journal() {
    let mut world = World::new();
    let mut copy =
        World::open(crate::testing::WatchedStore::over(world.store.inner.duplicate()), "t1", world.env.clone());
    copy.env.now.0 += 1;
    copy.sell(&["1"], &[("cash", 0)]).unwrap();
    let known = changes(&world).len();
    let sold = changes(&copy).split_off(known);
    let applied = world.take_in(sold).unwrap();
    assert!(kinds(&applied).contains(&FindingKind::Fork), "{applied:?}");
    assert_eq!(applied.facts, 0);
    world.sell(&["1"], &[("cash", 0)]).unwrap();
    world.check();
}

#[test]
fn a_register_that_was_set_up_anew_under_its_code_is_told() {
    let mut world = World::new();
    let mut other = World::register(9);
    // The same code and first life, as after a new set-up of a dead R1.
    let mut life: Vec<Change> = changes(&other).into_iter().filter(|change| change.table == "incarnation").collect();
    set(&mut life[0], "register_code", Value::Text("R1".to_owned()));
    let applied = world.take_in(life).unwrap();
    assert_eq!(kinds(&applied), [FindingKind::SameNumbers]);
    assert!(applied.findings[0].told.contains("R1-1"), "{applied:?}");
    let _ = other.sell(&["1"], &[("cash", 0)]);
}

#[test]
fn an_edit_from_far_in_the_future_is_taken_in_and_told_once() {
    let mut shop = Shop::of(2);
    shop.registers[0].env.now.0 += 2 * super::STAMP_AHEAD_US_MAX;
    save(&mut shop.registers[0], "1", |product| product.price = eur(300));
    save(&mut shop.registers[0], "2", |product| product.price = eur(301));
    let applied = shop.feed(0, 1);
    assert_eq!(kinds(&applied), [FindingKind::Ahead]);
    assert_eq!(product(&shop.registers[1], "1").price, eur(300));
    // Whoever saw it can change it, whatever the clock here says.
    save(&mut shop.registers[1], "1", |product| product.price = eur(310));
    shop.exchange();
    shop.must_agree();
    assert_eq!(product(&shop.registers[0], "1").price, eur(310));
}

/// What is beyond the end of all clocks is refused by everybody alike, and no register makes such an edit itself.
#[test]
fn an_edit_of_after_the_last_clock_is_left_out() {
    let mut shop = Shop::of(2);
    shop.registers[0].env.now.0 = crate::edits::CLOCK_MAX + 5;
    save(&mut shop.registers[0], "1", |product| product.price = eur(300));
    assert_eq!(kinds(&shop.feed(0, 1)), []);
    assert_eq!(product(&shop.registers[1], "1").price, eur(300));
    let mut late: Vec<Change> =
        changes(&shop.registers[0]).into_iter().filter(|change| change.table == "product").collect();
    for change in &mut late {
        set(change, "row_version", Value::Int(crate::edits::CLOCK_MAX + 1));
    }
    let applied = shop.registers[1].take_in(late).unwrap();
    assert_eq!((kinds(&applied).first(), applied.edited), (Some(&FindingKind::Unreadable), 0));
}

#[test]
fn what_a_newer_register_says_more_is_left_out_and_the_rest_comes() {
    let mut shop = Shop::of(2);
    save(&mut shop.registers[0], "1", |product| product.price = eur(300));
    let mut edits: Vec<Change> =
        changes(&shop.registers[0]).into_iter().filter(|change| change.table == "product").collect();
    for change in &mut edits {
        change.columns.push("age_limit".to_owned());
        change.row.push(Value::Int(18));
    }
    edits.push(Change { table: "loyalty".to_owned(), ..edits[0].clone() });
    let mut damaged = edits[0].clone();
    set(&mut damaged, "price", Value::Text("much".to_owned()));
    edits.push(damaged);
    let applied = shop.registers[1].take_in(edits).unwrap();
    assert_eq!((kinds(&applied), applied.edited), (vec![FindingKind::Unreadable], 1));
    assert_eq!(product(&shop.registers[1], "1").price, eur(300));
}

/// A role that two registers make under one code, and what each of them changes of it later.
#[test]
fn roles_of_two_registers_merge_field_by_field() {
    let mut shop = Shop::of(2);
    let save = |world: &mut World, name: Option<&str>, allow: Permission| {
        let change = RoleChange {
            code: "shift".to_owned(),
            name: name.map(str::to_owned),
            allow: PermissionSet::of(&[allow]),
            ..RoleChange::default()
        };
        world.env.now.0 += 1_000_000;
        world.run(Command::People(PeopleCommand::SaveRole(change))).unwrap();
    };
    save(&mut shop.registers[0], Some("Shift"), Permission::Sell);
    shop.registers[1].env.now = shop.registers[0].env.now;
    save(&mut shop.registers[1], Some("Team"), Permission::Refund);
    shop.exchange();
    shop.must_agree();
    let role = |shop: &Shop| queries::roles(shop.registers[0].store.as_ref()).unwrap().pop().unwrap();
    assert_eq!((role(&shop).name, role(&shop).permissions.to_string()), ("Team".to_owned(), "refund".to_owned()));
    save(&mut shop.registers[1], None, Permission::Discount);
    save(&mut shop.registers[0], Some("Late shift"), Permission::Refund);
    shop.exchange();
    shop.must_agree();
    let (name, permissions) = (role(&shop).name, role(&shop).permissions.to_string());
    assert_eq!(
        (name.as_str(), permissions.as_str()),
        ("Late shift", "discount refund"),
        "each field its last writer's"
    );
}

/// Two registers that do not hear of each other each take on a Ben: the PIN says who it is, and a wrong one counts for both.
#[test]
fn two_people_of_one_name_sign_in_each_with_their_pin() {
    let mut shop = Shop::of(2);
    for (world, pin) in shop.registers.iter_mut().zip(["2580", "1357"]) {
        let add = PeopleCommand::Add { name: "Ben".to_owned(), role: "cashier".to_owned(), pin: pin.to_owned() };
        world.run(Command::People(add)).unwrap();
        world.env.now.0 += 1_000_000;
    }
    shop.exchange();
    let session = |world: &mut World, pin: &str| {
        let signed = world.run(Command::SignIn { operator: "ben".to_owned(), pin: pin.into() });
        signed.map(|reply| match reply {
            Reply::SignedIn { operator, .. } => operator.id,
            other => panic!("{other:?}"),
        })
    };
    for world in &mut shop.registers {
        let (one, other) = (session(world, "2580").unwrap(), session(world, "1357").unwrap());
        assert_ne!(one, other);
        // Signing in is no wrong PIN of the other.
        for _ in 0..12 {
            assert_eq!((session(world, "1357").unwrap(), session(world, "2580").unwrap()), (other, one));
        }
    }
    let world = &mut shop.registers[1];
    let refused: Vec<String> = (0..5).map(|_| session(world, "0001").unwrap_err().code.to_owned()).collect();
    assert_eq!(refused.last().map(String::as_str), Some(Code::LockedOut.text()), "{refused:?}");
    for pin in ["2580", "1357"] {
        assert_eq!(session(world, pin).unwrap_err().code, Code::LockedOut.text(), "{pin}");
    }
}

#[test]
fn what_was_given_back_twice_is_told_by_its_receipt() {
    let mut shop = Shop::of(2);
    let sold = shop.registers[0].sell(&["1"], &[("cash", 0)]).unwrap().receipt_no().to_string();
    shop.exchange();
    for world in &mut shop.registers {
        let tenders = pay(&[("cash", 0)]);
        let back = RefundRequest { receipt_no: sold.clone(), tenders, ..RefundRequest::default() };
        world.run(Command::Refund(back)).unwrap();
    }
    shop.exchange();
    for world in &shop.registers {
        let findings = queries::findings(world.store.as_ref()).unwrap();
        let told = findings.iter().find(|finding| finding.kind == FindingKind::OverRefund).unwrap();
        assert!(told.told.contains(&format!("line 1 of {sold} 1 were sold and 2 came back")), "{}", told.told);
    }
}

#[test]
fn a_feed_is_bounded_and_comes_once() {
    let mut world = World::new();
    let change = changes(&world)[0].clone();
    let error = world.take_in(vec![change.clone(); FEED_CHANGES_MAX + 1]).unwrap_err();
    assert!(error.is(Code::BadRequest) && error.message.contains("2000"), "{error:?}");
    // Few changes, and more than a transaction holds.
    let mut long = change.clone();
    let text = Value::Text("x".repeat(60_000));
    long.columns = (0..40).map(|number| format!("later_{number}")).collect();
    long.row = vec![text; 40];
    let error = world.take_in(vec![long; 2]).unwrap_err();
    assert!(error.is(Code::BadRequest) && error.message.contains("4194304"), "{error:?}");
    assert_eq!(world.rows("finding"), 0, "nothing of it was taken in");
    let feed = super::Feed { id: aurapos_contract::Uuid::from_u128(77), changes: vec![change], mark: None };
    assert!(!world.engine.apply(feed.clone(), &mut world.env).unwrap().already);
    assert!(world.engine.apply(feed, &mut world.env).unwrap().already);
}

/// What registers do, in the property test: which register, what, with what.
fn deed() -> impl Strategy<Value = (usize, u8, i64)> {
    (0_usize..3, 0_u8..7, 1_i64..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever three registers do and in whatever order they hear of it, in the end they have the same.
    #[test]
    fn registers_converge(deeds in proptest::collection::vec(deed(), 1..25)) {
        let mut shop = Shop::of(3);
        for (at, what, number) in deeds {
            let world = &mut shop.registers[at];
            // Clocks differ.
            world.env.now.0 += number * 1_000_003;
            match what {
                0 => save(world, "1", |product| product.price = eur(number * 10)),
                1 => save(world, "1", |product| product.name = format!("Name {number}")),
                2 => save(world, "2", |product| {
                    product.barcodes = if number % 2 == 0 { Vec::new() } else { vec!["5400000000010".to_owned()] };
                }),
                3 => drop(world.sell(&["1", "4*2"], &[("cash", 0)])),
                4 => world.set("receipt.footer", &format!("Zeile {number}")),
                5 => drop(world.run(Command::Settings(SettingsCommand::Reset { key: "receipt.footer".to_owned() }))),
                _ => drop(shop.feed(at, (at + 1) % 3)),
            }
        }
        shop.exchange();
        shop.must_agree();
    }
}

#[test]
fn columns_of_losses_are_those_of_the_schema() {
    let world = World::new();
    let schema = crate::schema::schema();
    assert!(schema.table("lost_edit").is_some_and(|table| table.append_only && !table.replicated));
    assert!(schema.table(super::Finding::TABLE).is_some());
    assert_eq!(world.store.inner.scan(&Query::over("finding")).unwrap().len(), 0);
}
