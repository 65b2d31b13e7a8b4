//! Contact sheets: many pictures of screens on one, small and labelled, so that a person sees all of them at a glance.
//!
//! Owns the names of the pictures (`<screen>-<theme>-<width>x<height>-<language>.png`) and what stands on which sheet.

mod letters;
mod picture;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use picture::Picture;

use crate::failure::{Context, Failure, Outcome};

/// How wide a picture is on its sheet: texts of 14 pixels at 1280 are still shapes that one recognises.
const SMALL_WIDTH: usize = 480;
const COLUMNS: usize = 3;
/// More rows would be shrunk by whatever shows the sheet.
const ROWS_MAX: usize = 4;
const GAP: usize = 16;
const LABEL_HEIGHT: usize = 28;
const PAPER: [u8; 3] = [0x70, 0x74, 0x7C];
const INK: [u8; 3] = [0xFF, 0xFF, 0xFF];
/// What the name of a sheet begins with; no screen may be called so.
const SHEET: &str = "sheet";

/// What the name of a picture says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shot {
    screen: String,
    theme: String,
    size: String,
    language: String,
    file: PathBuf,
}

impl Shot {
    /// Reads a name; `None` for files that are no picture of a screen.
    fn from_file(file: &Path) -> Option<Self> {
        let mut parts = file.file_name()?.to_str()?.strip_suffix(".png")?.rsplitn(4, '-').map(str::to_owned);
        let (language, size, theme, screen) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (width, height) = size.split_once('x')?;
        let is_size = [width, height].iter().all(|side| side.parse::<usize>().is_ok());
        let is_shot = is_size && matches!(theme.as_str(), "light" | "dark") && screen != SHEET;
        is_shot.then(|| Self { screen, theme, size, language, file: file.to_owned() })
    }

    fn sheet(&self) -> String {
        format!("{SHEET}-{}-{}-{}", self.theme, self.size, self.language)
    }
}

/// Removes the pictures and sheets of an earlier run: a screen that is gone must not be looked at.
///
/// # Errors
/// The folder cannot be read, or a file cannot be removed.
pub fn clear(folder: &Path) -> Outcome<()> {
    for file in pictures(folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if Shot::from_file(&file).is_some() || name.starts_with(&format!("{SHEET}-")) {
            fs::remove_file(&file).while_doing(format!("removing {}", file.display()))?;
        }
    }
    Ok(())
}

/// Makes the sheets of all pictures in a folder; returns their files.
///
/// # Errors
/// There is no picture, or one cannot be read or written.
pub fn make(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut groups: BTreeMap<String, Vec<Shot>> = BTreeMap::new();
    for shot in pictures(folder)?.iter().filter_map(|file| Shot::from_file(file)) {
        groups.entry(shot.sheet()).or_default().push(shot);
    }
    if groups.is_empty() {
        return Err(Failure::refused(format!("no picture of a screen in {}", folder.display())));
    }
    let mut sheets = Vec::new();
    for (name, mut shots) in groups {
        shots.sort();
        for (number, part) in shots.chunks(COLUMNS * ROWS_MAX).enumerate() {
            let file = folder.join(format!("{name}-{}.png", number + 1));
            compose(part)?.write(&file)?;
            sheets.push(file);
        }
    }
    Ok(sheets)
}

fn pictures(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let doing = || format!("reading {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).while_doing(doing())? {
        let file = entry.while_doing(doing())?.path();
        if file.extension().is_some_and(|extension| extension == "png") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// One sheet: the label stands above its picture, the screens row by row.
fn compose(shots: &[Shot]) -> Outcome<Picture> {
    let mut small = Vec::new();
    for shot in shots {
        small.push((Picture::read(&shot.file)?.shrunk(SMALL_WIDTH), shot.screen.as_str()));
    }
    let cell = small.iter().map(|(picture, _)| picture.height()).max().unwrap_or(0) + LABEL_HEIGHT + GAP;
    let columns = COLUMNS.min(small.len());
    let width = GAP + columns * (SMALL_WIDTH + GAP);
    let mut sheet = Picture::filled(width, GAP + small.len().div_ceil(COLUMNS) * cell, PAPER);
    for (at, (picture, label)) in small.iter().enumerate() {
        let left = GAP + at % COLUMNS * (SMALL_WIDTH + GAP);
        let top = GAP + at / COLUMNS * cell;
        letters::write(&mut sheet, label, left, top, INK);
        sheet.paste(picture, left, top + LABEL_HEIGHT);
    }
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_right() {
        let shot = Shot::from_file(Path::new("out/settings-shop-dark-1280x800-fr.png")).unwrap();
        assert_eq!((shot.screen.as_str(), shot.theme.as_str()), ("settings-shop", "dark"));
        assert_eq!((shot.size.as_str(), shot.language.as_str()), ("1280x800", "fr"));
        for stranger in
            ["sale.png", "sale-light-1280x800-en.txt", "sale-blue-1280x800-en.png", "sheet-light-1280x800-1.png"]
        {
            assert_eq!(Shot::from_file(Path::new(stranger)), None, "{stranger}");
        }
    }

    #[test]
    fn a_sheet_holds_every_picture_of_its_theme_size_and_language() {
        let place = tempfile::tempdir().unwrap();
        let red = Picture::filled(960, 600, [0xFF, 0, 0]);
        for number in 1..=13 {
            red.write(&place.path().join(format!("screen-{number:02}-light-960x600-en.png"))).unwrap();
        }
        red.write(&place.path().join("sale-dark-960x600-en.png")).unwrap();
        red.write(&place.path().join("sale-light-960x600-de.png")).unwrap();
        fs::write(place.path().join("notes.txt"), "kept").unwrap();

        let sheets = make(place.path()).unwrap();
        let names: Vec<_> = sheets.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
        let expected = ["dark-960x600-en-1", "light-960x600-de-1", "light-960x600-en-1", "light-960x600-en-2"];
        assert_eq!(names, expected.map(|name| format!("sheet-{name}.png")));

        let full = Picture::read(&sheets[2]).unwrap();
        assert_eq!((full.width(), full.height()), (16 + 3 * 496, 16 + 4 * (300 + 28 + 16)));
        // The middle of the last picture, and the paper between two.
        assert_eq!(full.pixel(16 + 2 * 496 + 240, 16 + 3 * 344 + 28 + 150), [0xFF, 0, 0]);
        assert_eq!(full.pixel(8, 8), PAPER);
        let single = Picture::read(&sheets[3]).unwrap();
        assert_eq!((single.width(), single.height()), (16 + 496, 16 + 344));
        // The label is on it.
        let label = (16..16 + 28).flat_map(|y| (16..512).map(move |x| (x, y)));
        assert!(label.into_iter().any(|(x, y)| single.pixel(x, y) == INK));

        // A second run starts from nothing, and leaves alone what is not its own.
        clear(place.path()).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        assert!(make(place.path()).is_err());
    }
}
