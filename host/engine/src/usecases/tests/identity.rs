//! A copied or restored database is a new life with numbers of its own; a clock that jumps is told.

use std::sync::Arc;

use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::DAY_US;
use aurapos_domain::journal::{EntryKind, Hash};
use aurapos_plugin_testkit::ReferenceStore;

use super::refused;
use crate::apply::FindingKind;
use crate::command::Command;
use crate::error::Code;
use crate::event::Event;
use crate::setup::{self, NewShop, create_shop};
use crate::testing::{NOW, TestEnv, WatchedStore, World, eur, identity, new_shop};
use crate::went_back::{WentBack, went_back};
use crate::{Engine, Env, LastKnown, MachineIdentity, boot, queries};

#[test]
fn a_restart_goes_on_with_the_numbers() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    let mut world = world.reopen("t1");
    assert_eq!(world.events.len(), 0, "{:?}", world.events);
    assert_eq!(world.sell(&["2"], &[("cash", 0)]).unwrap().receipt_no().to_string(), "R1-1-000002");
}

#[test]
fn a_copy_gives_no_number_twice() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    let copy = world.store.inner.duplicate();
    let session = world.session.take();
    world.run(Command::RotateToken { identity: identity("t2") }).unwrap();
    world.session = session;
    let goes_on = world.sell(&["2"], &[("cash", 0)]).unwrap();
    assert_eq!(goes_on.receipt_no().to_string(), "R1-1-000002");

    let old = world.engine.core.register.clone();
    let mut copied = World::open(WatchedStore::over(copy), "t2", world.env.clone());
    let Event::IncarnationOpened { code, previous, .. } = &copied.events[0] else { panic!("{:?}", copied.events) };
    assert_eq!((code.as_str().len(), previous.as_str()), (4, "1"));
    let code = code.clone();
    let sale = copied.sell(&["2"], &[("cash", 0)]).unwrap();
    assert_eq!(sale.receipt_no().to_string(), format!("R1-{code}-000001"));
    assert_ne!(sale.sale.header.incarnation, old.incarnation);
    assert_eq!(sale.sale.header.register, old.id, "the same register, another life");
    copied.check();
    let opened = copied.kinds().iter().filter(|kind| **kind == EntryKind::INCARNATION_OPENED).count();
    assert_eq!(opened, 2);

    // Opened again in its place it stays the life it is.
    let mut again = copied.reopen("t2");
    assert_eq!(again.events.len(), 0);
    assert_eq!(again.sell(&["2"], &[("cash", 0)]).unwrap().receipt_no().counter, 2);
}

#[test]
fn each_part_of_the_identity_matters() {
    let check = |found: MachineIdentity| {
        let world = World::new();
        let mut env = world.env.clone();
        let store = Arc::new(world.store.inner.reopen());
        assert_eq!(boot::stored_identity(store.as_ref()).unwrap(), Some(identity("t1")));
        let (engine, events) = Engine::open(store, &found, &mut env).unwrap();
        assert!(matches!(events[..], [Event::IncarnationOpened { .. }]), "{found:?}");
        assert_ne!(engine.incarnation_code(), "1");
    };
    check(identity("t0"));
    check(MachineIdentity { machine: "m2".to_owned(), ..identity("t1") });
    check(MachineIdentity { inode: 8, ..identity("t1") });
}

#[test]
fn a_shop_is_set_up_once_or_not_at_all() {
    let mut env = TestEnv::new();
    let store: Arc<dyn RecordStore> = Arc::new(ReferenceStore::new());
    let text = str::to_owned;
    let bad = [
        NewShop { country: text("ZZ"), ..new_shop() },
        NewShop { country: text("XX"), ..new_shop() },
        NewShop { name: text("Chez \u{202E}aiM"), ..new_shop() },
        NewShop { language: text("xx"), ..new_shop() },
        NewShop { pin: text("12"), ..new_shop() },
        NewShop { name: text(" "), ..new_shop() },
        NewShop { manager: text(""), ..new_shop() },
        NewShop { register: text("r1"), ..new_shop() },
        NewShop { timezone: text("Here"), ..new_shop() },
        NewShop { vat_number: text("BE1"), ..new_shop() },
        NewShop { address: vec![text("x"); 7], ..new_shop() },
    ];
    for new in bad {
        refused(setup::check(&new), Code::BadShop);
        refused(create_shop(&store, &new, &mut env), Code::BadShop);
    }
    let says = |new: NewShop, words: &[&str]| {
        let error = setup::check(&new).unwrap_err();
        let told = format!("{} {}", error.message, error.next);
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
    };
    says(NewShop { country: text("FR"), ..new_shop() }, &["BE (Belgium)", "LU (Luxembourg)"]);
    says(NewShop { register: text("r1"), ..new_shop() }, &["\"r1\"", "--register"]);
    refused(Engine::open(store.clone(), &identity("t1"), &mut env).map(|_| ()), Code::NoShop);
    create_shop(&store, &new_shop(), &mut env).unwrap();
    refused(create_shop(&store, &new_shop(), &mut env), Code::ShopExists);
    let (engine, _) = Engine::open(store.clone(), &identity("t1"), &mut env).unwrap();
    assert_eq!((engine.register_code(), engine.incarnation_code()), ("R1", "1"));
    assert!(crate::check::check_store(store.as_ref(), &mut |_, _| true).unwrap().ok());
}

