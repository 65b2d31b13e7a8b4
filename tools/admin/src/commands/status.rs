//! `status`: what this register is and how it stands. Works beside the program that sells.

use super::backup::info_json;
use super::context::Context;
use super::plugin::{plugin_rows, plugins_json, problem_lines, problems, problems_json};
use crate::output::{Answer, Failure, Outcome};
use crate::table::{pairs, table};
use crate::words::count;
use aurapos_runtime::contract::RecordStore;
use aurapos_runtime::engine::apply::FindingKind;
use aurapos_runtime::engine::command::{Command, Reply};
use aurapos_runtime::engine::queries;
use aurapos_runtime::engine::went_back::WentBack;
use aurapos_runtime::{Backups, RuntimeError, alarm, ids, zone};
use serde_json::{Value, json};

/// `status`
pub fn status(context: &Context) -> Outcome {
    let reader = context.reader()?;
    let store = reader.store.as_ref();
    let (info, counts) = (store.info().map_err(RuntimeError::from)?, queries::counts(store)?);
    let zone = reader.site.zone.get();
    let drawer = match reader.ask(Command::DrawerStatus)? {
        Reply::Drawer(drawer) => drawer.session,
        other => return Err(super::unexpected(&other)),
    };
    let state = drawer.as_ref().map_or("closed", |session| session.state.code());
    let earlier = drawer.as_ref().filter(|session| session.is_of_earlier_day());
    let backups = told_of_backups(context, store, zone)?;
    let facts = &reader.facts;
    let mode = reader.site.settings.mode;
    let open_findings = queries::findings(store)?;
    // Until somebody ticked it off, or what is missing was put back.
    let told = open_findings.iter().find(|one| one.kind == FindingKind::WentBack).map(|one| one.told.clone());
    let went_back = facts.went_back.as_ref().map(WentBack::told).or(told);
    let refused = problems(&reader.site);
    let json = json!({
        "shop": facts.shop_name, "shop_id": facts.shop.to_string(), "register": facts.code,
        "incarnation": facts.incarnation, "mode": mode.code(), "epoch": info.epoch.to_string(), "queue": super::sync::queue(mode, store),
        "last_backup": backups.last, "backup_alarms": backups.alarms, "drawer": state,
        "drawer_of_earlier_day": earlier.is_some(),
        "products": counts.products, "sales": counts.sales, "entries": counts.entries, "operators": counts.operators,
        "storage": {"engine": info.engine, "version": info.engine_version, "location": info.location},
        "went_back": went_back, "findings": open_findings.len(), "held_by": reader.holder, "data": reader.site.folder.root().display().to_string(),
        "plugins": plugins_json(&reader.site), "problems": problems_json(&refused),
    });
    let look = match (&went_back, open_findings.len()) {
        (Some(told), _) => format!("{told} `aurapos-admin doctor` says what to do."),
        (None, 0) => "nothing".to_owned(),
        (None, many) => format!("{}: `aurapos-admin findings list`", count(many as u64, "finding", "findings")),
    };
    let text = pairs(&[
        ("Shop", facts.shop_name.clone()),
        ("Register", format!("{} (incarnation {}), {}", facts.code, facts.incarnation, mode.code())),
        ("Data", format!("{}: {} {}", info.location, info.engine, info.engine_version)),
        (
            "Contents",
            [
                count(counts.products, "product", "products"),
                count(counts.sales, "sale", "sales"),
                count(counts.entries, "journal entry", "journal entries"),
            ]
            .join(", "),
        ),
        (
            "Drawer",
            earlier
                .map_or(state.to_owned(), |session| format!("{state} since {}, an earlier day", session.business_day)),
        ),
        ("Last backup", backups.text),
        ("To look at", look),
        ("In use by", reader.holder.clone().unwrap_or_else(|| "nobody".to_owned())),
    ]);
    let plugins = table(&plugin_rows(&reader.site), &[]);
    Ok(Answer::new(json, format!("{text}\n\n{plugins}{}", problem_lines(&refused))))
}

/// How the backups stand, for scripts and for people.
struct Told {
    last: Value,
    alarms: Vec<Value>,
    text: String,
}

fn told_of_backups(context: &Context, store: &dyn RecordStore, zone: zone::Tz) -> Result<Told, Failure> {
    let list = match Backups::apart(&context.options()).and_then(|backups| backups.list()) {
        Err(error) => return Ok(Told { last: Value::Null, alarms: Vec::new(), text: format!("unknown: {error}") }),
        Ok(list) => list,
    };
    let mut text = list.first().map_or("none yet".to_owned(), |last| {
        format!("{} ({}, {})", last.name, zone::rfc3339(zone, last.time), count(last.sales, "sale", "sales"))
    });
    let mut alarms = Vec::new();
    for alarm in alarm::alarms(&list, alarm::began(store)?, ids::now()) {
        let (told, next) = (alarm.told(zone), context.advice(alarm.next()));
        text.push_str(&format!(". {told} {next}"));
        alarms.push(json!({"code": alarm.code(), "message": told, "next": next}));
    }
    Ok(Told { last: list.first().map_or(Value::Null, |last| info_json(last, zone)), alarms, text })
}
