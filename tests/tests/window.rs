//! The program in a real window under Xvfb, with real keys: that it starts, sells, and ends in every way it may.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use aurapos_tests::books::{must_agree, number, sql};
use aurapos_tests::shop::{PIN, Said, Shop, run};
use aurapos_tests::window::{Display, Picture, Program, command, wait_for};
use serde_json::json;
use std::path::{Path, PathBuf};

/// A croissant and a baguette of the sample catalog.
const CROISSANT: &str = "5400000010101";
const BAGUETTE: &str = "5400000010064";
/// Fewer colours are no screen: an empty window has one or two.
const COLOURS_OF_A_SCREEN: usize = 50;
/// Where the PIN pad begins; left of it a clock goes on.
const PIN_PAD: u16 = 810;
/// Kind of the journal's entries for signing in.
const SIGN_IN: &str = "SELECT count(*) FROM journal WHERE kind = 52";

fn display() -> Display {
    Display::start(1280, 800)
}

/// Signs in. Until the screen is there keys are lost, so they are typed again, from the beginning.
fn sign_in(display: &Display, shop: &Shop, program: &mut Program<'_>) {
    let before = number(&shop.database(), SIGN_IN);
    program.sees("a screen", has_a_screen);
    let mut looks = 0_u32;
    wait_for("signed in", || {
        if looks.is_multiple_of(250) {
            display.keys(&["Escape"]);
            display.hand(&["type", "--delay", "5", PIN]);
            display.keys(&["Return"]);
        }
        looks += 1;
        assert!(program.is_running());
        (number(&shop.database(), SIGN_IN) > before).then_some(())
    });
}

fn has_a_screen(picture: &Picture) -> bool {
    picture.colours() > COLOURS_OF_A_SCREEN
}

/// Without a desktop, libraries may say on standard error what they miss of it; the program itself says nothing.
fn must_have_ended_well(said: &Said) {
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(!said.err.contains("panicked") && !said.err.contains("aurapos:"), "{said:?}");
}

fn logs(data: &Path) -> String {
    let files = std::fs::read_dir(data.join("logs")).unwrap();
    files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// Beside the programs, for people to look at.
fn picture_file(name: &str) -> PathBuf {
    let folder = aurapos_tests::shop::programs().join("window-pictures");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

#[test]
fn scanned_items_are_sold_with_one_key_and_closing_makes_the_backup() {
    let shop = Shop::open();
    let display = display();
    let mut program = Program::open(&display, &shop.data, &["--lang", "en"]);
    sign_in(&display, &shop, &mut program);
    // What is scanned while the sale is not shown yet counts too.
    for code in [BAGUETTE, CROISSANT, BAGUETTE] {
        display.scan(code);
    }
    let ticket = program.rests();
    ticket.save(&picture_file("scanned.png"));
    display.keys(&["F10"]);
    let database = shop.database();
    wait_for("the sale", || (number(&database, "SELECT count(*) FROM sale") > 0).then_some(()));
    program.sees("the change", |picture| *picture != ticket);
    program.rests().save(&picture_file("sold.png"));
    let sale =
        sql(&database, "SELECT total, rounding, change, (SELECT sum(applied) FROM sale_tender) AS paid FROM sale");
    assert_eq!(sale, [json!({"total": 420, "rounding": 0, "change": 0, "paid": 420})]);
    let lines = sql(&database, "SELECT quantity, net FROM sale_line ORDER BY net");
    assert_eq!(lines, [json!({"quantity": 1000, "net": 130}), json!({"quantity": 2000, "net": 290})]);

    let second = run(&mut command(&shop.data), b"");
    assert_eq!(second.status.code(), Some(0), "{second:?}");
    assert!(second.err.contains("is open already") && second.out.is_empty(), "{second:?}");
    assert!(program.is_running(), "the first stays");

    program.close_window();
    let ended = program.ended();
    must_have_ended_well(&ended);
    let backups = shop.ok(&["backup", "list"]);
    assert_eq!(backups["backups"].as_array().map(|list| !list.is_empty()), Some(true), "{backups}");
    let logs = logs(&shop.data);
    assert!(logs.contains("Slint, winit, software renderer"), "{logs}");
    must_agree(&database);
    shop.verify();
}

#[test]
fn asked_to_end_by_the_system_it_closes_the_register() {
    let shop = Shop::open();
    let display = display();
    let settings = || std::fs::read(shop.data.join("aurapos.toml")).unwrap();
    let before = settings();
    let shown = |language: &str| {
        let mut program = Program::open(&display, &shop.data, &["--lang", language]);
        program.sees("a screen", has_a_screen);
        let picture = program.rests();
        picture.save(&picture_file(&format!("{language}.png")));
        program.signal(libc::SIGTERM);
        must_have_ended_well(&program.ended());
        picture.right_of(PIN_PAD)
    };
    let (german, french, again) = (shown("de"), shown("fr"), shown("de"));
    assert!(german != french && german == again, "the language is the one of the command line");
    assert_eq!(settings(), before, "for this time only");
    assert_eq!(logs(&shop.data).matches("ended").count(), 3);
    // Nobody has the register any more.
    shop.sell(&["EAU-001"]);
}

#[test]
fn without_a_display_it_says_what_to_do() {
    let shop = Shop::open();
    let said = run(&mut command(&shop.data), b"");
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert!(said.err.contains("DISPLAY") && said.err.contains("aurapos-admin") && said.out.is_empty(), "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
    shop.sell(&["EAU-001"]);
}

#[test]
fn a_first_start_shows_the_wizard_and_leaves_nothing_when_it_is_closed() {
    let shop = Shop::nowhere();
    let display = display();
    let mut program = Program::open(&display, &shop.data, &[]);
    program.sees("the wizard", has_a_screen).save(&picture_file("first-run.png"));
    program.close_window();
    let ended = program.ended();
    must_have_ended_well(&ended);
    let mut left: Vec<_> =
        std::fs::read_dir(&shop.data).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort_unstable();
    assert_eq!(left, ["logs"]);
}
