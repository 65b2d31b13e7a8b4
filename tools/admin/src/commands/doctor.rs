//! `doctor`: checks with advice. Every check that can be made is made, whatever the others find.

use super::context::Context;
use super::progress::ProgressLine;
use super::standing::Known;
use crate::output::{Answer, Outcome};
use crate::words::count;
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::contract::backup::BackupState;
use aurapos_runtime::engine::apply::{Finding, FindingKind};
use aurapos_runtime::engine::check;
use aurapos_runtime::engine::command::{Command, Reply};
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::queries::{self, OpenPayment};
use aurapos_runtime::plugin_host::PluginState;
use aurapos_runtime::settings::{MachineSettings, Mode};
use aurapos_runtime::{Backups, Reader, RuntimeError, Site, alarm, ids, zone};
use serde_json::{Value, json};

/// A shared storage that was not reached for longer is worth a warning where something waits to be brought.
const CONTACT_AGE_US_MAX: i64 = 24 * 3600 * 1_000_000;
/// Less room than this on the data folder's disk is worth a warning.
const FREE_BYTES_MIN: u64 = 500 * 1024 * 1024;
/// Before this year no AuraPOS was ever built: 2026-01-01.
const CLOCK_US_MIN: i64 = 1_767_225_600_000_000;

/// Most payments without an end that are named.
const SHOWN_PAYMENTS_MAX: usize = 10;

/// Most findings that are told.
const SHOWN_FINDINGS_MAX: usize = 10;

struct Check {
    name: &'static str,
    ok: bool,
    message: String,
    next: String,
}

impl Check {
    fn good(name: &'static str, message: impl Into<String>) -> Self {
        Check { name, ok: true, message: message.into(), next: String::new() }
    }

    fn bad(name: &'static str, message: impl Into<String>, next: impl Into<String>) -> Self {
        Check { name, ok: false, message: message.into(), next: next.into() }
    }

    fn of_error(name: &'static str, error: &RuntimeError) -> Self {
        Check::bad(name, format!("{}: {error}", error.code()), error.next())
    }
}

/// `doctor`
pub fn doctor(context: &Context) -> Outcome {
    if context.folder.is_fresh() {
        // Nothing else can be looked at, and nothing else is wrong.
        let folder = context.folder.root().display().to_string();
        return Ok(answer(context, vec![Check::of_error("folder", &RuntimeError::NoShop { folder })]));
    }
    let mut checks = vec![folder(context), room(context), clock()];
    let settings = MachineSettings::read(&context.folder);
    checks.push(settings_check(settings));
    let options = context.options();
    match Site::open(&options, true) {
        Ok(site) => checks.extend(plugin_checks(&site)),
        Err(error) => checks.push(Check::of_error("plugins", &error)),
    }
    match Reader::open(&options) {
        Ok(reader) => {
            checks.push(Check::good("storage", "the database opens"));
            checks.push(lost_commits(context, &reader));
            checks.push(journal(&reader));
            checks.push(payments(&reader));
            checks.push(findings(&reader));
            checks.push(newer(&reader));
            checks.push(roles(&reader));
            checks.push(drawer(&reader));
            checks.extend(shared(context, &reader));
        }
        Err(error) => checks.push(Check::of_error("storage", &error)),
    }
    checks.push(backups(context));
    tell_once(&mut checks);
    Ok(answer(context, checks))
}

/// What spoils several checks is told at the first of them.
fn tell_once(checks: &mut [Check]) {
    for later in 1..checks.len() {
        let (before, rest) = checks.split_at_mut(later);
        let check = &mut rest[0];
        let same = |one: &&Check| !one.ok && !check.ok && one.message == check.message && one.next == check.next;
        if let Some(first) = before.iter().find(same) {
            check.message = format!("not checked: first see {}", first.name);
            check.next.clear();
        }
    }
}

