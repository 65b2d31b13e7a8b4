//! The gallery: every widget in every state, in both themes, for whoever works on the screens.

#![forbid(unsafe_code)]

use aurapos_ui::markup::GalleryWindow;
use slint::{ComponentHandle, PlatformError};

fn main() -> Result<(), PlatformError> {
    GalleryWindow::new()?.run()
}
