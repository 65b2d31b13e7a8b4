//! The command line's own rules: what is refused before anything is done, what a script is told, what is said when the
//! answer cannot be written.
#![allow(clippy::unwrap_used)]

use aurapos_tests::shop::{OPERATOR, PIN, Refusal, Said, Shop, one_document, programs, run};
use serde_json::{Value, json};
use std::fs::{self, File, OpenOptions};
use std::process::Command;

const SALE: [&str; 9] = ["sell", "--operator", OPERATOR, "--pin", PIN, "--item", "EAU-001", "--tender", "cash"];

/// In words, as a person calls it.
fn in_words(shop: &Shop, args: &[&str]) -> Said {
    let mut command = Command::new(programs().join("aurapos-admin"));
    command.env_remove("AURAPOS_DATA").env_remove("AURAPOS_PIN").arg("--data").arg(&shop.data).args(args);
    run(&mut command, b"")
}

/// The answers to a script, with their numbers.
fn script(shop: &Shop, text: &str) -> Vec<Value> {
    let said = run(&mut shop.command(&["sell", "--script", "-"]), text.as_bytes());
    assert_eq!((said.status.code(), said.err.as_str()), (Some(0), ""), "{said:?}");
    said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn line(change: Value) -> Value {
    let mut line =
        json!({"operator": OPERATOR, "pin": PIN, "items": [{"item": "EAU-001"}], "tenders": [{"cash": null}]});
    change.as_object().unwrap().iter().for_each(|(key, value)| line[key] = value.clone());
    line
}

#[test]
fn an_empty_name_is_no_backup() {
    let shop = Shop::open();
    let made = shop.ok(&["backup", "now"]);
    let dest = shop.data.with_file_name("copies");
    fs::create_dir(&dest).unwrap();
    for name in ["", " "] {
        let calls: [&[&str]; 4] = [
            &["backup", "delete", name, "--yes"],
            &["backup", "restore", name, "--yes"],
            &["backup", "verify", name],
            &["backup", "copy", name, dest.to_str().unwrap()],
        ];
        for args in calls {
            let refusal = shop.misused(args);
            assert!(refusal.code == "AP-0001" && refusal.says("empty"), "{args:?}: {refusal:?}");
        }
    }
    assert_eq!(shop.ok(&["backup", "list"])["backups"][0]["name"], made["backups"][0]["name"]);
    assert_eq!(fs::read_dir(&dest).unwrap().count(), 0);
    assert_eq!(shop.sell(&["EAU-001"])["receipt_no"], "R1-1-000001", "nothing was restored");
}

#[test]
fn an_export_overwrites_nothing_that_it_should_not() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let outside = shop.data.with_file_name("out.csv");
    let linked = shop.data.with_file_name("link.csv");
    std::os::unix::fs::symlink(shop.database(), &linked).unwrap();
    let before = fs::read(shop.database()).unwrap();
    let own = ["AuraPOS.db", "aurapos.toml", "register.token", "new.csv", "Backups/new.csv"];
    let own = own.map(|name| shop.data.join(name));
    fs::create_dir_all(shop.data.join("Backups")).unwrap();
    for file in own.iter().chain([&linked]) {
        let refusal = shop.refused(&["export", "products", file.to_str().unwrap(), "--force"]);
        assert!(refusal.code == "AP-0505" && refusal.says("register itself"), "{file:?}: {refusal:?}");
    }
    assert_eq!(fs::read(shop.database()).unwrap(), before);
    let csv = outside.to_str().unwrap();
    shop.ok(&["export", "products", csv]);
    let kept = fs::read(&outside).unwrap();
    let refusal = shop.refused(&["export", "sales", csv]);
    assert!(refusal.code == "AP-0505" && refusal.says("--force"), "{refusal:?}");
    assert_eq!(fs::read(&outside).unwrap(), kept);
    assert_eq!(shop.ok(&["export", "sales", csv, "--force"])["rows"], json!(1));
    assert_ne!(fs::read(&outside).unwrap(), kept);
    shop.ok(&["export", "sales", "/dev/null"]);
    assert!(!fs::metadata("/dev/null").unwrap().is_file(), "a device stays one");
}

