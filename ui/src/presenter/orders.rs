//! Past sales: found by what people remember, looked at, shown and printed again.

mod view;

pub use view::{Detail, detail, rows};

use crate::host::{HostEvent, Topic};
use crate::markup::{ListState, OrderRange, OrderRow, Screen};
use crate::presenter::done::receipt;
use crate::presenter::keys::KeyPress;
use crate::shell::Shell;
use aurapos_domain::calendar::{SECOND_US, Timestamp};
use aurapos_domain::ids::{ReceiptNumber, RegisterCode};
use aurapos_domain::people::Permission;
use aurapos_domain::receipt::ReceiptCopy;
use aurapos_engine::event::Event;
use aurapos_engine::queries::sales_search::{LOOKED_AT, Whose};
use aurapos_engine::queries::{SaleSummary, SalesSearch};
use aurapos_engine::view::Sale;
use aurapos_engine::{Command, EngineError};
use aurapos_locale::receipt::PreviewLine;
use slint::platform::Key;

/// Sales that are loaded at once.
const PAGE: usize = 200;
const DAY_US: i64 = 86_400 * SECOND_US;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Orders {
    search: String,
    range: OrderRange,
    /// The registers that sales can come from.
    codes: Vec<String>,
    /// Sales of this one alone.
    register: Option<RegisterCode>,
    /// How many are shown at most, and how many are looked at for them.
    limit: usize,
    looked_at: usize,
    /// There are more than are shown, or than were looked at.
    more: bool,
    state: ListState,
    busy: bool,
    list: Vec<SaleSummary>,
    rows: Vec<OrderRow>,
    /// Receipt number of the chosen sale.
    chosen: Option<String>,
    detail_state: ListState,
    shown: Option<Shown>,
    printing: bool,
    printed: bool,
}

/// The chosen sale as it was read.
#[derive(Debug)]
struct Shown {
    sale: Sale,
    receipt: Vec<PreviewLine>,
    copy: ReceiptCopy,
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    let orders = &mut shell.orders;
    if orders.limit == 0 {
        begin(orders);
        orders.detail_state = ListState::Empty;
    }
    if orders.list.is_empty() {
        orders.state = ListState::Loading;
    }
    load(shell);
}

/// The newest ones first.
fn begin(orders: &mut Orders) {
    (orders.limit, orders.looked_at) = (PAGE, LOOKED_AT);
}

/// The program tells something.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    let HostEvent::Engine(event) = event else { return };
    let sold = match event.as_ref() {
        Event::Committed(_) => true,
        // What other registers sold, too.
        Event::Applied(applied) => applied.facts > 0,
        _ => false,
    };
    if sold && shell.screen == Screen::Orders {
        load(shell);
    }
}

/// The state of the list and of what stands beside it.
pub fn states(shell: &Shell) -> (ListState, ListState) {
    (shell.orders.state, shell.orders.detail_state)
}

/// What is searched for, and in which range.
pub fn asked(shell: &Shell) -> (&str, OrderRange) {
    (&shell.orders.search, shell.orders.range)
}

/// Place of the chosen sale in the list.
pub fn selected(shell: &Shell) -> Option<usize> {
    let chosen = shell.orders.chosen.as_deref()?;
    shell.orders.list.iter().position(|sale| sale.receipt_no == chosen)
}

/// Whether there are more than are loaded, or sales that were not looked at.
pub fn has_more(shell: &Shell) -> bool {
    shell.orders.more
}

/// Whether the list is being read.
pub fn is_busy(shell: &Shell) -> bool {
    shell.orders.busy
}

/// Printing the duplicate: on its way, and done.
pub fn printing(shell: &Shell) -> (bool, bool) {
    (shell.orders.printing, shell.orders.printed)
}

/// The first moment of a range; `None` for all.
fn beginning(shell: &Shell) -> Option<Timestamp> {
    let host = shell.host();
    let now = host.now();
    let local = host.local(now);
    let of_day = (i64::from(local.hour) * 3_600 + i64::from(local.minute) * 60) * SECOND_US;
    let midnight = now.0 - of_day - now.0.rem_euclid(60 * SECOND_US);
    match shell.orders.range {
        OrderRange::Today => Some(Timestamp(midnight)),
        OrderRange::Week => Some(Timestamp(midnight - 6 * DAY_US)),
        OrderRange::All => None,
    }
}

/// Reads the list.
pub fn load(shell: &mut Shell) {
    shell.orders.busy = true;
    let search = SalesSearch {
        text: shell.orders.search.trim().to_owned(),
        from: beginning(shell),
        limit: shell.orders.limit,
        looked_at: shell.orders.looked_at,
        register: shell.orders.register.clone(),
        // Whose they may be, the reading decides.
        whose: Whose::ALL,
    };
    shell.read(
        Topic::Orders,
        move |reading| -> Result<_, EngineError> { Ok((reading.sales(&search)?, reading.register_codes()?)) },
        |shell, result| {
            shell.orders.busy = false;
            match result {
                Ok((page, codes)) => {
                    shell.orders.codes = codes;
                    shell.orders.state = if page.sales.is_empty() { ListState::Empty } else { ListState::Ready };
                    shell.orders.list = page.sales;
                    shell.orders.more = page.more;
                    view::refresh(shell);
                }
                Err(error) => {
                    shell.orders.state = ListState::Failed;
                    shell.fail(&error);
                }
            }
        },
    );
}