#[test]
fn a_clock_that_jumps_is_journalled_and_selling_goes_on() {
    let check = |jump_us: i64, told: bool| {
        let mut world = World::new();
        world.env.now.0 += jump_us;
        let sale = world.sell(&["2"], &[("cash", 0)]).unwrap();
        assert_eq!(sale.sale.header.time.0, NOW.0 + jump_us, "rows keep the time that was read");
        assert_eq!(world.kinds().contains(&EntryKind::CLOCK_JUMPED), told, "{jump_us}");
        assert_eq!(world.events.iter().any(|event| matches!(event, Event::ClockJumped { .. })), told);
        assert_eq!(world.store.seen().len(), 1, "told in the sale's own transaction");
        world.sell(&["2"], &[("cash", 0)]).unwrap();
        let jumps = world.kinds().iter().filter(|kind| **kind == EntryKind::CLOCK_JUMPED).count();
        assert_eq!(jumps, usize::from(told), "told once");
        world.check();
    };
    check(0, false);
    check(3 * DAY_US, false);
    check(-1_000_000, false);
    check(365 * DAY_US, true);
    check(-3_600_000_000, true);
    check(-365 * DAY_US, true);
}

#[test]
fn a_second_writer_is_noticed_and_nothing_is_doubled() {
    let mut world = World::new();
    let mut other = World::open(WatchedStore::over(world.store.inner.clone()), "t1", world.env.clone());
    // Apart from here, so that the two don't make the same ids.
    for _ in 0..1000 {
        other.env.new_id();
    }
    other.sell(&["2"], &[("cash", 0)]).unwrap();
    refused(world.sell(&["2"], &[("cash", 0)]), Code::Changed);
    let sale = world.sell(&["2"], &[("cash", 0)]).unwrap();
    assert_eq!(sale.receipt_no().counter, 2);
    assert_eq!(world.expected_cash(), eur(10_570));
    world.check();
}

/// What opening finds when the data is this and that was known.
fn opened_after(data: &ReferenceStore, known: &LastKnown, env: &TestEnv) -> (String, Option<WentBack>) {
    let mut env = env.clone();
    let (engine, events) = Engine::open_after(Arc::new(data.clone()), &identity("t1"), Some(known), &mut env).unwrap();
    let found = events.into_iter().find_map(|event| match event {
        Event::WentBack(found) => Some(*found),
        _ => None,
    });
    (engine.incarnation_code().to_owned(), found)
}

#[test]
fn data_that_knows_less_than_was_known_is_a_new_life_with_a_finding() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    let early = world.store.inner.duplicate();
    let known_early = world.engine.last_known();
    for _ in 0..3 {
        world.sell(&["2"], &[("cash", 0)]).unwrap();
    }
    let (known, now) = (world.engine.last_known(), world.store.inner.duplicate());
    assert_eq!((known.receipt.as_str(), known.receipts), ("R1-1-000004", 4));

    // As far or farther than was known: the same life.
    assert_eq!(opened_after(&now, &known, &world.env), ("1".to_owned(), None));
    assert_eq!(opened_after(&now, &known_early, &world.env), ("1".to_owned(), None));
    let never = LastKnown { seq: 0, ..known.clone() };
    assert_eq!(opened_after(&early, &never, &world.env), ("1".to_owned(), None));

    // Less, or something else under the same number.
    let check = |data: &ReferenceStore, known: &LastKnown, sales: u64, told: &str| {
        let data = data.duplicate();
        let (code, found) = opened_after(&data, known, &world.env);
        let found = found.unwrap_or_else(|| panic!("{told}"));
        assert!(code != "1" && found.sales == sales && found.told().contains(told), "{code} {found:?}");
        let findings = queries::findings(&data).unwrap();
        assert_eq!(
            findings.iter().map(|one| (one.kind, one.told.clone())).collect::<Vec<_>>(),
            [(FindingKind::WentBack, found.told())]
        );
        // Told once, also when what was known was not written anew: the life it opened goes on.
        assert_eq!(went_back(&data, known).unwrap(), None);
        assert!(crate::check::check_store(&data, &mut |_, _| true).unwrap().ok());
    };
    check(&early, &known, 3, "R1-1-000004, now it is R1-1-000001; at least 3 sales are missing");
    let one = LastKnown { receipts: 2, receipt: "R1-1-000002".to_owned(), ..known.clone() };
    check(&early, &one, 1, "at least one sale is missing");
    let none = LastKnown { receipts: 1, receipt: "R1-1-000001".to_owned(), ..known.clone() };
    check(&early, &none, 0, "no sale is missing");
    let fork = Hash([9; 32]);
    check(&now, &LastKnown { hash: fork, ..known.clone() }, 0, "no sale is missing");
    check(&now, &LastKnown { hash: fork, ..known_early.clone() }, 0, "no sale is missing");
    let other_life = LastKnown { incarnation: Uuid::from_u128(7), ..known };
    check(&now, &other_life, 4, "at least 4 sales are missing");
}
