//! Words for selling.

use super::SignIn;
use clap::{Args, Subcommand};

pub(super) const SELL_EXAMPLES: &str = "\
Examples:
  aurapos-admin sell --operator Mia --pin 4711 --item 5400000000003 --tender cash=20.00
  aurapos-admin sell --operator Mia --item FRUIT-001:0.684 --item BOUL-001:2:1.50 --discount 10% --tender cash
  aurapos-admin --json sell --script - < sales.jsonl

A script is one JSON sale a line:
  {\"id\": \"<uuid, optional>\", \"operator\": \"Mia\", \"pin\": \"4711\",
   \"items\": [{\"item\": \"5400000000003\", \"qty\": \"2\"}], \"tenders\": [{\"cash\": \"20.00\"}]}
Each line is answered by one line, written only when the sale is on disk; a refused one
is {\"error\": ...} and the next goes on; a repeated id answers with the first result.
Every answer has \"line\", the number of its line; an error also the \"id\" that was given.

While a terminal takes a payment, Ctrl+C asks it to stop and its answer is waited for. A second
Ctrl+C ends the program; the payment is then asked about at the next start.";

/// `sell`
#[derive(Debug, Args)]
pub struct SellArgs {
    #[command(flatten)]
    pub who: SignIn,
    /// An item: barcode or article number, quantity, price of one
    #[arg(
        long = "item",
        value_name = "CODE[:QTY[:PRICE]]",
        required_unless_present = "script",
        allow_hyphen_values = true
    )]
    pub items: Vec<String>,
    /// Discount on the whole ticket
    #[arg(long, value_name = "10%|2.00", conflicts_with = "script", allow_hyphen_values = true)]
    pub discount: Option<String>,
    /// Customer id
    #[arg(long, conflicts_with = "script")]
    pub customer: Option<String>,
    /// VAT number of a business customer
    #[arg(long, value_name = "NUMBER", conflicts_with = "script")]
    pub customer_vat: Option<String>,
    /// A note on the receipt
    #[arg(long, default_value = "", conflicts_with = "script")]
    pub note: String,
    /// A way to pay; without an amount exactly what is due
    #[arg(long = "tender", value_name = "NAME[=AMOUNT]", required_unless_present = "script")]
    pub tenders: Vec<String>,
    /// An id of your own: the same id again answers with the first result
    #[arg(long, value_name = "UUID", conflicts_with = "script")]
    pub id: Option<String>,
    /// Sales from a file, one JSON document a line; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["items", "tenders"])]
    pub script: Option<std::path::PathBuf>,
}

/// `refund`
#[derive(Debug, Args)]
pub struct RefundArgs {
    #[command(flatten)]
    pub who: SignIn,
    /// Receipt number of the sale
    #[arg(long, value_name = "R1-1-000042")]
    pub receipt: String,
    /// A line of it and how much of it comes back; without any, everything that remains
    #[arg(long = "line", value_name = "N:QTY", allow_hyphen_values = true)]
    pub lines: Vec<String>,
    /// How the money goes back
    #[arg(long = "tender", value_name = "NAME[=AMOUNT]", required = true)]
    pub tenders: Vec<String>,
    /// An id of your own: the same id again answers with the first result
    #[arg(long, value_name = "UUID")]
    pub id: Option<String>,
}

/// `sales …`
#[derive(Debug, Subcommand)]
pub enum SalesCommand {
    /// Newest first
    List {
        #[command(flatten)]
        days: super::Days,
        /// Only those of this register: R2
        #[arg(long, value_name = "CODE")]
        register: Option<String>,
        /// At most so many; 0 for all. The answer says whether there are more
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One sale whole, by receipt number or sale id
    Show {
        /// R1-1-000042
        receipt: String,
    },
}
