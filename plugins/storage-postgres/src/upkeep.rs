//! What keeps a store small: old ids and old facts of others go.

use crate::catalog::{Catalog, type_name, types, within};
use crate::contract::schema::Column;
use crate::contract::transaction::{OUTCOME_DAYS, Prune, Pruned};
use crate::contract::{Timestamp, validate};
use crate::convert::{self, Bound};
use crate::session::{Asked, Fault, Session};
use tokio_postgres::types::Type;

/// Forgets some ids that are too old; true when there may be more.
pub(crate) fn forget(session: &mut Session, catalog: &Catalog, now: Timestamp) -> Asked<bool> {
    let before = convert::time(now.saturating_sub(OUTCOME_DAYS * 24 * 3600 * 1_000_000));
    let sql = format!("SELECT {}($1)", within(&catalog.space, "_forget"));
    let rows = session.query(&sql, &[Type::TIMESTAMPTZ], &[&Bound(&before)])?;
    rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(Fault::Postgres))
}

/// Removes old facts of others. The function takes values as text and gives them the columns' types again: it is one for
/// all tables.
pub(crate) fn prune(session: &mut Session, catalog: &Catalog, request: &Prune) -> Asked<Pruned> {
    let plan = validate::check_prune(&catalog.active, request)?;
    let cast = |column: &Column| type_name(column.kind);
    let sql = format!(
        "SELECT {}($1, $2, $3::{}[]::text[], $4, $5::{}::text, $6)",
        within(&catalog.space, "_prune"),
        cast(plan.owner),
        cast(plan.age),
    );
    let kinds = [Type::TEXT, Type::TEXT, types(plan.owner.kind).1, Type::TEXT, types(plan.age.kind).0, Type::INT8];
    let own: Vec<Bound<'_>> = request.own.iter().map(Bound).collect();
    let limit = plan.limit as i64;
    let (table, owner, age) = (&plan.table.name, &plan.owner.name, &plan.age.name);
    let rows = session.query(&sql, &kinds, &[table, owner, &own, age, &Bound(&request.below), &limit])?;
    let gone: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(Fault::Postgres)?;
    Ok(Pruned { rows: gone.unsigned_abs(), more: gone == limit })
}
