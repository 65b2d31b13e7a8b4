//! What `export_plugin!` fills in, and the root made from it.

use crate::abi::*;
use crate::export::Exported;
use crate::guard;
use crate::objects::HostProxy;
use crate::pack::plain;
use abi_stable::library::{RootModuleError, RootModuleResult};
use abi_stable::marker_type::ErasedPrefix;
use abi_stable::prefix_type::{PrefixRef, PrefixRefTrait, PrefixTypeTrait};
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{RResult, RSlice, RStr, RString, RVec};
use aurapos_contract::{
    BackupScheduler, ErrorCode, EventSink, PaymentProvider, PluginContext, PluginError, PluginResult, Printer,
    StorageProvider, codec,
};
use std::panic::catch_unwind;
use std::sync::Arc;

/// Makes one object of a capability.
pub type Factory<T> = fn(PluginContext) -> PluginResult<Box<T>>;

/// A plugin as `export_plugin!` describes it.
pub trait Entry: 'static {
    /// Text of `plugin.toml`.
    const MANIFEST: &'static str;
    /// Storage.
    const STORAGE: Option<Factory<dyn StorageProvider>> = None;
    /// Payment.
    const PAYMENT: Option<Factory<dyn PaymentProvider>> = None;
    /// Backup.
    const BACKUP: Option<Factory<dyn BackupScheduler>> = None;
    /// Printer.
    const PRINTER: Option<Factory<dyn Printer>> = None;
    /// Events.
    const EVENTS: Option<Factory<dyn EventSink>> = None;
    /// Whether the library can work at all; answers a sentence for people.
    const HEALTH: fn() -> PluginResult<String> = || Ok("ready".to_owned());
}

extern "C" fn manifest<E: Entry>() -> RStr<'static> {
    E::MANIFEST.into()
}

extern "C" fn attach_host(host: HostBox) -> Done {
    plain("attach_host", || {
        guard::attach(HostProxy(host));
        Ok(())
    })
}

extern "C" fn health<E: Entry>() -> RResult<RString, RVec<u8>> {
    plain("health", || E::HEALTH().map(RString::from))
}

fn make<T: ?Sized>(
    factory: Option<Factory<T>>,
    host: HostBox,
    instance: RStr<'_>,
    settings: RSlice<'_, u8>,
) -> PluginResult<Exported<T>> {
    let factory = factory.ok_or_else(|| PluginError::new(ErrorCode::Unsupported, "this plugin does not offer that"))?;
    let settings = codec::decode(settings.as_slice())?;
    let host = Arc::new(HostProxy(host));
    factory(PluginContext { host, instance: instance.as_str().to_owned(), settings }).map(Exported::new)
}

macro_rules! factory {
    ($name:ident, $constant:ident, $object:ident, $boxed:ident) => {
        extern "C" fn $name<E: Entry>(
            host: HostBox,
            instance: RStr<'_>,
            settings: RSlice<'_, u8>,
        ) -> RResult<$boxed, RVec<u8>> {
            plain("factory", || {
                make(E::$constant, host, instance, settings).map(|made| $object::from_value(made, TD_Opaque))
            })
        }
    };
}
factory!(storage, STORAGE, AbiStorage_TO, StorageBox);
factory!(payment, PAYMENT, AbiPayment_TO, PaymentBox);
factory!(backup, BACKUP, AbiBackup_TO, BackupBox);
factory!(printer, PRINTER, AbiPrinter_TO, PrinterBox);
factory!(events, EVENTS, AbiEvents_TO, EventsBox);

/// The root of a plugin, for the header that `export_plugin!` writes.
pub fn root<E: Entry>() -> RootModuleResult {
    let made = catch_unwind(|| {
        let bit = |offered: bool, bit: u64| if offered { bit } else { 0 };
        let kinds = bit(E::STORAGE.is_some(), kinds::STORAGE)
            | bit(E::PAYMENT.is_some(), kinds::PAYMENT)
            | bit(E::BACKUP.is_some(), kinds::BACKUP)
            | bit(E::PRINTER.is_some(), kinds::PRINTER)
            | bit(E::EVENTS.is_some(), kinds::EVENTS);
        let root = PluginRoot {
            manifest: manifest::<E>,
            attach_host,
            health: health::<E>,
            kinds,
            storage: storage::<E>,
            payment: payment::<E>,
            backup: backup::<E>,
            printer: printer::<E>,
            events: events::<E>,
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
