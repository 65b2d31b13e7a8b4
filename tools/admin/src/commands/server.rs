//! `server …`: the PostgreSQL server beside the master.

use super::context::Context;
use super::progress::ProgressLine;
use super::server_test::{self, certificate_json};
use crate::cli::{ServerCommand, ServerInitArgs};
use crate::output::{Answer, Failure, Outcome};
use crate::table::pairs;
use aurapos_master::{Kept, MakeError};
use aurapos_runtime::zone;
use aurapos_server::firewall::{Firewall, Kind};
use aurapos_server::networks::Network;
use aurapos_server::service::Service;
use aurapos_server::{Consent, Health, Home, Made, ServerError, Status, Wish, renew, start, status, stop};
use serde_json::{Value, json};

/// `server …`
pub fn server(context: &Context, command: &ServerCommand) -> Outcome {
    let home = Home::of_data(context.folder.root());
    match command {
        ServerCommand::Init(args) => make(context, &home, args),
        ServerCommand::Start { directly } => {
            let started = start(&home, !directly)?;
            let json = json!({"running": true, "started": started.was_started, "changed": started.was_changed, "renewed": started.renewed});
            let state = if started.was_started { "The server is started." } else { "The server runs." };
            let renewed = started.renewed.map_or(String::new(), |why| format!(" Its certificate is new: {why}."));
            Ok(Answer::new(json, format!("{state}{renewed}")))
        }
        ServerCommand::Stop { directly } => {
            let was_running = stop(&home, !directly)?;
            let text = if was_running { "The server is stopped." } else { "The server was not running." };
            Ok(Answer::new(json!({"running": false, "stopped": was_running}), text))
        }
        ServerCommand::Status { renew: wanted } => {
            let renewed = if *wanted { renew(&home)? } else { None };
            let status = status(&home, &Kept::new(&context.folder))?;
            Ok(status_answer(context, &status, renewed))
        }
        ServerCommand::Test(args) => server_test::test(context, args),
    }
}

/// `server init`
fn make(context: &Context, home: &Home, args: &ServerInitArgs) -> Outcome {
    let wish = wish(context, home, args)?;
    let progress = ProgressLine::new();
    let made = aurapos_master::make(&context.folder, &wish, &progress)?;
    drop(progress);
    Ok(made_answer(context, home, &made))
}

/// What was asked for; shop and register are those of the data folder where it has some.
fn wish(context: &Context, home: &Home, args: &ServerInitArgs) -> Result<Wish, Failure> {
    let networks = args.network.iter().map(|text| {
        Network::parse(text)
            .ok_or_else(|| ServerError::Choice { what: format!("\"{text}\" is no network such as 10.8.0.0/24") })
    });
    let networks: Vec<Network> = networks.collect::<Result<_, _>>()?;
    let facts = if context.folder.is_fresh() { None } else { context.reader().ok().map(|reader| reader.facts.clone()) };
    // The authority's name stays that of the day it was made.
    let shop = args
        .shop
        .clone()
        .or_else(|| facts.as_ref().filter(|_| home.facts().is_err()).map(|facts| facts.shop_name.clone()));
    let some = |list: &Vec<String>| Some(list.clone()).filter(|list| !list.is_empty());
    Ok(Wish {
        shop,
        register: args.register.clone().or_else(|| facts.map(|facts| facts.code)),
        port: args.port,
        listen: some(&args.listen),
        networks: Some(networks).filter(|networks| !networks.is_empty()),
        names: some(&args.name),
        cluster: args.cluster.clone(),
        user: args.user.clone(),
        tools: args.tools.clone(),
        locale: args.locale.clone(),
        firewall: if args.apply_firewall { Consent::Done } else { Consent::Shown },
    })
}

fn made_answer(context: &Context, home: &Home, made: &Made) -> Answer {
    let facts = &made.facts;
    let authority_file = home.authority_file().display().to_string();
    let json = json!({
        "port": facts.port, "tls": true, "database": facts.database, "addresses": made.addresses, "shop": facts.shop,
        "register": facts.register, "role": made.role, "reader": made.reader, "connection": connection_json(made), "user": facts.user,
        "version": made.version, "tools": facts.tools.display().to_string(), "cluster": made.cluster.display().to_string(),
        "authority": certificate_json(&made.authority), "authority_file": authority_file,
        "service": service_json(&made.service), "firewall": firewall_json(&made.firewall),
        "done": made.done, "changed": !made.done.is_empty(),
    });
    let first = if made.done.is_empty() {
        "The server is there already; nothing was changed.".to_owned()
    } else {
        format!("The server is ready. Done now:\n  {}", made.done.join("\n  "))
    };
    let addresses = if made.addresses.is_empty() { "this machine only".to_owned() } else { made.addresses.join(", ") };
    let rows = pairs(&[
        ("Registers reach it at", format!("{addresses}, port {}, database {}, by TLS", facts.port, facts.database)),
        ("PostgreSQL", format!("{} as user {}, in {}", made.version, facts.user, made.cluster.display())),
        ("Authority", format!("{authority_file}, until {}", zone::rfc3339_utc(made.authority.not_after_us))),
        ("Fingerprint", made.authority.fingerprint.clone()),
        (
            "Passwords",
            format!("of {}, {} and {}: kept in secrets.toml", made.role, made.connection.owner_user, made.reader),
        ),
        ("Look inside", psql_line(made)),
    ]);
    let mut text = format!("{first}\n\n{rows}");
    text += &service_text(&made.service);
    text += &firewall_text(&made.firewall);
    text += &format!("\n\nIts state at any time: {} server status", context.program());
    Answer::new(json, text)
}

