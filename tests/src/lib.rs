//! What the tests of the whole share: the built programs, a shop in a temporary folder, the replay of recorded writes,
//! the program with the window on a display in memory.
//!
//! Owns nothing that a user runs. May import anything; the tests themselves use the programs as a user does.

pub mod books;
pub mod customers;
pub mod durability;
pub mod plugins;
pub mod recorder;
pub mod shop;
#[cfg(unix)]
pub mod street;
pub mod window;
