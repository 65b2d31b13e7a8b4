//! Binds the screen "about" to its presenter.

use crate::markup::{About, AboutData, AppWindow, Screen};
use crate::presenter::about;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::ComponentHandle;
use std::rc::Rc;

/// The screen has no lists.
#[derive(Default)]
pub(crate) struct AboutRoom {}

impl AboutRoom {
    /// Connects the callbacks.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<About>();
        on!(ui, global.on_show_folder, |shell, path| about::show_folder(shell, &path));
    }

    /// Shows the state.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::About {
            return;
        }
        let data = shell.about.data();
        window.global::<About>().set_data(AboutData {
            version: data.version.as_str().into(),
            renderer: data.renderer.as_str().into(),
            storage: data.storage.as_str().into(),
            data_folder: data.data_folder.as_str().into(),
            logs: data.logs.as_str().into(),
            system: data.system.as_str().into(),
        });
    }
}
