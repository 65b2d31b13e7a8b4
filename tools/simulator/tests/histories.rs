//! Histories that must be good ones: those that once were not, and some more. `cargo xtask test` lives thousands besides.

use aurapos_simulator::deed::History;
use aurapos_simulator::live;
use aurapos_simulator::port::Break;

/// In a debug build; more are for the program.
const HISTORIES: u64 = 12;

fn must_be_good(seed: u64, why: &str) {
    for (form, history) in [("plain", History::plain(seed, false)), ("whole", History::of(seed, false))] {
        if let Some(found) = live(&history, Break::None) {
            panic!("seed {seed}, {form} ({why}): {found}");
        }
    }
}

#[test]
fn what_was_found_once_stays_found() {
    let seeds = include_str!("seeds.txt").lines().filter(|line| !line.starts_with('#'));
    for (seed, why) in seeds.filter_map(|line| line.split_once(' ')) {
        must_be_good(seed.parse().expect("a line begins with a seed"), why.trim());
    }
}

#[test]
fn some_histories_are_good_ones() {
    (500_000..500_000 + HISTORIES).for_each(|seed| must_be_good(seed, "any"));
}

#[test]
fn a_history_is_its_seeds() {
    assert_eq!(History::of(7, false), History::of(7, false));
    assert_ne!(History::of(7, false), History::of(8, false));
    assert!(History::of(7, true).deeds.len() > 60, "a long one is longer than any other");
}
