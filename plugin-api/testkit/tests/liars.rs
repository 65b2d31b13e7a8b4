//! The payment suite notices each lie it is there for.
#![allow(clippy::unwrap_used)]

use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentIntent, PaymentState, SettleReport};
use aurapos_contract::{PaymentProvider, Progress, Uuid};
use aurapos_plugin_testkit::conformance::payment::{PaymentFixture, run};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Each payment has a reference of its own.
static PAYMENTS: AtomicU64 = AtomicU64::new(1);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    None,
    NoName,
    WrongChange,
    PaysTwice,
    TakesTooLittle,
    TakesNegative,
    TakesForeign,
    ForgetsStatus,
    KnowsTheUnknown,
    RefundsMore,
    SettlesAnyway,
    /// As the first template did: the answers are in memory, and what is not there was "aborted".
    RemembersInMemory,
    /// Remembers nothing, and says so; but pays again what it paid before.
    PaysAgainAfterRestart,
    /// What it cannot know moved nothing.
    KnowsYesterday,
}

type Answers = Arc<Mutex<HashMap<Uuid, (i64, PaymentAnswer)>>>;

#[derive(Debug)]
struct Till {
    lie: Lie,
    answers: Answers,
}

impl Till {
    fn pay(&self, intent: &PaymentIntent, handed: i64) -> PluginResult<PaymentAnswer> {
        let lie = |lie: Lie| self.lie == lie;
        let mut answers = self.answers.lock().unwrap();
        if let Some((amount, answer)) = answers.get(&intent.id).filter(|_| !lie(Lie::PaysTwice)) {
            let reused = || PluginError::new(ErrorCode::IdReused, "another amount");
            return if *amount == intent.amount_minor { Ok(answer.clone()) } else { Err(reused()) };
        }
        let (amount, mut approved) = (intent.amount_minor, intent.amount_minor);
        let refused = (amount < 0 && !lie(Lie::TakesNegative))
            || (handed < amount && !lie(Lie::TakesTooLittle) && !lie(Lie::TakesNegative))
            || (intent.currency != "EUR" && !lie(Lie::TakesForeign));
        if refused {
            return Ok(PaymentAnswer { state: PaymentState::Declined, ..Default::default() });
        }
        if lie(Lie::RefundsMore) && intent.amount_minor == 300 {
            approved += 1;
        }
        let change = handed.wrapping_sub(approved) + i64::from(lie(Lie::WrongChange));
        let answer = PaymentAnswer {
            state: PaymentState::Approved,
            approved_minor: approved,
            change_minor: change,
            reference: PAYMENTS.fetch_add(1, Ordering::Relaxed).to_string(),
            ..Default::default()
        };
        answers.insert(intent.id, (amount, answer.clone()));
        Ok(answer)
    }
}

impl PaymentProvider for Till {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        let name = if self.lie == Lie::NoName { "" } else { "Till" };
        Ok(PaymentCapabilities {
            name: name.into(),
            gives_change: true,
            refunds: true,
            leaves_register: true,
            currencies: vec!["EUR".into()],
            ..Default::default()
        })
    }

    fn begin(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.pay(intent, intent.tendered_minor)
    }

    fn cancel(&self, _: Uuid) -> PluginResult<()> {
        Ok(())
    }

    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        if self.lie == Lie::KnowsTheUnknown {
            return self.pay(intent, intent.tendered_minor);
        }
        let known = self.answers.lock().unwrap().get(&intent.id).map(|(_, answer)| answer.clone());
        if known.is_none() && matches!(self.lie, Lie::RemembersInMemory | Lie::KnowsYesterday) {
            return Ok(PaymentAnswer { state: PaymentState::Aborted, ..Default::default() });
        }
        Ok(known.filter(|_| self.lie != Lie::ForgetsStatus).unwrap_or_default())
    }

    fn reverse(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(PluginError::new(ErrorCode::Unsupported, "no"))
    }

    fn refund(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.pay(intent, intent.amount_minor)
    }

    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        if self.lie == Lie::SettlesAnyway {
            return Ok(SettleReport::default());
        }
        Err(PluginError::new(ErrorCode::Unsupported, "no"))
    }
}

struct Fixture {
    lie: Lie,
    /// What the instance that was made last keeps in its folder.
    kept: Mutex<Answers>,
}

impl PaymentFixture for Fixture {
    fn fresh(&self) -> Arc<dyn PaymentProvider> {
        *self.kept.lock().unwrap() = Answers::default();
        self.again()
    }
    fn again(&self) -> Arc<dyn PaymentProvider> {
        let forgets = matches!(self.lie, Lie::RemembersInMemory | Lie::PaysAgainAfterRestart);
        let answers = if forgets { Answers::default() } else { Arc::clone(&self.kept.lock().unwrap()) };
        Arc::new(Till { lie: self.lie, answers })
    }
}

#[test]
fn each_lie_fails_its_case_and_honesty_passes() {
    let check = |lie: Lie, case: &str| {
        let report = run(&Fixture { lie, kept: Mutex::default() });
        let failed: Vec<&str> = report.failed().iter().map(|case| case.name).collect();
        assert!(failed.contains(&case) || (case.is_empty() && failed.is_empty()), "{lie:?}\n{report}");
    };
    check(Lie::None, "");
    check(Lie::NoName, "capabilities");
    check(Lie::WrongChange, "begin");
    check(Lie::WrongChange, "change");
    check(Lie::PaysTwice, "begin-again");
    check(Lie::TakesTooLittle, "too-little");
    check(Lie::TakesNegative, "bad-amounts");
    check(Lie::TakesForeign, "currency");
    check(Lie::ForgetsStatus, "status");
    check(Lie::KnowsTheUnknown, "status");
    check(Lie::RefundsMore, "refund");
    check(Lie::SettlesAnyway, "not-offered");
    check(Lie::RemembersInMemory, "restart");
    check(Lie::RemembersInMemory, "lost-memory");
    check(Lie::PaysAgainAfterRestart, "restart-begin");
    check(Lie::KnowsYesterday, "lost-memory");
}
