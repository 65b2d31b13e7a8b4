//! Issuing a pairing, on the master: a code of a register that nobody has, its role, and a secret that is used once.
//!
//! Everything is one transaction of the server's: killed anywhere, there is a whole pairing or none. The register's own role
//! has no password until somebody joins; the secret opens a role that can do nothing else.

use super::code::Code;
use super::document::{ADDRESSES_MAX, Document, VERSION, is_address, is_plain};
use super::registers::{REGISTERS_MAX, RegisterState};
use super::schema::{self, INVITED, PAIRING, SCHEMA, TOLD_DAYS};
use super::{PairError, master::Master};
use crate::database::{self, quoted};
use crate::desk::{ask, refused};
use crate::networks::Networks;
use crate::run::{self, Lock};
use crate::settings::Surroundings;
use crate::{Home, certificate, wish};
use postgres::Client;
use std::net::IpAddr;
use std::time::Duration;

/// How long a pairing can be used where nothing is said.
pub const VALID: Duration = Duration::from_secs(24 * 3600);
/// The longest: a secret that lies about is a key to the shop.
pub const VALID_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
const VALID_MIN: Duration = Duration::from_secs(60);
/// Letters of a register's name.
pub(super) const NAME_CHARACTERS_MAX: usize = 64;
/// Two, in case a connection that was cut is not gone yet.
const CONNECTIONS_OF_INVITED: u32 = 2;
/// From this version on who may change a role's password is said role by role.
const VERSION_OF_ADMIN_BY_ROLE: u32 = 160_000;

/// What is wished for.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Code of the register; the next free one where nothing is said.
    pub register: Option<String>,
    /// What it is called; it can be said when it joins, too.
    pub name: String,
    /// How long it can be used.
    pub valid: Duration,
    /// Addresses and names by which registers reach the master; those that it listens at where nothing is said.
    pub addresses: Vec<String>,
    /// The shop's time zone, where it is known.
    pub time_zone: String,
    /// The shop's id, where it is known and does not stand on the server.
    pub shop_id: Option<String>,
}

impl Default for Invite {
    fn default() -> Self {
        Invite {
            register: None,
            name: String::new(),
            valid: VALID,
            addresses: Vec::new(),
            time_zone: String::new(),
            shop_id: None,
        }
    }
}

/// A pairing that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The document, with its code.
    pub document: Document,
    /// Another pairing of the same register that is worth nothing any more.
    pub replaced: bool,
    /// Only this machine reaches the server: no other register will.
    pub is_alone: bool,
}

/// Issues a pairing.
///
/// # Errors
/// The server does not run, this user is not its owner, the code is somebody's, or a wish is not possible.
pub fn issue(home: &Home, invite: &Invite) -> Result<Issued, PairError> {
    check(invite)?;
    let master = Master::of(home)?;
    let _lock = Lock::take(home)?;
    let mut client = master.desk()?;
    schema::ensure(&mut client, &master.facts.database)?;
    super::registers::claim_own(&mut client, &master.facts.register, &master.facts.role()?)?;
    let (authority, pem) = master.authority()?;
    let (addresses, is_alone) = addresses(&master, invite)?;
    let code = Code::generate(&authority)?;
    let keys = code.keys()?;
    client.batch_execute("BEGIN").map_err(refused("begin a pairing"))?;
    sweep(&mut client)?;
    let register = choose(&mut client, invite.register.as_deref())?;
    let user = wish::role_of(&register)?;
    database::make_register(&mut client, &user)?;
    grant_admin(&mut client, &user)?;
    let replaced = withdraw(&mut client, &register)?;
    invite_role(&mut client, &keys.role, &keys.password.verifier(), invite.valid)?;
    let (shop_id, expires) = ask_shop(&mut client, invite)?;
    let register_name = claim(&mut client, &register, &invite.name, &user)?;
    let mut document = Document {
        aurapos_pairing: VERSION,
        shop: master.facts.shop.clone(),
        shop_id,
        register: register.clone(),
        register_name,
        addresses,
        port: master.facts.port,
        database: master.facts.database.clone(),
        schema: database::SCHEMA.to_owned(),
        user: user.clone(),
        time_zone: invite.time_zone.clone(),
        expires,
        authority: pem,
        code: None,
    };
    let keep = format!(
        "INSERT INTO {SCHEMA}.invitation (role, code, expires_at, document) VALUES ($1, $2, $3::text::timestamptz, $4)"
    );
    let text = document.text()?;
    client.execute(&keep, &[&keys.role, &register, &document.expires, &text]).map_err(refused("keep a pairing"))?;
    client.batch_execute("COMMIT").map_err(refused("keep a pairing"))?;
    document.code = Some(code.text());
    Ok(Issued { document, replaced, is_alone })
}

