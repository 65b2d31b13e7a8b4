//! A register's code in the shared store: a row keyed by shop and code, made under the expectation that it is absent. So no
//! two registers ever have one code, whoever asks first. Pairing a register claims its code by these before it is set up.

use crate::rows::sync::Claim;
use crate::rows::{self, Record, equal, time};
use aurapos_contract::query::Query;
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{Uuid, Value};
use aurapos_domain::calendar::Timestamp;

/// Every claim of a shop.
pub fn of_shop(shop: Uuid) -> Query {
    Query { filters: vec![equal("shop", shop)], ..rows::query::<Claim>() }
}

fn key(claim: &Claim) -> Vec<Value> {
    vec![claim.shop.into(), claim.code.as_str().into()]
}

/// Whether the shared store may have forgotten codes: it was restored since the shop has it. A register that joins then
/// gets a random code in its receipt numbers ([`crate::setup::Joining::may_be_taken`]), so that even a register that was
/// forgotten, and whose code is given once more, has numbers of its own.
pub fn may_have_forgotten(claims: &[Claim], epoch: Uuid) -> bool {
    claims.iter().any(|claim| claim.epoch != epoch)
}

/// Claims a code; a Conflict names who has it. `epoch`: the life of the shared store in which it was looked at.
pub fn claim(wanted: &Claim, epoch: Uuid, id: Uuid) -> Transaction {
    let mut transaction = Transaction { id, time: wanted.claimed.0, epoch: Some(epoch), ..Transaction::default() };
    transaction.expect_absent(Claim::TABLE, key(wanted));
    rows::insert(&mut transaction, std::slice::from_ref(wanted));
    transaction
}

/// Says which life of the register speaks, and that it is here.
pub(super) fn speak(claim: &Claim, life: Uuid, now: Timestamp, epoch: Uuid, id: Uuid) -> Transaction {
    let mut transaction = Transaction { id, time: now.0, epoch: Some(epoch), ..Transaction::default() };
    let known = vec![claim.register.into(), claim.incarnation.into(), Value::Null];
    transaction.expect_row(Claim::TABLE, key(claim), &["register", "incarnation", "revoked"], known);
    let row = vec![claim.shop.into(), claim.code.as_str().into(), life.into(), time(now)];
    transaction.push(OperationKind::Upsert, Claim::TABLE, &["shop", "code", "incarnation", "seen"], vec![row]);
    transaction
}

/// Gives a claimed register another name for people, or shuts it out (`revoked`), or lets it in again.
pub fn change(claim: &Claim, name: &str, revoked: Option<Timestamp>, now: Timestamp, id: Uuid) -> Transaction {
    let mut transaction = Transaction { id, time: now.0, ..Transaction::default() };
    transaction.expect_row(Claim::TABLE, key(claim), &["register"], vec![claim.register.into()]);
    let row = vec![claim.shop.into(), claim.code.as_str().into(), name.into(), revoked.map_or(Value::Null, time)];
    transaction.push(OperationKind::Upsert, Claim::TABLE, &["shop", "code", "name", "revoked"], vec![row]);
    transaction
}
