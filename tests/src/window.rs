//! The program with the window, used as a person does: a display in memory, keys and taps typed by `xdotool`, and what is
//! seen by another X client.
//!
//! Owns how a display and the program are started, looked at and ended. Every wait has a limit. Must not look into the
//! program.

use crate::shop::{PATIENCE, Said, programs, run};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// Between two looks at something that is waited for.
const PAUSE: Duration = Duration::from_millis(20);

/// The symbol of Enter, as X names it.
const ENTER: u32 = 0xff0d;

/// What is the same in so many looks in a row does not move: longer than a caret's blink.
const LOOKS_AT_REST: u32 = 15;

/// Looks again and again until there is something to see.
///
/// # Panics
/// It does not come in time.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        thread::sleep(PAUSE);
    }
}

/// A display in memory. Dropped, it ends, and with it every program on it loses its window.
#[derive(Debug)]
pub struct Display {
    server: Child,
    name: String,
    client: RustConnection,
    root: u32,
    size: (u16, u16),
}

impl Display {
    /// Starts one under a free number.
    ///
    /// # Panics
    /// Xvfb is not installed, or does not start.
    pub fn start(width: u16, height: u16) -> Self {
        let screen = format!("{width}x{height}x24");
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &screen]);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server =
            command.spawn().unwrap_or_else(|error| panic!("Xvfb is needed (`cargo xtask test` installs it): {error}"));
        // Said once it listens.
        let mut number = String::new();
        let told = BufReader::new(server.stdout.take().expect("it is piped")).read_line(&mut number);
        assert!(told.is_ok() && !number.trim().is_empty(), "Xvfb does not start");
        let name = format!(":{}", number.trim());
        let (client, screen) = x11rb::connect(Some(&name)).expect("Xvfb takes clients");
        let root = client.setup().roots[screen].root;
        Display { server, name, client, root, size: (width, height) }
    }

    /// What is to be seen on it now.
    ///
    /// # Panics
    /// The display is gone.
    pub fn picture(&self) -> Picture {
        let (width, height) = self.size;
        let image = self.client.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, u32::MAX);
        let image = image.expect("the display is asked").reply().expect("the display answers");
        // Blue, green, red and nothing, as X keeps 24 bits.
        let pixels = image.data.chunks_exact(4).map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        Picture { width, height, pixels }
    }

    /// Runs `xdotool` with these words.
    ///
    /// # Panics
    /// It is not installed, or fails.
    pub fn hand(&self, words: &[&str]) -> String {
        let said = self.try_hand(words);
        assert!(said.status.success(), "xdotool {words:?}: {said:?}");
        said.out
    }

    fn try_hand(&self, words: &[&str]) -> Said {
        run(Command::new("xdotool").env("DISPLAY", &self.name).args(words), b"")
    }

    /// Presses keys, one after the other.
    pub fn keys(&self, keys: &[&str]) {
        self.hand(&[&["key"], keys].concat());
    }

    /// Types a code of digits, and Enter, as a scanner does: in one burst that no busy machine tears apart, because all of
    /// its keys go to the display in one message.
    ///
    /// # Panics
    /// The display has no such key, or is gone.
    pub fn scan(&self, code: &str) {
        let digits = code.chars().map(u32::from);
        for symbol in digits.chain([ENTER]) {
            let key = self.key_of(symbol);
            for event in [KEY_PRESS_EVENT, KEY_RELEASE_EVENT] {
                let typed = self.client.xtest_fake_input(event, key, CURRENT_TIME, self.root, 0, 0, 0);
                typed.expect("the display is asked");
            }
        }
        // Answered once the keys before it were typed.
        self.client.get_input_focus().expect("the display is asked").reply().expect("the display answers");
    }

    /// The key that types a symbol without Shift.
    fn key_of(&self, symbol: u32) -> u8 {
        let (first, last) = (self.client.setup().min_keycode, self.client.setup().max_keycode);
        let map = self.client.get_keyboard_mapping(first, last - first + 1).expect("the display is asked");
        let map = map.reply().expect("the display answers");
        let mut keys = map.keysyms.chunks_exact(map.keysyms_per_keycode.into());
        let place = keys.position(|symbols| symbols.first() == Some(&symbol)).expect("the display has the key");
        first + u8::try_from(place).expect("keys are numbered in a byte")
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What a display shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// Red, green, blue; rows from the top.
    pub pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// What stands right of a column.
    #[must_use]
    pub fn right_of(&self, column: u16) -> Picture {
        let rows = self.pixels.chunks_exact(self.width.into());
        let pixels = rows.flat_map(|row| row[column.into()..].iter().copied()).collect();
        Picture { width: self.width - column, height: self.height, pixels }
    }

    /// How many colours there are: one where nothing is shown, hundreds where there are letters.
    pub fn colours(&self) -> usize {
        let mut pixels = self.pixels.clone();
        pixels.sort_unstable();
        pixels.dedup();
        pixels.len()
    }

    /// Keeps it as a file, for people.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn save(&self, file: &Path) {
        let out = std::fs::File::create(file).expect("the picture can be written");
        let mut encoder = png::Encoder::new(out, self.width.into(), self.height.into());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("the picture can be written");
        writer.write_image_data(self.pixels.as_flattened()).expect("the picture can be written");
    }
}

