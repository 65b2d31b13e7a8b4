//! A commit: one round trip when all is well, row by row when something is in the way.
//!
//! Everything is sent at once: `BEGIN`, the locks and whether the id is new (`_begin`), the expectations, the rows, the row
//! in `_commit`, `COMMIT`. What must not be ends the transaction on the server ([`crate::bookkeeping`]), so that the `COMMIT`
//! which is on its way already does nothing.

use crate::catalog::{Catalog, quoted, types, within};
use crate::conflict;
use crate::contract::error::{ErrorCode, PluginError};
use crate::contract::schema::Table;
use crate::contract::transaction::{Committed, Expectation, OperationKind, Transaction};
use crate::contract::{Uuid, Value, codec, validate};
use crate::convert::{self, Bound};
use crate::error::{is_passing, raised, unknown};
use crate::feed::Touched;
use crate::locks::{self, Locks, Whole};
use crate::pipeline::{self, Broken, Step};
use crate::session::{Fault, Session};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Statement};

mod statement;

use statement::{Part, Ready, key_of, parts};

/// What can be computed before it is this transaction's turn.
#[derive(Debug)]
pub(crate) struct Prepared {
    hash: Value,
    locks: Locks,
}

/// Checks a transaction against the schema, and computes its content hash and its locks.
pub(crate) fn prepare(catalog: &Catalog, transaction: &Transaction) -> Result<Prepared, PluginError> {
    validate::check_transaction(&catalog.active, transaction)?;
    let hash = Value::Bytes(transaction.content_hash().to_vec());
    Ok(Prepared { hash, locks: locks::of(&catalog.space, &catalog.active, transaction) })
}

/// What an attempt came to.
#[derive(Debug)]
pub(crate) enum Attempt {
    Done(Committed),
    /// It did not happen, and may the next time: others were in the way, or the link was lost before it began.
    Again(PluginError),
    /// It did not happen: this id was called unknown. With another ticket it may.
    NewTicket,
    /// It did not happen all at once; row by row the reason is found.
    RowByRow,
    /// Nobody knows.
    Unknown(PluginError),
    /// The network swallows what is sent: nobody knows, or it did not happen, and trying at once only takes longer.
    Silent(PluginError),
    /// It did not happen, and will not.
    Refused(PluginError),
}

impl Attempt {
    /// The same where nothing came back from the network.
    pub fn in_silence(self) -> Self {
        match self {
            Attempt::Again(error) | Attempt::Unknown(error) => Attempt::Silent(error),
            other => other,
        }
    }
}

/// What is the same in every step of one attempt.
struct Work<'a> {
    catalog: &'a Catalog,
    transaction: &'a Transaction,
    prepared: &'a Prepared,
    /// As a parameter.
    id: Value,
    time: Value,
    epoch: Value,
    ticket: Value,
    gate: Value,
}

const WHAT: &str = "the commit failed";

/// Tries to commit. With `row_by_row` each row is a statement of its own, so that the one in the way is known.
pub(crate) fn attempt(
    session: &mut Session,
    catalog: &Catalog,
    transaction: &Transaction,
    prepared: &Prepared,
    ticket: i64,
    row_by_row: bool,
) -> Attempt {
    let work = Work {
        catalog,
        transaction,
        prepared,
        id: Value::Uuid(transaction.id),
        time: convert::time(transaction.time),
        epoch: transaction.epoch.into(),
        ticket: Value::Int(ticket),
        gate: Value::Int(locks::whole(&catalog.space, Whole::Gate)),
    };
    let tried = if row_by_row { work.slowly(session) } else { work.at_once(session) };
    tried.unwrap_or_else(|end| end)
}

/// The end of an attempt that did not get through.
type Tried = Result<Attempt, Attempt>;

