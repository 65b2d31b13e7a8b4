//! Every batch comes back; every lie is named.

use super::*;
use proptest::prelude::*;

fn sample() -> RowBatch {
    let mut batch = RowBatch::with_columns([
        ("id", ColumnType::Uuid),
        ("name", ColumnType::Text),
        ("price", ColumnType::Int),
        ("food", ColumnType::Bool),
        ("image", ColumnType::Bytes),
        ("at", ColumnType::Time),
    ]);
    for row in 0..11i64 {
        let name = if row % 3 == 0 { Value::Null } else { Value::from("crème brûlée") };
        batch
            .push(&[
                Value::Uuid(Uuid::from_u128(row as u128)),
                name,
                Value::Int(row * -7),
                Value::Bool(row % 2 == 0),
                Value::Bytes(vec![row as u8; row as usize]),
                Value::Time(row),
            ])
            .unwrap();
    }
    batch.set_next(vec![Value::Int(5), Value::Uuid(Uuid::from_u128(9))]);
    batch
}

#[test]
fn comes_back_whole() {
    let batch = sample();
    let back = RowBatch::from_bytes(&batch.to_bytes()).unwrap();
    assert_eq!(back.len(), 11);
    assert_eq!(back.next(), batch.next());
    for row in 0..11 {
        assert_eq!(back.row(row), batch.row(row));
    }
    assert_eq!(back.text(1, 1), Some("crème brûlée"));
    assert_eq!(back.text(0, 1), None);
    assert_eq!(back.int(10, 2), Some(-70));
}

/// The bytes are the contract: plugins that were built long ago write and read them.
#[test]
fn has_these_bytes_for_ever() {
    let mut batch = RowBatch::with_columns([("n", ColumnType::Int), ("t", ColumnType::Text), ("b", ColumnType::Bool)]);
    batch.push(&[Value::Int(-2), Value::from("ab"), Value::Bool(true)]).unwrap();
    batch.push(&[Value::Null, Value::Null, Value::Bool(false)]).unwrap();
    batch.set_next(vec![Value::Int(7)]);
    let parts: [&[u8]; 11] = [
        &[1, 3, 0, 2, 0, 0, 0], // version, columns, rows
        &[1, 1, b'n', 1, 0b10], // type, name, nulls
        &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0; 8],
        &[3, 1, b't', 1, 0b10],
        &[0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0],
        b"ab",
        &[2, 1, b'b', 0],
        &[1, 0],
        &[0xa1, 1, 0x81], // where the rows go on
        &[0x82, 1, 7],
    ];
    assert_eq!(batch.to_bytes(), parts.concat());
}

#[test]
fn refuses_rows_that_do_not_fit() {
    let mut batch = RowBatch::with_columns([("a", ColumnType::Int)]);
    assert!(batch.push(&[]).is_err());
    assert!(batch.push(&[Value::from("x")]).is_err());
    batch.column_mut(0).unwrap().text("x");
    assert!(batch.end_row().is_err());
}

#[test]
fn every_cut_and_every_flip_is_answered() {
    let good = sample().to_bytes();
    for cut in 0..good.len() {
        assert!(RowBatch::from_bytes(&good[..cut]).is_err(), "cut at {cut}");
    }
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            if let Ok(batch) = RowBatch::from_bytes(&bad) {
                // Whatever was accepted must be readable cell by cell.
                for row in 0..batch.len() {
                    let _ = batch.row(row);
                }
            }
        }
    }
}

#[test]
fn names_each_lie() {
    let mut batch = RowBatch::with_columns([("t", ColumnType::Text)]);
    batch.push(&[Value::from("é")]).unwrap();
    let good = batch.to_bytes();
    // version 1, columns 2, rows 4, type 1, name length 1, name 1, nulls 1, offsets 8, buffer 2
    let check = |at: usize, byte: u8, expected: BatchError| {
        let mut bad = good.clone();
        bad[at] = byte;
        assert_eq!(RowBatch::from_bytes(&bad).unwrap_err(), expected, "byte {at}");
    };
    check(0, 2, BatchError::Version(2));
    check(7, 99, BatchError::UnknownType { column: "t".into(), kind: 99 });
    check(10, 7, BatchError::Range("t".into()));
    check(11, 1, BatchError::BadOffset { column: "t".into(), row: 0 });
    check(15, 200, BatchError::BadOffset { column: "t".into(), row: 1 });
    check(19, 0xff, BatchError::Utf8("t".into()));
}

proptest! {
    #[test]
    fn any_bytes_are_answered_without_panic(bytes: Vec<u8>) {
        let _ = RowBatch::from_bytes(&bytes);
    }
}
