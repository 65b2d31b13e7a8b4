//! The forms that may never change once a shop has sold. The files were computed by `golden/journal.py`, which uses none
//! of our code: a difference here is a new version of the format, not a new golden file.
#![allow(clippy::unwrap_used)]

mod fixture;

use aurapos_domain::body::BodyError;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{IncarnationId, RegisterId};
use aurapos_domain::journal::{ChainCheck, EntryKind, Hash, JournalEntry};
use aurapos_domain::sale::{CommittedSale, decode, encode};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn sale_body() -> Vec<u8> {
    bytes(include_str!("golden/sale-v1.hex"))
}

#[test]
fn sales_have_the_golden_bytes() {
    fn check(sale: &CommittedSale, golden: &str) {
        let golden = bytes(golden);
        assert_eq!(encode(sale).unwrap(), golden);
        let read = decode(&golden).unwrap();
        assert_eq!(&read, sale);
        assert_eq!(read.check(), Ok(()));
    }
    check(&fixture::sale(), include_str!("golden/sale-v1.hex"));
    check(&fixture::refund(), include_str!("golden/refund-v1.hex"));
    check(&fixture::refund_of_part(), include_str!("golden/refund-v2.hex"));
}

#[test]
fn journal_entries_have_the_golden_hashes() {
    let (register, incarnation) = (RegisterId::from_bytes([0x22; 16]), IncarnationId::from_bytes([0x33; 16]));
    let mut bodies = [vec![], sale_body(), vec![1, 0, 255]].into_iter();
    let mut chain = ChainCheck::new(register, incarnation);
    let mut head = None;
    for line in include_str!("golden/journal-1.txt").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let (kind, time, body) = (fields[1].parse().unwrap(), fields[2].parse().unwrap(), bodies.next().unwrap());
        assert_eq!(Hash::of(&body).to_string(), fields[4]);
        let entry = JournalEntry::next(register, incarnation, head, EntryKind(kind), Timestamp(time), body).unwrap();
        assert_eq!((entry.seq.to_string().as_str(), entry.previous.to_string().as_str()), (fields[0], fields[3]));
        assert_eq!(entry.hash.to_string(), fields[5], "entry {}", entry.seq);
        assert_eq!(chain.feed(&entry), Ok(()));
        head = Some((entry.seq, entry.hash));
    }
    assert_eq!(chain.entries(), 3);
}

#[test]
fn every_damaged_sale_is_refused_or_does_not_pass_for_the_original() {
    let golden = sale_body();
    for end in 1..golden.len() {
        assert!(decode(&golden[..end]).is_err(), "cut at {end}");
    }
    let longer = [golden.as_slice(), &[0]].concat();
    assert_eq!(decode(&longer), Err(BodyError::TrailingBytes { count: 1 }));
    let newer = [&[3], &golden[1..]].concat();
    assert_eq!(decode(&newer), Err(BodyError::UnknownVersion { found: 3, known: 2 }));
    let nothing_left = [&[2], &golden[1..], &[0; 4]].concat();
    assert_eq!(decode(&nothing_left), Err(BodyError::BadValue { what: "the version" }), "one value has one form");
    let at = golden.windows(11).position(|window| window == b"R1-1-000042").unwrap();
    let mut short_counter = golden.clone();
    short_counter[at..at + 11].copy_from_slice(b"R11-1-00042");
    assert_eq!(decode(&short_counter), Err(BodyError::BadValue { what: "the receipt number" }));
    for place in 0..golden.len() {
        let mut flipped = golden.clone();
        flipped[place] ^= 0x10;
        // One value has one form: what can still be read is another sale and has other bytes.
        if let Ok(read) = decode(&flipped) {
            assert_eq!(encode(&read).unwrap(), flipped, "byte {place}");
        }
    }
}
