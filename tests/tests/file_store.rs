//! The store that a storage plugin begins with, on a disk that keeps only what was synced: everything that was answered for
//! is there, and nothing in between. A program of its own (this one, started again) commits and tells; the recorder below it
//! says what the disk held at each word.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use aurapos_contract::host::NoProgress;
use aurapos_contract::transaction::OperationKind::Upsert;
use aurapos_contract::{Settings, StorageProvider};
use aurapos_plugin_testkit::conformance::storage::shop::{count, number, schema};
use aurapos_plugin_testkit::{FileProvider, TestHost};
use aurapos_tests::durability::{Disk, replay};
use aurapos_tests::recorder::Recorder;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Names the folder to the program that commits.
const FOLDER: &str = "AURAPOS_FILE_STORE";
const FILE: &str = "store.data";
const COMMITS: i64 = 40;

fn provider(folder: &Path) -> FileProvider {
    FileProvider::new(TestHost::over(folder), FILE)
}

/// What the started program does, and nothing when it is not asked.
#[test]
fn commits_and_tells() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let (folder, settings) = (Path::new(&folder), Settings::default());
    let provider = provider(folder);
    let store = provider.open(&settings).unwrap();
    store.migrate(&schema()).unwrap();
    let commit = |at: i64| {
        count(store.as_ref(), at as u128, Upsert, &[("left", at), ("right", at)]).unwrap();
        tell(at);
    };
    (1..=COMMITS).for_each(commit);
    // A restore is answered for as well: what is there afterwards is the copy, and the commit behind it is gone.
    let path = |name: &str| folder.join(name).display().to_string();
    store.snapshot(&path("copy"), &NoProgress).unwrap();
    commit(COMMITS + 1);
    store.close().unwrap();
    provider.open_copy(&path("copy")).unwrap().restore_to(&settings, &NoProgress).unwrap();
    tell(COMMITS);
}

fn tell(held: i64) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\nheld {held}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

fn is_data(name: &str) -> bool {
    name == FILE || name == "store.data.part"
}

/// How many commits a disk holds, whole.
fn held(disk: &Disk) -> Result<i64, String> {
    let place = tempfile::tempdir().unwrap();
    disk.write_to(place.path(), is_data).unwrap();
    // The rename is recorded with the name, and what was never renamed is no store yet.
    let _ = fs::remove_file(place.path().join("store.data.part"));
    let store = provider(place.path()).open(&Settings::default()).map_err(|error| error.to_string())?;
    store.migrate(&schema()).map_err(|error| error.to_string())?;
    let both = ["left", "right"].map(|name| number(store.as_ref(), name).unwrap().unwrap_or(0));
    if both[0] == both[1] { Ok(both[0]) } else { Err(format!("half a commit: {both:?}")) }
}

/// The first thing that is wrong on any disk of a recorded run.
fn wrong(ignore_syncs: bool) -> Result<i64, String> {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("recorder.log"));
    fs::create_dir(&data).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "commits_and_tells", "--nocapture", "--test-threads", "1"]).env(FOLDER, &data);
    let recorder = Recorder::of(&mut command, &data, &log);
    if ignore_syncs {
        command.env("AURAPOS_RECORD_IGNORE_SYNC", "1");
    }
    let said = command.output().unwrap();
    assert!(said.status.success(), "{said:?}");
    let (mut told, mut found) = (0, Ok(()));
    let mut look = |disk: &Disk, piece: &[u8]| {
        let text = String::from_utf8_lossy(piece).into_owned();
        let Some(at) = text.trim().strip_prefix("held ").and_then(|number| number.parse::<i64>().ok()) else {
            return;
        };
        told = at;
        for disk in std::iter::once(disk.clone()).chain((0..4).map(|seed| disk.torn(at as u64 * 31 + seed))) {
            match held(&disk) {
                Ok(held) if held == at => {}
                other if found.is_ok() => found = Err(format!("when {at} were told: {other:?}")),
                _ => {}
            }
        }
    };
    replay(Disk::default(), &recorder.log(), &mut look).unwrap();
    found.map(|()| told)
}

#[test]
fn every_commit_that_was_answered_for_is_on_the_disk_when_only_synced_bytes_are() {
    assert_eq!(wrong(false), Ok(COMMITS));
}

#[test]
fn the_same_look_finds_a_disk_on_which_nothing_was_synced() {
    assert!(wrong(true).is_err());
}
