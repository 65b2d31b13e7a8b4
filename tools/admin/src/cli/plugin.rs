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
        /// Its id
        id: String,
    },
    /// Copy a plugin's folder in and trust it as it is now
    Install {
        /// Folder with plugin.toml and the library
        dir: PathBuf,
    },
    /// Trust a plugin that lies in a plugin folder, as it is now
    Trust {
        /// Its id
        id: String,
    },
    /// Use a plugin: its instances in the settings are turned on, or one is added
    Enable {
        /// Its id
        id: String,
    },
    /// Turn its instances off; their settings stay
    Disable {
        /// Its id
        id: String,
    },
    /// Remove an installed plugin and the trust in it; its settings stay
    Remove {
        /// Its id
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
