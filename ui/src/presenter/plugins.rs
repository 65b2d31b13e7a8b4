//! The screen "plugins": what is there, whether it works and why not; payment and backup switched on and off.

use crate::host::{HostResult, Plugin, PluginState, Trouble};
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
}

impl Default for Plugins {
    fn default() -> Self {
        Plugins { list: Vec::new(), state: ListState::Loading, error: String::new(), busy: None }
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

    /// Why there is no list.
    pub fn error(&self) -> &str {
        &self.error
    }
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    reload(shell);
}

/// Looks at the plugins again.
pub fn reload(shell: &mut Shell) {
    if shell.plugins.list.is_empty() {
        shell.plugins.state = ListState::Loading;
    }
    let answer = shell.expect(listed);
    shell.host().plugins(answer);
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

/// Switches a plugin on or off from the next start.
pub fn switch(shell: &mut Shell, id: &str, on: bool) {
    if shell.plugins.busy.is_some() {
        return;
    }
    shell.plugins.busy = Some(id.to_owned());
    let answer = shell.expect(listed);
    shell.host().switch_plugin(id.to_owned(), on, answer);
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
        PluginState::Active | PluginState::Refused => true,
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
