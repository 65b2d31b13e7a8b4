//! A list of any length of which only some pages are there.

use crate::markup::ProductLine;
use crate::presenter::products::list::{PAGE, Pages};
use slint::{Model, ModelNotify, ModelTracker};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The rows of the list of products. A row that was not read yet says so.
#[derive(Default)]
pub(super) struct PagedRows {
    total: Cell<usize>,
    pages: RefCell<Pages>,
    notify: ModelNotify,
}

impl PagedRows {
    /// Shows these pages of a list of so many rows. Only rows that differ are drawn anew.
    pub(super) fn show(&self, total: usize, pages: &Pages) {
        let before = self.pages.replace(pages.clone());
        if self.total.replace(total) != total {
            self.notify.reset();
            return;
        }
        for (page, rows) in pages {
            match before.get(page) {
                Some(known) if Rc::ptr_eq(known, rows) => {}
                known => self.tell(page * PAGE, known.map_or(&[][..], |known| known.as_slice()), rows),
            }
        }
    }

    fn tell(&self, first: usize, before: &[ProductLine], now: &[ProductLine]) {
        for (index, row) in now.iter().enumerate() {
            if before.get(index) != Some(row) {
                self.notify.row_changed(first + index);
            }
        }
    }
}

impl Model for PagedRows {
    type Data = ProductLine;

    fn row_count(&self) -> usize {
        self.total.get()
    }

    fn row_data(&self, row: usize) -> Option<ProductLine> {
        if row >= self.total.get() {
            return None;
        }
        let pages = self.pages.borrow();
        Some(pages.get(&(row / PAGE)).and_then(|page| page.get(row % PAGE)).cloned().unwrap_or_default())
    }

    fn model_tracker(&self) -> &dyn ModelTracker {
        &self.notify
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn page(names: &[&str]) -> Rc<Vec<ProductLine>> {
        let line = |name: &&str| ProductLine { name: (*name).into(), known: true, ..Default::default() };
        Rc::new(names.iter().map(line).collect())
    }

    #[test]
    fn rows_that_were_not_read_are_there_and_say_so() {
        let rows = PagedRows::default();
        rows.show(100_000, &Pages::from([(2, page(&["a", "b"]))]));
        assert_eq!(rows.row_count(), 100_000);
        assert_eq!(rows.row_data(2 * PAGE + 1).unwrap().name, "b");
        assert!(!rows.row_data(2 * PAGE + 2).unwrap().known, "the page is shorter than it should be");
        assert!(!rows.row_data(0).unwrap().known);
        assert!(rows.row_data(100_000).is_none());
        rows.show(1, &Pages::from([(0, page(&["c"]))]));
        assert_eq!((rows.row_count(), rows.row_data(0).unwrap().name), (1, "c".into()));
    }
}
