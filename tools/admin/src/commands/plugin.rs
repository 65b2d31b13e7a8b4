//! `plugin …`

use super::context::Context;
use super::plugin_test;
use crate::cli::PluginCommand;
use crate::output::{Answer, Failure, Outcome};
use crate::table::{pairs, row, table};
use aurapos_runtime::plugin_host::{PluginState, PluginStatus, Refusal, TARGET, pack_library};
use aurapos_runtime::settings::SettingsEdit;
use aurapos_runtime::{RuntimeError, Site, settings};
use serde_json::{Value, json};
use std::path::Path;

/// `plugin …`
pub fn plugin(context: &Context, command: &PluginCommand) -> Outcome {
    match command {
        PluginCommand::Test { dir, set } => plugin_test::test(context, dir, set),
        PluginCommand::Pack { manifest, library, dest } => pack(manifest, library, dest),
        _ => {
            let site = Site::open(&context.options(), true)?;
            match command {
                PluginCommand::List => Ok(list(&site)),
                PluginCommand::Show { id } => show(&site, id),
                PluginCommand::Install { dir } => {
                    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
                    let manifest = site.plugins.install(&dir)?;
                    Ok(done(
                        &site,
                        &manifest.id,
                        "is installed and trusted as it is now; `plugin enable` puts it to use",
                    ))
                }
                PluginCommand::Trust { id } => {
                    let manifest = site.plugins.trust(id)?;
                    Ok(done(&site, &manifest.id, "is trusted as it is now"))
                }
                PluginCommand::Enable { id } => enable(context, &site, id),
                PluginCommand::Disable { id } => disable(context, &site, id),
                PluginCommand::Remove { id } => {
                    site.plugins.remove(id)?;
                    Ok(Answer::new(
                        json!({"removed": id}),
                        format!("{id} is removed; its settings stay in aurapos.toml."),
                    ))
                }
                PluginCommand::Test { .. } | PluginCommand::Pack { .. } => Ok(Answer::silent(true)),
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
    site.plugins.list().iter().map(plugin_json).collect()
}

fn plugin_json(plugin: &PluginStatus) -> Value {
    let refusal = plugin.refusal.as_ref();
    json!({
        "id": plugin.id, "version": plugin.version, "kinds": kinds(plugin), "state": plugin.state.word(),
        "isolation": plugin.isolation, "path": plugin.path.display().to_string(), "builtin": plugin.builtin,
        "publisher": plugin.publisher, "panics": plugin.panics,
        "code": refusal.map(|refusal| refusal.code_text()), "reason": refusal.map(|refusal| refusal.message.clone()),
        "next": refusal.map(|refusal| refusal.next.clone()),
    })
}

fn kinds(plugin: &PluginStatus) -> Vec<&'static str> {
    plugin.kinds.iter().map(|kind| kind.word()).collect()
}

/// All plugins as a table.
pub fn plugin_rows(site: &Site) -> Vec<Vec<String>> {
    let mut rows = vec![row(["plugin", "version", "kinds", "state", "reason"])];
    for plugin in site.plugins.list() {
        let reason = plugin.refusal.as_ref().map(ToString::to_string).unwrap_or_default();
        rows.push(row([&plugin.id, &plugin.version, &kinds(&plugin).join(", "), plugin.state.word(), &reason]));
    }
    rows
}

fn list(site: &Site) -> Answer {
    Answer::new(json!({"plugins": plugins_json(site)}), table(&plugin_rows(site), &[]))
}

fn find(site: &Site, id: &str) -> Result<PluginStatus, Failure> {
    let all = site.plugins.list();
    let known: Vec<&str> = all.iter().map(|plugin| plugin.id.as_str()).collect();
    let missing = RuntimeError::NoSuchPlugin { id: id.to_owned(), known: known.join(", ") };
    all.iter().find(|plugin| plugin.id == id).cloned().ok_or_else(|| missing.into())
}

fn show(site: &Site, id: &str) -> Outcome {
    let plugin = find(site, id)?;
    let instances: Vec<Value> = site
        .settings
        .instances()
        .filter(|(_, one)| one.plugin() == id)
        .map(|(kind, one)| json!({"kind": kind, "name": one.name, "enabled": one.enabled}))
        .collect();
    let mut lines = vec![
        ("Plugin", format!("{} {}", plugin.id, plugin.version)),
        ("Name", plugin.name.get("en").to_owned()),
        ("Publisher", plugin.publisher.clone()),
        ("Does", kinds(&plugin).join(", ")),
        ("State", plugin.state.word().to_owned()),
        ("Runs", plugin.isolation.to_owned()),
        ("Folder", plugin.path.display().to_string()),
        (
            "Instances",
            instances.iter().map(|one| one["name"].as_str().unwrap_or_default()).collect::<Vec<_>>().join(", "),
        ),
    ];
    if let Some(refusal) = &plugin.refusal {
        lines.push(("Reason", refusal.to_string()));
        lines.push(("Next", refusal.next.clone()));
    }
    let mut json = plugin_json(&plugin);
    json["name"] = Value::from(plugin.name.get("en"));
    json["instances"] = Value::from(instances);
    Ok(Answer::new(json, pairs(&lines)))
}

fn done(site: &Site, id: &str, what: &str) -> Answer {
    let json = site.plugins.list().iter().find(|plugin| plugin.id == id).map_or(Value::Null, plugin_json);
    Answer::new(json!({"plugin": json}), format!("{id} {what}."))
}

/// Lifts what stands against a plugin, and sees to it that the settings use it.
fn enable(context: &Context, site: &Site, id: &str) -> Outcome {
    let plugin = find(site, id)?;
    site.plugins.enable(id)?;
    edit(context, |edit| {
        for kind in kinds(&plugin) {
            // Another storage is a decision about the data: it is made in the file itself.
            if kind != "storage" {
                edit.enable(kind, id)?;
                if !plugin.builtin {
                    edit.allow_in_process(kind, id);
                }
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

fn disable(context: &Context, site: &Site, id: &str) -> Outcome {
    let plugin = find(site, id)?;
    let uses = |kind: &str| site.settings.instances().any(|(of, one)| of == kind && one.plugin() == id);
    edit(context, |edit| kinds(&plugin).iter().filter(|kind| uses(kind)).try_for_each(|kind| edit.disable(kind, id)))?;
    if plugin.state != PluginState::Disabled {
        site.plugins.disable(id)?;
    }
    Ok(done(&Site::open(&context.options(), true)?, id, "is disabled from the next start on; its settings stay"))
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

fn pack(manifest: &Path, library: &Path, dest: &Path) -> Outcome {
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
    let sidecar = pack_library(&text, library, TARGET)?;
    let name =
        library.file_name().ok_or_else(|| Failure::usage("the library has no name", "Give the library's file."))?;
    std::fs::create_dir_all(dest).map_err(fail(dest))?;
    std::fs::copy(library, dest.join(name)).map_err(fail(library))?;
    std::fs::write(dest.join("plugin.toml"), sidecar).map_err(fail(dest))?;
    let folder = dest.display().to_string();
    Ok(Answer::new(json!({"folder": folder}), format!("{folder} is ready for `plugin test` and `plugin install`.")))
}
