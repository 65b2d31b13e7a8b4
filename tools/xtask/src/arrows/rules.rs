//! The arrows of the architecture, as data. A change here needs an ADR that says why.

/// What one of our crates may import of our other crates, for its program (normal and build dependencies).
pub(super) struct Arrows {
    /// The crate.
    pub(super) from: &'static str,
    /// Whom it may import.
    pub(super) to: &'static [&'static str],
}

const CONTRACT: &str = "aurapos-contract";
const PLUGIN_API: &str = "aurapos-plugin-api";
const TESTKIT: &str = "aurapos-plugin-testkit";
const TEST_POSTGRES: &str = "aurapos-test-postgres";
const DOMAIN: &str = "aurapos-domain";
const ENGINE: &str = "aurapos-engine";
const LOCALE: &str = "aurapos-locale";
const SAMPLE: &str = "aurapos-sample";
const PLUGIN_HOST: &str = "aurapos-plugin-host";
const RUNTIME: &str = "aurapos-runtime";
const SERVER: &str = "aurapos-server";
const MASTER: &str = "aurapos-master";
const STORAGE_SQLITE: &str = "aurapos-storage-sqlite";
const STORAGE_POSTGRES: &str = "aurapos-storage-postgres";
const ADMIN: &str = "aurapos-admin";
const MARKUP: &str = "aurapos-ui-markup";
const UI: &str = "aurapos-ui";
const APP: &str = "aurapos-app";
const DRIVER: &str = "aurapos-ui-driver";
const SIMULATOR: &str = "aurapos-simulator";

pub(super) const ALLOWED: &[Arrows] = &[
    Arrows { from: CONTRACT, to: &[] },
    Arrows { from: PLUGIN_API, to: &[CONTRACT] },
    Arrows { from: TESTKIT, to: &[CONTRACT] },
    Arrows { from: DOMAIN, to: &[] },
    Arrows { from: ENGINE, to: &[DOMAIN, CONTRACT] },
    Arrows { from: LOCALE, to: &[DOMAIN, CONTRACT] },
    Arrows { from: SAMPLE, to: &[DOMAIN] },
    Arrows { from: PLUGIN_HOST, to: &[PLUGIN_API, CONTRACT] },
    Arrows { from: RUNTIME, to: &[ENGINE, LOCALE, PLUGIN_HOST, DOMAIN, CONTRACT, SAMPLE] },
    // The server beside the master knows no register: what it is called and where its secrets lie is given to it (ADR 0031).
    Arrows { from: SERVER, to: &[CONTRACT, LOCALE] },
    // The one place that knows both, for the window and the command line (ADR 0034).
    Arrows { from: MASTER, to: &[RUNTIME, SERVER] },
    Arrows { from: ADMIN, to: &[RUNTIME, SERVER, MASTER, TESTKIT, SAMPLE] },
    // Generated code: what it imported would be compiled again with every change of a screen.
    Arrows { from: MARKUP, to: &[] },
    Arrows { from: UI, to: &[MARKUP, ENGINE, LOCALE, DOMAIN, CONTRACT] },
    Arrows { from: APP, to: &[UI, RUNTIME, SERVER, MASTER] },
    // Stands where a person would: before the window, with a shop behind it.
    Arrows { from: DRIVER, to: &[APP, UI, RUNTIME, LOCALE] },
    // The real engine over the reference store, and nothing that has a thread, a clock or a disk.
    Arrows { from: SIMULATOR, to: &[ENGINE, TESTKIT, DOMAIN, CONTRACT] },
    // The tools that build and check the others must work while those do not.
    Arrows { from: "xtask", to: &[] },
];

/// Folders whose crates look at everything: end to end tests and measurements.
pub(super) const FREE_FOLDERS: &[&str] = &["tests", "tools/bench"];

/// Every crate below this folder is a plugin.
pub(super) const PLUGIN_FOLDER: &str = "plugins/";
/// What the program of a plugin may import of ours.
pub(super) const PLUGIN_MAY: &[&str] = &[PLUGIN_API];
/// What the tests of a plugin may import of ours besides.
pub(super) const PLUGIN_TESTS_MAY: &[&str] = &[PLUGIN_API, TESTKIT, TEST_POSTGRES];

