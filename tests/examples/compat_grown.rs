//! A plugin of a later minor version of the API.
#![deny(unsafe_code)]

extern crate aurapos_plugin_api_grown as aurapos_plugin_api;

include!("../compat/coins.rs");
