//! A server with a database for AuraPOS, and places in it.

#![allow(clippy::unwrap_used, dead_code, missing_docs)]

pub mod proxy;

use aurapos_plugin_api::contract::{RecordStore, Settings, StorageProvider};
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::storage::{Place, StorageFixture, shop};
use aurapos_storage_postgres::PostgresProvider;
use aurapos_test_postgres::{Authority, Options, Server, Version};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server whose disk is the memory: what is synced is there at once.
pub struct Shop {
    pub server: Server,
    pub authority: Authority,
    protected: bool,
    /// Somebody else than who sells owns the tables.
    owned: bool,
    made: AtomicU32,
}

/// The sessions that write, in `pg_stat_activity`: their name ends with the opening that they are of.
pub const WRITING: &str = "application_name LIKE 'aurapos write %'";

/// In memory where there is room, so that each commit's sync costs nothing.
pub fn quick_place() -> Option<PathBuf> {
    let place = Path::new("/dev/shm");
    place.is_dir().then(|| {
        let place = place.join("aurapos-test");
        std::fs::create_dir_all(&place).unwrap();
        place
    })
}

impl Shop {
    /// With TLS where the version has it, and with an owner when wanted.
    pub fn new(version: Version, owned: bool) -> Self {
        Self::with(version, owned, Options { place: quick_place(), fsync: true, ..Options::default() })
    }

    pub fn with(version: Version, owned: bool, options: Options) -> Self {
        let authority = Authority::new("The shop");
        let protected = version != Version::V18;
        let tls = protected.then(|| authority.issue(&["localhost", "127.0.0.1"]));
        let server = Server::start(version, Options { tls, ..options });
        server.sql(
            "postgres",
            "CREATE ROLE owner LOGIN PASSWORD 'sesame of owner'; CREATE ROLE till LOGIN PASSWORD 'sesame of till'",
        );
        server.sql("postgres", "CREATE DATABASE aurapos OWNER owner ENCODING 'UTF8' TEMPLATE template0");
        if !owned {
            server.sql("aurapos", "GRANT CREATE ON DATABASE aurapos TO till");
        }
        Shop { server, authority, protected, owned, made: AtomicU32::new(0) }
    }

    /// Settings of a schema.
    pub fn settings(&self, schema: &str) -> Settings {
        let mut settings = Settings::default()
            .with("host", "127.0.0.1")
            .with("port", i64::from(self.server.port()))
            .with("user", "till")
            .with_secret("password", "sesame of till")
            .with("schema", schema);
        settings =
            if self.protected { settings.with("authority", self.authority.pem()) } else { settings.with("tls", false) };
        if self.owned {
            settings = settings.with("owner_user", "owner").with_secret("owner_password", "sesame of owner");
        }
        settings
    }

    /// A schema that nobody used.
    pub fn fresh_schema(&self) -> String {
        format!("t{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    pub fn provider(&self, settings: &Settings) -> (Arc<TestHost>, Arc<dyn StorageProvider>) {
        let host = TestHost::new();
        let provider = PostgresProvider::new(host.context(settings.clone())).unwrap();
        (host, Arc::new(provider))
    }

    /// A store on a schema, with the suite's tables.
    pub fn open(&self, settings: &Settings) -> Box<dyn RecordStore> {
        let store = self.provider(settings).1.open(settings).unwrap();
        store.migrate(&shop::schema()).unwrap();
        store
    }
}

impl StorageFixture for Shop {
    fn fresh(&self) -> Place {
        let settings = self.settings(&self.fresh_schema());
        let (host, provider) = self.provider(&settings);
        Place { provider, settings, folder: host.folder().to_owned(), data_file: None, keep: Box::new(host) }
    }
}
