//! `cargo xtask new-plugin`: the first folder of a plugin's author, which builds, tests and sells at once.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use super::Command;
use crate::failure::{Context, Failure, Outcome};
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "new-plugin",
    summary: "a crate of your own for a payment or storage plugin",
    help: "cargo xtask new-plugin payment NAME [--dir DIR]\n\
        cargo xtask new-plugin storage NAME [--dir DIR]\n\n\
        Writes a crate outside this checkout that depends on its aurapos-plugin-api alone:\n\
        \x20 payment   works as it is: vouchers up to a limit; conforms, and can be sold with\n\
        \x20 storage   loads and refuses: the conformance suite is the list of what to write\n\
        NAME is the plugin's id and the crate's name: a-z, 0-9 and -, from a letter, at most 40 characters.\n\
        \x20 --dir DIR  the folder to make; otherwise NAME beside this checkout. Nothing is ever overwritten.\n\
        For backup, printer and events there is no template: copy plugins/backup-scheduler, printer-file or\n\
        events-csv. The next steps are in the crate's README; the whole page is plugin-api/AUTHORS.md.",
    run,
};

/// As in the manifest of every plugin.
const NAME_CHARS_MAX: usize = 40;
/// Ids of the plugins that come with AuraPOS: two plugins of one id are refused by the host.
const TAKEN: [&str; 5] = ["sqlite", "cash", "backup-scheduler", "file-printer", "sales-csv"];
/// Words of Rust that a crate cannot be called, as far as an id can spell them.
const RUST_WORDS: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum \
    extern false final fn for gen if impl in let loop macro match mod move mut override priv proc-macro pub ref return \
    self static std struct super test trait true try type typeof unsafe unsized use virtual where while yield";

/// What can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Payment,
    Storage,
}

/// A file of a template: where it goes, and its text with places to fill in.
type File = (&'static str, &'static str);

const PAYMENT: [File; 4] = [
    ("plugin.toml", include_str!("../../templates/payment/plugin.toml")),
    ("README.md", include_str!("../../templates/payment/README.md")),
    ("src/lib.rs", include_str!("../../templates/payment/src/lib.rs")),
    ("src/tests.rs", include_str!("../../templates/payment/src/tests.rs")),
];
const STORAGE: [File; 4] = [
    ("plugin.toml", include_str!("../../templates/storage/plugin.toml")),
    ("README.md", include_str!("../../templates/storage/README.md")),
    ("src/lib.rs", include_str!("../../templates/storage/src/lib.rs")),
    ("src/tests.rs", include_str!("../../templates/storage/src/tests.rs")),
];
const BOTH: [File; 3] = [
    ("Cargo.toml", include_str!("../../templates/Cargo.toml.txt")),
    (".gitignore", include_str!("../../templates/gitignore.txt")),
    ("rustfmt.toml", "style_edition = \"2024\"\nmax_width = 120\nuse_small_heuristics = \"Max\"\n"),
];

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
    let programs = workspace.target_dir.join("debug");
    for (file, text) in files(&wish, &root, &programs)? {
        write_new(&folder.join(file), &text)?;
    }
    // The versions that this checkout was tested with; cargo leaves out what the plugin does not need.
    write_new(&folder.join("Cargo.lock"), &lock)?;
    println!("{} is there: a {} plugin that builds as it is. Next:", folder.display(), word(wish.kind));
    println!("  cd '{}'\n  cargo test\n  less README.md    # build, pack, test, install, sell", folder.display());
    Ok(())
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Payment => "payment",
        Kind::Storage => "storage",
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
    let kind = match kind {
        "payment" => Kind::Payment,
        "storage" => Kind::Storage,
        "backup" | "printer" | "events" => {
            let like = match kind {
                "backup" => "backup-scheduler",
                "printer" => "printer-file",
                _ => "events-csv",
            };
            return Err(Failure::usage(format!(
                "there is no template for {kind} yet: begin with a copy of plugins/{like}."
            )));
        }
        other => return Err(Failure::usage(format!("`{other}` is no kind of plugin: payment or storage."))),
    };
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

/// The files of a plugin, relative to its folder.
fn files(wish: &Wish, root: &Path, programs: &Path) -> Outcome<Vec<(&'static str, String)>> {
    let quoted = |folder: &str| {
        let path = root.join(folder);
        let path =
            path.to_str().ok_or_else(|| Failure::refused("this checkout lies in a folder whose name is no text"))?;
        Ok(toml::Value::from(path).to_string())
    };
    let library =
        format!("{}{}{}", std::env::consts::DLL_PREFIX, wish.name.replace('-', "_"), std::env::consts::DLL_SUFFIX);
    let places = [
        ("@NAME@", wish.name.clone()),
        ("@PLUGIN_API@", quoted("plugin-api")?),
        ("@TESTKIT@", quoted("plugin-api/testkit")?),
        ("@AUTHORS@", root.join("plugin-api/AUTHORS.md").display().to_string()),
        ("@PROGRAMS@", programs.display().to_string()),
        ("@LIBRARY@", library),
    ];
    let own = match wish.kind {
        Kind::Payment => PAYMENT,
        Kind::Storage => STORAGE,
    };
    let filled = |text: &str| places.iter().fold(text.to_owned(), |text, (place, words)| text.replace(place, words));
    Ok(BOTH.iter().chain(&own).map(|&(file, text)| (file, filled(text))).collect())
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
        check("printer p", "plugins/printer-file");
        check("backup p", "plugins/backup-scheduler");
        check("events p", "plugins/events-csv");
        check("kitchen p", "payment or storage");
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

    #[test]
    fn no_place_is_left_open() {
        for kind in [Kind::Payment, Kind::Storage] {
            let wish = Wish { kind, name: "acme-pay".to_owned(), folder: None };
            for (file, text) in files(&wish, Path::new("/some \"place\""), Path::new("/programs")).unwrap() {
                let open = ["@NAME", "@PLUGIN", "@TESTKIT", "@AUTHORS", "@PROGRAMS", "@LIBRARY"];
                assert!(!open.iter().any(|place| text.contains(place)), "{file}: {text}");
                if file.ends_with(".toml") {
                    text.parse::<toml::Table>().unwrap();
                }
            }
        }
    }
}
