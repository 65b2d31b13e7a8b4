//! Starting at boot: a unit of systemd, put in its place where that is possible, shown where it is not.

use crate::files::{self, Readers};
use crate::process::run;
use crate::{Facts, Home, ServerError, os};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The unit's name.
pub const UNIT: &str = "aurapos-postgres.service";
/// The program without a screen.
const ADMIN: &str = "aurapos-admin";
/// The window makes servers too, and starts none at boot.
const WINDOW: &str = "aurapos";

/// Whether the server starts at boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// systemd starts it.
    AtBoot,
    /// It does not start by itself.
    ByHand {
        /// Why.
        reason: String,
        /// What would do it, as lines of a shell.
        lines: Vec<String>,
    },
    /// There is no server.
    None,
}

/// Whether the unit of a server is in its place and switched on.
pub(crate) fn look(facts: &Facts) -> Service {
    let installed = files::text(&os::unit_file(UNIT)).ok().flatten().is_some_and(|text| text.contains(&facts.id));
    if !os::systemd_runs() {
        return by_hand("systemd does not run this machine", Vec::new());
    }
    let enabled = installed && run(Command::new("systemctl").args(["is-enabled", UNIT]), "systemctl").is_ok();
    if enabled { Service::AtBoot } else { by_hand("only root may put a service in its place", Vec::new()) }
}

fn by_hand(reason: &str, lines: Vec<String>) -> Service {
    Service::ByHand { reason: reason.to_owned(), lines }
}

/// The program that has `server start`: this one, or the one beside the window.
fn admin() -> Result<PathBuf, ServerError> {
    let own = std::env::current_exe().map_err(ServerError::file(Path::new("this program")))?;
    Ok(admin_of(own))
}

fn admin_of(own: PathBuf) -> PathBuf {
    let beside = own.with_file_name(format!("{ADMIN}{}", std::env::consts::EXE_SUFFIX));
    let is_window = own.file_stem().is_some_and(|name| name == WINDOW);
    if is_window && beside.is_file() { beside } else { own }
}

/// Puts the unit in its place and switches it on, where that is possible; whether something changed.
pub(crate) fn install(home: &Home, facts: &Facts, data: &Path, cluster: &Path) -> Result<(Service, bool), ServerError> {
    let program = admin()?;
    let text = unit(facts, &program, data, cluster);
    let aside = home.unit_file();
    let owner = os::Account::of_owner(home.root())?;
    let written = files::put(&aside, text.as_bytes(), Readers::All, Some(&owner))?;
    let place = os::unit_file(UNIT);
    let lines = vec![
        format!("sudo install -m 644 {} {}", quoted(&aside), place.display()),
        "sudo systemctl daemon-reload".to_owned(),
        format!("sudo systemctl enable {UNIT}"),
    ];
    if !os::systemd_runs() {
        let start = format!("aurapos-admin --data {} server start", quoted(data));
        return Ok((by_hand("systemd does not run this machine", vec![start]), written));
    }
    if !os::is_root() {
        return Ok((by_hand("only root may put a service in its place", lines), written));
    }
    let other = files::text(&place)?.is_some_and(|present| !present.contains(&facts.id));
    if other {
        return Ok((by_hand("the service of another data folder has that name", lines), written));
    }
    let changed = files::put(&place, text.as_bytes(), Readers::All, None)?;
    if changed {
        run(Command::new("systemctl").arg("daemon-reload"), "systemctl daemon-reload")?;
    }
    let enabled = run(Command::new("systemctl").args(["is-enabled", UNIT]), "systemctl").is_ok();
    if !enabled {
        run(Command::new("systemctl").args(["enable", UNIT]), "systemctl enable")?;
    }
    Ok((Service::AtBoot, written || changed || !enabled))
}

/// The unit. The program itself starts PostgreSQL, so that addresses and certificate are those of the day.
fn unit(facts: &Facts, program: &Path, data: &Path, cluster: &Path) -> String {
    let command = format!("{} --data {} server", escaped(program), escaped(data));
    format!(
        "\
# AuraPOS {id}. Written by `aurapos-admin server init`.
[Unit]
Description=PostgreSQL of AuraPOS
Wants=network-online.target
After=network-online.target

[Service]
Type=forking
PIDFile={pid_file}
ExecStart={command} start --directly
ExecStop={command} stop --directly
Restart=on-failure
RestartSec=5
TimeoutStartSec=180
TimeoutStopSec=120
KillMode=mixed
OOMScoreAdjust=-600

[Install]
WantedBy=multi-user.target
",
        id = facts.id,
        pid_file = specifiers(&cluster.join("data/postmaster.pid").display().to_string()),
    )
}

/// `%` begins a specifier in a unit.
fn specifiers(text: &str) -> String {
    text.replace('%', "%%")
}

/// A path as one word of a command in a unit.
fn escaped(path: &Path) -> String {
    let text = specifiers(&path.display().to_string()).replace('\\', "\\\\").replace('"', "\\\"").replace('$', "$$");
    format!("\"{text}\"")
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wish;

    #[test]
    fn the_window_makes_a_service_of_the_program_without_a_screen() {
        let place = tempfile::tempdir().unwrap();
        let file = |name: &str| place.path().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let (window, admin) = (file(WINDOW), file(ADMIN));
        assert_eq!(admin_of(window.clone()), window, "there is no other");
        std::fs::write(&admin, "").unwrap();
        assert_eq!(admin_of(window), admin);
        assert_eq!(admin_of(file("grown")), file("grown"));
    }

    #[test]
    fn a_unit_starts_the_program_with_its_folder() {
        let facts = Facts::wished(None, &Wish { shop: Some("Shop".into()), ..Wish::default() }).unwrap();
        let text =
            unit(&facts, Path::new("/opt/aura pos/aurapos-admin"), Path::new("/srv/100% $x"), Path::new("/srv/c"));
        assert!(
            text.contains(
                "ExecStart=\"/opt/aura pos/aurapos-admin\" --data \"/srv/100%% $$x\" server start --directly\n"
            ),
            "{text}"
        );
        assert!(text.contains("PIDFile=/srv/c/data/postmaster.pid\n") && text.contains(&facts.id), "{text}");
        assert!(text.contains("WantedBy=multi-user.target"), "{text}");
    }
}
