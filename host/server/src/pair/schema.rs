//! The schema `aurapos_pair`: which register codes are given, and which pairings are open.
//!
//! Owns the texts of its tables, roles and functions. Whoever holds a pairing signs in as a role of its own, which may call two
//! functions and read nothing; they run as `aurapos_pairing`, which owns the schema, never signs in and is no superuser.
//!
//! | role | is |
//! |---|---|
//! | `aurapos_pairing` | owns the schema; may change the passwords of registers, from 16 on of those that it was given alone |
//! | `aurapos_invited` | the group of those who hold a pairing: may call `look` and `redeem` |
//! | `aurapos_pair_…` | one a pairing, named after its secret; its password is the secret, stretched |

use crate::ServerError;
use crate::database::{READERS, REGISTERS};
use crate::desk::{ask, refused};
use postgres::Client;

/// The schema.
pub(super) const SCHEMA: &str = "aurapos_pair";
/// Owns it.
pub(crate) const PAIRING: &str = "aurapos_pairing";
/// The group of those who hold a pairing.
pub(crate) const INVITED: &str = "aurapos_invited";
/// Stands on the schema when everything in it is there, so that a second run changes nothing.
const MARK: &str = "AuraPOS pairing 1";

/// How long a pairing that is over can still sign in, to be told why it is over: used, expired or withdrawn.
pub(super) const TOLD_DAYS: u32 = 7;

/// What a server that knows the pairing refuses, by SQLSTATE.
pub(super) mod state {
    /// The pairing was used.
    pub(crate) const USED: &str = "PA001";
    /// Its time is over.
    pub(crate) const EXPIRED: &str = "PA002";
    /// Another one took its place, or the register was revoked.
    pub(crate) const WITHDRAWN: &str = "PA003";
    /// Who asks holds none.
    pub(crate) const UNKNOWN: &str = "PA004";
}

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS aurapos_pair.register (
    code text PRIMARY KEY CHECK (code ~ '^[A-Z][A-Z0-9]{0,7}$'),
    name text NOT NULL DEFAULT '',
    role text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('invited', 'joined', 'revoked')),
    here boolean NOT NULL DEFAULT false,
    invited_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    joined_at timestamptz,
    revoked_at timestamptz,
    last_seen timestamptz
);
COMMENT ON TABLE aurapos_pair.register IS
    'Codes of registers that were given. A row stays for ever, so that no code is given twice.';
COMMENT ON COLUMN aurapos_pair.register.here IS 'A register of the machine that has the server.';
CREATE TABLE IF NOT EXISTS aurapos_pair.invitation (
    role text PRIMARY KEY,
    code text NOT NULL REFERENCES aurapos_pair.register (code),
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    withdrawn_at timestamptz,
    document text NOT NULL
);
COMMENT ON TABLE aurapos_pair.invitation IS
    'Pairings: once each, for a time. Their secrets are not in it.';
";

/// `look`, `redeem` for those who hold a pairing; `seen` for registers.
const FUNCTIONS: &str = "
CREATE OR REPLACE FUNCTION aurapos_pair.utc(at timestamptz) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
$$;

CREATE OR REPLACE FUNCTION aurapos_pair.look() RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mine aurapos_pair.invitation;
BEGIN
    SELECT * INTO mine FROM aurapos_pair.invitation WHERE role = session_user;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no pairing is known of %', session_user USING ERRCODE = 'PA004';
    END IF;
    RETURN json_build_object(
        'state', CASE WHEN mine.used_at IS NOT NULL THEN 'used' WHEN mine.withdrawn_at IS NOT NULL THEN 'withdrawn'
                      WHEN mine.expires_at <= clock_timestamp() THEN 'expired' ELSE 'open' END,
        'register', mine.code, 'used_at', aurapos_pair.utc(mine.used_at), 'expires', aurapos_pair.utc(mine.expires_at),
        'document', CASE WHEN mine.withdrawn_at IS NULL THEN mine.document END)::text;
