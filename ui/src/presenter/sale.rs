//! The sale: products at the left, the ticket at the right.
//!
//! The ticket is the engine's: every change is a command, and what comes back is shown whole. Nothing is computed ahead,
//! so that what stands on the screen is what is sold.

mod basket;
mod dialogs;
mod editor;
pub mod figures;
mod grid;
mod keys;
mod search;
mod undo;
mod unknown;
mod view;
mod weigh;

pub use basket::{clear, exact_cash, pay, scanned, select, step, tick};
pub use dialogs::{
    close, discount_done, discount_key, discount_kind, discount_none, discount_preset, note, open, set_note,
};
pub use editor::{apply, close as close_editor, key as editor_key, preset, remove, reset, set_mode};
pub use grid::{choose_category, next_page, previous_page, room, tap};
pub use keys::{function_key, key};
pub use search::{accept as search_accept, leave as search_leave, step as search_step, typed as search_typed};
pub use undo::{dismiss as dismiss_undo, undo};
pub use unknown::{New, cancel, create, form, look_for, skip};
pub use view::{View, categories, lines, presets, tiles, view};
pub use weigh::{done as weigh_done, key as weigh_key};

use crate::host::HostEvent;
use crate::shell::Shell;
use aurapos_engine::event::Event;
use aurapos_engine::view::Ticket;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Sale {
    /// The ticket as the engine has it; the payment changes it too.
    pub ticket: Option<Ticket>,
    pub(crate) basket: basket::Basket,
    pub(crate) grid: grid::Grid,
    pub(crate) search: search::Search,
    pub(crate) editor: editor::Editor,
    pub(crate) scale: weigh::Scale,
    pub(crate) unknown: unknown::Unknown,
    pub(crate) dialogs: dialogs::Dialogs,
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    basket::own(shell);
    editor::close(shell);
    dialogs::resume(shell);
    grid::fill(shell);
    basket::refresh(shell);
}

/// The program tells something.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    let HostEvent::Engine(event) = event else { return };
    match event.as_ref() {
        Event::CatalogChanged { .. } => grid::catalog_changed(shell),
        Event::DrawerChanged(drawer) if drawer.session.is_some() => basket::drawer_opened(shell),
        // Answers bring the ticket in order; an event that comes late must not show an older one.
        Event::TicketChanged { session, ticket } => {
            let ours = shell.session.as_ref().is_some_and(|own| own.id == *session);
            if ours && shell.sale.basket.is_quiet() && shell.sale.ticket.as_ref() != Some(ticket.as_ref()) {
                basket::refresh(shell);
            }
        }
        _ => {}
    }
}
