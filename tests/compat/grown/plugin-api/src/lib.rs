//! Today's plugin API, grown by its build script (`tests/compat/build/grown.rs`).

include!(concat!(env!("OUT_DIR"), "/lib.rs"));
