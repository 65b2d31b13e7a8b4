//! A document as rows for a screen, so that the window and a printer look alike.

use aurapos_contract::document::{Align, Block, BlockKind, Document, Style};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowKind {
    /// Text at `left`, and at `right` when there is something.
    #[default]
    Text,
    /// A line across the paper.
    Rule,
    /// An empty line.
    Space,
    /// A QR code of `left`.
    Qr,
    /// A barcode of `left`.
    Barcode,
    /// A picture; `left` is empty, the PNG is in the document.
    Image,
    /// The edge at which the paper is cut.
    Cut,
}

/// One row of the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLine {
    /// What it is.
    pub kind: RowKind,
    /// How large and heavy its text is.
    pub style: Style,
    /// Where the text of a row without a right part stands.
    pub align: Align,
    /// The left part.
    pub left: String,
    /// The right part: amounts.
    pub right: String,
}

impl PreviewLine {
    fn of(kind: RowKind, left: &str) -> PreviewLine {
        PreviewLine { kind, style: Style::Normal, align: Align::Center, left: left.to_owned(), right: String::new() }
    }
}

/// The rows of a document. With `columns`, text is broken as on a paper so wide (large text takes two columns a letter);
/// without, each block is one row and the screen breaks it. What only a printer does (the drawer's kick) has no row.
pub fn preview(document: &Document, columns: Option<usize>) -> Vec<PreviewLine> {
    let mut rows = Vec::with_capacity(document.blocks.len());
    for block in &document.blocks {
        match block.kind {
            BlockKind::Text | BlockKind::Pair => text(block, columns, &mut rows),
            BlockKind::Rule => rows.push(PreviewLine::of(RowKind::Rule, "")),
            BlockKind::Feed => rows.extend((0..block.count.min(16)).map(|_| PreviewLine::of(RowKind::Space, ""))),
            BlockKind::Qr => rows.push(PreviewLine::of(RowKind::Qr, &block.left)),
            BlockKind::Barcode => rows.push(PreviewLine::of(RowKind::Barcode, &block.left)),
            BlockKind::Image => rows.push(PreviewLine::of(RowKind::Image, "")),
            BlockKind::Cut => rows.push(PreviewLine::of(RowKind::Cut, "")),
            // The kick of the drawer, and what a later contract adds.
            _ => {}
        }
    }
    rows
}

fn text(block: &Block, columns: Option<usize>, rows: &mut Vec<PreviewLine>) {
    let align = if block.kind == BlockKind::Pair { Align::Left } else { block.align };
    let row = |left: &str, right: &str| PreviewLine {
        kind: RowKind::Text,
        style: block.style,
        align,
        left: left.to_owned(),
        right: right.to_owned(),
    };
    let Some(columns) = columns else {
        rows.push(row(&block.left, &block.right));
        return;
    };
    let columns = if block.style == Style::Large { columns / 2 } else { columns };
    // The contract's own drawing breaks the lines, so that no second rule of breaking can differ from it.
    let alone = Document { blocks: vec![Block { align: Align::Left, ..block.clone() }], ..Document::default() };
    let drawn = alone.to_text(columns);
    let last = drawn.lines().count().saturating_sub(1);
    for (index, line) in drawn.lines().enumerate() {
        match line.strip_suffix(block.right.as_str()) {
            Some(left) if index == last && !block.right.is_empty() => rows.push(row(left.trim_end(), &block.right)),
            _ => rows.push(row(line, "")),
        }
    }
}
