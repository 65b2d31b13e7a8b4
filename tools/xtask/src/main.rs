//! cargo xtask run, test, bench, arrows, tidy, new-plugin.

fn main() {}
