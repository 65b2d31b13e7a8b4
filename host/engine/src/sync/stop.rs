//! Why a session with the shared store ends.

use super::status::Trouble;
use crate::error::{Code, EngineError};
use aurapos_contract::{ErrorCode, PluginError};

/// Why a session ended. Each has its next one: the protocol never ends.
#[derive(Debug)]
pub(super) enum Stop {
    /// The shared store is away, or nobody knows what became of a call: everything is looked at anew after a while.
    Away(Trouble),
    /// The register's own store or engine can't just now.
    Here(Trouble),
    /// What was known of the shared store is no longer true: looked at anew at once.
    Again,
    /// It must not go on with this store.
    Refused(Trouble),
}

impl Stop {
    /// The shared store failed.
    pub(super) fn away(error: PluginError) -> Stop {
        match error.code {
            ErrorCode::Conflict => Stop::Again,
            // Nothing of it mends itself: a register that was locked out, a wrong authority, a database that is none, a newer one.
            ErrorCode::Config | ErrorCode::Unsupported | ErrorCode::SchemaNewer => Stop::Refused(error.into()),
            _ => Stop::Away(error.into()),
        }
    }

    /// The register's own store failed.
    pub(super) fn here(error: PluginError) -> Stop {
        Stop::Here(Trouble::said(error.to_string()))
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Stop::Here(Trouble::said(error.message))
    }
}

/// A register that is damaged has no sync.
pub(super) fn damaged(what: &str) -> Stop {
    Stop::from(Code::RegisterDamaged.error(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_mend_itself_is_a_refusal() {
        let stop = |code| Stop::away(PluginError::new(code, "no"));
        for code in [ErrorCode::Config, ErrorCode::Unsupported, ErrorCode::SchemaNewer] {
            assert!(
                matches!(stop(code), Stop::Refused(why) if why.words == "no" && why.cause == Some(code)),
                "{code:?}"
            );
        }
        let told = Stop::away(PluginError::new(ErrorCode::DiskFull, "no room").with_next("Make room."));
        assert!(matches!(told, Stop::Away(why) if why.next == "Make room." && why.cause == Some(ErrorCode::DiskFull)));
        for code in [ErrorCode::Unreachable, ErrorCode::Busy, ErrorCode::Timeout, ErrorCode::Io, ErrorCode::Closed] {
            assert!(matches!(stop(code), Stop::Away(_)), "{code:?}");
        }
        assert!(matches!(stop(ErrorCode::Conflict), Stop::Again));
    }
}
