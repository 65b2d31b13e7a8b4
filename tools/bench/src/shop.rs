//! A real shop on a real disk: the runtime with the staged plugins, as `aurapos-admin` opens it.

use crate::{Bench, BenchResult};
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::Date;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_engine::command::{Command, ItemRequest, Reply, SaleRequest, SessionId, TenderRequest};
use aurapos_engine::import::Planner;
use aurapos_engine::setup::NewShop;
use aurapos_runtime::folder::DataFolder;
use aurapos_runtime::joining::{self, Joining};
use aurapos_runtime::setup::{set_up, set_up_sharing};
use aurapos_runtime::storage_choice::StorageChoice;
use aurapos_runtime::{OpenOptions, Pending, Register};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a register that joined may take until it knows its operator: the catalog may come before.
const JOIN_PATIENCE: Duration = Duration::from_secs(1_800);

/// Name and PIN of the one operator.
pub const OPERATOR: (&str, &str) = ("Mia", "4711");

/// An open register with its operator signed in and its drawer open.
#[derive(Debug)]
pub struct Shop {
    /// The register.
    pub register: Register,
    session: SessionId,
    folder: PathBuf,
}

impl Shop {
    /// Sets up a shop in a new folder.
    pub fn new(bench: &Bench, name: &str) -> BenchResult<Shop> {
        let folder = bench.folder.path().join(name);
        set_up(&options(bench, &folder), new_shop())?;
        let shop = Shop::open(bench, &folder)?;
        shop.register.call(Some(shop.session), Command::OpenDrawer { float: eur(10_000) })?;
        Ok(shop)
    }

    /// Opens the register of a folder and signs in.
    pub fn open(bench: &Bench, folder: &Path) -> BenchResult<Shop> {
        let register = Register::open(&options(bench, folder))?;
        let session = signed_in(&register)?;
        Ok(Shop { register, session, folder: folder.to_owned() })
    }

    /// The master of several registers, in a new folder.
    pub fn master(bench: &Bench, name: &str, shared: &StorageChoice) -> BenchResult<Shop> {
        let folder = bench.folder.path().join(name);
        set_up_sharing(&options(bench, &folder), new_shop(), shared)?;
        let shop = Shop::open(bench, &folder)?;
        shop.register.call(Some(shop.session), Command::OpenDrawer { float: eur(10_000) })?;
        Ok(shop)
    }

