//! Every promise of [`aurapos_contract::PaymentProvider`] that can be tried without a customer.

use super::{Case, CaseResult, Check, Failure, Report, holds, refused, run_cases, same};
use crate::host::{START, TestProgress};
use aurapos_contract::error::{ErrorCode, PluginResult};
use aurapos_contract::host::NoProgress;
use aurapos_contract::payment::{PaymentAnswer, PaymentIntent, PaymentKind, PaymentState};
use aurapos_contract::{PaymentProvider, Uuid};
use std::sync::Arc;

/// Makes payment providers to be tested. Whoever pays (a person, a simulated terminal) says yes.
pub trait PaymentFixture: Sync {
    /// A fresh instance, in a folder of its own.
    fn fresh(&self) -> Arc<dyn PaymentProvider>;

    /// The instance that was made last, after a restart: over the same folder, with the same settings. The one before is
    /// gone. As the host makes it after a panic, and at each start.
    fn again(&self) -> Arc<dyn PaymentProvider>;
}

/// A row of the table of cases: name, promise, how it is tried.
type Row = (&'static str, &'static str, fn(&dyn PaymentFixture) -> Check);

/// All cases, in order.
pub fn cases<'a>() -> Vec<Case<dyn PaymentFixture + 'a>> {
    let all: [Row; 13] = [
        ("capabilities", "capabilities have a name, fit together and stay the same", capabilities),
        ("begin", "an answer adds up: approved at most what was asked, change is tendered less approved", begin),
        ("begin-again", "the same intent again never pays a second time: the same answer, or an error", begin_again),
        ("change", "what is handed over beyond the amount comes back, where change is given", change),
        ("too-little", "less than the amount is never approved in full", too_little),
        ("bad-amounts", "negative amounts are never approved; the largest do not break anything", bad_amounts),
        ("currency", "a currency that is not declared is never approved", currency),
        ("status", "query_status tells what begin answered, and never Approved for an intent it does not know", status),
        (
            "restart",
            "after a restart query_status tells what begin answered, or Unknown, never that nothing moved",
            restart,
        ),
        ("restart-begin", "an intent that comes again after a restart never pays a second time", restart_begin),
        (
            "lost-memory",
            "an intent older than what the instance remembers is Unknown, where money leaves the register",
            lost,
        ),
        ("refund", "a refund adds up where it is offered, and is Unsupported where not", refund),
        ("not-offered", "what is not offered is Unsupported; cancel of an unknown intent does no harm", not_offered),
    ];
    all.into_iter().map(|(name, promise, run)| Case { name, promise, run }).collect()
}

/// Runs all cases.
pub fn run(fixture: &dyn PaymentFixture) -> Report {
    run_some(fixture, &|_| true, &mut |_| {})
}

/// Runs the cases that `wanted` chooses, and tells each result as it comes.
pub fn run_some(
    fixture: &dyn PaymentFixture,
    wanted: &dyn Fn(&str) -> bool,
    heard: &mut dyn FnMut(&CaseResult),
) -> Report {
    run_cases("payment", &cases(), fixture, wanted, heard)
}

fn intent(provider: &dyn PaymentProvider, number: u128, amount: i64, tendered: i64) -> PluginResult<PaymentIntent> {
    let currencies = provider.capabilities()?.currencies;
    Ok(PaymentIntent {
        id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | number),
        kind: PaymentKind::Sale,
        amount_minor: amount,
        currency: currencies.first().cloned().unwrap_or_else(|| "EUR".to_owned()),
        tendered_minor: tendered,
        ticket: Uuid::from_u128(number),
        time: START,
        register: "R1".to_owned(),
        ..Default::default()
    })
}

/// Whether an answer adds up, as the host computes it again.
pub fn adds_up(intent: &PaymentIntent, answer: &PaymentAnswer) -> Check {
    let (approved, change) = (answer.approved_minor, answer.change_minor);
    if answer.state != PaymentState::Approved {
        return same((approved, change), (0, 0), &format!("{:?}: approved and change", answer.state));
    }
    holds(approved >= 0 && change >= 0, "a negative amount was answered")?;
    holds(approved <= intent.amount_minor, "more was approved than asked for")?;
    let handed = if intent.kind == PaymentKind::Refund { approved } else { intent.tendered_minor };
    same(change, handed - approved, "the change")
}

