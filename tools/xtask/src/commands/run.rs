//! `cargo xtask run`: the shop from nothing to its first receipt, on the terminal.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde_json::Value;

use super::{Command, unknown};
use crate::failure::{Context, Failure, Outcome};
use crate::packages::{self, C_COMPILER};
use crate::process;
use crate::stage::{Profile, build_and_lay_out};
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "run",
    summary: "set up a sample shop if there is none, and sell something in it",
    help: "cargo xtask run [--sample] [--data DIR]\n\n\
        Builds and stages AuraPOS, then works with aurapos-admin as a person would: sets up a shop with the\n\
        sample catalog where there is none, opens a drawer if none is open, makes one cash sale and prints it.\n\
        \x20 --data DIR  the data folder; otherwise AURAPOS_DATA, otherwise the user's data folder\n\
        \x20 --sample    use a sample shop in target/sample-shop and leave the user's data folder alone\n\
        The window arrives with the register; until then the terminal is what there is.",
    run,
};

/// The name of the sample shop.
const SHOP: &str = "Épicerie du Coin";
/// The manager of the sample shop, who makes the first sale.
const MANAGER: &str = "Mia";
/// Her PIN; printed, so that the shop can be used afterwards.
const PIN: &str = "4711";
/// The first customer's basket: a piece, two of something, and half a kilogram.
const BASKET: [&str; 3] = ["BOUL-001", "EAU-001:2", "FRUIT-001:0.5"];

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    sample: bool,
    data: Option<PathBuf>,
}

fn wish(arguments: &[String]) -> Outcome<Wish> {
    let mut wish = Wish { sample: false, data: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--sample" => wish.sample = true,
            "--data" => {
                let folder = rest.next().ok_or_else(|| Failure::usage("--data needs a folder."))?;
                wish.data = Some(PathBuf::from(folder));
            }
            other => return Err(unknown(other)),
        }
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
    packages::ensure(&[&C_COMPILER])?;
    let workspace = Workspace::members_only()?;
    let staged = build_and_lay_out(&workspace, Profile::Debug)?;
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let (data, why) = data_folder(&wish, &workspace.target_dir, set)?;
    let admin = Admin { program: staged.folder.join("aurapos-admin"), data };
    println!("\nData folder: {} ({why})", admin.data.display());

    let shop = open_shop(&admin)?;
    println!("{}", shop.words);
    if shop.is_sample {
        println!("{}", open_drawer(&admin)?);
        println!("\n{}", admin.show(&sell_words())?.trim_end());
        println!("\nDone: one cash sale, on disk before it was shown. Try next:\n{}", next_steps(&admin));
    } else {
        println!("Done: nothing was sold, because this is not the sample shop.");
        println!("`cargo xtask run --sample` sells in a sample shop of its own. Try next:\n{}", next_steps(&admin));
    }
    Ok(())
}

/// `aurapos-admin` on one data folder.
struct Admin {
    program: PathBuf,
    data: PathBuf,
}

impl Admin {
    fn command(&self, words: &[&str]) -> Process {
        eprintln!("$ aurapos-admin {}", words.join(" "));
        let mut command = Process::new(&self.program);
        // The PIN travels in the environment: a process list is readable by everybody.
        command.arg("--data").arg(&self.data).args(words).env("AURAPOS_PIN", PIN);
        command
    }

    /// One command, its answer as a person reads it.
    fn show(&self, words: &[&str]) -> Outcome<String> {
        process::output_of(&mut self.command(words))
    }

    /// One command, its answer as a script reads it.
    fn ask(&self, words: &[&str]) -> Outcome<Value> {
        let answer = process::output_of(self.command(words).arg("--json"))?;
        serde_json::from_str(&answer).while_doing(format!("reading the answer of `{}`", words.join(" ")))
    }
}

/// The shop in the data folder.
struct Shop {
    /// Whether it is ours to sell in; guessing the PIN of somebody's own operator would lock them out.
    is_sample: bool,
    words: String,
}

/// A shop is there when any of its files is: a damaged one must not be mistaken for none.
fn open_shop(admin: &Admin) -> Outcome<Shop> {
    let files = ["aurapos.toml", "aurapos.last-good.toml", "AuraPOS.db"];
    if files.iter().any(|file| admin.data.join(file).exists()) {
        let status = admin.ask(&["status"])?;
        let (name, register) = (word(&status, "shop"), word(&status, "register"));
        let words = format!("Shop: {name}, register {register}; it was there already.");
        return Ok(Shop { is_sample: name == SHOP, words });
    }
    let place = ["--country", "BE", "--language", "fr", "--mode", "single", "--register", "R1"];
    let mut words = vec!["init", "--shop", SHOP];
    words.extend(place);
    words.extend(["--manager", MANAGER, "--sample-data"]);
    let shop = admin.ask(&words)?;
    let name = word(&shop, "shop");
    let words = format!("Shop: {name}, set up with the sample catalog; manager {MANAGER}, PIN {PIN}.");
    Ok(Shop { is_sample: true, words })
}

fn open_drawer(admin: &Admin) -> Outcome<String> {
    let status = admin.ask(&["drawer", "status"])?;
    if status["open"].as_bool() == Some(true) {
        return Ok("Drawer: open already.".to_owned());
    }
    admin.ask(&["drawer", "open", "--operator", MANAGER, "--float", "100.00"])?;
    Ok("Drawer: opened with a float of 100.00.".to_owned())
}

fn sell_words() -> Vec<&'static str> {
    let mut words = vec!["sell", "--operator", MANAGER];
    for item in BASKET {
        words.extend(["--item", item]);
    }
    words.extend(["--tender", "cash=20.00"]);
    words
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("-")
}

fn next_steps(admin: &Admin) -> String {
    let program = format!("{} --data '{}'", admin.program.display(), admin.data.display());
    format!(
        "\x20 {program} status\n\
         \x20 {program} sales list\n\
         \x20 {program} journal verify\n\
         \x20 {program} backup now\n\
         \x20 {program} --help"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        let set = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value));
        let (folder, _) = data_folder(&wish(&arguments).unwrap(), Path::new("target"), set).unwrap();
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
        assert!(data_folder(&Wish { sample: false, data: None }, Path::new("t"), |_| None).is_err());
    }

    #[test]
    fn the_first_basket_is_in_the_sample_shop() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host/sample/data/catalog.csv");
        let catalog = std::fs::read_to_string(file).unwrap();
        for item in BASKET {
            let sku = item.split(':').next().unwrap();
            assert!(catalog.lines().any(|line| line.starts_with(&format!("{sku},"))), "{sku}");
        }
    }
}
