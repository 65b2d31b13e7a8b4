//! A committed sale as the paper it would be printed on, in the shop's language.

use crate::markup::ReceiptLine;
use aurapos_contract::document::{Align, Style};
use aurapos_domain::receipt::ReceiptCopy;
use aurapos_engine::queries::Reading;
use aurapos_engine::{EngineError, view};
use aurapos_locale::Language;
use aurapos_locale::receipt::{PreviewLine, RowKind, document, preview};

/// The rows of a sale's receipt. Reads the shop; for a reading thread.
///
/// # Errors
/// The shop cannot be read.
pub fn read(reading: &Reading<'_>, sale: &view::Sale, copy: ReceiptCopy) -> Result<Vec<PreviewLine>, EngineError> {
    let (facts, language) = reading.paper(sale, copy)?;
    Ok(preview(&document(&facts, Language::from_code(&language).unwrap_or_default()), None))
}

/// The rows as the markup draws them.
pub fn lines(rows: &[PreviewLine]) -> Vec<ReceiptLine> {
    rows.iter().filter_map(line).collect()
}

fn line(row: &PreviewLine) -> Option<ReceiptLine> {
    let align = match row.align {
        Align::Center => "center",
        Align::Right => "right",
        _ => "left",
    };
    let text = ReceiptLine {
        left: row.left.as_str().into(),
        right: row.right.as_str().into(),
        bold: row.style != Style::Normal,
        big: row.style == Style::Large,
        align: align.into(),
        rule: false,
    };
    match row.kind {
        RowKind::Text | RowKind::Space => Some(text),
        RowKind::Rule => Some(ReceiptLine { rule: true, ..text }),
        // What a scanner reads stands on the paper as what it says.
        RowKind::Qr | RowKind::Barcode => Some(ReceiptLine { align: "center".into(), ..text }),
        RowKind::Image | RowKind::Cut => None,
    }
}
