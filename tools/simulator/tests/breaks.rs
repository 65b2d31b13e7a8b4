//! Each promise of the protocol is taken away once, and the simulator must find it. With the promise the same history is a
//! good one.

use aurapos_simulator::deed::History;
use aurapos_simulator::live;
use aurapos_simulator::port::{BREAKS, Break};

/// How many seeds after the noted one are tried: where histories are made otherwise, another one finds it.
const TRIES: u64 = 60;

/// Which history finds which break.
const FOUND_BY: [(Break, u64); 12] = [
    (Break::NoHead, 13),
    (Break::Twice, 1),
    (Break::NoRow, 130),
    (Break::Skips, 1),
    (Break::Disorder, 1),
    (Break::StaleEpoch, 79),
    (Break::Believes, 28),
    (Break::EarlyCursor, 12),
    (Break::AnyCode, 11),
    (Break::NoFork, 1),
    (Break::EarlyMark, 11),
    (Break::NoTombstones, 116),
];

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
    an_epoch_believed_for_ever: StaleEpoch;
    an_unknown_outcome_believed: Believes;
    a_cursor_before_its_changes: EarlyCursor;
    a_code_given_twice: AnyCode;
    a_fork_overlooked: NoFork;
    a_mark_before_its_edits: EarlyMark;
    tombstones_left_out: NoTombstones;
}

#[test]
fn every_break_is_tried() {
    assert_eq!(TRIED, BREAKS);
}
