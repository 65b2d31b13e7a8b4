//! A shop on a PostgreSQL server from the window's side: offered, tried, set up, looked at, stopped and started; with real
//! servers, and nothing half-made when it is refused.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod common;

use aurapos_app::{HostOptions, RuntimeHost, sample};
use aurapos_runtime::locale::Language;
use aurapos_server::Wish;
use aurapos_test_postgres::{Authority, Options, Server, Version};
use aurapos_ui::host::{
    CALLED_OFF, Cancel, CatalogSource, ConnectionReport, FieldKind, Host, HostResult, OfferKind, Opening, ServerDeed,
    ServerState, SetUp, StorageOffer, StorageView, StorageWish, Tested, Typed,
};
use common::{ask, host, names, no_progress, open, options, ready, sign_in};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

/// A folder that the server's user may enter.
fn scratch() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    place
}

/// Somebody's server, with an empty database for the shop.
fn server(fsync: bool) -> (Server, Authority) {
    let authority = Authority::new("The shop");
    let tls = Some(authority.issue(&["localhost", "127.0.0.1"]));
    let server = Server::start(Version::V15, Options { tls, fsync, ..Options::default() });
    server.sql("postgres", "CREATE ROLE aurapos_r1 LOGIN PASSWORD 'open sesame'");
    server.sql("postgres", "CREATE DATABASE aurapos OWNER aurapos_r1 ENCODING 'UTF8' TEMPLATE template0");
    (server, authority)
}

fn wish(server: &Server, authority: &Authority, password: &str) -> StorageWish {
    let typed = |key: &str, text: &str| Typed { key: key.to_owned(), text: text.to_owned(), secret: key == "password" };
    let typed = vec![
        typed("host", "localhost"),
        typed("port", &server.port().to_string()),
        typed("user", "aurapos_r1"),
        typed("password", password),
        typed("tls", "true"),
        typed("authority", authority.pem()),
    ];
    StorageWish::Plugin { id: "postgres".to_owned(), typed, consent: false }
}

fn offers(host: &RuntimeHost, language: Language) -> Vec<StorageOffer> {
    ask(|answer| host.storages(language, answer)).unwrap()
}

fn test(host: &RuntimeHost, tested: Tested) -> ConnectionReport {
    ask(|answer| host.test_connection(None, tested, Language::English, Cancel::default(), answer)).unwrap()
}

fn set_up(host: &RuntimeHost, wish: StorageWish, catalog: CatalogSource) -> HostResult<SetUp> {
    ask(|answer| host.set_up(sample::new_shop(), wish, catalog, no_progress(), Cancel::default(), answer))
}

#[test]
fn a_form_is_offered_in_the_operators_language_and_the_file_comes_first() {
    let place = scratch();
    let data = place.path().join("shop");
    let host = host(&data);
    let all = offers(&host, Language::French);
    assert_eq!(all[0].kind, OfferKind::File, "nobody who wants it has to look for it");
    assert!(matches!(&all[1].kind, OfferKind::NewServer { line, .. } if line.contains("server init")), "{all:?}");
    let postgres = all.iter().find(|one| one.plugin == "postgres").unwrap();
    let field = |key: &str| postgres.fields.iter().find(|field| field.key == key).unwrap();
    assert_eq!((field("host").label.as_str(), field("host").text.as_str()), ("Serveur", "localhost"));
    assert_eq!(field("port").kind, FieldKind::Number(Some(1), Some(65535)));
    assert_eq!(field("tls").kind, FieldKind::Switch);
    assert!(field("password").kind == FieldKind::Secret && field("owner_password").kind == FieldKind::Secret);
    assert_eq!(field("authority").show_if, Some(("tls".to_owned(), "true".to_owned())));
    assert!(!data.exists(), "looking makes nothing");
}

#[test]
fn a_shop_is_set_up_on_somebodys_server_and_what_is_refused_leaves_nothing() {
    let place = scratch();
    let (server, authority) = server(true);
    let data = place.path().join("shop");
    let host = host(&data);
    let wrong = wish(&server, &authority, "close sesame");
    let told = test(&host, Tested::New(wrong.clone()));
    assert!(!told.good && told.code == "AP-0707" && told.sentence.contains("aurapos_r1"), "{told:?}");
    assert!(!told.next.is_empty() && told.place.ends_with(&server.port().to_string()));
    let refused = set_up(&host, wrong, CatalogSource::Sample).unwrap_err();
    assert!(!refused.next.is_empty(), "{refused:?}");
    assert!(!data.exists(), "{:?}", names(&data));
    let right = wish(&server, &authority, "open sesame");
    let missing = set_up(&host, right.clone(), CatalogSource::File(place.path().join("gone.csv"))).unwrap_err();
    assert_eq!(missing.code, "AP-0904");
    assert!(!data.exists(), "{:?}", names(&data));
    let told = test(&host, Tested::New(right.clone()));
    assert!(told.good && told.server.starts_with("PostgreSQL 15"), "{told:?}");
    assert_eq!(open(&host), Opening::NoShop);
    assert_eq!(set_up(&host, right.clone(), CatalogSource::Sample), Ok(SetUp::default()));
    let facts = ready(&host);
    assert!(facts.storage.starts_with("PostgreSQL"), "{facts:?}");
    assert!(common::count(&data, "product") > 100);
    host.end();
    let settings = fs::read_to_string(data.join("aurapos.toml")).unwrap();
    assert!(settings.contains("use = \"postgres\"") && !settings.contains("sesame"), "{settings}");
    assert_eq!(fs::metadata(data.join("secrets.toml")).unwrap().permissions().mode() & 0o777, 0o600);

    // Another machine does not get a second shop into the same database, and nothing of it stays there.
    let other = place.path().join("other");
    let second = common::host(&other);
    let told = test(&second, Tested::New(right.clone()));
    assert!(!told.good && told.code == "AP-1002" && told.sentence.contains(sample::SHOP), "{told:?}");
    assert_eq!(set_up(&second, right, CatalogSource::Empty).unwrap_err().code, "AP-1002");
    assert!(!other.exists(), "{:?}", names(&other));
}

