//! One turn of the engine: what goes in, what comes out.

use crate::apply::feed::Feed;
use crate::command::{Command, CommandId, SessionId};
use crate::effect::{Effect, EffectAnswer, EffectId};
use crate::event::Event;
use crate::sync::note::{NewLife, Note};

/// What goes in.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Somebody wants something. Ends with exactly one [`Event::Done`], in this step or a later one.
    Command {
        /// Chosen by the caller; not used again while it runs.
        id: CommandId,
        /// Who wants it; `None` before signing in and for the program itself.
        session: Option<SessionId>,
        /// What.
        command: Command,
    },
    /// What a feed brings of other registers. Ends with one [`Event::Done`] in this step. Reply: [`Reply::Applied`].
    Apply {
        /// Chosen by the caller; not used again while it runs.
        id: CommandId,
        /// At most [`crate::apply::feed::FEED_CHANGES_MAX`] changes.
        feed: Box<Feed>,
    },
    /// What the register learnt of the shared store, to be kept. Ends with one [`Event::Done`] in this step. Reply:
    /// [`Reply::Done`](crate::command::Reply::Done).
    Remember {
        /// Chosen by the caller; not used again while it runs.
        id: CommandId,
        /// What.
        note: Box<Note>,
    },
    /// The present life can't go on: the shared store knows it otherwise, or farther. Ends with one [`Event::Done`] in this
    /// step. Reply: [`Reply::Done`](crate::command::Reply::Done).
    NewLife {
        /// Chosen by the caller; not used again while it runs.
        id: CommandId,
        /// Which, and why.
        why: Box<NewLife>,
    },
    /// An effect's answer.
    Answer {
        /// Which effect.
        effect: EffectId,
        /// What came of it.
        answer: EffectAnswer,
    },
}

/// What comes out of one step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Step {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What to do, in order.
    pub effects: Vec<Effect>,
}
