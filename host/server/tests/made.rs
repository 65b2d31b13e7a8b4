//! Making a server, for real: once, again, with other wishes, and what is refused.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod ground;

use aurapos_contract::Progress;
use aurapos_contract::host::NoProgress;
use aurapos_server::diagnosis::Finding;
use aurapos_server::{Keep as _, Secret, State, Step, Wish, init, renew, start, status, stop};
use ground::{FileKeep, Ground, free_port, is_root, tools};
use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything below a folder: name, size, time of change, rights.
fn listing(folder: &Path) -> BTreeMap<PathBuf, (u64, i64, i64, u32)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap().flatten() {
            let data = entry.metadata().unwrap();
            if data.is_dir() {
                folders.push(entry.path());
            }
            found.insert(entry.path(), (data.len(), data.mtime(), data.mtime_nsec(), data.mode()));
        }
    }
    found
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_server_is_made_and_made_again_without_a_change() {
    for major in ["15", "17"] {
        let ground = Ground::new();
        let wish = Wish { tools: Some(tools(major)), ..ground.wish() };
        let made = ground.init(&wish).unwrap();
        assert!(made.done.len() >= 8 && made.version.starts_with(major), "{made:?}");
        assert_eq!(
            (made.role.as_str(), made.facts.database.as_str(), made.facts.port),
            ("aurapos_r1", "aurapos", ground.port)
        );
        let cluster = ground.cluster();
        for (file, rights) in
            [("data", 0o700), ("tls/server.key", 0o600), ("tls", 0o700), ("log", 0o700), ("data/pg_hba.conf", 0o600)]
        {
            assert_eq!(mode(&cluster.join(file)), rights, "{file}");
        }
        assert_eq!(mode(&ground.home.root().join("authority.key")), 0o600);
        let shown = status(&ground.home, &ground.keep).unwrap();
        let bad: Vec<_> = shown.advice.iter().filter(|one| !one.ok && !["boot", "room"].contains(&one.name)).collect();
        assert!(shown.state == State::Running && bad.is_empty(), "{bad:?}");
        let health = shown.health.unwrap();
        assert_eq!((health.connections_max, health.dangers.len()), (250, 0));

        let before = listing(ground.home.root());
        let again = ground.init(&Wish::default()).unwrap();
        assert!(again.done.is_empty(), "{:?}", again.done);
        let after = listing(ground.home.root());
        let ours = |path: &&PathBuf| !path.starts_with(cluster.join("data")) && !path.starts_with(cluster.join("log"));
        let settled = |all: &BTreeMap<PathBuf, (u64, i64, i64, u32)>| {
            // The folder's own time changes with the lock.
            all.iter().filter(|(path, _)| ours(path)).map(|(path, data)| (path.clone(), *data)).collect::<Vec<_>>()
        };
        assert_eq!(settled(&before), settled(&after));
        for name in ["aurapos.conf", "pg_hba.conf", "pg_ident.conf", "postgresql.conf"] {
            let file = cluster.join("data").join(name);
            assert_eq!(before[&file], after[&file], "{name}");
        }
    }
}

#[test]
fn roles_may_do_what_they_are_for() {
    let ground = Ground::made();
    ground.sql(
        "aurapos",
        "SET ROLE aurapos_owner; CREATE TABLE aurapos.a (b int); INSERT INTO aurapos.a VALUES (1); RESET ROLE;
         CREATE ROLE aurapos_r2 LOGIN PASSWORD 'x' IN ROLE aurapos_register",
    );
    let check = |role: &str, statement: &str, allowed: bool| {
        let mut client = ground.desk("aurapos");
        client.batch_execute(&format!("SET ROLE {role}")).unwrap();
        let answer = client.batch_execute(statement);
        assert_eq!(answer.is_ok(), allowed, "{role}: {statement}: {answer:?}");
    };
    for role in ["aurapos_reader", "aurapos_readonly"] {
        check(role, "SELECT * FROM aurapos.a", true);
        check(role, "INSERT INTO aurapos.a VALUES (2)", false);
        check(role, "CREATE TABLE aurapos.c (d int)", false);
    }
    // Which tables a register may write is said by who makes them.
    check("aurapos_r2", "INSERT INTO aurapos.a VALUES (2)", false);
    check("aurapos_r2", "CREATE TABLE aurapos.c (d int)", false);
    check("aurapos_r2", "CREATE TABLE public.c (d int)", false);
    check("aurapos_r1", "CREATE TABLE aurapos.c (d int)", false);
    check(
        "aurapos_owner",
        "CREATE TABLE aurapos.c (d int); CREATE SCHEMA aurapos_new; CREATE TABLE aurapos_new.e ()",
        true,
    );
    check("aurapos_reader", "SELECT * FROM aurapos_new.e", true);
    let member =
        ground.desk("aurapos").query_one("SELECT pg_has_role('aurapos_r1', 'aurapos_owner', 'MEMBER')", &[]).unwrap();
    assert!(!member.get::<_, bool>(0), "whoever sells is not the tables' owner");
    let mut client = ground.desk("aurapos");
    let superusers =
        client.query("SELECT rolname FROM pg_roles WHERE rolsuper AND rolname LIKE 'aurapos%'", &[]).unwrap();
    let plain =
        client.query("SELECT rolname FROM pg_authid WHERE rolpassword NOT LIKE 'SCRAM-SHA-256$%'", &[]).unwrap();
    assert!(superusers.is_empty() && plain.is_empty());
    let public = client.query_one("SELECT has_database_privilege('public', 'aurapos', 'CONNECT')", &[]).unwrap();
    assert!(!public.get::<_, bool>(0));
}

