//! The engine's one error and the one table of its codes.
//!
//! A code is for scripts and support and never changes its meaning; a message names the thing; `next` says what to do.
//! Numbers: AP-1xxx register and start, AP-2xxx ticket and sale, AP-3xxx payment, AP-4xxx drawer, AP-5xxx people and
//! rights, AP-6xxx catalog, import and export, AP-7xxx settings and reads, AP-8xxx storage, AP-9xxx bugs.

use aurapos_contract::PluginError;
use aurapos_contract::error::ErrorCode;
use aurapos_domain::ids::ProductId;
use aurapos_domain::people::Permission;

/// What was refused, for people and for scripts.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    /// Stable code: `AP-2001`.
    pub code: &'static str,
    /// One sentence that names the thing.
    pub message: String,
    /// What to do next, one sentence.
    pub next: String,
    /// The same command may succeed when it is given again.
    pub retry: bool,
    /// The storage's or plugin's own error, when there is one.
    #[source]
    pub source: Option<Box<PluginError>>,
    /// What a screen shows beside the sentence: a countdown, the field of a form.
    pub detail: Option<Box<Detail>>,
}

/// What stands in an error's sentence, for screens that show it in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Wrong PIN of an operator there is.
    WrongPin {
        /// Wrong PINs that are left before the lock.
        tries_left: u32,
    },
    /// Locked out.
    LockedOut {
        /// Until the lock ends, rounded up.
        seconds_left: u64,
    },
    /// Somebody has not the right that this needs.
    MissingRight {
        /// Who.
        operator: String,
        /// The right.
        right: Permission,
    },
    /// A field of a product is refused.
    Product {
        /// The field.
        field: ProductField,
        /// The product that has this article number or barcode.
        holder: Option<Holder>,
    },
}

/// A field of the form of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductField {
    /// Article number.
    Sku,
    /// Name.
    Name,
    /// Price.
    Price,
    /// VAT rate.
    Vat,
    /// Category.
    Category,
    /// Barcodes.
    Barcodes,
    /// Opening stock.
    Stock,
}

/// A product that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub id: ProductId,
    /// Article number.
    pub sku: String,
    /// Name.
    pub name: String,
}

/// An error of the domain, told under a code.
pub(crate) fn refused<E: std::fmt::Display>(code: Code) -> impl Fn(E) -> EngineError {
    move |error| {
        let text = error.to_string();
        let mut letters = text.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        code.error(format!("{first}{}.", letters.as_str().trim_end_matches('.')))
    }
}

/// The result of everything the engine does.
pub type EngineResult<T> = Result<T, EngineError>;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $retry:literal, $next:literal;)*) => {
        /// Every code of the engine with what to do next. The one table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The stable text: `AP-2001`.
            pub const fn text(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// Whether the same command may succeed when it is given again.
            pub const fn retry(self) -> bool {
                match self { $(Code::$name => $retry,)* }
            }

            /// What to do next.
            pub const fn next(self) -> &'static str {
                match self { $(Code::$name => $next,)* }
            }
        }
    };
}