/// The program, running on a display. Dropped, it is killed.
#[derive(Debug)]
pub struct Program<'a> {
    child: Child,
    display: &'a Display,
    errors: Receiver<String>,
}

/// `aurapos --data DIR` without a display.
pub fn command(data: &Path) -> Command {
    let program = programs().join("aurapos");
    assert!(program.exists(), "{} is missing: build aurapos-app", program.display());
    let mut command = Command::new(program);
    for name in ["AURAPOS_DATA", "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "SLINT_BACKEND", "SLINT_SCALE_FACTOR"]
    {
        command.env_remove(name);
    }
    command.arg("--data").arg(data);
    command
}

impl<'a> Program<'a> {
    /// Starts it with more words on the command line.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start(display: &'a Display, data: &Path, more: &[&str]) -> Self {
        let mut command = command(data);
        let command = command.env("DISPLAY", &display.name).args(more);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut stderr = child.stderr.take().expect("it is piped");
        let (tell, errors) = channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error is what there is.
            let _ = stderr.read_to_end(&mut bytes);
            let _ = tell.send(String::from_utf8_lossy(&bytes).into_owned());
        });
        Program { child, display, errors }
    }

    /// Starts it and waits for its window, which gets the keys from now on: without a window manager nobody gives it them.
    pub fn open(display: &'a Display, data: &Path, more: &[&str]) -> Self {
        let mut program = Self::start(display, data, more);
        let window = program.window();
        display.hand(&["windowfocus", "--sync", &window]);
        program
    }

    /// Waits for its window.
    ///
    /// # Panics
    /// It ends before, or does not open one.
    pub fn window(&mut self) -> String {
        wait_for("the window", || {
            assert!(self.is_running(), "it ended: {:?}", self.errors.recv_timeout(PATIENCE));
            // It fails as long as there is none.
            let found = self.display.try_hand(&["search", "--onlyvisible", "--name", "AuraPOS"]);
            found.out.lines().next().map(str::to_owned)
        })
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Waits for a picture of which this is true.
    ///
    /// # Panics
    /// The program ends, or no such picture comes.
    pub fn sees(&mut self, what: &str, mut is_it: impl FnMut(&Picture) -> bool) -> Picture {
        wait_for(what, || {
            assert!(self.is_running(), "it ended: {:?}", self.errors.recv_timeout(PATIENCE));
            Some(self.display.picture()).filter(|picture| is_it(picture))
        })
    }

    /// Waits until the picture does not change any more.
    ///
    /// # Panics
    /// The program ends, or it does not come to rest.
    pub fn rests(&mut self) -> Picture {
        let (mut last, mut looks) = (self.display.picture(), 0);
        self.sees("a picture at rest", |now| {
            looks = if *now == last { looks + 1 } else { 0 };
            last.clone_from(now);
            looks == LOOKS_AT_REST
        })
    }

    /// Closes the window as its close button does: asks it to go.
    ///
    /// # Panics
    /// There is no window.
    pub fn close_window(&mut self) {
        let window = self.window().parse().expect("xdotool names windows by number");
        let client = &self.display.client;
        let atom = |name: &str| {
            let asked = client.intern_atom(false, name.as_bytes()).expect("the display is asked");
            asked.reply().expect("the display answers").atom
        };
        let (protocols, delete) = (atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"));
        let event = ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
        client.send_event(false, window, EventMask::NO_EVENT, event).expect("the display is asked");
        client.flush().expect("the display is asked");
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// It is gone.
    pub fn signal(&self, signal: libc::c_int) {
        let id = libc::pid_t::try_from(self.child.id()).expect("a process has a number");
        // SAFETY: kill takes numbers only; the process is our child and was not waited for.
        #[allow(unsafe_code)]
        let sent = unsafe { libc::kill(id, signal) };
        assert_eq!(sent, 0, "the program is gone");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// It does not end.
    pub fn ended(mut self) -> Said {
        let status = wait_for("the end", || self.child.try_wait().expect("it is our child"));
        let err = self.errors.recv_timeout(PATIENCE).expect("it has ended");
        Said { status, out: String::new(), err }
    }
}

impl Drop for Program<'_> {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
