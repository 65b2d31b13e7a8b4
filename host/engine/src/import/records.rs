//! Splits a file into records of text fields, in constant memory.
//!
//! Reads what spreadsheets write: UTF-8 with or without a byte order mark, UTF-16 ("Unicode text"), old code pages;
//! comma, semicolon or tab; quoted fields with line ends inside; LF, CRLF or CR. Our own reader instead of a crate's,
//! because of one thing crates don't do: a quote that is never closed must cost one row, not the rest of the file or
//! all of the memory.

use super::code_page::{self, CodePage, Judge};
use super::encoding::{FileKind, IntoUtf8, TextEncoding, sniff};
use super::foreign::Suspicion;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// The longest record, in bytes; a row of the catalog has a few hundred.
pub const RECORD_BYTES_MAX: usize = 64 * 1024;
/// Most lines of the file that one record may span.
pub const RECORD_LINES_MAX: u64 = 50;
/// What is looked at of a file before it is read, to know its code page.
const HEAD_BYTES: usize = 1024 * 1024;

/// One record: the number of the file's line it begins on (from 1), and its fields or why it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Line of the file, from 1.
    pub line: u64,
    /// The fields, without quotes and the space around them.
    pub fields: Result<Vec<String>, RecordError>,
}

/// Why a record could not be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A quote opens a field and never closes.
    #[error("a quote (\") is opened and never closed")]
    OpenQuote,
    /// The record is longer than any row.
    #[error("the row is longer than {RECORD_BYTES_MAX} bytes")]
    TooLong,
    /// No UTF-8, and not certain what else.
    #[error("the row is in an encoding that can't be told for certain: export the file again as UTF-8")]
    Encoding,
}

/// One line of the file as bytes, with its ending.
#[derive(Debug)]
struct Physical {
    number: u64,
    bytes: Vec<u8>,
    /// The line was longer than a record may be and was cut.
    cut: bool,
}

/// Reads records one after another.
#[derive(Debug)]
pub struct Records<R> {
    input: BufReader<Source<R>>,
    /// Lines to read again after an unclosed quote.
    again: VecDeque<Physical>,
    delimiter: u8,
    line: u64,
    /// What its rows that are no UTF-8 are; `None` when the file does not say.
    page: Option<CodePage>,
}

type Source<R> = io::Chain<io::Cursor<Vec<u8>>, R>;

/// Why a file is no list of products at all.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Another kind of file.
    #[error("this is {0}, not a CSV file")]
    Kind(FileKind),
    /// Most likely of another part of the world; read as Western Europe it would come in wrong without an error.
    #[error("its text looks like {name}, which AuraPOS does not guess")]
    Foreign {
        /// The encoding's usual name.
        name: &'static str,
    },
    /// It could not be read.
    #[error("the file could not be read: {0}")]
    Read(#[from] io::Error),
}

impl<R: Read> Records<Utf8<R>> {
    /// Looks at the beginning of the file and prepares to read it, with commas until [`Records::set_delimiter`]. `named`: the
    /// encoding, where somebody said it.
    pub fn open(mut input: R, named: Option<TextEncoding>) -> Result<Self, FileError> {
        let mut head = Vec::new();
        // `take` by reference: what was looked at is chained before the rest.
        Read::by_ref(&mut input).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let kind = sniff(&head);
        let page = match (kind, named) {
            (FileKind::Text | FileKind::Utf8Bom, None) => page_of(&head)?,
            _ => None,
        };
        let utf8 = match kind {
            FileKind::Text | FileKind::Binary if let Some(named) = named => {
                let whole = Box::new(io::Cursor::new(std::mem::take(&mut head)).chain(input));
                Utf8::Decoded(whole, IntoUtf8::of(named))
            }
            FileKind::Utf8Bom => {
                head.drain(..3);
                Utf8::Plain(input)
            }
            FileKind::Text => Utf8::Plain(input),
            FileKind::Utf16Le | FileKind::Utf16Be => {
                let whole = Box::new(io::Cursor::new(std::mem::take(&mut head)).chain(input));
                Utf8::Decoded(whole, IntoUtf8::utf_16(kind == FileKind::Utf16Be))
            }
            other => return Err(FileError::Kind(other)),
        };
        let input = BufReader::with_capacity(64 * 1024, io::Cursor::new(head).chain(utf8));
        Ok(Records { input, again: VecDeque::new(), delimiter: b',', line: 0, page })
    }
}

