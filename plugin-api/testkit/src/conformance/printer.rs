//! Every promise of [`aurapos_contract::Printer`] that can be tried without eyes.

use super::{Case, CaseResult, Check, Report, holds, refused, run_cases, same};
use aurapos_contract::document::{Align, Block, BlockKind, Document, Style};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::printer::{PrintJob, PrinterState};
use aurapos_contract::{Printer, Uuid};
use std::sync::Arc;

/// Makes printers to be tested, ready to print.
pub trait PrinterFixture: Sync {
    /// A fresh instance.
    fn fresh(&self) -> Arc<dyn Printer>;
}

/// A row of the table of cases: name, promise, how it is tried.
type Row = (&'static str, &'static str, fn(&dyn PrinterFixture) -> Check);

/// All cases, in order.
pub fn cases<'a>() -> Vec<Case<dyn PrinterFixture + 'a>> {
    let all: [Row; 5] = [
        ("capabilities", "capabilities have a name and a width, and stay the same", capabilities),
        ("status", "a printer that is ready says so, before and after a job", status),
        ("print", "every block, an empty document and a long one are printed", print),
        ("print-again", "the same job can be printed again", print_again),
        ("drawer", "the drawer opens where it can, and is Unsupported where not", drawer),
    ];
    all.into_iter().map(|(name, promise, run)| Case { name, promise, run }).collect()
}

/// Runs all cases.
pub fn run(fixture: &dyn PrinterFixture) -> Report {
    run_some(fixture, &|_| true, &mut |_| {})
}

/// Runs the cases that `wanted` chooses, and tells each result as it comes.
pub fn run_some(
    fixture: &dyn PrinterFixture,
    wanted: &dyn Fn(&str) -> bool,
    heard: &mut dyn FnMut(&CaseResult),
) -> Report {
    run_cases("printer", &cases(), fixture, wanted, heard)
}

fn job(number: u128, title: &str, blocks: Vec<Block>) -> PrintJob {
    let document = Document { title: title.to_owned(), blocks, ..Default::default() };
    PrintJob { id: Uuid::from_u128(number), title: title.to_owned(), document }
}

/// One block of each kind but an image, in each style.
fn blocks() -> Vec<Block> {
    use BlockKind::{Barcode, Cut, Feed, KickDrawer, Pair, Qr, Rule, Text};
    let mut blocks = Vec::new();
    for kind in [Text, Pair, Rule, Feed, Qr, Barcode, KickDrawer, Cut] {
        for align in [Align::Left, Align::Center, Align::Right] {
            for style in [Style::Normal, Style::Bold, Style::Large] {
                let left = "5400141000013 Crème brûlée à l'ancienne, faite maison \u{1F600}".to_owned();
                blocks.push(Block {
                    kind,
                    left,
                    right: "1 234,50 €".to_owned(),
                    align,
                    style,
                    count: 2,
                    ..Default::default()
                });
            }
        }
    }
    blocks
}

fn capabilities(fixture: &dyn PrinterFixture) -> Check {
    let printer = fixture.fresh();
    let first = printer.capabilities()?;
    holds(!first.name.is_empty(), "there is no name")?;
    holds((10..=300).contains(&first.columns), "a line has no sensible width")?;
    printer.print(&job(1, "R1-1-000001", blocks()))?;
    same(printer.capabilities()?, first, "capabilities after a job")
}

fn status(fixture: &dyn PrinterFixture) -> Check {
    let printer = fixture.fresh();
    let ready = |state: PrinterState| matches!(state, PrinterState::Ready | PrinterState::Unknown);
    holds(ready(printer.status()?.state), "it is not ready before a job")?;
    printer.print(&job(1, "R1-1-000001", blocks()))?;
    holds(ready(printer.status()?.state), "it is not ready after a job")
}

fn print(fixture: &dyn PrinterFixture) -> Check {
    let printer = fixture.fresh();
    printer.print(&job(1, "R1-1-000001", blocks()))?;
    printer.print(&job(2, "", Vec::new()))?;
    printer.print(&job(3, "../../a title: with / odd \\ parts * and \0", blocks()))?;
    let long =
        (0..2_000).map(|number| Block { kind: BlockKind::Text, left: format!("line {number}"), ..Default::default() });
    printer.print(&job(4, "long", long.collect()))?;
    printer.print(&job(5, &"x".repeat(500), blocks()))?;
    Ok(())
}

fn print_again(fixture: &dyn PrinterFixture) -> Check {
    let printer = fixture.fresh();
    let job = job(1, "R1-1-000001", blocks());
    printer.print(&job)?;
    printer.print(&job)?;
    Ok(())
}

fn drawer(fixture: &dyn PrinterFixture) -> Check {
    let printer = fixture.fresh();
    if printer.capabilities()?.kicks_drawer {
        return Ok(printer.open_drawer()?);
    }
    refused(printer.open_drawer(), ErrorCode::Unsupported, "a drawer").map(|_| ())
}
