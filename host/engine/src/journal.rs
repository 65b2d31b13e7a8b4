//! The bodies of the engine's own journal entries, version 1 each. Sales have theirs in `domain::sale`.
//!
//! A form never changes once it was written: a change is a new version.

use crate::apply::finding::Finding;
use crate::command::{BackupDeed, BackupNote};
use crate::error::{Code, EngineError, EngineResult};
use crate::rows::payment::IntentRow;
use crate::rows::register::Incarnation;
use crate::rows::shop::Shop;
use aurapos_domain::body::{BodyError, Reader, Writer};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::drawer::DrawerSession;
use aurapos_domain::ids::{DrawerSessionId, IncarnationId, OperatorId, RegisterCode, SaleId};
use aurapos_domain::money::Money;
use aurapos_domain::people::{Operator, Role};

/// The version of every body in this file but those that have one of their own.
pub const VERSION: u8 = 1;
/// The version of the entry that opens a life.
pub const INCARNATION_VERSION: u8 = 2;

/// The version of the entries of backups.
pub const BACKUP_VERSION: u8 = 2;
/// What stands in a text of a backup's entry at most, in characters: names and hashes are far below it.
const BACKUP_CHARS_MAX: usize = 300;

/// Starts a body.
pub fn body() -> Writer {
    Writer::new(VERSION)
}

/// Ends a body.
pub fn finish(writer: Writer) -> EngineResult<Vec<u8>> {
    writer.finish().map_err(EngineError::from)
}

impl From<BodyError> for EngineError {
    fn from(error: BodyError) -> Self {
        Code::BadRequest.error(format!("The journal can't take this: {error}."))
    }
}

/// A register's database began a new life: which was before, how far this database knew it, and why.
///
/// Version 2 also says whose numbers the life gives.
pub(crate) fn incarnation_opened(incarnation: &Incarnation) -> EngineResult<Vec<u8>> {
    let mut w = Writer::new(INCARNATION_VERSION);
    w.uuid(incarnation.id.uuid()).text(incarnation.code.as_str());
    w.option(incarnation.previous.map(IncarnationId::uuid), |w, id| {
        w.uuid(id);
    });
    w.u64(incarnation.previous_seq).bytes(&incarnation.previous_hash.0).text(&incarnation.reason);
    w.option(incarnation.numbers.as_ref(), |w, numbers| {
        w.uuid(numbers.shop.uuid()).text(numbers.register.as_str());
    });
    finish(w)
}

/// A shop was set up.
pub(crate) fn shop_created(shop: &Shop, register: &RegisterCode) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.uuid(shop.id.uuid()).text(&shop.name).text(shop.country.code).text(&shop.language).text(shop.currency.code());
    w.text(&shop.timezone).text(shop.price_mode.code()).text(register.as_str());
    finish(w)
}

/// The clock jumped.
pub(crate) fn clock_jumped(last: Timestamp, now: Timestamp) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.i64(last.0).i64(now.0);
    finish(w)
}

/// An operator was added, signed in or out.
pub(crate) fn operator(operator: &Operator) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.uuid(operator.id.uuid()).text(&operator.name).text(&operator.role.code).bool(operator.active);
    finish(w)
}

/// A role was added or changed: what it allows now; or it was removed: what it allowed.
pub(crate) fn role_changed(by: OperatorId, role: &Role, removed: bool) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.uuid(by.uuid()).text(&role.code).text(&role.name).text(&role.allows().to_string()).bool(removed);
    finish(w)
}

/// A drawer session was opened.
pub(crate) fn drawer_opened(session: &DrawerSession) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.uuid(session.id.uuid()).u64(session.number).uuid(session.opened_by.uuid());
    w.i32(session.business_day.days()).i64(session.float.minor);
    finish(w)
}

/// What the entry of an opened drawer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawerOpened {
    /// The session.
    pub drawer: DrawerSessionId,
    /// Its number.
    pub number: u64,
    /// Who opened it.
    pub operator: OperatorId,
    /// Cash at the start, minor units.
    pub float_minor: i64,
}

/// Reads the body of an opened drawer.
///
/// # Errors
/// [`Code::RowDamaged`] when the bytes are something else.
pub fn read_drawer_opened(body: &[u8]) -> EngineResult<DrawerOpened> {
    let read = || {
        let mut r = Reader::new(body, VERSION)?;
        let (drawer, number, operator) = (r.uuid()?.into(), r.u64()?, r.uuid()?.into());
        let _business_day = r.i32()?;
        let opened = DrawerOpened { drawer, number, operator, float_minor: r.i64()? };
        r.finish()?;
        Ok(opened)
    };
    read().map_err(|error: BodyError| Code::RowDamaged.error(format!("The entry of an opened drawer: {error}.")))
}

