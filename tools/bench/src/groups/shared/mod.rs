//! Several registers of one shop: the real registers with the staged plugins, the real sync, a real server with TLS.
//!
//! Owns: the shop that is measured ([`Street`]) and how long it takes until everything is everywhere. All of it runs on one
//! machine, also what would have twenty processors in a shop: where that matters a line says so.

mod bootstrap;
mod latency;
mod line;
mod posting;
mod queue;
mod seeing;
mod wire;

pub use bootstrap::join_once;

use super::postgres::{LOGIN, Site};
use crate::report::{Figure, table};
use crate::shop::{Shop, barcodes, catalog};
use crate::{Bench, BenchResult};
use aurapos_contract::RecordStore;
use aurapos_runtime::storage_choice::StorageChoice;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Products of the shops that sell.
const PRODUCTS: u64 = 500;
/// How long anything may take until everything is everywhere.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Between two looks whether it is.
const LOOK: Duration = Duration::from_millis(2);

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let mut site = Site::new()?;
    let mut figures = Vec::new();
    let mut part = |name: &str, part: &mut dyn FnMut(&mut Site) -> BenchResult<Vec<Figure>>| {
        if !bench.parts.is_empty() && !bench.parts.iter().any(|one| one == name) {
            return Ok(());
        }
        let start = Instant::now();
        let measured = part(&mut site)?;
        // A part takes minutes: what it said is kept, also when a later one fails.
        eprintln!("{name}: {:.1} s\n{}", start.elapsed().as_secs_f64(), table(&measured));
        figures.extend(measured);
        BenchResult::Ok(())
    };
    part("posting", &mut |site| posting::run(&Street::new(bench, site, "posting")))?;
    part("seeing", &mut |site| seeing::run(&Street::new(bench, site, "seeing")))?;
    part("wire", &mut |site| wire::run(&Street::new(bench, site, "wire")))?;
    part("latency", &mut |site| latency::run(bench, site))?;
    part("queue", &mut |site| queue::run(&Street::new(bench, site, "queue")))?;
    for &count in &bench.sizes.joined {
        part("bootstrap", &mut |site| bootstrap::run(&Street::new(bench, site, &format!("joined_{count}")), count))?;
    }
    Ok(figures)
}

/// A shop of several registers, in a schema of its own.
struct Street<'a> {
    bench: &'a Bench,
    site: &'a Site,
    schema: String,
}

impl<'a> Street<'a> {
    fn new(bench: &'a Bench, site: &'a Site, schema: &str) -> Self {
        Street { bench, site, schema: schema.to_owned() }
    }

    /// The shared storage as the settings of a register name it.
    fn shared(&self) -> StorageChoice {
        self.shared_by(self.site.server.port())
    }

    /// The same through another port.
    fn shared_by(&self, port: u16) -> StorageChoice {
        let text = |key: &str, value: String| (key.to_owned(), value);
        StorageChoice {
            plugin: "postgres".to_owned(),
            settings: vec![
                text("host", "127.0.0.1".to_owned()),
                text("port", port.to_string()),
                text("user", LOGIN.0.to_owned()),
                text("schema", self.schema.clone()),
                text("authority", self.site.authority.pem().to_owned()),
            ],
            secrets: vec![text("password", LOGIN.1.to_owned())],
            in_process: false,
        }
    }

    /// A store of our own on the shared storage.
    fn store(&self) -> BenchResult<Arc<dyn RecordStore>> {
        self.site.open(&self.schema, true)
    }

    fn name(&self, code: &str) -> String {
        format!("{}-{code}", self.schema)
    }

    /// The master, with a catalog, and everything of it on the server.
    fn master(&self) -> BenchResult<Shop> {
        let shop = Shop::master(self.bench, &self.name("R1"), &self.shared())?;
        shop.import(&catalog(PRODUCTS)?)?;
        settled(&shop)?;
        Ok(shop)
    }

    /// Another register, which has everything.
    fn joins(&self, number: usize) -> BenchResult<Shop> {
        let code = format!("R{number}");
        let shop = Shop::joins(self.bench, &self.name(&code), &code, &self.shared())?;
        settled(&shop)?;
        Ok(shop)
    }

    /// So many registers.
    fn registers(&self, count: usize) -> BenchResult<Vec<Shop>> {
        std::iter::once(self.master()).chain((2..=count).map(|number| self.joins(number))).collect()
    }
}

/// Three products that every register of these shops sells.
fn codes() -> Vec<String> {
    barcodes(PRODUCTS, 3)
}

/// Waits until the register has brought and taken everything; answers how long that took.
fn settled(shop: &Shop) -> BenchResult<Duration> {
    let start = Instant::now();
    loop {
        let status = shop.register.sync().ok_or("the register is by itself")?;
        if status.settled() {
            return Ok(start.elapsed());
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("it does not settle: {status:?}").into());
        }
        sleep(LOOK);
    }
}
