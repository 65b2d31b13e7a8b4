//! Lists of products as other systems and people write them, through the built program: each row comes in right or is
//! refused by line with the true reason; and what came in does no harm on paper or in a spreadsheet.
#![allow(clippy::unwrap_used)]

use aurapos_tests::books::{must_agree, sql};
use aurapos_tests::shop::{OPERATOR, PIN, Shop, one_document};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the cases.
fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The same list with a column of VAT at its end, as a shop would mend it.
fn with_vat(list: &str, vat: &str) -> String {
    let (mut out, mut quoted, mut cell) = (String::new(), false, ",vat".to_owned());
    for letter in list.chars().filter(|letter| *letter != '\r') {
        quoted ^= letter == '"';
        if letter == '\n' && !quoted {
            out.push_str(&std::mem::replace(&mut cell, format!(",{vat}")));
        }
        out.push(letter);
    }
    out
}

fn put(shop: &Shop, content: &[u8]) -> PathBuf {
    let file = shop.data.with_file_name("list.csv");
    fs::write(&file, content).unwrap();
    file
}

fn import(shop: &Shop, content: &[u8]) -> Value {
    let said = shop.run(&["import", "products", put(shop, content).to_str().unwrap()]);
    let told = one_document(&said.out);
    // Done when a row came in, or none was refused.
    let came_in = ["added", "updated", "unchanged"].iter().any(|what| told[what] != 0);
    let good = came_in || told["rejected_count"] == 0;
    assert_eq!((said.status.code(), said.err.as_str()), (Some(i32::from(!good)), ""), "{told}");
    told
}

/// The refused lines with their reasons.
fn rejected(report: &Value) -> BTreeMap<u64, String> {
    let rows = report["rejected"].as_array().unwrap().iter();
    rows.map(|row| (row["line"].as_u64().unwrap(), row["reason"].as_str().unwrap().to_owned())).collect()
}

/// Exactly these lines are refused, each for a reason with these words.
#[track_caller]
fn must_refuse(report: &Value, expected: &[(u64, &str)]) {
    let told = rejected(report);
    assert_eq!(
        told.keys().copied().collect::<Vec<_>>(),
        expected.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        "{told:?}"
    );
    for (line, words) in expected {
        assert!(told[line].contains(words), "line {line}: {}", told[line]);
    }
}

/// Name, price and barcodes of a product.
fn product(shop: &Shop, sku: &str) -> Option<(String, i64, Vec<String>)> {
    let sku = sku.replace('\'', "''");
    let found = sql(&shop.database(), &format!("SELECT name, price, hex(id) AS id FROM product WHERE sku = '{sku}'"));
    let row = found.first()?;
    let id = row["id"].as_str().unwrap();
    let codes =
        sql(&shop.database(), &format!("SELECT code FROM product_barcode WHERE hex(product) = '{id}' ORDER BY code"));
    let codes = codes.iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect();
    Some((row["name"].as_str().unwrap().to_owned(), row["price"].as_i64().unwrap(), codes))
}

#[track_caller]
fn must_be(shop: &Shop, sku: &str, name: &str, price: i64, codes: &[&str]) {
    let codes: Vec<String> = codes.iter().map(|&code| code.to_owned()).collect();
    assert_eq!(product(shop, sku), Some((name.to_owned(), price, codes)), "{sku}");
}

#[test]
fn exports_of_other_systems_are_told_what_is_really_missing() {
    let shop = Shop::open();
    for name in ["01-shopify.csv", "02-square.csv", "03-woocommerce.csv", "04-odoo.csv", "06-loyverse.csv"] {
        let refusal = shop.refused(&["import", "products", put(&shop, file(name).as_bytes()).to_str().unwrap()]);
        assert_eq!(refusal.message, "The file can't be imported: the header has no column vat.", "{name}");
    }
}

