//! The page "to look at": what registers did that does not fit together, and ticking it off. Its number stands on other screens too.

use crate::host::{HostEvent, Topic};
use crate::markup::{FindingLine, FindingLook, ListState, ToastKind};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::people::Permission;
use aurapos_engine::apply::{Finding, FindingKind};
use aurapos_engine::{Command, EngineError, Event};

/// State of the page.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    state: ListState,
    error: Option<EngineError>,
    /// The one that is being ticked off.
    busy: Option<usize>,
}

impl Findings {
    /// What the page shows.
    pub fn state(&self) -> ListState {
        self.state
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }
}

/// Reads them for whoever may see them.
pub fn load(shell: &mut Shell) {
    if !shell.may(Permission::Settings) {
        shell.settings.findings = Findings::default();
        return;
    }
    shell.read(
        Topic::Findings,
        |reading| reading.findings(),
        |shell, result| {
            let findings = &mut shell.settings.findings;
            match result {
                Ok(list) => {
                    findings.state = if list.is_empty() { ListState::Empty } else { ListState::Ready };
                    findings.list = list;
                }
                Err(error) => {
                    findings.state = ListState::Failed;
                    findings.error = Some(error);
                }
            }
        },
    );
}

/// The program tells something: what came from other registers may not fit.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    let HostEvent::Engine(event) = event else { return };
    if let Event::Applied(applied) = event.as_ref()
        && (!applied.findings.is_empty() || (applied.edited > 0 && shell.settings.findings.count() > 0))
    {
        load(shell);
    }
}

/// Why they cannot be shown, in the operator's language.
pub fn error(shell: &Shell) -> String {
    let told = |error: &EngineError| status::told(shell, &error.clone().into()).0;
    shell.settings.findings.error.as_ref().map(told).unwrap_or_default()
}

/// Somebody looked, and it is settled.
pub fn tick_off(shell: &mut Shell, place: usize) {
    let findings = &mut shell.settings.findings;
    let Some(id) = findings.list.get(place).map(Finding::id).filter(|_| findings.busy.is_none()) else { return };
    findings.busy = Some(place);
    shell.submit(Command::ResolveFinding { id }, |shell, result| {
        shell.settings.findings.busy = None;
        match result {
            Ok(_) => status::toast_kind(shell, ToastKind::TickedOff, ""),
            Err(error) => shell.fail(&error),
        }
        load(shell);
    });
}

/// The rows, as the markup shows them.
pub fn lines(shell: &Shell) -> Vec<FindingLine> {
    let findings = &shell.settings.findings;
    let one = |(place, finding): (usize, &Finding)| FindingLine {
        look: look(finding.kind),
        subject: finding.subject.as_str().into(),
        told: if says_more(finding.kind) { finding.told.as_str().into() } else { "".into() },
        seen: status::relative(shell, finding.seen).into(),
        busy: findings.busy == Some(place),
    };
    findings.list.iter().enumerate().map(one).collect()
}

/// Whether the engine's words hold more than kind and subject.
fn says_more(kind: FindingKind) -> bool {
    !matches!(
        kind,
        FindingKind::SameSku
            | FindingKind::SameCategory
            | FindingKind::SameOperator
            | FindingKind::SameRate
            | FindingKind::SameReceipt
    )
}

fn look(kind: FindingKind) -> FindingLook {
    match kind {
        FindingKind::SameSku => FindingLook::SameSku,
        FindingKind::SameCategory => FindingLook::SameCategory,
        FindingKind::SameOperator => FindingLook::SameOperator,
        FindingKind::SameRate => FindingLook::SameRate,
        FindingKind::SameNumbers => FindingLook::SameNumbers,
        FindingKind::SameReceipt => FindingLook::SameReceipt,
        FindingKind::Fork => FindingLook::Fork,
        FindingKind::BrokenChain => FindingLook::BrokenChain,
        FindingKind::Ahead => FindingLook::Ahead,
        FindingKind::Unreadable => FindingLook::Unreadable,
        FindingKind::WentBack => FindingLook::WentBack,
        FindingKind::OverRefund => FindingLook::OverRefund,
        FindingKind::Clone => FindingLook::Clone,
        FindingKind::Unknown => FindingLook::Unknown,
    }
}
