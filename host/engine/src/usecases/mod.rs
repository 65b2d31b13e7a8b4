//! What a register does, one file per kind of command. Each is a few methods of [`crate::Engine`].

pub(crate) mod backup;
pub(crate) mod cancel;
pub(crate) mod commit;
pub(crate) mod doubt;
pub(crate) mod drawer;
mod finding;
pub(crate) mod item;
pub(crate) mod levels;
pub(crate) mod payment;
pub(crate) mod print;
mod print_again;
pub(crate) mod recovery;
pub(crate) mod refund;
pub(crate) mod sell;
pub(crate) mod session;
pub mod stored;
pub(crate) mod take_back;
pub mod tell;
pub(crate) mod ticket;

#[cfg(test)]
mod tests;
