//! What the suite cannot order: half an entry, two programs, a look beside a writer.

use super::*;
use crate::conformance::storage::shop::{count, number, schema};
use crate::conformance::storage::{Place, StorageFixture, run};
use crate::host::TestHost;
use aurapos_contract::host::NoProgress;
use aurapos_contract::transaction::OperationKind::Upsert;

struct Fresh;

impl StorageFixture for Fresh {
    fn fresh(&self) -> Place {
        let host = TestHost::new();
        let provider = Arc::new(FileProvider::new(host.clone(), "store.data"));
        let settings = Settings::default();
        let (folder, data_file) = (host.folder().to_owned(), provider.path(&settings).ok());
        Place { provider, settings, folder, data_file, keep: Box::new(host) }
    }
}

#[test]
fn conforms() {
    let report = run(&Fresh);
    assert!(report.passed(), "{report}");
}

fn opened(place: &Place) -> Box<dyn RecordStore> {
    let store = place.provider.open(&place.settings).unwrap();
    store.migrate(&schema()).unwrap();
    store
}

#[test]
fn a_crash_in_the_middle_of_an_entry_loses_that_one_only() {
    let place = Fresh.fresh();
    let file = place.data_file.clone().unwrap();
    let store = opened(&place);
    count(store.as_ref(), 1, Upsert, &[("a", 1)]).unwrap();
    let before = fs::read(&file).unwrap();
    // Longer than what is written over it afterwards.
    count(store.as_ref(), 2, Upsert, &[("a", 2), (&"n".repeat(60), 2)]).unwrap();
    store.close().unwrap();
    let after = fs::read(&file).unwrap();
    for end in before.len()..after.len() {
        // As the disk is when the power goes while the second entry is written: the head is still the old one.
        let torn = [&before, &after[before.len()..end]].concat();
        fs::write(&file, &torn).unwrap();
        let store = opened(&place);
        assert_eq!(number(store.as_ref(), "a").unwrap(), Some(1), "cut at {end}");
        count(store.as_ref(), 3, Upsert, &[("a", 3)]).unwrap();
        store.close().unwrap();
        assert_eq!(number(opened(&place).as_ref(), "a").unwrap(), Some(3), "cut at {end}");
        let report = place.provider.open_copy(&file.display().to_string()).unwrap().verify(&NoProgress).unwrap();
        assert!(report.ok, "cut at {end}: {report:?}");
    }
    // The head was written and the entry behind it is not whole: that was no crash.
    fs::write(&file, &after[..after.len() - 1]).unwrap();
    assert_eq!(place.provider.open(&place.settings).unwrap_err().code, ErrorCode::Damaged);
}

#[test]
fn what_a_crash_left_is_cut_off_before_a_restore_moves_it_away() {
    let place = Fresh.fresh();
    let file = place.data_file.clone().unwrap();
    let store = opened(&place);
    count(store.as_ref(), 1, Upsert, &[("a", 1)]).unwrap();
    store.snapshot(&place.path("copy"), &NoProgress).unwrap();
    store.close().unwrap();
    let torn = [fs::read(&file).unwrap(), b"half an entry".to_vec()].concat();
    fs::write(&file, torn).unwrap();
    let copy = place.provider.open_copy(&place.path("copy")).unwrap();
    let previous = copy.restore_to(&place.settings, &NoProgress).unwrap().previous_location;
    assert!(place.provider.open_copy(&previous).unwrap().verify(&NoProgress).unwrap().ok);
}

#[test]
fn whoever_only_looks_does_so_beside_the_writer_and_changes_nothing() {
    let place = Fresh.fresh();
    let looks = place.settings.clone().with("read_only", true);
    assert_eq!(place.provider.open(&looks).unwrap_err().code, ErrorCode::NotFound);
    let store = opened(&place);
    count(store.as_ref(), 1, Upsert, &[("a", 1)]).unwrap();
    let bytes = fs::read(place.data_file.as_ref().unwrap()).unwrap();
    let reader = place.provider.open(&looks).unwrap();
    reader.migrate(&schema()).unwrap();
    assert_eq!(number(reader.as_ref(), "a").unwrap(), Some(1));
    assert!(reader.info().unwrap().read_only);
    assert_eq!(count(reader.as_ref(), 2, Upsert, &[("a", 2)]).unwrap_err().code, ErrorCode::ReadOnly);
    assert_eq!(reader.maintain(i64::MAX).unwrap_err().code, ErrorCode::ReadOnly);
    assert_eq!(fs::read(place.data_file.as_ref().unwrap()).unwrap(), bytes);
    // Reopening writes nothing either, when the schema is the same.
    store.close().unwrap();
    opened(&place).close().unwrap();
    assert_eq!(fs::read(place.data_file.as_ref().unwrap()).unwrap(), bytes);
}

#[test]
fn what_is_refused_leaves_no_bytes() {
    let place = Fresh.fresh();
    let store = opened(&place);
    count(store.as_ref(), 1, Upsert, &[("a", 1)]).unwrap();
    let bytes = fs::read(place.data_file.as_ref().unwrap()).unwrap();
    let insert = aurapos_contract::transaction::OperationKind::Insert;
    assert_eq!(count(store.as_ref(), 2, insert, &[("a", 2)]).unwrap_err().code, ErrorCode::Conflict);
    assert!(count(store.as_ref(), 1, Upsert, &[("a", 1)]).unwrap().already);
    assert_eq!(fs::read(place.data_file.as_ref().unwrap()).unwrap(), bytes);
}
