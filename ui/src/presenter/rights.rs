//! What whoever is signed in sees of rights: which screens are theirs, and what is said where a right is missing.
//!
//! Courtesy only: whether somebody may, the engine says, whatever is shown here (ADR 0022).

use crate::host::Trouble;
use crate::markup::{Refusals, Rights, Screen};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::people::Permission;
use aurapos_engine::command::SessionId;
use aurapos_engine::error::Code;
use aurapos_engine::view::Operator;

/// Without which right a screen would only be refused.
pub const fn needed(screen: Screen) -> Option<Permission> {
    match screen {
        Screen::Products | Screen::ImportCatalog => Some(Permission::ManageCatalog),
        Screen::Operators => Some(Permission::ManageOperators),
        Screen::Backups => Some(Permission::Backup),
        Screen::Plugins => Some(Permission::Plugins),
        Screen::Opening
        | Screen::Wizard
        | Screen::Rescue
        | Screen::SignIn
        | Screen::OpenDrawer
        | Screen::Sale
        | Screen::Payment
        | Screen::Done
        | Screen::Orders
        | Screen::More
        | Screen::Drawer
        | Screen::Settings
        | Screen::About => None,
    }
}

/// Whether a screen is not theirs; says so.
pub(crate) fn refuses(shell: &mut Shell, screen: Screen) -> bool {
    let Some(right) = needed(screen).filter(|right| !shell.may(*right)) else { return false };
    let told = refusal(shell, right);
    status::toast_warning(shell, told);
    true
}

/// Whoever is signed in may something else now. A screen that is no longer theirs is left.
pub(crate) fn changed(shell: &mut Shell, session: SessionId, operator: &Operator) {
    let Some(open) = shell.session.as_mut().filter(|open| open.id == session) else { return };
    open.operator = operator.clone();
    let screen = shell.screen;
    if refuses(shell, screen) {
        shell.go_home(Screen::Sale);
    }
}

/// Why something is not theirs, and whom to ask; empty when it is.
pub fn refusal(shell: &Shell, right: Permission) -> String {
    let Some(session) = shell.session.as_ref().filter(|_| !shell.may(right)) else { return String::new() };
    let missing = Some((session.operator.name.clone(), right));
    let trouble = Trouble { code: Code::NotAllowed.text().to_owned(), missing, ..Trouble::default() };
    let (sentence, next) = status::told(shell, &trouble);
    format!("{sentence} {next}")
}

/// What is theirs, for the markup.
pub fn rights(shell: &Shell) -> Rights {
    Rights {
        products: shell.may(Permission::ManageCatalog),
        operators: shell.may(Permission::ManageOperators),
        backups: shell.may(Permission::Backup),
        restore: shell.may(Permission::Restore),
        plugins: shell.may(Permission::Plugins),
        settings: shell.may(Permission::Settings),
        discount: shell.may(Permission::Discount),
        price: shell.may(Permission::PriceOverride),
        drawer: shell.may(Permission::OpenDrawer),
        refund: shell.may(Permission::Refund),
        all_sales: shell.may(Permission::SeeAllSales),
        expected_cash: shell.may(Permission::SeeExpectedCash),
    }
}

/// Why the rest is not, in the operator's language.
pub fn refusals(shell: &Shell) -> Refusals {
    let told = |right| refusal(shell, right).into();
    Refusals {
        products: told(Permission::ManageCatalog),
        operators: told(Permission::ManageOperators),
        backups: told(Permission::Backup),
        restore: told(Permission::Restore),
        plugins: told(Permission::Plugins),
        settings: told(Permission::Settings),
        all_sales: told(Permission::SeeAllSales),
        expected_cash: told(Permission::SeeExpectedCash),
    }
}
