//! The kinds of journal entries. A number is never given a second meaning.

use std::fmt;

/// What an entry tells; a number, so that an older program keeps an entry whose kind it does not know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKind(pub u16);

macro_rules! kinds {
    ($($(#[$doc:meta])* $constant:ident = $number:literal, $name:literal;)*) => {
        impl EntryKind {
            $($(#[$doc])* pub const $constant: EntryKind = EntryKind($number);)*

            /// Every kind that this program knows.
            pub const ALL: &'static [EntryKind] = &[$(EntryKind::$constant),*];

            /// The stable name; `None` for a kind of a newer program.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// A register's database began a new life.
    INCARNATION_OPENED = 1, "incarnation_opened";
    /// A shop was set up.
    SHOP_CREATED = 2, "shop_created";
    /// A backup was made.
    BACKUP_MADE = 3, "backup_made";
    /// A backup was restored.
    RESTORED = 4, "restored";
    /// The clock jumped.
    CLOCK_JUMPED = 5, "clock_jumped";
    /// A backup was deleted: by the plan, or by hand.
    BACKUP_DELETED = 6, "backup_deleted";
    /// A sale.
    SALE = 16, "sale";
    /// A sale with negative lines that names its origin.
    REFUND = 17, "refund";
    /// A receipt was printed again.
    REPRINT = 18, "reprint";
    /// A drawer session was opened.
    DRAWER_OPENED = 32, "drawer_opened";
    /// Cash was put into the drawer.
    LOAN = 33, "loan";
    /// Cash was taken out of the drawer.
    PICKUP = 34, "pickup";
    /// The drawer was counted.
    DRAWER_COUNTED = 35, "drawer_counted";
    /// A drawer session was closed with numbered totals.
    Z_REPORT = 36, "z_report";
    /// The drawer was opened without a sale.
    NO_SALE = 37, "no_sale";
    /// An operator was added.
    OPERATOR_ADDED = 48, "operator_added";
    /// An operator was changed.
    OPERATOR_CHANGED = 49, "operator_changed";
    /// A PIN was set again.
    PIN_RESET = 50, "pin_reset";
    /// An operator was locked out after wrong PINs.
    LOCKOUT = 51, "lockout";
    /// An operator signed in.
    SIGN_IN = 52, "sign_in";
    /// A manager allowed something that the operator may not do.
    OVERRIDE = 53, "override";
    /// An operator signed out.
    SIGN_OUT = 54, "sign_out";
    /// A role was added, changed or removed.
    ROLE_CHANGED = 55, "role_changed";
    /// Products were imported.
    CATALOG_IMPORTED = 64, "catalog_imported";
    /// A product was changed.
    PRODUCT_CHANGED = 65, "product_changed";
    /// Stock moved without a sale.
    STOCK_MOVED = 66, "stock_moved";
    /// A setting was changed.
    SETTING_CHANGED = 80, "setting_changed";
    /// A plugin was trusted.
    PLUGIN_TRUSTED = 81, "plugin_trusted";
    /// A plugin was enabled, disabled or removed.
    PLUGIN_CHANGED = 82, "plugin_changed";
    /// Somebody looked at a finding and ticked it off.
    FINDING_RESOLVED = 83, "finding_resolved";
    /// A payment left the register, or its answer came.
    PAYMENT_INTENT = 96, "payment_intent";
    /// A ticket was given up after something was on it.
    TICKET_ABANDONED = 97, "ticket_abandoned";
    /// A ticket was parked or recalled.
    TICKET_PARKED = 98, "ticket_parked";
}

impl fmt::Debug for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name().unwrap_or("unknown"), self.0)
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "kind {}", self.0),
        }
    }
}
