//! `cargo xtask test`: everything a change has to pass, cheapest failures first.

use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{Command, bench, no_arguments, stage::tell};
use crate::failure::{Failure, Outcome};
use crate::packages::{self, C_COMPILER, FAKETIME, IPROUTE, Need, SQLITE_SHELL, WINDOW_BUILD, WINDOW_RUN, WINDOW_TESTS};
use crate::packed::{Proof, pack};
use crate::process::{self, Teed};
use crate::stage::{Profile, WINDOW, lay_out};
use crate::workspace::Workspace;
use crate::{arrows, postgres, tidy};

pub(super) const COMMAND: Command = Command {
    name: "test",
    summary: "everything a change has to pass; CI runs exactly this",
    help: "cargo xtask test\n\n\
        Installs what the tests need (a C compiler, sqlite3, faketime, iproute2, fontconfig's headers, X11's libraries, xvfb and\n\
        xdotool) where it may, then runs, cheapest first:\n\
        \x20 postgres  the tools of PostgreSQL 15, 17 and 18, for the tests that start a server\n\
        \x20 format    cargo fmt --check\n\
        \x20 arrows    who imports whom\n\
        \x20 tidy      sizes, headers, unsafe, marks, paths\n\
        \x20 package   the crates for authors pack, with README and licences\n\
        \x20 deny      licences, twins and sources of what comes from outside, where cargo-deny is installed\n\
        \x20 clippy    all targets, warnings refused\n\
        \x20 build     all targets, with the feature set that the tests use, so that nothing compiles twice\n\
        \x20 stage     plugins beside the programs, for the tests that load real libraries\n\
        \x20 tests     cargo nextest, or cargo test where it is not installed\n\
        \x20 doctests  the examples in the documentation\n\
        \x20 simulate  whole shops from seeds of today, as many as fit into two minutes\n\
        \x20 bench     every measurement once, so that it cannot rot; no figure\n\
        Ends with a table of the steps and the count of tests. A step that only looks does not stop the others;\n\
        a build that fails does.",
    run,
};

/// The package that lives histories.
const SIMULATOR: &str = "aurapos-simulator";

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
}

/// A step that was tried or skipped.
struct Step {
    name: &'static str,
    took: Duration,
    result: Outcome<()>,
    /// What the table says beside "ok": why nothing was looked at.
    note: Option<String>,
}

/// The steps so far, and what they counted.
#[derive(Default)]
struct Run {
    steps: Vec<Step>,
    count: Count,
    /// The runner's own closing line.
    summary: Option<String>,
    /// What the step that runs wants to be said beside its result.
    note: Option<String>,
}

impl Run {
    /// Runs one step, timed and named; says whether it went well.
    fn step(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Outcome<()>) -> bool {
        println!("\n=== {name}");
        let start = Instant::now();
        let result = work(self);
        let took = start.elapsed();
        match &result {
            Ok(()) => println!("=== {name}: ok, {:.1} s", took.as_secs_f32()),
            Err(failure) => println!("{failure}\n=== {name}: FAILED, {:.1} s", took.as_secs_f32()),
        }
        let went_well = result.is_ok();
        let note = self.note.take();
        self.steps.push(Step { name, took, result, note });
        went_well
    }
}

fn run(arguments: &[String]) -> Outcome<()> {
    no_arguments(arguments)?;
    let workspace = Workspace::members_only()?;
    let mut run = Run::default();
    run.step("packages", |_| packages::ensure(needs(&workspace)));
    if workspace.package(postgres::NEEDED_BY).is_some() {
        run.step("postgres", |_| postgres::lay_out(&workspace).map(drop));
    }
    run.step("format", |_| cargo(&workspace, &["fmt", "--all", "--check"]));
    run.step("arrows", |_| arrows::check(&Workspace::whole()?).map(drop));
    run.step("tidy", |_| tidy::check(&workspace).map(drop));
    run.step("package", |_| pack(&workspace, &workspace.target_dir, Proof::Content).map(drop));
    run.step("deny", |run| deny(&workspace, run));
    let targets = all_targets(&workspace);
    run.step("clippy", |_| cargo(&workspace, &[&["clippy"], &targets[..], &["--", "-D", "warnings"]].concat()));
    let built = run.step("build", |_| cargo(&workspace, &[&["build"], &targets[..]].concat()))
        && run.step("stage", |_| lay_out(&workspace, Profile::Debug).map(|staged| tell(&staged)));
    if built {
        run.step("tests", |run| tests(&workspace, run));
        run.step("doctests", |run| doctests(&workspace, run));
        run.step("simulate", |_| simulate(&workspace));
        run.step("bench", |_| smoke(&workspace));
    }
    print!("{}", closing(&run, built));
    // The count is the last line that CI reads: nothing is said after it.
    if is_good(&run, built) { Ok(()) } else { Err(Failure::Told) }
}

