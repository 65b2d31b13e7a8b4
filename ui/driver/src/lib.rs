//! Drives the register's window without a display, as a person would: taps where things are, keys, scans.
//!
//! Owns: the headless backend with mocked time, finding elements by their accessible names, pictures. The window, the
//! presenters and the host behind it are the real ones. Must not know: what the screens are about.

#![forbid(unsafe_code)]

pub mod look;
pub mod place;
pub mod terminal;
pub mod tour;

use aurapos_locale::Language;
use aurapos_ui::host::Host;
use aurapos_ui::markup::{AppWindow, Screen};
use aurapos_ui::presenter::sign_in;
use aurapos_ui::shell::Shell;
use aurapos_ui::{Ui, Wake};
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementRoot, TestingBackend, TestingBackendOptions};
use look::{Focus, Part};
use slint::platform::{Key, PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, LogicalSize, SharedString};
use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How long the real threads behind the window get to answer one question.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// One step of the mocked clock.
const STEP: Duration = Duration::from_millis(10);
/// After this everything that moves has come to rest.
const REST: Duration = Duration::from_millis(400);

/// A window that is driven.
pub struct Driver {
    ui: Rc<Ui>,
    /// Something behind the window is held on purpose: its answers are not waited for.
    held: Cell<bool>,
}

/// Makes this thread's windows headless, with mocked time and the software renderer. Once a thread.
pub fn headless() {
    let options = TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some(SharedString::from("software")),
    };
    // A thread that runs several tests has it already.
    let _ = slint::platform::set_platform(Box::new(TestingBackend::new(options)));
}

fn mocked() -> Duration {
    Duration::from_millis(i_slint_backend_testing::get_mocked_time())
}

impl Driver {
    /// Opens the window on a host and waits until the first screen is there.
    ///
    /// # Panics
    /// The window cannot be made.
    pub fn open(host: Arc<dyn Host>, width: u32, height: u32) -> Driver {
        headless();
        let wake: Wake = Arc::new(|| {});
        let ui = Ui::new(host, wake, Box::new(mocked)).expect("a headless window can be made");
        let driver = Driver { ui, held: Cell::new(false) };
        driver.resize(width, height);
        driver.window().show().expect("a headless window can be shown");
        driver.settle();
        driver
    }

    /// Gives the window another size, in logical pixels.
    #[allow(clippy::cast_precision_loss)]
    pub fn resize(&self, width: u32, height: u32) {
        self.window().window().set_size(LogicalSize::new(width as f32, height as f32));
        self.step(Duration::from_millis(1));
    }

    /// The window.
    pub fn window(&self) -> &AppWindow {
        self.ui.window()
    }

    /// The window with everything behind it.
    pub fn ui(&self) -> &Rc<Ui> {
        &self.ui
    }

    /// Changes the language of the screens; `qps` is the pseudo-language, whose texts are 40 % longer.
    ///
    /// # Errors
    /// It is not in the program.
    pub fn speak(&self, language: &str) -> Result<(), Box<dyn std::error::Error>> {
        let known = Language::from_code(language).unwrap_or_default();
        let place = Language::ALL.iter().position(|one| *one == known).unwrap_or_default();
        self.act(move |shell| sign_in::choose_language(shell, place));
        if language != known.code() {
            slint::select_bundled_translation(language)?;
        }
        self.settle();
        Ok(())
    }

    /// Looks at the state.
    pub fn shell<T>(&self, look: impl FnOnce(&Shell) -> T) -> T {
        self.ui.with_shell(look)
    }

    /// Changes the state as a callback of the markup would.
    pub fn act(&self, action: impl FnOnce(&mut Shell) + 'static) {
        self.ui.act(action);
        self.settle();
    }

    /// What is shown.
    pub fn screen(&self) -> Screen {
        self.shell(|shell| shell.screen)
    }

    fn step(&self, time: Duration) {
        i_slint_backend_testing::mock_elapsed_time(time);
    }

    /// Lets mocked time pass: timers fire, animations go on.
    pub fn advance(&self, time: Duration) {
        let end = mocked() + time;
        while mocked() < end {
            self.step(STEP);
            self.ui.pump();
        }
    }

    /// Waits until everything that was asked is answered and everything that moves has come to rest.
    ///
    /// # Panics
    /// Something is not answered within [`PATIENCE`].
    pub fn settle(&self) {
        if self.held.get() {
            self.advance(REST);
            return;
        }
        assert!(self.ui.settle(PATIENCE), "something was asked and never answered");
        self.advance(REST);
        assert!(self.ui.settle(PATIENCE), "something was asked and never answered");
    }

    /// Something behind the window is held from now on, or no more: [`Driver::settle`] and what ends with it do not wait.
    pub fn hold(&self, held: bool) {
        self.held.set(held);
    }

    /// Waits for one thing while others are held, and looks after every letter that comes.
    ///
    /// # Panics
    /// It does not come about within [`PATIENCE`].
    #[track_caller]
    pub fn wait_for(&self, what: impl Fn(&Driver) -> bool) {
        let end = std::time::Instant::now() + PATIENCE;
        while !what(self) {
            assert!(std::time::Instant::now() < end, "it did not come about: {:#?}", self.names());
            self.ui.pump();
            std::thread::yield_now();
        }
    }

