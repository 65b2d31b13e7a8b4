//! Compiles the markup of `ui/slint` with its translations, fonts and icons in it.

use slint_build::{CompilerConfiguration, DefaultTranslationContext};

fn main() {
    // Element names for tests and the audit, set here so that one build serves programs, lints and tests. A text means
    // the same wherever it stands: its context is the one written with it, never the name of the component.
    let config = CompilerConfiguration::new()
        .with_style("fluent".into())
        .with_debug_info(true)
        .with_bundled_translations("../lang")
        .with_default_translation_context(DefaultTranslationContext::None);
    slint_build::compile_with_config("../slint/app.slint", config).expect("the markup compiles");
    // The compiler asks for the markup only; a changed translation changes the generated code too.
    println!("cargo:rerun-if-changed=../lang");
}
