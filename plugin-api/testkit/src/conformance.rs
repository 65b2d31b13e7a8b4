//! The promises of the contract's traits as named cases, for every plugin of a kind.
//!
//! A suite is given a fixture that makes fresh instances, and answers a [`Report`]: used by the tests of our plugins, by
//! `aurapos-admin plugin test`, and by authors of other plugins.

use aurapos_contract::{ErrorCode, PluginError};
use std::fmt::{self, Debug, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub mod backup;
pub mod events;
pub mod payment;
pub mod printer;
pub mod storage;

/// Why a case failed, as a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure(pub String);

impl From<PluginError> for Failure {
    fn from(error: PluginError) -> Self {
        Failure(format!("unexpected error {:?}: {error}", error.code))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure(format!("the test itself could not go on: {error}"))
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Failure(message.to_owned())
    }
}

/// What a case answers.
pub type Check = Result<(), Failure>;

/// One case that was run.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// Name, for the command line.
    pub name: &'static str,
    /// What it proves, as a sentence.
    pub promise: &'static str,
    /// How it ended.
    pub result: Check,
}

/// All cases of a suite that were run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The suite: `storage`.
    pub suite: &'static str,
    /// In order.
    pub cases: Vec<CaseResult>,
}

impl Report {
    /// The cases that failed.
    pub fn failed(&self) -> Vec<&CaseResult> {
        self.cases.iter().filter(|case| case.result.is_err()).collect()
    }

    /// Whether every case passed, and there was one.
    pub fn passed(&self) -> bool {
        !self.cases.is_empty() && self.failed().is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in &self.cases {
            match &case.result {
                Ok(()) => writeln!(f, "pass  {}  {}", case.name, case.promise)?,
                Err(failure) => writeln!(f, "FAIL  {}  {}\n      {}", case.name, case.promise, failure.0)?,
            }
        }
        let failed = self.failed().len();
        writeln!(f, "{}: {} passed, {failed} failed", self.suite, self.cases.len() - failed)
    }
}

/// A case: name, promise, and how it is tried.
pub struct Case<F: ?Sized> {
    /// Name, for the command line.
    pub name: &'static str,
    /// What it proves, as a sentence.
    pub promise: &'static str,
    /// Tries it.
    pub run: fn(&F) -> Check,
}

impl<F: ?Sized> Debug for Case<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Runs cases; one that panics has failed. `wanted` chooses by name, and hears each result as it comes.
pub(crate) fn run_cases<F: ?Sized>(
    suite: &'static str,
    cases: &[Case<F>],
    fixture: &F,
    wanted: &dyn Fn(&str) -> bool,
    heard: &mut dyn FnMut(&CaseResult),
) -> Report {
    let mut report = Report { suite, cases: Vec::new() };
    for case in cases.iter().filter(|case| wanted(case.name)) {
        let result = catch_unwind(AssertUnwindSafe(|| (case.run)(fixture))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(Failure(format!("panicked: {}", text.unwrap_or("?"))))
        });
        let result = CaseResult { name: case.name, promise: case.promise, result };
        heard(&result);
        report.cases.push(result);
    }
    report
}

/// Fails unless both are equal.
pub(crate) fn same<T: PartialEq + Debug>(found: T, expected: T, what: &str) -> Check {
    if found == expected {
        return Ok(());
    }
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = write!(text, "{what}: found {found:?}, expected {expected:?}");
    text.truncate(text.char_indices().nth(2000).map_or(text.len(), |(at, _)| at));
    Err(Failure(text))
}

/// Fails unless the condition holds.
pub(crate) fn holds(condition: bool, what: &str) -> Check {
    if condition { Ok(()) } else { Err(Failure(what.to_owned())) }
}

/// Fails unless the result is an error with this code; answers it.
pub(crate) fn refused<T: Debug>(
    result: Result<T, PluginError>,
    code: ErrorCode,
    what: &str,
) -> Result<PluginError, Failure> {
    refused_as(result, &[code], what)
}

/// The same where several codes say it right.
pub(crate) fn refused_as<T: Debug>(
    result: Result<T, PluginError>,
    codes: &[ErrorCode],
    what: &str,
) -> Result<PluginError, Failure> {
    match result {
        Ok(answer) => Err(Failure(format!("{what}: answered {answer:?}, expected {codes:?}"))),
        Err(error) if codes.contains(&error.code) => Ok(error),
        Err(error) => Err(Failure(format!("{what}: {:?} ({error}), expected {codes:?}", error.code))),
    }
}
