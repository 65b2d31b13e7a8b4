//! A shop from nothing to a day's sales, through the built programs alone; every sum computed again by `sqlite3`.
#![allow(clippy::unwrap_used)]

use aurapos_tests::books::{Sums, hundredths, must_agree, number, sql};
use aurapos_tests::customers::Customers;
use aurapos_tests::shop::{OPERATOR, PIN, Refusal, Shop, run};
use serde_json::{Value, json};

/// Products of the catalog that is imported.
const PRODUCTS: u64 = 10_000;
/// Sales of the day.
const SALES: usize = 1_000;

fn catalog(shop: &Shop) -> String {
    let file = shop.data.with_file_name("catalog.csv");
    aurapos_sample::write_csv(PRODUCTS, 42, &mut std::fs::File::create(&file).unwrap()).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn ten_thousand_products_and_a_thousand_sales_add_up_in_plain_sql() {
    let shop = Shop::on_disk();
    let file = catalog(&shop);
    let dry = shop.ok(&["import", "products", &file, "--dry-run"]);
    assert_eq!((&dry["added"], &dry["dry_run"]), (&json!(PRODUCTS), &json!(true)));
    let before = number(&shop.database(), "SELECT count(*) FROM product");
    let first = shop.ok(&["import", "products", &file]);
    assert_eq!((&first["added"], &first["rejected"]), (&json!(PRODUCTS), &json!([])), "{first}");
    let again = shop.ok(&["import", "products", &file]);
    assert_eq!((&again["added"], &again["unchanged"]), (&json!(0), &json!(PRODUCTS)), "{again}");
    assert_eq!(number(&shop.database(), "SELECT count(*) FROM product"), before + PRODUCTS as i64);

    let lines = Customers::new(1, PRODUCTS).sales(SALES);
    let mut answers = shop.sell_all(&lines);
    for (line, answer) in lines.iter().zip(&answers) {
        assert_eq!((&answer["sale_id"], &answer["repeated"]), (&line["id"], &json!(false)), "{answer}");
    }
    let numbers: Vec<String> = (1..=SALES).map(|counter| format!("R1-1-{counter:06}")).collect();
    assert_eq!(answers.iter().map(|sale| sale["receipt_no"].as_str().unwrap()).collect::<Vec<_>>(), numbers);
    answers.push(refund(&shop, &answers));

    let told = Sums::told(&answers);
    assert!(told.rounding != 0 && told.change > 0 && told.vat.len() == 3, "the day has everything: {told:?}");
    assert_eq!(Sums::in_database(&shop.database()), told);
    must_agree(&shop.database());
    let found = shop.verify();
    assert_eq!(found["sales"], json!(SALES + 1));
    listed_and_shown(&shop, &answers);
    let blind = shop.ok(&["drawer", "status"]);
    assert_eq!((&blind["open"], &blind["expected"], &blind["tenders"]), (&json!(true), &Value::Null, &Value::Null));
    let drawer = shop.ok(&["drawer", "status", "--operator", OPERATOR, "--pin", PIN]);
    let cash = told.tenders["cash"].0;
    assert_eq!((hundredths(&drawer["expected"]), hundredths(&drawer["tenders"]["cash"])), (10_000 + cash, cash));
}

/// Takes one line of the first sale back, and no more than there was.
fn refund(shop: &Shop, answers: &[Value]) -> Value {
    let receipt = answers[0]["receipt_no"].as_str().unwrap();
    let quantity = format!("1:{}", answers[0]["lines"][0]["quantity"].as_str().unwrap());
    let args =
        ["refund", "--operator", OPERATOR, "--pin", PIN, "--receipt", receipt, "--line", &quantity, "--tender", "cash"];
    let back = shop.ok(&args);
    assert_eq!((&back["kind"], &back["origin"]), (&json!("refund"), &json!(receipt)));
    assert_eq!(hundredths(&back["total"]), -hundredths(&answers[0]["lines"][0]["total"]));
    assert_eq!(shop.refused(&args).code, "AP-2006");
    back
}

fn listed_and_shown(shop: &Shop, answers: &[Value]) {
    let last = answers.last().unwrap();
    let listed = shop.ok(&["sales", "list", "--limit", "5000"]);
    let listed = listed["sales"].as_array().unwrap();
    assert_eq!(listed.len(), answers.len());
    assert_eq!(listed[0]["receipt_no"], last["receipt_no"], "newest first");
    for (row, answer) in listed.iter().zip(answers.iter().rev()) {
        for key in ["receipt_no", "sale_id", "total", "time", "operator"] {
            assert_eq!(row[key], answer[key]);
        }
        assert_eq!(row["register"], "R1");
    }
    assert_eq!(shop.ok(&["sales", "list", "--limit", "3"])["sales"].as_array().unwrap().len(), 3);
    for answer in [&answers[0], &answers[SALES / 2], last] {
        let mut shown = shop.ok(&["sales", "show", answer["receipt_no"].as_str().unwrap()]);
        shown["repeated"] = json!(false);
        assert_eq!(&shown, answer);
    }
}

#[test]
fn a_repeated_line_answers_with_the_first_result_and_sells_nothing() {
    let shop = Shop::open();
    let lines = Customers::new(2, 0).sales(3);
    let first = shop.sell_all(&lines);
    let mut changed = lines[1].clone();
    changed["items"] = json!([{"item": "EAU-001", "qty": "9"}]);
    // In one life and in the next one, the same and with another content: the id decides.
    let again = shop.sell_all(&[lines[2].clone(), lines[0].clone(), lines[0].clone(), changed]);
    for (again, first) in again.iter().zip([&first[2], &first[0], &first[0], &first[1]]) {
        let mut expected = first.clone();
        expected["repeated"] = json!(true);
        assert_eq!(again, &expected);
    }
    assert_eq!(Sums::in_database(&shop.database()), Sums::told(&first));
    must_agree(&shop.database());
    let id = lines[0]["id"].as_str().unwrap();
    let args = ["--item", "EAU-001", "--tender", "cash", "--id", id];
    let single = shop.ok(&[&["sell", "--operator", OPERATOR, "--pin", PIN][..], &args].concat());
    assert_eq!((&single["receipt_no"], &single["repeated"]), (&first[0]["receipt_no"], &json!(true)));
}

#[test]
fn refused_lines_are_told_and_the_script_goes_on() {
    let shop = Shop::open();
    let good = |change: Value| {
        let mut line =
            json!({"operator": OPERATOR, "pin": PIN, "items": [{"item": "EAU-001"}], "tenders": [{"cash": null}]});
        change.as_object().unwrap().iter().for_each(|(key, value)| line[key] = value.clone());
        line
    };
    let refusals = [
        (good(json!({"items": [{"item": "nothing like it"}]})), "AP-2001"),
        (good(json!({"items": []})), "AP-2003"),
        (good(json!({"items": [{"item": "EAU-001", "qty": "0"}]})), "AP-2002"),
        (good(json!({"tenders": [{"cash": "0.01"}]})), "AP-3002"),
        (good(json!({"tenders": [{"barter": null}]})), "AP-3001"),
        (good(json!({"pin": "1111"})), "AP-5003"),
        (good(json!({"operator": "Nobody"})), "AP-5003"),
        (good(json!({"price": "1.00"})), "AP-0001"),
        (good(json!({"id": "no uuid"})), "AP-0001"),
        (json!(["not", "a", "sale"]), "AP-0001"),
    ];
    let mut lines = Vec::new();
    for (bad, _) in &refusals {
        lines.extend([bad.clone(), good(json!({}))]);
    }
    let answers = shop.sell_all(&lines);
    for (pair, (bad, code)) in answers.chunks(2).zip(&refusals) {
        assert_eq!(Refusal::of(&pair[0]).code, *code, "{bad}: {}", pair[0]);
        assert!(pair[1]["receipt_no"].is_string(), "{}", pair[1]);
    }
    let sums = Sums::told(&answers);
    assert_eq!(sums.receipts.len(), refusals.len());
    assert_eq!(Sums::in_database(&shop.database()), sums);
    must_agree(&shop.database());
}

#[test]
fn the_answers_have_the_fields_that_scripts_rely_on() {
    let shop = Shop::nowhere();
    assert_eq!(shop.refused(&["status"]).code, "AP-1001");
    shop.set_up();
    assert_eq!(shop.refused(&["init", "--shop", "Again", "--manager", "Ben", "--pin", "2580"]).code, "AP-1002");
    let sale = shop.sell(&["EAU-001:2", "FRUIT-001:0.5"]);
    let receipt = sale["receipt_no"].as_str().unwrap().to_owned();
    shop.ok(&["backup", "now"]);
    let csv = shop.data.with_file_name("out.csv");
    let csv = csv.to_str().unwrap();
    let answers: &[(&[&str], &[&str])] = &[
        (&["status"], &["shop", "register", "mode", "epoch", "queue", "last_backup", "plugins"]),
        (&["doctor"], &["checks"]),
        (&["sales", "list"], &["sales"]),
        (
            &["sales", "show", &receipt],
            &["sale_id", "receipt_no", "total", "rounding", "change", "vat", "lines", "tenders"],
        ),
        (&["drawer", "status"], &["open", "expected", "number", "tenders"]),
        (&["journal", "verify"], &["entries", "ok", "first_bad"]),
        (&["backup", "list"], &["backups"]),
        (&["backup", "run", "--trigger", "tick"], &["backups"]),
        (&["plugin", "list"], &["plugins"]),
        (&["operator", "list"], &["operators"]),
        (&["settings", "list"], &["settings"]),
        (&["export", "products", csv], &["rows"]),
        (&["export", "sales", csv, "--force"], &["rows"]),
    ];
    for (args, fields) in answers {
        let answer = shop.ok(args);
        for field in *fields {
            assert!(answer.get(field).is_some(), "{args:?} has no {field}: {answer}");
        }
    }
    let fields = |list: &Value, wanted: &[&str]| {
        let first = &list[0];
        wanted.iter().for_each(|field| assert!(first.get(field).is_some(), "no {field}: {first}"));
    };
    fields(&shop.ok(&["backup", "list"])["backups"], &["name", "kind", "time", "bytes", "path", "verified", "sales"]);
    fields(&shop.ok(&["sales", "list"])["sales"], &["receipt_no", "sale_id", "time", "register", "operator", "total"]);
    fields(&shop.ok(&["doctor"])["checks"], &["name", "ok", "message", "next"]);
    fields(
        &shop.ok(&["plugin", "list"])["plugins"],
        &["id", "version", "kinds", "state", "isolation", "path", "code", "reason"],
    );
    fields(&sale["vat"], &["rate", "base", "amount"]);
}

#[test]
fn wrong_usage_is_told_apart_from_a_refusal() {
    let shop = Shop::open();
    let misused: &[&[&str]] = &[
        &["sell", "--item", "EAU-001"],
        &["sell", "--item", "EAU-001:1:2:3", "--tender", "cash", "--operator", OPERATOR, "--pin", PIN],
        &["sell", "--item", "EAU-001", "--tender", "cash=12,345.00", "--operator", OPERATOR, "--pin", PIN],
        &["sell", "--item", "EAU-001", "--tender", "cash"],
        &["no-such-command"],
        &["backup", "restore", "whatever.db"],
        &["sales", "list", "--from", "yesterday"],
    ];
    for args in misused {
        assert_eq!(shop.misused(args).code, "AP-0001", "{args:?}");
    }
    assert_eq!(shop.refused(&["sales", "show", "R1-1-000042"]).code, "AP-2005");
    assert_eq!(shop.refused(&["backup", "verify", "no-such-backup.db"]).code, "AP-0402");
    assert_eq!(sql(&shop.database(), "SELECT 1 FROM sale"), Vec::<Value>::new());
    // In words: the same code, no JSON.
    let mut command = std::process::Command::new(aurapos_tests::shop::programs().join("aurapos-admin"));
    let said = run(command.arg("--data").arg(&shop.data).args(["sales", "show", "R1-1-000042"]), b"");
    assert_eq!((said.status.code(), said.out.as_str()), (Some(1), ""));
    assert!(said.err.starts_with("AP-2005: "), "{}", said.err);
}

#[test]
fn a_wrong_word_about_the_storage_is_told_with_the_way_to_say_it_right() {
    let shop = Shop::nowhere();
    let storage = ["--storage", "sqlite", "--storage-setting", "colour=blue"];
    let refused =
        shop.refused(&[&["init", "--shop", "Épicerie", "--manager", "Mia", "--pin", "4711"], &storage[..]].concat());
    assert_eq!(refused.code, "P-129");
    assert!(refused.message.contains("colour") && refused.next.contains("--storage-setting"), "{refused:?}");
    assert!(!shop.data.join("AuraPOS.db").exists());
}
