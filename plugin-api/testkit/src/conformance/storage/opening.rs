//! Opening, closing, what a store says of itself.

use super::shop::{count, number, open, schema};
use super::{Row, StorageFixture};
use crate::conformance::{Check, holds, refused, refused_as, same};
use aurapos_contract::query::Query;
use aurapos_contract::storage::MANY_WRITERS;
use aurapos_contract::transaction::OperationKind::Insert;
use aurapos_contract::{ErrorCode, Settings};
use std::fs;

pub(super) const CASES: &[Row] = &[
    ("open-makes", "opening makes the data, and what is written is there when it is opened again", makes),
    ("open-info", "a store tells its engine, position, schema and epoch", info),
    (
        "open-twice",
        "a second open for writing is Busy until a close; where many write, each finds what the other wrote",
        twice,
    ),
    ("close", "after close every call answers Closed, and closing twice is no error", close),
    ("drop", "a store that is dropped without close gives its data free", dropped),
    ("config", "a setting of the wrong type is refused before anything is opened", config),
    ("open-damaged", "damaged data is refused and stays as it is, byte for byte", damaged),
    ("open-foreign", "a file of something else is refused and stays as it is", foreign),
    ("open-empty", "data that was cut to nothing is refused, never silently begun anew", emptied),
];

fn makes(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let position = count(store.as_ref(), 1, Insert, &[("a", 7)])?.position;
    store.close()?;
    let store = open(&place)?;
    same(number(store.as_ref(), "a")?, Some(7), "the counter after opening again")?;
    same(store.info()?.position, position, "the position after opening again")
}

fn info(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = place.provider.open(&place.settings)?;
    let before = store.info()?;
    same((before.schema_major, before.position, before.read_only), (0, 0, false), "before the first migrate")?;
    holds(before.epoch.is_nil(), "the epoch is nil before the first migrate")?;
    holds(!before.engine.is_empty() && !before.engine_version.is_empty(), "engine and version are named")?;
    holds(!before.snapshot_extension.is_empty(), "the ending of a snapshot is named")?;
    store.migrate(&schema())?;
    let position = count(store.as_ref(), 1, Insert, &[("a", 7)])?.position;
    let after = store.info()?;
    same((after.schema_major, after.schema_minor, after.position), (1, 3, position), "after a commit")?;
    holds(!after.epoch.is_nil(), "there is an epoch")?;
    holds(after.bytes > 0 && !after.location.is_empty(), "size and place of the data are told")?;
    store.close()?;
    same(open(&place)?.info()?.epoch, after.epoch, "the epoch after opening again")
}

fn twice(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    if store.info()?.features.iter().any(|feature| feature == MANY_WRITERS) {
        let other = open(&place)?;
        count(store.as_ref(), 1, Insert, &[("a", 7)])?;
        same(number(other.as_ref(), "a")?, Some(7), "what the first wrote, for the second")?;
        let after = other.changes(&[], 0)?.next;
        super::shop::put_item(other.as_ref(), 2, 1, &[])?;
        same(store.changes(&after, 0)?.changes.len(), 1, "what the second wrote, in the feed of the first")?;
        refused(count(store.as_ref(), 3, Insert, &[("a", 8)]), ErrorCode::Conflict, "a key that is there")?;
        other.close()?;
        count(store.as_ref(), 4, Insert, &[("b", 7)])?;
        return Ok(store.close()?);
    }
    refused(place.provider.open(&place.settings), ErrorCode::Busy, "a second open")?;
    count(store.as_ref(), 1, Insert, &[("a", 7)])?;
    store.close()?;
    open(&place)?.close()?;
    Ok(())
}

fn close(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    store.close()?;
    store.close()?;
    refused(store.info(), ErrorCode::Closed, "info")?;
    refused(store.migrate(&schema()), ErrorCode::Closed, "migrate")?;
    refused(count(store.as_ref(), 1, Insert, &[("a", 7)]), ErrorCode::Closed, "commit")?;
    refused(store.outcome(super::shop::id(1)), ErrorCode::Closed, "outcome")?;
    refused(store.scan(&Query::over("item")), ErrorCode::Closed, "scan")?;
    refused(store.search("item", "a", 1), ErrorCode::Closed, "search")?;
    refused(store.aggregate(&Default::default()), ErrorCode::Closed, "aggregate")?;
    refused(store.changes(&[], 1), ErrorCode::Closed, "changes")?;
    refused(store.wait(&[], 1), ErrorCode::Closed, "wait")?;
    refused(store.snapshot(&place.path("copy"), &aurapos_contract::host::NoProgress), ErrorCode::Closed, "snapshot")?;
    refused(store.maintain(0), ErrorCode::Closed, "maintain")?;
    refused(store.prune(&Default::default()), ErrorCode::Closed, "prune")?;
    refused(store.verify(&aurapos_contract::host::NoProgress), ErrorCode::Closed, "verify")?;
    holds(!place.folder.join("copy").exists(), "a refused snapshot left a file")
}

fn dropped(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("a", 7)])?;
    drop(store);
    same(number(open(&place)?.as_ref(), "a")?, Some(7), "the counter")
}

fn config(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let Some(first) = place.settings.items.first() else {
        return Ok(());
    };
    let wrong = match &first.value {
        aurapos_contract::Value::Bool(_) => Settings::default().with(&first.key, 1i64),
        _ => Settings::default().with(&first.key, true),
    };
    refused(place.provider.open(&wrong), ErrorCode::Config, "open")?;
    Ok(())
}

fn damaged(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let Some(file) = place.data_file.clone() else {
        return Ok(());
    };
    let store = open(&place)?;
    for number in 0..60 {
        count(store.as_ref(), number + 1, Insert, &[(&format!("{}{number}", "n".repeat(400)), 7)])?;
    }
    store.close()?;
    let good = fs::read(&file)?;
    let cut = &good[..good.len() / 2];
    fs::write(&file, cut)?;
    refused(place.provider.open(&place.settings), ErrorCode::Damaged, "data cut in half")?;
    holds(fs::read(&file)? == cut, "the damaged file was changed")?;
    let mut noise = good.clone();
    noise[100..].fill(0xa5);
    fs::write(&file, &noise)?;
    refused_as(
        place.provider.open(&place.settings),
        &[ErrorCode::Damaged, ErrorCode::NotAStore],
        "noise behind the header",
    )?;
    holds(fs::read(&file)? == noise, "the damaged file was changed")?;
    fs::write(&file, &good)?;
    same(number(open(&place)?.as_ref(), &format!("{}59", "n".repeat(400)))?, Some(7), "the data when it is put back")
}

fn foreign(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let Some(file) = &place.data_file else {
        return Ok(());
    };
    for content in [b"%PDF-1.7 and so on".to_vec(), b"short".to_vec(), vec![b'x'; 20_000]] {
        fs::write(file, &content)?;
        refused_as(place.provider.open(&place.settings), &[ErrorCode::NotAStore, ErrorCode::Damaged], "another file")?;
        holds(fs::read(file)? == content, "the foreign file was changed")?;
    }
    Ok(())
}

fn emptied(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let Some(file) = &place.data_file else {
        return Ok(());
    };
    open(&place)?.close()?;
    fs::write(file, b"")?;
    refused_as(place.provider.open(&place.settings), &[ErrorCode::Damaged, ErrorCode::NotAStore], "an empty file")?;
    same(fs::read(file)?.len(), 0, "bytes in the file")
}
