//! What is wrong with a manifest or with settings.

use thiserror::Error;

/// A manifest that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// It says that it was made for other versions of this API. Nothing more of it was read.
    #[error("it needs version {asked} of the plugin interface, this program has {own}")]
    Api {
        /// Its id; empty where it has none that is possible.
        id: String,
        /// Its version; empty where it has none that is possible.
        version: String,
        /// Its `api`, in its own words.
        asked: String,
        /// The host's version.
        own: String,
    },
    /// It is not written as a manifest of this version must be.
    #[error("plugin.toml line {line}, `{key}`: {message}")]
    Wrong {
        /// Line, from 1.
        line: usize,
        /// Key, or the text of the line when there is none.
        key: String,
        /// What is wrong.
        message: String,
    },
}

impl ManifestError {
    /// An error at a byte of the text.
    pub(crate) fn at(text: &str, byte: usize, message: impl Into<String>) -> Self {
        let before = &text.as_bytes()[..byte.min(text.len())];
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let content = text.lines().nth(line - 1).unwrap_or_default();
        let key = content.split('=').next().unwrap_or_default().trim().trim_matches('"');
        ManifestError::Wrong { line, key: key.chars().take(60).collect(), message: message.into() }
    }
}

/// A setting that was refused. Its value is never repeated where it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the setting `{key}` {message}")]
pub struct SettingsError {
    /// Key.
    pub key: String,
    /// What is wrong, after the key.
    pub message: String,
}

impl SettingsError {
    pub(crate) fn new(key: &str, message: &str) -> Self {
        SettingsError { key: key.to_owned(), message: message.to_owned() }
    }
}