/// The settings of a store that uses it, as `aurapos.toml` writes them; passwords are not among them.
fn connection_json(made: &Made) -> Value {
    let to = &made.connection;
    json!({
        "host": to.host, "port": to.port, "database": to.database, "schema": to.schema, "user": to.user, "tls": true,
        "owner_user": to.owner_user, "register_role": to.register_role, "authority": to.authority.display().to_string(),
    })
}

/// The owner of this machine reads with psql, without a password.
fn psql_line(made: &Made) -> String {
    let run = made.cluster.join("run").display().to_string();
    format!("psql -h {} -p {} -U {} {}", crate::words::shell(&run), made.facts.port, made.reader, made.facts.database)
}

fn service_json(service: &Service) -> Value {
    match service {
        Service::AtBoot => json!({"at_boot": true, "reason": null, "lines": []}),
        Service::ByHand { reason, lines } => json!({"at_boot": false, "reason": reason, "lines": lines}),
        Service::None => json!({"at_boot": false, "reason": "there is no server", "lines": []}),
    }
}

fn service_text(service: &Service) -> String {
    match service {
        Service::ByHand { reason, lines } if lines.is_empty() => format!("\n\nIt does not start at boot: {reason}."),
        Service::ByHand { reason, lines } => {
            format!("\n\nIt does not start at boot: {reason}. These lines do it:\n  {}", lines.join("\n  "))
        }
        Service::AtBoot => "\n\nIt starts at boot.".to_owned(),
        Service::None => String::new(),
    }
}

fn firewall_json(firewall: &Firewall) -> Value {
    json!({"kind": firewall.kind.name(), "open": firewall.is_open, "lines": firewall.lines})
}

fn firewall_text(firewall: &Firewall) -> String {
    let lines = || firewall.lines.join("\n  ");
    match firewall.kind {
        _ if firewall.lines.is_empty() => String::new(),
        Kind::None => format!(
            "\n\nNo firewall was seen that refuses registers. Where there is one, one of these opens it:\n  {}",
            lines()
        ),
        kind if firewall.is_open => format!("\n\nThe firewall ({}) lets registers in.", kind.name()),
        kind => format!(
            "\n\nThe firewall ({}) refuses registers. These lines let them in (--apply-firewall runs them):\n  {}",
            kind.name(),
            lines()
        ),
    }
}

fn status_answer(context: &Context, status: &Status, renewed: Option<String>) -> Answer {
    let advice: Vec<Value> = status
        .advice
        .iter()
        .map(|one| json!({"name": one.name, "ok": one.ok, "message": one.message, "next": one.next}))
        .collect();
    let facts = status.facts.as_ref();
    let json = json!({
        "state": status.state.name(), "port": facts.map(|facts| facts.port), "tls": facts.is_some(),
        "database": facts.map(|facts| facts.database.clone()), "shop": facts.map(|facts| facts.shop.clone()),
        "user": facts.map(|facts| facts.user.clone()), "addresses": status.addresses,
        "cluster": status.cluster.as_ref().map(|path| path.display().to_string()),
        "authority": status.authority.as_ref().map(certificate_json),
        "certificate": status.certificate.as_ref().map(certificate_json), "renewed": renewed,
        "health": status.health.as_ref().map(health_json), "free_bytes": status.free_bytes,
        "reached": status.reached.as_ref().map(|diagnosis| diagnosis.finding.name()),
        "service": service_json(&status.service), "firewall": firewall_json(&status.firewall), "checks": advice,
    });
    let mut rows = vec![("State", status.state.name().replace('_', " "))];
    if let Some(facts) = facts {
        let addresses =
            if status.addresses.is_empty() { "this machine only".to_owned() } else { status.addresses.join(", ") };
        rows.push(("Shop", facts.shop.clone()));
        rows.push(("Reached at", format!("{addresses}, port {}, database {}", facts.port, facts.database)));
    }
    if let Some(authority) = &status.authority {
        rows.push(("Authority", authority.fingerprint.clone()));
    }
    if let Some(health) = &status.health {
        let size = health.database_bytes / 1_000_000;
        rows.push(("PostgreSQL", format!("{}, {size} MB", health.version)));
    }
    if let Some(why) = renewed {
        rows.push(("Renewed", format!("the certificate, for {why}")));
    }
    let checks = status.advice.iter().map(|one| {
        let mark = if one.ok { "ok  " } else { "BAD " };
        let next = if one.next.is_empty() { String::new() } else { format!("\n                  → {}", one.next) };
        format!("{mark} {:12} {}{next}", one.name, one.message)
    });
    let checks: Vec<String> = checks.collect();
    let backups = format!("Backups are made of the shop, not of this server: `{} backup list`.", context.program());
    let by_hand = if status.facts.is_some() { firewall_text(&status.firewall) } else { String::new() };
    let text = format!("{}\n\n{}{by_hand}\n\n{backups}", pairs(&rows), checks.join("\n"));
    Answer { good: status.is_good(), ..Answer::new(json, text) }
}

fn health_json(health: &Health) -> Value {
    let dangers: Vec<String> = health.dangers.iter().map(ToString::to_string).collect();
    json!({
        "version": health.version, "connections": health.connections, "connections_max": health.connections_max,
        "database_bytes": health.database_bytes, "dangers": dangers,
        "since": zone::rfc3339_utc(health.since_us),
    })
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Failure::new(error.code(), error.to_string(), error.next())
    }
}

impl From<MakeError> for Failure {
    fn from(error: MakeError) -> Self {
        Failure::new(error.code(), error.to_string(), error.next())
    }
}
