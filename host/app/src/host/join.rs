//! Joining a shop and bringing it here, in the wizard of a register that is one of several.

use super::several::{away, of_master};
use super::storage::report;
use super::work::Told;
use super::{Inner, trouble};
use aurapos_master::{MasterError, pairing};
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::engine::queries::{self, Counts};
use aurapos_runtime::engine::sync::status::Status;
use aurapos_runtime::locale::Language;
use aurapos_runtime::register::Settled;
use aurapos_runtime::{Register, joining};
use aurapos_server::pair::{self, DOCUMENT_BYTES_MAX, PairError, Way};
use aurapos_ui::host::{Cancel, ConnectionReport, HostResult, JoinWish, Joined, Listener, Progress, TakingIn, Ticket};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long the shop may take to come here.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// How often is counted what is here.
const COUNTED_EVERY: Duration = Duration::from_millis(250);

impl Inner {
    /// Joins a shop.
    pub(super) fn join(
        &self,
        wish: &JoinWish,
        language: Language,
        progress: Listener<Progress>,
        cancel: Cancel,
    ) -> HostResult<Joined> {
        let told = Told::new(progress, cancel);
        let (ticket, way) = (ticket(&wish.ticket)?, way(wish));
        if told.cancelled() {
            return Err(trouble::called_off());
        }
        let options = &self.options;
        match pairing::join(&options.folder, &options.program, &ticket, &way, &told) {
            Ok(joined) => {
                self.write_preferences();
                tracing::info!(register = joined.document.register, host = joined.host, "paired");
                Ok(Joined::Paired)
            }
            Err(error) => refused(error, language).map(|report| Joined::Refused(Box::new(report))),
        }
    }

    /// Looks for the master of a pairing, and uses nothing of it.
    pub(super) fn test_master(&self, wish: &JoinWish, language: Language) -> HostResult<ConnectionReport> {
        match pair::find(&ticket(&wish.ticket)?, &way(wish)) {
            Ok(found) => Ok(report(&found, language)),
            Err(error) => refused(error.into(), language),
        }
    }

    /// Opens a register that was paired, and brings the shop here.
    pub(super) fn take_in(&self, progress: &Listener<TakingIn>, cancel: &Cancel) -> HostResult<()> {
        let register = Register::open(&self.options).map_err(|error| trouble::of_runtime(&error))?;
        let brought = brought(&register, progress, cancel);
        register.close();
        brought?;
        joining::arrived(&self.options.folder);
        Ok(())
    }
}

fn brought(register: &Register, progress: &Listener<TakingIn>, cancel: &Cancel) -> HostResult<()> {
    let (mut all, mut counted) = (None, None::<Instant>);
    let mut look = |status: &Status| {
        if counted.is_none_or(|at| at.elapsed() >= COUNTED_EVERY) {
            counted = Some(Instant::now());
            if status.online() && all.is_none() {
                // Where the server goes away just now it is asked the next time.
                all = register.shared_counts().ok().flatten();
            }
            progress(taking(register, status, all));
        }
        !cancel.asked()
    };
    // A server that is away is waited for: somebody who does not want to calls it off.
    loop {
        match register.settle(PATIENCE, &mut look) {
            Settled::Whole(_) => return Ok(()),
            Settled::CalledOff => return Err(trouble::called_off()),
            Settled::Away(status) if status.is_refused() => return Err(away(status.trouble)),
            Settled::Away(_) => std::thread::sleep(COUNTED_EVERY),
        }
    }
}

fn taking(register: &Register, status: &Status, all: Option<Counts>) -> TakingIn {
    let here = queries::counts(register.store().as_ref()).unwrap_or_default();
    TakingIn {
        products: (here.products, all.map(|all| all.products)),
        operators: (here.operators, all.map(|all| all.operators)),
        sales: (here.sales, all.map(|all| all.sales)),
        trouble: status.trouble.clone().filter(|_| !status.online()).map(|why| away(Some(why))),
    }
}

/// The diagnosis of a way that does not lead to the master; everything else is told by its code.
fn refused(error: MasterError, language: Language) -> HostResult<ConnectionReport> {
    match error {
        MasterError::Pair(PairError::Unreached(found)) => {
            Ok(ConnectionReport { good: false, ..report(&found, language) })
        }
        other => Err(of_master(&other)),
    }
}

fn way(wish: &JoinWish) -> Way {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Way {
        address: given(&wish.address),
        port: wish.port,
        database: given(&wish.database),
        name: wish.name.clone(),
        register: None,
        stays: false,
    }
}

fn ticket(given: &Ticket) -> HostResult<pair::Ticket> {
    let read = match given {
        Ticket::Code(text) => pair::Ticket::read(text, "the code"),
        Ticket::File(file) => text_of(file).and_then(|text| pair::Ticket::read(&text, &file.display().to_string())),
    };
    read.map_err(|error| of_master(&error.into()))
}

fn text_of(file: &Path) -> Result<String, PairError> {
    let unread =
        |error: std::io::Error| PairError::NoDocument { what: file.display().to_string(), why: error.to_string() };
    let mut text = String::new();
    // One more than is allowed: then it is refused as too long.
    let open = File::open(file).map_err(unread)?;
    open.take(DOCUMENT_BYTES_MAX as u64 + 1).read_to_string(&mut text).map_err(unread)?;
    Ok(text)
}