impl<'a> Work<'a> {
    fn space(&self) -> &'a str {
        &self.catalog.space
    }

    fn begin(&self) -> Ready<'_> {
        let sql = format!("SELECT {}($1, $2, $3, $4, $5, $6, $7)", within(self.space(), "_begin"));
        let types =
            [Type::INT8, Type::BOOL, Type::INT8_ARRAY, Type::UUID, Type::BYTEA, Type::UUID, Type::INT8].to_vec();
        let parameters: Vec<Box<dyn ToSql + Sync + '_>> = vec![
            Box::new(Bound(&self.gate)),
            Box::new(self.prepared.locks.alone),
            Box::new(self.prepared.locks.numbers.clone()),
            Box::new(Bound(&self.id)),
            Box::new(Bound(&self.prepared.hash)),
            Box::new(Bound(&self.epoch)),
            Box::new(Bound(&self.ticket)),
        ];
        Ready { sql, types, parameters }
    }

    fn expectation<'b>(&self, table: &'b Table, expectation: &'b Expectation, index: usize) -> Ready<'b> {
        let mut kinds = Vec::new();
        let mut conditions = Vec::new();
        let mut parameters: Vec<Box<dyn ToSql + Sync + 'b>> = Vec::new();
        let named = table.key.iter().zip(&expectation.key).map(|pair| (pair, "="));
        let compared = expectation.columns.iter().zip(&expectation.values).map(|pair| (pair, "IS NOT DISTINCT FROM"));
        for ((name, value), operator) in named.chain(compared) {
            parameters.push(Box::new(Bound(value)));
            kinds.push(table.column(name).map_or(Type::TEXT, |column| types(column.kind).0));
            conditions.push(format!("{} {operator} ${}", quoted(name), parameters.len()));
        }
        parameters.push(Box::new(index as i64));
        kinds.push(Type::INT8);
        let not = if expectation.absent { "NOT " } else { "" };
        let sql = format!(
            "SELECT {}({not}EXISTS (SELECT FROM {} WHERE {}), '{}', ${})",
            within(self.space(), "_hold"),
            within(self.space(), &table.name),
            conditions.join(" AND "),
            raised::EXPECTATION,
            parameters.len()
        );
        Ready { sql, types: kinds, parameters }
    }

    fn expectations(&self) -> Vec<Ready<'a>> {
        let numbered = self.transaction.expectations.iter().enumerate();
        numbered
            .filter_map(|(index, one)| Some(self.expectation(self.catalog.active.table(&one.table)?, one, index)))
            .collect()
    }

    fn parts(&self, single: bool) -> Vec<Part<'a>> {
        let numbered = self.transaction.operations.iter().enumerate();
        numbered.flat_map(|(index, operation)| parts(self.catalog, operation, index, single)).collect()
    }

    fn finish<'b>(&'b self, changes: &'b Value) -> Ready<'b> {
        let space = self.space();
        let sql = format!(
            "INSERT INTO {} (\"position\", \"id\", \"hash\", \"time\", \"xid\", \"changes\") VALUES (currval('{}'), $1, $2, $3, \
             pg_current_xact_id()::text::bigint, $4) RETURNING \"position\"",
            within(space, "_commit"),
            within(space, "_position"),
        );
        let parameters: Vec<Box<dyn ToSql + Sync + 'b>> = vec![
            Box::new(Bound(&self.id)),
            Box::new(Bound(&self.prepared.hash)),
            Box::new(Bound(&self.time)),
            Box::new(Bound(changes)),
        ];
        Ready { sql, types: vec![Type::UUID, Type::BYTEA, Type::TIMESTAMPTZ, Type::BYTEA], parameters }
    }

    /// The keys that the parts touched, of deletes those that were there.
    fn changes(&self, parts: &[Part<'_>], deleted: &[Vec<Vec<Value>>]) -> Value {
        let mut touched: Vec<Touched> = Vec::new();
        for (at, part) in parts.iter().enumerate().filter(|(_, part)| part.table.replicated) {
            let keys = match (part.operation.kind, deleted.get(at)) {
                (OperationKind::Delete, Some(keys)) => keys.clone(),
                _ => part.operation.rows[part.rows.clone()]
                    .iter()
                    .map(|row| key_of(part.table, part.operation, row))
                    .collect(),
            };
            if keys.is_empty() {
                continue;
            }
            match touched.last_mut() {
                Some(last) if last.table == part.table.name => last.keys.extend(keys),
                _ => touched.push(Touched { table: part.table.name.clone(), keys }),
            }
        }
        if touched.is_empty() { Value::Null } else { Value::Bytes(codec::encode(&touched)) }
    }

    /// Everything at once. Which keys a delete found decides what the feed tells, so with one the end waits for it.
    fn at_once(&self, session: &mut Session) -> Tried {
        let parts = self.parts(false);
        let (begin, expectations) = (self.begin(), self.expectations());
        let rows: Vec<Ready<'_>> = parts.iter().map(|part| part.ready(self.space())).collect();
        let first: Vec<&Ready<'_>> = std::iter::once(&begin).chain(&expectations).chain(&rows).collect();
        let waits = parts.iter().any(|part| part.operation.kind == OperationKind::Delete && part.table.replicated);
        if !waits {
            let changes = self.changes(&parts, &[]);
            let finish = self.finish(&changes);
            let all: Vec<&Ready<'_>> = first.into_iter().chain([&finish]).collect();
            let answers = self.send(session, &all, true, true)?;
            return Ok(Attempt::Done(done(answers.get(all.len()))));
        }
        let answers = self.send(session, &first, true, false)?;
        let from = answers.len() - parts.len();
        let deleted =
            parts.iter().zip(&answers[from..]).map(|(part, rows)| found(part, rows)).collect::<Result<Vec<_>, _>>()?;
        let changes = self.changes(&parts, &deleted);
        let answers = self.send(session, &[&self.finish(&changes)], false, true)?;
        Ok(Attempt::Done(done(answers.first())))
    }

    /// Sends statements, in a transaction that begins or ends with them; answers the rows of each, `BEGIN` among them.
    fn send(
        &self,
        session: &mut Session,
        all: &[&Ready<'_>],
        begins: bool,
        ends: bool,
    ) -> Result<Vec<Vec<Row>>, Attempt> {
        let wanted: Vec<(&str, Vec<Type>)> =
            all.iter().map(|ready| (ready.sql.as_str(), ready.types.clone())).collect();
        let statements = pipeline::kept(session, &wanted).map_err(|fault| not_begun(session, fault))?;
        let mut steps: Vec<Step<'_>> = Vec::with_capacity(all.len() + 2);
        steps.extend(begins.then_some(Step::Text("BEGIN")));
        steps.extend(all.iter().zip(statements).map(|(ready, statement)| kept(ready, statement)));
        steps.extend(ends.then_some(Step::Text("COMMIT")));
        let last = steps.len() - 1;
        pipeline::run(session, &steps).map_err(|broken| {
            let in_commit = ends
                && (broken.step == last
                    || !matches!(&broken.fault, Fault::Postgres(error) if error.as_db_error().is_some()));
            self.end(session, broken, in_commit)
        })
    }

    /// What a failed step means. `in_commit`: the `COMMIT` was on its way, and nobody says what it did.
    fn end(&self, session: &mut Session, broken: Broken, in_commit: bool) -> Attempt {
        let Broken { fault, .. } = broken;
        if fault.is_link() {
            return match (in_commit, fault) {
                (true, fault) => Attempt::Unknown(unknown(fault.told(WHAT))),
                (false, fault) => Attempt::Again(fault.told(WHAT)),
            };
        }
        // Sent without its end, or an error of ours: nothing of it may stay open.
        if let Err(rolled) = session.batch("ROLLBACK") {
            return Attempt::Again(rolled.told(WHAT));
        }
        match fault.state() {
            raised::ALREADY => {
                let position = fault.message().parse().unwrap_or_default();
                Attempt::Done(Committed { position, already: true })
            }
            raised::REUSED => {
                let message = format!("the transaction id {} was used before with other content", self.transaction.id);
                Attempt::Refused(PluginError::new(ErrorCode::IdReused, message))
            }
            raised::REFUSED => Attempt::NewTicket,
            raised::EPOCH => {
                let there = Uuid::try_parse(fault.message()).unwrap_or_default();
                let refused = validate::check_epoch(self.transaction, there).err();
                Attempt::Refused(refused.unwrap_or_else(|| fault.told(WHAT)))
            }
            raised::EXPECTATION => self.expected(session, fault.message()),
            // A key or value that is taken; a sum that is too large; rows that are not there; a row that one statement would write twice.
            "23505" | "22003" | "21000" | raised::ROWS => Attempt::RowByRow,
            _ => match fault {
                Fault::Postgres(error) if is_passing(&error) => {
                    Attempt::Again(crate::error::from_postgres(&error, WHAT))
                }
                // No room for so many locks at once: there is, a moment later.
                fault if matches!(fault.state(), "53200" | "55P03" | "0A000" | "26000") => {
                    session.forget_statements();
                    Attempt::Again(fault.told(WHAT))
                }
                fault => Attempt::Refused(fault.told(WHAT)),
            },
        }
    }

    fn expected(&self, session: &mut Session, number: &str) -> Attempt {
        let index: usize = number.parse().unwrap_or_default();
        let Some(expectation) = self.transaction.expectations.get(index) else {
            return Attempt::Refused(PluginError::new(ErrorCode::Internal, "an expectation failed that is none"));
        };
        match conflict::of_expectation(session, self.space(), &self.catalog.active, expectation, index) {
            Ok(Some(error)) => Attempt::Refused(error),
            // It holds by now.
            Ok(None) => Attempt::Again(PluginError::new(ErrorCode::Busy, "others are writing the same rows")),
            Err(fault) => Attempt::Again(fault.told(WHAT)),
        }
    }

    /// Row by row, each answer awaited.
    fn slowly(&self, session: &mut Session) -> Tried {
        let parts = self.parts(true);
        let (begin, expectations) = (self.begin(), self.expectations());
        let first: Vec<&Ready<'_>> = std::iter::once(&begin).chain(&expectations).collect();
        self.send(session, &first, true, false)?;
        let mut deleted = Vec::with_capacity(parts.len());
        for part in &parts {
            deleted.push(self.one(session, part)?);
        }
        let changes = self.changes(&parts, &deleted);
        let answers = self.send(session, &[&self.finish(&changes)], false, true)?;
        Ok(Attempt::Done(done(answers.first())))
    }

    /// One row; answers the key that a delete found.
    fn one(&self, session: &mut Session, part: &Part<'_>) -> Result<Vec<Vec<Value>>, Attempt> {
        let mut ready = part.ready(self.space());
        let (insert, row) = (part.operation.kind == OperationKind::Insert, part.rows.start);
        if insert {
            ready.sql += " ON CONFLICT DO NOTHING RETURNING 1";
        }
        let refused = |session: &mut Session, mut error: PluginError| {
            error.detail.index = part.index as u64;
            match session.batch("ROLLBACK") {
                Ok(()) => Attempt::Refused(error),
                Err(fault) => Attempt::Again(fault.told(WHAT)),
            }
        };
        let in_the_way =
            |session: &mut Session| match conflict::of_row(session, self.space(), part.table, part.operation, row) {
                Ok(error) => refused(session, error),
                Err(fault) => Attempt::Again(fault.told(WHAT)),
            };
        // What fails in between leaves the transaction as it was, so that the row in the way can be read.
        let answers = self.send_one(session, &ready)?;
        match answers {
            Ok(rows) if insert && rows.is_empty() => Err(in_the_way(session)),
            Ok(rows) => found(part, &rows),
            Err(fault) => {
                if let Err(fault) = session.batch("ROLLBACK TO SAVEPOINT row") {
                    return Err(Attempt::Again(fault.told(WHAT)));
                }
                Err(match fault.state() {
                    "23505" | "22003" => in_the_way(session),
                    raised::ROWS => {
                        let missing = part.missing.unwrap_or_default();
                        let message = format!("the row is new, so the column `{missing}` needs a value");
                        refused(
                            session,
                            PluginError::new(ErrorCode::BadValue, message).at(&part.table.name, missing, row),
                        )
                    }
                    _ => refused(session, fault.told(WHAT).at(&part.table.name, "", row)),
                })
            }
        }
    }

    fn send_one(&self, session: &mut Session, ready: &Ready<'_>) -> Result<Result<Vec<Row>, Fault>, Attempt> {
        let statements =
            pipeline::kept(session, &[(&ready.sql, ready.types.clone())]).map_err(|fault| not_begun(session, fault))?;
        let mut steps = vec![Step::Text("SAVEPOINT row")];
        steps.extend(statements.into_iter().map(|statement| kept(ready, statement)));
        match pipeline::run(session, &steps) {
            Ok(mut answers) => Ok(Ok(answers.pop().unwrap_or_default())),
            Err(broken) if broken.fault.is_link() || broken.step == 0 => Err(self.end(session, broken, false)),
            Err(broken) => Ok(Err(broken.fault)),
        }
    }
}

fn kept<'a>(ready: &'a Ready<'_>, statement: Statement) -> Step<'a> {
    Step::Kept(statement, ready.parameters.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync)).collect())
}

/// Nothing was sent yet.
fn not_begun(session: &mut Session, fault: Fault) -> Attempt {
    if fault.is_link() {
        return Attempt::Again(fault.told(WHAT));
    }
    // A transaction that waits for it must not stay open.
    let _ = session.batch("ROLLBACK");
    Attempt::Refused(fault.told(WHAT))
}

fn done(answer: Option<&Vec<Row>>) -> Committed {
    let position = answer.and_then(|rows| rows.first()).and_then(|row| row.try_get::<_, i64>(0).ok());
    Committed { position: position.unwrap_or_default().unsigned_abs(), already: false }
}

/// The keys that a delete found.
fn found(part: &Part<'_>, rows: &[Row]) -> Result<Vec<Vec<Value>>, Attempt> {
    if part.operation.kind != OperationKind::Delete {
        return Ok(Vec::new());
    }
    let key: Vec<_> = part.table.key.iter().filter_map(|name| part.table.column(name)).collect();
    let keys = rows.iter().map(|row| convert::values(row, 0, &key));
    keys.collect::<Result<_, _>>().map_err(|wrong| Attempt::Refused(wrong.into()))
}
