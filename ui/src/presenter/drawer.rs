//! The drawer: how it stands, cash in and out, opening it without a sale.

use crate::host::HostEvent;
use crate::shell::Shell;
use aurapos_domain::drawer::DrawerState;
use aurapos_engine::view::{self, Event};

/// State of the screen.
#[derive(Debug, Default)]
pub struct Drawer {
    /// The drawer session as it was told last; `None` when no drawer is open.
    known: Option<view::DrawerView>,
}

/// The engine tells how the drawer stands. Whether it is open.
pub fn note(shell: &mut Shell, drawer: view::Drawer) -> bool {
    shell.drawer.known = drawer.session.filter(|session| session.state == DrawerState::Open);
    is_open(shell)
}

/// Whether a drawer is open.
pub fn is_open(shell: &Shell) -> bool {
    shell.drawer.known.is_some()
}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}

/// The program tells something.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    if let HostEvent::Engine(event) = event
        && let Event::DrawerChanged(drawer) = event.as_ref()
    {
        note(shell, drawer.as_ref().clone());
    }
}

/// A key that no control wanted.
pub fn key(_shell: &mut Shell, _key: &crate::presenter::keys::KeyPress) -> bool {
    false
}
