//! What stands between a register's sync and the shared store, and the breaks of the protocol that can be made there: each
//! takes one promise away, and the simulator has to find it. The product's code has no such switch.

use aurapos_contract::query::{Change, ChangeBatch};
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{RecordStore, Uuid};
use aurapos_engine::sync::call::{Answer, EngineCall, StoreCall};
use aurapos_plugin_testkit::ReferenceStore;

/// A promise that is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Break {
    /// None: the protocol as it is.
    #[default]
    None,
    /// Facts are posted without holding the head to what the register believes it to be.
    NoHead,
    /// Every commit is made twice, the second time under another id, in place of what is there.
    Twice,
    /// Edits are written without expecting the rows that were read.
    NoRow,
    /// The feed leaves a change out now and then.
    Skips,
    /// The feed gives the changes of a batch in another order, transactions torn apart, and what is behind is left out.
    Disorder,
    /// The life of the shared store that was seen first is believed for ever.
    StaleEpoch,
    /// A call of which nobody knows counts as done, and the feed as having told it.
    Believes,
    /// The feed counts as having told whatever was committed, as soon as it is asked.
    Unproved,
    /// The cursor is kept apart from what came with it, before it.
    EarlyCursor,
    /// Whoever asks for a code gets it, although another has it.
    AnyCode,
    /// The head that the shared store has is not looked at: what it has is believed to be this register's.
    NoFork,
    /// It is said that more of a register's edits are in the shared store than there are.
    EarlyMark,
    /// Deletions are not brought.
    NoTombstones,
}

/// Every break but none.
pub const BREAKS: [Break; 13] = [
    Break::NoHead,
    Break::Twice,
    Break::NoRow,
    Break::Skips,
    Break::Disorder,
    Break::StaleEpoch,
    Break::Believes,
    Break::Unproved,
    Break::EarlyCursor,
    Break::AnyCode,
    Break::NoFork,
    Break::EarlyMark,
    Break::NoTombstones,
];

/// An hour too far.
fn early_mark(transaction: &mut Transaction) {
    for operation in transaction.operations.iter_mut().filter(|one| one.table == "edit_mark") {
        let at = operation.columns.iter().position(|column| column == "clock");
        for clock in operation.rows.iter_mut().filter_map(|row| row.get_mut(at?)) {
            *clock = aurapos_contract::Value::Int(clock.as_int().unwrap_or_default() + 3_600_000_000);
        }
    }
}

impl Break {
    /// The break of that name: `NoHead`.
    ///
    /// # Errors
    /// The names that there are.
    pub fn named(name: &str) -> Result<Break, String> {
        let all = || BREAKS.iter().map(|one| format!("{one:?}"));
        let known = BREAKS.iter().find(|one| format!("{one:?}") == name).copied();
        known.ok_or_else(|| format!("there is {}", all().collect::<Vec<_>>().join(", ")))
    }
}

/// The port of one register.
#[derive(Debug, Clone, Default)]
pub struct Port {
    broken: Break,
    epoch: Option<Uuid>,
    count: u64,
    /// What the feed will be made to tell, although it does not.
    told: Vec<Uuid>,
}

impl Port {
    /// One that breaks a promise, or none.
    pub fn new(broken: Break) -> Self {
        Port { broken, ..Port::default() }
    }

    /// Makes a call of the shared store.
    pub fn ask(&mut self, call: &StoreCall, store: &ReferenceStore) -> Answer {
        self.count += 1;
        match call {
            StoreCall::Commit(transaction) => self.commit(transaction, store),
            call => self.after(call.ask(store)),
        }
    }

