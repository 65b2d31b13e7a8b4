//! The sale as a script for `pgbench`: the same rows in the same tables, one statement an operation, prepared.
//!
//! What is not in it is ours to pay: the locks of keys, the id and hash of the transaction, the feed. `pgbench` makes the ids
//! of its sales on the server, from the client's number and a counter, since it knows no other way; long values come as
//! parameters, as they do from us.

use super::registers::{FIRST_OF_CROWD, PLACE, updates};
use super::{BY_HAND, DATABASE, LOGIN, Site};
use crate::BenchResult;
use crate::captured::FIRST_OF_CATALOG;
use aurapos_contract::schema::{Schema, Table};
use aurapos_contract::transaction::{Operation, OperationKind, Transaction};
use aurapos_contract::{ColumnType, Uuid, Value};
use aurapos_engine::schema;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Sales of one run are numbered from a number of its own.
static RUN: AtomicU64 = AtomicU64::new(1);
const SALES_OF_A_RUN: u64 = 1 << 24;

/// How the script is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Each statement waits for the answer of the one before, as most programs do it.
    InTurn,
    /// All statements of a sale at once.
    Pipelined,
}

/// A script and the values that it is given.
struct Script {
    text: String,
    given: Vec<String>,
    schema: Schema,
    crowd: bool,
}

/// Sales per second that `clients` of `pgbench` post, `each` of them so many.
pub fn rate(
    site: &Site,
    sale: &Transaction,
    clients: usize,
    each: usize,
    how: (Way, bool),
    crowd: bool,
) -> BenchResult<f64> {
    let (way, protected) = how;
    let script = Script::of(sale, way, crowd)?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sale.sql");
    std::fs::write(&file, &script.text)?;
    let mut command = site.server.version().tool("pgbench");
    command.args(["-n", "-M", "prepared", "-h", "127.0.0.1", "-U", LOGIN.0]);
    command.args(["-p", &site.server.port().to_string(), "-c", &clients.to_string(), "-t", &each.to_string()]);
    command.args(["-j", &clients.min(2).to_string()]).arg("-f").arg(&file);
    let first = RUN.fetch_add(1, Ordering::Relaxed) * SALES_OF_A_RUN;
    command.args(["-D", &format!("n={first}")]);
    for (at, value) in script.given.iter().enumerate() {
        command.args(["-D", &format!("v{at}={value}")]);
    }
    command.arg(DATABASE).env("PGPASSWORD", LOGIN.1).env("PGSSLMODE", if protected { "require" } else { "disable" });
    let output = command.output()?;
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let done = format!("{0}/{0}", clients * each);
    let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
    match rate {
        Some(rate) if output.status.success() && told.contains(&done) => Ok(rate),
        _ => Err(format!("pgbench: {told}{errors}").into()),
    }
}

impl Script {
    fn of(sale: &Transaction, way: Way, crowd: bool) -> BenchResult<Script> {
        let mut script =
            Script { text: "\\set n :n + 1\n".to_owned(), given: Vec::new(), schema: schema::schema(), crowd };
        if way == Way::Pipelined {
            script.text += "\\startpipeline\n";
        }
        script.text += "BEGIN;\n";
        for expectation in &sale.expectations {
            let table = script.table(&expectation.table)?;
            let named = table.key.iter().zip(&expectation.key);
            let key: Vec<String> =
                named.map(|(name, value)| format!("\"{name}\" = {}", script.cell(&table, name, value))).collect();
            let columns = list(&expectation.columns);
            let _ = writeln!(script.text, "SELECT {columns} FROM {} WHERE {};", on(&table), key.join(" AND "));
        }
        for operation in &sale.operations {
            let statement = script.statement(operation)?;
            script.text += &statement;
        }
        script.text += "COMMIT;\n";
        if way == Way::Pipelined {
            script.text += "\\endpipeline\n";
        }
        Ok(script)
    }

    fn table(&self, name: &str) -> BenchResult<Table> {
        Ok(self.schema.table(name).cloned().ok_or("no such table")?)
    }

