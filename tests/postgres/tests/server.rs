//! Servers begin, are killed, begin again, and leave nothing.

#![allow(clippy::unwrap_used)]

use aurapos_test_postgres::{Authority, Options, Server, Version};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn every_version_begins_and_survives_a_kill() {
    for (version, number) in [(Version::V15, "15"), (Version::V17, "17"), (Version::V18, "18")] {
        let mut server = Server::start(version, Options { fsync: true, ..Options::default() });
        assert!(server.sql("postgres", "SHOW server_version").starts_with(number));
        server.sql("postgres", "CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)");
        server.kill();
        assert!(!server.runs());
        server.restart();
        assert_eq!(server.sql("postgres", "SELECT number FROM kept"), "7");
        let folder = server.folder().to_owned();
        drop(server);
        assert!(!folder.exists(), "nothing stays");
    }
}

#[test]
fn with_a_certificate_nobody_gets_in_without_tls() {
    let shop = Authority::new("The shop");
    for version in [Version::V15, Version::V17] {
        let tls = Some(shop.issue(&["localhost", "127.0.0.1"]));
        let server = Server::start(version, Options { tls, ..Options::default() });
        let ask = |mode: &str| {
            let mut psql = server.version().tool("psql");
            psql.env("PGPASSWORD", aurapos_test_postgres::PASSWORD);
            psql.arg("-X")
                .arg(format!("host=127.0.0.1 port={} user=postgres dbname=postgres sslmode={mode}", server.port()));
            psql.args(["-c", "SELECT 1"]).output().unwrap().status.success()
        };
        assert!(ask("require"));
        assert!(!ask("disable"));
    }
}

/// What a killed test leaves is taken away by the guard. The victim is this very file, as a test of its own.
#[test]
fn a_killed_test_leaves_nothing() {
    let own = std::env::current_exe().unwrap();
    let mut victim = Command::new(own)
        .args(["--exact", "the_victim", "--nocapture"])
        .env("AURAPOS_TEST_VICTIM", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let told = lines.map_while(Result::ok).find_map(|line| line.split_once("server at ").map(|(_, at)| at.to_owned()));
    let folder = std::path::PathBuf::from(told.unwrap());
    assert!(folder.is_dir());
    victim.kill().unwrap();
    victim.wait().unwrap();
    let start = std::time::Instant::now();
    while folder.exists() {
        assert!(start.elapsed().as_secs() < 30, "the folder stays");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn the_victim() {
    if std::env::var_os("AURAPOS_TEST_VICTIM").is_some() {
        let server = Server::start(Version::V15, Options::default());
        println!("server at {}", server.folder().display());
        // Killed here; nobody waits so long.
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}
