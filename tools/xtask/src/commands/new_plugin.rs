//! `cargo xtask new-plugin`: the first folder of a plugin's author, which builds, tests and conforms at once, here and on
//! every other machine.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use super::Command;
use crate::failure::{Context, Failure, Outcome};
use crate::packed::{Packed, Proof, offline_first, pack, unpack};
use crate::process;
use crate::workspace::Workspace;

mod template;

use template::Kind;

pub(super) const COMMAND: Command = Command {
    name: "new-plugin",
    summary: "a crate of your own for a plugin of any kind",
    help: "cargo xtask new-plugin KIND NAME [--dir DIR]\n\n\
        Writes a crate outside this checkout that builds, tests and conforms as it is. KIND is one of:\n\
        \x20 payment   vouchers up to a limit; can be sold with\n\
        \x20 storage   tables in memory over a log in one file; the place to put an engine of your own\n\
        \x20 printer   each document as text, into a folder\n\
        \x20 events    what was committed, one line of JSON each\n\
        \x20 backup    one copy a day, the last ten are kept\n\
        NAME is the plugin's id and the crate's name: a-z, 0-9 and -, from a letter, at most 40 characters.\n\
        \x20 --dir DIR  the folder to make; otherwise NAME beside this checkout. Nothing is ever overwritten.\n\
        The crates of AuraPOS that it needs lie packed in its `vendor/`: it builds wherever its folder is copied, without\n\
        this checkout. The next steps are in its README; the whole page is plugin-api/AUTHORS.md.",
    run,
};

/// As in the manifest of every plugin.
const NAME_CHARS_MAX: usize = 40;
/// Ids of the plugins that come with AuraPOS: two plugins of one id are refused by the host.
const TAKEN: [&str; 6] = ["sqlite", "postgres", "cash", "backup-scheduler", "file-printer", "sales-csv"];
/// Words of Rust that a crate cannot be called, as far as an id can spell them.
const RUST_WORDS: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum \
    extern false final fn for gen if impl in let loop macro match mod move mut override priv proc-macro pub ref return \
    self static std struct super test trait true try type typeof unsafe unsized use virtual where while yield";
/// Where the crates of AuraPOS lie in the new crate.
const VENDOR: &str = "vendor";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    kind: Kind,
    name: String,
    folder: Option<PathBuf>,
}

fn run(arguments: &[String]) -> Outcome<()> {
    let wish = wish(arguments)?;
    let workspace = Workspace::members_only()?;
    let root = fs::canonicalize(&workspace.root).while_doing("finding this checkout")?;
    let lock = fs::read_to_string(root.join("Cargo.lock")).while_doing("reading Cargo.lock")?;
    if lock.lines().any(|line| line == format!("name = \"{}\"", wish.name)) {
        return Err(Failure::refused(format!(
            "`{}` is a crate that plugins are built with: choose another",
            wish.name
        )));
    }
    let folder = destination(&wish, &root)?;
    // A folder of its own: two that make plugins at once must not write one file.
    let aside = workspace.target_dir.join(format!("new-plugin-{}", std::process::id()));
    let made = pack(&workspace, &aside, Proof::Content).and_then(|packed| {
        for (file, text) in template::files(wish.kind, &wish.name, &packed) {
            write_new(&folder.join(file), &text)?;
        }
        unpack(&packed, &folder.join(VENDOR))?;
        lock_versions(&folder, &lock, &packed)
    });
    // What was packed is in the new crate now, or of no use.
    let _ = fs::remove_dir_all(&aside);
    made?;
    let programs = workspace.target_dir.join("debug");
    println!("{} is there, a plugin of kind {} that conforms as it is. Next:", folder.display(), wish.kind.word());
    println!("  cd '{}'\n  cargo test", folder.display());
    println!("  export AURAPOS_PROGRAMS='{}'    # where `cargo xtask stage` puts aurapos-admin", programs.display());
    println!("  less README.md    # build, pack, test, install, use");
    Ok(())
}

/// Writes the versions that this checkout was tested with, and of them only those that the new crate needs: cargo reads
/// the whole lock file, keeps each version, and drops the entries that nothing asks for.
fn lock_versions(folder: &Path, lock: &str, packed: &[Packed]) -> Outcome<()> {
    write_new(&folder.join("Cargo.lock"), lock)?;
    offline_first(|| {
        let mut command = process::cargo();
        command.current_dir(folder).args(["update", "--workspace", "--quiet"]);
        command
    })?;
    let kept = fs::read_to_string(folder.join("Cargo.lock")).while_doing("reading the new Cargo.lock")?;
    match packed
        .iter()
        .find(|packed| !kept.contains(&format!("name = \"{}\"\nversion = \"{}\"", packed.name, packed.version)))
    {
        None => Ok(()),
        Some(Packed { name, .. }) => Err(Failure::refused(format!("the new Cargo.lock does not name {name}"))),
    }
}

fn wish(arguments: &[String]) -> Outcome<Wish> {
    let (mut words, mut folder) = (Vec::new(), None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--dir" => {
                folder = Some(PathBuf::from(rest.next().ok_or_else(|| Failure::usage("--dir needs a folder."))?))
            }
            flag if flag.starts_with('-') => return Err(super::unknown(flag)),
            word => words.push(word),
        }
    }
    let [kind, name] = words[..] else {
        return Err(Failure::usage("new-plugin needs a kind and a name: `new-plugin payment acme-pay`."));
    };
    let kind = Kind::of_word(kind).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::word).join(", ");
        Failure::usage(format!("`{kind}` is no kind of plugin: {known}."))
    })?;
    check_name(name)?;
    Ok(Wish { kind, name: name.to_owned(), folder })
}