#[test]
fn names_and_codes_of_other_systems_come_right() {
    let shop = Shop::open();
    let square = import(&shop, file("02b-square-with-vat.csv").as_bytes());
    must_refuse(&square, &[(5, "$1,012.00"), (6, "article number")]);
    assert!(rejected(&square)[&5].contains("another currency"), "{square}");
    must_be(&shop, "SQ-1", "Filter coffee", 350, &[]);
    must_be(&shop, "SQ-2", "Filter coffee - Large", 420, &[]);
    must_be(&shop, "SQ-3", "Mug - Blue", 1_200, &["5499000002018"]);
    must_be(&shop, "SQ-6", "Cookie", 200, &[]);

    let shopify = import(&shop, with_vat(&file("01-shopify.csv"), "21").as_bytes());
    let told = rejected(&shopify);
    assert!(told.values().all(|reason| !reason.contains("twice")), "{told:?}");

    let woo = import(&shop, with_vat(&file("03-woocommerce.csv"), "6").as_bytes());
    must_refuse(&woo, &[(4, "the price is empty"), (7, "article number"), (8, "the price is empty")]);
    must_be(&shop, "WOO-PAIN", "Pain d’épices", 450, &[]);
    must_be(&shop, "WOO-MIEL", "Miel 500 g", 800, &[]);
    must_be(&shop, "WOO-TEE-S", "T-shirt - S", 1_900, &[]);

    let odoo = import(&shop, with_vat(&file("04-odoo.csv"), "21").as_bytes());
    must_refuse(&odoo, &[(8, "article number")]);
    must_be(&shop, "OD-001", "Brosse à dents bambou", 390, &["5499000004012"]);
    must_be(&shop, "OD-004", "Gourde \"Zéro\" 75 cl", 2_400, &["5499000004043"]);

    let loyverse = import(&shop, with_vat(&file("06-loyverse.csv"), "21").as_bytes());
    must_refuse(&loyverse, &[(5, "the name is empty"), (7, "article number"), (8, "variable")]);
    must_be(&shop, "10001", "Rice 5 kg", 950, &["5499000006016"]);
    must_be(&shop, "10002", "Bananas", 189, &[]);
    must_be(&shop, "10003", "Tee - S", 1_500, &[]);

    let french = import(&shop, file("08b-french-list-with-description.csv").as_bytes());
    must_refuse(&french, &[]);
    must_be(&shop, "FR-1", "Moutarde à l'ancienne", 320, &["5499000008119"]);
    must_be(&shop, "FR-3", "Torchon", 990, &[]);
    must_agree(&shop.database());
}

#[test]
fn wrong_letters_are_refused_by_line_or_read_right() {
    let shop = Shop::open();
    let garbled = import(&shop, file("12b-mojibake-of-few-letters.csv").as_bytes());
    must_refuse(&garbled, &[(2, "UTF-8"), (3, "UTF-8"), (4, "UTF-8"), (5, "UTF-8")]);
    // A list of an old Mac, and one of a program of DOS.
    let mac = b"sku;name;price;vat\nM-1;Cr\x8fme br\x9el\x8ee;1,00;21\nM-2;VOIL\xcb;1,00;21\nM-3;l\xd5eau;1,00;21\n";
    must_refuse(&import(&shop, mac), &[]);
    must_be(&shop, "M-1", "Crème brûlée", 100, &[]);
    must_be(&shop, "M-2", "VOILÀ", 100, &[]);
    must_be(&shop, "M-3", "l’eau", 100, &[]);
    let dos = b"sku;name;price;vat\nD-1;Cr\x8ame br\x96l\x82e;1,00;21\nD-2;Stra\xe1e;1,00;21\n";
    must_refuse(&import(&shop, dos), &[]);
    must_be(&shop, "D-1", "Crème brûlée", 100, &[]);
    must_be(&shop, "D-2", "Straße", 100, &[]);
    // One row that could be two.
    must_refuse(&import(&shop, b"sku;name;price;vat\nD-3;Cr\x8ame;1,00;21\nD-4;Plain;1,00;21\n"), &[(2, "UTF-8")]);
}

#[test]
fn numbers_of_web_shops_and_spreadsheets_are_exact_or_refused() {
    let shop = Shop::open();
    must_refuse(&import(&shop, file("13z-trailing-zeros.csv").as_bytes()), &[(4, "28.925620")]);
    must_be(&shop, "Z1", "Prix à quatre décimales", 1_999, &[]);
    must_be(&shop, "Z2", "Prix à cinq", 1_250, &[]);
    let numbers = import(&shop, file("16-spreadsheet-numbers.csv").as_bytes());
    must_refuse(&numbers, &[(2, "8.9012E+12"), (4, "5400000000003.0"), (5, "5.40E12")]);
    must_be(&shop, "220E01BE", "Good row", 100, &[]);
}

#[test]
fn barcodes_are_what_they_show() {
    let shop = Shop::open();
    must_refuse(&import(&shop, file("23b-barcodes-with-hidden-characters.csv").as_bytes()), &[]);
    for (sku, codes) in [
        ("T-2351", &["5499000023518"][..]),
        ("T-2354", &["5499000023549"]),
        ("T-2356", &["5499000023563"]),
        ("T-2359", &["5499000023594", "5499000235911"]),
        ("T-2364", &[]),
        ("T-2366", &[]),
    ] {
        must_be(&shop, sku, "Good row", 100, codes);
    }
    let sold = shop.sell(&["5499000235911", "5 499000 023549"]);
    let skus: Vec<&str> = sold["lines"].as_array().unwrap().iter().map(|line| line["sku"].as_str().unwrap()).collect();
    assert_eq!(skus, ["T-2359", "T-2354"]);
}

