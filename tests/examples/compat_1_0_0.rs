//! A plugin built when 1.0.0 was released.
#![deny(unsafe_code)]

extern crate aurapos_plugin_api_1_0_0 as aurapos_plugin_api;

include!("../compat/coins.rs");
