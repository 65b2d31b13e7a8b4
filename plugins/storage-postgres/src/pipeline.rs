//! Several statements on their way at once: each is sent without waiting for the answer of the one before, so that a whole
//! commit takes one round trip.

use crate::session::{Asked, Fault, Session};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row, Statement};

/// Statements sent before the first answer is read, at most.
const AT_ONCE: usize = 200;

/// One thing to send.
pub(crate) enum Step<'a> {
    /// Text without parameters: `BEGIN`, `COMMIT`.
    Text(&'static str),
    /// A kept statement.
    Kept(Statement, Vec<&'a (dyn ToSql + Sync)>),
}

impl std::fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Text(text) => f.write_str(text),
            Step::Kept(..) => f.write_str("a statement"),
        }
    }
}

/// Which step failed first, and how.
#[derive(Debug)]
pub(crate) struct Broken {
    pub step: usize,
    pub fault: Fault,
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send + 'a>>;

fn send<'a>(client: &'a Client, step: &'a Step<'a>) -> Answer<'a> {
    match step {
        Step::Text(text) => Box::pin(async move { client.batch_execute(text).await.map(|()| Vec::new()) }),
        Step::Kept(statement, parameters) => Box::pin(async move { client.query(statement, parameters).await }),
    }
}

/// Polled in order: what is polled first is sent first.
struct InOrder<'a> {
    waiting: Vec<Option<Answer<'a>>>,
    answers: Vec<Option<Result<Vec<Row>, Error>>>,
}

impl Future for InOrder<'_> {
    type Output = Vec<Result<Vec<Row>, Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        for (waiting, answer) in this.waiting.iter_mut().zip(&mut this.answers) {
            if let Some(future) = waiting
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *answer = Some(ready);
                *waiting = None;
            }
        }
        if this.waiting.iter().all(Option::is_none) {
            return Poll::Ready(this.answers.drain(..).flatten().collect());
        }
        Poll::Pending
    }
}

/// Sends steps; answers the rows of each, or the first that failed. A transaction whose step failed is ended by the server
/// when `COMMIT` comes.
pub(crate) fn run(session: &mut Session, steps: &[Step<'_>]) -> Result<Vec<Vec<Row>>, Broken> {
    let mut all = Vec::with_capacity(steps.len());
    let client = session.client.clone();
    for group in steps.chunks(AT_ONCE) {
        let waiting: Vec<_> = group.iter().map(|step| Some(send(&client, step))).collect();
        let answers = waiting.iter().map(|_| None).collect();
        let work = InOrder { waiting, answers };
        let told = session.wait(async { Ok(work.await) }).map_err(|fault| Broken { step: all.len(), fault })?;
        let mut first = None;
        for answer in told {
            match answer {
                Ok(rows) => all.push(rows),
                Err(error) if first.is_none() => first = Some((all.len(), error)),
                Err(_) => {}
            }
        }
        if let Some((step, error)) = first {
            // Marks the session, when it is of no use any more.
            let fault = session.wait(async { Err::<(), _>(error) }).err().unwrap_or(Fault::Late);
            return Err(Broken { step, fault });
        }
    }
    Ok(all)
}

/// A statement to be kept, with the types of its parameters.
pub(crate) fn kept(session: &mut Session, wanted: &[(&str, Vec<Type>)]) -> Asked<Vec<Statement>> {
    session.statements(wanted)
}
