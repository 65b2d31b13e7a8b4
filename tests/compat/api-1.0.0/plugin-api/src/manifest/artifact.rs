//! The file beside the manifest.

use super::{Manifest, ManifestError};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Facts of one library file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Target triple: `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// File name, in the manifest's folder.
    pub file: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

impl Artifact {
    /// The facts of a library.
    pub fn of(library: &[u8], file: &str, target: &str) -> Artifact {
        let hash = Sha256::digest(library);
        let sha256 = hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Artifact { target: target.to_owned(), file: file.to_owned(), size: library.len() as u64, sha256 }
    }
}

/// The text to lay beside a library: its manifest and the facts of the file. An `[artifact]` table that the manifest had
/// must be its last one, and is replaced.
///
/// # Errors
/// The manifest is refused, or its `[artifact]` is not its last table.
pub fn pack(manifest: &str, artifact: &Artifact) -> Result<String, ManifestError> {
    let before = Manifest::parse(manifest)?;
    let own = match (before.artifact, manifest.find("[artifact]")) {
        (Some(_), Some(at)) => &manifest[..at],
        _ => manifest,
    };
    let Artifact { target, file, size, sha256 } = artifact;
    let own = own.trim_end();
    let packed = format!(
        "{own}\n\n[artifact]\ntarget = \"{target}\"\nfile = \"{file}\"\nsize = {size}\nsha256 = \"{sha256}\"\n"
    );
    Manifest::parse(&packed)?;
    if same_manifest(manifest, &packed) {
        Ok(packed)
    } else {
        Err(ManifestError::at(manifest, manifest.find("[artifact]").unwrap_or(0), "[artifact] must be the last table"))
    }
}

/// Whether two manifests say the same, `[artifact]` aside.
pub fn same_manifest(left: &str, right: &str) -> bool {
    let table = |text: &str| {
        let mut table: toml::Table = text.parse().ok()?;
        table.remove("artifact");
        Some(table)
    };
    table(left).is_some_and(|left| table(right) == Some(left))
}
