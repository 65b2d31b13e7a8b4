//! The data on a server, before the window: chosen in the wizard, tried, set up, sold on; looked at, stopped and started in the
//! settings. With real servers.
#![cfg(unix)]

use crate::support::{BAGUETTE, ask, sign_in};
use aurapos_app::{HostOptions, RuntimeHost};
use aurapos_runtime::DataFolder;
use aurapos_server::{Wish, is_root};
use aurapos_test_postgres::{Authority, Options, Server, Version};
use aurapos_ui::host::ServerDeed;
use aurapos_ui::markup::{ConnectionState, Screen, ServerLook, SettingsPage, StoragePage, WizardStep};
use aurapos_ui::presenter::{settings, wizard};
use aurapos_ui_driver::{Driver, place};
use slint::ComponentHandle as _;
use slint::platform::Key;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A folder that the server's user may enter.
fn scratch() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    place
}

fn at(window: &Driver) -> WizardStep {
    window.shell(|shell| shell.wizard.step.shown())
}

/// Types into a field of the plugin's form, whether or not it is in view.
#[track_caller]
fn fill(window: &Driver, field: &str, text: &'static str) {
    fill_with(window, field, text.to_owned());
}

#[track_caller]
fn fill_with(window: &Driver, field: &str, text: String) {
    let lines = window.shell(|shell| shell.wizard.storage.form.lines());
    let line = lines.iter().find(|line| line.label == field).unwrap_or_else(|| panic!("no field {field}: {lines:#?}"));
    let place = usize::try_from(line.place).unwrap();
    window.act(move |shell| wizard::storage::edited(shell, place, &text));
}

/// Whether these words are somewhere on the screen.
fn reads(window: &Driver, words: &str) -> bool {
    window.names().iter().any(|name| name.contains(words))
}

/// The wizard with the shop named, at the step of the data.
fn at_data(window: &Driver) {
    window.tap("Continue");
    window.tap("Continue");
    window.tap("Continue");
    window.type_text("Chez Nous");
    window.key(Key::Return);
    assert_eq!(at(window), WizardStep::Catalog, "nobody who wants the file is asked where the data is kept");
    window.tap("Data, done");
    assert_eq!(at(window), WizardStep::Storage, "{:#?}", window.names());
}

/// The rest of the wizard, from the products on.
fn finish(window: &Driver) {
    assert_eq!(at(window), WizardStep::Catalog, "{:#?}", window.names());
    window.tap("Sample shop");
    window.tap("Continue");
    window.type_text(place::MANAGER.0);
    window.key(Key::Return);
    for _ in 0..2 {
        window.type_text(place::MANAGER.1);
        window.key(Key::Return);
    }
    assert_eq!(at(window), WizardStep::Summary, "{:#?}", window.names());
    window.tap("Create the shop");
    assert_eq!(window.screen(), Screen::SignIn, "{:#?}", window.names());
}

fn sell(window: &Driver) {
    sign_in(window);
    window.scan(BAGUETTE);
    window.key(Key::F10);
}

#[test]
fn a_shop_on_somebodys_server_is_tried_and_set_up() {
    let place = scratch();
    let authority = Authority::new("The shop");
    let tls = Some(authority.issue(&["localhost", "127.0.0.1"]));
    let server = Server::start(Version::V15, Options { tls, fsync: true, ..Options::default() });
    server.sql("postgres", "CREATE ROLE aurapos_r1 LOGIN PASSWORD 'open sesame'");
    server.sql("postgres", "CREATE DATABASE aurapos OWNER aurapos_r1 ENCODING 'UTF8' TEMPLATE template0");
    let file = place.path().join("authority.pem");
    fs::write(&file, authority.pem()).unwrap();
    let data = place.path().join("shop");
    let window = Driver::open(place::host(&data), 1280, 800);
    at_data(&window);
    window.tap("A PostgreSQL server of yours");
    fill(&window, "Port", "none");
    window.tap("Continue");
    assert!(window.sees("A whole number from 1 – 65535."), "{:#?}", window.names());
    fill_with(&window, "Port", server.port().to_string());
    fill(&window, "User", "aurapos_r1");
    fill(&window, "Password", "close sesame");
    fill(&window, "Certificate of the shop's authority", "gone.pem");
    window.tap("Test the connection");
    assert!(reads(&window, "gone.pem"), "the field is named: {:#?}", window.names());
    fill_with(&window, "Certificate of the shop's authority", file.display().to_string());
    window.act(wizard::storage::test);
    assert!(reads(&window, "aurapos_r1"), "the wrong password is told: {:#?}", window.names());
    assert!(!window.sees("The connection works."));
    window.tap("Continue");
    assert_eq!(at(&window), WizardStep::Storage, "what does not answer is not taken");
    fill(&window, "Password", "open sesame");
    window.act(wizard::storage::test);
    assert!(window.sees("The connection works."), "{:#?}", window.names());
    window.tap("Continue");
    finish(&window);
    sell(&window);
    assert_eq!(server.sql("aurapos", "SELECT total FROM aurapos.sale").trim(), "145");
    assert!(!data.join("AuraPOS.db").exists());
    let settings = fs::read_to_string(data.join("aurapos.toml")).unwrap();
    assert!(!settings.contains("sesame"), "{settings}");
}

