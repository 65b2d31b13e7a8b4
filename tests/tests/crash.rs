//! `kill -9` at random moments: what was acknowledged is there once, and nothing is half there.
//!
//! `AURAPOS_KILLS` says how often the selling register is killed (200 for the record), `AURAPOS_SEED` repeats a run.
#![allow(clippy::unwrap_used)]

use aurapos_tests::books::{Sums, must_agree, number, sql};
use aurapos_tests::customers::{Chance, Customers, number_from_env};
use aurapos_tests::durability;
use aurapos_tests::recorder::Recorder;
use aurapos_tests::shop::{OPERATOR, PIN, Script, Shop, copy_folder, run, scratch};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// Sales that are given ahead, so that the register never waits for the test.
const AHEAD: usize = 40;
/// A life ends before so many acknowledgements, by chance.
const LIFE_SALES: u64 = 25;

/// A shop in which a script is killed again and again, and what it had acknowledged by then.
struct Victim {
    shop: Shop,
    customers: Customers,
    chance: Chance,
    /// Given and not acknowledged yet, in order: given again in the next life.
    waiting: VecDeque<Value>,
    /// Sale id → answer.
    acknowledged: BTreeMap<String, Value>,
    /// Sales that were committed but not acknowledged when the program was killed.
    unheard: usize,
}

impl Victim {
    fn new(chance: Chance) -> Self {
        let customers = Customers::new(7, 0);
        Victim {
            shop: Shop::on_disk(),
            customers,
            chance,
            waiting: VecDeque::new(),
            acknowledged: BTreeMap::new(),
            unheard: 0,
        }
    }

    fn hear(&mut self, answer: Value) {
        let line = self.waiting.pop_front().unwrap();
        assert_eq!(answer["sale_id"], line["id"], "answers come in order: {answer}");
        if answer["repeated"] == json!(true) {
            self.unheard += 1;
        }
        let before = self.acknowledged.insert(line["id"].as_str().unwrap().to_owned(), answer);
        assert_eq!(before, None, "acknowledged lines are not given again");
    }

    fn feed(&mut self, script: &mut Script, known: &mut usize) {
        while self.waiting.len() < AHEAD {
            self.waiting.push_back(self.customers.sale());
        }
        while *known < self.waiting.len() {
            script.send(&self.waiting[*known]);
            *known += 1;
        }
    }

    /// One life with at least one acknowledgement, killed at a random moment of it.
    fn live_and_die(&mut self) {
        let mut script = self.shop.script();
        let mut known = 0;
        for _ in 0..=self.chance.below(LIFE_SALES) {
            self.feed(&mut script, &mut known);
            let answer = script.answer();
            self.hear(answer);
            known -= 1;
        }
        // Somewhere within the next sale, or the one after it.
        let moment = Duration::from_micros(self.chance.below(12_000));
        if let Some(answer) = script.answer_within(moment) {
            self.hear(answer);
        }
        script.kill().into_iter().for_each(|answer| self.hear(answer));
    }

    /// A life that is killed while the register still opens, or soon after.
    fn die_at_the_start(&mut self) {
        let mut script = self.shop.script();
        self.feed(&mut script, &mut 0);
        let moment = Duration::from_micros(self.chance.below(150_000));
        if let Some(answer) = script.answer_within(moment) {
            self.hear(answer);
        }
        script.kill().into_iter().for_each(|answer| self.hear(answer));
    }

    /// What a killed register left behind, read by `sqlite3` on a copy: the register's own files stay untouched.
    fn look(&self) {
        let copy = tempfile::tempdir().unwrap();
        let file = copy.path().join("AuraPOS.db");
        for end in ["", "-wal"] {
            let name = format!("AuraPOS.db{end}");
            fs::copy(self.shop.data.join(&name), copy.path().join(&name)).unwrap();
        }
        let found = sql(&file, "SELECT lower(hex(id)) AS id, receipt_no AS no, total FROM sale");
        let found: BTreeMap<String, (String, i64)> = found
            .iter()
            .map(|row| {
                (
                    row["id"].as_str().unwrap().to_owned(),
                    (row["no"].as_str().unwrap().to_owned(), row["total"].as_i64().unwrap()),
                )
            })
            .collect();
        for (id, answer) in &self.acknowledged {
            let (number, total) = found.get(&id.replace('-', "")).unwrap_or_else(|| panic!("{answer} was lost"));
            assert_eq!(
                (json!(number), *total),
                (answer["receipt_no"].clone(), aurapos_tests::books::hundredths(&answer["total"]))
            );
        }
        assert!(found.len() <= self.acknowledged.len() + 1, "at most the sale that was being made is there unheard");
        let numbers = "SELECT count(*) - max(counter) + count(DISTINCT counter) - count(*) FROM sale";
        assert_eq!(number(&file, numbers), 0, "numbers have no gap");
    }
}

