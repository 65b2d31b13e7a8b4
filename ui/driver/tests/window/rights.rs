//! A cashier at the window: what is not theirs is refused on every way to it, by the name of the right that is missing.

use crate::support::{BAGUETTE, Shop, at_work};
use aurapos_runtime::engine::Command;
use aurapos_runtime::engine::command::people::PeopleCommand;
use aurapos_ui::markup::{ListState, Screen, SettingsPage};
use aurapos_ui::presenter::{backups, drawer, orders, settings, sign_in, status};
use slint::platform::Key;

const CASHIER: (&str, &str) = ("Jan Peeters", "2580");
/// The screens that a cashier has no right to.
const CLOSED: [(Screen, &str); 5] = [
    (Screen::Products, "Change products and prices"),
    (Screen::ImportCatalog, "Change products and prices"),
    (Screen::Operators, "Manage operators"),
    (Screen::Backups, "See and make backups"),
    (Screen::Plugins, "Manage plugins"),
];

/// The manager sold something and looked at everything; now a cashier is at work.
fn cashier() -> Shop {
    let shop = at_work();
    shop.act(|shell| {
        let (name, pin) = (CASHIER.0.to_owned(), CASHIER.1.to_owned());
        let add = PeopleCommand::Add { name, role: "cashier".to_owned(), pin };
        shell.submit(Command::People(add), |_, result| drop(result.unwrap()));
    });
    shop.scan(BAGUETTE);
    shop.key(Key::F10);
    for screen in
        [Screen::Drawer, Screen::Orders, Screen::Backups, Screen::Plugins, Screen::Operators, Screen::Settings]
    {
        shop.act(move |shell| shell.go(screen));
        assert_eq!(shop.screen(), screen);
    }
    shop.act(backups::back_up);
    shop.act(|shell| shell.go_home(Screen::Sale));
    shop.act(sign_in::sign_out);
    shop.tap(CASHIER.0);
    shop.type_text(CASHIER.1);
    shop.key(Key::Return);
    assert_eq!(shop.screen(), Screen::Sale, "{:#?}", shop.names());
    shop
}

fn told(shop: &Shop) -> String {
    shop.shell(|shell| {
        let toast = status::toast_view(shell);
        format!("{} {}", toast.text, toast.next)
    })
}

/// What was told names the cashier, the right, and whom to ask; then it is dismissed.
fn refused(shop: &Shop, right: &str, what: &str) {
    let told = told(shop);
    assert!(told.contains(CASHIER.0) && told.contains(right) && told.contains("manager"), "{what}: {told}");
    shop.act(status::dismiss_toast);
}

#[test]
fn no_screen_opens_that_is_not_theirs() {
    let shop = cashier();
    for (screen, right) in CLOSED {
        shop.act(move |shell| shell.go(screen));
        assert_eq!(shop.screen(), Screen::Sale);
        refused(&shop, right, right);
    }
}

#[test]
fn the_bar_on_top_and_the_tiles_say_why() {
    let shop = cashier();
    let backup = shop.names().into_iter().find(|name| name.starts_with("Last backup")).unwrap();
    shop.tap(&backup);
    assert_eq!(shop.screen(), Screen::Sale);
    refused(&shop, "See and make backups", "the bar");
    shop.act(|shell| shell.status.plugin_problems = 1);
    shop.tap("1 plugin needs attention");
    assert_eq!(shop.screen(), Screen::Sale);
    refused(&shop, "Manage plugins", "the bar");
    shop.key(Key::F7);
    for (tile, right) in [
        ("Products", "Change products and prices"),
        ("Operators", "Manage operators"),
        ("Backups", "See and make backups"),
        ("Plugins", "Manage plugins"),
    ] {
        shop.tap(tile);
        assert_eq!(shop.screen(), Screen::More, "{tile}");
        refused(&shop, right, tile);
    }
}

