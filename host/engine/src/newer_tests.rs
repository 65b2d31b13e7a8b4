//! Registers of one shop are not updated on one day. Whatever a newer one writes into a column that holds a stable name or
//! a number of a kind, this program goes on: it lists, searches, exports, checks and sells, keeps the value as it is, and
//! refuses by name what it can't decide with it.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use aurapos_contract::{ColumnType, Uuid, Value};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::catalog::Unit;
use aurapos_domain::ids::{IncarnationId, RegisterId};
use aurapos_domain::journal::{EntryKind, JournalEntry};

use crate::apply::feed::Applied;
use crate::command::people::{PeopleCommand, RoleChange};
use crate::command::settings::SettingsCommand;
use crate::command::{Command, RefundRequest};
use crate::error::{Code, EngineResult};
use crate::export;
use crate::import::{CategoryChoice, Planner, ProductDraft};
use crate::queries::Span;
use crate::queries::{self, ProductFilter, SalesFilter, SalesSearch};
use crate::rows;
use crate::schema::schema;
use crate::settings;
use crate::testing::newer::NEWER;
use crate::testing::{PIN, World, eur, new_product, pay};

/// Every text and number of every table that registers share. `=value`: the column holds one of a list of stable names or
/// numbers, and a newer program has more of them. The others hold what people or counters say, and everything is possible.
const COLUMNS: &[(&str, &str)] = &[
    (
        "shop",
        "name country=Atlantis language=tlh currency=ZZZ timezone=Mars/Olympus address phone vat_number \
         price_mode=per_gram",
    ),
    ("incarnation", "code=ZZZZZZ previous_seq reason register_code=r-one"),
    ("setting", "name=of.tomorrow value=whenever"),
    ("role", "code=of_tomorrow name permissions=fly"),
    ("operator", "name name_sort role=of_tomorrow pin_hash"),
    ("category", "name name_sort colour=ultraviolet position"),
    ("tax_rate", "code=Of_Tomorrow rate=-7 valid_from"),
    ("product", "sku name name_sort price tax_code=Of_Tomorrow unit=litre search"),
    ("product_barcode", "code"),
    (
        "sale",
        "seq counter receipt_no kind=swap origin_no utc_offset business_day hour_local operator_name \
         customer_vat_number currency=ZZZ price_mode=per_gram subtotal ticket_discount net total rounding change note",
    ),
    (
        "sale_line",
        "line sku name barcode unit=litre quantity list_price unit_price gross discount ticket_discount net \
         tax_code=Of_Tomorrow rate note origin_line",
    ),
    ("refund_line", "origin_line line quantity net"),
    ("sale_tender", "number kind=shells provider tendered applied change reference"),
    ("sale_vat", "rate base amount gross"),
    ("stock_move", "seq number quantity kind=evaporated"),
    ("drawer_move", "seq kind=borrowed reason amount"),
    ("journal", "seq kind=60000"),
];

/// The values of newer programs, by table and column.
fn of_tomorrow() -> Vec<(&'static str, &'static str, Value)> {
    let mut values = Vec::new();
    for (table, columns) in COLUMNS {
        let shape = schema().table(table).unwrap().clone();
        for (column, value) in columns.split_whitespace().filter_map(|column| column.split_once('=')) {
            let value = match shape.column(column).unwrap().kind {
                ColumnType::Int => Value::Int(value.parse().unwrap()),
                _ => Value::from(value),
            };
            values.push((*table, column, value));
        }
    }
    values
}

#[test]
fn every_column_that_registers_share_is_judged() {
    let listed: BTreeMap<&str, BTreeSet<&str>> = COLUMNS
        .iter()
        .map(|(table, columns)| {
            (*table, columns.split_whitespace().map(|one| one.split('=').next().unwrap()).collect())
        })
        .collect();
    for table in schema().tables.iter().filter(|table| table.replicated) {
        let told = |kind: ColumnType| matches!(kind, ColumnType::Text | ColumnType::Int);
        let own: BTreeSet<&str> = table
            .columns
            .iter()
            .filter(|column| told(column.kind) && column.name != crate::schema::ROW_VERSION)
            .map(|column| column.name.as_str())
            .collect();
        let known = listed.get(table.name.as_str()).cloned().unwrap_or_default();
        assert_eq!(known, own, "{}: say of each new column whether a newer program may have values for it", table.name);
    }
}