    /// A machine of a new folder that joins the shop.
    pub fn joins(bench: &Bench, name: &str, code: &str, shared: &StorageChoice) -> BenchResult<Shop> {
        let folder = bench.folder.path().join(name);
        pair(&folder, code, shared)?;
        let register = Register::open(&options(bench, &folder))?;
        // Its operators come by the feed.
        let until = Instant::now() + JOIN_PATIENCE;
        let session = loop {
            match signed_in(&register) {
                Ok(session) => break session,
                Err(error) if Instant::now() > until => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        register.call(Some(session), Command::OpenDrawer { float: eur(10_000) })?;
        Ok(Shop { register, session, folder })
    }

    /// Becomes the master of several; the register is opened anew.
    pub fn shares(self, bench: &Bench, shared: &StorageChoice) -> BenchResult<Shop> {
        let folder = self.close();
        joining::share(&DataFolder::new(&folder), PROGRAM, shared)?;
        Shop::open(bench, &folder)
    }

    /// Is by itself again; the register is opened anew.
    pub fn alone(self, bench: &Bench) -> BenchResult<Shop> {
        let folder = self.close();
        joining::be_alone(&DataFolder::new(&folder), PROGRAM)?;
        Shop::open(bench, &folder)
    }

    /// Closes the register; its data stays.
    pub fn close(self) -> PathBuf {
        self.register.close();
        self.folder.clone()
    }

    /// Where the data is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The store behind its lanes.
    pub fn store(&self) -> &dyn RecordStore {
        self.register.store().as_ref()
    }

    /// Imports a catalog as `import products` does: one slice is written while the next is planned.
    pub fn import(&self, csv: &[u8]) -> BenchResult<u64> {
        let ids = self.register.site().ids.clone();
        let mut planner = Planner::open(self.store(), csv, today()?, move || ids.next())?;
        let mut written: Option<Pending> = None;
        while let Some(slice) = planner.next_slice()? {
            if let Some(earlier) = written.take() {
                earlier.wait()?;
            }
            written = Some(self.register.submit(Some(self.session), Command::ImportSlice(Box::new(slice))));
        }
        if let Some(last) = written {
            last.wait()?;
        }
        let report = planner.report();
        if report.rejected_count > 0 {
            return Err(format!("{:?}", report.rejected.first()).into());
        }
        Ok(report.added)
    }

    /// Sells one piece of each code for cash.
    pub fn sell(&self, codes: &[&str]) -> BenchResult<()> {
        self.sell_one(codes).map(drop)
    }

    /// The same; the sale's id.
    pub fn sell_one(&self, codes: &[&str]) -> BenchResult<Uuid> {
        match self.register.call(Some(self.session), Command::Sell(sale(codes)))? {
            Reply::Sale(sale) => Ok(sale.id().uuid()),
            other => Err(format!("{other:?}").into()),
        }
    }
}

/// Who opens registers here.
const PROGRAM: &str = "aurapos-bench";

fn signed_in(register: &Register) -> BenchResult<SessionId> {
    let sign_in = Command::SignIn { operator: OPERATOR.0.to_owned(), pin: OPERATOR.1.into() };
    match register.call(None, sign_in)? {
        Reply::SignedIn { session, .. } => Ok(session),
        other => Err(format!("not signed in: {other:?}").into()),
    }
}

/// Prepares a folder as pairing does: its first opening joins the shop.
pub fn pair(folder: &Path, code: &str, shared: &StorageChoice) -> BenchResult<()> {
    let authority = shared.setting("authority").unwrap_or_default();
    let joining = Joining { code, name: "", time_zone: "Europe/Brussels", shared, authority: &authority };
    Ok(joining::prepare(&DataFolder::new(folder), PROGRAM, &joining)?)
}

/// A cash sale of one piece each, paid with a note of 500.
pub fn sale(codes: &[&str]) -> SaleRequest {
    let item = |code: &&str| ItemRequest {
        code: (*code).to_owned(),
        quantity: Some(Quantity::from_thousandths(1_000)),
        price: None,
    };
    SaleRequest {
        items: codes.iter().map(item).collect(),
        tenders: vec![TenderRequest { instance: "cash".to_owned(), amount: Some(eur(50_000)) }],
        ..SaleRequest::default()
    }
}

/// The shop of every group.
pub fn new_shop() -> NewShop {
    NewShop {
        name: "Bench".to_owned(),
        country: "BE".to_owned(),
        language: "en".to_owned(),
        register: "R1".to_owned(),
        manager: OPERATOR.0.to_owned(),
        pin: OPERATOR.1.to_owned(),
        ..NewShop::default()
    }
}

/// A catalog of any size.
pub fn catalog(count: u64) -> BenchResult<Vec<u8>> {
    let mut csv = Vec::new();
    aurapos_sample::write_csv(count, 7, &mut csv)?;
    Ok(csv)
}

/// An amount in euro cents.
pub fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn today() -> BenchResult<Date> {
    Ok(Date::parse("2026-11-22")?)
}

fn options(bench: &Bench, folder: &Path) -> OpenOptions {
    opened_with(&bench.programs, folder)
}

/// How a register of a folder is opened with the programs of another one.
pub fn opened_with(programs: &Path, folder: &Path) -> OpenOptions {
    let mut options = OpenOptions::new(DataFolder::new(folder), PROGRAM);
    options.programs = Some(programs.to_owned());
    options
}

/// Barcodes of `count` different products, from the generator's own list.
pub fn barcodes(count: u64, take: usize) -> Vec<String> {
    let step = (count / take as u64).max(1) as usize;
    let all = aurapos_sample::generate(count, 7).filter(|product| !product.by_weight);
    all.step_by(step).take(take).map(|product| product.barcode).collect()
}

/// A UUID that sorts by its number, as a UUIDv7 sorts by its time.
pub fn ordered_id(number: u64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number))
}
