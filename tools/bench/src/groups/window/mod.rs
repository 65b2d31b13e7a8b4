//! The window as a person meets it: the released program under Xvfb, with injected keys and taps; when something is to be
//! seen is found by another X client that looks at the pixels.

mod floor;
mod program;

use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::screen::{Screen, Seen, Target, key};
use crate::shop::{OPERATOR, Shop, barcodes, catalog};
use crate::{Bench, BenchResult};
use program::{Memory, Program};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Parts of the window, which is 1280x800 at the corner of the display.
mod part {
    use crate::screen::Area;

    pub const ALL: Area = Area { x: 0, y: 0, width: 1280, height: 800 };
    /// The PIN pad with its title; beside it a clock goes on.
    pub const PIN_PAD: Area = Area { x: 810, y: 20, width: 460, height: 760 };
    /// The ticket's quantities and the beginnings of its names.
    pub const TICKET: Area = Area { x: 840, y: 122, width: 200, height: 420 };
    /// The tiles, or the results of a search.
    pub const GRID: Area = Area { x: 20, y: 150, width: 200, height: 500 };
    /// The border of the search, without its caret.
    pub const SEARCH: Area = Area { x: 320, y: 6, width: 200, height: 6 };
    /// What every screen fills in its own way.
    pub const SCREEN: Area = Area { x: 20, y: 70, width: 300, height: 700 };
    /// The first tiles of each row, one below the other.
    pub const TILES: [(i16, i16); 3] = [(90, 200), (90, 350), (90, 500)];
}

/// Lines on a ticket, before the next begins: what a customer buys.
const LINES: usize = 12;
/// Between two keys of a typist and between two looks at another thing: nothing of the last is still going on.
const QUIET: Duration = Duration::from_millis(250);
/// No start takes longer; until then nothing is missing.
const START_QUIET: Duration = Duration::from_millis(2_000);

/// After it a register that rests has given back what it needed for a moment.
const IDLE: Duration = Duration::from_millis(2_500);

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let folder = prepare(bench)?;
    let screen = Screen::start(1400, 800)?;
    let mut figures = starts(bench, &screen, &folder)?;
    figures.extend(session(bench, &screen, &folder)?);
    Ok(figures)
}

/// What was to be seen when a measurement failed is kept, as long as it is to be seen.
fn kept<T>(bench: &Bench, screen: &Screen, result: BenchResult<T>) -> BenchResult<T> {
    result.map_err(|error| {
        let file = bench.programs.join("window-bench.ppm");
        let kept = screen.save(part::ALL, &file).is_ok();
        if kept { format!("{error}; what was to be seen then is in {}", file.display()).into() } else { error }
    })
}

/// A shop with its catalog, and with the backup of today: none is made while something is measured.
fn prepare(bench: &Bench) -> BenchResult<PathBuf> {
    let shop = Shop::new(bench, "window")?;
    shop.import(&catalog(bench.sizes.windowed)?)?;
    let folder = shop.folder().to_owned();
    drop(shop);
    let mut backup = std::process::Command::new(bench.programs.join("aurapos-admin"));
    let made = backup.arg("--data").arg(&folder).args(["--json", "backup", "now"]).output()?;
    if !made.status.success() {
        return Err(String::from_utf8_lossy(&made.stderr).into_owned().into());
    }
    Ok(folder)
}

/// Starts until the PIN pad is seen as it stays.
fn starts(bench: &Bench, screen: &Screen, folder: &Path) -> BenchResult<Vec<Figure>> {
    let products = bench.sizes.windowed;
    let first = Program::start(bench, screen, folder)?;
    let empty = screen.look(part::PIN_PAD)?;
    screen.first("the window", part::PIN_PAD, || Ok(()))?;
    let shown = screen.still("the PIN pad", part::PIN_PAD, START_QUIET)?;
    // An idle moment later: the register gives back what opening took.
    std::thread::sleep(IDLE);
    let idle = first.memory()?;
    eprintln!("window: {:.1} MB at the PIN pad", idle.proportional);
    first.end()?;
    let one = |times: &mut Times| -> BenchResult<()> {
        let start = Instant::now();
        screen.until_like("the window that was closed", part::PIN_PAD, &empty, start)?;
        let start = Instant::now();
        let program = Program::start(bench, screen, folder)?;
        times.add(screen.until_like("the PIN pad", part::PIN_PAD, &shown, start)?);
        program.end()
    };
    let (mut warm, mut cold) = (Times::default(), Times::default());
    for turn in 0..bench.sizes.starts {
        one(&mut warm)?;
        if turn % 2 == 0 && forget_files() {
            one(&mut cold)?;
        }
    }
    let figure = |name: &str, times: &Times, percent: f64| {
        let value = times.percentile(percent) / 1e6;
        Figure::alone(
            "window",
            format!("start to the PIN pad, {products} products, {name}"),
            value,
            "ms",
            Goal::AtMost(1_000.0),
        )
    };
    let mut figures = vec![figure("p50", &warm, 50.0), figure("slowest", &warm, 100.0)];
    if cold.percentile(50.0) > 0.0 {
        figures.push(figure("files not in memory, p50", &cold, 50.0));
        figures.push(figure("files not in memory, slowest", &cold, 100.0));
    } else {
        eprintln!("window: only root can empty the file cache; no cold start was measured");
    }
    figures.extend(idle.figures("at the PIN pad", Goal::AtMost(64.0)));
    Ok(figures)
}

