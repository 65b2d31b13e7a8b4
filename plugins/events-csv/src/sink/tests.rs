//! Every sale once: repeated, cut off, failed, edited.

use super::*;
use aurapos_plugin_api::contract::events::EventKind;

fn sale(incarnation: u128, sequence: u64) -> HostEvent {
    HostEvent {
        kind: EventKind::Sale,
        incarnation: Uuid::from_u128(incarnation),
        sequence,
        receipt_number: format!("R1-{sequence}"),
        total_minor: 100,
        ..Default::default()
    }
}

/// The receipt numbers in the file, in order, read by a CSV reader.
fn receipts(folder: &Path) -> Vec<String> {
    let mut reader = csv::Reader::from_path(folder.join(FILE)).unwrap();
    assert_eq!(reader.headers().unwrap().get(5), Some("receipt_number"));
    reader.records().map(|record| record.unwrap()[5].to_owned()).collect()
}

#[test]
fn each_sale_once_however_often_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let sink = SalesCsv::open(folder.path()).unwrap();
    sink.deliver(&[sale(1, 1), sale(1, 2)]).unwrap();
    sink.deliver(&[sale(1, 1), sale(1, 2)]).unwrap();
    sink.deliver(&[sale(1, 2), sale(1, 3), sale(1, 3)]).unwrap();
    drop(sink);
    let sink = SalesCsv::open(folder.path()).unwrap();
    sink.deliver(&[sale(1, 3), sale(1, 4), sale(2, 1)]).unwrap();
    assert_eq!(receipts(folder.path()), ["R1-1", "R1-2", "R1-3", "R1-4", "R1-1"]);
    assert_eq!(sink.position(Uuid::from_u128(1)).unwrap(), 4);
    assert_eq!(sink.position(Uuid::from_u128(2)).unwrap(), 1);
    assert_eq!(sink.position(Uuid::from_u128(3)).unwrap(), 0);
}

#[test]
fn other_events_move_the_position_only() {
    let folder = tempfile::tempdir().unwrap();
    let sink = SalesCsv::open(folder.path()).unwrap();
    let opened = HostEvent { kind: EventKind::DrawerOpened, ..sale(1, 1) };
    sink.deliver(&[opened]).unwrap();
    assert_eq!(sink.position(Uuid::from_u128(1)).unwrap(), 1);
    assert!(!folder.path().join(FILE).exists());
    sink.deliver(&[sale(1, 2)]).unwrap();
    assert_eq!(receipts(folder.path()), ["R1-2"]);
}

/// A crash at every byte of the append, and right after it: the delivery is sent again and stands there once.
#[test]
fn a_delivery_that_was_cut_off_anywhere_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let sink = SalesCsv::open(folder.path()).unwrap();
    sink.deliver(&[sale(1, 1)]).unwrap();
    let old = sink.position.lock().unwrap().clone().unwrap();
    let first = fs::read(sink.file()).unwrap();
    sink.deliver(&[sale(1, 2), sale(1, 3)]).unwrap();
    let whole = fs::read(sink.file()).unwrap();
    let pending = Position { pending: Some(whole.len() as u64), ..old };
    drop(sink);
    for end in first.len()..=whole.len() {
        fs::write(folder.path().join(FILE), &whole[..end]).unwrap();
        fs::write(folder.path().join(POSITION), pending.to_text()).unwrap();
        let sink = SalesCsv::open(folder.path()).unwrap();
        assert_eq!(sink.position(Uuid::from_u128(1)).unwrap(), 1, "cut at {end}");
        sink.deliver(&[sale(1, 2), sale(1, 3)]).unwrap();
        assert_eq!(fs::read(sink.file()).unwrap(), whole, "cut at {end}");
    }
}

#[test]
fn a_failed_delivery_takes_nothing_and_the_next_try_takes_all() {
    let folder = tempfile::tempdir().unwrap();
    let sink = SalesCsv::open(folder.path()).unwrap();
    // A folder in the file's place: every append fails.
    fs::create_dir(sink.file()).unwrap();
    assert_eq!(sink.deliver(&[sale(1, 1)]).unwrap_err().code, ErrorCode::Io);
    assert!(sink.deliver(&[sale(1, 1)]).is_err());
    fs::remove_dir(sink.file()).unwrap();
    sink.deliver(&[sale(1, 1), sale(1, 2)]).unwrap();
    assert_eq!(receipts(folder.path()), ["R1-1", "R1-2"]);
}

#[test]
fn a_file_that_somebody_changed_is_kept_and_a_new_one_begins() {
    let folder = tempfile::tempdir().unwrap();
    let sink = SalesCsv::open(folder.path()).unwrap();
    sink.deliver(&[sale(1, 1)]).unwrap();
    fs::write(sink.file(), "my own notes").unwrap();
    sink.deliver(&[sale(1, 2)]).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("sales-1.csv")).unwrap(), "my own notes");
    assert_eq!(receipts(folder.path()), ["R1-2"]);
    fs::remove_file(sink.file()).unwrap();
    sink.deliver(&[sale(1, 2), sale(1, 3)]).unwrap();
    assert_eq!(receipts(folder.path()), ["R1-3"]);
}

#[test]
fn a_position_that_cannot_be_read_stops_before_sales_are_counted_twice() {
    let folder = tempfile::tempdir().unwrap();
    SalesCsv::open(folder.path()).unwrap().deliver(&[sale(1, 1)]).unwrap();
    fs::write(folder.path().join(POSITION), "length 1").unwrap();
    assert_eq!(SalesCsv::open(folder.path()).unwrap_err().code, ErrorCode::Damaged);
    fs::write(folder.path().join(POSITION), b"\xff\xfe").unwrap();
    assert_eq!(SalesCsv::open(folder.path()).unwrap_err().code, ErrorCode::Damaged);
}

#[test]
fn the_manifest_is_one_and_speaks_four_languages() {
    let manifest = aurapos_plugin_api::manifest::Manifest::parse(include_str!("../../plugin.toml")).unwrap();
    assert_eq!(manifest.id, "sales-csv");
    assert_eq!(manifest.version.to_string(), env!("CARGO_PKG_VERSION"));
    let fields = manifest.fields.iter().flat_map(|field| [&field.label, &field.help]);
    for words in fields.chain([&manifest.name, &manifest.description]) {
        assert!(
            ["en", "fr", "nl", "de"].into_iter().all(|language| words.by_language.contains_key(language)),
            "{words:?}"
        );
    }
}
