//! The plugins: what there is, what is used, why one is refused; switching one on or off.

use super::{Inner, trouble};
use aurapos_runtime::plugin_host::{self, Code, PluginStatus, Refusal};
use aurapos_runtime::settings::{self, MachineSettings, SettingsEdit};
use aurapos_runtime::{RuntimeError, Site};
use aurapos_ui::host::{HostResult, Plugin, PluginState, PluginSwitch, Trouble};
use std::collections::BTreeMap;

/// The kinds that are switched in the window. The storage is a decision about the data.
const SWITCHABLE: [&str; 2] = ["payment", "backup"];

/// What of the settings uses plugins: at the start of the register, and in the file now.
struct Uses {
    started: Option<MachineSettings>,
    now: MachineSettings,
    /// Third parties' plugins were left out at the start.
    safe: bool,
    /// Instances that were refused at the start: kind, name, why.
    refused: Vec<(&'static str, String, Refusal)>,
}

impl Uses {
    fn by(settings: &MachineSettings, id: &str) -> bool {
        settings.instances().any(|(_, one)| one.enabled && one.plugin() == id)
    }

    /// Why an instance of this plugin was refused at the start.
    fn refusal(&self, id: &str) -> Option<&Refusal> {
        let settings = self.started.as_ref()?;
        let of_plugin = |kind: &str, name: &str| {
            settings.instances().any(|(its_kind, one)| its_kind == kind && one.name == name && one.plugin() == id)
        };
        let (_, _, refusal) = self.refused.iter().find(|(kind, name, _)| of_plugin(kind, name))?;
        Some(refusal)
    }
}

impl Inner {
    /// Everything in the folders, and what the settings name and cannot have.
    pub(super) fn plugins(&self) -> HostResult<Vec<Plugin>> {
        self.list_plugins().map_err(|error| trouble::of_runtime(&error))
    }

    fn list_plugins(&self) -> Result<Vec<Plugin>, RuntimeError> {
        let Some(register) = self.register() else {
            let site = match Site::open(&self.options, true) {
                Err(RuntimeError::NoShop { .. }) => return Ok(Vec::new()),
                site => site?,
            };
            let uses = Uses { started: None, now: site.settings.clone(), safe: false, refused: Vec::new() };
            return Ok(all(&site, &uses, &self.language()));
        };
        let refused = register.refused().iter().map(|one| (one.kind, one.name.clone(), one.refusal.clone()));
        let uses = Uses {
            started: Some(register.site().settings.clone()),
            now: MachineSettings::read(&self.options.folder)?,
            safe: register.site().safe_mode,
            refused: refused.collect(),
        };
        if uses.safe {
            // What was left out is shown too: it may be what has to be switched off.
            return Ok(all(&Site::open(&self.options, true)?, &uses, &self.language()));
        }
        Ok(all(register.site(), &uses, &self.language()))
    }

    /// Of the screens: the one that was chosen, the shop's, or English.
    pub(super) fn language(&self) -> String {
        let chosen = self.lock(&self.preferences).language.clone();
        if !chosen.is_empty() {
            return chosen;
        }
        self.state().open.as_ref().map_or_else(|| "en".to_owned(), |open| open.facts.language.clone())
    }

    /// Switches one on or off from the next start on.
    ///
    /// The consent that a plugin may run inside the register is the owner's: it is given here by nobody else.
    pub(super) fn switch_plugin(&self, id: &str, to: PluginSwitch) -> HostResult<Vec<Plugin>> {
        let known = self.plugins()?.into_iter().find(|plugin| plugin.id == id);
        let Some(plugin) = known else {
            return Err(trouble::of_refusal(&Refusal::new(Code::NotFound, id, "")));
        };
        if !plugin.switchable {
            let message = format!("{} is not switched here.", plugin.name);
            return Err(trouble::trouble("AP-0907", &message, "Its place is in the file aurapos.toml."));
        }
        if to == PluginSwitch::On && plugin.needs_consent {
            return Err(trouble::of_refusal(&Refusal::new(Code::NeedsConsent, id, "")));
        }
        self.switch(&plugin, to).map_err(|error| trouble::of_runtime(&error))?;
        self.plugins()
    }

    fn switch(&self, plugin: &Plugin, to: PluginSwitch) -> Result<(), RuntimeError> {
        let on = to != PluginSwitch::Off;
        let refused = |refusal| RuntimeError::Plugin { what: format!("the plugin {}", plugin.id), refusal };
        let register = self.register().filter(|register| !register.site().safe_mode);
        let opened = register.as_ref().map_or_else(|| Site::open(&self.options, true).map(Some), |_| Ok(None))?;
        let Some(site) = register.as_ref().map(|register| register.site()).or(opened.as_ref()) else { return Ok(()) };
        let settings = MachineSettings::read(&self.options.folder)?;
        if on {
            site.plugins.enable(&plugin.id).map_err(refused)?;
        }
        self.edit(|edit| {
            for kind in plugin.kind.split(", ") {
                let used = settings.instances().any(|(its, one)| its == kind && one.plugin() == plugin.id);
                if on {
                    edit.enable(kind, &plugin.id)?;
                    if to == PluginSwitch::OnInsideTheRegister && plugin.needs_consent {
                        edit.allow_in_process(kind, &plugin.id);
                    }
                } else if used {
                    edit.disable(kind, &plugin.id)?;
                }
            }
            Ok(())
        })?;
        let there = site.plugins.list().iter().any(|one| one.id == plugin.id);
        if !on && there {
            site.plugins.disable(&plugin.id).map_err(refused)?;
        }
        tracing::info!(plugin = plugin.id, ?to, "switched");
        Ok(())
    }

