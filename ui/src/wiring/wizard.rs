//! Binds the wizard to its presenter.

use crate::markup::{
    AppWindow, CatalogChoice, CountryTile, ListState, PreviewCounts, PreviewLine, RefusedLine, Screen,
    Wizard as Global, WizardStep, WizardWork,
};
use crate::models::sync;
use crate::presenter::catalog_preview::{Shown, shown};
use crate::presenter::status;
use crate::presenter::wizard::{self, Catalog, Preview, Step, Work};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use crate::wiring::sign_in::place;
use aurapos_domain::calendar::Date;
use aurapos_domain::country::{CountryProfile, VatNumberRule};
use aurapos_domain::tender::RoundingRule;
use aurapos_locale::{Language, format};
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct WizardRoom {
    countries: Rc<VecModel<CountryTile>>,
    rows: Rc<VecModel<PreviewLine>>,
    refused: Rc<VecModel<RefusedLine>>,
    steps: Rc<VecModel<WizardStep>>,
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or_default()
}

impl WizardRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Global>();
        global.set_countries(ModelRc::from(self.countries.clone()));
        global.set_rows(ModelRc::from(self.rows.clone()));
        global.set_refused(ModelRc::from(self.refused.clone()));
        global.set_steps(ModelRc::from(self.steps.clone()));
        let languages: Vec<SharedString> = Language::ALL.iter().map(|language| language.name().into()).collect();
        global.set_languages(ModelRc::from(Rc::new(VecModel::from(languages))));
        on!(ui, global.on_choose_language, |shell, index| wizard::choose_language(shell, place(index)));
        on!(ui, global.on_choose_kind, |shell, kind| wizard::choose_kind(shell, kind));
        on!(ui, global.on_choose_country, |shell, index| wizard::choose_country(shell, place(index)));
        on!(ui, global.on_edited, |shell, field, text| wizard::edited(shell, field, &text));
        on!(ui, global.on_choose_receipt_language, |shell, index| {
            wizard::choose_receipt_language(shell, place(index))
        });
        on!(ui, global.on_choose_catalog, |shell, choice| wizard::choose_catalog(shell, chosen(choice)));
        on!(ui, global.on_choose_file, |shell| wizard::choose_file(shell));
        on!(ui, global.on_retry_preview, |shell| wizard::load_preview(shell));
        on!(ui, global.on_go, |shell, step| wizard::go(shell, Step::of(step)));
        on!(ui, global.on_back, |shell| wizard::back(shell));
        on!(ui, global.on_next, |shell| wizard::next(shell));
        on!(ui, global.on_cancel, |shell| wizard::cancel(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        let global = window.global::<Global>();
        if shell.screen != Screen::Wizard {
            // What was typed is not kept in the window either.
            global.set_pin("".into());
            global.set_pin_again("".into());
            return;
        }
        let state = &shell.wizard;
        global.set_step(state.step.shown());
        global.set_reached(state.reached.number(state.way()));
        global.set_kind(state.kind());
        sync(&self.steps, state.way().iter().map(|step| step.shown()).collect());
        global.set_language(language_place(shell.language));
        global.set_receipt_language(language_place(state.answers.receipts(shell.language)));
        let host = shell.host();
        let today = host.local(host.now()).date;
        sync(&self.countries, CountryProfile::offered().map(|one| country(shell.language, one, today)).collect());
        global.set_country(small(state.answers.country_place()));
        let tile = state.answers.country().map(|one| country(shell.language, one, today));
        global.set_country_tile(tile.unwrap_or_default());
        answers(&global, state);
        global.set_faults(state.faults.shown());
        global.set_attempt(state.attempt);
        self.catalog(shell, &global);
        work(shell, &global);
    }

    fn catalog(&self, shell: &Shell, global: &Global<'_>) {
        let state = &shell.wizard;
        global.set_catalog(match state.catalog {
            Catalog::None => CatalogChoice::None,
            Catalog::Sample => CatalogChoice::Sample,
            Catalog::File => CatalogChoice::File,
            Catalog::Empty => CatalogChoice::Empty,
        });
        global.set_catalog_missing(state.catalog_missing);
        let part = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
        let file = state.file.as_deref();
        global.set_file_name(part(file.and_then(|file| file.file_name())).unwrap_or_default().into());
        let folder = file.and_then(|file| file.parent()).map(|parent| parent.as_os_str());
        global.set_file_folder(part(folder).unwrap_or_default().into());
        let mut view = Shown::default();
        let mut error = (String::new(), String::new());
        global.set_preview(match &state.preview {
            Preview::None => ListState::Empty,
            Preview::Loading => ListState::Loading,
            Preview::Ready(preview) => {
                view = shown(shell.language, preview);
                ListState::Ready
            }
            Preview::Failed(trouble) => {
                error = status::told(shell, trouble);
                ListState::Failed
            }
        });
        set_counts(global, view.counts);
        sync(&self.rows, view.rows);
        sync(&self.refused, view.refused);
        global.set_preview_error(error.0.into());
        global.set_preview_next(error.1.into());
    }
}

