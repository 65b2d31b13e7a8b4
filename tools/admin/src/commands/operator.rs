//! `operator …`

use super::context::{Context, Open, ask_pin};
use crate::cli::{OperatorCommand, Role, SignIn};
use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::engine::command::{Command, Reply};
use aurapos_runtime::engine::people::PeopleCommand;
use aurapos_runtime::engine::queries;
use aurapos_runtime::ids;
use serde_json::json;

/// `operator …`
pub fn operator(context: &Context, command: &OperatorCommand) -> Outcome {
    match command {
        OperatorCommand::List => list(context),
        OperatorCommand::Add { name, role, new_pin, who } => {
            let role = match role {
                Role::Cashier => "cashier",
                Role::Manager => "manager",
            };
            let pin = pin_of(new_pin.as_deref(), name)?;
            let command = PeopleCommand::Add { name: name.clone(), role: role.to_owned(), pin };
            act(context, Some(who), command, "added")
        }
        OperatorCommand::Disable { name, who } => {
            act(context, Some(who), PeopleCommand::Disable { name: name.clone() }, "disabled")
        }
        OperatorCommand::ResetPin { name, new_pin, who } => {
            let pin = pin_of(new_pin.as_deref(), name)?;
            let (name, by) = (name.clone(), who.operator.is_some());
            if by {
                act(context, Some(who), PeopleCommand::ResetPin { name, pin }, "has a new PIN")
            } else {
                act(context, None, PeopleCommand::RescueManager { name, pin }, "has a new PIN")
            }
        }
    }
}

fn pin_of(given: Option<&str>, name: &str) -> Result<String, Failure> {
    given.map_or_else(|| ask_pin(&format!("New PIN of {name}: ")), |pin| Ok(pin.to_owned()))
}

fn act(context: &Context, who: Option<&SignIn>, command: PeopleCommand, done: &str) -> Outcome {
    let open = Open::register(context)?;
    let session = who.map(|who| open.sign_in(who)).transpose()?;
    let reply = open.register.call(session, Command::People(command))?;
    open.close();
    let Reply::People(changed) = reply else { return Err(super::unexpected(&reply)) };
    let operator = changed.operator;
    let json = json!({"operator": {
        "id": operator.id.to_string(), "name": operator.name, "role": operator.role.code, "active": operator.active,
    }});
    Ok(Answer::new(json, format!("{} {done}.", operator.name)))
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
