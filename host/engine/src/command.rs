//! What can be asked of a register, and what it answers: plain data.

pub mod people;
pub mod settings;

use std::fmt;

use aurapos_contract::Uuid;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{CustomerId, SaleId};
use aurapos_domain::money::{Money, Quantity};
use aurapos_domain::pricing::Discount;

use crate::identity::MachineIdentity;
use crate::view;

/// Names one command; its [`crate::Event::Done`] carries the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub u64);

/// Names a signed-in operator's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// A PIN as somebody typed it; whether it can be one, signing in says. Its debug form does not show it, and its memory is
/// overwritten when it is no longer needed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct TypedPin(String);

impl Drop for TypedPin {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Overwrites a secret and empties it. What the text left behind when it once grew, nobody finds again: give it room first.
pub fn wipe(text: &mut String) {
    let mut bytes = std::mem::take(text).into_bytes();
    bytes.fill(0);
    // Otherwise the compiler may leave out what nobody reads.
    std::hint::black_box(&bytes);
}

impl TypedPin {
    /// What was typed.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl From<String> for TypedPin {
    fn from(text: String) -> Self {
        TypedPin(text)
    }
}

impl From<&str> for TypedPin {
    fn from(text: &str) -> Self {
        TypedPin(text.to_owned())
    }
}

impl fmt::Debug for TypedPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedPin(hidden)")
    }
}

/// Everything that can be asked of a register.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Opens a session. Reply: [`Reply::SignedIn`].
    SignIn {
        /// Name, in any case.
        operator: String,
        /// PIN.
        pin: TypedPin,
    },
    /// Ends the session; its ticket is given up unless it has payments.
    SignOut,
    /// Keeps session and ticket but asks for the PIN before anything else.
    Lock,
    /// Takes a lock away.
    Unlock {
        /// PIN of the same operator.
        pin: TypedPin,
    },

    /// Shows the session's ticket. Reply: [`Reply::Ticket`], as all ticket commands.
    ShowTicket,
    /// Adds a product by barcode (also weight and price labels) or article number.
    AddItem(ItemRequest),
    /// Sets the quantity of a line.
    SetQuantity {
        /// Line.
        line: u32,
        /// Thousandths.
        quantity: Quantity,
    },
    /// Asks another price than the catalog's; needs the permission.
    OverridePrice {
        /// Line.
        line: u32,
        /// Price of one.
        price: Money,
    },
    /// Sets or clears a line's discount; needs the permission.
    DiscountLine {
        /// Line.
        line: u32,
        /// Discount.
        discount: Option<Discount>,
    },
    /// Sets or clears the ticket's discount; needs the permission.
    DiscountTicket {
        /// Discount.
        discount: Option<Discount>,
    },
    /// Sets a line's note, or the ticket's when there is no line.
    Note {
        /// Line.
        line: Option<u32>,
        /// Text, empty for none.
        text: String,
    },
    /// Takes a line away.
    RemoveLine {
        /// Line.
        line: u32,
    },
    /// Puts a line back that was taken away, as it was: quantity, price, discount and note.
    RestoreLine {
        /// The number it had.
        line: u32,
    },
    /// Gives the ticket up; refused when it has payments.
    ClearTicket,
    /// Pays. Reply: [`Reply::Ticket`] while something is due, [`Reply::Sale`] when this paid it.
    Tender(TenderRequest),
    /// Asks again what became of a payment that nobody knows of. Replies as [`Command::Tender`].
    AskPayment,
    /// Asks the payment that goes on to stop; answered at once, while the payment goes on. It decides nothing: the payment's
    /// own answer does, to the command that began it. Asking twice is asking once. Reply: [`Reply::Done`].
    CancelPayment,
    /// Takes the cash off the ticket that was handed over: the payment is cancelled and the money is given back. Other
    /// payments stay. Reply: [`Reply::Ticket`].
    TakeBackCash,
    /// Commits a ticket that is paid but could not be stored (full disk). Reply: [`Reply::Sale`].
    Finish,
    /// A whole sale at once. Reply: [`Reply::Sale`].
    Sell(SaleRequest),
    /// A whole refund at once. Reply: [`Reply::Sale`].
    Refund(RefundRequest),
    /// Prints a sale again, marked DUPLICATE. Reply: [`Reply::Done`].
    Reprint {
        /// `R1-1-000042`.
        receipt_no: String,
    },

    /// Opens a drawer session. Reply: [`Reply::Drawer`], as all drawer commands.
    OpenDrawer {
        /// Money in the drawer.
        float: Money,
    },
    /// Puts cash in or takes it out.
    MoveCash {
        /// Which way.
        kind: CashMove,
        /// Above zero.
        amount: Money,
        /// Why.
        reason: String,
    },
    /// Opens the drawer without a sale; journalled.
    NoSale {
        /// Why.
        reason: String,
    },
    /// How the drawer stands.
    DrawerStatus,

    /// Asks the store what became of a commit in doubt. Reply: [`Reply::Resolved`]. The runtime repeats it until it is
    /// answered; selling is refused until then.
    ResolveDoubt,
    /// Writes a new identity into the register's row (at every start, after each snapshot). Reply: [`Reply::Done`].
    RotateToken {
        /// The new identity.
        identity: MachineIdentity,
    },

    /// Writes a backup into the journal. Reply: [`Reply::Done`].
    NoteBackup(BackupNote),
    /// A slice of a catalog import. Reply: [`Reply::Import`].
    ImportSlice(Box<crate::import::ImportSlice>),
    /// Adds or changes one product. Reply: [`Reply::Product`].
    SaveProduct(Box<crate::import::ProductDraft>),
    /// Adds and changes operators and roles. Reply: [`Reply::People`], for roles [`Reply::Role`].
    People(people::PeopleCommand),
    /// Changes a setting. Reply: [`Reply::Setting`].
    Settings(settings::SettingsCommand),
    /// Ticks off something that a person had to look at. Reply: [`Reply::Done`].
    ResolveFinding {
        /// [`crate::apply::Finding::id`].
        id: Uuid,
    },
}

