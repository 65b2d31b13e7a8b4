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
    (
        "migrate-indexes",
        "indexes become those of the schema: one that changed is made anew, one that is not named is gone",
        indexes,
    ),
    ("migrate-default", "a default that is given, or changed, holds for rows that come after it", defaults),
    (
        "migrate-older-index",
        "an older program is answered in the order that it means, whatever indexes a newer one left",
        older_index,
    ),
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
    count(store.as_ref(), 1, Insert, &[("a", 7), ("b", 7)])?;
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
    check("an index that rows break, beside good changes", &|wanted| {
        let index = Index { name: "by_number".into(), columns: vec!["number".into()], unique: true };
        wanted.tables[2].indexes = vec![index];
    })?;
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

/// The schema with a plain index instead of a unique one, one over other columns, and one less.
fn reindexed(minor: u32) -> Schema {
    let mut wanted = schema();
    wanted.minor = minor;
    wanted.tables[0].indexes[0].unique = false;
    wanted.tables[0].indexes[1].columns = vec!["folded".into()];
    wanted.tables[0].indexes.truncate(2);
    wanted
}

fn indexes(fixture: &dyn StorageFixture) -> Check {
    // Of the same version as on disk, and of a newer one.
    for minor in [schema().minor, schema().minor + 1] {
        let place = fixture.fresh();
        let store = open(&place)?;
        put_item(store.as_ref(), 1, 1, &[("code", "x".into()), ("name", "a".into()), ("folded", "z".into())])?;
        put_item(store.as_ref(), 2, 2, &[("name", "b".into()), ("folded", "y".into())])?;
        let twice = [("code", Value::from("x"))];
        refused(put_item(store.as_ref(), 3, 2, &twice), ErrorCode::Conflict, "a code that is taken")?;
        let wanted = reindexed(minor);
        store.migrate(&wanted)?;
        let check = |store: &dyn aurapos_contract::RecordStore| -> Check {
            let by_name = Query::over("item").order_by("by_name", false).select(&["folded"]);
            same(all(store, &by_name)?, vec![vec!["y".into()], vec!["z".into()]], "the order of the changed index")?;
            same(all(store, &Query::over("item").order_by("by_code", false))?.len(), 2, "rows by the plain index")?;
            let gone = store.scan(&Query::over("item").order_by("by_price", false));
            refused(gone, ErrorCode::BadQuery, "the order of an index that is gone").map(|_| ())
        };
        check(store.as_ref())?;
        put_item(store.as_ref(), 4, 2, &twice)?;
        store.close()?;
        let store = place.provider.open(&place.settings)?;
        store.migrate(&wanted)?;
        check(store.as_ref())?;
        // It cannot be unique again now, and the refusal changes nothing.
        let back = Schema { minor: wanted.minor, ..schema() };
        refused(store.migrate(&back), ErrorCode::SchemaConflict, "a unique index that rows break")?;
        check(store.as_ref())?;
        put_item(store.as_ref(), 5, 2, &[("code", "y".into())])?;
        store.migrate(&back)?;
        refused(put_item(store.as_ref(), 6, 2, &twice), ErrorCode::Conflict, "unique again")?;
        same(
            all(store.as_ref(), &Query::over("item").order_by("by_price", false))?.len(),
            2,
            "rows by an index that is back",
        )?;
    }
    Ok(())
}

fn defaults(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    put_item(store.as_ref(), 1, 1, &[])?;
    let mut wanted = schema();
    wanted.minor += 1;
    let item = &mut wanted.tables[0];
    item.columns.iter_mut().filter(|column| column.name == "price").for_each(|price| price.default = Value::Int(9));
    item.columns.iter_mut().filter(|column| column.name == "name").for_each(|name| name.default = "it's new".into());
    store.migrate(&wanted)?;
    put_item(store.as_ref(), 2, 2, &[])?;
    let mut insert = super::shop::transaction(3);
    insert.push(Insert, "item", &["id"], vec![vec![super::shop::id(3).into()]]);
    store.commit(&insert)?;
    put_item(store.as_ref(), 4, 2, &[("stamp", Value::Int(1))])?;
    let rows = all(store.as_ref(), &Query::over("item").select(&["price", "name"]))?;
    let new = || vec![Value::Int(9), "it's new".into()];
    same(rows, vec![vec![Value::Int(0), Value::Null], new(), new()], "the old row and the new ones")
}

fn older_index(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = place.provider.open(&place.settings)?;
    store.migrate(&reindexed(schema().minor + 1))?;
    store.close()?;
    let store = open(&place)?;
    for (item, name, folded, price) in [(1, "b", "x", 3), (2, "a", "z", 1), (3, "c", "y", 2)] {
        let cells = [("name", name.into()), ("folded", folded.into()), ("price", Value::Int(price))];
        put_item(store.as_ref(), item, item, &cells)?;
    }
    let prices = |order: &str| -> Result<Vec<Value>, crate::conformance::Failure> {
        // A row an answer, so that the cursors are those of this order as well.
        let query = Query::over("item").order_by(order, false).select(&["price"]).limit(1);
        Ok(all(store.as_ref(), &query)?.concat())
    };
    same(prices("by_name")?, vec![Value::Int(1), Value::Int(3), Value::Int(2)], "by the name that this program means")?;
    same(prices("by_price")?, (1..=3).map(Value::Int).collect::<Vec<_>>(), "by an index that is gone")?;
    store.close()?;
    let store = place.provider.open(&place.settings)?;
    store.migrate(&reindexed(schema().minor + 1))?;
    same(
        all(store.as_ref(), &Query::over("item").order_by("by_name", false))?.len(),
        3,
        "the newer one's index is whole",
    )
}
