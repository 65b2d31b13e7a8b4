//! Every line of every sale in a CSV file, for spreadsheets.
//!
//! Owns: `sales.csv` and the position beside it. Must not know: where events come from; it is told what was committed and
//! can never fail a sale.

mod position;
mod rows;
mod sink;

use aurapos_plugin_api::{PluginContext, PluginResult, Value, export_plugin};
use std::path::Path;

pub use sink::SalesCsv;

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    events: sales_csv,
}

/// Folder below the data folder when none is set.
const FOLDER: &str = "Events";

/// Makes one instance: what `export_plugin!` is given.
pub fn sales_csv(context: PluginContext) -> PluginResult<SalesCsv> {
    let folder = match context.settings.get("folder") {
        Some(Value::Text(text)) if !text.trim().is_empty() => text.clone(),
        _ => FOLDER.to_owned(),
    };
    // An absolute folder replaces the data folder, a relative one lies in it.
    SalesCsv::open(&Path::new(&context.host.data_dir()).join(folder))
}
