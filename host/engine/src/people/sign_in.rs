//! Checking a name and a PIN, with the lockout written down before the answer is given.

use std::collections::BTreeMap;
use std::fmt;

use aurapos_contract::RecordStore;
use aurapos_contract::transaction::Transaction;
use aurapos_domain::calendar::{SECOND_US, Timestamp};
use aurapos_domain::ids::OperatorId;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Currency;
use aurapos_domain::people::{LockoutPolicy, LockoutState, Operator};
use sha2::{Digest as _, Sha256};

use super::pin;
use crate::env::Env;
use crate::error::{Code, Detail, EngineError, EngineResult};
use crate::journal;
use crate::rows;
use crate::rows::people::{Lockout, OperatorRow};
use crate::state::Core;

/// A hash of no PIN, with the parameters of today: an unknown name costs as long as a known one, so that names can't be
/// found out by the clock.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Which PINs were right, of operators who are signed in, so that a script of a thousand sales computes one hash. No PIN
/// is kept: only its digest under a key of this run, together with the very hash it was verified with, so that a reset
/// forgets it. Whoever reads the whole memory of the register can try all PINs of so few digits; whoever gets a piece of
/// it, or a dump without the key, learns nothing.
#[derive(Default)]
pub struct PinCache {
    key: Option<[u8; 32]>,
    verified: BTreeMap<OperatorId, [u8; 32]>,
}

impl fmt::Debug for PinCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinCache").field("verified", &self.verified.len()).finish_non_exhaustive()
    }
}

impl PinCache {
    fn knows(&self, operator: OperatorId, pin: &str, stored: &str) -> bool {
        let Some((key, known)) = self.key.as_ref().zip(self.verified.get(&operator)) else { return false };
        *known == digest(key, pin, stored)
    }

    fn remember(&mut self, operator: OperatorId, pin: &str, stored: &str, env: &mut dyn Env) {
        let key = self.key.get_or_insert_with(|| {
            let mut key = [0; 32];
            env.random(&mut key);
            key
        });
        let digest = digest(key, pin, stored);
        self.verified.insert(operator, digest);
    }

    /// Nobody of that name is signed in any more.
    pub(crate) fn forget(&mut self, operator: OperatorId) {
        self.verified.remove(&operator);
    }
}

fn digest(key: &[u8; 32], pin: &str, stored: &str) -> [u8; 32] {
    // The hash ends where it begins again: a PIN has no zero byte.
    Sha256::new().chain_update(key).chain_update(pin).chain_update([0]).chain_update(stored).finalize().into()
}

/// The operator of a name, in any case and with or without accents; also disabled ones.
pub fn operator_by_name(store: &dyn RecordStore, name: &str) -> EngineResult<Option<OperatorRow>> {
    rows::people::operator_named(store, name)
}

/// Checks a name and a PIN. A wrong PIN is counted in the store before the answer; a lock that still runs refuses the
/// right PIN too. A clock set back never ends a lock early.
///
/// Where two people have one name the PIN says who it is; a wrong one is counted for each of them.
pub(crate) fn sign_in(core: &mut Core, name: &str, pin: &str, env: &mut dyn Env) -> EngineResult<Operator> {
    let mut named = rows::people::operators_named(core.store.as_ref(), name)?;
    named.retain(|row| row.operator.active);
    if named.is_empty() {
        let _ = pin::verify_pin(pin, NOBODY);
        return Err(wrong());
    }
    let now = env.now();
    let mut tries = Vec::new();
    for row in named {
        let attempt = Attempt::of(core, row, now)?;
        if attempt.wait_us.is_none() && attempt.is_right(core, pin, env)? {
            if attempt.stored != LockoutState::default() {
                keep(core, env, attempt.row.operator.id, LockoutState::default())?;
            }
            return Ok(attempt.row.operator);
        }
        tries.push(attempt);
    }
    let mut refusal = wrong();
    for attempt in tries {
        refusal = attempt.refused(core, env, now)?;
    }
    Err(refusal)
}

/// An operator whose PIN somebody may have typed.
struct Attempt {
    row: OperatorRow,
    stored: LockoutState,
    /// As it is by the clock.
    state: LockoutState,
    wait_us: Option<i64>,
}

impl Attempt {
    fn of(core: &Core, row: OperatorRow, now: Timestamp) -> EngineResult<Self> {
        let stored = lockout_of(core.store.as_ref(), row.operator.id)?;
        let (state, wait_us) = LockoutPolicy::default().at(stored, now);
        Ok(Attempt { row, stored, state, wait_us })
    }

