//! Row batches with wrong offsets, lengths, types and texts: refused at the border, named, and the plugin shut out.

use super::*;
use aurapos_contract::query::{AggregateQuery, Query};
use aurapos_contract::schema::{Column, Schema, Table as Rows};
use aurapos_contract::{ColumnType, ErrorCode, RecordStore, RowBatch, Value};

/// Two rows: (7, "ab"), (8, "é").
fn good() -> RowBatch {
    let mut batch = RowBatch::with_columns([("id", ColumnType::Int), ("name", ColumnType::Text)]);
    batch.push(&[Value::Int(7), Value::from("ab")]).unwrap();
    batch.push(&[Value::Int(8), Value::from("é")]).unwrap();
    batch
}

fn schema() -> Schema {
    let column = |name: &str, kind| Column { name: name.into(), kind, ..Default::default() };
    let columns = vec![column("id", ColumnType::Int), column("name", ColumnType::Text)];
    let product = Rows { name: "product".into(), columns, key: vec!["id".into()], ..Default::default() };
    Schema { major: 1, tables: vec![product], ..Default::default() }
}

struct Stores {
    table: Table,
}

impl Stores {
    fn new() -> Stores {
        let table = Table::new();
        table.put(&misbehaving());
        Stores { table }
    }

    /// A start of the host over a store that answers these bytes to everything.
    fn answering(&self, rows: &[u8], ask: impl FnOnce(&PluginHost, &dyn RecordStore)) {
        let hex: String = rows.iter().map(|byte| format!("{byte:02x}")).collect();
        let host = self.table.place.host();
        let storage = host.storage(&self.table.place.instance("misbehaving", &[("rows", &hex)])).unwrap();
        let store = storage.open(&Settings::default()).unwrap();
        store.migrate(&schema()).unwrap();
        ask(&host, store.as_ref());
        drop((store, storage));
        host.enable("misbehaving").unwrap();
    }

    fn refused(&self, what: &str, rows: &[u8], words: &str) {
        self.answering(rows, |host, store| {
            let error = store.scan(&Query::over("product")).map(drop).expect_err(what);
            assert_eq!(error.code, ErrorCode::BadMessage, "{what}: {error}");
            assert!(error.message.contains(words), "{what}: {error}");
            let quarantine = host.quarantine();
            let known: Vec<_> = quarantine.iter().map(|one| (one.code.as_str(), one.call.as_str())).collect();
            assert_eq!(known, [("P-155", "scan")], "{what}");
            // Nothing new is written by it; what it holds can still be read.
            assert!(store.commit(&Default::default()).unwrap_err().message.contains("P-155"), "{what}");
            assert_eq!(store.info().unwrap().engine, "Misbehaving");
            goes_on(&self.table.place, host);
        });
    }
}

/// Where a pattern stands in the bytes.
fn at(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes.windows(pattern.len()).position(|part| part == pattern).expect("the pattern is there")
}

fn with(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = good().to_bytes();
    change(&mut bytes);
    bytes
}

