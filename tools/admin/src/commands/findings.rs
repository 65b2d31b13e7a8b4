//! `findings …`: what a person has to look at, and ticking it off.

use super::context::{Context, Open};
use crate::cli::FindingsCommand;
use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use aurapos_runtime::engine::apply::Finding;
use aurapos_runtime::engine::command::{Command, Reply};
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::queries;
use aurapos_runtime::zone;
use serde_json::{Value, json};

/// The fewest letters of an id that may stand for it.
const PREFIX_MIN: usize = 4;
/// How much of an id the list shows.
const SHOWN_ID: usize = 8;

/// `findings …`
pub fn findings(context: &Context, command: &FindingsCommand) -> Outcome {
    match command {
        FindingsCommand::List { all } => list(context, *all),
        FindingsCommand::Resolve { id, who } => {
            let open = Open::register(context)?;
            let session = open.sign_in(who)?;
            let known = queries::all_findings(open.register.store().as_ref())?;
            let finding = find(&known, id)?;
            let reply = open.register.call(Some(session), Command::ResolveFinding { id: finding.id() })?;
            open.close();
            match reply {
                Reply::Done => {
                    let json = json!({"id": finding.id().to_string(), "resolved": true, "message": finding.told});
                    Ok(Answer::new(json, format!("Ticked off: {}", finding.told)))
                }
                other => Err(super::unexpected(&other)),
            }
        }
    }
}

/// The finding of an id, or of the beginning of one that no other has.
fn find<'a>(known: &'a [Finding], id: &str) -> Result<&'a Finding, Failure> {
    let wanted = id.trim().to_ascii_lowercase();
    let fits = |finding: &&Finding| wanted.len() >= PREFIX_MIN && finding.id().to_string().starts_with(&wanted);
    let mut found = known.iter().filter(fits);
    let refuse = |message: String| Failure::new(Code::NoSuchFinding.text(), message, Code::NoSuchFinding.next());
    match (found.next(), found.next()) {
        (Some(finding), None) => Ok(finding),
        (Some(_), Some(_)) => Err(refuse(format!("More than one finding begins with \"{wanted}\"."))),
        (None, _) => Err(refuse(format!("There is no finding \"{id}\"."))),
    }
}

fn list(context: &Context, all: bool) -> Outcome {
    let reader = context.reader()?;
    let (store, zone) = (reader.store.as_ref(), reader.site.zone.get());
    let found = if all { queries::all_findings(store)? } else { queries::findings(store)? };
    let when = |time: aurapos_runtime::domain::calendar::Timestamp| zone::rfc3339(zone, time.0);
    let rows: Vec<Value> = found
        .iter()
        .map(|one| {
            json!({
                "id": one.id().to_string(), "kind": one.kind.code(), "subject": one.subject, "other": one.other,
                "message": one.told, "seen": when(one.seen),
                "resolved": one.resolved.map_or(Value::Null, |(time, _)| when(time).into()),
                "resolved_by": one.resolved.map_or(Value::Null, |(_, by)| by.to_string().into()),
            })
        })
        .collect();
    if found.is_empty() {
        let text = if all { "Nothing was ever found." } else { "There is nothing that somebody has to look at." };
        return Ok(Answer::new(json!({"findings": rows}), text));
    }
    let mut lines = vec![row(["id", "seen", "state", "what"])];
    lines.extend(found.iter().map(|one| {
        let id: String = one.id().to_string().chars().take(SHOWN_ID).collect();
        let state = if one.resolved.is_some() { "ticked off" } else { "open" };
        row([&id, &when(one.seen), state, &one.told])
    }));
    Ok(Answer::new(json!({"findings": rows}), table(&lines, &[])))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aurapos_runtime::domain::calendar::Timestamp;
    use aurapos_runtime::engine::apply::FindingKind;

    #[test]
    fn an_id_may_be_cut_as_long_as_it_names_one() {
        let one = |subject: &str| Finding {
            kind: FindingKind::SameSku,
            subject: subject.to_owned(),
            other: String::new(),
            told: String::new(),
            seen: Timestamp(0),
            resolved: None,
        };
        let known = [one("A"), one("B")];
        let id = known[1].id().to_string();
        assert_eq!(find(&known, &id).unwrap().subject, "B");
        assert_eq!(find(&known, &id[..8].to_ascii_uppercase()).unwrap().subject, "B");
        for wrong in ["", &id[..PREFIX_MIN - 1], "00000000", "%"] {
            assert_eq!(find(&known, wrong).unwrap_err().code, "AP-1010", "{wrong}");
        }
        let twice = [one("A"), one("A")];
        assert!(find(&twice, &twice[0].id().to_string()).unwrap_err().message.contains("More than one"));
    }
}
