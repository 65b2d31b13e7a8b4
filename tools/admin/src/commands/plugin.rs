//! `plugin …`

use super::context::{Context, ask_yes};
use super::{plugin_settings, plugin_test};
use crate::cli::PluginCommand;
use crate::output::{Answer, Failure, Outcome};
use crate::table::{pairs, row, table};
use crate::words::shell;
use aurapos_runtime::plugin_host::{
    Code, Installed, Manifest, PluginState, PluginStatus, Refusal, TARGET, pack_library,
};
use aurapos_runtime::settings::SettingsEdit;
use aurapos_runtime::{RefusedInstance, RuntimeError, Site, settings};
use serde_json::{Value, json};
use std::path::Path;

/// `plugin …`
pub fn plugin(context: &Context, command: &PluginCommand) -> Outcome {
    match command {
        PluginCommand::Test { dir, set, secret_file, case_seconds, junit } => {
            let given = plugin_test::Given { set, secret_file: secret_file.as_deref() };
            let request = plugin_test::Request { dir, given, case_seconds: *case_seconds, junit: junit.clone() };
            plugin_test::test(context, &request)
        }
        PluginCommand::TestCases { dir, set, secret_file, suite, cases, word } => {
            let given = plugin_test::Given { set, secret_file: secret_file.as_deref() };
            plugin_test::cases(context, &plugin_test::CasesRequest { dir, given, suite, cases, word })
        }
        PluginCommand::Pack { manifest, library, dest, target } => {
            pack(manifest, library, dest, target.as_deref().unwrap_or(TARGET))
        }
        _ => {
            let site = Site::open(&context.options(), true)?;
            match command {
                PluginCommand::List => Ok(list(&site)),
                PluginCommand::Show { id } => show(&site, id),
                PluginCommand::Install { dir } => {
                    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
                    Ok(installed(&site, &site.plugins.install(&dir)?))
                }
                PluginCommand::Trust { id } => {
                    let manifest = site.plugins.trust(id)?;
                    Ok(done(&site, &exact(&manifest), "is trusted as it is now"))
                }
                PluginCommand::Enable { id, in_process } => enable(context, &site, id, *in_process),
                PluginCommand::Disable { id } => disable(context, &site, id),
                PluginCommand::Remove { id } => remove(&site, id),
                PluginCommand::Settings { instance, live, connect } => {
                    plugin_settings::settings(&site, instance, *live || *connect, *connect)
                }
                PluginCommand::SetSecret { instance, key, stdin } => {
                    plugin_settings::set_secret(&site, instance, key, *stdin)
                }
                PluginCommand::UnsetSecret { instance, key } => plugin_settings::unset_secret(&site, instance, key),
                PluginCommand::Test { .. } | PluginCommand::TestCases { .. } | PluginCommand::Pack { .. } => {
                    Ok(Answer::silent(true))
                }
            }
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::new(refusal.code_text(), refusal.message, refusal.next)
    }
}

/// All plugins as scripts read them.
pub fn plugins_json(site: &Site) -> Vec<Value> {
    site.plugins.list().iter().map(|plugin| plugin_json(site, plugin)).collect()
}

fn plugin_json(site: &Site, plugin: &PluginStatus) -> Value {
    let instances: Vec<Value> = uses(site, &plugin.id)
        .map(|(kind, one)| json!({"kind": kind, "name": one.name, "enabled": one.enabled}))
        .collect();
    let refusal = plugin.refusal.as_ref();
    json!({
        "id": plugin.id, "version": plugin.version, "kinds": kinds(plugin), "state": plugin.state.word(),
        "isolation": plugin.isolation, "path": plugin.path.display().to_string(), "builtin": plugin.builtin,
        "publisher": plugin.publisher, "panics": plugin.panics, "instances": instances,
        "in_use": uses(site, &plugin.id).any(|(_, one)| one.enabled),
        "code": refusal.map(|refusal| refusal.code_text()), "reason": refusal.map(|refusal| refusal.message.clone()),
        "next": refusal.map(|refusal| refusal.next.clone()),
    })
}

fn kinds(plugin: &PluginStatus) -> Vec<&'static str> {
    plugin.kinds.iter().map(|kind| kind.word()).collect()
}

/// All plugins as a table.
pub fn plugin_rows(site: &Site) -> Vec<Vec<String>> {
    let mut rows = vec![row(["plugin", "version", "kinds", "state", "used as", "reason"])];
    for plugin in site.plugins.list() {
        let reason = plugin.refusal.as_ref().map(ToString::to_string).unwrap_or_default();
        let (kinds, used) = (kinds(&plugin).join(", "), used_as(site, &plugin.id));
        rows.push(row([&plugin.id, &plugin.version, &kinds, plugin.state.word(), &used, &reason]));
    }
    rows
}

