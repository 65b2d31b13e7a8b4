//! The scanner: nothing is lost and nothing gets into a field, whatever is shown; and what is typed stays what was typed.

use crate::support::{BAGUETTE, CROISSANT, PISTOLET, Shop, ask, at_work, pieces};
use aurapos_ui::markup::{SaleDialog, Screen};
use aurapos_ui::presenter::{sale, sign_in};
use aurapos_ui_driver::look::Focus;
use slint::platform::{Key, WindowEvent};
use slint::{ComponentHandle, SharedString};
use std::time::Duration;

/// Between two scans of a fast cashier.
const TENTH: Duration = Duration::from_millis(100);

/// Scans codes at ten a second of mocked time; the characters of a code come 2 ms apart.
fn at_ten_a_second<'a>(shop: &Shop, codes: impl IntoIterator<Item = &'a str>) {
    for code in codes {
        shop.scan_without_waiting(code);
        let taken = u64::try_from(code.chars().count()).unwrap() * 2;
        shop.advance(TENTH.saturating_sub(Duration::from_millis(taken)));
    }
    shop.settle();
}

/// What stands in any text field.
fn typed(shop: &Shop) -> String {
    let fields = shop
        .elements()
        .into_iter()
        .filter(|element| element.accessible_role() == Some(i_slint_backend_testing::AccessibleRole::TextInput));
    fields.filter_map(|field| field.accessible_value()).map(String::from).collect()
}

/// Focus of a text field, by its name.
fn field_with_focus(shop: &Shop) -> Option<String> {
    match shop.focus() {
        Focus::Control(control) if format!("{:?}", control.role) == "TextInput" => Some(control.label),
        _ => None,
    }
}

#[test]
fn six_hundred_scans_at_ten_a_second_are_all_on_the_ticket_and_in_the_books() {
    let shop = at_work();
    let codes = [BAGUETTE, CROISSANT, PISTOLET];
    at_ten_a_second(&shop, (0..600).map(|number| codes[number % 3]));
    assert_eq!(pieces(&shop).iter().map(|(_, pieces)| *pieces).collect::<Vec<_>>(), [200, 200, 200]);
    assert_eq!(typed(&shop), "");
    shop.key(Key::F10);
    assert_eq!(shop.screen(), Screen::Done, "{:#?}", shop.names());
    // 200 × (1.45 + 1.30 + 0.55).
    assert_eq!(ask(shop.folder.path(), "SELECT total FROM sale"), "66000");
    assert_eq!(ask(shop.folder.path(), "SELECT sum(quantity) FROM sale_line"), "600000");
    assert_eq!(ask(shop.folder.path(), "SELECT sum(applied) FROM sale_tender"), "66000");
}

#[test]
fn a_gs1_code_is_its_article_however_its_separator_comes() {
    let shop = at_work();
    for separator in ["", "\u{1d}"] {
        shop.scan(&format!("01{BAGUETTE:0>14}10AB1{separator}17261231"));
        shop.scan(&format!("]C101{BAGUETTE:0>14}10AB1{separator}17261231"));
    }
    // As scanners send it that play a keyboard: Control and the bracket.
    let press = |text: SharedString| shop.window().window().dispatch_event(WindowEvent::KeyPressed { text });
    let release = |text: SharedString| shop.window().window().dispatch_event(WindowEvent::KeyReleased { text });
    for part in [format!("01{BAGUETTE:0>14}10AB1"), "]".to_owned(), "17261231".to_owned()] {
        let control = part == "]";
        if control {
            press(Key::Control.into());
        }
        part.chars().for_each(|letter| {
            press(letter.into());
            release(letter.into());
        });
        if control {
            release(Key::Control.into());
        }
    }
    shop.key(Key::Return);
    shop.settle();
    assert_eq!(pieces(&shop).iter().map(|(_, pieces)| *pieces).collect::<Vec<_>>(), [5]);
    assert_eq!(typed(&shop), "");
}

