//! A shop's first day under Wine, with `aurapos-admin.exe` as a person would: each step's answer is looked at.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::wine::Wine;
use crate::failure::{Context, Failure, Outcome};
use crate::stage::Staged;

/// A name with a letter that code pages know in different places.
const SHOP: &str = "Épicerie du Coin";
const MANAGER: &str = "Mia";
const PIN: &str = "4711";
/// How long one command may take; the suite of a storage takes a minute on a machine that has nothing else to do.
const COMMAND_MAX: Duration = Duration::from_secs(600);
const POLL: Duration = Duration::from_millis(20);
/// A folder on the drive C, for a restore on "another machine".
const ELSEWHERE: &str = "C:\\Épicerie restaurée";

/// `aurapos-admin.exe` in its Windows.
pub(super) struct Admin<'a> {
    pub(super) wine: &'a Wine,
    program: PathBuf,
}

impl<'a> Admin<'a> {
    pub(super) fn new(wine: &'a Wine, staged: &Staged) -> Self {
        Self { wine, program: staged.program("aurapos-admin") }
    }

    /// Runs one command to its own end. What it writes goes into files: a stream would end with the last helper that somebody
    /// left behind, and not with the program.
    fn output(&self, words: &[&str]) -> Outcome<Output> {
        eprintln!("$ aurapos-admin.exe {}", words.join(" "));
        let (out, err) = (self.wine.drive().join("out.txt"), self.wine.drive().join("err.txt"));
        let file = |file: &Path| File::create(file).while_doing(format!("making {}", file.display()));
        let mut command = self.wine.program(&self.program);
        command.args(words).arg("--json").env("AURAPOS_PIN", PIN);
        command.stdin(Stdio::null()).stdout(file(&out)?).stderr(file(&err)?);
        let mut child = command.spawn().while_doing("starting wine")?;
        let start = Instant::now();
        let status = loop {
            match child.try_wait().while_doing("waiting for wine")? {
                Some(status) => break status,
                None if start.elapsed() < COMMAND_MAX => thread::sleep(POLL),
                None => {
                    self.wine.end();
                    let words = words.join(" ");
                    let limit = COMMAND_MAX.as_secs();
                    return Err(Failure::refused(format!("`{words}` did not end within {limit} s")));
                }
            }
        };
        let read = |file: &Path| fs::read(file).while_doing(format!("reading {}", file.display()));
        Ok(Output { status, stdout: read(&out)?, stderr: read(&err)? })
    }

    /// One command's answer.
    pub(super) fn ask(&self, words: &[&str]) -> Outcome<Value> {
        let output = self.output(words)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let lacks = if output.status.code() == Some(53) { " (53: Windows finds a library not)" } else { "" };
            let failure = format!("`{}` ended with {}{lacks}\n{}", words.join(" "), output.status, said.trim_end());
            return Err(Failure::refused(failure));
        }
        serde_json::from_slice(&output.stdout).while_doing(format!("reading the answer of `{}`", words.join(" ")))
    }

    /// The code with which a command is refused.
    pub(super) fn refused(&self, words: &[&str]) -> Outcome<String> {
        let output = self.output(words)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let error: Option<Value> = said.lines().find_map(|line| serde_json::from_str(line.trim()).ok());
        let code = error.as_ref().and_then(|error| error["error"]["code"].as_str());
        match code {
            Some(code) if output.status.code() == Some(1) => Ok(format!("{code} {}", said.trim())),
            _ => Err(Failure::refused(format!("`{}` was not refused: {}\n{said}", words.join(" "), output.status))),
        }
    }

    fn sell(&self, item: &str) -> Outcome<Value> {
        self.ask(&["sell", "--operator", MANAGER, "--item", item, "--tender", "cash=20.00"])
    }

    /// The receipt numbers of a data folder, of this user's otherwise.
    fn receipts(&self, data: Option<&str>) -> Outcome<Vec<String>> {
        let mut words = vec!["sales", "list"];
        words.extend(data.into_iter().flat_map(|data| ["--data", data]));
        let answer = self.ask(&words)?;
        let sales = answer["sales"].as_array().into_iter().flatten();
        Ok(sales.filter_map(|sale| sale["receipt_no"].as_str()).map(str::to_owned).collect())
    }
}

