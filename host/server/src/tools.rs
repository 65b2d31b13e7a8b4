//! PostgreSQL's programs on this machine: found, asked for their version, and whether they speak TLS.

use crate::ServerError;
use crate::os::{self, Account};
use std::path::{Path, PathBuf};

/// The oldest major version.
pub const VERSION_MIN: u32 = 15;
/// The newest major version.
pub const VERSION_MAX: u32 = 18;

/// What a server needs.
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];

/// A folder with PostgreSQL's programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// The folder of `postgres`, `initdb` and `pg_ctl`.
    pub bin: PathBuf,
    /// Its major version.
    pub major: u32,
    /// Its version as it calls itself: `17.10`.
    pub version: String,
}

impl Tools {
    /// A program of theirs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(format!("{name}{}", os::PROGRAM_SUFFIX))
    }
}

/// Folders of what the machine's packages keep up to date.
fn system_folders() -> Vec<PathBuf> {
    let mut folders = os::tool_folders();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_all = |folder: &PathBuf| PROGRAMS.iter().all(|name| is_there(folder, name));
    folders.extend(std::env::split_paths(&path).filter(has_all));
    let mut seen = Vec::new();
    for folder in folders {
        let program = folder.join(format!("postgres{}", os::PROGRAM_SUFFIX));
        // A link in the PATH names a folder that was found already.
        let real = program.canonicalize().ok().and_then(|file| file.parent().map(Path::to_owned)).unwrap_or(folder);
        if !seen.contains(&real) {
            seen.push(real);
        }
    }
    seen
}

fn is_there(folder: &Path, name: &str) -> bool {
    folder.join(format!("{name}{}", os::PROGRAM_SUFFIX)).is_file()
}

/// `Tools/Postgres/bin` beside this program.
fn bundled() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok()?.parent()?.join("Tools").join("Postgres");
    [beside.join("bin"), beside].into_iter().find(|folder| is_there(folder, "postgres"))
}

/// Finds programs that `account` can run: the newest of the machine's own, otherwise those that came with AuraPOS. `named` is
/// looked at alone; `wanted` is the only major version that will do.
///
/// # Errors
/// There are none, or every one that is there is unfit: then the first one says why.
pub(crate) fn find(account: &Account, named: Option<&Path>, wanted: Option<u32>) -> Result<Tools, ServerError> {
    let groups = match named {
        Some(folder) => vec![vec![folder.to_owned()]],
        None => vec![system_folders(), bundled().into_iter().collect()],
    };
    let (mut refused, mut other) = (None, None);
    for group in groups {
        let mut best: Option<Tools> = None;
        for folder in group {
            match look_at(account, &folder) {
                Ok(tools) if wanted.is_some_and(|major| tools.major != major) => other = other.or(Some(tools)),
                Ok(tools) if best.as_ref().is_none_or(|best| tools.major > best.major) => best = Some(tools),
                Ok(_) => {}
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        if let Some(best) = best {
            return Ok(best);
        }
    }
    if let Some((other, cluster)) = other.zip(wanted) {
        let folder = other.bin.display().to_string();
        return Err(ServerError::OtherVersion { cluster, folder, tools: other.major });
    }
    let looked = || "the system's folders, PATH and Tools/Postgres beside this program".to_owned();
    Err(refused.unwrap_or_else(|| ServerError::NoTools { looked: looked() }))
}

/// Looks at one folder.
///
/// # Errors
/// A program is missing or does not run, its version is not one of ours, or it has no TLS.
pub(crate) fn look_at(account: &Account, folder: &Path) -> Result<Tools, ServerError> {
    let shown = folder.display().to_string();
    if !PROGRAMS.iter().all(|name| is_there(folder, name)) {
        return Err(ServerError::NoTools { looked: shown });
    }
    let program = folder.join(format!("postgres{}", os::PROGRAM_SUFFIX));
    let said = crate::process::run(os::command_as(account, &program).arg("--version"), &program.display().to_string())?;
    let version = version_of(&said).unwrap_or_default();
    let major = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    if !(VERSION_MIN..=VERSION_MAX).contains(&major) {
        return Err(ServerError::ToolsVersion { folder: shown, version });
    }
    if !speaks_tls(account, &program) {
        return Err(ServerError::ToolsWithoutTls { folder: shown });
    }
    Ok(Tools { bin: folder.to_owned(), major, version })
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is `15.18`; `18beta1` is `18`.
fn version_of(said: &str) -> Option<String> {
    let words = said.split_whitespace().skip_while(|word| !word.ends_with("(PostgreSQL)")).nth(1)?;
    let number: String = words.chars().take_while(|sign| sign.is_ascii_digit() || *sign == '.').collect();
    (!number.is_empty()).then(|| number.trim_end_matches('.').to_owned())
}

/// Tells without a cluster: `--describe-config` prints every setting, and a server that was built without TLS has `none` as the
/// default of `ssl_ciphers`.
fn speaks_tls(account: &Account, program: &Path) -> bool {
    let said = crate::process::run(os::command_as(account, program).arg("--describe-config"), "postgres");
    said.is_ok_and(|said| ciphers_of(&said).is_some_and(|ciphers| !matches!(ciphers, "" | "none")))
}

/// The default of `ssl_ciphers`: name, context, group, type, default …
fn ciphers_of(said: &str) -> Option<&str> {
    said.lines().find(|line| line.starts_with("ssl_ciphers\t"))?.split('\t').nth(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_it_is_said() {
        for (said, version) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some("15.18")),
            ("postgres (PostgreSQL) 17.10\n", Some("17.10")),
            ("postgres (PostgreSQL) 19devel\n", Some("19")),
            ("postgres (EnterpriseDB) 15\n", None),
            ("", None),
        ] {
            assert_eq!(version_of(said).as_deref(), version, "{said}");
        }
    }

    #[test]
    fn a_server_without_tls_is_told_by_its_ciphers() {
        for (said, ciphers) in [
            ("a\tb\nssl_ciphers\tsighup\tSSL\tSTRING\tHIGH:MEDIUM\t\t\tSets\n", Some("HIGH:MEDIUM")),
            ("ssl_ciphers\tsighup\tSSL\tSTRING\tnone\t\t\tSets\n", Some("none")),
            ("ssl_ciphers_x\tsighup\n", None),
        ] {
            assert_eq!(ciphers_of(said), ciphers, "{said}");
        }
    }
}
