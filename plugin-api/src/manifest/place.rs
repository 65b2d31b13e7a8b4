//! Where in the text of a manifest something is wrong.

use super::ManifestError;
use toml::Spanned;

/// The text being parsed, for places in errors.
pub(super) struct Place<'a>(pub(super) &'a str);

impl Place<'_> {
    pub(super) fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> ManifestError {
        self.error_at(at.span().start, message)
    }

    pub(super) fn error_at(&self, byte: usize, message: impl Into<String>) -> ManifestError {
        ManifestError::at(self.0, byte, message)
    }

    /// What a check of a value makes of it.
    pub(super) fn checked<T, R>(
        &self,
        at: &Spanned<T>,
        check: impl FnOnce(&T) -> Result<R, String>,
    ) -> Result<R, ManifestError> {
        check(at.get_ref()).map_err(|message| self.error(at, message))
    }
}
