//! Setting a shop up: the steps, what was typed at each, and the work at the end.
//!
//! Everything that is typed stays here until the last step makes the shop of it, all or nothing; going back keeps it, and
//! a program that is closed in between leaves nothing.

mod answers;
pub mod join;
mod preview;
mod steps;
pub mod storage;

pub use answers::{Answers, Faults};
pub use preview::{Preview, choose_catalog, choose_file, load as load_preview};
pub use steps::Step;

use crate::host::{Cancel, CatalogSource, HostResult, Progress, SetUp, Trouble};
use crate::markup::{JoinStage, OpeningDeed, WizardField, WizardKind};
use crate::presenter::{opening, sign_in, status};
use crate::shell::Shell;
use aurapos_locale::Language;
use std::path::PathBuf;

/// Where the products come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Catalog {
    #[default]
    None,
    Sample,
    File,
    Empty,
}

/// The work of the last step.
#[derive(Debug, Clone, Default)]
pub enum Work {
    /// Not begun, or called off.
    #[default]
    None,
    /// Going on.
    Running {
        /// Stops it.
        cancel: Cancel,
        /// How far it is.
        progress: Progress,
    },
    /// It failed; nothing was made.
    Failed(Trouble),
}

/// State of the screen.
#[derive(Debug, Default)]
pub struct Wizard {
    /// The step that is shown.
    pub step: Step,
    /// The furthest step that was reached.
    pub reached: Step,
    /// One register, the first of several, or one that joins a shop.
    kind: WizardKind,
    /// What was typed.
    pub answers: Answers,
    /// What is wrong with it.
    pub faults: Faults,
    /// Counts up when faults were found.
    pub attempt: i32,
    /// Where the products come from.
    pub catalog: Catalog,
    /// The catalog file that was chosen.
    pub file: Option<PathBuf>,
    /// "Continue" was pressed without a catalog that can be taken.
    pub catalog_missing: bool,
    /// What the catalog would do.
    pub preview: Preview,
    /// Which reading of a catalog counts.
    reading: preview::Reading,
    /// Where the data is kept.
    pub storage: storage::Storage,
    /// The shop that is joined.
    pub join: join::Join,
    /// The work of the last step.
    pub work: Work,
}

impl Wizard {
    /// One register, the first of several, or one that joins a shop.
    pub fn kind(&self) -> WizardKind {
        self.kind
    }

    /// The steps of this kind.
    pub fn way(&self) -> &'static [Step] {
        Step::way(self.kind)
    }

    fn choose(&mut self, kind: WizardKind) {
        self.kind = kind;
        self.storage.show(kind);
    }
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    storage::look(shell);
}

/// What this register is to be.
pub fn choose_kind(shell: &mut Shell, kind: WizardKind) {
    if idle(shell) {
        shell.wizard.choose(kind);
    }
}

fn idle(shell: &Shell) -> bool {
    !matches!(shell.wizard.work, Work::Running { .. })
}

/// The language of the screens; that of the receipts goes with it until somebody chose another.
pub fn choose_language(shell: &mut Shell, index: usize) {
    sign_in::choose_language(shell, index);
    // The forms of plugins speak it too.
    storage::look(shell);
}

/// The country whose rules count.
pub fn choose_country(shell: &mut Shell, index: usize) {
    shell.wizard.answers.choose_country(index);
    // The check of VAT numbers and the rates of the preview are the country's.
    shell.wizard.faults.clear(WizardField::Vat);
    preview::forget(shell);
}

/// A field was typed in: what was wrong with it is forgotten until the next look.
pub fn edited(shell: &mut Shell, field: WizardField, text: &str) {
    shell.wizard.answers.set(field, text);
    shell.wizard.faults.clear(field);
}

/// The language of the receipts.
pub fn choose_receipt_language(shell: &mut Shell, index: usize) {
    shell.wizard.answers.receipt_language = Language::ALL.get(index).copied();
}

/// A step at the side was tapped: earlier ones and the ones that were reached can be gone to.
pub fn go(shell: &mut Shell, step: Step) {
    let known = shell.wizard.way().contains(&step) && shell.wizard.join.stage() == JoinStage::Form;
    if known && step <= shell.wizard.reached && idle(shell) {
        show(shell, step);
    }
}

