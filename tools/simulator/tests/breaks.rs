//! Each promise of the protocol is taken away once, and the simulator must find it. With the promise the same history is a
//! good one.

use aurapos_simulator::deed::History;
use aurapos_simulator::live;
use aurapos_simulator::port::{BREAKS, Break};

/// How many seeds after the noted one are tried: where histories are made otherwise, another one finds it.
const TRIES: u64 = 60;

/// How a history is made from a seed: with the troubles of the first time, or with all that there are.
type Form = fn(u64, bool) -> History;

/// Which history finds which break.
const FOUND_BY: [(Break, u64, Form); 11] = [
    (Break::NoHead, 13, History::plain),
    (Break::Twice, 1, History::plain),
    (Break::NoRow, 212, History::plain),
    (Break::Skips, 1, History::plain),
    (Break::Disorder, 1, History::plain),
    (Break::Believes, 28, History::plain),
    (Break::Unproved, 20_788_000_680, History::of),
    (Break::EarlyCursor, 12, History::plain),
    (Break::AnyCode, 11, History::plain),
    (Break::NoFork, 1, History::plain),
    (Break::NoTombstones, 116, History::plain),
];

/// Promises that were not seen to do harm when they are taken away (1,600 histories each, of both forms). Something else makes good
/// for them: the feed's cursor holds the life of the store, too, and in a recovery nobody believes the mark of its own edits.
const GUARDED_TWICE: [Break; 2] = [Break::StaleEpoch, Break::EarlyMark];

fn finds(broken: Break) {
    let found = FOUND_BY.into_iter().find(|(known, ..)| *known == broken);
    let (_, seed, form) = found.expect("each break has its seed");
    let by = (seed..seed + TRIES).find(|seed| live(&form(*seed, false), broken).is_some());
    let by = by.unwrap_or_else(|| panic!("{broken:?} is not found"));
    assert_eq!(live(&form(by, false), Break::None), None, "the history is a good one with the promise");
}

macro_rules! each {
    ($($name:ident: $broken:ident;)*) => {
        $(#[test]
        fn $name() {
            finds(Break::$broken);
        })*
        const TRIED: &[Break] = &[$(Break::$broken,)*];
    };
}

each! {
    facts_without_the_head: NoHead;
    a_sale_twice: Twice;
    edits_without_the_row: NoRow;
    a_feed_that_skips: Skips;
    a_feed_out_of_order: Disorder;
    an_unknown_outcome_believed: Believes;
    a_commit_believed_before_the_feed_told_it: Unproved;
    a_cursor_before_its_changes: EarlyCursor;
    a_code_given_twice: AnyCode;
    a_fork_overlooked: NoFork;
    tombstones_left_out: NoTombstones;
}

#[test]
fn what_is_guarded_twice_does_no_harm_when_one_guard_is_gone() {
    for broken in GUARDED_TWICE {
        for seed in [11, 28, 79] {
            assert_eq!(live(&History::plain(seed, false), broken), None, "{broken:?}, {seed}");
        }
    }
}

#[test]
fn every_break_is_tried() {
    let is_tried = |broken: &Break| TRIED.contains(broken) || GUARDED_TWICE.contains(broken);
    assert!(BREAKS.iter().all(is_tried), "{BREAKS:?}");
}
