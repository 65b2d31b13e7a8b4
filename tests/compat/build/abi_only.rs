//! An ABI made by the build script from today's: layouts only, nothing that could use them.
#![allow(unsafe_code, missing_docs, non_local_definitions, clippy::all)]

include!(concat!(env!("OUT_DIR"), "/abi.rs"));