/// A shop that sold something, with a category and somebody who sells.
fn busy() -> World {
    let mut world = World::new();
    let tea = ProductDraft { category: CategoryChoice::Named("Boissons".to_owned()), ..new_product("Thé") };
    world.run(Command::SaveProduct(Box::new(tea))).unwrap();
    let add = PeopleCommand::Add { name: "Tom".to_owned(), role: "cashier".to_owned(), pin: "2580".to_owned() };
    world.run(Command::People(add)).unwrap();
    world.sell(&["1", "2"], &[("cash", 0)]).unwrap();
    world
}

/// Asks everything that can be asked. Everything must answer. Then sells coffee, whatever comes of it.
fn ask_everything(world: &mut World, what: &str) -> EngineResult<()> {
    let store = world.store.clone();
    let store = store.as_ref();
    let now = world.env.now;
    let ok = |result: EngineResult<()>| result.unwrap_or_else(|error| panic!("{what}: {} {error}", error.code));
    ok(queries::shop(store).map(drop));
    ok(queries::counts(store).map(drop));
    ok(queries::operators(store, now).map(drop));
    ok(queries::roles(store).map(drop));
    ok(queries::findings(store).map(drop));
    ok(queries::of_newer_programs(store).map(drop));
    ok(queries::open_payments(store).map(drop));
    ok(queries::stock_list(store, None, 100).map(drop));
    ok(queries::tax_choices(store, now).map(drop));
    ok(settings::list(store).map(drop));
    let categories = queries::categories(store);
    for category in categories.as_ref().unwrap().iter().map(|one| Some(one.id)).chain([None]) {
        ok(queries::tiles(store, category, 0, 100).map(drop));
        let filter = ProductFilter { category, include_inactive: true, ..ProductFilter::default() };
        let page = queries::products_page(store, &filter, 0, 100, now);
        for row in &page.as_ref().unwrap().rows {
            ok(queries::product_by_id(store, row.view.product.id).map(drop));
            ok(queries::level_of(store, row.view.product.id).map(drop));
            ok(queries::product_by_code(store, &row.view.product.sku).map(drop));
            ok(queries::search_products(store, &row.view.product.name, 10).map(drop));
        }
        ok(page.map(drop));
    }
    ok(queries::search_products(store, "c", 10).map(drop));
    let found = ProductFilter { text: "c".to_owned(), ..ProductFilter::default() };
    ok(queries::products_page(store, &found, 0, 100, now).map(drop));
    let sales = queries::sales(store, &SalesFilter::default()).unwrap().sales;
    for sale in &sales {
        match queries::sale_by_id(store, sale.id) {
            Err(error) if error.is(Code::NeedsUpdate) => {}
            other => ok(other.map(drop)),
        }
        let day = sale.time.local(sale.utc_offset_s).date;
        ok(queries::day_summary(store, day).map(drop));
    }
    for text in ["", "Mia", "swap", "R1"] {
        ok(queries::sales_search(store, &SalesSearch::of(text, 10)).map(drop));
    }
    let today = crate::local_time::local(world.engine.core.zone, now).date;
    let mut products = Vec::new();
    ok(export::export_products(store, &mut products, today).map(drop));
    ok(export::export_sales(store, Vec::new(), Span::default()).map(drop));
    ok(export::export_journal(store, Vec::new(), Default::default()).map(drop));
    ok(export::export_stock(store, Vec::new()).map(drop));
    let understood = queries::shop(store).unwrap().must_be_known().is_ok();
    let planned = Planner::open(store, products.as_slice(), today, || Uuid::from_u128(1)).and_then(Planner::dry_run);
    match planned {
        Ok(report) => assert_eq!((report.added, report.updated), (0, 0), "{what}: {report:?}"),
        Err(error) => assert!(error.is(Code::NeedsUpdate) && !understood, "{what}: {error}"),
    }
    let report = crate::check::check_store(store, &mut |_, _| true).unwrap();
    assert!(report.ok(), "{what}: {:?}", report.problems);
    world.sign_in("Mia", PIN).unwrap();
    world.sell(&["1"], &[("cash", 0)]).map(drop)
}

