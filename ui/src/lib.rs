//! The register's screens.
pub use aurapos_ui_markup as markup;
