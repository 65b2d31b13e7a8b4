//! The operator's wish to stop a payment, from the register to a real terminal's library and back: the terminal's answer
//! decides, and a plugin that does harm with it costs nobody but itself.
//!
//! [`register`]: what becomes of the wish. [`harm`]: plugins that talk or hang for ever. [`program`]: Ctrl+C and the settings
//! of the built program.
#![allow(clippy::unwrap_used)]

mod harm;
mod program;
mod register;

use aurapos_runtime::domain::money::{Currency, Money};
use aurapos_runtime::engine::command::{Command, ItemRequest, Reply, SessionId, TenderRequest};
use aurapos_runtime::engine::view::{Sale, Ticket};
use aurapos_runtime::{CallResult, DataFolder, OpenOptions, Pending, Register};
use aurapos_tests::plugins::{example, lay};
use aurapos_tests::shop::{OPERATOR, PIN, Shop, programs};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MANIFEST: &str = include_str!("../../examples/slow_terminal.plugin.toml");
/// Of the sample shop, by the piece.
const WATER: &str = "EAU-001";
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the settings say of the terminal.
#[derive(Debug, Clone, Copy)]
struct Terms {
    name: &'static str,
    how: &'static str,
    cancel: &'static str,
    deadline_ms: u32,
}

const TERMINAL: Terms = Terms { name: "terminal", how: "stops", cancel: "", deadline_ms: 60_000 };

fn terminal(how: &'static str) -> Terms {
    Terms { how, ..TERMINAL }
}

/// A shop with an open drawer that takes cash, and payments by these terminals.
fn shop(terminals: &[Terms]) -> Shop {
    let shop = Shop::open();
    lay(&shop.data.join("plugins").join("slow-terminal"), MANIFEST, &example("slow_terminal"));
    let file = shop.data.join("aurapos.toml");
    let mut text = fs::read_to_string(&file).unwrap().replace("trust = \"tofu\"", "trust = \"open\"");
    for Terms { name, how, cancel, deadline_ms } in terminals {
        text += &format!(
            "\n[[payment]]\nname = \"{name}\"\nuse = \"slow-terminal\"\nisolation = \"in-process\"\n\
             deadline_ms = {deadline_ms}\n[payment.config]\nhow = \"{how}\"\ncancel = \"{cancel}\"\n"
        );
    }
    fs::write(file, text).unwrap();
    shop
}

/// The folder of a terminal: its log, its customer, its display.
fn folder(shop: &Shop, name: &str) -> PathBuf {
    shop.data.join("plugin-data").join("slow-terminal").join(name)
}

/// Waits for what another thread or program does.
#[track_caller]
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "it did not come about: {what}");
        std::thread::yield_now();
    }
}

/// What a terminal was asked so far, in order: the word, then the payment.
fn log(folder: &Path) -> Vec<String> {
    fs::read_to_string(folder.join("log")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// How often it was asked this.
fn times(folder: &Path, word: &str) -> usize {
    log(folder).iter().filter(|line| line.starts_with(word)).count()
}

/// Waits until a terminal was asked this so often.
#[track_caller]
fn asked(folder: &Path, word: &str, often: usize) {
    wait_for(&format!("{word} {often} times"), || (times(folder, word) >= often).then_some(()));
}

/// The register in this process, and somebody at it.
struct Till {
    register: Register,
    session: SessionId,
    folder: PathBuf,
    _shop: Shop,
}

impl Till {
    fn open(terminals: &[Terms]) -> Till {
        let shop = shop(terminals);
        let mut options = OpenOptions::new(DataFolder::new(&shop.data), "test");
        options.programs = Some(programs());
        let register = Register::open(&options).unwrap();
        assert_eq!(register.refused(), [], "every terminal works");
        let session = sign_in(&register);
        Till { register, session, folder: folder(&shop, terminals[0].name), _shop: shop }
    }

    fn call(&self, command: Command) -> CallResult {
        self.register.call(Some(self.session), command)
    }

    fn ticket(&self) -> Ticket {
        let Reply::Ticket(ticket) = self.call(Command::ShowTicket).unwrap() else { panic!("not a ticket") };
        *ticket
    }

    /// A bottle on the ticket, and its payment begun at the terminal.
    fn pay(&self) -> Pending {
        if self.call(Command::ShowTicket).is_err() {
            self.call(Command::AddItem(ItemRequest { code: WATER.to_owned(), quantity: None, price: None })).unwrap();
        }
        let before = times(&self.folder, "begin");
        let paying = self.register.submit(Some(self.session), tender("terminal"));
        asked(&self.folder, "begin", before + 1);
        paying
    }

    /// The customer holds the card to the terminal.
    fn card(&self) {
        fs::write(self.folder.join("card"), "").unwrap();
    }

    /// The payment is off, and the ticket is as it was: it is paid in cash.
    #[track_caller]
    fn goes_on_in_cash(&self) {
        let ticket = self.ticket();
        assert!(!ticket.payment_unknown && !ticket.cancelling && ticket.tenders.is_empty(), "{ticket:?}");
        sold(self.call(tender("cash")));
    }
}

fn sign_in(register: &Register) -> SessionId {
    let command = Command::SignIn { operator: OPERATOR.to_owned(), pin: PIN.into() };
    let Reply::SignedIn { session, .. } = register.call(None, command).unwrap() else { panic!("not signed in") };
    session
}

fn tender(instance: &str) -> Command {
    Command::Tender(TenderRequest { instance: instance.to_owned(), amount: None })
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

#[track_caller]
fn sold(result: CallResult) -> Sale {
    let Reply::Sale(sale) = result.unwrap() else { panic!("not a sale") };
    *sale
}

#[track_caller]
fn refused(result: CallResult, code: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.code, code, "{error}");
}
