//! Every screen and dialog there is, and the way to it: for the audit of the tests and for the pictures.
//!
//! The way goes through the presenters and names no text of the screens, so that it is the same in every language.

use crate::{Driver, place, terminal};
use aurapos_app::{HostOptions, sample};
use aurapos_runtime::DataFolder;
use aurapos_ui::markup::{
    DrawerDialog, JoinField, PayState, PeopleDialog, SaleDialog, Screen, SettingsPage, StorageLook, TenderLook,
    WizardField, WizardKind,
};
use aurapos_ui::presenter::{
    backups, closing, drawer, operators, orders, payment, plugins, products, rescue, sale, settings, sign_in, wizard,
};
use aurapos_ui::shell::Shell;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What has to be on the disk for a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The sample shop with past sales, backups and a plugin that is refused.
    Shop,
    /// An empty folder.
    Empty,
    /// The sample shop, and its database is damaged.
    Damaged,
    /// The sample shop with a card terminal that does not heed anybody.
    Terminal,
}

impl Ground {
    /// All of them.
    pub const ALL: [Ground; 4] = [Ground::Shop, Ground::Empty, Ground::Damaged, Ground::Terminal];
}

/// A screen, or a dialog on it.
pub struct Stop {
    /// Its name, as in the names of the pictures.
    pub name: &'static str,
    /// What it needs.
    pub ground: Ground,
    /// A dialog lies over the screen: nothing below it can be reached.
    pub dialog: bool,
    way: fn(&Driver),
}

impl Stop {
    /// Goes there from wherever the window is.
    pub fn go(&self, driver: &Driver) {
        home(driver, self.ground);
        (self.way)(driver);
        driver.settle();
    }
}

/// Products of the sample shop: two by the piece, one by weight.
const CODES: [&str; 5] = ["5400000010064", "5400000010101", "5400000010019", "5400000020094", "5400000030017"];
/// By weight.
const APPLES: &str = "5400000020018";
/// Of no product; the check digit is right.
const UNKNOWN: &str = "5400000999994";
/// How many sales the sample shop had before.
const SALES: u32 = 14;

/// Makes what a ground needs in an empty folder.
///
/// # Panics
/// It cannot be made.
pub fn prepare(ground: Ground, folder: &Path) {
    if ground == Ground::Empty {
        return;
    }
    let mut options = HostOptions::new(DataFolder::new(folder));
    options.programs = Some(place::programs());
    options.background = false;
    sample::make(options, SALES).unwrap_or_else(|trouble| panic!("the sample shop cannot be made: {trouble:?}"));
    if ground == Ground::Terminal {
        return terminal::add(folder, "ignores");
    }
    let bad = folder.join("plugins").join("terminal");
    std::fs::create_dir_all(&bad).expect("a folder can be made");
    let told = "id = \"terminal\"\nversion = \"0.9.0\"\nkinds = [\"payment\"]\napi = \"^1\"\npublisher = \"Example Terminals\"\n\
        name = { en = \"Card terminal\" }\n\n[artifact]\ntarget = \"aarch64-unknown-linux-gnu\"\nfile = \"libterminal.so\"\n\
        size = 1\nsha256 = \"";
    let told = format!("{told}{}\"\n", "0".repeat(64));
    std::fs::write(bad.join("plugin.toml"), told).expect("a file can be written");
    if ground == Ground::Damaged {
        let driver = Driver::open(place::host(folder), 1280, 800);
        sign_in(&driver);
        driver.act(backups::back_up);
        drop(driver);
        damage(folder);
    }
}

/// Overwrites the beginning of the database.
///
/// # Panics
/// There is none.
pub fn damage(folder: &Path) {
    use std::io::Write as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).open(folder.join("AuraPOS.db")).expect("there is a database");
    file.write_all(&[0x5A; 8192]).expect("it can be written");
}

/// Signs the manager of the sample shop in, when they are not at work.
pub fn sign_in(driver: &Driver) {
    sign_in_as(driver, sample::MANAGER, sample::PIN);
}

/// Signs a cashier of the sample shop in instead.
fn as_cashier(driver: &Driver) {
    let (name, pin) = sample::CASHIERS[0];
    sign_in_as(driver, name, pin);
    driver.act(|shell| shell.go_home(Screen::Sale));
}

