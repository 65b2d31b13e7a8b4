//! What one journal entry says must be stored, in rows; and whether what it says adds up.

use aurapos_contract::Value;
use aurapos_domain::body::{BodyError, Reader};
use aurapos_domain::calendar::Date;
use aurapos_domain::drawer::{DrawerSession, DrawerState};
use aurapos_domain::ids::{DrawerSessionId, IncarnationCode, IncarnationId, OperatorId, RegisterCode, RegisterId};
use aurapos_domain::journal::{EntryKind, Hash, JournalEntry};
use aurapos_domain::money::{Currency, Money};
use aurapos_domain::sale::{CommittedSale, decode};

use crate::import::body::{CatalogImported, ProductChanged};
use crate::import::opening_moves;
use crate::journal::{INCARNATION_VERSION, VERSION};
use crate::rows::Record;
use crate::rows::drawer::DrawerMove;
use crate::rows::register::{Incarnation, Numbers};
use crate::rows::stock::StockMoveRow;

/// What an entry stands for.
#[derive(Debug)]
pub(crate) enum Told {
    /// A sale or refund.
    Sale(Box<CommittedSale>),
    /// Opening stock of an import or of a new product.
    Opening(Vec<StockMoveRow>),
    /// A drawer was opened with a float.
    DrawerOpened(Box<DrawerSession>),
    /// Cash moved, or the drawer was opened without.
    CashMoved(DrawerMove),
    /// A life began.
    Incarnation(Incarnation),
    /// Nothing that has rows of its own.
    Nothing,
}

/// Reads an entry. Of a kind that this program does not know it tells nothing.
pub(crate) fn read(entry: &JournalEntry, register: RegisterId, currency: Currency) -> Result<Told, BodyError> {
    match entry.kind {
        EntryKind::SALE | EntryKind::REFUND => decode(&entry.body).map(|sale| Told::Sale(Box::new(sale))),
        EntryKind::CATALOG_IMPORTED => CatalogImported::decode(&entry.body)
            .map(|imported| Told::Opening(opening_moves(&imported.opening, entry.incarnation, entry.seq, entry.time))),
        EntryKind::PRODUCT_CHANGED => ProductChanged::decode(&entry.body)
            .map(|changed| Told::Opening(opening_moves(&changed.opening, entry.incarnation, entry.seq, entry.time))),
        EntryKind::DRAWER_OPENED => drawer_opened(entry, register, currency),
        EntryKind::LOAN => cash_moved(entry, "loan", currency),
        EntryKind::PICKUP => cash_moved(entry, "pickup", currency),
        EntryKind::NO_SALE => cash_moved(entry, "no_sale", currency),
        EntryKind::INCARNATION_OPENED => incarnation(entry, register),
        // Kinds of a newer program, and those that project to nothing.
        _ => Ok(Told::Nothing),
    }
}

fn drawer_opened(entry: &JournalEntry, register: RegisterId, currency: Currency) -> Result<Told, BodyError> {
    let mut r = Reader::new(&entry.body, VERSION)?;
    let id = DrawerSessionId::new(r.uuid()?);
    let number = r.u64()?;
    let by = OperatorId::new(r.uuid()?);
    let day = Date::from_days(r.i32()?);
    let float = Money::new(r.i64()?, currency);
    r.finish()?;
    let mut session = DrawerSession::opening(id, register, number, by, entry.time, day, currency);
    session.float = float;
    session.state = DrawerState::Open;
    Ok(Told::DrawerOpened(Box::new(session)))
}

fn cash_moved(entry: &JournalEntry, kind: &str, currency: Currency) -> Result<Told, BodyError> {
    let mut r = Reader::new(&entry.body, VERSION)?;
    let moved = DrawerMove {
        incarnation: entry.incarnation,
        seq: entry.seq,
        drawer: DrawerSessionId::new(r.uuid()?),
        operator: OperatorId::new(r.uuid()?),
        kind: kind.to_owned(),
        amount: Money::new(r.i64()?, currency),
        reason: r.text()?,
        time: entry.time,
    };
    r.finish()?;
    Ok(Told::CashMoved(moved))
}

fn incarnation(entry: &JournalEntry, register: RegisterId) -> Result<Told, BodyError> {
    let bad = |what| move |_| BodyError::BadValue { what };
    let mut r = Reader::new(&entry.body, INCARNATION_VERSION)?;
    let mut incarnation = Incarnation {
        id: IncarnationId::new(r.uuid()?),
        register,
        code: IncarnationCode::parse(&r.text()?).map_err(|_| BodyError::BadValue { what: "the incarnation's code" })?,
        previous: r.option(|r| r.uuid().map(IncarnationId::new))?,
        previous_seq: r.u64()?,
        previous_hash: Hash(r.bytes()?.try_into().map_err(bad("a hash"))?),
        reason: r.text()?,
        opened: entry.time,
        numbers: None,
    };
    if r.version() >= 2 {
        incarnation.numbers = r.option(|r| {
            let shop = r.uuid()?.into();
            let register = RegisterCode::parse(&r.text()?);
            let register = register.map_err(|_| BodyError::BadValue { what: "the register's code" })?;
            Ok(Numbers { shop, register })
        })?;
    }
    r.finish()?;
    Ok(Told::Incarnation(incarnation))
}

/// A record as a row with its table.
pub(super) fn row<R: Record>(record: &R) -> (&'static str, Vec<Value>) {
    (R::TABLE, record.write())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aurapos_domain::calendar::Timestamp;

    /// The first version of a life's first entry, as it was pinned when it was written, is read for ever.
    #[test]
    fn the_first_version_of_a_life_is_read() {
        let hex = include_str!("../journal_v1.txt").lines().find_map(|line| line.strip_prefix("incarnation_opened "));
        let hex = hex.unwrap();
        let body = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        let register = RegisterId::from_bytes([2; 16]);
        let id = IncarnationId::from_bytes([1; 16]);
        let entry = JournalEntry::next(register, id, None, EntryKind::INCARNATION_OPENED, Timestamp(5), body).unwrap();
        let Ok(Told::Incarnation(read)) = read(&entry, register, Currency::EUR) else { panic!("not read") };
        assert_eq!((read.code.as_str(), read.previous_seq, read.numbers), ("7KQ2", 258, None));
    }
}