#[test]
fn damaged_bytes() {
    let stores = Stores::new();
    stores.answering(&good().to_bytes(), |host, store| {
        let batch = store.scan(&Query::over("product")).unwrap();
        assert_eq!((batch.len(), batch.text(1, 1)), (2, Some("é")));
        assert!(host.quarantine().is_empty());
    });
    // Offsets 0, 2, 4 of the text column, little endian.
    let offsets = [0, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0];
    let offset = |index: usize, value: u32| {
        with(|bytes| {
            let place = at(bytes, &offsets) + index * 4;
            bytes[place..place + 4].copy_from_slice(&value.to_le_bytes());
        })
    };
    stores.refused("nothing", b"", "the version");
    stores.refused("another version", &with(|bytes| bytes[0] = 9), "version 9");
    stores.refused("cut", &with(|bytes| bytes.truncate(bytes.len() - 1)), "ends in the middle");
    stores.refused("cut in the text", &with(|bytes| bytes.truncate(bytes.len() - 3)), "offset of row 2");
    stores.refused("too long", &with(|bytes| bytes.extend(*b"more")), "4 bytes too many");
    stores.refused("more rows than there are", &with(|bytes| bytes[3] = 200), "ends in the middle");
    stores.refused("rows beyond every limit", &with(|bytes| bytes[3..7].fill(0xff)), "larger than allowed");
    stores.refused("columns beyond every limit", &with(|bytes| bytes[1..3].fill(0xff)), "larger than allowed");
    stores.refused("a type nobody knows", &with(|bytes| bytes[7] = 77), "unknown type 77");
    stores.refused("the first offset is not 0", &offset(0, 1), "offset of row 0");
    stores.refused("offsets fall", &offset(1, 9), "offset of row 1");
    let mut three = RowBatch::with_columns([("id", ColumnType::Int), ("name", ColumnType::Text)]);
    ["a", "b", "c"].iter().for_each(|name| three.push(&[Value::Int(1), Value::from(*name)]).unwrap());
    let mut three = three.to_bytes();
    let place = at(&three, &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
    three.swap(place, place + 4);
    stores.refused("offsets that fall and stay inside", &three, "offset of row 1");
    stores.refused("an offset outside the text", &offset(2, 1_000_000), "offset of row 2");
    stores.refused("an offset inside a character", &offset(1, 3), "offset of row 1");
    stores.refused("an offset at the end of numbers", &offset(2, u32::MAX), "offset of row 2");
    let utf8 = with(|bytes| {
        let place = at(bytes, "abé".as_bytes());
        bytes[place] = 0xff;
    });
    stores.refused("text that is not UTF-8", &utf8, "not UTF-8");
    stores.refused("a column's name that is not UTF-8", &with(|bytes| bytes[9] = 0xff), "not UTF-8");
    stores.refused("a null map of another kind", &with(|bytes| bytes[11] = 2), "out of range");
    let continuation = with(|bytes| *bytes.last_mut().unwrap() = 0xee);
    stores.refused("a continuation that is none", &continuation, "");
}

/// Sound bytes, and still not what was asked for.
#[test]
fn sound_bytes_that_answer_another_question() {
    let stores = Stores::new();
    let columns = |columns: &[(&str, ColumnType)]| RowBatch::with_columns(columns.iter().copied()).to_bytes();
    let (int, text) = (ColumnType::Int, ColumnType::Text);
    stores.refused("another type", &columns(&[("id", text), ("name", text)]), "id (Text)");
    stores.refused("another order", &columns(&[("name", text), ("id", int)]), "in the place of");
    stores.refused("a column less", &columns(&[("id", int)]), "name is missing");
    stores.refused("a column more", &columns(&[("id", int), ("name", text), ("pin", text)]), "not asked for");
    stores.refused("no columns", &columns(&[]), "id is missing");
    stores.answering(&good().to_bytes(), |host, store| {
        let error = store.scan(&Query::over("product").limit(1)).unwrap_err();
        assert!(error.message.contains("2 rows, asked for 1"), "{error}");
        assert_eq!(host.quarantine()[0].code, "P-155");
    });
    stores.answering(&good().to_bytes(), |host, store| {
        assert_eq!(store.search("product", "ab", 1).unwrap_err().code, ErrorCode::BadMessage);
        assert_eq!(host.quarantine()[0].call, "search");
    });
    stores.answering(&good().to_bytes(), |host, store| {
        let count = AggregateQuery { table: "product".into(), ..Default::default() };
        assert_eq!(store.aggregate(&count).unwrap_err().code, ErrorCode::BadMessage);
        assert_eq!(host.quarantine()[0].call, "aggregate");
        stores_go_on(&stores.table.place, host);
    });
}

/// Any byte may be anything: never a panic of the host's own, never a batch that breaks its promises.
#[test]
fn every_byte_changed_in_turn() {
    let whole = good().to_bytes();
    for place in 0..whole.len() {
        for value in [0x00, 0x01, 0x7f, 0x80, 0xff, whole[place].wrapping_add(1)] {
            let mut bytes = whole.clone();
            bytes[place] = value;
            let Ok(batch) = RowBatch::from_bytes(&bytes) else { continue };
            for row in 0..batch.len() {
                assert_eq!(batch.row(row).len(), batch.columns().count(), "byte {place} = {value}");
            }
        }
    }
}
