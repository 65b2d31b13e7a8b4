//! Backups of a register on SQLite: the copy beside SQLite's own and beside `cp`, what selling feels of it, the check, the
//! way back, and how many damaged ones are refused.

use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::shop::{Shop, barcodes, catalog};
use crate::{Bench, BenchResult};
use aurapos_contract::backup::{BackupInfo, BackupKind, BackupState, BackupTrigger};
use aurapos_contract::host::NoProgress;
use aurapos_plugin_testkit::conformance::storage::model::Dice;
use aurapos_runtime::{Backups, ids};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const GROUP: &str = "backup";
const PRODUCTS: u64 = 2_000;
/// Copies of each kind, in turn.
const ROUNDS: usize = 3;
/// Sales in the shop whose damaged backups are looked at.
const FEW: usize = 40;
/// Bytes of SQLite's page, of which damage swaps two.
const PAGE: usize = 4_096;

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let csv = catalog(PRODUCTS)?;
    let codes = barcodes(PRODUCTS, 3);
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let shop = sold(bench, "backup", &csv, &codes, bench.sizes.backed_up)?;
    let mut figures = copies(bench, &shop)?;
    figures.extend(selling(bench, &shop, &codes)?);
    figures.extend(there_and_back(bench, &shop)?);
    drop(shop);
    let shop = sold(bench, "backup-damaged", &csv, &codes, FEW)?;
    figures.push(damaged(bench, &shop, true)?);
    figures.push(damaged(bench, &shop, false)?);
    Ok(figures)
}

fn sold(bench: &Bench, name: &str, csv: &[u8], codes: &[&str], sales: usize) -> BenchResult<Shop> {
    let shop = Shop::new(bench, name)?;
    shop.import(csv)?;
    (0..sales).try_for_each(|_| shop.sell(codes))?;
    Ok(shop)
}

/// The snapshot alone, as SQLite's shell makes it with `.backup`, and as a plain copy of the file.
fn copies(bench: &Bench, shop: &Shop) -> BenchResult<Vec<Figure>> {
    // The data in use is the register's alone; another program copies what a copy holds.
    let source = bench.folder.path().join("source.db");
    shop.store().snapshot(&source.to_string_lossy(), &NoProgress)?;
    let dest = bench.folder.path().join("copy.db");
    let (mut ours, mut shell, mut plain) = (Times::default(), Times::default(), Times::default());
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let made = ours.time(|| shop.store().snapshot(&dest.to_string_lossy(), &NoProgress))?;
        bytes = made.bytes;
        fs::remove_file(&dest)?;
        shell.time(|| by_sqlite(&source, &dest))?;
        fs::remove_file(&dest)?;
        plain.time(|| fs::copy(&source, &dest).and_then(|_| File::open(&dest)?.sync_all()))?;
        fs::remove_file(&dest)?;
    }
    let name = format!("copy of {:.0} MB, sealed and synced", bytes as f64 / 1e6);
    let figure = |goal| Figure::alone(GROUP, name.clone(), ours.percentile(50.0) / 1e6, "ms", goal);
    Ok(vec![
        figure(Goal::Ratio(1.3)).beside(shell.percentile(50.0) / 1e6, "SQLite's .backup"),
        figure(Goal::Shown).beside(plain.percentile(50.0) / 1e6, "cp and sync"),
    ])
}

fn by_sqlite(source: &Path, dest: &Path) -> BenchResult<()> {
    let from = Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut to = Connection::open(dest)?;
    Backup::new(&from, &mut to)?.step(-1)?;
    Ok(())
}

/// A sale while copies are made one after the other, beside one on a quiet register.
fn selling(bench: &Bench, shop: &Shop, codes: &[&str]) -> BenchResult<Vec<Figure>> {
    let (mut quiet, mut busy) = (Times::default(), Times::default());
    for _ in 0..bench.sizes.sales {
        quiet.time(|| shop.sell(codes))?;
    }
    let dest = bench.folder.path().join("meanwhile.db").to_string_lossy().into_owned();
    let (store, enough) = (shop.register.store().clone(), AtomicBool::new(false));
    thread::scope(|scope| -> BenchResult<()> {
        let copying = scope.spawn(|| {
            let mut count = 0_u32;
            while !enough.load(Ordering::Acquire) {
                store.snapshot(&dest, &NoProgress).map_err(|error| error.to_string())?;
                fs::remove_file(&dest).map_err(|error| error.to_string())?;
                count += 1;
            }
            Ok::<u32, String>(count)
        });
        let sold = (0..bench.sizes.sales).try_for_each(|_| busy.time(|| shop.sell(codes)));
        enough.store(true, Ordering::Release);
        copying.join().map_err(|_| "the thread that copies died")??;
        sold
    })?;
    let figure = |name: &str, percent: f64, goal| {
        Figure::alone(GROUP, name, busy.percentile(percent) / 1e6, "ms", goal)
            .beside(quiet.percentile(percent) / 1e6, "no copy is made")
    };
    Ok(vec![
        figure("sale while copies are made, p50", 50.0, Goal::Shown),
        figure("sale while copies are made, p99", 99.0, Goal::Ratio(2.0)),
    ])
}

