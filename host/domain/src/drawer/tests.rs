//! States, sums and refusals of a drawer session.
#![allow(clippy::unwrap_used)]

use super::*;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn session() -> DrawerSession {
    let (id, register, operator) =
        (DrawerSessionId::from_bytes([1; 16]), RegisterId::from_bytes([2; 16]), OperatorId::from_bytes([3; 16]));
    let day = Date::parse("2026-11-22").unwrap();
    DrawerSession::opening(id, register, 1, operator, Timestamp(0), day, Currency::EUR)
}

#[test]
fn from_float_to_count() {
    let mut drawer = session();
    assert!(drawer.need_open().is_err());
    drawer.open(eur(10_000)).unwrap();
    drawer.add_tender(TenderKind::Cash, eur(1900)).unwrap();
    drawer.add_tender(TenderKind::Cash, eur(-500)).unwrap();
    drawer.add_tender(TenderKind::Card, eur(4000)).unwrap();
    drawer.loan(eur(2000)).unwrap();
    drawer.pickup(eur(5000)).unwrap();
    assert_eq!(drawer.expected_cash(), Ok(eur(10_000 + 1900 - 500 + 2000 - 5000)));
    assert_eq!(drawer.tender_total(TenderKind::Card), eur(4000));
    drawer.start_count().unwrap();
    drawer.cancel_count().unwrap();
    drawer.start_count().unwrap();
    assert_eq!(drawer.close(eur(8390)), Ok(eur(-10)));
    assert_eq!((drawer.state, drawer.counted), (DrawerState::Closed, Some(eur(8390))));
}

#[test]
fn what_a_state_does_not_allow() {
    fn check(state: DrawerState, act: impl Fn(&mut DrawerSession) -> Result<(), DrawerError>, allowed: bool) {
        let mut drawer = DrawerSession { state, float: eur(1000), ..session() };
        assert_eq!(act(&mut drawer).is_ok(), allowed, "{state:?}");
    }
    for state in [DrawerState::Opening, DrawerState::Open, DrawerState::Counting, DrawerState::Closed] {
        check(state, |d| d.open(eur(1)), state == DrawerState::Opening);
        check(state, |d| d.add_tender(TenderKind::Cash, eur(1)), state == DrawerState::Open);
        check(state, |d| d.loan(eur(1)), state == DrawerState::Open);
        check(state, |d| d.pickup(eur(1)), state == DrawerState::Open);
        check(state, |d| d.start_count(), state == DrawerState::Open);
        check(state, |d| d.cancel_count(), state == DrawerState::Counting);
        check(state, |d| d.close(eur(1)).map(|_| ()), state == DrawerState::Counting);
        assert_eq!(DrawerState::from_code(state.code()), Some(state));
    }
}

#[test]
fn amounts_that_are_refused() {
    let mut drawer = session();
    assert_eq!(drawer.open(eur(-1)), Err(DrawerError::BadAmount { amount: eur(-1) }));
    assert!(drawer.open(eur(CASH_MINOR_MAX + 1)).is_err());
    assert!(drawer.open(Money::new(1, Currency::USD)).is_err());
    drawer.open(eur(1000)).unwrap();
    let too_much = drawer.pickup(eur(1001)).unwrap_err();
    assert_eq!(too_much.to_string(), "10.01 EUR cannot be taken out, 10.00 EUR should be in the drawer");
}

#[test]
fn cash_is_counted_by_denomination() {
    assert_eq!(count_cash(Currency::EUR, &[(5000, 2), (1000, 1), (200, 3), (5, 7)]), Ok(eur(11_635)));
    assert_eq!(count_cash(Currency::EUR, &[]), Ok(eur(0)));
    let odd = count_cash(Currency::EUR, &[(300, 1)]).unwrap_err();
    assert_eq!(odd.to_string(), "3.00 EUR is not a coin or note");
}
