//! Categories and tiles: which are shown, how many fit, which page.

use super::{basket, search, weigh};
use crate::host::Topic;
use crate::markup::ListState;
use crate::shell::Shell;
use aurapos_contract::Uuid;
use aurapos_domain::catalog::{Colour, Product, Unit};
use aurapos_domain::ids::CategoryId;
use aurapos_engine::command::ItemRequest;
use aurapos_engine::error::EngineResult;
use aurapos_engine::queries::{CategoryView, TilePage};

/// Between two tiles, in pixels.
const GAP: f32 = 10.0;
/// What a tile should have at least, in pixels; a little more than it must have.
const TILE: (f32, f32) = (138.0, 112.0);
/// Most tiles beside and below each other.
const MOST: (usize, usize) = (9, 8);

/// How many tiles a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

impl Default for Size {
    fn default() -> Self {
        Size { columns: 5, rows: 4 }
    }
}

impl Size {
    /// Of a room in pixels.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn of(width: f32, height: f32) -> Size {
        // Conversions of floats saturate: nothing and less gives no tile.
        let fit = |room: f32, tile: f32, most: usize| (((room + GAP) / (tile + GAP)) as usize).clamp(1, most);
        Size { columns: fit(width, TILE.0, MOST.0), rows: fit(height, TILE.1, MOST.1) }
    }

    pub(crate) fn tiles(self) -> usize {
        self.columns * self.rows
    }

    /// How many pages so many tiles need.
    pub(crate) fn pages(self, tiles: usize) -> usize {
        tiles.div_ceil(self.tiles()).max(1)
    }
}

/// Which tiles are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Wanted {
    category: Option<CategoryId>,
    page: usize,
    size: Size,
}

/// Categories and tiles.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    pub(crate) categories: Vec<CategoryView>,
    wanted: Wanted,
    /// What is shown is what was wanted.
    shown: Option<Wanted>,
    pub(crate) products: Vec<Product>,
    total: usize,
    pub(crate) state: ListState,
    asked: bool,
}

impl Grid {
    /// What was sold most lately is looked for again the next time.
    pub(crate) fn forget_favourites(&mut self) {
        self.asked = false;
    }

    pub(crate) fn category(&self) -> Option<CategoryId> {
        self.wanted.category
    }

    pub(crate) fn size(&self) -> Size {
        self.wanted.size
    }

    /// From 0.
    pub(crate) fn page(&self) -> usize {
        self.wanted.page
    }

    pub(crate) fn pages(&self) -> usize {
        self.wanted.size.pages(self.total)
    }

    pub(crate) fn colour(&self, product: &Product) -> Option<Colour> {
        let category = self.categories.iter().find(|category| Some(category.id) == product.category);
        category.map(|category| category.colour)
    }
}

/// Reads categories and tiles the first time.
pub(crate) fn fill(shell: &mut Shell) {
    if !shell.sale.grid.asked && shell.session.is_some() {
        shell.sale.grid.asked = true;
        read_categories(shell);
        read_tiles(shell);
    }
}

/// Products or categories changed.
pub(crate) fn catalog_changed(shell: &mut Shell) {
    if shell.sale.grid.asked {
        read_categories(shell);
        read_tiles(shell);
        search::again(shell);
    }
}

fn read_categories(shell: &mut Shell) {
    shell.read(
        Topic::Categories,
        |reading| reading.categories(),
        |shell, result| match result {
            Ok(mut categories) => {
                categories.retain(|category| category.products > 0);
                let gone = |chosen| categories.iter().all(|category| category.id != chosen);
                if shell.sale.grid.wanted.category.is_some_and(gone) {
                    shell.sale.grid.wanted = Wanted { size: shell.sale.grid.wanted.size, ..Wanted::default() };
                    read_tiles(shell);
                }
                shell.sale.grid.categories = categories;
            }
            Err(error) => shell.fail(&error),
        },
    );
}

fn read_tiles(shell: &mut Shell) {
    let wanted = shell.sale.grid.wanted;
    let limit = wanted.size.tiles();
    let offset = (wanted.page * limit) as u64;
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    shell.read(
        Topic::Tiles,
        move |reading| reading.tiles(wanted.category, offset, limit),
        move |shell, result| tiles_read(shell, wanted, result),
    );
}

