//! Trying the scanner: what was read is shown, and nothing is sold.

use crate::host::Topic;
use crate::markup::{ScanKind, SettingsPage};
use crate::shell::Shell;
use aurapos_domain::barcode::{Barcode, BarcodeError};

/// The last scan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScanView {
    /// What was read.
    pub code: String,
    /// What it turned out to be.
    pub kind: ScanKind,
    /// The product's name.
    pub name: String,
}

/// A scan while the screen is shown. True: it was taken, nothing else happens to it.
pub fn scanned(shell: &mut Shell, code: &str) -> bool {
    if shell.settings.page != SettingsPage::Keys {
        return false;
    }
    let bad = matches!(Barcode::parse(code), Err(BarcodeError::WrongCheckDigit { .. }));
    let kind = if bad { ScanKind::WrongCheckDigit } else { ScanKind::Looking };
    shell.settings.scan = ScanView { code: code.to_owned(), kind, name: String::new() };
    if bad {
        return true;
    }
    let wanted = code.to_owned();
    let asked = wanted.clone();
    shell.read(
        Topic::Other,
        move |reading| reading.product_by_code(&wanted),
        move |shell, found| {
            let scan = &mut shell.settings.scan;
            // Another scan may have been faster.
            if scan.code != asked {
                return;
            }
            match found {
                Ok(Some(product)) => {
                    scan.kind = ScanKind::Product;
                    scan.name = product.name;
                }
                _ => scan.kind = ScanKind::Unknown,
            }
        },
    );
    true
}
