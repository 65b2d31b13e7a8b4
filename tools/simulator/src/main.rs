//! `aurapos-simulator`: lives histories until one is a bad one, then says its seed and the shortest form of it.

use aurapos_simulator::deed::History;
use aurapos_simulator::port::Break;
use aurapos_simulator::{live, live_aloud, shrink};
use clap::Parser;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Lives whole shops from seeds and checks that nothing is lost, doubled or different anywhere.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The seed to begin with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many histories; each has the next seed.
    #[arg(long, default_value_t = 1)]
    histories: u64,
    /// Lives as many as fit into so many seconds.
    #[arg(long)]
    seconds: Option<u64>,
    /// Takes a promise away ([`Break`]): the simulator has to find it.
    #[arg(long, value_parser = Break::named)]
    broken: Option<Break>,
    /// Prints every deed and call of the shortest form of a bad history.
    #[arg(long)]
    trace: bool,
    /// Histories ten times as long.
    #[arg(long)]
    long: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let broken = arguments.broken.unwrap_or_default();
    let begun = Instant::now();
    let limit = arguments.seconds.map(Duration::from_secs);
    let mut lived = 0;
    let more = |lived: u64| limit.map_or(lived < arguments.histories, |limit| begun.elapsed() < limit);
    while more(lived) {
        let history = History::of(arguments.seed.wrapping_add(lived), arguments.long);
        lived += 1;
        if let Some(why) = live(&history, broken) {
            println!("seed {} (history {lived}): {why}", history.seed);
            let short = shrink::shrink(&history, broken);
            println!("shortest form, {} of {} deeds:", short.deeds.len(), history.deeds.len());
            for planned in &short.deeds {
                println!("  after {} ms: {:?}", planned.after_ms, planned.deed);
            }
            println!("it says: {}", live_aloud(&short, broken, arguments.trace).unwrap_or_default());
            return ExitCode::FAILURE;
        }
    }
    println!("{lived} histories in {:.1} s, none of them bad", begun.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
