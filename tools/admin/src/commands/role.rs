//! `operator roles` and `operator role …`

use super::context::{Context, Open};
use crate::cli::{Right, RoleCommand, SignIn};
use crate::output::{Answer, Outcome};
use crate::table::{row, table};
use aurapos_runtime::domain::people::{PermissionSet, Role};
use aurapos_runtime::engine::command::people::{PeopleCommand, RoleChange};
use aurapos_runtime::engine::command::{Command, Reply};
use aurapos_runtime::engine::queries::{self, RoleOrigin, RoleView};
use aurapos_runtime::locale::{Language, names};
use serde_json::{Value, json};

/// `operator role …`
pub fn role(context: &Context, command: &RoleCommand) -> Outcome {
    match command {
        RoleCommand::Set { code, name, allow, deny, who } => {
            let set = |rights: &[Right]| PermissionSet::of(&rights.iter().map(|right| right.0).collect::<Vec<_>>());
            let (code, name) = (code.clone(), name.clone());
            let change = RoleChange { code, name, allow: set(allow), deny: set(deny) };
            act(context, who, &change.code.clone(), PeopleCommand::SaveRole(change))
        }
        RoleCommand::Remove { code, who } => act(context, who, code, PeopleCommand::RemoveRole { code: code.clone() }),
    }
}

fn act(context: &Context, who: &SignIn, code: &str, command: PeopleCommand) -> Outcome {
    let open = Open::register(context)?;
    let session = open.sign_in(who)?;
    let reply = open.register.call(Some(session), Command::People(command))?;
    open.close();
    let Reply::Role(role) = reply else { return Err(super::unexpected(&reply)) };
    let text = match role.as_deref() {
        None => format!("The role {code} is removed."),
        Some(role) => format!("The role {code} allows: {}.", rights(role)),
    };
    Ok(Answer::new(json!({"code": code, "role": role.as_deref().map(told)}), text))
}

/// `operator roles`
pub fn roles(context: &Context) -> Outcome {
    let reader = context.reader()?;
    let roles = queries::roles(reader.store.as_ref())?;
    let mut rows = vec![row(["code", "name", "allows", "operators"])];
    rows.extend(roles.iter().map(|role| row([&role.code, &name(role), &rights(role), &role.people.join(", ")])));
    let list: Vec<Value> = roles.iter().map(told).collect();
    Ok(Answer::new(json!({"roles": list}), table(&rows, &[])))
}

fn name(role: &RoleView) -> String {
    match role.origin {
        RoleOrigin::Missing => "(is not there)".to_owned(),
        _ => names::role_named(Language::English, &role.code, &role.name).to_owned(),
    }
}

fn rights(role: &RoleView) -> String {
    let codes: Vec<&str> = role.permissions.codes().into_iter().collect();
    match codes.as_slice() {
        _ if role.code == Role::MANAGER => "everything".to_owned(),
        [] => "nothing".to_owned(),
        codes => codes.join(", "),
    }
}

/// A role for scripts. `unknown`: codes of rights that only a newer program knows; they allow nothing here.
fn told(role: &RoleView) -> Value {
    let origin = match role.origin {
        RoleOrigin::BuiltIn => "built_in",
        RoleOrigin::Changed => "changed",
        RoleOrigin::Own => "own",
        RoleOrigin::Missing => "missing",
    };
    json!({
        "code": role.code, "name": name(role), "origin": origin,
        "allow": role.permissions.known.iter().map(|right| right.code()).collect::<Vec<_>>(),
        "unknown": role.permissions.newer, "operators": role.people,
    })
}
