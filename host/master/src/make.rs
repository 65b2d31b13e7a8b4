//! Making the server of a data folder, which need not be there yet.

use crate::{Kept, os};
use aurapos_runtime::contract::Progress;
use aurapos_runtime::{DataFolder, RuntimeError};
use aurapos_server::{Home, Made, ServerError, State, Wish, init, start, status};
use std::io;
use thiserror::Error;

/// Why a server was not made.
#[derive(Debug, Error)]
pub enum MakeError {
    /// The data folder cannot be made.
    #[error(transparent)]
    Folder(#[from] RuntimeError),
    /// The data folder cannot be given to whose home it is in.
    #[error("the data folder cannot be given to the owner of the folder above: {0}")]
    Owner(io::Error),
    /// The server.
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl MakeError {
    /// The code of this refusal.
    pub fn code(&self) -> &str {
        match self {
            MakeError::Folder(error) => error.code(),
            MakeError::Owner(_) => "AP-0102",
            MakeError::Server(error) => error.code(),
        }
    }

    /// What to do next.
    pub fn next(&self) -> String {
        match self {
            MakeError::Folder(error) => error.next(),
            MakeError::Owner(_) => "Correct the owner of the data folder.".to_owned(),
            MakeError::Server(error) => error.next(),
        }
    }
}

/// The server of a data folder as something to share a shop on: made where there is none, and started where it does not run.
/// Whether it was made now.
///
/// # Errors
/// As [`make`].
pub fn ready(folder: &DataFolder, wish: &Wish, progress: &dyn Progress) -> Result<bool, MakeError> {
    let home = Home::of_data(folder.root());
    match status(&home, &Kept::new(folder))?.state {
        State::Running => Ok(false),
        State::Stopped => {
            start(&home, true)?;
            Ok(false)
        }
        State::NotMade | State::HalfMade => make(folder, wish, progress).map(|_| true),
    }
}

/// Makes the server of a data folder, or what is missing of it; the passwords are kept in the folder.
///
/// # Errors
/// What cannot be done, by name. What was done stays: run again, it goes on there.
pub fn make(folder: &DataFolder, wish: &Wish, progress: &dyn Progress) -> Result<Made, MakeError> {
    let is_new = !folder.root().exists();
    folder.create().map_err(RuntimeError::from)?;
    if is_new {
        // Root makes a folder in somebody's home for them.
        let above = folder.root().parent().unwrap_or(folder.root());
        os::give_to_owner_of(above, folder.root()).map_err(MakeError::Owner)?;
    }
    Ok(init(&Home::of_data(folder.root()), wish, &Kept::new(folder), progress)?)
}
