//! The pairing document: everything that a register needs to join a shop, as a file that a person carries.
//!
//! It holds a one-time secret (the code) and is its holder's alone, mode 0600. Its form is versioned: fields are added and never
//! change their meaning, readers skip what they do not know; a version is for what an older reader must not skip.

use super::PairError;
use super::code::Code;
use crate::files::Readers;
use crate::{certificate, os, wish};
use serde::{Deserialize, Serialize};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::{fmt, fs};

/// The newest form that is understood.
pub const VERSION: u64 = 1;
/// The largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// The most addresses in one.
pub(super) const ADDRESSES_MAX: usize = 16;
/// Letters of names and of what PostgreSQL calls things.
const TEXT_CHARACTERS_MAX: usize = 128;

/// A pairing document. Its `Debug` hides the code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The version of this form; its name tells what the file is.
    pub aurapos_pairing: u64,
    /// Name of the shop, as it stands in its authority.
    pub shop: String,
    /// Id of the shop, a UUID; none while no shop was set up on the server.
    #[serde(default)]
    pub shop_id: Option<String>,
    /// Code of the register that is to join.
    pub register: String,
    /// What it is called; empty: nothing was said.
    #[serde(default)]
    pub register_name: String,
    /// Addresses and names of the master, the likeliest first.
    pub addresses: Vec<String>,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The schema of the shop.
    pub schema: String,
    /// The role of the register.
    pub user: String,
    /// Time zone of the shop; empty: unknown.
    #[serde(default)]
    pub time_zone: String,
    /// Until when it can be used, RFC 3339 in UTC. The server's clock decides.
    pub expires: String,
    /// Certificate of the shop's authority, PEM.
    pub authority: String,
    /// The pairing code, whose secret is the one-time password. The server keeps the document without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Document");
        shown.field("shop", &self.shop).field("register", &self.register).field("addresses", &self.addresses);
        shown.field("port", &self.port).field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl Document {
    /// Reads a document; `what` is how its file is called in a refusal. No refusal repeats what stands in it.
    ///
    /// # Errors
    /// [`PairError::NoDocument`], [`PairError::NewerDocument`].
    pub fn parse(text: &str, what: &str) -> Result<Self, PairError> {
        let no = |why: &str| PairError::NoDocument { what: what.to_owned(), why: why.to_owned() };
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(no("it is too long"));
        }
        let value: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| no(&format!("line {}, column {} is not JSON", error.line(), error.column())))?;
        let version = value.get("aurapos_pairing").ok_or_else(|| no("`aurapos_pairing` is missing"))?;
        let version = version.as_u64().ok_or_else(|| no("`aurapos_pairing` is not a number"))?;
        if version > VERSION {
            return Err(PairError::NewerDocument { version, known: VERSION });
        }
        let document: Document = serde_json::from_value(value).map_err(|error| {
            // serde_json repeats a value of the wrong type; a missing field it names.
            let told = error.to_string();
            no(if told.starts_with("missing field") { told.as_str() } else { "a field is of another type" })
        })?;
        document.check().map_err(|why| no(&why))?;
        Ok(document)
    }

    /// The file's text.
    ///
    /// # Errors
    /// Never in practice: everything in it is text and numbers.
    pub fn text(&self) -> Result<String, PairError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| PairError::choice(error.to_string()))?;
        Ok(text + "\n")
    }

    /// Writes it into a new file, for its owner alone; where something is already, nothing is written.
    ///
    /// # Errors
    /// The file cannot be made, or is there.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let text = self.text().map_err(io::Error::other)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        os::readers(&mut options, Readers::Owner);
        let mut open = options.open(file)?;
        let written = open.write_all(text.as_bytes()).and_then(|()| open.sync_all());
        if written.is_err() {
            // Half a pairing helps nobody; the first error is told.
            let _ = fs::remove_file(file);
        }
        written
    }

    /// The code in it.
    ///
    /// # Errors
    /// It has none, or one that was changed.
    pub(super) fn code(&self, what: &str) -> Result<Code, PairError> {
        let no = |why: &str| PairError::NoDocument { what: what.to_owned(), why: why.to_owned() };
        let text = self.code.as_deref().ok_or_else(|| no("missing field `code`"))?;
        Code::parse(text).map_err(|_| no("its code was changed"))
    }

    /// What a settings file and a connection can hold.
    fn check(&self) -> Result<(), String> {
        let role = wish::register_role_of(&self.register).ok_or("`register` is no register code")?;
        if role != self.user {
            return Err("`user` is not the role of its register".to_owned());
        }
        for (field, text) in [("shop", &self.shop), ("database", &self.database), ("schema", &self.schema)] {
            if text.is_empty() || !is_plain(text) {
                return Err(format!("`{field}` is no name"));
            }
        }
        for (field, text) in
            [("register_name", &self.register_name), ("time_zone", &self.time_zone), ("expires", &self.expires)]
        {
            if !is_plain(text) {
                return Err(format!("`{field}` is too long, or has invisible letters"));
            }
        }
        if self.addresses.is_empty() || self.addresses.len() > ADDRESSES_MAX {
            return Err(format!("`addresses` has 1 to {ADDRESSES_MAX} of them"));
        }
        if !self.addresses.iter().all(|address| is_address(address)) {
            return Err("`addresses` has one that is no name and no address".to_owned());
        }
        if self.port == 0 {
            return Err("`port` is 0".to_owned());
        }
        if certificate::read_pem(&self.authority).is_none() {
            return Err("`authority` is no certificate".to_owned());
        }
        Ok(())
    }
}

