//! The way into the register and out of it, through the screens' state on the real program: wizard, sign-in, lock,
//! rescue, closing.

#![allow(clippy::unwrap_used)]

mod common;

use aurapos_app::{RuntimeHost, sample};
use aurapos_runtime::domain::calendar::{SECOND_US, Timestamp};
use aurapos_ui::Ui;
use aurapos_ui::host::{Host, RescueKind};
use aurapos_ui::markup::{ClosingStage, FieldFault, PinFault, Screen, WizardField};
use aurapos_ui::presenter::closing::{self, Stage};
use aurapos_ui::presenter::keys::{self, KeyPress};
use aurapos_ui::presenter::wizard::{self, Catalog, Step};
use aurapos_ui::presenter::{opening, rescue, sale, sign_in};
use aurapos_ui::shell::Shell;
use common::{PATIENCE, names, options, scratch};
use slint::ComponentHandle;
use slint::platform::Key;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The window on a folder, and how often the program was asked to end.
struct Program {
    ui: Rc<Ui>,
    host: Arc<RuntimeHost>,
    quits: Arc<AtomicUsize>,
}

impl Program {
    fn start(folder: &Path) -> Program {
        thread_local!(static HEADLESS: () = i_slint_backend_testing::init_no_event_loop());
        // Once a thread, also when a test starts the program again.
        HEADLESS.with(|()| ());
        let quits = Arc::new(AtomicUsize::new(0));
        let counted = quits.clone();
        let on_quit = Box::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let host = Arc::new(RuntimeHost::new(options(folder), on_quit).unwrap());
        let ui = Ui::new(host.clone(), Arc::new(|| {}), Box::new(|| Duration::ZERO)).unwrap();
        let program = Program { ui, host, quits };
        program.settle();
        program
    }

    fn settle(&self) {
        assert!(self.ui.settle(PATIENCE), "an answer did not come");
    }

    fn act(&self, action: impl FnOnce(&mut Shell) + 'static) {
        self.ui.act(action);
        self.settle();
    }

    fn look<T>(&self, look: impl FnOnce(&Shell) -> T) -> T {
        self.ui.with_shell(look)
    }

    fn screen(&self) -> Screen {
        self.look(|shell| shell.screen)
    }

    fn press(&self, text: &str) {
        for key in text.chars() {
            self.key(key.to_string().into());
        }
    }

    fn key(&self, text: slint::SharedString) {
        self.act(move |shell| {
            keys::unhandled(shell, &KeyPress { text, control: false, alt: false, shift: false, repeat: false });
        });
    }

    fn sign_in(&self, pin: &str) {
        self.press(pin);
        self.key(Key::Return.into());
    }

    fn quits(&self) -> usize {
        self.quits.load(Ordering::SeqCst)
    }
}

fn type_in(program: &Program, fields: &'static [(WizardField, &'static str)]) {
    program.act(|shell| fields.iter().for_each(|(field, text)| wizard::edited(shell, *field, text)));
}