codes! {
    // Register and start.
    /// There is no shop in the store.
    NoShop = "AP-1001", false, "Set up a shop first: aurapos-admin init.";
    /// There is a shop already.
    ShopExists = "AP-1002", false, "Use another data folder for another shop.";
    /// A value given for the new shop is not possible.
    BadShop = "AP-1003", false, "Correct the value and try again.";
    /// The rows of the register do not fit together.
    RegisterDamaged = "AP-1004", false, "Run aurapos-admin doctor, and restore a backup if it says so.";
    /// Nobody knows whether the last commit is on disk.
    InDoubt = "AP-1005", true, "Selling goes on as soon as the storage answers. Nothing is charged or numbered twice.";
    /// The store was changed by somebody else; the state was read again.
    Changed = "AP-1006", true, "Try again.";
    /// More sessions than a register may have.
    TooManySessions = "AP-1007", true, "Sign out somewhere else first.";
    /// Too many commands wait for the register.
    RegisterBusy = "AP-1008", true, "Nothing was done. Try again in a moment.";
    /// Something of the shop can only be understood by a newer program.
    NeedsUpdate = "AP-1009", false, "Update AuraPOS on this register: another register of the shop has a newer one.";

    /// There is no such finding.
    NoSuchFinding = "AP-1010", false, "Look at the list of findings: aurapos-admin findings list.";
    /// Another register of the shop has the code.
    CodeTaken = "AP-1011", false, "Choose a code that no register of the shop has.";

    // Ticket and sale.
    /// There is no product of that code.
    NoSuchItem = "AP-2001", false, "Check the code, or add the product to the catalog.";
    /// The ticket refused the change.
    TicketRefused = "AP-2002", false, "Correct the line and try again.";
    /// The ticket has no lines.
    TicketEmpty = "AP-2003", false, "Add an item first.";
    /// The ticket has payments and can't be changed any more.
    TicketPaid = "AP-2004", false, "Finish the payment, or take the payments back first.";
    /// There is no such sale.
    NoSuchSale = "AP-2005", false, "Check the receipt number.";
    /// More would be given back than was sold.
    RefundTooMuch = "AP-2006", false, "Give back at most what remains of the sale.";
    /// This sale is being worked on.
    SaleRunning = "AP-2007", true, "Wait for its answer.";
    /// The totals of a sale don't add up.
    SaleRefused = "AP-2008", false, "Nothing was stored. Keep the ticket and tell support.";
    /// A quantity or price that can't be read or isn't believed.
    BadRequest = "AP-2009", false, "Correct the request.";
    /// A receipt did not print, or nobody knows; told, never refused.
    NotPrinted = "AP-2010", false, "Print it again from the list of sales if it is wanted.";

    // Payment.
    /// There is no such way to pay.
    NoSuchTender = "AP-3001", false, "Use one of the configured ways to pay.";
    /// The payments don't cover the total.
    NotPaid = "AP-3002", false, "Add a tender for what is still due.";
    /// The amount is not possible for this way to pay.
    BadTender = "AP-3003", false, "Correct the amount.";
    /// The payment was declined or aborted.
    Declined = "AP-3004", false, "The ticket is kept: choose another way to pay.";
    /// What the plugin answered does not add up.
    PaymentLied = "AP-3005", false, "The ticket is kept: choose another way to pay, and check the payment plugin.";
    /// Nobody knows whether the payment happened.
    PaymentUnknown = "AP-3006", true, "Ask the terminal again before anything else; never charge a second time.";
    /// The payment plugin failed.
    PaymentFailed = "AP-3007", true, "The ticket is kept: try again, or choose another way to pay.";
    /// A payment of this ticket is going on.
    PaymentRunning = "AP-3008", true, "Wait for the answer of the payment.";
    /// There is no payment that could still be asked to stop.
    NothingToCancel = "AP-3009", false, "Look at the ticket: it says how the payment stands.";

    // Drawer.
    /// No drawer is open.
    DrawerClosed = "AP-4001", false, "Open the drawer first: aurapos-admin drawer open.";
    /// The drawer is open already.
    DrawerOpen = "AP-4002", false, "Sell in the open one; loans, pickups and counts work in it. Closing it with a report arrives in a later version.";
    /// An amount is not possible.
    BadAmount = "AP-4003", false, "Correct the amount.";
    /// The open drawer session is of an earlier day; told, never refused.
    DrawerOld = "AP-4004", false, "Selling goes on, and each sale counts for its own day. Closing the drawer with a report arrives in a later version.";

    // People and rights.
    /// Nobody is signed in.
    SignedOut = "AP-5001", false, "Sign in first.";
    /// The operator may not do this.
    NotAllowed = "AP-5002", false, "Ask a manager to do it.";
    /// Wrong name or PIN.
    WrongPin = "AP-5003", true, "Check the name and the PIN.";
    /// Too many wrong PINs.
    LockedOut = "AP-5004", true, "Wait until the lock ends, or ask a manager.";
    /// The session is locked.
    SessionLocked = "AP-5005", true, "Enter your PIN again.";

    /// Another operator has that name.
    OperatorExists = "AP-5006", false, "Choose another name, or enable the operator of that name again.";
    /// There is no operator of that name.
    NoSuchOperator = "AP-5007", false, "Check the name: aurapos-admin operator list.";
    /// The PIN, name or role of an operator is not possible.
    BadOperator = "AP-5008", false, "Correct it and try again.";
    /// Nobody would be left who may manage operators.
    LastManager = "AP-5009", false, "Give another operator the role manager first.";

    /// There is no role of that code.
    NoSuchRole = "AP-5010", false, "See the roles: aurapos-admin operator roles.";
    /// The code, name or rights of a role are not possible.
    BadRole = "AP-5011", false, "Correct it and try again.";
    /// Somebody has the role.
    RoleInUse = "AP-5012", false, "Give whoever has it another role first: aurapos-admin operator set-role.";

    // Catalog, import and export.
    /// The file is no list of products.
    ImportFile = "AP-6001", false, "Save the list as CSV (UTF-8) with a header line and import it again.";
    /// The export could not be written.
    ExportFailed = "AP-6002", true, "Check the folder and the room on its disk, then export again.";
    /// A field of a product is not possible.
    BadProduct = "AP-6003", false, "Correct it and save again.";
    /// Another product has that article number or barcode.
    ProductTaken = "AP-6004", false, "Choose another one, or change the product that has it.";
    /// There is no product of that id.
    NoSuchProduct = "AP-6005", false, "Open the list again: it may have been changed elsewhere.";

    // Settings and reads.
    /// There is no setting of that name.
    NoSuchSetting = "AP-7001", false, "See the names: aurapos-admin settings list.";
    /// The value is not possible for the setting.
    BadSetting = "AP-7002", false, "See what is possible: aurapos-admin settings list.";
    /// Somebody stopped it.
    Cancelled = "AP-7003", true, "Nothing was changed. Start it again when there is time.";

    // Storage.
    /// The disk is full.
    DiskFull = "AP-8001", true, "Nothing was stored. Make room on the disk and try again.";
    /// The storage is busy.
    StorageBusy = "AP-8002", true, "Try again in a moment.";
    /// The storage failed.
    StorageFailed = "AP-8003", true, "Nothing was stored. Try again; run aurapos-admin doctor if it stays.";
    /// The data is damaged.
    StorageDamaged = "AP-8004", false, "Restore a backup: aurapos-admin backup list, then backup restore.";
    /// The data was written by a newer program.
    StorageNewer = "AP-8005", false, "Install the newer version of AuraPOS.";
    /// The store can only be read.
    StorageReadOnly = "AP-8006", false, "Close the program that has the register open, then try again.";
    /// A row does not hold what it should.
    RowDamaged = "AP-8007", false, "Run aurapos-admin journal verify, and restore a backup if it says so.";
    /// The server that has the data does not answer.
    StorageAway = "AP-8008", true, "Look whether the server is on and the network is there; it is tried again by itself.";

    // Bugs.
    /// An answer to a question nobody asked.
    UnknownAnswer = "AP-9001", false, "Tell support.";
    /// Something that can't be.
    Bug = "AP-9002", false, "Nothing was stored. Tell support.";
}