#[test]
fn without_a_way_to_pay_a_manager_is_sent_to_the_plugins_and_a_cashier_is_told_whom_to_ask() {
    let shop = cashier();
    shop.scan(BAGUETTE);
    shop.act(|shell| shell.facts.as_mut().unwrap().payments.clear());
    shop.act(|shell| shell.go(Screen::Payment));
    assert!(shop.sees("There is no way to pay"), "{:#?}", shop.names());
    assert!(!shop.sees("Plugins"), "{:#?}", shop.names());
    assert!(shop.names().iter().any(|name| name.contains("Manage plugins")), "{:#?}", shop.names());
}

#[test]
fn no_key_leads_there() {
    let shop = cashier();
    let named =
        [Key::F1, Key::F2, Key::F3, Key::F4, Key::F5, Key::F6, Key::F7, Key::F8, Key::F9, Key::F11, Key::Escape];
    for start in [Screen::Sale, Screen::Orders, Screen::More, Screen::Drawer, Screen::Settings, Screen::About] {
        for key in named {
            shop.act(move |shell| {
                shell.status.help_open = false;
                shell.go_home(start);
            });
            shop.key(key);
            let screen = shop.screen();
            assert!(CLOSED.iter().all(|(closed, _)| *closed != screen), "{key:?} leads from {start:?} to {screen:?}");
        }
    }
}

/// Even where the window itself would be wrong, the program behind it gives nothing.
#[test]
fn behind_the_screens_it_is_refused_too() {
    let shop = cashier();
    shop.act(|shell| shell.go_home(Screen::Backups));
    let (state, error) = shop.shell(|shell| (shell.backups.state(), shell.backups.error().to_owned()));
    assert!(state == ListState::Failed && error.contains("See and make backups"), "{error}");
    assert!(shop.shell(backups::rows).is_empty(), "what the manager saw is forgotten");
    shop.act(|shell| shell.go_home(Screen::Plugins));
    let (state, error) = shop.shell(|shell| (shell.plugins.state(), shell.plugins.error().to_owned()));
    assert!(state == ListState::Failed && error.contains("Manage plugins"), "{error}");
    shop.act(backups::back_up);
    refused(&shop, "See and make backups", "a backup");
}

#[test]
fn a_cashier_counts_blindly_and_sees_their_own_sales() {
    let shop = cashier();
    assert!(shop.shell(orders::rows).is_empty(), "what the manager saw is forgotten");
    shop.act(|shell| shell.go(Screen::Drawer));
    let view = shop.shell(drawer::view);
    assert!(view.blind && view.expected.is_empty() && view.cash_sales.is_empty() && view.others.is_empty(), "{view:?}");
    assert_eq!(view.opened_by, "Sofie Vermeulen");
    assert!(!shop.sees("Cash that should be in it"), "{:#?}", shop.names());
    shop.act(|shell| shell.go(Screen::Orders));
    assert_eq!(shop.shell(orders::rows).len(), 0);
    shop.act(|shell| shell.go_home(Screen::Sale));
    shop.scan(BAGUETTE);
    shop.key(Key::F10);
    shop.act(|shell| shell.go(Screen::Orders));
    assert_eq!(shop.shell(orders::rows).len(), 1);
    shop.act(|shell| orders::search(shell, "R1-1-000001"));
    shop.advance(std::time::Duration::from_millis(500));
    assert_eq!(shop.shell(orders::rows).len(), 1, "whoever has the receipt in the hand finds it");
}

#[test]
fn of_the_settings_a_cashier_has_those_of_the_machine() {
    let shop = cashier();
    shop.act(|shell| shell.go(Screen::Settings));
    let page = |shop: &Shop| shop.shell(|shell| shell.settings.page);
    assert_eq!(page(&shop), SettingsPage::Language);
    shop.tap("Shop");
    assert_eq!(page(&shop), SettingsPage::Language);
    refused(&shop, "Change settings", "the shop's page");
    shop.act(|shell| settings::show(shell, SettingsPage::Receipts));
    assert_eq!(page(&shop), SettingsPage::Language);
    shop.act(|shell| shell.go_home(Screen::About));
    shop.tap("Open the data folder");
    refused(&shop, "Change settings", "the folder");
}