#[test]
fn scans_go_on_while_a_dialog_is_open_and_its_field_stays_empty() {
    let shop = at_work();
    shop.scan(BAGUETTE);
    shop.act(|shell| sale::open(shell, SaleDialog::TicketNote));
    assert_eq!(field_with_focus(&shop).as_deref(), Some("Note"));
    at_ten_a_second(&shop, std::iter::repeat_n(CROISSANT, 100));
    assert_eq!(pieces(&shop)[1].1, 100);
    assert_eq!(typed(&shop), "");
    assert_eq!(field_with_focus(&shop).as_deref(), Some("Note"), "the dialog is still open");
}

#[test]
fn scans_between_what_is_typed_leave_the_text_as_it_was_typed() {
    let shop = at_work();
    shop.scan(BAGUETTE);
    shop.act(|shell| sale::open(shell, SaleDialog::TicketNote));
    for part in ["for ", "Mrs ", "Peeters"] {
        shop.type_text(part);
        shop.scan(CROISSANT);
    }
    assert_eq!(typed(&shop), "for Mrs Peeters");
    assert_eq!(pieces(&shop)[1].1, 3);
}

#[test]
fn scans_with_the_focus_in_the_search_go_into_the_ticket() {
    let shop = at_work();
    shop.key(Key::F2);
    assert!(field_with_focus(&shop).is_some(), "{:?}", shop.focus());
    at_ten_a_second(&shop, std::iter::repeat_n(PISTOLET, 50));
    assert_eq!(pieces(&shop), [("Pistolet".to_owned(), 50)]);
    assert_eq!(typed(&shop), "");
}

#[test]
fn scans_on_every_other_screen_are_on_the_ticket() {
    let shop = at_work();
    let screens = [
        Screen::More,
        Screen::Orders,
        Screen::Drawer,
        Screen::Operators,
        Screen::Backups,
        Screen::Plugins,
        Screen::About,
    ];
    for (number, screen) in (1..).zip(screens) {
        shop.act(move |shell| shell.go(screen));
        at_ten_a_second(&shop, std::iter::repeat_n(CROISSANT, 10));
        assert_eq!(pieces(&shop), [("Croissant pur beurre".to_owned(), number * 10)], "on {screen:?}");
        assert_eq!(typed(&shop), "", "on {screen:?}");
    }
}

#[test]
fn scans_after_the_row_with_the_focus_is_gone() {
    let shop = at_work();
    shop.scan(BAGUETTE);
    shop.scan(CROISSANT);
    for _ in 0..80 {
        shop.key(Key::Tab);
        if matches!(shop.focus(), Focus::Control(control) if control.label.contains("Croissant")) {
            break;
        }
    }
    assert!(matches!(shop.focus(), Focus::Control(control) if control.label.contains("Croissant")));
    shop.act(|shell| {
        sale::select(shell, 2);
        sale::remove(shell);
    });
    assert_ne!(shop.focus(), Focus::Nothing);
    at_ten_a_second(&shop, std::iter::repeat_n(PISTOLET, 20));
    assert_eq!(pieces(&shop), [("Baguette tradition".to_owned(), 1), ("Pistolet".to_owned(), 20)]);
}

#[test]
fn scans_under_the_help_count_and_under_the_lock_do_not() {
    let shop = at_work();
    shop.key(Key::F1);
    assert!(shop.sees("Keyboard"));
    at_ten_a_second(&shop, [BAGUETTE, BAGUETTE]);
    assert_eq!(pieces(&shop)[0].1, 2);
    shop.key(Key::Escape);
    shop.act(sign_in::lock);
    at_ten_a_second(&shop, [BAGUETTE]);
    assert_eq!(pieces(&shop)[0].1, 2, "nobody sells while the register is locked");
}

#[test]
fn typed_text_is_complete_and_in_order_at_any_speed() {
    const TEXT: &str = "bread rolls 12, thin - please!";
    for pause in [100, 50, 5] {
        let shop = at_work();
        shop.scan(BAGUETTE);
        shop.act(|shell| sale::open(shell, SaleDialog::TicketNote));
        for character in TEXT.chars() {
            let text = slint::SharedString::from(character);
            let window = shop.window().window();
            window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
            window.dispatch_event(WindowEvent::KeyReleased { text });
            shop.advance(Duration::from_millis(pause));
        }
        shop.settle();
        assert_eq!(typed(&shop), TEXT, "a key every {pause} ms");
        assert_eq!(pieces(&shop)[0].1, 1);
    }
}
