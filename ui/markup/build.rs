//! Compiles the markup of `ui/slint` with its translations and fonts in it.

use slint_build::CompilerConfiguration;

fn main() {
    // Element names for tests and the audit; set here so that one build serves programs, lints and tests.
    // SAFETY of the order: nothing else runs in this build script yet.
    let config = CompilerConfiguration::new().with_style("fluent".into()).with_debug_info(true);
    slint_build::compile_with_config("../slint/app.slint", config).expect("the markup compiles");
}
