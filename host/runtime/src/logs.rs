//! The log: one file a day in the data folder, a limited number of them. What is secret never gets here: commands are not
//! logged (`Command` and `NewShop` hold PINs, which their `Debug` hides), only what came of them.

use crate::folder::DataFolder;
use std::io;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

/// How many daily files are kept.
pub const LOG_FILES_MAX: usize = 30;

/// Keeps the log's writer going; dropped at the end of the program, it writes what is left.
#[derive(Debug)]
pub struct LogGuard {
    _worker: WorkerGuard,
}

/// Starts logging into the data folder's `logs`. The first caller of a process wins; later ones change nothing.
///
/// # Errors
/// The folder or file cannot be made.
pub fn start(folder: &DataFolder, level: &str) -> io::Result<LogGuard> {
    std::fs::create_dir_all(folder.logs())?;
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("aurapos")
        .filename_suffix("log")
        .max_log_files(LOG_FILES_MAX)
        .build(folder.logs())
        .map_err(io::Error::other)?;
    let (writer, worker) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).with_target(true);
    // A second register in one process (tests, the probe of a restore) logs where the first does.
    let _ = tracing::subscriber::set_global_default(subscriber.finish());
    Ok(LogGuard { _worker: worker })
}
