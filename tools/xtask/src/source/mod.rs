//! Rust source as far as our checks need it: what is code, what is comment, where functions begin and end.
//!
//! Not a parser: it knows comments, literals and brackets, and nothing of types. That is enough to count lines
//! and find words without being fooled by a brace in a string, and it compiles in no time.

mod functions;
mod mask;
mod tests_out;
mod tokens;

pub use functions::{Function, functions};
pub use mask::{Masked, mask};
pub use tests_out::{test_modules, without_tests};
pub use tokens::{Token, tokens};
