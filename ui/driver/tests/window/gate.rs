//! The window never waits: with the engine, the readers and a plugin held at a gate it goes on, and nothing is lost. And
//! what changes touches rows, not lists.

use crate::support::{BAGUETTE, Shop, at_work, pieces};
use aurapos_runtime::engine::Command;
use aurapos_runtime::engine::command::SessionId;
use aurapos_runtime::engine::queries::Reading;
use aurapos_ui::host::{Cancel, Host, Progress, Topic};
use aurapos_ui::markup::{AppWindow, Sale, Screen};
use aurapos_ui::presenter::closing;
use aurapos_ui_driver::{Driver, place};
use i_slint_core::model::{ModelChangeListener, ModelChangeListenerContainer};
use slint::platform::Key;
use slint::{ComponentHandle, Model};
use std::cell::Cell;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A gate that threads wait at.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<(bool, usize)>, Condvar)>);

impl Gate {
    /// Waits until it opens; called by the thread that is held.
    fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap();
        state.1 += 1;
        changed.notify_all();
        while !state.0 {
            state = changed.wait(state).unwrap();
        }
    }

    /// Waits until so many threads stand at it.
    fn wait_for(&self, threads: usize) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap();
        while state.1 < threads {
            let (next, late) = changed.wait_timeout(state, aurapos_ui_driver::PATIENCE).unwrap();
            assert!(!late.timed_out(), "nobody came to the gate");
            state = next;
        }
    }

    fn open(&self) {
        self.0.0.lock().unwrap().0 = true;
        self.0.1.notify_all();
    }
}

