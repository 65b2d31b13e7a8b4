//! The ABI after a mistake: a field of the root became smaller, under the same version.

#[path = "source.rs"]
#[allow(dead_code)]
mod source;

fn main() {
    let source = source::Source::of_the_api();
    source.change("abi.rs", "pub kinds: u64,", "pub kinds: u32,");
    source.make_includable("abi.rs");
}
