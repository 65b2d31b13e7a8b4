//! The last bytes of a copy: the SHA-256 of all bytes before them, so that a file that comes without its manifest proves
//! itself. SQLite knows by its header where the database ends and leaves them alone; whoever restores by hand may too.
//!
//! ```text
//! <the database, pages * page size>
//! \nAuraPOS copy 1, SHA-256 of what is before this line:\n<64 hexadecimal digits>\n
//! ```
//! By hand: `head -c -119 copy.db | sha256sum` and `tail -n 1 copy.db` say the same.

use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::error::from_io;
use crate::place::Header;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Before the digits.
const WORDS: &[u8; 54] = b"\nAuraPOS copy 1, SHA-256 of what is before this line:\n";
/// Of SHA-256, hexadecimal.
const DIGITS: usize = 64;
/// Bytes of a seal.
pub(crate) const BYTES: u64 = (WORDS.len() + DIGITS + 1) as u64;
/// Bytes read between two looks at the progress.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// What the file's end says: the digits, or `None` of a file without a seal (data in use, a copy of an earlier time).
///
/// # Errors
/// What is wrong with the file's size, or with its last bytes, in words.
pub(crate) fn of(mut opened: &File, header: &Header) -> Result<Option<String>, String> {
    let fault = || header.fault().unwrap_or_default();
    let database = header.pages * header.page_bytes;
    if header.bytes == database {
        return Ok(None);
    }
    if header.bytes != database + BYTES {
        return Err(fault());
    }
    let mut last = [0; BYTES as usize];
    let read = opened.seek(SeekFrom::Start(database)).and_then(|_| opened.read_exact(&mut last));
    read.map_err(|error| format!("its end cannot be read: {error}"))?;
    let digits = last.strip_prefix(WORDS.as_slice()).and_then(|rest| rest.strip_suffix(b"\n")).ok_or_else(fault)?;
    let digits = std::str::from_utf8(digits).map_err(|_| fault())?;
    Ok(Some(digits.to_owned()))
}

/// Appends the seal to a copy that is complete. The caller syncs.
pub(crate) fn put(copy: &Path, progress: &dyn Progress) -> PluginResult<()> {
    let failed = |error: io::Error| from_io(&error, copy, "cannot seal");
    let mut file = OpenOptions::new().read(true).write(true).open(copy).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    let digits = digest(&mut file, copy, bytes, progress, |_| Ok(()))?;
    let seal = [WORDS.as_slice(), digits.as_bytes(), b"\n"].concat();
    file.write_all(&seal).map_err(failed)
}

/// Whether the bytes are those that were sealed; `Ok(None)`: yes, or there is no seal; otherwise what is wrong.
///
/// # Errors
/// The file cannot be read; cancelled.
pub(crate) fn fault(
    mut opened: &File,
    path: &Path,
    header: &Header,
    progress: &dyn Progress,
) -> PluginResult<Option<String>> {
    let sealed = match of(opened, header) {
        Err(fault) => return Ok(Some(fault)),
        Ok(None) => return Ok(None),
        Ok(Some(sealed)) => sealed,
    };
    opened.rewind().map_err(|error| from_io(&error, path, "cannot read"))?;
    let found = digest(&mut opened, path, header.bytes - BYTES, progress, |_| Ok(()))?;
    Ok(differs(&sealed, &found))
}

/// What is said when the bytes are not those that were sealed.
pub(crate) fn differs(sealed: &str, found: &str) -> Option<String> {
    (sealed != found).then(|| format!("its bytes were changed: SHA-256 {found}, its seal says {sealed}"))
}

/// The digits of the first `bytes` bytes from where the file stands; each chunk is given to `keep` as well.
///
/// # Errors
/// The file cannot be read, what `keep` says; cancelled.
pub(crate) fn digest(
    from: &mut impl Read,
    path: &Path,
    bytes: u64,
    progress: &dyn Progress,
    mut keep: impl FnMut(&[u8]) -> PluginResult<()>,
) -> PluginResult<String> {
    let (mut hash, mut chunk, mut done) = (Sha256::new(), vec![0; CHUNK_BYTES], 0);
    while done < bytes {
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, format!("reading {} was cancelled", path.display())));
        }
        let wanted = chunk.len().min(usize::try_from(bytes - done).unwrap_or(usize::MAX));
        let count = from.read(&mut chunk[..wanted]).map_err(|error| from_io(&error, path, "cannot read"))?;
        if count == 0 {
            break;
        }
        hash.update(&chunk[..count]);
        keep(&chunk[..count])?;
        done += count as u64;
        progress.report(done, bytes, "reading the copy");
    }
    let mut digits = String::with_capacity(DIGITS);
    for byte in hash.finalize() {
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(digits)
}
