//! Words for plugins.

use clap::Subcommand;
use std::path::PathBuf;

const INSTANCES: &str = "\
A use of a plugin has the name that stands in aurapos.toml: \"front terminal\", or the plugin's id where no name was given;\n\
\"payment/cash\" where several kinds have one of that name; \"storage\" and \"backup\" for the only one of these.";

/// `plugin …`
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Everything that was found, and what is wrong with it
    List,
    /// One plugin whole
    Show {
        /// Its id, or ID@VERSION where several are installed
        id: String,
    },
    /// Copy a plugin's folder in and trust it as it is now; other versions that are installed stay
    Install {
        /// Folder with plugin.toml and the library
        dir: PathBuf,
    },
    /// Trust a plugin that lies in a plugin folder, as it is now
    Trust {
        /// Its id, or ID@VERSION where several lie there
        id: String,
    },
    /// Use a plugin: its instances in the settings are turned on, or one is added
    ///
    /// A plugin that did not come with AuraPOS runs inside the register with all its rights: it can read and change all data
    /// of the shop, see payments and end the program. A terminal is asked whether you want that; scripts say it with
    /// --in-process.
    #[command(
        after_help = "Examples:\n  aurapos-admin plugin enable cash\n  aurapos-admin plugin enable acme-pay --in-process"
    )]
    Enable {
        /// Its id
        id: String,
        /// You trust its publisher: let it run inside the register, with all the register's rights
        #[arg(long)]
        in_process: bool,
    },
    /// Turn its instances off; their settings stay
    Disable {
        /// Its id
        id: String,
    },
    /// Remove an installed plugin and the trust in it; its settings stay
    Remove {
        /// Its id, or ID@VERSION where several are installed
        id: String,
    },
    /// Show the settings of one use of a plugin: what each is, what stands there, what is wrong
    #[command(after_help = INSTANCES)]
    Settings {
        /// Its name in the settings file
        instance: String,
        /// Ask the plugin itself, too: what is wrong, what can be chosen here and now
        #[arg(long)]
        live: bool,
        /// Ask it as well whether the other end (a terminal, a provider) answers
        #[arg(long)]
        connect: bool,
    },
    /// Keep a secret (a password, a key) for one use of a plugin, where only this user can read it
    #[command(
        name = "set-secret",
        after_help = "Examples:\n  aurapos-admin plugin set-secret \"front terminal\" password\n  aurapos-admin plugin set-secret payment/acme-pay token --stdin < token.txt\n\n\
        The secret is asked for without showing it, or read from standard input: it is never an argument, for others can\n\
        see those. It is kept in secrets.toml in the data folder, and used from the next start on."
    )]
    SetSecret {
        /// Its name in the settings file, see `plugin settings --help`
        instance: String,
        /// The secret setting's key
        key: String,
        /// Read the secret from standard input; one newline at its end is left out
        #[arg(long)]
        stdin: bool,
    },
    /// Forget a secret
    #[command(name = "unset-secret", after_help = INSTANCES)]
    UnsetSecret {
        /// Its name in the settings file
        instance: String,
        /// The secret setting's key
        key: String,
    },
    /// Run the conformance suites against a plugin's folder
    #[command(
        after_help = "Examples:\n  aurapos-admin plugin test target/plugins/acme-pay --set host=192.168.1.20\n  aurapos-admin plugin test target/plugins/acme-pay --secret-file test-secrets.txt\n  aurapos-admin plugin test out/acme-pay --junit report.xml\n\n\
        The cases run in a process of their own: one in which the plugin crashes, exits or hangs is told by name, and the\n\
        others go on."
    )]
    Test {
        /// Folder with plugin.toml and the library
        dir: PathBuf,
        /// A setting of the plugin, where it does not start with its defaults
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// File with the plugin's secrets for the test: a line KEY=VALUE each
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        /// How long one case may take before it counts as a hang
        #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u64).range(1..))]
        case_seconds: u64,
        /// Write the report as JUnit XML, too
        #[arg(long, value_name = "FILE")]
        junit: Option<PathBuf>,
    },
    /// What `test` starts: cases of one suite, told line by line
    #[command(hide = true)]
    TestCases {
        dir: PathBuf,
        #[arg(long)]
        set: Vec<String>,
        #[arg(long)]
        secret_file: Option<PathBuf>,
        #[arg(long)]
        suite: String,
        #[arg(long, value_delimiter = ',')]
        cases: Vec<String>,
        #[arg(long)]
        word: String,
    },
    /// Lay a built library and its plugin.toml together in a folder, with size and hash
    #[command(
        after_help = "Examples:\n  aurapos-admin plugin pack acme-pay/plugin.toml target/release/libacme_pay.so out/acme-pay\n  aurapos-admin plugin pack plugin.toml target/aarch64-unknown-linux-gnu/release/libacme_pay.so out/arm/acme-pay \\\n    --target aarch64-unknown-linux-gnu"
    )]
    Pack {
        /// The manifest
        manifest: PathBuf,
        /// The built library
        library: PathBuf,
        /// The folder to make
        dest: PathBuf,
        /// What the library was built for, as `cargo build --target` names it; otherwise this machine
        #[arg(long, value_name = "TRIPLE")]
        target: Option<String>,
    },
}
