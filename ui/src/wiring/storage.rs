//! Binds the wizard's step "data" and the page "storage" of the settings to their presenters.

use crate::host::{ConnectionReport, RegisterRole, ServerDeed, ServerState};
use crate::markup::{
    AppWindow, Connection, ConnectionState, FormLine, Screen, ServerBusy, ServerLook, SettingsPage, StoragePage,
    StorageTile, WizardStep, WizardStorage,
};
use crate::models::sync;
use crate::presenter::settings::{sharing, storage as page};
use crate::presenter::status;
use crate::presenter::wizard::storage as step;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use crate::wiring::sign_in::place;
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// The lists of both.
#[derive(Default)]
pub(crate) struct StorageRoom {
    tiles: Rc<VecModel<StorageTile>>,
    fields: Rc<VecModel<FormLine>>,
    boot: Rc<VecModel<SharedString>>,
    firewall: Rc<VecModel<SharedString>>,
}

impl StorageRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<WizardStorage>();
        global.set_tiles(ModelRc::from(self.tiles.clone()));
        global.set_fields(ModelRc::from(self.fields.clone()));
        on!(ui, global.on_choose, |shell, index| step::choose(shell, place(index)));
        on!(ui, global.on_edited, |shell, field, text| step::edited(shell, place(field), &text));
        on!(ui, global.on_picked, |shell, field, choice| step::picked(shell, place(field), place(choice)));
        on!(ui, global.on_allow, |shell, on| step::allow(shell, on));
        on!(ui, global.on_test, |shell| step::test(shell));
        on!(ui, global.on_stop_test, |shell| step::stop(shell));
        on!(ui, global.on_look, |shell| step::look(shell));
        let global = window.global::<StoragePage>();
        global.set_boot_lines(ModelRc::from(self.boot.clone()));
        global.set_firewall_lines(ModelRc::from(self.firewall.clone()));
        on!(ui, global.on_look, |shell| page::look(shell));
        on!(ui, global.on_start, |shell| page::change(shell, ServerDeed::Start));
        on!(ui, global.on_stop, |shell| page::change(shell, ServerDeed::Stop));
        on!(ui, global.on_renew, |shell| page::change(shell, ServerDeed::Renew));
        on!(ui, global.on_make, |shell| page::change(shell, ServerDeed::Make));
        on!(ui, global.on_cancel, |shell| page::cancel(shell));
        on!(ui, global.on_keep, |shell| page::keep(shell));
        on!(ui, global.on_share, |shell| sharing::share(shell));
        on!(ui, global.on_share_now, |shell| sharing::share_now(shell));
        on!(ui, global.on_compare, |shell| sharing::compare(shell));
        on!(ui, global.on_leave, |shell| sharing::leave(shell));
        on!(ui, global.on_leave_now, |shell| sharing::leave_now(shell));
        on!(ui, global.on_cancel_sharing, |shell| sharing::cancel(shell));
        on!(ui, global.on_lost_chosen, |shell, lost| shell.settings.storage.sharing.lost = lost);
        on!(ui, global.on_host_typed, |shell, text| page::host_typed(shell, &text));
        on!(ui, global.on_test, |shell| page::test(shell));
        on!(ui, global.on_stop_test, |shell| page::stop_test(shell));
    }

    /// Shows the state of the one that is on the screen.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        match shell.screen {
            Screen::Wizard => self.step(shell, &window.global::<WizardStorage>()),
            Screen::Settings if shell.settings.page == SettingsPage::Storage => {
                self.page(shell, &window.global::<StoragePage>());
            }
            // What was typed into the form is not kept in the window either.
            _ => sync(&self.fields, Vec::new()),
        }
    }

    fn step(&self, shell: &Shell, global: &WizardStorage<'_>) {
        let state = &shell.wizard.storage;
        global.set_state(state.state());
        global.set_error(state.error().into());
        sync(&self.tiles, step::tiles(shell));
        global.set_chosen(i32::try_from(state.chosen()).unwrap_or_default());
        global.set_tile(step::chosen_tile(shell));
        let is_shown = shell.wizard.step.shown() == WizardStep::Storage;
        lines(&self.fields, if is_shown { state.form.lines() } else { Vec::new() });
        global.set_attempt(state.form.attempt);
        global.set_consent(state.consent);
        global.set_consent_missing(state.consent_missing);
        global.set_connection(state.connection.shown());
    }

    fn page(&self, shell: &Shell, global: &StoragePage<'_>) {
        let state = &shell.settings.storage;
        let view = state.view();
        global.set_state(state.state());
        global.set_error(page::error(shell).into());
        global.set_engine(format!("{} {}", view.engine, view.version).trim().into());
        global.set_location(view.location.as_str().into());
        let (trouble, next) = page::told(shell, view.trouble.as_ref());
        global.set_trouble(trouble.into());
        global.set_trouble_next(next.into());
        let (last, kept) = status::brought(shell);
        global.set_shared_place(view.shared.as_str().into());
        global.set_shared_last(page::moment(shell, last).into());
        global.set_shared_kept(kept);
        global.set_single(view.role == RegisterRole::Single);
        global.set_may_share(view.may_share);
        several(shell, global);
        self.server(shell, global);
        global.set_busy(match state.busy() {
            None => ServerBusy::None,
            Some(ServerDeed::Start) => ServerBusy::Start,
            Some(ServerDeed::Stop) => ServerBusy::Stop,
            Some(ServerDeed::Renew) => ServerBusy::Renew,
            Some(ServerDeed::Make) => ServerBusy::Make,
        });
        global.set_stopping(state.is_stopping());
        global.set_progress(state.progress());
        global.set_asking(state.asking);
        global.set_host(state.host.as_str().into());
        global.set_connection(state.connection.shown());
    }

    fn server(&self, shell: &Shell, global: &StoragePage<'_>) {
        let server = &shell.settings.storage.view().server;
        global.set_possible(server.possible);
        global.set_server(match server.state {
            ServerState::NotMade => ServerLook::NotMade,
            ServerState::HalfMade => ServerLook::HalfMade,
            ServerState::Stopped => ServerLook::Stopped,
            ServerState::Running => ServerLook::Running,
        });
        let (trouble, next) = page::told(shell, server.trouble.as_ref());
        global.set_server_trouble(trouble.into());
        global.set_server_next(next.into());
        global.set_since(page::moment(shell, server.since).into());
        global.set_version(server.version.as_str().into());
        global.set_port(server.port.to_string().into());
        global.set_addresses(server.addresses.join(", ").into());
        global.set_certificate_until(page::day(shell, server.certificate_until).into());
        global.set_certificate_due(server.certificate_due);
        let connections = server.connections.map(|(used, most)| format!("{used} / {most}"));
        global.set_connections(connections.unwrap_or_default().into());
        global.set_at_boot(server.at_boot);
        sync(&self.boot, server.boot_lines.iter().map(SharedString::from).collect());
        global.set_firewall_refuses(server.firewall_refuses);
        sync(&self.firewall, server.firewall_lines.iter().map(SharedString::from).collect());
        global.set_dangers(server.dangers.join(", ").into());
        global.set_reached(server.reached.as_ref().map(reached).unwrap_or_default());
        global.set_allowed(server.allowed);
        global.set_line(server.line.as_str().into());
    }
}

