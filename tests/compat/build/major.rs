//! The ABI under the next major version: nothing changes but the package's version.

#[path = "source.rs"]
#[allow(dead_code)]
mod source;

fn main() {
    source::Source::of_the_api().make_includable("abi.rs");
}
