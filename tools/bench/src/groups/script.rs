//! Sales per second of `aurapos-admin sell --script -`, the built program, each durable before its answer.

use crate::report::{Figure, Goal};
use crate::shop::{OPERATOR, Shop, barcodes, catalog};
use crate::{Bench, BenchResult};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

const PRODUCTS: u64 = 2_000;

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let shop = Shop::new(bench, "script")?;
    shop.import(&catalog(PRODUCTS)?)?;
    let folder = shop.folder().to_owned();
    drop(shop);
    let codes = barcodes(PRODUCTS, 3);
    let items: Vec<_> = codes.iter().map(|code| serde_json::json!({"item": code, "qty": "1", "price": null})).collect();
    let line = serde_json::json!({
        "operator": OPERATOR.0, "pin": OPERATOR.1, "items": items, "tenders": [{"cash": "500.00"}],
    });
    let mut program = Command::new(bench.programs.join("aurapos-admin"))
        .arg("--data")
        .arg(&folder)
        .args(["--json", "sell", "--script", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (Some(mut input), Some(output)) = (program.stdin.take(), program.stdout.take()) else {
        return Err("the program has no pipes".into());
    };
    let count = bench.sizes.scripted;
    let writer =
        std::thread::spawn(move || -> std::io::Result<()> { (0..=count).try_for_each(|_| writeln!(input, "{line}")) });
    let mut lines = BufReader::new(output).lines();
    let mut next = || lines.next().ok_or("the script ended early")?.map_err(|error| error.to_string());
    // The first answer is not timed: until it comes the program starts.
    let mut answer = next()?;
    let start = Instant::now();
    for _ in 0..count {
        answer = next()?;
        if answer.contains("\"error\"") {
            return Err(answer.into());
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    writer.join().map_err(|_| "the writer failed")??;
    if !program.wait()?.success() {
        return Err(format!("aurapos-admin failed after {answer}").into());
    }
    let rate = count as f64 / seconds;
    Ok(vec![Figure::alone("script", "scripted 3-line sales, each durable before its answer", rate, "/s", Goal::Shown)])
}
