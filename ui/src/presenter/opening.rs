//! Opening the register: what is shown until it is open, and where it leads.

use crate::host::{self, Facts};
use crate::markup::{OpeningDeed, Screen};
use crate::presenter::{rescue, status, wizard};
use crate::shell::Shell;
use aurapos_locale::Language;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Opening {
    /// What came before, for the words on the screen.
    pub deed: OpeningDeed,
}

/// Opens the register of the data folder: at the start.
pub fn begin(shell: &mut Shell) {
    begin_after(shell, OpeningDeed::Opening);
}

/// Opens the register after the wizard or after a restore.
pub fn begin_after(shell: &mut Shell, deed: OpeningDeed) {
    shell.opening.deed = deed;
    shell.end_session();
    shell.facts = None;
    shell.go_home(Screen::Opening);
    ask(shell);
}

/// Asks for the register and goes where the answer leads; the screen that is shown stays until then.
pub fn ask(shell: &mut Shell) {
    let answer = shell.expect(opened);
    shell.host().open(answer);
}

/// The register is open, or it is not.
pub fn opened(shell: &mut Shell, opening: host::Opening) {
    match opening {
        host::Opening::Ready(facts) => ready(shell, *facts),
        host::Opening::NoShop => shell.go_home(Screen::Wizard),
        host::Opening::Arriving => {
            shell.go_home(Screen::Wizard);
            wizard::join::go_on(shell);
        }
        host::Opening::Refused(trouble) => {
            rescue::set(shell, *trouble);
            shell.go_home(Screen::Rescue);
        }
    }
}

fn ready(shell: &mut Shell, facts: Facts) {
    if shell.speaks_as_the_shop() {
        shell.language = Language::from_code(&facts.language).unwrap_or_default();
    }
    shell.status.plugin_problems = i32::try_from(facts.refused.len()).unwrap_or(i32::MAX);
    shell.status.new_life = !facts.new_incarnation.is_empty();
    if !facts.shares {
        // What the register told while it was one of several.
        shell.status.forget_link();
    }
    shell.facts = Some(facts);
    status::look_at_backups(shell);
    shell.go_home(Screen::SignIn);
}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