fn check(invite: &Invite) -> Result<(), PairError> {
    if let Some(register) = &invite.register
        && wish::register_role_of(register).is_none()
    {
        let what =
            format!("\"{register}\" is no code of a register: a capital, then up to 7 capitals and digits, such as R2");
        return Err(PairError::choice(what));
    }
    if !(VALID_MIN..=VALID_MAX).contains(&invite.valid) {
        return Err(PairError::choice("a pairing can be used for a minute to seven days"));
    }
    if let Some(address) = invite.addresses.iter().find(|address| !is_address(address)) {
        return Err(PairError::choice(format!("\"{address}\" is no name or address of a machine")));
    }
    check_name(&invite.name)
}

/// A name that a list, a receipt and the server can hold.
pub(super) fn check_name(name: &str) -> Result<(), PairError> {
    if name.chars().count() > NAME_CHARACTERS_MAX || !is_plain(name) {
        let what = format!("a register's name has up to {NAME_CHARACTERS_MAX} characters, none of them invisible");
        return Err(PairError::choice(what));
    }
    Ok(())
}

/// Addresses by which the master is reached, and whether that is this machine alone.
fn addresses(master: &Master, invite: &Invite) -> Result<(Vec<String>, bool), PairError> {
    let networks = Networks::of_this_machine().unwrap_or_default();
    let around = Surroundings { facts: &master.facts, networks: &networks, root: &master.place.root, memory_bytes: 0 };
    let mut outer = around.outer_addresses();
    // A shop's network is of version 4 first.
    outer.sort_by_key(IpAddr::is_ipv6);
    let mut found = Vec::new();
    for one in invite.addresses.iter().cloned().chain(outer.iter().map(IpAddr::to_string)) {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    let is_alone = found.is_empty();
    if is_alone {
        // A second register of the same machine.
        found.push("127.0.0.1".to_owned());
    }
    found.truncate(ADDRESSES_MAX);
    check_certificate(master, &invite.addresses)?;
    Ok((found, is_alone))
}

/// Nobody believes the server under a name that is not in its certificate. Who cannot see the certificate is told when joining.
fn check_certificate(master: &Master, named: &[String]) -> Result<(), PairError> {
    let Some(certificate) = run::certificate_of(&master.place) else { return Ok(()) };
    let is_in = |name: &String| match name.parse::<IpAddr>() {
        Ok(address) => certificate.addresses.contains(&address),
        Err(_) => certificate.names.iter().any(|known| known.eq_ignore_ascii_case(name)),
    };
    let Some(missing) = named.iter().find(|name| !is_in(name)) else { return Ok(()) };
    let what = format!(
        "\"{missing}\" is not in the server's certificate; `aurapos-admin server init --name {missing}` puts it there"
    );
    Err(PairError::choice(what))
}

/// Forgets pairings that are not even told about any more.
fn sweep(client: &mut Client) -> Result<(), PairError> {
    let over = format!(
        "DELETE FROM {SCHEMA}.invitation WHERE expires_at < clock_timestamp() - interval '{TOLD_DAYS} days' RETURNING role"
    );
    for row in client.query(&over, &[]).map_err(refused("forget old pairings"))? {
        let role: String = row.try_get(0).map_err(refused("forget old pairings"))?;
        client
            .batch_execute(&format!("DROP ROLE IF EXISTS {}", quoted(&role)))
            .map_err(refused("forget old pairings"))?;
    }
    Ok(())
}

/// The code that was asked for, or the first that nobody has: none that was ever given to somebody who joined, nor one with a
/// pairing that can still be used.
fn choose(client: &mut Client, asked: Option<&str>) -> Result<String, PairError> {
    let in_shop = codes_in_the_books(client)?;
    if let Some(asked) = asked {
        let known = format!("SELECT state FROM {SCHEMA}.register WHERE code = $1");
        let row = client.query_opt(&known, &[&asked]).map_err(refused("look for a register"))?;
        let state: Option<String> =
            row.map(|row| row.try_get(0)).transpose().map_err(refused("look for a register"))?;
        let state = state.as_deref().map(RegisterState::of_word);
        let others = format!("SELECT count(*)::text FROM (SELECT NULL WHERE false {in_shop}) s (code) WHERE code = $1");
        let row = client.query_one(&others, &[&asked]).map_err(refused("look for a register"))?;
        let is_in_shop = row.try_get::<_, String>(0).map_err(refused("look for a register"))? != "0";
        return match state {
            Some(RegisterState::Joined) => Err(PairError::Taken { register: asked.to_owned(), state: "joined" }),
            Some(RegisterState::Revoked) => Err(PairError::Taken { register: asked.to_owned(), state: "revoked" }),
            _ if is_in_shop => Err(PairError::Taken { register: asked.to_owned(), state: "in the shop's books" }),
            _ => Ok(asked.to_owned()),
        };
    }
    let free = format!(
        "WITH taken AS (
            SELECT code FROM {SCHEMA}.register r WHERE state <> 'invited' OR EXISTS (
                SELECT FROM {SCHEMA}.invitation i WHERE i.code = r.code AND i.withdrawn_at IS NULL AND i.expires_at > clock_timestamp())
            {in_shop})
         SELECT 'R' || n FROM generate_series(1, {REGISTERS_MAX}) n WHERE 'R' || n NOT IN (SELECT code FROM taken) ORDER BY n LIMIT 1"
    );
    let row = client.query_opt(&free, &[]).map_err(refused("look for a free code"))?;
    let full = || PairError::choice(format!("the shop has {REGISTERS_MAX} registers, and that is the most"));
    row.ok_or_else(full)?.try_get(0).map_err(|error| refused("look for a free code")(error).into())
}

