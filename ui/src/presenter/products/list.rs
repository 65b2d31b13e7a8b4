//! The list of products: of a catalog of any size only the pages around what is seen are held.

use crate::host::{Topic, Trouble};
use crate::markup::{ListState, ProductLine};
use crate::presenter::keys::KeyPress;
use crate::presenter::products::{form, line};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_engine::EngineError;
use aurapos_engine::queries::browse::PAGE_MAX;
use aurapos_engine::queries::{CategoryView, ProductFilter, ProductPage};
use slint::platform::Key;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Rows that are read together.
pub const PAGE: usize = 100;
/// Rows that no window shows at once.
const SEEN: usize = 40;
/// Pages that are held on each side of what is seen.
const KEPT: usize = 3;

/// The pages that were read.
pub type Pages = BTreeMap<usize, Rc<Vec<ProductLine>>>;

/// State of the list.
#[derive(Debug)]
pub struct List {
    filter: ProductFilter,
    category: Option<CategoryView>,
    total: usize,
    /// The search found more than these.
    more: bool,
    pages: Pages,
    state: ListState,
    trouble: (String, String),
    /// Counts up with every other question: answers to earlier ones don't count.
    asked: u64,
    /// The question whose answer is shown.
    shown: u64,
    /// Pages that are being read.
    reading: Option<(usize, usize)>,
    first: usize,
    marked: Option<usize>,
    reveal: i32,
    top: i32,
}

impl Default for List {
    fn default() -> Self {
        List {
            filter: ProductFilter::default(),
            category: None,
            total: 0,
            more: false,
            pages: Pages::new(),
            state: ListState::Loading,
            trouble: Default::default(),
            asked: 0,
            shown: 0,
            reading: None,
            first: 0,
            marked: None,
            reveal: 0,
            top: 0,
        }
    }
}

impl List {
    /// What is looked for.
    pub fn query(&self) -> &str {
        &self.filter.text
    }

    /// The category that is shown; `None`: all.
    pub fn category(&self) -> Option<&CategoryView> {
        self.category.as_ref()
    }

    /// Those no longer sold are shown too.
    pub fn also_inactive(&self) -> bool {
        self.filter.include_inactive
    }

    /// Something is looked for or left out on purpose.
    pub fn is_filtered(&self) -> bool {
        !self.filter.text.trim().is_empty() || self.category.is_some()
    }

    /// What the list shows.
    pub fn state(&self) -> ListState {
        self.state
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.state == ListState::Empty
    }

    /// Sentence and next step when it cannot be read.
    pub fn trouble(&self) -> (&str, &str) {
        (&self.trouble.0, &self.trouble.1)
    }

    /// An answer is awaited.
    pub fn is_searching(&self) -> bool {
        self.shown != self.asked && self.state != ListState::Loading
    }

    /// Rows of all pages.
    pub fn total(&self) -> usize {
        self.total
    }

    /// The search found at least so many as it may.
    pub fn is_capped(&self) -> bool {
        self.more
    }

    /// What was read.
    pub fn pages(&self) -> &Pages {
        &self.pages
    }

    /// The row that the arrows chose.
    pub fn marked(&self) -> Option<usize> {
        self.marked
    }

    /// Counts up when the marked row has to be seen.
    pub fn reveal(&self) -> i32 {
        self.reveal
    }

    /// Counts up when the list begins at its top.
    pub fn top(&self) -> i32 {
        self.top
    }

    fn row(&self, index: usize) -> Option<&ProductLine> {
        self.pages.get(&(index / PAGE))?.get(index % PAGE)
    }
}

/// The screen is shown: everything, from the top.
pub fn begin(shell: &mut Shell) {
    let list = &mut shell.products.list;
    list.filter = ProductFilter::default();
    list.category = None;
    list.marked = None;
    if list.pages.is_empty() {
        list.state = ListState::Loading;
    }
    from_top(shell);
}

/// Looks for something.
pub fn search(shell: &mut Shell, text: &str) {
    if shell.products.list.filter.text != text {
        text.clone_into(&mut shell.products.list.filter.text);
        from_top(shell);
    }
}

/// Shows one category, or all.
pub fn filter_category(shell: &mut Shell, category: Option<CategoryView>) {
    shell.products.list.filter.category = category.as_ref().map(|category| category.id);
    shell.products.list.category = category;
    from_top(shell);
}

/// Shows those no longer sold too, or not.
pub fn set_inactive(shell: &mut Shell, on: bool) {
    shell.products.list.filter.include_inactive = on;
    from_top(shell);
}

/// Once more.
pub fn retry(shell: &mut Shell) {
    shell.products.list.state = ListState::Loading;
    from_top(shell);
}

