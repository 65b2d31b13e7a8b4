//! The operator wants the payment that goes on to stop.
//!
//! A wish, never an outcome: money may move until the plugin says that it did not. So nothing here touches ticket, intent
//! or store; the payment's own answer goes the way of every answer, and one that is approved all the same is approved.

use aurapos_domain::people::{Permission, PermissionSet};
use aurapos_domain::sale::SaleKind;

use crate::command::{Reply, SessionId};
use crate::engine::Engine;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::work::{Pending, Work};

impl Pending {
    /// The plugin is at it. While it is only asked what became of the payment, there is nothing left to stop.
    fn can_stop(&self) -> bool {
        self.running && !self.asked
    }
}

impl Work {
    /// The right that paying it took.
    fn permission(&self) -> Permission {
        match self.kind {
            SaleKind::Sale => Permission::Sell,
            SaleKind::Refund => Permission::Refund,
        }
    }
}

impl Engine {
    /// What beginning the payments took that go on for the session; selling, where none does.
    pub(crate) fn rights_of_payments(&self, session: Option<SessionId>) -> PermissionSet {
        let paying = |work: &&Work| Some(work.session) == session && work.pending.is_some();
        let begun: Vec<Permission> = self.works.values().filter(paying).map(Work::permission).collect();
        PermissionSet::of(if begun.is_empty() { &[Permission::Sell] } else { &begun })
    }

    /// Asks every payment of the session that goes on to stop: mostly one, several when whole sales were given at once.
    pub(crate) fn cancel_payment(&mut self, session: Option<SessionId>) -> EngineResult<Reply> {
        let mut found = false;
        for work in self.works.values_mut().filter(|work| Some(work.session) == session) {
            let Some(pending) = work.pending.as_mut().filter(|pending| pending.can_stop()) else { continue };
            found = true;
            if !std::mem::replace(&mut pending.cancelling, true) {
                let (instance, payment) = (pending.instance.clone(), pending.effect);
                self.out.events.push(Event::PaymentCancelling { session: work.session, instance, payment });
            }
        }
        if found { Ok(Reply::Done) } else { Err(Code::NothingToCancel.error("No payment is going on.")) }
    }
}
