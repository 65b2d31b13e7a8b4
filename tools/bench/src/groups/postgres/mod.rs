//! PostgreSQL with the plugin in process: commits of many registers, the feed, reads, a large catalog, bytes and memory.
//!
//! Owns: the server that is measured and the places in it. Each figure stands beside what the same server does without us in
//! the same run: `pgbench` with the same rows on the same tables, bare notices, bare queries.

pub(super) mod by_hand;
pub(super) mod feed;
mod reads;
pub(super) mod registers;
pub(super) mod weight;
mod writers;

use crate::report::Figure;
use crate::shop::{barcodes, catalog};
use crate::{Bench, BenchResult, captured};
use aurapos_contract::{RecordStore, Settings, StorageProvider};
use aurapos_engine::schema;
use aurapos_plugin_testkit::TestHost;
use aurapos_storage_postgres::PostgresProvider;
use aurapos_test_postgres::{Authority, Options, Server, Version};
use registers::Registers;
use std::sync::Arc;

/// Products in the shop where sales are posted.
const PRODUCTS: u64 = 2_000;
/// Who connects, and by what.
pub(super) const LOGIN: (&str, &str) = ("till", "sesame of till");
pub(super) const DATABASE: &str = "aurapos";
/// Where the plugin's sales go, and where those of `pgbench` go.
const OURS: &str = "ours";
pub(super) const BY_HAND: &str = "by_hand";

/// As `aurapos-admin server init` sets a server up on a machine of 4 GiB, with more room for connections.
const SETTINGS: [&str; 10] = [
    "max_connections = 300",
    "shared_buffers = '512MB'",
    "effective_cache_size = '2GB'",
    "maintenance_work_mem = '128MB'",
    "synchronous_commit = on",
    "wal_compression = on",
    "min_wal_size = '80MB'",
    "max_wal_size = '1GB'",
    "checkpoint_timeout = '15min'",
    "checkpoint_completion_target = 0.9",
];

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let site = Site::new()?;
    let csv = catalog(PRODUCTS)?;
    let codes = barcodes(PRODUCTS, 3);
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let kept = captured::shop(&csv, &codes, writers::sales_needed(bench.sizes.sales))?;
    let mut registers = Registers::new(&site, kept)?;
    let mut figures = writers::run(&site, &mut registers, bench.sizes.sales)?;
    figures.extend(weight::bytes_per_sale(&site, &mut registers, bench.sizes.sales)?);
    figures.extend(feed::run(&site, &mut registers, bench.sizes.sales)?);
    figures.extend(weight::memory(&site, bench.sizes.connections)?);
    for &count in &bench.sizes.catalogs {
        figures.extend(reads::run(&site, count, bench.sizes.lookups)?);
    }
    Ok(figures)
}

/// A server on the disk that is measured, with what it says is there being there (`fsync`).
pub(super) struct Site {
    pub(super) server: Server,
    pub(super) authority: Authority,
}

impl Site {
    pub(super) fn new() -> BenchResult<Site> {
        let authority = Authority::new("The shop");
        let options = Options {
            fsync: true,
            tls: Some(authority.issue(&["127.0.0.1"])),
            settings: SETTINGS.map(str::to_owned).to_vec(),
            // Also without TLS, so that what is compared goes the same way.
            hba: vec!["host all all 127.0.0.1/32 scram-sha-256".to_owned()],
            place: None,
        };
        let server = Server::start(Version::V17, options);
        let (name, password) = LOGIN;
        server.try_sql("postgres", &format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"))?;
        server.try_sql("postgres", &format!("CREATE DATABASE {DATABASE} OWNER {name} TEMPLATE template0"))?;
        Ok(Site { server, authority })
    }

    /// A store of its own on a schema, as another program has it.
    pub(super) fn open(&self, schema: &str, protected: bool) -> BenchResult<Arc<dyn RecordStore>> {
        let settings = Settings::default()
            .with("host", "127.0.0.1")
            .with("port", i64::from(self.server.port()))
            .with("user", LOGIN.0)
            .with_secret("password", LOGIN.1)
            .with("schema", schema);
        let settings =
            if protected { settings.with("authority", self.authority.pem()) } else { settings.with("tls", false) };
        let provider = PostgresProvider::new(TestHost::new().context(settings.clone()))?;
        let store = provider.open(&settings)?;
        store.migrate(&schema::schema())?;
        Ok(Arc::from(store))
    }

    /// A number that the server answers.
    pub(super) fn number(&self, sql: &str) -> BenchResult<f64> {
        Ok(self.server.try_sql(DATABASE, sql)?.trim().parse()?)
    }

    /// Work with bare connections of the client that the plugin uses.
    pub(super) fn bare<T>(&self, work: impl AsyncFnOnce(&Bare) -> BenchResult<T>) -> BenchResult<T> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(work(&Bare { port: self.server.port() }))
    }
}

/// Connections without the plugin.
pub(super) struct Bare {
    port: u16,
}

impl Bare {
    /// A connection; `heard` is called with the moment of each notice.
    async fn connect(&self, heard: impl Fn() + Send + 'static) -> BenchResult<tokio_postgres::Client> {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(self.port).user(LOGIN.0).password(LOGIN.1).dbname(DATABASE);
        let (client, mut line) = config.connect(tokio_postgres::NoTls).await?;
        tokio::spawn(async move {
            while let Some(Ok(message)) = std::future::poll_fn(|context| line.poll_message(context)).await {
                if matches!(message, tokio_postgres::AsyncMessage::Notification(_)) {
                    heard();
                }
            }
        });
        Ok(client)
    }
}
