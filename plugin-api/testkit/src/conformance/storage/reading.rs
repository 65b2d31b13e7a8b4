//! Scans, searches, aggregates.

use super::shop::{all, id, open, put_item, transaction};
use super::{Row, StorageFixture};
use crate::conformance::{Check, Failure, holds, refused, same};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::query::{ANSWER_ROWS_MAX, AggregateQuery, FILTERS_MAX, FilterKind, IN_VALUES_MAX, Query};
use aurapos_contract::transaction::OperationKind::Insert;
use aurapos_contract::{RecordStore, Value};

pub(super) const CASES: &[Row] = &[
    ("filters", "each filter compares as the contract orders values, null lowest and equal to null", filters),
    ("in", "`In` takes none to many values, null among them", within),
    ("scan-order", "rows come in index order, ties by key, nulls first; backwards is exactly the reverse", ordered),
    ("columns", "the answer has the columns asked for, in that order; all in the schema's order for none", columns),
    ("paging", "pages of any size give every row once, in both directions, with filters", paging),
    ("paging-stable", "rows that are added or removed between pages neither repeat nor hide others", paging_stable),
    ("bytes-order", "text and bytes are ordered by byte, not by any language", bytes_order),
    ("answer-limit", "an answer has at most so many rows and says where it goes on", answer_limit),
    (
        "bad-queries",
        "unknown tables, columns, indexes, wrong types, foreign cursors and too many filters are refused",
        bad_queries,
    ),
    ("search", "every word of the question is a prefix of a word; words are separated by spaces only", search),
    ("search-follows", "search follows updates, deletes and nulls at once", search_follows),
    ("search-limit", "at most `limit` rows, any of those that match", search_limit),
    ("aggregate", "counts and sums, grouped, in the order of the groups; nulls count as 0", aggregate),
    (
        "aggregate-large",
        "a sum outside i64 is BadValue naming the column, one that only passes through is right",
        aggregate_large,
    ),
];

/// Counts the rows of a table.
pub(super) fn count_of(table: &str) -> AggregateQuery {
    AggregateQuery { table: table.to_owned(), ..Default::default() }
}

fn fill(store: &dyn RecordStore) -> Check {
    let price = [5, 1, 5, -3, 5, 0, 1, i64::MIN, i64::MAX, 5];
    let at = [Some(3), None, Some(1), Some(9), None, None, Some(-4), Some(0), Some(3), Some(1)];
    let name = [None, Some("b"), Some("a"), Some(""), Some("Z"), Some("é"), Some("aa"), None, Some("a"), Some("B")];
    for number in 0..10usize {
        let cells = [
            ("price", Value::Int(price[number])),
            ("changed_at", at[number].map_or(Value::Null, Value::Time)),
            ("name", name[number].into()),
            ("weighed", (number % 3 == 0).into()),
        ];
        // Not in the order of their keys.
        put_item(store, number as u128 + 1, (number * 7 % 10) as u128, &cells)?;
    }
    Ok(())
}

fn filters(fixture: &dyn StorageFixture) -> Check {
    use FilterKind::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
    let place = fixture.fresh();
    let store = open(&place)?;
    fill(store.as_ref())?;
    let rows = all(store.as_ref(), &Query::over("item").select(&["price", "changed_at", "name", "weighed", "id"]))?;
    let columns = ["price", "changed_at", "name", "weighed", "id"];
    for (at, column) in columns.into_iter().enumerate() {
        let mut values: Vec<Value> = rows.iter().map(|row| row[at].clone()).collect();
        values.push(Value::Null);
        for kind in [Equal, NotEqual, Less, AtMost, Greater, AtLeast] {
            for value in &values {
                let query = Query::over("item").filter(column, kind, value.clone()).select(&columns);
                let expected: Vec<_> = rows
                    .iter()
                    .filter(|row| aurapos_contract::validate::matches(&query.filters[0], &row[at]))
                    .cloned()
                    .collect();
                same(all(store.as_ref(), &query)?, expected, &format!("{column} {kind:?} {value:?}"))?;
            }
        }
    }
    let both = Query::over("item")
        .filter("price", AtLeast, 1)
        .filter("changed_at", Less, Value::Time(3))
        .filter("price", NotEqual, 5);
    same(all(store.as_ref(), &both)?.len(), 2, "three filters together")
}

