//! Roles, database and schema: who may do what.
//!
//! | role | is |
//! |---|---|
//! | `aurapos_owner` | owns database, schema and what is in it; signs in on the master alone, to make and change tables |
//! | `aurapos_register` | the group of registers: may do what the store grants it, table by table |
//! | `aurapos_readonly` | the group of those who only read |
//! | `aurapos_r1` … | one a register, with its own password: revoked alone |
//! | `aurapos_reader` | the shop's owner with `psql` |
//! | `aurapos_pairing`, `aurapos_invited`, `aurapos_pair_…` | of [`crate::pair`] |
//!
//! Each statement looks at what is there: run again it changes nothing.

use crate::desk::{ask, refused};
use crate::{Secret, ServerError};
use postgres::Client;

/// Owns the schema.
pub(crate) const OWNER: &str = "aurapos_owner";
/// The group of registers.
pub(crate) const REGISTERS: &str = "aurapos_register";
/// The group of readers.
pub(crate) const READERS: &str = "aurapos_readonly";
/// The shop's owner with `psql`.
pub(crate) const READER: &str = "aurapos_reader";
/// The schema of a shop.
pub(crate) const SCHEMA: &str = "aurapos";

/// Connections of the tables' owner: a migration, a check, a restore.
const CONNECTIONS_OF_OWNER: i32 = 8;
/// Connections of one register: two that work, two that are about to end when it was cut off, and an owner's look.
const CONNECTIONS_OF_REGISTER: i32 = 8;
const CONNECTIONS_OF_READER: i32 = 8;

/// Makes owner and groups; whether one was made.
pub(crate) fn make_groups(client: &mut Client) -> Result<bool, ServerError> {
    let mut made = false;
    for group in [OWNER, REGISTERS, READERS] {
        made |= make_role(client, group)?;
        // Whatever somebody gave it by hand.
        let plain = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";
        run(client, "change a group", &format!("ALTER ROLE {group} {plain}"))?;
    }
    for group in [REGISTERS, READERS] {
        run(client, "change a group", &format!("ALTER ROLE {group} NOLOGIN"))?;
    }
    run(client, "change the owner's role", &format!("ALTER ROLE {OWNER} CONNECTION LIMIT {CONNECTIONS_OF_OWNER}"))?;
    Ok(made)
}

/// Makes the role of a register; whether it was made. It is never the tables' owner, not even on the master: whoever sells
/// cannot take back what the store forbids.
pub(crate) fn make_register(client: &mut Client, role: &str) -> Result<bool, ServerError> {
    let made = make_role(client, role)?;
    let name = quoted(role);
    run(client, "change a register's role", &format!("ALTER ROLE {name} CONNECTION LIMIT {CONNECTIONS_OF_REGISTER}"))?;
    Ok(made | grant_membership(client, role, REGISTERS)?)
}

/// Makes the reader; whether it was made.
pub(crate) fn make_reader(client: &mut Client) -> Result<bool, ServerError> {
    let made = make_role(client, READER)?;
    run(
        client,
        "change the reader's role",
        &format!(
            "ALTER ROLE {READER} CONNECTION LIMIT {CONNECTIONS_OF_READER}; ALTER ROLE {READER} SET default_transaction_read_only = on"
        ),
    )?;
    Ok(made | grant_membership(client, READER, READERS)?)
}

/// Gives a role its password and lets it sign in. The server is told what it keeps of the password, never the password.
pub(crate) fn set_password(client: &mut Client, role: &str, secret: &Secret) -> Result<(), ServerError> {
    let statement = format!("ALTER ROLE {} LOGIN PASSWORD '{}'", quoted(role), secret.verifier());
    run(client, "set a password", &statement)
}

/// Whether a role may sign in with a password that the server keeps as SCRAM.
pub(crate) fn has_password(client: &mut Client, role: &str) -> Result<bool, ServerError> {
    let statement = "SELECT count(*)::text FROM pg_authid WHERE rolname = $1 AND rolcanlogin AND rolpassword LIKE 'SCRAM-SHA-256$%'";
    let row = client.query_one(statement, &[&role]).map_err(refused("look at a role"))?;
    Ok(row.get::<_, String>(0) == "1")
}

/// Makes the database; whether it was made. Asked as superuser in the database `postgres`.
pub(crate) fn make_database(client: &mut Client, database: &str) -> Result<bool, ServerError> {
    let there = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&database]);
    if there.map_err(refused("look for the database"))?.is_some() {
        return Ok(false);
    }
    let name = quoted(database);
    run(client, "make the database", &format!("CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0"))?;
    Ok(true)
}

/// Makes the schema and says who may do what in it; whether it was made. Asked in the shop's database. What is said of tables to
/// come holds for every schema of the owner's: a restore fills a new one and renames it.
pub(crate) fn make_schema(client: &mut Client, database: &str) -> Result<bool, ServerError> {
    let there = client.query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&SCHEMA]);
    let made = there.map_err(refused("look for the schema"))?.is_none();
    let database = quoted(database);
    let statements = format!(
        "CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {OWNER};
         REVOKE ALL ON DATABASE {database} FROM PUBLIC;
         GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {REGISTERS};
         GRANT CONNECT ON DATABASE {database} TO {READERS};
         REVOKE ALL ON SCHEMA public FROM PUBLIC;
         REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC;
         GRANT USAGE ON SCHEMA {SCHEMA} TO {REGISTERS}, {READERS};
         ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT ON TABLES TO {READERS};
         ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE ON SCHEMAS TO {REGISTERS}, {READERS};
         ALTER DATABASE {database} SET search_path = {SCHEMA};
         ALTER DATABASE {database} SET timezone = 'UTC'"
    );
    let mut transaction = client.transaction().map_err(refused("make the schema"))?;
    transaction.batch_execute(&statements).map_err(refused("make the schema"))?;
    transaction.commit().map_err(refused("make the schema"))?;
    Ok(made)
}

fn make_role(client: &mut Client, role: &str) -> Result<bool, ServerError> {
    let there = client.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&role]);
    if there.map_err(refused("look for a role"))?.is_some() {
        return Ok(false);
    }
    run(client, "make a role", &format!("CREATE ROLE {} NOLOGIN", quoted(role)))?;
    Ok(true)
}

fn grant_membership(client: &mut Client, role: &str, group: &str) -> Result<bool, ServerError> {
    let member = ask(client, &format!("SELECT pg_has_role('{role}', '{group}', 'MEMBER')::text"))?;
    if member == "true" {
        return Ok(false);
    }
    run(client, "put a role into its group", &format!("GRANT {group} TO {}", quoted(role)))?;
    Ok(true)
}

fn run(client: &mut Client, what: &'static str, statement: &str) -> Result<(), ServerError> {
    client.batch_execute(statement).map_err(refused(what))
}

/// A name as SQL writes it. Names come from [`crate::wish::role_of`] and the facts, which have no quotes in them.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