#[test]
fn a_shop_is_set_up_step_by_step_and_going_back_keeps_what_was_typed() {
    let place = scratch();
    let program = Program::start(&place.path().join("shop"));
    assert_eq!(program.screen(), Screen::Wizard);
    let step = || program.look(|shell| shell.wizard.step);
    program.act(|shell| wizard::choose_language(shell, 1));
    program.act(wizard::next);
    assert_eq!(step(), Step::Kind);
    program.act(wizard::next);
    program.act(wizard::next);
    assert_eq!(step(), Step::Shop);
    program.act(wizard::next);
    assert_eq!(step(), Step::Shop, "the name is missing");
    assert_eq!(program.look(|shell| shell.wizard.faults.of(WizardField::Name)), FieldFault::Empty);
    type_in(&program, &[(WizardField::Name, "Chez Nous"), (WizardField::Vat, "BE 0123.456.748")]);
    program.act(wizard::next);
    assert_eq!(program.look(|shell| shell.wizard.faults.of(WizardField::Vat)), FieldFault::VatDigits);
    type_in(&program, &[(WizardField::Vat, "BE 0123.456.749")]);
    program.act(wizard::next);
    assert_eq!(step(), Step::Catalog);
    program.act(wizard::next);
    assert_eq!((step(), program.look(|shell| shell.wizard.catalog_missing)), (Step::Catalog, true));

    // A file with a bad row: seen before anything is made.
    let file = place.path().join("c.csv");
    fs::write(&file, "sku,name,price,vat\nA,Apple,1.00,6\nB,,1.00,6\n").unwrap();
    program.act(move |shell| {
        wizard::choose_catalog(shell, Catalog::File);
        let typed = file.display().to_string();
        aurapos_ui::presenter::file_picker::typed(shell, &typed);
    });
    let counts = program.look(|shell| match &shell.wizard.preview {
        wizard::Preview::Ready(preview) => (preview.report.added, preview.report.rejected_count),
        other => panic!("{other:?}"),
    });
    assert_eq!(counts, (1, 1));
    program.act(wizard::next);
    program.act(wizard::back);
    program.act(wizard::back);
    assert_eq!((step(), program.look(|shell| shell.wizard.answers.name.clone())), (Step::Shop, "Chez Nous".to_owned()));
    program.act(|shell| wizard::go(shell, Step::Manager));
    type_in(&program, &[(WizardField::Manager, "Lucie"), (WizardField::Pin, "1234"), (WizardField::PinAgain, "1234")]);
    program.act(wizard::next);
    assert_eq!(program.look(|shell| shell.wizard.faults.of(WizardField::Pin)), FieldFault::PinInARow);
    type_in(&program, &[(WizardField::Pin, "4711"), (WizardField::PinAgain, "4711")]);
    program.act(wizard::next);
    assert_eq!(step(), Step::Summary);
    assert!(names(place.path()).iter().all(|name| name == "c.csv"), "nothing is made before the last step");
    program.act(wizard::next);
    assert_eq!(program.screen(), Screen::SignIn);
    program.look(|shell| {
        let facts = shell.facts.as_ref().unwrap();
        assert_eq!(
            (facts.shop_name.as_str(), facts.language.as_str(), facts.country.as_str()),
            ("Chez Nous", "fr", "BE")
        );
        assert_eq!(sign_in::view(shell).tiles.len(), 1);
    });
    program.sign_in("4711");
    assert!(matches!(program.screen(), Screen::OpenDrawer | Screen::Sale));
    program.host.end();
}

#[test]
fn a_wizard_that_is_closed_leaves_nothing() {
    let place = scratch();
    let program = Program::start(&place.path().join("shop"));
    program.act(wizard::next);
    type_in(&program, &[(WizardField::Name, "Chez Nous"), (WizardField::Pin, "4711")]);
    program.act(closing::begin);
    assert_eq!(program.quits(), 1, "nothing is due: closed at once");
    program.host.end();
    assert!(names(place.path()).is_empty());
}

#[test]
fn wrong_pins_lock_and_the_screen_counts_down() {
    let place = scratch();
    let folder = place.path().join("shop");
    sample::make(options(&folder), 0).unwrap();
    let program = Program::start(&folder);
    let place_of =
        program.look(|shell| sign_in::view(shell).tiles.iter().position(|tile| tile.name == sample::MANAGER).unwrap());
    program.act(move |shell| sign_in::choose(shell, place_of));
    program.press("99");
    program.key(Key::Backspace.into());
    assert_eq!(program.look(|shell| sign_in::view(shell).entered), 1);
    program.key(Key::Escape.into());
    for left in [4, 3, 2, 1] {
        program.sign_in("9999");
        let view = program.look(sign_in::view);
        assert_eq!((view.fault, view.tries_left, view.entered), (PinFault::Wrong, left, 0));
    }
    program.sign_in("9999");
    let view = program.look(sign_in::view);
    assert_eq!(view.fault, PinFault::Locked);
    assert!(view.tiles[place_of].wait.starts_with("0:"), "{:?}", view.tiles);
    program.sign_in(sample::PIN);
    assert_eq!((program.screen(), program.look(|shell| shell.session.is_some())), (Screen::SignIn, false));
    assert_eq!(program.look(|shell| sign_in::view(shell).entered), 0, "nothing is taken while it is locked");
    // The right one for somebody else works at once, and arrows choose them.
    program.key(if place_of == 0 { Key::RightArrow.into() } else { Key::LeftArrow.into() });
    let view = program.look(sign_in::view);
    assert!(view.fault == PinFault::None && view.person.wait.is_empty());
    program.host.end();
}

