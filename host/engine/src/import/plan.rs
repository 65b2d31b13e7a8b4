//! The plan of an import: what each row of the file would change, compared with the store by article number.
//!
//! Reads the file once and keeps of it what a doubled article number or barcode needs: one number each. Looks the store
//! up a thousand rows at a time, never row by row.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::Read;

use aurapos_contract::query::Query;
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::Date;
use aurapos_domain::catalog::{Category, Colour, Product, Unit};
use aurapos_domain::ids::{CategoryId, ProductId};

use super::columns::{Columns, Field, excel_separator, guess_delimiter};
use super::encoding::TextEncoding;
use super::preview::{UnderstoodRow, Wishes};
use super::reason::Reason;
use super::records::{Records, Utf8};
use super::row::{Row, ShopRules};
use super::slice::{Change, ImportSlice, Source};
use super::{ImportReport, of_file, of_header};
use crate::error::{Code, EngineResult};
use crate::fold::sort_key;
use crate::rows;
use crate::rows::catalog::BarcodeRow;
use crate::rows::lookup;
use crate::schema::ROW_VERSION;

/// Rows that are compared with the store at once.
const CHUNK_ROWS: usize = 1_000;
/// Most rows of one file; each keeps two numbers in memory until the end.
pub const ROWS_MAX: u64 = 5_000_000;

/// Colours of categories that an import makes, one after another.
const COLOURS: [Colour; 8] = [
    Colour(0x2F, 0x6F, 0xED),
    Colour(0x1E, 0x8E, 0x5A),
    Colour(0xC2, 0x6A, 0x12),
    Colour(0x8E, 0x44, 0xAD),
    Colour(0xC0, 0x39, 0x2B),
    Colour(0x0E, 0x7C, 0x86),
    Colour(0x7D, 0x6B, 0x21),
    Colour(0x5D, 0x6D, 0x7E),
];

/// Reads a file and plans slice after slice. Changes nothing itself: a dry run is a plan whose slices are dropped.
pub struct Planner<'a, R> {
    store: &'a dyn RecordStore,
    new_id: Box<dyn FnMut() -> Uuid + Send + 'a>,
    records: Records<Utf8<R>>,
    columns: Columns,
    rules: ShopRules,
    categories: HashMap<String, CategoryId>,
    next_position: i32,
    seen: Seen,
    /// Codes that an earlier row of this file took away from their product.
    freed: HashSet<u64>,
    planned: std::collections::VecDeque<Change>,
    ended: bool,
    report: ImportReport,
    wishes: Wishes,
    /// Rows are kept until their change is stored.
    keeps_sources: bool,
}

/// What earlier rows of the file said, as hashes: 5 million rows must not keep 5 million texts.
#[derive(Default)]
struct Seen {
    skus: HashMap<u64, u64>,
    codes: HashMap<u64, u64>,
    // Fixed keys: the same file is judged the same way each time.
    hasher: BuildHasherDefault<DefaultHasher>,
}

/// A product as the store has it.
pub(super) struct Known {
    pub product: Product,
    pub version: i64,
    pub codes: Vec<String>,
}

impl<'a, R: Read> Planner<'a, R> {
    /// Reads the header and what of the shop is needed to judge rows. `today` is the day on which VAT percentages must be
    /// valid; `new_id` makes UUIDv7s.
    pub fn open(
        store: &'a dyn RecordStore,
        input: R,
        today: Date,
        new_id: impl FnMut() -> Uuid + Send + 'a,
    ) -> EngineResult<Self> {
        Self::open_as(store, input, None, today, new_id)
    }

    /// The same of a file whose encoding somebody named.
    pub fn open_as(
        store: &'a dyn RecordStore,
        input: R,
        encoding: Option<TextEncoding>,
        today: Date,
        new_id: impl FnMut() -> Uuid + Send + 'a,
    ) -> EngineResult<Self> {
        let mut records = Records::open(input, encoding).map_err(of_file)?;
        let columns = read_header(&mut records)?;
        let shop = crate::queries::shop(store)?;
        shop.must_be_known()?;
        let rates = rows::catalog::tax_table(store, shop.currency)?;
        let report = ImportReport { ignored_columns: columns.ignored.clone(), ..ImportReport::default() };
        let mut planner = Planner {
            store,
            new_id: Box::new(new_id),
            records,
            columns,
            rules: ShopRules { currency: shop.currency, rates, today },
            categories: HashMap::new(),
            next_position: 0,
            seen: Seen::default(),
            freed: HashSet::new(),
            planned: std::collections::VecDeque::new(),
            ended: false,
            report,
            wishes: Wishes::default(),
            keeps_sources: false,
        };
        planner.read_categories()?;
        Ok(planner)
    }

