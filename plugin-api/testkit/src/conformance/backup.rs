//! The promises of [`aurapos_contract::BackupScheduler`] that hold for every plan of keeping: over a real storage, with
//! the clock in the test's hands.

use super::storage::shop::{count, number, schema};
use super::{Case, CaseResult, Check, Failure, Report, holds, run_cases, same};
use crate::host::{START, TestBackupHost, TestHost, TestProgress};
use aurapos_contract::backup::{BackupInfo, BackupKind, BackupRequest, BackupState, BackupTrigger};
use aurapos_contract::host::NoProgress;
use aurapos_contract::transaction::OperationKind::Upsert;
use aurapos_contract::{BackupScheduler, Settings, StorageProvider};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Makes schedulers to be tested, and the storage they back up.
pub trait BackupFixture: Sync {
    /// A scheduler whose folders are below the host's data folder, with settings as shipped.
    fn scheduler(&self, host: &Arc<TestHost>) -> Arc<dyn BackupScheduler>;
    /// A storage whose data is below the host's data folder, and settings for it.
    fn storage(&self, host: &Arc<TestHost>) -> (Arc<dyn StorageProvider>, Settings);
}

/// A row of the table of cases: name, promise, how it is tried.
type Row = (&'static str, &'static str, fn(&dyn BackupFixture) -> Check);

/// All cases, in order.
pub fn cases<'a>() -> Vec<Case<dyn BackupFixture + 'a>> {
    let all: [Row; 8] = [
        ("manual", "a backup on demand is made, listed, verified, and is where it says", manual),
        ("plan", "a plan changes nothing, and is done by the next run", plan),
        ("due", "when nothing is due, nothing is made; a day later something is", due),
        ("newest", "the newest backup survives every run", newest),
        ("damaged", "a damaged backup is refused by verify and never restored", damaged),
        ("restore", "a restore brings the data back and keeps what was there before it", restore),
        ("copy-delete", "a copy is the same bytes, and a deleted backup is gone from the list", copy_delete),
        ("cancel", "a cancelled run leaves no backup that looks good, and the next run works", cancel),
    ];
    all.into_iter().map(|(name, promise, run)| Case { name, promise, run }).collect()
}

/// Runs all cases.
pub fn run(fixture: &dyn BackupFixture) -> Report {
    run_some(fixture, &|_| true, &mut |_| {})
}

/// Runs the cases that `wanted` chooses, and tells each result as it comes.
pub fn run_some(
    fixture: &dyn BackupFixture,
    wanted: &dyn Fn(&str) -> bool,
    heard: &mut dyn FnMut(&CaseResult),
) -> Report {
    run_cases("backup", &cases(), fixture, wanted, heard)
}

const DAY: i64 = 24 * 3600 * 1_000_000;

/// One shop with one counter, and the scheduler over it.
struct Shop {
    clock: Arc<TestHost>,
    host: TestBackupHost,
    scheduler: Arc<dyn BackupScheduler>,
    written: std::cell::Cell<u128>,
}

impl Shop {
    fn open(fixture: &dyn BackupFixture) -> Result<Self, Failure> {
        let clock = TestHost::new();
        let (provider, settings) = fixture.storage(&clock);
        let host = TestBackupHost::new(provider, settings, |store| store.migrate(&schema()))?;
        let scheduler = fixture.scheduler(&clock);
        let shop = Shop { clock, host, scheduler, written: std::cell::Cell::new(0) };
        shop.write(1)?;
        Ok(shop)
    }

    fn write(&self, value: i64) -> Check {
        let transaction = self.written.get() + 1;
        self.written.set(transaction);
        self.host.with_store(|store| count(store, transaction, Upsert, &[("n", value)]))?;
        Ok(())
    }

    fn value(&self) -> Result<Option<i64>, Failure> {
        self.host.with_store(|store| Ok(number(store, "n")))?
    }

    fn request(&self, trigger: BackupTrigger, days: i64) -> BackupRequest {
        let now = START + days * DAY;
        self.clock.set_now(now);
        BackupRequest { trigger, now, kind: None }
    }

    fn run(&self, trigger: BackupTrigger, days: i64) -> Result<Vec<BackupInfo>, Failure> {
        Ok(self.scheduler.run(&self.request(trigger, days), &self.host, &NoProgress)?.made)
    }

    fn made(&self) -> Result<BackupInfo, Failure> {
        let made = self.run(BackupTrigger::Manual, 0)?;
        made.into_iter().next().ok_or_else(|| "a backup on demand was not made".into())
    }
}

fn manual(fixture: &dyn BackupFixture) -> Check {
    let shop = Shop::open(fixture)?;
    let made = shop.made()?;
    same(made.state, BackupState::Verified, "the state of a new backup")?;
    same(fs::metadata(&made.path)?.len(), made.bytes, "the size of the file")?;
    holds(made.path.ends_with(&made.name), "the path does not end in the name")?;
    let list = shop.scheduler.list()?;
    holds(list.iter().any(|info| info.name == made.name), "it is not in the list")?;
    let verified = shop.scheduler.verify(&made.name, &shop.host, &NoProgress)?;
    same((verified.state, verified.position), (BackupState::Verified, 1), "what verify says")?;
    same(shop.scheduler.verify(&made.path, &shop.host, &NoProgress)?.state, BackupState::Verified, "verify by path")
}

