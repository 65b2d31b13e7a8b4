//! Why a register was not paired, or what was asked of the shop's registers was refused: a code, a sentence, a next step.

use crate::ServerError;
use crate::diagnosis::{Diagnosis, Finding};
use aurapos_locale::Language;
use thiserror::Error;

/// Why pairing failed.
#[derive(Debug, Error)]
pub enum PairError {
    /// Something about this machine's own server, or a file of it.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// This machine's own server does not run.
    #[error("the PostgreSQL server of this machine does not run (port {port})")]
    Stopped {
        /// Its port.
        port: u16,
    },
    /// The server is not reached, or not believed.
    #[error("{}", .0.told(Language::English).sentence)]
    Unreached(Box<Diagnosis>),
    /// What was given is no pairing document.
    #[error("{what} is no pairing document: {why}")]
    NoDocument {
        /// The file.
        what: String,
        /// What is missing or wrong in it.
        why: String,
    },
    /// The document is of a newer program.
    #[error("the pairing document has the version {version}, and this program reads up to {known}")]
    NewerDocument {
        /// Its version.
        version: u64,
        /// The newest that is understood.
        known: u64,
    },
    /// The code's letters do not fit together.
    #[error("the pairing code was mistyped: {why}")]
    Mistyped {
        /// What is wrong with it.
        why: String,
    },
    /// Its time is over.
    #[error("the pairing of {register} was valid until {until}")]
    Expired {
        /// The register's code.
        register: String,
        /// Its end, RFC 3339.
        until: String,
    },
    /// It was used.
    #[error("the pairing of {register} was used already, at {at}")]
    Used {
        /// The register's code.
        register: String,
        /// When, RFC 3339.
        at: String,
    },
    /// A newer one took its place, or the register was revoked.
    #[error("the pairing of {register} was withdrawn on the master")]
    Withdrawn {
        /// The register's code.
        register: String,
    },
    /// The server does not know it.
    #[error("the server at {place} does not know this pairing")]
    Unknown {
        /// Host and port.
        place: String,
    },
    /// Its authority is not the one that the code is for.
    #[error(
        "the server at {place} is not that of the shop that gave this code; it shows a certificate of \"{issuer}\""
    )]
    OtherShop {
        /// Host and port.
        place: String,
        /// Who signed what it shows.
        issuer: String,
    },
    /// The code of a register that is somebody's, or was.
    #[error("the register {register} is {state} already, and no code is given twice")]
    Taken {
        /// The register's code.
        register: String,
        /// `joined` or `revoked`.
        state: &'static str,
    },
    /// There is no register of that code.
    #[error("the shop has no register {register}; it has {known}")]
    NoSuchRegister {
        /// What was asked for.
        register: String,
        /// What there is.
        known: String,
    },
    /// The master's own register.
    #[error("{register} is the register of this machine, which has the server")]
    OwnRegister {
        /// The register's code.
        register: String,
    },
    /// The machine is a register of the shop, and the pairing is one of another.
    #[error("this machine is the register {own} already, and the pairing is one of {register}; it was not used")]
    OtherRegister {
        /// What the machine is.
        own: String,
        /// Whose pairing it is.
        register: String,
    },
    /// What was asked for is not possible.
    #[error("{what}")]
    Choice {
        /// Why not, as a sentence.
        what: String,
    },
    /// A code says who the master is, and not where.
    #[error("a pairing code says who the master is, but not where it is")]
    NoAddress,
}

impl PairError {
    /// Stable code.
    pub fn code(&self) -> &str {
        match self {
            PairError::Server(error) => error.code(),
            PairError::Stopped { .. } => Finding::NotRunning.code(),
            PairError::Unreached(diagnosis) => diagnosis.code(),
            PairError::NoDocument { .. } => "AP-0631",
            PairError::NewerDocument { .. } => "AP-0632",
            PairError::Mistyped { .. } => "AP-0633",
            PairError::Expired { .. } => "AP-0634",
            PairError::Used { .. } => "AP-0635",
            PairError::Withdrawn { .. } => "AP-0636",
            PairError::Unknown { .. } => "AP-0637",
            PairError::OtherShop { .. } => "AP-0638",
            PairError::Taken { .. } => "AP-0639",
            PairError::NoSuchRegister { .. } => "AP-0640",
            PairError::OwnRegister { .. } => "AP-0641",
            PairError::Choice { .. } => "AP-0642",
            PairError::NoAddress => "AP-0643",
            PairError::OtherRegister { .. } => "AP-0644",
        }
    }

    /// What to do next, one or two sentences, on a command line.
    pub fn next(&self) -> String {
        let again = |register: &str| {
            format!("Ask for a new one on the master: `aurapos-admin pair issue --register {register}`.")
        };
        match self {
            PairError::Server(error) => error.next(),
            PairError::Stopped { .. } => "Start it: `aurapos-admin server start`.".to_owned(),
            PairError::Unreached(diagnosis) => diagnosis.told(Language::English).next,
            PairError::NoDocument { .. } => {
                "Give the code of twenty letters that `aurapos-admin pair issue` shows on the master, or the file that it wrote with --out, whole and unchanged."
                    .to_owned()
            }
            PairError::NewerDocument { .. } => "Update AuraPOS on this machine, then pair it.".to_owned(),
            PairError::Mistyped { .. } => "Compare it letter by letter with what the master shows, and type it again.".to_owned(),
            PairError::Expired { register, .. } => again(register),
            PairError::Withdrawn { register } => format!("Use the newest one that the master gave for {register}, or ask for one of another register there: `aurapos-admin pair issue`."),
            PairError::Used { .. } => {
                "If it was not you who used it, run `aurapos-admin registers revoke` with that register on the master at once. \
                 Otherwise ask for a pairing of another register there: `aurapos-admin pair issue`."
                    .to_owned()
            }
            PairError::Unknown { .. } => {
                "Look whether it is the newest one and the right master; then ask for a new one there: `aurapos-admin pair issue`."
                    .to_owned()
            }
            PairError::OtherShop { .. } => {
                "Check the address with `aurapos-admin server status` on the master. If it is right, somebody else answers under it: \
                 pair with the file instead, and tell whoever looks after the network."
                    .to_owned()
            }
            PairError::Taken { .. } => {
                "Leave --register out: the next free code is taken. A register whose machine is replaced gets a new code.".to_owned()
            }
            PairError::NoSuchRegister { .. } => "Look at `aurapos-admin registers list`.".to_owned(),
            PairError::OwnRegister { .. } => "Only the other registers of the shop are locked out here.".to_owned(),
            PairError::OtherRegister { .. } => {
                "Give an empty folder with --data for another register, or the pairing of this one to go on with it.".to_owned()
            }
            PairError::Choice { .. } => "Correct what is named, then try again.".to_owned(),
            PairError::NoAddress => {
                "Give the master's address too: --address 192.168.1.10. `aurapos-admin pair issue` shows it there.".to_owned()
            }
        }
    }

    pub(super) fn choice(what: impl Into<String>) -> Self {
        PairError::Choice { what: what.into() }
    }
}