    fn read_categories(&mut self) -> EngineResult<()> {
        let categories: Vec<Category> = rows::scan_all(self.store, rows::query::<Category>(), self.rules.currency)?;
        self.next_position = next_position(&categories);
        self.categories = categories.into_iter().map(|category| (sort_key(&category.name), category.id)).collect();
        Ok(())
    }

    /// Keeps the rows of each slice in it, so that they can be planned again.
    pub(super) fn keep_sources(&mut self) {
        self.keeps_sources = true;
    }

    /// Plans rows again whose slices were not stored, because somebody else changed what they were compared with. Everything
    /// that is planned and not written is among them or follows them here; what was written is in the store.
    pub(super) fn plan_again(&mut self, mut sources: Vec<Source>) -> EngineResult<()> {
        sources.extend(self.planned.drain(..).filter_map(Change::into_source));
        self.freed.clear();
        self.read_categories()?;
        for source in &sources {
            *if source.added { &mut self.report.added } else { &mut self.report.updated } -= 1;
            self.report.categories -= u64::from(source.category);
            self.seen.skus.remove(&self.seen.hash(&source.row.sku));
            for code in source.row.barcodes.iter().flatten() {
                self.seen.codes.remove(&self.seen.hash(code));
            }
        }
        self.plan_rows(sources.into_iter().map(|source| *source.row).collect())
    }

    /// Keeps the first rows that are believed, so that a person can see how they were understood.
    #[must_use]
    pub fn keep_first(mut self, rows: usize) -> Self {
        self.wishes.keep = rows;
        self
    }

    /// The rows that were kept.
    pub fn first_rows(&self) -> &[UnderstoodRow] {
        &self.wishes.first
    }

    /// Colours for categories that the file makes, by name.
    #[must_use]
    pub fn colours(mut self, by_name: &[(&str, Colour)]) -> Self {
        self.wishes.colour(by_name);
        self
    }

    /// The next transaction's worth of changes; `None` when the file is at its end.
    pub fn next_slice(&mut self) -> EngineResult<Option<ImportSlice>> {
        let mut slice = ImportSlice::new((self.new_id)());
        loop {
            while let Some(change) = self.planned.pop_front() {
                if let Err(change) = slice.push(change) {
                    self.planned.push_front(*change);
                    return Ok(Some(slice));
                }
            }
            if self.ended {
                return Ok((!slice.is_empty()).then_some(slice));
            }
            self.plan_chunk()?;
        }
    }

    /// What was found so far; whole once [`Planner::next_slice`] answered `None`.
    pub fn report(&self) -> &ImportReport {
        &self.report
    }

    /// Plans the rest without keeping it: the dry run.
    pub fn dry_run(mut self) -> EngineResult<ImportReport> {
        while self.next_slice()?.is_some() {}
        Ok(self.report)
    }

    fn plan_chunk(&mut self) -> EngineResult<()> {
        let rows = self.read_chunk()?;
        self.plan_rows(rows)
    }

    fn plan_rows(&mut self, rows: Vec<Row>) -> EngineResult<()> {
        let known = self.known_products(&rows)?;
        let (owners, skus) = self.owners(&rows, &known)?;
        for row in rows {
            let existing = known.get(&row.sku);
            if let Err(reason) = self.check_against_others(&row, existing, &owners, &skus) {
                self.report.reject(row.line, &reason);
                continue;
            }
            self.remember(&row);
            self.wishes.note(&row, &self.rules);
            self.plan_row(row, existing);
        }
        Ok(())
    }

    /// Rows that can be believed on their own, until there are enough or the file ends.
    fn read_chunk(&mut self) -> EngineResult<Vec<Row>> {
        let mut rows = Vec::with_capacity(CHUNK_ROWS);
        while rows.len() < CHUNK_ROWS && !self.ended {
            let Some(record) = self.records.next_record().map_err(|error| of_file(error.into()))? else {
                self.ended = true;
                break;
            };
            self.report.rows += 1;
            if self.report.rows > ROWS_MAX {
                return Err(Code::ImportFile
                    .error(format!("The file has more than {ROWS_MAX} rows."))
                    .with_next("Split it into several files."));
            }
            let line = record.line;
            let row = record.fields.map_err(Reason::from);
            match row.and_then(|fields| Row::read(line, &fields, &self.columns, &self.rules)) {
                Ok(row) => rows.push(row),
                Err(reason) => self.report.reject(line, &reason),
            }
        }
        Ok(rows)
    }

