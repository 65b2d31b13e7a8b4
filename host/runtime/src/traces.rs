//! What lies in the data folder before a shop is made in it, so that a shop that is refused leaves nothing of itself.

use crate::folder::{DataFolder, replace_file};
use std::fs;
use std::path::PathBuf;

/// The files that setting up writes, and the folders that it makes.
pub(crate) struct Traces {
    /// The files with what is in them; `None`: there is none.
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
    /// Folders that were not there.
    folders: Vec<PathBuf>,
}

impl Traces {
    /// As it is now. Files that cannot be read cannot be changed either.
    pub(crate) fn of(folder: &DataFolder) -> Self {
        let files = [folder.settings_file(), folder.secrets_file(), folder.register_token(), folder.register_head()];
        let folders = [folder.logs(), folder.root().join("plugin-state"), folder.root().join("plugin-data")];
        Traces {
            files: files.into_iter().map(|file| (file.clone(), fs::read(file).ok())).collect(),
            folders: folders.into_iter().filter(|folder| !folder.exists()).collect(),
        }
    }

    /// Puts everything back. What cannot be removed now is used again by the next run.
    pub(crate) fn put_back(self) {
        for (file, text) in self.files {
            let _ = match text {
                None => fs::remove_file(&file),
                Some(text) if fs::read(&file).is_ok_and(|now| now == text) => Ok(()),
                // For this user only, as secrets are.
                Some(text) => replace_file(&file, &text),
            };
        }
        for folder in self.folders {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        replace_file(&folder.secrets_file(), b"before").unwrap();
        let traces = Traces::of(&folder);
        replace_file(&folder.secrets_file(), b"after").unwrap();
        replace_file(&folder.settings_file(), b"new").unwrap();
        fs::create_dir_all(folder.logs()).unwrap();
        fs::write(place.path().join("notes.txt"), "mine").unwrap();
        traces.put_back();
        let mut names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["notes.txt", "secrets.toml"]);
        assert_eq!(fs::read(folder.secrets_file()).unwrap(), b"before");
    }
}
