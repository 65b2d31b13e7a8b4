//! The screen "plugins": what is there, whether it works and why not; payment and backup switched on and off.

use crate::host::{HostResult, Plugin, PluginState, PluginSwitch, Trouble};
use crate::markup::{ListState, PluginHealth, PluginKind, PluginRow};
use crate::presenter::status;
use crate::shell::Shell;

/// State of the screen.
#[derive(Debug)]
pub struct Plugins {
    list: Vec<Plugin>,
    state: ListState,
    error: String,
    /// The plugin that is being switched.
    busy: Option<String>,
    /// The plugin that the owner is asked about: it would run inside the register.
    asked: Option<String>,
}

impl Default for Plugins {
    fn default() -> Self {
        Plugins { list: Vec::new(), state: ListState::Loading, error: String::new(), busy: None, asked: None }
    }
}

impl Plugins {
    /// What the list shows.
    pub fn state(&self) -> ListState {
        self.state
    }

    /// Something was switched and counts from the next start.
    pub fn restart_needed(&self) -> bool {
        self.list.iter().any(|plugin| plugin.state == PluginState::AfterRestart)
    }

    /// The plugin that the owner is asked about.
    pub fn asked(&self) -> Option<&Plugin> {
        let id = self.asked.as_deref()?;
        self.list.iter().find(|plugin| plugin.id == id)
    }

    /// Why there is no list.
    pub fn error(&self) -> &str {
        &self.error
    }
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    shell.plugins.asked = None;
    reload(shell);
}

/// Looks at the plugins again.
pub fn reload(shell: &mut Shell) {
    if shell.plugins.list.is_empty() {
        shell.plugins.state = ListState::Loading;
    }
    let answer = shell.expect(listed);
    shell.host().plugins(shell.session_id(), answer);
}

fn listed(shell: &mut Shell, result: HostResult<Vec<Plugin>>) {
    shell.plugins.busy = None;
    match result {
        Ok(list) => {
            let problems = list.iter().filter(|plugin| plugin.trouble.is_some()).count();
            shell.status.plugin_problems = i32::try_from(problems).unwrap_or(i32::MAX);
            shell.plugins.state = if list.is_empty() { ListState::Empty } else { ListState::Ready };
            shell.plugins.list = list;
        }
        Err(trouble) if shell.plugins.list.is_empty() => {
            shell.plugins.state = ListState::Failed;
            shell.plugins.error = status::told(shell, &trouble).0;
        }
        // What was refused is told; the list stays as it is.
        Err(trouble) => shell.fail_host(&trouble),
    }
}

/// Switches a plugin on or off from the next start. One that did not come with AuraPOS is asked about first.
pub fn switch(shell: &mut Shell, id: &str, on: bool) {
    let needs_consent = shell.plugins.list.iter().any(|plugin| plugin.id == id && plugin.needs_consent);
    match (on, needs_consent) {
        (true, true) => shell.plugins.asked = Some(id.to_owned()),
        (true, false) => send(shell, id, PluginSwitch::On),
        (false, _) => send(shell, id, PluginSwitch::Off),
    }
}

/// The owner read what it means, and lets the plugin run inside the register.
pub fn allow(shell: &mut Shell) {
    if let Some(id) = shell.plugins.asked.take() {
        send(shell, &id, PluginSwitch::OnInsideTheRegister);
    }
}

/// The owner does not.
pub fn give_up(shell: &mut Shell) {
    shell.plugins.asked = None;
}

fn send(shell: &mut Shell, id: &str, to: PluginSwitch) {
    if shell.plugins.busy.is_some() {
        return;
    }
    shell.plugins.busy = Some(id.to_owned());
    let answer = shell.expect(listed);
    shell.host().switch_plugin(shell.session_id(), id.to_owned(), to, answer);
}

/// The rows, those with a problem first.
pub fn rows(shell: &Shell) -> Vec<PluginRow> {
    let mut rows: Vec<PluginRow> = shell.plugins.list.iter().map(|plugin| row(shell, plugin)).collect();
    rows.sort_by_key(|row| row.health != PluginHealth::Refused);
    rows
}

fn row(shell: &Shell, plugin: &Plugin) -> PluginRow {
    let told = |trouble: &Trouble| {
        let (sentence, next) = status::told(shell, trouble);
        (sentence, next, trouble.code.clone())
    };
    let (trouble, next, code) = plugin.trouble.as_ref().map(told).unwrap_or_default();
    PluginRow {
        id: plugin.id.as_str().into(),
        name: plugin.name.as_str().into(),
        version: plugin.version.as_str().into(),
        kind: kind(&plugin.kind),
        author: plugin.author.as_str().into(),
        description: plugin.description.as_str().into(),
        built_in: plugin.built_in,
        health: health(plugin.state),
        instances: plugin.instances.join(", ").into(),
        switchable: plugin.switchable,
        needs_consent: plugin.needs_consent,
        on: is_on(plugin),
        busy: shell.plugins.busy.as_deref() == Some(&plugin.id),
        trouble: trouble.into(),
        next: next.into(),
        code: code.into(),
        path: plugin.path.as_str().into(),
    }
}

/// Whether the settings ask for the plugin; what waits for the next start shows what was asked for.
fn is_on(plugin: &Plugin) -> bool {
    match plugin.state {
        PluginState::Active => true,
        // One that nothing uses and nobody let in is not on, whatever it is refused for.
        PluginState::Refused => !plugin.needs_consent || !plugin.instances.is_empty(),
        PluginState::Off => false,
        PluginState::AfterRestart => !plugin.instances.is_empty(),
    }
}

fn kind(text: &str) -> PluginKind {
    match text {
        "storage" => PluginKind::Storage,
        "payment" => PluginKind::Payment,
        "backup" => PluginKind::Backup,
        "printer" => PluginKind::Printer,
        "events" => PluginKind::Events,
        _ => PluginKind::Other,
    }
}

fn health(state: PluginState) -> PluginHealth {
    match state {
        PluginState::Active => PluginHealth::Active,
        PluginState::Off => PluginHealth::Off,
        PluginState::AfterRestart => PluginHealth::AfterRestart,
        PluginState::Refused => PluginHealth::Refused,
    }
}