    fn known_products(&self, rows: &[Row]) -> EngineResult<HashMap<String, Known>> {
        let currency = self.rules.currency;
        let mut known = HashMap::with_capacity(rows.len());
        let mut columns = <Product as rows::Record>::COLUMNS.to_vec();
        columns.push(ROW_VERSION);
        for chunk in rows.chunks(lookup::IN_MAX) {
            let skus = chunk.iter().map(|row| row.sku.as_str().into()).collect();
            let batch = self.store.scan(&rows::live(Query::over("product").select(&columns)).filter_in("sku", skus))?;
            let products: Vec<Product> = rows::read_all(&batch, currency)?;
            for (row, product) in products.into_iter().enumerate() {
                let version = batch.int(row, columns.len() - 1).unwrap_or_default();
                known.insert(product.sku.clone(), Known { product, version, codes: Vec::new() });
            }
        }
        if self.columns.has(Field::Barcodes) && !known.is_empty() {
            let ids: HashMap<ProductId, String> =
                known.values().map(|known| (known.product.id, known.product.sku.clone())).collect();
            let codes: Vec<BarcodeRow> =
                lookup::rows_in(self.store, "product", ids.keys().map(|id| id.uuid().into()), currency)?;
            for code in codes {
                if let Some(known) = ids.get(&code.product).and_then(|sku| known.get_mut(sku)) {
                    known.codes.push(code.code);
                }
            }
        }
        Ok(known)
    }

    /// Whose the barcodes of these rows are in the store, and the article numbers of products that have one of another row.
    fn owners(
        &self,
        rows: &[Row],
        known: &HashMap<String, Known>,
    ) -> EngineResult<(HashMap<String, ProductId>, HashMap<ProductId, String>)> {
        let currency = self.rules.currency;
        let codes = rows.iter().flat_map(|row| row.barcodes.iter().flatten()).map(|code| code.as_str().into());
        let found: Vec<BarcodeRow> = lookup::rows_in(self.store, "code", codes, currency)?;
        let owners: HashMap<String, ProductId> = found.into_iter().map(|row| (row.code, row.product)).collect();
        let mut strangers: HashSet<ProductId> = HashSet::new();
        for row in rows {
            let own = known.get(&row.sku).map(|known| known.product.id);
            let others =
                row.barcodes.iter().flatten().filter_map(|code| owners.get(code)).filter(|owner| Some(**owner) != own);
            strangers.extend(others);
        }
        let products: Vec<Product> =
            lookup::rows_in(self.store, "id", strangers.iter().map(|id| id.uuid().into()), currency)?;
        Ok((owners, products.into_iter().map(|product| (product.id, product.sku)).collect()))
    }

    fn check_against_others(
        &self,
        row: &Row,
        existing: Option<&Known>,
        owners: &HashMap<String, ProductId>,
        skus: &HashMap<ProductId, String>,
    ) -> Result<(), Reason> {
        if let Some(line) = self.seen.skus.get(&self.seen.hash(&row.sku)) {
            return Err(Reason::SkuTwice { sku: row.sku.clone(), line: *line });
        }
        if let Some(unit @ Unit::Newer(newer)) = row.unit
            && existing.is_none_or(|known| known.product.unit != unit)
        {
            return Err(Reason::Unit { text: newer.code().to_owned() });
        }
        for code in row.barcodes.iter().flatten() {
            let hash = self.seen.hash(code);
            if let Some(line) = self.seen.codes.get(&hash) {
                return Err(Reason::BarcodeTwice { code: code.clone(), line: *line });
            }
            let owner = owners.get(code).filter(|owner| existing.map(|known| known.product.id) != Some(**owner));
            if let Some(owner) = owner.filter(|_| !self.freed.contains(&hash)) {
                let sku = skus.get(owner).cloned().unwrap_or_else(|| owner.to_string());
                return Err(Reason::BarcodeTaken { code: code.clone(), sku });
            }
        }
        Ok(())
    }

    fn remember(&mut self, row: &Row) {
        self.seen.skus.insert(self.seen.hash(&row.sku), row.line);
        for code in row.barcodes.iter().flatten() {
            self.seen.codes.insert(self.seen.hash(code), row.line);
        }
    }

