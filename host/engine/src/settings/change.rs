//! Changing a setting: checked, journaled with old and new value, in force at once.

use aurapos_contract::transaction::OperationKind;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::people::Operator;

use super::registry::{Definition, find};
use super::value_of;
use crate::command::Reply;
use crate::command::settings::{SettingReply, SettingsCommand};
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::journal;
use crate::people::somebody;
use crate::rows::register::Setting;
use crate::rows::{self, Record};
use crate::state::Core;

/// Carries out a command for whoever is signed in.
pub(crate) fn run(
    core: &mut Core,
    actor: Option<&Operator>,
    command: SettingsCommand,
    env: &mut dyn Env,
) -> EngineResult<Reply> {
    let (key, value) = match &command {
        SettingsCommand::Set { key, value } => (key, Some(value)),
        SettingsCommand::Reset { key } => (key, None),
    };
    let definition = find(key)?;
    let actor = somebody(actor)?;
    let before = value_of(definition, &core.shop, &core.settings);
    let value = value.map(|value| normalised(core, definition, value)).transpose()?;
    let after = value.clone().unwrap_or_else(|| definition.default_for(core.shop.country));
    let same_row = core.settings.get(definition.key) == value.as_ref();
    if after != before || (definition.shop.is_none() && !same_row) {
        store(core, env, actor, definition, (&before, &after), value)?;
    }
    Ok(Reply::Setting(SettingReply { key: definition.key.to_owned(), value: after }))
}

fn normalised(core: &Core, definition: &Definition, value: &str) -> EngineResult<String> {
    let refuse = |why: String| {
        let key = definition.key;
        Code::BadSetting.error(format!("The setting {key} can't have this value: {why}."))
    };
    definition.normalise(value, core.shop.country).map_err(refuse)
}

fn store(
    core: &mut Core,
    env: &mut dyn Env,
    actor: &Operator,
    definition: &Definition,
    (before, after): (&str, &str),
    value: Option<String>,
) -> EngineResult<()> {
    let mut draft = core.draft(env)?;
    match (definition.shop, value) {
        (Some(place), Some(value)) => {
            let mut shop = core.shop.clone();
            place.write(&mut shop, &value);
            rows::upsert(&mut draft.transaction, &[shop]);
        }
        (Some(_), None) => {
            let key = definition.key;
            return Err(Code::BadSetting.error(format!("The setting {key} has no default: give it a value.")));
        }
        (None, Some(value)) => {
            rows::upsert(&mut draft.transaction, &[Setting { name: definition.key.to_owned(), value }]);
        }
        (None, None) => {
            let key = vec![vec![definition.key.into()]];
            draft.transaction.push(OperationKind::Delete, Setting::TABLE, &["name"], key);
        }
    }
    let mut w = journal::body();
    w.uuid(actor.id.uuid()).text(definition.key).text(before).text(after);
    core.append(&mut draft, EntryKind::SETTING_CHANGED, journal::finish(w)?)?;
    core.commit(draft)?;
    // The state holds the shop and the changed settings: both are read as the store has them now.
    core.reload()
}
