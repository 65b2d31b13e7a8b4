//! The command line.

use aurapos_runtime::DataFolder;
use clap::Parser;
use std::path::PathBuf;

/// The register: the window in which an operator sells
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "aurapos", version, max_term_width = 110)]
pub struct Args {
    /// The register's data folder [env: AURAPOS_DATA] [default: this user's, $XDG_DATA_HOME/AuraPOS or %AppData%\AuraPOS]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Settings in this file instead of aurapos.toml in the data folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Leave out plugins that did not come with AuraPOS
    #[arg(long)]
    pub safe_mode: bool,
    /// Language of the window for this time
    #[arg(long, value_name = "LANGUAGE", value_parser = ["en", "fr", "nl", "de"])]
    pub lang: Option<String>,
    /// Fill the whole screen
    #[arg(long)]
    pub fullscreen: bool,
}

impl Args {
    /// The data folder, when there is one for this user.
    ///
    /// # Errors
    /// What is wrong and what to do, as a sentence.
    pub fn folder(&self) -> Result<DataFolder, String> {
        let variable = std::env::var_os("AURAPOS_DATA").filter(|value| !value.is_empty()).map(PathBuf::from);
        self.folder_with(variable, DataFolder::of_user)
    }

    fn folder_with(
        &self,
        variable: Option<PathBuf>,
        of_user: impl FnOnce() -> Option<DataFolder>,
    ) -> Result<DataFolder, String> {
        let folder = self.data.clone().or(variable).map(DataFolder::new).or_else(of_user);
        let folder = folder.ok_or("There is no data folder for this user: give one with --data DIR.")?;
        Ok(match &self.config {
            Some(file) => folder.with_settings(file),
            None => folder,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn args(words: &[&str]) -> Args {
        Args::try_parse_from(std::iter::once("aurapos").chain(words.iter().copied())).unwrap()
    }

    fn root(words: &[&str], variable: Option<&str>) -> Result<PathBuf, String> {
        let of_user = || Some(DataFolder::new("/users/mia/AuraPOS"));
        let folder = args(words).folder_with(variable.map(PathBuf::from), of_user)?;
        Ok(folder.root().to_owned())
    }

    #[test]
    fn the_folder_is_the_one_that_was_named_nearest() {
        assert_eq!(root(&["--data", "/d"], Some("/v")).unwrap(), Path::new("/d"));
        assert_eq!(root(&[], Some("/v")).unwrap(), Path::new("/v"));
        assert_eq!(root(&[], None).unwrap(), Path::new("/users/mia/AuraPOS"));
        assert!(Args::try_parse_from(["aurapos", "--data", ""]).is_err(), "an empty folder is none");
        assert!(Args::default().folder_with(None, || None).unwrap_err().contains("--data DIR"));
    }

    #[test]
    fn settings_may_lie_elsewhere() {
        let folder = args(&["--config", "/etc/aurapos.toml"]).folder_with(Some("/v".into()), || None).unwrap();
        assert_eq!(folder.settings_file(), Path::new("/etc/aurapos.toml"));
    }

    #[test]
    fn a_language_that_is_not_spoken_is_refused() {
        assert_eq!(args(&["--lang", "nl"]).lang.as_deref(), Some("nl"));
        assert!(Args::try_parse_from(["aurapos", "--lang", "es"]).is_err());
    }
}