    /// Compares a row with the product there is, and notes what it changes.
    fn plan_row(&mut self, row: Row, existing: Option<&Known>) {
        let (category, new_category) = self.category_of(&row, existing);
        let source = self.keeps_sources.then(|| Box::new(row.clone()));
        let before = existing.map(|known| &known.product);
        let product = Product {
            id: before.map_or_else(|| ProductId::new((self.new_id)()), |product| product.id),
            name: row.name,
            barcodes: Vec::new(),
            category,
            price: row.price,
            tax_code: row.tax_code,
            unit: unit_of(row.unit, before),
            food: row.food.unwrap_or_else(|| before.is_some_and(|product| product.food)),
            active: before.is_none_or(|product| product.active),
            sku: row.sku,
        };
        let Some(mut change) = change_of(existing, product, row.barcodes.as_deref()) else {
            self.report.unchanged += 1;
            return;
        };
        *if existing.is_some() { &mut self.report.updated } else { &mut self.report.added } += 1;
        self.report.categories += u64::from(new_category.is_some());
        self.freed.extend(change.codes_gone.iter().map(|code| self.seen.hash(code)));
        change.category = new_category;
        change.source = source;
        change.opening = row.stock.filter(|stock| existing.is_none() && !stock.is_zero());
        self.planned.push_back(change);
    }

    /// The category of a row by name, in any case; a new one when there is none of that name.
    fn category_of(&mut self, row: &Row, existing: Option<&Known>) -> (Option<CategoryId>, Option<Category>) {
        let Some(name) = &row.category else {
            return (existing.and_then(|known| known.product.category), None);
        };
        if name.is_empty() {
            return (None, None);
        }
        let key = sort_key(name);
        if let Some(id) = self.categories.get(&key) {
            return (Some(*id), None);
        }
        let id = CategoryId::new((self.new_id)());
        let mut category = new_category(id, name, self.next_position);
        if let Some(colour) = self.wishes.colours.get(&key) {
            category.colour = *colour;
        }
        self.next_position = self.next_position.saturating_add(1);
        self.categories.insert(key, id);
        (Some(id), Some(category))
    }
}

/// The unit that a row says, or the one there is. What only a newer program understands no file of ours replaces.
fn unit_of(wanted: Option<Unit>, before: Option<&Product>) -> Unit {
    let now = before.map(|product| product.unit);
    let kept = now.filter(|unit| !unit.is_known() || wanted.is_none());
    kept.or(wanted).unwrap_or(Unit::Piece)
}

/// What makes the product as it is to be of the one there is; `None` when nothing differs. Without codes it keeps those it
/// has. The one place that knows which rows of a product change together.
pub(super) fn change_of(existing: Option<&Known>, product: Product, codes: Option<&[String]>) -> Option<Change> {
    let old_codes = existing.map_or(&[][..], |known| &known.codes);
    let codes = codes.unwrap_or(old_codes);
    let gone: Vec<String> = old_codes.iter().filter(|code| !codes.contains(code)).cloned().collect();
    let new: Vec<String> = codes.iter().filter(|code| !old_codes.contains(code)).cloned().collect();
    if existing.is_some_and(|known| known.product == product) && gone.is_empty() && new.is_empty() {
        return None;
    }
    // The codes stand in the search column too.
    let searched = codes.iter().map(|code| aurapos_domain::barcode::Barcode::stored(code)).collect();
    let mut change = Change::new(Product { barcodes: searched, ..product }, existing.map(|known| known.version));
    change.codes_gone = gone;
    change.codes_new = new;
    Some(change)
}

/// A category that comes with a product, at the end of the row and in the next colour.
pub(super) fn new_category(id: CategoryId, name: &str, position: i32) -> Category {
    let colour = COLOURS[usize::try_from(position).unwrap_or(0) % COLOURS.len()];
    Category { id, name: name.to_owned(), colour, order: position }
}

/// The place behind the last category.
pub(super) fn next_position(categories: &[Category]) -> i32 {
    categories.iter().map(|category| category.order).max().map_or(0, |last| last.saturating_add(1))
}

impl Seen {
    fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text)
    }
}

/// The separator and the columns, from the first line that is not blank (or the one after Excel's `sep=;`).
fn read_header<R: Read>(records: &mut Records<Utf8<R>>) -> EngineResult<Columns> {
    let read = |records: &mut Records<Utf8<R>>| records.header_line().map_err(|error| of_file(error.into()));
    let mut first = read(records)?.ok_or_else(|| of_header(super::columns::HeaderError::Empty))?;
    let named = excel_separator(&first.1);
    if named.is_some() {
        records.skip_line().map_err(|error| of_file(error.into()))?;
        first = read(records)?.ok_or_else(|| of_header(super::columns::HeaderError::Empty))?;
    }
    records.set_delimiter(named.unwrap_or_else(|| guess_delimiter(&first.1)));
    let record = records.next_record().map_err(|error| of_file(error.into()))?;
    let headings = record.map_or(Ok(Vec::new()), |record| record.fields);
    let headings = headings.map_err(|_| of_header(super::columns::HeaderError::NoHeader { line: first.0 }))?;
    Columns::of_header(first.0, &headings).map_err(of_header)
}