fn within(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    fill(store.as_ref())?;
    let check = |values: Vec<Value>, expected: usize| -> Check {
        let what = format!("{} values", values.len());
        same(all(store.as_ref(), &Query::over("item").filter_in("name", values))?.len(), expected, &what)
    };
    check(vec![], 0)?;
    check(vec!["a".into()], 2)?;
    check(vec!["a".into(), "a".into(), "b".into(), "nope".into()], 3)?;
    check(vec![Value::Null], 2)?;
    check(vec![Value::Null, "Z".into()], 3)?;
    let many: Vec<Value> =
        (0..IN_VALUES_MAX - 1).map(|number| number.to_string().as_str().into()).chain([Value::from("é")]).collect();
    check(many, 1)?;
    let ids = (0..500).map(|number| id(number).into()).collect();
    same(
        all(store.as_ref(), &Query::over("item").filter_in("id", ids).order_by("by_price", true))?.len(),
        10,
        "by key, in another order",
    )
}

fn ordered(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    fill(store.as_ref())?;
    let rows = |order: &str, descending: bool| -> Result<Vec<Vec<Value>>, Failure> {
        all(
            store.as_ref(),
            &Query::over("item").select(&["price", "changed_at", "name", "id"]).order_by(order, descending),
        )
    };
    for (order, columns) in [("", &[3][..]), ("by_price", &[0, 1, 3]), ("by_name", &[2, 3]), ("by_code", &[3])] {
        let mut expected = rows("", false)?;
        expected.sort_by_key(|row| columns.iter().map(|&at| row[at].clone()).collect::<Vec<_>>());
        same(rows(order, false)?, expected.clone(), &format!("order {order:?}"))?;
        expected.reverse();
        same(rows(order, true)?, expected, &format!("order {order:?} backwards"))?;
    }
    Ok(())
}

fn columns(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    fill(store.as_ref())?;
    let names = |query: &Query| -> Result<Vec<String>, Failure> {
        Ok(store.scan(query)?.columns().map(|(name, _)| name.to_owned()).collect())
    };
    let wanted: Vec<String> =
        super::shop::schema().tables[0].columns.iter().map(|column| column.name.clone()).collect();
    same(names(&Query::over("item"))?, wanted, "all columns")?;
    same(
        names(&Query::over("item").select(&["price", "id"]).order_by("by_name", false))?,
        vec!["price".to_owned(), "id".to_owned()],
        "some columns",
    )?;
    let empty = store.scan(&Query::over("entry"))?;
    same((empty.columns().count(), empty.len(), empty.next().len()), (4, 0, 0), "an empty table")
}

fn paging(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    fill(store.as_ref())?;
    for number in 0..60i64 {
        let at = if number % 4 == 0 { Value::Null } else { Value::Time(number % 3) };
        let name = if number % 5 == 0 { Value::Null } else { format!("n{}", number % 7).as_str().into() };
        let cells = [("price", Value::Int(number % 6)), ("changed_at", at), ("name", name)];
        put_item(store.as_ref(), 100 + number as u128, 100 + (number * 37 % 61) as u128, &cells)?;
    }
    let base = Query::over("item").select(&["id"]);
    let filtered = [
        base.clone(),
        base.clone().filter("price", FilterKind::Equal, 5),
        base.clone().filter("price", FilterKind::AtLeast, 2).filter("name", FilterKind::NotEqual, Value::Null),
        base.clone().filter("price", FilterKind::Equal, 1).filter("changed_at", FilterKind::Equal, Value::Null),
        base.filter("changed_at", FilterKind::AtMost, Value::Time(1)),
    ];
    for query in filtered {
        for order in ["", "by_price", "by_name", "by_code"] {
            for descending in [false, true] {
                let query = query.clone().order_by(order, descending);
                let whole = store.scan(&query)?;
                let expected: Vec<_> = (0..whole.len()).map(|row| whole.row(row)).collect();
                for limit in [1, 2, 3, 7, 100] {
                    let what =
                        format!("pages of {limit}, order {order:?}, descending {descending}, {:?}", query.filters);
                    same(all(store.as_ref(), &query.clone().limit(limit))?, expected.clone(), &what)?;
                }
            }
        }
    }
    Ok(())
}

