//! Snapshots, copies, proofs and restores.

use super::shop::{count, everything, number, open, put_item, schema};
use super::{Place, Row, StorageFixture};
use crate::conformance::{Check, Failure, holds, refused, refused_as, same};
use crate::host::TestProgress;
use crate::os;
use aurapos_contract::error::{ErrorCode, PluginResult};
use aurapos_contract::host::NoProgress;
use aurapos_contract::storage::{RestoreRequest, SnapshotInfo, TableCount};
use aurapos_contract::transaction::OperationKind::{Insert, Upsert};
use aurapos_contract::{RecordStore, Value};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) const CASES: &[Row] = &[
    (
        "snapshot",
        "a snapshot holds every commit up to its position and none after it, and says what is in it",
        snapshot,
    ),
    ("snapshot-there", "a snapshot never writes over a file", snapshot_there),
    ("snapshot-cancel", "a cancelled snapshot leaves no file, the store goes on", snapshot_cancel),
    ("snapshot-busy", "a snapshot made while commits go on is whole: no commit is in it by half", snapshot_busy),
    ("copy", "a copy opens for reading, refuses writes, does not change and leaves nothing beside it", copy),
    ("copy-wrong", "what is no copy is refused by name", copy_wrong),
    (
        "verify",
        "verify counts a good copy, and refuses one that was cut, overwritten, emptied or is something else",
        verify,
    ),
    (
        "restore",
        "a restore puts the copy in the place of the data and keeps the old under the name that was given",
        restore,
    ),
    ("restore-feed", "a feed cursor from before a restore is refused", restore_feed),
    ("restore-safe", "a restore that fails, for whatever reason, leaves the data in use as it was", restore_safe),
    ("restore-damaged", "a restore works when the present data is damaged or gone", restore_damaged),
];

fn some(place: &Place) -> PluginResult<Box<dyn RecordStore>> {
    let store = open(place)?;
    for at in 0..40 {
        put_item(store.as_ref(), at + 1, at, &[("price", Value::Int(at as i64)), ("folded", "green tea".into())])?;
    }
    count(store.as_ref(), 100, Insert, &[("a", 1)])?;
    Ok(store)
}

fn rows(tables: &[TableCount], table: &str) -> Option<u64> {
    tables.iter().find(|count| count.table == table).map(|count| count.rows)
}

fn names(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().display().to_string());
    }
    names.sort();
    Ok(names)
}

fn snapshot(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let progress = TestProgress::default();
    let file = place.path("copy");
    let info: SnapshotInfo = store.snapshot(&file, &progress)?;
    same((info.position, info.epoch), (41, store.info()?.epoch), "position and epoch")?;
    same((rows(&info.tables, "item"), rows(&info.tables, "entry")), (Some(40), Some(0)), "rows")?;
    same(info.bytes, fs::metadata(&file)?.len(), "bytes")?;
    holds(!progress.reports().is_empty(), "no progress was reported")?;
    let expected = everything(store.as_ref())?;
    count(store.as_ref(), 101, Upsert, &[("a", 2)])?;
    let copy = place.provider.open_copy(&file)?;
    same(everything(copy.as_ref())?, expected, "rows of the copy")?;
    same(copy.info()?.position, 41, "the position of the copy")?;
    same(number(store.as_ref(), "a")?, Some(2), "the store goes on")
}

fn snapshot_there(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    fs::write(place.path("copy"), "mine")?;
    holds(store.snapshot(&place.path("copy"), &NoProgress).is_err(), "a snapshot over a file")?;
    same(fs::read_to_string(place.path("copy"))?, "mine".to_owned(), "the file")?;
    holds(store.snapshot(&place.path("no/such/folder/copy"), &NoProgress).is_err(), "a snapshot into no folder")
}