#[test]
fn a_gs1_code_sells_its_article() {
    let shop = Shop::open();
    import(&shop, b"sku,name,barcodes,price,vat\nG-1,Yoghurt,5400000002649,1.00,6\n");
    for code in [
        "0105400000002649",
        "(01)05400000002649(17)261231(10)AB1",
        "]C10105400000002649172612311\u{30}AB1",
        "]d2010540000000264910AB1\u{1d}17261231",
        "\u{1d}0105400000002649\u{1d}21X",
        "https://id.example/01/05400000002649/10/AB1",
        "0105400000002649:2",
        "05400000002649",
    ] {
        assert_eq!(shop.sell(&[code])["lines"][0]["sku"], "G-1", "{code:?}");
    }
    let answers = shop.sell_all(&[json!({
        "operator": OPERATOR, "pin": PIN,
        "items": [{"item": "(01)05400000002649(10)AB1", "qty": "2"}], "tenders": [{"cash": "2.00"}],
    })]);
    assert_eq!(answers[0]["lines"][0]["sku"], "G-1", "{answers:?}");
    must_agree(&shop.database());
}

/// Cells that a spreadsheet would run, however it parts the lines.
fn formulas(file: &str) -> Vec<&str> {
    let cells = file.split(['\n', ',', ';']).map(|cell| cell.trim_start_matches(['"', ' ']));
    let runs = |cell: &&str| cell.starts_with(['=', '+', '@', '\t', '\r']) && !cell.starts_with("\r");
    let minus =
        |cell: &&str| cell.strip_prefix('-').is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    cells.filter(|cell| runs(cell) || minus(cell)).collect()
}

#[test]
fn formulas_are_names_and_run_in_no_spreadsheet() {
    let shop = Shop::open();
    let settings = shop.data.join("aurapos.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{text}\n[[events]]\nname = \"sales\"\nuse = \"sales-csv\"\n")).unwrap();
    let report = import(&shop, file("41-formulas.csv").as_bytes());
    must_refuse(&report, &[]);
    must_be(&shop, "T-4101", "=HYPERLINK(\"http://evil.example\",\"click\")", 100, &[]);
    must_be(&shop, "T-4104", "-20 % sticker", 100, &[]);
    must_be(&shop, "=1+1", "Good row", 100, &[]);
    shop.sell(&["T-4101", "T-4102", "T-4103", "T-4104", "T-4105", "=1+1"]);
    let exported = |what: &str| {
        let file = shop.data.with_file_name(format!("{what}.csv"));
        shop.ok(&["export", what, file.to_str().unwrap()]);
        fs::read_to_string(file).unwrap()
    };
    let products = exported("products");
    let told = fs::read_to_string(shop.data.join("Events/sales.csv")).unwrap();
    for file in [&products, &exported("sales"), &exported("journal"), &exported("stock"), &told] {
        assert_eq!(formulas(file), Vec::<&str>::new(), "{file}");
    }
    assert!(told.contains("'=1+1") && told.contains("'@home mug"), "{told}");
    let again = import(&shop, products.as_bytes());
    assert_eq!((&again["added"], &again["updated"], &again["rejected"]), (&json!(0), &json!(0), &json!([])), "{again}");
    must_agree(&shop.database());
}

/// Columns of a line: the letters of this test, not Unicode.
fn columns(line: &str) -> usize {
    let wide = |letter: char| matches!(letter, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}');
    let none =
        |letter: char| matches!(letter, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}');
    line.chars().map(|letter| if none(letter) { 0 } else { 1 + usize::from(wide(letter)) }).sum()
}

