//! Schemas: what may be added, what is refused.

use super::shop::{all, column, count, everything, open, put_item, schema};
use super::{Row, StorageFixture};
use crate::conformance::{Check, refused, same};
use aurapos_contract::query::Query;
use aurapos_contract::schema::{Index, Schema};
use aurapos_contract::transaction::OperationKind::Insert;
use aurapos_contract::value::ColumnType;
use aurapos_contract::{ErrorCode, Value};

pub(super) const CASES: &[Row] = &[
    ("migrate-repeat", "the same schema again changes nothing", repeat),
    ("migrate-add", "tables, columns with defaults and indexes are added, rows stay", add),
    (
        "migrate-newer-minor",
        "data of a newer minor is accepted and left alone; an older program writes and reads it",
        newer_minor,
    ),
    ("migrate-newer-major", "data of a newer major is refused with SchemaNewer", newer_major),
    ("migrate-conflict", "a change that is not additive is SchemaConflict, and nothing of it happens", conflict),
    ("migrate-unique", "a new unique index that rows break is refused, and nothing of the change happens", unique),
];

/// The schema with a new table, a new column and a new index.
fn grown() -> Schema {
    let mut grown = schema();
    grown.minor += 1;
    grown.tables[0].columns.push(column("origin", ColumnType::Text, false, "it's here"));
    grown.tables[0].columns.push(column("weight", ColumnType::Int, true, Value::Null));
    let by_origin = Index { name: "by_origin".into(), columns: vec!["origin".into(), "price".into()], unique: false };
    grown.tables[0].indexes.push(by_origin);
    let mut extra = grown.tables[2].clone();
    extra.name = "extra".into();
    grown.tables.push(extra);
    grown
}

fn repeat(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("a", 7)])?;
    let before = (store.info()?, everything(store.as_ref())?);
    store.migrate(&schema())?;
    same((store.info()?, everything(store.as_ref())?), before, "info and rows")
}

fn add(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    put_item(store.as_ref(), 1, 1, &[("price", Value::Int(5)), ("folded", "tea".into())])?;
    let position = store.info()?.position;
    store.migrate(&grown())?;
    same((store.info()?.schema_minor, store.info()?.position), (4, position), "minor and position")?;
    let rows =
        all(store.as_ref(), &Query::over("item").order_by("by_origin", false).select(&["price", "origin", "weight"]))?;
    same(rows, vec![vec![Value::Int(5), "it's here".into(), Value::Null]], "the old row")?;
    put_item(store.as_ref(), 2, 2, &[("price", Value::Int(6)), ("origin", "b".into())])?;
    let mut change = super::shop::transaction(3);
    change.push(Insert, "extra", &["name", "number"], vec![vec!["x".into(), Value::Int(1)]]);
    store.commit(&change)?;
    store.close()?;
    let store = place.provider.open(&place.settings)?;
    store.migrate(&grown())?;
    same(all(store.as_ref(), &Query::over("extra"))?.len(), 1, "rows of the new table")?;
    same(all(store.as_ref(), &Query::over("item"))?.len(), 2, "rows of the old table")
}

fn newer_minor(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = place.provider.open(&place.settings)?;
    store.migrate(&grown())?;
    put_item(store.as_ref(), 1, 1, &[("weight", Value::Int(3))])?;
    store.close()?;
    let store = open(&place)?;
    same(store.info()?.schema_minor, 4, "the minor on disk")?;
    put_item(store.as_ref(), 2, 1, &[("price", Value::Int(9))])?;
    put_item(store.as_ref(), 3, 2, &[("price", Value::Int(8))])?;
    let batch = store.scan(&Query::over("item"))?;
    same(batch.columns().count(), schema().tables[0].columns.len(), "columns an older program sees")?;
    same(batch.len(), 2, "rows")?;
    store.close()?;
    let store = place.provider.open(&place.settings)?;
    store.migrate(&grown())?;
    let rows = all(store.as_ref(), &Query::over("item").select(&["price", "origin", "weight"]))?;
    let first = vec![Value::Int(9), "it's here".into(), Value::Int(3)];
    let second = vec![Value::Int(8), "it's here".into(), Value::Null];
    same(rows, vec![first, second], "what the newer program finds")
}

fn newer_major(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = place.provider.open(&place.settings)?;
    store.migrate(&Schema { major: 2, ..schema() })?;
    store.close()?;
    let store = place.provider.open(&place.settings)?;
    refused(store.migrate(&schema()), ErrorCode::SchemaNewer, "migrate to the older major")?;
    same(store.info()?.schema_major, 2, "the major on disk")
}

fn conflict(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("a", 7)])?;
    let before = everything(store.as_ref())?;
    let check = |what: &str, change: &dyn Fn(&mut Schema)| -> Check {
        let mut wanted = grown();
        change(&mut wanted);
        refused(store.migrate(&wanted), ErrorCode::SchemaConflict, what)?;
        same(store.info()?.schema_minor, 3, "the minor after a refused change")?;
        refused(store.scan(&Query::over("extra")), ErrorCode::UnknownTable, "a table of a refused change")?;
        Ok(())
    };
    check("another type", &|wanted| wanted.tables[2].columns[1].kind = ColumnType::Text)?;
    check("now nullable", &|wanted| wanted.tables[2].columns[1].nullable = true)?;
    check("another key", &|wanted| wanted.tables[2].key.push("number".into()))?;
    check("another flag", &|wanted| wanted.tables[2].replicated = true)?;
    check("an index over other columns", &|wanted| wanted.tables[0].indexes[1].columns.push("code".into()))?;
    check("a column without default", &|wanted| {
        wanted.tables[2].columns.push(column("more", ColumnType::Int, false, Value::Null));
    })?;
    check("a name that is none", &|wanted| wanted.tables[3].name = "Robert'); --".into())?;
    same(everything(store.as_ref())?, before, "rows")
}

fn unique(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("a", 7), ("b", 7)])?;
    let mut wanted = grown();
    let index = Index { name: "by_number".into(), columns: vec!["number".into()], unique: true };
    wanted.tables[2].indexes.push(index);
    refused(store.migrate(&wanted), ErrorCode::SchemaConflict, "an index that rows break")?;
    refused(store.scan(&Query::over("extra")), ErrorCode::UnknownTable, "a table of a refused change")?;
    count(store.as_ref(), 2, Insert, &[("c", 7)]).map(|_| ()).map_err(Into::into)
}
