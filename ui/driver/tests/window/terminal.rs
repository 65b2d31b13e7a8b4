//! A payment at a card terminal, a real plugin that takes its time: its texts are shown, and the operator's wish to stop it
//! reaches it; what becomes of the payment is what it answers.

use crate::support::{CROISSANT, Shop, scratch, sign_in};
use aurapos_ui::host::CatalogSource;
use aurapos_ui::markup::{PayState, Screen};
use aurapos_ui::presenter::{done, payment};
use aurapos_ui_driver::{Driver, place, terminal};
use slint::platform::Key;

/// A croissant is being paid at a terminal that makes this of the wish to stop.
fn at_terminal(how: &str) -> Shop {
    let folder = scratch();
    place::set_up(folder.path(), place::new_shop("en"), CatalogSource::Sample);
    terminal::add(folder.path(), how);
    let window = Driver::open(place::host(folder.path()), 1280, 800);
    let shop = Shop { window, folder };
    sign_in(&shop);
    shop.scan(CROISSANT);
    shop.key(Key::F9);
    shop.tap("Card");
    begin(&shop);
    shop
}

/// F10 takes what is due at the terminal.
fn begin(shop: &Shop) {
    let before = asked(shop, "begin");
    shop.hold(true);
    shop.key(Key::F10);
    shop.wait_for(|_| asked(shop, "begin") > before);
    shop.wait_for(|shop| shop.sees("Present the card"));
}

/// How often the terminal was asked this.
fn asked(shop: &Shop, word: &str) -> usize {
    terminal::log(shop.folder.path()).iter().filter(|line| line.starts_with(word)).count()
}

fn put(shop: &Shop, name: &str, text: &str) {
    terminal::put(shop.folder.path(), name, text);
}

/// The terminal has answered.
fn answered(shop: &Shop) {
    shop.wait_for(|shop| shop.shell(payment::state) != PayState::Paying);
    shop.hold(false);
    shop.settle();
}

fn view(shop: &Shop) -> payment::View {
    shop.shell(payment::view)
}

#[test]
fn what_the_display_shows_stands_on_the_screen_and_escape_stops_the_payment() {
    let shop = at_terminal("stops");
    let shown = view(&shop);
    assert!(shown.waiting && shown.cancellable && !shown.cancelling, "{shown:?}");
    assert!(shop.sees("Cancel the payment") && !shop.sees("Take"), "{:#?}", shop.names());
    put(&shop, "say", "Enter the PIN");
    shop.wait_for(|shop| shop.sees("Enter the PIN"));
    shop.key(Key::Escape);
    answered(&shop);
    assert_eq!(shop.screen(), Screen::Payment, "the ticket is still there to be paid");
    let shown = view(&shop);
    assert!(shown.state == PayState::Ready && !shown.waiting && !shown.cancelling, "{shown:?}");
    assert!(shown.trouble.contains("declined or stopped"), "{shown:?}");
    assert_eq!(asked(&shop, "cancel"), 1);
    shop.tap("Cash");
    shop.key(Key::F10);
    assert_eq!(shop.screen(), Screen::Done, "{:#?}", shop.names());
}

#[test]
fn it_says_that_it_is_being_cancelled_until_the_answer_and_a_customer_who_pays_has_paid() {
    let shop = at_terminal("ignores");
    shop.tap("Cancel the payment");
    shop.wait_for(|shop| shop.sees("Cancelling… wait for the terminal"));
    assert!(!shop.sees("Present the card"), "what was told before the wish is no longer so: {:#?}", shop.names());
    shop.wait_for(|_| asked(&shop, "cancel") == 1);
    put(&shop, "say", "Too late");
    shop.wait_for(|shop| shop.sees("Cancelling… wait for the terminal Too late"));
    // Pressed again and again, by finger and key; nor does the key leave the screen.
    shop.tap("Cancel the payment");
    shop.key(Key::Escape);
    shop.key(Key::Escape);
    assert_eq!(shop.screen(), Screen::Payment);
    // Somebody looks at something else meanwhile.
    shop.key(Key::F5);
    assert_eq!(shop.screen(), Screen::Sale);
    shop.key(Key::F9);
    assert!(shop.sees("Cancelling… wait for the terminal"), "{:#?}", shop.names());
    put(&shop, "card", "");
    answered(&shop);
    assert_eq!(shop.screen(), Screen::Done, "{:#?}", shop.names());
    assert_eq!(shop.shell(done::view).total, "€1.30");
    assert_eq!(asked(&shop, "cancel"), 1, "{:?}", terminal::log(shop.folder.path()));
}

#[test]
fn a_payment_of_which_nobody_knows_stays_unknown_and_is_asked_for() {
    let shop = at_terminal("forgets");
    shop.key(Key::Escape);
    answered(&shop);
    assert_eq!(view(&shop).state, PayState::Unknown);
    assert!(shop.sees("Nobody knows whether this was paid"), "{:#?}", shop.names());
    assert!(!shop.sees("Cancel the payment"));
    put(&shop, "outcome", "approved");
    shop.tap("Ask again");
    assert_eq!(shop.screen(), Screen::Done, "{:#?}", shop.names());
}

#[test]
fn the_next_payment_is_not_the_one_that_was_cancelled() {
    let shop = at_terminal("stops");
    shop.key(Key::Escape);
    answered(&shop);
    shop.tap("Card");
    begin(&shop);
    let shown = view(&shop);
    assert!(shown.cancellable && !shown.cancelling, "{shown:?}");
    put(&shop, "card", "");
    answered(&shop);
    assert_eq!(shop.screen(), Screen::Done, "{:#?}", shop.names());
}
