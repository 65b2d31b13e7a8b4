//! Random tickets and tenders: whatever is sold, journal, rows and drawer say the same.

use aurapos_domain::money::Quantity;
use aurapos_domain::pricing::Discount;
use proptest::prelude::*;

use crate::command::{Command, RefundRequest, Reply};
use crate::testing::{World, eur, pay, request};

/// One customer: items, a discount in percent, who pays how, and whether the goods come back.
fn customer() -> impl Strategy<Value = (Vec<String>, i64, usize, i64, bool)> {
    let item = prop_oneof![
        (1..5_i32).prop_map(|n| format!("1*{n}")),
        (1..5_i32).prop_map(|n| format!("2*{n}")),
        (1..3000_i32).prop_map(|grams| format!("3*{}.{:03}", grams / 1000, grams % 1000)),
        (1..3_i32).prop_map(|n| format!("4*{n}")),
    ];
    (prop::collection::vec(item, 1..6), 0..=100_i64, 0..4_usize, 1..5000_i64, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn journal_rows_and_drawer_agree(customers in prop::collection::vec(customer(), 1..8)) {
        let mut world = World::new();
        let mut numbers = 0;
        for (items, percent, way, minor, comes_back) in customers {
            let items: Vec<&str> = items.iter().map(String::as_str).collect();
            let split = [("card", minor), ("cash", 0)];
            let three = [("meal", 100), ("cash", minor), ("card", 0)];
            let tenders: &[(&str, i64)] = match way {
                0 => &[("cash", 0)],
                1 => &[("card", 0)],
                2 => &split,
                _ => &three,
            };
            let mut wanted = request(&items, tenders);
            wanted.discount = (percent > 0).then_some(Discount::Percent(percent * 100));
            let Ok(sale) = world.sell_request(wanted) else { continue };
            numbers += 1;
            prop_assert_eq!(sale.sale.header.number.counter, numbers);
            if comes_back && !sale.sale.total.is_zero() {
                let receipt_no = sale.receipt_no().to_string();
                let refund = RefundRequest { receipt_no, tenders: pay(&[("cash", 0)]), ..Default::default() };
                world.run(Command::Refund(refund)).unwrap();
                numbers += 1;
            }
        }
        let totals = world.engine.core.head.totals;
        prop_assert_eq!(totals.sales_count, numbers);
        prop_assert_eq!(totals.grand_total_minor, world.sum("sale", "total"));
        let applied = world.sum("sale_tender", "applied");
        prop_assert_eq!(applied, world.sum("sale", "total") + world.sum("sale", "rounding"));
        prop_assert_eq!(applied, world.sum("drawer_total", "amount"));
        prop_assert_eq!(world.sum("sale_vat", "gross"), world.sum("sale", "total"));
        prop_assert_eq!(world.sum("stock_move", "quantity"), world.sum("stock_level", "quantity"));
        prop_assert_eq!(world.sum("sale_line", "quantity"), -world.sum("stock_move", "quantity"));
        let cash = world.expected_cash().minor;
        let mut world = world.reopen("t1");
        prop_assert_eq!(world.expected_cash(), eur(cash));
        world.check();
    }

    /// Whatever comes back of a sale that was paid in cash, in whatever parts: never more cash than was paid, and with the
    /// last part exactly that.
    #[test]
    fn parts_in_cash_never_give_back_more_than_was_paid(
        counts in prop::collection::vec(1..6_i64, 1..4),
        off in prop_oneof![0..100_i64, 90..100_i64],
        choices in prop::collection::vec((0..4_usize, 1..4_i64), 24),
    ) {
        let mut world = World::new();
        let items: Vec<String> = counts.iter().enumerate().map(|(at, n)| format!("{}*{n}", [1, 2, 4][at])).collect();
        let mut wanted = request(&items.iter().map(String::as_str).collect::<Vec<_>>(), &[("cash", 0)]);
        wanted.discount = Some(Discount::Percent(off * 100));
        let Ok(sold) = world.sell_request(wanted) else { return Ok(()) };
        let paid = sold.sale.total.minor + sold.sale.rounding.minor;
        // A sum of up to 5 cents is not rounded, neither when it is paid nor when it comes back.
        let rounds = sold.sale.total.minor > 5;
        let mut left: Vec<i64> = sold.sale.lines.iter().map(|line| line.quantity.thousandths() / 1_000).collect();
        let receipt_no = sold.receipt_no().to_string();
        let mut given = 0;
        for (line, count) in choices.into_iter().chain((0..4).map(|line| (line, 99))) {
            let line = line % left.len();
            let count = count.min(left[line]);
            if count == 0 {
                continue;
            }
            left[line] -= count;
            let part = (u32::try_from(line).unwrap() + 1, Quantity::from_thousandths(count * 1_000));
            let tenders = pay(&[("cash", 0)]);
            let refund = RefundRequest { receipt_no: receipt_no.clone(), lines: vec![part], tenders, ..Default::default() };
            let Reply::Sale(refund) = world.run(Command::Refund(refund)).unwrap() else { panic!("another reply") };
            let cash = refund.sale.tenders.iter().map(|paid| paid.applied.minor).sum::<i64>();
            prop_assert!(cash <= 0 && (!rounds || cash % 5 == 0), "{cash}");
            given -= cash;
            prop_assert!(given <= paid, "{given} of {paid}");
        }
        prop_assert_eq!(left.iter().sum::<i64>(), 0);
        prop_assert_eq!(given, paid);
        prop_assert_eq!(world.expected_cash(), eur(10_000));
        world.check();
    }
}