fn snapshot_cancel(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let before = names(&place.folder)?;
    let progress = TestProgress::cancelling_after(0);
    refused(store.snapshot(&place.path("copy"), &progress), ErrorCode::Cancelled, "a cancelled snapshot")?;
    same(names(&place.folder)?, before, "files")?;
    count(store.as_ref(), 101, Upsert, &[("a", 2)])?;
    store.snapshot(&place.path("copy"), &NoProgress)?;
    Ok(())
}

fn snapshot_busy(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    // Large enough that it is not copied in one go.
    let mut photos = super::shop::transaction(900);
    let photo =
        |number: u128| vec![super::shop::id(5000 + number).into(), Value::Bytes(vec![number as u8; 1024 * 1024])];
    photos.push(Insert, "item", &["id", "photo"], (0..12).map(photo).collect());
    store.commit(&photos)?;
    let done = AtomicBool::new(false);
    let copies = std::thread::scope(|scope| -> Result<Vec<(String, SnapshotInfo)>, Failure> {
        let writer = scope.spawn(|| -> PluginResult<()> {
            let mut at = 1000;
            while !done.load(Ordering::Acquire) {
                at += 1;
                count(store.as_ref(), at, Upsert, &[("left", at as i64), ("right", at as i64)])?;
            }
            Ok(())
        });
        let mut copies = Vec::new();
        for at in 0..4 {
            let file = place.path(&format!("copy{at}"));
            copies.push(store.snapshot(&file, &NoProgress).map(|info| (file, info)));
        }
        done.store(true, Ordering::Release);
        writer.join().map_err(|_| "the writer panicked")??;
        Ok(copies.into_iter().collect::<PluginResult<_>>()?)
    })?;
    for (file, info) in copies {
        let report = place.provider.verify(&file, &NoProgress)?;
        same((report.ok, report.position), (true, info.position), "the proof of a copy")?;
        let copy = place.provider.open_copy(&file)?;
        same(number(copy.as_ref(), "left")?, number(copy.as_ref(), "right")?, "the two halves of a commit")?;
        same(copy.info()?.position, info.position, "position")?;
        let last = info.position as i64;
        holds(
            last == 42 || number(copy.as_ref(), "left")? == Some(1000 + last - 42),
            "the last commit of the position is in it",
        )?;
    }
    Ok(())
}

fn copy(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let file = place.path(os::ODD_NAME);
    store.snapshot(&file, &NoProgress)?;
    store.close()?;
    let (content, files) = (fs::read(&file)?, names(&place.folder)?);
    let copy = place.provider.open_copy(&file)?;
    copy.migrate(&schema())?;
    holds(copy.info()?.read_only, "a copy says that it is for reading")?;
    refused(count(copy.as_ref(), 500, Insert, &[("x", 1)]), ErrorCode::ReadOnly, "a commit")?;
    refused(copy.maintain(0), ErrorCode::ReadOnly, "maintain")?;
    same(copy.search("item", "gr te", 100)?.len(), 40, "found by search")?;
    same(copy.changes(&[], 0)?.changes.len(), 40, "changes")?;
    holds(copy.outcome(super::shop::transaction(1).id)?.committed.is_some(), "outcomes")?;
    let again = place.provider.open_copy(&file)?;
    same(everything(again.as_ref())?, everything(copy.as_ref())?, "opened twice")?;
    copy.close()?;
    again.close()?;
    holds(fs::read(&file)? == content, "the copy was changed")?;
    same(names(&place.folder)?, files, "files beside the copy")
}

fn copy_wrong(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    refused(place.provider.open_copy(&place.path("nothing")), ErrorCode::NotFound, "no file")?;
    fs::write(place.path("text"), "a text, long enough to be looked at for more than its first bytes ".repeat(40))?;
    refused(place.provider.open_copy(&place.path("text")), ErrorCode::NotAStore, "a text")?;
    refused(place.provider.verify(&place.path("text"), &NoProgress), ErrorCode::NotAStore, "verify of a text")?;
    refused(place.provider.verify(&place.path("nothing"), &NoProgress), ErrorCode::NotFound, "verify of no file")?;
    Ok(())
}

