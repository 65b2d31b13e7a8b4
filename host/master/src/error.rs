//! Why something between a register and its shop's server was refused: a code, a sentence, a next step.

use aurapos_runtime::RuntimeError;
use aurapos_server::pair::PairError;
use std::io;
use thiserror::Error;

/// Why not.
#[derive(Debug, Error)]
pub enum MasterError {
    /// Of the data folder, its settings, or the shared storage.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// Of the server, or of a pairing.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// A file cannot be given to the owner of the data folder.
    #[error("{0}")]
    Owner(io::Error),
    /// The folder that is to join has a server of its own.
    #[error("{folder} has the server of {shop} itself")]
    ServerHere {
        /// The data folder.
        folder: String,
        /// Whose server it is.
        shop: String,
    },
    /// The register's own data is on a server.
    #[error("this register keeps its own data on a server, and a master keeps it here")]
    OwnDataElsewhere,
    /// The shop is of one register.
    #[error("this shop is by itself: another register would join a shop that nobody brings anything to")]
    ByItself,
}

impl MasterError {
    /// Stable code.
    pub fn code(&self) -> &str {
        match self {
            MasterError::Runtime(error) => error.code(),
            MasterError::Pair(error) => error.code(),
            MasterError::Owner(_) => "AP-0105",
            MasterError::ServerHere { .. } => "AP-0642",
            MasterError::OwnDataElsewhere | MasterError::ByItself => "AP-0110",
        }
    }

    /// What to do next, on a command line.
    pub fn next(&self) -> String {
        match self {
            MasterError::Runtime(error) => error.next(),
            MasterError::Pair(error) => error.next(),
            MasterError::Owner(_) => "Correct the owner of the data folder.".to_owned(),
            MasterError::ServerHere { .. } => {
                "Give an empty folder with --data for the register that joins.".to_owned()
            }
            MasterError::ByItself => "Share it first: `aurapos-admin storage migrate --to master`.".to_owned(),
            MasterError::OwnDataElsewhere => {
                "Make a new shop with `aurapos-admin init --mode master` in another folder, and bring the catalog there."
                    .to_owned()
            }
        }
    }
}
