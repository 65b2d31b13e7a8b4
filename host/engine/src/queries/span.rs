//! A span of sales: by the business day that each sale counts for, or by the time.

use aurapos_contract::Value;
use aurapos_contract::query::{FilterKind, Query};
use aurapos_domain::calendar::{DAY_US, Date, Timestamp};

/// A sale lies at most so many days before or after the beginning (UTC) of its business day: a zone is up to 14 hours
/// away, and a day begins up to a day after midnight.
const DAYS_AWAY: i64 = 3;

/// Where a span begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// With a business day; that day is part of the span on either side.
    Day(Date),
    /// With a time: from it on, or until just before it.
    Time(Timestamp),
}

/// Which part of the sales.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// From here on.
    pub from: Option<Edge>,
    /// Until here.
    pub to: Option<Edge>,
}

impl Span {
    /// One business day.
    pub const fn of_day(day: Date) -> Self {
        Span { from: Some(Edge::Day(day)), to: Some(Edge::Day(day)) }
    }

    /// The sales of a query that lie in it.
    pub(crate) fn of_sales(self, mut query: Query) -> Query {
        // Days are fenced by times, too: the list goes by the index of times.
        match self.from {
            Some(Edge::Day(day)) => {
                query = query.filter("business_day", FilterKind::AtLeast, i64::from(day.days()));
                query = query.filter("time", FilterKind::AtLeast, days_from(day, -DAYS_AWAY));
            }
            Some(Edge::Time(time)) => query = query.filter("time", FilterKind::AtLeast, Value::Time(time.0)),
            None => {}
        }
        match self.to {
            Some(Edge::Day(day)) => {
                query = query.filter("business_day", FilterKind::AtMost, i64::from(day.days()));
                query = query.filter("time", FilterKind::Less, days_from(day, DAYS_AWAY));
            }
            Some(Edge::Time(time)) => query = query.filter("time", FilterKind::Less, Value::Time(time.0)),
            None => {}
        }
        query
    }
}

fn days_from(day: Date, days: i64) -> Value {
    Value::Time((i64::from(day.days()) + days).saturating_mul(DAY_US))
}
