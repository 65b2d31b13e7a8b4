//! The schema in the database: reading it, adding to it, and its indexes and rights as they should be.

use crate::bookkeeping::{self, LAYOUT};
use crate::catalog::{self, Catalog, index_name, within};
use crate::contract::Uuid;
use crate::contract::codec;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::schema::Schema;
use crate::contract::validate::{self, MigrationPlan};
use crate::convert::Bound;
use crate::inspect::{self, Problem};
use crate::locks::{Whole, whole};
use crate::server::has_schema;
use crate::session::{Asked, Fault, Session};
use crate::settings::Target;
use tokio_postgres::types::Type;

const WHAT: &str = "cannot change the tables";

/// What `_meta` says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meta {
    pub epoch: Uuid,
    pub disk: Schema,
}

/// Whether the schema has AuraPOS's own tables.
fn is_made(session: &mut Session, space: &str) -> Asked<bool> {
    const ASK: &str = "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = $1 AND c.relname = '_meta' AND c.relkind = 'r'";
    Ok(!session.query(ASK, &[Type::NAME], &[&space])?.is_empty())
}

/// What is there; `None` before the first `migrate`.
pub(crate) fn meta(session: &mut Session, space: &str) -> Asked<Option<Meta>> {
    if !is_made(session, space)? {
        return Ok(None);
    }
    let damaged = |words: &str| {
        PluginError::new(ErrorCode::Damaged, format!("the schema {space} is damaged: {words}"))
            .with_next("Restore a backup: `aurapos-admin backup list`, then `backup restore`.")
    };
    let rows =
        session.once(&format!("SELECT \"layout\", \"epoch\"::text, \"schema\" FROM {}", within(space, "_meta")))?;
    let Some(row) = rows.first() else {
        return Err(damaged("its `_meta` is empty").into());
    };
    let layout: i32 = row.try_get(0).map_err(Fault::Postgres)?;
    if layout > LAYOUT {
        let message = format!("the schema {space} has the layout {layout}, this program knows {LAYOUT}");
        return Err(PluginError::new(ErrorCode::SchemaNewer, message)
            .with_next("Open the shop with the newer version of AuraPOS that wrote it.")
            .into());
    }
    let epoch: &str = row.try_get(1).map_err(Fault::Postgres)?;
    let epoch = Uuid::try_parse(epoch).map_err(|_| damaged("its epoch cannot be read"))?;
    let schema: &[u8] = row.try_get(2).map_err(Fault::Postgres)?;
    let disk = codec::decode(schema).map_err(|_| damaged("its schema cannot be read"))?;
    Ok(Some(Meta { epoch, disk }))
}

/// What the database holds; refuses tables that nobody can use any more.
pub(crate) fn load(session: &mut Session, space: &str) -> PluginResult<Catalog> {
    let read = "cannot read the tables";
    let disk = meta(session, space).map_err(|fault| fault.told(read))?.map(|meta| meta.disk).unwrap_or_default();
    let problems = inspect::problems(session, space, &disk).map_err(|fault| fault.told(read))?;
    if let Some(problem) = problems.iter().find(|problem| problem.mend.is_empty()) {
        return Err(PluginError::new(
            ErrorCode::Damaged,
            format!("somebody changed the data by hand: {}", problem.words),
        )
        .with_next("Restore a backup: `aurapos-admin backup list`, then `backup restore`."));
    }
    Ok(Catalog { space: space.to_owned(), active: disk.clone(), disk })
}

/// What has to be done so that the data serves a schema.
#[derive(Debug)]
pub(crate) struct Due {
    plan: MigrationPlan,
    mend: Vec<Problem>,
    disk: Schema,
    fresh: bool,
    /// The data came from another server: its numbers of transactions mean nothing here.
    moved: bool,
    known: bool,
}

impl Due {
    /// Whether everything is as it should be already.
    pub fn is_nothing(&self) -> bool {
        !self.fresh && !self.moved && self.known && self.mend.is_empty()
    }

    pub fn merged(&self) -> &Schema {
        &self.plan.merged
    }
}

pub(crate) fn due(session: &mut Session, space: &str, wanted: &Schema) -> Asked<Due> {
    let there = meta(session, space)?;
    let fresh = there.is_none();
    let disk = there.map(|meta| meta.disk).unwrap_or_default();
    let plan = validate::plan_migration(&disk, wanted)?;
    let known = plan.merged == disk;
    let mend = if fresh { Vec::new() } else { inspect::problems(session, space, &disk)? };
    let moved = !fresh && {
        let sql = format!(
            "SELECT coalesce(max(\"xid\") >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false) FROM {}",
            within(space, "_commit")
        );
        session.scalar(&sql)?
    };
    Ok(Due { plan, mend, disk, fresh, moved, known })
}

/// Brings the data to a schema, all or nothing, beside others that may want the same.
pub(crate) fn apply(
    session: &mut Session,
    target: &Target,
    wanted: &Schema,
    fresh_epoch: Uuid,
) -> PluginResult<Schema> {
    let space = target.schema.as_str();
    let told = |fault: Fault| fault.told(WHAT);
    session.batch("BEGIN").map_err(told)?;
    let locked = session.query("SELECT pg_advisory_xact_lock($1)", &[Type::INT8], &[&whole(space, Whole::Migrate)]);
    let done = locked.and_then(|_| {
        // Another register may have done it while we waited.
        let due = due(session, space, wanted)?;
        if !due.is_nothing() {
            change(session, target, &due, fresh_epoch)?;
        }
        session.batch("COMMIT")?;
        Ok(due.plan.merged)
    });
    done.map_err(|fault| {
        // The error that matters is the first one.
        let _ = session.batch("ROLLBACK");
        explained(fault)
    })
}

