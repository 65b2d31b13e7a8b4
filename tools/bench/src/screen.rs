//! A display in memory, injected keys and taps, and eyes: what another X client sees, and when.

use crate::BenchResult;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, IoSlice};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::xproto::{self, ConnectionExt as _, ImageFormat, InputFocus};
use x11rb::rust_connection::RustConnection;

/// Between two looks: what is seen is at most so much older than it is told.
const PAUSE: Duration = Duration::from_micros(300);
/// What has not changed for so long does not change any more.
const STILL: Duration = Duration::from_millis(250);
/// Nothing that is measured takes so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Keys by their number in X, which for the first 256 is that of Latin 1.
pub mod key {
    pub const ESCAPE: u32 = 0xff1b;
    pub const RETURN: u32 = 0xff0d;
    pub const F1: u32 = 0xffbe;

    /// F1 to F12.
    pub fn function(number: u32) -> u32 {
        F1 + number - 1
    }
}

/// A part of the display, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    pub x: i16,
    pub y: i16,
    pub width: u16,
    pub height: u16,
}

/// A window.
#[derive(Debug, Clone, Copy)]
pub struct Target(pub u32);

/// When something was seen after it was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// The first change.
    pub first: Duration,
    /// The change after which nothing changed any more.
    pub last: Duration,
}

/// A display in memory with one client that looks and types.
#[derive(Debug)]
pub struct Screen {
    server: Child,
    name: String,
    client: RustConnection,
    root: u32,
    xtest: u8,
    keys: HashMap<u32, u8>,
}

