//! Receipts over the end of the program: printed, printed again as a duplicate, or told; never neither.

use aurapos_contract::PluginResult;
use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_domain::journal::EntryKind;
use aurapos_domain::receipt::ReceiptCopy;

use crate::command::Command;
use crate::effect::{Effect, EffectAnswer, PrintRequest};
use crate::event::Event;
use crate::step::Input;
use crate::testing::World;

const MINUTE_US: i64 = 60_000_000;

fn prints(world: &World) -> Vec<PrintRequest> {
    let print = |effect: &Effect| match effect {
        Effect::Print { job, .. } => Some(job.clone()),
        _ => None,
    };
    world.effects.iter().filter_map(print).collect()
}

/// The printer answers everything that it was given.
fn answer(world: &mut World, result: &PluginResult<()>) {
    for effect in std::mem::take(&mut world.effects) {
        if let Effect::Print { id, .. } = effect {
            let answer = EffectAnswer::Printed(result.clone());
            let step = world.engine.step(Input::Answer { effect: id, answer }, &mut world.env);
            world.events.extend(step.events);
        }
    }
}

fn told(world: &World) -> Vec<String> {
    let number = |event: &Event| match event {
        Event::PrintFailed { receipt_no, .. } => Some(receipt_no.to_string()),
        _ => None,
    };
    world.events.iter().filter_map(number).collect()
}

fn reprints(world: &World) -> usize {
    world.kinds().into_iter().filter(|kind| *kind == EntryKind::REPRINT).count()
}

#[test]
fn a_receipt_that_was_interrupted_is_printed_again_as_a_duplicate() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    world.sell(&["4"], &[("cash", 0)]).unwrap();
    let first: Vec<_> = prints(&world).iter().map(|job| (job.job, job.receipt.number.to_string())).collect();
    let mut world = world.reopen("t1");
    let again = prints(&world);
    let named: Vec<_> = again.iter().map(|job| (job.job, job.receipt.number.to_string())).collect();
    assert_eq!(named, first, "the same jobs in the same order");
    for job in &again {
        assert_eq!((job.receipt.copy, job.kick_drawer), (ReceiptCopy::Duplicate, false), "it may be on paper already");
    }
    assert_eq!((reprints(&world), told(&world).len()), (2, 0), "every duplicate is in the journal");
    answer(&mut world, &Ok(()));
    world.sell(&["4"], &[("cash", 0)]).unwrap();
    assert_eq!(world.texts("print_job", "title"), ["R1-1-000003"], "what is printed leaves no row");
    world.check();
}

#[test]
fn what_was_printed_is_not_printed_again() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    answer(&mut world, &Ok(()));
    world.engine.settle_prints(&mut world.env);
    let world = world.reopen("t1");
    assert_eq!((prints(&world).len(), told(&world).len(), world.rows("print_job")), (0, 0, 0));
    // What the printer refused was told when it refused.
    let mut world = world;
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    answer(&mut world, &Err(PluginError::new(ErrorCode::Io, "no paper")));
    assert_eq!(told(&world), ["R1-1-000002"]);
    world.engine.settle_prints(&mut world.env);
    let world = world.reopen("t1");
    assert_eq!((prints(&world).len(), told(&world).len()), (0, 0));
    assert_eq!(world.texts("print_job", "state"), ["failed"]);
}

#[test]
fn an_old_receipt_is_told() {
    for (minutes, printed) in [(0, 1), (60, 1), (61, 0), (-1, 0)] {
        let mut world = World::new();
        world.sell(&["2"], &[("cash", 0)]).unwrap();
        world.env.now.0 += minutes * MINUTE_US;
        let world = world.reopen("t1");
        assert_eq!((prints(&world).len(), told(&world).len()), (printed, 1 - printed), "after {minutes} minutes");
        if printed == 0 {
            assert_eq!(world.texts("print_job", "state"), ["failed"]);
            let world = world.reopen("t1");
            assert_eq!((prints(&world).len(), told(&world).len()), (0, 0), "told once");
        }
    }
}

#[test]
fn the_receipts_of_a_copy_are_told() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    let world = world.reopen("another");
    assert_eq!((prints(&world).len(), told(&world)), (0, vec!["R1-1-000001".to_owned()]));
}

#[test]
fn a_receipt_that_takes_the_program_down_does_so_three_times() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    for _ in 0..3 {
        world = world.reopen("t1");
        assert_eq!(prints(&world).len(), 1);
    }
    let world = world.reopen("t1");
    assert_eq!((prints(&world).len(), told(&world).len()), (0, 1));
}

#[test]
fn many_are_told_or_printed_by_the_newest() {
    let mut world = World::new();
    for _ in 0..25 {
        world.sell(&["2"], &[("cash", 0)]).unwrap();
    }
    let mut world = world.reopen("t1");
    let numbers: Vec<_> = prints(&world).iter().map(|job| job.receipt.number.counter).collect();
    assert_eq!(numbers.len(), 10);
    assert_eq!(told(&world).len(), 10, "the others are settled, and not all of them fill the screen");
    answer(&mut world, &Ok(()));
    world.run(Command::Lock).unwrap();
    world.engine.settle_prints(&mut world.env);
    assert_eq!(world.texts("print_job", "state").len(), 15);
    assert!(world.texts("print_job", "state").iter().all(|state| state == "failed"));
}
