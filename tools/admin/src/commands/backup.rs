//! `backup …`

use super::context::{Context, Open};
use super::progress::ProgressLine;
use crate::cli::{BackupCommand, Kind, Trigger};
use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use aurapos_runtime::contract::backup::{BackupInfo, BackupKind, BackupReport, BackupState, BackupTrigger};
use aurapos_runtime::looked::backup_plan;
use aurapos_runtime::{Backups, Register, RuntimeError, ids, series_name, zone};
use serde_json::{Value, json};
use std::path::Path;

/// Why a backup was deleted on the command line, as the journal has it.
const BY_HAND: &str = "on the owner's word, aurapos-admin backup delete";

/// `backup …`
pub fn backup(context: &Context, command: &BackupCommand) -> Outcome {
    let name = match command {
        BackupCommand::Verify { name } | BackupCommand::Restore { name, .. } => Some(name),
        BackupCommand::Copy { name, .. } | BackupCommand::Delete { name, .. } => Some(name),
        _ => None,
    };
    if name.is_some_and(|name| name.trim().is_empty()) {
        let next = format!("Give a name from `{} backup list`.", context.program());
        return Err(Failure::usage("the name of the backup is empty", next));
    }
    match command {
        BackupCommand::Now { kind } => {
            let kind = match kind {
                Kind::Daily => BackupKind::Daily,
                Kind::Weekly => BackupKind::Weekly,
            };
            run(context, BackupTrigger::Manual, ids::now(), Some(kind))
        }
        BackupCommand::Run { trigger, now } => run(context, trigger_of(*trigger), time_or_now(context, now)?, None),
        BackupCommand::Plan { trigger, now } => plan(context, trigger_of(*trigger), time_or_now(context, now)?),
        BackupCommand::Proof { file, language, force } => {
            super::proof::proof(context, file, language.as_deref(), *force)
        }
        BackupCommand::List => list(context),
        BackupCommand::Verify { name } => verify(context, name),
        BackupCommand::Restore { name, yes } => restore(context, name, *yes),
        BackupCommand::Copy { name, dest } => {
            let dest = std::path::absolute(dest).unwrap_or_else(|_| dest.clone());
            let path = apart(context)?.copy(&named(name), &dest.to_string_lossy(), &ProgressLine::new())?;
            Ok(Answer::new(json!({"name": name, "path": path}), format!("Copied to {path}.")))
        }
        BackupCommand::Delete { name, yes } => {
            confirmed(*yes, "deletes the backup for good")?;
            delete(context, name)?;
            Ok(Answer::new(json!({"deleted": name}), format!("{name} is deleted.")))
        }
    }
}

const fn trigger_of(trigger: Trigger) -> BackupTrigger {
    match trigger {
        Trigger::Close => BackupTrigger::Close,
        Trigger::Start => BackupTrigger::Start,
        Trigger::Tick => BackupTrigger::Tick,
    }
}

fn time_or_now(context: &Context, now: &Option<String>) -> Result<i64, Failure> {
    now.as_deref().map_or_else(|| Ok(ids::now()), |text| time_of(context, text))
}

/// Where no program has the register open the journal tells of it.
fn delete(context: &Context, name: &str) -> Result<(), Failure> {
    match Register::open(&context.options()) {
        Ok(register) => {
            let deleted = register.backups()?.delete(name, BY_HAND);
            register.close();
            Ok(deleted?)
        }
        // Of a register that does not open, or that sells, backups can be deleted all the same.
        Err(_) => Ok(apart(context)?.delete(name, BY_HAND)?),
    }
}

fn plan(context: &Context, trigger: BackupTrigger, now: i64) -> Outcome {
    let plan = backup_plan(&context.options(), trigger, now)?;
    let due: Vec<&str> = plan.due.iter().map(|kind| series_name(*kind)).collect();
    let goes = plan.retention.iter().filter(|one| one.delete);
    let stays = plan.retention.iter().filter(|one| !one.delete);
    let mut lines = plan.reasons.clone();
    lines.extend(goes.map(|one| format!("would delete {}: {}", one.name, one.reason)));
    lines.extend(stays.map(|one| format!("would keep {}: {}", one.name, one.reason)));
    let decided: Vec<Value> = plan
        .retention
        .iter()
        .map(|one| json!({"name": one.name, "delete": one.delete, "reason": one.reason}))
        .collect();
    let json = json!({"due": due, "reasons": plan.reasons, "retention": decided});
    Ok(Answer::new(json, lines.join("\n")))
}

fn apart(context: &Context) -> Result<Backups, Failure> {
    Ok(Backups::apart(&context.options())?)
}

fn confirmed(yes: bool, what: &str) -> Result<(), Failure> {
    if yes { Ok(()) } else { Err(Failure::usage(format!("this {what}"), "Say so with --yes.")) }
}

fn time_of(context: &Context, text: &str) -> Result<i64, Failure> {
    let zone = context.zone();
    zone::parse_time(zone, text)
        .ok_or_else(|| Failure::usage(format!("\"{text}\" is not a time"), "Write it like 2026-04-26T18:00:42."))
}