fn answer(context: &Context, mut checks: Vec<Check>) -> Answer {
    for check in &mut checks {
        check.next = context.advice(&check.next);
    }
    let good = checks.iter().all(|check| check.ok);
    let list: Vec<Value> = checks
        .iter()
        .map(|check| json!({"name": check.name, "ok": check.ok, "message": check.message, "next": check.next}))
        .collect();
    let lines: Vec<String> = checks
        .iter()
        .map(|check| {
            let mark = if check.ok { "ok  " } else { "BAD " };
            let next = if check.next.is_empty() { String::new() } else { format!("\n          → {}", check.next) };
            format!("{mark} {:9} {}{next}", check.name, check.message)
        })
        .collect();
    Answer { good, ..Answer::new(json!({"checks": list}), lines.join("\n")) }
}

/// What another register's newer program made, and this one does not understand.
fn newer(reader: &Reader) -> Check {
    match queries::of_newer_programs(reader.store.as_ref()) {
        Ok(told) if told.is_empty() => Check::good("versions", "everything of the shop is understood"),
        Ok(told) => {
            let shown = told.iter().take(SHOWN_FINDINGS_MAX).cloned().collect::<Vec<_>>().join(" ");
            let more = told.len().saturating_sub(SHOWN_FINDINGS_MAX);
            let more =
                if more > 0 { format!(" … and {}", count(more as u64, "more", "more")) } else { String::new() };
            Check::bad("versions", format!("{shown}{more}"), Code::NeedsUpdate.next())
        }
        Err(error) => Check::of_error("versions", &error.into()),
    }
}

/// People whose role is not there any more: another register removed it while this one gave it to them.
fn roles(reader: &Reader) -> Check {
    let missing = queries::roles(reader.store.as_ref())
        .map(|roles| roles.into_iter().filter(|role| role.origin == queries::RoleOrigin::Missing).collect::<Vec<_>>());
    match missing {
        Ok(missing) if missing.is_empty() => Check::good("roles", "everybody's role is there"),
        Ok(missing) => {
            let told = missing.iter().map(|role| format!("{} (role {})", role.people.join(", "), role.code));
            let told = told.collect::<Vec<_>>().join("; ");
            let next =
                "Give them another role: aurapos-admin operator set-role, or make the role again: operator role set.";
            Check::bad("roles", format!("of a role that is not there, and may do nothing: {told}"), next)
        }
        Err(error) => Check::of_error("roles", &error.into()),
    }
}

fn folder(context: &Context) -> Check {
    let path = context.folder.root().display().to_string();
    match context.folder.check_writable() {
        Ok(()) => Check::good("folder", format!("{path} can be written")),
        Err(error) => Check::of_error("folder", &error.into()),
    }
}

fn room(context: &Context) -> Check {
    match context.folder.free_bytes() {
        Ok(free) if free >= FREE_BYTES_MIN => Check::good("room", format!("{} MB are free", free / 1_000_000)),
        Ok(free) => {
            let message = format!("only {} MB are free on the data folder's disk", free / 1_000_000);
            Check::bad("room", message, "Make room before the disk is full: a sale needs room to be stored.")
        }
        Err(error) => Check::bad("room", format!("the free room is unknown: {error}"), "Check the disk."),
    }
}

fn clock() -> Check {
    if ids::now() >= CLOCK_US_MIN {
        Check::good("clock", "the clock shows a possible time")
    } else {
        Check::bad("clock", "the clock is years behind", "Set the computer's clock; receipts carry its time.")
    }
}

fn settings_check(settings: Result<MachineSettings, aurapos_runtime::settings::SettingsError>) -> Check {
    match settings {
        Ok(settings) if settings.unknown.is_empty() => Check::good("settings", "aurapos.toml is understood"),
        Ok(settings) => {
            let message =
                format!("aurapos.toml has keys that this version does not know: {}", settings.unknown.join(", "));
            Check { next: "They are kept; check their spelling.".into(), ..Check::good("settings", message) }
        }
        Err(error) => Check::of_error("settings", &error.into()),
    }
}

fn plugin_checks(site: &Site) -> Vec<Check> {
    let mut checks = Vec::new();
    for plugin in site.plugins.list() {
        // What the owner switched off is as it should be.
        if let Some(refusal) = plugin.refusal.filter(|_| plugin.state != PluginState::Disabled) {
            checks.push(Check::bad("plugin", format!("{}: {refusal}", plugin.id), refusal.next));
        }
    }
    for refused in site.check_instances() {
        let message =
            format!("[{}] {}: {} {}", refused.kind, refused.name, refused.refusal.code_text(), refused.refusal.message);
        checks.push(Check::bad("instance", message, refused.refusal.next));
    }
    if checks.is_empty() {
        checks.push(Check::good("plugins", "every plugin of the settings is in order"));
    }
    checks
}

