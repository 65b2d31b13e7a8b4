//! A register that does not open, and what is done about it; backups, restoring, plugins, languages.

use crate::support::{BAGUETTE, Shop, ask, at_work, sample};
use aurapos_runtime::plugin_host::{PluginHost, PluginHostOptions, TARGET, pack_library};
use aurapos_ui::host::{Host, Opening};
use aurapos_ui::markup::{ListState, Screen};
use aurapos_ui::presenter::{backups, plugins};
use aurapos_ui_driver::{Driver, place, tour};
use slint::platform::Key;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;

/// A shop with a sale and a backup of it, closed.
fn closed() -> tempfile::TempDir {
    let shop = at_work();
    shop.scan(BAGUETTE);
    shop.key(Key::F10);
    shop.act(|shell| shell.go(Screen::Backups));
    shop.tap("Back up now");
    assert!(!shop.shell(backups::rows).is_empty());
    let Shop { window, folder } = shop;
    drop(window);
    folder
}

fn open(folder: &Path) -> Driver {
    Driver::open(place::host(folder), 1280, 800)
}

/// Types the word that a restore asks for.
fn restore(window: &Driver) {
    window.type_text("RESTORE");
    window.tap("Restore");
}

#[test]
fn damaged_data_is_restored_from_the_rescue_screen() {
    let folder = closed();
    tour::damage(folder.path());
    let window = open(folder.path());
    assert_eq!(window.screen(), Screen::Rescue);
    let told = window.whole().words();
    assert!(told.iter().any(|words| words.text.contains("Backups")), "where the backups are: {told:#?}");
    window.tap("Restore a backup…");
    window.tap("Restore this backup…");
    window.tap("Restore");
    assert_eq!(window.screen(), Screen::Rescue, "the word was not typed");
    restore(&window);
    assert_eq!(window.screen(), Screen::SignIn, "{:#?}", window.names());
    assert_eq!(ask(folder.path(), "SELECT count(*) FROM sale"), "1");
}

#[test]
fn a_missing_database_is_not_replaced_by_an_empty_one() {
    let folder = closed();
    fs::remove_file(folder.path().join("AuraPOS.db")).unwrap();
    let window = open(folder.path());
    assert_eq!(window.screen(), Screen::Rescue);
    assert!(!folder.path().join("AuraPOS.db").exists());
    assert!(window.sees("Restore a backup…"));
}

#[test]
fn a_refused_storage_offers_safe_mode_and_another_try() {
    let folder = closed();
    let file = folder.path().join("aurapos.toml");
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, good.replace("use = \"sqlite\"", "use = \"acme-store\"")).unwrap();
    let window = open(folder.path());
    assert_eq!(window.screen(), Screen::Rescue);
    assert!(window.sees("Start in safe mode"), "{:#?}", window.names());
    window.tap("Try again");
    assert_eq!(window.screen(), Screen::Rescue, "nothing was put right");
    fs::write(&file, good).unwrap();
    window.tap("Try again");
    assert_eq!(window.screen(), Screen::SignIn);
}

#[test]
fn a_register_that_is_open_elsewhere_says_so_and_opens_when_it_is_free() {
    let folder = closed();
    let other = place::host(folder.path());
    let (sender, opened) = channel();
    other.open(Box::new(move |opening| drop(sender.send(opening))));
    assert!(matches!(opened.recv_timeout(aurapos_ui_driver::PATIENCE).unwrap(), Opening::Ready(_)));
    let window = open(folder.path());
    assert_eq!(window.screen(), Screen::Rescue);
    assert!(window.whole().words().iter().any(|words| words.text == "The shop is open elsewhere"));
    assert!(!window.sees("Restore a backup…"), "its data is sound");
    drop(other);
    window.tap("Try again");
    assert_eq!(window.screen(), Screen::SignIn);
}

#[test]
fn a_backup_is_restored_from_its_screen_after_the_word_was_typed() {
    let shop = at_work();
    shop.act(|shell| shell.go(Screen::Backups));
    shop.tap("Back up now");
    shop.act(|shell| shell.go_home(Screen::Sale));
    shop.scan(BAGUETTE);
    shop.key(Key::F10);
    assert_eq!(ask(shop.folder.path(), "SELECT count(*) FROM sale"), "1");
    shop.act(|shell| shell.go(Screen::Backups));
    shop.act(|shell| backups::select(shell, 0));
    shop.tap("Restore…");
    shop.tap("Restore");
    assert_eq!(ask(shop.folder.path(), "SELECT count(*) FROM sale"), "1", "the word was not typed");
    restore(&shop);
    assert_eq!(shop.screen(), Screen::SignIn, "{:#?}", shop.names());
    assert_eq!(ask(shop.folder.path(), "SELECT count(*) FROM sale"), "0");
}