fn capabilities(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let first = provider.capabilities()?;
    holds(!first.name.is_empty(), "there is no name")?;
    holds(!(first.voucher && first.rounds_cash), "a voucher is never rounded")?;
    let iso = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    holds(first.currencies.iter().all(iso), "a currency is not an ISO 4217 code")?;
    let paid = intent(provider.as_ref(), 1, 500, 500)?;
    let _ = provider.begin(&paid, &NoProgress)?;
    same(provider.capabilities()?, first, "capabilities after a payment")
}

fn begin(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    for (number, amount) in [(1, 1), (2, 500), (3, 123_456), (4, 0)] {
        let paid = intent(provider.as_ref(), number, amount, amount)?;
        let answer = provider.begin(&paid, &TestProgress::default())?;
        adds_up(&paid, &answer)?;
        holds(answer.state != PaymentState::InProgress, "begin answers when the payment is over or unknown")?;
    }
    Ok(())
}

fn begin_again(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let paid = intent(provider.as_ref(), 1, 500, 500)?;
    let first = provider.begin(&paid, &NoProgress)?;
    if let Ok(second) = provider.begin(&paid, &NoProgress) {
        same(second, first, "the answer to the same intent")?;
    }
    let other = PaymentIntent { amount_minor: 900, tendered_minor: 900, ..paid };
    match provider.begin(&other, &NoProgress) {
        Ok(answer) => holds(answer.state != PaymentState::Approved, "another amount under the same id was approved"),
        Err(_) => Ok(()),
    }
}

fn change(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    if !provider.capabilities()?.gives_change {
        return Ok(());
    }
    let paid = intent(provider.as_ref(), 1, 1_235, 2_000)?;
    let answer = provider.begin(&paid, &NoProgress)?;
    same(
        (answer.state, answer.approved_minor, answer.change_minor),
        (PaymentState::Approved, 1_235, 765),
        "20.00 for 12.35",
    )
}

fn too_little(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let paid = intent(provider.as_ref(), 1, 1_000, 999)?;
    match provider.begin(&paid, &NoProgress) {
        Ok(answer) if answer.state == PaymentState::Approved => {
            holds(answer.approved_minor < 1_000, "9.99 paid 10.00")?;
            adds_up(&paid, &answer)
        }
        Ok(answer) => adds_up(&paid, &answer),
        Err(_) => Ok(()),
    }
}

fn bad_amounts(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    for (number, amount, tendered) in [(1, -1, 0), (2, -500, -500), (3, 500, -500), (4, i64::MIN, i64::MAX)] {
        let paid = intent(provider.as_ref(), number, amount, tendered)?;
        if let Ok(answer) = provider.begin(&paid, &NoProgress) {
            holds(answer.state != PaymentState::Approved, "a negative amount was approved")?;
        }
    }
    for (number, amount, tendered) in [(5, i64::MAX, i64::MAX), (6, 0, i64::MAX)] {
        let paid = intent(provider.as_ref(), number, amount, tendered)?;
        if let Ok(answer) = provider.begin(&paid, &NoProgress) {
            adds_up(&paid, &answer)?;
        }
    }
    Ok(())
}

fn currency(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let known = provider.capabilities()?.currencies;
    if known.is_empty() {
        return Ok(());
    }
    let foreign = ["XTS", "CHF"].into_iter().find(|code| !known.iter().any(|known| known == code));
    let paid =
        PaymentIntent { currency: foreign.unwrap_or("ZZZ").to_owned(), ..intent(provider.as_ref(), 1, 500, 500)? };
    match provider.begin(&paid, &NoProgress) {
        Ok(answer) => holds(answer.state != PaymentState::Approved, "a foreign currency was approved"),
        Err(_) => Ok(()),
    }
}

fn status(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let paid = intent(provider.as_ref(), 1, 500, 500)?;
    let answer = provider.begin(&paid, &NoProgress)?;
    for _ in 0..3 {
        let asked = provider.query_status(&paid)?;
        same((asked.state, asked.approved_minor), (answer.state, answer.approved_minor), "what became of the intent")?;
    }
    let unknown = intent(provider.as_ref(), 2, 500, 500)?;
    if let Ok(answer) = provider.query_status(&unknown) {
        holds(answer.state != PaymentState::Approved, "an intent that was never begun is approved")?;
        adds_up(&unknown, &answer)?;
    }
    Ok(())
}

