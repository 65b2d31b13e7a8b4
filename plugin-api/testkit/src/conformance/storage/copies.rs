//! Snapshots, copies, proofs and restores.

use super::shop::{count, everything, number, open, put_item, schema};
use super::{Place, Row, StorageFixture};
use crate::conformance::{Check, Failure, holds, refused, refused_as, same};
use crate::host::TestProgress;
use crate::os;
use aurapos_contract::error::{ErrorCode, PluginResult};
use aurapos_contract::host::NoProgress;
use aurapos_contract::storage::{RestoreReport, SnapshotInfo, TableCount, VerifyReport};
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
        "a restore puts the copy in the place of the data, keeps the old, and one call puts that back",
        restore,
    ),
    ("restore-handle", "what is restored is the copy that was opened and proved, not what has its name later", handle),
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

/// Opens a file as a copy and proves it.
fn proved(place: &Place, file: &str, progress: &dyn aurapos_contract::Progress) -> PluginResult<VerifyReport> {
    place.provider.open_copy(file)?.verify(progress)
}

/// Opens a file as a copy and puts it in the place of the data.
fn restored(place: &Place, file: &str, progress: &dyn aurapos_contract::Progress) -> PluginResult<RestoreReport> {
    place.provider.open_copy(file)?.restore_to(&place.settings, progress)
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
    let there = store.info()?;
    same((info.position, info.epoch), (there.position, there.epoch), "position and epoch")?;
    same((rows(&info.tables, "item"), rows(&info.tables, "entry")), (Some(40), Some(0)), "rows")?;
    same(info.bytes, fs::metadata(&file)?.len(), "bytes")?;
    holds(!progress.reports().is_empty(), "no progress was reported")?;
    let expected = everything(store.as_ref())?;
    count(store.as_ref(), 101, Upsert, &[("a", 2)])?;
    let copy = place.provider.open_copy(&file)?;
    same(everything(copy.as_ref())?, expected, "rows of the copy")?;
    same(copy.info()?.position, info.position, "the position of the copy")?;
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
    let first = store.info()?.position;
    let written = std::sync::Mutex::new(std::collections::BTreeMap::new());
    let done = AtomicBool::new(false);
    let copies = std::thread::scope(|scope| -> Result<Vec<(String, SnapshotInfo)>, Failure> {
        let writer = scope.spawn(|| -> PluginResult<()> {
            let mut at = 1000;
            while !done.load(Ordering::Acquire) {
                at += 1;
                let committed = count(store.as_ref(), at, Upsert, &[("left", at as i64), ("right", at as i64)])?;
                written.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(committed.position, at as i64);
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
        let copy = place.provider.open_copy(&file)?;
        let report = copy.verify(&NoProgress)?;
        same((report.ok, report.position), (true, info.position), "the proof of a copy")?;
        same(number(copy.as_ref(), "left")?, number(copy.as_ref(), "right")?, "the two halves of a commit")?;
        same(copy.info()?.position, info.position, "position")?;
        let last = written.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&info.position).copied();
        holds(info.position == first || last.is_some(), "the position of a copy is that of no commit")?;
        same(number(copy.as_ref(), "left")?, last, "the last commit of the position")?;
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
    Ok(())
}

fn verify(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let file = place.path("copy");
    store.snapshot(&file, &NoProgress)?;
    let report = proved(&place, &file, &NoProgress)?;
    let position = store.info()?.position;
    same((report.ok, report.problems.len(), report.position), (true, 0, position), "a good copy")?;
    let in_use = store.verify(&NoProgress)?;
    same((in_use.ok, in_use.position, in_use.tables), (true, position, report.tables.clone()), "the data in use")?;
    same((rows(&report.tables, "item"), report.schema_major, report.schema_minor), (Some(40), 1, 3), "what is in it")?;
    same(report.bytes, fs::metadata(&file)?.len(), "bytes")?;
    let good = fs::read(&file)?;
    let check = |what: &str, bytes: &[u8]| -> Check {
        let bad = place.path("bad");
        fs::write(&bad, bytes)?;
        match proved(&place, &bad, &NoProgress) {
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
    refused(proved(&place, &file, &TestProgress::cancelling_after(0)), ErrorCode::Cancelled, "a cancelled verify")?;
    Ok(())
}

fn restore(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let file = place.path("copy");
    let position = store.snapshot(&file, &NoProgress)?.position;
    let expected = everything(store.as_ref())?;
    let later = count(store.as_ref(), 101, Upsert, &[("a", 2), ("later", 5)])?.position;
    refused(store.restore_to(&place.settings, &NoProgress), ErrorCode::Unsupported, "a restore of what is no copy")?;
    refused(restored(&place, &file, &NoProgress), ErrorCode::Busy, "a restore over open data")?;
    same(number(store.as_ref(), "a")?, Some(2), "the open store")?;
    let refusal = place.provider.put_back(&place.settings, "nothing", &NoProgress);
    refused_as(refusal, &[ErrorCode::Busy, ErrorCode::NotFound], "what was never kept")?;
    store.close()?;
    let report = restored(&place, &file, &NoProgress)?;
    same((report.restored.ok, report.restored.position), (true, position), "the report")?;
    holds(!report.previous.is_empty() && !report.previous_location.is_empty(), "where the old data is")?;
    let store = open(&place)?;
    same(everything(store.as_ref())?, expected, "rows after the restore")?;
    same(store.search("item", "gr", 100)?.len(), 40, "found by search")?;
    holds(count(store.as_ref(), 101, Insert, &[("other", 1)])?.position > position, "a commit after the restore")?;
    refused(
        place.provider.put_back(&place.settings, &report.previous, &NoProgress),
        ErrorCode::Busy,
        "over open data",
    )?;
    store.close()?;
    let refusal = place.provider.put_back(&place.settings, "../previous", &NoProgress);
    refused(refusal, ErrorCode::NotFound, "what was never kept")?;
    let back = place.provider.put_back(&place.settings, &report.previous, &NoProgress)?;
    holds(!back.previous.is_empty() && back.previous != report.previous, "what was in use is kept in its turn")?;
    let store = open(&place)?;
    same((number(store.as_ref(), "later")?, store.info()?.position), (Some(5), later), "the old data, put back")?;
    store.close()?;
    place.provider.put_back(&place.settings, &back.previous, &NoProgress)?;
    let store = open(&place)?;
    same((number(store.as_ref(), "later")?, number(store.as_ref(), "other")?), (None, Some(1)), "and again")?;
    same(proved(&place, &file, &NoProgress)?.ok, true, "the copy that was restored from")
}

fn handle(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    let file = place.path("copy");
    store.snapshot(&file, &NoProgress)?;
    count(store.as_ref(), 101, Upsert, &[("a", 2)])?;
    store.snapshot(&place.path("later"), &NoProgress)?;
    store.close()?;
    let copy = place.provider.open_copy(&file)?;
    same(copy.verify(&NoProgress)?.ok, true, "the proof")?;
    if crate::os::OPEN_FILES_ARE_RENAMED {
        fs::rename(place.path("later"), &file)?;
    }
    copy.restore_to(&place.settings, &NoProgress)?;
    copy.close()?;
    same(number(open(&place)?.as_ref(), "a")?, Some(1), "what was restored")
}

fn restore_feed(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = some(&place)?;
    store.snapshot(&place.path("copy"), &NoProgress)?;
    let (cursor, epoch) = (store.changes(&[], 0)?.next, store.info()?.epoch);
    store.close()?;
    restored(&place, &place.path("copy"), &NoProgress)?;
    let store = open(&place)?;
    let there = store.info()?.epoch;
    holds(there != epoch, "the epoch is another one")?;
    refused(store.changes(&cursor, 0), ErrorCode::CursorTooOld, "a cursor from before")?;
    same(store.changes(&[], 0)?.changes.len(), 40, "changes from the first")?;
    let for_before = aurapos_contract::transaction::Transaction { epoch: Some(epoch), ..super::shop::transaction(500) };
    let error = refused(store.commit(&for_before), ErrorCode::Conflict, "a transaction for the life before")?;
    same(error.detail.epoch, there, "the life that is there")
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
    let mut noise = good.clone();
    let (from, until) = (good.len() / 8192 * 4096, good.len() / 8192 * 4096 + 4096);
    noise[from.max(4096)..until.max(8192).min(good.len())].fill(0x55);
    fs::write(place.path("noise"), &noise)?;
    let files = names(&place.folder)?;
    let try_it = |source: &str, progress: &TestProgress| restored(&place, &place.path(source), progress);
    let quiet = TestProgress::default();
    refused_as(try_it("cut", &quiet), &[ErrorCode::Damaged, ErrorCode::NotAStore], "a copy that was cut")?;
    refused_as(try_it("noise", &quiet), &[ErrorCode::Damaged, ErrorCode::NotAStore], "a copy that was overwritten")?;
    refused(try_it("text", &quiet), ErrorCode::NotAStore, "a text")?;
    refused(try_it("nothing", &quiet), ErrorCode::NotFound, "no file")?;
    refused(try_it("copy", &TestProgress::cancelling_after(0)), ErrorCode::Cancelled, "a cancelled restore")?;
    let left = names(&place.folder)?
        .into_iter()
        .filter(|name| !files.contains(name) && !name.ends_with(".lock"))
        .collect::<Vec<_>>();
    same(left, vec![], "files that were left")?;
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
        let before = fs::read(file).ok();
        let report = restored(&place, &place.path("copy"), &NoProgress)?;
        same(report.previous.is_empty(), what == "gone", &format!("{what}: whether there was something to keep"))?;
        if before.is_some() {
            let back = place.provider.put_back(&place.settings, &report.previous, &NoProgress)?;
            same(fs::read(file).ok(), before, &format!("{what}: the old data, put back as it was"))?;
            place.provider.put_back(&place.settings, &back.previous, &NoProgress)?;
        }
        let store = open(&place)?;
        same(number(store.as_ref(), "a")?, Some(1), &format!("{what}: the restored data"))?;
        store.close()?;
    }
    Ok(())
}
