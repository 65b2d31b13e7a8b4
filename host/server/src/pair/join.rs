//! Joining a shop: from a document or a code to a register's own role and password, on the machine that is paired.
//!
//! The order is what makes it safe to be killed anywhere: the new password is kept before the server knows it, and a pairing that
//! was used by ourselves is known by that password. Must not know where settings and passwords are written ([`Keep`]).

use super::PairError;
use super::code::{Code, Keys};
use super::document::Document;
use super::introduction::{Met, meet};
use super::issue::check_name;
use super::schema::{SCHEMA, state};
use crate::diagnosis::probe::{self, Reach};
use crate::diagnosis::{Diagnosis, Finding, Target, diagnose, login};
use crate::{Keep, Secret, desk};
use aurapos_contract::Progress;
use postgres::Client;
use postgres::error::SqlState;
use serde::Deserialize;
use std::net::SocketAddr;

/// Steps that progress is told in.
const STEPS: u64 = 4;

/// What a person has in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ticket {
    /// The file.
    Document(Box<Document>),
    /// The typed code.
    Code(Code),
}

/// Where the master is, and how the new register is called.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// Name or address of the master; a document has some of its own.
    pub address: Option<String>,
    /// Its port; that of the document, or 5432.
    pub port: Option<u16>,
    /// The database; that of the document, or `aurapos`.
    pub database: Option<String>,
    /// What the register is called; empty: as the pairing says.
    pub name: String,
    /// The register that this machine is already, when an earlier run was cut off: no pairing of another one is used.
    pub register: Option<String>,
    /// The neighbours are not asked for the master when it is not where it was.
    pub stays: bool,
}

/// A register that joined.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The document, as the server has it now, without its code.
    pub document: Document,
    /// The address or name that the server was reached by.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The register's password; it was kept under the name of its role as well.
    pub password: Secret,
    /// The register's first look at the server.
    pub diagnosis: Diagnosis,
}

/// What the server says to who holds a pairing.
#[derive(Deserialize)]
struct Look {
    state: String,
    register: String,
    used_at: Option<String>,
    expires: String,
    document: Option<String>,
}

impl Ticket {
    /// Reads the text of a document, or a code. `what`: how it is called in a refusal.
    ///
    /// # Errors
    /// It is neither.
    pub fn read(text: &str, what: &str) -> Result<Self, PairError> {
        if Code::is_meant(text) {
            return Ok(Ticket::Code(Code::parse(text)?));
        }
        let document = Document::parse(text, what)?;
        document.code(what)?;
        Ok(Ticket::Document(Box::new(document)))
    }

    fn code(&self) -> Result<Code, PairError> {
        match self {
            Ticket::Document(document) => document.code("the pairing"),
            Ticket::Code(code) => Ok(code.clone()),
        }
    }
}

/// Joins: reaches the server and believes it, signs in with what was issued, gives the register a password of its own in its place,
/// and comes in with that.
///
/// # Errors
/// Why not: a finding of the diagnosis, or what is wrong with the pairing.
pub fn join(ticket: &Ticket, way: &Way, keep: &dyn Keep, progress: &dyn Progress) -> Result<Joined, PairError> {
    check_name(&way.name)?;
    progress.report(0, STEPS, "reading the pairing");
    let code = ticket.code()?;
    progress.report(1, STEPS, "looking for the master");
    let (target, seen) = reach(ticket, &code, way)?;
    progress.report(2, STEPS, "signing in with the pairing");
    let mut client = sign_in(&code.keys()?, &target, seen)?;
    let look = look(&mut client)?;
    if let Some(own) = way.register.as_ref().filter(|own| **own != look.register) {
        return Err(PairError::OtherRegister { own: own.clone(), register: look.register });
    }
    let mut document = look.document()?;
    // What was believed, not what was said.
    document.authority = target.authority.clone().unwrap_or_default();
    progress.report(3, STEPS, "taking a password of its own");
    let password = take_password(&mut client, &look, &document, &target, way, keep)?;
    drop(client);
    let register = as_register(&target, &document, &password);
    let diagnosis = diagnose(&register, None);
    if !gets_in(&diagnosis) {
        return Err(PairError::Unreached(Box::new(diagnosis)));
    }
    progress.report(STEPS, STEPS, "joined");
    Ok(Joined { document, host: target.host, port: target.port, password, diagnosis })
}

/// Looks for the master of a pairing and believes it, and changes nothing: whether [`join`] would come as far as using the pairing.
///
/// # Errors
/// As [`join`], before anything is used.
pub fn find(ticket: &Ticket, way: &Way) -> Result<Diagnosis, PairError> {
    check_name(&way.name)?;
    Ok(reach(ticket, &ticket.code()?, way)?.1)
}

