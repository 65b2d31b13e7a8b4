//! The registers of the shop, and the way from one register to several and back: what Settings → Registers and Settings → Storage do.
//!
//! The deeds themselves are those of `aurapos-admin pair`, `registers` and `storage migrate`, from the same code.

use super::server::{place, program};
use super::work::Told;
use super::{Inner, files, trouble};
use aurapos_master::{MasterError, own_storage, pairing, registers, several};
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::rights::Deed;
use aurapos_runtime::engine::rows::sync::Claim;
use aurapos_runtime::register::Settled;
use aurapos_runtime::settings::Mode;
use aurapos_runtime::{OpenOptions, Register, RuntimeError, ids, joining, zone};
use aurapos_server::pair::{Document, Invite, PairedRegister, RegisterState};
use aurapos_server::{Home, is_root};
use aurapos_ui::host::{
    Cancel, Compared, HostResult, Listener, Pairing, Progress, RegisterDeed, RegisterRole, RegistersView, ShopRegister,
    Standing, Trouble,
};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A register that exchanged something so short a time ago is here now, in microseconds: it shows itself every minute.
const HERE_US: i64 = 150_000_000;
/// How long bringing everything may take before this register is by itself.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// What a master's desk says, as the screens tell it.
pub(super) fn of_master(error: &MasterError) -> Trouble {
    match error {
        MasterError::Runtime(error) => trouble::of_runtime(error),
        _ => trouble::trouble(error.code(), &trouble::sentence(&error.to_string()), &error.next()),
    }
}

/// What a register is, as its settings say it.
pub(super) fn role(mode: Mode) -> RegisterRole {
    match mode {
        Mode::Single => RegisterRole::Single,
        Mode::Master => RegisterRole::Master,
        Mode::Slave => RegisterRole::Slave,
    }
}

impl Inner {
    fn open_register(&self) -> HostResult<Arc<Register>> {
        self.register().ok_or_else(trouble::not_open)
    }

    /// The registers of the shop, and what this one is among them.
    pub(super) fn registers(&self) -> HostResult<RegistersView> {
        let register = self.open_register()?;
        let settings = &register.site().settings;
        let own = register.facts().code.clone();
        let mut view = RegistersView {
            role: role(settings.mode),
            code: own.clone(),
            place: settings.shared.as_ref().map(place).unwrap_or_default(),
            ..RegistersView::default()
        };
        if settings.mode == Mode::Single {
            return Ok(view);
        }
        let has_server = Home::of_data(self.options.folder.root()).facts().is_ok();
        // Nobody waits for a server that is known to be away: this register is told of at once.
        let gone = register.sync().filter(|status| !has_server && status.offline_since.is_some());
        if let Some(status) = gone.filter(|status| status.trouble.is_some()) {
            view.trouble = Some(away(status.trouble));
            return Ok(view);
        }
        let listed = if has_server { Some(registers::registers(&self.options)) } else { None };
        match listed {
            Some(Ok(all)) => {
                view.allowed = true;
                view.registers = all.iter().map(|one| of_paired(one, &own)).collect();
            }
            // The server is another user's, or of another machine: the shop's own tables tell who was here.
            other => match aurapos_runtime::registers::claims(&self.options) {
                Ok(claims) => {
                    view.registers = claims.iter().map(|one| of_claim(one, &own)).collect();
                    view.registers.sort_by_key(|one| (one.code.len(), one.code.clone()));
                    if has_server {
                        let sudo = if is_root() { "" } else { "sudo " };
                        view.line = format!("{sudo}{}", program(&self.options.folder));
                    }
                }
                Err(error) => {
                    let first = other.and_then(Result::err);
                    view.trouble = Some(first.map_or_else(|| trouble::of_runtime(&error), |error| of_master(&error)));
                }
            },
        }
        view.name = view.registers.iter().find(|one| one.here).map(|one| one.name.clone()).unwrap_or_default();
        Ok(view)
    }

    /// Renames a register, locks it out or lets it in again; how all of them are afterwards.
    pub(super) fn change_register(&self, deed: &RegisterDeed) -> HostResult<RegistersView> {
        let done = match deed {
            RegisterDeed::Rename { code, name } => registers::rename(&self.options, code, name),
            RegisterDeed::LockOut { code } => registers::lock_out(&self.options, code).map(drop),
            RegisterDeed::LetIn { code } => registers::readmit(&self.options, code).map(drop),
        };
        done.map_err(|error| of_master(&error))?;
        tracing::info!(?deed, "the registers of the shop");
        self.registers()
    }

    /// Issues a pairing for one more register.
    pub(super) fn invite(&self, name: String) -> HostResult<Pairing> {
        let wish = Invite { name, ..Invite::default() };
        pairing::is_shared(&self.options).map_err(|error| of_master(&error))?;
        let issued = pairing::invite(&self.options, wish).map_err(|error| of_master(&error))?;
        let document = &issued.document;
        tracing::info!(register = document.register, "a pairing was issued");
        let text = document.text().map_err(|error| of_master(&error.into()))?;
        let file = files::downloads().join(format!("aurapos-{}.json", document.register));
        Ok(Pairing {
            code: document.code.clone().unwrap_or_default(),
            register: document.register.clone(),
            addresses: document.addresses.clone(),
            port: document.port,
            until: time_of(&document.expires),
            alone: issued.is_alone,
            document: text,
            file: file.display().to_string(),
        })
    }

    /// Whether somebody is signed in by this session.
    pub(super) fn knows(&self, session: Option<aurapos_runtime::engine::command::SessionId>) -> bool {
        let state = self.state();
        // Through a lock, too: whoever locked it is still signed in.
        let known = |open: &super::open::Open| match open.register.rights().allow(session, Deed::SeeOwnSales.need()) {
            Ok(_) => true,
            Err(error) => !error.is(Code::SignedOut),
        };
        state.open.as_ref().is_some_and(known)
    }

