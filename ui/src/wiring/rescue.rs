//! Binds the rescue screen to its presenter.

use crate::host::{Backup, RescueKind};
use crate::markup::{
    AppWindow, ListState, Rescue as Global, RescueBackup, RescueBackupKind, RescueHelp, RescueWork, Screen,
};
use crate::models::sync;
use crate::presenter::rescue::{self, List, Work};
use crate::presenter::status;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use crate::wiring::sign_in::place;
use aurapos_locale::format;
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct RescueRoom {
    backups: Rc<VecModel<RescueBackup>>,
}

impl RescueRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Global>();
        global.set_backups(ModelRc::from(self.backups.clone()));
        on!(ui, global.on_try_again, |shell| rescue::try_again(shell));
        on!(ui, global.on_safe_start, |shell| rescue::safe_start(shell));
        on!(ui, global.on_show_backups, |shell| rescue::show_backups(shell));
        on!(ui, global.on_back, |shell| rescue::back(shell));
        on!(ui, global.on_choose, |shell, index| rescue::choose(shell, place(index)));
        on!(ui, global.on_ask, |shell| rescue::ask(shell));
        on!(ui, global.on_give_up, |shell| rescue::give_up(shell));
        on!(ui, global.on_restore, |shell| rescue::restore(shell));
        on!(ui, global.on_cancel, |shell| rescue::cancel(shell));
        on!(ui, global.on_open_folder, |shell, path| rescue::open_folder(shell, &path));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        let Some(trouble) = shell.rescue.trouble.as_ref().filter(|_| shell.screen == Screen::Rescue) else { return };
        let global = window.global::<Global>();
        global.set_help(match trouble.kind {
            RescueKind::Data => RescueHelp::Data,
            RescueKind::Storage => RescueHelp::Storage,
            RescueKind::Settings => RescueHelp::Settings,
            RescueKind::Away => RescueHelp::Away,
            RescueKind::Held => RescueHelp::Held,
            RescueKind::Other => RescueHelp::Other,
        });
        let (sentence, next) = rescue::told(shell);
        global.set_sentence(sentence.into());
        global.set_next(next.into());
        global.set_code(trouble.trouble.code.as_str().into());
        global.set_detail(trouble.trouble.message.as_str().into());
        global.set_folder(trouble.folder.as_str().into());
        global.set_database(trouble.database.as_str().into());
        global.set_database_is_file(trouble.is_file);
        global.set_backups_folder(trouble.backups.as_str().into());
        global.set_safe_mode(shell.rescue.safely);
        let told = shell.rescue.fault.as_ref().map(|fault| status::told(shell, fault)).unwrap_or_default();
        global.set_fault(told.0.into());
        global.set_fault_next(told.1.into());
        self.list(shell, &global);
        let (work, progress) = match &shell.rescue.work {
            Work::None => (RescueWork::None, -1.0),
            Work::Opening => (RescueWork::Opening, -1.0),
            Work::Restoring { cancel, progress } if cancel.asked() => (RescueWork::Cancelling, progress.share()),
            Work::Restoring { progress, .. } => (RescueWork::Restoring, progress.share()),
        };
        global.set_progress(progress);
        global.set_work(work);
        global.set_asks(shell.rescue.asks);
    }

    fn list(&self, shell: &Shell, global: &Global<'_>) {
        global.set_lists(shell.rescue.lists);
        let chosen = shell.rescue.chosen.and_then(|chosen| i32::try_from(chosen).ok());
        global.set_chosen(chosen.unwrap_or(-1));
        global.set_chosen_backup(rescue::chosen(shell).map(|backup| row(shell, backup)).unwrap_or_default());
        let (state, error) = match &shell.rescue.list {
            List::Loading => (ListState::Loading, String::new()),
            List::Ready(list) if list.is_empty() => (ListState::Empty, String::new()),
            List::Ready(list) => {
                sync(&self.backups, list.iter().map(|backup| row(shell, backup)).collect());
                (ListState::Ready, String::new())
            }
            List::Failed(trouble) => {
                let (sentence, next) = status::told(shell, trouble);
                (ListState::Failed, format!("{sentence} {next}"))
            }
        };
        global.set_list_error(error.into());
        global.set_state(state);
    }
}

fn row(shell: &Shell, backup: &Backup) -> RescueBackup {
    RescueBackup {
        when: format::capitalized(&status::relative(shell, backup.time)).into(),
        kind: match backup.kind.as_str() {
            "daily" => RescueBackupKind::Daily,
            "weekly" => RescueBackupKind::Weekly,
            "manual" => RescueBackupKind::Manual,
            _ => RescueBackupKind::Other,
        },
        size: format::on_screen(format::size(shell.language, backup.bytes)).into(),
        sales: format::on_screen(format::count(shell.language, backup.sales)).into(),
        verified: backup.verified,
        problem: backup.problem.as_str().into(),
    }
}