#[test]
fn a_plugin_is_switched_off_and_on_for_the_next_start() {
    let shop = at_work();
    let settings = || fs::read_to_string(shop.folder.path().join("aurapos.toml")).unwrap();
    let before = settings();
    shop.act(|shell| shell.go(Screen::Plugins));
    let on = |shop: &Shop| {
        let rows = shop.shell(plugins::rows);
        rows.iter().find(|row| row.id == "backup-scheduler").map(|row| row.on)
    };
    let name = shop.shell(plugins::rows).iter().find(|row| row.id == "backup-scheduler").unwrap().name.to_string();
    assert_eq!(on(&shop), Some(true));
    shop.tap(&format!("Use {name}"));
    assert_eq!(on(&shop), Some(false), "{:#?}", shop.names());
    assert_ne!(settings(), before);
    shop.tap(&format!("Use {name}"));
    assert_eq!(on(&shop), Some(true));
}

/// Installs a plugin of a third party, as its owner would: what it would do if it ran is another test's business.
fn install_stranger(folder: &Path) {
    let packed = tempfile::tempdir().unwrap();
    let staged = place::programs().join("plugins/cash");
    let is_library = |file: &PathBuf| file.to_string_lossy().ends_with(std::env::consts::DLL_SUFFIX);
    let library = fs::read_dir(staged).unwrap().map(|entry| entry.unwrap().path()).find(is_library).unwrap();
    let file = packed.path().join(library.file_name().unwrap());
    fs::copy(library, &file).unwrap();
    let manifest = "id = \"acme-pay\"\nversion = \"1.0.0\"\nkinds = [\"payment\"]\napi = \"^1\"\npublisher = \"Acme SA\"\n\
        name = \"Acme terminal\"\n";
    fs::write(packed.path().join("plugin.toml"), pack_library(manifest, &file, TARGET).unwrap()).unwrap();
    let options = PluginHostOptions { look_only: true, ..PluginHostOptions::in_folders(&place::programs(), folder) };
    PluginHost::open(options).install(packed.path()).unwrap();
}

#[test]
fn the_owner_is_asked_before_a_stranger_runs_inside() {
    let shop = at_work();
    install_stranger(shop.folder.path());
    let settings = || fs::read_to_string(shop.folder.path().join("aurapos.toml")).unwrap();
    let before = settings();
    shop.act(|shell| shell.go(Screen::Plugins));
    // The strangers stand below the plugins that came with AuraPOS.
    shop.resize(1280, 1600);
    shop.settle();
    let (switch, question) = ("Use Acme terminal", "Let this plugin run inside the register?");
    let is_on = || shop.find(switch)[0].accessible_checked();
    assert_eq!(is_on(), Some(false), "{:#?}", shop.names());

    // Escape, Cancel and a stray Enter are no consent, and the switch shows what is.
    shop.tap(switch);
    assert!(shop.sees(question), "{:#?}", shop.names());
    assert!(shop.sees("Acme terminal is by Acme SA"), "{:#?}", shop.names());
    shop.key(Key::Return);
    assert!(shop.sees(question) && settings() == before, "Enter alone gives nothing away");
    shop.key(Key::Escape);
    assert!(!shop.sees(question) && settings() == before);
    assert_eq!(is_on(), Some(false));
    shop.tap(switch);
    shop.tap("Cancel");
    assert!(!shop.sees(question) && settings() == before);

    // By the keyboard alone: the first stop is no, the second is yes.
    shop.tap(switch);
    shop.key(Key::Tab);
    shop.key(Key::Return);
    assert!(!shop.sees(question) && settings() == before, "{:#?}", shop.names());
    shop.tap(switch);
    shop.key(Key::Tab);
    shop.key(Key::Tab);
    shop.key(Key::Return);
    assert!(!shop.sees(question), "{:#?}", shop.names());
    assert!(settings().contains("isolation = \"in-process\""), "{}", settings());
    assert_eq!(is_on(), Some(true));
    // Said once.
    shop.tap(switch);
    assert_eq!(is_on(), Some(false));
    shop.tap(switch);
    assert!(!shop.sees(question));
    assert_eq!(is_on(), Some(true));
}

#[test]
fn the_language_changes_at_once_and_is_there_at_the_next_start() {
    let shop = sample();
    for (tile, word) in [("Français", "Entrée"), ("Nederlands", "Enter"), ("Deutsch", "Eingabe"), ("English", "Enter")]
    {
        shop.tap(tile);
        assert!(shop.sees(word), "{tile}: {:#?}", shop.names());
    }
    shop.tap("Deutsch");
    let Shop { window, folder } = shop;
    drop(window);
    let window = open(folder.path());
    assert!(window.sees("Eingabe"), "{:#?}", window.names());
    assert_ne!(window.shell(aurapos_ui::presenter::orders::states).0, ListState::Failed);
}
