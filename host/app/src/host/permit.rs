//! Whether somebody may have what they ask the program for, beside the engine.
//!
//! The engine says it while a register is open ([`Rights`](aurapos_runtime::engine::rights::Rights)); while none is, what a
//! rescue or the wizard needs works without anybody, and nothing else does.

use super::{Inner, trouble};
use aurapos_runtime::engine::command::SessionId;
use aurapos_runtime::engine::rights::Deed;
use aurapos_ui::host::HostResult;

/// What was asked, and as whom; allowed when it was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permit {
    session: Option<SessionId>,
    deed: Deed,
}

impl Inner {
    /// Refuses by the name of the right that is missing.
    pub(super) fn permit(&self, session: Option<SessionId>, deed: Deed) -> HostResult<Permit> {
        self.may(session, deed).map(|()| Permit { session, deed })
    }

    /// Work begins that may have waited behind other work. What was allowed because no register was open is not when one
    /// is open by now; what somebody with the right asked for is done.
    pub(super) fn begin(&self, permit: Permit) -> HostResult<()> {
        if permit.session.is_some() { Ok(()) } else { self.may(None, permit.deed) }
    }

    fn may(&self, session: Option<SessionId>, deed: Deed) -> HostResult<()> {
        let state = self.state();
        match state.open.as_ref() {
            Some(open) => Ok(open.register.rights().allow(session, deed.need()).map(drop)?),
            None if deed.while_closed().is_some() => Ok(()),
            None => Err(trouble::not_open()),
        }
    }
}
