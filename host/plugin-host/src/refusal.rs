//! Every reason for which a plugin is not used, or no longer used: a code, a plain sentence, what to do next.

use aurapos_plugin_api::manifest::ManifestError;
use std::fmt;

macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $code:literal, $sentence:literal, $next:literal;)*) => {
        /// Why. The number never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $($(#[$meta])* $variant,)* }

        impl Code {
            /// All codes, in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// `P-102`.
            pub fn text(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// What it means, as a sentence without the particulars.
            pub fn sentence(self) -> &'static str {
                match self { $(Code::$variant => $sentence,)* }
            }

            /// What to do next.
            pub fn next(self) -> &'static str {
                match self { $(Code::$variant => $next,)* }
            }
        }
    };
}

codes! {
    /// No plugin of that name.
    NotFound = "P-100", "no plugin of this name is installed", "Install the plugin, or correct its name in aurapos.toml.";
    /// The manifest cannot be read.
    Manifest = "P-101", "the plugin's description (plugin.toml) is wrong", "Ask the plugin's publisher for a corrected version.";
    /// Another processor or system.
    Target = "P-102", "the plugin was built for another kind of machine", "Get the plugin's version for this machine.";
    /// The size differs from the manifest's.
    Size = "P-103", "the plugin's file is damaged", "Install the plugin again.";
    /// The API range excludes this program.
    ApiRange = "P-104", "the plugin was made for another version of AuraPOS", "Get a version of the plugin for this AuraPOS, or update AuraPOS.";
    /// Several plugins fit.
    Ambiguous = "P-105", "several plugins fit this name", "Name the version in aurapos.toml, or remove the others.";
    /// The same id twice.
    Duplicate = "P-106", "two plugins have the same id and version", "Remove one of them.";
    /// It cannot do what it was chosen for.
    WrongKind = "P-107", "the plugin does not do what it was chosen for", "Choose another plugin in aurapos.toml.";
    /// The content differs from the manifest's hash.
    Hash = "P-108", "the plugin's file is damaged or was changed", "Install the plugin again.";
    /// Nobody said that it may be used.
    NotTrusted = "P-109", "nobody has trusted this plugin yet", "If you know where it comes from: aurapos-admin plugin trust.";
    /// Not the file that was trusted.
    Changed = "P-110", "the file is not the one you trusted", "If you updated it yourself: aurapos-admin plugin trust. Otherwise install it again.";
    /// Not a shared library.
    NotALibrary = "P-111", "the file is not a plugin library", "Ask the plugin's publisher for the right file.";
    /// No bytes.
    Empty = "P-112", "the plugin's file is empty", "Install the plugin again.";
    /// A part of the library lies outside the file.
    CutOff = "P-113", "the plugin's file is cut off", "Install the plugin again.";
    /// The private copy could not be made.
    Cache = "P-114", "the plugin could not be copied into the private folder", "Make room on the disk and check the rights of the data folder.";
    /// It took the trial process down.
    ProbeDied = "P-115", "the plugin crashed while it was tried out", "Tell the plugin's publisher; use another plugin until then.";
    /// The trial did not end.
    ProbeHung = "P-116", "the plugin did not finish starting while it was tried out", "Tell the plugin's publisher; use another plugin until then.";
    /// The system could not load it.
    Open = "P-117", "the system cannot load the plugin", "Install what the plugin needs, or ask its publisher.";
    /// It has no root.
    NoRoot = "P-118", "the library is not an AuraPOS plugin", "Ask the plugin's publisher for the right file.";
    /// Another foundation.
    Foundation = "P-119", "the plugin was built with incompatible tools", "Ask the plugin's publisher for a new build.";
    /// Another major version of the interface.
    Generation = "P-120", "the plugin was built for another generation of AuraPOS", "Get a version of the plugin for this AuraPOS, or update AuraPOS.";
    /// Layouts differ.
    Layout = "P-121", "the plugin and AuraPOS disagree about their data", "Ask the plugin's publisher for a new build.";
    /// The code that makes the root failed.
    Constructor = "P-122", "the plugin failed while starting", "Tell the plugin's publisher.";
    /// Sidecar and embedded manifest differ.
    ManifestDiffers = "P-123", "the plugin's description does not belong to its file", "Install the plugin again from its publisher.";
    /// It lacks a capability that its manifest promises.
    KindMissing = "P-124", "the plugin lacks what its description promises", "Tell the plugin's publisher.";
    /// Its health says no.
    Unwell = "P-125", "the plugin says that it cannot work here", "Follow what the plugin says.";
    /// The factory refused.
    Factory = "P-126", "the plugin could not be started with these settings", "Check the plugin's settings in aurapos.toml.";
    /// The factory panicked.
    FactoryPanic = "P-127", "the plugin failed badly while being started", "Tell the plugin's publisher; check its settings.";
    /// The factory did not answer.
    FactoryHung = "P-128", "the plugin did not finish starting", "Restart AuraPOS; then aurapos-admin plugin enable to try again.";
    /// A setting is wrong.
    Settings = "P-129", "a setting of the plugin is wrong", "Correct the setting in aurapos.toml.";
    /// `trust = "signed"`.
    NoSigning = "P-130", "signed plugins are not supported by this version", "Use trust = \"tofu\" in aurapos.toml.";
    /// `isolation = "process"`.
    NoRunner = "P-131", "running a plugin in its own process is not supported by this version", "Use isolation = \"in-process\" if you trust the plugin.";
    /// A third party's plugin would share this process.
    NeedsConsent = "P-132", "a plugin that did not come with AuraPOS runs inside it only when you say so", "If you trust its publisher: aurapos-admin plugin enable --in-process.";
    /// The library is not there or cannot be read.
    Unreadable = "P-133", "the plugin's file is missing or cannot be read", "Install the plugin again.";
    /// The owner turned it off.
    Disabled = "P-134", "the plugin is switched off", "Switch it on: aurapos-admin plugin enable.";
    /// The trial program is missing.
    NoProbe = "P-135", "the program that tries out plugins is missing", "Install AuraPOS again.";
    /// A built-in that is not the one of this build.
    NotBuiltIn = "P-136", "the plugin is not the one that came with this AuraPOS", "Install AuraPOS again.";
    /// A file of the host's own could not be read or written.
    State = "P-137", "a file about the plugins cannot be read or written", "Check the disk and the rights of the data folder.";
    /// The trial process says it loaded, then could not be understood.
    ProbeLied = "P-138", "trying the plugin out gave no understandable answer", "Tell the plugin's publisher.";
    /// It came with the program.
    BuiltIn = "P-139", "the plugin came with AuraPOS", "It stays where it is and is trusted; to stop using it: aurapos-admin plugin disable.";
    /// A method panicked. Not a quarantine: the object is replaced.
    Panicked = "P-140", "the plugin failed in a call; it was started anew", "Nothing, unless it happens again; then tell the plugin's publisher.";
    /// A Drop panicked.
    PanickedInDrop = "P-141", "the plugin failed while cleaning up", "Nothing, unless it happens again; then tell the plugin's publisher.";
    /// A thread of the plugin panicked.
    PanickedOutside = "P-142", "a background task of the plugin failed", "Restart AuraPOS if the plugin no longer works; tell its publisher.";
    /// The file with its secrets cannot be used.
    Secrets = "P-143", "the plugin's secrets cannot be read", "See secrets.toml in the data folder; set them again: aurapos-admin plugin set-secret.";
    /// A payment instance hangs in a call, and another one of its name was asked for.
    StillBusy = "P-144", "an earlier instance of the plugin has not ended yet", "Wait until it ends, or restart AuraPOS.";
    /// A call did not come back.
    Hung = "P-150", "the plugin did not answer in time", "aurapos-admin plugin enable, then restart, to try it again.";
    /// A storage call did not come back (yet).
    StoreHung = "P-151", "the storage did not answer in time", "Check the disk; selling goes on when the storage answers, or after a restart.";
    /// It took the program down.
    Crashed = "P-152", "the plugin crashed AuraPOS the last time", "aurapos-admin plugin enable to try it again; tell its publisher.";
    /// It ended the program.
    Exited = "P-153", "the plugin ended AuraPOS the last time", "aurapos-admin plugin enable to try it again; tell its publisher.";
    /// An answer that cannot be read.
    BadAnswer = "P-154", "the plugin gave an answer that makes no sense", "aurapos-admin plugin enable to try it again; tell its publisher.";
    /// Rows that are not what they say.
    BadRows = "P-155", "the plugin gave damaged rows", "Check the data (aurapos-admin doctor); tell the plugin's publisher.";
    /// Health said yes and nothing works.
    LyingHealth = "P-156", "the plugin said it was well, but does not work", "Tell the plugin's publisher.";
    /// An answer that does not add up, found by whoever computed it again.
    WrongAnswer = "P-157", "the plugin's answer does not add up", "Tell the plugin's publisher; check the payment by hand.";
}

