//! From one register to several and back, on the page "storage": shared while the shop sells on, compared, left again.
//!
//! Owns the order of the questions and how long it will take; what is done, the host does.

use crate::host::{Cancel, Compared, HostResult, Progress, Trouble};
use crate::markup::{OpeningDeed, SharingState};
use crate::presenter::{opening, sign_in};
use crate::shell::Shell;
use aurapos_domain::calendar::Timestamp;
use aurapos_engine::sync::status::{Phase, Status as Link};

/// So much has to be brought before it can be said how long the rest takes.
const ESTIMATE_AFTER_US: i64 = 2_000_000;
const MINUTE_US: i64 = 60_000_000;

/// State of it.
#[derive(Debug, Default)]
pub struct Sharing {
    work: Work,
    /// The last comparison.
    pub compared: Option<Compared>,
    /// The question before the shop is shared is open.
    pub ask_share: bool,
    /// The question before this register is by itself is open.
    pub ask_leave: bool,
    /// The shared storage is gone for good.
    pub lost: bool,
    /// Other registers that share the shop.
    pub others: Vec<String>,
}

#[derive(Debug, Default)]
enum Work {
    #[default]
    None,
    /// The server is made ready, and the register shares the shop from then on.
    Preparing(Cancel, Progress),
    Comparing(Cancel, Progress),
    Leaving(Cancel, Progress),
}

/// The shop on its way to the server: when it began, and how much waited then. Kept while the operator signs in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bringing {
    begun: Timestamp,
    whole: u64,
    left: u64,
}

impl Bringing {
    /// It begins.
    pub fn begin(now: Timestamp) -> Self {
        Bringing { begun: now, whole: 0, left: 0 }
    }

    fn note(&mut self, unsent: u64) {
        self.whole = self.whole.max(unsent);
        self.left = unsent;
    }

    fn done(self) -> u64 {
        self.whole - self.left
    }

    /// Minutes that are left, rounded; `None` while it cannot be said.
    pub fn minutes_left(self, now: Timestamp) -> Option<i32> {
        let (passed, done) = (now.0 - self.begun.0, i64::try_from(self.done()).ok()?);
        if passed < ESTIMATE_AFTER_US || done == 0 {
            return None;
        }
        let left = i128::from(passed) * i128::from(self.left) / i128::from(done);
        i32::try_from((left + i128::from(MINUTE_US) / 2) / i128::from(MINUTE_US)).ok()
    }
}

fn of(shell: &mut Shell) -> &mut Sharing {
    &mut shell.settings.storage.sharing
}

/// What is going on, or came of it.
pub fn state(shell: &Shell) -> SharingState {
    let sharing = &shell.settings.storage.sharing;
    match (&sharing.work, &sharing.compared) {
        (Work::Preparing(..), _) => SharingState::Preparing,
        (Work::Comparing(..), _) => SharingState::Comparing,
        (Work::Leaving(..), _) => SharingState::Leaving,
        (Work::None, _) if shell.status.bringing.is_some() => SharingState::Bringing,
        (Work::None, Some(compared)) if compared.differences == 0 => SharingState::Proved,
        (Work::None, Some(_)) => SharingState::Unlike,
        (Work::None, None) => SharingState::None,
    }
}

/// How far it is: for a bar, in words, and the minutes that are left; below 0 what is not known.
pub fn far(shell: &Shell) -> (f32, String, i32) {
    let sharing = &shell.settings.storage.sharing;
    match (&sharing.work, shell.status.bringing) {
        (Work::Preparing(_, progress) | Work::Leaving(_, progress), _) => (progress.share(), String::new(), -1),
        (Work::Comparing(_, progress), _) => (progress.share(), counted(progress.done), -1),
        (Work::None, Some(bringing)) => {
            let progress = Progress { done: bringing.done(), total: bringing.whole, step: String::new() };
            let words =
                if bringing.whole == 0 { String::new() } else { format!("{} / {}", progress.done, progress.total) };
            (progress.share(), words, bringing.minutes_left(shell.host().now()).unwrap_or(-1))
        }
        (Work::None, None) => {
            let rows =
                |compared: &Compared| if compared.differences == 0 { compared.rows } else { compared.differences };
            (-1.0, sharing.compared.as_ref().map(|compared| rows(compared).to_string()).unwrap_or_default(), -1)
        }
    }
}

fn counted(rows: u64) -> String {
    if rows == 0 { String::new() } else { rows.to_string() }
}

/// It is being called off.
pub fn is_stopping(shell: &Shell) -> bool {
    match &shell.settings.storage.sharing.work {
        Work::None => false,
        Work::Preparing(cancel, _) | Work::Comparing(cancel, _) | Work::Leaving(cancel, _) => cancel.asked(),
    }
}

/// A ticket has lines: whoever signs out gives it up.
pub fn ticket_open(shell: &Shell) -> bool {
    sign_in::ticket_lines(shell) > 0
}

fn is_idle(shell: &Shell) -> bool {
    matches!(shell.settings.storage.sharing.work, Work::None)
}

fn begin(shell: &mut Shell, work: fn(Cancel, Progress) -> Work) -> (Cancel, crate::host::Listener<Progress>) {
    let cancel = Cancel::default();
    of(shell).work = work(cancel.clone(), Progress::default());
    let progress = shell.hear(|shell, told: Progress| match &mut of(shell).work {
        Work::None => {}
        Work::Preparing(_, progress) | Work::Comparing(_, progress) | Work::Leaving(_, progress) => *progress = told,
    });
    (cancel, progress)
}