impl Code {
    /// An error of this code.
    pub fn error(self, message: impl Into<String>) -> EngineError {
        let (code, retry) = (self.text(), self.retry());
        EngineError { code, message: message.into(), next: self.next().to_owned(), retry, source: None, detail: None }
    }

    /// An error of this code with a plugin's error as its source.
    pub fn because(self, message: impl Into<String>, source: PluginError) -> EngineError {
        let mut error = self.error(message);
        if !source.detail.next.is_empty() {
            error.next.clone_from(&source.detail.next);
        }
        error.source = Some(Box::new(source));
        error
    }
}

impl EngineError {
    /// The same error with another next step.
    #[must_use]
    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// The same error with what a screen shows beside it.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.detail = Some(Box::new(detail));
        self
    }

    /// The field of a product that is refused.
    pub fn product_field(&self) -> Option<ProductField> {
        match self.detail.as_deref() {
            Some(Detail::Product { field, .. }) => Some(*field),
            _ => None,
        }
    }

    /// True when the error has this code.
    pub fn is(&self, code: Code) -> bool {
        self.code == code.text()
    }
}

/// An error of the store, as the engine tells it.
pub fn of_store(error: PluginError) -> EngineError {
    let code = match error.code {
        ErrorCode::DiskFull => Code::DiskFull,
        ErrorCode::Busy => Code::StorageBusy,
        ErrorCode::Damaged | ErrorCode::NotAStore => Code::StorageDamaged,
        ErrorCode::SchemaNewer => Code::StorageNewer,
        ErrorCode::ReadOnly => Code::StorageReadOnly,
        ErrorCode::Conflict => Code::Changed,
        ErrorCode::Unreachable => Code::StorageAway,
        // Silence on a question is a failure like any other; on a commit the state asks before it comes here.
        _ => Code::StorageFailed,
    };
    code.because(format!("The storage refused: {error}."), error)
}

impl From<PluginError> for EngineError {
    fn from(error: PluginError) -> Self {
        of_store(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scripts and support rely on the codes: a change here is seen in review.
    #[test]
    fn are_the_pinned_ones() {
        let line = |code: &Code| {
            let retry = if code.retry() { "retry" } else { "final" };
            format!("{} {code:?} {retry}: {}\n", code.text(), code.next())
        };
        let told: String = Code::ALL.iter().map(line).collect();
        assert_eq!(told, include_str!("error_codes.txt"), "a code changed: update error_codes.txt if it is meant");
    }

    #[test]
    fn codes_are_given_once() {
        let mut texts: Vec<&str> = Code::ALL.iter().map(|code| code.text()).collect();
        texts.sort_unstable();
        let count = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), count, "a code stands twice in the table");
        for code in Code::ALL {
            assert!(code.text().len() == 7 && code.text().starts_with("AP-"), "{code:?}");
            assert!(code.next().ends_with('.'), "{code:?} says what to do next");
        }
    }
}
