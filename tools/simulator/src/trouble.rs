//! Troubles of a register's own data, and of an owner who locks registers out: what they do to the world.

use crate::world::World;
use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::money::Currency;
use aurapos_engine::Env;
use aurapos_engine::rows::register::Register;
use aurapos_engine::rows::{self, scan};
use aurapos_engine::sync::claim;
use aurapos_plugin_testkit::Fault;

/// The next commits of the register's own data fail.
pub fn fail_commits(world: &mut World, node: usize, count: u8, happens: bool) {
    let Some(store) = &world.nodes[node].store else { return };
    for _ in 0..count {
        let error = PluginError::new(ErrorCode::Io, "the disk failed");
        store.order_fault(if happens { Fault::AnswerLost(error) } else { Fault::Refused(error) });
    }
    world.nodes[node].disk_trouble = true;
}

/// Nothing can be written to the register's own data for a while.
pub fn fill_disk(world: &mut World, node: usize, us: i64) {
    let Some(store) = &world.nodes[node].store else { return };
    store.refuse_commits(Some(PluginError::new(ErrorCode::DiskFull, "there is no room")));
    world.nodes[node].disk_trouble = true;
    world.room_later(node, us);
}

/// Which register some data belongs to.
fn register_of(world: &World, node: usize) -> Option<Uuid> {
    let store = world.nodes[node].store.as_ref()?;
    let registers: Vec<Register> = scan(store, &rows::query::<Register>().limit(1), Currency::EUR).ok()?;
    registers.first().map(|register| register.id.uuid())
}

/// Whether the server lets the register in.
pub fn is_locked_out(world: &World, node: usize) -> bool {
    !world.locked.is_empty() && register_of(world, node).is_some_and(|register| world.locked.contains(&register))
}

/// The server lets it in no more, and the shop's registers can read it. Its role is no part of the data: it stays locked
/// when a copy of the data is put in place.
pub fn lock_out(world: &mut World, node: usize) {
    let Some(register) = register_of(world, node) else { return };
    world.locked.insert(register);
    change(world, |claim, now| (claim.register == register).then_some(claim.revoked.or(Some(now))));
}

/// Everybody is let in again, also who is locked out only by what a restored store says.
pub fn let_in(world: &mut World) {
    world.locked.clear();
    change(world, |claim, _| claim.revoked.is_some().then_some(None));
}

/// Writes until when claims are good, where that is to change.
fn change(
    world: &mut World,
    revoked: impl Fn(&aurapos_engine::rows::sync::Claim, Timestamp) -> Option<Option<Timestamp>>,
) {
    let Some(shop) = world.shop() else { return };
    for known in world.claims(shop) {
        let mut env = world.env(0);
        let (now, id) = (env.now(), env.new_id());
        if let Some(revoked) = revoked(&known, now) {
            // The row was read a moment ago, and nobody else writes in between.
            let changed = world.shared.commit(&claim::change(&known, &known.name, revoked, now, id));
            if let Err(error) = changed {
                world.fail(format!("a claim can't be changed: {error}"));
            }
        }
    }
    world.notify();
}
