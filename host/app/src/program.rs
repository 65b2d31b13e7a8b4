//! The program from its first line to its exit code.

use crate::args::Args;
use crate::instance::{self, Claim, Instance};
use crate::{HostOptions, RuntimeHost, os};
use aurapos_runtime::locale::Language;
use aurapos_runtime::logs::{self, LogGuard};
use aurapos_runtime::settings::MachineSettings;
use aurapos_runtime::{DataFolder, RuntimeError};
use aurapos_ui::host::Host as _;
use aurapos_ui::{RunOptions, Ui};
use slint::winit_030::WinitWindowAccessor as _;
use slint::{BackendSelector, ComponentHandle as _, SetRenderingNotifierError};
use std::process::ExitCode;
use std::sync::Arc;

/// Nothing is written to standard output; what a person has to know goes to standard error.
pub fn run(args: &Args) -> ExitCode {
    match start(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("aurapos: {message}");
            ExitCode::FAILURE
        }
    }
}

fn start(args: &Args) -> Result<(), String> {
    let folder = args.folder()?;
    let instance = match instance::claim(folder.root()) {
        Claim::First(instance) => instance,
        Claim::Shown => {
            eprintln!("aurapos: the register of {} is open already; its window is shown.", folder.root().display());
            return Ok(());
        }
    };
    let log = log(&folder);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), safe_mode = args.safe_mode, "starts");
    select_backend().map_err(|error| no_screen(&error))?;
    let result = open(args, folder, instance);
    tracing::info!("ended");
    drop(log);
    result
}

/// The log begins before a register is open; in a folder that cannot be written there is none, and opening says why.
fn log(folder: &DataFolder) -> Option<LogGuard> {
    let level = MachineSettings::read(folder).map_or_else(|_| "info".to_owned(), |settings| settings.log_level);
    let made = folder.create().map_err(RuntimeError::from);
    made.ok().and_then(|()| logs::start(folder, &level).ok())
}

/// The software renderer in a window of winit, unless the environment names another.
fn select_backend() -> Result<(), slint::PlatformError> {
    if let Some(chosen) = std::env::var_os("SLINT_BACKEND").filter(|chosen| !chosen.is_empty()) {
        tracing::info!(backend = %chosen.to_string_lossy(), "SLINT_BACKEND chooses the renderer");
        return Ok(());
    }
    BackendSelector::new().backend_name("winit".to_owned()).renderer_name("software".to_owned()).select()
}

fn open(args: &Args, folder: DataFolder, instance: Instance) -> Result<(), String> {
    let options = HostOptions { safe_mode: args.safe_mode, ..HostOptions::new(folder) };
    let quit = || {
        // Without a loop there is nothing to end: it has ended already, or never began.
        let _ = slint::quit_event_loop();
    };
    let host = RuntimeHost::new(options, Box::new(quit));
    let host = Arc::new(host.map_err(|error| format!("the system gives the program no threads: {error}."))?);
    instance::serve(instance, &host);
    let ending = Arc::downgrade(&host);
    let on_end = move || {
        if let Some(host) = ending.upgrade() {
            host.quit(false);
        }
    };
    if let Err(error) = os::on_end(on_end) {
        tracing::warn!("requests to end are not heard: {error}");
    }
    let look = Arc::downgrade(&host);
    // Queued until the loop runs.
    let _ = slint::invoke_from_event_loop(move || {
        let Some(ui) = Ui::of_this_thread() else { return };
        let looked = async move {
            let window = ui.window().window();
            // The window comes some turns after the loop began; another backend has none, and says so at once.
            let backend = if window.winit_window().await.is_ok() { "winit" } else { "another backend" };
            if let Some(host) = look.upgrade() {
                host.set_renderer(&renderer(window, backend));
            }
        };
        if let Err(error) = slint::spawn_local(looked) {
            tracing::warn!("nobody can say what draws the window: {error}");
        }
    });
    let language = args.lang.as_deref().and_then(Language::from_code);
    let shown = aurapos_ui::run(host.clone(), &RunOptions { fullscreen: args.fullscreen, language });
    host.end();
    shown.map_err(|error| no_screen(&error))
}

/// What draws this window, as the window says.
fn renderer(window: &slint::Window, backend: &str) -> String {
    // The software renderer is the one that tells nobody of its frames.
    let drawn = match window.set_rendering_notifier(|_, _| {}) {
        Err(SetRenderingNotifierError::Unsupported) => "software renderer",
        _ => "graphics processor",
    };
    format!("Slint, {backend}, {drawn}")
}

/// The particulars are for the log; a person needs the next step.
fn no_screen(error: &slint::PlatformError) -> String {
    tracing::error!("no window: {error}");
    "no window can be opened here, because there is no screen or no graphical session.\nStart it in one (DISPLAY or \
     WAYLAND_DISPLAY is then set); without a screen, `aurapos-admin` does everything else. The log in the data folder \
     tells more."
        .to_owned()
}
