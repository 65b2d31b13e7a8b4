//! The walk along every chain, a page of entries at a time.

use std::collections::BTreeMap;

use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{IncarnationId, ProductId, RegisterCode};
use aurapos_domain::journal::{ChainCheck, EntryKind, JournalEntry};
use aurapos_domain::money::Currency;
use aurapos_domain::sale::CommittedSale;

use super::compare::{Shape, compare};
use super::entry::{Told, read, row};
use super::sums::{ChainSums, Sums};
use super::{ChainReport, CheckReport, EntryPlace};
use crate::error::EngineResult;
use crate::rows;
use crate::rows::Record;
use crate::rows::drawer::DrawerMove;
use crate::rows::journal::Head;
use crate::rows::register::{Incarnation, Register};
use crate::rows::sale::{self, LINE, REFUND_LINE, SALE, TENDER, VAT};
use crate::rows::stock::StockMoveRow;

/// Entries of one page: as many sales as one "is one of" takes.
const PAGE_ENTRIES: u32 = 1_000;

/// Checks a store. `keep_on` is told how many of how many entries are done, and ends the check with `Cancelled` when it
/// answers `false`.
pub fn check_store(store: &dyn RecordStore, keep_on: &mut dyn FnMut(u64, u64) -> bool) -> EngineResult<CheckReport> {
    let mut walk = match Walk::new(store, keep_on) {
        Ok(walk) => walk,
        Err(error) => {
            // Without a readable shop and register there is nothing to compare with: that is the finding.
            let mut report = CheckReport::default();
            report.take_damage(Err(error))?;
            return Ok(report);
        }
    };
    let walked = walk.chains();
    walk.report.take_damage(walked)?;
    let Walk { mut report, sums, currency, .. } = walk;
    sums.finish(store, currency, &mut report)?;
    Ok(report)
}

struct Walk<'a> {
    store: &'a dyn RecordStore,
    keep_on: &'a mut dyn FnMut(u64, u64) -> bool,
    currency: Currency,
    register: Register,
    shapes: BTreeMap<&'static str, Shape>,
    report: CheckReport,
    sums: Sums,
    total: u64,
}

/// One chain while it is walked.
struct Chain {
    incarnation: Incarnation,
    /// A life of this register: all of it must be there, and its drawers and counters too. Of others there is what was
    /// received.
    own: bool,
    /// Where it ends, as far as this data wrote it.
    head: Option<Head>,
    /// The first entry that was received was not the first of the life, and no sale came yet to go on from.
    open_beginning: bool,
    check: ChainCheck,
    sums: ChainSums,
    report: ChainReport,
}

/// Rows that a page of entries makes.
#[derive(Default)]
struct Page {
    rows: BTreeMap<&'static str, Vec<Vec<Value>>>,
    sales: Vec<Value>,
    /// Receipt number by sale id, for messages.
    names: BTreeMap<Value, String>,
    /// Numbers and times of the entries that only a newer program reads.
    received: BTreeMap<Value, Timestamp>,
}