/// A backup was made, put back or deleted. Version 2 also says its series, when it was made, its size, and why it was deleted.
pub(crate) fn backup(note: &BackupNote) -> EngineResult<Vec<u8>> {
    let cut = |text: &str| text.chars().take(BACKUP_CHARS_MAX).collect::<String>();
    let mut w = Writer::new(BACKUP_VERSION);
    w.text(&cut(&note.name)).text(&cut(&note.sha256)).u64(note.sales).u64(note.position);
    w.text(&cut(&note.series)).i64(note.made.0).u64(note.bytes).text(&cut(&note.reason));
    finish(w)
}

/// Reads the body of a backup that was made, put back or deleted; which of them, the entry's kind says. In version 1 its series
/// is empty and its size 0, and it was made at the entry's time.
///
/// # Errors
/// [`Code::RowDamaged`] when the bytes are something else.
pub fn read_backup(deed: BackupDeed, entry_time: Timestamp, body: &[u8]) -> EngineResult<BackupNote> {
    let read = || {
        let mut r = Reader::new(body, BACKUP_VERSION)?;
        let (name, sha256, sales, position) = (r.text()?, r.text()?, r.u64()?, r.u64()?);
        let mut note = BackupNote { deed, name, sha256, sales, position, made: entry_time, ..BackupNote::default() };
        if r.version() >= BACKUP_VERSION {
            (note.series, note.made, note.bytes, note.reason) = (r.text()?, Timestamp(r.i64()?), r.u64()?, r.text()?);
        }
        r.finish().map(|()| note)
    };
    read().map_err(|error: BodyError| Code::RowDamaged.error(format!("The entry of a backup: {error}.")))
}

/// Cash moved without a sale, or the drawer was opened without one (amount 0).
pub(crate) fn cash_moved(
    drawer: DrawerSessionId,
    operator: OperatorId,
    amount: Money,
    reason: &str,
) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.uuid(drawer.uuid()).uuid(operator.uuid()).i64(amount.minor).text(reason);
    finish(w)
}

/// A receipt was printed again.
pub(crate) fn reprint(sale: SaleId, receipt_no: &str, operator: OperatorId) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.uuid(sale.uuid()).text(receipt_no).uuid(operator.uuid());
    finish(w)
}

/// A payment left the register, or its state changed.
pub(crate) fn payment_intent(intent: &IntentRow) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.uuid(intent.id.uuid()).uuid(intent.ticket.uuid()).text(&intent.instance).text(intent.state.code());
    w.text(intent.amount.currency.code())
        .i64(intent.amount.minor)
        .i64(intent.tendered.minor)
        .i64(intent.approved.minor);
    w.text(&intent.reference);
    finish(w)
}

/// Somebody looked at a finding and ticked it off: who, and what it said.
pub(crate) fn finding_resolved(finding: &Finding, by: &Operator) -> EngineResult<Vec<u8>> {
    let mut w = body();
    w.uuid(by.id.uuid()).uuid(finding.id()).text(finding.kind.code()).text(&finding.told);
    finish(w)
}

