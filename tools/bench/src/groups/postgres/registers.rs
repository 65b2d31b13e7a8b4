//! One register's sales, as its engine wrote them, made into those of many registers.
//!
//! Ids of the engine are numbers (`ordered_id`); a register's own number goes into a place of them that is zero otherwise.

use super::{BY_HAND, OURS, Site};
use crate::captured::{FIRST_OF_CATALOG, Kept};
use crate::{BenchResult, captured};
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{RecordStore, Uuid, Value};

/// A register's own number in an id: above the 48 bits of the engine's.
pub const PLACE: u32 = 48;
/// Registers that sell products of their own, and the first of those that all sell the same.
pub const MANY: u16 = 32;
pub const FIRST_OF_CROWD: u16 = 100;
/// Registers that all sell the same.
pub const CROWD: u16 = 16;

/// What a register has before its first sale; the catalog is the first one's.
const OWN_TABLES: [&str; 6] = ["incarnation", "register", "counter", "journal", "journal_head", "drawer_session"];

/// Registers, each at some sale of the same chain.
pub struct Registers {
    sales: Vec<Transaction>,
    done: Vec<usize>,
}

/// The id as another register's: its own things, and its own products where not all sell the same.
pub fn id_of(register: u16, id: Uuid) -> Uuid {
    let of_catalog = id.as_u128() & ((1 << PLACE) - 1) >= u128::from(FIRST_OF_CATALOG);
    if of_catalog && register >= FIRST_OF_CROWD {
        return id;
    }
    numbered(register, id)
}

fn numbered(register: u16, id: Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128() | u128::from(register) << PLACE)
}

/// The transaction as another register's.
pub fn of_register(register: u16, transaction: &Transaction) -> Transaction {
    let mut own = transaction.clone();
    // Also that of an import, which is of the catalog's numbers.
    own.id = numbered(register, own.id);
    let cells = own.operations.iter_mut().flat_map(|operation| &mut operation.rows).flatten();
    let expected = own.expectations.iter_mut().flat_map(|one| one.key.iter_mut().chain(&mut one.values));
    for cell in cells.chain(expected) {
        match cell {
            Value::Uuid(id) => *id = id_of(register, *id),
            Value::Text(text) if text.starts_with("R1") => *text = format!("R{register}{}", &text[2..]),
            _ => {}
        }
    }
    own
}

impl Registers {
    /// Sets all registers up, in both schemas.
    pub fn new(site: &Site, kept: captured::Kept) -> BenchResult<Registers> {
        let Kept { before, sales } = kept;
        let mut own = before.clone();
        for transaction in &mut own {
            transaction.operations.retain(|operation| OWN_TABLES.contains(&operation.table.as_str()));
        }
        for schema in [OURS, BY_HAND] {
            let store = site.open(schema, false)?;
            for transaction in &before {
                store.commit(transaction)?;
            }
            for register in (1..MANY).chain(FIRST_OF_CROWD..FIRST_OF_CROWD + CROWD) {
                for transaction in &own {
                    store.commit(&of_register(register, transaction))?;
                }
            }
            store.close()?;
        }
        Ok(Registers { sales, done: vec![0; usize::from(FIRST_OF_CROWD + CROWD)] })
    }

    /// The sale that all are made of.
    pub fn pattern(&self) -> BenchResult<&Transaction> {
        Ok(self.sales.first().ok_or("no sale")?)
    }

    /// A register's next sales.
    pub fn next(&mut self, register: u16, count: usize) -> BenchResult<Vec<Transaction>> {
        let done = self.done.get_mut(usize::from(register)).ok_or("no such register")?;
        let sales = self.sales.get(*done..*done + count).ok_or("more sales are needed: see `sales_needed`")?;
        *done += count;
        Ok(sales.iter().map(|sale| of_register(register, sale)).collect())
    }
}

/// Whether each row of an operation stands for itself, whatever was there.
pub fn updates(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::Upsert | OperationKind::Add)
}

/// Commits sales one after the other.
pub fn sell(store: &dyn RecordStore, sales: &[Transaction]) -> Result<(), String> {
    sales.iter().try_for_each(|sale| store.commit(sale).map(drop).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::ordered_id;

    #[test]
    fn registers_have_nothing_in_common_but_what_all_sell() {
        let (own, product) = (ordered_id(7), ordered_id(FIRST_OF_CATALOG + 7));
        assert_eq!(id_of(0, own), own, "the first register is as it was");
        assert_ne!(id_of(1, own), id_of(2, own));
        assert_ne!(id_of(1, product), id_of(2, product));
        assert_ne!(id_of(FIRST_OF_CROWD, own), id_of(FIRST_OF_CROWD + 1, own));
        assert_eq!(id_of(FIRST_OF_CROWD, product), product);
        let mut sale = Transaction { id: own, ..Default::default() };
        sale.push(OperationKind::Insert, "sale", &["id", "receipt_no"], vec![vec![own.into(), "R1-1-000001".into()]]);
        let other = of_register(3, &sale);
        assert_eq!(other.id, id_of(3, own));
        assert_eq!(other.operations[0].rows[0], [id_of(3, own).into(), Value::from("R3-1-000001")]);
    }
}
