//! A plugin written past `export_plugin!`: its calls answer whatever bytes its settings name, and a mark inside the
//! library (see `hostile_misbehaving.rs`) makes its start-up code fail.
#![allow(unsafe_code)]

use abi_stable::library::{CheckTypeLayout, LibHeader, RootModuleError, RootModuleResult};
use abi_stable::prefix_type::{PrefixRefTrait, PrefixTypeTrait};
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{RErr, ROk, RResult, RSlice, RStr, RString, RVec};
use aurapos_plugin_api::abi::*;
use aurapos_plugin_api::contract::codec;
use aurapos_plugin_api::contract::payment::{PaymentAnswer, PaymentCapabilities};
use aurapos_plugin_api::{ErrorCode, PluginError, Settings};
use std::hint::black_box;

/// Thirty-two characters that the tests write over.
static MARK: [u8; 32 + 16] = *b"AURAPOS-HOSTILE:nothing                         ";

fn mark() -> &'static str {
    let mark: &'static [u8; 48] = black_box(&MARK);
    std::str::from_utf8(&mark[16..]).map_or("", str::trim_end)
}

#[derive(Debug)]
struct Raw {
    answer: Vec<u8>,
    error: Vec<u8>,
}

impl Raw {
    fn answer(&self) -> Answer {
        if self.error.is_empty() { ROk(self.answer.clone().into()) } else { RErr(self.error.clone().into()) }
    }
    fn done(&self) -> Done {
        RErr(self.error.clone().into())
    }
}

impl AbiPayment for Raw {
    fn capabilities(&self) -> Answer {
        ROk(codec::encode(&PaymentCapabilities::default()).into())
    }
    fn begin(&self, _: RSlice<'_, u8>, _: ProgressRef<'_>) -> Answer {
        self.answer()
    }
    fn cancel(&self, _: RSlice<'_, u8>) -> Done {
        self.done()
    }
    fn query_status(&self, _: RSlice<'_, u8>) -> Answer {
        ROk(codec::encode(&PaymentAnswer::default()).into())
    }
    fn reverse(&self, _: RSlice<'_, u8>, _: ProgressRef<'_>) -> Answer {
        self.answer()
    }
    fn refund(&self, _: RSlice<'_, u8>, _: ProgressRef<'_>) -> Answer {
        self.answer()
    }
    fn settle(&self, _: ProgressRef<'_>) -> Answer {
        self.answer()
    }
}

fn bytes(settings: &Settings, key: &str) -> Vec<u8> {
    let digits = settings.text(key).unwrap_or_default().as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or(""), 16).unwrap_or(0);
    digits.map(byte).collect()
}

extern "C" fn manifest() -> RStr<'static> {
    include_str!("hostile_raw.plugin.toml").into()
}

extern "C" fn attach_host(_: HostBox) -> Done {
    match mark() {
        "rejects the host" => RErr(codec::encode(&PluginError::new(ErrorCode::Busy, "not in this house")).into()),
        "mumbles" => RErr(vec![0xff; 9].into()),
        _ => ROk(()),
    }
}

extern "C" fn health() -> RResult<RString, RVec<u8>> {
    ROk("ready".into())
}

fn no_such_part<T>() -> RResult<T, RVec<u8>> {
    RErr(codec::encode(&PluginError::new(ErrorCode::Unsupported, "only payments")).into())
}

extern "C" fn storage(_: HostBox, _: RStr<'_>, _: RSlice<'_, u8>) -> RResult<StorageBox, RVec<u8>> {
    no_such_part()
}
extern "C" fn payment(_: HostBox, _: RStr<'_>, settings: RSlice<'_, u8>) -> RResult<PaymentBox, RVec<u8>> {
    let settings: Settings = codec::decode(settings.as_slice()).unwrap_or_default();
    let raw = Raw { answer: bytes(&settings, "answer"), error: bytes(&settings, "error") };
    ROk(AbiPayment_TO::from_value(raw, TD_Opaque))
}
extern "C" fn backup(_: HostBox, _: RStr<'_>, _: RSlice<'_, u8>) -> RResult<BackupBox, RVec<u8>> {
    no_such_part()
}
extern "C" fn printer(_: HostBox, _: RStr<'_>, _: RSlice<'_, u8>) -> RResult<PrinterBox, RVec<u8>> {
    no_such_part()
}
extern "C" fn events(_: HostBox, _: RStr<'_>, _: RSlice<'_, u8>) -> RResult<EventsBox, RVec<u8>> {
    no_such_part()
}

extern "C" fn root() -> RootModuleResult {
    match mark() {
        "constructor fails" => return RootModuleResult::RErr(RootModuleError::Unwound),
        "constructor panics" => panic!("over the edge"),
        _ => {}
    }
    let kinds = if mark() == "has nothing" { 0 } else { kinds::PAYMENT };
    let root = PluginRoot { manifest, attach_host, health, kinds, storage, payment, backup, printer, events };
    let root = root.leak_into_prefix().to_prefix_ref();
    // SAFETY: the header below names `PluginRootRef`, which is what is made here.
    RootModuleResult::ROk(unsafe { root.cast() })
}

/// The symbol that `export_plugin!` writes.
// SAFETY: `root` answers a `PluginRootRef`.
#[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
pub static ROOT: LibHeader = unsafe { LibHeader::from_constructor::<PluginRootRef>(root, CheckTypeLayout::Yes) };