/// A ticket was given up after something was on it: how many lines, for how much.
pub(crate) fn ticket_abandoned(ticket: &aurapos_domain::ticket::Ticket, operator: OperatorId) -> EngineResult<Vec<u8>> {
    let total = ticket.totals().map(|totals| totals.total.minor).unwrap_or_default();
    let mut w = body();
    w.uuid(ticket.id().uuid()).uuid(operator.uuid()).u32(u32::try_from(ticket.lines().len()).unwrap_or(u32::MAX));
    w.i64(total);
    finish(w)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use aurapos_domain::calendar::Date;
    use aurapos_domain::country::CountryProfile;
    use aurapos_domain::ids::{IncarnationCode, PaymentIntentId, RegisterId, ShopId, TicketId};
    use aurapos_domain::journal::Hash;
    use aurapos_domain::money::Currency;
    use aurapos_domain::people::RolePermissions;

    use crate::apply::FindingKind;
    use crate::rows::payment::IntentState;
    use crate::rows::register::Numbers;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn bodies() -> Vec<(&'static str, Vec<u8>)> {
        let incarnation = Incarnation {
            id: IncarnationId::from_bytes([1; 16]),
            register: RegisterId::from_bytes([2; 16]),
            code: IncarnationCode::parse("7KQ2").unwrap(),
            previous: Some(IncarnationId::from_bytes([3; 16])),
            previous_seq: 258,
            previous_hash: Hash([4; 32]),
            reason: "the data is a copy".to_owned(),
            opened: Timestamp(5),
            numbers: Some(Numbers { shop: ShopId::from_bytes([6; 16]), register: RegisterCode::parse("R1").unwrap() }),
        };
        let country = CountryProfile::find("BE").unwrap();
        let shop = Shop {
            id: ShopId::from_bytes([6; 16]),
            name: "Épicerie".to_owned(),
            country,
            language: "fr".to_owned(),
            currency: country.currency,
            timezone: country.timezone.to_owned(),
            address: Vec::new(),
            phone: String::new(),
            vat_number: String::new(),
            price_mode: country.price_mode,
            created: Timestamp(7),
            newer: std::collections::BTreeMap::new(),
        };
        let mia = Operator {
            id: OperatorId::from_bytes([8; 16]),
            name: "Mia".to_owned(),
            role: Role::manager(),
            active: true,
        };
        let shift = Role::new("shift", "Chef d'équipe", RolePermissions::parse("sell refund fly"));
        let day = Date::from_ymd(2026, 11, 22).unwrap();
        let drawer = DrawerSessionId::from_bytes([9; 16]);
        let mut session =
            DrawerSession::opening(drawer, incarnation.register, 3, mia.id, Timestamp(10), day, Currency::EUR);
        session.open(eur(10_000)).unwrap();
        let intent = IntentRow {
            id: PaymentIntentId::from_bytes([11; 16]),
            ticket: TicketId::from_bytes([12; 16]),
            instance: "card".to_owned(),
            kind: aurapos_contract::payment::PaymentKind::Sale,
            state: IntentState::Sent,
            amount: eur(1000),
            tendered: eur(1000),
            approved: eur(0),
            reference: "r".to_owned(),
            original_reference: String::new(),
            created: Timestamp(13),
            updated: Timestamp(13),
            sale: None,
        };
        let text = str::to_owned;
        let finding = Finding::new(FindingKind::SameSku, text("PAIN"), text("a b"), text("Two."), Timestamp(17));
        vec![
            ("incarnation_opened", incarnation_opened(&incarnation).unwrap()),
            ("shop_created", shop_created(&shop, &RegisterCode::parse("R1").unwrap()).unwrap()),
            ("clock_jumped", clock_jumped(Timestamp(14), Timestamp(-15)).unwrap()),
            ("operator", operator(&mia).unwrap()),
            ("role_changed", role_changed(mia.id, &shift, false).unwrap()),
            ("drawer_opened", drawer_opened(&session).unwrap()),
            ("cash_moved", cash_moved(drawer, mia.id, eur(500), "monnaie").unwrap()),
            ("reprint", reprint(SaleId::from_bytes([16; 16]), "R1-1-000042", mia.id).unwrap()),
            ("payment_intent", payment_intent(&intent).unwrap()),
            ("finding_resolved", finding_resolved(&finding, &mia).unwrap()),
            ("backup", backup(&of_backup()).unwrap()),
        ]
    }

    fn of_backup() -> BackupNote {
        BackupNote {
            deed: BackupDeed::Deleted,
            name: "AuraPOS_backup_20260426_180042.db".to_owned(),
            sha256: "ab".to_owned(),
            sales: 5,
            position: 6,
            series: "weekly".to_owned(),
            made: Timestamp(18),
            bytes: 4096,
            reason: "its 7 years ended".to_owned(),
        }
    }

    #[test]
    fn a_backup_is_read_as_it_was_written_in_either_version() {
        let (deed, note) = (BackupDeed::Deleted, of_backup());
        assert_eq!(read_backup(deed, Timestamp(1), &backup(&note).unwrap()).unwrap(), note);
        let mut first = body();
        first.text("a.db").text("cd").u64(7).u64(8);
        let read = read_backup(BackupDeed::Made, Timestamp(9), &finish(first).unwrap()).unwrap();
        let known = BackupNote { name: "a.db".to_owned(), sha256: "cd".to_owned(), ..BackupNote::default() };
        assert_eq!(read, BackupNote { sales: 7, position: 8, made: Timestamp(9), ..known });
        let cut = backup(&note).unwrap();
        assert!(read_backup(deed, Timestamp(1), &cut[..cut.len() - 1]).is_err());
    }

    /// A form never changes once it was written.
    #[test]
    fn bodies_have_the_pinned_bytes() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let told: String = bodies().iter().map(|(name, body)| format!("{name} {}\n", hex(body))).collect();
        assert_eq!(told, include_str!("journal_bodies.txt"), "a body changed: give it a new version instead");
    }

    #[test]
    fn an_opened_drawer_is_read_as_it_was_written() {
        let body = bodies().into_iter().find(|(name, _)| *name == "drawer_opened").unwrap().1;
        let opened = read_drawer_opened(&body).unwrap();
        assert_eq!((opened.number, opened.float_minor), (3, 10_000));
        assert!(read_drawer_opened(&body[..body.len() - 1]).is_err());
        assert!(read_drawer_opened(&[body.as_slice(), &[0]].concat()).is_err());
    }
}
