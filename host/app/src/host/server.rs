//! Settings → Storage: the storage in use, and the server of this machine: how it is, started, stopped, renewed, made.
//!
//! The window is no administrator: what this program may not do is a line to copy (ADR 0034).

use super::storage::report;
use super::work::Told;
use super::{Inner, several, trouble};
use aurapos_master::several::check_share;
use aurapos_master::{Kept, MakeError, make, ready, shell_word};
use aurapos_runtime::DataFolder;
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::locale::Language;
use aurapos_runtime::settings::{Instance, Mode};
use aurapos_server::firewall::Kind;
use aurapos_server::service::Service;
use aurapos_server::{Home, MAKES_SERVERS, State, Status, Wish, is_root, renew, start, status, stop};
use aurapos_ui::host::{
    Cancel, HostResult, Listener, Progress, ServerDeed, ServerState, ServerView, StorageView, Trouble,
};

/// How `aurapos-admin` is called for a data folder.
pub(super) fn program(folder: &DataFolder) -> String {
    let root = std::path::absolute(folder.root()).unwrap_or_else(|_| folder.root().to_owned());
    format!("aurapos-admin --data {}", shell_word(&root.display().to_string()))
}

/// The line by which an administrator does something with the server, without its last word.
pub(super) fn line(folder: &DataFolder) -> String {
    let sudo = if is_root() { "" } else { "sudo " };
    format!("{sudo}{} server", program(folder))
}

impl Inner {
    /// The storage in use, and the server of this machine.
    pub(super) fn storage(&self, language: Language) -> HostResult<StorageView> {
        let register = self.register().ok_or_else(trouble::not_open)?;
        let settings = &register.site().settings;
        let plugin = settings.storage.plugin().to_owned();
        let shared = settings.shared.as_ref().map(place).unwrap_or_default();
        let mut server = self.server(language);
        // Whoever reaches a master makes no server of its own.
        server.possible &= settings.mode != Mode::Slave || server.state != ServerState::NotMade;
        let role = several::role(settings.mode);
        let may_share = settings.mode == Mode::Single && check_share(&self.options.folder).is_ok();
        Ok(match register.store().info() {
            Ok(info) => StorageView {
                role,
                may_share,
                engine: info.engine,
                version: info.engine_version,
                plugin,
                location: info.location,
                trouble: None,
                shared,
                server,
            },
            Err(error) => {
                let error = aurapos_runtime::RuntimeError::from(error);
                StorageView {
                    role,
                    may_share,
                    plugin,
                    trouble: Some(trouble::of_runtime(&error)),
                    shared,
                    server,
                    ..StorageView::default()
                }
            }
        })
    }

    fn server(&self, language: Language) -> ServerView {
        let folder = &self.options.folder;
        let bare = ServerView { possible: MAKES_SERVERS, line: line(folder), ..ServerView::default() };
        match status(&Home::of_data(folder.root()), &Kept::new(folder)) {
            Ok(status) => view(&status, language, bare),
            Err(error) => ServerView { trouble: Some(trouble::of_server(&error)), ..bare },
        }
    }

    /// Starts, stops, renews or makes it; how everything is afterwards.
    pub(super) fn change_server(
        &self,
        deed: ServerDeed,
        language: Language,
        progress: Listener<Progress>,
        cancel: Cancel,
    ) -> HostResult<StorageView> {
        let folder = &self.options.folder;
        let home = Home::of_data(folder.root());
        let told = |error| trouble::of_server(&error);
        match deed {
            ServerDeed::Start => start(&home, true).map(drop).map_err(told)?,
            ServerDeed::Stop => stop(&home, true).map(drop).map_err(told)?,
            ServerDeed::Renew => renew(&home).map(drop).map_err(told)?,
            ServerDeed::Make => {
                let register = self.register().ok_or_else(trouble::not_open)?;
                let code = register.facts().code.clone();
                let shop = self.state().open.as_ref().map(|open| open.facts.shop_name.clone());
                self.make_server(shop, &code, &Told::new(progress, cancel))?;
            }
        }
        tracing::info!(?deed, "the server of this machine");
        self.storage(language)
    }

    /// Makes the server of this data folder, or what is missing of it.
    pub(super) fn make_server(&self, shop: Option<String>, register: &str, told: &Told) -> HostResult<()> {
        let wish = self.wish(shop, register);
        make(&self.options.folder, &wish, told).map(drop).map_err(|error| of_make(&error))
    }

    /// Makes the server of this data folder where there is none, and starts it where it does not run.
    pub(super) fn ready_server(&self, told: &Told) -> HostResult<()> {
        let register = self.register().ok_or_else(trouble::not_open)?;
        let facts = register.facts();
        let wish = self.wish(Some(facts.shop_name.clone()), &facts.code);
        ready(&self.options.folder, &wish, told).map(drop).map_err(|error| of_make(&error))
    }

    fn wish(&self, shop: Option<String>, register: &str) -> Wish {
        let home = Home::of_data(self.options.folder.root());
        // The authority's name stays that of the day it was made.
        let shop = shop.filter(|_| home.facts().is_err());
        Wish { shop, register: Some(register.to_owned()), ..self.server_wish.clone() }
    }
}

fn of_make(error: &MakeError) -> Trouble {
    match error {
        MakeError::Server(error) => trouble::of_server(error),
        _ => trouble::trouble(error.code(), &error.to_string(), &error.next()),
    }
}

/// Where a storage is, as far as its settings say it in a host and a port.
pub(super) fn place(shared: &Instance) -> String {
    let host = shared.settings.text("host").unwrap_or_default();
    match shared.settings.int("port") {
        Ok(port) if !host.is_empty() => format!("{host}:{port}"),
        _ => shared.plugin().to_owned(),
    }
}

/// How a server is, for a screen.
fn view(status: &Status, language: Language, bare: ServerView) -> ServerView {
    let state = match status.state {
        State::NotMade => ServerState::NotMade,
        State::HalfMade => ServerState::HalfMade,
        State::Stopped => ServerState::Stopped,
        State::Running => ServerState::Running,
    };
    let is_made = matches!(state, ServerState::Stopped | ServerState::Running);
    let health = status.health.as_ref();
    let boot_lines = match &status.service {
        Service::ByHand { lines, .. } if is_made && !lines.is_empty() => lines.clone(),
        // What `server init` does as an administrator.
        Service::ByHand { .. } if is_made => vec![format!("{} init", bare.line)],
        _ => Vec::new(),
    };
    let refuses = is_made && !matches!(status.firewall.kind, Kind::None) && !status.firewall.is_open;
    let bad = |name: &str| status.advice.iter().any(|one| one.name == name && !one.ok);
    ServerView {
        state,
        since: health.map(|health| Timestamp(health.since_us)),
        version: health.map(|health| health.version.clone()).unwrap_or_default(),
        port: status.facts.as_ref().map_or(0, |facts| facts.port),
        addresses: status.addresses.clone(),
        certificate_until: status.certificate.as_ref().map(|facts| Timestamp(facts.not_after_us)),
        certificate_due: bad("certificate"),
        connections: health.map(|health| (health.connections, health.connections_max)),
        at_boot: status.service == Service::AtBoot,
        boot_lines,
        firewall_refuses: refuses,
        firewall_lines: if refuses { status.firewall.lines.clone() } else { Vec::new() },
        dangers: health.map(|health| health.dangers.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        reached: status.reached.as_ref().map(|found| report(found, language)),
        trouble: None::<Trouble>,
        // Making one as a user makes one that nobody starts at boot: an administrator's line does it whole.
        allowed: if is_made { status.is_ours } else { is_root() },
        ..bare
    }
}
