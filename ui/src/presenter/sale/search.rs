//! The search: results as one types, the newest wins.

use super::grid::{self, Size};
use crate::host::Topic;
use crate::markup::ListState;
use crate::shell::Shell;
use aurapos_domain::catalog::Product;

/// Most results that are asked for.
const FOUND_MAX: u32 = 120;

/// The search.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// What is typed.
    pub(crate) text: String,
    pub(crate) results: Vec<Product>,
    /// There are others than these.
    pub(crate) more: bool,
    /// Of what text the results are.
    of: String,
    pub(crate) page: usize,
    pub(crate) marked: usize,
    /// The marked one is taken as soon as it is known.
    take_it: bool,
    failed: bool,
    /// Rises when the field shall have the focus.
    pub(crate) focus: i32,
    /// Rises when it shall give the focus away: what is typed then is for the ticket.
    pub(crate) unfocus: i32,
}

impl Search {
    /// Results stand in the place of the tiles.
    pub(crate) fn is_shown(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// The results are not those of what is typed.
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_shown() && self.of != self.text
    }

    pub(crate) fn state(&self) -> ListState {
        match () {
            () if self.failed => ListState::Failed,
            () if !self.results.is_empty() => ListState::Ready,
            () if self.is_waiting() => ListState::Loading,
            () => ListState::Empty,
        }
    }

    /// Another number of tiles fits: the marked one stays on the page.
    pub(crate) fn resized(&mut self, _old: Size, new: Size) {
        self.page = self.marked / new.tiles();
    }
}

/// The field shall have the focus.
pub(crate) fn focus(shell: &mut Shell) {
    shell.sale.search.focus = shell.sale.search.focus.wrapping_add(1);
}

/// The text changed.
pub fn typed(shell: &mut Shell, text: &str) {
    text.clone_into(&mut shell.sale.search.text);
    shell.sale.search.take_it = false;
    if shell.sale.search.is_shown() {
        ask(shell);
    } else {
        forget(shell);
    }
}

/// The catalog changed: the same again.
pub(crate) fn again(shell: &mut Shell) {
    if shell.sale.search.is_shown() {
        ask(shell);
    }
}

fn ask(shell: &mut Shell) {
    let text = shell.sale.search.text.clone();
    let asked = text.clone();
    shell.read(
        Topic::Search,
        move |reading| reading.search_products(&asked, FOUND_MAX),
        move |shell, result| {
            if !shell.sale.search.is_shown() {
                return;
            }
            let search = &mut shell.sale.search;
            search.failed = result.is_err();
            if search.of != text {
                search.page = 0;
                search.marked = 0;
            }
            search.of = text;
            match result {
                Ok(found) => (search.results, search.more) = (found.products, found.more),
                Err(error) => {
                    search.results.clear();
                    shell.fail(&error);
                }
            }
            if shell.sale.search.take_it && !shell.sale.search.is_waiting() {
                accept(shell);
            }
        },
    );
}

/// Enter: the marked result goes onto the ticket, as soon as it is known.
pub fn accept(shell: &mut Shell) {
    let search = &mut shell.sale.search;
    if !search.is_shown() {
        return;
    }
    if search.is_waiting() {
        search.take_it = true;
        return;
    }
    search.take_it = false;
    let Some(product) = search.results.get(search.marked).cloned() else { return };
    leave(shell);
    grid::take(shell, product);
}

/// Marks the next result or the one before.
pub fn step(shell: &mut Shell, by: i32) {
    let tiles = shell.sale.grid.size().tiles();
    let search = &mut shell.sale.search;
    let last = search.results.len().saturating_sub(1);
    search.marked = if by > 0 { (search.marked + 1).min(last) } else { search.marked.saturating_sub(1) };
    search.page = search.marked / tiles;
}

/// Turns the page of results.
pub(crate) fn turn(shell: &mut Shell, on: bool) {
    let size = shell.sale.grid.size();
    let search = &mut shell.sale.search;
    let last = size.pages(search.results.len()) - 1;
    search.page = if on { (search.page + 1).min(last) } else { search.page.saturating_sub(1) };
    search.marked = search.page * size.tiles();
}

/// Back to the tiles.
pub fn leave(shell: &mut Shell) {
    forget(shell);
    shell.sale.search.unfocus = shell.sale.search.unfocus.wrapping_add(1);
}

fn forget(shell: &mut Shell) {
    let Search { focus, unfocus, .. } = shell.sale.search;
    shell.sale.search = Search { focus, unfocus, ..Search::default() };
}
