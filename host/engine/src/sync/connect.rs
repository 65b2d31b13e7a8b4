//! The beginning of a session: which life of which shop's data is there, whose code this is, and what the shared store has
//! of every life of this register. Forks, copies and restored databases show here.

use super::call::EngineCall;
use super::claim;
use super::desk::Desk;
use super::here::{Here, Life};
use super::note::{NewLife, Note};
use super::status::Trouble;
use super::stop::Stop;
use crate::apply::finding::{Finding, FindingKind};
use crate::rows::journal::Head;
use crate::rows::shop::Shop;
use crate::rows::sync::Claim;
use crate::rows::{self, count, equal};
use aurapos_contract::query::{IN_VALUES_MAX, Query};
use aurapos_contract::{Uuid, Value};
use aurapos_domain::journal::{Hash, JournalEntry};

/// What a session holds the shared store to.
#[derive(Debug, Clone, Copy)]
pub(super) struct There {
    /// The life of its data.
    pub(super) epoch: Uuid,
    /// It has no shop yet: this register is the first.
    pub(super) founding: bool,
}

/// Finds out where both stand.
pub(super) async fn connect(desk: &Desk, here: &mut Here) -> Result<There, Stop> {
    let info = desk.info().await.map_err(Stop::away)?;
    desk.status(|status| status.server = format!("{} {}", info.engine, info.engine_version));
    let shops: Vec<Shop> = desk.all(rows::query::<Shop>().limit(2)).await?;
    let founding = shops.is_empty();
    if let Some(other) = shops.iter().find(|shop| shop.id != here.register.shop) {
        let told = format!("The shared storage belongs to another shop: {}.", other.name);
        return Err(Stop::Refused(Trouble::said(told)));
    }
    let there = There { epoch: info.epoch, founding };
    if here.mark.epoch != Some(there.epoch) {
        // Also what it had before is looked at again: a restored store lacks what it had got since its backup.
        here.mark.recovering |= here.mark.epoch.is_some();
        here.mark.epoch = Some(there.epoch);
        here.mark.cursor.clear();
    }
    here.mark.recovering |= founding;
    let heads = heads(desk, here).await?;
    claim_code(desk, here, &there, &heads).await?;
    let mut went_back = false;
    for at in 0..here.lives.len() {
        let head = heads.iter().find(|head| head.incarnation.uuid() == here.lives[at].id).cloned();
        went_back |= compare(desk, here, &there, at, head).await?;
    }
    if went_back {
        // The same life of the data, and yet it knows less: somebody put an earlier copy in its place by hand.
        here.mark.recovering = true;
        here.mark.cursor.clear();
    }
    here.tell(desk);
    Ok(there)
}

/// Whether the heads are still those that the session goes by, looked at after the feed was read to its end. A store that went back
/// between the first look and the feed has a good cursor, and lacks what the heads said that it has.
pub(super) async fn stands(desk: &Desk, here: &Here) -> Result<bool, Stop> {
    let heads = heads(desk, here).await?;
    let now = |life: &Life| heads.iter().find(|head| head.incarnation.uuid() == life.id);
    Ok(here.lives.iter().all(|life| now(life) == life.there.as_ref()))
}

/// What the shared store has of the lives of this register.
async fn heads(desk: &Desk, here: &Here) -> Result<Vec<Head>, Stop> {
    let mut heads = Vec::new();
    let lives: Vec<Value> = here.lives.iter().map(|life| life.id.into()).collect();
    for chunk in lives.chunks(IN_VALUES_MAX) {
        heads.append(&mut desk.all(rows::query::<Head>().filter_in("incarnation", chunk.to_vec())).await?);
    }
    Ok(heads)
}

