//! Saving: everything is looked at first, then sent one by one; what is refused is told at its field.

use super::{Draft, Settings, allowed, fields};
use crate::host::{CallResult, Trouble};
use crate::markup::{SettingsFault, SettingsField, ToastKind};
use crate::presenter::{backups, status};
use crate::shell::Shell;
use aurapos_engine::command::settings::SettingsCommand;
use aurapos_engine::{Command, EngineError, Reply};
use aurapos_locale::Language;

/// Saves the shown page.
pub fn save(shell: &mut Shell) {
    let page = shell.settings.page;
    save_where(shell, |field| fields::page(field) == page);
}

/// Saves every page, then leaves the screen.
pub fn save_and_leave(shell: &mut Shell) {
    shell.settings.leaving = false;
    shell.settings.leave_after = true;
    save_where(shell, |_| true);
}

fn save_where(shell: &mut Shell, wanted: impl Fn(SettingsField) -> bool) {
    if shell.settings.saving {
        return;
    }
    let may: Vec<SettingsField> =
        fields::ALL.into_iter().filter(|field| allowed(shell, fields::page(*field))).collect();
    let settings = &mut shell.settings;
    let drafts = may.into_iter().filter(|field| wanted(*field) && settings.drafts[*field as usize].is_some());
    let changed: Vec<SettingsField> = drafts.collect();
    let wrong = changed.iter().copied().find(|field| !look(settings, *field));
    for field in &changed {
        look(settings, *field);
    }
    if let Some(field) = wrong {
        refuse(settings, field);
        return;
    }
    settings.saving = !changed.is_empty();
    settings.queue = changed.into();
    next(shell, None);
}

/// Looks at what was typed into a field; true when it is right.
fn look(settings: &mut Settings, field: SettingsField) -> bool {
    let (Some(country), Some(draft)) = (settings.country, &settings.drafts[field as usize]) else { return true };
    let fault = if draft.reset { SettingsFault::None } else { fields::fault(field, &draft.text, country) };
    // What has no words of its own is told by the engine.
    let fault = if fault == SettingsFault::Told { SettingsFault::None } else { fault };
    settings.faults[field as usize] = (fault, String::new());
    fault == SettingsFault::None
}

/// Shows the page of a field that is wrong, with the field in the focus.
fn refuse(settings: &mut Settings, field: SettingsField) {
    settings.page = fields::page(field);
    settings.attempt = settings.attempt.wrapping_add(1);
    settings.leave_after = false;
    settings.queue.clear();
    settings.saving = false;
}

/// Sends the next field; `saved`: the one that was just saved.
fn next(shell: &mut Shell, saved: Option<SettingsField>) {
    let Some(field) = shell.settings.queue.pop_front() else {
        shell.settings.saving = false;
        if saved.is_some() {
            status::toast_kind(shell, ToastKind::SettingSaved, "");
        }
        if std::mem::take(&mut shell.settings.leave_after) {
            shell.back();
        }
        return;
    };
    let Some(draft) = shell.settings.drafts[field as usize].clone() else { return next(shell, saved) };
    let key = fields::key(field).to_owned();
    let command = if draft.reset {
        SettingsCommand::Reset { key }
    } else {
        SettingsCommand::Set { key, value: fields::sent(field, &draft.text) }
    };
    shell.submit(Command::Settings(command), move |shell, result| answered(shell, field, &draft, result));
}

fn answered(shell: &mut Shell, field: SettingsField, sent: &Draft, result: CallResult) {
    match result {
        Ok(Reply::Setting(reply)) => {
            let settings = &mut shell.settings;
            settings.stored[field as usize] = fields::shown(field, &reply.value);
            // Somebody may have gone on typing.
            if settings.drafts[field as usize].as_ref() == Some(sent) {
                settings.drafts[field as usize] = None;
            }
            in_force(shell, field, reply.value);
            next(shell, Some(field));
        }
        Ok(_) => next(shell, Some(field)),
        Err(error) => told(shell, field, error),
    }
}

fn told(shell: &mut Shell, field: SettingsField, error: EngineError) {
    let sentence = status::told(shell, &Trouble::from(error)).0;
    shell.settings.faults[field as usize] = (SettingsFault::Told, sentence);
    refuse(&mut shell.settings, field);
}

/// What the screens know of the shop goes with it.
fn in_force(shell: &mut Shell, field: SettingsField, value: String) {
    let follows = shell.speaks_as_the_shop();
    let Some(facts) = &mut shell.facts else { return };
    match field {
        SettingsField::Name => facts.shop_name = value,
        SettingsField::ReceiptLanguage => {
            if follows {
                shell.language = Language::from_code(&value).unwrap_or_default();
            }
            facts.language = value;
        }
        SettingsField::DailyKeep | SettingsField::WeeklyYears => backups::reload(shell),
        _ => {}
    }
}
