//! Where the passwords of a server's roles are kept: `secrets.toml`, by kind `server` and the name of the role.

use crate::os;
use aurapos_runtime::DataFolder;
use aurapos_runtime::secrets::{Secrets, SecretsError};
use aurapos_server::{Keep, Secret, ServerError};

const KIND: &str = "server";
const KEY: &str = "password";

/// The passwords of a data folder.
#[derive(Debug)]
pub struct Kept<'a> {
    folder: &'a DataFolder,
}

impl<'a> Kept<'a> {
    /// Those of a data folder.
    pub fn new(folder: &'a DataFolder) -> Self {
        Kept { folder }
    }

    fn read(&self) -> Result<Secrets, ServerError> {
        Secrets::read(self.folder).map_err(refused)
    }

    /// What root wrote for somebody stays theirs: their register could not read it otherwise.
    fn hand_over(&self) -> Result<(), ServerError> {
        let file = self.folder.secrets_file();
        let failed = |source| ServerError::File { path: file.display().to_string(), source };
        os::give_to_owner_of(self.folder.root(), &file).map_err(failed)
    }
}

impl Keep for Kept<'_> {
    fn get(&self, role: &str) -> Result<Option<Secret>, ServerError> {
        self.hand_over()?;
        Ok(self.read()?.get(KIND, role, KEY).map(Secret::new))
    }

    fn set(&self, role: &str, secret: &Secret) -> Result<(), ServerError> {
        let mut secrets = self.read()?;
        secrets.set(KIND, role, KEY, secret.text());
        secrets.write(self.folder).map_err(refused)?;
        self.hand_over()
    }
}

fn refused(error: SecretsError) -> ServerError {
    ServerError::Keep { code: error.code().to_owned(), why: error.to_string(), next: error.next() }
}