/// The moment that matters: the money moved, and the program ended before it heard so.
fn restart(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let paid = intent(provider.as_ref(), 1, 500, 500)?;
    let answer = provider.begin(&paid, &NoProgress)?;
    drop(provider);
    for life in 2..=3 {
        let provider = fixture.again();
        let asked = provider.query_status(&paid)?;
        remembers(&answer, &asked, &format!("in life {life}"))?;
    }
    Ok(())
}

/// An answer after a restart: the same, or that it has to be asked for.
fn remembers(answer: &PaymentAnswer, asked: &PaymentAnswer, when: &str) -> Check {
    if matches!(asked.state, PaymentState::Unknown | PaymentState::InProgress) {
        return Ok(());
    }
    let (before, after) = ((answer.state, answer.approved_minor), (asked.state, asked.approved_minor));
    same(after, before, &format!("{when}, what became of the intent"))
}

fn restart_begin(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let paid = intent(provider.as_ref(), 1, 500, 500)?;
    let first = provider.begin(&paid, &NoProgress)?;
    drop(provider);
    let provider = fixture.again();
    if let Ok(second) = provider.begin(&paid, &NoProgress) {
        remembers(&first, &second, "begun again after a restart")?;
        // A terminal gives each payment a reference of its own: another one is another payment.
        let same_payment = second.state != PaymentState::Approved || second.reference == first.reference;
        holds(same_payment, "the same intent was paid again after a restart, with another reference")?;
    }
    let other = PaymentIntent { amount_minor: 900, tendered_minor: 900, ..paid };
    match provider.begin(&other, &NoProgress) {
        Ok(answer) => holds(answer.state != PaymentState::Approved, "another amount under the same id was approved"),
        Err(_) => Ok(()),
    }
}

/// A folder that was lost, a new machine: what was before is not "nothing".
fn lost(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    if !provider.capabilities()?.leaves_register {
        return Ok(());
    }
    let before = PaymentIntent { time: START - 86_400_000_000, ..intent(provider.as_ref(), 1, 500, 500)? };
    let Ok(answer) = provider.query_status(&before) else { return Ok(()) };
    let moved_nothing = matches!(answer.state, PaymentState::Declined | PaymentState::Aborted);
    holds(!moved_nothing, "a payment of yesterday, which this instance cannot know, is said to have moved nothing")
}

fn refund(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let paid = intent(provider.as_ref(), 1, 500, 500)?;
    let reference = provider.begin(&paid, &NoProgress)?.reference;
    let back = PaymentIntent {
        kind: PaymentKind::Refund,
        original_reference: reference,
        ..intent(provider.as_ref(), 2, 300, 300)?
    };
    if !provider.capabilities()?.refunds {
        return refused(provider.refund(&back, &NoProgress), ErrorCode::Unsupported, "a refund").map(|_| ());
    }
    let answer = provider.refund(&back, &NoProgress)?;
    adds_up(&back, &answer)?;
    let asked = provider.query_status(&back)?;
    same((asked.state, asked.approved_minor), (answer.state, answer.approved_minor), "what became of the refund")?;
    if let Ok(again) = provider.refund(&back, &NoProgress) {
        same(again, answer, "the same refund again")?;
    }
    Ok(())
}

fn not_offered(fixture: &dyn PaymentFixture) -> Check {
    let provider = fixture.fresh();
    let can = provider.capabilities()?;
    let paid = intent(provider.as_ref(), 1, 500, 500)?;
    if !can.reverses {
        refused(provider.reverse(&paid, &NoProgress), ErrorCode::Unsupported, "a reversal")?;
    }
    if !can.settles {
        refused(provider.settle(&NoProgress), ErrorCode::Unsupported, "an end of day")?;
    }
    // Any answer will do; afterwards it must work as before.
    let _ = provider.cancel(Uuid::from_u128(77));
    let answer: Result<PaymentAnswer, Failure> = provider.begin(&paid, &NoProgress).map_err(Into::into);
    adds_up(&paid, &answer?)
}