impl<'a> Walk<'a> {
    fn new(store: &'a dyn RecordStore, keep_on: &'a mut dyn FnMut(u64, u64) -> bool) -> EngineResult<Self> {
        let shop = crate::queries::shop(store)?;
        let schema = crate::schema::schema();
        let tables: [(&'static str, &'static [&'static str]); 8] = [
            ("sale", SALE),
            ("sale_line", LINE),
            ("refund_line", REFUND_LINE),
            ("sale_tender", TENDER),
            ("sale_vat", VAT),
            (StockMoveRow::TABLE, StockMoveRow::COLUMNS),
            (DrawerMove::TABLE, DrawerMove::COLUMNS),
            (Incarnation::TABLE, Incarnation::COLUMNS),
        ];
        let mut sums = Sums::default();
        for (table, _) in tables {
            sums.rows_made(table, 0);
        }
        sums.rows_made(JournalEntry::TABLE, 0);
        Ok(Walk {
            store,
            keep_on,
            currency: shop.currency,
            register: crate::queries::register(store)?,
            shapes: tables.into_iter().map(|(table, columns)| (table, Shape::new(&schema, table, columns))).collect(),
            report: CheckReport::default(),
            sums,
            total: crate::queries::count(store, JournalEntry::TABLE, Vec::new())?,
        })
    }

    fn chains(&mut self) -> EngineResult<()> {
        let mut incarnations: Vec<Incarnation> =
            rows::scan_all(self.store, rows::query::<Incarnation>(), self.currency)?;
        let heads: Vec<Head> = rows::scan_all(self.store, rows::query::<Head>(), self.currency)?;
        let mut heads: BTreeMap<IncarnationId, Head> = heads.into_iter().map(|head| (head.incarnation, head)).collect();
        if !incarnations.iter().any(|incarnation| incarnation.id == self.register.incarnation) {
            self.report.problem("register: its incarnation is not there".to_owned(), None);
        }
        let own = self.own_lives(&incarnations);
        // One after the other as they were, whatever the clocks said that their ids begin with: a drawer that one life
        // opened is sold in by the next.
        incarnations.sort_by_key(|life| own.iter().position(|id| *id == life.id).unwrap_or(usize::MAX));
        for incarnation in incarnations {
            let head = heads.remove(&incarnation.id);
            let own = own.contains(&incarnation.id);
            let walked = self.chain(incarnation, own, head);
            self.report.take_damage(walked)?;
        }
        for head in heads.into_values() {
            let message = format!("journal_head, incarnation {}: there is no such incarnation", head.incarnation);
            self.report.problem(message, None);
        }
        Ok(())
    }

    /// The lives that this data went through. Others of the same register are those of its copies, and of what it was
    /// before a restore: of them there is what was received.
    fn own_lives(&self, incarnations: &[Incarnation]) -> Vec<IncarnationId> {
        let mut own = Vec::new();
        let mut life = Some(self.register.incarnation);
        while let Some(id) = life.filter(|id| !own.contains(id)) {
            own.insert(0, id);
            life = incarnations.iter().find(|one| one.id == id).and_then(|one| one.previous);
        }
        own
    }

    fn chain(&mut self, incarnation: Incarnation, own: bool, head: Option<Head>) -> EngineResult<()> {
        let code = match &incarnation.numbers {
            Some(numbers) => numbers.register.clone(),
            None if own => self.register.code.clone(),
            None => RegisterCode::parse("X").expect("a capital letter is a register code"),
        };
        let report = ChainReport {
            incarnation: incarnation.id,
            register: code,
            code: incarnation.code.as_str().to_owned(),
            entries: 0,
            sales: 0,
            first_bad: None,
        };
        let check = ChainCheck::new(incarnation.register, incarnation.id);
        let sums = ChainSums::default();
        let mut chain = Chain { incarnation, own, head, open_beginning: false, check, sums, report };
        let mut query = rows::query::<JournalEntry>()
            .filter("incarnation", FilterKind::Equal, chain.incarnation.id.uuid())
            .limit(PAGE_ENTRIES);
        loop {
            let batch = self.store.scan(&query)?;
            let entries: Vec<JournalEntry> = rows::read_all(&batch, self.currency)?;
            self.page(&mut chain, &entries)?;
            let done = self.report.entries;
            if !(self.keep_on)(done, self.total) {
                return Err(crate::error::Code::Cancelled.error("The check was cancelled."));
            }
            if batch.next().is_empty() {
                break;
            }
            query.after = batch.next().to_vec();
        }
        if chain.own {
            self.end(&mut chain);
        } else if chain.head.is_some() {
            self.report
                .problem(format!("journal_head, incarnation {}: its register is another", chain.incarnation.id), None);
        }
        self.report.chains.push(chain.report);
        Ok(())
    }

    /// The chain must end where its head, and the counters, say.
    fn end(&mut self, chain: &mut Chain) {
        self.sums.chains.insert(chain.incarnation.id, chain.sums);
        let Some(head) = chain.head.take() else {
            let code = &chain.report.code;
            return self.report.problem(format!("journal_head of incarnation {code}: it is missing"), None);
        };
        if let Err(fault) = chain.check.finish(head.seq, head.hash) {
            self.fault(chain, fault.seq(), fault.to_string());
        }
        if head.totals != chain.sums.totals {
            let code = &chain.report.code;
            self.report.problem(
                format!("journal_head of incarnation {code}: its lifetime totals are not those of the last sale"),
                None,
            );
        }
        if head.register != chain.incarnation.register {
            self.report.problem("journal_head: it belongs to another register".to_owned(), None);
        }
    }

    fn fault(&mut self, chain: &mut Chain, seq: u64, reason: String) {
        chain.report.first_bad.get_or_insert_with(|| (seq, reason.clone()));
        let place = place(chain, seq);
        let (register, incarnation) = (&place.register, &place.incarnation);
        self.report.problem(format!("journal {register}-{incarnation}: {reason}"), Some(place));
    }

    fn page(&mut self, chain: &mut Chain, entries: &[JournalEntry]) -> EngineResult<()> {
        let mut page = Page::default();
        for entry in entries {
            if !chain.own && chain.report.entries == 0 && entry.seq > 1 {
                let (register, life) = (chain.incarnation.register, chain.incarnation.id);
                chain.check = ChainCheck::after(register, life, entry.seq - 1, entry.previous);
                chain.open_beginning = true;
            }
            let known = chain.head.as_ref().map_or(u64::MAX, |head| head.seq);
            if chain.own && chain.incarnation.id != self.register.incarnation && entry.seq > known {
                // An earlier life that went on after the backup from which this data comes: the rest was received.
                self.end(chain);
                chain.own = false;
            }
            self.report.entries += 1;
            chain.report.entries += 1;
            if let Err(fault) = chain.check.feed(entry) {
                self.fault(chain, fault.seq(), fault.to_string());
            }
            match read(entry, chain.incarnation.register, self.currency) {
                // Of another register's newer program. What this register wrote itself, it must be able to read.
                Ok(Told::Nothing) if !chain.own && entry.kind.name().is_none() => {
                    self.received(chain, entry, &mut page)
                }
                Err(error) if !chain.own && error.may_be_newer() => self.received(chain, entry, &mut page),
                Ok(told) => self.told(chain, entry, told, &mut page),
                Err(reason) => self.fault(chain, entry.seq, format!("entry {} can't be read: {reason}", entry.seq)),
            }
        }
        self.sums.rows_made(JournalEntry::TABLE, entries.len());
        self.compare_page(chain, entries, page)
    }

    /// An entry that only a newer program reads.
    fn received(&mut self, chain: &mut Chain, entry: &JournalEntry, page: &mut Page) {
        self.report.received += 1;
        let is_sale = entry.kind == EntryKind::SALE || entry.kind == EntryKind::REFUND;
        if is_sale {
            self.report.sales += 1;
            chain.report.sales += 1;
        }
        // It may have given a number and counted to the totals: the next sale that is read says how they go on.
        chain.open_beginning |= is_sale || entry.kind.name().is_none();
        if entry.kind == EntryKind::INCARNATION_OPENED {
            self.sums.rows_made(Incarnation::TABLE, 1);
        }
        page.received.insert(rows::count(entry.seq), entry.time);
    }

    fn told(&mut self, chain: &mut Chain, entry: &JournalEntry, told: Told, page: &mut Page) {
        match told {
            Told::Nothing => {}
            Told::Sale(sale) => self.sale(chain, entry, &sale, page),
            Told::Opening(moves) => {
                self.sums.stock_moved(&moves);
                page.rows.entry(StockMoveRow::TABLE).or_default().extend(moves.iter().map(Record::write));
            }
            Told::DrawerOpened(session) => {
                chain.sums.drawers = session.number;
                if chain.own {
                    self.sums.drawer_opened(*session);
                }
            }
            Told::CashMoved(moved) => {
                if chain.own && !self.sums.cash_moved(&moved) {
                    self.fault(
                        chain,
                        entry.seq,
                        format!("entry {} moves cash of a drawer that was never opened", entry.seq),
                    );
                }
                page.add(row(&moved));
            }
            Told::Incarnation(incarnation) => {
                if incarnation.id != chain.incarnation.id || entry.seq != 1 {
                    self.fault(chain, entry.seq, format!("entry {} opens another incarnation", entry.seq));
                }
                page.add(row(&incarnation));
            }
        }
    }

    /// A sale must add up by itself and go on from the one before.
    fn sale(&mut self, chain: &mut Chain, entry: &JournalEntry, sale: &CommittedSale, page: &mut Page) {
        self.report.sales += 1;
        chain.report.sales += 1;
        let number = &sale.header.number;
        if std::mem::take(&mut chain.open_beginning) {
            chain.sums.receipts = number.counter.saturating_sub(1);
            chain.sums.totals = sale.perpetual.before(sale.total);
        }
        if !chain.own && chain.incarnation.numbers.is_none() {
            // A life of before its numbers were written down: they are those of its sales.
            chain.report.register = number.register.clone();
        }
        for reason in sale_faults(chain, entry, sale) {
            self.fault(chain, entry.seq, format!("sale {number} (entry {}): {reason}", entry.seq));
        }
        chain.sums.receipts = number.counter;
        chain.sums.totals = sale.perpetual;
        if chain.own && !self.sums.sold(sale) {
            self.fault(chain, entry.seq, format!("sale {number}: its drawer was never opened"));
        }
        let moves = sale::stock_moves(sale, entry.seq);
        self.sums.stock_moved(&moves);
        let id: Value = sale.header.id.uuid().into();
        page.sales.push(id.clone());
        page.names.insert(id, number.to_string());
        for projected in sale::projection(sale, entry.seq) {
            page.rows.entry(projected.table).or_default().extend(projected.rows);
        }
    }

    fn compare_page(&mut self, chain: &Chain, entries: &[JournalEntry], mut page: Page) -> EngineResult<()> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(()) };
        let names = std::mem::take(&mut page.names);
        let incarnation: Value = chain.incarnation.id.uuid().into();
        let span = |table: &str| {
            Query::over(table)
                .filter("incarnation", FilterKind::Equal, incarnation.clone())
                .filter("seq", FilterKind::AtLeast, rows::count(first.seq))
                .filter("seq", FilterKind::AtMost, rows::count(last.seq))
        };
        let origins: Vec<Value> =
            page.rows.get("refund_line").into_iter().flatten().map(|row| row[0].clone()).collect();
        let sales = page.sales.clone();
        let shapes = std::mem::take(&mut self.shapes);
        for shape in shapes.values() {
            let expected = page.rows.remove(shape.table).unwrap_or_default();
            self.sums.rows_made(shape.table, expected.len());
            let query = match shape.table {
                "stock_move" | "drawer_move" => span(shape.table),
                "incarnation" if expected.is_empty() => continue,
                "incarnation" => Query::over("incarnation").filter("id", FilterKind::Equal, incarnation.clone()),
                _ if sales.is_empty() => continue,
                "refund_line" if origins.is_empty() => continue,
                "refund_line" => {
                    let mut origins = origins.clone();
                    origins.sort_unstable();
                    origins.dedup();
                    // Lines of other refunds of the same sales belong to other pages.
                    Query::over("refund_line").filter_in("origin", origins).filter_in("sale", sales.clone())
                }
                "sale" => Query::over("sale").filter_in("id", sales.clone()),
                table => Query::over(table).filter_in("sale", sales.clone()),
            };
            let name_at =
                shape.columns.iter().position(|column| *column == if shape.table == "sale" { "id" } else { "sale" });
            let name = |row: &[Value]| sale_name(&names, row, name_at?, shape);
            let mut received = 0;
            let sums = &mut self.sums;
            let mut of_received = |row: &[Value]| {
                let theirs = matches!(shape.table, "stock_move" | "drawer_move") && page.received.contains_key(&row[1]);
                if theirs && shape.table == "stock_move" {
                    stock_received(sums, row);
                }
                received += usize::from(theirs);
                theirs
            };
            compare(self.store, shape, query, expected, &name, &mut of_received, &mut self.report)?;
            self.sums.rows_made(shape.table, received);
        }
        self.shapes = shapes;
        self.sales_received(&incarnation, &page.received)
    }

