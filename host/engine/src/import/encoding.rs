//! What kind of file it is, and UTF-16 as UTF-8.
//!
//! Spreadsheets write UTF-8 (with or without a byte order mark), UTF-16 ("Unicode text") or an old code page
//! ([`super::code_page`]). A workbook itself, a PDF or a picture is refused by its name.

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};
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

/// UTF-16 into UTF-8, a piece at a time.
pub struct Utf16 {
    decoder: Decoder,
    pending: Vec<u8>,
    ended: bool,
}

impl fmt::Debug for Utf16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Utf16").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

impl Utf16 {
    /// A decoder that takes the byte order mark off.
    pub fn new(big_endian: bool) -> Self {
        let encoding = if big_endian { UTF_16BE } else { UTF_16LE };
        Utf16 { decoder: encoding.new_decoder_with_bom_removal(), pending: Vec::new(), ended: false }
    }

    /// Reads from `input` and gives UTF-8.
    pub fn read(&mut self, input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
        while self.pending.is_empty() && !self.ended {
            let mut raw = [0; 8192];
            let read = input.read(&mut raw)?;
            self.ended = read == 0;
            let mut text = String::with_capacity(self.decoder.max_utf8_buffer_length(read).unwrap_or(32 * 1024));
            let (result, _, _) = self.decoder.decode_to_string(&raw[..read], &mut text, self.ended);
            debug_assert_eq!(result, CoderResult::InputEmpty, "the buffer has room for the longest answer");
            self.pending = text.into_bytes();
        }
        let given = self.pending.len().min(out.len());
        out[..given].copy_from_slice(&self.pending[..given]);
        self.pending.drain(..given);
        Ok(given)
    }
}
