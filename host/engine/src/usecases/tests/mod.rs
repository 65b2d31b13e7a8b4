//! The rules of selling, each through `Engine::step` on the reference store. Switch a rule off and a test here fails.

#![allow(clippy::unwrap_used)]

mod cancel;
mod doubt;
mod drawer_days;
mod identity;
mod payments;
mod prints;
mod property;
mod refunds;
mod rights;
mod sale;
mod take_back;
mod tickets;
mod undo;

use crate::command::{Command, Reply};
use crate::error::{Code, EngineResult};
use crate::testing::World;
use crate::view;

/// The code of a refusal.
fn refused<T: std::fmt::Debug>(result: EngineResult<T>, code: Code) {
    match result {
        Err(error) => assert_eq!(error.code, code.text(), "{error}"),
        Ok(done) => panic!("should be refused with {code:?}: {done:?}"),
    }
}

/// A command that answers with the ticket.
fn ticket(world: &mut World, command: Command) -> EngineResult<view::Ticket> {
    world.run(command).map(|reply| match reply {
        Reply::Ticket(ticket) => *ticket,
        other => panic!("{other:?}"),
    })
}

/// A command that answers with the sale.
fn sale(world: &mut World, command: Command) -> EngineResult<view::Sale> {
    world.run(command).map(|reply| match reply {
        Reply::Sale(sale) => *sale,
        other => panic!("{other:?}"),
    })
}