#[test]
fn whoever_comes_back_to_the_file_has_one() {
    let place = scratch();
    let window = Driver::open(place::host(place.path()), 1280, 800);
    at_data(&window);
    window.tap("A PostgreSQL server of yours");
    window.tap("On this machine");
    window.tap("Continue");
    finish(&window);
    sell(&window);
    assert_eq!(ask(place.path(), "SELECT total FROM sale"), "145");
}

/// A window whose servers are this test's own.
fn with_server(data: &Path, place: &Path) -> Driver {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut options = HostOptions::new(DataFolder::new(data));
    options.programs = Some(place::programs());
    options.background = false;
    options.server = Wish {
        port: Some(port),
        listen: Some(vec!["127.0.0.1".to_owned()]),
        cluster: Some(place.join("cluster")),
        user: Some("nobody".to_owned()),
        ..Wish::default()
    };
    Driver::open(Arc::new(RuntimeHost::new(options, Box::new(|| {})).unwrap()), 1280, 800)
}

#[test]
fn a_server_of_this_machine_is_made_stopped_and_started() {
    let place = scratch();
    let window = with_server(&place.path().join("shop"), place.path());
    window.tap("Continue");
    window.tap("The first of several registers");
    window.tap("Continue");
    window.tap("Continue");
    window.type_text("Chez Nous");
    window.key(Key::Return);
    assert_eq!(at(&window), WizardStep::Storage, "whoever makes several registers chooses a server");
    assert!(!window.sees("On this machine"), "{:#?}", window.names());
    if !is_root() {
        // An administrator does it, and the line is there to copy.
        assert!(window.sees("An administrator makes the server first.") && reads(&window, "server init"));
        window.tap("Continue");
        assert_eq!(at(&window), WizardStep::Storage);
        return;
    }
    window.tap("Continue");
    finish(&window);
    sell(&window);
    window.act(|shell| shell.go(Screen::Settings));
    window.act(|shell| settings::show(shell, SettingsPage::Storage));
    // So that the whole page is in sight.
    window.resize(1280, 1600);
    let state = |window: &Driver| window.window().global::<StoragePage>().get_server();
    assert_eq!(state(&window), ServerLook::Running, "{:#?}", window.names());
    assert!(window.sees("PostgreSQL") && window.sees("Certificate valid until"), "{:#?}", window.names());
    let change = |deed| window.act(move |shell| settings::storage::change(shell, deed));
    change(ServerDeed::Stop);
    assert!(window.sees("Stop the server?"), "{:#?}", window.names());
    assert_eq!(state(&window), ServerLook::Running, "it is asked about first");
    window.act(settings::storage::keep);
    assert!(!window.sees("Stop the server?") && state(&window) == ServerLook::Running);
    change(ServerDeed::Stop);
    change(ServerDeed::Stop);
    assert_eq!(state(&window), ServerLook::Stopped, "{:#?}", window.names());
    window.wait_for(|window| reads(window, "The shop's server does not answer since"));
    change(ServerDeed::Start);
    assert_eq!(state(&window), ServerLook::Running, "{:#?}", window.names());
    window.wait_for(|window| window.sees("The shop's server answers"));
    window.act(|shell| settings::storage::host_typed(shell, "127.0.0.1"));
    window.act(settings::storage::test);
    // Below what is in view.
    assert_eq!(window.window().global::<StoragePage>().get_connection().state, ConnectionState::Good);
    if let Some(folder) = std::env::var_os("AURAPOS_PICTURES") {
        window.picture(&Path::new(&folder).join("settings-storage-server.png")).unwrap();
    }
    change(ServerDeed::Stop);
    change(ServerDeed::Stop);
    assert_eq!(state(&window), ServerLook::Stopped);
}

/// A test that takes its time is called off, and the screen is free at once.
#[test]
fn a_test_is_called_off() {
    let place = scratch();
    let window = Driver::open(place::host(&place.path().join("shop")), 1024, 768);
    at_data(&window);
    window.tap("A PostgreSQL server of yours");
    // Takes connections and says nothing.
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    fill(&window, "Server", "127.0.0.1");
    fill_with(&window, "Port", silent.local_addr().unwrap().port().to_string());
    window.hold(true);
    window.ui().act(wizard::storage::test);
    window.wait_for(|window| window.sees("Trying the connection…"));
    window.ui().act(wizard::storage::stop);
    window.wait_for(|window| !window.sees("Trying the connection…"));
    window.hold(false);
    window.settle();
    assert!(window.sees("Test the connection") && !window.sees("The connection works."), "{:#?}", window.names());
}
