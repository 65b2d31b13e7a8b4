//! Drawer sessions, their totals and the cash moved without a sale.

use super::{Fields, Record, count, time};
use crate::error::EngineResult;
use aurapos_contract::Value;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::drawer::{DrawerSession, DrawerState};
use aurapos_domain::ids::{DrawerSessionId, IncarnationId, OperatorId};
use aurapos_domain::money::Money;
use aurapos_domain::tender::TenderKind;
use std::collections::BTreeMap;

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawerRow {
    /// The session; its tender totals stand in rows of their own ([`DrawerTotal`]).
    pub session: DrawerSession,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

impl Record for DrawerRow {
    const TABLE: &'static str = "drawer_session";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "register",
        "number",
        "state",
        "opened_by",
        "opened_at",
        "business_day",
        "float",
        "loans",
        "pickups",
        "counted",
        "closed_at",
    ];

    fn write(&self) -> Vec<Value> {
        let session = &self.session;
        vec![
            session.id.uuid().into(),
            session.register.uuid().into(),
            count(session.number),
            session.state.code().into(),
            session.opened_by.uuid().into(),
            time(session.opened_at),
            i64::from(session.business_day.days()).into(),
            session.float.minor.into(),
            session.loans.minor.into(),
            session.pickups.minor.into(),
            session.counted.map(|counted| counted.minor).into(),
            self.closed_at.map_or(Value::Null, time),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let session = DrawerSession {
            id: fields.id()?,
            register: fields.id()?,
            number: fields.number()?,
            state: fields.coded(DrawerState::from_code)?,
            opened_by: fields.id()?,
            opened_at: fields.time()?,
            business_day: fields.date()?,
            float: fields.money()?,
            loans: fields.money()?,
            pickups: fields.money()?,
            tenders: BTreeMap::new(),
            counted: fields.maybe(Fields::money)?,
        };
        Ok(DrawerRow { session, closed_at: fields.maybe(Fields::time)? })
    }
}

/// What one way of paying came to in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawerTotal {
    /// Which session.
    pub drawer: DrawerSessionId,
    /// Which way.
    pub kind: TenderKind,
    /// How much.
    pub amount: Money,
}

impl Record for DrawerTotal {
    const TABLE: &'static str = "drawer_total";
    const COLUMNS: &'static [&'static str] = &["drawer", "kind", "amount"];

    fn write(&self) -> Vec<Value> {
        vec![self.drawer.uuid().into(), self.kind.code().into(), self.amount.minor.into()]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(DrawerTotal { drawer: fields.id()?, kind: fields.coded(TenderKind::from_code)?, amount: fields.money()? })
    }
}

/// Cash that moved without a sale, or an opening of the drawer (amount 0).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawerMove {
    /// Whose journal.
    pub incarnation: IncarnationId,
    /// Which entry.
    pub seq: u64,
    /// Which session.
    pub drawer: DrawerSessionId,
    /// Who.
    pub operator: OperatorId,
    /// `float`, `loan`, `pickup` or `no_sale`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// Above zero, or zero.
    pub amount: Money,
    /// When.
    pub time: Timestamp,
}

impl Record for DrawerMove {
    const TABLE: &'static str = "drawer_move";
    const COLUMNS: &'static [&'static str] =
        &["incarnation", "seq", "drawer", "operator", "kind", "reason", "amount", "time"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.incarnation.uuid().into(),
            count(self.seq),
            self.drawer.uuid().into(),
            self.operator.uuid().into(),
            self.kind.as_str().into(),
            self.reason.as_str().into(),
            self.amount.minor.into(),
            time(self.time),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(DrawerMove {
            incarnation: fields.id()?,
            seq: fields.number()?,
            drawer: fields.id()?,
            operator: fields.id()?,
            kind: fields.text()?,
            reason: fields.text()?,
            amount: fields.money()?,
            time: fields.time()?,
        })
    }
}
