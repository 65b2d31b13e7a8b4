//! Binds the screen "done" to its presenter.

use crate::markup::AppWindow;
use crate::shell::Shell;
use crate::ui::Ui;
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct DoneRoom {}

impl DoneRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, _ui: &Rc<Ui>, _window: &AppWindow) {}

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, _shell: &Shell, _window: &AppWindow) {}
}
