//! Binds the dialog that chooses a file to its presenter.

use crate::markup::{AppWindow, FilePicker, FileRow, ListState};
use crate::models::sync;
use crate::presenter::file_picker::{self, State};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use crate::wiring::sign_in::place;
use aurapos_locale::format;
use slint::{ComponentHandle, ModelRc, VecModel};
use std::cell::Cell;
use std::rc::Rc;

/// The lists of the dialog.
#[derive(Default)]
pub(crate) struct FilePickerRoom {
    rows: Rc<VecModel<FileRow>>,
    places: Rc<VecModel<FileRow>>,
    shown: Cell<i32>,
}

impl FilePickerRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<FilePicker>();
        global.set_rows(ModelRc::from(self.rows.clone()));
        global.set_places(ModelRc::from(self.places.clone()));
        on!(ui, global.on_up, |shell| file_picker::up(shell));
        on!(ui, global.on_choose, |shell, index| file_picker::choose(shell, place(index)));
        on!(ui, global.on_choose_place, |shell, index| file_picker::choose_place(shell, place(index)));
        on!(ui, global.on_typed, |shell, text| file_picker::typed(shell, &text));
        on!(ui, global.on_retry, |shell| file_picker::retry(shell));
        on!(ui, global.on_cancel, |shell| file_picker::cancel(shell));
    }

    /// Shows the state.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        let picker = &shell.file_picker;
        let global = window.global::<FilePicker>();
        global.set_open(picker.is_open());
        if !picker.is_open() {
            return;
        }
        global.set_ending(picker.ending().into());
        global.set_error(picker.error().into());
        let folder = picker.folder();
        let none = folder.is_none_or(|folder| folder.entries.is_empty());
        global.set_state(match picker.state() {
            State::Loading => ListState::Loading,
            State::Failed => ListState::Failed,
            State::Ready if none => ListState::Empty,
            State::Ready => ListState::Ready,
        });
        let Some(folder) = folder else { return };
        global.set_can_go_up(folder.parent.is_some());
        let here = folder.places.iter().position(|place| place.path == folder.path);
        global.set_place(here.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1));
        // Only with another folder: what is typed in the path's field is the operator's until then, and a list of
        // thousands is built once.
        if self.shown.replace(picker.shown()) != picker.shown() {
            global.set_path(picker.path().into());
            let row = |entry: &crate::host::FileEntry| FileRow {
                name: entry.name.as_str().into(),
                folder: entry.folder,
                size: if entry.folder { "".into() } else { format::size(shell.language, entry.size).into() },
            };
            sync(&self.rows, folder.entries.iter().map(row).collect());
            sync(&self.places, folder.places.iter().map(row).collect());
            global.set_shown(picker.shown());
        }
    }
}