    fn is_right(&self, core: &mut Core, pin: &str, env: &mut dyn Env) -> EngineResult<bool> {
        let (operator, hash) = (&self.row.operator, self.row.pin_hash.as_str());
        if core.pins.knows(operator.id, pin, hash) {
            return Ok(true);
        }
        let right = pin::verify_pin(pin, hash).map_err(|error| {
            Code::RowDamaged
                .error(format!("The PIN of {}: {error}.", operator.name))
                .with_next("Ask a manager to set the PIN again.")
        })?;
        if right {
            core.pins.remember(operator.id, pin, hash, env);
        }
        Ok(right)
    }

    fn refused(self, core: &mut Core, env: &mut dyn Env, now: Timestamp) -> EngineResult<EngineError> {
        let operator = &self.row.operator;
        let Some(wait_us) = self.wait_us else {
            return count_failure(core, env, operator, LockoutPolicy::default().after_failure(self.state, now));
        };
        if self.state != self.stored {
            // The clock ran backwards: the lock starts again from here, also after a restart.
            keep(core, env, operator.id, self.state)?;
        }
        Ok(locked_out(operator, wait_us))
    }
}

/// Wrong PINs of an operator at this register.
pub(super) fn lockout_of(store: &dyn RecordStore, operator: OperatorId) -> EngineResult<LockoutState> {
    let row: Option<Lockout> = rows::find(store, "operator", operator.uuid(), Currency::EUR)?;
    Ok(row.map(|row| row.state).unwrap_or_default())
}

/// Writes a wrong PIN down and returns the refusal. A lock is told in the journal, single mistakes are not.
fn count_failure(
    core: &mut Core,
    env: &mut dyn Env,
    operator: &Operator,
    state: LockoutState,
) -> EngineResult<EngineError> {
    if state.lock_us <= 0 {
        keep(core, env, operator.id, state)?;
        let tries_left = LockoutPolicy::default().tries_left(state);
        return Ok(wrong().with_detail(Detail::WrongPin { tries_left }));
    }
    let mut draft = core.draft(env)?;
    rows::upsert(&mut draft.transaction, &[Lockout { operator: operator.id, state }]);
    let mut w = journal::body();
    w.uuid(operator.id.uuid()).text(&operator.name).u32(state.failures).i64(state.lock_us);
    core.append(&mut draft, EntryKind::LOCKOUT, journal::finish(w)?)?;
    core.commit(draft)?;
    Ok(locked_out(operator, state.lock_us))
}

fn keep(core: &mut Core, env: &mut dyn Env, operator: OperatorId, state: LockoutState) -> EngineResult<()> {
    let Timestamp(time) = env.now();
    let mut transaction = Transaction { id: env.new_id(), time, ..Transaction::default() };
    rows::upsert(&mut transaction, &[Lockout { operator, state }]);
    core.store.commit(&transaction)?;
    Ok(())
}

fn wrong() -> EngineError {
    Code::WrongPin.error("The name or the PIN is wrong.")
}

fn locked_out(operator: &Operator, wait_us: i64) -> EngineError {
    let seconds = wait_us.div_euclid(SECOND_US) + i64::from(wait_us.rem_euclid(SECOND_US) > 0);
    let wait =
        if seconds > 120 { format!("{} minutes", seconds.div_euclid(60) + 1) } else { format!("{seconds} seconds") };
    let detail = Detail::LockedOut { seconds_left: seconds.unsigned_abs() };
    Code::LockedOut.error(format!("{} is locked out after wrong PINs, for {wait}.", operator.name)).with_detail(detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::TestEnv;

    #[test]
    fn the_cache_keeps_no_pin_and_knows_it_again() {
        let (mut cache, operator) = (PinCache::default(), OperatorId::from_bytes([1; 16]));
        assert!(!cache.knows(operator, "4711", "hash"));
        cache.remember(operator, "4711", "hash", &mut TestEnv::new());
        assert!(cache.knows(operator, "4711", "hash"));
        for (pin, stored) in [("4712", "hash"), ("4711", "hash2"), ("471", "1hash"), ("", "4711hash")] {
            assert!(!cache.knows(operator, pin, stored), "{pin} {stored}");
        }
        assert!(!cache.knows(OperatorId::from_bytes([2; 16]), "4711", "hash"));
        let kept: Vec<u8> = cache.verified.values().flatten().copied().chain(cache.key.unwrap()).collect();
        assert!(!kept.windows(4).any(|part| part == b"4711") && !format!("{cache:?}").contains("4711"));
        cache.forget(operator);
        assert!(!cache.knows(operator, "4711", "hash"), "signed out");
    }
}