/// Brings what is known of a life together with the head that the shared store has. `true`: it lost entries that it had.
async fn compare(desk: &Desk, here: &mut Here, there: &There, at: usize, head: Option<Head>) -> Result<bool, Stop> {
    let life = here.lives[at].clone();
    if life.known.forked.is_some() {
        here.lives[at].there = head;
        return Ok(false);
    }
    let acked = head.as_ref().map_or(0, |head| head.seq);
    if let Some(head) = &head
        && !agrees(desk, &life, head).await?
    {
        // Head and entry are two looks: a store that was put back between them holds no other history. Only one that is still
        // the same is believed.
        if !is_still(desk, there, head).await? || agrees(desk, &life, head).await? {
            return Err(Stop::Again);
        }
        quarantine(desk, here, &life, head.seq.min(life.seq)).await?;
        return Ok(false);
    }
    if acked > life.seq && here.is_present(life.id) {
        return Err(behind(desk, here, &life, acked).await);
    }
    let lost = acked < life.known.acked;
    let life = &mut here.lives[at];
    life.there = head;
    life.known.acked = acked.min(life.seq);
    Ok(lost)
}

/// Whether the shared store has the life and the head that it had a moment ago.
async fn is_still(desk: &Desk, there: &There, head: &Head) -> Result<bool, Stop> {
    let known = rows::query::<Head>().filter_in("incarnation", vec![head.incarnation.uuid().into()]);
    let heads: Vec<Head> = desk.all(known).await?;
    let same = heads.first().is_some_and(|now| (now.seq, now.hash) == (head.seq, head.hash));
    Ok(same && desk.info().await.map_err(Stop::away)?.epoch == there.epoch)
}

/// Whether both have the same history of a life, as far as the shorter one goes.
async fn agrees(desk: &Desk, life: &Life, head: &Head) -> Result<bool, Stop> {
    if head.seq == life.seq {
        return Ok(head.hash == life.hash);
    }
    let seq = head.seq.min(life.seq);
    if seq == 0 {
        return Ok(true);
    }
    let filters = vec![equal("incarnation", life.id), equal("seq", count(seq))];
    let query = Query { filters, ..rows::query::<JournalEntry>().limit(1) };
    let (entries, expected): (Vec<JournalEntry>, Hash) = match head.seq < life.seq {
        true => (desk.all_own(query).await?, head.hash),
        false => (desk.all(query).await?, life.hash),
    };
    Ok(entries.first().is_some_and(|entry| entry.hash == expected))
}

/// The shared store holds another history of a life: nothing more of it is posted, a person is told, and the register goes
/// on in a new life, whose numbers nobody has.
pub(super) async fn quarantine(desk: &Desk, here: &mut Here, life: &Life, seq: u64) -> Result<(), Stop> {
    let told = format!(
        "The shared storage and this register tell different things of this register's journal up to entry {seq}: its data was \
         put back or copied, and both sold. What the shared storage has stays there, what this register has stays here; \
         receipt numbers may have been given twice. The register goes on under new numbers."
    );
    let known = crate::rows::sync::SyncLife { forked: Some(seq), ..life.known.clone() };
    let finding =
        Finding::new(FindingKind::Fork, format!("{} {seq}", life.id), "journal".to_owned(), told, desk.moment().wall);
    let note = Note { mark: None, lives: vec![known.clone()], findings: vec![finding] };
    if here.is_present(life.id) {
        let reason = "the shared storage holds another history of this life".to_owned();
        let why = NewLife { ends: life.id, reason, note };
        desk.engine(EngineCall::NewLife(Box::new(why))).await?;
        return Err(Stop::Again);
    }
    desk.engine(EngineCall::Remember(Box::new(note))).await?;
    if let Some(life) = here.life_mut(life.id) {
        (life.known, life.stored) = (known.clone(), known);
    }
    Ok(())
}

/// The shared store has later entries of the present life than this register: its data is an earlier copy.
async fn behind(desk: &Desk, here: &Here, life: &Life, acked: u64) -> Stop {
    let missing = acked - life.seq;
    let told = format!(
        "The data of this register went back: the shared storage has {missing} later entries of its journal. They come back \
         from there, and the register goes on under new numbers."
    );
    let subject = format!("{} {acked}", here.register.code);
    let other = format!("{} {}", life.id, life.seq);
    let finding = Finding::new(FindingKind::WentBack, subject, other, told, desk.moment().wall);
    let reason = "the shared storage knows later entries of this life".to_owned();
    let note = Note { findings: vec![finding], ..Note::default() };
    let why = NewLife { ends: life.id, reason, note };
    desk.engine(EngineCall::NewLife(Box::new(why))).await.err().unwrap_or(Stop::Again)
}

