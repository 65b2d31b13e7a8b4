//! Every value there and back, and every damage refused.
#![allow(clippy::unwrap_used)]

use super::*;

fn sample() -> Vec<u8> {
    let mut w = Writer::new(2);
    w.u8(1).bool(true).u16(2).u32(3).i32(-4).u64(5).i64(-6).uuid(Uuid::from_bytes([7; 16])).text("é€").bytes(b"\0\xff");
    w.option(Some("x"), |w, text| {
        w.text(text);
    });
    w.option(None::<u8>, |w, byte| {
        w.u8(byte);
    });
    w.list(&[1_u16, 2], |w, item| {
        w.u16(*item);
    });
    w.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<(), BodyError> {
    let mut r = Reader::new(bytes, 2)?;
    assert_eq!(r.version(), 2);
    let numbers = (r.u8()?, r.bool()?, r.u16()?, r.u32()?, r.i32()?, r.u64()?, r.i64()?);
    assert_eq!(numbers, (1, true, 2, 3, -4, 5, -6));
    assert_eq!(r.uuid()?, Uuid::from_bytes([7; 16]));
    assert_eq!((r.text()?.as_str(), r.bytes()?), ("é€", &b"\0\xff"[..]));
    assert_eq!(r.option(Reader::text)?.as_deref(), Some("x"));
    assert_eq!(r.option(Reader::u8)?, None);
    assert_eq!(r.list(Reader::u16)?, [1, 2]);
    r.finish()
}

#[test]
fn every_value_there_and_back() {
    assert_eq!(read(&sample()), Ok(()));
}

#[test]
fn every_cut_and_every_extra_byte_is_refused() {
    let bytes = sample();
    for end in 1..bytes.len() {
        assert!(matches!(read(&bytes[..end]), Err(BodyError::CutOff { .. })), "cut at {end}");
    }
    let longer = [bytes.as_slice(), b"!"].concat();
    assert_eq!(read(&longer), Err(BodyError::TrailingBytes { count: 1 }));
    assert_eq!(read(&[]), Err(BodyError::CutOff { at: 0 }));
}

#[test]
fn what_cannot_be_is_refused() {
    assert_eq!(Reader::new(&[3], 2).err(), Some(BodyError::UnknownVersion { found: 3, known: 2 }));
    assert_eq!(Reader::new(&[0], 2).err(), Some(BodyError::UnknownVersion { found: 0, known: 2 }));
    let mut yes = Reader::new(&[1, 2], 1).unwrap();
    assert_eq!(yes.bool(), Err(BodyError::BadValue { what: "a yes or no" }));
    let mut text = Reader::new(&[1, 0, 0, 0, 1, 0xff], 1).unwrap();
    assert_eq!(text.text(), Err(BodyError::NotUtf8 { at: 1 }));
    let mut huge = Reader::new(&[1, 0xff, 0xff, 0xff, 0xff], 1).unwrap();
    assert!(matches!(huge.bytes(), Err(BodyError::TooLong { .. })));
    let mut list = Reader::new(&[1, 0xff, 0xff, 0xff, 0xff, 7], 1).unwrap();
    assert_eq!(list.list(Reader::u8), Err(BodyError::CutOff { at: 6 }), "no gigabytes for a damaged count");
}

#[test]
fn limits_are_kept_when_writing() {
    let mut long_text = Writer::new(1);
    long_text.text(&"x".repeat(TEXT_BYTES_MAX + 1)).u8(1);
    let limit = TEXT_BYTES_MAX;
    assert_eq!(long_text.finish(), Err(BodyError::TooLong { what: "a text", bytes: limit + 1, limit }));
    let mut long_body = Writer::new(1);
    for _ in 0..17 {
        long_body.text(&"x".repeat(TEXT_BYTES_MAX));
    }
    assert!(matches!(long_body.finish(), Err(BodyError::TooLong { what: "the body", .. })));
}