fn verify(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let file = place.path("copy");
    store.snapshot(&file, &NoProgress)?;
    let report = place.provider.verify(&file, &NoProgress)?;
    same((report.ok, report.problems.len(), report.position), (true, 0, 41), "a good copy")?;
    same((rows(&report.tables, "item"), report.schema_major, report.schema_minor), (Some(40), 1, 3), "what is in it")?;
    same(report.bytes, fs::metadata(&file)?.len(), "bytes")?;
    let good = fs::read(&file)?;
    let check = |what: &str, bytes: &[u8]| -> Check {
        let bad = place.path("bad");
        fs::write(&bad, bytes)?;
        match place.provider.verify(&bad, &NoProgress) {
            Ok(report) if !report.ok && !report.problems.is_empty() => {}
            Ok(report) => return Err(Failure(format!("{what}: {report:?}"))),
            Err(error) if matches!(error.code, ErrorCode::Damaged | ErrorCode::NotAStore) => {}
            Err(error) => return Err(Failure(format!("{what}: {error:?}"))),
        }
        holds(fs::read(&bad)? == bytes, "verify changed the file")
    };
    for part in [1, 2, 5, 10, 50, 90, 99] {
        check(&format!("cut at {part} %"), &good[..good.len() * part / 100])?;
    }
    check("the last byte gone", &good[..good.len() - 1])?;
    check("nothing", b"")?;
    check("bytes behind it", &[good.as_slice(), &[0; 4096]].concat())?;
    for at in 1..good.len() / 4096 {
        let mut noise = good.clone();
        noise[at * 4096..(at + 1) * 4096].fill(0x55);
        check(&format!("page {at} overwritten"), &noise)?;
    }
    refused(
        place.provider.verify(&file, &TestProgress::cancelling_after(0)),
        ErrorCode::Cancelled,
        "a cancelled verify",
    )?;
    Ok(())
}

fn restore(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let (file, previous) = (place.path("copy"), place.path("previous"));
    store.snapshot(&file, &NoProgress)?;
    let expected = everything(store.as_ref())?;
    count(store.as_ref(), 101, Upsert, &[("a", 2), ("later", 5)])?;
    let request = RestoreRequest { source: file.clone(), previous: previous.clone() };
    refused(place.provider.restore(&place.settings, &request, &NoProgress), ErrorCode::Busy, "a restore of open data")?;
    same(number(store.as_ref(), "a")?, Some(2), "the open store")?;
    store.close()?;
    let report = place.provider.restore(&place.settings, &request, &NoProgress)?;
    same(
        (report.previous.as_str(), report.restored.ok, report.restored.position),
        (previous.as_str(), true, 41),
        "the report",
    )?;
    let store = open(&place)?;
    same(everything(store.as_ref())?, expected, "rows after the restore")?;
    same(store.search("item", "gr", 100)?.len(), 40, "found by search")?;
    same(count(store.as_ref(), 101, Insert, &[("other", 1)])?.position, 42, "a commit after the restore")?;
    store.close()?;
    holds(Path::new(&previous).exists(), "the old data is kept")?;
    let old = place.provider.open_copy(&previous)?;
    same(number(old.as_ref(), "later")?, Some(5), "the old data")?;
    old.close()?;
    let again = RestoreRequest { source: previous, previous: place.path("previous2") };
    place.provider.restore(&place.settings, &again, &NoProgress)?;
    same(number(open(&place)?.as_ref(), "later")?, Some(5), "the old data, taken back")?;
    same(place.provider.verify(&file, &NoProgress)?.ok, true, "the copy that was restored from")
}

