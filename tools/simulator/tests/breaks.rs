//! Each promise of the protocol is taken away once, and the simulator must find it. With the promise the same history is a
//! good one.

use aurapos_simulator::deed::History;
use aurapos_simulator::live;
use aurapos_simulator::port::{BREAKS, Break};

/// How many seeds after the noted one are tried: where histories are made otherwise, another one finds it.
const TRIES: u64 = 60;

/// Which history finds which break.
const FOUND_BY: [(Break, u64); 9] = [
    (Break::NoHead, 13),
    (Break::Twice, 1),
    (Break::NoRow, 212),
    (Break::Skips, 1),
    (Break::Disorder, 1),
    (Break::EarlyCursor, 12),
    (Break::AnyCode, 11),
    (Break::NoFork, 1),
    (Break::NoTombstones, 116),
];

/// Promises that do no harm when they are taken away: since what was brought is believed when the feed told it, and the heads are
/// looked at again at the end of the feed, something else makes good for each of them (1,600 histories each, none of them bad).
const GUARDED_TWICE: [Break; 3] = [Break::StaleEpoch, Break::Believes, Break::EarlyMark];

fn finds(broken: Break) {
    let (_, seed) = FOUND_BY.into_iter().find(|(known, _)| *known == broken).expect("each break has its seed");
    let by = (seed..seed + TRIES).find(|seed| live(&History::plain(*seed, false), broken).is_some());
    let by = by.unwrap_or_else(|| panic!("{broken:?} is not found"));
    assert_eq!(live(&History::plain(by, false), Break::None), None, "the history is a good one with the promise");
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