/// What is said of a sale of coffee, after something of a newer program came into a table.
fn judge(sold: EngineResult<()>, table: &str, column: &str, value: &Value) {
    let Value::Text(value) = value else { return };
    let what = format!("{table}.{column}");
    match (table, column) {
        // How it is to be priced and taxed nobody knows here: refused, and the value is named.
        ("shop", "country" | "currency" | "timezone" | "price_mode") | ("product", "unit" | "tax_code") => {
            let error = sold.unwrap_err();
            assert!(error.is(Code::NeedsUpdate) && error.message.contains(value), "{what}: {error}");
        }
        // The rate of coffee may be the one that has another code now.
        ("tax_rate", _) => drop(sold),
        _ => sold.unwrap_or_else(|error| panic!("{what}: {error}")),
    }
}

/// The row of a table in which the value of a newer program is put.
fn place(world: &World, table: &str, column: &str, value: &Value) -> Value {
    let edited = crate::edits::EditedTable::find(table).unwrap();
    match table {
        _ if edited.key == column => value.clone(),
        "role" => "shift".into(),
        "setting" => "rounding.all_tenders".into(),
        "operator" => {
            let tom = rows::people::operator_named(world.store.as_ref(), "Tom").unwrap().unwrap();
            tom.operator.id.uuid().into()
        }
        "product" => {
            let coffee = queries::product_by_code(world.store.as_ref(), "1").unwrap().unwrap();
            coffee.id.uuid().into()
        }
        _ => {
            let batch = world.store.inner_scan(table);
            batch.value(0, batch.column(edited.key).unwrap())
        }
    }
}

/// One value of a newer program after another in the rows that people edit.
#[test]
fn values_of_newer_programs_in_edited_rows() {
    for (table, column, value) in of_tomorrow() {
        if crate::edits::EditedTable::find(table).is_none() {
            continue;
        }
        let what = format!("{table}.{column}");
        let mut world = busy();
        let key = place(&world, table, column, &value);
        let fields = if key == value { Vec::new() } else { vec![(column, value.clone())] };
        let told = world.edit_elsewhere(table, key.clone(), &fields);
        assert_eq!((told.edited, told.findings.len()), (1, 0), "{what}: {:?}", told.findings);
        judge(ask_everything(&mut world, &what), table, column, &value);
        assert_eq!(world.stored(table, key.clone(), column), value, "{what}");
        write_again(&mut world, table, &key);
        assert_eq!(world.stored(table, key.clone(), column), value, "{what}: after it was written again");
        let mut world = world.reopen("t1");
        judge(ask_everything(&mut world, &format!("{what}, opened again")), table, column, &value);
        assert_eq!(world.stored(table, key, column), value, "{what}");
    }
}

/// Changes something else of the row.
fn write_again(world: &mut World, table: &str, key: &Value) {
    world.env.now.0 += 3_000_000;
    let command = match table {
        "shop" => {
            let (key, value) = ("shop.phone".to_owned(), "+32 2 000 00 00".to_owned());
            Command::Settings(SettingsCommand::Set { key, value })
        }
        "role" => {
            let code = key.as_text().unwrap().to_owned();
            Command::People(PeopleCommand::SaveRole(RoleChange {
                code,
                name: Some("Late".to_owned()),
                ..RoleChange::default()
            }))
        }
        "operator" => Command::People(PeopleCommand::ResetPin { name: "Tom".to_owned(), pin: "3690".to_owned() }),
        "product" => Command::SaveProduct(Box::new(renamed_coffee(world))),
        _ => return,
    };
    if let Err(error) = world.run(command) {
        // Its price can't be saved while nobody knows what money it is.
        assert!(error.is(Code::NeedsUpdate), "{table}: {error}");
    }
}

