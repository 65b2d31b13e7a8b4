//! The host's side of a loaded library: from the address of its symbol to a checked [`Plugin`]. Opening the file is the
//! host's business; nothing here touches the file system.

use crate::abi::{OK, PluginRootRef};
use crate::border::Border;
use crate::import::{AbiLink, failed};
use crate::inside::inside;
use crate::manifest::Kind;
use crate::objects::HostExport;
use abi_stable::StableAbi;
use abi_stable::abi_stability::abi_checking::{CheckingGlobals, check_layout_compatibility_with_globals};
use abi_stable::library::{
    AbiHeaderRef, IsLayoutChecked, LibHeader, LibraryError, ROOT_MODULE_LOADER_NAME_WITH_NUL, RootModule,
};
use abi_stable::sabi_types::VersionNumber;
use abi_stable::std_types::{ROption, RVec};
use aurapos_contract::backup::BackupClient;
use aurapos_contract::call::{Answer, Table};
use aurapos_contract::events::EventsClient;
use aurapos_contract::host::FactoryRequest;
use aurapos_contract::payment::PaymentClient;
use aurapos_contract::printer::PrinterClient;
use aurapos_contract::settings::{SettingsClient, SettingsTable};
use aurapos_contract::storage::StorageClient;
use aurapos_contract::{
    ApiVersion, BackupScheduler, ErrorCode, EventSink, HostServices, PaymentProvider, PluginContext, PluginError,
    PluginResult, Printer, SettingsGuide, StorageProvider, codec,
};
use std::ffi::c_void;
use std::sync::Arc;
use thiserror::Error;

/// The symbol of the root, ending in NUL.
pub const ROOT_SYMBOL: &[u8] = ROOT_MODULE_LOADER_NAME_WITH_NUL.as_bytes();

/// Why a library with the right symbol is no plugin of this host.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RootError {
    /// Made by another version of the layer below.
    #[error("made with an incompatible foundation: {0}")]
    Header(String),
    /// Another major version of the plugin interface.
    #[error("made for another generation of the plugin interface: {0}")]
    Version(String),
    /// The layouts differ.
    #[error("its data layout differs from this program's: {0}")]
    Layout(String),
    /// The code that makes the root failed.
    #[error("its start-up code failed: {0}")]
    Constructor(String),
}

/// The checked root of a loaded plugin.
#[derive(Clone, Copy)]
pub struct Plugin {
    root: PluginRootRef,
    /// The version that the library was built with.
    peer: ApiVersion,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plugin")
    }
}

/// The major version, before the layouts: those of another generation differ anyway, and the owner should hear the reason.
fn check_generation(header: &LibHeader) -> Result<ApiVersion, RootError> {
    let unreadable = |error: &dyn std::fmt::Display| RootError::Version(first_lines(&error.to_string()));
    let plugin = VersionNumber::new(header.version_strings()).map_err(|error| unreadable(&error))?;
    let own = VersionNumber::new(PluginRootRef::VERSION_STRINGS).map_err(|error| unreadable(&error))?;
    if plugin.major == own.major {
        return Ok(ApiVersion { major: plugin.major, minor: plugin.minor });
    }
    Err(RootError::Version(format!("the plugin has {plugin}, this program {own}")))
}

/// The layout check, both ways: the plugin may know less than this host (it was built before) or more (it was built
/// later). Each check has its own memory of types, so that one bad plugin cannot spoil the next.
fn check_layout(header: &LibHeader) -> Result<(), RootError> {
    let IsLayoutChecked::Yes(plugin) = header.root_mod_consts().layout() else {
        return Err(RootError::Layout("it hides its layout".to_owned()));
    };
    let host = PluginRootRef::LAYOUT;
    let same_or_newer = check_layout_compatibility_with_globals(host, plugin, &CheckingGlobals::new());
    let Err(reason) = same_or_newer else { return Ok(()) };
    check_layout_compatibility_with_globals(plugin, host, &CheckingGlobals::new())
        .map_err(|_| RootError::Layout(first_difference(&reason.to_string())))
}

/// The first difference in a report of some hundred lines: the field, and what is wrong with it.
fn first_difference(report: &str) -> String {
    let lines: Vec<&str> = report.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let Some(at) = lines.iter().position(|line| line.starts_with("Error:")) else { return first_lines(report) };
    let field = lines[..at].iter().rev().find_map(|line| line.strip_prefix("field_name:")).unwrap_or("root");
    let error: Vec<&str> = lines[at..].iter().take(5).copied().collect();
    format!("{field}: {}", error.join(" ").trim_start_matches("Error:"))
}

fn first_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(12).collect();
    lines.join("; ")
}