fn explained(fault: Fault) -> PluginError {
    if fault.state() == "23505" {
        let table = match &fault {
            Fault::Postgres(error) => error.as_db_error().and_then(|told| told.table()).unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let message = format!("rows of `{table}` break a new unique index");
        return PluginError::new(ErrorCode::SchemaConflict, message).at(&table, "", 0);
    }
    fault.told(WHAT)
}

/// Makes the bookkeeping of a schema that has none.
pub(crate) fn make(session: &mut Session, space: &str) -> Asked<()> {
    if !has_schema(session, space)? {
        session.batch(&format!("CREATE SCHEMA {}", catalog::quoted(space)))?;
    }
    session.batch(&bookkeeping::tables(space))
}

fn change(session: &mut Session, target: &Target, due: &Due, fresh_epoch: Uuid) -> Asked<()> {
    let (space, plan) = (target.schema.as_str(), &due.plan);
    if due.fresh {
        make(session, space)?;
    }
    session.batch(&bookkeeping::functions(space))?;
    let mut statements: Vec<String> = Vec::new();
    for (table, index) in &plan.dropped {
        let drop = |ending| format!("DROP INDEX IF EXISTS {}", within(space, &index_name(table, &index.name, ending)));
        statements.extend(["", ".unique"].map(drop));
    }
    for (table, column) in &plan.columns {
        statements.extend(catalog::add_column(space, table, column));
    }
    for table in plan.tables.iter().filter_map(|name| plan.merged.table(name)) {
        statements.extend(catalog::create_table(space, table));
        statements.extend(catalog::indexes(space, table).into_iter().map(|(_, make)| make));
        statements.extend(catalog::keep_triggers(space, table).into_iter().flat_map(|(_, make)| make));
    }
    for (name, index) in &plan.indexes {
        let made = plan.merged.table(name).map(|table| catalog::create_index(space, table, index));
        statements.extend(made.into_iter().flatten().map(|(_, make)| make));
    }
    if !due.fresh {
        statements.extend(changed_columns(space, &due.disk, &plan.merged));
    }
    for statement in statements {
        session.batch(&statement)?;
    }
    // What somebody dropped by hand; what the plan made or dropped is looked at anew.
    for problem in inspect::problems(session, space, &plan.merged)? {
        for statement in &problem.mend {
            session.batch(statement)?;
        }
    }
    if due.moved {
        session.batch(&format!("UPDATE {} SET \"xid\" = 0", within(space, "_commit")))?;
    }
    remember(session, space, &plan.merged, fresh_epoch, due.moved)?;
    grant(session, target, &plan.merged)
}

/// Defaults and comments that are other ones now.
fn changed_columns(space: &str, disk: &Schema, merged: &Schema) -> Vec<String> {
    let mut statements = Vec::new();
    for old in &disk.tables {
        let Some(table) = merged.table(&old.name) else { continue };
        for (old, column) in old.columns.iter().filter_map(|old| Some((old, table.column(&old.name)?))) {
            if old.default != column.default {
                statements.push(catalog::set_default(space, &table.name, column));
            }
            if old.unit != column.unit {
                statements.extend(catalog::comment(space, &table.name, column));
            }
        }
    }
    statements
}

/// Gives those who sell their rights, where somebody else owns the tables.
pub(crate) fn grant(session: &mut Session, target: &Target, schema: &Schema) -> Asked<()> {
    if target.owner.is_none() {
        return Ok(());
    }
    let names = |kept: bool| -> Vec<&str> {
        schema.tables.iter().filter(|table| table.append_only == kept).map(|table| table.name.as_str()).collect()
    };
    session.batch(&bookkeeping::rights(&target.schema, &target.role, &names(true), &names(false)))
}

/// Writes schema and epoch; an epoch that is there stays unless the life is a new one.
pub(crate) fn remember(session: &mut Session, space: &str, schema: &Schema, epoch: Uuid, new_life: bool) -> Asked<()> {
    let keeps = if new_life { ", \"epoch\" = excluded.\"epoch\"" } else { "" };
    let sql = format!(
        "INSERT INTO {} (\"layout\", \"epoch\", \"schema_major\", \"schema_minor\", \"schema\") VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (\"only\") DO UPDATE SET \"layout\" = excluded.\"layout\", \"schema_major\" = excluded.\"schema_major\", \
         \"schema_minor\" = excluded.\"schema_minor\", \"schema\" = excluded.\"schema\"{keeps}",
        within(space, "_meta")
    );
    let (epoch, bytes) = (crate::contract::Value::Uuid(epoch), codec::encode(schema));
    let (major, minor) = (i64::from(schema.major), i64::from(schema.minor));
    let kinds = [Type::INT4, Type::UUID, Type::INT8, Type::INT8, Type::BYTEA];
    session.query(&sql, &kinds, &[&LAYOUT, &Bound(&epoch), &major, &minor, &bytes]).map(drop)
}
