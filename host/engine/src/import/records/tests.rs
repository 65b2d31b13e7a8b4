use super::*;

fn read(bytes: &[u8], delimiter: u8) -> Vec<(u64, Result<Vec<String>, RecordError>)> {
    let mut records = Records::open(bytes, None).unwrap();
    records.set_delimiter(delimiter);
    let mut all = Vec::new();
    while let Some(record) = records.next_record().unwrap() {
        all.push((record.line, record.fields));
    }
    all
}

#[track_caller]
fn check(bytes: &[u8], delimiter: u8, expected: &[(u64, &[&str])]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, fields)| (*line, Ok(fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>())))
        .collect();
    assert_eq!(read(bytes, delimiter), expected);
}

#[test]
fn separators_quotes_and_line_ends() {
    check(b"a,b\nc,d", b',', &[(1, &["a", "b"]), (2, &["c", "d"])]);
    check(b"a;b\r\n;\r\nc;d\r\n", b';', &[(1, &["a", "b"]), (3, &["c", "d"])]);
    check(b"a\tb\rc\td\r", b'\t', &[(1, &["a", "b"]), (2, &["c", "d"])]);
    check(b"\n\n  \na,b\n", b',', &[(4, &["a", "b"])]);
    check(b"\"a,1\", \"b \"\"x\"\"\" ,c\n", b',', &[(1, &["a,1", "b \"x\"", "c"])]);
    check(b"\"two\r\nlines\",b\nc,d\n", b',', &[(1, &["two\r\nlines", "b"]), (3, &["c", "d"])]);
    check(b"pipe 5\",b\nc,d\n", b',', &[(1, &["pipe 5\"", "b"]), (2, &["c", "d"])]);
    check(b" a ,  ,b", b',', &[(1, &["a", "", "b"])]);
    check(b"", b',', &[]);
}

#[test]
fn encodings() {
    check("é,ß\n".as_bytes(), b',', &[(1, &["é", "ß"])]);
    check(b"\xef\xbb\xbf\xc3\xa9,b\n", b',', &[(1, &["é", "b"])]);
    check(b"Cr\xe8me br\xfbl\xe9e,\x80 2,50\n", b',', &[(1, &["Crème brûlée", "€ 2", "50"])]);
    // One record of each: a file put together from two.
    check(b"Cr\xe8me,1\nCr\xc3\xa8me,2\n", b',', &[(1, &["Crème", "1"]), (2, &["Crème", "2"])]);
    // A file of an old Mac, and one of DOS: the rows that say what they are read those that could be two.
    check(
        b"Cr\x8fme br\x9el\x8ee,NO\xe8L\nVOIL\xcb,1\n",
        b',',
        &[(1, &["Crème brûlée", "NOËL"]), (2, &["VOILÀ", "1"])],
    );
    check(b"Cr\x8ame br\x96l\x82e,1\nC\xe2TE,2\n", b',', &[(1, &["Crème brûlée", "1"]), (2, &["CÔTE", "2"])]);
    // Alone they could be two, and are none.
    assert_eq!(read(b"NO\xcbL,1\na,2\n", b',')[0], (1, Err(RecordError::Encoding)));
    let utf16: Vec<u8> = "\u{feff}né\ttwee\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&utf16, b'\t', &[(1, &["né", "twee"])]);
    let utf16: Vec<u8> = "\u{feff}né,😀\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    check(&utf16, b',', &[(1, &["né", "😀"])]);
}

#[test]
fn utf16_across_buffer_borders() {
    let text = format!("\u{feff}{}", "aé😀,b\n".repeat(5000));
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let records = read(&bytes, b',');
    assert_eq!(records.len(), 5000);
    assert!(records.iter().all(|(_, fields)| fields.as_ref().unwrap() == &["aé😀", "b"]));
}

