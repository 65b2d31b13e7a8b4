//! `operator …`

use super::context::{Context, Open, ask_new_pin};
use super::role;
use crate::cli::{OperatorCommand, SignIn};
use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::domain::people::Operator;
use aurapos_runtime::engine::command::people::PeopleCommand;
use aurapos_runtime::engine::command::{Command, Reply, TypedPin};
use aurapos_runtime::engine::queries;
use aurapos_runtime::ids;
use serde_json::json;

/// `operator …`
pub fn operator(context: &Context, command: &OperatorCommand) -> Outcome {
    match command {
        OperatorCommand::List => list(context),
        OperatorCommand::Roles => role::roles(context),
        OperatorCommand::Role { command } => role::role(context, command),
        OperatorCommand::Add { name, role, new_pin, who } => {
            let command = |pin| PeopleCommand::Add { name: name.clone(), role: role.clone(), pin };
            act(context, Some(who), || Ok(command(pin_of(new_pin.as_ref(), name)?)), |_| "is added".to_owned())
        }
        OperatorCommand::Disable { name, who } => {
            let command = PeopleCommand::Disable { name: name.clone() };
            act(context, Some(who), || Ok(command), |_| "is disabled; `operator enable` takes it back".to_owned())
        }
        OperatorCommand::Enable { name, who } => {
            let command = PeopleCommand::Enable { name: name.clone() };
            act(context, Some(who), || Ok(command), |_| "is enabled and signs in with the PIN as before".to_owned())
        }
        OperatorCommand::SetRole { name, role, who } => {
            let command = PeopleCommand::SetRole { name: name.clone(), role: role.clone() };
            act(context, Some(who), || Ok(command), |now| format!("has the role {}", now.role.code))
        }
        OperatorCommand::ResetPin { name, new_pin, who } => {
            let by = who.operator.as_ref().map(|_| who);
            let role = if by.is_none() { " and the role manager" } else { "" };
            let command = || {
                let (name, pin) = (name.clone(), pin_of(new_pin.as_ref(), name)?);
                let rescue = by.is_none();
                Ok(if rescue {
                    PeopleCommand::RescueManager { name, pin }
                } else {
                    PeopleCommand::ResetPin { name, pin }
                })
            };
            act(context, by, command, |now| {
                let still = if now.active { "" } else { ", but stays disabled until `operator enable`" };
                format!("has a new PIN{role}{still}")
            })
        }
    }
}

fn pin_of(given: Option<&TypedPin>, name: &str) -> Result<String, Failure> {
    given.map_or_else(|| ask_new_pin(&format!("New PIN of {name}: ")), |pin| Ok(pin.text().to_owned()))
}

/// Does it as somebody, or as the machine. Who does it says so first; a new PIN is asked for after that.
fn act(
    context: &Context,
    who: Option<&SignIn>,
    command: impl FnOnce() -> Result<PeopleCommand, Failure>,
    done: impl FnOnce(&Operator) -> String,
) -> Outcome {
    let open = Open::register(context)?;
    let session = who.map(|who| open.sign_in(who)).transpose()?;
    let reply = open.register.call(session, Command::People(command()?))?;
    open.close();
    let Reply::People(changed) = reply else { return Err(super::unexpected(&reply)) };
    let operator = changed.operator;
    let json = json!({"operator": {
        "id": operator.id.to_string(), "name": operator.name, "role": operator.role.code, "active": operator.active,
    }});
    let text = format!("{} {}.", operator.name, done(&operator));
    Ok(Answer::new(json, text))
}

fn list(context: &Context) -> Outcome {
    let reader = context.reader()?;
    let operators = queries::operators(reader.store.as_ref(), Timestamp(ids::now()))?;
    let mut rows = vec![row(["name", "role", "state"])];
    let mut list = Vec::new();
    for one in &operators {
        let operator = &one.operator;
        let locked_s = one.locked_us.map(|left| left / 1_000_000);
        let state = match locked_s {
            _ if !operator.active => "disabled".to_owned(),
            Some(left) => format!("locked for {left} s"),
            None => "active".to_owned(),
        };
        rows.push(row([&operator.name, &operator.role.code, &state]));
        list.push(json!({
            "id": operator.id.to_string(), "name": operator.name, "role": operator.role.code,
            "active": operator.active, "failures": one.failures, "locked_s": locked_s,
        }));
    }
    Ok(Answer::new(json!({"operators": list}), table(&rows, &[])))
}