    /// The other registers that share the shop.
    pub(super) fn others(&self) -> HostResult<Vec<String>> {
        let own = self.open_register()?.facts().code.clone();
        several::others(&self.options, &own).map_err(|error| of_master(&error))
    }

    /// This register becomes the master of several. What takes its time comes first, while the register sells on.
    pub(super) fn share_shop(&self, progress: Listener<Progress>, cancel: Cancel) -> HostResult<()> {
        let folder = &self.options.folder;
        several::check_share(folder).map_err(|error| of_master(&error))?;
        let told = Told::new(progress, cancel);
        self.ready_server(&told)?;
        let shared = own_storage(folder)
            .map_err(|error| trouble::trouble(error.code(), &error.to_string(), &error.next(&program(folder))))?;
        if told.cancelled() {
            return Err(trouble::called_off());
        }
        self.reopened(|options| joining::share(&options.folder, &options.program, &shared))?;
        tracing::info!("this register is the master of several");
        Ok(())
    }

    /// This register is by itself again.
    pub(super) fn be_alone(&self, lost: bool, progress: Listener<Progress>, cancel: Cancel) -> HostResult<()> {
        if !lost {
            let register = self.open_register()?;
            let told = Told::new(progress, cancel);
            match register.settle(PATIENCE, &mut |_| !told.cancelled()) {
                Settled::Whole(_) => {}
                Settled::CalledOff => return Err(trouble::called_off()),
                Settled::Away(status) => return Err(away(status.trouble)),
            }
            let compared = compare(&register, &told)?;
            if compared.differences > 0 {
                return Err(unlike(&compared));
            }
        }
        self.reopened(|options| joining::be_alone(&options.folder, &options.program))?;
        tracing::info!(lost, "this register is by itself");
        Ok(())
    }

    /// Compares every row that the registers share.
    pub(super) fn compare(&self, progress: Listener<Progress>, cancel: Cancel) -> HostResult<Compared> {
        compare(&*self.open_register()?, &Told::new(progress, cancel))
    }

    /// Closes the register for a change of its settings and opens it again, whatever came of the change: the shop sells on.
    fn reopened(&self, change: impl FnOnce(&OpenOptions) -> Result<(), RuntimeError>) -> HostResult<()> {
        self.close();
        let changed = change(&self.options);
        let opened = self.try_open();
        let fail = |error: &RuntimeError| trouble::of_runtime(error);
        changed.as_ref().map_err(fail)?;
        opened.map(drop).map_err(|error| fail(&error))
    }
}

fn compare(register: &Register, told: &Told) -> HostResult<Compared> {
    let mut look = |table: &str, rows: u64| {
        told.report(rows, 0, table);
        !told.cancelled()
    };
    let agreement = register.agree(&mut look).map_err(|error| trouble::of_runtime(&error))?;
    let agreement = agreement.ok_or_else(trouble::called_off)?;
    Ok(Compared {
        rows: agreement.rows(),
        differences: agreement.tables.iter().map(|table| table.differences).sum(),
        named: agreement.named,
    })
}

fn unlike(compared: &Compared) -> Trouble {
    let message = format!(
        "{} rows differ between register and shared storage: {}.",
        compared.differences,
        compared.named.join("; ")
    );
    trouble::trouble(
        "AP-0109",
        &message,
        "Nothing was lost: both keep what they have. Look at what is to be looked at.",
    )
}

pub(super) fn away(why: Option<String>) -> Trouble {
    let why = why.unwrap_or_else(|| "The shop's server does not answer.".to_owned());
    let next = "Nothing is lost, and selling goes on. Test the connection in Settings, Storage: it says why.";
    trouble::trouble(Code::StorageAway.text(), &why, next)
}

/// Writes a pairing into a new file, for its owner alone.
pub(super) fn save_pairing(pairing: &Pairing, file: &Path) -> HostResult<()> {
    if std::fs::symlink_metadata(file).is_ok() {
        let message = format!("{} is there already.", file.display());
        return Err(trouble::trouble("AP-0505", &message, "Give another name: nothing is written over."));
    }
    let document =
        Document::parse(&pairing.document, "the pairing").map_err(|error| of_master(&MasterError::from(error)))?;
    document.write(file).map_err(|error| trouble::of_file(file, &error))
}

/// A time of the server, RFC 3339.
fn time_of(text: &str) -> Option<Timestamp> {
    zone::parse_time(zone::DEFAULT_ZONE, text).map(Timestamp)
}

fn of_paired(one: &PairedRegister, own: &str) -> ShopRegister {
    ShopRegister {
        code: one.code.clone(),
        name: one.name.clone(),
        here: one.code == own,
        master: one.is_here,
        standing: match one.state {
            RegisterState::Invited => Standing::Invited,
            RegisterState::Expired => Standing::Expired,
            RegisterState::Joined => Standing::Joined,
            RegisterState::Revoked => Standing::Revoked,
        },
        online: one.connections > 0,
        seen: one.last_seen.as_deref().and_then(time_of),
        until: one.expires.as_deref().and_then(time_of),
    }
}

fn of_claim(one: &Claim, own: &str) -> ShopRegister {
    ShopRegister {
        code: one.code.clone(),
        name: one.name.clone(),
        here: one.code == own,
        standing: if one.revoked.is_some() { Standing::Revoked } else { Standing::Joined },
        online: ids::now() - one.seen.0 < HERE_US,
        seen: Some(one.seen),
        ..ShopRegister::default()
    }
}