/// Further selects of codes that stand in the shop's own tables: those of registers that were set up before there were pairings.
fn codes_in_the_books(client: &mut Client) -> Result<String, PairError> {
    let mut selects = String::new();
    for (table, column) in [("register", "code"), ("incarnation", "register_code")] {
        let there = "SELECT count(*) FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 AND column_name = $3";
        let row =
            client.query_one(there, &[&database::SCHEMA, &table, &column]).map_err(refused("look for registers"))?;
        if row.try_get::<_, i64>(0).map_err(refused("look for registers"))? > 0 {
            selects += &format!(" UNION SELECT {column} FROM {}.{table}", database::SCHEMA);
        }
    }
    Ok(selects)
}

/// Reserves a code; what the register is called now.
fn claim(client: &mut Client, register: &str, name: &str, user: &str) -> Result<String, PairError> {
    let claim = format!(
        "INSERT INTO {SCHEMA}.register (code, name, role, state) VALUES ($1, $2, $3, 'invited')
         ON CONFLICT (code) DO UPDATE SET invited_at = clock_timestamp(),
             name = CASE WHEN excluded.name = '' THEN register.name ELSE excluded.name END
         RETURNING name"
    );
    let row = client.query_one(&claim, &[&register, &name, &user]).map_err(refused("reserve a register's code"))?;
    row.try_get(0).map_err(|error| refused("reserve a register's code")(error).into())
}

/// Lets the pairing's own role give this register a password: until 15 it may do that for every role, later for those it was given.
fn grant_admin(client: &mut Client, user: &str) -> Result<(), PairError> {
    let version: u32 = ask(client, "SELECT current_setting('server_version_num')")?.parse().unwrap_or(0);
    if version < VERSION_OF_ADMIN_BY_ROLE {
        return Ok(());
    }
    let statement = format!("GRANT {} TO {PAIRING} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE", quoted(user));
    Ok(client.batch_execute(&statement).map_err(refused("prepare a register's role"))?)
}

/// Makes earlier pairings of a register worthless; whether there was one that could be used.
pub(super) fn withdraw(client: &mut Client, register: &str) -> Result<bool, PairError> {
    let statement = format!(
        "UPDATE {SCHEMA}.invitation SET withdrawn_at = clock_timestamp() WHERE code = $1 AND used_at IS NULL AND withdrawn_at IS NULL
         RETURNING expires_at > clock_timestamp()"
    );
    let rows = client.query(&statement, &[&register]).map_err(refused("withdraw a pairing"))?;
    let live: Result<Vec<bool>, _> = rows.iter().map(|row| row.try_get(0)).collect();
    Ok(live.map_err(refused("withdraw a pairing"))?.contains(&true))
}

fn invite_role(client: &mut Client, role: &str, verifier: &str, valid: Duration) -> Result<(), PairError> {
    // It signs in somewhat longer than it is good for, to be told so; then PostgreSQL refuses it by itself.
    let until = format!(
        "SELECT (clock_timestamp() + interval '{} seconds' + interval '{TOLD_DAYS} days')::text",
        valid.as_secs()
    );
    let until = ask(client, &until)?;
    let name = quoted(role);
    let statement = format!(
        "CREATE ROLE {name} LOGIN PASSWORD '{verifier}' VALID UNTIL '{until}' CONNECTION LIMIT {CONNECTIONS_OF_INVITED} IN ROLE {INVITED};
         ALTER ROLE {name} SET statement_timeout = '10s';
         ALTER ROLE {name} SET idle_session_timeout = '60s'"
    );
    Ok(client.batch_execute(&statement).map_err(refused("make a pairing's role"))?)
}

/// The shop's id, and when the pairing ends by the server's clock.
fn ask_shop(client: &mut Client, invite: &Invite) -> Result<(Option<String>, String), PairError> {
    let expires = format!(
        "SELECT {SCHEMA}.utc(date_trunc('second', clock_timestamp()) + interval '{} seconds')",
        invite.valid.as_secs()
    );
    let expires = ask(client, &expires)?;
    let there = ask(client, &format!("SELECT (to_regclass('{}.shop') IS NOT NULL)::text", database::SCHEMA))?;
    if there != "true" {
        return Ok((invite.shop_id.clone(), expires));
    }
    let row = client.query_opt(&format!("SELECT id::text FROM {}.shop LIMIT 1", database::SCHEMA), &[]);
    let row = row.map_err(refused("say which shop it has"))?;
    let id = row.map(|row| row.try_get::<_, String>(0)).transpose().map_err(refused("say which shop it has"))?;
    Ok((id.or_else(|| invite.shop_id.clone()), expires))
}

/// The certificate of a PEM, as bytes.
pub(super) fn der_of(pem: &str) -> Option<Vec<u8>> {
    certificate::read_pem(pem).map(|(der, _)| der)
}
