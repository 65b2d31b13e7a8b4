//! What a shop's database says, asked by the `sqlite3` program in plain SQL: none of our code stands between the file and
//! the sums. Beside it the same sums from what the program had answered.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Asks a database. Texts and numbers only: bytes are asked as `hex(...)`.
///
/// # Panics
/// `sqlite3` is not installed or refuses.
pub fn sql(database: &Path, query: &str) -> Vec<Value> {
    let mut command = Command::new("sqlite3");
    command.args(["-readonly", "-batch", "-json", "-cmd", ".timeout 5000"]).arg(database).arg(query);
    let said =
        command.output().unwrap_or_else(|error| panic!("sqlite3 is needed (`cargo xtask test` installs it): {error}"));
    let out = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && said.stderr.is_empty(), "{query}: {}", String::from_utf8_lossy(&said.stderr));
    if out.trim().is_empty() { Vec::new() } else { serde_json::from_str(&out).expect("sqlite3 writes JSON") }
}

/// The first column of the only row.
///
/// # Panics
/// It is no number.
pub fn number(database: &Path, query: &str) -> i64 {
    let rows = sql(database, query);
    let value = rows.first().and_then(Value::as_object).and_then(|row| row.values().next());
    value.and_then(Value::as_i64).unwrap_or_else(|| panic!("{query} gave {rows:?}"))
}

/// Changes a database behind the program's back.
///
/// # Panics
/// `sqlite3` refuses.
pub fn tamper(database: &Path, change: &str) {
    let said = Command::new("sqlite3").arg("-batch").arg(database).arg(change).output().expect("sqlite3 is there");
    assert!(said.status.success(), "{change}: {}", String::from_utf8_lossy(&said.stderr));
}

/// A decimal amount, rate or percentage in hundredths.
///
/// # Panics
/// It is none.
pub fn hundredths(value: &Value) -> i64 {
    decimal(value, 2)
}

/// A quantity in thousandths.
///
/// # Panics
/// It is none.
pub fn thousandths(value: &Value) -> i64 {
    decimal(value, 3)
}

fn decimal(value: &Value, places: usize) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("a decimal is a text: {value}"));
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(part.len() <= places, "{text} has more than {places} decimals");
    sign * format!("{whole}{part:0<places$}").parse::<i64>().unwrap_or_else(|_| panic!("{text} is no decimal"))
}

/// The sums of a set of sales, in hundredths and thousandths.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Receipt numbers with their totals.
    pub receipts: BTreeMap<String, i64>,
    /// Of the sales: rounding, change.
    pub rounding: i64,
    /// Of the sales.
    pub change: i64,
    /// Rate → base, amount.
    pub vat: BTreeMap<i64, (i64, i64)>,
    /// Name → applied, tendered.
    pub tenders: BTreeMap<String, (i64, i64)>,
    /// Article → quantity.
    pub goods: BTreeMap<String, i64>,
}

impl Sums {
    /// Of what the program answered. Errors among the answers count nothing; a sale that was answered twice counts once.
    pub fn told<'a>(answers: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut sums = Sums::default();
        for sale in answers.into_iter().filter(|answer| answer.get("receipt_no").is_some()) {
            let number = sale["receipt_no"].as_str().expect("a receipt number is a text").to_owned();
            if sums.receipts.insert(number, hundredths(&sale["total"])).is_none() {
                sums.add(sale);
            }
        }
        sums
    }

    fn add(&mut self, sale: &Value) {
        let rows = |key: &str| sale[key].as_array().expect("a sale has rows").clone();
        self.rounding += hundredths(&sale["rounding"]);
        self.change += hundredths(&sale["change"]);
        for row in rows("vat") {
            let sum = self.vat.entry(hundredths(&row["rate"])).or_default();
            *sum = (sum.0 + hundredths(&row["base"]), sum.1 + hundredths(&row["amount"]));
        }
        for row in rows("tenders") {
            let sum = self.tenders.entry(row["name"].as_str().expect("a tender has a name").to_owned()).or_default();
            *sum = (sum.0 + hundredths(&row["amount"]), sum.1 + hundredths(&row["tendered"]));
        }
        for row in rows("lines") {
            *self.goods.entry(row["sku"].as_str().expect("a line has an article").to_owned()).or_default() +=
                thousandths(&row["quantity"]);
        }
    }

    /// Of a database.
    pub fn in_database(database: &Path) -> Self {
        let text = |row: &Value, key: &str| row[key].as_str().expect("asked as a text").to_owned();
        let int = |row: &Value, key: &str| row[key].as_i64().expect("asked as a number");
        let mut sums = Sums {
            rounding: number(database, "SELECT coalesce(sum(rounding), 0) FROM sale"),
            change: number(database, "SELECT coalesce(sum(change), 0) FROM sale"),
            ..Sums::default()
        };
        for row in sql(database, "SELECT receipt_no AS no, total FROM sale") {
            sums.receipts.insert(text(&row, "no"), int(&row, "total"));
        }
        for row in sql(database, "SELECT rate, sum(base) AS base, sum(amount) AS amount FROM sale_vat GROUP BY rate") {
            sums.vat.insert(int(&row, "rate"), (int(&row, "base"), int(&row, "amount")));
        }
        let tenders =
            "SELECT provider, sum(applied) AS applied, sum(tendered) AS tendered FROM sale_tender GROUP BY provider";
        for row in sql(database, tenders) {
            sums.tenders.insert(text(&row, "provider"), (int(&row, "applied"), int(&row, "tendered")));
        }
        for row in sql(database, "SELECT sku, sum(quantity) AS quantity FROM sale_line GROUP BY sku") {
            sums.goods.insert(text(&row, "sku"), int(&row, "quantity"));
        }
        sums
    }
}

