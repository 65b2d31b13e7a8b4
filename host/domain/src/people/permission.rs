//! Permissions: what not everybody may do, and sets of it.

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $bit:literal, $code:literal;)*) => {
        /// Something that not everybody may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Permission { $($(#[$doc])* $variant = $bit,)* }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Permission] = &[$(Permission::$variant),*];

            /// The stable name in stores and settings.
            pub const fn code(self) -> &'static str {
                match self { $(Permission::$variant => $code,)* }
            }
        }
    };
}

// The numbers are bits of a stored set: they never change and are never used again.
permissions! {
    /// Sell.
    Sell = 0, "sell";
    /// Give a discount.
    Discount = 1, "discount";
    /// Ask another price than the catalog's.
    PriceOverride = 2, "price_override";
    /// Take goods back.
    Refund = 3, "refund";
    /// Open the drawer without a sale.
    OpenDrawer = 4, "open_drawer";
    /// Open, count and close a drawer session.
    DrawerSession = 5, "drawer_session";
    /// Put cash into or take it out of the drawer.
    CashMovement = 6, "cash_movement";
    /// See totals so far and reports.
    Reports = 7, "reports";
    /// Print a receipt again.
    Reprint = 8, "reprint";
    /// Change products, categories and prices.
    ManageCatalog = 9, "manage_catalog";
    /// Change stock.
    ManageStock = 10, "manage_stock";
    /// Change customers.
    ManageCustomers = 11, "manage_customers";
    /// Add, disable and help operators.
    ManageOperators = 12, "manage_operators";
    /// See, make and check backups.
    Backup = 13, "backup";
    /// Change settings.
    Settings = 14, "settings";
    /// Install, trust and enable plugins.
    Plugins = 15, "plugins";
    /// Remove a line or give up a ticket after something was on it.
    VoidLine = 16, "void_line";
    /// Put a backup in the place of the data.
    Restore = 17, "restore";
    /// See what came in and what cash should be in the drawer. Who may not counts blindly.
    SeeExpectedCash = 18, "see_expected_cash";
    /// See the sales of others in lists.
    SeeAllSales = 19, "see_all_sales";
}

impl Permission {
    /// The permission of a stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.code() == code)
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PermissionSet(u64);

impl PermissionSet {
    /// Nothing.
    pub const NONE: PermissionSet = PermissionSet(0);

    /// These permissions.
    pub const fn of(permissions: &[Permission]) -> PermissionSet {
        let mut bits = 0;
        let mut index = 0;
        while index < permissions.len() {
            bits |= 1 << permissions[index] as u8;
            index += 1;
        }
        PermissionSet(bits)
    }

    /// The set of stored bits; bits of newer programs are kept.
    pub const fn from_bits(bits: u64) -> PermissionSet {
        PermissionSet(bits)
    }

    /// The bits to store.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// True when the permission is in the set.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// The set and one permission more.
    #[must_use]
    pub const fn with(self, permission: Permission) -> PermissionSet {
        PermissionSet(self.0 | (1 << permission as u8))
    }

    /// The set without one permission.
    #[must_use]
    pub const fn without(self, permission: Permission) -> PermissionSet {
        PermissionSet(self.0 & !(1 << permission as u8))
    }

    /// The permissions of both.
    #[must_use]
    pub const fn and(self, other: PermissionSet) -> PermissionSet {
        PermissionSet(self.0 | other.0)
    }

    /// The permissions that the other has not.
    #[must_use]
    pub const fn minus(self, other: PermissionSet) -> PermissionSet {
        PermissionSet(self.0 & !other.0)
    }

    /// The permissions that this program knows.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}