/// The instances of a plugin in the settings.
fn uses<'a>(site: &'a Site, id: &'a str) -> impl Iterator<Item = (&'static str, &'a settings::Instance)> {
    site.settings.instances().filter(move |(_, one)| one.plugin() == id)
}

/// Under which names a plugin is used; `not used` for one that just lies there.
fn used_as(site: &Site, id: &str) -> String {
    let name = |(kind, one): (&'static str, &settings::Instance)| {
        let off = if one.enabled { "" } else { " (off)" };
        // There is one storage and one backup: their kind says more than a name.
        let name = if matches!(kind, "storage" | "backup") { kind } else { &one.name };
        format!("{name}{off}")
    };
    let names: Vec<String> = uses(site, id).map(name).collect();
    if names.is_empty() { "not used".to_owned() } else { names.join(", ") }
}

/// Enabled instances of the settings whose plugin is missing or refused, by what is known without running any: asking a
/// payment plugin whether it starts may take the terminal away from the program that sells. `doctor` does ask.
pub fn problems(site: &Site) -> Vec<RefusedInstance> {
    let all = site.plugins.list();
    let usable = |state| matches!(state, PluginState::Ready | PluginState::Loaded);
    let refusal = |id: &str| {
        let mut named = all.iter().filter(|plugin| plugin.id == id).peekable();
        if named.peek().is_none() {
            return Some(Refusal::new(Code::NotFound, id, ""));
        }
        let mut reason = None;
        for plugin in named {
            if usable(plugin.state) {
                return None;
            }
            reason = reason.or_else(|| plugin.refusal.clone());
        }
        reason
    };
    let enabled = site.settings.instances().filter(|(_, one)| one.enabled);
    let refused = |(kind, one): (&'static str, &settings::Instance)| {
        refusal(one.plugin()).map(|refusal| RefusedInstance { kind, name: one.name.clone(), refusal })
    };
    enabled.filter_map(refused).collect()
}

/// What the settings name and cannot have, as scripts read it.
pub fn problems_json(problems: &[RefusedInstance]) -> Vec<Value> {
    let json = |one: &RefusedInstance| {
        json!({
            "kind": one.kind, "name": one.name, "code": one.refusal.code_text(), "message": one.refusal.message,
            "next": one.refusal.next,
        })
    };
    problems.iter().map(json).collect()
}