/// Something was typed into the search.
pub fn search(shell: &mut Shell, text: &str) {
    if shell.orders.search != text {
        text.clone_into(&mut shell.orders.search);
        begin(&mut shell.orders);
        load(shell);
    }
}

/// From when.
pub fn choose_range(shell: &mut Shell, range: OrderRange) {
    if shell.orders.range != range {
        shell.orders.range = range;
        begin(&mut shell.orders);
        load(shell);
    }
}

/// Where the sales came from: 0 all registers, then each of them.
pub fn choose_register(shell: &mut Shell, place: usize) {
    let code = place.checked_sub(1).and_then(|place| shell.orders.codes.get(place));
    let code = code.and_then(|code| RegisterCode::parse(code).ok());
    if shell.orders.register != code {
        shell.orders.register = code;
        begin(&mut shell.orders);
        load(shell);
    }
}

/// The registers that can be chosen among, and the place of the one that is, counted from 1; 0: all of them.
pub fn registers(shell: &Shell) -> (&[String], usize) {
    let orders = &shell.orders;
    let chosen = orders.register.as_ref();
    let place = chosen.and_then(|chosen| orders.codes.iter().position(|code| code == chosen.as_str()));
    (&orders.codes, place.map_or(0, |place| place + 1))
}

/// Older ones too.
pub fn load_more(shell: &mut Shell) {
    if has_more(shell) && !shell.orders.busy {
        // A list that is not full stopped at what was looked at.
        if shell.orders.list.len() >= shell.orders.limit {
            shell.orders.limit = shell.orders.limit.saturating_add(PAGE);
        }
        shell.orders.looked_at = shell.orders.looked_at.saturating_add(LOOKED_AT);
        load(shell);
    }
}

/// Shows a sale of the list.
pub fn choose(shell: &mut Shell, index: usize) {
    if let Some(number) = shell.orders.list.get(index).map(|sale| sale.receipt_no.clone()) {
        open(shell, number);
    }
}

/// Shows the sale of a receipt number.
pub fn open(shell: &mut Shell, number: String) {
    if shell.orders.chosen.as_ref() == Some(&number) && shell.orders.detail_state == ListState::Ready {
        return;
    }
    let orders = &mut shell.orders;
    orders.chosen = Some(number);
    orders.printed = false;
    if orders.shown.is_none() {
        orders.detail_state = ListState::Loading;
    }
    view::refresh(shell);
    read_detail(shell, ReceiptCopy::Original);
}

fn read_detail(shell: &mut Shell, copy: ReceiptCopy) {
    let Some(number) = shell.orders.chosen.clone() else { return };
    let wanted = number.clone();
    shell.read(
        Topic::OrderDetail,
        move |reading| -> Result<Shown, EngineError> {
            let sale = reading.sale(&number)?;
            let receipt = receipt::read(reading, &sale, copy)?;
            Ok(Shown { sale, receipt, copy })
        },
        move |shell, result| {
            if shell.orders.chosen.as_ref() != Some(&wanted) {
                return;
            }
            match result {
                Ok(shown) => {
                    shell.orders.shown = Some(shown);
                    shell.orders.detail_state = ListState::Ready;
                }
                Err(error) => {
                    shell.orders.shown = None;
                    shell.orders.detail_state = ListState::Failed;
                    shell.fail(&error);
                }
            }
        },
    );
}

/// Shows the receipt marked as a duplicate, and prints it where there is a printer.
pub fn reprint(shell: &mut Shell) {
    let prints = shell.facts.as_ref().is_some_and(|facts| facts.prints);
    let Some(receipt_no) = shell.orders.chosen.clone() else { return };
    if shell.orders.printing || !shell.may(Permission::Reprint) {
        return;
    }
    if !prints {
        read_detail(shell, ReceiptCopy::Duplicate);
        return;
    }
    shell.orders.printing = true;
    shell.submit(Command::Reprint { receipt_no: receipt_no.clone() }, move |shell, result| {
        shell.orders.printing = false;
        match result {
            Ok(_) if shell.orders.chosen.as_ref() == Some(&receipt_no) => {
                shell.orders.printed = true;
                read_detail(shell, ReceiptCopy::Duplicate);
            }
            Ok(_) => {}
            Err(error) => shell.fail(&error),
        }
    });
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.control || key.alt || shell.orders.list.is_empty() {
        return false;
    }
    let (last, now) = (shell.orders.list.len() - 1, selected(shell));
    let place = if key.is(Key::DownArrow) {
        now.map_or(0, |now| (now + 1).min(last))
    } else if key.is(Key::UpArrow) {
        now.map_or(0, |now| now.saturating_sub(1))
    } else if key.is(Key::Home) {
        0
    } else if key.is(Key::End) {
        last
    } else {
        return false;
    };
    choose(shell, place);
    true
}

/// A code was scanned while the screen is shown. True: it is a receipt's, whose sale is shown.
pub fn scanned(shell: &mut Shell, code: &str) -> bool {
    let Ok(number) = ReceiptNumber::parse(&code.trim().to_uppercase()) else { return false };
    open(shell, number.to_string());
    true
}
