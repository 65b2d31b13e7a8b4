//! The files of a new plugin: what all kinds share, and what each has of its own.
//!
//! Owns: the templates and the places in them. Must not know: where the files go. No file names a folder of this machine.

use crate::packed::Packed;

/// What can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Payment,
    Storage,
    Printer,
    Events,
    Backup,
}

/// A file of a template: where it goes, and its text with places to fill in.
type File = (&'static str, &'static str);

/// What one kind has of its own.
struct Template {
    manifest: &'static str,
    source: &'static str,
    tests: &'static str,
    /// Other files.
    more: &'static [File],
    /// What it is, at the top of the README.
    about: &'static str,
    /// The last lines of the README's commands: how a shop uses it.
    shop: &'static str,
    /// Lines of Cargo.toml for dependencies of its own.
    needs: &'static str,
}

macro_rules! template {
    ($kind:literal, $needs:expr, $more:expr) => {
        Template {
            manifest: include_str!(concat!("../../../templates/", $kind, "/plugin.toml")),
            source: include_str!(concat!("../../../templates/", $kind, "/src/lib.rs")),
            tests: include_str!(concat!("../../../templates/", $kind, "/src/tests.rs")),
            about: include_str!(concat!("../../../templates/", $kind, "/about.txt")),
            shop: include_str!(concat!("../../../templates/", $kind, "/shop.txt")),
            needs: $needs,
            more: $more,
        }
    };
}

const SHARED: [File; 5] = [
    ("Cargo.toml", include_str!("../../../templates/Cargo.toml.txt")),
    ("README.md", include_str!("../../../templates/README.md.txt")),
    (".gitignore", include_str!("../../../templates/gitignore.txt")),
    // An error of ours says where it is and what is there: larger than clippy likes, and made a few times a day.
    ("clippy.toml", "large-error-threshold = 320\n"),
    ("rustfmt.toml", "style_edition = \"2024\"\nmax_width = 120\nuse_small_heuristics = \"Max\"\n"),
];

/// The storage stands on the testkit's plain store until it has an engine of its own.
const STORAGE_NEEDS: &str = "# Only for the store that `src/lib.rs` begins with; goes to [dev-dependencies] with an engine of your own.\n\
    aurapos-plugin-testkit = { version = \"@TESTKIT_VERSION@\", path = \"vendor/aurapos-plugin-testkit\" }\n";

impl Kind {
    /// In the order of the help.
    pub(super) const ALL: [Kind; 5] = [Kind::Payment, Kind::Storage, Kind::Printer, Kind::Events, Kind::Backup];

    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Payment => "payment",
            Kind::Storage => "storage",
            Kind::Printer => "printer",
            Kind::Events => "events",
            Kind::Backup => "backup",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    fn template(self) -> Template {
        match self {
            Kind::Payment => template!("payment", "", &[]),
            Kind::Storage => template!("storage", STORAGE_NEEDS, &[]),
            Kind::Printer => template!("printer", "", &[]),
            Kind::Events => template!("events", "serde_json = \"1\"\n", &[]),
            Kind::Backup => template!(
                "backup",
                "sha2 = \"0.11\"\n",
                &[("src/shelf.rs", include_str!("../../../templates/backup/src/shelf.rs"))]
            ),
        }
    }
}

/// The files of a plugin, relative to its folder.
pub(super) fn files(kind: Kind, name: &str, packed: &[Packed]) -> Vec<(&'static str, String)> {
    let Template { manifest, source, tests, more, about, shop, needs } = kind.template();
    let library = format!("{}{}{}", std::env::consts::DLL_PREFIX, name.replace('-', "_"), std::env::consts::DLL_SUFFIX);
    let version = |name: &str| {
        packed.iter().find(|packed| packed.name == name).map_or_else(|| "*".to_owned(), |packed| packed.version.clone())
    };
    // In this order: some places are filled with texts that have places of their own.
    let places = [
        ("@ABOUT@", about.trim_end().to_owned()),
        ("@SHOP@", shop.trim_end().to_owned()),
        ("@NEEDS@\n", needs.to_owned()),
        ("@KIND@", kind.word().to_owned()),
        ("@NAME@", name.to_owned()),
        ("@API_VERSION@", version("aurapos-plugin-api")),
        ("@TESTKIT_VERSION@", version("aurapos-plugin-testkit")),
        ("@LIBRARY@", library),
    ];
    let filled = |text: &str| places.iter().fold(text.to_owned(), |text, (place, words)| text.replace(place, words));
    let own = [("plugin.toml", manifest), ("src/lib.rs", source), ("src/tests.rs", tests)];
    SHARED.iter().chain(&own).chain(more).map(|&(file, text)| (file, filled(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn no_place_is_left_open() {
        let packed = crate::packed::CRATES.map(|name| Packed {
            name: name.to_owned(),
            version: "1.2.3".to_owned(),
            file: PathBuf::new(),
        });
        for kind in Kind::ALL {
            for (file, text) in files(kind, "acme-pay", &packed) {
                let open =
                    text.split('@').skip(1).step_by(2).any(|word| {
                        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                    });
                assert!(!open, "{}: {file}: {text}", kind.word());
                if file.ends_with(".toml") {
                    text.parse::<toml::Table>().unwrap();
                }
                if file == "Cargo.toml" {
                    let table: toml::Table = text.parse().unwrap();
                    let api = &table["dependencies"]["aurapos-plugin-api"];
                    assert_eq!(api["version"].as_str(), Some("1.2.3"), "{text}");
                    assert_eq!(api["path"].as_str(), Some("vendor/aurapos-plugin-api"), "{text}");
                    assert_eq!(table["dependencies"].get("aurapos-plugin-testkit").is_some(), kind == Kind::Storage);
                }
            }
        }
    }
}
