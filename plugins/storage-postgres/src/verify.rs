//! Proving the data in use: that the tables are as they were made, and that every row can be read.

use crate::catalog::{Catalog, within};
use crate::contract::error::{ErrorCode, PluginError};
use crate::contract::host::Progress;
use crate::contract::storage::{TableCount, VerifyReport};
use crate::inspect;
use crate::migrate;
use crate::session::{Asked, Session};
use crate::snapshot::position_and_size;

pub(crate) fn in_use(session: &mut Session, catalog: &Catalog, progress: &dyn Progress) -> Asked<VerifyReport> {
    let space = catalog.space.as_str();
    let Some(meta) = migrate::meta(session, space)? else {
        return Ok(VerifyReport { ok: true, ..Default::default() });
    };
    let mut report =
        VerifyReport { schema_major: meta.disk.major, schema_minor: meta.disk.minor, ..Default::default() };
    report.problems = inspect::problems(session, space, &meta.disk)?.into_iter().map(|problem| problem.words).collect();
    let total = meta.disk.tables.len() as u64;
    session.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    for (at, table) in meta.disk.tables.iter().enumerate() {
        progress.report(at as u64, total, "counting");
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "the check was cancelled").into());
        }
        // Every page is read, and the server checks those that have a sum.
        match session.scalar::<i64>(&format!("SELECT count(*) FROM {}", within(space, &table.name))) {
            Ok(rows) => report.tables.push(TableCount { table: table.name.clone(), rows: rows.unsigned_abs() }),
            Err(fault) if matches!(fault.state(), "XX001" | "XX002" | "42P01") => {
                report.problems.push(format!("the table `{}` cannot be read: {}", table.name, fault.message()));
                session.batch("ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            }
            Err(fault) => return Err(fault),
        }
    }
    (report.position, report.bytes) = position_and_size(session, space)?;
    session.batch("COMMIT")?;
    report.ok = report.problems.is_empty();
    Ok(report)
}