fn renamed_coffee(world: &World) -> ProductDraft {
    let coffee = queries::product_by_code(world.store.as_ref(), "1").unwrap().unwrap();
    ProductDraft {
        id: Some(coffee.id),
        sku: coffee.sku,
        name: "Moka".to_owned(),
        price: eur(777),
        tax_code: coffee.tax_code.as_str().to_owned(),
        unit: coffee.unit,
        category: CategoryChoice::None,
        barcodes: coffee.barcodes.iter().map(|code| code.canonical().to_owned()).collect(),
        food: coffee.food,
        active: coffee.active,
        stock: None,
    }
}

/// The journal and the facts of a life of a newer program: entries of unknown versions and kinds, and everything that they
/// made, with values that this program does not know.
struct Life {
    incarnation: IncarnationId,
    last: Option<(u64, aurapos_domain::journal::Hash)>,
}

impl Life {
    fn append(&mut self, world: &mut World, kind: EntryKind, time: Timestamp, body: Vec<u8>) -> Applied {
        let register = RegisterId::new(NEWER);
        let entry = JournalEntry::next(register, self.incarnation, self.last, kind, time, body).unwrap();
        self.last = Some((entry.seq, entry.hash));
        world.fact_elsewhere(
            "journal",
            &[
                ("register", NEWER.into()),
                ("incarnation", self.incarnation.uuid().into()),
                ("seq", rows::count(entry.seq)),
                ("kind", i64::from(entry.kind.0).into()),
                ("time", Value::Time(time.0)),
                ("previous", entry.previous.0.to_vec().into()),
                ("hash", entry.hash.0.to_vec().into()),
                ("body", entry.body.into()),
            ],
        )
    }

    fn seq(&self) -> Value {
        rows::count(self.last.unwrap().0)
    }
}

/// Brings the life in. Every value of [`COLUMNS`] in a table of facts is in one of its rows.
fn newer_life(world: &mut World) -> Vec<(&'static str, &'static str, Value)> {
    let future = of_tomorrow();
    let id = Uuid::from_u128(0x0193_ffff);
    let mut life = Life { incarnation: IncarnationId::new(id), last: None };
    let (time, body) = (Timestamp(world.env.now.0), vec![200, 1, 2, 3]);
    let coffee = queries::product_by_code(world.store.as_ref(), "1").unwrap().unwrap().id.uuid();
    let mut applied = vec![life.append(world, EntryKind::INCARNATION_OPENED, time, body.clone())];
    let mut put = |world: &mut World, table: &'static str, more: &[(&'static str, Value)]| {
        let mut fields: Vec<(&str, Value)> = more.to_vec();
        let own = future.iter().filter(|(of, column, _)| *of == table && !more.iter().any(|(one, _)| one == column));
        fields.extend(own.map(|(_, column, value)| (*column, value.clone())));
        applied.push(world.fact_elsewhere(table, &fields));
    };
    let hash = ("previous_hash", Value::Bytes(vec![0; 32]));
    put(world, "incarnation", &[("id", id.into()), ("register", NEWER.into()), hash]);
    let sold = life.append(world, EntryKind::SALE, time, body.clone());
    let sale = ("sale", Value::from(Uuid::from_u128(0x5a1e)));
    let place = [("incarnation", Value::from(id)), ("seq", life.seq())];
    let of_sale = [("id", sale.1.clone()), ("register", NEWER.into()), ("time", Value::Time(time.0))];
    put(world, "sale", &[&place[..], &of_sale].concat());
    put(world, "sale_line", &[sale.clone(), ("product", coffee.into())]);
    put(world, "refund_line", std::slice::from_ref(&sale));
    put(world, "sale_tender", std::slice::from_ref(&sale));
    put(world, "sale_vat", &[sale]);
    put(world, "stock_move", &[&place[..], &[("product", coffee.into()), ("quantity", Value::Int(-2_000))]].concat());
    let lent = life.append(world, EntryKind(60_000), time, body);
    put(world, "drawer_move", &[("incarnation", id.into()), ("seq", life.seq())]);
    applied.extend([sold, lent]);
    for told in &applied {
        assert_eq!((told.facts, told.findings.len()), (1, 0), "{told:?}");
    }
    future.into_iter().filter(|(table, ..)| crate::edits::EditedTable::find(table).is_none()).collect()
}

