//! A 3-line cash sale through the whole program, against the same rows written by hand, and against the bare disk.

use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::shop::{Shop, barcodes, catalog};
use crate::{Bench, BenchResult, captured};
use std::fs::File;
use std::io::Write;
use std::path::Path;

const PRODUCTS: u64 = 2_000;
const WARM_UP: usize = 20;

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let csv = catalog(PRODUCTS)?;
    let codes = barcodes(PRODUCTS, 3);
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let ours = Shop::new(bench, "commit-ours")?;
    ours.import(&csv)?;
    let theirs = Shop::new(bench, "commit-by-hand")?;
    theirs.import(&csv)?;
    let by_hand_folder = theirs.folder().to_owned();
    drop(theirs);
    let by_hand = captured::open(&by_hand_folder.join("AuraPOS.db"), true)?;
    let sales = bench.sizes.sales;
    let transactions = captured::sales(&csv, &codes, sales + WARM_UP)?;

    let before = log_bytes(&by_hand_folder);
    for transaction in &transactions[..WARM_UP] {
        ours.sell(&codes)?;
        captured::write(&by_hand, transaction)?;
    }
    let per_sale = log_bytes(&by_hand_folder).saturating_sub(before) / WARM_UP as u64;
    let page_bytes = vec![0x5a; usize::try_from(per_sale)?];
    let mut disk = File::create(bench.folder.path().join("append"))?;
    let (mut our_times, mut hand_times, mut disk_times) = (Times::default(), Times::default(), Times::default());
    for transaction in &transactions[WARM_UP..] {
        our_times.time(|| ours.sell(&codes))?;
        hand_times.time(|| captured::write(&by_hand, transaction))?;
        disk_times.time(|| disk.write_all(&page_bytes).and_then(|()| disk.sync_data()))?;
    }
    let mut figures = Vec::new();
    for (percent, label) in [(50.0, "p50"), (99.0, "p99")] {
        let ms = |times: &Times| times.percentile(percent) / 1e6;
        figures.push(
            Figure::alone("commit", format!("3-line cash sale, {label}"), ms(&our_times), "ms", Goal::Ratio(1.5))
                .beside(ms(&hand_times), "hand-written SQLite transaction"),
        );
        let what = format!("append + fdatasync of {} bytes", page_bytes.len());
        figures.push(
            Figure::alone("commit", format!("3-line cash sale, {label}"), ms(&our_times), "ms", Goal::Shown)
                .beside(ms(&disk_times), what),
        );
    }
    // The same without the disk's share, which is the larger part and the same for both: processor time alone.
    let (ours, by_hand) = without_disk(bench, &csv, &codes, &transactions)?;
    figures.push(
        Figure::alone("commit", "3-line cash sale on a disk in memory, p50", ours, "ms", Goal::Shown)
            .beside(by_hand, "hand-written SQLite transaction"),
    );
    Ok(figures)
}

fn log_bytes(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("AuraPOS.db-wal")).map_or(0, |log| log.len())
}

/// p50 in ms of both sides where a sync costs nothing: `/dev/shm`, where there is one.
fn without_disk(bench: &Bench, csv: &[u8], codes: &[&str], sales: &[captured::ByHand]) -> BenchResult<(f64, f64)> {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory } else { bench.folder.path() };
    let folder = tempfile::Builder::new().prefix("aurapos-bench-").tempdir_in(place)?;
    let bench = Bench { folder, programs: bench.programs.clone(), sizes: bench.sizes.clone(), parts: Vec::new() };
    let ours = Shop::new(&bench, "ours")?;
    ours.import(csv)?;
    let theirs = Shop::new(&bench, "by-hand")?;
    theirs.import(csv)?;
    let database = theirs.folder().join("AuraPOS.db");
    drop(theirs);
    let by_hand = captured::open(&database, true)?;
    let (mut our_times, mut hand_times) = (Times::default(), Times::default());
    for transaction in sales {
        our_times.time(|| ours.sell(codes))?;
        hand_times.time(|| captured::write(&by_hand, transaction))?;
    }
    Ok((our_times.percentile(50.0) / 1e6, hand_times.percentile(50.0) / 1e6))
}
