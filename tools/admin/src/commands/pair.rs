//! `pair …`: a pairing is issued on the master, and used on the machine that joins.

use super::context::{Context, Open};
use super::progress::ProgressLine;
use super::server_test::certificate_json;
use super::sync::settled;
use crate::cli::{PairCommand, PairIssueArgs, PairJoinArgs};
use crate::output::{Answer, Failure, Outcome};
use crate::table::pairs;
use crate::words::{count, shell};
use aurapos_master::{MasterError, give_to_owner_of, pairing};
use aurapos_runtime::engine::queries;
use aurapos_runtime::joining::{self, check_free, paired_as};
use aurapos_runtime::settings::{MachineSettings, Mode};
use aurapos_server::certificate;
use aurapos_server::pair::{DOCUMENT_BYTES_MAX, Document, Invite, Issued, Joined, PairError, Ticket, Way};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

/// Reads the pairing from standard input.
const STANDARD_INPUT: &str = "-";
/// How long the first opening may take the shop in while somebody waits; it goes on at the next start.
const TAKING_IN: Duration = Duration::from_secs(600);
/// The port that needs no word.
const PORT: u16 = 5432;

/// `pair …`
pub fn pair(context: &Context, command: &PairCommand) -> Outcome {
    match command {
        PairCommand::Issue(args) => issued(context, args),
        PairCommand::Join(args) => joined(context, args),
    }
}

/// `pair issue`
fn issued(context: &Context, args: &PairIssueArgs) -> Outcome {
    if let Some(file) = args.out.as_ref().filter(|file| std::fs::symlink_metadata(file).is_ok()) {
        let message = format!("{} is there already", file.display());
        return Err(Failure::new("AP-0505", message, "Give another name: nothing is written over."));
    }
    // Who joins waits for the shop, or finds what it was when it left the server.
    let alone = MachineSettings::read(&context.folder).is_ok_and(|settings| settings.mode == Mode::Single);
    let alone = alone.then(|| {
        format!(
            "\nThis shop does not share itself yet: whoever joins waits for `{} storage migrate --to master`.",
            context.program()
        )
    });
    let invite = Invite {
        register: args.register.clone(),
        name: args.register_name.clone(),
        valid: Duration::from_secs(args.hours * 3600),
        addresses: args.address.clone(),
        ..Invite::default()
    };
    let issued = pairing::invite(&context.options(), invite).map_err(|error| match error {
        MasterError::OwnDataElsewhere => {
            let message = "this register keeps its own data on the server: nobody can share it";
            let next =
                "Registers share a server of a master: `aurapos-admin init --mode master` in a folder of its own.";
            Failure::new("AP-0110", message, next)
        }
        other => other.into(),
    })?;
    let done = format!("the code {} is reserved", issued.document.register);
    let answer = match &args.out {
        Some(file) => written(&issued, file),
        None => shown(&issued),
    };
    let mut answer = answer?;
    answer.text += alone.as_deref().unwrap_or_default();
    Ok(answer.done(done))
}

/// The pairing as a file.
fn written(issued: &Issued, file: &Path) -> Result<Answer, Failure> {
    let document = &issued.document;
    document.write(file).map_err(|error| {
        let next = format!("Nobody has this pairing: issue another one with --register {}.", document.register);
        Failure::new("AP-0502", format!("{}: {error}", file.display()), next)
    })?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unowned = |error: io::Error| Failure::new("AP-0502", error.to_string(), "Correct the owner of the file.");
    give_to_owner_of(folder, file).map_err(unowned)?;
    let shown = file.display().to_string();
    let json = json!({
        "file": shown, "register": document.register, "register_name": document.register_name, "shop": document.shop,
        "addresses": document.addresses, "port": document.port, "database": document.database, "expires": document.expires,
        "replaced": issued.replaced, "reached_by_others": !issued.is_alone,
    });
    let text = format!(
        "{shown} pairs one machine as register {} until {}, once. It is a key to the shop: carry it there, then delete it.\n\n\
         On the other machine:  aurapos-admin pair join {}{}",
        document.register,
        document.expires,
        shell(&shown),
        remarks(issued),
    );
    Ok(Answer::new(json, text))
}

/// The pairing as a code; for scripts the document.
fn shown(issued: &Issued) -> Result<Answer, Failure> {
    let document = &issued.document;
    let json: Value = serde_json::to_value(document)
        .map_err(|error| Failure::new("AP-9002", format!("the pairing cannot be written: {error}"), "Tell support."))?;
    let code = document.code.as_deref().unwrap_or_default();
    let address = document.addresses.first().map_or("", String::as_str);
    let port = if document.port == PORT { String::new() } else { format!(" --port {}", document.port) };
    let rows = pairs(&[
        ("Code", code.to_owned()),
        ("Master", format!("{}, port {}", document.addresses.join(", "), document.port)),
        ("Shop", document.shop.clone()),
    ]);
    let text = format!(
        "One machine can join as register {} until {}, once.\n\n{rows}\n\n\
         On the other machine:  aurapos-admin pair join {code} --address {address}{port}{}",
        document.register,
        document.expires,
        remarks(issued),
    );
    Ok(Answer::new(json, text))
}

fn remarks(issued: &Issued) -> String {
    let mut text = String::new();
    if issued.replaced {
        text += &format!("\nThe pairing of {} that was issued before is worth nothing now.", issued.document.register);
    }
    if issued.is_alone {
        text += "\nOnly this machine reaches the server: connect it to the shop's network and run `aurapos-admin server start`, or name \
                 an address with `server init --listen`, to pair another one.";
    }
    text
}

