//! Lives of a payment plugin, some of them cut short.

use super::*;
use aurapos_contract::host::{LocalTime, LogLevel};
use aurapos_contract::{ApiVersion, Settings, Timestamp, Uuid};
use proptest::prelude::*;
use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};

const DAY: i64 = 86_400_000_000;

#[derive(Debug)]
struct Clock(AtomicI64);

impl HostServices for Clock {
    fn log(&self, _: LogLevel, _: &str) {}
    fn now(&self) -> Timestamp {
        self.0.load(Ordering::Relaxed)
    }
    fn local_time(&self, _: Timestamp) -> LocalTime {
        LocalTime::default()
    }
    fn utc_time(&self, _: &LocalTime) -> Timestamp {
        0
    }
    fn data_dir(&self) -> String {
        String::new()
    }
    fn new_id(&self) -> Uuid {
        Uuid::nil()
    }
}

struct Shop {
    folder: tempfile::TempDir,
    clock: Arc<Clock>,
}

impl Shop {
    fn new() -> Shop {
        Shop { folder: tempfile::tempdir().unwrap(), clock: Arc::new(Clock(AtomicI64::new(1_000 * DAY))) }
    }
    fn start(&self) -> PluginResult<Once> {
        let folder = self.folder.path().to_str().unwrap().to_owned();
        let host: Arc<dyn HostServices> = Arc::<Clock>::clone(&self.clock);
        let settings = Settings::default();
        Once::open(&PluginContext { host, api: ApiVersion::OWN, instance: "t".into(), folder, settings })
    }
    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("payments.log")
    }
    fn later(&self, by: i64) {
        self.clock.0.fetch_add(by, Ordering::Relaxed);
    }
    fn intent(&self, id: u128) -> PaymentIntent {
        PaymentIntent { id: Uuid::from_u128(id), amount_minor: 100, time: self.clock.now(), ..Default::default() }
    }
}

fn approved() -> PaymentAnswer {
    PaymentAnswer { state: PaymentState::Approved, approved_minor: 100, reference: "r".into(), ..Default::default() }
}

#[test]
fn an_intent_is_paid_once_in_every_life() {
    let shop = Shop::new();
    let intent = shop.intent(1);
    let once = shop.start().unwrap();
    assert_eq!(once.seen(&intent), Ok(Seen::Never));
    assert_eq!(once.pay(&intent, || Ok(approved())), Ok(approved()));
    let never = || panic!("charged twice");
    assert_eq!(once.pay(&intent, never), Ok(approved()));
    drop(once);
    let once = shop.start().unwrap();
    assert_eq!(once.seen(&intent), Ok(Seen::Answered(approved())));
    assert_eq!(once.pay(&intent, never), Ok(approved()));
    let other = PaymentIntent { amount_minor: 200, ..intent };
    assert_eq!(once.pay(&other, never).unwrap_err().code, ErrorCode::IdReused);
    assert_eq!(once.seen(&other).unwrap_err().code, ErrorCode::IdReused);
}

#[test]
fn what_was_begun_and_not_answered_is_in_doubt_until_somebody_knows() {
    let shop = Shop::new();
    let (panics, fails, hangs) = (shop.intent(1), shop.intent(2), shop.intent(3));
    let once = shop.start().unwrap();
    let caught =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| once.pay(&panics, || panic!("after charging"))));
    assert!(caught.is_err());
    assert!(once.pay(&fails, || Err(PluginError::new(ErrorCode::Io, "cut"))).is_err());
    let unknown = PaymentAnswer { state: PaymentState::Unknown, ..Default::default() };
    assert_eq!(once.pay(&hangs, || Ok(unknown.clone())), Ok(unknown));
    drop(once);
    let once = shop.start().unwrap();
    for intent in [&panics, &fails, &hangs] {
        assert_eq!(once.seen(intent), Ok(Seen::InDoubt));
        let again = once.pay(intent, || panic!("charged twice")).unwrap();
        assert_eq!(again.state, PaymentState::Unknown);
    }
    assert_eq!(once.resolve(&panics, || Ok(approved())), Ok(approved()));
    assert!(once.resolve(&fails, || Err(PluginError::new(ErrorCode::Io, "still cut"))).is_err());
    drop(once);
    let once = shop.start().unwrap();
    assert_eq!(once.seen(&panics), Ok(Seen::Answered(approved())));
    assert_eq!(once.seen(&fails), Ok(Seen::InDoubt));
}

#[test]
fn the_intent_is_on_the_disk_before_the_money_moves() {
    let shop = Shop::new();
    let intent = shop.intent(1);
    let once = shop.start().unwrap();
    let paid = once.pay(&intent, || {
        // What a second life would find if this one ended here.
        assert_eq!(shop.start()?.seen(&intent), Ok(Seen::InDoubt));
        Ok(approved())
    });
    assert_eq!(paid, Ok(approved()));
}

#[test]
fn nothing_is_begun_where_nothing_can_be_kept() {
    let shop = Shop::new();
    let once = shop.start().unwrap();
    fs::create_dir(shop.file()).unwrap();
    let paid = once.pay(&shop.intent(1), || panic!("charged and forgotten"));
    assert!(matches!(paid.unwrap_err().code, ErrorCode::Io | ErrorCode::Busy));
}

#[test]
fn a_memory_that_is_younger_than_the_intent_says_that_it_does_not_know() {
    let shop = Shop::new();
    let before = shop.intent(1);
    shop.later(DAY);
    // A new machine, or a folder that was lost.
    let once = shop.start().unwrap();
    assert_eq!(once.seen(&before), Ok(Seen::InDoubt));
    assert_eq!(once.pay(&before, || panic!("charged twice")).unwrap().state, PaymentState::Unknown);
    assert_eq!(once.pay(&shop.intent(2), || Ok(approved())), Ok(approved()));
    drop(once);
    shop.later(DAY);
    assert_eq!(shop.start().unwrap().seen(&before), Ok(Seen::InDoubt), "also in later lives");
}

