//! Binds the opening screen to its presenter.

use crate::markup::{AppWindow, Opening as Global};
use crate::shell::Shell;
use crate::ui::Ui;
use slint::ComponentHandle;
use std::rc::Rc;

/// Nothing of its own.
#[derive(Default)]
pub(crate) struct OpeningRoom {}

impl OpeningRoom {
    /// There is nothing to press.
    pub(crate) fn wire(&self, _ui: &Rc<Ui>, _window: &AppWindow) {}

    /// Shows the state.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        window.global::<Global>().set_deed(shell.opening.deed);
    }
}
