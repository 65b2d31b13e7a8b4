//! Whether this database is the one that ran here last, or a copy of it.
//!
//! `register.token` stands beside the database and is in no backup. It holds a random token and the hashed id of the
//! machine; the database holds both and the file's own number on its disk. When they differ, the database was restored or
//! copied, and the engine opens a new incarnation before its first sale.
//!
//! The token is changed at every start and after each snapshot, so that every copy is older than the file. A change makes
//! a new file beside the old one, tells the database its token and number, and renames it into place: killed anywhere, one
//! of the two files fits the database. Files that are put back over the present ones have another number.

use crate::folder::{DataFolder, sync_folder_of};
use crate::ids::fill_random;
use crate::os;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

const HEAD: &str = "AuraPOS register token 1";

/// The machine's id, hashed so that it tells nothing to others.
pub fn machine() -> String {
    hash_of_machine(&os::machine_id())
}

/// The hash of a machine's id.
pub fn hash_of_machine(id: &str) -> String {
    hexadecimal(&Sha256::digest(format!("AuraPOS-machine-1\0{id}").as_bytes())[..16])
}

/// A new random token.
pub fn new_token() -> String {
    let mut bytes = [0; 16];
    fill_random(&mut bytes);
    hexadecimal(&bytes)
}

/// A token and the number of the file that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    token: String,
    number: i64,
}

/// The token file of one register, and the one that takes its place while the token is changed.
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
    machine: String,
    /// What `register.token` says; `None` when there is none, or it is torn or another machine's.
    current: Option<Held>,
    /// The same of `register.token.new`, which a change that is going on or was cut short made.
    coming: Option<Held>,
}

impl TokenFile {
    /// Reads the files of a data folder on the machine of this hash.
    ///
    /// # Errors
    /// A file is there and cannot be read.
    pub fn open(folder: &DataFolder, machine: &str) -> io::Result<Self> {
        let path = folder.register_token();
        let (current, coming) = (held(&path, machine)?, held(&beside(&path), machine)?);
        Ok(TokenFile { path, machine: machine.to_owned(), current, coming })
    }

    /// Whether the database that holds this token is the one that ran here last; finishes or undoes a change that was cut
    /// short.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn vouches_for(&mut self, stored: &str) -> io::Result<bool> {
        if self.coming.as_ref().is_some_and(|held| held.token == stored) {
            self.put_in_place()?;
        }
        if let Err(error) = fs::remove_file(beside(&self.path))
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        self.coming = None;
        Ok(self.current.as_ref().is_some_and(|held| held.token == stored))
    }

    /// The hash of the machine.
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// The number on its disk of the file with the newest token; 0 when there is none.
    pub fn number(&self) -> i64 {
        self.coming.as_ref().or(self.current.as_ref()).map_or(0, |held| held.number)
    }

    /// First half of a change: a new file with the new token lies beside the present one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn announce(&mut self, token: &str) -> io::Result<()> {
        let path = beside(&self.path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        os::private(&mut options);
        let mut file = options.open(&path)?;
        file.write_all(written(&self.machine, token).as_bytes())?;
        file.sync_all()?;
        let number = os::file_number(&file)?.cast_signed();
        sync_folder_of(&path)?;
        self.coming = Some(Held { token: token.to_owned(), number });
        Ok(())
    }

    /// Second half, after the database holds token and number: the new file takes the place of the old one.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn settle(&mut self, token: &str) -> io::Result<()> {
        if self.coming.as_ref().is_none_or(|held| held.token != token) {
            self.announce(token)?;
        }
        self.put_in_place()
    }

    fn put_in_place(&mut self) -> io::Result<()> {
        fs::rename(beside(&self.path), &self.path)?;
        sync_folder_of(&self.path)?;
        self.current = self.coming.take();
        Ok(())
    }

    /// Removes the file of a data folder: whatever database opens next opens in a new incarnation.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn remove(folder: &DataFolder) -> io::Result<()> {
        let path = folder.register_token();
        for file in [beside(&path), path.clone()] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        sync_folder_of(&path)
    }
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension("token.new")
}

fn held(path: &Path, machine: &str) -> io::Result<Option<Held>> {
    let mut text = String::new();
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let number = os::file_number(&file)?.cast_signed();
    // Whatever cannot be read as text is torn.
    if { file }.read_to_string(&mut text).is_err() {
        return Ok(None);
    }
    Ok(read(&text, machine).map(|token| Held { token, number }))
}

