//! Brings a register and the shop's shared store together: facts are posted once, edits meet field by field, the feed is
//! taken in. A state machine without I/O, clock or thread: [`Sync::step`] takes what happened and answers the one call that
//! is to be made next, or until when there is nothing to do (ADR 0035).
//!
//! Owns the protocol. Must not know: connections, threads, how long a call takes. The runtime's driver and the simulator
//! turn the same machine, so what the simulator proves is what runs:
//!
//! ```
//! use aurapos_contract::RecordStore;
//! use aurapos_engine::sync::call::{Answer, Call, Input, Next};
//! use aurapos_engine::sync::Sync;
//! use aurapos_engine::{Engine, Env};
//!
//! /// Turns a machine until it has nothing to do, and answers until when (microseconds of the driver's own clock). A
//! /// driver then waits: for that moment, for a commit of its register, and for `watch` at the shared store.
//! fn turn(
//!     sync: &mut Sync,
//!     input: Input,
//!     now_us: i64,
//!     local: &dyn RecordStore,
//!     shared: &dyn RecordStore,
//!     engine: &mut Engine,
//!     env: &mut dyn Env,
//! ) -> i64 {
//!     let mut next = sync.step(input, now_us, env);
//!     loop {
//!         let answer = match next {
//!             Next::Call(Call::Shared(call)) => call.ask(shared),
//!             Next::Call(Call::Local(query)) => Answer::Rows(local.scan(&query)),
//!             // A driver sends it to the thread that turns the engine.
//!             Next::Call(Call::Engine(call)) => call.give(engine, env),
//!             Next::Rest(rest) => return rest.until_us,
//!             Next::Pending => return now_us,
//!         };
//!         next = sync.step(Input::Answer(answer), now_us, env);
//!     }
//! }
//! ```

pub mod call;
pub mod claim;
mod connect;
mod desk;
mod edits;
mod facts;
mod feed;
mod here;
mod keep;
mod machine;
pub mod note;
mod remember;
mod session;
pub mod status;
mod stop;
#[cfg(test)]
mod tests;

pub use machine::Sync;