/// What the steps need; what only the window needs is left out where there is none.
fn needs(workspace: &Workspace) -> Vec<&'static Need> {
    let window = [WINDOW_BUILD, WINDOW_RUN, WINDOW_TESTS].into_iter().flatten();
    let window = window.filter(|_| workspace.package(WINDOW.0).is_some());
    [&C_COMPILER, &SQLITE_SHELL, &FAKETIME, &IPROUTE].into_iter().chain(window).collect()
}

/// All targets of the workspace. What has another crate's sources is built where somebody needs it, but its unit tests are
/// those of the original: compiling them once more would find nothing.
fn all_targets(workspace: &Workspace) -> Vec<&str> {
    let is_copy = |folder: &str| folder.starts_with("tests/compat/grown/");
    let copies = workspace.members().filter(|one| one.folder.as_deref().is_some_and(is_copy));
    let excluded = copies.flat_map(|one| ["--exclude", one.name.as_str()]);
    ["--workspace", "--all-targets"].into_iter().chain(excluded).collect()
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Outcome<()> {
    process::run(process::cargo().current_dir(&workspace.root).args(arguments))
}

/// Licences, twins and sources; advisories need a database from outside, and are for a release.
fn deny(workspace: &Workspace, run: &mut Run) -> Outcome<()> {
    let missing = if !workspace.root.join("deny.toml").exists() {
        "there is no deny.toml"
    } else if process::find_program("cargo-deny").is_none() {
        "cargo-deny is not installed (cargo install cargo-deny)"
    } else {
        return cargo(workspace, &["deny", "--locked", "check", "licenses", "bans", "sources"]);
    };
    println!("not checked: {missing}");
    run.note = Some(format!("not checked: {missing}"));
    Ok(())
}

/// nextest where it is installed: each test in a process of its own, so that one that takes its process down fails alone.
fn tests(workspace: &Workspace, run: &mut Run) -> Outcome<()> {
    let mut command = process::cargo();
    command.current_dir(&workspace.root);
    let nextest = process::find_program("cargo-nextest").is_some();
    if nextest {
        command.args(["nextest", "run", "--workspace", "--config-file", ".ci/nextest.toml"]);
    } else {
        println!("cargo-nextest is not installed: cargo test does the same, one package after the other");
        command.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests", "--examples"]);
    }
    let teed = process::tee(&mut command)?;
    run.summary = teed.text.lines().rev().find(|line| is_summary(line)).map(|line| line.trim().to_owned());
    let count = if nextest { nextest_count(&teed.text) } else { libtest_count(&teed.text) };
    counted(run, &teed, count, "tests")
}

fn doctests(workspace: &Workspace, run: &mut Run) -> Outcome<()> {
    let mut command = process::cargo();
    command.current_dir(&workspace.root).args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    // `--doc` does not heed `doctest = false`: the copies under tests/compat show examples that name the original, and the
    // compiled markup shows none.
    for package in workspace.members().filter(|one| one.folder.as_deref().is_some_and(has_no_examples)) {
        command.args(["--exclude", &package.name]);
    }
    let teed = process::tee(&mut command)?;
    counted(run, &teed, libtest_count(&teed.text), "doctests")
}

/// A frozen or altered copy of one of our crates, which only the tests of compatibility build; or generated code.
fn has_no_examples(folder: &str) -> bool {
    folder.starts_with("tests/compat/") || folder == "ui/markup"
}

/// Two minutes of histories in which everything goes wrong (ADR 0036). Each day has seeds of its own; a bad history says its
/// seed, and is repeated by it.
fn simulate(workspace: &Workspace) -> Outcome<()> {
    if workspace.package(SIMULATOR).is_none() {
        return Ok(());
    }
    let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    let seed = (today * 1_000_000).to_string();
    let program = ["run", "--profile", "simulator", "-p", SIMULATOR, "--", "--seconds", "120", "--seed", &seed];
    cargo(workspace, &program)
}

/// The measurements themselves are no tests: how long a thing takes here says nothing about whether it is right.
fn smoke(workspace: &Workspace) -> Outcome<()> {
    let folder = workspace.target_dir.join(Profile::Debug.folder());
    bench::measure(&workspace.root, &folder, &["--smoke".to_owned()])
}

fn counted(run: &mut Run, teed: &Teed, count: Count, what: &str) -> Outcome<()> {
    run.count.passed += count.passed;
    run.count.failed += count.failed;
    if teed.success && count.failed == 0 {
        return Ok(());
    }
    Err(Failure::refused(format!("{} of {} {what} failed", count.failed, count.passed + count.failed)))
}

fn is_summary(line: &str) -> bool {
    line.trim_start().starts_with("Summary [") || line.starts_with("test result:")
}

/// Reads `Summary [ 1.2s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 3 skipped`.
fn nextest_count(text: &str) -> Count {
    let Some(line) = text.lines().rev().find(|line| line.trim_start().starts_with("Summary [")) else {
        return Count::default();
    };
    let run = number_before(line, &[" tests run:", " test run:"]);
    let passed = number_before(line, &[" passed"]);
    // Failed, timed out and aborted tests are all failures to us.
    Count { passed, failed: run.saturating_sub(passed) }
}

/// Adds up all lines `test result: ok. 3 passed; 0 failed; ...`.
fn libtest_count(text: &str) -> Count {
    text.lines().filter(|line| line.starts_with("test result:")).fold(Count::default(), |sum, line| Count {
        passed: sum.passed + number_before(line, &[" passed"]),
        failed: sum.failed + number_before(line, &[" failed"]),
    })
}

/// The number right before the first of the given words that occurs.
fn number_before(line: &str, words: &[&str]) -> u64 {
    let Some(at) = words.iter().find_map(|word| line.find(word)) else {
        return 0;
    };
    let digits = line[..at].rsplit(|character: char| !character.is_ascii_digit()).next().unwrap_or("");
    digits.parse().unwrap_or(0)
}

/// A run in which no test ran proved nothing.
fn is_good(run: &Run, complete: bool) -> bool {
    complete && run.count.passed > 0 && run.steps.iter().all(|step| step.result.is_ok())
}

/// The table of steps and, as the very last line, the count that CI reads.
fn closing(run: &Run, complete: bool) -> String {
    let mut text = String::from("\nstep        seconds  result\n");
    for Step { name, took, result, note } in &run.steps {
        let (words, first) = match result {
            Ok(()) => ("ok", note.clone().unwrap_or_default()),
            Err(failure) => ("FAILED", failure.to_string()),
        };
        let first = first.lines().next().unwrap_or("").trim_start_matches("xtask: ").to_owned();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:10} {:8.1}  {words} {first}", took.as_secs_f32());
    }
    if !complete {
        text.push_str("tests and doctests did not run, because what they need was not built\n");
    }
    if run.count == Count::default() {
        text.push_str("no test ran: that is a failure\n");
    }
    if let Some(summary) = &run.summary {
        let _ = writeln!(text, "{summary}");
    }
    let _ = writeln!(text, "{} passed, {} failed", run.count.passed, run.count.failed);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_both_runners_are_read() {
        let nextest = |line: &str| nextest_count(&format!("PASS x\n{line}\nerror: test run failed\n"));
        assert_eq!(
            nextest("     Summary [   0.2s] 120 tests run: 120 passed, 3 skipped"),
            Count { passed: 120, failed: 0 }
        );
        assert_eq!(
            nextest("  Summary [ 61.0s] 12 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 0 skipped"),
            Count { passed: 9, failed: 3 }
        );
        assert_eq!(nextest("  Summary [ 0.0s] 1 test run: 0 passed, 1 failed"), Count { passed: 0, failed: 1 });
        assert_eq!(nextest("nothing"), Count::default());
        let libtest =
            "test result: ok. 3 passed; 0 failed; 0 ignored;\ntest result: FAILED. 4 passed; 2 failed; 0 ignored;\n";
        assert_eq!(libtest_count(libtest), Count { passed: 7, failed: 2 });
    }

    fn after(results: &[(&'static str, bool)], count: Count) -> Run {
        let step = |&(name, ok): &(&'static str, bool)| Step {
            name,
            took: Duration::ZERO,
            result: if ok { Ok(()) } else { Err(Failure::refused("broken\ndetails")) },
            note: None,
        };
        let steps = results.iter().map(step).collect();
        Run { steps, count, summary: Some("Summary [1s] 2 tests run".into()), note: None }
    }

    #[test]
    fn one_failing_step_fails_the_whole_and_is_named_at_the_end() {
        let good = Count { passed: 2, failed: 0 };
        assert!(is_good(&after(&[("format", true), ("tests", true)], good), true));
        assert!(!is_good(&after(&[("format", false), ("tests", true)], good), true));
        assert!(!is_good(&after(&[("format", true)], good), false));
        assert!(!is_good(&after(&[("tests", true)], Count::default()), true));
        let text = closing(&after(&[("format", false)], good), true);
        assert!(text.contains("FAILED broken\n"), "{text}");
        assert!(text.ends_with("Summary [1s] 2 tests run\n2 passed, 0 failed\n"), "{text}");
        let mut run = after(&[], good);
        run.step("deny", |run| {
            run.note = Some("not checked: it is not installed".to_owned());
            Ok(())
        });
        run.step("clippy", |_| Ok(()));
        let text = closing(&run, true);
        let of = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        assert!(of("deny").ends_with("ok not checked: it is not installed"), "what was not looked at is said: {text}");
        assert!(of("clippy").trim_end().ends_with("ok"), "{text}");
    }
}