#[test]
fn other_kinds_of_files_are_named() {
    let cases: &[(&[u8], &str)] = &[
        (b"PK\x03\x04\x14\x00", "this is a workbook (.xlsx, .ods), not a CSV file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "this is an Excel workbook (.xls), not a CSV file"),
        (b"%PDF-1.7", "this is a PDF, not a CSV file"),
        (b"sku,na\0me", "this is a binary file, not a CSV file"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(Records::open(*bytes, None).unwrap_err().to_string(), *expected);
    }
}

#[test]
fn an_unclosed_quote_costs_one_row() {
    let mut file = String::from("a,b\n\"open,1\n");
    for row in 0..200 {
        file.push_str(&format!("r{row},2\n"));
    }
    let records = read(file.as_bytes(), b',');
    assert_eq!(records.len(), 202);
    assert_eq!(records[1], (2, Err(RecordError::OpenQuote)));
    assert_eq!(records[2], (3, Ok(vec!["r0".to_owned(), "2".to_owned()])));
    assert_eq!(records[201].0, 202);
    // At the very end of the file too.
    assert_eq!(
        read(b"a,b\n\"x,y\nc,d\n", b',')[1..],
        [(2, Err(RecordError::OpenQuote)), (3, Ok(vec!["c".to_owned(), "d".to_owned()])),]
    );
}

#[test]
fn an_endless_line_is_refused_without_keeping_it() {
    let mut file = b"a,b\n".to_vec();
    file.extend(std::iter::repeat_n(b'x', 3_000_000));
    file.extend_from_slice(b"\nc,d\n");
    let records = read(&file, b',');
    assert_eq!(records[1], (2, Err(RecordError::TooLong)));
    assert_eq!(records[2], (3, Ok(vec!["c".to_owned(), "d".to_owned()])));
}

#[test]
fn an_encoding_that_somebody_names_is_believed() {
    let check = |name: &str, bytes: &[u8], expected: &str| {
        let mut records = Records::open(bytes, TextEncoding::named(name)).unwrap();
        let fields = records.next_record().unwrap().unwrap().fields.unwrap();
        assert_eq!(fields, [expected], "{name}");
    };
    check("windows-1250", b"\x8elu\x9dou\xe8k\xfd\n", "Žluťoučký");
    check("windows-1252", b"Lim\xf5es\n", "Limões");
    check("cp850", b"Cr\x8ame\n", "Crème");
    check("macintosh", b"NO\xe8L\n", "NOËL");
    check("utf-16le", b"n\x00\xe9\x00", "né");
    // A mark is believed more than a name, and what an encoding does not have is marked.
    check("windows-1251", "\u{feff}né".as_bytes(), "né");
    check("utf-8", b"Cr\xe8me", "Cr\u{fffd}me");
    check("shift-jis", b"\x82", "\u{fffd}");
    let text = "Žluťoučký\n".repeat(3_000);
    let bytes: Vec<u8> = text
        .chars()
        .map(|letter| match letter {
            'Ž' => 0x8e,
            'ť' => 0x9d,
            'č' => 0xe8,
            'ý' => 0xfd,
            other => other as u8,
        })
        .collect();
    let mut records = Records::open(bytes.as_slice(), TextEncoding::named("cp1250")).unwrap();
    let mut count = 0;
    while let Some(record) = records.next_record().unwrap() {
        assert_eq!(record.fields.unwrap(), ["Žluťoučký"]);
        count += 1;
    }
    assert_eq!(count, 3_000);
}

/// Old pages of the West are nobody else's: the second opinion, which knows neither, is not asked.
#[test]
fn lists_of_an_old_mac_and_of_dos_are_read() {
    let mac = b"Cr\x8fme br\x9el\x8ee,1\nNO\xe8L,1\nVOIL\xcb,1\n\x83picerie,1\nCaf\x8e moulu,1\nP\x89t\x8e de for\x90t,1\nTh\x8e vert,1\nB\xcfuf hach\x8e,1\nC\x99tes du Rh\x99ne,1\nl\xd5eau,1\n";
    let dos = b"Cr\x8ame br\x96l\x82e,1\n\x90picerie,1\nCaf\x82 moulu,1\nP\x83t\x82 de for\x88t,1\nTh\x82 vert,1\nK\x84se,1\nStra\xe1e,1\nC\x93tes du Rh\x93ne,1\n";
    let names = |bytes: &[u8]| -> Vec<String> {
        read(bytes, b',').into_iter().map(|(_, fields)| fields.unwrap().swap_remove(0)).collect()
    };
    assert_eq!(
        names(mac),
        [
            "Crème brûlée",
            "NOËL",
            "VOILÀ",
            "Épicerie",
            "Café moulu",
            "Pâté de forêt",
            "Thé vert",
            "Bœuf haché",
            "Côtes du Rhône",
            "l’eau"
        ]
    );
    assert_eq!(
        names(dos),
        ["Crème brûlée", "Épicerie", "Café moulu", "Pâté de forêt", "Thé vert", "Käse", "Straße", "Côtes du Rhône"]
    );
}
