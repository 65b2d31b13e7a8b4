//! What a library does while it is loaded, tried out and started.

use super::*;
use aurapos_plugin_host::{Holding, PluginState};
use aurapos_tests::plugins::mark;
use std::fs;
use std::time::Duration;

/// A deadline that good plugins keep even on a busy machine. Nothing here measures time: without a deadline these tests
/// would never end.
const SHORT: Duration = Duration::from_secs(2);

pub(super) fn marked(library: &str, what: &str) -> Vec<u8> {
    let mut bytes = example(library);
    mark(&mut bytes, what);
    bytes
}

/// All of this happens in the trial process: the host only hears of it.
#[test]
fn harm_in_the_trial() {
    let mut table = Table::new();
    for (what, expected) in [
        ("aborts", Code::ProbeDied),
        ("exits", Code::ProbeDied),
        ("faults", Code::ProbeDied),
        ("lies", Code::ProbeLied),
        ("is unwell", Code::Unwell),
        ("health panics", Code::Unwell),
    ] {
        table.put(&marked("hostile_misbehaving", what));
        let refusal = table.refused(what, expected);
        if what == "is unwell" {
            assert!(refusal.message.contains("no reader is connected"), "{refusal}");
        }
    }
    for (what, expected) in [
        ("constructor fails", Code::Constructor),
        ("constructor panics", Code::ProbeDied),
        ("rejects the host", Code::Constructor),
        ("mumbles", Code::Constructor),
        ("has nothing", Code::KindMissing),
    ] {
        table.place.put("evil", RAW, &marked("hostile_raw", what));
        table.refused_as(what, "raw", &[], expected);
    }
    table.distinct(5);
}

/// The processes of a library: those that have its path or its handle in their memory maps.
fn processes_with(sha256_of: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let own = std::process::id().to_string();
    let numbers = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let others = numbers.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && *name != own);
    let runs = |number: &String| {
        let line = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(sha256_of)
    };
    others.filter(runs).collect()
}

/// Nobody waits for what a trial leaves behind, reads without end or keeps what it is told.
#[test]
fn a_trial_ends_and_takes_everything_with_it() {
    let mut table = Table::new();
    for what in ["leaves a helper", "leaves a helper at once", "floods"] {
        let library = marked("hostile_misbehaving", what);
        let artifact = table.place.put("evil", MISBEHAVING, &library);
        // Nothing was wrong with the plugin itself: it passes, and that is remembered.
        drop(table.place.host().payment(&table.place.instance("misbehaving", &[])).expect(what));
        // Its command line has the sidecar's text, and so this hash.
        assert_eq!(processes_with(&artifact.sha256), Vec::<String>::new(), "{what}");
        let remembered = fs::read_to_string(table.place.data().join("plugin-state/probes.toml")).unwrap();
        assert!(remembered.contains(&artifact.sha256), "{what}");
    }
    table.put(&marked("hostile_misbehaving", "complains at length"));
    let refusal = table.refused("complains at length", Code::Unwell);
    assert!(refusal.message.len() < 10_000, "{} bytes are kept", refusal.message.len());
    table.place.options.probe_deadline = SHORT;
    table.put(&marked("hostile_misbehaving", "talks for ever"));
    table.refused_without_good("talks for ever", Code::ProbeHung);
}

#[test]
fn hangs_in_the_trial_until_it_is_enabled_and_mended() {
    let mut table = Table::new();
    goes_on(&table.place, &table.place.host());
    table.place.options.probe_deadline = SHORT;
    table.put(&marked("hostile_misbehaving", "hangs"));
    table.refused("hangs while it is loaded", Code::ProbeHung);
    // Not tried again at every start: a shop would wait at each.
    table.place.options.probe_program = "there is no such program".into();
    table.refused_without_good("remembered", Code::ProbeHung);
    table.place.host().enable("misbehaving").unwrap();
    table.refused_without_good("tried again when the owner says so", Code::NoProbe);
    table.place.options.probe_program = PROBE.into();
    table.place.options.probe_deadline = Duration::from_secs(60);
    table.put(&misbehaving());
    drop(table.place.host().payment(&table.place.instance("misbehaving", &[])).expect("the mended version works"));
}

impl Table {
    /// A refusal in a place where the good plugins cannot be tried either.
    pub(super) fn refused_without_good(&mut self, what: &str, expected: Code) {
        let instance = self.place.instance("misbehaving", &[]);
        let refusal = self.place.host().payment(&instance).map(drop).expect_err(what);
        assert_eq!(refusal.code, expected, "{what}: {refusal}");
    }
}

#[test]
fn harm_in_the_factory() {
    let mut table = Table::new();
    table.put(&misbehaving());
    for (how, expected) in [
        ("constructor panics", Code::FactoryPanic),
        ("constructor panics with a grenade", Code::FactoryPanic),
        ("constructor refuses", Code::Factory),
        ("constructor dislikes the settings", Code::Settings),
        ("everything fails", Code::LyingHealth),
    ] {
        let refusal = table.refused_as(how, "misbehaving", &[("how", how)], expected);
        if how == "constructor refuses" {
            assert_eq!(refusal.next, "Plug the cable in.");
        }
    }
    // A panic in the first call is not a bad setting: the plugin said that it was well.
    table.refused_as("first call", "misbehaving", &[("how", "capabilities panics")], Code::LyingHealth);
    table.distinct(4);
}

#[test]
fn hangs_in_the_factory_and_is_shut_out_until_it_is_enabled() {
    let mut table = Table::new();
    table.put(&misbehaving());
    table.place.options.deadlines.start = SHORT;
    let hanging = [("how", "constructor hangs")];
    table.refused_as("the caller is free again", "misbehaving", &hanging, Code::FactoryHung);
    let refusal = table.refused_as("also with other settings, after a restart", "misbehaving", &[], Code::FactoryHung);
    assert!(refusal.message.contains("starting"), "it names the call: {refusal}");
    let host = table.place.host();
    assert_eq!(host.list().iter().find(|plugin| plugin.id == "misbehaving").unwrap().state, PluginState::Quarantined);
    host.enable("misbehaving").unwrap();
    drop(host.payment(&table.place.instance("misbehaving", &[])).expect("enabled, with settings that do not hang"));
    stores_go_on(&table.place, &host);
}

#[test]
fn a_place_that_cannot_hold_the_copy() {
    let mut table = Table::new();
    table.put(&misbehaving());
    table.place.options.holding = Holding::Copy;
    table.place.options.cache_dir = table.place.data().join("in-the-way/cache");
    fs::write(table.place.data().join("in-the-way"), "a file where a folder should be").unwrap();
    table.refused_without_good("no room for the copy", Code::Cache);
}
