//! `findings …`: what a person has to look at, and ticking it off.

use super::context::{Context, Open};
use crate::cli::FindingsCommand;
use crate::output::{Answer, Failure, Outcome};
use crate::table::{pairs, row, table};
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::engine::apply::{Finding, FindingKind};
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
        FindingsCommand::Show { id } => show(context, id),
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

/// One finding, as scripts read it.
fn json_of(one: &Finding, zone: zone::Tz) -> Value {
    let when = |time: Timestamp| zone::rfc3339(zone, time.0);
    json!({
        "id": one.id().to_string(), "kind": one.kind.code(), "subject": one.subject, "other": one.other,
        "message": one.told, "seen": when(one.seen),
        "resolved": one.resolved.map_or(Value::Null, |(time, _)| when(time).into()),
        "resolved_by": one.resolved.map_or(Value::Null, |(_, by)| by.to_string().into()),
    })
}

fn show(context: &Context, id: &str) -> Outcome {
    let reader = context.reader()?;
    let (store, zone) = (reader.store.as_ref(), reader.site.zone.get());
    let known = queries::all_findings(store)?;
    let finding = find(&known, id)?;
    let advice = advice(finding.kind);
    let mut json = json_of(finding, zone);
    json["advice"] = advice.into();
    let state = match finding.resolved {
        Some((time, _)) => format!("ticked off {}", zone::rfc3339(zone, time.0)),
        None => "open".to_owned(),
    };
    let lines = [
        ("Id", finding.id().to_string()),
        ("What", finding.told.clone()),
        ("About", finding.subject.clone()),
        ("Beside", finding.other.clone()),
        ("Seen", zone::rfc3339(zone, finding.seen.0)),
        ("State", state),
        ("What to do", advice.to_owned()),
    ];
    Ok(Answer::new(json, pairs(&lines)))
}

/// What a person does about it.
const fn advice(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::SameSku => "Give one of the two products another article number; both can be sold meanwhile.",
        FindingKind::SameCategory => "Rename one of the two, or move its products and delete it.",
        FindingKind::SameOperator => "Rename one of the two people. Each signs in with the own PIN meanwhile.",
        FindingKind::SameRate => {
            "Look at the VAT rates: the edit that came later counts. Sales keep what they were made with."
        }
        FindingKind::SameNumbers | FindingKind::Clone => {
            "Close one of the two registers that use copies of one data folder, and pair it anew under another code."
        }
        FindingKind::SameReceipt => {
            "Both sales are kept: `sales show` with their ids shows them. Tell your accountant."
        }
        FindingKind::Fork | FindingKind::BrokenChain => {
            "Run `journal verify` on both registers and keep a backup of both before anything else; tell support."
        }
        FindingKind::Ahead => "Set that register's clock right; look at what it edited meanwhile.",
        FindingKind::Unreadable => {
            "Update this register: a newer program wrote it. Until then it does without that row."
        }
        FindingKind::WentBack => {
            "What was lost comes back from the shop's server; `journal verify` tells when it is whole."
        }
        FindingKind::OverRefund => "Compare the two refunds with the sale; ask who gave the second one back.",
        FindingKind::Unknown => "Update this register: a newer program found it.",
    }
}

fn list(context: &Context, all: bool) -> Outcome {
    let reader = context.reader()?;
    let (store, zone) = (reader.store.as_ref(), reader.site.zone.get());
    let found = if all { queries::all_findings(store)? } else { queries::findings(store)? };
    let when = |time: Timestamp| zone::rfc3339(zone, time.0);
    let rows: Vec<Value> = found.iter().map(|one| json_of(one, zone)).collect();
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
    let text = table(&lines, &[]) + "\n`aurapos-admin findings show ID` says what to do about one.";
    Ok(Answer::new(json!({"findings": rows}), text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