/// `pair join`
fn joined(context: &Context, args: &PairJoinArgs) -> Outcome {
    // Before anything is read or asked of the server: a pairing is used once. A run that was cut off goes on with the register that
    // it made.
    if paired_as(&context.folder)?.is_none() {
        check_free(&context.folder)?;
    }
    let ticket = ticket(&args.pairing)?;
    let way = Way {
        address: args.address.clone(),
        port: args.port,
        database: args.database.clone(),
        name: args.register_name.clone(),
        register: None,
        stays: args.no_search,
    };
    let progress = ProgressLine::new();
    let joined = pairing::join(&context.folder, "aurapos-admin", &ticket, &way, &progress)?;
    drop(progress);
    let taken = Taken::of(context);
    Ok(joined_answer(context, args, &joined, &taken))
}

/// What came of the first opening, in which the shop is taken in. The pairing is done whatever it is.
enum Taken {
    /// Products.
    Whole(u64),
    /// Why it is not there yet.
    Later(Failure),
}

impl Taken {
    fn of(context: &Context) -> Self {
        let whole = || -> Result<u64, Failure> {
            let open = Open::register(context)?;
            let settled = settled(&open, TAKING_IN);
            let products = queries::counts(open.register.store().as_ref()).map(|counts| counts.products);
            open.close();
            settled?;
            joining::arrived(&context.folder);
            Ok(products?)
        };
        whole().map_or_else(Taken::Later, Taken::Whole)
    }

    fn text(&self, context: &Context) -> String {
        match self {
            Taken::Whole(products) => {
                let products = count(*products, "product", "products");
                format!(
                    "The shop is here: {products}. Next: start AuraPOS, or `{} drawer open …`, and sell.",
                    context.program()
                )
            }
            Taken::Later(why) => format!(
                "The shop is not here yet: {} {} The next start goes on, or `{} sync now`.",
                why.message,
                why.next,
                context.program()
            ),
        }
    }
}

/// What was given: a file, a code, or either on standard input.
fn ticket(pairing: &str) -> Result<Ticket, Failure> {
    if pairing == STANDARD_INPUT {
        return Ok(Ticket::read(&limited(io::stdin(), "standard input")?, "standard input")?);
    }
    match File::open(pairing) {
        Ok(file) => Ok(Ticket::read(&limited(file, pairing)?, pairing)?),
        Err(_) if aurapos_server::pair::Code::is_meant(pairing) => Ok(Ticket::read(pairing, "the code")?),
        Err(error) => {
            let missing = PairError::NoDocument { what: pairing.to_owned(), why: error.to_string() };
            Err(missing.into())
        }
    }
}

fn limited(input: impl io::Read, what: &str) -> Result<String, Failure> {
    let mut text = String::new();
    // One more than is allowed: then it is refused as too long.
    let read = input.take(DOCUMENT_BYTES_MAX as u64 + 1).read_to_string(&mut text);
    read.map_err(|error| PairError::NoDocument { what: what.to_owned(), why: error.to_string() })?;
    Ok(text)
}

fn joined_answer(context: &Context, args: &PairJoinArgs, joined: &Joined, taken: &Taken) -> Answer {
    let document = &joined.document;
    let authority = certificate::read_pem(&document.authority).map(|(_, facts)| facts);
    let folder = context.folder.root().display().to_string();
    let version = joined.diagnosis.server.as_ref().map(|server| server.version.clone());
    let json = json!({
        "shop": document.shop, "shop_id": document.shop_id, "register": document.register, "register_name": name_of(args, document),
        "mode": "slave", "host": joined.host, "port": joined.port, "database": document.database, "schema": document.schema,
        "user": document.user, "tls": true, "authority": authority.as_ref().map(certificate_json), "server_version": version,
        "data": folder, "products": match taken { Taken::Whole(products) => json!(products), Taken::Later(_) => Value::Null },
    });
    let rows = pairs(&[
        ("Register", document.register.clone()),
        ("Master", format!("{}, port {}, database {}, by TLS", joined.host, joined.port, document.database)),
        ("Authority", authority.map_or_else(String::new, |facts| facts.fingerprint)),
        ("Password", format!("of {}: its own, in secrets.toml; the pairing's is worth nothing now", document.user)),
    ]);
    let file = Path::new(&args.pairing);
    let delete = if file.is_file() { format!("\nDelete {}: it is used.", file.display()) } else { String::new() };
    let text = format!(
        "This machine is a register of {} now; its data folder is {folder}.\n\n{rows}\n{delete}\n\
         {}\nThe way to the master at any time: {} server test {}",
        document.shop,
        taken.text(context),
        context.program(),
        shell(&joined.host),
    );
    Answer::new(json, text).done(format!("this machine is the register {}", document.register))
}

fn name_of<'a>(args: &'a PairJoinArgs, document: &'a Document) -> &'a str {
    if args.register_name.is_empty() { &document.register_name } else { &args.register_name }
}

impl From<MasterError> for Failure {
    fn from(error: MasterError) -> Self {
        Failure::new(error.code(), error.to_string(), error.next())
    }
}

impl From<PairError> for Failure {
    fn from(error: PairError) -> Self {
        Failure::new(error.code(), error.to_string(), error.next())
    }
}
