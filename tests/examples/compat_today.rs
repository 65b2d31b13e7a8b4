//! A plugin of today's API.
#![deny(unsafe_code)]

include!("../compat/coins.rs");
