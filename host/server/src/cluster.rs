//! Making the cluster: aside, whole, and only then under its name.

use crate::place::Place;
use crate::settings::{SUPERUSER, include_line};
use crate::tools::Tools;
use crate::{Facts, ServerError, files, os, process};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// What a cluster is called until it is whole.
const ASIDE: &str = "making-";

/// Makes the cluster where there is none; whether it was made.
///
/// # Errors
/// `initdb` refuses: no room, no such locale.
pub(crate) fn ensure(place: &Place, facts: &Facts, tools: &Tools) -> Result<bool, ServerError> {
    remove_halves(&place.root);
    if place.is_made() {
        return Ok(false);
    }
    if place.data().exists() {
        return Err(ServerError::FolderNotOurs { folder: place.data().display().to_string() });
    }
    // A name of its own: an `initdb` whose parent was killed may still be writing into the last one.
    let aside = place.root.join(format!("{ASIDE}{}", crate::place::new_id()?));
    let made =
        initdb(place, facts, tools, &aside).and_then(|()| append(&aside.join("postgresql.conf"), &include_line()));
    if let Err(error) = made {
        // The first error is the one that matters.
        let _ = fs::remove_dir_all(&aside);
        return Err(error);
    }
    fs::rename(&aside, place.data()).map_err(ServerError::file(&place.data()))?;
    files::sync_parent(&place.data()).map_err(ServerError::file(&place.root))?;
    Ok(true)
}

/// The major version of the cluster that is there.
pub(crate) fn major(place: &Place) -> Option<u32> {
    fs::read_to_string(place.data().join("PG_VERSION")).ok()?.trim().parse().ok()
}

fn initdb(place: &Place, facts: &Facts, tools: &Tools, aside: &Path) -> Result<(), ServerError> {
    let mut command = os::command_as(&place.account, &tools.program("initdb"));
    command.arg("-D").arg(aside).args([
        "-U",
        SUPERUSER,
        "--encoding=UTF8",
        "--locale-provider=libc",
        "--lc-messages=C",
    ]);
    command.arg(format!("--locale={}", facts.locale));
    // Nobody has a password yet, and nobody gets in without one but by the socket.
    command.args(["--auth-local=peer", "--auth-host=scram-sha-256", "--data-checksums", "--no-instructions"]);
    process::run(&mut command, "initdb").map(drop).map_err(|error| named(error, place, facts))
}

/// What `initdb` says, as what it is.
fn named(error: ServerError, place: &Place, facts: &Facts) -> ServerError {
    let ServerError::Program { said, .. } = &error else { return error };
    if said.contains("No space left") || said.contains("Disk quota") {
        let free_mb = os::free_bytes(&place.root).unwrap_or(0) / 1_000_000;
        let needed_mb = crate::place::FREE_BYTES_MIN / 1_000_000;
        return ServerError::DiskFull { folder: place.root.display().to_string(), free_mb, needed_mb };
    }
    if said.contains("invalid locale") {
        return ServerError::LocaleMissing { locale: facts.locale.clone() };
    }
    error
}

fn append(file: &Path, line: &str) -> Result<(), ServerError> {
    let written = fs::OpenOptions::new().append(true).open(file).and_then(|mut open| {
        open.write_all(line.as_bytes())?;
        open.sync_all()
    });
    written.map_err(ServerError::file(file))
}

/// Takes away what runs that were killed left. What cannot be removed now goes at the next run.
fn remove_halves(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(ASIDE) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
