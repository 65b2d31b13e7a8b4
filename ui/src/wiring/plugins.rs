//! Binds the screen "plugins" to its presenter.

use crate::markup::{AppWindow, PluginRow, Plugins, Screen};
use crate::models::sync;
use crate::presenter::{about, plugins};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct PluginsRoom {
    rows: Rc<VecModel<PluginRow>>,
}

impl PluginsRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Plugins>();
        global.set_rows(ModelRc::from(self.rows.clone()));
        on!(ui, global.on_switch, |shell, id, on| plugins::switch(shell, &id, on));
        on!(ui, global.on_allow, |shell| plugins::allow(shell));
        on!(ui, global.on_give_up, |shell| plugins::give_up(shell));
        on!(ui, global.on_reload, |shell| plugins::reload(shell));
        on!(ui, global.on_show_folder, |shell, path| about::show_folder(shell, &path));
    }

    /// Shows the state.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::Plugins {
            return;
        }
        let global = window.global::<Plugins>();
        global.set_state(shell.plugins.state());
        global.set_restart_needed(shell.plugins.restart_needed());
        global.set_error(shell.plugins.error().into());
        let asked = shell.plugins.asked();
        global.set_asking(asked.is_some());
        if let Some(plugin) = asked {
            global.set_asked_name(plugin.name.as_str().into());
            global.set_asked_author(plugin.author.as_str().into());
        }
        sync(&self.rows, plugins::rows(shell));
    }
}
