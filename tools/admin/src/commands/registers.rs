//! `registers …`: who belongs to the shop, on the machine that has the server.

use super::context::{Context, ask_yes};
use crate::cli::RegistersCommand;
use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use crate::words::count;
use aurapos_master::registers::{lock_out, readmit, registers as registers_of, rename};
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
                "{register} is locked out; {} ended. What it sent before stays; what it had not sent stays on it, and comes when it is \
                 let in again: `{} registers readmit {register}`.",
                count(ended, "connection", "connections"),
                context.program()
            );
            Ok(Answer::new(json!({"register": register, "state": "revoked", "ended": ended}), text)
                .done(format!("{register} is locked out")))
        }
        RegistersCommand::Readmit { register, yes } => {
            let what = format!(
                "{register} comes in again, with the password that it has; whoever has that machine sells in the shop"
            );
            sure(context, &what, *yes, "Lock it out again when everything has come: `registers revoke`.")?;
            let changed = readmit(&context.options(), register)?;
            let text = if changed {
                format!(
                    "{register} is let in again. What it had not sent comes within half a minute while AuraPOS runs there, or with \
                     `aurapos-admin sync now`."
                )
            } else {
                format!("{register} is not locked out.")
            };
            Ok(Answer::new(json!({"register": register, "state": "joined", "changed": changed}), text)
                .done(format!("{register} is let in again")))
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

fn confirmed(context: &Context, register: &str, yes: bool) -> Result<(), Failure> {
    let what = format!("{register} is locked out at once, and its code is not given again");
    let waits =
        "What it has not sent yet stays on it alone: let it run until `sync status` there says that nothing waits.";
    sure(context, &what, yes, waits)
}

/// Somebody says that it is meant.
fn sure(context: &Context, what: &str, yes: bool, more: &str) -> Result<(), Failure> {
    if yes || (context.may_ask && ask_yes(&format!("{what}. Type yes to do it:"))?) {
        return Ok(());
    }
    Err(Failure::usage(format!("nothing was done: with --yes {what}. {more}"), "Say so with --yes."))
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
