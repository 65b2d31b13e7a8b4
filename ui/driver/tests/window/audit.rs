//! Every screen and every dialog: each control has a name and a role, is large enough to touch and reached by Tab; what
//! is below a dialog is not; something has the focus at all times; no text of ours is cut off, also when it is 40 % longer.

use crate::support::scratch;
use aurapos_ui_driver::look::{Control, Focus, Part, Words};
use aurapos_ui_driver::tour::{self, Ground, STOPS, Stop};
use aurapos_ui_driver::{Driver, place};
use i_slint_backend_testing::AccessibleRole;
use std::fmt::Write as _;

/// What a finger needs, in logical pixels.
const TARGET: f32 = 48.0;
/// More presses of Tab than any screen has controls.
const TABS_MAX: usize = 250;

/// Controls that may be smaller, with the reason. The beginning of the name, and the smaller side.
const SMALLER: &[(&str, f32, &str)] = &[];

/// Texts of ours that may be shortened: each says why.
const SHORTENED: &[(&str, &str)] = &[
    ("[Þŕöðûçţ öŕ ƀàŕçöðé", "the hint of the search; the name for screen readers is whole"),
    ("3.60 / [þîéçé", "the note of a line is the shop's own text and as long as it likes"),
];

/// Screens whose list is one stop of Tab and is walked with the arrows: tested where their flows are.
const ROVING: &[(&str, &str)] = &[("orders", "money::past_sales_are_found_looked_at_and_shown_as_duplicates")];

/// The faults of a tour.
#[derive(Default)]
struct Faults(String);

impl Faults {
    fn add(&mut self, stop: &Stop, fault: impl std::fmt::Display) {
        writeln!(self.0, "{}: {fault}", stop.name).unwrap();
    }

    #[track_caller]
    fn none(&self) {
        assert!(self.0.is_empty(), "{} faults:\n{}", self.0.lines().count(), self.0);
    }
}

/// Looks at every screen of a ground in the smallest window.
fn tour_of(ground: Ground, language: &str, mut look: impl FnMut(&Driver, &Stop, &mut Faults)) {
    let folder = scratch();
    tour::prepare(ground, folder.path());
    let driver = Driver::open(place::host(folder.path()), 1024, 768);
    driver.speak(language).unwrap();
    let mut faults = Faults::default();
    for stop in STOPS.iter().filter(|stop| stop.ground == ground) {
        stop.go(&driver);
        look(&driver, stop, &mut faults);
    }
    faults.none();
}

/// What can be reached: the dialog, where there is one.
fn part(driver: &Driver, stop: &Stop, faults: &mut Faults) -> Part {
    let dialog = driver.whole().dialog();
    if dialog.is_some() != stop.dialog {
        faults.add(stop, if stop.dialog { "the dialog is not there" } else { "a dialog is open" });
    }
    dialog.unwrap_or_else(|| driver.whole())
}

fn names_and_sizes(driver: &Driver, stop: &Stop, faults: &mut Faults) {
    let window = driver.whole().place();
    for control in part(driver, stop, faults).controls() {
        let Control { role, label, place, .. } = &control;
        if label.trim().is_empty() {
            faults.add(stop, format_args!("no name: {role:?} at {place:?}"));
        }
        let side = place.width.min(place.height);
        let may = SMALLER.iter().any(|(name, least, _)| label.starts_with(name) && side >= *least);
        if side + 0.5 < TARGET && !may {
            faults.add(stop, format_args!("too small: {label:?} {} x {}", place.width, place.height));
        }
        if !control.seen.is_empty() && !control.seen.is_in(window) {
            faults.add(stop, format_args!("leaves the window: {label:?} {place:?}"));
        }
        let cut = control.seen.is_empty() && place.common(window).is_in(*place) && !place.common(window).is_empty();
        if cut && place.is_in(window) && role == &AccessibleRole::None {
            faults.add(stop, format_args!("hidden: {label:?} {place:?}"));
        }
    }
}