#[test]
fn a_killed_register_keeps_every_acknowledged_sale_once() {
    let kills = number_from_env("AURAPOS_KILLS", 12);
    let mut victim = Victim::new(Chance::from_env("AURAPOS_SEED", 20_260_426));
    let start = Instant::now();
    for kill in 0..kills {
        victim.live_and_die();
        victim.look();
        if kill % 4 == 3 {
            victim.die_at_the_start();
            victim.look();
        }
    }
    let mut script = victim.shop.script();
    victim.feed(&mut script, &mut 0);
    for answer in script.finish() {
        victim.hear(answer);
    }
    let Victim { shop, acknowledged, unheard, .. } = &victim;
    let all: Vec<&Value> = acknowledged.values().collect();
    let numbers: Vec<String> = (1..=all.len()).map(|counter| format!("R1-1-{counter:06}")).collect();
    let told = Sums::told(all.iter().copied());
    assert_eq!(told.receipts.keys().cloned().collect::<Vec<_>>(), numbers, "one incarnation, no gap, nothing twice");
    assert_eq!(Sums::in_database(&shop.database()), told);
    must_agree(&shop.database());
    assert_eq!(shop.verify()["sales"], json!(all.len()));
    println!(
        "{kills} kills after an acknowledgement, {} while starting: {} sales acknowledged, {unheard} committed unheard and \
         answered again, 0 lost, 0 doubled, 0 gaps, in {:.1} s",
        kills / 4,
        all.len(),
        start.elapsed().as_secs_f32()
    );
}

/// Starts a command and kills it at a random moment within the time that a whole run takes.
fn kill_within(command: &mut Command, whole: Duration, chance: &mut Chance) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap();
    // Nobody sends: the receiver waits exactly until the moment.
    let (_never, moment) = channel::<()>();
    let micros = u64::try_from(whole.as_micros()).unwrap();
    let _ = moment.recv_timeout(Duration::from_micros(chance.below(micros)));
    // It may be through already.
    let _ = child.kill();
    child.wait().unwrap();
}

#[test]
fn an_import_that_is_killed_is_simply_repeated() {
    const PRODUCTS: u64 = 3_000;
    let mut chance = Chance::from_env("AURAPOS_SEED", 1);
    let shop = Shop::open();
    let before = number(&shop.database(), "SELECT count(*) FROM product");
    let file = shop.data.with_file_name("catalog.csv");
    aurapos_sample::write_csv(PRODUCTS, 42, &mut fs::File::create(&file).unwrap()).unwrap();
    let args = ["import", "products", file.to_str().unwrap()];
    for _ in 0..4 {
        kill_within(&mut shop.command(&args), Duration::from_millis(1200), &mut chance);
        must_agree(&shop.database());
        shop.sell(&["EAU-001"]);
    }
    shop.ok(&args);
    let again = shop.ok(&args);
    assert_eq!((&again["unchanged"], &again["added"]), (&json!(PRODUCTS), &json!(0)));
    assert_eq!(number(&shop.database(), "SELECT count(*) FROM product") - before, PRODUCTS as i64);
    let stock = number(
        &shop.database(),
        "SELECT sum(quantity) FROM stock_move WHERE product IN (SELECT id FROM product WHERE sku LIKE 'G0%')",
    );
    let made: i64 = aurapos_sample::generate(PRODUCTS, 42).map(|product| product.stock_thousandths).sum();
    assert_eq!(stock, made, "the stock of no row counts twice");
    must_agree(&shop.database());
    shop.verify();
}

/// The files of a backup folder that look like backups.
fn backups_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_backup = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("AuraPOS_") && name.ends_with(".db")
    };
    entries.map(|entry| entry.unwrap().path()).filter(is_backup).collect()
}

#[test]
fn a_backup_that_is_killed_at_any_step_leaves_nothing_that_looks_good_and_is_not() {
    let mut chance = Chance::from_env("AURAPOS_SEED", 2);
    let shop = Shop::open();
    let mut told = shop.sell_all(&Customers::new(8, 0).sales(30));
    let steps = steps_of(&shop, &["backup", "now"], number_from_env("AURAPOS_STEPS", 10), &mut chance);
    let (mut killed, mut seen) = (0, BTreeSet::new());
    for &step in &steps {
        killed += usize::from(kill_at_step(&shop, &["backup", "now"], step));
        let fresh = backups_in(&shop.data.join("Backups/Daily")).into_iter().filter(|file| seen.insert(file.clone()));
        for file in fresh.collect::<Vec<_>>() {
            must_agree(&file);
            let name = file.file_name().unwrap().to_str().unwrap();
            assert_eq!(shop.ok(&["backup", "verify", name])["backups"][0]["verified"], json!(true), "{name}");
        }
        told.push(shop.sell(&["EAU-001"]));
    }
    let count = told.len();
    let number = format!("R1-1-{count:06}");
    assert_eq!(told.last().unwrap()["receipt_no"], number, "a killed backup opens no new incarnation");
    let last = shop.ok(&["backup", "now"]);
    assert_eq!(last["backups"][0]["sales"], json!(count));
    assert_eq!(Sums::in_database(&shop.database()), Sums::told(&told));
    let parts = fs::read_dir(shop.data.join("Backups/Daily")).unwrap();
    let parts: Vec<String> = parts
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".part"))
        .collect();
    assert_eq!(parts, Vec::<String>::new(), "what was left over is tidied away");
    shop.verify();
    println!("backups killed at {killed} of {:?} steps", steps.last());
    assert!(killed >= steps.len() / 2, "{killed} of {} were killed", steps.len());
}

