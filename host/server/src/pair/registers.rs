//! The registers of a shop, on the master: who they are, when each was last there, locking one out and letting it in again,
//! calling it something else.

use super::issue::{check_name, withdraw};
use super::master::Master;
use super::schema::{self, SCHEMA};
use super::{PairError, code::ROLE_PREFIX};
use crate::database::{REGISTERS, quoted};
use crate::desk::refused;
use crate::run::Lock;
use crate::{Home, ServerError};
use postgres::Client;
use std::time::{Duration, Instant};

/// The most registers of a shop: what one PostgreSQL serves with two connections each, and some that were given up.
pub const REGISTERS_MAX: usize = 999;
/// How long the sessions of a register that is locked out may take to end.
const GOES: Duration = Duration::from_secs(10);
/// How long is looked for a session that was just signing in when its role was locked.
const LATE: Duration = Duration::from_millis(500);
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// How far a register is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterState {
    /// A pairing was issued and can be used.
    Invited,
    /// A pairing was issued, and its time is over.
    Expired,
    /// It belongs to the shop.
    Joined,
    /// It was locked out.
    Revoked,
}

impl RegisterState {
    /// A word for scripts.
    pub fn name(self) -> &'static str {
        match self {
            RegisterState::Invited => "invited",
            RegisterState::Expired => "expired",
            RegisterState::Joined => "joined",
            RegisterState::Revoked => "revoked",
        }
    }

    /// What the table says. A word of a newer program is somebody's register.
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "invited" => RegisterState::Invited,
            "expired" => RegisterState::Expired,
            "revoked" => RegisterState::Revoked,
            _ => RegisterState::Joined,
        }
    }
}

/// A register of the shop, as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairedRegister {
    /// Its code.
    pub code: String,
    /// What it is called; may be empty.
    pub name: String,
    /// Its role.
    pub role: String,
    /// How far it is.
    pub state: RegisterState,
    /// It is the one of the machine that has the server.
    pub is_here: bool,
    /// Whether its role can sign in.
    pub signs_in: bool,
    /// How many connections it has now.
    pub connections: u64,
    /// From where it is connected now; empty when it is not, or from this machine by the socket.
    pub address: String,
    /// When it was last there, RFC 3339 in UTC.
    pub last_seen: Option<String>,
    /// Until when its pairing can be used, RFC 3339 in UTC, while it has one.
    pub expires: Option<String>,
}

/// The registers of the server of a data folder, by code.
///
/// # Errors
/// There is no server, it does not run, or this user is not its owner.
pub fn registers(home: &Home) -> Result<Vec<PairedRegister>, PairError> {
    let master = Master::of(home)?;
    let mut client = prepared(&master)?;
    // Whoever is there now was seen now; the row keeps it for later.
    let seen = format!(
        "UPDATE {SCHEMA}.register r SET last_seen = clock_timestamp()
          WHERE EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = r.role)"
    );
    client.execute(&seen, &[]).map_err(refused("look who is there"))?;
    let listed = format!(
        "SELECT r.code, r.name, r.role, CASE WHEN r.state = 'invited' AND i.expires_at IS NULL THEN 'expired' ELSE r.state END, r.here,
                coalesce(p.rolcanlogin AND p.rolpassword IS NOT NULL, false),
                (SELECT count(*) FROM pg_stat_activity a WHERE a.usename = r.role),
                coalesce((SELECT host(a.client_addr) FROM pg_stat_activity a WHERE a.usename = r.role AND a.client_addr IS NOT NULL
                           ORDER BY a.backend_start DESC LIMIT 1), ''),
                {SCHEMA}.utc(r.last_seen), {SCHEMA}.utc(i.expires_at)
           FROM {SCHEMA}.register r LEFT JOIN pg_authid p ON p.rolname = r.role
           LEFT JOIN LATERAL (SELECT max(expires_at) AS expires_at FROM {SCHEMA}.invitation i WHERE i.code = r.code
                AND i.used_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > clock_timestamp()) i ON true
          ORDER BY length(r.code), r.code LIMIT {REGISTERS_MAX}"
    );
    let rows = client.query(&listed, &[]).map_err(refused("list the registers"))?;
    let one = |row: &postgres::Row| -> Result<PairedRegister, postgres::Error> {
        Ok(PairedRegister {
            code: row.try_get(0)?,
            name: row.try_get(1)?,
            role: row.try_get(2)?,
            state: RegisterState::of_word(row.try_get(3)?),
            is_here: row.try_get(4)?,
            signs_in: row.try_get(5)?,
            connections: row.try_get::<_, i64>(6)?.unsigned_abs(),
            address: row.try_get(7)?,
            last_seen: row.try_get(8)?,
            expires: row.try_get(9)?,
        })
    };
    let all: Result<Vec<PairedRegister>, _> = rows.iter().map(one).collect();
    Ok(all.map_err(refused("list the registers"))?)
}