    /// Counts the rows of sales that only a newer program reads.
    fn sales_received(&mut self, life: &Value, received: &BTreeMap<Value, Timestamp>) -> EngineResult<()> {
        let (Some(first), Some(last)) = (received.values().min(), received.values().max()) else { return Ok(()) };
        // By the index of times: a sale has the time of its entry.
        let query = Query::over("sale")
            .select(&["id"])
            .order_by("time", false)
            .filter("time", FilterKind::AtLeast, Value::Time(first.0))
            .filter("time", FilterKind::AtMost, Value::Time(last.0))
            .filter("incarnation", FilterKind::Equal, life.clone())
            .filter_in("seq", received.keys().cloned().collect());
        let mut sales = Vec::new();
        rows::lookup::each_page(self.store, query, |batch| {
            sales.extend((0..batch.len()).map(|row| batch.value(row, 0)));
            Ok(())
        })?;
        self.sums.rows_made("sale", sales.len());
        if sales.is_empty() {
            return Ok(());
        }
        for table in ["sale_line", "refund_line", "sale_tender", "sale_vat"] {
            let of_sales = Query::over(table).filter_in("sale", sales.clone()).filters;
            let rows = crate::queries::count(self.store, table, of_sales)?;
            self.sums.rows_made(table, usize::try_from(rows).unwrap_or(usize::MAX));
        }
        Ok(())
    }
}

