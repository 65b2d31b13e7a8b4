//! The one error of xtask: what went wrong, in words for the developer who typed the command.

use std::fmt;

/// Why a command did not do what was asked.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command line was wrong; exit code 2, as `aurapos-admin` does.
    Usage(String),
    /// The work failed or a check refused; exit code 1.
    Refused(String),
    /// As `Refused`, but the developer has read why already; exit code 1.
    Told,
}

/// What every fallible function of xtask returns.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A refusal with the given words.
    pub fn refused(words: impl Into<String>) -> Self {
        Self::Refused(words.into())
    }

    /// A wrong command line, with the way to learn the right one.
    pub fn usage(words: impl fmt::Display) -> Self {
        Self::Usage(format!("{words}\nTry `cargo xtask help`."))
    }

    /// The exit code of the process: 1 refused or failed, 2 wrong usage.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Told => 1,
            Self::Usage(_) => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(words) | Self::Refused(words) => write!(formatter, "xtask: {words}"),
            Self::Told => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// Says what was being done when an error happened.
pub trait Context<T> {
    /// Turns the error into a refusal that starts with `doing`.
    ///
    /// # Errors
    /// Whatever error was there, in words.
    fn while_doing(self, doing: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn while_doing(self, doing: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| Failure::Refused(format!("{doing}: {error}")))
    }
}