fn written(machine: &str, token: &str) -> String {
    let text = format!("{HEAD}\nmachine {machine}\ntoken {token}\n");
    let check = check_of(&text);
    text + "check " + &check + "\n"
}

/// The token of a file, unless it is torn or another machine's.
fn read(text: &str, machine: &str) -> Option<String> {
    let body = &text[..text.rfind("check ")?];
    let check = text[body.len()..].strip_prefix("check ")?.trim();
    if check != check_of(body) {
        return None;
    }
    let mut lines = body.lines();
    if lines.next() != Some(HEAD) || lines.next()?.strip_prefix("machine ") != Some(machine) {
        return None;
    }
    lines.next()?.strip_prefix("token ").map(str::to_owned)
}

fn check_of(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes())[..8])
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, DataFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        (place, folder)
    }

    /// Whether a file opened anew vouches for a database with this token and number.
    fn vouches(folder: &DataFolder, machine: &str, token: &str, number: i64) -> bool {
        let mut file = TokenFile::open(folder, machine).unwrap();
        file.vouches_for(token).unwrap() && file.number() == number
    }

    #[test]
    fn a_change_cut_short_fits_the_database_on_either_side() {
        let (_place, folder) = place();
        let mut file = TokenFile::open(&folder, "m").unwrap();
        assert!(!file.vouches_for("").unwrap(), "a new file vouches for nothing");
        file.settle("a").unwrap();
        let before = file.number();
        file.announce("b").unwrap();
        let after = file.number();
        assert_ne!(before, after, "each change makes a new file");
        let copy = fs::read(folder.root().join("register.token.new")).unwrap();
        assert!(vouches(&folder, "m", "a", before), "killed before the database: undone");
        fs::write(folder.root().join("register.token.new"), copy).unwrap();
        assert!(!vouches(&folder, "m", "b", after), "a copied file has another number");
        file.announce("c").unwrap();
        let after = file.number();
        assert!(vouches(&folder, "m", "c", after), "killed after the database: finished");
        assert!(!vouches(&folder, "m", "a", before), "an older database is a copy");
    }

    #[test]
    fn another_machine_or_a_torn_file_vouches_for_nothing() {
        let (_place, folder) = place();
        let mut file = TokenFile::open(&folder, "m").unwrap();
        file.settle("a").unwrap();
        assert!(!vouches(&folder, "other", "a", file.number()));
        let text = fs::read_to_string(folder.register_token()).unwrap();
        for cut in 0..text.len() - 1 {
            fs::write(folder.register_token(), &text[..cut]).unwrap();
            assert!(!vouches(&folder, "m", "a", file.number()), "cut at {cut}");
        }
        fs::write(folder.register_token(), text.replace("token a", "token b")).unwrap();
        assert!(!vouches(&folder, "m", "b", file.number()));
    }

    #[test]
    fn a_removed_or_copied_file_is_noticed() {
        let (_place, folder) = place();
        let mut file = TokenFile::open(&folder, "m").unwrap();
        file.settle("a").unwrap();
        let aside = folder.root().join("aside");
        fs::copy(folder.register_token(), &aside).unwrap();
        fs::rename(&aside, folder.register_token()).unwrap();
        assert!(!vouches(&folder, "m", "a", file.number()));
        TokenFile::remove(&folder).unwrap();
        TokenFile::remove(&folder).unwrap();
        assert!(!folder.register_token().exists());
    }

    #[test]
    fn a_whole_folder_put_back_over_the_same_files_is_noticed() {
        let (_place, folder) = place();
        let mut file = TokenFile::open(&folder, "m").unwrap();
        file.settle("a").unwrap();
        let (database, saved) = (("a", file.number()), fs::read(folder.register_token()).unwrap());
        file.announce("b").unwrap();
        file.settle("b").unwrap();
        // As `cp` does it: the content of old, in the file that is there.
        fs::write(folder.register_token(), saved).unwrap();
        assert!(!vouches(&folder, "m", database.0, database.1));
    }

    #[test]
    fn tokens_and_machines_differ() {
        assert_ne!(new_token(), new_token());
        assert_eq!(new_token().len(), 32);
        assert_ne!(hash_of_machine("a"), hash_of_machine("b"));
        assert!(!hash_of_machine("abc").contains("abc"));
    }
}
