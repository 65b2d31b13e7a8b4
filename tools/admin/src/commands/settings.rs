//! `settings …`: what the whole shop shares, and this machine's settings file.

use super::context::{Context, Open};
use crate::cli::SettingsCommand;
use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use aurapos_runtime::engine::command::settings::SettingsCommand as EngineCommand;
use aurapos_runtime::engine::command::{Command, Reply};
use aurapos_runtime::engine::settings as shop_settings;
use aurapos_runtime::engine::settings::SettingView;
use aurapos_runtime::{settings as machine, zone};
use serde_json::{Value, json};

/// `settings …`
pub fn settings(context: &Context, command: &SettingsCommand) -> Outcome {
    match command {
        SettingsCommand::Get { key } => {
            let setting = shop_settings::get(context.reader()?.store.as_ref(), key)?;
            Ok(Answer::new(view_json(&setting), setting.value.clone()))
        }
        SettingsCommand::List => list(context),
        SettingsCommand::Set { key, value, who } => {
            let open = Open::register(context)?;
            let session = open.sign_in(who)?;
            let change = EngineCommand::Set { key: key.clone(), value: value.clone() };
            let reply = open.register.call(Some(session), Command::Settings(change))?;
            let now = shop_settings::get(open.register.store().as_ref(), key)?;
            open.close();
            match reply {
                Reply::Setting(_) => Ok(Answer::new(view_json(&now), format!("{key} = {}", now.value))),
                other => Err(super::unexpected(&other)),
            }
        }
        SettingsCommand::UseLastGood => {
            machine::use_last_good(&context.folder).map_err(aurapos_runtime::RuntimeError::from)?;
            let text = "The settings that worked last are in use again; the others are kept as aurapos.toml.broken.";
            Ok(Answer::new(json!({"file": file(context)}), text))
        }
        SettingsCommand::WriteDefault { register } => {
            if context.folder.settings_file().exists() {
                let message = format!("{} is there already", file(context));
                return Err(Failure::new("AP-0207", message, "Move it away first, or correct it."));
            }
            let text = machine::default_text(register, zone::DEFAULT_ZONE.name());
            machine::write_text(&context.folder, &text).map_err(aurapos_runtime::RuntimeError::from)?;
            Ok(Answer::new(json!({"file": file(context)}), format!("{} is written.", file(context))))
        }
    }
}

fn file(context: &Context) -> String {
    context.folder.settings_file().display().to_string()
}

fn view_json(setting: &SettingView) -> Value {
    json!({
        "key": setting.definition.key, "value": setting.value, "default": setting.default, "not_taken": setting.not_taken,
        "description": setting.definition.description,
    })
}

/// The value, and what is stored instead where this program does not take it.
fn shown(setting: &SettingView) -> String {
    match &setting.not_taken {
        None => setting.value.clone(),
        Some(stored) => format!("{} (not taken: {stored})", setting.value),
    }
}

fn list(context: &Context) -> Outcome {
    let settings = shop_settings::list(context.reader()?.store.as_ref())?;
    let mut rows = vec![row(["setting", "value", "meaning"])];
    rows.extend(settings.iter().map(|one| row([one.definition.key, &shown(one), one.definition.description])));
    let list: Vec<Value> = settings.iter().map(view_json).collect();
    Ok(Answer::new(json!({"settings": list}), table(&rows, &[])))
}