impl Plugin {
    /// Checks the header, the version and the layout behind a symbol, then runs the plugin's start-up code.
    ///
    /// # Errors
    /// See [`RootError`].
    ///
    /// # Safety
    /// `symbol` is the address of [`ROOT_SYMBOL`] in a library that stays loaded until the process ends.
    #[allow(unsafe_code)]
    pub unsafe fn from_symbol(symbol: *const c_void) -> Result<Self, RootError> {
        // SAFETY: the symbol is a `LibHeader`, which begins with an `AbiHeader`; `AbiHeaderRef` is a reference to that.
        // `upgrade` compares the header's magic and version before anything behind it is read.
        let header: AbiHeaderRef = unsafe { std::mem::transmute::<*const c_void, AbiHeaderRef>(symbol) };
        let header = header.upgrade().map_err(|error| RootError::Header(first_lines(&error.to_string())))?;
        let peer = check_generation(header)?;
        check_layout(header)?;
        // SAFETY: the layouts were compared just now, in the direction that fits.
        let root = unsafe { header.init_root_module_with_unchecked_layout::<PluginRootRef>() };
        match root {
            Ok(root) => Ok(Plugin { root, peer }),
            Err(error @ (LibraryError::IncompatibleVersionNumber { .. } | LibraryError::ParseVersionError(_))) => {
                Err(RootError::Version(first_lines(&error.to_string())))
            }
            Err(error) => Err(RootError::Constructor(first_lines(&error.to_string()))),
        }
    }

    /// The manifest inside the library.
    pub fn manifest(&self) -> &'static str {
        self.root.manifest()().as_str()
    }

    /// The version of the contract that the library speaks.
    pub fn api(&self) -> ApiVersion {
        self.peer
    }

    /// The capabilities that the library really has.
    pub fn kinds(&self) -> Vec<Kind> {
        let bits = self.root.kinds();
        Kind::ALL.into_iter().filter(|kind| bits & 1 << kind.number() != 0).collect()
    }

    /// Gives the library its host. Once, before anything else.
    ///
    /// # Errors
    /// Whatever the library says.
    pub fn attach(&self, services: Arc<dyn HostServices>, border: Arc<dyn Border>) -> PluginResult<()> {
        let host = HostExport { services, border: Arc::clone(&border), peer: self.peer }.into_box();
        let mut answer = RVec::new();
        match inside(|| self.root.attach_host()(host, ApiVersion::OWN.pack(), &mut answer)) {
            OK => Ok(()),
            _ => Err(failed(&border, "attach_host", &answer)),
        }
    }

    /// Asks the library whether it can work at all.
    ///
    /// # Errors
    /// Why not.
    pub fn health(&self, border: &Arc<dyn Border>) -> PluginResult<String> {
        let mut answer = RVec::new();
        match inside(|| self.root.health()(&mut answer)) {
            OK => String::unpack(&answer, None).inspect_err(|error| border.bad_answer("health", &error.message)),
            _ => Err(failed(border, "health", &answer)),
        }
    }

    /// Makes an object of the capability with this number.
    ///
    /// # Errors
    /// What the factory says; a factory that panics is [`ErrorCode::Panic`].
    pub fn make(&self, kind: u32, context: &PluginContext, border: &Arc<dyn Border>) -> PluginResult<AbiLink> {
        let services = Arc::clone(&context.host);
        let host = HostExport { services, border: Arc::clone(border), peer: self.peer }.into_box();
        let request = FactoryRequest {
            instance: context.instance.clone(),
            folder: context.folder.clone(),
            settings: context.settings.clone(),
        };
        let request = codec::encode_for(&request, self.peer);
        let mut answer = RVec::new();
        match inside(|| self.root.make()(kind, host, request.as_slice().into(), &mut answer)) {
            ROption::RSome(object) => Ok(AbiLink::new(object, Arc::clone(border), self.peer)),
            ROption::RNone if answer.is_empty() => {
                border.bad_answer("factory", "no object and no reason");
                Err(PluginError::new(ErrorCode::BadMessage, "the factory answered nothing"))
            }
            ROption::RNone => Err(failed(border, "factory", &answer)),
        }
    }

    /// The plugin's help with its settings.
    ///
    /// # Errors
    /// As [`Plugin::make`].
    pub fn settings_guide(
        &self,
        context: &PluginContext,
        border: &Arc<dyn Border>,
    ) -> PluginResult<Box<dyn SettingsGuide>> {
        Ok(Box::new(SettingsClient(self.make(SettingsTable::KIND, context, border)?)))
    }
}

macro_rules! make {
    ($($(#[$meta:meta])* $name:ident $kind:ident $trait:ident $client:ident;)*) => {
        impl Plugin {
            $(
                $(#[$meta])*
                ///
                /// # Errors
                /// As [`Plugin::make`].
                pub fn $name(
                    &self,
                    context: &PluginContext,
                    border: &Arc<dyn Border>,
                ) -> PluginResult<Box<dyn $trait>> {
                    Ok(Box::new($client(self.make(Kind::$kind.number(), context, border)?)))
                }
            )*
        }
    };
}
make! {
    /// Makes a storage.
    storage Storage StorageProvider StorageClient;
    /// Makes a way to pay.
    payment Payment PaymentProvider PaymentClient;
    /// Makes a backup scheduler.
    backup Backup BackupScheduler BackupClient;
    /// Makes a printer.
    printer Printer Printer PrinterClient;
    /// Makes an event sink.
    events Events EventSink EventsClient;
}
