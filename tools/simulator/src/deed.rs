//! What happens in a history, and histories made from a seed: plain data, so that one that fails can be cut down.

/// Something that happens to a shop. Registers are named by number, and counted modulo those that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A register sells so many of a product.
    Sell(u8, u8, u8),
    /// A register gives back the n-th sale that it knows.
    Refund(u8, u8),
    /// Another price for a product.
    Price(u8, u8, u16),
    /// Another name for a product.
    Name(u8, u8, u16),
    /// A product gets or loses a barcode.
    Barcode(u8, u8, bool),
    /// A product more, with opening stock. The number is its article number: two registers may choose the same.
    Product(u8, u8),
    /// A setting of the shop.
    Setting(u8, u8),
    /// Cash is put into the drawer.
    Cash(u8),
    /// A register sees nothing of the shared store for so many milliseconds.
    Cut(u8, u32),
    /// Nobody does.
    Outage(u32),
    /// The next calls of a register happen, but their answers are lost.
    LoseAnswers(u8, u8),
    /// The next calls of a register do not happen, and it does not hear of it.
    LoseCalls(u8, u8),
    /// The next calls of a register happen long after it gave up.
    Late(u8, u8),
    /// A register's program ends after so many more effects, and comes back after so many milliseconds.
    Crash(u8, u8, u32),
    /// A register's clock jumps by so many minutes.
    Jump(u8, i32),
    /// A register's database is copied.
    CopyLocal(u8),
    /// A copy of a register's database is put back; `true`: nothing outside of it tells.
    PutBack(u8, bool),
    /// The shared store is copied.
    CopyShared,
    /// A copy of the shared store is restored.
    RestoreShared,
    /// A register's data is used on a second machine; `true`: nothing outside of it tells.
    Clone(u8, bool),
    /// Somebody sets up one more register.
    Join,
    /// A copy of the shared store is put in its place by hand: it has the epoch that it had.
    PutBackShared,
    /// The next commits of a register's own store fail; `true`: they happen, and only the answers are lost.
    FailCommits(u8, u8, bool),
    /// The disk of a register is full for so many milliseconds.
    FullDisk(u8, u32),
    /// The owner locks a register out.
    LockOut(u8),
    /// The owner lets everybody in who was locked out.
    LetIn,
}

/// A deed and how long after the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Milliseconds.
    pub after_ms: u32,
    /// What.
    pub deed: Deed,
}

/// A history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Where it comes from: also what the network and the registers' random bytes are made from.
    pub seed: u64,
    /// What happens.
    pub deeds: Vec<Planned>,
}

/// Most deeds of a history.
const DEEDS_MAX: usize = 60;
/// The longest history of the long mode.
const DEEDS_LONG: usize = 600;
/// Most registers that are set up.
pub const REGISTERS_MAX: usize = 5;

impl History {
    /// The history of a seed: the plain one, and in half of them troubles that came to the simulator later, drawn from a
    /// generator of their own, so that what was noted of older seeds stays true of their plain histories.
    pub fn of(seed: u64, long: bool) -> History {
        let mut history = History::plain(seed, long);
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x1a7e);
        let trouble: Vec<u8> = (0..rng.usize(0..=3)).map(|_| rng.u8(0..8)).collect();
        if rng.bool() && !trouble.is_empty() {
            for _ in 0..rng.usize(1..=1 + history.deeds.len() / 3) {
                let kind = trouble[rng.usize(0..trouble.len())];
                let planned = Planned { after_ms: rng.u32(0..400), deed: later_misfortune(&mut rng, kind) };
                let at = rng.usize(1..=history.deeds.len());
                history.deeds.insert(at, planned);
            }
        }
        history
    }

    /// The history of a seed as the first simulator made it.
    pub fn plain(seed: u64, long: bool) -> History {
        let mut rng = fastrand::Rng::with_seed(seed);
        let most = if long { DEEDS_LONG } else { DEEDS_MAX };
        let count = rng.usize(4..=most);
        // Each history has troubles of its own: with all at once, most would hide behind a few.
        let trouble: Vec<u8> = (0..rng.usize(0..=5)).map(|_| rng.u8(0..13)).collect();
        let mut deeds = vec![Planned { after_ms: 50, deed: Deed::Join }];
        for _ in 0..count {
            let after_ms = match rng.u8(0..10) {
                0..=2 => rng.u32(0..5),
                3..=7 => rng.u32(5..400),
                _ => rng.u32(400..8_000),
            };
            let deed = if trouble.is_empty() || rng.u8(0..10) < 6 {
                work(&mut rng)
            } else {
                let at = rng.usize(0..trouble.len());
                misfortune(&mut rng, trouble[at])
            };
            deeds.push(Planned { after_ms, deed });
        }
        History { seed, deeds }
    }
}

fn work(rng: &mut fastrand::Rng) -> Deed {
    let (who, product) = (rng.u8(0..8), rng.u8(0..4));
    match rng.u8(0..20) {
        0..=8 => Deed::Sell(who, product, rng.u8(1..4)),
        9 => Deed::Refund(who, rng.u8(0..8)),
        10..=12 => Deed::Price(who, product, rng.u16(1..2_000)),
        13..=14 => Deed::Name(who, product, rng.u16(0..100)),
        15 => Deed::Barcode(who, product, rng.bool()),
        16 => Deed::Product(who, rng.u8(0..6)),
        17 => Deed::Setting(who, rng.u8(0..9)),
        18 => Deed::Cash(who),
        _ => Deed::Join,
    }
}

fn misfortune(rng: &mut fastrand::Rng, kind: u8) -> Deed {
    let who = rng.u8(0..8);
    match kind {
        0 | 1 => Deed::Cut(who, rng.u32(10..20_000)),
        2 => Deed::Outage(rng.u32(10..20_000)),
        3 => Deed::LoseAnswers(who, rng.u8(1..4)),
        4 => Deed::LoseCalls(who, rng.u8(1..4)),
        5 => Deed::Late(who, rng.u8(1..4)),
        6 | 7 => Deed::Crash(who, rng.u8(0..12), rng.u32(1..5_000)),
        8 => Deed::Jump(who, rng.i32(-5_000..5_000)),
        9 => {
            if rng.bool() {
                Deed::CopyLocal(who)
            } else {
                Deed::PutBack(who, rng.bool())
            }
        }
        10 | 11 => {
            if rng.bool() {
                Deed::CopyShared
            } else {
                Deed::RestoreShared
            }
        }
        _ => Deed::Clone(who, rng.u8(0..3) == 0),
    }
}

fn later_misfortune(rng: &mut fastrand::Rng, kind: u8) -> Deed {
    let who = rng.u8(0..8);
    match kind {
        0..=2 => match rng.u8(0..5) {
            0 | 1 => Deed::CopyShared,
            2 => Deed::Join,
            _ => Deed::PutBackShared,
        },
        3 | 4 => Deed::FailCommits(who, rng.u8(1..4), rng.bool()),
        5 => Deed::FullDisk(who, rng.u32(10..20_000)),
        _ if rng.bool() => Deed::LockOut(who),
        _ => Deed::LetIn,
    }
}