    fn statement(&mut self, operation: &Operation) -> BenchResult<String> {
        let table = self.table(&operation.table)?;
        let columns = &operation.columns;
        let mut row = |row: &Vec<Value>| {
            let cells: Vec<String> =
                columns.iter().zip(row).map(|(name, value)| self.cell(&table, name, value)).collect();
            format!("({})", cells.join(", "))
        };
        let rows: Vec<String> = operation.rows.iter().map(&mut row).collect();
        let mut sql = format!("INSERT INTO {} AS t ({}) VALUES {}", on(&table), list(columns), rows.join(", "));
        if updates(operation.kind) {
            let there = |name: &str| match operation.kind {
                OperationKind::Add => format!("t.\"{name}\" + "),
                _ => String::new(),
            };
            let others = columns.iter().filter(|name| !table.key.contains(name));
            let sets: Vec<String> =
                others.map(|name| format!("\"{name}\" = {}excluded.\"{name}\"", there(name))).collect();
            sql += &format!(" ON CONFLICT ({}) DO UPDATE SET {}", list(&table.key), sets.join(", "));
        }
        Ok(sql + ";\n")
    }

    /// A cell in SQL, with its type: rows of several are of no type otherwise.
    fn cell(&mut self, table: &Table, name: &str, value: &Value) -> String {
        match (table.name.as_str(), name, value) {
            ("sale", "id", _) | (_, "sale", Value::Uuid(_)) => self.id("to_hex(:n::bigint)"),
            (_, "seq" | "counter", Value::Int(_)) | ("counter", "value", _) => ":n::bigint".to_owned(),
            (_, "receipt_no", _) => "('R' || :client_id::bigint || '-1-' || :n::bigint)".to_owned(),
            (_, _, Value::Uuid(id)) => self.known(*id),
            (_, _, Value::Null) => {
                format!("NULL::{}", table.column(name).map_or("text", |column| type_name(column.kind)))
            }
            (_, _, Value::Int(number)) => format!("{number}::bigint"),
            (_, _, Value::Bool(truth)) => truth.to_string(),
            (_, _, Value::Time(time)) => format!("to_timestamp({}::float8)", time / 1_000_000),
            // `pgbench` takes no empty value.
            (_, _, Value::Text(text)) if text.is_empty() => "''::text".to_owned(),
            (_, _, Value::Text(text)) => format!("{}::text", self.given(text.clone())),
            (_, _, Value::Bytes(bytes)) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{}::bytea", self.given(format!("\\x{digits}")))
            }
        }
    }

    /// A value that comes as a parameter.
    fn given(&mut self, value: String) -> String {
        let at = self.given.iter().position(|known| *known == value).unwrap_or_else(|| {
            self.given.push(value);
            self.given.len() - 1
        });
        format!(":v{at}")
    }

    fn known(&self, id: Uuid) -> String {
        let number = id.as_u128() & ((1 << PLACE) - 1);
        if self.crowd && number >= u128::from(FIRST_OF_CATALOG) {
            return format!("'{id}'::uuid");
        }
        self.id(&format!("'{number:x}'"))
    }

    /// The client's own id of this number, as `id_of` makes it.
    fn id(&self, digits: &str) -> String {
        let client = if self.crowd {
            format!("(:client_id::bigint + {FIRST_OF_CROWD})")
        } else {
            ":client_id::bigint".to_owned()
        };
        format!("('01900000-0000-7000-8' || lpad(to_hex({client}), 3, '0') || '-' || lpad({digits}, 12, '0'))::uuid")
    }
}

fn on(table: &Table) -> String {
    format!("\"{BY_HAND}\".\"{}\"", table.name)
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Int => "bigint",
        ColumnType::Bool => "boolean",
        ColumnType::Bytes => "bytea",
        ColumnType::Uuid => "uuid",
        ColumnType::Time => "timestamptz",
        _ => "text",
    }
}
