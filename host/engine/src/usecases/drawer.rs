//! The drawer: opening it with a float, cash in and out, opening it without a sale.

use aurapos_contract::Value;
use aurapos_domain::drawer::DrawerSession;
use aurapos_domain::ids::DrawerSessionId;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Money;

use crate::command::{CashMove, Reply, SessionId};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::refused;
use crate::error::{Code, EngineResult};
use crate::rights::Deed;
use crate::rows::drawer::{DrawerMove, DrawerRow};
use crate::rows::register::{Counter, DRAWERS};
use crate::rows::{self, Record, count};
use crate::state::{Core, Draft};
use crate::{journal, view};

/// Most characters of a reason.
pub const REASON_CHARS_MAX: usize = 200;

impl Core {
    /// The open drawer; selling without one is refused.
    pub(crate) fn drawer_open(&self) -> EngineResult<&DrawerSession> {
        let session = self.drawer.as_ref().ok_or_else(|| Code::DrawerClosed.error("No drawer is open."))?;
        session.need_open().map_err(refused(Code::DrawerClosed))?;
        Ok(session)
    }

    /// Moves a counter from `known` to `known + 1`, under the expectation that it stands there.
    pub(crate) fn next_number(&self, draft: &mut Draft, name: &str, known: u64) -> u64 {
        let incarnation = self.register.incarnation;
        let key = vec![incarnation.uuid().into(), Value::from(name)];
        draft.transaction.expect_row(Counter::TABLE, key, &["value"], vec![count(known)]);
        let counter = Counter { incarnation, name: name.to_owned(), value: known + 1 };
        rows::upsert(&mut draft.transaction, std::slice::from_ref(&counter));
        counter.value
    }
}

impl Engine {
    /// The drawer, with what came in for whoever may see it.
    pub(crate) fn drawer_reply(&self, session: Option<SessionId>, env: &dyn Env) -> Reply {
        let sees = self.decide(session, Deed::SeeTakings.need()).is_ok();
        Reply::Drawer(Box::new(self.drawer_view(env, sees)))
    }

    fn drawer_view(&self, env: &dyn Env, with_takings: bool) -> view::Drawer {
        view::Drawer::of(self.core.drawer.as_ref(), self.core.business_day(env.now()), with_takings)
    }

    /// The first sale of a new day in a drawer that was opened on an earlier one: screens are told. Selling goes on.
    pub(crate) fn tell_of_a_new_day(&mut self, env: &dyn Env) {
        let shown = self.drawer_view(env, false);
        let earlier = shown.session.as_ref().filter(|session| session.is_of_earlier_day()).map(|session| session.today);
        if earlier.is_some() && self.day_told != earlier {
            self.day_told = earlier;
            self.out.events.push(crate::Event::DrawerChanged(Box::new(shown)));
        }
    }

    fn drawer_changed(&mut self, session: Option<SessionId>, env: &dyn Env) -> Reply {
        let blind = self.drawer_view(env, false);
        self.out.events.push(crate::Event::DrawerChanged(Box::new(blind)));
        self.drawer_reply(session, env)
    }

    pub(crate) fn open_drawer(
        &mut self,
        session: Option<SessionId>,
        float: Money,
        env: &mut dyn Env,
    ) -> EngineResult<Reply> {
        let operator = self.operator(session)?;
        if let Some(open) = &self.core.drawer {
            return Err(Code::DrawerOpen.error(format!("Drawer session {} is {}.", open.number, open.state.code())));
        }
        self.core.shop.must_be_known()?;
        let mut draft = self.core.draft(env)?;
        let number = self.core.next_number(&mut draft, DRAWERS, self.core.drawers);
        let today = self.core.business_day(draft.time);
        let id = DrawerSessionId::new(env.new_id());
        let register = self.core.register.id;
        let mut drawer =
            DrawerSession::opening(id, register, number, operator.id, draft.time, today, self.core.currency());
        drawer.open(float).map_err(refused(Code::BadAmount))?;
        self.core.append(&mut draft, EntryKind::DRAWER_OPENED, journal::drawer_opened(&drawer)?)?;
        rows::insert(&mut draft.transaction, &[DrawerRow { session: drawer.clone(), closed_at: None }]);
        self.core.commit(draft)?;
        self.core.drawers = number;
        self.core.drawer = Some(drawer);
        self.tell_last_entry();
        Ok(self.drawer_changed(session, env))
    }

    pub(crate) fn move_cash(
        &mut self,
        session: Option<SessionId>,
        kind: CashMove,
        amount: Money,
        reason: &str,
        env: &mut dyn Env,
    ) -> EngineResult<Reply> {
        let operator = self.operator(session)?;
        let mut drawer = self.core.drawer_open()?.clone();
        if !amount.is_positive() {
            return Err(Code::BadAmount.error(format!("{amount} is not an amount to move.")));
        }
        let (entry, name) = match kind {
            CashMove::Loan => (EntryKind::LOAN, "loan"),
            CashMove::Pickup => (EntryKind::PICKUP, "pickup"),
        };
        match kind {
            CashMove::Loan => drawer.loan(amount),
            CashMove::Pickup => drawer.pickup(amount),
        }
        .map_err(refused(Code::BadAmount))?;
        let reason = reason_text(reason)?;
        let mut draft = self.core.draft(env)?;
        let body = journal::cash_moved(drawer.id, operator.id, amount, &reason)?;
        let (seq, _) = self.core.append(&mut draft, entry, body)?;
        let moved = DrawerMove {
            incarnation: self.core.register.incarnation,
            seq,
            drawer: drawer.id,
            operator: operator.id,
            kind: name.to_owned(),
            reason,
            amount,
            time: draft.time,
        };
        rows::insert(&mut draft.transaction, &[moved]);
        rows::upsert(&mut draft.transaction, &[DrawerRow { session: drawer.clone(), closed_at: None }]);
        self.core.commit(draft)?;
        self.core.drawer = Some(drawer);
        Ok(self.drawer_changed(session, env))
    }

    pub(crate) fn no_sale(
        &mut self,
        session: Option<SessionId>,
        reason: &str,
        env: &mut dyn Env,
    ) -> EngineResult<Reply> {
        let operator = self.operator(session)?;
        let drawer = self.core.drawer_open()?.id;
        let reason = reason_text(reason)?;
        let nothing = Money::zero(self.core.currency());
        let mut draft = self.core.draft(env)?;
        let body = journal::cash_moved(drawer, operator.id, nothing, &reason)?;
        let (seq, _) = self.core.append(&mut draft, EntryKind::NO_SALE, body)?;
        let moved = DrawerMove {
            incarnation: self.core.register.incarnation,
            seq,
            drawer,
            operator: operator.id,
            kind: "no_sale".to_owned(),
            reason,
            amount: nothing,
            time: draft.time,
        };
        rows::insert(&mut draft.transaction, &[moved]);
        self.core.commit(draft)?;
        Ok(self.drawer_reply(session, env))
    }
}

fn reason_text(reason: &str) -> EngineResult<String> {
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(Code::BadRequest.error(format!("A reason has at most {REASON_CHARS_MAX} characters.")));
    }
    Ok(crate::fold::nfc(reason.trim()))
}