END
$$;

CREATE OR REPLACE FUNCTION aurapos_pair.redeem(verifier text, called text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mine aurapos_pair.invitation;
    its_role text;
BEGIN
    SELECT * INTO mine FROM aurapos_pair.invitation WHERE role = session_user FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no pairing is known of %', session_user USING ERRCODE = 'PA004';
    ELSIF mine.used_at IS NOT NULL THEN
        RAISE EXCEPTION 'the pairing was used' USING ERRCODE = 'PA001';
    ELSIF mine.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'the pairing was withdrawn' USING ERRCODE = 'PA003';
    ELSIF mine.expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'the pairing has expired' USING ERRCODE = 'PA002';
    ELSIF verifier !~ '^SCRAM-SHA-256\\$[0-9]{4,7}:[A-Za-z0-9+/=]{16,64}\\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
        RAISE EXCEPTION 'this is not what a server keeps of a password' USING ERRCODE = '22023';
    ELSIF length(called) > 64 OR called ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION 'this is no name of a register' USING ERRCODE = '22023';
    END IF;
    UPDATE aurapos_pair.register
       SET state = 'joined', joined_at = clock_timestamp(), last_seen = clock_timestamp(),
           name = CASE WHEN called = '' THEN name ELSE called END
     WHERE code = mine.code AND state = 'invited' RETURNING role INTO its_role;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the pairing was withdrawn' USING ERRCODE = 'PA003';
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', its_role, verifier);
    UPDATE aurapos_pair.invitation SET used_at = clock_timestamp() WHERE role = mine.role;
END
$$;

CREATE OR REPLACE FUNCTION aurapos_pair.seen() RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    UPDATE aurapos_pair.register SET last_seen = clock_timestamp() WHERE role = session_user
$$;
";

/// Makes what is missing, in the shop's database as superuser; whether something was.
pub(crate) fn ensure(client: &mut Client, database: &str) -> Result<bool, ServerError> {
    let mark = ask(client, &format!("SELECT obj_description(to_regnamespace('{SCHEMA}'), 'pg_namespace')"))?;
    if mark == MARK {
        return Ok(false);
    }
    for (role, more) in [(PAIRING, "NOLOGIN NOINHERIT CREATEROLE"), (INVITED, "NOLOGIN")] {
        let there = ask(client, &format!("SELECT (to_regrole('{role}') IS NOT NULL)::text"))?;
        let verb = if there == "true" { "ALTER" } else { "CREATE" };
        let plain = "NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS";
        let made = client.batch_execute(&format!("{verb} ROLE {role} {more} {plain}"));
        made.map_err(refused("make the roles of pairing"))?;
    }
    let database = format!("\"{}\"", database.replace('"', "\"\""));
    let rights = format!(
        "REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC;
         REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC;
         REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC;
         GRANT CONNECT ON DATABASE {database} TO {INVITED};
         GRANT USAGE ON SCHEMA {SCHEMA} TO {INVITED}, {REGISTERS}, {READERS};
         GRANT EXECUTE ON FUNCTION {SCHEMA}.look(), {SCHEMA}.redeem(text, text) TO {INVITED};
         GRANT EXECUTE ON FUNCTION {SCHEMA}.seen() TO {REGISTERS};
         GRANT SELECT ON {SCHEMA}.register TO {REGISTERS}, {READERS};"
    );
    let statements = format!(
        "CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {PAIRING}; SET LOCAL ROLE {PAIRING}; {TABLES} {FUNCTIONS} RESET ROLE;
         {rights} COMMENT ON SCHEMA {SCHEMA} IS '{MARK}'"
    );
    let mut transaction = client.transaction().map_err(refused("prepare pairing"))?;
    transaction.batch_execute(&statements).map_err(refused("prepare pairing"))?;
    transaction.commit().map_err(refused("prepare pairing"))?;
    Ok(true)
}