/// A product to put on a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRequest {
    /// Barcode or article number.
    pub code: String,
    /// Thousandths; `None`: one, or what the label says.
    pub quantity: Option<Quantity>,
    /// Another price than the catalog's; needs the permission.
    pub price: Option<Money>,
}

/// A payment.
#[derive(Debug, Clone, PartialEq)]
pub struct TenderRequest {
    /// Instance: `cash`.
    pub instance: String,
    /// What is handed over; `None`: exactly what is due.
    pub amount: Option<Money>,
}

/// A whole sale.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SaleRequest {
    /// Chosen by the caller: a repeated id answers with the first result.
    pub id: Option<SaleId>,
    /// Items in order.
    pub items: Vec<ItemRequest>,
    /// Discount on the ticket; needs the permission.
    pub discount: Option<Discount>,
    /// Customer.
    pub customer: Option<CustomerId>,
    /// VAT number of a business customer; what they pay is not rounded.
    pub customer_vat_number: Option<String>,
    /// Note; empty for none.
    pub note: String,
    /// Payments in order; together they must cover the total.
    pub tenders: Vec<TenderRequest>,
}

/// A refund with its receipt.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RefundRequest {
    /// As in [`SaleRequest::id`].
    pub id: Option<SaleId>,
    /// Receipt number of the sale.
    pub receipt_no: String,
    /// Lines and quantities (above zero); empty: everything that remains.
    pub lines: Vec<(u32, Quantity)>,
    /// How the money goes back; without amounts: all by the first.
    pub tenders: Vec<TenderRequest>,
}

/// What happened to a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BackupDeed {
    #[default]
    /// It was made and verified.
    Made,
    /// It was put in the place of the data.
    Restored,
    /// It was deleted.
    Deleted,
}

/// A backup, as the journal tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BackupNote {
    /// What happened.
    pub deed: BackupDeed,
    /// Its file name.
    pub name: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Sales in it.
    pub sales: u64,
    /// Position of the last commit in it.
    pub position: u64,
    /// Its series: `daily`, `weekly`, `safety`; empty where nobody knows.
    pub series: String,
    /// When the file was made.
    pub made: Timestamp,
    /// Size of the file.
    pub bytes: u64,
    /// Why it was deleted; otherwise empty.
    pub reason: String,
}

/// Which way cash moves without a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CashMove {
    /// Into the drawer.
    Loan,
    /// Out of the drawer.
    Pickup,
}

/// What a command answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Nothing to say.
    Done,
    /// A session is open.
    SignedIn {
        /// Its name.
        session: SessionId,
        /// Who.
        operator: view::Operator,
    },
    /// The ticket as it is now.
    Ticket(Box<view::Ticket>),
    /// A committed sale, or one that had been committed before under the same id.
    Sale(Box<view::Sale>),
    /// The drawer as it is now.
    Drawer(Box<view::Drawer>),
    /// What became of a commit in doubt.
    Resolved {
        /// It happened. `false`: it did not, or there was no doubt.
        committed: bool,
        /// The sale, when it was one.
        sale: Option<Box<view::Sale>>,
    },
    /// What a slice of an import did.
    Import(Box<crate::import::SliceReport>),
    /// A product as it is stored now.
    Product(Box<crate::queries::catalog::ProductView>),
    /// What a command about people answers.
    People(Box<people::PeopleReply>),
    /// A role as it is now; `None`: there is none any more.
    Role(Option<Box<crate::queries::RoleView>>),
    /// A setting's value now.
    Setting(settings::SettingReply),
    /// What became of a feed.
    Applied(Box<crate::apply::feed::Applied>),
    /// An id that was made.
    Id(Uuid),
}