/// Makes the system forget the files that it keeps in memory; false where we may not.
fn forget_files() -> bool {
    let synced = std::process::Command::new("sync").status().is_ok_and(|status| status.success());
    synced && std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

/// A register at work.
struct Desk<'a> {
    screen: &'a Screen,
    codes: Vec<String>,
    /// How many of them were scanned.
    next: std::cell::Cell<usize>,
}

fn session(bench: &Bench, screen: &Screen, folder: &Path) -> BenchResult<Vec<Figure>> {
    let bare = floor::open(screen)?;
    let program = Program::start(bench, screen, folder)?;
    let measured = kept(bench, screen, at_work(bench, screen, &program, bare))?;
    program.end()?;
    let stored = stored_sales(folder)?;
    if stored < bench.sizes.sold as u64 {
        return Err(format!("{} sales were made and {stored} are stored", bench.sizes.sold).into());
    }
    Ok(figures(bench, &measured, stored))
}

/// What a register at work showed, and how much memory it used.
struct Measured {
    floor: Both,
    scans: Both,
    taps: Both,
    searches: Both,
    switches: Both,
    signed_in: Memory,
    afterwards: Memory,
}

fn at_work(bench: &Bench, screen: &Screen, program: &Program, bare: Target) -> BenchResult<Measured> {
    screen.first("the window", part::PIN_PAD, || Ok(()))?;
    screen.still("the PIN pad", part::PIN_PAD, START_QUIET)?;
    let window = screen.window()?;
    screen.focus(window)?;
    screen.watch("the sale", part::SCREEN, || {
        screen.text(OPERATOR.1)?;
        screen.key(key::RETURN)
    })?;
    screen.still("the sale", part::SCREEN, START_QUIET)?;
    let signed_in = program.memory()?;
    let codes = barcodes(bench.sizes.windowed, 200.min(bench.sizes.windowed as usize / 2));
    let desk = Desk { screen, codes, next: std::cell::Cell::new(0) };
    let touches = bench.sizes.touches;
    screen.focus(bare)?;
    let floor =
        desk.many("bare keys", touches, |_| screen.watch("a bare key", floor::AREA, || screen.key(key::RETURN)))?;
    screen.focus(window)?;
    let scans = desk.scans(touches)?;
    let taps = desk.taps(touches)?;
    let searches = desk.searches(touches)?;
    let switches = desk.switches(touches)?;
    desk.sell(bench.sizes.sold)?;
    screen.still("the last sale", part::SCREEN, QUIET)?;
    std::thread::sleep(IDLE);
    let afterwards = program.memory()?;
    Ok(Measured { floor, scans, taps, searches, switches, signed_in, afterwards })
}

fn figures(bench: &Bench, measured: &Measured, stored: u64) -> Vec<Figure> {
    let products = bench.sizes.windowed;
    let bare = "a bare X client's rectangle for a key";
    let touch = |name: &str, times: &Both, goal: f64| {
        [(50.0, "p50", Goal::Shown), (95.0, "p95", Goal::AtMost(goal))].map(|(percent, label, goal)| {
            let value = times.first.percentile(percent) / 1e6;
            Figure::alone("window", format!("{name}, {label}"), value, "ms", goal)
                .beside(measured.floor.first.percentile(percent) / 1e6, bare)
        })
    };
    let settled = |name: &str, times: &Both, goal: f64| {
        [(50.0, "p50", Goal::Shown), (95.0, "p95", Goal::AtMost(goal))].map(|(percent, label, goal)| {
            Figure::alone("window", format!("{name}, {label}"), times.last.percentile(percent) / 1e6, "ms", goal)
        })
    };
    let mut figures = Vec::new();
    figures.extend(touch("scan's last key to the pixels of the line", &measured.scans, 50.0));
    figures.extend(touch("tap to the pixels of the line", &measured.taps, 50.0));
    figures.extend(touch(&format!("keystroke to its results in {products}"), &measured.searches, 50.0));
    figures.extend(settled("the same until nothing moves", &measured.searches, 50.0));
    figures.extend(touch("switch of the screen", &measured.switches, 150.0));
    figures.extend(settled("the same until nothing moves", &measured.switches, 150.0));
    figures.extend(measured.signed_in.figures("signed in", Goal::AtMost(80.0)));
    figures.extend(measured.afterwards.figures(&format!("after {stored} sales"), Goal::Shown));
    figures
}

