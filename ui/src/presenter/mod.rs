//! One presenter a screen: plain Rust, tested without a window.

pub mod about;
pub mod backups;
pub mod catalog_preview;
pub mod closing;
pub mod done;
pub mod drawer;
pub mod file_picker;
pub mod import;
pub mod keys;
pub mod more;
pub mod open_drawer;
pub mod opening;
pub mod operators;
pub mod orders;
pub mod payment;
pub mod plugins;
pub mod products;
pub mod rescue;
pub mod rights;
pub mod sale;
pub mod secret;
pub mod settings;
pub mod sign_in;
pub mod status;
pub mod wizard;
