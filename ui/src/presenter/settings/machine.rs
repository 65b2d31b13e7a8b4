//! What counts on this machine only: language of the screens, colours, movement, window. Kept at once.

use crate::host::{HostResult, ThemeChoice};
use crate::markup::ThemeKind;
use crate::shell::Shell;
use aurapos_domain::people::Permission;
use aurapos_locale::Language;

/// Minutes that are offered for the lock of an untouched register.
const IDLE: [u32; 6] = [0, 1, 2, 5, 10, 30];

fn keep(shell: &mut Shell) {
    let answer = shell.expect(|shell, result: HostResult<()>| {
        if let Err(trouble) = result {
            shell.fail_host(&trouble);
        }
    });
    shell.host().keep_preferences(shell.session_id(), shell.preferences.clone(), answer);
}

/// The language of the shop, which the screens have while none is chosen for this machine.
pub fn shop_language(shell: &Shell) -> Language {
    shell.facts.as_ref().and_then(|facts| Language::from_code(&facts.language)).unwrap_or_default()
}

/// Which language is chosen: 0 the shop's, then the languages.
pub fn language(shell: &Shell) -> usize {
    let chosen = &shell.preferences.language;
    Language::ALL.iter().position(|one| one.code() == chosen).map_or(0, |place| place + 1)
}

/// Another language for the screens, at once.
pub fn choose_language(shell: &mut Shell, choice: i32) {
    let chosen = usize::try_from(choice - 1).ok().and_then(|place| Language::ALL.get(place).copied());
    shell.language = chosen.unwrap_or(shop_language(shell));
    shell.language_of_run = false;
    shell.preferences.language = chosen.map(|language| language.code().to_owned()).unwrap_or_default();
    keep(shell);
}

/// The colours that are chosen.
pub fn theme(shell: &Shell) -> ThemeKind {
    match shell.preferences.theme {
        ThemeChoice::System => ThemeKind::System,
        ThemeChoice::Light => ThemeKind::Light,
        ThemeChoice::Dark => ThemeKind::Dark,
    }
}

/// Other colours, at once.
pub fn choose_theme(shell: &mut Shell, kind: ThemeKind) {
    shell.preferences.theme = match kind {
        ThemeKind::System => ThemeChoice::System,
        ThemeKind::Light => ThemeChoice::Light,
        ThemeKind::Dark => ThemeChoice::Dark,
    };
    keep(shell);
}

/// Less movement, or not.
pub fn set_reduced_motion(shell: &mut Shell, on: bool) {
    shell.preferences.reduced_motion = on;
    keep(shell);
}

/// The whole screen, or not; the window follows at once.
pub fn set_fullscreen(shell: &mut Shell, on: bool) {
    shell.preferences.fullscreen = on;
    shell.settings.fullscreen.set(Some(on));
    keep(shell);
}

/// The minutes to choose from; with a value of the settings file that is not among them.
pub fn idle_choices(shell: &Shell) -> Vec<i32> {
    let mut choices = IDLE.to_vec();
    if !choices.contains(&shell.preferences.idle_lock_minutes) {
        choices.push(shell.preferences.idle_lock_minutes);
        choices.sort_unstable();
    }
    choices.into_iter().filter_map(|minutes| i32::try_from(minutes).ok()).collect()
}

/// When an untouched register locks. It guards the till, so that not everybody changes it.
pub fn choose_idle(shell: &mut Shell, minutes: i32) {
    let Ok(minutes) = u32::try_from(minutes) else { return };
    if may_lock(shell) {
        shell.preferences.idle_lock_minutes = minutes;
        keep(shell);
    }
}

/// Whether whoever is signed in may change the lock.
pub fn may_lock(shell: &Shell) -> bool {
    shell.may(Permission::Settings)
}