/// A whole backup, the check of one, and the way back.
fn there_and_back(bench: &Bench, shop: &Shop) -> BenchResult<Vec<Figure>> {
    let backups = shop.register.backups()?;
    let (mut whole, mut check, mut back) = (Times::default(), Times::default(), Times::default());
    let made = whole.time(|| made(&backups))?;
    check.time(|| backups.verify(&made.name, &NoProgress))?;
    back.time(|| backups.restore(&made.name, &NoProgress))?;
    // A restore closed it; it opens again as the shop that it was.
    let seconds = |times: &Times| times.percentile(50.0) / 1e9;
    let sales = made.sales;
    if sales < bench.sizes.backed_up as u64 {
        return Err(format!("{sales} sales are in the backup").into());
    }
    let figure = |name: String, times: &Times| Figure::alone(GROUP, name, seconds(times), "s", Goal::Shown);
    Ok(vec![
        figure(format!("backup with its check, {sales} sales"), &whole),
        figure(format!("check of a backup, {sales} sales"), &check),
        figure(format!("restore with the safety copy and both checks, {sales} sales"), &back),
    ])
}

fn made(backups: &Backups) -> BenchResult<BackupInfo> {
    let mut report = backups.run(BackupTrigger::Manual, ids::now(), Some(BackupKind::Daily), &NoProgress)?;
    let made = report.made.pop().ok_or("no backup was made")?;
    if made.state != BackupState::Verified {
        return Err(format!("{}: {}", made.name, made.note).into());
    }
    Ok(made)
}

/// The share of damaged backups that are refused, each with a sentence.
fn damaged(bench: &Bench, shop: &Shop, with_manifest: bool) -> BenchResult<Figure> {
    let backups = shop.register.backups()?;
    let sound = PathBuf::from(made(&backups)?.path);
    let (whole, manifest) = (fs::read(&sound)?, fs::read(manifest_of(&sound))?);
    let folder = bench.folder.path().join("damaged");
    fs::create_dir_all(&folder)?;
    let file = folder.join(sound.file_name().ok_or("the backup has no name")?);
    let mut dice = Dice::new(u64::from(with_manifest));
    let count = bench.sizes.damaged / 2;
    let mut refused = 0;
    for _ in 0..count {
        fs::write(&file, changed(&whole, &mut dice))?;
        if with_manifest {
            fs::write(manifest_of(&file), &manifest)?;
        }
        match backups.verify(&file.to_string_lossy(), &NoProgress) {
            Ok(info) if info.state != BackupState::Refused || info.note.is_empty() => {}
            _ => refused += 1,
        }
        fs::remove_dir_all(&folder)?;
        fs::create_dir_all(&folder)?;
    }
    let beside = if with_manifest { "with" } else { "without" };
    let share = f64::from(refused) * 100.0 / count.max(1) as f64;
    let name = format!("{count} damaged backups {beside} their manifest, refused by name");
    Ok(Figure::alone(GROUP, name, share, "%", Goal::AtLeast(100.0)))
}

fn manifest_of(backup: &Path) -> PathBuf {
    let mut name = backup.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

/// The bytes with a bit flipped, cut, with two pages swapped, or with some zeros in them; never as they were.
fn changed(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    loop {
        let at = dice.roll(whole.len() as u64) as usize;
        match dice.roll(4) {
            0 => bytes[at] ^= 1 << dice.roll(8),
            // Not between the database and its seal: nothing of the shop is missing then.
            1 if !at.is_multiple_of(PAGE) => bytes.truncate(at),
            2 => {
                let pages = (whole.len() / PAGE) as u64;
                let (one, other) = (dice.roll(pages) as usize * PAGE, dice.roll(pages) as usize * PAGE);
                bytes[one..one + PAGE].copy_from_slice(&whole[other..other + PAGE]);
                bytes[other..other + PAGE].copy_from_slice(&whole[one..one + PAGE]);
            }
            _ => {
                let end = whole.len().min(at + 1 + dice.roll(2_000) as usize);
                bytes[at..end].fill(0);
            }
        }
        if bytes != whole {
            return bytes;
        }
        bytes.clear();
        bytes.extend_from_slice(whole);
    }
}
