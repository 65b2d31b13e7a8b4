//! The host's side of a loaded library: from the address of its symbol to a checked [`Plugin`]. Opening the file is the
//! host's business; nothing here touches the file system.

use crate::abi::{PluginRootRef, kinds};
use crate::import::Imported;
use crate::manifest::Kind;
use crate::objects::{Border, HostExport};
use crate::pack::error_of;
use abi_stable::StableAbi;
use abi_stable::abi_stability::abi_checking::{CheckingGlobals, check_layout_compatibility_with_globals};
use abi_stable::library::{
    AbiHeaderRef, IsLayoutChecked, LibHeader, LibraryError, ROOT_MODULE_LOADER_NAME_WITH_NUL, RootModule,
};
use abi_stable::sabi_types::VersionNumber;
use abi_stable::std_types::{RErr, ROk, RResult, RVec};
use aurapos_contract::{
    BackupScheduler, ErrorCode, EventSink, HostServices, PaymentProvider, PluginContext, PluginError, PluginResult,
    Printer, StorageProvider, codec,
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
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plugin")
    }
}

/// The major version, before the layouts: those of another generation differ anyway, and the owner should hear the reason.
fn check_generation(header: &LibHeader) -> Result<(), RootError> {
    let unreadable = |error: &dyn std::fmt::Display| RootError::Version(first_lines(&error.to_string()));
    let plugin = VersionNumber::new(header.version_strings()).map_err(|error| unreadable(&error))?;
    let own = VersionNumber::new(PluginRootRef::VERSION_STRINGS).map_err(|error| unreadable(&error))?;
    if plugin.major == own.major {
        return Ok(());
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
        check_generation(header)?;
        check_layout(header)?;
        // SAFETY: the layouts were compared just now, in the direction that fits.
        let root = unsafe { header.init_root_module_with_unchecked_layout::<PluginRootRef>() };
        match root {
            Ok(root) => Ok(Plugin { root }),
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

    /// The capabilities that the library really has.
    pub fn kinds(&self) -> Vec<Kind> {
        let bits = self.root.kinds();
        let all = [
            (kinds::STORAGE, Kind::Storage),
            (kinds::PAYMENT, Kind::Payment),
            (kinds::BACKUP, Kind::Backup),
            (kinds::PRINTER, Kind::Printer),
            (kinds::EVENTS, Kind::Events),
        ];
        all.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, kind)| kind).collect()
    }

    /// Gives the library its host. Once, before anything else.
    ///
    /// # Errors
    /// Whatever the library says.
    pub fn attach(&self, services: Arc<dyn HostServices>, border: Arc<dyn Border>) -> PluginResult<()> {
        understood(
            &border,
            "attach_host",
            self.root.attach_host()(HostExport { services, border: border.clone() }.into_box()),
        )
    }

    /// Asks the library whether it can work at all.
    ///
    /// # Errors
    /// Why not.
    pub fn health(&self, border: &Arc<dyn Border>) -> PluginResult<String> {
        understood(border, "health", self.root.health()()).map(String::from)
    }
}

fn understood<A>(border: &Arc<dyn Border>, call: &'static str, answer: RResult<A, RVec<u8>>) -> PluginResult<A> {
    match answer {
        ROk(value) => Ok(value),
        RErr(bytes) => Err(error_of(&bytes).unwrap_or_else(|unreadable| {
            border.bad_answer(call, &unreadable.message);
            PluginError::new(ErrorCode::BadMessage, unreadable.message)
        })),
    }
}

macro_rules! make {
    ($(#[$meta:meta])* $name:ident, $factory:ident, $trait:ident) => {
        impl Plugin {
            $(#[$meta])*
            ///
            /// # Errors
            /// What the factory says; a factory that panics is [`ErrorCode::Panic`].
            pub fn $name(&self, context: &PluginContext, border: &Arc<dyn Border>) -> PluginResult<Box<dyn $trait>> {
                let host = HostExport { services: Arc::clone(&context.host), border: Arc::clone(border) }.into_box();
                let settings = codec::encode(&context.settings);
                let made = self.root.$factory()(host, context.instance.as_str().into(), settings.as_slice().into());
                Ok(Box::new(Imported::new(understood(border, "factory", made)?, Arc::clone(border))))
            }
        }
    };
}
make!(/** Makes a storage. */ storage, storage, StorageProvider);
make!(/** Makes a way to pay. */ payment, payment, PaymentProvider);
make!(/** Makes a backup scheduler. */ backup, backup, BackupScheduler);
make!(/** Makes a printer. */ printer, printer, Printer);
make!(/** Makes an event sink. */ events, events, EventSink);
