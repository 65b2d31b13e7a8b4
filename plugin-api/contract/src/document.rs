//! What a printer prints: structured text, codes, images, cut and kick. Made by the host from what was committed; a
//! printer plugin turns it into its own language.

use unicode_width::UnicodeWidthChar;

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

    /// The document as plain text, no line wider than `columns` (at least 8) by [`text_width`]: for previews, files and
    /// tests. Codes appear as `[QR …]`, images as `[image]`; style is not shown.
    pub fn to_text(&self, columns: usize) -> String {
        let columns = columns.max(8);
        let mut out = String::new();
        for block in &self.blocks {
            match block.kind {
                BlockKind::Text => text_lines(block, columns, &mut out),
                BlockKind::Pair => pair_lines(block, columns, &mut out),
                BlockKind::Rule => push_line(&"-".repeat(columns), &mut out),
                BlockKind::Feed => (0..block.count).for_each(|_| out.push('\n')),
                BlockKind::Qr => push_lines(&format!("[QR {}]", block.left), columns, &mut out),
                BlockKind::Barcode => push_lines(&format!("[{}]", block.left), columns, &mut out),
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

fn push_lines(text: &str, columns: usize, out: &mut String) {
    wrap(text, columns).iter().for_each(|line| push_line(line, out));
}

/// How many columns of a paper or a terminal the text takes: wide letters (Chinese, Japanese, Korean, emoji) two, what is
/// drawn over another letter none.
///
/// Letter by letter, as printers draw: emoji that are joined into one picture count as those they are made of. So a line
/// may come out shorter than this, and never longer.
pub fn text_width(text: &str) -> usize {
    let mut before = 0;
    text.chars().map(|letter| advance(&mut before, letter)).sum()
}

/// What a letter adds to a line; `before` is what the last one took.
fn advance(before: &mut usize, letter: char) -> usize {
    /// Asks for the coloured form of the sign before it, which is wide.
    const AS_EMOJI: char = '\u{fe0f}';
    // What a terminal would obey and a printer skips is counted: too short a line is no harm.
    let takes = if letter == AS_EMOJI { usize::from(*before == 1) } else { letter.width().unwrap_or(1) };
    *before = if takes == 0 { *before } else { takes };
    takes
}

/// How many bytes of a word fit into so many columns. Never ends before what is drawn over its last letter.
fn fitting(word: &str, columns: usize) -> usize {
    let (mut before, mut used) = (0, 0);
    for (at, letter) in word.char_indices() {
        used += advance(&mut before, letter);
        if used > columns {
            return at;
        }
    }
    word.len()
}

/// Breaks text between words into lines of at most `columns`; a longer word is cut. `columns` is at least 2: a wide letter
/// fits.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for mut word in text.split_whitespace() {
        loop {
            let line = lines.last_mut().expect("starts with one line and only grows");
            let used = text_width(line);
            let gap = usize::from(used > 0);
            if used + gap + text_width(word) <= columns {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(word);
                break;
            }
            if used == 0 {
                let fits = fitting(word, columns).max(word.chars().next().map_or(0, char::len_utf8));
                line.push_str(&word[..fits]);
                word = &word[fits..];
            }
            lines.push(String::new());
        }
    }
    lines
}

fn text_lines(block: &Block, columns: usize, out: &mut String) {
    for line in wrap(&block.left, columns) {
        let space = columns.saturating_sub(text_width(&line));
        let indent = match block.align {
            Align::Left => 0,
            Align::Center => space / 2,
            Align::Right => space,
        };
        push_line(&format!("{}{line}", " ".repeat(indent)), out);
    }
}

fn pair_lines(block: &Block, columns: usize, out: &mut String) {
    let right = text_width(&block.right);
    let left_columns = columns.saturating_sub(right + 1).max(columns / 3);
    let mut lines = wrap(&block.left, left_columns);
    let last = lines.pop().unwrap_or_default();
    lines.iter().for_each(|line| push_line(line, out));
    if right > columns {
        // No amount is so wide; whatever it is, it stays on the paper.
        push_line(&last, out);
        push_lines(&block.right, columns, out);
    } else if text_width(&last) + 1 + right > columns {
        push_line(&last, out);
        push_line(&format!("{}{}", " ".repeat(columns - right), block.right), out);
    } else {
        push_line(&format!("{last}{}{}", " ".repeat(columns - text_width(&last) - right), block.right), out);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use unicode_width::UnicodeWidthStr;

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
    fn wide_letters_count_two_and_what_is_drawn_over_another_none() {
        for (text, columns) in [
            ("", 0),
            ("Thé", 3),
            ("The\u{301}", 3),
            ("茶", 2),
            ("ｶﾞ", 2),
            ("한국", 4),
            ("🍓", 2),
            ("❤", 1),
            ("❤\u{fe0f}", 2),
            ("1\u{fe0f}\u{20e3}", 2),
            ("🇧🇪", 2),
            ("a\u{200b}b", 2),
            // A printer that does not join them draws two.
            ("👩\u{200d}🌾", 4),
        ] {
            assert_eq!(text_width(text), columns, "{text:?}");
            assert!(text.width() <= columns, "{text:?}: a terminal that joins letters draws no more");
        }
    }

    #[test]
    fn a_line_of_wide_letters_stays_on_the_paper() {
        let mut document = Document::default();
        document.pair("緑茶 Sencha 100 g 🍵🍵🍵🍵🍵🍵🍵🍵", "12,45 A", Style::Normal);
        document.text("茶".repeat(20), Align::Center, Style::Normal);
        document.text("e\u{301}".repeat(40), Align::Left, Style::Normal);
        document.text("❤\u{fe0f}".repeat(13), Align::Right, Style::Normal);
        document.pair("右", "界".repeat(20), Style::Normal);
        document.qr("https://example.test/".repeat(5));
        let text = document.to_text(24);
        assert!(text.lines().all(|line| text_width(line) <= 24 && line.width() <= 24), "{text}");
        assert!(text.starts_with("緑茶 Sencha 100\ng\n🍵"), "{text}");
        // No accent begins a line: it would be drawn over nothing.
        assert!(text.lines().all(|line| !line.starts_with(['\u{301}', '\u{fe0f}'])), "{text}");
        let amount = text.lines().find(|line| line.ends_with("12,45 A")).unwrap();
        assert_eq!(text_width(amount), 24, "amounts stand below each other: {amount}");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn no_line_is_wider_than_the_paper(left in "\\PC{0,60}", right in "\\PC{0,20}", columns in 8_usize..50) {
            let mut document = Document::default();
            document.pair(left.as_str(), right.as_str(), Style::Normal);
            document.text(left.as_str(), Align::Center, Style::Normal).text(right, Align::Right, Style::Bold);
            for line in document.to_text(columns).lines() {
                proptest::prop_assert!(text_width(line) <= columns && line.width() <= columns, "{:?}", line);
            }
        }
    }

    #[test]
    fn crosses_as_bytes() {
        let mut document = Document::new("t", "nl");
        document.text("a", Align::Right, Style::Bold).cut();
        let bytes = crate::codec::encode(&document);
        assert_eq!(crate::codec::decode::<Document>(&bytes).unwrap(), document);
    }
}