fn restore_feed(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    store.snapshot(&place.path("copy"), &NoProgress)?;
    let (cursor, epoch) = (store.changes(&[], 0)?.next, store.info()?.epoch);
    store.close()?;
    let request = RestoreRequest { source: place.path("copy"), previous: place.path("previous") };
    place.provider.restore(&place.settings, &request, &NoProgress)?;
    let store = open(&place)?;
    holds(store.info()?.epoch != epoch, "the epoch is another one")?;
    refused(store.changes(&cursor, 0), ErrorCode::CursorTooOld, "a cursor from before")?;
    same(store.changes(&[], 0)?.changes.len(), 40, "changes from the first")
}

fn restore_safe(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let file = place.path("copy");
    store.snapshot(&file, &NoProgress)?;
    count(store.as_ref(), 101, Upsert, &[("a", 2)])?;
    store.close()?;
    let good = fs::read(&file)?;
    fs::write(place.path("cut"), &good[..good.len() / 3])?;
    fs::write(place.path("text"), "a text ".repeat(500))?;
    fs::write(place.path("there"), "mine")?;
    let mut noise = good.clone();
    let (from, until) = (good.len() / 8192 * 4096, good.len() / 8192 * 4096 + 4096);
    noise[from.max(4096)..until.max(8192).min(good.len())].fill(0x55);
    fs::write(place.path("noise"), &noise)?;
    let files = names(&place.folder)?;
    let try_it = |source: &str, previous: &str, progress: &TestProgress| {
        let request = RestoreRequest { source: place.path(source), previous: place.path(previous) };
        place.provider.restore(&place.settings, &request, progress)
    };
    let quiet = TestProgress::default();
    refused_as(try_it("cut", "previous", &quiet), &[ErrorCode::Damaged, ErrorCode::NotAStore], "a copy that was cut")?;
    refused_as(
        try_it("noise", "previous", &quiet),
        &[ErrorCode::Damaged, ErrorCode::NotAStore],
        "a copy that was overwritten",
    )?;
    refused(try_it("text", "previous", &quiet), ErrorCode::NotAStore, "a text")?;
    refused(try_it("nothing", "previous", &quiet), ErrorCode::NotFound, "no file")?;
    refused(
        try_it("copy", "previous", &TestProgress::cancelling_after(0)),
        ErrorCode::Cancelled,
        "a cancelled restore",
    )?;
    holds(try_it("copy", "there", &quiet).is_err(), "a restore that would write over a file")?;
    holds(try_it("copy", "no/such/folder/previous", &quiet).is_err(), "a restore that cannot keep the old data")?;
    let left = names(&place.folder)?
        .into_iter()
        .filter(|name| !files.contains(name) && !name.ends_with(".lock"))
        .collect::<Vec<_>>();
    same(left, vec![], "files that were left")?;
    same(fs::read_to_string(place.path("there"))?, "mine".to_owned(), "the file that was there")?;
    same(number(open(&place)?.as_ref(), "a")?, Some(2), "the data in use")
}

fn restore_damaged(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    store.snapshot(&place.path("copy"), &NoProgress)?;
    store.close()?;
    let Some(file) = &place.data_file else {
        return Ok(());
    };
    let damages: [(&str, &dyn Fn() -> std::io::Result<()>); 4] = [
        ("cut", &|| fs::read(file).and_then(|bytes| fs::write(file, &bytes[..bytes.len() / 2]))),
        ("noise", &|| fs::write(file, vec![0x55; 30_000])),
        ("empty", &|| fs::write(file, b"")),
        ("gone", &|| fs::remove_file(file)),
    ];
    for (what, damage) in damages {
        damage()?;
        let request = RestoreRequest { source: place.path("copy"), previous: place.path(&format!("previous {what}")) };
        let report = place.provider.restore(&place.settings, &request, &NoProgress)?;
        same(report.previous.is_empty(), what == "gone", &format!("{what}: whether there was something to keep"))?;
        same(
            report.previous.is_empty() || Path::new(&report.previous).exists(),
            true,
            &format!("{what}: the old data is kept"),
        )?;
        let store = open(&place)?;
        same(number(store.as_ref(), "a")?, Some(1), &format!("{what}: the restored data"))?;
        store.close()?;
    }
    Ok(())
}