    /// Every element that is there, in the order of the tree.
    pub fn elements(&self) -> Vec<ElementHandle> {
        let mut found = Vec::new();
        let _: Option<()> = self.window().root_element().visit_descendants(|element| {
            found.push(element);
            ControlFlow::Continue(())
        });
        found
    }

    /// Elements with an accessible name that begins with this and that are inside the window.
    pub fn find(&self, label: &str) -> Vec<ElementHandle> {
        let begins = |element: &ElementHandle| {
            element.accessible_label().is_some_and(|own| own.as_str() == label)
                || element.accessible_label().is_some_and(|own| own.starts_with(label))
        };
        let mut found: Vec<ElementHandle> = self.elements().into_iter().filter(begins).collect();
        // The whole name first.
        found.sort_by_key(|element| element.accessible_label().is_none_or(|own| own.as_str() != label));
        found
    }

    /// Whether something of this name is there.
    pub fn sees(&self, label: &str) -> bool {
        !self.find(label).is_empty()
    }

    /// What is in the window.
    pub fn whole(&self) -> Part {
        Part::window(self.window())
    }

    /// What has the focus.
    pub fn focus(&self) -> Focus {
        look::focus(self.window())
    }

    /// Every accessible name, for messages of failed tests.
    pub fn names(&self) -> Vec<String> {
        let name = |element: ElementHandle| element.accessible_label().map(String::from);
        self.elements().into_iter().filter_map(name).filter(|name| !name.is_empty()).collect()
    }

    /// Touches the control of this name where it is: what lies over it gets the touch.
    ///
    /// # Panics
    /// There is none.
    #[track_caller]
    pub fn tap(&self, label: &str) {
        let controls = self.find(label);
        let is_control = |element: &&ElementHandle| {
            matches!(
                element.accessible_role(),
                Some(
                    AccessibleRole::Button
                        | AccessibleRole::Checkbox
                        | AccessibleRole::Switch
                        | AccessibleRole::Tab
                        | AccessibleRole::RadioButton
                        | AccessibleRole::ListItem
                        | AccessibleRole::TextInput
                        | AccessibleRole::Combobox
                )
            )
        };
        let control = controls.iter().find(is_control).or(controls.first());
        let Some(control) = control else {
            panic!("there is no {label:?} on {:?}; there are {:#?}", self.screen(), self.names());
        };
        self.tap_element(control);
    }

    /// Touches an element in its middle.
    pub fn tap_element(&self, element: &ElementHandle) {
        let (place, size) = (element.absolute_position(), element.size());
        self.tap_at(place.x + size.width / 2.0, place.y + size.height / 2.0);
    }

    /// Touches a place.
    pub fn tap_at(&self, x: f32, y: f32) {
        let position = LogicalPosition::new(x, y);
        let button = PointerEventButton::Left;
        let window = self.window().window();
        window.dispatch_event(WindowEvent::PointerMoved { position });
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        self.step(Duration::from_millis(120));
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        window.dispatch_event(WindowEvent::PointerExited);
        self.settle();
    }

    fn press(&self, text: impl Into<SharedString>) {
        let text = text.into();
        let window = self.window().window();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
    }

    /// Presses a named key as a hand does.
    pub fn key(&self, key: Key) {
        self.press(key);
        self.advance(Duration::from_millis(100));
        self.settle();
    }

    /// To the next control, without waiting for anything.
    pub fn tab(&self) {
        self.press(Key::Tab);
        self.step(STEP);
        self.ui.pump();
    }

    /// Types a text as hands do: a key every 100 ms.
    pub fn type_text(&self, text: &str) {
        for character in text.chars() {
            self.press(character);
            self.advance(Duration::from_millis(100));
        }
        self.settle();
    }

    /// Scans a code: all its characters at once, then Enter. Does not wait for what comes of it.
    pub fn scan_without_waiting(&self, code: &str) {
        for character in code.chars() {
            self.press(character);
            self.step(Duration::from_millis(2));
        }
        self.press(Key::Return);
    }

    /// Scans a code and waits for what comes of it.
    pub fn scan(&self, code: &str) {
        self.scan_without_waiting(code);
        self.settle();
    }

    /// The pixels of the window as it looks at this moment.
    ///
    /// # Panics
    /// It cannot be drawn.
    pub fn pixels(&self) -> Vec<u8> {
        let pixels = self.window().window().take_snapshot().expect("a headless window can be drawn");
        pixels.as_bytes().to_vec()
    }

    /// Moves the pointer somewhere without touching.
    pub fn hover(&self, x: f32, y: f32) {
        self.window().window().dispatch_event(WindowEvent::PointerMoved { position: LogicalPosition::new(x, y) });
    }

    /// The window as it looks now, as a PNG file.
    ///
    /// # Errors
    /// The picture cannot be drawn or written.
    pub fn picture(&self, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
        self.advance(Duration::from_millis(500));
        let pixels = self.window().window().take_snapshot()?;
        let out = std::io::BufWriter::new(std::fs::File::create(file)?);
        let mut encoder = png::Encoder::new(out, pixels.width(), pixels.height());
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        encoder.write_header()?.write_image_data(pixels.as_bytes())?;
        Ok(())
    }
}