/// A test that fails opens it too, so that the program behind its window can end.
struct Opened(Gate);

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// Holds the thread of the engine (in an answer, which it gives itself), both readers (in their reads), and the plugin of
/// the backups (in its progress).
fn hold_everything(host: &Arc<dyn Host>, session: Option<SessionId>, gate: &Gate) {
    let at = gate.clone();
    host.submit(None, Command::DrawerStatus, Box::new(move |_| at.pass()));
    for _ in 0..2 {
        let at = gate.clone();
        host.read(None, Topic::Other, Box::new(move |_: &Reading<'_>| at.pass()));
    }
    hold_the_backup(host, session, gate);
    gate.wait_for(4);
}

fn hold_the_backup(host: &Arc<dyn Host>, session: Option<SessionId>, gate: &Gate) {
    let at = gate.clone();
    let once = Mutex::new(Some(()));
    let progress = Arc::new(move |_: Progress| {
        if once.lock().unwrap().take().is_some() {
            at.pass();
        }
    });
    host.back_up(session, progress, Cancel::default(), Box::new(|_| {}));
}

fn host(window: &Driver) -> Arc<dyn Host> {
    window.shell(|shell| shell.host())
}

#[test]
fn with_everything_held_the_window_goes_on_and_nothing_is_lost() {
    let shop = at_work();
    shop.scan(BAGUETTE);
    let gate = Gate::default();
    let _opened = Opened(gate.clone());
    hold_everything(&host(&shop), shop.shell(|shell| shell.session_id()), &gate);
    shop.hold(true);

    for _ in 0..25 {
        shop.scan_without_waiting(BAGUETTE);
        shop.advance(Duration::from_millis(60));
    }
    assert_eq!(pieces(&shop)[0].1, 1, "the engine is held");
    // Navigation.
    for (key, screen) in [(Key::F6, Screen::Orders), (Key::F7, Screen::More), (Key::F5, Screen::Sale)] {
        shop.key(key);
        assert_eq!(shop.screen(), screen);
    }
    shop.key(Key::F1);
    assert!(shop.sees("Keyboard"));
    shop.key(Key::Escape);
    assert!(!shop.sees("Keyboard"));
    // Typing.
    shop.key(Key::F2);
    shop.type_text("pain");
    assert_eq!(shop.window().global::<Sale>().get_query(), "pain");
    shop.key(Key::Escape);
    // Animation: a key under the pointer changes its colour bit by bit.
    let key = shop.find("More")[0].absolute_position();
    let before = shop.pixels();
    shop.hover(key.x + 10.0, key.y + 10.0);
    shop.advance(Duration::from_millis(400));
    assert_ne!(shop.pixels(), before, "the window is still drawn");
    // The lock covers at once.
    shop.key(Key::F12);
    assert!(shop.sees("The register is locked"));
    assert_eq!(pieces(&shop)[0].1, 1, "the engine is still held");

    gate.open();
    shop.hold(false);
    shop.settle();
    shop.type_text(place::MANAGER.1);
    shop.key(Key::Return);
    assert!(!shop.sees("The register is locked"), "{:#?}", shop.names());
    assert_eq!(pieces(&shop), [("Baguette tradition".to_owned(), 26)]);
}

/// Whether the window is about to go.
fn is_gone(window: &Driver) -> bool {
    window.shell(|shell| matches!(shell.closing.stage, closing::Stage::Gone))
}

/// Closing asks for the backup that is due and shows it.
fn begin_to_close(shop: &Shop) {
    shop.hold(true);
    shop.ui().act(closing::begin);
    shop.wait_for(|window| window.sees("Backing up before closing"));
}

#[test]
fn the_backup_of_closing_can_be_called_off() {
    let shop = at_work();
    begin_to_close(&shop);
    shop.tap("Cancel");
    assert!(!shop.sees("Backing up before closing"));
    shop.hold(false);
    shop.scan(BAGUETTE);
    assert_eq!(pieces(&shop).len(), 1, "the shop is open");
    assert!(!is_gone(&shop));
}

#[test]
fn the_backup_of_closing_is_finished_without_the_window() {
    let shop = at_work();
    begin_to_close(&shop);
    shop.tap("Finish in background");
    assert!(is_gone(&shop));
    let Shop { window, folder } = shop;
    drop(window);
    let backups = std::fs::read_dir(folder.path().join("Backups")).unwrap().count();
    assert!(backups > 0, "it was finished without the window");
}

#[test]
fn a_plugin_that_hangs_does_not_keep_the_program_open() {
    let shop = at_work();
    let gate = Gate::default();
    let _opened = Opened(gate.clone());
    hold_the_backup(&host(&shop), shop.shell(|shell| shell.session_id()), &gate);
    gate.wait_for(1);
    shop.hold(true);
    shop.act(closing::begin);
    // It may not even answer whether something is due: who asks again is not asked to wait.
    if !shop.sees("Backing up before closing") {
        shop.act(closing::begin);
    } else {
        shop.tap("Finish in background");
    }
    assert!(is_gone(&shop));
}

/// What a list told.
#[derive(Default)]
struct Told {
    changed: Cell<usize>,
    added: Cell<usize>,
    removed: Cell<usize>,
    reset: Cell<usize>,
}

impl ModelChangeListener for Told {
    fn row_changed(self: Pin<&Self>, _row: usize) {
        self.changed.set(self.changed.get() + 1);
    }
    fn row_added(self: Pin<&Self>, _index: usize, count: usize) {
        self.added.set(self.added.get() + count);
    }
    fn row_removed(self: Pin<&Self>, _index: usize, count: usize) {
        self.removed.set(self.removed.get() + count);
    }
    fn reset(self: Pin<&Self>) {
        self.reset.set(self.reset.get() + 1);
    }
}

#[test]
fn a_hundred_scans_touch_a_hundred_rows() {
    let shop = at_work();
    let lines = |window: &AppWindow| window.global::<Sale>().get_lines();
    let list = lines(shop.window());
    let told = Box::pin(ModelChangeListenerContainer::new(Told::default()));
    list.model_tracker().attach_peer(told.as_ref().model_peer());
    let catalog = aurapos_runtime::sample::sample_catalog_csv();
    let by_piece = catalog.lines().filter(|line| line.contains(",piece,") && !line.contains('"'));
    let codes = by_piece.filter_map(|line| line.split(',').nth(2)?.split('|').next());
    let codes: Vec<&str> = codes.filter(|code| !code.is_empty()).take(100).collect();
    assert_eq!(codes.len(), 100);
    for code in &codes {
        shop.scan(code);
    }
    let told = told.as_ref().get();
    assert_eq!((told.added.get(), told.removed.get(), told.reset.get()), (100, 0, 0));
    assert!(told.changed.get() <= 100, "{}", told.changed.get());
    // The first product once more: its row changes, and no other.
    let before = told.changed.get();
    shop.scan(codes[0]);
    assert_eq!((told.added.get(), told.changed.get() - before, told.reset.get()), (100, 1, 0));
    assert!(lines(shop.window()) == list, "it is still the same list");
    assert_eq!(list.row_count(), 100);
}