fn paging_stable(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    for number in 0..20 {
        put_item(store.as_ref(), number + 1, number * 10, &[("price", Value::Int(number as i64 / 4))])?;
    }
    let mut query = Query::over("item").select(&["id"]).order_by("by_price", false).limit(6);
    let mut seen = Vec::new();
    for number in 0..4u128 {
        let page = store.scan(&query)?;
        seen.extend((0..page.len()).map(|row| page.row(row)));
        query.after = page.next().to_vec();
        let mut change = transaction(50 + number);
        // Behind the page; and the page's last row itself.
        change.push(Insert, "item", &["id", "price"], vec![vec![id(1000 + number).into(), Value::Int(-1)]]);
        let last = seen.last().cloned().unwrap_or_default();
        change.push(aurapos_contract::transaction::OperationKind::Delete, "item", &["id"], vec![last]);
        store.commit(&change)?;
    }
    let expected: Vec<_> = (0..20).map(|number| vec![id(number * 10).into()]).collect();
    same(seen, expected, "rows over all pages")
}

fn bytes_order(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let names = ["", " ", "10", "9", "A", "Z", "_", "a", "a b", "ab", "z", "é", "日", "\u{FF5E}", "\u{1F600}"];
    for (number, name) in names.iter().enumerate().rev() {
        put_item(store.as_ref(), number as u128 + 1, (number * 4 % 15) as u128, &[("name", (*name).into())])?;
    }
    let rows = all(store.as_ref(), &Query::over("item").select(&["name"]).order_by("by_name", false))?;
    same(rows, names.iter().map(|&name| vec![name.into()]).collect(), "text")?;
    same(all(store.as_ref(), &Query::over("item").filter("name", FilterKind::Equal, "A"))?.len(), 1, "equal is exact")?;
    same(all(store.as_ref(), &Query::over("item").filter("name", FilterKind::Less, "a"))?.len(), 7, "lower is by byte")
}

fn answer_limit(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let total = ANSWER_ROWS_MAX as usize + 5;
    for (number, rows) in (0..total).collect::<Vec<_>>().chunks(5_000).enumerate() {
        let mut change = transaction(number as u128);
        let rows = rows.iter().map(|row| vec![Value::from(format!("{row:06}").as_str()), Value::Int(1)]).collect();
        change.push(Insert, "counter", &["name", "number"], rows);
        store.commit(&change)?;
    }
    for limit in [0, ANSWER_ROWS_MAX, ANSWER_ROWS_MAX + 1, u32::MAX] {
        let answer = store.scan(&Query::over("counter").limit(limit))?;
        same((answer.len(), answer.next().is_empty()), (ANSWER_ROWS_MAX as usize, false), &format!("limit {limit}"))?;
    }
    same(all(store.as_ref(), &Query::over("counter"))?.len(), total, "rows over all answers")?;
    let exact = store.scan(&Query::over("counter").filter("name", FilterKind::Less, "000010").limit(10))?;
    same((exact.len(), exact.next().is_empty()), (10, true), "when the last row fits there is no next")
}

