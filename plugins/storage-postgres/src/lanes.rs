//! The connections of a store: two that stay (one writes; one reads and hears of others' commits), and one each for searches
//! and for long work that come and go. A hundred registers so need two hundred.

use crate::contract::error::PluginResult;
use crate::contract::host::{HostServices, LogLevel};
use crate::error::{is_passing, late};
use crate::session::{Asked, Bell, Fault, Io, Purpose, Session, lock};
use crate::settings::{Login, Target};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use tokio_postgres::Client;

/// After which rest a connection that need not stay is given back.
const REST: Duration = Duration::from_secs(10);
/// How long nobody tries again after a connection failed: at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How long a network that swallowed everything is believed to do so.
const SILENCE: Duration = Duration::from_millis(300);
/// How long commits may gather before others are woken up.
const GATHER: Duration = Duration::from_millis(5);

/// One connection, made when it is needed; whoever comes meanwhile waits.
#[derive(Debug)]
pub(crate) struct Lane {
    purpose: Purpose,
    place: Mutex<Option<Session>>,
}

/// The last failure to connect, and until when it is the answer.
#[derive(Debug, Default)]
struct Failure {
    last: Option<(Instant, Duration, crate::contract::error::PluginError)>,
}

#[derive(Debug)]
pub(crate) struct Lanes {
    pub io: Arc<Io>,
    pub target: Target,
    login: Login,
    pub write: Lane,
    pub read: Lane,
    pub search: Lane,
    pub long: Lane,
    pub bell: Arc<Bell>,
    /// The reading connection, by which others are woken up.
    caller: Mutex<Weak<Client>>,
    failure: Mutex<Failure>,
    /// Commits since the last call.
    call: Arc<tokio::sync::Notify>,
}

impl Lane {
    fn of(purpose: Purpose) -> Self {
        Lane { purpose, place: Mutex::new(None) }
    }
}

impl Lanes {
    pub fn new(target: Target, login: Login, host: &Arc<dyn HostServices>) -> PluginResult<Arc<Self>> {
        let lanes = Arc::new(Lanes {
            io: Io::start()?,
            login,
            write: Lane::of(Purpose::Write),
            read: Lane::of(Purpose::Read),
            search: Lane::of(Purpose::Search),
            long: Lane::of(Purpose::Long),
            bell: Arc::default(),
            caller: Mutex::default(),
            failure: Mutex::default(),
            call: Arc::default(),
            target,
        });
        lanes.io.spawn(give_back(Arc::downgrade(&lanes)));
        lanes.io.spawn(call(Arc::downgrade(&lanes), lanes.call.clone(), channel(&lanes.target.schema)));
        host.log(LogLevel::Debug, &format!("storage in {}", lanes.target.location()));
        Ok(lanes)
    }

    fn connect(&self, purpose: Purpose) -> PluginResult<Session> {
        if let Some((at, pause, error)) = &lock(&self.failure).last
            && at.elapsed() < *pause
        {
            return Err(error.clone());
        }
        let login = if purpose == Purpose::Own { self.target.owner() } else { &self.login };
        let made = Session::connect(&self.io, &self.target, login, purpose, &self.bell);
        let mut failure = lock(&self.failure);
        match &made {
            Ok(_) => failure.last = None,
            Err(error) => {
                let pause = failure.last.as_ref().map_or(BACKOFF.0, |(_, pause, _)| (*pause * 2).min(BACKOFF.1));
                failure.last = Some((Instant::now(), pause, error.clone()));
            }
        }
        made
    }

    /// A connection of its own, for whoever holds it for long.
    pub fn own(&self, purpose: Purpose) -> PluginResult<Session> {
        self.connect(purpose)
    }

    /// What each new connection of a lane begins with.
    fn begin(
        &self,
        lane: &Lane,
        session: &mut Session,
        first: impl FnOnce(&mut Session) -> PluginResult<()>,
    ) -> PluginResult<()> {
        if lane.purpose == Purpose::Read {
            let listen = format!("LISTEN \"{}\"", channel(&self.target.schema));
            // A replica knows no listening: then there is only looking every quarter of a second.
            session
                .batch(&listen)
                .or_else(|fault| if fault.is_link() { Err(fault) } else { Ok(()) })
                .map_err(|fault| fault.told("the server does not wake us"))?;
            *lock(&self.caller) = Arc::downgrade(&session.client);
        }
        first(session)
    }

