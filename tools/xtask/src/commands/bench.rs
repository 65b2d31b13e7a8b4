//! `cargo xtask bench`: every figure beside its raw limit, measured by the package `aurapos-bench`.

use std::path::Path;
use std::process::Command as Process;

use super::Command;
use crate::failure::Outcome;
use crate::packages::{self, C_COMPILER, WINDOW_BUILD, WINDOW_RUN, WINDOW_TESTS};
use crate::process;
use crate::stage::{Profile, WINDOW, build_with};
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "bench",
    summary: "measure every figure beside its raw limit; --smoke only proves that it works",
    help: "cargo xtask bench [--smoke] [ARGUMENTS OF aurapos-bench]\n\n\
        Builds and stages the release programs, then runs aurapos-bench. A whole run prints a table, puts it into\n\
        host/docs/measurements.md and writes target/bench.json; with arguments it only prints, or does what they say.\n\
        Close other programs first: what else runs is measured too. The window is built and measured too, unless --only\n\
        names other groups: its first release build takes a long time.\n\
        \x20 --smoke  every measurement once with tiny sizes, unoptimised, writing nothing: no figure, only proof\n\
        \x20          that the measurements still run; `cargo xtask test` does this\n\
        The other arguments are the program's own; tools/bench/README.md names them.",
    run,
};

/// The package and its program.
const PROGRAM: &str = "aurapos-bench";

fn run(arguments: &[String]) -> Outcome<()> {
    let window = measures_window(arguments);
    let more = [WINDOW_BUILD, WINDOW_RUN, WINDOW_TESTS].into_iter().flatten().filter(|_| window);
    packages::ensure([&C_COMPILER].into_iter().chain(more))?;
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let profile = if smoke { Profile::Debug } else { Profile::Release };
    let workspace = Workspace::members_only()?;
    let staged = build_with(&workspace, profile, window.then_some(WINDOW.0))?;
    // Its examples are libraries that it loads and measures.
    let mut build = process::cargo();
    build.current_dir(&workspace.root).arg("build").args(profile.arguments());
    process::run(build.args(["-p", PROGRAM, "--bins", "--examples"]))?;
    if arguments.is_empty() {
        let keep = ["--into", "host/docs/measurements.md", "--json", "target/bench.json"].map(str::to_owned);
        return measure(&workspace.root, &staged.folder, &keep);
    }
    measure(&workspace.root, &staged.folder, arguments)
}

/// Every group is measured, or those that `--only` names.
fn measures_window(arguments: &[String]) -> bool {
    let named = || arguments.windows(2).filter(|pair| pair[0] == "--only").map(|pair| pair[1].as_str());
    named().next().is_none() || named().any(|group| group == "window")
}

/// Runs the built program; it finds the staged plugins beside itself.
///
/// # Errors
/// A measurement could not be made. A goal that was missed is a figure, not an error.
pub(super) fn measure(root: &Path, folder: &Path, arguments: &[String]) -> Outcome<()> {
    let program = folder.join(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
    process::run(Process::new(program).current_dir(root).args(arguments))
}

#[cfg(test)]
mod tests {
    use super::measures_window;

    #[test]
    fn the_window_is_built_only_where_it_is_measured() {
        let measures = |words: &[&str]| measures_window(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        assert!(measures(&[]) && measures(&["--smoke"]) && measures(&["--only", "abi", "--only", "window"]));
        assert!(!measures(&["--only", "abi"]) && !measures(&["--only", "abi", "--smoke", "--only", "commit"]));
    }
}