/// One step back; everything that was typed stays.
pub fn back(shell: &mut Shell) {
    let way = shell.wizard.way();
    let mut step = shell.wizard.step.previous(way);
    if step == Some(Step::Storage) && shell.wizard.storage.is_passed_over() {
        step = Step::Storage.previous(way);
    }
    if let Some(step) = step.filter(|_| idle(shell)) {
        show(shell, step);
    }
}

/// The step is done: the next one, when everything on it is right. The last one makes the shop, or joins one.
pub fn next(shell: &mut Shell) {
    if !idle(shell) || !complete(shell, shell.wizard.step) {
        return;
    }
    if shell.wizard.step == Step::Storage && !storage::may_go_on(shell) {
        return;
    }
    match shell.wizard.step.next(shell.wizard.way()) {
        Some(Step::Storage) if shell.wizard.storage.is_passed_over() => show(shell, Step::Catalog),
        Some(step) => show(shell, step),
        None if shell.wizard.step == Step::Join => join::next(shell),
        None => create(shell),
    }
}

fn show(shell: &mut Shell, step: Step) {
    shell.wizard.work = Work::None;
    shell.wizard.step = step;
    shell.wizard.reached = shell.wizard.reached.max(step);
    match step {
        Step::Catalog => preview::load(shell),
        Step::Storage => shell.wizard.storage.opened = true,
        _ => {}
    }
}

/// Looks at what a step asks, and marks what is wrong.
fn complete(shell: &mut Shell, step: Step) -> bool {
    let found = shell.wizard.answers.check(step);
    shell.wizard.faults.take(step, found);
    let fields = shell.wizard.faults.none_of(step);
    if !fields {
        shell.wizard.attempt = shell.wizard.attempt.wrapping_add(1);
    }
    let catalog = step != Step::Catalog || preview::can_be_taken(shell);
    if step == Step::Catalog {
        shell.wizard.catalog_missing = !catalog;
    }
    let storage = step != Step::Storage || storage::can_be_taken(shell);
    fields && catalog && storage
}

/// Makes the shop. Everything is looked at once more: a country that was changed may refuse the VAT number.
fn create(shell: &mut Shell) {
    if let Some(step) = shell.wizard.way().iter().copied().find(|step| !complete(shell, *step)) {
        show(shell, step);
        return;
    }
    let new = shell.wizard.answers.new_shop(shell.language);
    let source = source(&shell.wizard);
    let cancel = Cancel::default();
    shell.wizard.work = Work::Running { cancel: cancel.clone(), progress: Progress::default() };
    let progress = shell.hear(|shell, told: Progress| {
        if let Work::Running { progress, .. } = &mut shell.wizard.work {
            *progress = told;
        }
    });
    let answer = shell.expect(created);
    shell.host().set_up(new, shell.wizard.storage.wish(), source, progress, cancel, answer);
}

fn created(shell: &mut Shell, result: HostResult<SetUp>) {
    match result {
        Ok(SetUp { catalog }) => {
            // PINs and everything else that was typed go with it.
            shell.wizard = Wizard::default();
            opening::begin_after(shell, OpeningDeed::AfterSetup);
            if let Some(trouble) = catalog {
                // The shop stands; its products can be brought in again.
                status::warn_trouble(shell, &trouble);
            }
        }
        Err(trouble) if trouble.is_called_off() => shell.wizard.work = Work::None,
        Err(trouble) => {
            tracing::warn!(code = trouble.code, "the shop was not made: {}", trouble.message);
            shell.wizard.work = Work::Failed(trouble);
        }
    }
}

/// The work shall stop; nothing is left of it.
pub fn cancel(shell: &mut Shell) {
    if let Work::Running { cancel, .. } = &shell.wizard.work {
        cancel.ask();
    }
}

fn source(wizard: &Wizard) -> CatalogSource {
    match (wizard.catalog, &wizard.file) {
        (Catalog::Sample, _) => CatalogSource::Sample,
        (Catalog::File, Some(path)) => CatalogSource::File(path.clone()),
        _ => CatalogSource::Empty,
    }
}

/// Why the work failed: sentence and next step in the operator's language.
pub fn work_error(shell: &Shell) -> (String, String) {
    match &shell.wizard.work {
        Work::Failed(trouble) => status::told(shell, trouble),
        _ => (String::new(), String::new()),
    }
}