/// Nobody sees a password but who keeps it: not in a process list, not in a log, not in a file of the server.
#[test]
fn a_password_is_seen_nowhere() {
    let ground = Ground::new();
    let secret = Secret::generate().unwrap();
    ground.keep.set("aurapos_r1", &secret).unwrap();
    let (done, seen) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for process in fs::read_dir("/proc").unwrap().flatten() {
                    for file in ["cmdline", "environ"] {
                        let bytes = fs::read(process.path().join(file)).unwrap_or_default();
                        if String::from_utf8_lossy(&bytes).contains(secret.text()) {
                            seen.store(true, Ordering::Relaxed);
                        }
                    }
                }
            }
        });
        ground.init(&ground.wish()).unwrap();
        // Statements are logged only where an owner wants it, and then too.
        ground.own_settings("log_statement = 'all'\nlog_min_duration_statement = 0");
        ground.reload();
        ground.sql("postgres", "ALTER ROLE aurapos_r1 PASSWORD NULL");
        ground.init(&Wish::default()).unwrap();
        done.store(true, Ordering::Relaxed);
    });
    assert!(!seen.load(Ordering::Relaxed), "the password stood in a process list");
    assert!(ground.diagnose(|_| {}).is_good());
    for file in listing(ground.home.root()).keys().filter(|file| file.is_file()) {
        let bytes = fs::read(file).unwrap();
        assert!(!bytes.windows(secret.text().len()).any(|part| part == secret.text().as_bytes()), "{}", file.display());
    }
}