/// The same below a table of plugins; empty when all is well.
pub fn problem_lines(problems: &[RefusedInstance]) -> String {
    let line = |one: &RefusedInstance| {
        let (kind, name, refusal) = (one.kind, &one.name, &one.refusal);
        format!("\n[{kind}] {name} is in the settings and not used: {refusal}\n  → {}", refusal.next)
    };
    let lines: String = problems.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

fn list(site: &Site) -> Answer {
    let refused = problems(site);
    let json = json!({"plugins": plugins_json(site), "problems": problems_json(&refused)});
    Answer::new(json, table(&plugin_rows(site), &[]) + &problem_lines(&refused))
}

/// By `ID` or `ID@VERSION`. Of several under one id, one that may be used comes before one that is refused.
fn find(site: &Site, name: &str) -> Result<PluginStatus, Failure> {
    let all = site.plugins.list();
    let mut known: Vec<&str> = all.iter().map(|plugin| plugin.id.as_str()).collect();
    known.dedup();
    let missing = RuntimeError::NoSuchPlugin { id: name.to_owned(), known: known.join(", ") };
    let meant = |plugin: &&PluginStatus| match name.split_once('@') {
        Some((id, version)) => plugin.id == id && plugin.version == version,
        None => plugin.id == name,
    };
    let found = all.iter().filter(meant).min_by_key(|plugin| plugin.state == PluginState::Refused);
    found.cloned().ok_or_else(|| missing.into())
}

/// One version of a plugin, as it is named on the command line.
fn exact(manifest: &Manifest) -> String {
    format!("{}@{}", manifest.id, manifest.version)
}

/// Says what else is trusted: two versions that both fit a name are refused, so that nothing changes in silence.
fn installed(site: &Site, installed: &Installed) -> Answer {
    let (id, version) = (&installed.manifest.id, &installed.manifest.version);
    let mut answer = done(
        site,
        &exact(&installed.manifest),
        "is installed and trusted as it is now; `plugin enable` puts it to use",
    );
    let others: Vec<String> = installed.others.iter().map(ToString::to_string).collect();
    answer.json["others"] = json!(others);
    if let Some(other) = others.first() {
        answer.text += &format!(
            "\nVersion {} stays trusted beside it: say in aurapos.toml which one is used, like use = \"{id}@={version}\", or \
             remove it: `aurapos-admin plugin remove {id}@{other}`.",
            others.join(", ")
        );
    }
    answer
}

fn show(site: &Site, id: &str) -> Outcome {
    let plugin = find(site, id)?;
    let mut lines = vec![
        ("Plugin", format!("{} {}", plugin.id, plugin.version)),
        ("Name", plugin.name.get("en").to_owned()),
        ("Publisher", plugin.publisher.clone()),
        ("Does", kinds(&plugin).join(", ")),
        ("State", plugin.state.word().to_owned()),
        ("Runs", plugin.isolation.to_owned()),
        ("Folder", plugin.path.display().to_string()),
        ("Used as", used_as(site, id)),
    ];
    let secrets = plugin_settings::secrets_of(site, uses(site, id));
    if !secrets.is_empty() {
        lines.push(("Secrets", plugin_settings::secrets_line(&secrets)));
    }
    if let Some(refusal) = &plugin.refusal {
        lines.push(("Reason", refusal.to_string()));
        lines.push(("Next", refusal.next.clone()));
    }
    let mut json = plugin_json(site, &plugin);
    json["name"] = Value::from(plugin.name.get("en"));
    json["secrets"] = plugin_settings::secrets_json(&secrets);
    Ok(Answer::new(json, pairs(&lines)))
}

fn done(site: &Site, name: &str, what: &str) -> Answer {
    let json = find(site, name).map_or(Value::Null, |plugin| plugin_json(site, &plugin));
    Answer::new(json!({"plugin": json}), format!("{name} {what}."))
}

/// Lifts what stands against a plugin, and sees to it that the settings use it.
fn enable(context: &Context, site: &Site, id: &str, in_process: bool) -> Outcome {
    let plugin = find(site, id)?;
    // Another storage is a decision about the data: it is made in the file itself.
    let kinds_used: Vec<&str> = kinds(&plugin).into_iter().filter(|kind| *kind != "storage").collect();
    let consents = kinds_used.iter().any(|kind| needs_consent(site, &plugin, kind));
    if consents && !in_process {
        consent(context, &plugin)?;
    }
    site.plugins.enable(id)?;
    edit(context, |edit| {
        for kind in kinds_used {
            edit.enable(kind, id)?;
            if consents {
                edit.allow_in_process(kind, id);
            }
        }
        Ok(())
    })?;
    let what = match kinds(&plugin)[..] {
        ["storage"] => "may be used; the settings still name the storage in [storage.local]",
        _ => "is enabled from the next start on",
    };
    Ok(done(&Site::open(&context.options(), true)?, id, what))
}

/// Whether the owner has not said yet that this plugin may run inside the register.
fn needs_consent(site: &Site, plugin: &PluginStatus, kind: &str) -> bool {
    let mut instances = uses(site, &plugin.id).filter(|(its_kind, _)| *its_kind == kind).peekable();
    !plugin.builtin && (instances.peek().is_none() || instances.any(|(_, one)| !one.in_process))
}

/// Asks the owner, in words that say what it means. Nothing has been changed yet.
fn consent(context: &Context, plugin: &PluginStatus) -> Result<(), Failure> {
    let PluginStatus { id, publisher, .. } = plugin;
    let publisher = if publisher.is_empty() { "not named" } else { publisher };
    let means = format!(
        "{id} (publisher: {publisher}) did not come with AuraPOS. It would run inside the register with all its rights: it can read \
         and change all data of the shop, see payments and end the program. Allow this only if you trust its publisher"
    );
    let refused = |next: String| Err(Failure::new("AP-0507", means.clone(), next));
    if !context.may_ask {
        return refused(format!("If you do: `{} plugin enable {} --in-process`.", context.program(), shell(id)));
    }
    if ask_yes(&format!("{means}.\nType yes to let it run inside the register:"))? {
        return Ok(());
    }
    refused("Nothing was changed.".to_owned())
}

fn disable(context: &Context, site: &Site, id: &str) -> Outcome {
    let mut kinds: Vec<&str> = uses(site, id).map(|(kind, _)| kind).collect();
    kinds.dedup();
    let plugin = match find(site, id) {
        Ok(plugin) => Some(plugin),
        // Its folder is gone; what the settings say about it can be turned off all the same.
        Err(_) if !kinds.is_empty() => None,
        Err(failure) => return Err(by_plugin(site, id, failure)),
    };
    edit(context, |edit| kinds.iter().try_for_each(|kind| edit.disable(kind, id)))?;
    if plugin.is_some_and(|plugin| plugin.state != PluginState::Disabled) {
        site.plugins.disable(id)?;
    }
    Ok(done(&Site::open(&context.options(), true)?, id, "is disabled from the next start on; its settings stay"))
}

/// Plugins are named by their id; whoever gives an instance's name is told the id.
fn by_plugin(site: &Site, name: &str, mut failure: Failure) -> Failure {
    if let Some((kind, one)) = site.settings.instances().find(|(_, one)| one.name == name) {
        failure.next = format!("{name} is a [{kind}] of the plugin `{id}`: give `{id}`.", id = one.plugin());
    }
    failure
}

fn remove(site: &Site, id: &str) -> Outcome {
    let name = id.split('@').next().unwrap_or(id);
    if find(site, name).is_ok_and(|plugin| plugin.builtin) {
        let message = format!("{id} came with AuraPOS and cannot be removed");
        let next = format!("Turn it off instead: `aurapos-admin plugin disable {id}`.");
        return Err(Failure::new("AP-0302", message, next));
    }
    // Which of its settings are secrets is known as long as it is there.
    let keeps_secrets = plugin_settings::secrets_of(site, uses(site, id)).iter().any(|secret| secret.is_set());
    site.plugins.remove(id)?;
    let settings = if find(site, name).is_ok() {
        "other versions of it stay".to_owned()
    } else if uses(site, name).any(|(_, one)| one.enabled) {
        format!("aurapos.toml still names it: turn that off with `plugin disable {}`", shell(name))
    } else {
        "its settings stay in aurapos.toml".to_owned()
    };
    let secrets = if keeps_secrets { ", its secrets in secrets.toml (`plugin unset-secret`)" } else { "" };
    Ok(Answer::new(json!({"removed": id}), format!("{id} is removed; {settings}{secrets}.")))
}

fn edit(
    context: &Context,
    change: impl FnOnce(&mut SettingsEdit) -> Result<(), settings::EditError>,
) -> Result<(), Failure> {
    let text = settings::read_text(&context.folder).map_err(RuntimeError::from)?;
    let mut edit = SettingsEdit::of(&text).map_err(RuntimeError::from)?;
    change(&mut edit).map_err(RuntimeError::from)?;
    if edit.text() != text {
        settings::write_text(&context.folder, &edit.text()).map_err(RuntimeError::from)?;
    }
    Ok(())
}

/// Whether a library for this target is one that the host knows to look into.
fn check_target(target: &str) -> Result<(), Failure> {
    let parts: Vec<&str> = target.split('-').collect();
    let plain = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !(3..=4).contains(&parts.len()) || !parts.iter().all(plain) {
        let next = "Name it as cargo does: aarch64-unknown-linux-gnu.";
        return Err(Failure::usage(format!("\"{target}\" is no target"), next));
    }
    if !parts.iter().any(|part| matches!(*part, "linux" | "windows")) {
        let message = format!("libraries for {target} cannot be checked yet, and so are not packed");
        return Err(Failure::new("AP-0503", message, "Pack for Linux or Windows, or use a later version."));
    }
    Ok(())
}

fn pack(manifest: &Path, library: &Path, dest: &Path, target: &str) -> Outcome {
    check_target(target)?;
    let fail = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| {
            Failure::new("AP-0502", format!("{path}: {error}"), "Check the file's name and rights.")
        }
    };
    let text = std::fs::read_to_string(manifest).map_err(fail(manifest))?;
    if !library.is_file() {
        let next = "Build it first: cargo build --release. (`cargo test` does not write the library.)";
        return Err(Failure::new("AP-0502", format!("{}: there is no such file", library.display()), next));
    }
    let sidecar = pack_library(&text, library, target).map_err(|refusal| {
        let next = format!("Build it for {target}, or say with --target what it was built for.");
        let wrong = refusal.code == Code::Target;
        let failure = Failure::from(refusal);
        if wrong { Failure { next, ..failure } } else { failure }
    })?;
    let name =
        library.file_name().ok_or_else(|| Failure::usage("the library has no name", "Give the library's file."))?;
    std::fs::create_dir_all(dest).map_err(fail(dest))?;
    std::fs::copy(library, dest.join(name)).map_err(fail(library))?;
    std::fs::write(dest.join("plugin.toml"), sidecar).map_err(fail(dest))?;
    let folder = dest.display().to_string();
    Ok(Answer::new(
        json!({"folder": folder, "target": target}),
        format!("{folder} is ready for `plugin test` and `plugin install`."),
    ))
}