fn bad_queries(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    fill(store.as_ref())?;
    let check = |query: Query, code: ErrorCode| refused(store.scan(&query), code, &format!("{query:?}")).map(|_| ());
    check(Query::over("nothing"), ErrorCode::UnknownTable)?;
    check(Query::over("item\"; DROP TABLE item; --"), ErrorCode::UnknownTable)?;
    check(Query::over("item").select(&["nothing"]), ErrorCode::UnknownColumn)?;
    check(Query::over("item").filter("nothing", FilterKind::Equal, 1), ErrorCode::UnknownColumn)?;
    check(Query::over("item").filter("price", FilterKind::Equal, "5"), ErrorCode::BadValue)?;
    check(Query::over("item").order_by("by_nothing", false), ErrorCode::BadQuery)?;
    check(Query { after: vec![Value::Int(1)], ..Query::over("item") }, ErrorCode::BadQuery)?;
    check(Query { after: vec![id(1).into(), id(1).into()], ..Query::over("item") }, ErrorCode::BadQuery)?;
    check(Query::over("item").filter_in("price", vec![Value::Int(1); IN_VALUES_MAX + 1]), ErrorCode::TooLarge)?;
    let mut many = Query::over("item");
    for _ in 0..=FILTERS_MAX {
        many = many.filter("price", FilterKind::Less, 5);
    }
    check(many, ErrorCode::TooLarge)?;
    refused(store.search("counter", "a", 1), ErrorCode::BadQuery, "a search in a table that has none")?;
    refused(store.search("nothing", "a", 1), ErrorCode::UnknownTable, "a search in no table")?;
    let sum = AggregateQuery { sums: vec!["name".into()], ..count_of("item") };
    refused(store.aggregate(&sum), ErrorCode::BadQuery, "a sum of a text")?;
    refused(store.aggregate(&count_of("nothing")), ErrorCode::UnknownTable, "an aggregate of no table")?;
    same(all(store.as_ref(), &Query::over("item"))?.len(), 10, "the rows afterwards")
}

fn found(store: &dyn RecordStore, text: &str) -> Result<Vec<u128>, Failure> {
    let batch = store.search("item", text, 0)?;
    let at = batch.column("id").ok_or("a search answers all columns")?;
    let mut found: Vec<u128> =
        (0..batch.len()).filter_map(|row| batch.uuid(row, at)).map(|uuid| uuid.as_u128() & 0xffff).collect();
    found.sort_unstable();
    Ok(found)
}

fn search(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let texts = [
        "coca-cola light 33cl",
        "cola zero",
        "cafe creme",
        "café crème",
        "a",
        "",
        "100% jus d'orange \"bio\"",
        "x\ty z",
        "CAPS",
        "tea* or (not)",
        "日本茶",
    ];
    for (number, text) in texts.iter().enumerate() {
        put_item(store.as_ref(), number as u128 + 1, number as u128, &[("folded", (*text).into())])?;
    }
    put_item(store.as_ref(), 90, 90, &[("folded", Value::Null)])?;
    let check = |question: &str, expected: &[u128]| -> Check {
        same(found(store.as_ref(), question)?, expected.to_vec(), &format!("{question:?}"))
    };
    check("col", &[1])?;
    check("co", &[0, 1])?;
    check("c", &[0, 1, 2, 3])?;
    check("light coca", &[0])?;
    check("li 33", &[0])?;
    check("cafe", &[2])?;
    check("café", &[3])?;
    check("caf", &[2, 3])?;
    check("coca-cola", &[0])?;
    check("coca-colas", &[])?;
    check("d'or", &[6])?;
    check("\"bio", &[6])?;
    check("100%", &[6])?;
    check("x", &[7])?;
    check("y", &[])?;
    check("x\ty", &[7])?;
    check("z", &[1, 7])?;
    check("caps", &[])?;
    check("CA", &[8])?;
    check("tea*", &[9])?;
    check("te*", &[])?;
    check("(n", &[9])?;
    check("OR", &[])?;
    check("or", &[9])?;
    check("日", &[10])?;
    check("cola cola", &[1])?;
    check("  zero   cola ", &[1])?;
    check("nothing", &[])?;
    check("cola nothing", &[])?;
    check("a b c d e f g h i j k l m n o p q r", &[])?;
    check("", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 90])?;
    check("   ", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 90])
}

fn search_follows(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    put_item(store.as_ref(), 1, 1, &[("folded", "green tea".into())])?;
    put_item(store.as_ref(), 2, 1, &[("price", Value::Int(3))])?;
    same(found(store.as_ref(), "gre te")?, vec![1], "after another column changed")?;
    put_item(store.as_ref(), 3, 1, &[("folded", "black tea".into())])?;
    same((found(store.as_ref(), "green")?, found(store.as_ref(), "bl")?), (vec![], vec![1]), "after an update")?;
    put_item(store.as_ref(), 4, 1, &[("folded", Value::Null)])?;
    same(found(store.as_ref(), "tea")?, vec![], "after the text went")?;
    put_item(store.as_ref(), 5, 1, &[("folded", "red tea".into())])?;
    let mut change = transaction(6);
    change.push(aurapos_contract::transaction::OperationKind::Delete, "item", &["id"], vec![vec![id(1).into()]]);
    store.commit(&change)?;
    same(found(store.as_ref(), "tea")?, vec![], "after a delete")
}

