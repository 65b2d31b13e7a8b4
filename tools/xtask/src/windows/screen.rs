//! A display in memory, and the picture on it.
//!
//! Xvfb keeps what it shows in a file of the old format XWD: a header of big-endian numbers, a table of colours that this
//! kind of screen does not use, and four bytes a pixel.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure, Outcome};
use crate::sheet::Picture;

/// As large as the screens are drawn for.
const SCREEN: &str = "1280x800x24";
/// How long a window may take, with a whole Windows starting below it.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(500);
/// A screen of the register has more colours than a bare display or an empty window.
const COLOURS_MIN: usize = 32;
/// The part of the picture that one colour may have, in percent.
const ONE_COLOUR_MAX: usize = 97;
/// Pictures in a row that are the same: what comes in is at rest.
const AT_REST: usize = 3;

/// A display that ends with this.
#[derive(Debug)]
pub(super) struct Display {
    server: Child,
    name: String,
    file: PathBuf,
}

impl Display {
    /// Opens one; its file lies in `folder`.
    pub(super) fn open(folder: &Path) -> Outcome<Self> {
        let frames = folder.join("display");
        super::remove(&frames)?;
        fs::create_dir_all(&frames).while_doing(format!("creating {}", frames.display()))?;
        let mut command = Command::new("Xvfb");
        command.args(["-screen", "0", SCREEN, "-nolisten", "tcp", "-displayfd", "1", "-fbdir"]).arg(&frames);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().while_doing("starting Xvfb")?;
        let mut number = String::new();
        // It says its number when it is ready, and nothing when it ends before.
        let said = server.stdout.take().map(|said| BufReader::new(said).read_line(&mut number));
        let display = Self { server, name: format!(":{}", number.trim()), file: frames.join("Xvfb_screen0") };
        match said {
            Some(Ok(bytes)) if bytes > 1 => Ok(display),
            _ => Err(Failure::refused("Xvfb opens no display")),
        }
    }

    /// What programs have to know.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Waits until something was drawn and stays. `ended` says when the program that draws is gone, and how.
    pub(super) fn wait_for_colours(&self, mut ended: impl FnMut() -> Option<String>) -> Outcome<Picture> {
        let start = Instant::now();
        let (mut last, mut same) = (None, 0);
        loop {
            let picture = picture(&fs::read(&self.file).while_doing(format!("reading {}", self.file.display()))?)?;
            let drawn = is_drawn(&picture);
            same = if last.as_ref() == Some(&picture) { same + 1 } else { 0 };
            if drawn.is_ok() && same >= AT_REST {
                return Ok(picture);
            }
            if let Some(how) = ended() {
                return Err(Failure::refused(format!("the window's program ended ({how}) before it drew a screen")));
            }
            if start.elapsed() > PATIENCE {
                let what = drawn.err().unwrap_or_else(|| "it does not come to rest".to_owned());
                return Err(Failure::refused(format!("no screen within {} s: {what}", PATIENCE.as_secs())));
            }
            last = Some(picture);
            thread::sleep(POLL);
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Whether somebody drew a screen; if not, what is there instead.
fn is_drawn(picture: &Picture) -> Result<(), String> {
    let mut colours: HashMap<[u8; 3], usize> = HashMap::new();
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            *colours.entry(picture.pixel(x, y)).or_default() += 1;
        }
    }
    let most = colours.values().max().copied().unwrap_or(0) * 100 / (picture.width() * picture.height()).max(1);
    if colours.len() < COLOURS_MIN || most > ONE_COLOUR_MAX {
        return Err(format!("the picture has {} colours, one of them in {most} of 100 places", colours.len()));
    }
    Ok(())
}

/// Reads an XWD of four bytes a pixel.
fn picture(bytes: &[u8]) -> Outcome<Picture> {
    let cut = || Failure::refused("the display's picture is cut off");
    let number = |at: usize| -> Outcome<usize> {
        let four = bytes.get(at * 4..at * 4 + 4).and_then(|four| <[u8; 4]>::try_from(four).ok());
        four.map(|four| u32::from_be_bytes(four) as usize).ok_or_else(cut)
    };
    let (header, width, height) = (number(0)?, number(4)?, number(5)?);
    let (bits, row, colours, least_first) = (number(11)?, number(12)?, number(19)?, number(7)? == 0);
    if bits != 32 || width == 0 || row < width * 4 {
        return Err(Failure::refused(format!("the display has {bits} bits a pixel, 32 are understood")));
    }
    let mut picture = Picture::filled(width, height, [0; 3]);
    for y in 0..height {
        let from = header + colours * 12 + y * row;
        let line = bytes.get(from..from + width * 4).ok_or_else(cut)?;
        for (x, pixel) in line.chunks_exact(4).enumerate() {
            let colour = if least_first { [pixel[2], pixel[1], pixel[0]] } else { [pixel[1], pixel[2], pixel[3]] };
            picture.fill(x, y, (1, 1), colour);
        }
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two by two: red, green, blue, white.
    fn dump() -> Vec<u8> {
        let mut numbers = [0_u32; 25];
        (numbers[0], numbers[4], numbers[5], numbers[11], numbers[12], numbers[19]) = (104, 2, 2, 32, 8, 1);
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        bytes.extend([0; 4 + 12]);
        bytes.extend([0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0]);
        bytes
    }

    #[test]
    fn a_picture_is_read_or_refused() {
        let whole = dump();
        let read = picture(&whole).unwrap();
        assert_eq!((read.width(), read.height()), (2, 2));
        assert_eq!([read.pixel(0, 0), read.pixel(1, 0)], [[255, 0, 0], [0, 255, 0]]);
        assert_eq!([read.pixel(0, 1), read.pixel(1, 1)], [[0, 0, 255], [255, 255, 255]]);
        for length in 0..whole.len() {
            assert!(picture(&whole[..length]).is_err(), "{length}");
        }
        let mut other = whole;
        other[47] = 16;
        assert!(picture(&other).unwrap_err().to_string().contains("16 bits"));
    }

    #[test]
    fn an_empty_display_is_no_screen() {
        let mut canvas = Picture::filled(100, 100, [0; 3]);
        assert!(is_drawn(&canvas).unwrap_err().contains("1 colours"));
        for x in 0..40 {
            canvas.fill(x, 0, (1, 1), [x as u8, 7, 7]);
        }
        assert!(is_drawn(&canvas).is_err(), "a thin line is no screen");
        canvas.fill(0, 10, (100, 20), [9, 9, 9]);
        assert_eq!(is_drawn(&canvas), Ok(()));
    }
}
