//! Three registers of one shop that sell all the time while they, and the server, are killed, and cables are pulled, again and again.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::customers::{Chance, number_from_env};
use aurapos_tests::shop::{Script, Shop};
use aurapos_tests::street::{Cable, Street, Wires, line};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// What is promised after the last trouble; looked at with patience, and said.
const CONVERGED: Duration = Duration::from_secs(5);

/// The shop, and what its customers were told.
struct Shops {
    street: Street,
    all: Vec<Shop>,
    /// Of all but the master, where networks of one's own can be made.
    cables: Vec<Cable>,
    told: BTreeSet<String>,
    _wires: Option<Wires>,
}

impl Shops {
    fn open() -> Self {
        let mut wires = Wires::possible();
        let street = Street::at(&wires.as_ref().map_or_else(|| "127.0.0.1".to_owned(), Wires::address));
        street.set_up();
        street.master.opens_its_drawer();
        let cables: Vec<Cable> = (0..2).filter_map(|_| wires.as_mut().map(Wires::lay)).collect();
        let others = ["Bar", "Terrace"].iter().enumerate().map(|(at, name)| match cables.get(at) {
            Some(cable) => street.joins_at(name, cable),
            None => street.joins(name),
        });
        let all = std::iter::once(Shop::at(&street.master.data)).chain(others).collect();
        Shops { street, all, cables, told: BTreeSet::new(), _wires: wires }
    }

    fn script(&self, at: usize) -> Script {
        match at.checked_sub(1).and_then(|at| self.cables.get(at)) {
            Some(cable) => cable.script(&self.all[at]),
            None => self.all[at].script(),
        }
    }

    fn hear(&mut self, answers: Vec<Value>) {
        for answer in answers {
            let number = answer["receipt_no"].as_str().unwrap_or_else(|| panic!("a sale was refused: {answer}"));
            assert!(self.told.insert(number.to_owned()), "{number} was told twice");
        }
    }

    /// Everybody sells a while, troubles come, and one or none is killed.
    fn lives_through_a_round(&mut self, chance: &mut Chance) {
        let mut scripts: Vec<Script> = (0..self.all.len()).map(|at| self.script(at)).collect();
        let sales = 4 + chance.below(16);
        let server_dies = (chance.below(2) == 0).then(|| chance.below(sales));
        let pulled = chance.below(4) as usize;
        let pulled_at = chance.below(sales);
        for number in 0..sales {
            if number == pulled_at
                && let Some(cable) = self.cables.get(pulled)
            {
                cable.pull();
            }
            let item = ["BOUL-001", "EAU-001", "BOUL-002"][(number % 3) as usize];
            scripts.iter_mut().for_each(|script| script.send(&line(item)));
            if server_dies == Some(number) {
                self.street.kill_the_server();
            }
            let answers = scripts.iter_mut().map(Script::answer).collect();
            self.hear(answers);
        }
        let killed = chance.below(4) as usize;
        for (at, mut script) in scripts.into_iter().enumerate() {
            // Killed while it sells: what it had not answered nobody knows of.
            let answers = if at == killed {
                script.send(&line("EAU-001"));
                script.kill()
            } else {
                script.finish()
            };
            self.hear(answers);
        }
        if let Some(cable) = self.cables.get(pulled) {
            cable.mend();
        }
        if !self.street.server_runs() {
            self.street.master.ok(&["server", "start"]);
        }
    }

    /// All troubles are over, everybody is open, and nobody does anything.
    fn come_together(&self) {
        let begun = Instant::now();
        let scripts: Vec<Script> = (0..self.all.len()).map(|at| self.script(at)).collect();
        let known = || -> Vec<String> {
            self.all
                .iter()
                .map(|shop| aurapos_tests::street::in_sqlite(shop, "SELECT count(*) FROM sale"))
                .chain([self.street.in_psql("SELECT count(*) FROM aurapos.sale")])
                .collect()
        };
        loop {
            let counts = known();
            if counts.iter().all(|count| *count == counts[0]) && counts[0].parse::<usize>().unwrap() >= self.told.len()
            {
                break;
            }
            assert!(begun.elapsed() < CONVERGED * 12, "{counts:?}, {} told", self.told.len());
            std::thread::sleep(Duration::from_millis(50));
        }
        println!("everything is everywhere {:?} after the last trouble, opening included", begun.elapsed());
        scripts.into_iter().for_each(|script| drop(script.finish()));
    }
}

/// `AURAPOS_KILLS` says how many rounds, `AURAPOS_SEED` repeats a run.
#[test]
fn killed_registers_a_killed_server_and_pulled_cables_lose_and_double_nothing() {
    let mut chance = Chance::from_env("AURAPOS_SEED", 11);
    let mut shops = Shops::open();
    let rounds = number_from_env("AURAPOS_KILLS", 4);
    for round in 0..rounds {
        shops.lives_through_a_round(&mut chance);
        if round % 20 == 19 {
            println!("{} rounds, {} receipts told", round + 1, shops.told.len());
        }
    }
    shops.come_together();
    let all: Vec<&Shop> = shops.all.iter().collect();
    shops.street.agrees(&all);
    let known = shops.street.in_psql("SELECT string_agg(receipt_no, ' ') FROM aurapos.sale");
    let known: BTreeSet<String> = known.split(' ').map(str::to_owned).collect();
    let lost: Vec<&String> = shops.told.difference(&known).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    println!("{rounds} rounds: {} receipts told, {} there, 0 lost, 0 doubled, 0 gaps", shops.told.len(), known.len());
}