    /// Works with the connection of a lane. `first` is what a new connection begins with.
    pub fn holding<T>(
        &self,
        lane: &Lane,
        first: impl Fn(&mut Session) -> PluginResult<()>,
        work: impl FnOnce(&mut Session) -> PluginResult<T>,
    ) -> PluginResult<T> {
        let mut place = lock(&lane.place);
        let mut session = match place.take().filter(Session::is_usable) {
            Some(session) => session,
            None => {
                let mut session = self.connect(lane.purpose)?;
                self.begin(lane, &mut session, &first)?;
                session
            }
        };
        // Out of its place while the work goes on: one that a panic left is dropped with it.
        let answer = work(&mut session);
        session.used = Instant::now();
        if session.is_silent() {
            // Whoever waited for this connection is told the same, and does not wait once more for one that nobody answers.
            let told = late(&format!("no connection to {}", self.target.location()));
            lock(&self.failure).last = Some((Instant::now(), SILENCE, told));
        }
        *place = Some(session).filter(Session::is_usable);
        answer
    }

    /// Reads: what failed because the link was gone, or because others were in the way, is asked once more.
    pub fn reading<T>(
        &self,
        lane: &Lane,
        what: &str,
        mut work: impl FnMut(&mut Session) -> Asked<T>,
    ) -> PluginResult<T> {
        let mut again = true;
        loop {
            let answer = self.holding(
                lane,
                |_| Ok(()),
                |session| {
                    let answer = work(session);
                    if answer.is_err() && session.is_usable() {
                        // Whatever it was in the middle of; outside of a transaction it is nothing.
                        let _ = session.batch("ROLLBACK");
                    }
                    if answer.as_ref().is_err_and(has_old_plan) {
                        session.forget_statements();
                    }
                    Ok(answer)
                },
            )?;
            match answer {
                Err(fault) if again && may_be_asked_again(&fault) => again = false,
                answer => return answer.map_err(|fault| fault.told(what)),
            }
        }
    }

    /// Wakes others up, soon.
    pub fn call(&self) {
        self.bell.ring();
        self.call.notify_one();
    }

    /// Ends all connections.
    pub fn end(&self) {
        for lane in [&self.write, &self.read, &self.search, &self.long] {
            if let Some(session) = lock(&lane.place).take() {
                session.end();
            }
        }
        self.bell.ring();
        self.io.end();
    }
}

/// The tables changed since the statement was prepared, or the statement is not the session's any more.
pub(crate) fn has_old_plan(fault: &Fault) -> bool {
    matches!(fault.state(), "0A000" | "26000")
}

fn may_be_asked_again(fault: &Fault) -> bool {
    let passing = matches!(fault, Fault::Postgres(error) if is_passing(error));
    (fault.is_link() && !matches!(fault, Fault::Late)) || passing || has_old_plan(fault)
}

/// The channel on which commits are called out.
fn channel(schema: &str) -> String {
    format!("aurapos_{schema}")
}

/// Gives connections back that rested.
async fn give_back(lanes: Weak<Lanes>) {
    loop {
        tokio::time::sleep(REST / 2).await;
        let Some(lanes) = lanes.upgrade() else {
            return;
        };
        for lane in [&lanes.search, &lanes.long] {
            if let Ok(mut place) = lane.place.try_lock()
                && place.as_ref().is_some_and(|session| session.used.elapsed() > REST)
            {
                place.take();
            }
        }
    }
}

/// Tells others that there is something new. Outside of the commits, where it would hold them up, and one call for all that
/// came meanwhile. A call that is lost costs others a quarter of a second.
async fn call(lanes: Weak<Lanes>, bell: Arc<tokio::sync::Notify>, channel: String) {
    let notify = format!("NOTIFY \"{channel}\"");
    loop {
        bell.notified().await;
        let client = {
            let Some(lanes) = lanes.upgrade() else {
                return;
            };
            lock(&lanes.caller).upgrade()
        };
        if let Some(client) = client {
            let _ = client.batch_execute(&notify).await;
        }
        tokio::time::sleep(GATHER).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_apart() {
        assert_ne!(channel("a"), channel("b"));
    }
}