/// The way to several registers: asked about first.
pub fn share(shell: &mut Shell) {
    if is_idle(shell) {
        of(shell).ask_share = true;
    }
}

/// The shop is shared.
pub fn share_now(shell: &mut Shell) {
    if !is_idle(shell) || ticket_open(shell) {
        return;
    }
    of(shell).ask_share = false;
    of(shell).compared = None;
    let (cancel, progress) = begin(shell, Work::Preparing);
    let answer = shell.expect(|shell, result: HostResult<()>| {
        of(shell).work = Work::None;
        match result {
            Ok(()) => {
                shell.status.bringing = Some(Bringing::begin(shell.host().now()));
                shell.status.prove = true;
                opening::begin_after(shell, OpeningDeed::AfterSharing);
            }
            Err(trouble) => failed(shell, &trouble),
        }
    });
    shell.host().share_shop(shell.session_id(), progress, cancel, answer);
}

fn failed(shell: &mut Shell, trouble: &Trouble) {
    if !trouble.is_called_off() {
        shell.fail_host(trouble);
    }
    // What was done before it failed is seen; where the register had to be closed for it, everybody signs in again.
    let session = shell.session_id();
    if shell.host().knows(session) {
        super::storage::look(shell);
    } else {
        opening::begin(shell);
    }
}

/// How the register stands with the server changed.
pub fn linked(shell: &mut Shell, link: &Link) {
    let settled = link.settled();
    if let Some(bringing) = &mut shell.status.bringing {
        bringing.note(link.unsent);
        if settled {
            shell.status.bringing = None;
        }
    } else if link.phase == Phase::Recovering {
        // A start after a run that was cut off.
        let mut bringing = Bringing::begin(shell.host().now());
        bringing.note(link.unsent);
        shell.status.bringing = Some(bringing);
        shell.status.prove = true;
    }
    prove(shell, settled);
}

/// Everything is there: that both sides are the same is proved once, as soon as somebody is there who may.
fn prove(shell: &mut Shell, settled: bool) {
    if settled && shell.status.prove && shell.may(aurapos_domain::people::Permission::Settings) {
        shell.status.prove = false;
        compare(shell);
    }
}

/// The page is shown: what waits to be proved is.
pub fn look(shell: &mut Shell) {
    let settled = shell.status.link().is_some_and(Link::settled);
    prove(shell, settled);
}

/// Compares both sides.
pub fn compare(shell: &mut Shell) {
    if !is_idle(shell) || shell.status.bringing.is_some() {
        return;
    }
    of(shell).compared = None;
    let (cancel, progress) = begin(shell, Work::Comparing);
    let answer = shell.expect(|shell, result: HostResult<Compared>| {
        of(shell).work = Work::None;
        match result {
            Ok(compared) => of(shell).compared = Some(compared),
            Err(trouble) if trouble.is_called_off() => {}
            Err(trouble) => shell.fail_host(&trouble),
        }
    });
    shell.host().compare(shell.session_id(), progress, cancel, answer);
}

/// The way back to one register: asked about first, with who shares the shop.
pub fn leave(shell: &mut Shell) {
    if !is_idle(shell) {
        return;
    }
    // What was not brought to its end has nothing to compare with.
    of(shell).lost = shell.status.bringing.is_some();
    of(shell).ask_leave = true;
    of(shell).others.clear();
    let answer = shell.expect(|shell, result: HostResult<Vec<String>>| {
        // Where the server is away nobody knows, and the question says what happens to others in any case.
        of(shell).others = result.unwrap_or_default();
    });
    shell.host().others(shell.session_id(), answer);
}

/// This register is by itself from now on.
pub fn leave_now(shell: &mut Shell) {
    if !is_idle(shell) || ticket_open(shell) {
        return;
    }
    of(shell).ask_leave = false;
    let lost = of(shell).lost;
    let (cancel, progress) = begin(shell, Work::Leaving);
    let answer = shell.expect(|shell, result: HostResult<()>| {
        of(shell).work = Work::None;
        match result {
            Ok(()) => {
                (shell.status.bringing, shell.status.prove) = (None, false);
                of(shell).compared = None;
                shell.status.forget_link();
                opening::begin_after(shell, OpeningDeed::AfterSharing);
            }
            Err(trouble) => failed(shell, &trouble),
        }
    });
    shell.host().be_alone(shell.session_id(), lost, progress, cancel, answer);
}

/// Nothing of what was asked about is done.
pub fn keep(shell: &mut Shell) {
    let sharing = of(shell);
    (sharing.ask_share, sharing.ask_leave) = (false, false);
}

/// What is going on shall stop. What was brought already is abandoned only after a question.
pub fn cancel(shell: &mut Shell) {
    match &shell.settings.storage.sharing.work {
        Work::Preparing(cancel, _) | Work::Comparing(cancel, _) | Work::Leaving(cancel, _) => cancel.ask(),
        Work::None if shell.status.bringing.is_some() => leave(shell),
        Work::None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_takes_is_told_from_what_was_done() {
        let mut bringing = Bringing::begin(Timestamp(0));
        bringing.note(1_000);
        assert_eq!(bringing.minutes_left(Timestamp(MINUTE_US)), None, "nothing was brought yet");
        bringing.note(750);
        assert_eq!(bringing.minutes_left(Timestamp(1_000_000)), None, "a second says nothing");
        assert_eq!(bringing.minutes_left(Timestamp(MINUTE_US)), Some(3));
        bringing.note(10);
        assert_eq!(bringing.minutes_left(Timestamp(MINUTE_US)), Some(0));
        assert_eq!((bringing.done(), bringing.whole), (990, 1_000));
    }
}