fn sign_in_as(driver: &Driver, name: &'static str, pin: &'static str) {
    let at_work = driver.shell(|shell| shell.session.as_ref().map(|session| session.operator.name == name));
    match at_work {
        Some(true) => return,
        Some(false) => {
            driver.act(sale::clear);
            driver.act(sign_in::sign_out);
        }
        None => {}
    }
    driver.act(|shell| shell.go_home(Screen::SignIn));
    let person = driver.shell(|shell| {
        sign_in::view(shell).tiles.iter().position(|tile| tile.name.as_str() == name).unwrap_or_default()
    });
    driver.act(move |shell| sign_in::choose(shell, person));
    driver.act(move |shell| pin.chars().for_each(|figure| sign_in::pad(shell, &figure.to_string())));
    driver.act(sign_in::submit);
}

fn home(driver: &Driver, ground: Ground) {
    if ground == Ground::Terminal {
        end_of_payment(driver);
    }
    driver.act(|shell| {
        closing::cancel(shell);
        shell.status.help_open = false;
        aurapos_ui::presenter::status::dismiss_toast(shell);
    });
    match ground {
        Ground::Shop | Ground::Terminal => {
            if driver.shell(|shell| shell.locked) {
                driver.act(|shell| sample::PIN.chars().for_each(|figure| sign_in::pad(shell, &figure.to_string())));
                driver.act(sign_in::submit);
            }
            sign_in(driver);
            driver.act(|shell| {
                payment::keep(shell);
                backups::give_up(shell);
                plugins::give_up(shell);
                operators::roles::keep(shell);
                operators::cancel(shell);
                drawer::dismiss(shell);
                products::form::cancel(shell);
                products::form::leave(shell);
                settings::discard(shell);
                settings::storage::keep(shell);
                settings::registers::close(shell);
                settings::leave(shell);
                aurapos_ui::presenter::file_picker::cancel(shell);
                shell.go_home(Screen::Sale);
            });
            driver.act(|shell| {
                sale::close(shell);
                sale::close_editor(shell);
                sale::search_leave(shell);
                sale::cancel(shell);
                sale::skip(shell);
                sale::dismiss_undo(shell);
                sale::choose_category(shell, "");
            });
        }
        Ground::Empty => driver.act(|shell| shell.go_home(Screen::Wizard)),
        Ground::Damaged => driver.act(|shell| {
            rescue::give_up(shell);
            rescue::back(shell);
        }),
    }
}

fn go(driver: &Driver, screen: Screen) {
    driver.act(move |shell| shell.go(screen));
}

/// A ticket with several lines: one weighed, one with a discount, one with a note, one more than once.
fn ticket(driver: &Driver) {
    if driver.shell(|shell| shell.sale.ticket.as_ref().is_some_and(|ticket| ticket.lines.len() > 4)) {
        return;
    }
    driver.act(sale::clear);
    driver.act(|shell| CODES.iter().chain([&CODES[0]]).for_each(|code| sale::scanned(shell, code)));
    driver.act(|shell| sale::scanned(shell, APPLES));
    driver.act(|shell| {
        ["1", ".", "2", "5"].into_iter().for_each(|key| sale::weigh_key(shell, key));
        sale::weigh_done(shell);
    });
    driver.act(|shell| sale::select(shell, 2));
    driver.act(|shell| sale::preset(shell, 10));
    driver.act(|shell| {
        sale::close_editor(shell);
        sale::select(shell, 3);
    });
    driver.act(|shell| sale::open(shell, SaleDialog::LineNote));
    driver.act(|shell| sale::set_note(shell, "sliced thin, please"));
    driver.act(sale::close_editor);
    driver.act(aurapos_ui::presenter::status::dismiss_toast);
}

fn dialog(driver: &Driver, dialog: SaleDialog) {
    ticket(driver);
    driver.act(move |shell| sale::open(shell, dialog));
}

fn pay(driver: &Driver) {
    ticket(driver);
    driver.act(sale::pay);
}

/// A payment goes on at the terminal.
fn at_terminal(driver: &Driver) {
    pay(driver);
    let card = driver.shell(|shell| {
        payment::view(shell).tenders.iter().position(|tender| tender.look == TenderLook::Card).unwrap_or_default()
    });
    driver.act(move |shell| payment::choose(shell, card));
    driver.hold(true);
    driver.ui().act(payment::exact);
    driver.wait_for(|driver| driver.shell(|shell| !payment::view(shell).progress.is_empty()));
}

/// And was asked to stop.
fn cancelling(driver: &Driver) {
    at_terminal(driver);
    driver.act(payment::cancel);
}