fn journal(reader: &Reader) -> Check {
    let progress = ProgressLine::new();
    let mut keep_on = |done, total| {
        progress.report(done, total, "walking the journal");
        true
    };
    match check::check_store(reader.store.as_ref(), &mut keep_on) {
        Ok(found) if found.ok() => {
            let (entries, sales) = (count(found.entries, "entry", "entries"), count(found.sales, "sale", "sales"));
            Check::good("journal", format!("{entries}, {sales}: everything adds up"))
        }
        Ok(found) => {
            let first = found.first_bad().map(|problem| problem.message.clone()).unwrap_or_default();
            let next = "Keep the data folder and tell support; `backup list` shows what can be restored.";
            Check::bad("journal", format!("{}: {first}", count(found.problem_count, "problem", "problems")), next)
        }
        Err(error) => Check::of_error("journal", &RuntimeError::from(error)),
    }
}

/// How the register stands with the shop's shared storage; `None`: it is by itself.
fn shared(context: &Context, reader: &Reader) -> Option<Check> {
    if reader.site.settings.mode == Mode::Single {
        return None;
    }
    let state = match queries::sync_state(reader.store.as_ref()) {
        Ok(state) => state,
        Err(error) => return Some(Check::of_error("sync", &error.into())),
    };
    let waiting = count(state.unsent, "journal entry waits", "journal entries wait");
    let late = state.contact.is_none_or(|contact| ids::now() - contact.0 > CONTACT_AGE_US_MAX);
    if late && state.unsent > 0 {
        let seen = state.contact.map_or("never".to_owned(), |time| zone::rfc3339(reader.site.zone.get(), time.0));
        let message = format!("{waiting} to be brought to the shop; it answered last: {seen}");
        return Some(match Known::of(context, reader.holder.is_some()).trouble {
            Some(told) => Check::bad("sync", format!("{message}. {}: {}", told.code, told.message), told.next),
            None => Check::bad("sync", message, "Nothing is lost. `aurapos-admin sync now` brings it."),
        });
    }
    if state.quarantined > 0 {
        let kept = count(state.quarantined, "journal entry is kept back", "journal entries are kept back");
        return Some(Check::bad("sync", kept, "`aurapos-admin sync conflicts` says why, and what to do."));
    }
    Some(Check::good("sync", format!("{waiting} to be brought to the shop")))
}

/// A drawer that was left open when the day changed. It stops nobody: told, and no fault.
fn drawer(reader: &Reader) -> Check {
    let session = match reader.ask(Command::DrawerStatus) {
        Ok(Reply::Drawer(drawer)) => drawer.session,
        Ok(_) => None,
        Err(error) => return Check::of_error("drawer", &RuntimeError::from(error)),
    };
    match session {
        None => Check::good("drawer", "the drawer is closed"),
        Some(session) if session.is_of_earlier_day() => {
            let (number, day) = (session.number, session.business_day);
            let message = format!("session {number} was opened on {day}, an earlier day");
            Check { next: Code::DrawerOld.next().to_owned(), ..Check::good("drawer", message) }
        }
        Some(session) => Check::good("drawer", format!("session {} of today is open", session.number)),
    }
}

/// Money that may have moved without anybody having sold anything for it.
fn payments(reader: &Reader) -> Check {
    let open = match queries::open_payments(reader.store.as_ref()) {
        Ok(open) => open,
        Err(error) => return Check::of_error("payments", &RuntimeError::from(error)),
    };
    if open.is_empty() {
        return Check::good("payments", "every payment has its end");
    }
    let told = |one: &OpenPayment| {
        let what = if one.paid { "was paid, and there is no sale for it" } else { "may have been paid" };
        format!("{} by {} at {} {what}", one.amount, one.instance, zone::rfc3339(reader.site.zone.get(), one.begun.0))
    };
    let some: Vec<String> = open.iter().take(SHOWN_PAYMENTS_MAX).map(told).collect();
    let more = open.len().saturating_sub(SHOWN_PAYMENTS_MAX);
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    let next = "Look at the terminal's own list. The register asks it again at each start and before its next payment; never charge such a payment a second time.";
    Check::bad("payments", format!("{}{more}", some.join("; ")), next)
}