fn check_name(name: &str) -> Outcome<()> {
    let refuse = |why: &str| Err(Failure::usage(format!("`{name}` cannot be a plugin's name: {why}.")));
    let right = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.bytes().all(right) {
        return refuse("it has a-z, 0-9 and -, and starts with a letter");
    }
    if name.len() > NAME_CHARS_MAX {
        return refuse("it has more than 40 characters");
    }
    if TAKEN.contains(&name) {
        return refuse("a plugin that comes with AuraPOS has it");
    }
    if RUST_WORDS.split_whitespace().any(|word| word == name) {
        return refuse("it is a word of Rust");
    }
    Ok(())
}

/// The folder to make: outside the checkout, and not there yet or empty.
fn destination(wish: &Wish, root: &Path) -> Outcome<PathBuf> {
    let wanted = wish.folder.clone().unwrap_or_else(|| root.with_file_name(&wish.name));
    let folder = resolved(&std::path::absolute(&wanted).while_doing(wanted.display())?);
    if folder.starts_with(root) {
        let words = "is inside this checkout, whose checks would look at it: name a folder elsewhere with --dir";
        return Err(Failure::refused(format!("{} {words}", folder.display())));
    }
    let there = fs::symlink_metadata(&folder).is_ok();
    let empty = || fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_none());
    if there && !empty() {
        let words = "is there already, and nothing is overwritten: choose another name or --dir";
        return Err(Failure::refused(format!("{} {words}", folder.display())));
    }
    Ok(folder)
}

/// The path without `..` and links, as far as it exists: `checkout/../x` is not inside the checkout.
fn resolved(absolute: &Path) -> PathBuf {
    let mut real = PathBuf::new();
    for part in absolute.components() {
        if part == Component::ParentDir {
            real.pop();
        } else {
            real.push(part);
        }
        real = fs::canonicalize(&real).unwrap_or(real);
    }
    real
}

fn write_new(file: &Path, text: &str) -> Outcome<()> {
    let doing = || format!("writing {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).while_doing(doing())?;
    }
    let mut new = OpenOptions::new().write(true).create_new(true).open(file).while_doing(doing())?;
    new.write_all(text.as_bytes()).while_doing(doing())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Outcome<Wish> {
        wish(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    /// The words in the refusal, or `ok`.
    fn check(line: &str, expected: &str) {
        let said = asked(line).map_or_else(|failure| failure.to_string(), |_| "ok".to_owned());
        assert!(said.contains(expected), "{line}: {said}");
    }

    #[test]
    fn names_and_kinds_are_checked() {
        for good in ["payment acme-pay", "storage a", "payment x9 --dir y", "--dir y storage z", "payment use-it"] {
            check(good, "ok");
        }
        for name in ["Acme", "9a", "-a", "a_b", "a/b", "é", "a.b"] {
            check(&format!("payment {name}"), if name == "-a" { "means nothing" } else { "starts with a letter" });
        }
        check(&format!("payment {}", "a".repeat(41)), "more than 40");
        check("payment cash", "comes with AuraPOS");
        check("storage self", "word of Rust");
        for kind in ["printer", "backup", "events"] {
            check(&format!("{kind} p"), "ok");
        }
        check("kitchen p", "payment, storage, printer, events, backup");
        for wrong in ["", "payment", "payment a b", "payment a --dir", "payment a --force"] {
            assert_eq!(asked(wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn the_ids_of_ours_are_taken() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        let mut ids: Vec<String> = Vec::new();
        for entry in fs::read_dir(root).unwrap() {
            let table: toml::Table =
                fs::read_to_string(entry.unwrap().path().join("plugin.toml")).unwrap().parse().unwrap();
            ids.push(table["id"].as_str().unwrap().to_owned());
        }
        ids.sort();
        let mut taken = TAKEN.to_vec();
        taken.sort_unstable();
        assert_eq!(ids, taken);
    }

    #[test]
    fn a_plugin_lies_outside_and_overwrites_nothing() {
        let place = tempfile::tempdir().unwrap();
        let place = fs::canonicalize(place.path()).unwrap();
        let root = place.join("aurapos");
        fs::create_dir_all(root.join("plugins")).unwrap();
        fs::create_dir_all(place.join("full/x")).unwrap();
        fs::create_dir_all(place.join("empty")).unwrap();
        std::os::unix::fs::symlink(root.join("plugins"), place.join("link")).unwrap();
        let at = |folder: Option<&str>| {
            let wish =
                Wish { kind: Kind::Payment, name: "acme".to_owned(), folder: folder.map(|folder| place.join(folder)) };
            destination(&wish, &root).map_err(|failure| failure.to_string())
        };
        assert_eq!(at(None).unwrap(), place.join("acme"));
        assert_eq!(at(Some("empty")).unwrap(), place.join("empty"));
        assert_eq!(at(Some("aurapos/../b")).unwrap(), place.join("b"));
        for inside in ["aurapos", "aurapos/plugins/acme", "link/acme", "x/../aurapos/acme"] {
            assert!(at(Some(inside)).unwrap_err().contains("inside this checkout"), "{inside}");
        }
        assert!(at(Some("full")).unwrap_err().contains("nothing is overwritten"));
        let file = place.join("file");
        write_new(&file, "mine").unwrap();
        assert!(at(Some("file")).unwrap_err().contains("nothing is overwritten"));
        assert!(write_new(&file, "theirs").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }
}
