//! The plain Rust traits and types of every AuraPOS capability and their one byte codec.
