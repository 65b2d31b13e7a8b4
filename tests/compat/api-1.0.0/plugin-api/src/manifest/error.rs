//! What is wrong with a manifest or with settings.

use thiserror::Error;

/// A manifest that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("plugin.toml line {line}, `{key}`: {message}")]
pub struct ManifestError {
    /// Line, from 1.
    pub line: usize,
    /// Key, or the text of the line when there is none.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

impl ManifestError {
    /// An error at a byte of the text.
    pub(crate) fn at(text: &str, byte: usize, message: impl Into<String>) -> Self {
        let before = &text.as_bytes()[..byte.min(text.len())];
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let content = text.lines().nth(line - 1).unwrap_or_default();
        let key = content.split('=').next().unwrap_or_default().trim().trim_matches('"');
        ManifestError { line, key: key.chars().take(60).collect(), message: message.into() }
    }
}

/// A setting that was refused.
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