/// The code page of a file's beginning, if it says.
fn page_of(head: &[u8]) -> Result<Option<CodePage>, FileError> {
    let (mut judge, mut suspicion) = (Judge::default(), Suspicion::default());
    for line in head.split(|byte| *byte == b'\n') {
        judge.look_at(line);
        suspicion.look_at(line);
    }
    match judge.verdict() {
        // What looks right as an old Mac's or DOS' is: nobody else asks for those.
        page @ Some(CodePage::MacRoman | CodePage::Dos850) => Ok(page),
        page => match suspicion.verdict() {
            Some(other) => Err(FileError::Foreign { name: other.name() }),
            None => Ok(page),
        },
    }
}

/// The bytes of the file, other encodings already turned into UTF-8.
#[derive(Debug)]
pub enum Utf8<R> {
    /// As they are in the file: UTF-8 or an old code page, decided per record.
    Plain(R),
    /// From UTF-16, or what somebody named.
    Decoded(Box<io::Chain<io::Cursor<Vec<u8>>, R>>, IntoUtf8),
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Utf8::Plain(input) => input.read(out),
            Utf8::Decoded(input, decoder) => decoder.read(input, out),
        }
    }
}

impl<R: Read> Records<R> {
    /// Chooses the separator of fields.
    pub fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
    }

    /// The next line that is not blank, unsplit: what the delimiter is guessed from.
    pub fn header_line(&mut self) -> io::Result<Option<(u64, String)>> {
        while let Some(line) = self.physical()? {
            // Only the names of columns are looked for here; the record of the header is read for itself.
            let text = String::from_utf8_lossy(without_ending(&line.bytes)).into_owned();
            if !text.trim().is_empty() {
                let number = line.number;
                self.again.push_front(line);
                return Ok(Some((number, text)));
            }
        }
        Ok(None)
    }

    /// Drops the next line (Excel's `sep=;`).
    pub fn skip_line(&mut self) -> io::Result<()> {
        self.physical().map(|_| ())
    }

    /// The next record; blank lines and lines of separators only are passed over.
    pub fn next_record(&mut self) -> io::Result<Option<Record>> {
        loop {
            let Some(record) = self.any_record()? else { return Ok(None) };
            if !record.fields.as_ref().is_ok_and(|fields| fields.iter().all(String::is_empty)) {
                return Ok(Some(record));
            }
        }
    }

    fn any_record(&mut self) -> io::Result<Option<Record>> {
        let Some(first) = self.physical()? else { return Ok(None) };
        let number = first.number;
        if first.cut {
            return Ok(Some(Record { line: number, fields: Err(RecordError::TooLong) }));
        }
        let mut splitter = Splitter::new(self.delimiter);
        splitter.feed(&first.bytes);
        let mut more: Vec<Physical> = Vec::new();
        while splitter.is_open() {
            let too_much = splitter.bytes > RECORD_BYTES_MAX || more.len() as u64 >= RECORD_LINES_MAX;
            let next = if too_much { None } else { self.physical()? };
            let Some(next) = next.filter(|next| !next.cut) else {
                // The quote costs this one row: what it swallowed is read again as rows of their own.
                more.into_iter().rev().for_each(|line| self.again.push_front(line));
                return Ok(Some(Record { line: number, fields: Err(RecordError::OpenQuote) }));
            };
            splitter.feed(&next.bytes);
            more.push(next);
        }
        Ok(Some(Record { line: number, fields: splitter.finish(self.page) }))
    }

    /// The next line with its ending, at most [`RECORD_BYTES_MAX`] bytes of it.
    fn physical(&mut self) -> io::Result<Option<Physical>> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Physical { number: self.line + 1, bytes: Vec::new(), cut: false };
        let mut ended = false;
        while !ended {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let end = chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let taken = end.map_or(chunk.len(), |end| end + 1);
            let room = RECORD_BYTES_MAX.saturating_sub(line.bytes.len());
            line.cut |= taken > room;
            line.bytes.extend_from_slice(&chunk[..taken.min(room)]);
            let carriage_return = end.is_some_and(|end| chunk[end] == b'\r');
            self.input.consume(taken);
            ended = end.is_some();
            if carriage_return && self.input.fill_buf()?.first() == Some(&b'\n') {
                self.input.consume(1);
                line.bytes.push(b'\n');
            }
        }
        if line.bytes.is_empty() && !ended {
            return Ok(None);
        }
        self.line += 1;
        Ok(Some(line))
    }
}