/// The customer pays after all, so that the payment is over.
fn end_of_payment(driver: &Driver) {
    if driver.shell(payment::state) != PayState::Paying {
        return;
    }
    let shop = driver.shell(|shell| PathBuf::from(shell.host().about().data_folder));
    terminal::put(&shop, "card", "");
    driver.hold(false);
    driver.settle();
    terminal::take_card_away(&shop);
}

/// A part of it is handed over.
fn part(driver: &Driver) {
    pay(driver);
    if driver.shell(|shell| payment::view(shell).given.is_empty()) {
        driver.act(|shell| {
            payment::pad(shell, "5");
            payment::take(shell);
        });
    }
}

fn people(driver: &Driver, dialog: PeopleDialog) {
    go(driver, Screen::Operators);
    driver.act(|shell| operators::choose(shell, 1));
    driver.act(move |shell| operators::open(shell, dialog));
}

fn page(driver: &Driver, page: SettingsPage) {
    go(driver, Screen::Settings);
    driver.act(move |shell| settings::show(shell, page));
}

fn cash(driver: &Driver, dialog: DrawerDialog) {
    go(driver, Screen::Drawer);
    driver.act(move |shell| drawer::ask(shell, dialog));
}

fn type_in(shell: &mut Shell, fields: &[(WizardField, &str)]) {
    fields.iter().for_each(|(field, text)| wizard::edited(shell, *field, text));
}

/// The wizard up to this step, with everything before it answered.
fn step(driver: &Driver, step: wizard::Step) {
    driver.act(|shell| {
        wizard::storage::choose(shell, 0);
        shell.wizard.storage.opened = false;
        wizard::go(shell, wizard::Step::Language);
        wizard::choose_kind(shell, WizardKind::Single);
        wizard::next(shell);
        wizard::next(shell);
        wizard::next(shell);
        type_in(shell, &[(WizardField::Name, "Épicerie du Coin"), (WizardField::Address1, "Rue du Marché 12")]);
        wizard::next(shell);
        wizard::choose_catalog(shell, wizard::Catalog::Sample);
    });
    driver.act(|shell| {
        wizard::next(shell);
        type_in(shell, &[(WizardField::Manager, "Mia"), (WizardField::Pin, "4711"), (WizardField::PinAgain, "4711")]);
        wizard::next(shell);
    });
    driver.act(move |shell| wizard::go(shell, step));
}

/// The step of the data, with one of its tiles chosen.
fn data(driver: &Driver, look: StorageLook) {
    step(driver, wizard::Step::Storage);
    let is_server = look == StorageLook::NewServer;
    driver.act(move |shell| {
        wizard::choose_kind(shell, if is_server { WizardKind::Master } else { WizardKind::Single });
        let tile = wizard::storage::tiles(shell).iter().position(|tile| tile.look == look);
        wizard::storage::choose(shell, tile.unwrap_or_default());
    });
}

/// The test of a server that is not there: the port is nobody's.
fn refused_connection(driver: &Driver) {
    data(driver, StorageLook::Plugin);
    driver.act(|shell| {
        wizard::storage::edited(shell, 0, "127.0.0.1");
        wizard::storage::edited(shell, 1, "1");
        wizard::storage::test(shell);
    });
}

/// The step of whoever joins a shop.
fn joining(driver: &Driver) {
    step(driver, wizard::Step::Kind);
    driver.act(|shell| {
        wizard::choose_kind(shell, WizardKind::Slave);
        wizard::next(shell);
    });
}

/// The master that is to be joined is not there: the port is nobody's.
fn refused_master(driver: &Driver) {
    joining(driver);
    driver.act(|shell| {
        for (field, text) in [
            (JoinField::Address, "127.0.0.1"),
            (JoinField::Port, "1"),
            (JoinField::Code, "2222-2222-2222-2222-2222"),
            (JoinField::Name, "Bar"),
        ] {
            wizard::join::edited(shell, field, text);
        }
        wizard::next(shell);
    });
}

fn backed_up(driver: &Driver) {
    go(driver, Screen::Backups);
    if driver.shell(|shell| backups::rows(shell).is_empty()) {
        driver.act(backups::back_up);
        driver.act(aurapos_ui::presenter::status::dismiss_toast);
    }
    driver.act(|shell| backups::select(shell, 0));
}

