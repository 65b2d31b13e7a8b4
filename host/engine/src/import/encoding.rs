//! What kind of file it is, and UTF-16, or what somebody says that it is, as UTF-8.
//!
//! Spreadsheets write UTF-8 (with or without a byte order mark), UTF-16 ("Unicode text") or an old code page
//! ([`super::code_page`]). A workbook itself, a PDF or a picture is refused by its name.

use super::code_page::CodePage;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE};
use std::fmt;
use std::io::{self, Read};

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Text: UTF-8 or an old code page, decided record by record.
    Text,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// UTF-16, little endian, with a byte order mark.
    Utf16Le,
    /// UTF-16, big endian, with a byte order mark.
    Utf16Be,
    /// A zip archive: `.xlsx`, `.ods`, `.numbers`.
    Workbook,
    /// The old binary Excel form.
    OldExcel,
    /// A PDF.
    Pdf,
    /// Anything else with zero bytes in it.
    Binary,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileKind::Text | FileKind::Utf8Bom | FileKind::Utf16Le | FileKind::Utf16Be => "text",
            FileKind::Workbook => "a workbook (.xlsx, .ods)",
            FileKind::OldExcel => "an Excel workbook (.xls)",
            FileKind::Pdf => "a PDF",
            FileKind::Binary => "a binary file",
        })
    }
}

/// Judges a file by its first bytes.
pub fn sniff(head: &[u8]) -> FileKind {
    const MAGIC: &[(&[u8], FileKind)] = &[
        (b"\xef\xbb\xbf", FileKind::Utf8Bom),
        (b"\xff\xfe", FileKind::Utf16Le),
        (b"\xfe\xff", FileKind::Utf16Be),
        (b"PK\x03\x04", FileKind::Workbook),
        (b"\xd0\xcf\x11\xe0", FileKind::OldExcel),
        (b"%PDF-", FileKind::Pdf),
    ];
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    match known {
        Some((_, kind)) => *kind,
        None if head.contains(&0) => FileKind::Binary,
        None => FileKind::Text,
    }
}

/// An encoding that somebody named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Web(&'static Encoding),
    Dos850,
}

impl TextEncoding {
    /// The encoding of a name: `windows-1250`, `cp1251`, `shift-jis`, `latin2`, `cp850`, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        if ["cp850", "ibm850", "850", "dos850"].contains(&name.as_str()) {
            return Some(TextEncoding(Kind::Dos850));
        }
        // What people call the pages of Windows, beside the names of the web.
        let windows = name.strip_prefix("cp").or_else(|| name.strip_prefix("windows")).unwrap_or(&name);
        let windows = format!("windows-{}", windows.trim_start_matches(['-', '_', ' ']));
        let spelled = name.replace(['_', ' '], "-");
        let found = [name.as_str(), &spelled, &windows, &spelled.replace('-', "")];
        let found = found.into_iter().find_map(|label| Encoding::for_label_no_replacement(label.as_bytes()));
        found.map(|encoding| TextEncoding(Kind::Web(encoding)))
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Web(encoding) => encoding.name(),
            Kind::Dos850 => "IBM850",
        }
    }
}

impl fmt::Debug for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Another encoding into UTF-8, a piece at a time. Bytes that it does not have become U+FFFD, by which rows are refused.
pub struct IntoUtf8 {
    /// `None`: code page 850.
    decoder: Option<Decoder>,
    pending: Vec<u8>,
    ended: bool,
}

impl fmt::Debug for IntoUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoUtf8").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

impl IntoUtf8 {
    /// A decoder of UTF-16 that takes the byte order mark off.
    pub fn utf_16(big_endian: bool) -> Self {
        let encoding = if big_endian { UTF_16BE } else { UTF_16LE };
        Self::with(Some(encoding.new_decoder_with_bom_removal()))
    }

    /// A decoder of what somebody named; a byte order mark is believed more than a name.
    pub fn of(encoding: TextEncoding) -> Self {
        match encoding.0 {
            Kind::Web(encoding) => Self::with(Some(encoding.new_decoder())),
            Kind::Dos850 => Self::with(None),
        }
    }

    fn with(decoder: Option<Decoder>) -> Self {
        IntoUtf8 { decoder, pending: Vec::new(), ended: false }
    }

    /// Reads from `input` and gives UTF-8.
    pub fn read(&mut self, input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
        while self.pending.is_empty() && !self.ended {
            let mut raw = [0; 8192];
            let read = input.read(&mut raw)?;
            self.ended = read == 0;
            let raw = &raw[..read];
            let text = match &mut self.decoder {
                None => CodePage::Dos850.decode(raw),
                Some(decoder) => {
                    let room = decoder.max_utf8_buffer_length(read).unwrap_or(32 * 1024);
                    let mut text = String::with_capacity(room);
                    let (result, _, _) = decoder.decode_to_string(raw, &mut text, self.ended);
                    debug_assert_eq!(result, CoderResult::InputEmpty, "the buffer has room for the longest answer");
                    text
                }
            };
            self.pending = text.into_bytes();
        }
        let given = self.pending.len().min(out.len());
        out[..given].copy_from_slice(&self.pending[..given]);
        self.pending.drain(..given);
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_have_the_names_that_people_use() {
        for (given, name) in [
            ("windows-1250", "windows-1250"),
            ("CP1250", "windows-1250"),
            ("1251", "windows-1251"),
            ("Windows 1254", "windows-1254"),
            ("windows_1251", "windows-1251"),
            ("shift-jis", "Shift_JIS"),
            ("Shift_JIS", "Shift_JIS"),
            ("sjis", "Shift_JIS"),
            ("latin2", "ISO-8859-2"),
            ("iso-8859-9", "windows-1254"),
            ("macintosh", "macintosh"),
            ("cp850", "IBM850"),
            ("utf-8", "UTF-8"),
            ("utf8", "UTF-8"),
            ("utf-16le", "UTF-16LE"),
            ("gbk", "GBK"),
        ] {
            assert_eq!(TextEncoding::named(given).map(TextEncoding::name), Some(name), "{given}");
        }
        for given in ["", "cp", "windows", "klingon", "replacement", "cp9999"] {
            assert_eq!(TextEncoding::named(given), None, "{given}");
        }
    }
}