/// The first address under which the shop's server answers, with the authority that it is believed by.
fn reach(ticket: &Ticket, code: &Code, way: &Way) -> Result<(Target, Diagnosis), PairError> {
    let (hosts, port, database, authority) = match ticket {
        Ticket::Document(document) => {
            (document.addresses.clone(), document.port, document.database.clone(), Some(document.authority.clone()))
        }
        Ticket::Code(_) => (Vec::new(), 5432, "aurapos".to_owned(), None),
    };
    let hosts = way.address.as_ref().map_or(hosts, |address| vec![address.clone()]);
    let mut failed = None;
    for host in hosts {
        let mut target = Target {
            port: way.port.unwrap_or(port),
            database: way.database.clone().unwrap_or_else(|| database.clone()),
            authority: authority.clone(),
            searches: false,
            ..Target::new(host)
        };
        if target.authority.is_none() {
            target.authority = Some(introduce(&target, code)?);
        }
        let seen = diagnose(&target, None);
        if seen.is_good() {
            return Ok((target, seen));
        }
        // The first address is the likeliest; what it says is told.
        failed = failed.or(Some(target));
    }
    let first = failed.ok_or(PairError::NoAddress)?;
    let searched = Target { searches: !way.stays, ..first };
    Err(PairError::Unreached(Box::new(diagnose(&searched, None))))
}

/// The authority of a code, from the server that answers.
fn introduce(target: &Target, code: &Code) -> Result<String, PairError> {
    let seen = diagnose(&Target { authority: None, ..target.clone() }, None);
    let Some(address) = seen.address.filter(|_| seen.finding == Finding::AuthorityUnknown) else {
        return Err(PairError::Unreached(Box::new(seen)));
    };
    let Reach::Tls(tls) = probe::reach(SocketAddr::new(address, target.port), target.patience) else {
        return Err(PairError::Unreached(Box::new(seen)));
    };
    let place = seen.place();
    match meet(tls, &target.host, code, code.keys()?) {
        Ok(Met::Authority(pem)) => Ok(pem),
        Ok(Met::Stranger(issuer)) => Err(PairError::OtherShop { place, issuer }),
        Err(_) => Err(PairError::Unreached(Box::new(seen))),
    }
}

/// Signs in as the role of this one pairing, at the server that was seen.
fn sign_in(keys: &Keys, target: &Target, seen: Diagnosis) -> Result<Client, PairError> {
    let invited = Target { user: Some(keys.role.clone()), password: Some(keys.password.clone()), ..target.clone() };
    let address = seen.address.ok_or(PairError::NoAddress)?;
    login::connect(&invited, SocketAddr::new(address, target.port)).map_err(|error| match error.code() {
        Some(&SqlState::INVALID_PASSWORD) => PairError::Unknown { place: seen.place() },
        _ => PairError::Unreached(Box::new(seen.turned_away(&error, &invited))),
    })
}

fn look(client: &mut Client) -> Result<Look, PairError> {
    let text = desk::ask(client, &format!("SELECT {SCHEMA}.look()"))?;
    let unread = |error: serde_json::Error| PairError::NoDocument {
        what: "what the server has".to_owned(),
        why: format!("line {}, column {}", error.line(), error.column()),
    };
    serde_json::from_str(&text).map_err(unread)
}

impl Look {
    fn document(&self) -> Result<Document, PairError> {
        let withdrawn = || PairError::Withdrawn { register: self.register.clone() };
        Document::parse(self.document.as_deref().ok_or_else(withdrawn)?, "what the server has")
    }

    fn used(&self) -> PairError {
        PairError::Used {
            register: self.register.clone(),
            at: self.used_at.clone().unwrap_or_else(|| "this very moment".to_owned()),
        }
    }

    fn expired(&self) -> PairError {
        PairError::Expired { register: self.register.clone(), until: self.expires.clone() }
    }
}

/// The register's own password: chosen and kept, then told to the server. Whoever was killed in between has it already.
fn take_password(
    client: &mut Client,
    look: &Look,
    document: &Document,
    target: &Target,
    way: &Way,
    keep: &dyn Keep,
) -> Result<Secret, PairError> {
    let kept = keep.get(&document.user)?;
    match look.state.as_str() {
        "open" => {}
        "used" => {
            // By ourselves, before we were interrupted?
            let kept = kept.filter(|kept| gets_in(&diagnose(&as_register(target, document, kept), None)));
            return kept.ok_or_else(|| look.used());
        }
        "expired" => return Err(look.expired()),
        _ => return Err(PairError::Withdrawn { register: look.register.clone() }),
    }
    let password = match kept {
        Some(kept) => kept,
        None => {
            let password = Secret::generate()?;
            keep.set(&document.user, &password)?;
            password
        }
    };
    let redeem = format!("SELECT {SCHEMA}.redeem($1, $2)");
    let done = client.execute(&redeem, &[&password.verifier(), &way.name]);
    done.map_err(|error| match error.code().map(SqlState::code) {
        Some(state::USED) => look.used(),
        Some(state::EXPIRED) => look.expired(),
        Some(state::WITHDRAWN | state::UNKNOWN) => PairError::Withdrawn { register: look.register.clone() },
        _ => desk::refused("take the register's password")(error).into(),
    })?;
    Ok(password)
}

fn as_register(target: &Target, document: &Document, password: &Secret) -> Target {
    Target {
        user: Some(document.user.clone()),
        password: Some(password.clone()),
        database: document.database.clone(),
        schema: document.schema.clone(),
        ..target.clone()
    }
}

/// Settings that endanger data are the master's to mend; the register gets in.
fn gets_in(diagnosis: &Diagnosis) -> bool {
    diagnosis.is_good() || diagnosis.finding == Finding::Endangered
}