/// Locks a register out until its owner lets it in again ([`readmit`]): its role signs in no more, its pairings are worthless,
/// whoever is connected as it is sent away. How many sessions ended.
///
/// # Errors
/// As [`registers`]; there is none of that code, or it is this machine's own.
pub fn revoke(home: &Home, register: &str) -> Result<u64, PairError> {
    let master = Master::of(home)?;
    let _lock = Lock::take(home)?;
    let mut client = prepared(&master)?;
    let (role, is_here) = known(&mut client, register)?;
    if is_here {
        return Err(PairError::OwnRegister { register: register.to_owned() });
    }
    let name = quoted(&role);
    client.batch_execute("BEGIN").map_err(refused("lock a register out"))?;
    withdraw(&mut client, register)?;
    let state = format!(
        "UPDATE {SCHEMA}.register SET state = 'revoked', revoked_at = clock_timestamp() WHERE code = $1 AND state <> 'revoked'"
    );
    client.execute(&state, &[&register]).map_err(refused("lock a register out"))?;
    // Without its group it may do nothing, even in a session that is slow to end. It keeps its password: PostgreSQL then says
    // "may not sign in any more" to the register itself, and "wrong password" to everybody else.
    let lock = format!("ALTER ROLE {name} NOLOGIN; REVOKE {REGISTERS} FROM {name}; COMMIT");
    client.batch_execute(&lock).map_err(refused("lock a register out"))?;
    send_away(&mut client, &role, register)
}

/// Lets a register in again that was locked out, with the password that it has: what it had not sent comes then. Whether it was locked
/// out.
///
/// # Errors
/// As [`registers`]; there is none of that code, it is this machine's own, or it never joined.
pub fn readmit(home: &Home, register: &str) -> Result<bool, PairError> {
    let master = Master::of(home)?;
    let _lock = Lock::take(home)?;
    let mut client = prepared(&master)?;
    let (role, is_here) = known(&mut client, register)?;
    if is_here {
        return Err(PairError::OwnRegister { register: register.to_owned() });
    }
    let state = format!("SELECT state = 'revoked', joined_at IS NOT NULL FROM {SCHEMA}.register WHERE code = $1");
    let row = client.query_one(&state, &[&register]).map_err(refused("look for a register"))?;
    let (revoked, joined): (bool, bool) = (row.get(0), row.get(1));
    if !revoked {
        return Ok(false);
    }
    if !joined {
        return Err(PairError::choice(format!(
            "{register} never joined, so that no machine has what it needs to come in; pair a machine under another code"
        )));
    }
    let name = quoted(&role);
    client.batch_execute("BEGIN").map_err(refused("let a register in again"))?;
    let state = format!("UPDATE {SCHEMA}.register SET state = 'joined', revoked_at = NULL WHERE code = $1");
    client.execute(&state, &[&register]).map_err(refused("let a register in again"))?;
    let open = format!("ALTER ROLE {name} LOGIN; GRANT {REGISTERS} TO {name}; COMMIT");
    client.batch_execute(&open).map_err(refused("let a register in again"))?;
    Ok(true)
}

