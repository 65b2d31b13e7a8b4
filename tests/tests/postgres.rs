//! The PostgreSQL storage as a shop would have it: the staged library, through the plugin host, on the server that comes with
//! AuraPOS.
#![allow(clippy::unwrap_used)]

use aurapos_test_postgres::{Authority, Options, Server, Version};
use aurapos_tests::shop::{Shop, programs};
use serde_json::json;
use std::fs;
use std::path::Path;

#[test]
fn it_keeps_every_promise_through_the_plugin_host() {
    let authority = Authority::new("The shop");
    let tls = Some(authority.issue(&["127.0.0.1"]));
    // In memory where there is room: each commit's sync costs nothing there.
    let memory = Path::new("/dev/shm/aurapos-test");
    let place = fs::create_dir_all(memory).ok().map(|()| memory.to_owned());
    let server = Server::start(Version::V17, Options { tls, place, fsync: true, ..Options::default() });
    server.sql("postgres", "CREATE ROLE till LOGIN PASSWORD 'open sesame'");
    server.sql("postgres", "CREATE DATABASE aurapos OWNER till TEMPLATE template0");
    let given = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = given.path().join(name);
        fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let (secrets, pem) = (file("secrets", "password=open sesame\n"), file("authority.pem", authority.pem()));
    let port = format!("port={}", server.port());
    let authority = format!("authority={pem}");
    let folder = programs().join("plugins/postgres").display().to_string();
    let shop = Shop::nowhere();
    let report = shop.ok(&[
        &["plugin", "test", &folder][..],
        &["--set", "host=127.0.0.1", "--set", &port, "--set", "user=till", "--set", &authority],
        // A schema of its own for each case.
        &["--set", "schema=try_*", "--secret-file", &secrets],
    ]
    .concat());
    assert_eq!((&report["id"], &report["ok"]), (&json!("postgres"), &json!(true)), "{report}");
    assert_eq!(report["suites"][0]["cases"].as_array().unwrap().len(), 83, "{report}");
    assert!(!report.to_string().contains("sesame") && !server.log().contains("sesame"), "a password is told");
}
