//! What lies in the folder after printing, and after failing to.

use super::*;
use aurapos_plugin_api::Uuid;
use aurapos_plugin_api::contract::document::{Align, Document, Style, text_width};

fn printer(folder: &Path, columns: usize) -> FilePrinter {
    FilePrinter { folder: folder.join("Printed"), columns }
}

fn job(id: u128, title: &str, line: &str) -> PrintJob {
    let mut document = Document::new(title, "fr");
    document.text(line, Align::Left, Style::Normal).pair("Total", "12,45 €", Style::Bold).cut();
    PrintJob { id: Uuid::from_u128(id), title: title.to_owned(), document }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_document_becomes_a_file_of_its_width() {
    let data = tempfile::tempdir().unwrap();
    for columns in [32, 42, 48] {
        let printer = printer(data.path(), columns);
        assert_eq!(printer.capabilities().unwrap().columns as usize, columns);
        printer.print(&job(7, "R1-1-000001", "Épicerie du Parc")).unwrap();
        let text = fs::read_to_string(printer.folder.join("R1-1-000001 00000007.txt")).unwrap();
        assert_eq!(text.lines().next(), Some("Épicerie du Parc"));
        assert_eq!(text.lines().nth(1).unwrap().chars().count(), columns);
    }
}

#[test]
fn wide_letters_stay_on_the_paper() {
    let data = tempfile::tempdir().unwrap();
    for columns in [32, 42, 48] {
        let printer = printer(data.path(), columns);
        let mut document = Document::new("茶 🍵", "en");
        document.pair("緑茶 玉露 Gyokuro 🍵🍵 100 g, 京都府 宇治市 の お茶", "1 249,00 A", Style::Normal);
        document.pair("🎁👩\u{200d}🍳 cadeau e\u{301}te\u{301}".repeat(4), "-2,00 A", Style::Normal);
        document.text("ありがとうございました 또 오세요 🙏🏽".repeat(2), Align::Center, Style::Normal);
        printer.print(&PrintJob { id: Uuid::from_u128(9), title: "茶 🍵".to_owned(), document }).unwrap();
        let text = fs::read_to_string(printer.folder.join("茶 - 00000009.txt")).unwrap();
        let widest = text.lines().map(text_width).max();
        assert_eq!(widest, Some(columns), "{text}");
        assert!(text.contains("1 249,00 A\n") && text.contains("-2,00 A\n"), "{text}");
    }
}

#[test]
fn the_same_job_replaces_its_file_and_another_does_not() {
    let data = tempfile::tempdir().unwrap();
    let printer = printer(data.path(), 42);
    printer.print(&job(1, "R1", "first")).unwrap();
    printer.print(&job(1, "R1", "again")).unwrap();
    printer.print(&job(2, "R1", "other")).unwrap();
    assert_eq!(files(&printer.folder), ["R1 00000001.txt", "R1 00000002.txt"]);
    assert!(fs::read_to_string(printer.folder.join("R1 00000001.txt")).unwrap().starts_with("again"));
}

#[test]
fn a_failure_says_where_and_leaves_nothing_half_printed() {
    let data = tempfile::tempdir().unwrap();
    let printer = printer(data.path(), 42);
    // The file's own name is taken by a folder: the rename at the end fails.
    fs::create_dir_all(printer.folder.join("R1 00000001.txt/x")).unwrap();
    let error = printer.print(&job(1, "R1", "line")).unwrap_err();
    assert_eq!(error.code, ErrorCode::Io);
    assert!(error.message.contains("R1 00000001.txt"), "{error}");
    assert_eq!(files(&printer.folder), ["R1 00000001.txt"]);
}

#[test]
fn status_is_tried_not_guessed() {
    let data = tempfile::tempdir().unwrap();
    let good = printer(data.path(), 42);
    assert_eq!(good.status().unwrap().state, PrinterState::Ready);
    assert_eq!(files(&good.folder), [""; 0]);
    fs::write(data.path().join("file"), "").unwrap();
    let bad = FilePrinter { folder: data.path().join("file/Printed"), columns: 42 };
    assert_eq!(bad.status().unwrap().state, PrinterState::Offline);
    assert!(bad.print(&job(1, "R1", "line")).is_err());
}

#[test]
fn settings_are_checked() {
    let with = |columns: i64| columns_of(&Settings::default().with("columns", columns));
    assert_eq!(columns_of(&Settings::default()), Ok(42));
    assert_eq!(with(32), Ok(32));
    assert_eq!(with(40), Err(ErrorCode::Config));
    assert_eq!(columns_of(&Settings::default().with("columns", "42")), Err(ErrorCode::Config));
}

fn columns_of(settings: &Settings) -> Result<usize, ErrorCode> {
    columns(settings).map_err(|error| error.code)
}

#[test]
fn it_has_no_drawer() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(printer(data.path(), 42).open_drawer().unwrap_err().code, ErrorCode::Unsupported);
}

#[test]
fn the_manifest_is_one_and_speaks_four_languages() {
    let manifest = aurapos_plugin_api::manifest::Manifest::parse(include_str!("../plugin.toml")).unwrap();
    assert_eq!(manifest.id, "file-printer");
    assert_eq!(manifest.version.to_string(), env!("CARGO_PKG_VERSION"));
    let fields = manifest.fields.iter().flat_map(|field| [&field.label, &field.help]);
    for words in fields.chain([&manifest.name, &manifest.description]) {
        assert!(
            ["en", "fr", "nl", "de"].into_iter().all(|language| words.by_language.contains_key(language)),
            "{words:?}"
        );
    }
}
