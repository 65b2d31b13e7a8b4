//! Binds what stands around every screen: navigation, status, messages, keys, colours, language.

use crate::markup::{AppWindow, Keys, Modality, Motion, Nav, Theme};
use crate::presenter::keys::KeyPress;
use crate::presenter::{closing, drawer, keys, rights, sign_in, status};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use aurapos_locale::{format, names};
use slint::{CloseRequestResponse, ComponentHandle};
use std::cell::Cell;
use std::rc::Rc;

/// What was shown last of what must not be set again.
#[derive(Default)]
pub(crate) struct FrameRoom {
    language: Cell<Option<aurapos_locale::Language>>,
}

impl FrameRoom {
    /// Connects the callbacks.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let nav = window.global::<Nav>();
        on!(ui, nav.on_go, |shell, screen| shell.go(screen));
        on!(ui, nav.on_back, |shell| shell.back());
        on!(ui, nav.on_lock, |shell| sign_in::lock(shell));
        on!(ui, nav.on_sign_out, |shell| sign_in::sign_out(shell));
        on!(ui, nav.on_close_program, |shell| closing::begin(shell));
        on!(ui, nav.on_dismiss_toast, |shell| status::dismiss_toast(shell));
        on!(ui, nav.on_dismiss_notice, |shell| shell.status.new_life = false);
        on!(ui, nav.on_toggle_help, |shell| shell.status.help_open = !shell.status.help_open);
        let modality = window.global::<Modality>();
        on!(ui, modality.on_explain, |shell, reason| status::toast_warning(shell, reason));
        on!(ui, window.on_system_dark_changed, |shell, dark| shell.status.system_dark = dark);
        let dark = window.get_system_dark();
        ui.act(move |shell| shell.status.system_dark = dark);
        self.wire_keys(ui, window);
        let weak = Rc::downgrade(ui);
        window.window().on_close_requested(move || {
            if let Some(ui) = weak.upgrade() {
                ui.act(closing::begin);
            }
            // The program decides when the window goes.
            CloseRequestResponse::KeepWindowShown
        });
    }

    fn wire_keys(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Keys>();
        let weak = Rc::downgrade(ui);
        global.on_pressed(move |text, control, alt, shift, repeat| {
            let key = KeyPress { text, control, alt, shift, repeat };
            weak.upgrade().is_some_and(|ui| ui.ask(move |shell, now| keys::pressed(shell, &key, now)))
        });
        let weak = Rc::downgrade(ui);
        global.on_unhandled(move |text, control, alt, shift, repeat| {
            let key = KeyPress { text, control, alt, shift, repeat };
            weak.upgrade().is_some_and(|ui| ui.ask(move |shell, _| keys::unhandled(shell, &key)))
        });
        let weak = Rc::downgrade(ui);
        global.on_released(move |text| {
            weak.upgrade().is_some_and(|ui| ui.ask(move |shell, _| keys::released(shell, &text)))
        });
    }

    /// Shows the state.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        self.language(shell, window);
        window.global::<Theme>().set_dark(status::dark(shell));
        window.global::<Motion>().set_reduced(shell.preferences.reduced_motion);
        let nav = window.global::<Nav>();
        nav.set_screen(shell.screen);
        let host = shell.host();
        let now = host.local(host.now());
        nav.set_clock_text(format::time(now).into());
        nav.set_date_text(format::date(shell.language, now.date).into());
        if let Some(facts) = &shell.facts {
            nav.set_shop_name(facts.shop_name.as_str().into());
            nav.set_register_code(facts.register.as_str().into());
            nav.set_safe_mode(facts.safe_mode);
            nav.set_lost_after(facts.lost_after.as_str().into());
        }
        self.person(shell, &nav);
        let (health, text) = status::storage(shell);
        nav.set_storage_health(health);
        nav.set_storage_text(text.into());
        let (health, text) = status::backup(shell);
        nav.set_backup_health(health);
        nav.set_backup_text(text.into());
        let (health, text, waiting) = status::link(shell);
        nav.set_link_health(health);
        nav.set_link_text(text.into());
        nav.set_link_waiting(waiting);
        nav.set_plugin_problems(shell.status.plugin_problems);
        nav.set_findings(i32::try_from(shell.settings.findings.count()).unwrap_or(i32::MAX));
        nav.set_new_life(shell.status.new_life);
        nav.set_toast(status::toast_view(shell));
        nav.set_help_open(shell.status.help_open);
    }

    fn person(&self, shell: &Shell, nav: &Nav<'_>) {
        nav.set_signed_in(shell.session.is_some());
        nav.set_drawer_open(drawer::is_open(shell));
        nav.set_locked(shell.locked);
        nav.set_ticket_lines(i32::try_from(sign_in::ticket_lines(shell)).unwrap_or(i32::MAX));
        let Some(session) = &shell.session else { return };
        let operator = &session.operator;
        nav.set_operator_name(operator.name.as_str().into());
        nav.set_operator_initials(initials(&operator.name).into());
        let role = names::role_named(shell.language, &operator.role, &operator.role_name);
        nav.set_operator_role(role.into());
        nav.set_rights(rights::rights(shell));
        nav.set_refusals(rights::refusals(shell));
    }

    fn language(&self, shell: &Shell, _window: &AppWindow) {
        if self.language.replace(Some(shell.language)) != Some(shell.language) {
            // English is the language of the markup itself.
            let code = if shell.language.code() == "en" { "" } else { shell.language.code() };
            if let Err(error) = slint::select_bundled_translation(code) {
                tracing::error!(language = shell.language.code(), "the language is not in the program: {error}");
            }
        }
    }
}

/// The first letters of the first two words of a name.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = |word: Option<&str>| word.and_then(|word| word.chars().next()).map(|c| c.to_uppercase().to_string());
    let (one, two) = (first(words.next()), first(words.last()));
    [one, two].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        for (name, expected) in
            [("Sofie", "S"), ("Sofie Vermeulen", "SV"), ("jan de vries", "JV"), ("", ""), ("élan x", "ÉX")]
        {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
