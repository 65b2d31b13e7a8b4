//! Stock is a sum.
#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn the_level_is_the_sum_of_the_moves() {
    let quantity = |text: &str| Quantity::parse(text).unwrap();
    let moves = ["10", "-3", "-0.684", "1"].map(quantity);
    assert_eq!(level(moves), Ok(quantity("7.316")));
    assert_eq!(level([quantity("1"), quantity("-3")]), Ok(quantity("-2")), "below zero is shown, not refused");
    assert_eq!(count_difference(quantity("7.316"), quantity("7")), Ok(Some(quantity("-0.316"))));
    assert_eq!(count_difference(quantity("7"), quantity("7")), Ok(None));
    assert!(level([Quantity::from_thousandths(i64::MAX), Quantity::ONE]).is_err());
    for kind in StockMoveKind::ALL {
        assert_eq!(StockMoveKind::from_code(kind.code()), Some(kind));
    }
}
