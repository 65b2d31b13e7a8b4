//! One id type per noun, and the receipt number. Ids are made by the caller; nothing here is random.

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// What can be wrong with an id, a code or a receipt number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a UUID.
    #[error("\"{text}\" is not an id (a UUID)")]
    NotAUuid {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// A register code is a capital letter and up to seven more capitals or digits.
    #[error("\"{text}\" is not a register code like R1 (a capital letter, then up to 7 capitals or digits)")]
    RegisterCode {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// An incarnation code is one to four capitals or digits.
    #[error("\"{text}\" is not an incarnation code like 1 or 7KQ2")]
    IncarnationCode {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// Receipt numbers look like `R1-1-000042`.
    #[error("\"{text}\" is not a receipt number like R1-1-000042")]
    ReceiptNumber {
        /// What was given, cut to a readable length.
        text: String,
    },
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id of this UUID.
            pub const fn new(uuid: Uuid) -> Self {
                $name(uuid)
            }

            /// The id of these 16 bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                $name(Uuid::from_bytes(bytes))
            }

            /// The UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                $name(uuid)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map($name).map_err(|_| IdError::NotAUuid { text: shown(text) })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }
    )* };
}

ids! {
    /// A shop.
    ShopId
    /// A register (a workstation that sells).
    RegisterId
    /// One life of a register's database; a restore or a copy opens a new one.
    IncarnationId
    /// A product of the catalog.
    ProductId
    /// A category of the catalog.
    CategoryId
    /// A VAT rate with its start date.
    TaxRateId
    /// A price list.
    PriceListId
    /// A ticket being built.
    TicketId
    /// A committed sale or refund.
    SaleId
    /// One tender of a sale.
    TenderId
    /// What was asked of a payment plugin.
    PaymentIntentId
    /// A person who signs in.
    OperatorId
    /// A customer.
    CustomerId
    /// A drawer session, from opening float to count.
    DrawerSessionId
    /// A movement of stock.
    StockMoveId
    /// A transaction of the store.
    TransactionId
}

/// The short code of a register that stands in its receipt numbers, such as `R1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisterCode(String);

impl RegisterCode {
    /// Most characters a code may have.
    pub const CHARS_MAX: usize = 8;

    /// Checks and takes a code: a capital letter, then capitals and digits.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
        if starts && text.len() <= Self::CHARS_MAX && is_code(text) {
            Ok(RegisterCode(text.to_owned()))
        } else {
            Err(IdError::RegisterCode { text: shown(text) })
        }
    }

    /// Takes a code that is stored already, also one whose form only a newer program knows.
    pub fn stored(text: &str) -> Self {
        RegisterCode(text.to_owned())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The short code of an incarnation: `1` for the first, four characters for each later one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncarnationCode(String);

impl IncarnationCode {
    /// Most characters a code may have.
    pub const CHARS_MAX: usize = 4;
    /// The characters a random code is made of: no 0/O, 1/I/L, that people mix up on paper.
    pub const ALPHABET: &'static [u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    /// The code of a register's first life.
    pub fn first() -> Self {
        IncarnationCode("1".to_owned())
    }

    /// A later code from four random bytes of the caller.
    pub fn from_random(random: [u8; 4]) -> Self {
        IncarnationCode(
            random.iter().map(|b| char::from(Self::ALPHABET[usize::from(*b) % Self::ALPHABET.len()])).collect(),
        )
    }

    /// Checks and takes a code.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if !text.is_empty() && text.len() <= Self::CHARS_MAX && is_code(text) {
            Ok(IncarnationCode(text.to_owned()))
        } else {
            Err(IdError::IncarnationCode { text: shown(text) })
        }
    }

    /// Takes a code that is stored already, also one whose form only a newer program knows.
    pub fn stored(text: &str) -> Self {
        IncarnationCode(text.to_owned())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_code(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

impl fmt::Display for RegisterCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for IncarnationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number on a receipt: register, incarnation, counter. Without gaps within an incarnation, never given twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptNumber {
    /// Which register.
    pub register: RegisterCode,
    /// Which life of its database.
    pub incarnation: IncarnationCode,
    /// 1 for the first sale of the incarnation.
    pub counter: u64,
}

impl ReceiptNumber {
    /// The number of these parts.
    pub fn new(register: RegisterCode, incarnation: IncarnationCode, counter: u64) -> Self {
        ReceiptNumber { register, incarnation, counter }
    }

    /// The number after this one.
    pub fn next(&self) -> Self {
        ReceiptNumber { counter: self.counter + 1, ..self.clone() }
    }

    /// Reads `R1-1-000042`; the counter may have fewer or more digits than six.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let error = || IdError::ReceiptNumber { text: shown(text) };
        let mut parts = text.split('-');
        let (Some(register), Some(incarnation), Some(counter), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(error());
        };
        if counter.is_empty() || !counter.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        Ok(ReceiptNumber {
            register: RegisterCode::parse(register).map_err(|_| error())?,
            incarnation: IncarnationCode::parse(incarnation).map_err(|_| error())?,
            counter: counter.parse().map_err(|_| error())?,
        })
    }
}

impl fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:06}", self.register, self.incarnation, self.counter)
    }
}

impl FromStr for ReceiptNumber {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        ReceiptNumber::parse(text)
    }
}

#[cfg(test)]
mod tests;
