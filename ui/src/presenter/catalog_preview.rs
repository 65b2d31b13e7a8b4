//! A catalog's preview as the screens show it: for the wizard and for the import.

use crate::host::CatalogPreview;
use crate::markup::{PreviewCounts, PreviewLine, RefusedLine};
use aurapos_locale::{Language, format};

/// Refused rows that are listed; the rest is counted.
const REFUSED_SHOWN: usize = 200;

/// What is shown of a catalog's preview.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Shown {
    pub counts: PreviewCounts,
    pub rows: Vec<PreviewLine>,
    pub refused: Vec<RefusedLine>,
}

/// Builds what is shown.
pub fn shown(language: Language, preview: &CatalogPreview) -> Shown {
    let report = &preview.report;
    let count = |value: u64| format::on_screen(format::count(language, value)).into();
    let listed = report.rejected.len().min(REFUSED_SHOWN);
    let more = report.rejected_count.saturating_sub(u64::try_from(listed).unwrap_or(u64::MAX));
    Shown {
        counts: PreviewCounts {
            rows: count(report.rows),
            added: count(report.added),
            updated: count(report.updated),
            unchanged: count(report.unchanged),
            categories: count(report.categories),
            refused: count(report.rejected_count),
            ignored: report.ignored_columns.join(", ").into(),
            has_rows: !preview.rows.is_empty(),
            has_refused: report.rejected_count > 0,
            more_refused: if more > 0 { count(more) } else { "".into() },
        },
        rows: preview.rows.iter().map(line).collect(),
        refused: report.rejected.iter().take(listed).map(|row| refused(language, row)).collect(),
    }
}

fn line(row: &crate::host::PreviewRow) -> PreviewLine {
    PreviewLine {
        name: row.name.as_str().into(),
        sku: row.sku.as_str().into(),
        barcode: row.barcode.as_str().into(),
        category: row.category.as_str().into(),
        price: row.price.as_str().into(),
        vat: row.vat.as_str().into(),
    }
}

fn refused(language: Language, row: &aurapos_engine::import::Rejected) -> RefusedLine {
    RefusedLine {
        line: format::on_screen(format::count(language, row.line)).into(),
        reason: format::capitalized(&row.reason).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_engine::import::{ImportReport, Rejected};

    #[test]
    fn what_is_not_listed_is_counted() {
        let rejected = |line| Rejected { line, reason: "the price is empty".to_owned() };
        let report = ImportReport {
            rows: 5_000,
            added: 3_800,
            rejected_count: 1_200,
            rejected: (1..=1_000).map(rejected).collect(),
            ..ImportReport::default()
        };
        let shown = shown(Language::English, &CatalogPreview { report, rows: Vec::new() });
        assert_eq!(shown.counts.added, "3,800");
        assert_eq!(shown.counts.more_refused, "1,000");
        assert_eq!(shown.refused.len(), 200);
        assert_eq!(shown.refused[0].reason, "The price is empty");
        assert!(shown.counts.has_refused && !shown.counts.has_rows);
    }
}