/// Times to the first change and to the last.
#[derive(Default)]
struct Both {
    first: Times,
    last: Times,
}

impl Both {
    fn add(&mut self, seen: Seen) {
        self.first.add(seen.first);
        self.last.add(seen.last);
    }
}

impl Desk<'_> {
    /// So many of one kind; what came of them is told at once, because the whole takes minutes.
    fn many(&self, what: &str, count: usize, mut one: impl FnMut(usize) -> BenchResult<Seen>) -> BenchResult<Both> {
        let mut both = Both::default();
        for turn in 0..count {
            both.add(one(turn)?);
        }
        let [median, slow, still] =
            [both.first.percentile(50.0), both.first.percentile(95.0), both.last.percentile(95.0)].map(|ns| ns / 1e6);
        eprintln!("window: {what}: p50 {median:.1} ms, p95 {slow:.1} ms, at rest p95 {still:.1} ms");
        Ok(both)
    }

    fn code(&self) -> &str {
        let next = self.next.get();
        self.next.set(next + 1);
        &self.codes[next % self.codes.len()]
    }

    /// Scans; timed from the key that ends the code.
    fn scan(&self) -> BenchResult<Seen> {
        self.screen.text(self.code())?;
        self.screen.watch("a scanned line", part::TICKET, || self.screen.key(key::RETURN))
    }

    /// Pays what is on the ticket and begins the next with a line.
    fn next_ticket(&self) -> BenchResult<()> {
        self.screen.watch("a sale", part::SCREEN, || self.screen.key(key::function(10)))?;
        self.scan().map(drop)
    }

    fn scans(&self, count: usize) -> BenchResult<Both> {
        self.scan()?;
        self.many("scans", count, |turn| {
            if turn % LINES == LINES - 1 {
                self.next_ticket()?;
            }
            self.scan()
        })
    }

    fn taps(&self, count: usize) -> BenchResult<Both> {
        self.many("taps", count, |turn| {
            if turn % LINES == 0 {
                self.next_ticket()?;
            }
            self.screen.point(part::TILES[turn % part::TILES.len()])?;
            self.screen.still("the tiles", part::GRID, QUIET)?;
            self.screen.watch("a tapped line", part::TICKET, || self.screen.tap())
        })
    }

    /// The first letter, of which there are most: its results take the place of the tiles.
    fn searches(&self, count: usize) -> BenchResult<Both> {
        self.many("searches", count, |turn| {
            self.screen.watch("the search's focus", part::SEARCH, || self.screen.key(key::function(2)))?;
            let letter = ["c", "p", "j", "b", "t"][turn % 5];
            let seen = self.screen.watch("results", part::GRID, || self.screen.text(letter))?;
            self.screen.watch("the tiles", part::GRID, || self.screen.key(key::ESCAPE))?;
            self.screen.still("the search that was left", part::SEARCH, QUIET)?;
            Ok(seen)
        })
    }

    /// Sale, Orders, Sale, More.
    fn switches(&self, count: usize) -> BenchResult<Both> {
        self.many("switches", count, |turn| {
            let number = [6, 5, 7, 5][turn % 4];
            self.screen.watch("another screen", part::SCREEN, || self.screen.key(key::function(number)))
        })
    }

    /// Sells one scanned product after the other for cash.
    fn sell(&self, count: usize) -> BenchResult<()> {
        for _ in 0..count {
            self.screen.text(self.code())?;
            self.screen.first("a line", part::TICKET, || self.screen.key(key::RETURN))?;
            self.screen.still("the line", part::TICKET, Duration::from_millis(60))?;
            self.screen.first("a sale", part::SCREEN, || self.screen.key(key::function(10)))?;
            self.screen.still("the change", part::SCREEN, Duration::from_millis(60))?;
        }
        Ok(())
    }
}

/// How many sales the shop holds.
fn stored_sales(folder: &Path) -> BenchResult<u64> {
    let database = rusqlite::Connection::open(folder.join("AuraPOS.db"))?;
    let count: i64 = database.query_row("SELECT count(*) FROM sale", [], |row| row.get(0))?;
    Ok(u64::try_from(count)?)
}
