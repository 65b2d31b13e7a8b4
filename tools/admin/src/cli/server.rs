//! Words for the PostgreSQL server beside the master.

use clap::{Args, Subcommand};
use std::path::PathBuf;

pub const EXAMPLES: &str = "\
Examples:
  sudo aurapos-admin --data \"$HOME/my-shop\" server init --shop \"Corner Shop\" --apply-firewall
  aurapos-admin server status
  aurapos-admin server test 192.168.1.10 --authority authority.pem

Without sudo everything is made that needs no administrator; what is left is shown as lines to run.
Running init again changes nothing; killed anywhere it goes on.";

/// `server …`
#[derive(Debug, Subcommand)]
pub enum ServerCommand {
    /// Make the server: cluster, authority and certificate, database, roles, passwords, service at boot
    Init(ServerInitArgs),
    /// Start it, with the addresses and the certificate of today
    Start {
        /// Not through the service: this is what the service itself runs
        #[arg(long, hide = true)]
        directly: bool,
    },
    /// Stop it; whoever is connected is sent away, and what was committed stays
    Stop {
        /// Not through the service: this is what the service itself runs
        #[arg(long, hide = true)]
        directly: bool,
    },
    /// Show how it is, with advice
    Status {
        /// First make a new certificate when it is due: within its last year, or for a new address
        #[arg(long)]
        renew: bool,
    },
    /// Find out why a register does not reach a server
    Test(ServerTestArgs),
}

/// `server init`
#[derive(Debug, Args)]
pub struct ServerInitArgs {
    /// The shop's name for its authority [default: that of the shop in the data folder]
    #[arg(long)]
    pub shop: Option<String>,
    /// Code of this machine's register [default: that of the register in the data folder, or R1]
    #[arg(long)]
    pub register: Option<String>,
    /// Port [default: 5432]
    #[arg(long)]
    pub port: Option<u16>,
    /// An address of this machine to listen at; may be given several times [default: those of the local networks]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Vec<String>,
    /// A network to let in beside the local ones, such as a VPN's: 10.8.0.0/24; may be given several times
    #[arg(long, value_name = "NETWORK")]
    pub network: Vec<String>,
    /// A further name or address of this machine for its certificate; may be given several times
    #[arg(long, value_name = "NAME")]
    pub name: Vec<String>,
    /// Folder of the cluster [default: Postgres/Cluster in the data folder]
    #[arg(long, value_name = "DIR")]
    pub cluster: Option<PathBuf>,
    /// User of this system that the server runs as [default: the owner of the data folder; for root's, aurapos]
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Folder of PostgreSQL's programs [default: the newest of 15 to 18 on this machine]
    #[arg(long, value_name = "DIR")]
    pub tools: Option<PathBuf>,
    /// Locale of the database [default: C.UTF-8]
    #[arg(long)]
    pub locale: Option<String>,
    /// Put the rule into this machine's firewall (ufw, firewalld, nftables) instead of showing it; needs root
    #[arg(long)]
    pub apply_firewall: bool,
}

/// `server test`
#[derive(Debug, Args)]
pub struct ServerTestArgs {
    /// Name or address of the master
    pub host: String,
    /// Port [default: that of this data folder's server or pairing, or 5432]
    #[arg(long)]
    pub port: Option<u16>,
    /// Database
    #[arg(long, default_value = "aurapos")]
    pub database: String,
    /// Role to sign in as [default: that of this machine's register, where it has a server or was paired]
    #[arg(long)]
    pub user: Option<String>,
    /// Read the password from standard input [default: the one kept in secrets.toml, or asked for]
    #[arg(long)]
    pub password_stdin: bool,
    /// Certificate of the shop's authority: authority.pem of the master [default: this data folder's]
    #[arg(long, value_name = "FILE")]
    pub authority: Option<PathBuf>,
    /// The shop that is expected there
    #[arg(long)]
    pub shop: Option<String>,
    /// The epoch that is expected there
    #[arg(long)]
    pub epoch: Option<String>,
    /// Don't ask the neighbours for the master when it is not where it was
    #[arg(long)]
    pub no_search: bool,
    /// Language of the advice: en, fr, nl, de
    #[arg(long, default_value = "en")]
    pub language: String,
}