#[test]
fn other_wishes_are_taken_into_use_and_what_is_broken_is_mended() {
    let mut ground = Ground::made();
    // Another port: restarted there.
    let first = ground.port;
    ground.port = free_port();
    let made = ground.init(&Wish { port: Some(ground.port), ..Wish::default() }).unwrap();
    assert!(made.done.iter().any(|done| done.contains("settings")), "{:?}", made.done);
    assert!(ground.diagnose(|_| {}).is_good());
    assert_eq!(ground.diagnose(|target| target.port = first).finding, Finding::NotRunning);
    // A further name for its certificate, in use without a restart.
    let started = |ground: &Ground| -> String {
        let row = ground.desk("postgres").query_one("SELECT pg_postmaster_start_time()::text", &[]).unwrap();
        row.get(0)
    };
    let before = started(&ground);
    ground.init(&Wish { names: Some(vec!["kasse.lan".into()]), ..Wish::default() }).unwrap();
    let seen = ground.diagnose(|_| {});
    assert!(seen.certificate.unwrap().names.contains(&"kasse.lan".to_owned()));
    assert_eq!(started(&ground), before);
    // Passwords that were lost, changed or taken away.
    ground.keep.forget();
    let made = ground.init(&Wish::default()).unwrap();
    assert!(made.done.iter().any(|done| done.contains("password")) && ground.diagnose(|_| {}).is_good());
    ground
        .sql("postgres", "ALTER ROLE aurapos_r1 PASSWORD 'other' NOLOGIN; REVOKE aurapos_readonly FROM aurapos_reader");
    ground.init(&Wish::default()).unwrap();
    assert!(ground.diagnose(|_| {}).is_good());
    // A register more on this machine.
    let made = ground.init(&Wish { register: Some("R2".into()), ..Wish::default() }).unwrap();
    assert_eq!(made.role, "aurapos_r2");
    // What cannot change is refused, and nothing happens.
    for (wish, code) in [
        (Wish { shop: Some("Other".into()), ..Wish::default() }, "AP-0619"),
        (Wish { locale: Some("C".into()), ..Wish::default() }, "AP-0619"),
        (Wish { cluster: Some(ground.path().join("else")), ..Wish::default() }, "AP-0619"),
        (Wish { tools: Some(tools("17")), ..Wish::default() }, "AP-0621"),
        (Wish { listen: Some(vec!["203.0.113.7".into()]), ..Wish::default() }, "AP-0619"),
    ] {
        let error = ground.init(&wish).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert!(ground.init(&Wish::default()).unwrap().done.is_empty());
}

#[test]
fn it_stops_starts_and_renews_its_certificate() {
    let ground = Ground::made();
    assert!(stop(&ground.home, true).unwrap() && !stop(&ground.home, true).unwrap());
    assert_eq!(status(&ground.home, &ground.keep).unwrap().state, State::Stopped);
    assert_eq!(ground.diagnose(|_| {}).finding, Finding::NotRunning);
    assert!(start(&ground.home, true).unwrap().was_started);
    let again = start(&ground.home, true).unwrap();
    assert!(!again.was_started && !again.was_changed && again.renewed.is_none());
    assert_eq!(renew(&ground.home).unwrap(), None);

    // A certificate in its last year.
    let authority = aurapos_server::authority::Authority::read(&ground.home).unwrap();
    let then = std::time::SystemTime::now() - std::time::Duration::from_secs((2 * 365 + 30) * 24 * 3600);
    let names = aurapos_server::authority::Names::of_this_machine(&Default::default(), &[]);
    ground.use_identity(&authority.issue(&names, then).unwrap());
    let old = ground.diagnose(|_| {}).certificate.unwrap().fingerprint;
    let shown = status(&ground.home, &ground.keep).unwrap();
    assert!(shown.advice.iter().any(|one| one.name == "certificate" && !one.ok && one.next.contains("--renew")));
    assert_eq!(renew(&ground.home).unwrap().as_deref(), Some("it ends within a year"));
    assert_eq!(renew(&ground.home).unwrap(), None);
    let seen = ground.diagnose(|_| {});
    assert!(seen.is_good() && seen.certificate.unwrap().fingerprint != old);

    // Killed between key and certificate: they do not belong together until the next start.
    stop(&ground.home, true).unwrap();
    let identity = authority.issue(&names, std::time::SystemTime::now()).unwrap();
    fs::write(ground.cluster().join("tls/server.key"), identity.key).unwrap();
    let started = start(&ground.home, true).unwrap();
    assert!(started.renewed.is_some() && ground.diagnose(|_| {}).is_good());
}

#[test]
fn settings_that_endanger_data_are_told() {
    let ground = Ground::made();
    ground.own_settings("fsync = off\nsynchronous_commit = off\nfull_page_writes = off");
    ground.reload();
    let shown = status(&ground.home, &ground.keep).unwrap();
    let told = shown.advice.iter().find(|one| one.name == "settings").unwrap();
    assert!(
        !told.ok && told.message.contains("fsync = off") && told.message.contains("synchronous_commit"),
        "{told:?}"
    );
    assert_eq!(shown.reached.unwrap().finding, Finding::Endangered);
    // The owner's own lines stay, and the server is made all the same.
    ground.init(&Wish::default()).unwrap();
}

#[test]
fn what_cannot_be_is_refused_by_name_and_changes_nothing() {
    let ground = Ground::new();
    let check = |wish: Wish, code: &str, words: &str| {
        let error = ground.init(&wish).unwrap_err();
        assert!(error.code() == code && error.to_string().contains(words), "{code} {words}: {} {error}", error.code());
        assert!(!error.next().is_empty(), "{error}");
    };
    check(Wish { shop: None, ..ground.wish() }, "AP-0619", "--shop");
    // Another program has the port; it is named.
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    check(Wish { port: Some(port), ..ground.wish() }, "AP-0605", &format!("process {}", std::process::id()));
    check(Wish { tools: Some(tools("18")), ..ground.wish() }, "AP-0603", "without TLS");
    check(Wish { tools: Some(ground.path().to_owned()), ..ground.wish() }, "AP-0601", "no PostgreSQL");
    let old = ground.path().join("old");
    fs::create_dir(&old).unwrap();
    for name in ["postgres", "initdb", "pg_ctl"] {
        fs::write(old.join(name), "#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n").unwrap();
        fs::set_permissions(old.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    check(Wish { tools: Some(old), ..ground.wish() }, "AP-0602", "14.9");
    check(Wish { user: Some("root".into()), ..ground.wish() }, "AP-0615", "root");
    check(Wish { user: Some("nobody-at-all".into()), ..ground.wish() }, "AP-0615", "no such user");
    let long = ground.path().join("a".repeat(120));
    check(Wish { cluster: Some(long), ..ground.wish() }, "AP-0616", "too long");
    assert!(!ground.home.root().exists(), "nothing was made");
    check(Wish { locale: Some("xx_YY.UTF-8".into()), ..ground.wish() }, "AP-0608", "xx_YY");
    // What was mistyped can be said again.
    ground.init(&Wish { locale: Some("C.UTF-8".into()), shop: Some("Better".into()), ..ground.wish() }).unwrap();
    assert_eq!(ground.home.facts().unwrap().shop, "Better");
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let ours = Ground::made();
    stop(&ours.home, true).unwrap();
    let other = Ground::new();
    let before = listing(&ours.cluster());
    for foreign in [ours.cluster(), ours.cluster().join("data")] {
        let error = other.init(&Wish { cluster: Some(foreign), ..other.wish() }).unwrap_err();
        assert_eq!(error.code(), "AP-0606", "{error}");
    }
    assert_eq!(listing(&ours.cluster()), before);
    // A cluster without its mark is nobody's.
    fs::remove_file(ours.cluster().join("AuraPOS.cluster")).unwrap();
    assert_eq!(ours.init(&Wish::default()).unwrap_err().code(), "AP-0606");
}

/// A small disk, gone with the test.
struct SmallDisk(PathBuf);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: something may still stand in it.
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_before_anything_is_made() {
    let place = tempfile::tempdir().unwrap();
    let mut mount = std::process::Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"]).arg(place.path());
    if !is_root() || !mount.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: nothing can be mounted here");
        return;
    }
    let _disk = SmallDisk(place.path().to_owned());
    let ground = Ground::at(place, free_port());
    let error = ground.init(&ground.wish()).unwrap_err();
    assert!(error.code() == "AP-0607" && error.to_string().contains("MB are free"), "{error}");
}

#[test]
fn two_programs_do_not_change_one_server_at_once() {
    let ground = Ground::made();
    let held = fs::File::options().write(true).open(ground.home.root().join("server.lock")).unwrap();
    held.lock().unwrap();
    for refused in
        [ground.init(&Wish::default()).map(drop), start(&ground.home, true).map(drop), renew(&ground.home).map(drop)]
    {
        assert_eq!(refused.unwrap_err().code(), "AP-0622");
    }
    drop(held);
    assert!(ground.init(&Wish::default()).unwrap().done.is_empty());
}

/// Somebody who wants to stop.
#[derive(Debug)]
struct Stopped;

impl Progress for Stopped {
    fn report(&self, _: u64, _: u64, _: &str) {}
    fn cancelled(&self) -> bool {
        true
    }
}

#[test]
fn whoever_wants_to_stop_is_heard() {
    let ground = Ground::new();
    let error = init(&ground.home, &ground.wish(), &ground.keep, &Stopped).unwrap_err();
    assert_eq!(error.code(), "AP-0613");
    assert!(!ground.home.root().exists());
}

/// Ends the program without a word when a step begins, as a power cut would.
#[derive(Debug)]
struct DieBefore(usize);

impl Progress for DieBefore {
    fn report(&self, done: u64, _: u64, _: &str) {
        if done == self.0 as u64 {
            std::process::abort();
        }
    }
    fn cancelled(&self) -> bool {
        false
    }
}

#[test]
fn killed_at_any_step_it_goes_on() {
    let inside = std::env::var("AURAPOS_AGAIN").ok();
    if let Some((step, data)) = inside.as_deref().and_then(|inside| inside.split_once(' ')) {
        let data = PathBuf::from(data);
        let home = aurapos_server::Home::of_data(&data);
        let keep = FileKeep::beside(&data);
        let port = std::env::var("AURAPOS_PORT").unwrap().parse().unwrap();
        let listen = Some(vec!["127.0.0.1".to_owned()]);
        let wish =
            Wish { shop: Some("Shop".into()), port: Some(port), listen, tools: Some(tools("15")), ..Wish::default() };
        let _ = init(&home, &wish, &keep, &DieBefore(step.parse().unwrap()));
        return;
    }
    let ground = Ground::new();
    let run = |step: usize| {
        let word = format!("{step} {}", ground.data.display());
        let mut command = ground::command_again("killed_at_any_step_it_goes_on", &word, &[]);
        command.env("AURAPOS_PORT", ground.port.to_string()).stdout(std::process::Stdio::null());
        command.stderr(std::process::Stdio::null());
        command
    };
    for step in 1..=Step::ALL.len() {
        let ended = run(step).status().unwrap();
        assert!(!ended.success(), "killed before step {step}");
        if step == 3 {
            // In the middle of initdb, which goes on without its parent for a while.
            let mut child = run(usize::MAX).spawn().unwrap();
            let making = || {
                fs::read_dir(ground.cluster()).unwrap().flatten().any(|entry| {
                    entry.file_name().to_string_lossy().starts_with("making-") && entry.path().join("base").exists()
                })
            };
            while !making() && child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(!ground.cluster().join("data").exists());
        }
    }
    let made = init(&ground.home, &Wish::default(), &ground.keep, &NoProgress).unwrap();
    assert!(made.done.is_empty(), "everything was done before the last kill: {:?}", made.done);
    assert!(ground.diagnose(|_| {}).is_good());
    let left: Vec<_> = fs::read_dir(ground.cluster()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("making-")), "{left:?}");
}
