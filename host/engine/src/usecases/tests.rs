//! The rules of selling, each through `Engine::step` on the reference store.

#![allow(clippy::unwrap_used)]

use crate::command::{Command, Reply};
use crate::error::Code;
use crate::testing::{World, eur, request};
use crate::view::Event;

#[test]
fn a_whole_cash_sale() {
    let mut world = World::new();
    let sale = world.sell(&["5400000000003*2", "2"], &[("cash", 2000)]).unwrap();
    assert_eq!(sale.receipt_no().to_string(), "R1-1-000001");
    assert_eq!((sale.sale.total, sale.sale.rounding, sale.sale.change), (eur(781), eur(-1), eur(1220)));
    assert_eq!(world.rows("sale"), 1);
    assert_eq!(world.rows("sale_line"), 2);
    assert_eq!(world.rows("sale_vat"), 2);
    assert_eq!(world.rows("stock_move"), 2);
    assert_eq!(world.rows("print_job"), 1);
    assert!(world.events.iter().any(|event| matches!(event, Event::Committed(_))));
    assert_eq!(world.effects.len(), 2, "a receipt to print and an event to tell: {:?}", world.effects);
    assert_eq!(world.drawer().expected_cash, eur(10_780));
}