#[test]
fn the_lock_covers_at_once_and_only_the_same_pin_opens_it() {
    let place = scratch();
    let folder = place.path().join("shop");
    sample::make(options(&folder), 0).unwrap();
    let program = Program::start(&folder);
    let place_of =
        program.look(|shell| sign_in::view(shell).tiles.iter().position(|tile| tile.name == sample::MANAGER).unwrap());
    program.act(move |shell| sign_in::choose(shell, place_of));
    program.sign_in(sample::PIN);
    let home = program.screen();
    assert!(matches!(home, Screen::OpenDrawer | Screen::Sale));
    // Not settled: the screen is covered before the engine knows.
    program.ui.act(sign_in::lock);
    assert!(program.look(|shell| shell.locked));
    program.settle();
    program.sign_in("9999");
    assert_eq!(program.look(|shell| (shell.locked, sign_in::view(shell).fault)), (true, PinFault::Wrong));
    program.sign_in(sample::PIN);
    assert_eq!(program.look(|shell| (shell.locked, shell.screen)), (false, home));
    program.act(sign_in::lock);
    program.act(sign_in::other_operator);
    assert_eq!(
        program.look(|shell| (shell.locked, shell.session.is_some(), shell.screen)),
        (false, false, Screen::SignIn)
    );
    program.host.end();
}

#[test]
fn nobody_is_held_at_closing() {
    let place = scratch();
    let folder = place.path().join("shop");
    sample::make(options(&folder), 1).unwrap();
    let program = Program::start(&folder);
    program.ui.act(closing::begin);
    // The backup is due; the operator changes their mind before it is made.
    while program.look(|shell| matches!(shell.closing.stage, Stage::Asked)) {
        program.ui.pump();
        std::thread::yield_now();
    }
    assert!(program.look(|shell| matches!(shell.closing.stage, Stage::Backup { .. })));
    program.ui.act(closing::cancel);
    assert!(program.look(|shell| matches!(shell.closing.stage, Stage::Open)), "open again at once");
    program.settle();
    assert_eq!((program.quits(), program.look(|shell| matches!(shell.closing.stage, Stage::Open))), (0, true));
    program.act(closing::begin);
    assert_eq!(program.quits(), 1, "the backup is made and the program ends");
    program.host.end();
}

#[test]
fn a_ticket_is_given_up_only_when_asked() {
    let place = scratch();
    let folder = place.path().join("shop");
    sample::make(options(&folder), 0).unwrap();
    let program = Program::start(&folder);
    let place_of =
        program.look(|shell| sign_in::view(shell).tiles.iter().position(|tile| tile.name == sample::MANAGER).unwrap());
    program.act(move |shell| sign_in::choose(shell, place_of));
    program.sign_in(sample::PIN);
    program.act(|shell| shell.go_home(Screen::Sale));
    program.act(|shell| sale::scanned(shell, "BOUL-001"));
    assert_eq!(program.look(sign_in::ticket_lines), 1);
    program.act(sign_in::lock);
    program.act(sign_in::other_operator);
    assert!(program.look(|shell| shell.session.is_some() && sign_in::view(shell).asks_to_leave));
    program.act(sign_in::stay);
    program.sign_in(sample::PIN);
    assert_eq!(program.look(|shell| (shell.locked, sign_in::ticket_lines(shell))), (false, 1), "the ticket waited");
    program.act(closing::begin);
    assert!(program.look(|shell| matches!(shell.closing.stage, Stage::Ticket)));
    program.act(closing::cancel);
    assert_eq!((program.quits(), program.look(sign_in::ticket_lines)), (0, 1));
    program.act(closing::begin);
    program.act(closing::go_on);
    assert_eq!((program.quits(), program.look(|shell| shell.session.is_none())), (1, true));
    program.host.end();
}