/// Whether a text names a machine.
pub(super) fn is_address(text: &str) -> bool {
    certificate::is_name(text) || text.parse::<IpAddr>().is_ok()
}

/// Whether a name fits, and everybody sees all of it.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().count() <= TEXT_CHARACTERS_MAX && text.trim() == text && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Authority;
    use serde_json::{Value, json};
    use std::time::SystemTime;

    /// What every document of version 1 is, for ever.
    const GOLDEN: &str = include_str!("golden.json");

    fn golden() -> Document {
        Document::parse(GOLDEN, "golden.json").unwrap()
    }

    #[test]
    fn a_document_is_the_same_for_ever() {
        let document = golden();
        assert_eq!(document.text().unwrap(), GOLDEN);
        assert_eq!(
            (document.shop.as_str(), document.register.as_str(), document.user.as_str(), document.port),
            ("Épicerie du Coin", "R2", "aurapos_r2", 5432)
        );
        assert_eq!(document.code("golden.json").unwrap().text(), "YHMX-BA23-4567-89AB-CD6H");
        let shown = format!("{document:?}");
        assert!(shown.contains("R2") && !shown.contains("YHMX"), "{shown}");
    }

    #[test]
    fn what_a_newer_program_adds_is_skipped_and_what_it_changes_is_refused() {
        let mut value: Value = serde_json::from_str(GOLDEN).unwrap();
        value["later"] = json!({"a": 1});
        assert_eq!(Document::parse(&value.to_string(), "x").unwrap(), golden());
        value["aurapos_pairing"] = json!(2);
        let error = Document::parse(&value.to_string(), "x").unwrap_err();
        assert!(error.code() == "AP-0632" && error.next().contains("Update"), "{error}");
    }

    #[test]
    fn what_is_no_document_is_refused_by_name_and_not_repeated() {
        let refused = |text: &str, words: &str| {
            let error = Document::parse(text, "x.json").unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(error.code() == "AP-0631" && told.contains("x.json") && told.contains(words), "{words}: {told}");
            assert!(!told.contains("sesame"), "{told}");
        };
        refused("", "line 1, column 0 is not JSON");
        refused("{\"code\": \"sesame", "not JSON");
        refused("{\"shop\": \"x\"}", "`aurapos_pairing` is missing");
        refused("{\"aurapos_pairing\": \"1\"}", "not a number");
        refused(&" ".repeat(DOCUMENT_BYTES_MAX + 1), "too long");
        let other = Authority::new("Shop", SystemTime::now()).unwrap().pem();
        let changed = |field: &str, new: Value| {
            let mut value: Value = serde_json::from_str(GOLDEN).unwrap();
            value[field] = new;
            value.to_string()
        };
        assert!(Document::parse(&changed("authority", json!(other)), "x").is_ok());
        for (field, new, words) in [
            ("port", json!(0), "`port`"),
            ("port", json!("sesame"), "another type"),
            ("register", json!("r2"), "`register`"),
            ("register", json!("OWNER"), "`register`"),
            ("user", json!("aurapos_owner"), "`user`"),
            ("addresses", json!([]), "`addresses`"),
            ("addresses", json!(["a b"]), "`addresses`"),
            ("addresses", json!(vec!["a"; ADDRESSES_MAX + 1]), "`addresses`"),
            ("authority", json!("sesame"), "`authority`"),
            ("schema", json!(""), "`schema`"),
            ("shop", json!("a\nb"), "`shop`"),
            ("register_name", json!("x".repeat(129)), "`register_name`"),
        ] {
            refused(&changed(field, new), words);
        }
        for field in ["shop", "register", "addresses", "port", "database", "schema", "user", "authority", "expires"] {
            let mut value: Value = serde_json::from_str(GOLDEN).unwrap();
            value.as_object_mut().unwrap().remove(field);
            refused(&value.to_string(), &format!("missing field `{field}`"));
        }
        let mut coded: Document = golden();
        coded.code = Some("YHMX-BA23-4567-89AB-CD6J".to_owned());
        assert_eq!(coded.code("x").unwrap_err().code(), "AP-0631");
    }
}
