//! A shop and the window on it.

use aurapos_ui::host::CatalogSource;
use aurapos_ui_driver::{Driver, place};
use tempfile::TempDir;

/// A window on a shop of its own. The window goes before the shop.
pub struct Shop {
    pub window: Driver,
    pub folder: TempDir,
}

impl std::ops::Deref for Shop {
    type Target = Driver;

    fn deref(&self) -> &Driver {
        &self.window
    }
}

/// The sample shop in English, nobody signed in.
pub fn sample() -> Shop {
    let folder = tempfile::tempdir().unwrap();
    place::set_up(folder.path(), place::new_shop("en"), CatalogSource::Sample);
    let window = Driver::open(place::host(folder.path()), 1280, 800);
    Shop { window, folder }
}
