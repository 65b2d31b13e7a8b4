//! The one error that crosses the plugin boundary: a code, whether trying again can help, a sentence, details.

use crate::codec::CodecError;
use crate::value::Value;
use std::fmt;
use uuid::Uuid;

wire_enum! {
    /// What went wrong, as a number that keeps its meaning in all later versions.
    pub enum ErrorCode or Internal {
        /// The plugin's own fault; nothing more precise is known.
        0 => Internal,
        /// A method of the plugin panicked. What it was doing may or may not have happened.
        1 => Panic,
        /// The two sides do not understand each other's bytes.
        2 => BadMessage,
        /// The plugin does not offer this.
        3 => Unsupported,
        /// A setting is missing or wrong.
        4 => Config,
        /// The call was cancelled through its progress object.
        5 => Cancelled,
        /// The deadline passed. The call either happened or did not.
        6 => Timeout,
        /// The object was closed.
        7 => Closed,
        /// Somebody else holds what is needed; trying again can help.
        8 => Busy,
        /// A file or device failed.
        9 => Io,
        /// No room on the disk.
        10 => DiskFull,
        /// Not found.
        11 => NotFound,
        /// The message uses something that came after this side was built, and that must not be skipped. Nothing happened.
        12 => NeedsNewer,
        /// The server or device at the other end cannot be reached, or no longer.
        13 => Unreachable,

        /// An expectation of a transaction did not hold; the detail has the row that is there. Nothing was stored.
        20 => Conflict,
        /// A transaction id was used again with other content. Nothing was stored.
        21 => IdReused,
        /// A value is out of range or of the wrong type. Nothing was stored.
        22 => BadValue,
        /// The schema has no such table.
        23 => UnknownTable,
        /// The table has no such column.
        24 => UnknownColumn,
        /// An update or delete on an append-only table. Nothing was stored.
        25 => AppendOnly,
        /// The data was written by a newer major schema.
        26 => SchemaNewer,
        /// A schema change that is not additive.
        27 => SchemaConflict,
        /// A feed cursor of another epoch, or from before what is kept.
        28 => CursorTooOld,
        /// More rows or bytes than a transaction, query or value may have.
        29 => TooLarge,
        /// The store was opened for reading only.
        30 => ReadOnly,
        /// The data is damaged.
        31 => Damaged,
        /// The file is not one of this storage.
        32 => NotAStore,
        /// The query asks for an order no index offers, or a cursor that is not its own.
        33 => BadQuery,

        /// A payment was refused by whoever pays or by the terminal.
        50 => Declined,
        /// Nobody knows whether the payment happened: ask, never charge again.
        51 => PaymentUnknown,
    }
}

wire_enum! {
    /// Whether the same call can succeed later.
    pub enum Retry or AskFirst {
        /// The same call fails again.
        0 => Never,
        /// The same call may succeed later; it did not happen now.
        1 => Later,
        /// The call may have happened: ask before trying again.
        2 => AskFirst,
    }
}

wire_struct! {
    /// Where in the data the error is, and what is there.
    pub struct ErrorDetail {
        /// Table.
        1 => table: String,
        /// Column.
        2 => column: String,
        /// Index of the row within its operation, counted from 0.
        3 => row: u64,
        /// Index of the failed expectation or operation.
        4 => index: u64,
        /// For a conflict: the columns of `found`.
        5 => found_columns: Vec<String>,
        /// For a conflict: the row that is there; empty when there is none.
        6 => found: Vec<Value>,
        /// What to do next, as a sentence for a shop owner; may be empty.
        7 => next: String,
        /// For a conflict about the life of the data: the one it has. Nil: the conflict is about a row.
        8 => epoch: Uuid,
    }
}

wire_struct! {
    /// An error of a plugin.
    pub struct PluginError {
        /// What went wrong.
        1 => code: ErrorCode,
        /// Whether trying again can help.
        2 => retry: Retry,
        /// One sentence that names the thing.
        3 => message: String,
        /// Where. Apart, so that an answer that is no error is small.
        4 => detail: Box<ErrorDetail>,
    }
}

/// The result of every fallible plugin call.
pub type PluginResult<T> = Result<T, PluginError>;

impl ErrorCode {
    /// What a failure of a file or folder is: no room (a quota's end is one too), not found, or something else.
    pub fn of_io(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ErrorCode::DiskFull,
            ErrorKind::NotFound => ErrorCode::NotFound,
            _ => ErrorCode::Io,
        }
    }
}

impl PluginError {
    /// An error that stays the same when tried again.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let retry = match code {
            ErrorCode::Busy | ErrorCode::DiskFull => Retry::Later,
            ErrorCode::Timeout | ErrorCode::Panic | ErrorCode::PaymentUnknown => Retry::AskFirst,
            _ => Retry::Never,
        };
        PluginError { code, retry, message: message.into(), detail: Box::default() }
    }

    /// The same error, naming the table and column.
    #[must_use]
    pub fn at(mut self, table: &str, column: &str, row: usize) -> Self {
        self.detail.table = table.to_owned();
        self.detail.column = column.to_owned();
        self.detail.row = row as u64;
        self
    }

    /// The same error with what to do next.
    #[must_use]
    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.detail.next = next.into();
        self
    }
}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.detail.table.is_empty() {
            write!(f, " (table {}", self.detail.table)?;
            if !self.detail.column.is_empty() {
                write!(f, ", column {}, row {}", self.detail.column, self.detail.row)?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl std::error::Error for PluginError {}

impl From<CodecError> for PluginError {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Newer { .. } => PluginError::new(ErrorCode::NeedsNewer, error.to_string())
                .with_next("Update the plugin, or use it with the version of AuraPOS that it was made for."),
            error => PluginError::new(ErrorCode::BadMessage, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;
    use std::io::{Error, ErrorKind};

    #[test]
    fn a_failure_of_a_file_has_the_same_code_everywhere() {
        for (kind, code) in [
            (ErrorKind::StorageFull, ErrorCode::DiskFull),
            (ErrorKind::QuotaExceeded, ErrorCode::DiskFull),
            (ErrorKind::NotFound, ErrorCode::NotFound),
            (ErrorKind::PermissionDenied, ErrorCode::Io),
            (ErrorKind::Other, ErrorCode::Io),
        ] {
            assert_eq!(ErrorCode::of_io(&Error::from(kind)), code, "{kind:?}");
        }
    }
}