fn reach(driver: &Driver, stop: &Stop, faults: &mut Faults) {
    if driver.focus() == Focus::Nothing {
        faults.add(stop, "nothing has the focus");
    }
    let expected = part(driver, stop, faults).controls();
    let mut reached: Vec<Control> = Vec::new();
    for _ in 0..TABS_MAX {
        driver.tab();
        match driver.focus() {
            Focus::Nothing => faults.add(stop, "Tab leaves nothing with the focus"),
            Focus::Control(control) if reached.first().is_some_and(|first| first.id == control.id) => break,
            Focus::Control(control) => reached.push(*control),
            Focus::Other(_) => {}
        }
    }
    let roves = ROVING.iter().any(|(name, _)| stop.name.starts_with(name));
    for control in expected.iter().filter(|control| control.enabled) {
        if roves && control.role == AccessibleRole::ListItem {
            continue;
        }
        if !reached.iter().any(|one| one.id == control.id) {
            let there: Vec<&str> = reached.iter().map(|one| one.label.as_str()).collect();
            faults.add(stop, format_args!("Tab does not reach {:?} {:?}, but {there:?}", control.role, control.label));
        }
    }
    if stop.dialog {
        for control in reached.iter().filter(|one| !expected.iter().any(|known| known.id == one.id)) {
            faults.add(stop, format_args!("Tab goes below the dialog to {:?}", control.label));
        }
    }
}

/// Texts of the pseudo-language stand in brackets; what comes from the shop does not.
fn is_ours(words: &Words) -> bool {
    words.text.contains('[') || words.text.contains('·')
}

fn texts(driver: &Driver, stop: &Stop, faults: &mut Faults) {
    let window = driver.whole().place();
    let all = part(driver, stop, faults).words();
    for words in all.iter().filter(|words| !words.seen.is_empty()) {
        let allowed = SHORTENED.iter().any(|(text, _)| words.text.starts_with(text));
        if words.is_cut() && is_ours(words) && !allowed {
            let Words { text, place, needs, .. } = words;
            faults.add(stop, format_args!("cut: {text:?} has {}x{}, needs {needs:?}", place.width, place.height));
        }
        if !words.place.is_in(window) && words.seen.height + 1.0 >= words.place.height {
            faults.add(stop, format_args!("leaves the window: {:?} {:?}", words.text, words.place));
        }
    }
    for (number, one) in all.iter().enumerate() {
        for other in &all[number + 1..] {
            let common = one.seen.common(other.seen);
            if common.width > 2.0 && common.height > 2.0 {
                faults.add(stop, format_args!("overlap: {:?} and {:?}", one.text, other.text));
            }
        }
    }
}

#[test]
fn controls_of_the_shop_have_names_and_are_large_enough() {
    tour_of(Ground::Shop, "en", names_and_sizes);
    tour_of(Ground::Terminal, "en", names_and_sizes);
}

#[test]
fn controls_of_the_wizard_and_the_rescue_have_names_and_are_large_enough() {
    tour_of(Ground::Empty, "en", names_and_sizes);
    tour_of(Ground::Damaged, "en", names_and_sizes);
}

#[test]
fn every_control_of_the_shop_is_reached_by_tab_and_none_below_a_dialog() {
    tour_of(Ground::Shop, "en", reach);
    tour_of(Ground::Terminal, "en", reach);
}

#[test]
fn every_control_of_the_wizard_and_the_rescue_is_reached_by_tab() {
    tour_of(Ground::Empty, "en", reach);
    tour_of(Ground::Damaged, "en", reach);
}

#[test]
fn no_text_of_the_shop_is_cut_when_it_is_longer() {
    tour_of(Ground::Shop, "qps", texts);
    tour_of(Ground::Terminal, "qps", texts);
}

#[test]
fn no_text_of_the_wizard_and_the_rescue_is_cut_when_it_is_longer() {
    tour_of(Ground::Empty, "qps", texts);
    tour_of(Ground::Damaged, "qps", texts);
}

#[test]
fn total_and_change_are_announced() {
    let folder = scratch();
    tour::prepare(Ground::Shop, folder.path());
    let driver = Driver::open(place::host(folder.path()), 1024, 768);
    driver.speak("en").unwrap();
    for (name, word) in [("sale", "Total "), ("done", "Change")] {
        STOPS.iter().find(|stop| stop.name == name).unwrap().go(&driver);
        let live = driver.whole().live();
        assert!(live.iter().any(|text| text.contains(word)), "{name}: {live:?}");
    }
}
