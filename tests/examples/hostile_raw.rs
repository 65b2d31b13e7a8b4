//! A plugin written past `export_plugin!`: its calls answer whatever bytes its settings name, and a mark inside the
//! library (see `hostile_misbehaving.rs`) makes its start-up code fail.
#![allow(unsafe_code)]

use abi_stable::library::{CheckTypeLayout, LibHeader, RootModuleError, RootModuleResult};
use abi_stable::prefix_type::{PrefixRefTrait, PrefixTypeTrait};
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{ROption, RSlice, RStr, RVec};
use aurapos_plugin_api::abi::*;
use aurapos_plugin_api::contract::call::{self, Table};
use aurapos_plugin_api::contract::codec;
use aurapos_plugin_api::contract::host::FactoryRequest;
use aurapos_plugin_api::contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentTable};
use aurapos_plugin_api::contract::settings::{SettingProblem, SettingsTable};
use aurapos_plugin_api::{ApiVersion, ErrorCode, PluginError, Settings};
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

/// An answer as the codec makes it.
fn good<T: call::Answer>(value: T, out: &mut RVec<u8>) -> u32 {
    let mut bytes = Vec::new();
    value.pack(&mut call::Reply::new(&mut bytes, ApiVersion::OWN));
    *out = bytes.into();
    OK
}

fn bad(error: &PluginError, out: &mut RVec<u8>) -> u32 {
    *out = codec::encode(error).into();
    ERROR
}

impl AbiObject for Raw {
    fn call(
        &self,
        method: u32,
        _: RSlice<'_, u8>,
        _: CallerRef<'_>,
        out: &mut RVec<u8>,
        _: &mut ROption<StoreBox>,
    ) -> u32 {
        if method == PaymentTable::capabilities().number {
            return good(PaymentCapabilities::default(), out);
        }
        if method == PaymentTable::query_status().number {
            return good(PaymentAnswer::default(), out);
        }
        *out = if self.error.is_empty() { self.answer.clone() } else { self.error.clone() }.into();
        if self.error.is_empty() { OK } else { ERROR }
    }
}

/// Its settings are as good as any.
#[derive(Debug)]
struct NoProblems;

impl AbiObject for NoProblems {
    fn call(&self, _: u32, _: RSlice<'_, u8>, _: CallerRef<'_>, out: &mut RVec<u8>, _: &mut ROption<StoreBox>) -> u32 {
        good(Vec::<SettingProblem>::new(), out)
    }
}

/// One byte on the wire for each text of a receipt, some twenty in memory: [{6: ["", "", …]}].
fn bomb() -> Vec<u8> {
    let count = codec::MESSAGE_BYTES_MAX - 8;
    let mut bytes = vec![0x81, 0xa1, 6, 0x9a];
    bytes.extend((count as u32).to_be_bytes());
    bytes.resize(bytes.len() + count, 0x60);
    bytes
}

fn bytes(settings: &Settings, key: &str) -> Vec<u8> {
    if settings.text(key) == Ok("bomb") {
        return bomb();
    }
    let digits = settings.text(key).unwrap_or_default().as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or(""), 16).unwrap_or(0);
    digits.map(byte).collect()
}

extern "C" fn manifest() -> RStr<'static> {
    include_str!("hostile_raw.plugin.toml").into()
}

extern "C" fn attach_host(_: HostBox, _: u64, out: &mut RVec<u8>) -> u32 {
    match mark() {
        "rejects the host" => bad(&PluginError::new(ErrorCode::Busy, "not in this house"), out),
        "mumbles" => {
            *out = vec![0xff; 9].into();
            ERROR
        }
        _ => OK,
    }
}

extern "C" fn health(out: &mut RVec<u8>) -> u32 {
    good("ready".to_owned(), out)
}

extern "C" fn make(kind: u32, _: HostBox, request: RSlice<'_, u8>, out: &mut RVec<u8>) -> ROption<ObjectBox> {
    if kind == SettingsTable::KIND {
        return ROption::RSome(AbiObject_TO::from_value(NoProblems, TD_Opaque));
    }
    if kind != PaymentTable::KIND {
        bad(&PluginError::new(ErrorCode::Unsupported, "only payments"), out);
        return ROption::RNone;
    }
    let settings = codec::decode::<FactoryRequest>(request.as_slice()).unwrap_or_default().settings;
    let raw = Raw { answer: bytes(&settings, "answer"), error: bytes(&settings, "error") };
    ROption::RSome(AbiObject_TO::from_value(raw, TD_Opaque))
}

extern "C" fn root() -> RootModuleResult {
    match mark() {
        "constructor fails" => return RootModuleResult::RErr(RootModuleError::Unwound),
        "constructor panics" => panic!("over the edge"),
        _ => {}
    }
    let kinds = if mark() == "has nothing" { 0 } else { 1 << PaymentTable::KIND };
    let root = PluginRoot { manifest, attach_host, health, kinds, make };
    let root = root.leak_into_prefix().to_prefix_ref();
    // SAFETY: the header below names `PluginRootRef`, which is what is made here.
    RootModuleResult::ROk(unsafe { root.cast() })
}

/// The symbol that `export_plugin!` writes.
// SAFETY: `root` answers a `PluginRootRef`.
#[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
pub static ROOT: LibHeader = unsafe { LibHeader::from_constructor::<PluginRootRef>(root, CheckTypeLayout::Yes) };
