//! A register joins a shop with a large catalog: until it has everything and rests, and the memory of its process at most.
//! It is a process of its own, as it is on its own machine.

use super::{Street, settled};
use crate::BenchResult;
use crate::report::{Figure, Goal};
use crate::shop::{Shop, catalog, opened_with, pair};
use aurapos_contract::query::Query;
use aurapos_runtime::Register;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// The goals of issue 10, for a catalog of this size.
const LARGE: u64 = 1_000_000;
const SECONDS: f64 = 60.0;
const MEGABYTES: f64 = 400.0;

pub fn run(street: &Street<'_>, count: u64) -> BenchResult<Vec<Figure>> {
    let bench = street.bench;
    let shop = Shop::new(bench, &street.name("R1"))?;
    shop.import(&catalog(count)?)?;
    let start = Instant::now();
    let shop = shop.shares(bench, &street.shared())?;
    settled(&shop)?;
    let brought = start.elapsed().as_secs_f64();
    // Its own machine is not here.
    shop.close();
    let folder = bench.folder.path().join(street.name("R2"));
    pair(&folder, "R2", &street.shared())?;
    let program = std::env::current_exe()?;
    let output =
        Command::new(program).arg("--join-once").arg(&bench.programs).arg(&folder).arg(count.to_string()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [seconds, megabytes] = numbers[..] else {
        return Err(format!("joining: {text}{}", String::from_utf8_lossy(&output.stderr)).into());
    };
    let start = Instant::now();
    for table in ["product", "product_barcode", "stock_move"] {
        let sql = format!("COPY \"{}\".\"{table}\" TO '/dev/null'", street.schema);
        street.site.server.try_sql(super::super::postgres::DATABASE, &sql)?;
    }
    let copied = start.elapsed().as_secs_f64();
    let goal = |most| if count >= LARGE { Goal::AtMost(most) } else { Goal::Shown };
    let figure =
        |what: &str, value, unit, goal| Figure::alone("shared", format!("{what} {count} products"), value, unit, goal);
    Ok(vec![
        figure("the first register brings", brought, "s", Goal::Shown),
        figure("a register joins a shop with", seconds, "s", goal(SECONDS))
            .beside(copied, "COPY of the three large tables to nowhere"),
        figure("memory of a register that joins a shop with", megabytes, "MB", goal(MEGABYTES)),
    ])
}

/// In a process of its own: joins and prints the seconds until it rests and the megabytes that it needed at most.
pub fn join_once(programs: &Path, folder: &Path, count: u64) -> BenchResult<()> {
    let start = Instant::now();
    let register = Register::open(&opened_with(programs, folder))?;
    while !register.sync().ok_or("it is by itself")?.settled() {
        if start.elapsed() > super::PATIENCE {
            return Err(format!("it does not settle: {:?}", register.sync()).into());
        }
        std::thread::sleep(super::LOOK);
    }
    let seconds = start.elapsed().as_secs_f64();
    let known = std::fs::read_to_string("/proc/self/status")?;
    let peak = known.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let peak: f64 = peak.trim().trim_end_matches(" kB").parse()?;
    let mut query = Query::over("product").select(&["id"]);
    let mut products = 0;
    loop {
        let batch = register.store().scan(&query)?;
        products += batch.len() as u64;
        if batch.next().is_empty() {
            break;
        }
        query.after = batch.next().to_vec();
    }
    if products < count {
        return Err(format!("only {products} of {count} products came").into());
    }
    println!("{seconds} {}", peak * 1_024.0 / 1e6);
    register.close();
    Ok(())
}
