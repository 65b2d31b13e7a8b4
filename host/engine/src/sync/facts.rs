//! Posts the journal: every entry with the rows that it makes, oldest first, each once. The commit holds the head that the
//! shared store has of this life to what this register believes it to be; so a repeated, late or doubled commit changes
//! nothing, and after an error nobody needs to know what became of it: the head tells.

use super::connect::{self, There};
use super::desk::Desk;
use super::here::Here;
use super::stop::{Stop, damaged};
use crate::check::entry::{self, Told};
use crate::rows::journal::Head;
use crate::rows::register::Incarnation;
use crate::rows::{self, Record, count, equal};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{PluginError, Uuid, Value};
use aurapos_domain::ids::{IncarnationId, RegisterId};
use aurapos_domain::journal::{Hash, JournalEntry};
use aurapos_domain::money::Currency;
use aurapos_domain::sale::PerpetualTotals;
use std::collections::BTreeMap;

/// Most entries of one commit.
const ENTRIES_MAX: u32 = 100;
/// How often the head of somebody else's life is looked at anew because it was moved meanwhile.
const TRIES_MAX: usize = 8;
/// A commit is ended by the entry that brings it above so many rows, or so many bytes: one entry was one commit before, so
/// it always has room.
const ROWS_ENOUGH: usize = 1_500;
/// See [`ROWS_ENOUGH`].
const BYTES_ENOUGH: usize = 1024 * 1024;

/// Posts one batch of the oldest life that is not all there. `false`: there was nothing.
pub(super) async fn post(desk: &Desk, here: &mut Here, there: &There) -> Result<bool, Stop> {
    let open = |life: &&super::here::Life| {
        life.known.forked.is_none() && (life.acked() < life.seq || here.is_present(life.id))
    };
    let Some(life) = here.lives.iter().find(open).cloned() else { return Ok(false) };
    let entries = entries_after(desk, life.id, life.acked()).await?;
    if entries.is_empty() {
        return Ok(false);
    }
    let before = life.there.clone();
    let (mut transaction, head) = batch_of(&entries, before.as_ref(), here.register.id)?;
    let id = desk.seal(&mut transaction, there.epoch);
    match desk.commit(transaction).await {
        Ok(_) => {
            here.did(id, desk.moment().at_us);
            let now = desk.moment().wall;
            if let Some(life) = here.life_mut(life.id) {
                life.known.acked = head.seq;
                life.known.acked_at = Some(now);
                life.seq = life.seq.max(head.seq);
                life.there = Some(head);
            }
            here.tell(desk);
            Ok(true)
        }
        Err(error) if is_of_a_fact(&error) => {
            // The head is where it was, and yet something of the entries is there already, otherwise.
            connect::quarantine(desk, here, &life, life.acked() + 1).await?;
            Ok(true)
        }
        Err(error) => Err(Stop::away(error)),
    }
}

/// Brings a restored store what this register knows of others' lives: the register that wrote it may be gone. Whoever is
/// quicker, the head lets every entry in once.
pub(super) async fn bring_others(desk: &Desk, here: &mut Here, there: &There) -> Result<(), Stop> {
    let lives: Vec<Incarnation> = desk.all_own(rows::query::<Incarnation>()).await?;
    for life in lives {
        if here.life_mut(life.id.uuid()).is_none() {
            bring_life(desk, here, there, &life).await?;
        }
    }
    Ok(())
}

async fn bring_life(desk: &Desk, here: &mut Here, there: &There, life: &Incarnation) -> Result<(), Stop> {
    for _ in 0..TRIES_MAX {
        let query = Query { filters: vec![equal("incarnation", life.id.uuid())], ..rows::query::<Head>() };
        let mut head = desk.all::<Head>(query).await?.pop();
        loop {
            while post(desk, here, there).await? {}
            let entries = entries_after(desk, life.id.uuid(), head.as_ref().map_or(0, |head| head.seq)).await?;
            // What does not go on from there, or only a newer program reads, is for its own register to bring.
            let Ok((mut transaction, after)) = batch_of(&entries, head.as_ref(), life.register) else { return Ok(()) };
            if entries.is_empty() {
                return Ok(());
            }
            let id = desk.seal(&mut transaction, there.epoch);
            match desk.commit(transaction).await {
                Ok(_) => {
                    here.did(id, desk.moment().at_us);
                    head = Some(after);
                }
                // Somebody was quicker, or has another history of it.
                Err(error) if error.code == ErrorCode::Conflict && error.detail.epoch.is_nil() => break,
                Err(error) => return Err(Stop::away(error)),
            }
        }
    }
    Ok(())
}