    fn commit(&mut self, transaction: &Transaction, store: &ReferenceStore) -> Answer {
        let mut transaction = transaction.clone();
        let writes =
            |transaction: &Transaction, table: &str| transaction.operations.iter().any(|one| one.table == table);
        match self.broken {
            Break::NoHead => transaction.expectations.retain(|one| one.table != "journal_head"),
            Break::NoRow if !writes(&transaction, "journal_head") && !writes(&transaction, "register_claim") => {
                transaction.expectations.clear();
            }
            Break::StaleEpoch => transaction.epoch = None,
            Break::EarlyMark => early_mark(&mut transaction),
            Break::AnyCode if writes(&transaction, "register_claim") => {
                transaction.expectations.clear();
                for operation in &mut transaction.operations {
                    operation.kind = OperationKind::Upsert;
                }
            }
            Break::NoFork => {
                transaction.expectations.retain(|one| one.table != "journal_head");
                for operation in &mut transaction.operations {
                    operation.kind = OperationKind::Upsert;
                }
            }
            _ => {}
        }
        let answer = Answer::Committed(store.commit(&transaction));
        if self.broken == Break::Unproved && matches!(answer, Answer::Committed(Ok(_))) {
            self.told.push(transaction.id);
        }
        if self.broken == Break::Twice && matches!(answer, Answer::Committed(Ok(_))) {
            let mut again = transaction;
            again.id = Uuid::from_u128(again.id.as_u128() ^ (1 << 32));
            again.expectations.clear();
            again.operations.retain(|one| one.table != "register_claim");
            for operation in &mut again.operations {
                operation.rows.truncate(1);
                if operation.table == "sale" {
                    let at = operation.columns.iter().position(|column| column == "id");
                    for row in &mut operation.rows {
                        if let Some(at) = at {
                            row[at] = again.id.into();
                        }
                    }
                } else {
                    operation.rows.clear();
                }
            }
            again.operations.retain(|one| !one.rows.is_empty());
            // One of nothing is news that makes news, for ever.
            if !again.operations.is_empty() {
                let _ = store.commit(&again);
            }
        }
        answer
    }

    /// What the register hears of an answer.
    fn after(&mut self, answer: Answer) -> Answer {
        match answer {
            Answer::Info(Ok(mut info)) if self.broken == Break::StaleEpoch => {
                info.epoch = *self.epoch.get_or_insert(info.epoch);
                Answer::Info(Ok(info))
            }
            Answer::Changes(Ok(batch)) => Answer::Changes(Ok(self.feed(batch))),
            other => other,
        }
    }

    fn feed(&mut self, mut batch: ChangeBatch) -> ChangeBatch {
        match self.broken {
            Break::Skips if self.count.is_multiple_of(7) => drop(batch.changes.pop()),
            Break::Disorder => {
                batch.changes.reverse();
                // Each its own transaction: nothing holds together what belongs together.
                for (number, change) in (0_u128..).zip(&mut batch.changes) {
                    change.transaction = Uuid::from_u128(change.transaction.as_u128() ^ number << 20);
                }
                let half = batch.changes.len() / 2;
                if half > 8 {
                    batch.changes.truncate(half);
                }
            }
            Break::NoTombstones => batch.changes.retain(|change| {
                let at = change.columns.iter().position(|column| column == "deleted");
                at.is_none_or(|at| change.row[at] != aurapos_contract::Value::Bool(true))
            }),
            _ => {}
        }
        // A register leaves out what it did itself, and takes it as the proof that it is there.
        let told = self.told.drain(..).map(|transaction| Change { transaction, ..Change::default() });
        batch.changes.extend(told);
        batch
    }

    /// What the register hears of a call of which nobody knows.
    pub fn unknown(&mut self, call: &StoreCall, error: aurapos_contract::PluginError) -> Answer {
        match (self.broken, call) {
            (Break::Believes, StoreCall::Commit(transaction)) => {
                self.told.push(transaction.id);
                Answer::Committed(Ok(Default::default()))
            }
            _ => call.failed(error),
        }
    }

    /// What the engine is given: one after the other.
    pub fn engine(&self, call: EngineCall) -> Vec<EngineCall> {
        match (self.broken, call) {
            (Break::EarlyCursor, EngineCall::Apply(mut feed)) => {
                let note = aurapos_engine::sync::note::Note { mark: feed.mark.take(), ..Default::default() };
                vec![EngineCall::Remember(Box::new(note)), EngineCall::Apply(feed)]
            }
            (_, call) => vec![call],
        }
    }
}