/// Whether the data knows all that was known of it.
fn lost_commits(context: &Context, reader: &Reader) -> Check {
    const NAME: &str = "lost commits";
    let found = match queries::findings(reader.store.as_ref()) {
        Ok(found) => found,
        Err(error) => return Check::of_error(NAME, &RuntimeError::from(error)),
    };
    let told: Vec<&Finding> = found.iter().filter(|one| one.kind == FindingKind::WentBack).collect();
    let (program, places) = (context.program(), places(context));
    if let Some(lost) = &reader.facts.went_back {
        let next = format!(
            "Before anything is sold: was AuraPOS.db-wal moved or deleted, or an older AuraPOS.db put in its place? Put \
             back what was there, and nothing is lost. {places} `{program} backup list` shows the backups. Whoever sells \
             now goes on without what is missing, under new receipt numbers."
        );
        return Check::bad(NAME, lost.told(), next);
    }
    if told.is_empty() {
        return Check::good(NAME, "the data has all that is known of it");
    }
    let some: Vec<&str> = told.iter().take(SHOWN_FINDINGS_MAX).map(|one| one.told.as_str()).collect();
    let next = format!(
        "Look for what is missing: {places} `{program} backup list` shows the backups. Enter what is missing again from its \
         receipts, then tick this off: `{program} findings list`."
    );
    Check::bad(NAME, some.join(" "), next)
}

/// Where data may lie that was in use before.
fn places(context: &Context) -> String {
    let database = context.folder.database();
    let name = database.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let entries = std::fs::read_dir(context.folder.root()).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut before: Vec<String> = files.filter(|file| file.starts_with(&format!("{name}.previous-"))).collect();
    before.sort();
    match before.len() {
        0 => format!("no data of before ({name}.previous-…) lies in {}.", context.folder.root().display()),
        _ => format!("data of before lies in {}: {}.", context.folder.root().display(), before.join(", ")),
    }
}

/// What registers did without seeing each other, and no program can decide.
fn findings(reader: &Reader) -> Check {
    let mut found = match queries::findings(reader.store.as_ref()) {
        Ok(found) => found,
        Err(error) => return Check::of_error("registers", &RuntimeError::from(error)),
    };
    found.retain(|finding| finding.kind != FindingKind::WentBack);
    if found.is_empty() {
        return Check::good("registers", "what registers did fits together");
    }
    let some: Vec<&str> = found.iter().take(SHOWN_FINDINGS_MAX).map(|finding| finding.told.as_str()).collect();
    let more = found.len().saturating_sub(SHOWN_FINDINGS_MAX);
    let more = if more == 0 { String::new() } else { format!(" And {more} more.") };
    let next = "Look at each and decide: nothing was thrown away, and selling goes on. `aurapos-admin findings list` names \
                them, `findings resolve ID` ticks one off.";
    Check::bad("registers", format!("{}{more}", some.join(" ")), next)
}

fn backups(context: &Context) -> Check {
    let list = match Backups::apart(&context.options()).and_then(|backups| backups.list()) {
        Err(error) => return Check::of_error("backup", &error),
        Ok(list) => list,
    };
    // Of a register that cannot be read the backups are told all the same.
    let (since, zone) = match Reader::open(&context.options()) {
        Ok(reader) => (alarm::began(reader.store.as_ref()).unwrap_or_else(|_| ids::now()), reader.site.zone.get()),
        Err(_) => (ids::now(), zone::DEFAULT_ZONE),
    };
    let found = alarm::alarms(&list, since, ids::now());
    if let Some(first) = found.first() {
        let told: Vec<String> = found.iter().map(|one| one.told(zone)).collect();
        return Check::bad("backup", told.join(" "), first.next());
    }
    match list.iter().find(|one| one.state == BackupState::Verified) {
        None => Check::bad("backup", "there is no verified backup", "Make one: `aurapos-admin backup now`."),
        Some(last) => Check::good("backup", format!("the last one is {}: {}", last.name, last.note)),
    }
}