#[test]
fn a_server_that_loses_sales_is_not_taken() {
    let place = scratch();
    let (server, authority) = server(false);
    let data = place.path().join("shop");
    let host = host(&data);
    let careless = wish(&server, &authority, "open sesame");
    let told = test(&host, Tested::New(careless.clone()));
    assert!(!told.good && told.code == "AP-0727" && told.sentence.contains("fsync"), "{told:?}");
    assert_eq!(set_up(&host, careless, CatalogSource::Empty).unwrap_err().code, "AP-0402");
    assert!(!data.exists(), "{:?}", names(&data));
}

#[test]
fn a_test_is_called_off_and_a_wrong_setting_is_named() {
    let place = scratch();
    let host = host(&place.path().join("shop"));
    let typed = |key: &str, text: &str| Typed { key: key.to_owned(), text: text.to_owned(), secret: false };
    let plugin = |typed| Tested::New(StorageWish::Plugin { id: "postgres".to_owned(), typed, consent: false });
    let report = test(&host, plugin(vec![typed("port", "0")]));
    assert!(!report.good && report.key == "port" && report.sentence.contains("port"), "{report:?}");
    let report = test(&host, plugin(vec![typed("authority", "gone.pem")]));
    assert!(!report.good && report.key == "authority" && report.sentence.contains("gone.pem"), "{report:?}");
    let cancel = Cancel::default();
    cancel.ask();
    let tested = plugin(vec![typed("host", "127.0.0.1")]);
    let called = ask(|answer| host.test_connection(None, tested, Language::English, cancel, answer));
    assert_eq!(called.unwrap_err().code, CALLED_OFF);
}

/// A window whose servers are this test's own.
fn with_server(data: &Path, place: &Path, port: u16) -> RuntimeHost {
    let as_root = rustix::process::geteuid().is_root();
    let server = Wish {
        port: Some(port),
        listen: Some(vec!["127.0.0.1".to_owned()]),
        cluster: Some(place.join("cluster")),
        user: as_root.then(|| "nobody".to_owned()),
        ..Wish::default()
    };
    RuntimeHost::new(HostOptions { server, ..options(data) }, Box::new(|| {})).unwrap()
}

#[test]
fn a_server_is_made_for_the_shop_and_kept_in_the_settings() {
    let place = scratch();
    let data = place.path().join("shop");
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let host = with_server(&data, place.path(), port);
    assert_eq!(set_up(&host, StorageWish::NewServer, CatalogSource::Sample), Ok(SetUp::default()));
    // The one that was made is offered first, and filled in by itself: seen from a shop that is not there.
    let settings = fs::read(data.join("aurapos.toml")).unwrap();
    fs::remove_file(data.join("aurapos.toml")).unwrap();
    let all = offers(&common::host(&data), Language::English);
    let OfferKind::OwnServer { place: at, shop, trouble: None } = &all[0].kind else { panic!("{all:?}") };
    assert_eq!((at.as_str(), shop.as_str()), (format!("localhost:{port}").as_str(), sample::SHOP));
    assert!(!all.iter().any(|one| matches!(one.kind, OfferKind::NewServer { .. })));
    let told = test(&common::host(&data), Tested::New(StorageWish::OwnServer));
    assert!(told.code == "AP-1002", "the shop is there: {told:?}");
    fs::write(data.join("aurapos.toml"), settings).unwrap();

    ready(&host);
    let mia = Some(sign_in(&host));
    let view = |result: HostResult<StorageView>| result.unwrap();
    let seen = view(ask(|answer| host.storage(mia, Language::English, answer)));
    assert_eq!(
        (seen.engine.as_str(), seen.plugin.as_str(), seen.trouble),
        ("SQLite", "sqlite", None),
        "its own data stays here"
    );
    let server = seen.server;
    assert_eq!((server.state, server.port, server.allowed), (ServerState::Running, port, true));
    assert!(server.since.is_some() && server.certificate_until.is_some() && !server.certificate_due);
    assert!(server.connections.is_some_and(|(used, most)| used >= 1 && most >= 100), "{server:?}");
    assert!(server.reached.as_ref().is_some_and(|report| report.good), "{server:?}");
    assert!(server.at_boot || !server.boot_lines.is_empty());
    let change = |deed| {
        let change = |answer| {
            host.change_server(mia, deed, Language::English, no_progress(), Cancel::default(), answer);
        };
        ask(change).unwrap().server.state
    };
    let tested = || {
        let tested = Tested::Host("127.0.0.1".to_owned());
        ask(|answer| host.test_connection(mia, tested, Language::English, Cancel::default(), answer)).unwrap()
    };
    assert!(tested().good);
    assert_eq!(change(ServerDeed::Stop), ServerState::Stopped);
    let told = tested();
    assert_eq!((told.good, told.code.as_str()), (false, "AP-0703"));
    let away = ask(|answer| host.storage(mia, Language::English, answer)).unwrap();
    assert!(away.trouble.is_none() && away.server.state == ServerState::Stopped, "selling goes on: {away:?}");
    assert_eq!(change(ServerDeed::Start), ServerState::Running);
    assert_eq!(change(ServerDeed::Renew), ServerState::Running);
    assert!(tested().good);
    assert_eq!(change(ServerDeed::Stop), ServerState::Stopped);
}
