//! What stands in the schema beside the host's tables: `_meta`, `_commit`, `_refused`, the counters, and the functions that
//! a commit, an outcome, a prune and the triggers call.
//!
//! The functions name their schema: they are made anew when a schema gets another name.

use crate::catalog::{KEEP, literal, quoted, within, words_function};
use crate::error::raised;

/// The layout of these tables. Raised when one changes.
pub(crate) const LAYOUT: i32 = 1;
/// Ids forgotten in one go.
const FORGET_ROWS: u32 = 500;

/// The tables and counters, for a schema that has none.
pub(crate) fn tables(space: &str) -> String {
    let name = |name: &str| within(space, name);
    format!(
        r#"
CREATE TABLE {meta} (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    "layout" integer NOT NULL,
    "epoch" uuid NOT NULL,
    "schema_major" bigint NOT NULL,
    "schema_minor" bigint NOT NULL,
    "schema" bytea NOT NULL
);
COMMENT ON TABLE {meta} IS 'The life of this data (epoch), and its schema as AuraPOS wrote it';
CREATE SEQUENCE {position};
CREATE SEQUENCE {session};
CREATE TABLE {commit} (
    "position" bigint PRIMARY KEY,
    "id" uuid NOT NULL,
    "hash" bytea,
    "time" timestamptz NOT NULL,
    "xid" bigint NOT NULL,
    "changes" bytea
);
COMMENT ON TABLE {commit} IS 'One row a commit; changes are the keys of replicated rows that it touched: the feed';
COMMENT ON COLUMN {commit}."hash" IS 'SHA-256 of the content; null once the id is forgotten, after 90 days';
COMMENT ON COLUMN {commit}."xid" IS 'The transaction of PostgreSQL, by which the feed is ordered; 0 before a restore';
CREATE UNIQUE INDEX "_commit.id" ON {commit} ("id") WHERE "hash" IS NOT NULL;
CREATE INDEX "_commit.feed" ON {commit} ("xid", "position") WHERE "changes" IS NOT NULL;
CREATE TABLE {refused} (
    "id" uuid PRIMARY KEY,
    "session" bigint NOT NULL,
    "at" timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE {refused} IS 'Commits that were called unknown: sessions up to this one may not make them any more';
CREATE TABLE {pruning} ("xid" bigint PRIMARY KEY);
COMMENT ON TABLE {pruning} IS 'Has a row only inside the transaction that prunes';
"#,
        meta = name("_meta"),
        position = name("_position"),
        session = name("_session"),
        commit = name("_commit"),
        refused = name("_refused"),
        pruning = name("_pruning"),
    )
}

/// The functions.
pub(crate) fn functions(space: &str) -> String {
    [words_function(space), keep(space), begin(space), hold(space), outcome(space), prune(space), forget(space)]
        .join(";\n")
}

/// Rows of append-only tables stay as they are, whoever comes.
fn keep(space: &str) -> String {
    format!(
        r#"
CREATE OR REPLACE FUNCTION {keep}() RETURNS trigger LANGUAGE plpgsql AS $keep$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS
        (SELECT FROM {pruning} WHERE "xid" = pg_current_xact_id()::text::bigint) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '{kept}', MESSAGE = format('the rows of %s are kept as they are: none is %s', TG_TABLE_NAME,
        CASE TG_OP WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END);
END $keep$"#,
        keep = within(space, KEEP),
        pruning = within(space, "_pruning"),
        kept = raised::KEPT,
    )
}

/// What a commit begins with: the locks in their order, then whether it may go on. Each statement of such a function sees
/// what was committed before it began, so that everything after the locks sees what those before us wrote.
fn begin(space: &str) -> String {
    format!(
        r#"
CREATE OR REPLACE FUNCTION {begin}(p_gate bigint, p_alone boolean, p_locks bigint[], p_id uuid, p_hash bytea, p_epoch uuid,
    p_session bigint) RETURNS void LANGUAGE plpgsql AS $begin$
DECLARE
    known record;
    there uuid;
BEGIN
    IF p_alone THEN
        PERFORM pg_advisory_xact_lock(p_gate);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(p_gate);
    END IF;
    PERFORM pg_advisory_xact_lock(lock) FROM unnest(p_locks) AS lock;
    SELECT "position", "hash" INTO known FROM {commit} WHERE "id" = p_id AND "hash" IS NOT NULL;
    IF FOUND AND known."hash" = p_hash THEN
        RAISE EXCEPTION USING ERRCODE = '{already}', MESSAGE = known."position"::text;
    ELSIF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = '{reused}', MESSAGE = 'the id was used before with other content';
    END IF;
    IF EXISTS (SELECT FROM {refused_table} WHERE "id" = p_id AND "session" >= p_session) THEN
        RAISE EXCEPTION USING ERRCODE = '{refused}', MESSAGE = 'this commit was called unknown already';
    END IF;
    IF p_epoch IS NOT NULL THEN
        SELECT "epoch" INTO there FROM {meta};
        IF there <> p_epoch THEN
            RAISE EXCEPTION USING ERRCODE = '{epoch}', MESSAGE = there::text;
        END IF;
    END IF;
    PERFORM nextval({position});
END $begin$"#,
        begin = within(space, "_begin"),
        commit = within(space, "_commit"),
        refused_table = within(space, "_refused"),
        meta = within(space, "_meta"),
        position = literal(&within(space, "_position")),
        already = raised::ALREADY,
        reused = raised::REUSED,
        refused = raised::REFUSED,
        epoch = raised::EPOCH,
    )
}

/// Ends a transaction in which something is not as it must be.
fn hold(space: &str) -> String {
    format!(
        r#"
CREATE OR REPLACE FUNCTION {hold}(p_holds boolean, p_state text, p_number bigint) RETURNS void LANGUAGE plpgsql AS $hold$
BEGIN
    IF NOT p_holds THEN
        RAISE EXCEPTION USING ERRCODE = p_state, MESSAGE = p_number::text;
    END IF;
END $hold$"#,
        hold = within(space, "_hold"),
    )
}

/// What became of an id. When nothing did, no session that there is now can make it happen later: its bytes may still be
/// on their way to the server.
fn outcome(space: &str) -> String {
    format!(
        r#"
CREATE OR REPLACE FUNCTION {outcome}(p_lock bigint, p_id uuid) RETURNS bigint LANGUAGE plpgsql AS $outcome$
DECLARE
    found bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(p_lock);
    SELECT "position" INTO found FROM {commit} WHERE "id" = p_id AND "hash" IS NOT NULL;
    IF found IS NULL THEN
        INSERT INTO {refused} ("id", "session") SELECT p_id, "last_value" FROM {session}
            ON CONFLICT ("id") DO UPDATE SET "session" = excluded."session", "at" = excluded."at";
    END IF;
    RETURN found;
END $outcome$"#,
        outcome = within(space, "_outcome"),
        commit = within(space, "_commit"),
        refused = within(space, "_refused"),
        session = within(space, "_session"),
    )
}

/// Removes old facts of others: the one way past the triggers, for whoever may call it.
fn prune(space: &str) -> String {
    format!(
        r#"
CREATE OR REPLACE FUNCTION {prune}(p_table text, p_owner text, p_own text[], p_age text, p_below text, p_limit bigint)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $prune$
DECLARE
    owner_type text;
    age_type text;
    gone bigint;
BEGIN
    SELECT format_type(atttypid, atttypmod) INTO owner_type FROM pg_attribute
        WHERE attrelid = format('%I.%I', {space}, p_table)::regclass AND attname = p_owner AND attnum > 0;
    SELECT format_type(atttypid, atttypmod) INTO age_type FROM pg_attribute
        WHERE attrelid = format('%I.%I', {space}, p_table)::regclass AND attname = p_age AND attnum > 0;
    INSERT INTO {pruning} ("xid") VALUES (pg_current_xact_id()::text::bigint);
    EXECUTE format('DELETE FROM %1$I.%2$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I.%2$I WHERE %3$I <> ALL ($1::%4$s[])
        AND %5$I < $2::%6$s LIMIT $3))', {space}, p_table, p_owner, owner_type, p_age, age_type)
        USING p_own, p_below, p_limit;
    GET DIAGNOSTICS gone = ROW_COUNT;
    DELETE FROM {pruning} WHERE "xid" = pg_current_xact_id()::text::bigint;
    RETURN gone;
END $prune$"#,
        prune = within(space, "_prune"),
        pruning = within(space, "_pruning"),
        space = literal(space),
    )
}