impl Page {
    fn add(&mut self, (table, row): (&'static str, Vec<Value>)) {
        self.rows.entry(table).or_default().push(row);
    }
}

/// What a stock move of an entry that is not read changed; the row in the order of [`StockMoveRow::COLUMNS`].
fn stock_received(sums: &mut Sums, row: &[Value]) {
    let at = |column: &str| StockMoveRow::COLUMNS.iter().position(|name| *name == column).and_then(|at| row.get(at));
    if let (Some(Value::Uuid(product)), Some(Value::Int(quantity))) = (at("product"), at("quantity")) {
        sums.stock_received(ProductId::new(*product), *quantity);
    }
}

/// `R1-1-000004 line 2`: the receipt number and the second part of the key.
fn sale_name(names: &BTreeMap<Value, String>, row: &[Value], at: usize, shape: &Shape) -> Option<String> {
    let number = names.get(row.get(at)?)?;
    let part = match shape.table {
        "sale" => None,
        "sale_line" | "refund_line" => Some("line"),
        "sale_vat" => Some("rate"),
        _ => Some("number"),
    };
    let part = part.and_then(|part| shape.columns.iter().position(|column| *column == part).map(|at| (part, at)));
    Some(match part {
        Some((part, at)) => format!("{number} {part} {}", super::compare::shown(&row[at])),
        None => number.clone(),
    })
}

fn place(chain: &Chain, seq: u64) -> EntryPlace {
    EntryPlace { register: chain.report.register.as_str().to_owned(), incarnation: chain.report.code.clone(), seq }
}

/// What is wrong with a sale in its place in the chain.
fn sale_faults(chain: &Chain, entry: &JournalEntry, sale: &CommittedSale) -> Vec<String> {
    let header = &sale.header;
    let mut faults = Vec::new();
    if let Err(error) = sale.check() {
        faults.push(error.to_string());
    }
    if header.register != chain.incarnation.register || header.incarnation != chain.incarnation.id {
        faults.push("it names another register or incarnation".to_owned());
    }
    if header.number.incarnation != chain.incarnation.code || header.number.register != chain.report.register {
        faults.push("its receipt number has another register or incarnation".to_owned());
    }
    let expected = chain.sums.receipts + 1;
    if header.number.counter != expected {
        faults.push(format!("its receipt number is {}, {expected} comes next", header.number.counter));
    }
    if chain.sums.totals.after(sale.total) != Ok(sale.perpetual) {
        faults.push("its lifetime totals don't go on from the sale before".to_owned());
    }
    let kind = match header.kind {
        aurapos_domain::sale::SaleKind::Sale => EntryKind::SALE,
        aurapos_domain::sale::SaleKind::Refund => EntryKind::REFUND,
    };
    if kind != entry.kind || header.time != entry.time {
        faults.push("its kind or time is not that of its entry".to_owned());
    }
    faults
}
