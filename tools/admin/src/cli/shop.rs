//! Words for the shop itself: init, import, export, journal, settings.

use aurapos_runtime::engine::TypedPin;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The shop's name, as it stands on receipts
    #[arg(long)]
    pub shop: String,
    /// Country profile: VAT rates, cash rounding, currency, time zone
    #[arg(long, default_value = "BE")]
    pub country: String,
    /// Language of receipts: en, fr, nl, de
    #[arg(long, default_value = "en")]
    pub language: String,
    /// single: one register by itself. master: the first of several; it keeps its own data like a single one and shares the shop on a
    /// PostgreSQL server, which is made here (as by `server init`) unless one is there or named with --storage-setting. The others
    /// join with `pair join`
    #[arg(long, default_value = "single")]
    pub mode: String,
    /// With --mode master: the server's port [default: 5432]
    #[arg(long, value_name = "PORT")]
    pub server_port: Option<u16>,
    /// With --mode master: an address of this machine that the server listens at; may be given several times [default: those of
    /// the local networks]
    #[arg(long, value_name = "ADDRESS")]
    pub server_listen: Vec<String>,
    /// With --mode master: the folder of the server's cluster [default: Postgres/Cluster in the data folder]
    #[arg(long, value_name = "DIR")]
    pub server_cluster: Option<PathBuf>,
    /// With --mode master: the user of this system that the server runs as [default: the owner of the data folder; for root's,
    /// aurapos]
    #[arg(long, value_name = "NAME")]
    pub server_user: Option<String>,
    /// Code of this register in its receipt numbers
    #[arg(long, default_value = "R1")]
    pub register: String,
    /// Name of the first manager
    #[arg(long)]
    pub manager: String,
    /// The manager's PIN: 4 to 8 digits; asked for when it is not given
    #[arg(long, env = "AURAPOS_PIN", hide_env_values = true)]
    pub pin: Option<TypedPin>,
    /// Address for the receipts
    #[arg(long, default_value = "")]
    pub address: String,
    /// VAT number for the receipts
    #[arg(long, default_value = "")]
    pub vat_number: String,
    /// Storage plugin that holds this register's data: sqlite, postgres, or the id of one that you installed; with --mode master that
    /// of the shared shop: postgres
    ///
    /// Without it the settings file decides that lies in the data folder, otherwise sqlite. With postgres and no settings
    /// for it, the server that `server init` made in this data folder is used.
    #[arg(long, value_name = "ID")]
    pub storage: Option<String>,
    /// A setting of the storage plugin; may be given several times
    #[arg(long = "storage-setting", value_name = "KEY=VALUE", requires = "storage", value_parser = key_and_value)]
    pub storage_settings: Vec<(String, String)>,
    /// Read secret settings of the storage plugin from standard input, one line each: KEY=VALUE
    #[arg(long, requires = "storage", requires = "pin")]
    pub storage_secrets_stdin: bool,
    /// Let a storage plugin that did not come with AuraPOS run inside the register, with all its rights
    #[arg(long, requires = "storage")]
    pub storage_in_process: bool,
    /// Fill the catalog with a sample shop
    #[arg(long)]
    pub sample_data: bool,
}

/// `KEY=VALUE`
pub(super) fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a setting is written KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// `import …`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Add and change products from a CSV file; bad rows are reported and the good ones come in
    #[command(
        after_help = "Columns: sku,name,barcodes,category,price,vat,unit,stock,food. Several barcodes are separated by |.\n\
        Comma or semicolon, decimal point or comma, UTF-8 or what Windows wrote in Western Europe; what looks like \
        another part of the world\nis refused until --encoding says what it is. Running it again changes nothing.\n\n\
        With --operator it is done as that person, who needs the right to manage the catalog.\n\
        Without, it is done as the owner of this machine: the journal names nobody for it.\n\n\
        Exit code 0: the good rows came in (or would), also beside refused ones; 1: every row was refused.\n\n\
        Examples:\n  aurapos-admin import products catalog.csv --dry-run\n  aurapos-admin import products catalog.csv"
    )]
    Products {
        /// The file
        #[arg(required_unless_present = "sample")]
        file: Option<PathBuf>,
        /// The sample shop's catalog instead of a file, as `init --sample-data` brings it
        #[arg(long, conflicts_with = "file")]
        sample: bool,
        /// The file's encoding where it can't be told: windows-1250, windows-1251, shift-jis, cp850 and others
        #[arg(long, value_name = "NAME", conflicts_with = "sample")]
        encoding: Option<String>,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        who: super::SignIn,
    },
}

/// What `export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportWhat {
    Products,
    Sales,
    Journal,
    Stock,
}

/// Which days. Of sales those are business days: what is sold after midnight and before the setting `day.begins` counts for
/// the day before.
#[derive(Debug, Args)]
pub struct Days {
    /// One day: of sales the business day, so that the night's sales count for the day before (see the setting day.begins)
    #[arg(long, value_name = "DAY", conflicts_with_all = ["from", "to"])]
    pub day: Option<String>,
    /// First day (of sales the business day), or a time
    #[arg(long, value_name = "DAY|TIME")]
    pub from: Option<String>,
    /// Last day (of sales the business day), or the time before which
    #[arg(long, value_name = "DAY|TIME")]
    pub to: Option<String>,
}

/// `export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What to write
    pub what: ExportWhat,
    /// The file to make; `-` writes to standard output
    pub file: PathBuf,
    #[command(flatten)]
    pub days: Days,
    /// Write over a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `findings …`
#[derive(Debug, Subcommand)]
pub enum FindingsCommand {
    /// What nobody ticked off yet
    List {
        /// Also what was ticked off, and what was put right since
        #[arg(long)]
        all: bool,
    },
    /// One whole: what it is about, and what to do
    Show {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Tick one off: it was looked at. Nothing else changes, and the same is not told again
    #[command(after_help = "Example:\n  aurapos-admin findings resolve 3f2a91c0 --operator Mia --pin 4711")]
    Resolve {
        /// Its id, or the beginning of it
        id: String,
        #[command(flatten)]
        who: super::SignIn,
    },
}

/// `journal …`
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Walk every chain and compare every sale with it
    Verify,
}

/// `settings …`
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// One setting's value
    Get {
        /// The setting
        key: String,
    },
    /// Change a setting
    #[command(after_help = "Example:\n  aurapos-admin settings set backup.weekly_years 10 --operator Mia")]
    Set {
        /// The setting
        key: String,
        /// Its new value
        #[arg(allow_negative_numbers = true)]
        value: String,
        #[command(flatten)]
        who: super::SignIn,
    },
    /// All settings with their meaning
    List,
    /// Put back the settings file that worked last
    UseLastGood,
    /// Write a new settings file where it is missing
    WriteDefault {
        /// The register's code
        #[arg(long, default_value = "R1")]
        register: String,
    },
}