/// Forgets some ids that are too old; true when there may be more. The last commit stays: it holds the position.
fn forget(space: &str) -> String {
    format!(
        r#"
CREATE OR REPLACE FUNCTION {forget}(p_before timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $forget$
DECLARE
    old bigint[];
BEGIN
    old := ARRAY(SELECT "position" FROM {commit} WHERE "hash" IS NOT NULL AND "time" < p_before
        AND "position" < (SELECT max("position") FROM {commit}) ORDER BY "position" LIMIT {FORGET_ROWS});
    DELETE FROM {commit} WHERE "position" = ANY (old) AND "changes" IS NULL;
    UPDATE {commit} SET "hash" = NULL WHERE "position" = ANY (old);
    DELETE FROM {refused} WHERE "at" < now() - interval '1 day';
    RETURN cardinality(old) = {FORGET_ROWS};
END $forget$"#,
        forget = within(space, "_forget"),
        commit = within(space, "_commit"),
        refused = within(space, "_refused"),
    )
}

/// The rights of those who sell, where somebody else owns the tables. `kept`: tables whose rows stay; `open`: all others.
pub(crate) fn rights(space: &str, role: &str, kept: &[&str], open: &[&str]) -> String {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    let all = |names: &[&str]| names.iter().map(|name| within(space, name)).collect::<Vec<_>>().join(", ");
    let mut text = format!("GRANT USAGE ON SCHEMA {} TO {role};\n", quoted(space));
    let mut grant = |rights: &str, names: &[&str]| {
        if !names.is_empty() {
            text += &format!("REVOKE ALL ON {0} FROM PUBLIC, {role};\nGRANT {rights} ON {0} TO {role};\n", all(names));
        }
    };
    grant("SELECT, INSERT", kept);
    grant("SELECT, INSERT", &["_commit"]);
    grant("SELECT, INSERT, UPDATE, DELETE", open);
    grant("SELECT, INSERT, UPDATE", &["_refused"]);
    grant("SELECT", &["_meta"]);
    // The trigger looks into it as whoever caused it.
    grant("SELECT", &["_pruning"]);
    for sequence in ["_position", "_session"] {
        text += &format!("GRANT USAGE, SELECT ON SEQUENCE {} TO {role};\n", within(space, sequence));
    }
    for function in ["_prune(text, text, text[], text, text, bigint)", "_forget(timestamptz)"] {
        let function = format!("{}.{function}", quoted(space));
        text += &format!(
            "REVOKE ALL ON FUNCTION {function} FROM PUBLIC;\nGRANT EXECUTE ON FUNCTION {function} TO {role};\n"
        );
    }
    text
}
