//! `aurapos-plugin-probe`: loads one plugin library, checks it as the host would, and says what became of it. It exists so
//! that what a library does to its process is done to this one.

fn main() -> std::process::ExitCode {
    aurapos_plugin_host::probe::child::main()
}
