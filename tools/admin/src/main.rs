//! Everything a shop owner or a script needs without a screen.

fn main() {}
