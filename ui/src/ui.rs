//! The window and its state, put together.
//!
//! Owns: the one place where state is borrowed, changed and shown. Every callback of the markup and every letter of the
//! mailbox goes through [`Ui::act`]; afterwards everything is shown once. Setting an equal property is free in Slint, and
//! lists are changed by row, so showing everything is cheap and nothing can be forgotten.

use crate::focus;
use crate::host::Host;
use crate::mail::{Mailbox, Wake, mailbox};
use crate::markup::AppWindow;
use crate::presenter::{keys, opening, status};
use crate::shell::Shell;
use crate::wiring::Rooms;
use slint::platform::WindowEvent;
use slint::{ComponentHandle, PlatformError, Timer, TimerMode};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

type Action = Box<dyn FnOnce(&mut Shell)>;

thread_local! {
    /// The window of this thread, for what wakes it.
    static WINDOW: RefCell<Weak<Ui>> = const { RefCell::new(Weak::new()) };
}

/// How often the clock, the idle lock and messages that vanish are looked at.
const TICK: Duration = Duration::from_millis(500);

/// The window with everything behind it.
pub struct Ui {
    window: AppWindow,
    shell: RefCell<Shell>,
    rooms: Rooms,
    mailbox: Mailbox,
    /// Actions that came while another was being carried out.
    later: RefCell<VecDeque<Action>>,
    acting: Cell<bool>,
    tick: Timer,
    keys_timer: Timer,
    now: Box<dyn Fn() -> Duration>,
}

impl Ui {
    /// Makes the window and begins to open the register. `wake` has to bring about a call of [`Ui::pump`] on this thread;
    /// `now` is a clock that never goes back.
    ///
    /// # Errors
    /// No window can be made here.
    pub fn new(host: Arc<dyn Host>, wake: Wake, now: Box<dyn Fn() -> Duration>) -> Result<Rc<Ui>, PlatformError> {
        let (post, mailbox) = mailbox(wake);
        let window = AppWindow::new()?;
        crate::slint_log::begin(&window);
        let shell = RefCell::new(Shell::new(host, post));
        let ui = Rc::new(Ui {
            window,
            shell,
            rooms: Rooms::default(),
            mailbox,
            later: RefCell::default(),
            acting: Cell::new(false),
            tick: Timer::default(),
            keys_timer: Timer::default(),
            now,
        });
        WINDOW.with(|window| *window.borrow_mut() = Rc::downgrade(&ui));
        ui.rooms.wire(&ui, &ui.window);
        let weak = Rc::downgrade(&ui);
        ui.tick.start(TimerMode::Repeated, TICK, move || {
            if let Some(ui) = weak.upgrade() {
                ui.act(status::tick);
            }
        });
        ui.act(opening::begin);
        Ok(ui)
    }

    /// The window of this thread, if there is one.
    pub fn of_this_thread() -> Option<Rc<Ui>> {
        WINDOW.with(|window| window.borrow().upgrade())
    }

    /// The window.
    pub fn window(&self) -> &AppWindow {
        &self.window
    }

    /// Looks at the state, for tests.
    pub fn with_shell<T>(&self, look: impl FnOnce(&Shell) -> T) -> T {
        look(&self.shell.borrow())
    }

    /// Time since some moment in the past.
    pub fn now(&self) -> Duration {
        (self.now)()
    }

    /// Changes the state, and shows it.
    pub fn act(&self, action: impl FnOnce(&mut Shell) + 'static) {
        self.later.borrow_mut().push_back(Box::new(action));
        if self.acting.replace(true) {
            // Something in the middle of being shown wants something: it comes next.
            return;
        }
        loop {
            let next = self.later.borrow_mut().pop_front();
            let Some(next) = next else { break };
            next(&mut self.shell.borrow_mut());
            if self.later.borrow().is_empty() {
                self.flush();
            }
        }
        self.acting.set(false);
    }

    /// Asks the state something that may change it and needs an answer at once (whether a key was taken).
    pub(crate) fn ask(&self, question: impl FnOnce(&mut Shell, Duration) -> bool) -> bool {
        let now = self.now();
        let Ok(mut shell) = self.shell.try_borrow_mut() else { return false };
        let answer = question(&mut shell, now);
        drop(shell);
        if !self.acting.get() {
            self.flush();
        }
        answer
    }

    /// Takes the letters that came, then shows what changed, once.
    pub fn pump(&self) {
        let letters = self.mailbox.take();
        if letters.is_empty() {
            return;
        }
        self.act(move |shell| {
            for letter in letters {
                shell.receive(letter);
            }
        });
    }

    /// For tests without an event loop: waits until everything that was asked is answered, at most `patience` for each
    /// letter. True when nothing is left.
    pub fn settle(&self, patience: Duration) -> bool {
        loop {
            self.pump();
            if !self.shell.borrow().is_waiting() {
                return true;
            }
            let Some(letter) = self.mailbox.wait(patience) else { return false };
            self.act(move |shell| shell.receive(letter));
        }
    }

    fn flush(&self) {
        let shell = self.shell.borrow();
        if shell.status.raise.take() {
            self.raise();
        }
        self.rooms.flush(&shell, &self.window);
        // While keys are held that may be a scan there is nothing to be seen of them.
        let shown = keys::held_until(&shell).is_none();
        drop(shell);
        focus::keep(&self.window);
        if shown {
            self.draw_now();
        }
        self.release_keys_later();
    }

    /// Draws in this turn of the loop. Slint on its own waits 16 ms before each frame that begins something new, which is
    /// most of the time from a tap to its line. Asked again in the same turn, winit draws once; a frame in which nothing
    /// changed is found out before anything is put on the screen.
    fn draw_now(&self) {
        use slint::winit_030::WinitWindowAccessor;
        self.window.window().with_winit_window(|window| window.request_redraw());
    }

    /// Brings the window to the front, because it was started a second time.
    fn raise(&self) {
        use slint::winit_030::WinitWindowAccessor;
        let window = self.window.window();
        window.set_minimized(false);
        window.with_winit_window(|window| window.focus_window());
    }

    /// Keys that may be the beginning of a scan are held for a moment; when no scan comes of them they are typed.
    fn release_keys_later(&self) {
        let Some(at) = keys::held_until(&self.shell.borrow()) else {
            self.keys_timer.stop();
            return;
        };
        let wait = at.saturating_sub(self.now());
        self.keys_timer.start(TimerMode::SingleShot, wait, || {
            if let Some(ui) = Ui::of_this_thread() {
                ui.release_keys();
            }
        });
    }

    /// Types what was held and is no scan.
    pub fn release_keys(&self) {
        let typed = keys::release(&mut self.shell.borrow_mut(), self.now());
        for text in typed {
            self.window.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
            self.window.window().dispatch_event(WindowEvent::KeyReleased { text });
        }
        keys::released_all(&mut self.shell.borrow_mut());
        if !self.acting.get() {
            self.flush();
        }
    }
}

/// Connects a callback of the markup to an action: `on!(ui, global.on_tap, |shell, id| sale::tap(shell, &id))`.
macro_rules! on {
    ($ui:expr, $global:ident . $method:ident, |$shell:ident $(, $arg:ident)*| $body:expr) => {{
        let ui = std::rc::Rc::downgrade($ui);
        $global.$method(move |$($arg),*| {
            if let Some(ui) = ui.upgrade() {
                // Whoever presses something is there: an idle register locks.
                ui.act(move |$shell| { $shell.touched(); $body; });
            }
        });
    }};
}
pub(crate) use on;