fn search_limit(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    for number in 0..50 {
        put_item(store.as_ref(), number + 1, number, &[("folded", format!("item number{number}").as_str().into())])?;
    }
    same(store.search("item", "it", 7)?.len(), 7, "rows of 50 for a limit of 7")?;
    same(store.search("item", "item num", 500)?.len(), 50, "rows of 50 for a limit of 500")?;
    same(store.search("item", "it", u32::MAX)?.len(), 50, "rows for the largest limit")?;
    holds(store.search("item", "", 3)?.len() == 3, "an empty question has its limit too")
}

fn aggregate(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let none = AggregateQuery { sums: vec!["price".into()], ..count_of("item") };
    let answer = store.aggregate(&none)?;
    same((answer.len(), answer.row(0)), (1, vec![Value::Int(0), Value::Int(0)]), "no rows, no groups")?;
    let grouped = AggregateQuery { group_by: vec!["name".into()], ..none.clone() };
    same(store.aggregate(&grouped)?.len(), 0, "no rows, groups")?;
    fill(store.as_ref())?;
    let few_grouped = AggregateQuery {
        filters: Query::over("item")
            .filter("price", FilterKind::Less, 10)
            .filter("price", FilterKind::Greater, -10)
            .filters,
        ..grouped
    };
    let names: Vec<String> = store.aggregate(&few_grouped)?.columns().map(|(name, _)| name.to_owned()).collect();
    same(names, vec!["name".to_owned(), "count".into(), "sum_price".into()], "the columns")?;
    let few = Query::over("item").filter("price", FilterKind::Greater, -10).filter("price", FilterKind::Less, 10);
    let query = AggregateQuery {
        group_by: vec!["weighed".into(), "changed_at".into()],
        sums: vec!["price".into(), "stamp".into()],
        filters: few.filters,
        ..count_of("item")
    };
    let answer = store.aggregate(&query)?;
    let rows: Vec<Vec<Value>> = (0..answer.len()).map(|row| answer.row(row)).collect();
    let row = |weighed: bool, at: Option<i64>, count: i64, price: i64| {
        vec![weighed.into(), at.map_or(Value::Null, Value::Time), Value::Int(count), Value::Int(price), Value::Int(0)]
    };
    let expected = vec![
        row(false, None, 3, 6),
        row(false, Some(1), 1, 5),
        row(true, Some(-4), 1, 1),
        row(true, Some(1), 1, 5),
        row(true, Some(3), 1, 5),
        row(true, Some(9), 1, -3),
    ];
    same(rows, expected, "the groups")?;
    let nulls = AggregateQuery { sums: vec!["slot".into()], ..count_of("counter") };
    super::shop::count(store.as_ref(), 50, Insert, &[("a", 1), ("b", 2)])?;
    same(store.aggregate(&nulls)?.row(0), vec![Value::Int(2), Value::Int(0)], "a sum of nulls")
}

fn aggregate_large(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let sum = AggregateQuery { sums: vec!["price".into()], ..count_of("item") };
    put_item(store.as_ref(), 1, 1, &[("price", Value::Int(i64::MAX))])?;
    put_item(store.as_ref(), 2, 2, &[("price", Value::Int(1))])?;
    let error = refused(store.aggregate(&sum), ErrorCode::BadValue, "a sum that is too large")?;
    same(error.detail.column.as_str(), "price", "the column")?;
    put_item(store.as_ref(), 3, 3, &[("price", Value::Int(-1))])?;
    same(store.aggregate(&sum)?.int(0, 1), Some(i64::MAX), "a sum that only passes through")?;
    put_item(store.as_ref(), 4, 2, &[("price", Value::Int(i64::MIN))])?;
    same(store.aggregate(&sum)?.int(0, 1), Some(-2), "a sum of the extremes")
}