fn without_ending(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// The fields of one record, fed line by line.
#[derive(Debug)]
struct Splitter {
    delimiter: u8,
    fields: Vec<Vec<u8>>,
    field: Vec<u8>,
    state: State,
    bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first character of a field: a quote here opens it.
    Start,
    /// In a field without quotes: a quote here is a character (a 5" pipe).
    Plain,
    /// Between quotes: line ends and separators are characters.
    Quoted,
    /// After a quote between quotes: another one means a quote, anything else ends the quoting.
    Closed,
}

impl Splitter {
    fn new(delimiter: u8) -> Self {
        Splitter { delimiter, fields: Vec::with_capacity(12), field: Vec::new(), state: State::Start, bytes: 0 }
    }

    fn is_open(&self) -> bool {
        self.state == State::Quoted
    }

    fn feed(&mut self, line: &[u8]) {
        self.bytes += line.len();
        for &byte in line {
            self.state = match (self.state, byte) {
                (State::Quoted, b'"') => State::Closed,
                (State::Quoted, _) => self.keep(byte, State::Quoted),
                (State::Closed, b'"') => self.keep(byte, State::Quoted),
                (_, b'\n' | b'\r') => self.state,
                (_, _) if byte == self.delimiter => {
                    self.fields.push(std::mem::take(&mut self.field));
                    State::Start
                }
                (State::Start, b'"') => State::Quoted,
                (State::Start, b' ') => State::Start,
                (State::Closed, b' ') => State::Closed,
                (_, _) => self.keep(byte, State::Plain),
            };
        }
    }

    fn keep(&mut self, byte: u8, then: State) -> State {
        self.field.push(byte);
        then
    }

    /// The fields as text. The encoding is decided for the record as a whole, so that one old file of mixed origin
    /// loses nothing.
    fn finish(mut self, page: Option<CodePage>) -> Result<Vec<String>, RecordError> {
        self.fields.push(self.field);
        let all = self.fields.join(&b' ');
        let texts: Vec<String> = if let Ok(utf8) = self.fields.iter().cloned().map(String::from_utf8).collect() {
            utf8
        } else {
            // Judged together: one cell often says what another is.
            let page = page.or_else(|| code_page::of(&all)).ok_or(RecordError::Encoding)?;
            let text = |field: &Vec<u8>| code_page::read(field, page).ok_or(RecordError::Encoding);
            self.fields.iter().map(text).collect::<Result<_, _>>()?
        };
        Ok(texts.into_iter().map(trimmed).collect())
    }
}

fn trimmed(text: String) -> String {
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if trimmed.len() == text.len() { text } else { trimmed.to_owned() }
}

/// The fields of one line with commas.
#[cfg(test)]
pub(super) fn split(line: &str) -> Vec<String> {
    let mut splitter = Splitter::new(b',');
    splitter.feed(line.as_bytes());
    splitter.finish(None).unwrap_or_default()
}

#[cfg(test)]
mod tests;
