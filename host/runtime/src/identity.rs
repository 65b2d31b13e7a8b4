//! Whether this database is the one that ran here last, or a copy of it.
//!
//! `register.token` stands beside the database and is in no backup. It holds a random token and the hashed id of the
//! machine; the database holds both and the file's own number on its disk. When they differ, the database was restored or
//! copied, and the engine opens a new incarnation before its first sale.
//!
//! The token is changed at every start and after each snapshot, so that every copy is older than the file. A change goes
//! file {old, new}, database {new}, file {new}: killed anywhere, file and database still have one token in common. The
//! file is written in place (a rename would change its number); a torn write is a difference, which is safe.

use crate::folder::{DataFolder, sync_folder_of};
use crate::ids::fill_random;
use crate::os;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};

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

/// The token file of one register, held open.
#[derive(Debug)]
pub struct TokenFile {
    file: File,
    machine: String,
    /// What the database may hold: one token, two while one is changed, none when the file is new, torn or another
    /// machine's.
    tokens: Vec<String>,
}

impl TokenFile {
    /// Opens the file of a data folder on the machine of this hash, making it if there is none.
    ///
    /// # Errors
    /// It cannot be opened or made.
    pub fn open(folder: &DataFolder, machine: &str) -> io::Result<Self> {
        let path = folder.register_token();
        let found = fs::read_to_string(&path).unwrap_or_default();
        let tokens = read(&found, machine).unwrap_or_default();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        sync_folder_of(&path)?;
        Ok(TokenFile { file, machine: machine.to_owned(), tokens })
    }

    /// The tokens that the database may hold.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// The hash of the machine.
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// The file's number on its disk.
    ///
    /// # Errors
    /// The file cannot be asked.
    pub fn number(&self) -> io::Result<i64> {
        Ok(os::file_number(&self.file.metadata()?).cast_signed())
    }

    /// First half of a change: the file holds what it had and the new token.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn announce(&mut self, token: &str) -> io::Result<()> {
        let mut tokens = self.tokens.clone();
        // One token was in use; a second one is left over from a change that was cut short.
        tokens.push(token.to_owned());
        self.write(tokens)
    }

    /// Second half, after the database holds it: the file holds the new token only.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn settle(&mut self, token: &str) -> io::Result<()> {
        self.write(vec![token.to_owned()])
    }

    fn write(&mut self, tokens: Vec<String>) -> io::Result<()> {
        let text = written(&self.machine, &tokens);
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)?;
        self.file.sync_all()?;
        self.tokens = tokens;
        Ok(())
    }

    /// Removes the file of a data folder: whatever database opens next opens in a new incarnation.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn remove(folder: &DataFolder) -> io::Result<()> {
        match fs::remove_file(folder.register_token()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => sync_folder_of(&folder.register_token()),
        }
    }
}

fn written(machine: &str, tokens: &[String]) -> String {
    let mut text = format!("{HEAD}\nmachine {machine}\n");
    for token in tokens {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "token {token}");
    }
    let check = check_of(&text);
    text + "check " + &check + "\n"
}

/// The tokens of a file, unless it is torn or another machine's.
fn read(text: &str, machine: &str) -> Option<Vec<String>> {
    let body = &text[..text.rfind("check ")?];
    let check = text[body.len()..].strip_prefix("check ")?.trim();
    if check != check_of(body) {
        return None;
    }
    let mut lines = body.lines();
    if lines.next() != Some(HEAD) || lines.next()?.strip_prefix("machine ") != Some(machine) {
        return None;
    }
    lines.map(|line| line.strip_prefix("token ").map(str::to_owned)).collect()
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

    fn tokens(folder: &DataFolder, machine: &str) -> Vec<String> {
        TokenFile::open(folder, machine).unwrap().tokens().to_vec()
    }

    #[test]
    fn a_change_always_leaves_one_token_in_common() {
        let (_place, folder) = place();
        let mut file = TokenFile::open(&folder, "m").unwrap();
        assert!(file.tokens().is_empty(), "a new file vouches for nothing");
        let number = file.number().unwrap();
        file.announce("a").unwrap();
        file.settle("a").unwrap();
        file.announce("b").unwrap();
        assert_eq!(tokens(&folder, "m"), ["a", "b"], "killed here, the database has a or b");
        file.settle("b").unwrap();
        assert_eq!(tokens(&folder, "m"), ["b"]);
        assert_eq!(TokenFile::open(&folder, "m").unwrap().number().unwrap(), number, "written in place");
    }

    #[test]
    fn another_machine_or_a_torn_file_vouches_for_nothing() {
        let (_place, folder) = place();
        TokenFile::open(&folder, "m").unwrap().settle("a").unwrap();
        assert!(tokens(&folder, "other").is_empty());
        let text = fs::read_to_string(folder.register_token()).unwrap();
        for cut in 0..text.len() - 1 {
            fs::write(folder.register_token(), &text[..cut]).unwrap();
            assert!(tokens(&folder, "m").is_empty(), "cut at {cut}");
        }
        fs::write(folder.register_token(), text.replace("token a", "token b")).unwrap();
        assert!(tokens(&folder, "m").is_empty());
    }

    #[test]
    fn a_removed_or_copied_file_is_noticed() {
        let (_place, folder) = place();
        let number = TokenFile::open(&folder, "m").unwrap().number().unwrap();
        let aside = folder.root().join("aside");
        fs::copy(folder.register_token(), &aside).unwrap();
        fs::rename(&aside, folder.register_token()).unwrap();
        assert_ne!(TokenFile::open(&folder, "m").unwrap().number().unwrap(), number);
        TokenFile::remove(&folder).unwrap();
        TokenFile::remove(&folder).unwrap();
        assert!(!folder.register_token().exists());
    }

    #[test]
    fn tokens_and_machines_differ() {
        assert_ne!(new_token(), new_token());
        assert_eq!(new_token().len(), 32);
        assert_ne!(hash_of_machine("a"), hash_of_machine("b"));
        assert!(!hash_of_machine("abc").contains("abc"));
    }
}
