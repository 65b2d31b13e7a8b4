//! `cargo xtask run`: the register, from a fresh clone to its window.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use super::{Command, first_sale, unknown};
use crate::failure::{Failure, Outcome};
use crate::packages::{self, C_COMPILER, WINDOW_BUILD, WINDOW_RUN};
use crate::process;
use crate::stage::{Profile, WINDOW, build_with};
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "run",
    summary: "build and open the register; --sample opens it in a sample shop",
    help: "cargo xtask run [--sample] [--data DIR] [--release] [-- ARGUMENTS OF aurapos]\n\
        cargo xtask run --terminal [--sample] [--data DIR]\n\n\
        Installs what is missing where it may, builds and stages AuraPOS and opens the register. Where there is no\n\
        shop yet, its wizard asks for one. The first build takes minutes (Slint); later ones seconds.\n\
        \x20 --sample    work in target/sample-shop, set up with the sample catalog if it is not there yet, and leave\n\
        \x20             the user's data folder alone\n\
        \x20 --data DIR  the data folder; otherwise AURAPOS_DATA, otherwise the user's data folder\n\
        \x20 --release   the optimised program; building it takes much longer\n\
        \x20 --terminal  no window: set up the sample shop if there is no shop, and sell something with aurapos-admin\n\
        What stands after -- goes to the register: --lang fr, --fullscreen, --safe-mode, --config FILE.",
    run,
};

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wish {
    sample: bool,
    terminal: bool,
    release: bool,
    data: Option<PathBuf>,
    /// For the register itself.
    passed_on: Vec<String>,
}

fn wish(arguments: &[String]) -> Outcome<Wish> {
    let mut wish = Wish::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--sample" => wish.sample = true,
            "--terminal" => wish.terminal = true,
            "--release" => wish.release = true,
            "--data" => {
                let folder = rest.next().ok_or_else(|| Failure::usage("--data needs a folder."))?;
                wish.data = Some(PathBuf::from(folder));
            }
            "--" => wish.passed_on = rest.by_ref().cloned().collect(),
            other => return Err(unknown(other)),
        }
    }
    if wish.terminal && !wish.passed_on.is_empty() {
        return Err(Failure::usage("--terminal opens no register that could read what stands after --."));
    }
    Ok(wish)
}

/// The folder, and the words that say why this one.
fn data_folder(
    wish: &Wish,
    target_dir: &Path,
    environment: impl Fn(&str) -> Option<PathBuf>,
) -> Outcome<(PathBuf, &'static str)> {
    if let Some(folder) = &wish.data {
        return Ok((folder.clone(), "named by --data"));
    }
    if wish.sample {
        return Ok((target_dir.join("sample-shop"), "the sample's own"));
    }
    if let Some(folder) = environment("AURAPOS_DATA") {
        return Ok((folder, "named by AURAPOS_DATA"));
    }
    let share = environment("XDG_DATA_HOME").or_else(|| Some(environment("HOME")?.join(".local/share")));
    share
        .map(|share| (share.join("AuraPOS"), "the user's data folder"))
        .ok_or_else(|| Failure::refused("no data folder: neither HOME nor XDG_DATA_HOME is set; name one with --data"))
}

fn run(arguments: &[String]) -> Outcome<()> {
    let wish = wish(arguments)?;
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let mut needs = vec![&C_COMPILER];
    if !wish.terminal {
        // Said before a build of minutes, not after it.
        needs_display(|name| !cfg!(target_os = "linux") || set(name).is_some())?;
        needs.extend(WINDOW_BUILD.iter().chain(WINDOW_RUN));
    }
    packages::ensure(needs)?;
    let workspace = Workspace::members_only()?;
    let (data, why) = data_folder(&wish, &workspace.target_dir, set)?;
    let profile = if wish.release { Profile::Release } else { Profile::Debug };
    let staged = build_with(&workspace, profile, (!wish.terminal).then_some(WINDOW.0))?;
    println!("\nData folder: {} ({why})", data.display());
    if wish.terminal {
        return first_sale::sell(&staged, &data);
    }
    if wish.sample {
        println!("{}", first_sale::shop_to_try(&staged, &data)?);
    }
    process::run(Process::new(staged.program(WINDOW.1)).arg("--data").arg(&data).args(&wish.passed_on))
}

/// A window needs somewhere to open; `is_set` answers for the environment.
fn needs_display(is_set: impl Fn(&str) -> bool) -> Outcome<()> {
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        return Ok(());
    }
    Err(Failure::refused(
        "there is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set.\n\
         Type it in a desktop session, or bring a display along: `ssh -X` from a machine that has one, or\n\
         `xvfb-run -a cargo xtask run` for one that nobody sees. Without any: `cargo xtask shots` draws every screen\n\
         into files, and `cargo xtask run --terminal` sells on the terminal.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wished(arguments: &[&str]) -> Outcome<Wish> {
        wish(&arguments.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

    fn folder(arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let set = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value));
        let (folder, _) = data_folder(&wished(arguments).unwrap(), Path::new("target"), set).unwrap();
        folder.display().to_string()
    }

    #[test]
    fn the_data_folder_is_the_nearest_wish() {
        let all = [("AURAPOS_DATA", "/a"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")];
        assert_eq!(folder(&["--data", "/d", "--sample"], &all), "/d");
        assert_eq!(folder(&["--sample"], &all), "target/sample-shop");
        assert_eq!(folder(&[], &all), "/a");
        assert_eq!(folder(&[], &all[1..]), "/x/AuraPOS");
        assert_eq!(folder(&[], &all[2..]), "/h/.local/share/AuraPOS");
        assert!(data_folder(&Wish::default(), Path::new("t"), |_| None).is_err());
    }

    #[test]
    fn what_stands_after_the_dashes_goes_to_the_register() {
        let wish = wished(&["--sample", "--", "--lang", "de", "--sample"]).unwrap();
        assert_eq!(wish.passed_on, ["--lang", "de", "--sample"]);
        assert!(wish.sample && !wish.release);
        assert!(wished(&["--lang", "de"]).is_err());
        // Without a window there is no program that could read them.
        assert!(wished(&["--terminal", "--", "--lang", "de"]).is_err());
    }

    #[test]
    fn without_a_display_the_next_step_is_said() {
        let with = |name: &'static str| move |asked: &str| asked == name;
        assert_eq!(needs_display(with("DISPLAY")), Ok(()));
        assert_eq!(needs_display(with("WAYLAND_DISPLAY")), Ok(()));
        let words = needs_display(|_| false).unwrap_err().to_string();
        for next in ["DISPLAY", "xvfb-run", "cargo xtask shots", "--terminal"] {
            assert!(words.contains(next), "{words}");
        }
    }
}