#[test]
fn a_lockout_stops_the_lines_of_a_script_that_come_after_it() {
    let shop = Shop::open();
    shop.ok(&["operator", "add", "Cas", "--new-pin", "2580", "--operator", OPERATOR, "--pin", PIN]);
    let cas = |pin: &str| line(json!({"operator": "Cas", "pin": pin})).to_string();
    let mut lines = vec![cas("2580")];
    lines.extend((0..5).map(|_| cas("1111")));
    lines.extend([cas("2580"), line(json!({})).to_string()]);
    let answers = script(&shop, &lines.join("\n"));
    assert_eq!(answers[0]["receipt_no"], "R1-1-000001");
    let codes: Vec<_> = answers[1..7].iter().map(|answer| answer["error"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["AP-5003", "AP-5003", "AP-5003", "AP-5003", "AP-5004", "AP-5004"]);
    assert_eq!(answers[7]["receipt_no"], "R1-1-000002", "another operator goes on");
}

#[test]
fn every_answer_of_a_script_names_its_line() {
    let shop = Shop::open();
    let id = "0190c0de-0000-7000-8000-000000000001";
    let bad = line(json!({"id": id, "items": [{"item": "nothing like it"}]}));
    let text = format!("\u{feff}{}\n\n{bad}\nno JSON\n{}\n", line(json!({})), line(json!({})));
    let answers = script(&shop, &text);
    let lines: Vec<_> = answers.iter().map(|answer| answer["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 3, 4, 5], "blank lines count and are not answered");
    assert_eq!((&answers[0]["receipt_no"], &answers[3]["receipt_no"]), (&json!("R1-1-000001"), &json!("R1-1-000002")));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["code"]), (&json!(id), &json!("AP-2001")));
    assert_eq!((&answers[2]["id"], &answers[2]["error"]["code"]), (&Value::Null, &json!("AP-0001")));
}

/// Standard output is a full disk.
fn onto_a_full_disk(mut command: Command) -> Said {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let said = command.stdout(full).output().unwrap();
    Said { status: said.status, out: String::new(), err: String::from_utf8(said.stderr).unwrap() }
}

#[test]
fn a_sale_whose_answer_cannot_be_written_is_named() {
    let shop = Shop::open();
    let said = onto_a_full_disk(shop.command(&SALE));
    let refusal = Refusal::of(&one_document(&said.err));
    assert_eq!((said.status.code(), refusal.code.as_str()), (Some(1), "AP-0504"), "{refusal:?}");
    assert!(refusal.says("R1-1-000001 is stored, but the answer could not be written"), "{refusal:?}");
    let loan = ["drawer", "loan", "5.00", "--operator", OPERATOR, "--pin", PIN];
    let refusal = Refusal::of(&one_document(&onto_a_full_disk(shop.command(&loan)).err));
    assert!(refusal.says("it is done, but") && refusal.says("Don't do it again"), "{refusal:?}");
    let refusal = Refusal::of(&one_document(&onto_a_full_disk(shop.command(&["status"])).err));
    assert!(refusal.code == "AP-0504" && refusal.says("ask again"), "{refusal:?}");
    let file = shop.data.with_file_name("sales.jsonl");
    fs::write(&file, format!("{0}\n{0}\n", line(json!({})))).unwrap();
    let said = onto_a_full_disk(shop.command(&["sell", "--script", file.to_str().unwrap()]));
    let refusal = Refusal::of(&one_document(&said.err));
    assert!(
        said.status.code() == Some(1) && refusal.says("line 1") && refusal.says("R1-1-000002 is stored"),
        "{refusal:?}"
    );
    // The reader of a script went away: what was not sold is not sold.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = shop.command(&["sell", "--script", file.to_str().unwrap()]);
    let said = command.stdout(writer).output().unwrap();
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert_eq!(shop.ok(&["sales", "list"])["sales"].as_array().unwrap().len(), 3);
    for (limit, shown, more) in [("1", 1, true), ("3", 3, false), ("0", 3, false), ("100000", 3, false)] {
        let list = shop.ok(&["sales", "list", "--limit", limit]);
        assert_eq!((list["sales"].as_array().unwrap().len(), &list["more"]), (shown, &json!(more)), "--limit {limit}");
    }
    assert!(in_words(&shop, &["sales", "list", "--limit", "2"]).out.contains("There are older ones"));
    // Of an export it just had enough.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let said = shop.command(&["export", "products", "-"]).stdout(writer).output().unwrap();
    assert_eq!((said.status.code(), said.stderr.as_slice()), (Some(0), &b""[..]), "{said:?}");
}

#[test]
fn a_receipt_in_words_shows_what_was_taken_off_and_what_came_back() {
    let shop = Shop::open();
    let sale =
        [&SALE[..], &["--discount", "10%", "--customer-vat", "BE0123456749", "--note", "for the party"]].concat();
    let sold = in_words(&shop, &sale).out;
    for words in ["Subtotal", "Discount", "BE0123456749", "for the party"] {
        assert!(sold.contains(words), "{words}: {sold}");
    }
    let refund = ["refund", "--operator", OPERATOR, "--pin", PIN, "--receipt", "R1-1-000001", "--tender", "cash"];
    let signed = [&refund[..8], &["cash=-0.65"]].concat();
    assert!(shop.misused(&signed).says("no sign"), "that money goes out is said already");
    let back = in_words(&shop, &refund).out;
    assert!(back.contains("REFUND of R1-1-000001") && back.contains("Paid back cash"), "{back}");
    let list = in_words(&shop, &["sales", "list"]).out;
    let marked: Vec<bool> = list.lines().skip(1).map(|line| line.ends_with("refund")).collect();
    assert_eq!(marked, [true, false], "{list}");
}

#[test]
fn people_come_back_and_get_other_roles() {
    let shop = Shop::open();
    let by = ["--operator", OPERATOR, "--pin", PIN];
    let operator = |args: &[&str]| shop.ok(&[&["operator"][..], args, &by].concat())["operator"].clone();
    operator(&["add", "Ben", "--new-pin", "2580"]);
    operator(&["disable", "Ben"]);
    let reset = in_words(&shop, &[&["operator", "reset-pin", "Ben", "--new-pin", "1470"][..], &by].concat());
    assert!(reset.out.contains("stays disabled"), "{reset:?}");
    assert_eq!(operator(&["enable", "Ben"])["active"], json!(true));
    assert_eq!(operator(&["set-role", "Ben", "manager"])["role"], "manager");
    shop.ok(&["operator", "set-role", OPERATOR, "cashier", "--operator", "Ben", "--pin", "1470"]);
    assert_eq!(shop.refused(&[&["operator", "disable", "Ben"][..], &by].concat()).code, "AP-5002");
}

#[test]
fn a_shop_makes_its_own_roles() {
    let shop = Shop::open();
    let by = ["--operator", OPERATOR, "--pin", PIN];
    let role = |args: &[&str]| shop.ok(&[&["operator", "role"][..], args, &by].concat())["role"].clone();
    let made = role(&["set", "shift", "--name", "Shift lead", "--allow", "sell,reprint,manage_operators"]);
    assert_eq!(made["allow"], json!(["sell", "reprint", "manage_operators"]));
    shop.ok(&[&["operator", "add", "Ben", "--role", "shift", "--new-pin", "2580"][..], &by].concat());
    let ben = ["--operator", "Ben", "--pin", "2580"];
    let sell = ["sell", "--item", "EAU-001", "--tender", "cash", "--discount", "10%"];
    assert_eq!(shop.refused(&[&sell[..], &ben].concat()).code, "AP-5002");
    assert_eq!(role(&["set", "shift", "--allow", "discount", "--deny", "reprint"])["name"], "Shift lead");
    shop.ok(&[&sell[..], &ben].concat());
    // Nobody gives what they have not, nobody becomes what they are not.
    let refund = [&["operator", "role", "set", "shift", "--allow", "refund"][..], &ben].concat();
    let refused = shop.refused(&refund);
    assert!(refused.code == "AP-5002" && refused.says("refund"), "{refused:?}");
    assert_eq!(shop.refused(&[&["operator", "set-role", "Ben", "manager"][..], &ben].concat()).code, "AP-5002");
    assert_eq!(shop.refused(&[&["operator", "role", "remove", "shift"][..], &by].concat()).code, "AP-5012");
    assert_eq!(
        shop.refused(&[&["operator", "role", "set", "manager", "--deny", "sell"][..], &by].concat()).code,
        "AP-5011"
    );
    assert_eq!(shop.refused(&[&["operator", "set-role", "Ben", "boss"][..], &by].concat()).code, "AP-5010");
    assert!(shop.misused(&[&["operator", "role", "set", "shift", "--allow", "fly"][..], &by].concat()).says("fly"));
    let roles = shop.ok(&["operator", "roles"])["roles"].clone();
    let listed: Vec<_> = roles.as_array().unwrap().iter().map(|role| (&role["code"], &role["origin"])).collect();
    let own = (&json!("shift"), &json!("own"));
    assert_eq!(listed, [(&json!("manager"), &json!("built_in")), (&json!("cashier"), &json!("built_in")), own]);
    assert_eq!(roles[2]["operators"], json!(["Ben"]));
    let words = in_words(&shop, &["operator", "roles"]).out;
    assert!(
        words.contains("everything") && words.contains("Shift lead") && words.contains("discount, manage_operators")
    );
    shop.ok(&[&["operator", "set-role", "Ben", "cashier"][..], &by].concat());
    assert_eq!(role(&["remove", "shift"]), json!(null));
    assert!(in_words(&shop, &["operator", "role", "set", "--help"]).out.contains("Take goods back"));
}

#[test]
fn a_code_with_colons_is_sold() {
    let shop = Shop::open();
    let file = shop.data.with_file_name("catalog.csv");
    fs::write(&file, "sku,name,price,vat\nA:1,Odd,2.00,21\n").unwrap();
    assert_eq!(shop.ok(&["import", "products", file.to_str().unwrap()])["added"], json!(1));
    let sold = shop.sell(&["A:1", "A:1:3", "EAU-001:2"]);
    let lines: Vec<_> =
        sold["lines"].as_array().unwrap().iter().map(|line| (&line["sku"], &line["quantity"])).collect();
    let one = |sku: &str, quantity: &str| (json!(sku), json!(quantity));
    let expected = [one("A:1", "4"), one("EAU-001", "2")];
    assert_eq!(lines, expected.each_ref().map(|(sku, quantity)| (sku, quantity)));
}

#[test]
fn a_way_to_pay_that_is_switched_off_is_named_and_comes_back() {
    let shop = Shop::open();
    shop.ok(&["plugin", "disable", "cash"]);
    let refusal = shop.refused(&SALE);
    assert!(
        refusal.code == "AP-3001" && refusal.says("switched off") && refusal.says("plugin enable cash"),
        "{refusal:?}"
    );
    shop.ok(&["plugin", "enable", "cash"]);
    shop.sell(&["EAU-001"]);
    // A plugin that is gone can still be turned off in the settings.
    let settings = shop.data.join("aurapos.toml");
    let text = fs::read_to_string(&settings).unwrap() + "\n[[payment]]\nname = \"mycash\"\nuse = \"gone\"\n";
    fs::write(&settings, text).unwrap();
    let listed = shop.ok(&["plugin", "list"]);
    assert_eq!((&listed["problems"][0]["name"], listed["plugins"][0]["in_use"].is_boolean()), (&json!("mycash"), true));
    assert_eq!(shop.ok(&["status"])["problems"][0]["code"], "P-100");
    assert!(shop.refused(&["plugin", "disable", "mycash"]).says("`gone`"));
    shop.ok(&["plugin", "disable", "gone"]);
    assert_eq!(shop.ok(&["plugin", "list"])["problems"], json!([]));
}

#[test]
fn wrong_usage_says_what_is_missing_and_where_the_help_is() {
    let shop = Shop::nowhere();
    let missing = shop.misused(&["sell", "--operator", OPERATOR]);
    assert!(
        missing.says("--item") && missing.says("--tender") && missing.next == "See `aurapos-admin sell --help`.",
        "{missing:?}"
    );
    let kinds = shop.misused(&["backup", "now", "--kind", "hourly"]);
    assert!(kinds.says("daily") && kinds.says("weekly") && kinds.says("backup now --help"), "{kinds:?}");
    // An empty variable is one that is not set.
    let mut command = Command::new(programs().join("aurapos-admin"));
    let home = shop.data.parent().unwrap();
    let said = run(command.env("AURAPOS_DATA", "").env("XDG_DATA_HOME", home).args(["--json", "status"]), b"");
    let refusal = Refusal::of(&one_document(&said.err));
    assert!(refusal.code == "AP-1001" && refusal.says(home.join("AuraPOS").to_str().unwrap()), "{refusal:?}");
    assert!(File::open(home.join("AuraPOS")).is_err(), "nothing was made");
}

#[test]
fn doctor_tells_a_thing_once() {
    let shop = Shop::nowhere();
    let told = |checks: &Value| -> Vec<(String, bool)> {
        let checks = checks["checks"].as_array().unwrap().iter();
        let name = |check: &Value| check["name"].as_str().unwrap().to_owned();
        checks.map(|check| (name(check), check["message"].as_str().unwrap().contains("AP-"))).collect()
    };
    assert_eq!(told(&shop.found_bad(&["doctor"])), [("folder".to_owned(), true)], "there is no shop, and nothing else");
    shop.set_up();
    fs::write(shop.data.join("aurapos.toml"), "[register\n").unwrap();
    let checks = shop.found_bad(&["doctor"]);
    let named: Vec<String> = told(&checks).into_iter().filter(|(_, code)| *code).map(|(name, _)| name).collect();
    assert_eq!(named, ["settings"], "{checks}");
}

/// What an `init --sample-data` that was killed half-way did not do can be done afterwards, and again.
#[test]
fn the_sample_catalog_comes_in_later_too() {
    let shop = Shop::nowhere();
    shop.ok(&["init", "--shop", "Coin", "--manager", "Mia", "--pin", "4711"]);
    assert_eq!(shop.ok(&["import", "products", "--sample"])["added"], json!(278));
    assert_eq!(shop.ok(&["import", "products", "--sample"])["unchanged"], json!(278));
    shop.misused(&["import", "products"]);
    shop.misused(&["import", "products", "x.csv", "--sample"]);
}

#[test]
fn sales_are_listed_and_exported_by_business_day() {
    let shop = Shop::open();
    let sold = shop.sell(&["EAU-001", "BOUL-001"]);
    let list = shop.ok(&["sales", "list"])["sales"].clone();
    let day = list[0]["business_day"].as_str().unwrap().to_owned();
    let count = |args: &[&str]| shop.ok(args)["sales"].as_array().unwrap().len();
    assert_eq!(count(&["sales", "list", "--day", &day]), 1);
    assert_eq!(count(&["sales", "list", "--from", &day, "--to", &day]), 1);
    assert_eq!(count(&["sales", "list", "--day", "2026-01-02"]), 0);
    assert_eq!(shop.misused(&["sales", "list", "--day", "yesterday"]).code, "AP-0001");
    let text = in_words(&shop, &["sales", "list"]).out;
    assert!(text.contains(&day), "{text}");

    let export = |args: &[&str]| in_words(&shop, &[&["export", "sales", "-"], args].concat()).out;
    let file = export(&["--day", &day]);
    let headings: Vec<&str> = file.lines().next().unwrap().split(',').collect();
    let sum = |column: &str| -> i64 {
        // From the end: names have commas of their own.
        let place = headings.iter().rev().position(|heading| *heading == column).unwrap();
        let cells = file.lines().skip(1).map(|line| line.rsplit(',').nth(place).unwrap().replace('.', ""));
        cells.filter(|cell| !cell.is_empty()).map(|cell| cell.parse::<i64>().unwrap()).sum()
    };
    let minor = |text: &Value| text.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let of_receipt = |name: &str| sold["vat"].as_array().unwrap().iter().map(|vat| minor(&vat[name])).sum::<i64>();
    assert_eq!((sum("vat_base"), sum("vat_amount")), (of_receipt("base"), of_receipt("amount")), "{file}");
    assert_eq!(sum("total"), minor(&sold["total"]), "{file}");
    assert_eq!(export(&["--day", "2026-01-02"]).lines().count(), 1);
    for what in ["products", "stock"] {
        assert_eq!(shop.misused(&["export", what, "-", "--day", &day]).code, "AP-0001", "{what}");
    }
    // The journal has no business day: before five in the morning it is another one than the calendar's.
    let today = &list[0]["time"].as_str().unwrap()[..10];
    assert!(in_words(&shop, &["export", "journal", "-", "--day", today]).out.lines().count() > 3);
}

#[test]
fn an_import_of_which_nothing_came_in_failed() {
    let shop = Shop::open();
    let import = |text: &str, options: &[&str]| {
        let file = shop.data.with_file_name("list.csv");
        fs::write(&file, text).unwrap();
        let said = shop.run(&[&["import", "products", file.to_str().unwrap()], options].concat());
        (said.status.code().unwrap(), one_document(&said.out))
    };
    let bad = "sku,name,price,vat\n1,,1.00,6\n2,Two,x,6\n";
    for options in [&[][..], &["--dry-run"]] {
        let (code, told) = import(bad, options);
        assert!(code == 1 && told["rejected_count"] == 2 && told["added"] == 0, "{code} {told}");
    }
    let mixed = "sku,name,price,vat\n1,,1.00,6\nN-2,Two,1.00,6\n";
    for again in ["new", "the same again"] {
        let (code, told) = import(mixed, &[]);
        assert!(code == 0 && told["rejected_count"] == 1, "{again}: {code} {told}");
    }
    assert_eq!(import("sku,name,price,vat\n", &[]).0, 0, "nothing was refused");
}

#[test]
fn a_barcode_is_no_amount() {
    let shop = Shop::open();
    for amount in ["100000000", "96385074", "5400000000003"] {
        let tender = format!("cash={amount}");
        let refusal = shop.refused(&[&SALE[..8], &[&tender]].concat());
        assert_eq!(refusal.code, "AP-3003", "{refusal:?}");
    }
    let refusal = shop.refused(&[&SALE[..8], &["cash=96385074"]].concat());
    assert!(refusal.says("far more than") && refusal.says("barcode"), "{refusal:?}");
    shop.ok(&[&SALE[..8], &["cash=500"]].concat());
}

/// What the owner of the machine does is said to be theirs; what a person does, and what only looks, is not.
#[test]
fn who_is_not_named_is_told() {
    let shop = Shop::open();
    let file = shop.data.with_file_name("list.csv");
    fs::write(&file, "sku,name,price,vat\nN-9,Nine,1.00,6\n").unwrap();
    let (file, who) = (file.to_str().unwrap().to_owned(), ["--operator", OPERATOR, "--pin", PIN]);
    let check = |args: &[&str], owner: bool| {
        let said = in_words(&shop, args);
        assert_eq!(said.status.code(), Some(0), "{args:?}: {said:?}");
        let lines: Vec<&str> = said.err.lines().filter(|line| line.contains("owner of this machine")).collect();
        assert_eq!(lines.len(), usize::from(owner), "{args:?}: {said:?}");
        let json = shop.ok(args);
        assert_eq!(json["by_the_owner"] == true, owner, "{args:?}: {json}");
    };
    check(&["import", "products", &file], true);
    check(&[&["import", "products", &file][..], &who].concat(), false);
    check(&["import", "products", &file, "--dry-run"], false);
    check(&["backup", "now"], true);
    check(&["backup", "list"], false);
    check(&["status"], false);
    check(&[&SALE[..], &[]].concat(), false);
    check(&[&["settings", "set", "receipt.footer", "Merci"][..], &who].concat(), false);
    check(&["plugin", "disable", "sales-csv"], true);
}