#[test]
fn one_that_looks_disturbs_nobody_and_two_do_not_write() {
    let shop = Shop::new();
    let (one, two) = (shop.start().unwrap(), shop.start().unwrap());
    one.pay(&shop.intent(1), || Ok(approved())).unwrap();
    let refused = two.pay(&shop.intent(2), || panic!("a second driver")).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Busy);
    drop(one);
    assert_eq!(two.pay(&shop.intent(2), || Ok(approved())), Ok(approved()));
    assert_eq!(two.seen(&shop.intent(1)), Ok(Seen::Answered(approved())), "what the other one wrote is read");
}

#[test]
fn half_an_entry_is_a_crash_and_a_hole_is_damage() {
    let shop = Shop::new();
    let once = shop.start().unwrap();
    once.pay(&shop.intent(1), || Ok(approved())).unwrap();
    let first = fs::read(shop.file()).unwrap();
    once.pay(&shop.intent(2), || Ok(approved())).unwrap();
    drop(once);
    let whole = fs::read(shop.file()).unwrap();
    for cut in first.len()..whole.len() {
        fs::write(shop.file(), &whole[..cut]).unwrap();
        let once = shop.start().unwrap();
        assert_eq!(once.seen(&shop.intent(1)), Ok(Seen::Answered(approved())), "cut at {cut}");
        assert_ne!(once.seen(&shop.intent(2)), Ok(Seen::Answered(approved())), "cut at {cut}");
        once.pay(&shop.intent(3), || Ok(approved())).unwrap();
        drop(once);
        assert_eq!(shop.start().unwrap().seen(&shop.intent(3)), Ok(Seen::Answered(approved())), "cut at {cut}");
    }
    fs::write(shop.file(), [&whole[..], &[0; 4096]].concat()).unwrap();
    assert_eq!(
        shop.start().unwrap().seen(&shop.intent(2)),
        Ok(Seen::Answered(approved())),
        "room that was never written"
    );
    for at in 0..first.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        fs::write(shop.file(), &damaged).unwrap();
        assert_eq!(shop.start().unwrap_err().code, ErrorCode::Damaged, "byte {at}: a hole must not say never");
    }
}

#[test]
fn old_answers_go_and_doubts_stay() {
    let shop = Shop::new();
    let once = shop.start().unwrap().without_sync();
    let doubt = shop.intent(1);
    let _ = once.pay(&doubt, || Err(PluginError::new(ErrorCode::Io, "cut")));
    let long = PaymentAnswer { message: "x".repeat(10_000), ..approved() };
    let old = shop.intent(2);
    for id in 2..130 {
        once.pay(&shop.intent(id), || Ok(long.clone())).unwrap();
    }
    drop(once);
    let before = fs::metadata(shop.file()).unwrap().len();
    shop.later(40 * DAY);
    let young = shop.intent(500);
    let once = shop.start().unwrap();
    once.pay(&young, || Ok(approved())).unwrap();
    assert!(fs::metadata(shop.file()).unwrap().len() < before / 10);
    drop(once);
    let once = shop.start().unwrap();
    assert_eq!(once.seen(&doubt), Ok(Seen::InDoubt));
    assert_eq!(once.seen(&young), Ok(Seen::Answered(approved())));
    assert_eq!(once.seen(&old), Ok(Seen::InDoubt), "what was left out is not called never");
}

#[test]
fn an_answer_too_long_to_keep_is_kept_without_its_receipts() {
    let shop = Shop::new();
    let once = shop.start().unwrap();
    let long = PaymentAnswer { merchant_receipt: vec!["x".repeat(300_000)], ..approved() };
    assert_eq!(once.pay(&shop.intent(1), || Ok(long.clone())), Ok(long));
    drop(once);
    assert_eq!(shop.start().unwrap().seen(&shop.intent(1)), Ok(Seen::Answered(approved())));
}

proptest! {
    /// Whatever happens in whatever order, with a restart anywhere: no intent is charged twice, and none that was charged
    /// is said to have moved nothing.
    #[test]
    fn nobody_is_charged_twice(steps in prop::collection::vec((0u128..4, 0u8..5, any::<bool>()), 1..24)) {
        let shop = Shop::new();
        let mut charged = [0u32; 4];
        let mut once = Some(shop.start().unwrap());
        for (id, how, restart) in steps {
            if restart {
                drop(once.take());
                once = Some(shop.start().unwrap());
            }
            let (intent, memory) = (PaymentIntent { time: 1_000 * DAY, ..shop.intent(id + 1) }, once.as_ref().unwrap());
            let count = &mut charged[id as usize];
            let answer = memory.pay(&intent, || match how {
                0 => Ok(PaymentAnswer { state: PaymentState::Declined, ..Default::default() }),
                1 => { *count += 1; Err(PluginError::new(ErrorCode::Io, "cut after charging")) }
                2 => { *count += 1; Ok(PaymentAnswer { state: PaymentState::Unknown, ..Default::default() }) }
                _ => { *count += 1; Ok(approved()) }
            });
            prop_assert!(*count <= 1);
            let moved_nothing = matches!(memory.seen(&intent).unwrap(), Seen::Never)
                || answer.is_ok_and(|answer| matches!(answer.state, PaymentState::Declined | PaymentState::Aborted));
            prop_assert!(!moved_nothing || *count == 0);
        }
    }
}
