//! The day of a sale is the shop's day on which it is made, also when the drawer was never closed.

use aurapos_domain::calendar::DAY_US;

use super::refused;
use crate::command::Command;
use crate::error::Code;
use crate::event::Event;
use crate::testing::{NOW, World, eur};

const HOUR_US: i64 = 3_600_000_000;

fn day_of_a_sale(world: &mut World) -> String {
    world.sell(&["2"], &[("cash", 0)]).unwrap().sale.header.business_day.to_string()
}

/// How often the drawer was told to be of an earlier day.
fn told(world: &World) -> usize {
    let earlier = |event: &&Event| match event {
        Event::DrawerChanged(drawer) => drawer.session.as_ref().is_some_and(|session| session.is_of_earlier_day()),
        _ => false,
    };
    world.events.iter().filter(earlier).count()
}

#[test]
fn a_drawer_that_stays_open_does_not_stop_the_days() {
    let mut world = World::new();
    // Sunday the 22nd, 11:00 in Brussels.
    assert_eq!(day_of_a_sale(&mut world), "2026-11-22");
    world.env.now.0 = NOW.0 + 17 * HOUR_US;
    assert_eq!(day_of_a_sale(&mut world), "2026-11-22", "04:00 in the morning is still the day before");
    assert_eq!((told(&world), world.drawer().is_of_earlier_day()), (0, false));
    world.env.now.0 = NOW.0 + 18 * HOUR_US;
    world.sign_in("Mia", crate::testing::PIN).unwrap();
    assert_eq!(day_of_a_sale(&mut world), "2026-11-23", "05:00");
    assert_eq!(told(&world), 1, "the operator hears of it once a day");
    day_of_a_sale(&mut world);
    assert_eq!(told(&world), 1);
    world.env.now.0 = NOW.0 + DAY_US + 18 * HOUR_US;
    assert_eq!(day_of_a_sale(&mut world), "2026-11-24");
    assert_eq!(told(&world), 2);
    let drawer = world.drawer();
    assert_eq!((drawer.business_day.to_string(), drawer.today.to_string()), ("2026-11-22".into(), "2026-11-24".into()));
    assert!(drawer.is_of_earlier_day());
    world.check();
}

#[test]
fn the_day_begins_when_the_shop_says() {
    let mut world = World::new();
    world.env.now.0 = NOW.0 + 16 * HOUR_US;
    for (begins, day) in
        [("00:00", "2026-11-23"), ("3:00", "2026-11-23"), ("03:01", "2026-11-22"), ("12:00", "2026-11-22")]
    {
        world.set("day.begins", begins);
        assert_eq!(day_of_a_sale(&mut world), day, "03:00, and the day begins at {begins}");
    }
    for wrong in ["", "5", "05:60", "12:01", "24:00", "5:0", "+5:00", "-1:00", "05:00:00", "five"] {
        let change =
            crate::command::settings::SettingsCommand::Set { key: "day.begins".to_owned(), value: wrong.to_owned() };
        refused(world.run(Command::Settings(change)), Code::BadSetting);
    }
}

#[test]
fn a_drawer_opened_at_night_is_of_the_day_before() {
    let mut world = World::closed();
    world.env.now.0 = NOW.0 + 15 * HOUR_US;
    world.run(Command::OpenDrawer { float: eur(10_000) }).unwrap();
    assert_eq!(world.drawer().business_day.to_string(), "2026-11-22");
    world.check();
}