const fn shop(name: &'static str, way: fn(&Driver)) -> Stop {
    Stop { name, ground: Ground::Shop, dialog: false, way }
}

const fn over(name: &'static str, way: fn(&Driver)) -> Stop {
    Stop { name, ground: Ground::Shop, dialog: true, way }
}

/// Every screen and dialog, in the order of a day.
pub const STOPS: &[Stop] = &[
    Stop { name: "wizard-1-language", ground: Ground::Empty, dialog: false, way: |_| {} },
    Stop { name: "wizard-1-kind", ground: Ground::Empty, dialog: false, way: |d| step(d, wizard::Step::Kind) },
    Stop { name: "wizard-2-join", ground: Ground::Empty, dialog: false, way: joining },
    Stop { name: "wizard-2-join-refused", ground: Ground::Empty, dialog: false, way: refused_master },
    Stop { name: "wizard-2-country", ground: Ground::Empty, dialog: false, way: |d| step(d, wizard::Step::Country) },
    Stop { name: "wizard-3-shop", ground: Ground::Empty, dialog: false, way: |d| step(d, wizard::Step::Shop) },
    Stop { name: "wizard-4-data", ground: Ground::Empty, dialog: false, way: |d| step(d, wizard::Step::Storage) },
    Stop {
        name: "wizard-4-data-server",
        ground: Ground::Empty,
        dialog: false,
        way: |d| data(d, StorageLook::NewServer),
    },
    Stop { name: "wizard-4-data-form", ground: Ground::Empty, dialog: false, way: |d| data(d, StorageLook::Plugin) },
    Stop { name: "wizard-4-data-refused", ground: Ground::Empty, dialog: false, way: refused_connection },
    Stop { name: "wizard-5-catalog", ground: Ground::Empty, dialog: false, way: |d| step(d, wizard::Step::Catalog) },
    Stop { name: "wizard-6-manager", ground: Ground::Empty, dialog: false, way: |d| step(d, wizard::Step::Manager) },
    Stop { name: "wizard-7-summary", ground: Ground::Empty, dialog: false, way: |d| step(d, wizard::Step::Summary) },
    Stop {
        name: "wizard-file",
        ground: Ground::Empty,
        dialog: true,
        way: |d| {
            step(d, wizard::Step::Catalog);
            d.act(wizard::choose_file);
        },
    },
    Stop { name: "rescue", ground: Ground::Damaged, dialog: false, way: |_| {} },
    Stop { name: "rescue-backups", ground: Ground::Damaged, dialog: false, way: |d| d.act(rescue::show_backups) },
    Stop {
        name: "rescue-restore",
        ground: Ground::Damaged,
        dialog: true,
        way: |d| {
            d.act(rescue::show_backups);
            d.act(|shell| rescue::choose(shell, 0));
            d.act(rescue::ask);
        },
    },
    shop("sign-in", |d| {
        d.act(sale::clear);
        d.act(sign_in::sign_out);
        d.act(|shell| shell.go_home(Screen::SignIn));
    }),
    shop("open-drawer", |d| go(d, Screen::OpenDrawer)),
    shop("sale-empty", |d| d.act(sale::clear)),
    shop("sale", ticket),
    shop("sale-keypad", |d| {
        ticket(d);
        d.act(|shell| sale::select(shell, 1));
    }),
    shop("sale-results", |d| {
        ticket(d);
        d.act(|shell| sale::search_typed(shell, "pain"));
        d.advance(Duration::from_millis(400));
    }),
    shop("sale-unknown", |d| {
        ticket(d);
        d.act(|shell| sale::scanned(shell, UNKNOWN));
    }),
    shop("sale-create", |d| {
        ticket(d);
        d.act(|shell| sale::scanned(shell, UNKNOWN));
        d.act(sale::form);
    }),
    over("sale-categories", |d| dialog(d, SaleDialog::Categories)),
    over("sale-weigh", |d| {
        ticket(d);
        d.act(|shell| sale::scanned(shell, APPLES));
    }),
    over("sale-discount", |d| dialog(d, SaleDialog::Discount)),
    over("sale-note", |d| dialog(d, SaleDialog::TicketNote)),
    over("sale-clear", |d| dialog(d, SaleDialog::Clear)),
    over("help", |d| d.act(|shell| shell.status.help_open = true)),
    over("lock", |d| {
        ticket(d);
        d.act(sign_in::lock);
    }),
    over("closing-ticket", |d| {
        ticket(d);
        d.act(closing::begin);
    }),
    shop("payment", pay),
    shop("payment-part", part),
    Stop { name: "payment-terminal", ground: Ground::Terminal, dialog: false, way: at_terminal },
    Stop { name: "payment-cancelling", ground: Ground::Terminal, dialog: false, way: cancelling },
    over("payment-give-back", |d| {
        part(d);
        d.act(payment::give_back);
    }),
    shop("done", |d| {
        pay(d);
        d.act(payment::hand_back);
        pay(d);
        d.act(|shell| payment::note(shell, 0));
    }),
    shop("orders", |d| go(d, Screen::Orders)),
    shop("orders-detail", |d| {
        go(d, Screen::Orders);
        d.act(|shell| orders::choose(shell, 1));
    }),
    shop("more", |d| go(d, Screen::More)),
    shop("more-cashier", |d| {
        as_cashier(d);
        go(d, Screen::More);
    }),
    shop("refused", |d| {
        as_cashier(d);
        go(d, Screen::More);
        go(d, Screen::Backups);
    }),
    shop("drawer-blind", |d| {
        as_cashier(d);
        go(d, Screen::Drawer);
    }),
    shop("orders-own", |d| {
        as_cashier(d);
        go(d, Screen::Orders);
    }),
    shop("settings-cashier", |d| {
        as_cashier(d);
        go(d, Screen::Settings);
    }),
    shop("about-cashier", |d| {
        as_cashier(d);
        go(d, Screen::About);
    }),
    shop("drawer", |d| go(d, Screen::Drawer)),
    over("drawer-no-sale", |d| cash(d, DrawerDialog::NoSale)),
    over("drawer-cash-out", |d| cash(d, DrawerDialog::CashOut)),
    shop("products", |d| go(d, Screen::Products)),
    over("products-add", |d| {
        go(d, Screen::Products);
        d.act(products::form::add);
    }),
    shop("import", |d| go(d, Screen::ImportCatalog)),
    shop("operators", |d| {
        go(d, Screen::Operators);
        d.act(|shell| operators::choose(shell, 1));
    }),
    over("operators-add", |d| people(d, PeopleDialog::Add)),
    over("operators-pin", |d| people(d, PeopleDialog::Pin)),
    over("operators-role", |d| people(d, PeopleDialog::Role)),
    over("operators-disable", |d| people(d, PeopleDialog::Disable)),
    over("operators-roles", |d| {
        people(d, PeopleDialog::Roles);
        d.act(|shell| operators::roles::choose(shell, 1));
    }),
    over("operators-role-remove", |d| {
        people(d, PeopleDialog::Roles);
        d.act(|shell| {
            operators::roles::add(shell);
            operators::roles::edited(shell, "Shift lead");
            operators::roles::toggled(shell, 0, true);
            operators::roles::save(shell);
        });
        d.act(operators::roles::ask_removal);
    }),
    shop("backups", backed_up),
    over("backups-restore", |d| {
        backed_up(d);
        d.act(backups::ask_restore);
    }),
    shop("plugins", |d| {
        go(d, Screen::Plugins);
        d.act(plugins::reload);
    }),
    over("plugins-allow", |d| {
        go(d, Screen::Plugins);
        d.act(|shell| plugins::switch(shell, "terminal", true));
    }),
    shop("settings-shop", |d| page(d, SettingsPage::Shop)),
    shop("settings-receipts", |d| page(d, SettingsPage::Receipts)),
    shop("settings-language", |d| page(d, SettingsPage::Language)),
    shop("settings-appearance", |d| page(d, SettingsPage::Appearance)),
    shop("settings-backups", |d| page(d, SettingsPage::Backups)),
    shop("settings-scales", |d| page(d, SettingsPage::Scales)),
    shop("settings-keys", |d| page(d, SettingsPage::Keys)),
    shop("settings-storage", |d| page(d, SettingsPage::Storage)),
    shop("settings-storage-test", |d| {
        page(d, SettingsPage::Storage);
        d.act(|shell| {
            settings::storage::host_typed(shell, "nobody.invalid");
            settings::storage::test(shell);
        });
    }),
    over("settings-storage-share", |d| {
        page(d, SettingsPage::Storage);
        d.act(settings::sharing::share);
    }),
    shop("settings-registers", |d| page(d, SettingsPage::Registers)),
    shop("settings-findings", |d| page(d, SettingsPage::Findings)),
    shop("about", |d| go(d, Screen::About)),
];
