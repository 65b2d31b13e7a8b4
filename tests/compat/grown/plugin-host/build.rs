//! As the host's own build script: tells the code which target it is built for.

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET for build scripts");
    println!("cargo:rustc-env=AURAPOS_TARGET={target}");
    println!("cargo:rerun-if-changed=build.rs");
}
