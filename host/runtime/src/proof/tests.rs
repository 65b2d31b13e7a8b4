#![allow(clippy::unwrap_used)]

use super::*;
use aurapos_domain::journal::Hash;

fn entry(seq: u64, deed: BackupDeed, name: &str, sha256: &str) -> BackupEntry {
    let note = BackupNote {
        deed,
        name: name.to_owned(),
        sha256: sha256.to_owned(),
        series: "weekly".to_owned(),
        made: Timestamp(i64::try_from(seq).unwrap()),
        reason: if deed == BackupDeed::Deleted { "its time was over".to_owned() } else { String::new() },
        ..BackupNote::default()
    };
    BackupEntry { time: note.made, life: "1".to_owned(), seq, hash: Hash::ZERO, note }
}

fn file(name: &str, sha256: &str, state: BackupState) -> BackupInfo {
    BackupInfo { name: name.to_owned(), sha256: sha256.to_owned(), state, time: 100, bytes: 1, ..BackupInfo::default() }
}

/// What the journal says beside what lies in the folder.
#[test]
fn every_backup_is_accounted_for() {
    use BackupDeed::{Deleted, Made, Restored};
    let history = vec![
        entry(1, Made, "there", "a"),
        entry(2, Made, "bad", "b"),
        entry(3, Made, "gone", "c"),
        entry(4, Made, "lost", "d"),
        entry(5, Made, "other", "e"),
        entry(6, Deleted, "gone", "c"),
        entry(7, Restored, "there", "a"),
    ];
    let list = vec![
        file("there", "a", BackupState::Verified),
        file("bad", "b", BackupState::Refused),
        file("other", "f", BackupState::Verified),
        file("stranger", "g", BackupState::Unchecked),
        BackupInfo { bytes: 0, ..file("lost", "d", BackupState::Refused) },
    ];
    let rows = brought_together(history, list);
    let told: Vec<(&str, bool, &Became)> =
        rows.iter().map(|row| (row.note.name.as_str(), row.entry.is_some(), &row.became)).collect();
    let deleted = Became::Deleted { when: Timestamp(6), reason: "its time was over".to_owned() };
    assert_eq!(
        told,
        [
            ("there", true, &Became::Is(BackupState::Verified)),
            ("bad", true, &Became::Is(BackupState::Refused)),
            ("gone", true, &deleted),
            ("lost", true, &Became::Missing),
            ("other", true, &Became::Changed),
            ("there", true, &Became::Restored),
            ("stranger", false, &Became::Is(BackupState::Unchecked)),
        ]
    );
}

#[test]
fn a_time_without_a_backup_is_told_and_explained() {
    let day = |day: i32| Date::from_days(20_000 + day);
    let days = |days: &[i32]| days.iter().map(|one| day(*one)).collect::<BTreeSet<Date>>();
    for (made, sold, today, expected) in [
        (&[][..], &[][..], 100, vec![]),
        (&[0, 8, 16], &[0, 5, 9], 20, vec![]),
        (&[0, 9], &[0], 10, vec![(0, 9, 0)]),
        (&[0, 9], &[0, 3, 4, 9], 10, vec![(0, 9, 2)]),
        // Until today.
        (&[0], &[30], 40, vec![(0, 40, 1)]),
        // It sold before the first one was made.
        (&[20], &[0, 1], 21, vec![(0, 20, 1)]),
        // What was before the period is not asked for.
        (&[], &[-40], 1, vec![]),
    ] {
        let found = gaps(&days(made), &days(sold), day(-30), day(today));
        let told: Vec<_> = found.iter().map(|gap| (gap.from, gap.to, gap.days_sold)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(from, to, sold)| (day(from), day(to), sold)).collect();
        assert_eq!(told, expected, "{made:?} {sold:?}");
    }
}
