//! What a host watches where a plugin begins. Must not know: how anything crosses there.

/// What a host watches at the border with one plugin. Implemented by whoever loads plugins.
pub trait Border: Send + Sync + std::fmt::Debug {
    /// An answer of this call could not be understood; the caller got an error in its place.
    fn bad_answer(&self, call: &str, reason: &str);
    /// The plugin panicked in this call (`drop` and a thread of its own included). A panic in a call is also the error
    /// that the caller gets.
    fn panicked(&self, call: &str, message: &str);
}

/// The call named by panics outside every call: a thread that the plugin started.
pub const OUTSIDE: &str = "a thread of its own";