fn plan(fixture: &dyn BackupFixture) -> Check {
    let shop = Shop::open(fixture)?;
    let request = shop.request(BackupTrigger::Close, 0);
    let plan = shop.scheduler.plan(&request, &shop.host)?;
    holds(!plan.due.is_empty(), "nothing is due in a shop without backups")?;
    same(shop.scheduler.plan(&request, &shop.host)?, plan.clone(), "the plan, asked again")?;
    same(shop.scheduler.list()?.len(), 0, "backups after a plan")?;
    let made = shop.run(BackupTrigger::Close, 0)?;
    same(made.iter().map(|info| info.kind).collect::<Vec<BackupKind>>(), plan.due, "what was made")
}

fn due(fixture: &dyn BackupFixture) -> Check {
    let shop = Shop::open(fixture)?;
    holds(!shop.run(BackupTrigger::Start, 0)?.is_empty(), "nothing was made at first")?;
    same(shop.run(BackupTrigger::Tick, 0)?.len(), 0, "backups made a moment later")?;
    holds(!shop.run(BackupTrigger::Close, 2)?.is_empty(), "nothing was made two days later")?;
    holds(!shop.run(BackupTrigger::Manual, 2)?.is_empty(), "nothing was made on demand")
}

fn newest(fixture: &dyn BackupFixture) -> Check {
    let shop = Shop::open(fixture)?;
    for day in 0..40 {
        shop.write(day)?;
        let made = shop.run(BackupTrigger::Close, day)?;
        let list = shop.scheduler.list()?;
        holds(made.iter().all(|made| list.iter().any(|info| info.name == made.name)), "a new backup was deleted")?;
        let sorted = list.windows(2).all(|pair| pair[0].time >= pair[1].time);
        holds(sorted, "the list is not newest first")?;
        holds(list.iter().all(|info| Path::new(&info.path).exists()), "a listed backup is not there")?;
    }
    Ok(())
}

fn damaged(fixture: &dyn BackupFixture) -> Check {
    let shop = Shop::open(fixture)?;
    let made = shop.made()?;
    let good = fs::read(&made.path)?;
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for (what, bytes) in
        [("cut", good[..good.len() - 1].to_vec()), ("one bit flipped", flipped), ("emptied", Vec::new())]
    {
        fs::write(&made.path, &bytes)?;
        if let Ok(info) = shop.scheduler.verify(&made.name, &shop.host, &NoProgress) {
            same(info.state, BackupState::Refused, what)?;
        }
        let restored = shop.scheduler.restore(&made.name, START + DAY, &shop.host, &NoProgress);
        holds(restored.is_err(), &format!("{what}: it was restored"))?;
        same(shop.value()?, Some(1), &format!("{what}: the data in use"))?;
    }
    Ok(())
}

fn restore(fixture: &dyn BackupFixture) -> Check {
    let shop = Shop::open(fixture)?;
    let made = shop.made()?;
    shop.write(2)?;
    let now = shop.request(BackupTrigger::Manual, 1).now;
    let report = shop.scheduler.restore(&made.name, now, &shop.host, &NoProgress)?;
    same(shop.value()?, Some(1), "the data after the restore")?;
    holds(Path::new(&report.safety.path).exists(), "what was there before is not kept")?;
    shop.scheduler.restore(&report.safety.path, now + DAY, &shop.host, &NoProgress)?;
    same(shop.value()?, Some(2), "what was there before, taken back")
}

fn copy_delete(fixture: &dyn BackupFixture) -> Check {
    let shop = Shop::open(fixture)?;
    let made = shop.made()?;
    let folder = shop.clock.folder().join("stick");
    fs::create_dir(&folder)?;
    let copied = shop.scheduler.copy(&made.name, &folder.display().to_string(), &NoProgress)?;
    holds(fs::read(&copied)? == fs::read(&made.path)?, "the copy has other bytes")?;
    shop.scheduler.delete(&made.name)?;
    holds(!Path::new(&made.path).exists(), "the deleted file is there")?;
    holds(shop.scheduler.list()?.iter().all(|info| info.path != made.path), "the deleted backup is listed")?;
    holds(shop.scheduler.delete(&made.name).is_err(), "a backup was deleted twice")?;
    shop.scheduler.restore(&copied, START + DAY, &shop.host, &NoProgress)?;
    same(shop.value()?, Some(1), "restored from the copy")
}

fn cancel(fixture: &dyn BackupFixture) -> Check {
    let shop = Shop::open(fixture)?;
    let request = shop.request(BackupTrigger::Manual, 0);
    for reports in [0, 1, 2] {
        let progress = TestProgress::cancelling_after(reports);
        if shop.scheduler.run(&request, &shop.host, &progress).is_err() {
            let good = shop.scheduler.list()?.into_iter().filter(|info| info.state == BackupState::Verified).count();
            same(good, 0, "backups that look good after a cancelled run")?;
        } else {
            // It ended before it looked again.
            break;
        }
    }
    holds(!shop.run(BackupTrigger::Manual, 1)?.is_empty(), "the next run made nothing")
}
