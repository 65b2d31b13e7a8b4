//! The process ends inside a plugin, seen from outside: the next start puts exactly that plugin into quarantine, names the
//! call, and touches nothing else.

use super::loading::marked;
use super::*;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

const VICTIM: &str = env!("CARGO_BIN_EXE_hostile-victim");

/// How a program ended.
#[derive(Debug, PartialEq)]
pub(super) enum End {
    Signal(i32),
    Exit(i32),
}

fn command(place: &Place, plugin: &str, call: &str, settings: &[&str]) -> Command {
    let mut command = Command::new(VICTIM);
    command.arg(place.program()).arg(place.data()).arg(PROBE).arg(plugin).arg(call).args(settings);
    command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Runs a program that makes one call. What it printed, and how it ended.
pub(super) fn victim(place: &Place, plugin: &str, call: &str, settings: &[&str]) -> (String, End) {
    let output = command(place, plugin, call, settings).output().unwrap();
    let end = output.status.signal().map_or_else(|| End::Exit(output.status.code().unwrap()), End::Signal);
    (String::from_utf8(output.stdout).unwrap(), end)
}

/// The quarantine after the next start.
fn next_start(place: &Place) -> Vec<(String, String, String)> {
    let host = place.host();
    stores_go_on(place, &host);
    host.quarantine().into_iter().map(|one| (one.id, one.code, one.call)).collect()
}

fn expected(code: Code, call: &str) -> Vec<(String, String, String)> {
    vec![("misbehaving".to_owned(), code.text().to_owned(), call.to_owned())]
}

#[test]
fn the_next_start_knows_who_did_it_and_where() {
    let mut table = Table::new();
    table.put(&misbehaving());
    let cases = [
        ("begin", "how=begin aborts", End::Signal(libc::SIGABRT), Code::Crashed, "begin"),
        ("begin", "how=begin faults", End::Signal(libc::SIGSEGV), Code::Crashed, "begin"),
        ("begin", "how=begin overflows the stack", End::Signal(libc::SIGABRT), Code::Crashed, "begin"),
        ("begin", "how=begin exits", End::Exit(3), Code::Exited, "begin"),
        ("query_status", "how=query_status aborts", End::Signal(libc::SIGABRT), Code::Crashed, "query_status"),
        ("cancel", "how=cancel exits", End::Exit(3), Code::Exited, "cancel"),
        ("begin", "how=drop aborts", End::Signal(libc::SIGABRT), Code::Crashed, "cleaning up"),
        ("begin", "how=constructor faults", End::Signal(libc::SIGSEGV), Code::Crashed, "starting"),
        ("begin", "how=capabilities exits", End::Exit(3), Code::Exited, "capabilities"),
        ("commit", "how=commit aborts", End::Signal(libc::SIGABRT), Code::Crashed, "commit"),
        ("commit", "how=open faults", End::Signal(libc::SIGSEGV), Code::Crashed, "open"),
    ];
    for (call, how, end, code, named) in cases {
        let (said, ended) = victim(&table.place, "misbehaving", call, &[how]);
        assert_eq!(ended, end, "{how}: {said}");
        assert!(said.starts_with("open\n") && !said.contains("goes on"), "{how}: {said}");
        assert_eq!(next_start(&table.place), expected(code, named), "{how}");
        let refusal = table.refused(how, code);
        assert!(refusal.message.contains(named), "{how}: {refusal}");
        // The owner tries it again: it works now, for its settings are others.
        table.place.host().enable("misbehaving").unwrap();
        let (said, ended) = victim(&table.place, "misbehaving", call, &[]);
        assert_eq!(ended, End::Exit(0), "{said}");
        assert!(said.contains("answered Ok") && said.contains("goes on"), "{said}");
        assert_eq!(next_start(&table.place), []);
    }
    table.distinct(2);
}

/// It behaves in the trial and takes the host down when that loads it.
#[test]
fn passes_the_trial_then_takes_the_host_down() {
    let mut table = Table::new();
    table.put(&marked("hostile_misbehaving", "passes the trial, then aborts"));
    let (said, ended) = victim(&table.place, "misbehaving", "begin", &[]);
    assert_eq!((said.as_str(), ended), ("open\n", End::Signal(libc::SIGABRT)));
    assert_eq!(next_start(&table.place), expected(Code::Crashed, "loading"));
    table.refused("never loaded again", Code::Crashed);
    let (said, ended) = victim(&table.place, "misbehaving", "begin", &[]);
    assert_eq!(ended, End::Exit(0), "{said}");
    assert!(said.contains("refused P-152"), "{said}");
}

/// A program that is killed from outside while a plugin works was not killed by the plugin.
#[test]
fn killed_from_outside_is_nobodys_fault() {
    let table = Table::new();
    table.put(&misbehaving());
    let mut child = command(&table.place, "misbehaving", "begin", &["how=begin hangs"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.find_map(|line| line.ok().filter(|line| line == "made")), Some("made".to_owned()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(next_start(&table.place), []);
}

/// A library that hangs while the host loads it holds the system's loader for ever: nothing else can be loaded, but nobody
/// else is blamed for it, and the program still ends.
#[test]
fn passes_the_trial_then_hangs_in_the_host() {
    let mut table = Table::new();
    table.put(&marked("hostile_misbehaving", "passes the trial, then hangs"));
    let (said, ended) = victim(&table.place, "misbehaving", "begin then cash", &["start_ms=2000"]);
    assert_eq!(ended, End::Exit(0), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[1].starts_with("refused P-128 misbehaving"), "{said}");
    assert!(lines[2].starts_with("then refused P-117 cash"), "{said}");
    assert_eq!(lines[3], "goes on");
    assert_eq!(next_start(&table.place), expected(Code::FactoryHung, "loading"));
    table.refused("never loaded again", Code::FactoryHung);
}

/// Two plugins are in calls when one of them takes the process down: the other one is innocent.
#[test]
fn only_the_guilty_one_is_shut_out() {
    let table = Table::new();
    table.put(&misbehaving());
    let mut bystander = misbehaving();
    aurapos_tests::plugins::replace(&mut bystander, b"id = \"misbehaving\"", b"id = \"standing-by\"");
    let manifest = MISBEHAVING.replace("id = \"misbehaving\"", "id = \"standing-by\"");
    table.place.put("bystander", &manifest, &bystander);
    let (said, ended) = victim(&table.place, "misbehaving", "begin beside standing-by", &["how=begin aborts"]);
    assert_eq!(ended, End::Signal(libc::SIGABRT), "{said}");
    assert!(said.contains("beside"), "{said}");
    assert_eq!(next_start(&table.place), expected(Code::Crashed, "begin"));
    let mut rest = String::new();
    std::fs::File::open(table.place.plugin("evil").join("plugin.toml")).unwrap().read_to_string(&mut rest).unwrap();
    assert!(rest.contains("id = \"misbehaving\""), "its folder is left as it is");
}