fn set_counts(global: &Global<'_>, counts: PreviewCounts) {
    global.set_counts(counts);
}

fn answers(global: &Global<'_>, state: &wizard::Wizard) {
    let answers = &state.answers;
    global.set_name(answers.name.as_str().into());
    let [first, second, third] = &answers.address;
    global.set_address1(first.as_str().into());
    global.set_address2(second.as_str().into());
    global.set_address3(third.as_str().into());
    global.set_phone(answers.phone.as_str().into());
    global.set_vat(answers.vat.as_str().into());
    global.set_register(answers.register.as_str().into());
    global.set_manager(answers.manager.as_str().into());
    global.set_pin(answers.pin.text().into());
    global.set_pin_again(answers.pin_again.text().into());
}

fn work(shell: &Shell, global: &Global<'_>) {
    let (work, progress) = match &shell.wizard.work {
        Work::None => (WizardWork::None, -1.0),
        Work::Running { cancel, progress } if cancel.asked() => (WizardWork::Cancelling, progress.share()),
        Work::Running { progress, .. } => (WizardWork::Running, progress.share()),
        Work::Failed(_) => (WizardWork::Failed, -1.0),
    };
    global.set_work(work);
    global.set_progress(progress);
    let (error, next) = wizard::work_error(shell);
    global.set_work_error(error.into());
    global.set_work_next(next.into());
}

fn language_place(language: Language) -> i32 {
    small(Language::ALL.iter().position(|one| *one == language).unwrap_or_default())
}

fn chosen(choice: CatalogChoice) -> Catalog {
    match choice {
        CatalogChoice::None => Catalog::None,
        CatalogChoice::Sample => Catalog::Sample,
        CatalogChoice::File => Catalog::File,
        CatalogChoice::Empty => Catalog::Empty,
    }
}

/// A country as a tile: its rates of today, its money, its rounding.
fn country(language: Language, profile: &CountryProfile, today: Date) -> CountryTile {
    let rates: Vec<String> = rates(profile, today).into_iter().map(|rate| format::percent(language, rate)).collect();
    CountryTile {
        code: profile.code.into(),
        name: profile.name.into(),
        rates: format::on_screen(rates.join(" · ")).into(),
        currency: format!("{} {}", profile.currency.code(), format::symbol(profile.currency)).into(),
        vat_example: match profile.vat_number {
            VatNumberRule::Belgium => "BE0123456749".into(),
            VatNumberRule::Luxembourg => "LU12345613".into(),
            VatNumberRule::Any => "".into(),
        },
        rounds_cash: profile.rounding != RoundingRule::NONE,
    }
}

/// The rates that count on a day, in the order of the profile.
fn rates(profile: &CountryProfile, today: Date) -> Vec<i64> {
    let mut found: Vec<(&str, i64)> = Vec::new();
    for rate in profile.rates {
        let (year, month, day) = rate.valid_from;
        if Date::from_ymd(year, month, day).is_ok_and(|from| from <= today) {
            match found.iter_mut().find(|(code, _)| *code == rate.code) {
                Some(known) => known.1 = rate.rate_bp,
                None => found.push((rate.code, rate.rate_bp)),
            }
        }
    }
    found.into_iter().map(|(_, rate)| rate).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_rates_of_a_day() {
        let luxembourg = CountryProfile::find("LU").unwrap();
        for (day, expected) in [("2023-06-01", [1600, 1300, 700, 300]), ("2026-11-22", [1700, 1400, 800, 300])] {
            assert_eq!(rates(luxembourg, Date::parse(day).unwrap()), expected, "{day}");
        }
    }
}