impl Screen {
    /// Starts one under a free number.
    pub fn start(width: u16, height: u16) -> BenchResult<Screen> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{width}x{height}x24")]);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().map_err(|error| format!("Xvfb does not start: {error}"))?;
        let mut number = String::new();
        BufReader::new(server.stdout.take().ok_or("Xvfb has no pipe")?).read_line(&mut number)?;
        let name = format!(":{}", number.trim());
        let (client, screen) = x11rb::connect(Some(&name))?;
        let root = client.setup().roots[screen].root;
        let xtest = client.query_extension(b"XTEST")?.reply()?;
        if !xtest.present {
            return Err("Xvfb has no XTEST".into());
        }
        let keys = keys(&client)?;
        Ok(Screen { server, name, client, root, xtest: xtest.major_opcode, keys })
    }

    /// For `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is seen of a part.
    pub fn look(&self, area: Area) -> BenchResult<Vec<u8>> {
        let Area { x, y, width, height } = area;
        let image = self.client.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX)?;
        Ok(image.reply()?.data)
    }

    /// Acts, and tells when the part changed.
    pub fn watch(&self, what: &str, area: Area, act: impl FnOnce() -> BenchResult<()>) -> BenchResult<Seen> {
        let mut current = self.look(area)?;
        let start = Instant::now();
        act()?;
        let mut seen: Option<Seen> = None;
        loop {
            let now = self.look(area)?;
            let at = start.elapsed();
            if now != current {
                current = now;
                seen = Some(Seen { first: seen.map_or(at, |seen| seen.first), last: at });
            }
            match seen {
                Some(seen) if at - seen.last > STILL => return Ok(seen),
                None if at > PATIENCE => return Err(format!("{what}: nothing changed").into()),
                _ => thread::sleep(PAUSE),
            }
        }
    }

    /// Acts, and tells when the part changed first; does not wait for more.
    pub fn first(&self, what: &str, area: Area, act: impl FnOnce() -> BenchResult<()>) -> BenchResult<Duration> {
        let before = self.look(area)?;
        let start = Instant::now();
        act()?;
        self.until(what, start, || Ok(self.look(area)? != before))
    }

    /// Waits until a part looks like this.
    pub fn until_like(&self, what: &str, area: Area, picture: &[u8], start: Instant) -> BenchResult<Duration> {
        self.until(what, start, || Ok(self.look(area)? == picture))
    }

    fn until(&self, what: &str, start: Instant, mut is_it: impl FnMut() -> BenchResult<bool>) -> BenchResult<Duration> {
        while !is_it()? {
            if start.elapsed() > PATIENCE {
                return Err(format!("{what}: not seen").into());
            }
            thread::sleep(PAUSE);
        }
        Ok(start.elapsed())
    }

    /// Waits until a part has not changed for a while, and gives it.
    pub fn still(&self, what: &str, area: Area, quiet: Duration) -> BenchResult<Vec<u8>> {
        let (start, mut since) = (Instant::now(), Instant::now());
        let mut current = self.look(area)?;
        while since.elapsed() < quiet {
            thread::sleep(Duration::from_millis(5));
            let now = self.look(area)?;
            if now != current {
                (current, since) = (now, Instant::now());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("{what}: it does not come to rest").into());
            }
        }
        Ok(current)
    }

    /// Presses and releases a key.
    pub fn key(&self, key: u32) -> BenchResult<()> {
        let code = *self.keys.get(&key).ok_or_else(|| format!("the keyboard has no key {key:#x}"))?;
        self.inject(xproto::KEY_PRESS_EVENT, code, (0, 0))?;
        self.inject(xproto::KEY_RELEASE_EVENT, code, (0, 0))?;
        Ok(self.client.flush()?)
    }

    /// Types figures and small letters, as fast as they are taken.
    pub fn text(&self, text: &str) -> BenchResult<()> {
        text.chars().try_for_each(|character| self.key(u32::from(character)))
    }

    /// Moves the pointer, without a tap.
    pub fn point(&self, at: (i16, i16)) -> BenchResult<()> {
        self.inject(xproto::MOTION_NOTIFY_EVENT, 0, at)?;
        Ok(self.client.flush()?)
    }

    /// Taps where the pointer is.
    pub fn tap(&self) -> BenchResult<()> {
        self.inject(xproto::BUTTON_PRESS_EVENT, 1, (0, 0))?;
        self.inject(xproto::BUTTON_RELEASE_EVENT, 1, (0, 0))?;
        Ok(self.client.flush()?)
    }

    /// The extension's only request that is needed here, by hand: its feature would change how the window is built.
    fn inject(&self, event: u8, detail: u8, (x, y): (i16, i16)) -> BenchResult<()> {
        let mut request = [0; 36];
        request[..6].copy_from_slice(&[self.xtest, 2, 0, 0, event, detail]);
        request[2..4].copy_from_slice(&9_u16.to_ne_bytes());
        request[12..16].copy_from_slice(&self.root.to_ne_bytes());
        request[24..26].copy_from_slice(&x.to_ne_bytes());
        request[26..28].copy_from_slice(&y.to_ne_bytes());
        self.client.send_request_without_reply(&[IoSlice::new(&request)], Vec::new())?.ignore_error();
        Ok(())
    }

    /// The program's window, which is the only large one.
    pub fn window(&self) -> BenchResult<Target> {
        let tree = self.client.query_tree(self.root)?.reply()?;
        for window in tree.children {
            let seen = self.client.get_window_attributes(window)?.reply()?.map_state == xproto::MapState::VIEWABLE;
            if seen && self.client.get_geometry(window)?.reply()?.width > 500 {
                return Ok(Target(window));
            }
        }
        Err("no window is seen".into())
    }

    /// Gives the keys to a window: without a window manager nobody does.
    pub fn focus(&self, target: Target) -> BenchResult<()> {
        self.client.set_input_focus(InputFocus::PARENT, target.0, x11rb::CURRENT_TIME)?;
        // Answered when it is done.
        self.client.get_input_focus()?.reply()?;
        Ok(())
    }

    /// Keeps what is seen, for people.
    pub fn save(&self, area: Area, file: &Path) -> BenchResult<()> {
        let mut out = format!("P6\n{} {}\n255\n", area.width, area.height).into_bytes();
        out.extend(self.look(area)?.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]));
        Ok(std::fs::write(file, out)?)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Which key types what, without Shift.
fn keys(client: &RustConnection) -> BenchResult<HashMap<u32, u8>> {
    let (least, most) = (client.setup().min_keycode, client.setup().max_keycode);
    let mapping = client.get_keyboard_mapping(least, most - least + 1)?.reply()?;
    let per_key = usize::from(mapping.keysyms_per_keycode).max(1);
    let mut keys = HashMap::new();
    for (code, symbols) in (least..=most).zip(mapping.keysyms.chunks(per_key)) {
        if let Some(&symbol) = symbols.first().filter(|symbol| **symbol != 0) {
            keys.entry(symbol).or_insert(code);
        }
    }
    Ok(keys)
}
