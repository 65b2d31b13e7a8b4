//! The catalog of the wizard: a file that is chosen, and what it would do.

use super::{Catalog, Wizard, source};
use crate::host::{Cancel, CatalogPreview, CatalogSource, HostResult, Trouble};
use crate::presenter::file_picker;
use crate::shell::Shell;
use std::path::PathBuf;

/// What the catalog would do.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Preview {
    /// Not looked at.
    #[default]
    None,
    /// Being read.
    Loading,
    /// Read.
    Ready(Box<CatalogPreview>),
    /// It cannot be read.
    Failed(Trouble),
}

/// What is being read, so that another choice stops it.
#[derive(Debug, Default)]
pub struct Reading {
    cancel: Cancel,
    number: u64,
}

/// Where the products come from.
pub fn choose_catalog(shell: &mut Shell, catalog: Catalog) {
    shell.wizard.catalog_missing = false;
    if shell.wizard.catalog == catalog && catalog != Catalog::File {
        return;
    }
    shell.wizard.catalog = catalog;
    forget(shell);
    if catalog == Catalog::File && shell.wizard.file.is_none() {
        choose_file(shell);
    } else {
        load(shell);
    }
}

/// Asks for a file.
pub fn choose_file(shell: &mut Shell) {
    file_picker::open(shell, "csv", |shell, path: PathBuf| {
        shell.wizard.file = Some(path);
        shell.wizard.catalog = Catalog::File;
        shell.wizard.catalog_missing = false;
        forget(shell);
        load(shell);
    });
}

/// What was read does not count any more.
pub(super) fn forget(shell: &mut Shell) {
    shell.wizard.reading.cancel.ask();
    shell.wizard.reading.number += 1;
    shell.wizard.preview = Preview::None;
}

/// Reads the catalog, unless it was read already.
pub fn load(shell: &mut Shell) {
    let source = source(&shell.wizard);
    if source == CatalogSource::Empty || matches!(shell.wizard.preview, Preview::Loading | Preview::Ready(_)) {
        return;
    }
    let cancel = Cancel::default();
    shell.wizard.reading.cancel = cancel.clone();
    shell.wizard.reading.number += 1;
    let number = shell.wizard.reading.number;
    shell.wizard.preview = Preview::Loading;
    let new = shell.wizard.answers.new_shop(shell.language);
    let answer = shell.expect(move |shell, result: HostResult<CatalogPreview>| {
        if shell.wizard.reading.number == number {
            shell.wizard.preview = match result {
                Ok(preview) => Preview::Ready(Box::new(preview)),
                Err(trouble) => Preview::Failed(trouble),
            };
        }
    });
    shell.host().preview_catalog(None, source, Some(new), cancel, answer);
}

/// Whether the catalog step is done: something was chosen, and a file was read.
pub(super) fn can_be_taken(shell: &Shell) -> bool {
    let Wizard { catalog, preview, .. } = &shell.wizard;
    match catalog {
        Catalog::None => false,
        Catalog::Empty => true,
        Catalog::Sample => !matches!(preview, Preview::Failed(_)),
        Catalog::File => matches!(preview, Preview::Ready(_)),
    }
}
