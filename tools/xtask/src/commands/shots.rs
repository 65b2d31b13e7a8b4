//! `cargo xtask shots`: a picture of every screen, without a display.

use std::path::PathBuf;
use std::process::Command as Process;

use super::{Command, unknown};
use crate::failure::{Context, Failure, Outcome};
use crate::packages::{self, C_COMPILER, WINDOW_BUILD};
use crate::process;
use crate::sheet;
use crate::stage::{Profile, SHOTS, build_with};
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "shots",
    summary: "draw every screen into files, with contact sheets; needs no display",
    help: "cargo xtask shots [--out DIR] [--screen NAME] [--theme light|dark] [--size WxH] [--lang xx]\n\n\
        Builds AuraPOS, opens a register with the sample shop in a temporary folder and drives its window, which\n\
        nobody sees, to every screen. Writes <screen>-<theme>-<size>-<language>.png and contact sheets\n\
        sheet-<theme>-<size>-<language>-<number>.png.\n\
        \x20 --out DIR      where to; target/shots otherwise. Pictures of an earlier run are removed, unless one of the\n\
        \x20                following asks for a part only\n\
        \x20 --screen NAME  only screens whose name begins like this\n\
        \x20 --theme, --size, --lang  only this one; otherwise both themes in three sizes, and each language once",
    run,
};

/// The plugin of the pictures that show a payment going on.
const TERMINAL: &str = "window_terminal";

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wish {
    out: Option<PathBuf>,
    /// For the program that draws, as it was typed.
    filters: Vec<String>,
}

fn wish(arguments: &[String]) -> Outcome<Wish> {
    let mut wish = Wish::default();
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        if !matches!(name.as_str(), "--out" | "--screen" | "--theme" | "--size" | "--lang") {
            return Err(unknown(name));
        }
        let value = rest.next().ok_or_else(|| Failure::usage(format!("{name} needs a value.")))?;
        let is_side = |side: &str| side.parse::<u16>().is_ok_and(|pixels| pixels > 0);
        match name.as_str() {
            "--out" => {
                wish.out = Some(PathBuf::from(value));
                continue;
            }
            "--theme" if !matches!(value.as_str(), "light" | "dark") => {
                return Err(Failure::usage(format!("the theme is light or dark, not `{value}`.")));
            }
            "--size" if !value.split_once('x').is_some_and(|(width, height)| is_side(width) && is_side(height)) => {
                return Err(Failure::usage(format!("a size is like 1280x800, not `{value}`.")));
            }
            _ => {}
        }
        wish.filters.extend([name.clone(), value.clone()]);
    }
    Ok(wish)
}

fn run(arguments: &[String]) -> Outcome<()> {
    let wish = wish(arguments)?;
    packages::ensure([&C_COMPILER].into_iter().chain(WINDOW_BUILD))?;
    let workspace = Workspace::members_only()?;
    let staged = build_with(&workspace, Profile::Debug, Some(SHOTS.0))?;
    // The card terminal of the pictures is a plugin that no shop has.
    process::run(process::cargo().current_dir(&workspace.root).args(["build", "-p", SHOTS.0, "--example", TERMINAL]))?;
    let out = wish.out.unwrap_or_else(|| workspace.target_dir.join("shots"));
    std::fs::create_dir_all(&out).while_doing(format!("creating {}", out.display()))?;
    if wish.filters.is_empty() {
        sheet::clear(&out)?;
    }
    process::run(Process::new(staged.program(SHOTS.1)).arg("--out").arg(&out).args(&wish.filters))?;
    for file in sheet::make(&out)? {
        println!("{}", file.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wished(arguments: &[&str]) -> Outcome<Wish> {
        wish(&arguments.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn filters_are_checked_here_and_passed_on() {
        let wish = wished(&["--theme", "dark", "--out", "here", "--size", "1024x768"]).unwrap();
        assert_eq!(wish.out, Some(PathBuf::from("here")));
        assert_eq!(wish.filters, ["--theme", "dark", "--size", "1024x768"]);
        for wrong in
            [&["--theme", "blue"][..], &["--size", "big"], &["--size", "0x800"], &["--size"], &["--fast", "x"], &["x"]]
        {
            assert_eq!(wished(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }
}
