//! The machine around the protocol: gives it what happened, and takes what it asks next.

use super::call::{Input, Next};
use super::desk::{Asked, Desk, Given, Moment};
use super::session;
use super::status::Status;
use crate::env::Env;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The sync of one register with the shared store. Dropping it loses nothing: a new one goes on from what the two stores
/// have.
pub struct Sync {
    desk: Desk,
    protocol: Pin<Box<dyn Future<Output = Infallible> + Send>>,
    /// What was asked last and is not answered.
    open: Open,
    /// Something happened while a call was on its way: the next rest is over before it begins. Whether it is in a hurry.
    woken: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Beginning,
    Call,
    Rest,
}

impl fmt::Debug for Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sync").field("status", &self.status()).finish_non_exhaustive()
    }
}

impl Default for Sync {
    fn default() -> Self {
        Self::new()
    }
}

impl Sync {
    /// One that has not begun.
    pub fn new() -> Self {
        let desk = Desk::default();
        Sync { protocol: Box::pin(session::run(desk.clone())), desk, open: Open::Beginning, woken: None }
    }

    /// One step. `at_us` is a clock that never jumps; the wall clock, ids and jitter come from `env`.
    pub fn step(&mut self, input: Input, at_us: i64, env: &mut dyn Env) -> Next {
        let mut given = match (self.open, input) {
            (Open::Beginning, _) => None,
            (Open::Call, Input::Answer(answer)) => Some(Given::Answer(answer)),
            (Open::Rest, Input::Wake) => Some(Given::Woken(false)),
            (Open::Rest, Input::Hurry) => Some(Given::Woken(true)),
            (Open::Rest, Input::Lost(why)) => Some(Given::Lost(why)),
            // The call finds out itself.
            (Open::Call, Input::Lost(_)) => return self.woken_later(false),
            (Open::Call, Input::Wake) => return self.woken_later(false),
            (Open::Call, Input::Hurry) => return self.woken_later(true),
            (Open::Rest, Input::Answer(_)) => return Next::Pending,
        };
        loop {
            self.turn(given, at_us, env);
            let asked = self.desk.papers().asked.take();
            match asked {
                Some(Asked::Call(call)) => {
                    self.open = Open::Call;
                    return Next::Call(call);
                }
                Some(Asked::Rest(rest)) => {
                    self.open = Open::Rest;
                    match self.woken.take() {
                        Some(hurry) => given = Some(Given::Woken(hurry)),
                        None => return Next::Rest(rest),
                    }
                }
                None => return Next::Pending,
            }
        }
    }

    fn woken_later(&mut self, hurry: bool) -> Next {
        self.woken = Some(self.woken.unwrap_or_default() | hurry);
        Next::Pending
    }

    fn turn(&mut self, given: Option<Given>, at_us: i64, env: &mut dyn Env) {
        let mut random = [0; 4];
        env.random(&mut random);
        {
            let mut papers = self.desk.papers();
            papers.moment = Moment { at_us, wall: env.now(), random: u32::from_le_bytes(random) };
            papers.id = env.new_id();
            papers.given = given;
        }
        match self.protocol.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(never) => match never {},
            Poll::Pending => {}
        }
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.desk.papers().status.clone()
    }
}
