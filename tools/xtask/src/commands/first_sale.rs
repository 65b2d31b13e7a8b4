//! A sample shop and its first sale, made with `aurapos-admin` as a person would.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde_json::Value;

use crate::failure::{Context, Outcome};
use crate::process;
use crate::stage::Staged;

/// The name of the sample shop.
const SHOP: &str = "Épicerie du Coin";
/// The manager of the sample shop, who makes the first sale.
const MANAGER: &str = "Mia";
/// Her PIN; printed, so that the shop can be used afterwards.
const PIN: &str = "4711";
/// The first customer's basket: a piece, two of something, and half a kilogram.
const BASKET: [&str; 3] = ["BOUL-001", "EAU-001:2", "FRUIT-001:0.5"];

/// Sets up the sample shop where there is no shop, and says what is there.
///
/// # Errors
/// The shop cannot be made, or the one that is there cannot be read.
pub(super) fn shop_to_try(staged: &Staged, data: &Path) -> Outcome<String> {
    let shop = open_shop(&Admin::new(staged, data))?;
    let hint = format!("{}\nSign in as {MANAGER}, PIN {PIN}.", shop.words);
    Ok(if shop.is_sample { hint } else { shop.words })
}

/// Sells something in the sample shop and prints the receipt; sells nothing in anybody else's.
///
/// # Errors
/// A command of `aurapos-admin` refuses.
pub(super) fn sell(staged: &Staged, data: &Path) -> Outcome<()> {
    let admin = Admin::new(staged, data);
    let shop = open_shop(&admin)?;
    println!("{}", shop.words);
    if shop.is_sample {
        println!("{}", open_drawer(&admin)?);
        println!("\n{}", admin.show(&sell_words())?.trim_end());
        println!("\nDone: one cash sale, on disk before it was shown. Try next:\n{}", next_steps(&admin));
    } else {
        println!("Done: nothing was sold, because this is not the sample shop.");
        println!(
            "`cargo xtask run --terminal --sample` sells in a sample shop of its own. Try next:\n{}",
            next_steps(&admin)
        );
    }
    Ok(())
}

/// `aurapos-admin` on one data folder.
struct Admin {
    program: PathBuf,
    data: PathBuf,
}

impl Admin {
    fn new(staged: &Staged, data: &Path) -> Self {
        Self { program: staged.program("aurapos-admin"), data: data.to_owned() }
    }

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