#[test]
fn the_journal_and_the_sales_of_a_newer_register() {
    let mut world = busy();
    let before = world.sum("stock_level", "quantity");
    let expected = newer_life(&mut world);
    for (table, column, value) in &expected {
        let batch = world.store.inner_scan(table);
        let at = batch.column(column).unwrap();
        assert!((0..batch.len()).any(|row| batch.value(row, at) == *value), "{table}.{column} is not in the test");
    }
    assert_eq!(world.sum("stock_level", "quantity"), before - 2_000, "what left, left");
    ask_everything(&mut world, "a newer life").unwrap();
    let report = crate::check::check_store(world.store.as_ref(), &mut |_, _| true).unwrap();
    assert_eq!(report.received, 3, "an opened life, a sale and a kind of tomorrow");
    assert!(report.summary().ends_with("3 entries of a newer program counted only"), "{}", report.summary());
    // Nobody reads the sale here, and it is not given back here either.
    let receipt_no = world.texts("sale", "receipt_no").into_iter().find(|number| number == "x").unwrap();
    assert!(queries::sale_by_receipt(world.store.as_ref(), "R9-1-000001").unwrap_err().is(Code::NoSuchSale));
    let back = RefundRequest { receipt_no, tenders: pay(&[("cash", 0)]), ..RefundRequest::default() };
    let refused = world.run(Command::Refund(back)).unwrap_err();
    assert!(refused.is(Code::NeedsUpdate), "{refused}");
    let mut world = world.reopen("t1");
    ask_everything(&mut world, "a newer life, opened again").unwrap();
}

/// Received rows are counted: one that is too many or too few is found all the same.
#[test]
fn what_a_newer_register_made_is_counted() {
    for table in ["sale_line", "sale_tender", "sale_vat", "refund_line", "stock_move", "drawer_move"] {
        let mut world = busy();
        newer_life(&mut world);
        let key = ("number", Value::Int(2));
        let stray = match table {
            "stock_move" | "drawer_move" => world.fact_elsewhere(
                table,
                &[("incarnation", Uuid::from_u128(0x0193_ffff).into()), ("seq", Value::Int(9)), key],
            ),
            _ => world.fact_elsewhere(table, &[("sale", Uuid::from_u128(0xbad).into())]),
        };
        assert_eq!(stray.facts, 1, "{table}");
        let report = crate::check::check_store(world.store.as_ref(), &mut |_, _| true).unwrap();
        assert!(report.problems.iter().any(|problem| problem.message.starts_with(table)), "{table}: {report:?}");
    }
}

/// What this register wrote itself, a program must be able to read: an older one was started over its data.
#[test]
fn an_own_entry_of_a_newer_program_is_a_problem() {
    let mut world = busy();
    let core = &mut world.engine.core;
    let mut draft = core.draft(&mut world.env).unwrap();
    core.append(&mut draft, EntryKind::SALE, vec![200, 1]).unwrap();
    core.commit(draft).unwrap();
    let report = crate::check::check_store(world.store.as_ref(), &mut |_, _| true).unwrap();
    assert!(report.problems.iter().any(|problem| problem.message.contains("version 200")), "{:?}", report.problems);
    assert_eq!(report.received, 0);
}