fn from_top(shell: &mut Shell) {
    let list = &mut shell.products.list;
    list.first = 0;
    list.top = list.top.wrapping_add(1);
    list.marked = (!list.filter.text.trim().is_empty()).then_some(0);
    again(shell);
}

/// Reads what is seen again, because something changed.
pub fn again(shell: &mut Shell) {
    let list = &mut shell.products.list;
    list.asked += 1;
    list.reading = None;
    read_seen(shell);
}

/// This row is the first that is seen now.
pub fn scrolled(shell: &mut Shell, first: usize) {
    shell.products.list.first = first;
    read_seen(shell);
}

/// The pages that are seen and not there.
fn missing(list: &List) -> Option<(usize, usize)> {
    let from = list.first / PAGE;
    let to = (list.first + SEEN) / PAGE;
    if list.shown != list.asked {
        return Some((from, to));
    }
    let last = list.total.saturating_sub(1) / PAGE;
    let wanted = (from..=to.min(last)).filter(|page| !list.pages.contains_key(page));
    let (least, most) = wanted.fold((usize::MAX, 0), |(least, most), page| (least.min(page), most.max(page)));
    (least != usize::MAX && list.total > 0).then_some((least, most))
}

fn read_seen(shell: &mut Shell) {
    let Some((from, to)) = missing(&shell.products.list) else { return };
    if shell.products.list.reading == Some((from, to)) {
        return;
    }
    shell.products.list.reading = Some((from, to));
    let (filter, asked) = (shell.products.list.filter.clone(), shell.products.list.asked);
    let now = shell.host().now();
    let limit = u32::try_from((to - from + 1) * PAGE).unwrap_or(PAGE_MAX);
    let offset = (from * PAGE) as u64;
    shell.read(
        Topic::Products,
        move |reading| reading.products_page(&filter, offset, limit, now),
        move |shell, result| {
            if shell.products.list.asked == asked {
                answered(shell, from, result);
            }
        },
    );
}

fn answered(shell: &mut Shell, from: usize, result: Result<ProductPage, EngineError>) {
    shell.products.list.reading = None;
    let page = match result {
        Ok(page) => page,
        Err(error) => return failed(shell, error),
    };
    let lines: Vec<ProductLine> = page.rows.iter().map(|row| line(shell.language, row)).collect();
    let list = &mut shell.products.list;
    if list.shown != list.asked {
        list.pages.clear();
        list.shown = list.asked;
    }
    list.total = usize::try_from(page.total).unwrap_or(usize::MAX);
    list.more = page.more;
    list.state = if list.total == 0 { ListState::Empty } else { ListState::Ready };
    for (index, rows) in lines.chunks(PAGE).enumerate() {
        list.pages.insert(from + index, Rc::new(rows.to_vec()));
    }
    let here = list.first / PAGE;
    list.pages.retain(|page, _| page.abs_diff(here) <= KEPT);
    list.marked = list.marked.filter(|_| list.total > 0).map(|marked| marked.min(list.total - 1));
    // What is seen may have become another page meanwhile.
    read_seen(shell);
}

fn failed(shell: &mut Shell, error: EngineError) {
    let told = status::told(shell, &Trouble::from(error));
    let list = &mut shell.products.list;
    list.trouble = told;
    list.state = ListState::Failed;
    list.shown = list.asked;
    list.total = 0;
    list.pages.clear();
}

/// Moves the mark.
pub fn mark(shell: &mut Shell, by: i64) {
    let list = &mut shell.products.list;
    let Some(last) = list.total.checked_sub(1) else { return };
    let (last, now) = (i64::try_from(last).unwrap_or(i64::MAX), list.marked.and_then(|row| i64::try_from(row).ok()));
    // Without a mark the first step goes to the top, and End to the end.
    let from = now.unwrap_or(if by > 0 { -1 } else { 0 });
    let target = from.saturating_add(by).clamp(0, last);
    list.marked = usize::try_from(target).ok();
    list.reveal = list.reveal.wrapping_add(1);
}

/// Opens the marked product. True: there is one.
pub fn open_marked(shell: &mut Shell) -> bool {
    let list = &shell.products.list;
    if list.shown != list.asked {
        return false;
    }
    let id = list.marked.and_then(|marked| list.row(marked)).map(|row| row.id.clone());
    if let Some(id) = &id {
        form::open_text(shell, id);
    }
    id.is_some()
}

/// The keys of the list.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    let steps = [
        (Key::DownArrow, 1),
        (Key::UpArrow, -1),
        (Key::PageDown, 10),
        (Key::PageUp, -10),
        (Key::Home, i64::MIN),
        (Key::End, i64::MAX),
    ];
    let Some((_, by)) = steps.into_iter().find(|(named, _)| key.is(*named)) else { return false };
    if shell.products.list.state != ListState::Ready {
        return false;
    }
    mark(shell, by);
    true
}
