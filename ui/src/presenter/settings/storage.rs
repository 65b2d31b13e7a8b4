//! The page "storage": where the data is, and the server of this machine: looked at, started, stopped, renewed, made.

use super::sharing::{self, Sharing};
use crate::host::{Cancel, HostResult, Progress, ServerDeed, ServerState, ServerView, StorageView, Tested, Trouble};
use crate::markup::{ListState, SettingsPage};
use crate::presenter::connection::{self, Connection};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::calendar::Timestamp;
use aurapos_locale::format;

/// State of the page.
#[derive(Debug)]
pub struct Storage {
    view: StorageView,
    state: ListState,
    error: Option<Trouble>,
    /// What is being done.
    busy: Option<(ServerDeed, Cancel, Progress)>,
    /// The question before the server is stopped is open.
    pub asking: bool,
    /// The host of the test.
    pub host: String,
    /// The test.
    pub connection: Connection,
    /// The way to several registers and back.
    pub sharing: Sharing,
}

impl Default for Storage {
    fn default() -> Self {
        Storage {
            view: StorageView::default(),
            state: ListState::Loading,
            error: None,
            busy: None,
            asking: false,
            host: String::new(),
            connection: Connection::default(),
            sharing: Sharing::default(),
        }
    }
}

impl Storage {
    /// What the page shows.
    pub fn state(&self) -> ListState {
        self.state
    }

    /// The storage and the server.
    pub fn view(&self) -> &StorageView {
        &self.view
    }

    /// What is being done with the server.
    pub fn busy(&self) -> Option<ServerDeed> {
        self.busy.as_ref().map(|(deed, ..)| *deed)
    }

    /// How far it is, 0 to 1; below 0 when it is not known.
    pub fn progress(&self) -> f32 {
        self.busy.as_ref().map_or(-1.0, |(_, _, progress)| progress.share())
    }

    /// It is being called off.
    pub fn is_stopping(&self) -> bool {
        self.busy.as_ref().is_some_and(|(_, cancel, _)| cancel.asked())
    }
}

fn of(shell: &mut Shell) -> &mut Connection {
    &mut shell.settings.storage.connection
}

/// The page is shown: how things are may have changed.
pub fn look(shell: &mut Shell) {
    if shell.settings.page != SettingsPage::Storage || shell.settings.storage.busy.is_some() {
        return;
    }
    sharing::look(shell);
    let answer = shell.expect(take);
    shell.host().storage(shell.session_id(), shell.language, answer);
}

fn take(shell: &mut Shell, result: HostResult<StorageView>) {
    let storage = &mut shell.settings.storage;
    match result {
        Ok(view) => {
            // Mostly it is the shop's server that somebody wants to try.
            if storage.host.is_empty() {
                view.shared.rsplit_once(':').map_or("", |(host, _)| host).clone_into(&mut storage.host);
            }
            storage.view = view;
            storage.state = ListState::Ready;
        }
        Err(trouble) => {
            storage.error = Some(trouble);
            storage.state = ListState::Failed;
        }
    }
}

/// Why nothing can be shown, in the operator's language.
pub fn error(shell: &Shell) -> String {
    shell.settings.storage.error.as_ref().map(|trouble| status::told(shell, trouble).0).unwrap_or_default()
}

/// A trouble of the view, in the operator's language: sentence and next step.
pub fn told(shell: &Shell, trouble: Option<&Trouble>) -> (String, String) {
    trouble.map(|trouble| status::told(shell, trouble)).unwrap_or_default()
}

/// What was asked about stays as it is.
pub fn keep(shell: &mut Shell) {
    shell.settings.storage.asking = false;
    sharing::keep(shell);
}

/// Does something with the server. Stopping it is asked about: no register of the shop sells meanwhile.
pub fn change(shell: &mut Shell, deed: ServerDeed) {
    if deed == ServerDeed::Stop && !shell.settings.storage.asking {
        shell.settings.storage.asking = true;
        return;
    }
    shell.settings.storage.asking = false;
    if shell.settings.storage.busy.is_some() {
        return;
    }
    let cancel = Cancel::default();
    shell.settings.storage.busy = Some((deed, cancel.clone(), Progress::default()));
    shell.settings.storage.connection.forget();
    let progress = shell.hear(|shell, told: Progress| {
        if let Some((_, _, progress)) = &mut shell.settings.storage.busy {
            *progress = told;
        }
    });
    let answer = shell.expect(|shell, result: HostResult<StorageView>| {
        shell.settings.storage.busy = None;
        match result {
            Err(trouble) => {
                if !trouble.is_called_off() {
                    shell.fail_host(&trouble);
                }
                // What was done before it failed is seen.
                look(shell);
            }
            view => take(shell, view),
        }
    });
    shell.host().change_server(shell.session_id(), deed, shell.language, progress, cancel, answer);
}

/// The making shall stop; what is done stays, and the next run goes on there.
pub fn cancel(shell: &mut Shell) {
    if let Some((_, cancel, _)) = &shell.settings.storage.busy {
        cancel.ask();
    }
}

/// Another host for the test.
pub fn host_typed(shell: &mut Shell, text: &str) {
    text.clone_into(&mut shell.settings.storage.host);
    shell.settings.storage.connection.forget();
}

/// Tries whether a register gets in there.
pub fn test(shell: &mut Shell) {
    let host = shell.settings.storage.host.trim().to_owned();
    if !host.is_empty() && !shell.settings.storage.connection.is_running() {
        connection::begin(shell, of, Tested::Host(host), |_, _| {});
    }
}

/// The test shall stop.
pub fn stop_test(shell: &mut Shell) {
    connection::stop(shell, of);
}

/// Nothing of it stays for the next one who signs in.
pub fn forget(shell: &mut Shell) {
    shell.settings.storage.connection.forget();
    // What goes on between the register and the shop's server goes on whoever is at work.
    let sharing = std::mem::take(&mut shell.settings.storage.sharing);
    shell.settings.storage = Storage { sharing, ..Storage::default() };
    sharing::keep(shell);
}

/// Whether there is a server to speak of.
pub fn is_made(server: &ServerView) -> bool {
    matches!(server.state, ServerState::Stopped | ServerState::Running)
}

/// A moment, as the operator's language writes it; empty for none.
pub fn moment(shell: &Shell, time: Option<Timestamp>) -> String {
    time.map(|time| status::relative(shell, time)).unwrap_or_default()
}

/// A day, as the operator's language writes it; empty for none.
pub fn day(shell: &Shell, time: Option<Timestamp>) -> String {
    time.map(|time| format::date(shell.language, shell.host().local(time).date)).unwrap_or_default()
}