/// Runs a command to its end and answers at which of its steps (changes and syncs below the folder) to kill it: all where
/// there are few, else so many, evenly spread from a random one on, and the last ones.
fn steps_of(shop: &Shop, args: &[&str], trials: u64, chance: &mut Chance) -> Vec<u64> {
    let mut command = shop.command(args);
    let recorder = Recorder::of(&mut command, &shop.data, &shop.data.with_file_name("steps.log"));
    assert_eq!(run(&mut command, b"").status.code(), Some(0));
    let steps = durability::steps_in(&recorder.log()).unwrap();
    let stride = steps.div_ceil(trials).max(1);
    let spread = (1 + chance.below(stride)..=steps).step_by(usize::try_from(stride).unwrap());
    // The swap is near the end.
    spread.chain(steps.saturating_sub(6).max(1)..=steps).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A copy of the folder is a life of its own; each trial starts from the same data.
fn twin_of(shop: &Shop) -> (Shop, tempfile::TempDir) {
    let place = scratch();
    let twin = Shop::at(&place.path().join("twin"));
    copy_folder(&shop.data, &twin.data);
    (twin, place)
}

/// Kills a command at one of its steps; false when it had fewer of them and came to its end.
fn kill_at_step(shop: &Shop, args: &[&str], step: u64) -> bool {
    let mut command = shop.command(args);
    Recorder::of(&mut command, &shop.data, &shop.data.with_file_name("kill.log"));
    let said = run(command.env("AURAPOS_RECORD_KILL_AT", step.to_string()), b"");
    assert!(said.status.success() || said.status.signal() == Some(libc::SIGKILL), "step {step}: {said:?}");
    !said.status.success()
}

#[test]
fn a_restore_that_is_killed_at_any_step_leaves_the_old_data_or_the_new() {
    let mut chance = Chance::from_env("AURAPOS_SEED", 3);
    let shop = Shop::open();
    let mut customers = Customers::new(9, 0);
    let old = shop.sell_all(&customers.sales(10));
    let name = shop.ok(&["backup", "now"])["backups"][0]["name"].as_str().unwrap().to_owned();
    let new = shop.sell_all(&customers.sales(10));
    let whole: Vec<Value> = old.iter().chain(&new).cloned().collect();
    let args = ["backup", "restore", &name, "--yes"];
    let (whole_run, _place) = twin_of(&shop);
    let steps = steps_of(&whole_run, &args, number_from_env("AURAPOS_STEPS", 10), &mut chance);
    let mut seen = (0, 0);
    for &step in &steps {
        let (twin, _place) = twin_of(&shop);
        assert!(kill_at_step(&twin, &args, step), "each run has the same steps");
        let first = twin.sell(&["EAU-001"]);
        must_agree(&twin.database());
        twin.verify();
        let mut sums = Sums::in_database(&twin.database());
        sums.receipts.remove(first["receipt_no"].as_str().unwrap()).unwrap();
        let [is_old, is_new] = [&whole, &old].map(|sales| sums.receipts == Sums::told(sales).receipts);
        assert!(is_old != is_new, "step {step}: either the data before or the backup's: {:?}", sums.receipts);
        assert!(!first["receipt_no"].as_str().unwrap().starts_with("R1-1-"), "step {step}: {first}");
        seen = (seen.0 + u32::from(is_old), seen.1 + u32::from(is_new));
        backups_in(&twin.data.join("Backups/Daily")).iter().for_each(|file| must_agree(file));
    }
    println!(
        "restores killed at {} of {:?} steps: {} old data, {} backup's",
        steps.len(),
        steps.last(),
        seen.0,
        seen.1
    );
    assert!(seen.0 > 0 && seen.1 > 0, "killed before the swap and after it");
}

#[test]
fn a_start_that_is_killed_at_any_step_is_the_same_life() {
    let mut chance = Chance::from_env("AURAPOS_SEED", 4);
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let args = ["sell", "--operator", OPERATOR, "--pin", PIN, "--item", "EAU-001", "--tender", "cash"];
    let steps = steps_of(&shop, &args, number_from_env("AURAPOS_STEPS", 10), &mut chance);
    // One register through all of it: a moved or copied one would be another life by right.
    let mut killed = 0;
    for &step in &steps {
        killed += usize::from(kill_at_step(&shop, &args, step));
        must_agree(&shop.database());
    }
    assert!(killed >= steps.len() / 2, "{killed} of {} were killed", steps.len());
    let last = shop.sell(&["EAU-001"]);
    assert!(last["receipt_no"].as_str().unwrap().starts_with("R1-1-"), "{last}");
    must_agree(&shop.database());
    shop.verify();
    let sold = number(&shop.database(), "SELECT count(*) FROM sale");
    println!("starts and sales killed at {killed} of {:?} steps: {sold} sales", steps.last());
}