/// Refuses what is not as it must be, by the name of the step.
pub(super) fn expect(step: &str, found: impl Into<Value>, wanted: impl Into<Value>) -> Outcome<()> {
    let (found, wanted) = (found.into(), wanted.into());
    if found == wanted {
        return Ok(());
    }
    Err(Failure::refused(format!("{step}: {found} is there, {wanted} was expected")))
}

/// Sets a shop up in this user's data folder, sells, backs up, restores and verifies.
///
/// # Errors
/// The first step whose answer is not what it must be.
pub fn set_up(wine: &Wine, staged: &Staged) -> Outcome<()> {
    let admin = Admin::new(wine, staged);
    let shop = admin.ask(&[
        "init",
        "--shop",
        SHOP,
        "--country",
        "BE",
        "--language",
        "fr",
        "--mode",
        "single",
        "--register",
        "R1",
        "--manager",
        MANAGER,
        "--sample-data",
    ])?;
    expect("init: the shop's name", shop["shop"].clone(), SHOP)?;
    let data = shop["data"].as_str().unwrap_or_default();
    expect("init: the data folder", data.ends_with(r"\AppData\Roaming\AuraPOS"), true)?;
    let drawer = admin.ask(&["drawer", "open", "--operator", MANAGER, "--float", "100.00"])?;
    expect("drawer open", drawer["expected"].clone(), "100.00")?;
    let sale = admin.sell("BOUL-001")?;
    expect("sell: the total", sale["total"].clone(), "3.60")?;
    expect("sell: the change", sale["change"].clone(), "16.40")?;
    expect("sell: the receipt", sale["receipt_no"].clone(), "R1-1-000001")?;
    back_up_and_restore(&admin)?;
    let doctor = admin.ask(&["doctor"])?;
    let checks = doctor["checks"].as_array().into_iter().flatten();
    let wrong: Vec<&str> = checks.filter(|one| one["ok"] != true).filter_map(|one| one["name"].as_str()).collect();
    expect("doctor: what is wrong", wrong, Vec::<&str>::new())
}

/// One backup, brought back into an empty folder and over the shop itself; a receipt number is never given twice.
fn back_up_and_restore(admin: &Admin<'_>) -> Outcome<()> {
    let made = admin.ask(&["backup", "now"])?;
    let backup = made["backups"][0].clone();
    expect("backup now: verified", backup["verified"].clone(), true)?;
    let file = backup["path"].as_str().unwrap_or_default().to_owned();
    // The second start of the same shop on the same machine: still the same incarnation.
    expect("sell after the backup", admin.sell("EAU-001:2")?["receipt_no"].clone(), "R1-1-000002")?;
    let elsewhere = admin.ask(&["backup", "restore", &file, "--yes", "--data", ELSEWHERE])?;
    expect("restore elsewhere", elsewhere["restored"]["verified"].clone(), true)?;
    expect("sales elsewhere", admin.receipts(Some(ELSEWHERE))?, vec!["R1-1-000001"])?;
    let restored = admin.ask(&["backup", "restore", &file, "--yes"])?;
    expect("restore: what was there is kept", restored["safety"]["sales"].clone(), 2)?;
    expect("sales after the restore", admin.receipts(None)?, vec!["R1-1-000001"])?;
    let incarnation = restored["incarnation"].as_str().unwrap_or_default();
    let sale = admin.sell("BOUL-001")?;
    expect("sell after the restore", sale["receipt_no"].clone(), format!("R1-{incarnation}-000001"))?;
    let journal = admin.ask(&["journal", "verify"])?;
    expect("journal verify", journal["ok"].clone(), true)?;
    expect("journal verify: sales", journal["sales"].clone(), 2)
}

/// While the window is open it has the register, and whoever asks is told so by name.
///
/// # Errors
/// Somebody else could sell.
pub(super) fn is_held(wine: &Wine, staged: &Staged) -> Outcome<()> {
    let admin = Admin::new(wine, staged);
    let said = admin.refused(&["sell", "--operator", MANAGER, "--item", "BOUL-001", "--tender", "cash=20.00"])?;
    expect(&format!("sell beside the window: {said}"), said.contains("aurapos, process"), true)
}
