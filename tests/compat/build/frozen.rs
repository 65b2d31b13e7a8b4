//! A frozen API passes for `aurapos-plugin-api`: layouts carry the name of their package.

#[path = "source.rs"]
#[allow(dead_code)]
mod source;

fn main() {
    source::pass_for_the_api();
}
