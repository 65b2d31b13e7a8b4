//! A chain that is walked, and one that was tampered with. The golden vectors are in `tests/golden.rs`.
#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::BTreeSet;

const REGISTER: RegisterId = RegisterId::from_bytes([1; 16]);
const INCARNATION: IncarnationId = IncarnationId::from_bytes([2; 16]);

fn chain(length: u64) -> Vec<JournalEntry> {
    let mut entries: Vec<JournalEntry> = Vec::new();
    for number in 1..=length {
        let head = entries.last().map(|entry| (entry.seq, entry.hash));
        let (time, body) = (Timestamp(number as i64), vec![number as u8; 3]);
        entries.push(JournalEntry::next(REGISTER, INCARNATION, head, EntryKind::SALE, time, body).unwrap());
    }
    entries
}

fn walk(entries: &[JournalEntry], head: (u64, Hash)) -> (u64, Option<ChainFault>) {
    let mut check = ChainCheck::new(REGISTER, INCARNATION);
    for entry in entries {
        let told = check.feed(entry);
        assert!(told.is_ok() || check.first_bad().is_some(), "what is told is also kept");
    }
    let _ = check.finish(head.0, head.1);
    (check.entries(), check.first_bad().cloned())
}

#[test]
fn a_chain_is_walked() {
    let entries = chain(5);
    assert_eq!(entries[0].previous, Hash::ZERO);
    let head = (5, entries[4].hash);
    assert_eq!(walk(&entries, head), (5, None));
    assert_eq!(walk(&[], (0, Hash::ZERO)), (0, None));
    let mut later = ChainCheck::after(REGISTER, INCARNATION, 3, entries[2].hash);
    assert_eq!(entries[3..].iter().map(|entry| later.feed(entry)).collect::<Result<Vec<()>, _>>().unwrap().len(), 2);
    assert_eq!(later.last(), head);
}

#[test]
fn the_first_bad_entry_is_named() {
    fn check(edit: impl FnOnce(&mut Vec<JournalEntry>), expected: ChainFault) {
        let mut entries = chain(6);
        let head = (6, entries[5].hash);
        edit(&mut entries);
        let (_, fault) = walk(&entries, head);
        assert_eq!(fault, Some(expected));
    }
    check(|e| e[2].body[0] ^= 1, ChainFault::WrongHash { seq: 3 });
    check(|e| e[2].time.0 += 1, ChainFault::WrongHash { seq: 3 });
    check(|e| e[2].kind = EntryKind::REFUND, ChainFault::WrongHash { seq: 3 });
    check(|e| e[2].hash.0[31] ^= 1, ChainFault::WrongHash { seq: 3 });
    check(|e| e[2].previous.0[0] ^= 1, ChainFault::WrongPrevious { seq: 3 });
    check(|e| drop(e.remove(2)), ChainFault::Gap { expected: 3, found: 4 });
    check(|e| e.insert(2, e[1].clone()), ChainFault::Gap { expected: 3, found: 2 });
    check(|e| e[2].seq = u64::MAX, ChainFault::Gap { expected: 3, found: u64::MAX });
    check(|e| e.swap(2, 3), ChainFault::Gap { expected: 3, found: 4 });
    check(|e| e[2].register = RegisterId::from_bytes([9; 16]), ChainFault::Foreign { seq: 3 });
    check(|e| e[2].incarnation = IncarnationId::from_bytes([9; 16]), ChainFault::Foreign { seq: 3 });
    check(|e| e.truncate(4), ChainFault::TailMissing { expected: 6, found: 4 });
    let one_more = |e: &mut Vec<JournalEntry>| *e = chain(7);
    check(one_more, ChainFault::BeyondHead { expected: 6, found: 7 });
}

#[test]
fn an_entry_that_was_changed_and_hashed_again_breaks_the_next_one() {
    let mut entries = chain(4);
    let head = (4, entries[3].hash);
    entries[1].body.push(0);
    entries[1].hash = entries[1].computed_hash();
    assert_eq!(walk(&entries, head).1, Some(ChainFault::WrongPrevious { seq: 3 }));
    // Hashed again to the end: the head that was written down tells.
    for index in 2..4 {
        entries[index].previous = entries[index - 1].hash;
        entries[index].hash = entries[index].computed_hash();
    }
    assert_eq!(walk(&entries, head).1, Some(ChainFault::OtherHead { seq: 4 }));
    assert_eq!(walk(&entries, head).1.map(|fault| fault.seq()), Some(4));
}

#[test]
fn kinds_have_one_number_and_one_name() {
    let numbers: BTreeSet<u16> = EntryKind::ALL.iter().map(|kind| kind.0).collect();
    let names: BTreeSet<&str> = EntryKind::ALL.iter().filter_map(|kind| kind.name()).collect();
    assert_eq!((numbers.len(), names.len()), (EntryKind::ALL.len(), EntryKind::ALL.len()));
    assert_eq!(EntryKind(9999).to_string(), "kind 9999", "a newer program's kind is kept");
}

#[test]
fn hashes_as_text() {
    let hash = Hash::of(b"AuraPOS");
    assert_eq!(Hash::parse(&hash.to_string()), Some(hash));
    assert_eq!(hash.short().len(), 8);
    for text in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
        assert_eq!(Hash::parse(text), None, "{text}");
    }
}

#[test]
fn bodies_have_a_limit() {
    let too_long = vec![0; BODY_BYTES_MAX + 1];
    let next = JournalEntry::next(REGISTER, INCARNATION, None, EntryKind::SALE, Timestamp(0), too_long);
    assert_eq!(next.unwrap_err().to_string(), "a journal entry of 1048577 bytes is above the limit of 1048576");
}