async fn entries_after(desk: &Desk, life: Uuid, seq: u64) -> Result<Vec<JournalEntry>, Stop> {
    let query = rows::query::<JournalEntry>().filter("seq", FilterKind::Greater, count(seq)).limit(ENTRIES_MAX);
    let query = Query { filters: [query.filters, vec![equal("incarnation", life)]].concat(), ..query };
    Ok(rows::read_all(&desk.own(query).await?, Currency::NONE)?)
}

/// A key is taken although the head was as expected.
fn is_of_a_fact(error: &PluginError) -> bool {
    error.code == ErrorCode::Conflict && error.detail.epoch.is_nil() && error.detail.table != Head::TABLE
}

/// The commit of some entries, and the head after them.
fn batch_of(
    entries: &[JournalEntry],
    before: Option<&Head>,
    register: RegisterId,
) -> Result<(Transaction, Head), Stop> {
    let mut transaction = Transaction::default();
    let life = entries.first().map_or(IncarnationId::from_bytes([0; 16]), |entry| entry.incarnation);
    let nothing = Head {
        incarnation: life,
        register,
        seq: 0,
        hash: Hash::ZERO,
        time: aurapos_domain::calendar::Timestamp(0),
        totals: PerpetualTotals::default(),
    };
    let mut head = before.cloned().unwrap_or(nothing);
    let key: Vec<Value> = vec![life.uuid().into()];
    match before {
        None => transaction.expect_absent(Head::TABLE, key),
        Some(head) => {
            let values = vec![count(head.seq), Value::Bytes(head.hash.0.to_vec())];
            transaction.expect_row(Head::TABLE, key, &["seq", "hash"], values);
        }
    }
    let mut facts = Facts::default();
    for entry in entries {
        if entry.seq != head.seq + 1 || entry.previous != head.hash {
            return Err(damaged("The journal of this register has a gap."));
        }
        facts.add(entry, register, &mut head)?;
        (head.seq, head.hash, head.time) = (entry.seq, entry.hash, entry.time);
        if facts.rows >= ROWS_ENOUGH || facts.bytes >= BYTES_ENOUGH {
            break;
        }
    }
    for (table, (columns, rows)) in facts.tables {
        transaction.push(OperationKind::Insert, table, columns, rows);
    }
    rows::upsert(&mut transaction, std::slice::from_ref(&head));
    Ok((transaction, head))
}

type Rows = (&'static [&'static str], Vec<Vec<Value>>);

/// The rows that entries make, by table.
#[derive(Default)]
struct Facts {
    tables: BTreeMap<&'static str, Rows>,
    rows: usize,
    bytes: usize,
}

impl Facts {
    fn add(&mut self, entry: &JournalEntry, register: RegisterId, head: &mut Head) -> Result<(), Stop> {
        self.put(JournalEntry::TABLE, JournalEntry::COLUMNS, vec![entry.write()]);
        let told = entry::read(entry, register, Currency::NONE);
        match told.map_err(|error| damaged(&format!("Entry {} of the journal can't be read: {error}.", entry.seq)))? {
            Told::Sale(sale) => {
                head.totals = sale.perpetual;
                for projected in rows::sale::projection(&sale, entry.seq) {
                    self.put(projected.table, projected.columns, projected.rows);
                }
            }
            Told::Opening(moves) => self.records(&moves),
            Told::CashMoved(moved) => self.records(&[moved]),
            Told::Incarnation(life) => self.records(&[life]),
            // Sessions of a drawer are the register's own.
            Told::DrawerOpened(_) | Told::Nothing => {}
        }
        Ok(())
    }

    fn records<R: Record>(&mut self, records: &[R]) {
        self.put(R::TABLE, R::COLUMNS, records.iter().map(Record::write).collect());
    }

    fn put(&mut self, table: &'static str, columns: &'static [&'static str], mut rows: Vec<Vec<Value>>) {
        if rows.is_empty() {
            return;
        }
        self.rows += rows.len();
        self.bytes += rows.iter().flatten().map(Value::size).sum::<usize>();
        self.tables.entry(table).or_insert((columns, Vec::new())).1.append(&mut rows);
    }
}

/// Whether a change of the feed is an entry of this life that the register did not post as far as it knows.
pub(super) fn is_unknown_entry(change: &aurapos_contract::query::Change, life: Uuid, acked: u64) -> bool {
    if change.table != JournalEntry::TABLE {
        return false;
    }
    let value = |name: &str| change.columns.iter().position(|column| column == name).and_then(|at| change.row.get(at));
    value("incarnation") == Some(&Value::Uuid(life))
        && value("seq").and_then(Value::as_int).is_some_and(|seq| u64::try_from(seq).is_ok_and(|seq| seq > acked))
}