/// Makes sure that the register's code is its own, and says which of its lives speaks.
async fn claim_code(desk: &Desk, here: &Here, there: &There, heads: &[Head]) -> Result<(), Stop> {
    let (register, now) = (&here.register, desk.moment().wall);
    let (code, present) = (register.code.as_str(), register.incarnation.uuid());
    let wanted = Claim {
        shop: register.shop.uuid(),
        code: code.to_owned(),
        register: register.id.uuid(),
        incarnation: present,
        epoch: here.stored.epoch.unwrap_or(there.epoch),
        name: String::new(),
        claimed: now,
        seen: now,
        revoked: None,
    };
    let claims: Vec<Claim> = desk.all(claim::of_shop(wanted.shop)).await?;
    let commit = match claims.into_iter().find(|claim| claim.code == code) {
        None => claim::claim(&wanted, there.epoch, desk.id()),
        Some(claim) if claim.register != wanted.register => {
            let told = format!(
                "The register code {code} belongs to another register of the shop: both give the same receipt numbers. Set one \
                 of them up again under another code."
            );
            let ids = format!("{} {}", claim.register, wanted.register);
            return tell(desk, FindingKind::SameNumbers, code.to_owned(), ids, told).await;
        }
        Some(claim) if claim.revoked.is_some() => {
            return Err(Stop::Refused(Trouble::said("This register was shut out of the shop by a manager.")));
        }
        Some(claim) => {
            let earlier = here.lives.iter().any(|life| life.id == claim.incarnation);
            // Nothing of the present life is there yet: it follows whatever was there, or is the first after a restore.
            let new = heads.iter().all(|head| head.incarnation.uuid() != present);
            if !earlier && !new {
                let told = format!(
                    "Another copy of this register's data ({code}) is in use beside this one. Both sell under numbers of their \
                     own and nothing is lost, but one of them should be set up as a register of its own."
                );
                let lives = format!("{present} {}", claim.incarnation);
                return tell(desk, FindingKind::Clone, code.to_owned(), lives, told).await;
            }
            claim::speak(&claim, present, now, there.epoch, desk.id())
        }
    };
    desk.commit(commit).await.map(drop).map_err(Stop::away)
}

/// Shows that the register is here.
pub(super) async fn show(desk: &Desk, here: &Here, there: &There) -> Result<(), Stop> {
    let (register, now) = (&here.register, desk.moment().wall);
    let query = claim::of_shop(register.shop.uuid()).filter(
        "code",
        aurapos_contract::query::FilterKind::Equal,
        register.code.as_str(),
    );
    let claims: Vec<Claim> = desk.all(query).await?;
    match claims.into_iter().find(|claim| claim.register == register.id.uuid()) {
        Some(claim) if claim.revoked.is_some() => Err(Stop::Again),
        Some(claim) if claim.incarnation == register.incarnation.uuid() => {
            let commit = claim::speak(&claim, claim.incarnation, now, there.epoch, desk.id());
            desk.commit(commit).await.map(drop).map_err(Stop::away)
        }
        Some(_) => Ok(()),
        // The store went back to before this register came: its code is claimed anew before somebody else is given it.
        None => Err(Stop::Again),
    }
}

/// Tells a person, once.
async fn tell(desk: &Desk, kind: FindingKind, subject: String, other: String, told: String) -> Result<(), Stop> {
    let finding = Finding::new(kind, subject, other, told, desk.moment().wall);
    let query = Query { filters: vec![equal("id", finding.id())], ..rows::query::<Finding>() };
    let known: Vec<Finding> = desk.all_own(query).await?;
    if known.is_empty() {
        let note = Note { findings: vec![finding], ..Note::default() };
        desk.engine(EngineCall::Remember(Box::new(note))).await?;
    }
    Ok(())
}
