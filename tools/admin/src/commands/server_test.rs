//! `server test`: why a register does not reach a server.

use super::context::Context;
use crate::cli::ServerTestArgs;
use crate::output::{Answer, Failure, Outcome};
use crate::table::pairs;
use aurapos_master::Kept;
use aurapos_runtime::joining::AUTHORITY_FILE;
use aurapos_runtime::locale::Language;
use aurapos_runtime::settings::MachineSettings;
use aurapos_runtime::zone;
use aurapos_server::diagnosis::{Diagnosis, Finding, Stage, Target, diagnose};
use aurapos_server::{Home, Keep as _, Secret, certificate};
use serde_json::{Value, json};
use std::io::{self, IsTerminal as _, Read as _};

/// The longest password that is read.
const PASSWORD_BYTES_MAX: u64 = 4096;

/// `server test`
pub fn test(context: &Context, args: &ServerTestArgs) -> Outcome {
    let home = Home::of_data(context.folder.root());
    let language = Language::from_code(&args.language).ok_or_else(|| {
        Failure::usage(format!("\"{}\" is no language of AuraPOS", args.language), "Give en, fr, nl or de.")
    })?;
    let diagnosis = diagnose(&target(context, args, &home)?, Some(&home));
    Ok(answer(&diagnosis, language))
}

/// What was asked for, with what this data folder knows.
fn target(context: &Context, args: &ServerTestArgs, home: &Home) -> Result<Target, Failure> {
    let facts = home.facts().ok();
    // On the master it lies beside the server, on a register that was paired in the data folder.
    let known = [home.authority_file(), context.folder.root().join(AUTHORITY_FILE)];
    let authority_file = args.authority.clone().or_else(|| known.into_iter().find(|file| file.is_file()));
    let authority = authority_file.map(|file| {
        let unread = |error: io::Error| {
            Failure::new(
                "AP-0502",
                format!("{} cannot be read: {error}", file.display()),
                "Give authority.pem of the master.",
            )
        };
        let text = std::fs::read_to_string(&file).map_err(unread)?;
        if certificate::read_pem(&text).is_some() {
            return Ok(text);
        }
        let message = format!("{} holds no certificate", file.display());
        Err(Failure::new("AP-0502", message, "Give authority.pem of the master."))
    });
    let own_role = facts.as_ref().and_then(|facts| facts.role().ok());
    let paired = MachineSettings::read(&context.folder).ok().and_then(|settings| settings.shared);
    let paired_role = paired.as_ref().and_then(|one| one.settings.text("user").ok()).map(str::to_owned);
    let paired_port = paired.as_ref().and_then(|one| u16::try_from(one.settings.int("port").ok()?).ok());
    let user = args.user.clone().or(own_role).or(paired_role);
    let authority = authority.transpose()?;
    let password = match &user {
        // Nobody types a password that is not going to be sent.
        Some(user) if authority.is_some() => password(context, args, user)?,
        _ => None,
    };
    Ok(Target {
        port: args.port.or(facts.map(|facts| facts.port)).or(paired_port).unwrap_or(5432),
        database: args.database.clone(),
        user,
        password,
        authority,
        shop: args.shop.clone(),
        epoch: args.epoch.clone(),
        searches: !args.no_search,
        ..Target::new(&args.host)
    })
}

fn password(context: &Context, args: &ServerTestArgs, user: &str) -> Result<Option<Secret>, Failure> {
    let unread = |error: io::Error| {
        Failure::usage(format!("the password was not read: {error}"), "Give it with --password-stdin.")
    };
    if args.password_stdin {
        let mut text = String::new();
        io::stdin().take(PASSWORD_BYTES_MAX).read_to_string(&mut text).map_err(unread)?;
        return Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))));
    }
    if let Some(kept) = Kept::new(&context.folder).get(user)? {
        return Ok(Some(kept));
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(
            format!("the password of {user} is needed"),
            "Give it on standard input with --password-stdin.",
        ));
    }
    let typed = rpassword::prompt_password(format!("Password of {user}: ")).map_err(unread)?;
    Ok(Some(Secret::new(typed)))
}

fn answer(diagnosis: &Diagnosis, language: Language) -> Answer {
    let told = diagnosis.told(language);
    let server = diagnosis.server.as_ref().map(|server| {
        let dangers: Vec<String> = server.dangers.iter().map(ToString::to_string).collect();
        json!({"version": server.version, "shop": server.shop, "epoch": server.epoch, "dangers": dangers,
               "clock_ahead_ms": server.clock_ahead_ms})
    });
    let json = json!({
        "ok": diagnosis.is_good(), "finding": diagnosis.finding.name(), "code": diagnosis.code(),
        "message": told.sentence, "next": told.next, "commands": diagnosis.commands(),
        "host": diagnosis.host, "port": diagnosis.port, "address": diagnosis.address.map(|one| one.to_string()),
        "reached": diagnosis.reached.name(), "own_networks": diagnosis.own,
        "found_at": diagnosis.found_at.map(|one| one.to_string()), "detail": diagnosis.detail,
        "certificate": diagnosis.certificate.as_ref().map(certificate_json), "server": server,
    });
    Answer { good: diagnosis.is_good(), ..Answer::new(json, text(diagnosis, &told.sentence, &told.next)) }
}

/// A certificate as scripts read it.
pub fn certificate_json(facts: &certificate::Facts) -> Value {
    let addresses: Vec<String> = facts.addresses.iter().map(ToString::to_string).collect();
    json!({
        "subject": facts.subject, "issuer": facts.issuer, "names": facts.names, "addresses": addresses,
        "valid_from": zone::rfc3339_utc(facts.not_before_us), "valid_until": zone::rfc3339_utc(facts.not_after_us),
        "fingerprint": facts.fingerprint,
    })
}

fn text(diagnosis: &Diagnosis, sentence: &str, next: &str) -> String {
    let mut lines = Vec::new();
    if diagnosis.finding == Finding::Ready {
        lines.push(match diagnosis.reached {
            Stage::Tls => format!("{} is the shop's server; nobody signed in (give --user).", diagnosis.place()),
            _ => format!("A register gets in at {}.", diagnosis.place()),
        });
    } else {
        lines.push(format!("{}: {sentence}\n{next}", diagnosis.code()));
    }
    let mut seen: Vec<(&str, String)> = Vec::new();
    if let Some(address) = diagnosis.address {
        seen.push(("Address", address.to_string()));
    }
    if let Some(certificate) = &diagnosis.certificate {
        let until = zone::rfc3339_utc(certificate.not_after_us);
        seen.push(("Certificate", format!("of \"{}\", until {until}", certificate.issuer)));
    }
    if let Some(server) = &diagnosis.server {
        let shop = server.shop.as_ref().map_or_else(|| "no shop yet".to_owned(), |shop| format!("shop \"{shop}\""));
        seen.push(("Server", format!("PostgreSQL {}, {shop}", server.version)));
    }
    if !diagnosis.detail.is_empty() {
        seen.push(("Its words", diagnosis.detail.clone()));
    }
    if !seen.is_empty() {
        lines.push(pairs(&seen));
    }
    let commands = diagnosis.commands();
    if !commands.is_empty() {
        lines.push(format!("What shows more, on the master:\n  {}", commands.join("\n  ")));
    }
    lines.join("\n\n")
}
