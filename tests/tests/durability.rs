//! What a power cut would leave: the writes and syncs of a selling register are recorded and replayed up to each
//! acknowledgement with only the synced bytes. A kill cannot show a missing sync; this can.
#![allow(clippy::unwrap_used)]

use aurapos_tests::customers::{Customers, number_from_env};
use aurapos_tests::durability::{Disk, replay};
use aurapos_tests::recorder::Recorder;
use aurapos_tests::shop::{Script, Shop, scratch};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Enough for the log to be moved into the database while the register sells.
const SALES: usize = 420;

fn is_data(name: &str) -> bool {
    matches!(name, "AuraPOS.db" | "AuraPOS.db-wal")
}

/// A life of a register, recorded: what lay on the disk before it, and the log.
struct Recording {
    before: Disk,
    log: Vec<u8>,
}

fn record(sales: usize, ignore_syncs: bool) -> Recording {
    let shop = Shop::on_disk();
    let before = Disk::of_folder(&shop.data, is_data).unwrap();
    let mut command = shop.command(&["sell", "--script", "-"]);
    let recorder = Recorder::of(&mut command, &shop.data, &shop.data.with_file_name("recorder.log"));
    if ignore_syncs {
        command.env("AURAPOS_RECORD_IGNORE_SYNC", "1");
    }
    let mut script = Script::start(&mut command);
    Customers::new(10, 0).sales(sales).iter().for_each(|line| script.send(line));
    assert_eq!(script.finish().iter().filter(|answer| answer["receipt_no"].is_string()).count(), sales);
    Recording { before, log: recorder.log() }
}

/// Reads the receipt numbers that acknowledgements tell, however the text was cut into pieces.
#[derive(Default)]
struct Heard {
    text: Vec<u8>,
    receipts: BTreeSet<String>,
}

impl Heard {
    /// True when the piece ended at least one acknowledgement.
    fn hear(&mut self, piece: &[u8]) -> bool {
        let before = self.receipts.len();
        self.text.extend_from_slice(piece);
        while let Some(end) = self.text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.text.drain(..=end).collect();
            let answer: Value = serde_json::from_slice(&line).unwrap_or_default();
            self.receipts.extend(answer["receipt_no"].as_str().map(str::to_owned));
        }
        self.receipts.len() > before
    }
}

/// What is wrong with a disk on which these receipts should be.
fn wrong_with(disk: &Disk, receipts: &BTreeSet<String>, place: &Path) -> Result<(), String> {
    for old in std::fs::read_dir(place).unwrap() {
        std::fs::remove_file(old.unwrap().path()).unwrap();
    }
    disk.write_to(place, is_data).unwrap();
    let told = |error: rusqlite::Error| error.to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let database = Connection::open_with_flags(place.join("AuraPOS.db"), flags).map_err(told)?;
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(told)?;
    if sound != "ok" {
        return Err(sound);
    }
    let mut found = database.prepare("SELECT receipt_no FROM sale").map_err(told)?;
    let found = found.query_map([], |row| row.get(0)).map_err(told)?;
    let found: BTreeSet<String> = found.collect::<Result<_, _>>().map_err(told)?;
    match receipts.difference(&found).next() {
        Some(lost) => Err(format!("{lost} was acknowledged and is not on the disk")),
        None if found.len() > receipts.len() + 1 => {
            Err(format!("{} sales, {} acknowledged", found.len(), receipts.len()))
        }
        None => Ok(()),
    }
}

#[test]
fn every_acknowledged_sale_is_on_the_disk_when_only_synced_bytes_are() {
    let Recording { before, log } = record(SALES, false);
    let (place, mut heard) = (scratch(), Heard::default());
    let seed = number_from_env("AURAPOS_SEED", 1);
    let (mut checked, mut torn, mut sizes) = (0, 0, BTreeSet::new());
    let end = replay(before, &log, |disk, piece| {
        if !heard.hear(piece) {
            return;
        }
        let count = heard.receipts.len();
        // The log moves into the database about when it has had enough of them: closer looks there.
        if count <= 40 || count % 9 == 0 {
            let result = wrong_with(disk, &heard.receipts, place.path());
            assert_eq!(result, Ok(()), "only synced bytes, after {count} acknowledgements");
            sizes.insert(std::fs::metadata(place.path().join("AuraPOS.db")).unwrap().len());
            checked += 1;
        }
        if count <= 10 || count % 27 == 0 {
            for variant in 0..3 {
                let seed = seed.wrapping_mul(1_000_003).wrapping_add((count * 3 + variant) as u64);
                let result = wrong_with(&disk.torn(seed), &heard.receipts, place.path());
                assert_eq!(result, Ok(()), "torn with seed {seed}, after {count} acknowledgements");
                torn += 1;
            }
        }
    })
    .unwrap();
    assert_eq!(heard.receipts.len(), SALES);
    assert!(end.syncs >= SALES as u64, "{} syncs for {SALES} sales", end.syncs);
    assert!(sizes.len() > 1, "the log was moved into the database while the register sold: {sizes:?}");
    assert_eq!(wrong_with(&end, &heard.receipts, place.path()), Ok(()), "closed");
    println!(
        "{SALES} sales, {} syncs; {checked} disks of synced bytes and {torn} torn ones hold all that was acknowledged",
        end.syncs
    );
}

#[test]
fn the_same_look_finds_a_disk_on_which_nothing_was_synced() {
    let Recording { before, log } = record(12, true);
    let (place, mut heard, mut lost) = (scratch(), Heard::default(), 0);
    let end = replay(before, &log, |disk, piece| {
        if heard.hear(piece) {
            lost += usize::from(wrong_with(disk, &heard.receipts, place.path()).is_err());
        }
    })
    .unwrap();
    assert_eq!((end.syncs, heard.receipts.len(), lost), (0, 12, 12), "every acknowledgement must be found out");
}