/// A row that can't be read at all breaks nothing: it is left out with everything of its transaction, and told.
#[test]
fn rows_that_cannot_be_read_are_left_out_and_told() {
    let mut world = busy();
    let long = "x".repeat(40);
    for (table, fields) in [
        ("product", vec![("unit", Value::from(long.as_str()))]),
        ("category", vec![("position", Value::Int(i64::MAX))]),
        ("tax_rate", vec![("valid_from", Value::Int(i64::MAX))]),
    ] {
        let key = Value::from(Uuid::from_u128(77));
        let told = world.edit_elsewhere(table, key, &fields);
        assert_eq!((told.edited, told.findings.len()), (0, 1), "{table}: {told:?}");
    }
    for (table, fields) in [
        ("journal", vec![("kind", Value::Int(70_000))]),
        ("incarnation", vec![("previous_hash", Value::Bytes(vec![1]))]),
        ("sale", vec![("utc_offset", Value::Int(i64::MAX))]),
    ] {
        let told = world.fact_elsewhere(table, &fields);
        assert_eq!((told.facts, told.findings.len()), (0, 1), "{table}: {told:?}");
    }
    let sale = ("sale", Value::from(Uuid::from_u128(0x5a1e)));
    let odd = [("id", sale.1.clone()), ("utc_offset", Value::Int(i64::MAX))];
    let told = world.facts_elsewhere(&[("sale_line", &[sale]), ("sale", &odd)]);
    assert_eq!((told.facts, told.left_out, told.findings.len()), (0, 2, 1), "with its whole transaction: {told:?}");
    ask_everything(&mut world, "rows that were left out").unwrap();
}

/// Our own file says of a product what is there, and another that it is sold by the piece: neither takes its unit away.
#[test]
fn an_import_leaves_a_unit_of_a_newer_program() {
    let mut world = busy();
    let key = place(&world, "product", "unit", &"litre".into());
    world.edit_elsewhere("product", key.clone(), &[("unit", "litre".into())]);
    for (cell, rejected) in [("litre", 0), ("piece", 0), ("", 0), ("hectare", 1)] {
        let csv = format!("sku,name,price,vat,unit\n1,Moka {cell},2.49,21,{cell}\n");
        let today = crate::local_time::local(world.engine.core.zone, world.env.now).date;
        let mut ids = 0x77_0000_u128;
        let new_id = || {
            ids += 1;
            Uuid::from_u128(ids << 64 | u128::from(rejected as u8) | (cell.len() as u128) << 8)
        };
        let mut planner = Planner::open(world.store.as_ref(), csv.as_bytes(), today, new_id).unwrap();
        let slice = planner.next_slice().unwrap();
        assert_eq!(planner.report().rejected_count, rejected, "{cell}: {:?}", planner.report().rejected);
        drop(planner);
        if let Some(slice) = slice {
            world.run(Command::ImportSlice(Box::new(slice))).unwrap();
        }
        assert_eq!(world.stored("product", key.clone(), "unit"), Value::from("litre"), "{cell}");
    }
    for items in ["1", "1*2", "1*0.5"] {
        assert!(world.sell(&[items], &[("cash", 0)]).unwrap_err().is(Code::NeedsUpdate), "{items}");
    }
    let mut draft = renamed_coffee(&world);
    draft.unit = Unit::stored("hectare").unwrap();
    assert!(
        world.run(Command::SaveProduct(Box::new(draft))).unwrap_err().is(Code::NeedsUpdate),
        "nobody chooses it here"
    );
    // A person who knows better may still say that it is sold by the piece.
    let draft = ProductDraft { unit: Unit::Piece, ..renamed_coffee(&world) };
    world.run(Command::SaveProduct(Box::new(draft))).unwrap();
    world.sell(&["1"], &[("cash", 0)]).unwrap();
}
