//! What a person has to look at, as a row. The engine decided nothing in these cases but to keep both sides.

use crate::error::EngineResult;
use crate::rows::{Fields, Record, time};
use aurapos_contract::{Uuid, Value};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::OperatorId;
use aurapos_domain::journal::Hash;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// Why somebody has to look.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingKind { $($(#[$doc])* $name,)* /** Of a newer program. */ Unknown, }

        impl FindingKind {
            /// The stable name in stores.
            pub const fn code(self) -> &'static str {
                match self { $(FindingKind::$name => $code,)* FindingKind::Unknown => "unknown" }
            }

            /// The kind of a stable name.
            pub fn from_code(code: &str) -> Self {
                match code { $($code => FindingKind::$name,)* _ => FindingKind::Unknown }
            }
        }
    };
}

kinds! {
    /// Two products have one article number.
    SameSku = "same_sku";
    /// Two categories have one name.
    SameCategory = "same_category";
    /// Two operators have one name.
    SameOperator = "same_operator";
    /// Two rates of one code begin on one day; the later edit counts.
    SameRate = "same_rate";
    /// Two registers, or two lives of one, give the same receipt numbers.
    SameNumbers = "same_numbers";
    /// Two sales have one receipt number.
    SameReceipt = "same_receipt";
    /// A fact came again and says something else; the first one stays.
    Fork = "fork";
    /// A journal entry does not fit the one before it, or was changed; it is left out with its whole transaction.
    BrokenChain = "broken_chain";
    /// The clock of a register is far ahead of this one's: its edits win over those that did not know of them.
    Ahead = "ahead";
    /// A row can't be understood; it is left out.
    Unreadable = "unreadable";
    /// The data knows less than was known of it: commits are missing.
    WentBack = "went_back";
    /// More of a line came back than was sold: two registers gave it back without seeing each other.
    OverRefund = "over_refund";
    /// Another life of this register posts beside this one: its data was copied and is used twice.
    Clone = "clone";
}

/// Something a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Why.
    pub kind: FindingKind,
    /// What it is about: the number or name that two have, or the key of a row.
    pub subject: String,
    /// The keys of both sides, or the table.
    pub other: String,
    /// One English sentence.
    pub told: String,
    /// When it was first or last seen.
    pub seen: Timestamp,
    /// Who ticked it off, and when. It stays ticked off when the same is seen again.
    pub resolved: Option<(Timestamp, OperatorId)>,
}

impl Finding {
    /// One that nobody ticked off.
    pub(crate) fn new(kind: FindingKind, subject: String, other: String, told: String, seen: Timestamp) -> Self {
        Finding { kind, subject, other, told, seen, resolved: None }
    }

    /// What makes two findings the same: kind and both sides, as the beginning of a hash of them. The texts themselves are
    /// longer than what every engine's index holds.
    pub fn id(&self) -> Uuid {
        let parts = [self.kind.code(), &self.subject, &self.other].join("\0");
        let mut id = [0; 16];
        id.copy_from_slice(&Hash::of(parts.as_bytes()).0[..16]);
        Uuid::from_bytes(id)
    }
}

impl Record for Finding {
    const TABLE: &'static str = "finding";
    const COLUMNS: &'static [&'static str] =
        &["id", "kind", "subject", "other", "told", "seen", "resolved", "resolved_by"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.id().into(),
            self.kind.code().into(),
            self.subject.as_str().into(),
            self.other.as_str().into(),
            self.told.as_str().into(),
            time(self.seen),
            self.resolved.map_or(Value::Null, |(when, _)| time(when)),
            self.resolved.map(|(_, by)| by.uuid()).into(),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let _id: Uuid = fields.id()?;
        let kind = FindingKind::from_code(&fields.text()?);
        let (subject, other, told) = (fields.text()?, fields.text()?, fields.text()?);
        let seen = fields.time()?;
        let (when, by) = (fields.maybe(Fields::time)?, fields.maybe(Fields::id)?);
        Ok(Finding { kind, subject, other, told, seen, resolved: when.zip(by) })
    }
}
