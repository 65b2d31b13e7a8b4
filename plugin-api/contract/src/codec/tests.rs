//! The growth rules, one by one, and bytes that nobody should have sent.

use super::*;
use crate::transaction::Transaction;
use crate::value::Value;
use proptest::prelude::*;

wire_enum! {
    /// What an old side knows.
    pub enum OldCode or Internal {
        /// Fallback.
        0 => Internal,
        /// Known to both.
        1 => Busy,
    }
}
wire_enum! {
    /// What a newer side knows.
    pub enum NewCode or Internal {
        /// Fallback.
        0 => Internal,
        /// Known to both.
        1 => Busy,
        /// New; older sides should take it for `Busy`.
        2 since 7 as Busy => Crowded,
        /// New, and nothing that older sides know comes near.
        3 => Haunted,
    }
}
wire_enum! {
    /// What must be understood.
    pub strict enum Deed {
        /// Known.
        1 => Insert,
        /// Known.
        4 => Delete,
    }
}
wire_struct! {
    /// What an old side knows.
    pub struct Old {
        /// A.
        1 => a: i64,
        /// B.
        2 => b: Vec<String>,
    }
}
wire_struct! {
    /// What a newer side knows.
    pub struct New {
        /// A.
        1 => a: i64,
        /// B.
        2 => b: Vec<String>,
        /// C.
        3 => c: Option<u32>,
        /// Something nested, to be skipped whole.
        4 => d: Vec<Old>,
    }
}
wire_struct! {
    /// Before.
    pub strict struct Order1, version 1 {
        /// A.
        1 => a: i64,
    }
}
wire_struct! {
    /// After: a field that must not be skipped, and one that may.
    pub strict struct Order3, version 3 {
        /// A.
        1 => a: i64,
        /// Must be heeded.
        2 since 3 => only_if: bool,
        /// May be overlooked.
        3 => note: String,
    }
}

#[test]
fn sides_grow_apart_without_misunderstanding() {
    let old = Old { a: -5, b: vec!["x".into(), String::new()] };
    let new: New = decode(&encode(&old)).unwrap();
    assert_eq!(new, New { a: -5, b: old.b.clone(), ..New::default() });
    assert_eq!(encode(&new), encode(&old), "what is new and unused leaves no trace");
    let used = New { c: Some(7), d: vec![old.clone(), Old::default()], ..new };
    assert_eq!(decode::<Old>(&encode(&used)).unwrap(), old, "what is not known is skipped");
}

#[test]
fn variants_that_are_not_known_have_a_fallback() {
    let seen = |code: NewCode, minor| decode::<OldCode>(&encode_for(&code, ApiVersion { major: 1, minor })).unwrap();
    assert_eq!(seen(NewCode::Busy, 0), OldCode::Busy);
    assert_eq!(seen(NewCode::Haunted, 0), OldCode::Internal);
    assert_eq!(seen(NewCode::Crowded, 6), OldCode::Busy, "the writer knows its peer");
    assert_eq!(seen(NewCode::Crowded, 7), OldCode::Internal, "and trusts one that says it knows");
}

#[test]
fn what_must_not_be_skipped_is_refused_whole() {
    let unused = Order3 { a: 1, only_if: false, note: "n".into() };
    assert_eq!(decode::<Order1>(&encode(&unused)), Ok(Order1 { a: 1 }));
    let used = Order3 { only_if: true, ..unused };
    let refused = CodecError::Newer { of: "Order1", version: 3, known: 1 };
    assert_eq!(decode::<Order1>(&encode(&used)), Err(refused));
    assert_eq!(decode::<Order3>(&encode(&used)), Ok(used));
    let strange = encode(&9u64);
    assert_eq!(decode::<Deed>(&strange), Err(CodecError::Newer { of: "Deed", version: 9, known: 4 }));
    assert_eq!(decode::<Deed>(&encode(&4u64)), Ok(Deed::Delete));
}

