#![allow(clippy::unwrap_used)]

use super::*;

fn copy_of(rows: &[&[Option<&[u8]>]]) -> Vec<u8> {
    let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for row in rows {
        bytes.extend((row.len() as i16).to_be_bytes());
        for cell in *row {
            bytes.extend(cell.map_or(-1, |cell| cell.len() as i32).to_be_bytes());
            bytes.extend(cell.unwrap_or_default());
        }
    }
    bytes.extend((-1i16).to_be_bytes());
    bytes
}

fn written(file: &Path) -> Vec<u8> {
    let rows = copy_of(&[&[Some(b"one"), None], &[Some(b""), Some(b"two")]]);
    let head = Head { position: 7, tables: vec!["item".to_owned()], ..Default::default() };
    let mut writer = Writer::new(File::create_new(file).unwrap(), file, &head).unwrap();
    let (first, second) = rows.split_at(25);
    writer.rows(first).unwrap();
    writer.rows(second).unwrap();
    writer.end_table(2).unwrap();
    assert_eq!(writer.end().unwrap(), std::fs::metadata(file).unwrap().len());
    std::fs::read(file).unwrap()
}

fn read(file: &Path) -> PluginResult<(u64, u64)> {
    let opened = File::open(file).unwrap();
    let (mut reader, head) = Reader::new(&opened, file)?;
    let mut counter = Counter::default();
    loop {
        match reader.next()? {
            Block::Rows(bytes) => assert!(counter.pass(&bytes)),
            Block::TableEnd(rows) => assert!(counter.is_whole() && rows == counter.rows),
            Block::End => return Ok((head.position, counter.rows)),
        }
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy");
    let good = written(&file);
    assert_eq!(read(&file), Ok((7, 2)));
    let check = |bytes: &[u8], what: String| {
        std::fs::write(&file, bytes).unwrap();
        let code = read(&file).unwrap_err().code;
        assert!(matches!(code, ErrorCode::Damaged | ErrorCode::NotAStore), "{what}: {code:?}");
    };
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        check(&bad, format!("bit in byte {at}"));
        check(&good[..at], format!("cut at {at}"));
    }
    check(&[good.as_slice(), &[0]].concat(), "a byte more".to_owned());
}

#[test]
fn rows_are_counted_wherever_they_are_cut() {
    let rows = copy_of(&[&[Some(b"one"), None], &[], &[Some(&[7; 300])]]);
    for size in 1..40 {
        let mut counter = Counter::default();
        assert!(rows.chunks(size).all(|part| counter.pass(part)), "{size}");
        assert!(counter.is_whole() && counter.rows == 3, "{size}: {counter:?}");
    }
    let mut counter = Counter::default();
    assert!(!counter.pass(b"this is no copy of PostgreSQL at all"));
    let mut counter = Counter::default();
    assert!(!counter.pass(&[rows.as_slice(), &[0]].concat()), "bytes behind the end");
    let mut counter = Counter::default();
    assert!(counter.pass(&rows[..rows.len() - 1]) && !counter.is_whole());
}