/// A plugin is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// One plain sentence with the particulars.
    pub message: String,
    /// What to do next.
    pub next: String,
}

impl Refusal {
    /// A refusal of a plugin with particulars; both may be empty.
    pub fn new(code: Code, plugin: &str, particulars: impl fmt::Display) -> Refusal {
        let particulars = particulars.to_string();
        let subject = if plugin.is_empty() { String::new() } else { format!("{plugin}: ") };
        let sentence = code.sentence();
        let message = if particulars.is_empty() {
            format!("{subject}{sentence}")
        } else {
            format!("{subject}{sentence} ({particulars})")
        };
        Refusal { code, message, next: code.next().to_owned() }
    }

    /// What is told of a manifest that was refused: made for another AuraPOS, or wrong.
    pub fn of_manifest(plugin: &str, error: &ManifestError) -> Refusal {
        let code = match error {
            ManifestError::Api { .. } => Code::ApiRange,
            _ => Code::Manifest,
        };
        Refusal::new(code, plugin, error)
    }

    /// The code as text: `P-102`.
    pub fn code_text(&self) -> &'static str {
        self.code.text()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.text(), self.message)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_distinct_and_says_what_and_what_next() {
        let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        let sentences: BTreeSet<&str> = Code::ALL.iter().map(|code| code.sentence()).collect();
        assert_eq!(sentences.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.text().starts_with("P-1") && code.text().len() == 5, "{code:?}");
            assert!(code.sentence().len() > 15 && !code.sentence().ends_with('.'), "{code:?}");
            assert!(code.next().ends_with('.') && code.next().len() > 15, "{code:?}");
        }
    }

    #[test]
    fn the_readme_lists_every_code() {
        let readme = include_str!("../README.md");
        for code in Code::ALL {
            let row = format!("| {} | {} |", code.text(), code.sentence());
            assert!(readme.contains(&row), "missing in README.md: {row}");
        }
    }
}
