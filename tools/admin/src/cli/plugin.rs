//! Words for plugins.

use clap::Subcommand;
use std::path::PathBuf;

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
    /// Run the conformance suites against a plugin's folder
    #[command(after_help = "Example:\n  aurapos-admin plugin test target/plugins/acme-pay --set host=192.168.1.20")]
    Test {
        /// Folder with plugin.toml and the library
        dir: PathBuf,
        /// A setting of the plugin, where it does not start with its defaults
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
    },
    /// Lay a built library and its plugin.toml together in a folder, with size and hash
    #[command(
        after_help = "Example:\n  aurapos-admin plugin pack acme-pay/plugin.toml target/release/libacme_pay.so out/acme-pay"
    )]
    Pack {
        /// The manifest
        manifest: PathBuf,
        /// The built library
        library: PathBuf,
        /// The folder to make
        dest: PathBuf,
    },
}
