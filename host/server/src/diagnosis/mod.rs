//! Why a register does not reach the server: one finding with advice, from a target.
//!
//! Owns the order of the questions: name, address, port, TLS, certificate, password, database, shop; the first one that fails is
//! the finding, and what was seen on the way is told with it. Nothing is changed, and no password goes to a server whose
//! certificate is not the shop's. Must not know how a server is made.

mod finding;
pub(crate) mod judge;
pub(crate) mod login;
pub(crate) mod probe;
mod search;
mod told;

pub use finding::{Finding, Stage};

use crate::certificate;
use crate::networks::{self, Networks};
use crate::tools::{VERSION_MAX, VERSION_MIN};
use crate::{Danger, Home, Secret};
use probe::{Reach, Tls};
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long each question may take: longer than the kernel asks for the machine of an address (3 s), so that a machine that is
/// not there is told from one that is silent.
const PATIENCE: Duration = Duration::from_secs(4);
/// Addresses of a name that are tried.
const ADDRESSES_MAX: usize = 4;

/// Whom to reach, and as whom.
#[derive(Debug, Clone)]
pub struct Target {
    /// Name or address of the master.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The role; without one nobody signs in.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// The shop's authority in PEM; without it the certificate cannot be checked and nobody signs in.
    pub authority: Option<String>,
    /// The shop that is expected there.
    pub shop: Option<String>,
    /// The epoch that is expected there.
    pub epoch: Option<String>,
    /// The schema of the shop.
    pub schema: String,
    /// Major versions that will do.
    pub versions: RangeInclusive<u32>,
    /// How long each question may take.
    pub patience: Duration,
    /// Whether the neighbours are asked when the master is not where it was.
    pub searches: bool,
    /// A shop is going to be set up there: a database without the shop's schema is as good as one with it.
    pub awaits_shop: bool,
}

impl Target {
    /// A host, with the usual port, database and versions.
    pub fn new(host: impl Into<String>) -> Self {
        Target {
            host: host.into(),
            port: 5432,
            database: "aurapos".to_owned(),
            user: None,
            password: None,
            authority: None,
            shop: None,
            epoch: None,
            schema: crate::database::SCHEMA.to_owned(),
            versions: VERSION_MIN..=VERSION_MAX,
            patience: PATIENCE,
            searches: true,
            awaits_shop: false,
        }
    }
}

/// What was found out about the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// Its version as it calls itself.
    pub version: String,
    /// The shop whose database it is, where one was set up.
    pub shop: Option<String>,
    /// Its epoch.
    pub epoch: Option<String>,
    /// Settings that endanger data.
    pub dangers: Vec<Danger>,
    /// How far its clock is ahead of this machine's, in milliseconds.
    pub clock_ahead_ms: i64,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// What it is.
    pub finding: Finding,
    /// How far it got.
    pub reached: Stage,
    /// Whom it was asked about.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address that was tried last.
    pub address: Option<IpAddr>,
    /// This machine's own addresses in the networks of the shop.
    pub own: Vec<String>,
    /// What the certificate says, as far as one was shown.
    pub certificate: Option<certificate::Facts>,
    /// What the server says of itself, as far as somebody got in.
    pub server: Option<ServerFacts>,
    /// Where the master answers instead.
    pub found_at: Option<IpAddr>,
    /// The words of the system or of the server, for support.
    pub detail: String,
    /// Facts of the sentence, in the order of the locale's places.
    args: Vec<String>,
}

/// Finds out why, or that all is well.
///
/// `home`: this machine's own server, when it may have one.
pub fn diagnose(target: &Target, home: Option<&Home>) -> Diagnosis {
    ask(target, home, &|| false)
}

/// The same for somebody who may call it off: `stop` is looked at between two questions. `None`: it was called off.
pub fn diagnose_unless(target: &Target, home: Option<&Home>, stop: &Stop<'_>) -> Option<Diagnosis> {
    let diagnosis = ask(target, home, stop);
    (!stop()).then_some(diagnosis)
}

/// Whether nobody waits for the answer any more; asked from several threads.
pub type Stop<'a> = dyn Fn() -> bool + Sync + 'a;

