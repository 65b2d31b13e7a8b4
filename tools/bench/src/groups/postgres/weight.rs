//! What a sale weighs on the server's disk, and what connections weigh in its memory.

use super::by_hand::{self, Way};
use super::registers::{Registers, sell};
use super::{BY_HAND, OURS, Site};
use crate::BenchResult;
use crate::report::{Figure, Goal};
use aurapos_engine::queries;
use std::fs;

/// Bytes of tables, of indexes, and of the log, of one schema.
pub struct Bytes {
    pub tables: f64,
    pub indexes: f64,
    pub log: f64,
}

pub fn bytes(site: &Site, schema: &str) -> BenchResult<Bytes> {
    let all = |function: &str| {
        format!(
            "SELECT coalesce(sum({function}(c.oid)), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = '{schema}' AND c.relkind = 'r'"
        )
    };
    Ok(Bytes {
        tables: site.number(&all("pg_table_size"))?,
        indexes: site.number(&all("pg_indexes_size"))?,
        log: site.number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")?,
    })
}

/// Bytes that one sale adds, beside those of the same rows by hand.
pub fn bytes_per_sale(site: &Site, registers: &mut Registers, sales: usize) -> BenchResult<Vec<Figure>> {
    let given = registers.next(1, sales)?;
    let store = site.open(OURS, false)?;
    let sale = registers.pattern()?.clone();
    // Whole pages are in the log once after each checkpoint, for both sides.
    let measured = |schema: &str, work: &mut dyn FnMut() -> BenchResult<()>| {
        site.number("CHECKPOINT; SELECT 0")?;
        let before = bytes(site, schema)?;
        work()?;
        let after = bytes(site, schema)?;
        let one = |after: f64, before: f64| (after - before) / sales as f64 / 1_000.0;
        BenchResult::Ok(Bytes {
            tables: one(after.tables, before.tables),
            indexes: one(after.indexes, before.indexes),
            log: one(after.log, before.log),
        })
    };
    let ours = measured(OURS, &mut || Ok(sell(store.as_ref(), &given)?))?;
    let by_hand =
        measured(BY_HAND, &mut || by_hand::rate(site, &sale, 1, sales, (Way::InTurn, false), false).map(drop))?;
    store.close()?;
    let figure = |what: &str, ours: f64, by_hand: f64| {
        Figure::alone("postgres", format!("a 3-line sale's bytes, {what}"), ours, "kB", Goal::Shown)
            .beside(by_hand, "pgbench, the same rows by hand")
    };
    Ok(vec![
        figure("tables", ours.tables, by_hand.tables),
        figure("indexes", ours.indexes, by_hand.indexes),
        figure("write-ahead log", ours.log, by_hand.log),
    ])
}

/// Memory that the server's processes have more with so many connections, each of a store that has searched, found and
/// looked at its tables; beside as many bare ones that asked for nothing.
pub fn memory(site: &Site, connections: usize) -> BenchResult<Vec<Figure>> {
    let rest = resident(site)?;
    let bare = site.bare(async |bare| {
        let mut clients = Vec::with_capacity(connections);
        for _ in 0..connections {
            let client = bare.connect(|| {}).await?;
            client.query_one("SELECT 1", &[]).await?;
            clients.push(client);
        }
        resident(site)
    })?;
    // A store has one that writes and one that reads.
    let stores: Vec<_> = (0..connections / 2).map(|_| site.open(OURS, false)).collect::<Result<_, _>>()?;
    for store in &stores {
        queries::product_by_code(store.as_ref(), "5490000000073")?;
    }
    let ours = resident(site)?;
    stores.iter().try_for_each(|store| store.close())?;
    let figure = Figure::alone(
        "postgres",
        format!("memory of {connections} connections, {} registers", connections / 2),
        (ours - rest) / 1e6,
        "MB",
        Goal::Shown,
    );
    Ok(vec![figure.beside((bare - rest) / 1e6, "bare connections")])
}

/// Bytes of memory of the server and all its processes; what they share is counted once.
fn resident(site: &Site) -> BenchResult<f64> {
    let noted = fs::read_to_string(site.server.data().join("postmaster.pid"))?;
    let postmaster: u32 = noted.lines().next().ok_or("no server")?.trim().parse()?;
    let mut sum = 0.0;
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if pid == postmaster || parent(pid) == Some(postmaster) {
            // One that ended meanwhile has none.
            let told = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
            let line = told.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
            sum += line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() * 1_024.0;
        }
    }
    Ok(sum)
}

fn parent(pid: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}
