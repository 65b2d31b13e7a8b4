//! What `export_plugin!` fills in, and the root made from it.

use crate::abi::*;
use crate::export::export;
use crate::guard::{self, host_api};
use crate::objects::HostProxy;
use crate::pack::{Out, answer};
use abi_stable::library::{RootModuleError, RootModuleResult};
use abi_stable::marker_type::ErasedPrefix;
use abi_stable::prefix_type::{PrefixRef, PrefixRefTrait, PrefixTypeTrait};
use abi_stable::std_types::{ROption, RSlice, RStr, RVec};
use aurapos_contract::backup::BackupTable;
use aurapos_contract::call::{Answer, Reply, Table};
use aurapos_contract::events::EventsTable;
use aurapos_contract::host::FactoryRequest;
use aurapos_contract::payment::PaymentTable;
use aurapos_contract::printer::PrinterTable;
use aurapos_contract::settings::{NoGuide, SettingsTable};
use aurapos_contract::storage::StorageTable;
use aurapos_contract::{ApiVersion, ErrorCode, PluginContext, PluginError, PluginResult, codec};
use std::panic::catch_unwind;
use std::sync::Arc;

/// Makes one object of a capability.
pub type Factory = fn(PluginContext) -> PluginResult<ObjectBox>;

/// A plugin as `export_plugin!` describes it.
pub trait Entry: 'static {
    /// Text of `plugin.toml`.
    const MANIFEST: &'static str;
    /// Storage.
    const STORAGE: Option<Factory> = None;
    /// Payment.
    const PAYMENT: Option<Factory> = None;
    /// Backup.
    const BACKUP: Option<Factory> = None;
    /// Printer.
    const PRINTER: Option<Factory> = None;
    /// Events.
    const EVENTS: Option<Factory> = None;
    /// Help with its settings.
    const SETTINGS: Factory = |_| Ok(export::<_, SettingsTable>(NoGuide));
    /// Whether the library can work at all; answers a sentence for people.
    const HEALTH: fn() -> PluginResult<String> = || Ok("ready".to_owned());
}

extern "C" fn manifest<E: Entry>() -> RStr<'static> {
    E::MANIFEST.into()
}

extern "C" fn attach_host(host: HostBox, api: u64, out: &mut RVec<u8>) -> u32 {
    let api = ApiVersion::unpack(api);
    answer(
        out,
        api,
        || "attach_host",
        |_| {
            guard::attach(Arc::new(HostProxy::new(host, api)), api);
            Ok(())
        },
    )
}

extern "C" fn health<E: Entry>(out: &mut RVec<u8>) -> u32 {
    answer(
        out,
        host_api(),
        || "health",
        |out| E::HEALTH().map(|sentence| sentence.pack(&mut Reply::new(Out(out), host_api()))),
    )
}

/// The factories by the numbers of their tables.
fn factories<E: Entry>() -> [(u32, Option<Factory>); 6] {
    [
        (SettingsTable::KIND, Some(E::SETTINGS)),
        (StorageTable::KIND, E::STORAGE),
        (PaymentTable::KIND, E::PAYMENT),
        (BackupTable::KIND, E::BACKUP),
        (PrinterTable::KIND, E::PRINTER),
        (EventsTable::KIND, E::EVENTS),
    ]
}

extern "C" fn make<E: Entry>(
    kind: u32,
    host: HostBox,
    request: RSlice<'_, u8>,
    out: &mut RVec<u8>,
) -> ROption<ObjectBox> {
    let mut made = None;
    answer(
        out,
        host_api(),
        || "factory",
        |_| {
            let factory =
                factories::<E>().into_iter().find(|(known, _)| *known == kind).and_then(|(_, factory)| factory);
            let missing = || PluginError::new(ErrorCode::Unsupported, "this plugin does not offer that");
            let FactoryRequest { instance, folder, settings } = codec::decode(request.as_slice())?;
            let api = host_api();
            let host = Arc::new(HostProxy::new(host, api));
            made = Some(factory.ok_or_else(missing)?(PluginContext { host, api, instance, folder, settings })?);
            Ok(())
        },
    );
    made.into()
}

/// The root of a plugin, for the header that `export_plugin!` writes.
pub fn root<E: Entry>() -> RootModuleResult {
    let made = catch_unwind(|| {
        let offered = factories::<E>().into_iter().filter(|(_, factory)| factory.is_some());
        let root = PluginRoot {
            manifest: manifest::<E>,
            attach_host,
            health: health::<E>,
            kinds: offered.fold(0, |bits, (kind, _)| bits | 1 << kind),
            make: make::<E>,
        };
        erase(root.leak_into_prefix().to_prefix_ref())
    });
    RootModuleResult::from(made.map_err(|_| RootModuleError::Unwound))
}

#[allow(unsafe_code)]
fn erase<T>(root: PrefixRef<T>) -> PrefixRef<ErasedPrefix> {
    // SAFETY: the header made by `export_plugin!` names `PluginRootRef` as the root's type.
    unsafe { root.cast() }
}