/// Each finds rows that contradict each other.
const CONTRADICTIONS: &[(&str, &str)] = &[
    ("a sale is not the sum of its lines", "
        SELECT receipt_no, net, total, (SELECT sum(net) FROM sale_line WHERE sale = sale.id) AS lines
        FROM sale WHERE net <> lines OR (price_mode = 'inclusive' AND total <> net)"),
    ("a sale is not paid exactly", "
        SELECT receipt_no FROM sale WHERE total + rounding <> (SELECT sum(applied) FROM sale_tender WHERE sale = sale.id)"),
    ("the change is not that of the tenders", "
        SELECT receipt_no FROM sale WHERE change <> (SELECT sum(change) FROM sale_tender WHERE sale = sale.id)
           OR EXISTS (SELECT 1 FROM sale_tender WHERE sale = sale.id AND tendered - change <> applied)"),
    ("the VAT is not that of the sale", "
        SELECT receipt_no FROM sale WHERE total <> (SELECT sum(gross) FROM sale_vat WHERE sale = sale.id)
           OR EXISTS (SELECT 1 FROM sale_vat WHERE sale = sale.id AND base + amount <> gross)"),
    ("the VAT of a rate is not that of its lines", "
        SELECT receipt_no FROM sale JOIN sale_vat AS vat ON vat.sale = sale.id WHERE price_mode = 'inclusive'
           AND gross <> (SELECT sum(net) FROM sale_line AS line WHERE line.sale = sale.id AND line.rate = vat.rate)"),
    ("a cash total is no multiple of 5 cents", "
        SELECT receipt_no FROM sale WHERE customer_vat_number IS NULL AND abs(total) > 5 AND ((total + rounding) % 5 <> 0 OR abs(rounding) > 2)
           AND NOT EXISTS (SELECT 1 FROM sale_tender WHERE sale = sale.id AND kind <> 'cash')"),
    ("a number stands twice", "SELECT receipt_no FROM sale GROUP BY receipt_no HAVING count(*) > 1"),
    ("the numbers have a gap", "
        SELECT hex(incarnation) FROM sale GROUP BY incarnation
        HAVING min(counter) <> 1 OR max(counter) <> count(*) OR count(DISTINCT counter) <> count(*)"),
    ("the counter is not the last number", "
        SELECT hex(incarnation) FROM counter WHERE name = 'receipt'
           AND value <> (SELECT count(*) FROM sale WHERE sale.incarnation = counter.incarnation)"),
    ("a receipt number is not what it says", "
        SELECT receipt_no FROM sale JOIN incarnation ON incarnation.id = sale.incarnation, register
        WHERE receipt_no <> printf('%s-%s-%06d', register.code, incarnation.code, counter)"),
    ("the stock is not the sum of its moves", "
        WITH moved AS MATERIALIZED (SELECT product, sum(quantity) AS quantity FROM stock_move GROUP BY product)
        SELECT hex(product) FROM stock_level LEFT JOIN moved USING (product)
        WHERE stock_level.quantity <> coalesce(moved.quantity, 0)"),
    ("a sold line did not move the stock", "
        WITH moved AS MATERIALIZED (SELECT sale, sum(quantity) AS quantity FROM stock_move GROUP BY sale)
        SELECT receipt_no FROM sale LEFT JOIN moved ON moved.sale = sale.id
        WHERE (SELECT sum(quantity) FROM sale_line WHERE sale = sale.id) + coalesce(moved.quantity, 0) <> 0"),
    ("the drawer is not the sum of its sales", "
        SELECT kind FROM drawer_total AS total WHERE amount <> (SELECT sum(applied) FROM sale_tender AS tender
           JOIN sale ON sale.id = tender.sale WHERE sale.drawer = total.drawer AND tender.kind = total.kind)"),
    ("the journal has a gap", "
        SELECT hex(incarnation) FROM journal GROUP BY incarnation HAVING min(seq) <> 1 OR max(seq) <> count(*)"),
    ("a journal entry does not follow the one before", "
        SELECT hex(b.incarnation), b.seq FROM journal AS b LEFT JOIN journal AS a
           ON a.incarnation = b.incarnation AND a.seq = b.seq - 1
        WHERE b.previous <> CASE b.seq WHEN 1 THEN zeroblob(32) ELSE coalesce(a.hash, x'00') END"),
    ("the head is not the last entry", "
        SELECT hex(incarnation) FROM journal_head AS head WHERE (seq, hash) <>
           (SELECT seq, hash FROM journal WHERE incarnation = head.incarnation ORDER BY seq DESC LIMIT 1)"),
    ("a sale has no journal entry of its own", "
        SELECT receipt_no FROM sale WHERE 1 <> (SELECT count(*) FROM journal
           WHERE journal.incarnation = sale.incarnation AND journal.seq = sale.seq)"),
    ("rows belong to no sale", "
        SELECT 'line' FROM sale_line WHERE sale NOT IN (SELECT id FROM sale)
        UNION ALL SELECT 'tender' FROM sale_tender WHERE sale NOT IN (SELECT id FROM sale)
        UNION ALL SELECT 'vat' FROM sale_vat WHERE sale NOT IN (SELECT id FROM sale)
        UNION ALL SELECT 'move' FROM stock_move WHERE sale IS NOT NULL AND sale NOT IN (SELECT id FROM sale)"),
];

/// The rows of a database agree with each other, its pages are sound and its journal is hashed as documented.
///
/// # Panics
/// They do not.
pub fn must_agree(database: &Path) {
    let sound = sql(database, "PRAGMA integrity_check");
    assert_eq!(sound, [serde_json::json!({"integrity_check": "ok"})]);
    for (what, query) in CONTRADICTIONS {
        let rows = sql(database, query);
        assert!(rows.is_empty(), "{what}: {rows:?}");
    }
    chain_must_hold(database);
}

/// Computes every hash of the journal again, from the format's description alone.
fn chain_must_hold(database: &Path) {
    let entries = sql(
        database,
        "SELECT hex(register) AS register, hex(incarnation) AS incarnation, seq, kind, time, hex(previous) AS previous,
            hex(body) AS body, hex(hash) AS hash FROM journal ORDER BY incarnation, seq",
    );
    assert!(!entries.is_empty(), "a shop has a journal");
    for entry in entries {
        let bytes = |key: &str| unhex(entry[key].as_str().expect("asked as a text"));
        let int = |key: &str| entry[key].as_i64().expect("asked as a number");
        let body = bytes("body");
        let mut hash = Sha256::new();
        hash.update(b"AuraPOS-journal-1\0");
        hash.update(bytes("register"));
        hash.update(bytes("incarnation"));
        hash.update(int("seq").to_be_bytes());
        hash.update(u16::try_from(int("kind")).expect("a kind is small").to_be_bytes());
        hash.update(int("time").to_be_bytes());
        hash.update(bytes("previous"));
        hash.update(u32::try_from(body.len()).expect("a body is small").to_be_bytes());
        hash.update(&body);
        assert_eq!(hash.finalize()[..], bytes("hash")[..], "entry {} is not hashed as documented", entry["seq"]);
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hex() writes digits");
    (0..text.len()).step_by(2).map(pair).collect()
}
