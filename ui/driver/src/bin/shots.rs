//! `aurapos-shots`: draws every screen into files, without a display. `cargo xtask shots` builds it, calls it and makes
//! contact sheets of the files.

#![forbid(unsafe_code)]

use aurapos_ui::host::ThemeChoice;
use aurapos_ui_driver::tour::{self, Ground, STOPS, Stop};
use aurapos_ui_driver::{Driver, place};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Failure = Box<dyn std::error::Error>;

/// What is drawn when nothing else is asked for.
const SIZES: [(u32, u32); 3] = [(1024, 768), (1280, 800), (1920, 1080)];
const LANGUAGES: [&str; 4] = ["fr", "nl", "de", "qps"];
/// The languages are looked at in the usual size.
const USUAL: (u32, u32) = (1280, 800);

/// One way to draw a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    dark: bool,
    size: (u32, u32),
    language: String,
}

/// What the command line asks for.
#[derive(Debug, Default)]
struct Wish {
    out: PathBuf,
    screen: String,
    theme: Option<String>,
    size: Option<(u32, u32)>,
    language: Option<String>,
}

fn wish(arguments: impl Iterator<Item = String>) -> Result<Wish, Failure> {
    let mut wish = Wish { out: PathBuf::from("."), ..Wish::default() };
    let mut arguments = arguments;
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--out" => wish.out = PathBuf::from(value),
            "--screen" => wish.screen = value,
            "--theme" => wish.theme = Some(value),
            "--lang" => wish.language = Some(value),
            "--size" => {
                let (width, height) = value.split_once('x').ok_or("a size is like 1280x800")?;
                wish.size = Some((width.parse()?, height.parse()?));
            }
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    Ok(wish)
}

/// Both themes in three sizes in English, and each other language once; or what of it is asked for.
fn looks(wish: &Wish) -> Vec<Look> {
    let mut all = Vec::new();
    let english = wish.language.is_none() || wish.language.as_deref() == Some("en");
    let sizes = wish.size.map_or_else(|| SIZES.to_vec(), |size| vec![size]);
    let themes: Vec<bool> = match wish.theme.as_deref() {
        None => vec![false, true],
        Some(theme) => vec![theme == "dark"],
    };
    if english {
        for size in &sizes {
            all.extend(themes.iter().map(|dark| Look { dark: *dark, size: *size, language: "en".to_owned() }));
        }
    }
    let others: Vec<String> = match &wish.language {
        Some(language) if language == "en" => Vec::new(),
        Some(language) => vec![language.clone()],
        None => LANGUAGES.map(str::to_owned).to_vec(),
    };
    // Once each, unless more was asked for.
    let size = wish.size.unwrap_or(USUAL);
    let dark = wish.theme.as_deref() == Some("dark");
    all.extend(others.into_iter().map(|language| Look { dark, size, language }));
    all
}

fn draw(driver: &Driver, stop: &Stop, look: &Look, out: &Path) -> Result<(), Failure> {
    let theme = if look.dark { "dark" } else { "light" };
    let (width, height) = look.size;
    let name = format!("{}-{theme}-{width}x{height}-{}.png", stop.name, look.language);
    let file = out.join(name);
    stop.go(driver);
    driver.picture(&file)?;
    println!("{}", file.display());
    Ok(())
}

fn run() -> Result<(), Failure> {
    let wish = wish(std::env::args().skip(1))?;
    std::fs::create_dir_all(&wish.out)?;
    let looks = looks(&wish);
    for ground in Ground::ALL {
        let of_ground = |stop: &&Stop| stop.ground == ground && stop.name.starts_with(wish.screen.as_str());
        let stops: Vec<&Stop> = STOPS.iter().filter(of_ground).collect();
        if stops.is_empty() {
            continue;
        }
        let folder = tempfile::tempdir()?;
        // A name that may stand on the pictures.
        let shop = folder.path().join("AuraPOS");
        std::fs::create_dir_all(&shop)?;
        tour::prepare(ground, &shop);
        let driver = Driver::open(place::host(&shop), USUAL.0, USUAL.1);
        for look in &looks {
            let theme = if look.dark { ThemeChoice::Dark } else { ThemeChoice::Light };
            driver.act(move |shell| shell.preferences.theme = theme);
            driver.speak(&look.language)?;
            driver.resize(look.size.0, look.size.1);
            for stop in &stops {
                draw(&driver, stop, look, &wish.out)?;
            }
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("aurapos-shots: {error}");
            ExitCode::FAILURE
        }
    }
}
