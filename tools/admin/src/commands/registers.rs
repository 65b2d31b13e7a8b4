//! `registers …`: who belongs to the shop, on the machine that has the server.

use super::context::{Context, ask_yes};
use crate::cli::RegistersCommand;
use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use crate::words::count;
use aurapos_master::registers::{lock_out, registers as registers_of, rename};
use aurapos_server::pair::PairedRegister;
use serde_json::{Value, json};

/// `registers …`
pub fn registers(context: &Context, command: &RegistersCommand) -> Outcome {
    match command {
        RegistersCommand::List => Ok(listed(&registers_of(&context.options())?)),
        RegistersCommand::Revoke { register, yes } => {
            confirmed(context, register, *yes)?;
            let ended = lock_out(&context.options(), register)?;
            let text = format!(
                "{register} is locked out for good; {} ended. What it sent before stays; what it had not sent stays on it.",
                count(ended, "connection", "connections")
            );
            Ok(Answer::new(json!({"register": register, "state": "revoked", "ended": ended}), text)
                .done(format!("{register} is locked out")))
        }
        RegistersCommand::Rename { register, name } => {
            rename(&context.options(), register, name)?;
            Ok(Answer::new(
                json!({"register": register, "name": name}),
                format!("{register} is called \"{name}\" now."),
            ))
        }
    }
}

/// It cannot be taken back.
fn confirmed(context: &Context, register: &str, yes: bool) -> Result<(), Failure> {
    let what = format!("{register} is locked out at once and for good, and its code is not given again");
    if yes || (context.may_ask && ask_yes(&format!("{what}. Type yes to do it:"))?) {
        return Ok(());
    }
    let waits =
        "What it has not sent yet stays on it alone: let it run until `sync status` there says that nothing waits.";
    Err(Failure::usage(format!("nothing was done: with --yes {what}. {waits}"), "Say so with --yes."))
}

fn listed(all: &[PairedRegister]) -> Answer {
    let json: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({
                "code": one.code, "name": one.name, "state": one.state.name(), "here": one.is_here, "role": one.role,
                "signs_in": one.signs_in, "connections": one.connections, "address": one.address, "last_seen": one.last_seen,
                "expires": one.expires,
            })
        })
        .collect();
    let mut rows = vec![row(["register", "name", "state", "now", "last seen (UTC)"])];
    rows.extend(all.iter().map(|one| {
        let now = match (one.connections, one.address.as_str()) {
            (0, _) => "",
            (_, "") => "connected",
            (_, address) => address,
        };
        let state = if one.is_here { "this machine's".to_owned() } else { state_text(one) };
        row([one.code.as_str(), one.name.as_str(), state.as_str(), now, one.last_seen.as_deref().unwrap_or("")])
    }));
    Answer::new(json!({"registers": json}), table(&rows, &[]))
}

fn state_text(one: &PairedRegister) -> String {
    match &one.expires {
        Some(until) => format!("{} until {until}", one.state.name()),
        None => one.state.name().to_owned(),
    }
}