#[test]
fn wide_letters_stay_on_the_paper() {
    let shop = Shop::open();
    let settings = shop.data.join("aurapos.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let printer = "[[printer]]\nname = \"receipts\"\nuse = \"file-printer\"\nconfig = { columns = 32 }\n";
    fs::write(&settings, format!("{text}\n{printer}")).unwrap();
    let list = "sku,name,price,vat\nW-1,緑茶 玉露 宇治 特選 煎茶 詰め合わせ 五十グラム,12.00,6\n\
        W-2,🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵,3.50,21\nW-3,녹차 세트 👩\u{200d}🌾 The\u{301} noir,7.25,21\n";
    must_refuse(&import(&shop, list.as_bytes()), &[]);
    shop.sell(&["W-1:3", "W-2", "W-3"]);
    let printed: Vec<PathBuf> =
        fs::read_dir(shop.data.join("Printed")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let receipt = fs::read_to_string(printed.first().unwrap()).unwrap();
    assert!(receipt.contains("緑茶") && receipt.contains('🍵') && receipt.contains("녹차"), "{receipt}");
    for line in receipt.lines() {
        assert!(columns(line) <= 32, "{line:?} takes {} columns\n{receipt}", columns(line));
    }
    // The amounts stand below each other at the edge.
    assert!(receipt.lines().filter(|line| line.ends_with(['A', 'B'])).all(|line| columns(line) == 32), "{receipt}");
}

/// A list of another part of the world, its encoding and its names.
type Foreign = (&'static str, &'static [u8], &'static [&'static str]);

/// They would come in as words of Western Europe, without an error and wrong.
#[test]
fn code_pages_of_elsewhere_are_refused_by_name_until_somebody_says_them() {
    let lists: [Foreign; 4] = [
        ("windows-1250", b"sku;name;price;vat\nwindows-1250-0;\x8elu\x9dou\xe8k\xfd s\xfdr;1,00;21\nwindows-1250-1;Ku\xf8ec\xed \xf8\xedzek;1,00;21\nwindows-1250-2;M\xe1slo \xe8erstv\xe9;1,00;21\nwindows-1250-3;Vejce \xe8erstv\xe1;1,00;21\n", &["Žluťoučký sýr", "Kuřecí řízek", "Máslo čerstvé", "Vejce čerstvá"]),
        ("windows-1251", b"sku;name;price;vat\nwindows-1251-0;\xd5\xeb\xe5\xe1 \xf0\xe6\xe0\xed\xee\xe9;1,00;21\nwindows-1251-1;\xcc\xee\xeb\xee\xea\xee;1,00;21\nwindows-1251-2;\xd1\xfb\xf0 \xf0\xee\xf1\xf1\xe8\xe9\xf1\xea\xe8\xe9;1,00;21\nwindows-1251-3;\xd7\xe0\xe9;1,00;21\n", &["Хлеб ржаной", "Молоко", "Сыр российский", "Чай"]),
        ("windows-1254", b"sku;name;price;vat\nwindows-1254-0;\xdeeker;1,00;21\nwindows-1254-1;\xc7ay barda\xf0\xfd;1,00;21\nwindows-1254-2;Ekmek k\xfdzartma;1,00;21\nwindows-1254-3;Yo\xf0urt;1,00;21\nwindows-1254-4;Zeytinya\xf0\xfd;1,00;21\nwindows-1254-5;S\xfd\xf0\xfdr eti;1,00;21\n", &["Şeker", "Çay bardağı", "Ekmek kızartma", "Yoğurt", "Zeytinyağı", "Sığır eti"]),
        ("shift-jis", b"sku;name;price;vat\nshift-jis-0;\x82\xe8\x82\xf1\x82\xb2\x83W\x83\x85\x81[\x83X;1,00;21\nshift-jis-1;\x90H\x83p\x83\x93;1,00;21\nshift-jis-2;\x8b\x8d\x93\xfb;1,00;21\nshift-jis-3;\x8f\xdd\x96\xfb;1,00;21\n", &["りんごジュース", "食パン", "牛乳", "醤油"]),
    ];
    let shop = Shop::open();
    for (encoding, content, names) in lists {
        let file = put(&shop, content);
        let refusal = shop.refused(&["import", "products", file.to_str().unwrap()]);
        let said = refusal.message.to_lowercase().replace('_', "-");
        assert!(refusal.code == "AP-6001" && said.contains(encoding), "{encoding}: {refusal:?}");
        assert!(refusal.next.contains("--encoding"), "{encoding}: {refusal:?}");
        let told = shop.ok(&["import", "products", file.to_str().unwrap(), "--encoding", encoding]);
        assert_eq!((&told["added"], &told["rejected_count"]), (&json!(names.len()), &json!(0)), "{told}");
        for (number, name) in names.iter().enumerate() {
            let query = format!("SELECT name FROM product WHERE sku = '{encoding}-{number}'");
            assert_eq!(sql(&shop.database(), &query)[0]["name"], *name, "{encoding}");
        }
    }
    let file = put(&shop, b"sku;name;price;vat\nK-1;Klingon;1,00;21\n");
    assert_eq!(shop.misused(&["import", "products", file.to_str().unwrap(), "--encoding", "klingon"]).code, "AP-0001");
}