/// A crate from outside that only some of ours may name.
pub(super) struct Owner {
    /// The crate from outside.
    pub(super) of: &'static str,
    /// Who may name it.
    pub(super) owners: &'static [&'static str],
    /// Whether tests of others may name it too.
    pub(super) in_tests: bool,
    /// Why not everybody.
    pub(super) because: &'static str,
}

pub(super) const OWNERS: &[Owner] = &[
    Owner {
        of: "abi_stable",
        owners: &[PLUGIN_API],
        in_tests: false,
        because: "plugin-api hides it, so that it can be replaced",
    },
    Owner {
        of: "libloading",
        owners: &[PLUGIN_HOST, PLUGIN_API],
        in_tests: false,
        because: "only the plugin host opens libraries",
    },
    Owner {
        of: "rusqlite",
        owners: &[STORAGE_SQLITE],
        in_tests: true,
        because: "the host knows its data only through the store's contract",
    },
    Owner {
        of: "postgres",
        owners: &[SERVER],
        in_tests: true,
        because: "a store pipelines its round trips, which the waiting client cannot; the server's desk has a few statements",
    },
    Owner {
        of: "tokio-postgres",
        owners: &[STORAGE_POSTGRES],
        in_tests: true,
        because: "the host knows its data only through the store's contract",
    },
    Owner {
        of: "slint",
        owners: &[MARKUP, UI, APP, DRIVER],
        in_tests: false,
        because: "everything but the window works, and is tested, without one",
    },
];

/// A crate that must not be reached at all, however long the way.
pub(super) struct Closed {
    /// Our crate.
    pub(super) from: &'static str,
    /// What it must not reach through normal and build dependencies.
    pub(super) never: &'static [&'static str],
}

pub(super) const CLOSED: &[Closed] = &[
    Closed {
        from: DOMAIN,
        never: &["serde", "chrono", "rusqlite", "postgres", "tokio", "slint", "abi_stable", "libloading", "rustix"],
    },
    Closed { from: CONTRACT, never: &["rusqlite", "postgres", "tokio", "slint", "abi_stable", "libloading", "rustix"] },
    Closed {
        from: ENGINE,
        never: &["rusqlite", "postgres", "tokio", "slint", "abi_stable", "libloading", "rustix", PLUGIN_API],
    },
    Closed { from: LOCALE, never: &["rusqlite", "postgres", "tokio", "slint", "abi_stable", "libloading", "rustix"] },
    Closed { from: RUNTIME, never: &["slint"] },
    Closed { from: ADMIN, never: &["slint"] },
    // The screens ask their host and never know who answers. Slint itself opens libraries, and reaches tokio in a browser.
    Closed { from: UI, never: &["rusqlite", "postgres", "abi_stable", PLUGIN_API, PLUGIN_HOST, RUNTIME] },
];

/// What the sources of a crate must not name outside its tests.
pub(super) struct SourceRule {
    /// The crate.
    pub(super) package: &'static str,
    /// Modules of `std` that it must not import.
    pub(super) std_modules: &'static [&'static str],
    /// Words that it must not use at all.
    pub(super) words: &'static [&'static str],
    /// Why.
    pub(super) because: &'static str,
}

/// A crate whose files are read from top to bottom.
pub(super) struct Layered {
    /// The crate.
    pub(super) package: &'static str,
    /// Whether its circles are gone, and none may come back.
    pub(super) untied: bool,
}

pub(super) const LAYERED: &[Layered] = &[
    Layered { package: PLUGIN_API, untied: true },
    Layered { package: ENGINE, untied: true },
    Layered { package: RUNTIME, untied: true },
];

const IO: &[&str] = &["thread", "fs", "net", "process", "env"];

pub(super) const SOURCES: &[SourceRule] = &[
    SourceRule {
        package: DOMAIN,
        std_modules: IO,
        words: &["SystemTime", "Instant", "serde", "f32", "f64", "new_v4", "now_v7"],
        because: "domain reads no clock, makes no id, does no I/O and uses no float: they are arguments",
    },
    SourceRule {
        package: ENGINE,
        std_modules: IO,
        words: &["SystemTime", "Instant"],
        because: "engine is a step function: threads, files, sockets and clocks belong to runtime",
    },
];