#[test]
fn a_damaged_shop_is_rescued_from_a_backup() {
    let place = scratch();
    let folder = place.path().join("shop");
    sample::make(options(&folder), 3).unwrap();
    let program = Program::start(&folder);
    let (host, mia) = (program.look(|shell| shell.host()), common::manager(&program.host));
    let made = common::ask(|to| host.back_up(mia, common::no_progress(), Default::default(), to)).unwrap();
    assert!(!made.list.is_empty());
    program.host.end();
    drop(program);
    let database = folder.join("AuraPOS.db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[..512].fill(0x5A);
    fs::write(&database, &bytes).unwrap();

    let program = Program::start(&folder);
    assert_eq!(program.screen(), Screen::Rescue);
    program.look(|shell| {
        assert_eq!(shell.rescue.trouble.as_ref().unwrap().kind, RescueKind::Data);
        let (sentence, next) = rescue::told(shell);
        assert!(!sentence.is_empty() && !next.is_empty());
    });
    program.act(rescue::try_again);
    assert_eq!(program.screen(), Screen::Rescue);
    program.act(rescue::show_backups);
    assert_eq!(program.look(|shell| shell.rescue.chosen), Some(0));
    program.act(rescue::restore);
    assert_eq!(program.screen(), Screen::SignIn, "{:?}", program.look(|shell| shell.rescue.fault.clone()));
    program.host.end();
}

#[test]
fn a_server_that_is_away_is_waited_for() {
    let place = scratch();
    let folder = place.path().join("shop");
    sample::make(options(&folder), 0).unwrap();
    let file = folder.join("aurapos.toml");
    let good = fs::read_to_string(&file).unwrap();
    // Nobody listens at port 1.
    let away = "use = \"postgres\"\nconfig = { host = \"localhost\", port = 1, tls = false }";
    fs::write(&file, good.replace("use = \"sqlite\"", away)).unwrap();
    let program = Program::start(&folder);
    assert_eq!(program.screen(), Screen::Rescue);
    program.look(|shell| {
        let trouble = shell.rescue.trouble.as_ref().unwrap();
        assert_eq!((trouble.kind, trouble.trouble.code.as_str()), (RescueKind::Away, "AP-8008"), "{trouble:?}");
        assert_eq!((trouble.database.as_str(), trouble.is_file), ("postgres: host localhost, port 1", false));
    });
    fs::write(&file, good).unwrap();
    let start = program.host.now().0;
    let tick = |seconds: i64| {
        program.act(move |shell| rescue::tick(shell, Timestamp(start + seconds * SECOND_US)));
        program.screen()
    };
    // Whoever looks at the backups is left alone.
    program.act(|shell| shell.rescue.lists = true);
    assert_eq!((tick(0), tick(60)), (Screen::Rescue, Screen::Rescue));
    program.act(rescue::back);
    assert_eq!((tick(61), tick(65), tick(66)), (Screen::Rescue, Screen::Rescue, Screen::SignIn));
    program.host.end();
}

#[test]
fn opening_again_forgets_who_was_there() {
    let place = scratch();
    let folder = place.path().join("shop");
    sample::make(options(&folder), 0).unwrap();
    let program = Program::start(&folder);
    program.act(opening::begin);
    assert_eq!((program.screen(), program.look(|shell| shell.session.is_none())), (Screen::SignIn, true));
    assert_eq!(program.ui.window().global::<aurapos_ui::markup::Closing>().get_stage(), ClosingStage::Hidden);
    program.host.end();
}
