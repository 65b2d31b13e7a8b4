//! Tells the code which target it is built for; a plugin for another one is refused.

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET for build scripts");
    println!("cargo:rustc-env=AURAPOS_TARGET={target}");
    // Nothing else decides. No file is named: the crate is also built from another package's folder (tests/compat/grown).
    println!("cargo:rerun-if-env-changed=TARGET");
}