/// Encoded by hand: the bytes are the contract, and the content of a transaction's hash.
#[test]
fn values_have_these_bytes_for_ever() {
    let check = |value: Value, bytes: &[u8]| {
        assert_eq!(encode(&value), bytes, "{value:?}");
        assert_eq!(decode::<Value>(bytes), Ok(value));
    };
    check(Value::Null, &[0xf6]);
    check(Value::Int(-1), &[0x82, 1, 0x20]);
    check(Value::Bool(true), &[0x82, 2, 0xf5]);
    check(Value::from("é"), &[0x82, 3, 0x62, 0xc3, 0xa9]);
    check(Value::Bytes(vec![7]), &[0x82, 4, 0x41, 7]);
    let id = [&[0x82, 5, 0x50][..], &[0; 15], &[9]].concat();
    check(Value::Uuid(uuid::Uuid::from_u128(9)), &id);
    check(Value::Time(300), &[0x82, 6, 0x19, 1, 44]);
}

#[test]
fn refuses_what_it_cannot_mean() {
    let good = encode(&Old { a: 1, b: vec!["ab".into()] });
    for cut in 0..good.len() {
        assert!(decode::<Old>(&good[..cut]).is_err(), "cut at {cut}");
    }
    let mut long = good;
    long.push(0);
    assert_eq!(decode::<Old>(&long), Err(CodecError::Trailing(1)));
    assert_eq!(decode::<Old>(&[0xa2, 1, 2, 1, 2]), Err(CodecError::Twice { of: "Old", field: 1 }));
    for (bytes, what) in [
        (&[0x61, 0xff][..], "not UTF-8"),
        (&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "a list of 2^64 - 1 items"),
        (&[0x61, 0x41, 0x41], "trailing"),
        (&[0xf9, 0x3c, 0x00], "a float"),
    ] {
        assert!(decode::<String>(bytes).is_err() && decode::<Vec<String>>(bytes).is_err(), "{what}");
    }
    assert!(matches!(decode::<u32>(&encode(&u64::MAX)), Err(CodecError::Malformed { .. })));
    let error = decode::<Old>(&[0xa1, 2, 0x81, 5]).unwrap_err();
    assert!(error.to_string().contains("Old.b"), "{error}");
}

#[test]
fn other_languages_may_write_in_another_order_and_without_lengths() {
    // {2: ["x"], 1: -5} with an open map and an open list.
    let bytes = [0xbf, 2, 0x9f, 0x61, b'x', 0xff, 1, 0x24, 0xff];
    assert_eq!(decode::<Old>(&bytes), Ok(Old { a: -5, b: vec!["x".into()] }));
}

#[test]
fn a_few_bytes_an_item_do_not_become_gigabytes() {
    // The largest message there is, as one list of empty transactions: a byte each on the wire, a hundred in memory.
    let count = MESSAGE_BYTES_MAX - 5;
    let mut bomb = vec![0xa0; count + 5];
    bomb[0] = 0x9a;
    bomb[1..5].copy_from_slice(&(count as u32).to_be_bytes());
    assert_eq!(decode::<Vec<Transaction>>(&bomb), Err(CodecError::TooMany));
    // Nested: many short lists of lists share one account.
    let inner = 1_000_000u32;
    let mut nested = vec![0x9a];
    nested.extend_from_slice(&inner.to_be_bytes());
    nested.extend(std::iter::repeat_n([0x84, 0x80, 0x80, 0x80, 0x80], inner as usize).flatten());
    assert_eq!(decode::<Vec<Vec<Vec<Old>>>>(&nested), Err(CodecError::TooMany));
    assert_eq!(decode::<Old>(&vec![0; MESSAGE_BYTES_MAX + 1]), Err(CodecError::TooLarge(MESSAGE_BYTES_MAX + 1)));
}

proptest! {
    #[test]
    fn every_value_comes_back(a: i64, b: Vec<String>, c: Option<u32>) {
        let value = New { a, b, c, d: Vec::new() };
        prop_assert_eq!(decode::<New>(&encode(&value)).unwrap(), value);
    }

    #[test]
    fn any_bytes_are_answered_without_panic(bytes: Vec<u8>) {
        let _ = decode::<New>(&bytes);
        let _ = decode::<Order3>(&bytes);
    }
}