    /// Changes the settings file; every other byte of it stays.
    pub(super) fn edit(
        &self,
        change: impl FnOnce(&mut SettingsEdit) -> Result<(), settings::EditError>,
    ) -> Result<(), RuntimeError> {
        let text = settings::read_text(&self.options.folder)?;
        let mut edit = SettingsEdit::of(&text)?;
        change(&mut edit)?;
        if edit.text() != text {
            settings::write_text(&self.options.folder, &edit.text())?;
        }
        Ok(())
    }
}

fn all(site: &Site, uses: &Uses, language: &str) -> Vec<Plugin> {
    let described: BTreeMap<String, String> = site
        .plugins
        .discover()
        .found
        .iter()
        .map(|found| (found.manifest.id.clone(), found.manifest.description.get(language).to_owned()))
        .collect();
    let mut plugins: Vec<Plugin> = Vec::new();
    for status in site.plugins.list() {
        let description = described.get(&status.id).cloned().unwrap_or_default();
        plugins.push(shown(&status, uses, language, description));
    }
    for (kind, one) in uses.now.instances().filter(|(_, one)| one.enabled) {
        let id = one.plugin();
        match plugins.iter_mut().find(|plugin| plugin.id == id) {
            Some(_) => {}
            None => plugins.push(Plugin {
                id: id.to_owned(),
                name: id.to_owned(),
                kind: kind.to_owned(),
                state: PluginState::Refused,
                trouble: Some(trouble::of_refusal(&Refusal::new(Code::NotFound, id, ""))),
                instances: vec![one.name.clone()],
                switchable: SWITCHABLE.contains(&kind),
                needs_consent: needs_consent(&uses.now, id, kind),
                ..Plugin::default()
            }),
        }
    }
    plugins
}

/// Whether an instance of a third party's plugin is missing the owner's consent, or would when it is added.
fn needs_consent(settings: &MachineSettings, id: &str, kind: &str) -> bool {
    let mut its = settings.instances().filter(|(its_kind, one)| *its_kind == kind && one.plugin() == id).peekable();
    its.peek().is_none() || its.any(|(_, one)| !one.in_process)
}

fn shown(status: &PluginStatus, uses: &Uses, language: &str, description: String) -> Plugin {
    let mut kinds: Vec<&str> = status.kinds.iter().map(|kind| kind.word()).collect();
    if kinds.is_empty() {
        // One made for a later AuraPOS does not tell: it is what the settings use it for, and can be switched off.
        kinds = uses.now.instances().filter(|(_, one)| one.plugin() == status.id).map(|(kind, _)| kind).collect();
        kinds.dedup();
    }
    // One that is switched off does not use it.
    let instances = uses.now.instances().filter(|(_, one)| one.enabled && one.plugin() == status.id);
    let name = Some(status.name.get(language)).filter(|name| !name.is_empty()).unwrap_or(&status.id);
    let (state, trouble) = state(status, uses);
    Plugin {
        id: status.id.clone(),
        name: name.to_owned(),
        version: status.version.clone(),
        switchable: !kinds.is_empty() && kinds.iter().all(|kind| SWITCHABLE.contains(kind)),
        needs_consent: !status.builtin && kinds.iter().any(|kind| needs_consent(&uses.now, &status.id, kind)),
        kind: kinds.join(", "),
        author: status.publisher.clone(),
        description,
        built_in: status.builtin,
        state,
        trouble,
        instances: instances.map(|(_, one)| one.name.clone()).collect(),
        path: status.path.display().to_string(),
    }
}

fn state(status: &PluginStatus, uses: &Uses) -> (PluginState, Option<Trouble>) {
    use plugin_host::PluginState as Is;
    let told = |refusal: &Refusal| Some(trouble::of_refusal(refusal));
    let off = status.state == Is::Disabled;
    let wanted = !off && Uses::by(&uses.now, &status.id);
    let left_out = uses.safe && !status.builtin;
    let used = !left_out && uses.started.as_ref().map_or(wanted, |started| Uses::by(started, &status.id));
    match status.state {
        Is::Refused | Is::Quarantined | Is::Hung => (PluginState::Refused, status.refusal.as_ref().and_then(told)),
        _ if used
            && wanted
            && let Some(refusal) = uses.refusal(&status.id) =>
        {
            // Switched off when the register opened, and on since: that counts from the next start.
            let since = refusal.code == Code::Disabled;
            if since { (PluginState::AfterRestart, None) } else { (PluginState::Refused, told(refusal)) }
        }
        _ if used != wanted => (PluginState::AfterRestart, None),
        _ if used => (PluginState::Active, None),
        _ => (PluginState::Off, None),
    }
}
