//! The event loop around the window, for the program.

use crate::host::{Host, Preferences};
use crate::{Ui, focus};
use aurapos_locale::Language;
use slint::winit_030::{EventResult, WinitWindowAccessor as _, winit};
use slint::{ComponentHandle, PhysicalPosition, PhysicalSize, PlatformError, Timer};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How the window begins, beside the preferences of the machine.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// The whole screen, also when the preferences do not ask for it.
    pub fullscreen: bool,
    /// Language of the screens for this run; `None`: the preferences'.
    pub language: Option<Language>,
}

/// Shows the window until [`slint::quit_event_loop`] is called, which the host's `quit` does.
///
/// # Errors
/// No window can be made here (no display, no memory).
pub fn run(host: Arc<dyn Host>, options: &RunOptions) -> Result<(), PlatformError> {
    let Preferences { fullscreen, .. } = host.preferences();
    let wake = Arc::new(|| {
        // An error means that the loop has ended: nobody is left to wake.
        let _ = slint::invoke_from_event_loop(|| {
            if let Some(ui) = Ui::of_this_thread() {
                ui.pump();
            }
        });
    });
    let start = Instant::now();
    let ui = Ui::new(host, wake, Box::new(move || start.elapsed()))?;
    if let Some(language) = options.language {
        ui.act(move |shell| {
            shell.language = language;
            shell.language_of_run = true;
        });
    }
    keep_focus(&ui);
    ui.window().window().set_fullscreen(fullscreen || options.fullscreen);
    ui.window().show()?;
    let shown = Rc::downgrade(&ui);
    // Once the loop runs there is a window that knows its screen.
    Timer::single_shot(Duration::ZERO, move || {
        if let Some(ui) = shown.upgrade() {
            fit(&ui);
        }
    });
    slint::run_event_loop_until_quit()?;
    ui.window().hide()
}

/// Makes the window no larger than its screen, where nobody else does: a register often runs without a window manager.
fn fit(ui: &Ui) {
    use slint::winit_030::WinitWindowAccessor;
    let window = ui.window().window();
    let screen = window.with_winit_window(|own| own.current_monitor().map(|monitor| monitor.size())).flatten();
    let Some(screen) = screen else { return };
    let own = window.size();
    if screen.width > 0 && (own.width > screen.width || own.height > screen.height) {
        let size = PhysicalSize::new(own.width.min(screen.width), own.height.min(screen.height));
        window.set_size(size);
        window.set_position(PhysicalPosition::new(0, 0));
    }
}

/// What has the focus may go, or give it away, after everything was shown: until something is shown again no key would
/// arrive anywhere, not even a scan. So it is looked at once more when a key comes, before Slint sees it.
fn keep_focus(ui: &Rc<Ui>) {
    let weak = Rc::downgrade(ui);
    ui.window().window().on_winit_window_event(move |_, event| {
        if let (winit::event::WindowEvent::KeyboardInput { .. }, Some(ui)) = (event, weak.upgrade()) {
            focus::keep(ui.window());
        }
        EventResult::Propagate
    });
}
