//! What a printer prints: structured text, codes, images, cut and kick. Made by the host from what was committed; a
//! printer plugin turns it into its own language.

wire_enum! {
    /// What a block is. One that a printer does not know is a line of text.
    pub enum BlockKind or Text {
        /// A line of text; longer text is wrapped between words.
        1 => Text,
        /// `left` at the left edge, `right` at the right edge; the left part is wrapped, the right part never is.
        2 => Pair,
        /// A line across the paper.
        3 => Rule,
        /// `count` empty lines.
        4 => Feed,
        /// A QR code of `left`.
        5 => Qr,
        /// A barcode of `left` (EAN-13 when it is one, Code 128 otherwise).
        6 => Barcode,
        /// A PNG image in `image`.
        7 => Image,
        /// Cut the paper.
        8 => Cut,
        /// Open the cash drawer.
        9 => KickDrawer,
    }
}

wire_enum! {
    /// Where text stands.
    pub enum Align or Left {
        /// Left.
        1 => Left,
        /// In the middle.
        2 => Center,
        /// Right.
        3 => Right,
    }
}

wire_enum! {
    /// How large and heavy text is.
    pub enum Style or Normal {
        /// Normal.
        1 => Normal,
        /// Bold.
        2 => Bold,
        /// Bold and twice as wide and high.
        3 => Large,
    }
}

wire_struct! {
    /// One block.
    pub struct Block {
        /// What.
        1 => kind: BlockKind,
        /// Text, or the left part of a pair, or what a code says.
        2 => left: String,
        /// The right part of a pair.
        3 => right: String,
        /// Alignment of a text.
        4 => align: Align,
        /// Style of a text or pair.
        5 => style: Style,
        /// Lines to feed.
        6 => count: u32,
        /// PNG.
        7 => image: Vec<u8>,
    }
}

wire_struct! {
    /// A document.
    pub struct Document {
        /// For file names and queues: a receipt number, a report's name.
        1 => title: String,
        /// Language, BCP 47: `fr`.
        2 => language: String,
        /// From top to bottom.
        3 => blocks: Vec<Block>,
    }
}

impl Document {
    /// An empty document.
    pub fn new(title: impl Into<String>, language: impl Into<String>) -> Self {
        Document { title: title.into(), language: language.into(), blocks: Vec::new() }
    }

    /// Appends a line of text.
    pub fn text(&mut self, text: impl Into<String>, align: Align, style: Style) -> &mut Self {
        self.blocks.push(Block { kind: BlockKind::Text, left: text.into(), align, style, ..Default::default() });
        self
    }

    /// Appends a pair.
    pub fn pair(&mut self, left: impl Into<String>, right: impl Into<String>, style: Style) -> &mut Self {
        let (left, right) = (left.into(), right.into());
        self.blocks.push(Block { kind: BlockKind::Pair, left, right, style, ..Default::default() });
        self
    }

    /// Appends a line across.
    pub fn rule(&mut self) -> &mut Self {
        self.blocks.push(Block { kind: BlockKind::Rule, ..Default::default() });
        self
    }

    /// Appends empty lines.
    pub fn feed(&mut self, count: u32) -> &mut Self {
        self.blocks.push(Block { kind: BlockKind::Feed, count, ..Default::default() });
        self
    }

    /// Appends a QR code.
    pub fn qr(&mut self, content: impl Into<String>) -> &mut Self {
        self.blocks.push(Block { kind: BlockKind::Qr, left: content.into(), ..Default::default() });
        self
    }

    /// Appends a cut.
    pub fn cut(&mut self) -> &mut Self {
        self.blocks.push(Block { kind: BlockKind::Cut, ..Default::default() });
        self
    }

    /// The document as plain text, `columns` characters wide: for previews, files and tests. Codes appear as
    /// `[QR …]`, images as `[image]`; style is not shown.
    pub fn to_text(&self, columns: usize) -> String {
        let columns = columns.max(8);
        let mut out = String::new();
        for block in &self.blocks {
            match block.kind {
                BlockKind::Text => text_lines(block, columns, &mut out),
                BlockKind::Pair => pair_lines(block, columns, &mut out),
                BlockKind::Rule => push_line(&"-".repeat(columns), &mut out),
                BlockKind::Feed => (0..block.count).for_each(|_| out.push('\n')),
                BlockKind::Qr => push_line(&format!("[QR {}]", block.left), &mut out),
                BlockKind::Barcode => push_line(&format!("[{}]", block.left), &mut out),
                BlockKind::Image => push_line("[image]", &mut out),
                BlockKind::Cut | BlockKind::KickDrawer => {}
            }
        }
        out
    }
}

fn push_line(line: &str, out: &mut String) {
    out.push_str(line.trim_end());
    out.push('\n');
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Breaks text between words into lines of at most `columns` characters; a longer word is cut.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let line = lines.last_mut().expect("starts with one line and only grows");
            let used = width(line);
            let gap = usize::from(used > 0);
            if used + gap + word.len() <= columns {
                if gap == 1 {
                    line.push(' ');
                }
                line.extend(word);
                break;
            }
            if used == 0 {
                line.extend(word.drain(..columns));
            }
            lines.push(String::new());
        }
    }
    lines
}

fn text_lines(block: &Block, columns: usize, out: &mut String) {
    for line in wrap(&block.left, columns) {
        let space = columns.saturating_sub(width(&line));
        let indent = match block.align {
            Align::Left => 0,
            Align::Center => space / 2,
            Align::Right => space,
        };
        push_line(&format!("{}{line}", " ".repeat(indent)), out);
    }
}

fn pair_lines(block: &Block, columns: usize, out: &mut String) {
    let right = width(&block.right);
    let left_columns = columns.saturating_sub(right + 1).max(columns / 3);
    let mut lines = wrap(&block.left, left_columns);
    let last = lines.pop().unwrap_or_default();
    lines.iter().for_each(|line| push_line(line, out));
    if width(&last) + 1 + right > columns {
        push_line(&last, out);
        push_line(&format!("{}{}", " ".repeat(columns.saturating_sub(right)), block.right), out);
    } else {
        push_line(&format!("{last}{}{}", " ".repeat(columns - width(&last) - right), block.right), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_what_it_says() {
        let mut document = Document::new("R1-1-000001", "fr");
        document
            .text("Épicerie du Parc", Align::Center, Style::Large)
            .rule()
            .pair("Pralines assorties 250 g, ballotin cadeau", "12,45", Style::Normal)
            .pair("Total", "12,45 €", Style::Bold)
            .feed(1)
            .qr("abc")
            .cut();
        assert_eq!(
            document.to_text(24),
            "    Épicerie du Parc\n------------------------\nPralines assorties\n250 g, ballotin\ncadeau             12,45\nTotal            12,45 €\n\n[QR abc]\n"
        );
    }

    #[test]
    fn long_words_and_wide_amounts_stay_on_the_paper() {
        let mut document = Document::default();
        document.text("x".repeat(30), Align::Left, Style::Normal);
        document.pair("y".repeat(30), "123456", Style::Normal);
        assert!(document.to_text(12).lines().all(|line| line.chars().count() <= 12), "{}", document.to_text(12));
    }

    #[test]
    fn crosses_as_bytes() {
        let mut document = Document::new("t", "nl");
        document.text("a", Align::Right, Style::Bold).cut();
        let bytes = crate::codec::encode(&document);
        assert_eq!(crate::codec::decode::<Document>(&bytes).unwrap(), document);
    }
}