fn tiles_read(shell: &mut Shell, wanted: Wanted, result: EngineResult<TilePage>) {
    if wanted != shell.sale.grid.wanted {
        return;
    }
    match result {
        Ok(page) => {
            let grid = &mut shell.sale.grid;
            grid.total = usize::try_from(page.total).unwrap_or(usize::MAX);
            grid.products = page.tiles;
            grid.shown = Some(wanted);
            grid.state = if grid.products.is_empty() { ListState::Empty } else { ListState::Ready };
            // Products were taken off meanwhile and the page is no more.
            let last = grid.pages() - 1;
            if grid.wanted.page > last {
                turn_to(shell, last);
            }
        }
        Err(error) => {
            shell.sale.grid.products.clear();
            shell.sale.grid.state = ListState::Failed;
            shell.fail(&error);
        }
    }
}

/// The room of the tiles is known or changed. The first tile stays on the page.
pub fn room(shell: &mut Shell, width: f32, height: f32) {
    if width < TILE.0 || height < TILE.1 / 2.0 {
        // Not laid out yet.
        return;
    }
    let size = Size::of(width, height);
    let old = shell.sale.grid.wanted.size;
    if size != old {
        let first = shell.sale.grid.wanted.page * old.tiles();
        shell.sale.grid.wanted.size = size;
        shell.sale.grid.wanted.page = first / size.tiles();
        shell.sale.search.resized(old, size);
        if shell.sale.grid.asked {
            read_tiles(shell);
        }
    }
}

/// Shows a category; an empty or unknown id the favourites.
pub fn choose_category(shell: &mut Shell, id: &str) {
    super::dialogs::close(shell);
    search::leave(shell);
    let category = Uuid::parse_str(id).ok().map(CategoryId::new);
    let size = shell.sale.grid.wanted.size;
    let wanted = Wanted { category, page: 0, size };
    if shell.sale.grid.shown != Some(wanted) || shell.sale.grid.state != ListState::Ready {
        shell.sale.grid.wanted = wanted;
        read_tiles(shell);
    } else {
        shell.sale.grid.wanted = wanted;
    }
}

/// One page on.
pub fn next_page(shell: &mut Shell) {
    if shell.sale.search.is_shown() {
        search::turn(shell, true);
    } else if shell.sale.grid.wanted.page + 1 < shell.sale.grid.pages() {
        let page = shell.sale.grid.wanted.page + 1;
        turn_to(shell, page);
    }
}

/// One page back.
pub fn previous_page(shell: &mut Shell) {
    if shell.sale.search.is_shown() {
        search::turn(shell, false);
    } else if let Some(page) = shell.sale.grid.wanted.page.checked_sub(1) {
        turn_to(shell, page);
    }
}

fn turn_to(shell: &mut Shell, page: usize) {
    shell.sale.grid.wanted.page = page;
    read_tiles(shell);
}

/// A tile was tapped: a piece goes onto the ticket, what is weighed is asked for its weight.
pub fn tap(shell: &mut Shell, id: &str) {
    let shown = if shell.sale.search.is_shown() { &shell.sale.search.results } else { &shell.sale.grid.products };
    let Some(product) = shown.iter().find(|product| product.id.to_string() == id).cloned() else { return };
    search::leave(shell);
    take(shell, product);
}

/// Onto the ticket.
pub(crate) fn take(shell: &mut Shell, product: Product) {
    match product.unit {
        // What only a newer program can sell, the engine refuses by name.
        Unit::Piece | Unit::Newer(_) => {
            basket::add(shell, ItemRequest { code: product.sku, quantity: None, price: None })
        }
        Unit::Kilogram => weigh::ask(shell, product),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_that_fit() {
        let table = [
            // The rooms of 1280x800, 1024x768, 1920x1080, and of none.
            ((800.0, 548.0), (5, 4)),
            ((608.0, 516.0), (4, 4)),
            ((1440.0, 828.0), (9, 6)),
            ((608.0, 450.0), (4, 3)),
            ((0.0, 0.0), (1, 1)),
            ((-5.0, f32::NAN), (1, 1)),
            ((1.0e9, 1.0e9), MOST),
        ];
        for ((width, height), (columns, rows)) in table {
            assert_eq!(Size::of(width, height), Size { columns, rows }, "{width} x {height}");
        }
    }

    #[test]
    fn a_tile_is_never_smaller_than_a_finger_needs() {
        for width in (140..2_000).step_by(7) {
            #[allow(clippy::cast_precision_loss)]
            let room = width as f32;
            let size = Size::of(room, 548.0);
            #[allow(clippy::cast_precision_loss)]
            let columns = size.columns as f32;
            assert!((room - (columns - 1.0) * GAP) / columns >= 120.0, "{width}");
        }
    }

    #[test]
    fn pages_of_tiles() {
        let size = Size { columns: 5, rows: 4 };
        for (tiles, pages) in [(0, 1), (1, 1), (20, 1), (21, 2), (96, 5)] {
            assert_eq!(size.pages(tiles), pages, "{tiles}");
        }
    }
}
