//! `plugin test` and `plugin pack` with plugins that do harm: a real library that aborts, exits, faults or hangs inside one
//! call. The case is named, the others go on, and the report is one document whatever happened.
#![allow(clippy::unwrap_used)]

use aurapos_plugin_host::TARGET;
use aurapos_tests::plugins::{example, mark};
use aurapos_tests::shop::{Shop, programs};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// The misbehaving plugin of one kind, packed with the program's own `pack`.
struct Harmful {
    shop: Shop,
    place: TempDir,
}

/// Its manifest with one kind: the suites of its other kinds would only take time.
fn manifest(kinds: &str) -> String {
    let whole = include_str!("../examples/hostile_misbehaving.plugin.toml");
    let all = "kinds = [\"storage\", \"payment\", \"printer\"]";
    assert!(whole.contains(all));
    whole.replace(all, kinds)
}

impl Harmful {
    /// The manifest is compiled in, so that all its kinds are tested.
    fn new() -> Harmful {
        Harmful::of(example("hostile_misbehaving"))
    }

    fn of(library: Vec<u8>) -> Harmful {
        let harmful = Harmful { shop: Shop::nowhere(), place: tempfile::tempdir().unwrap() };
        fs::write(harmful.path("plugin.toml"), manifest("kinds = [\"storage\", \"payment\", \"printer\"]")).unwrap();
        fs::write(harmful.path("harmful.so"), library).unwrap();
        harmful.shop.ok(&harmful.pack(&[]).iter().map(String::as_str).collect::<Vec<_>>());
        harmful
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn pack(&self, more: &[&str]) -> Vec<String> {
        let path = |name: &str| self.path(name).display().to_string();
        let words = ["plugin".to_owned(), "pack".to_owned(), path("plugin.toml"), path("harmful.so"), path("out")];
        words.into_iter().chain(more.iter().map(|&word| word.to_owned())).collect()
    }

    /// The report, which is never good.
    fn tested(&self, how: &str, more: &[&str]) -> Value {
        let (out, how) = (self.path("out").display().to_string(), format!("how={how}"));
        let words = [&["plugin", "test", &out, "--set", &how], more].concat();
        let report = self.shop.found_bad(&words);
        assert_eq!((&report["id"], &report["ok"]), (&json!("misbehaving"), &json!(false)), "{report}");
        report
    }
}

/// The cases of a suite: name, and what failed or nothing.
fn cases(report: &Value, suite: &str) -> Vec<(String, String)> {
    let suites = report["suites"].as_array().unwrap();
    let found = suites.iter().find(|one| one["suite"] == suite).unwrap_or_else(|| panic!("no {suite}: {report}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = found["cases"].as_array().unwrap();
    all.iter().map(|case| (text(&case["name"]), text(&case["failure"]))).collect()
}

/// The names of the payment cases in which the process went down with these words.
fn down<'a>(cases: &'a [(String, String)], words: &str) -> Vec<&'a str> {
    let fatal = |failure: &str| failure.contains("took its process down") && failure.contains(words);
    cases.iter().filter(|(_, failure)| fatal(failure)).map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_case_in_which_a_plugin_dies_is_named_and_the_others_go_on() {
    let harmful = Harmful::new();
    let names: Vec<String> =
        cases(&harmful.tested("nothing", &[]), "payment").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 13, "{names:?}");
    let deaths = [
        ("refund aborts", "abort, signal 6", "refund"),
        ("refund exits", "it exited with code 3", "refund"),
        ("refund faults", "memory fault, signal 11", "refund"),
        ("reverse aborts", "abort, signal 6", "not-offered"),
    ];
    for (how, words, case) in deaths {
        let report = harmful.tested(how, &[]);
        let payment = cases(&report, "payment");
        assert_eq!(down(&payment, words), [case], "{how}: {payment:?}");
        // Every case once, in its order, and those after the death were run.
        assert_eq!(payment.iter().map(|(name, _)| name).collect::<Vec<_>>(), names.iter().collect::<Vec<_>>(), "{how}");
        assert!(payment.iter().all(|(_, failure)| !failure.contains("not run")), "{how}: {payment:?}");
        assert!(payment.iter().any(|(name, failure)| name == "begin" && failure.is_empty()), "{how}: {payment:?}");
        // The suites of the other kinds as well.
        assert_eq!(cases(&report, "printer").len(), 5, "{how}");
    }
}

#[test]
fn a_plugin_that_dies_everywhere_ends_the_suite_and_not_the_test() {
    let harmful = Harmful::new();
    // In almost every case of payment: the eleventh process is not started.
    let report = harmful.tested("open aborts", &[]);
    let storage = cases(&report, "storage");
    assert_eq!(down(&storage, "abort").len(), 10, "{storage:?}");
    let not_run = storage.iter().filter(|(_, failure)| failure.starts_with("not run: the plugin took")).count();
    assert_eq!((storage.len(), not_run > 50), (83, true), "{storage:?}");
    assert_eq!(cases(&report, "payment").len(), 13);
    // Where not even an instance can be made, that is one more case, and the others are told as what they are.
    let report = harmful.tested("constructor aborts", &[]);
    let payment = cases(&report, "payment");
    assert_eq!((payment[0].0.as_str(), down(&payment, "abort")), ("start", vec!["start"]), "{payment:?}");
    assert_eq!(payment.iter().filter(|(_, failure)| failure.starts_with("not run")).count(), 13, "{payment:?}");
}

#[test]
fn a_hang_is_ended_and_named() {
    let harmful = Harmful::new();
    let report = harmful.tested("refund hangs", &["--case-seconds", "3"]);
    let payment = cases(&report, "payment");
    assert_eq!(down(&payment, "nothing was heard for 3 s"), ["refund"], "{payment:?}");
    assert_eq!(payment.last().unwrap().0, "not-offered", "{payment:?}");
    assert_eq!(harmful.shop.misused(&["plugin", "test", "x", "--case-seconds", "0"]).code, "AP-0001");
}

#[test]
fn a_refusal_keeps_its_own_code() {
    let harmful = Harmful::new();
    let out = harmful.path("out").display().to_string();
    let refusal = harmful.shop.refused(&["plugin", "test", &out, "--set", "how=constructor refuses"]);
    assert!(refusal.code == "P-126" && refusal.says("no cable"), "{refusal:?}");
    // What dies in the trial of the host is refused as in a shop.
    let mut library = example("hostile_misbehaving");
    mark(&mut library, "aborts");
    let harmful = Harmful::of(library);
    let out = harmful.path("out").display().to_string();
    assert_eq!(harmful.shop.refused(&["plugin", "test", &out]).code, "P-115");
}

#[test]
fn the_report_is_junit_as_well() {
    let harmful = Harmful::new();
    let file = harmful.path("report.xml");
    let report = harmful.tested("refund aborts", &["--junit", file.to_str().unwrap()]);
    let text = fs::read_to_string(&file).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!((root.tag_name().name(), root.attribute("name")), ("testsuites", Some("misbehaving")));
    let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    let expected = report["suites"].as_array().unwrap();
    assert_eq!(suites.len(), expected.len());
    let (mut tests, mut failures) = (0, 0);
    for (suite, expected) in suites.iter().zip(expected) {
        assert_eq!(suite.attribute("name"), expected["suite"].as_str());
        let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
        let expected = expected["cases"].as_array().unwrap();
        assert_eq!(suite.attribute("tests"), Some(expected.len().to_string().as_str()));
        for (case, expected) in cases.iter().zip(expected) {
            let name = case.attribute("name").unwrap();
            assert!(name.starts_with(&format!("{}: ", expected["name"].as_str().unwrap())), "{name}");
            assert!(case.attribute("time").unwrap().contains('.'), "{name}");
            let failure = case.children().find(|node| node.has_tag_name("failure"));
            assert_eq!(failure.and_then(|node| node.text()), expected["failure"].as_str(), "{name}");
            failures += usize::from(failure.is_some());
        }
        tests += cases.len();
    }
    assert_eq!(root.attribute("tests"), Some(tests.to_string().as_str()));
    assert_eq!(root.attribute("failures"), Some(failures.to_string().as_str()));
    // A report that cannot be written is told.
    let out = programs().join("plugins/cash").display().to_string();
    let nowhere = harmful.path("no/such/report.xml").display().to_string();
    assert_eq!(harmful.shop.refused(&["plugin", "test", &out, "--junit", &nowhere]).code, "AP-0502");
}

#[test]
fn a_library_is_packed_for_the_target_that_it_was_built_for() {
    let mut harmful = Harmful::new();
    harmful.shop = Shop::open();
    let pack = |target: &str| harmful.pack(&["--target", target]);
    let arm = "aarch64-unknown-linux-gnu";
    let words = pack(arm);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let refusal = harmful.shop.refused(&words);
    assert!(refusal.code == "P-102" && refusal.says("built for x86_64") && refusal.says(arm), "{refusal:?}");
    // Its processor, as the header of another one's library says it.
    let mut library = example("hostile_misbehaving");
    library[18..20].copy_from_slice(&183u16.to_le_bytes());
    fs::write(harmful.path("harmful.so"), &library).unwrap();
    assert_eq!(harmful.shop.ok(&words)["target"], arm);
    let sidecar: toml::Table = fs::read_to_string(harmful.path("out/plugin.toml")).unwrap().parse().unwrap();
    assert_eq!(sidecar["artifact"]["target"].as_str(), Some(arm));
    let out = harmful.path("out").display().to_string();
    assert_eq!(harmful.shop.refused(&["plugin", "install", &out]).code, "P-102");
    // For this machine it is none any more.
    let words = pack(TARGET);
    assert_eq!(harmful.shop.refused(&words.iter().map(String::as_str).collect::<Vec<_>>()).code, "P-102");
    let words = pack("x86_64-pc-windows-msvc");
    let refusal = harmful.shop.refused(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(refusal.code == "P-111", "a library of Linux is none of Windows: {refusal:?}");
    for (wrong, code) in [("arm", 2), ("a--b", 2), ("x86_64-unknown-linux-gnu\"", 2), ("x86_64-apple-darwin", 1)] {
        let words = pack(wrong);
        let said = harmful.shop.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(said.status.code(), Some(code), "{wrong}: {said:?}");
    }
}
