//! The program `aurapos`.
fn main() {}