/// A file stays a file when the plugin looks from elsewhere.
fn named(name: &str) -> String {
    let path = Path::new(name);
    if path.components().count() > 1 || path.is_file() {
        std::path::absolute(path).map_or_else(|_| name.to_owned(), |path| path.to_string_lossy().into_owned())
    } else {
        name.to_owned()
    }
}

fn run(context: &Context, trigger: BackupTrigger, now: i64, kind: Option<BackupKind>) -> Outcome {
    let open = Open::register(context)?;
    let report = open.register.backups()?.run(trigger, now, kind, &ProgressLine::new())?;
    let zone = open.register.site().zone.get();
    open.close();
    Ok(report_answer(&report, zone))
}

fn report_answer(report: &BackupReport, zone: zone::Tz) -> Answer {
    let mut lines: Vec<String> = report.made.iter().map(|made| format!("{}  {}", made.name, made.note)).collect();
    lines.extend(report.deleted.iter().map(|gone| format!("deleted {}: {}", gone.name, gone.reason)));
    lines.extend(report.notes.iter().cloned());
    if lines.is_empty() {
        lines.push("Nothing was due.".to_owned());
    }
    let deleted: Vec<Value> =
        report.deleted.iter().map(|gone| json!({"name": gone.name, "reason": gone.reason})).collect();
    let backups: Vec<Value> = report.made.iter().map(|made| info_json(made, zone)).collect();
    let json = json!({"backups": backups, "deleted": deleted, "notes": report.notes});
    let good = report.made.iter().all(|made| made.state != BackupState::Refused);
    Answer { good, ..Answer::new(json, lines.join("\n")) }
}

/// A backup as scripts read it.
pub fn info_json(info: &BackupInfo, zone: zone::Tz) -> Value {
    json!({
        "name": info.name, "kind": series_name(info.kind), "time": zone::rfc3339(zone, info.time), "bytes": info.bytes,
        "path": info.path, "verified": info.state == BackupState::Verified, "state": state_name(info.state),
        "note": info.note, "sha256": info.sha256, "number": info.number, "sales": info.sales,
    })
}

fn state_name(state: BackupState) -> &'static str {
    match state {
        BackupState::Verified => "verified",
        BackupState::Refused => "refused",
        _ => "unchecked",
    }
}

fn list(context: &Context) -> Outcome {
    let zone = context.zone();
    let backups = apart(context)?.list()?;
    let mut rows = vec![row(["name", "kind", "time", "bytes", "state", "sales"])];
    for one in &backups {
        let (time, bytes, sales) = (zone::rfc3339(zone, one.time), one.bytes.to_string(), one.sales.to_string());
        rows.push(row([&one.name, series_name(one.kind), &time, &bytes, state_name(one.state), &sales]));
    }
    let text = if backups.is_empty() { "No backups yet.".to_owned() } else { table(&rows, &[3, 5]) };
    let list: Vec<Value> = backups.iter().map(|one| info_json(one, zone)).collect();
    Ok(Answer::new(json!({"backups": list}), text))
}

fn verify(context: &Context, name: &str) -> Outcome {
    let info = apart(context)?.verify(&named(name), &ProgressLine::new())?;
    let good = info.state == BackupState::Verified;
    let json = json!({"backups": [info_json(&info, context.zone())]});
    Ok(Answer { good, ..Answer::new(json, format!("{}: {}, {}", info.name, state_name(info.state), info.note)) })
}

fn restore(context: &Context, name: &str, yes: bool) -> Outcome {
    confirmed(yes, "replaces all present data by the backup's (the present data is kept aside)")?;
    let options = context.options();
    let restored = match Register::open(&options) {
        Ok(register) => {
            let restored = register.backups()?.restore(&named(name), &ProgressLine::new());
            register.close();
            restored?
        }
        Err(error) if may_be_rescued(&error) => {
            Backups::rescue(&options)?.restore(&named(name), &ProgressLine::new())?
        }
        Err(error) => return Err(error.into()),
    };
    // Opened once, so that the new incarnation begins here and not at the first sale.
    let register = Register::open(&options)?;
    register.note_restored(&restored.restored);
    let (zone, facts) = (register.site().zone.get(), register.facts().clone());
    register.close();
    let mut lines = vec![format!(
        "{} is restored; receipt numbers go on as {}-{}-…",
        restored.restored.name, facts.code, facts.incarnation
    )];
    lines.extend(restored.notes.iter().cloned());
    let safety = if restored.safety.name.is_empty() { Value::Null } else { info_json(&restored.safety, zone) };
    let json = json!({
        "restored": info_json(&restored.restored, zone), "safety": safety, "notes": restored.notes,
        "register": facts.code, "incarnation": facts.incarnation, "reason": facts.new_incarnation,
    });
    Ok(Answer::new(json, lines.join("\n")))
}

/// What a restore can cure: the data and a folder without a shop, not the settings, the lock or a refused plugin.
fn may_be_rescued(error: &RuntimeError) -> bool {
    use RuntimeError::{Call, DatabaseMissing, Engine, NoShop};
    matches!(error, DatabaseMissing { .. } | NoShop { .. } | Call(_) | Engine(_))
}
