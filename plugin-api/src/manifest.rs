//! stub to be replaced in minutes
/// Capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// s
    Storage,
    /// s
    Payment,
    /// s
    Backup,
    /// s
    Printer,
    /// s
    Events,
}
