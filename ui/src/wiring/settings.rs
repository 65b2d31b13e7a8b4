//! Binds the screen "settings" to its presenter.

use crate::markup::{AppWindow, ReceiptLine, Screen, Settings as Global, SettingsField, SettingsPage};
use crate::models::sync;
use crate::presenter::settings::{self, machine};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use aurapos_locale::Language;
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// The pages in the order of the markup.
const PAGES: [SettingsPage; 10] = [
    SettingsPage::Shop,
    SettingsPage::Receipts,
    SettingsPage::Language,
    SettingsPage::Appearance,
    SettingsPage::Backups,
    SettingsPage::Scales,
    SettingsPage::Keys,
    SettingsPage::Storage,
    SettingsPage::Registers,
    SettingsPage::Findings,
];

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct SettingsRoom {
    paper: Rc<VecModel<ReceiptLine>>,
    unsaved: Rc<VecModel<bool>>,
    open: Rc<VecModel<bool>>,
    idle: Rc<VecModel<i32>>,
}

impl SettingsRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Global>();
        global.set_paper(ModelRc::from(self.paper.clone()));
        global.set_unsaved(ModelRc::from(self.unsaved.clone()));
        global.set_open(ModelRc::from(self.open.clone()));
        global.set_idle_choices(ModelRc::from(self.idle.clone()));
        let languages: Vec<SharedString> = Language::ALL.iter().map(|language| language.name().into()).collect();
        global.set_languages(ModelRc::from(Rc::new(VecModel::from(languages))));
        on!(ui, global.on_show, |shell, page| settings::show(shell, page));
        on!(ui, global.on_back, |shell| settings::back(shell));
        on!(ui, global.on_edited, |shell, field, text| settings::edited(shell, field, &text));
        on!(ui, global.on_reset, |shell, field| settings::reset(shell, field));
        on!(ui, global.on_choose_receipt_language, |shell, index| { settings::choose_receipt_language(shell, index) });
        on!(ui, global.on_save, |shell| settings::save(shell));
        on!(ui, global.on_discard, |shell| settings::discard(shell));
        on!(ui, global.on_save_and_leave, |shell| settings::save_and_leave(shell));
        on!(ui, global.on_leave, |shell| settings::leave(shell));
        on!(ui, global.on_stay, |shell| settings::stay(shell));
        on!(ui, global.on_reload, |shell| settings::reload(shell));
        on!(ui, global.on_choose_language, |shell, choice| machine::choose_language(shell, choice));
        on!(ui, global.on_choose_theme, |shell, kind| machine::choose_theme(shell, kind));
        on!(ui, global.on_set_reduced_motion, |shell, on| machine::set_reduced_motion(shell, on));
        on!(ui, global.on_set_fullscreen, |shell, on| machine::set_fullscreen(shell, on));
        on!(ui, global.on_choose_idle, |shell, minutes| machine::choose_idle(shell, minutes));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if let Some(on) = shell.settings.fullscreen.take() {
            window.window().set_fullscreen(on);
        }
        if shell.screen != Screen::Settings {
            return;
        }
        let global = window.global::<Global>();
        let state = &shell.settings;
        global.set_page(state.page);
        global.set_state(state.state());
        global.set_error(settings::error(shell).into());
        sync(&self.open, PAGES.iter().map(|page| settings::allowed(shell, *page)).collect());
        sync(&self.unsaved, PAGES.iter().map(|page| state.is_unsaved(*page)).collect());
        global.set_dirty(state.is_unsaved(state.page));
        global.set_saving(state.saving());
        global.set_allowed(settings::allowed(shell, state.page));
        fields(shell, &global);
        global.set_attempt(state.attempt);
        global.set_leaving(state.leaving);
        sync(&self.paper, settings::paper_rows(shell));
        global.set_made_up(state.is_made_up());
        self.machine(shell, &global);
        let scan = state.scan();
        global.set_scan_code(scan.code.as_str().into());
        global.set_scan_kind(scan.kind);
        global.set_scan_name(scan.name.as_str().into());
    }

    fn machine(&self, shell: &Shell, global: &Global<'_>) {
        global.set_language(small(machine::language(shell)));
        global.set_shop_language(machine::shop_language(shell).name().into());
        global.set_theme(machine::theme(shell));
        global.set_reduced_motion(shell.preferences.reduced_motion);
        global.set_fullscreen(shell.preferences.fullscreen);
        global.set_idle_minutes(i32::try_from(shell.preferences.idle_lock_minutes).unwrap_or(i32::MAX));
        sync(&self.idle, machine::idle_choices(shell));
        global.set_may_lock(machine::may_lock(shell));
    }
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or_default()
}

fn fields(shell: &Shell, global: &Global<'_>) {
    let state = &shell.settings;
    let text = |field| SharedString::from(state.text(field));
    global.set_name(text(SettingsField::Name));
    global.set_address(text(SettingsField::Address));
    global.set_phone(text(SettingsField::Phone));
    global.set_vat(text(SettingsField::Vat));
    global.set_footer(text(SettingsField::Footer));
    global.set_round_all(state.text(SettingsField::RoundAll) == "true");
    global.set_daily_keep(text(SettingsField::DailyKeep));
    global.set_weekly_years(text(SettingsField::WeeklyYears));
    global.set_labels(text(SettingsField::Labels));
    global.set_day_begins(text(SettingsField::DayBegins));
    let language = settings::receipt_language(shell);
    global.set_receipt_language(small(Language::ALL.iter().position(|one| *one == language).unwrap_or_default()));
    global.set_vat_example(state.vat_example().into());
    global.set_name_entry(state.entry(SettingsField::Name));
    global.set_address_entry(state.entry(SettingsField::Address));
    global.set_phone_entry(state.entry(SettingsField::Phone));
    global.set_vat_entry(state.entry(SettingsField::Vat));
    global.set_receipt_language_entry(state.entry(SettingsField::ReceiptLanguage));
    global.set_footer_entry(state.entry(SettingsField::Footer));
    global.set_round_all_entry(state.entry(SettingsField::RoundAll));
    global.set_daily_keep_entry(state.entry(SettingsField::DailyKeep));
    global.set_weekly_years_entry(state.entry(SettingsField::WeeklyYears));
    global.set_labels_entry(state.entry(SettingsField::Labels));
    global.set_day_begins_entry(state.entry(SettingsField::DayBegins));
}