fn ask(target: &Target, home: Option<&Home>, stop: &Stop<'_>) -> Diagnosis {
    let networks = Networks::of_this_machine().unwrap_or_default();
    let mut diagnosis = Diagnosis {
        finding: Finding::Ready,
        reached: Stage::Nothing,
        host: target.host.clone(),
        port: target.port,
        address: None,
        own: networks.of_the_shop().iter().map(|one| one.network.to_string()).collect(),
        certificate: None,
        server: None,
        found_at: None,
        detail: String::new(),
        args: Vec::new(),
    };
    let outcome = follow(target, &networks, home, stop, &mut diagnosis);
    diagnosis.finding = match outcome {
        Ok(()) => Finding::Ready,
        Err(finding) => refine(finding, target, &networks, stop, &mut diagnosis),
    };
    diagnosis.args = told::args(&diagnosis, target);
    diagnosis
}

impl Diagnosis {
    /// The same, of somebody whom the server turned away with these words: asked again it might say something else.
    pub(crate) fn turned_away(mut self, error: &postgres::Error, target: &Target) -> Self {
        self.finding = login::finding_of(error, target, None);
        self.detail = crate::desk::said(error);
        self.args = told::args(&self, target);
        self
    }
}

/// The questions in their order.
fn follow(
    target: &Target,
    networks: &Networks,
    home: Option<&Home>,
    stop: &Stop<'_>,
    seen: &mut Diagnosis,
) -> Result<(), Finding> {
    let addresses = probe::resolve(&target.host, target.port, target.patience).map_err(|why| {
        seen.detail = why;
        Finding::NameNotFound
    })?;
    seen.reached = Stage::Name;
    let tls = reach(target, &addresses, stop, seen)?;
    let address = seen.address.unwrap_or(IpAddr::from([0, 0, 0, 0]));
    let (shown, believed) = tls.shake_hands(target);
    seen.certificate = shown;
    if seen.certificate.is_some() {
        // Until then it was something that answers with an S: the greeting of SSH does.
        seen.reached = Stage::Port;
    }
    believed.map_err(|(finding, detail)| {
        seen.detail = detail;
        finding
    })?;
    if target.authority.is_none() {
        return Err(Finding::AuthorityUnknown);
    }
    seen.reached = Stage::Tls;
    if target.user.is_none() {
        return Ok(());
    }
    if stop() {
        return Err(Finding::Other);
    }
    let own = home.filter(|_| networks.is_own(address));
    login::sign_in(target, SocketAddr::new(address, target.port), own, seen)
}

/// The first address that answers; the finding of the last one otherwise.
fn reach(target: &Target, addresses: &[IpAddr], stop: &Stop<'_>, seen: &mut Diagnosis) -> Result<Tls, Finding> {
    let mut finding = Finding::NameNotFound;
    for address in addresses.iter().take(ADDRESSES_MAX).take_while(|_| !stop()) {
        seen.address = Some(*address);
        match probe::reach(SocketAddr::new(*address, target.port), target.patience) {
            Reach::Tls(tls) => return Ok(tls),
            Reach::Not(why, detail) => {
                finding = why;
                seen.detail = detail;
            }
        }
    }
    Err(finding)
}

/// What a finding at the port means from here.
fn refine(finding: Finding, target: &Target, networks: &Networks, stop: &Stop<'_>, seen: &mut Diagnosis) -> Finding {
    let Some(address) = seen.address else { return finding };
    let is_own = networks.is_own(address);
    match finding {
        Finding::Refused if is_own => Finding::NotRunning,
        Finding::WrongHost
            if networks::is_private(address) && target.host.parse::<IpAddr>().is_ok() && !address.is_loopback() =>
        {
            // The shop's own server, under an address that it did not have when its certificate was made.
            seen.found_at = Some(address);
            Finding::AddressChanged
        }
        Finding::Refused
        | Finding::Silence
        | Finding::Unreachable
        | Finding::WrongAuthority
        | Finding::NoTls
        | Finding::NotPostgres => {
            if target.searches
                && let Some(found) = search::neighbours(target, networks, address, stop)
            {
                seen.found_at = Some(found);
                return Finding::AddressChanged;
            }
            let far = !networks.is_near(address);
            if far && matches!(finding, Finding::Silence | Finding::Unreachable) {
                Finding::OtherNetwork
            } else {
                finding
            }
        }
        other => other,
    }
}
