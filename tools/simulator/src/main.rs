//! `aurapos-simulator`: lives histories until one is a bad one, then says its seed and the shortest form of it.

use aurapos_simulator::deed::History;
use aurapos_simulator::port::Break;
use aurapos_simulator::shrink::{Limits, shrink};
use aurapos_simulator::{live, live_aloud};
use clap::Parser;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    /// How many are lived side by side; as many as there are processors, where it is not said.
    #[arg(long)]
    jobs: Option<usize>,
    /// How long it looks for the shortest form of a bad history, in seconds.
    #[arg(long, default_value_t = 60)]
    shrink_seconds: u64,
}

/// What all that live histories share.
struct Shared {
    begun: Instant,
    lived: AtomicU64,
    ended: AtomicBool,
    bad: Mutex<Option<(History, String)>>,
}

/// Lives histories until there are enough of them or one is a bad one. The seeds are given out in turn.
fn work(arguments: &Arguments, shared: &Shared) {
    let broken = arguments.broken.unwrap_or_default();
    let limit = arguments.seconds.map(Duration::from_secs);
    while !shared.ended.load(Ordering::SeqCst) {
        if limit.is_some_and(|limit| shared.begun.elapsed() >= limit) {
            return;
        }
        let number = shared.lived.fetch_add(1, Ordering::SeqCst);
        if limit.is_none() && number >= arguments.histories {
            shared.lived.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        let history = History::of(arguments.seed.wrapping_add(number), arguments.long);
        if let Some(why) = live(&history, broken) {
            shared.ended.store(true, Ordering::SeqCst);
            // A holder that panicked has told nothing.
            let mut bad = shared.bad.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            bad.get_or_insert((history, why));
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let shared = Shared {
        begun: Instant::now(),
        lived: AtomicU64::new(0),
        ended: AtomicBool::new(false),
        bad: Mutex::default(),
    };
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.unwrap_or_else(processors).max(1) {
            scope.spawn(|| work(&arguments, &shared));
        }
    });
    let lived = shared.lived.load(Ordering::SeqCst);
    let seconds = shared.begun.elapsed().as_secs_f64();
    let Some((history, why)) = shared.bad.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) else {
        println!("{lived} histories in {seconds:.1} s ({:.0}/s), none of them bad", lived as f64 / seconds);
        return ExitCode::SUCCESS;
    };
    let broken = arguments.broken.unwrap_or_default();
    println!("seed {} (one of {lived} histories): {why}", history.seed);
    let limits = Limits { time: Duration::from_secs(arguments.shrink_seconds), ..Limits::default() };
    let short = shrink(&history, broken, limits);
    println!("shortest form, {} of {} deeds:", short.deeds.len(), history.deeds.len());
    for planned in &short.deeds {
        println!("  after {} ms: {:?}", planned.after_ms, planned.deed);
    }
    println!("it says: {}", live_aloud(&short, broken, arguments.trace).unwrap_or_default());
    ExitCode::FAILURE
}