/// The way from one register to several and back.
fn several(shell: &Shell, global: &StoragePage<'_>) {
    let state = &shell.settings.storage.sharing;
    global.set_sharing(sharing::state(shell));
    let (share, done, minutes) = sharing::far(shell);
    global.set_sharing_progress(share);
    global.set_sharing_done(done.into());
    global.set_sharing_minutes(minutes);
    let unlike = state.compared.as_ref().map(|compared| compared.named.join("; "));
    global.set_sharing_unlike(unlike.unwrap_or_default().into());
    global.set_sharing_stopping(sharing::is_stopping(shell));
    global.set_ask_share(state.ask_share);
    global.set_ask_leave(state.ask_leave);
    global.set_others(state.others.join(", ").into());
    global.set_lost(state.lost);
    global.set_ticket_open(sharing::ticket_open(shell));
}

/// A list of choices is a new model each time and never equal: rows are compared by what people see.
fn lines(model: &VecModel<FormLine>, rows: Vec<FormLine>) {
    use slint::Model as _;
    let seen = |line: &FormLine| FormLine { choices: ModelRc::default(), ..line.clone() };
    let same = model.row_count() == rows.len();
    for (place, row) in rows.iter().enumerate().filter(|_| same) {
        if model.row_data(place).is_none_or(|known| seen(&known) != seen(row)) {
            model.set_row_data(place, row.clone());
        }
    }
    if !same {
        model.set_vec(rows);
    }
}

fn reached(report: &ConnectionReport) -> Connection {
    Connection {
        state: if report.good { ConnectionState::Good } else { ConnectionState::Bad },
        sentence: report.sentence.as_str().into(),
        next: report.next.as_str().into(),
        code: report.code.as_str().into(),
        ..Connection::default()
    }
}