/// Ends every session of a register and of those who hold a pairing of it. Who was just signing in is there a moment later.
fn send_away(client: &mut Client, role: &str, register: &str) -> Result<u64, PairError> {
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1
            OR usename IN (SELECT role FROM {SCHEMA}.invitation WHERE code = $2 AND starts_with(role, '{ROLE_PREFIX}'))"
    );
    let begun = Instant::now();
    let (mut ended, mut quiet_since) = (0, begun);
    loop {
        let there = client.query(&end, &[&role, &register]).map_err(refused("end a register's sessions"))?.len() as u64;
        // The same session is asked again until it is gone.
        ended = ended.max(there);
        if there > 0 {
            quiet_since = Instant::now();
        } else if quiet_since.elapsed() >= LATE {
            return Ok(ended);
        }
        if begun.elapsed() > GOES {
            let said = format!("{there} of its sessions did not end within {} s", GOES.as_secs());
            return Err(ServerError::Database { what: "send a register away", said }.into());
        }
        std::thread::sleep(LOOKS_EVERY);
    }
}

/// Calls a register something else.
///
/// # Errors
/// As [`registers`]; there is none of that code, or the name is not possible.
pub fn rename(home: &Home, register: &str, name: &str) -> Result<(), PairError> {
    check_name(name)?;
    if name.trim().is_empty() {
        return Err(PairError::choice("a register's name is empty"));
    }
    let master = Master::of(home)?;
    let mut client = prepared(&master)?;
    known(&mut client, register)?;
    let statement = format!("UPDATE {SCHEMA}.register SET name = $2 WHERE code = $1");
    client.execute(&statement, &[&register, &name]).map_err(refused("call a register something else"))?;
    Ok(())
}

/// Reserves the code of the register that stands beside the server, as it is when a server is made.
///
/// # Errors
/// Another machine has it.
pub(crate) fn claim_own(client: &mut Client, register: &str, role: &str) -> Result<bool, PairError> {
    check_own(client, register)?;
    let claim = format!(
        "INSERT INTO {SCHEMA}.register (code, role, state, here, joined_at) VALUES ($1, $2, 'joined', true, clock_timestamp())
         ON CONFLICT DO NOTHING"
    );
    // A code of an earlier form, which only a server by hand can have, is nobody else's either.
    if crate::wish::register_role_of(register).is_none() {
        return Ok(false);
    }
    let count = client.execute(&claim, &[&register, &role]).map_err(refused("reserve a register's code"))?;
    Ok(count > 0)
}

/// Whether this machine's register may have a code.
///
/// # Errors
/// Another machine has it, or had.
pub(crate) fn check_own(client: &mut Client, register: &str) -> Result<(), PairError> {
    let there = format!("SELECT (to_regclass('{SCHEMA}.register') IS NOT NULL)::text");
    if crate::desk::ask(client, &there)? != "true" {
        return Ok(());
    }
    let known = format!("SELECT state FROM {SCHEMA}.register WHERE code = $1 AND NOT here");
    let row = client.query_opt(&known, &[&register]).map_err(refused("look for a register"))?;
    let Some(row) = row else { return Ok(()) };
    let state = match RegisterState::of_word(row.try_get(0).map_err(refused("look for a register"))?) {
        RegisterState::Revoked => "revoked",
        RegisterState::Invited | RegisterState::Expired => "invited",
        RegisterState::Joined => "joined",
    };
    Err(PairError::Taken { register: register.to_owned(), state })
}

fn prepared(master: &Master) -> Result<Client, PairError> {
    let mut client = master.desk()?;
    schema::ensure(&mut client, &master.facts.database)?;
    claim_own(&mut client, &master.facts.register, &master.facts.role()?)?;
    Ok(client)
}

/// Role of a register, and whether it is this machine's.
fn known(client: &mut Client, register: &str) -> Result<(String, bool), PairError> {
    let statement = format!("SELECT role, here FROM {SCHEMA}.register WHERE code = $1");
    let row = client.query_opt(&statement, &[&register]).map_err(refused("look for a register"))?;
    if let Some(row) = row {
        let found = row.try_get(0).and_then(|role| Ok((role, row.try_get(1)?)));
        return Ok(found.map_err(refused("look for a register"))?);
    }
    let all = format!("SELECT coalesce(string_agg(code, ', ' ORDER BY length(code), code), '') FROM {SCHEMA}.register");
    let known = crate::desk::ask(client, &all)?;
    Err(PairError::NoSuchRegister { register: register.to_owned(), known })
}
