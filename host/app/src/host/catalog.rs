//! Catalogs: what a file would do, and doing it.

use super::work::Told;
use super::{Inner, trouble};
use aurapos_runtime::contract::{Progress as _, RecordStore};
use aurapos_runtime::domain::calendar::{Date, Timestamp};
use aurapos_runtime::domain::catalog::Colour;
use aurapos_runtime::engine::command::{Reply, SessionId};
use aurapos_runtime::engine::import::{ImportReport, Planner, UnderstoodRow, write_all};
use aurapos_runtime::engine::setup::NewShop;
use aurapos_runtime::engine::{Command, EngineError};
use aurapos_runtime::ids::IdMaker;
use aurapos_runtime::locale::{Language, format};
use aurapos_runtime::{CallResult, DataFolder, OpenOptions, Pending, Reader, Register, ids, sample, setup, zone};
use aurapos_ui::host::{
    CALLED_OFF, Cancel, CatalogPreview, CatalogSource, HostResult, Listener, PreviewRow, Progress, Trouble,
};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

/// What is read at once of a file.
const BUFFER: usize = 1 << 18;
/// How many rows a preview shows.
const ROWS_SHOWN: usize = 50;

/// A file that tells how far it was read, and ends when that is asked for.
pub(super) struct Counted<'a> {
    input: Box<dyn Read + Send>,
    read: u64,
    size: u64,
    told: &'a Told,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.told.cancelled() {
            return Err(io::Error::other("called off"));
        }
        let bytes = self.input.read(buffer)?;
        self.read += bytes as u64;
        self.told.report(self.read, self.size, "reading the catalog");
        Ok(bytes)
    }
}

/// The catalog's text; `None` for no catalog.
pub(super) fn open<'a>(source: &CatalogSource, told: &'a Told) -> HostResult<Option<Counted<'a>>> {
    let (input, size): (Box<dyn Read + Send>, u64) = match source {
        CatalogSource::Empty => return Ok(None),
        CatalogSource::Sample => {
            let text = sample::sample_catalog_csv().as_bytes();
            (Box::new(Cursor::new(text)), text.len() as u64)
        }
        CatalogSource::File(path) => {
            let fail = |error: io::Error| trouble::of_file(path, &error);
            let file = File::open(path).map_err(fail)?;
            let about = file.metadata().map_err(fail)?;
            if !about.is_file() {
                return Err(fail(io::ErrorKind::IsADirectory.into()));
            }
            (Box::new(BufReader::with_capacity(BUFFER, file)), about.len())
        }
    };
    Ok(Some(Counted { input, read: 0, size, told }))
}

/// Reads a catalog against a store without changing it.
fn preview(
    store: &dyn RecordStore,
    input: Counted<'_>,
    today: Date,
    ids: &Arc<IdMaker>,
    language: Language,
) -> Result<CatalogPreview, EngineError> {
    let ids = ids.clone();
    let mut planner = Planner::open(store, input, today, move || ids.next())?.keep_first(ROWS_SHOWN);
    while planner.next_slice()?.is_some() {}
    let rows = planner.first_rows().iter().map(|row| shown(row, language)).collect();
    Ok(CatalogPreview { report: planner.report().clone(), rows })
}

fn shown(row: &UnderstoodRow, language: Language) -> PreviewRow {
    PreviewRow {
        name: row.name.clone(),
        sku: row.sku.clone(),
        barcode: barcode(&row.barcodes),
        category: row.category.clone(),
        price: format::on_screen(format::money(language, row.price)),
        vat: format::on_screen(format::percent(language, row.rate_bp)),
    }
}

/// The first barcode, and how many others there are.
fn barcode(codes: &[String]) -> String {
    match codes {
        [] => String::new(),
        [one] => one.clone(),
        [first, others @ ..] => format!("{first} +{}", others.len()),
    }
}

/// The colours of the sample shop's categories.
pub(super) fn colours(source: &CatalogSource) -> Vec<(&'static str, Colour)> {
    if *source != CatalogSource::Sample {
        return Vec::new();
    }
    sample::categories().iter().filter_map(|(name, colour)| Some((*name, Colour::parse(colour).ok()?))).collect()
}

/// Imports a catalog into a register. One slice is written while the next is planned; what was written stays when the
/// rest is called off, and the same file goes on there.
pub(super) fn import(
    register: &Register,
    session: SessionId,
    input: Counted<'_>,
    colours: &[(&str, Colour)],
) -> HostResult<ImportReport> {
    let told = input.told;
    import_all(register, session, input, colours).map_err(|error| match told.cancelled() {
        true => partly(),
        false => Trouble::from(error),
    })
}

fn import_all(
    register: &Register,
    session: SessionId,
    input: Counted<'_>,
    colours: &[(&str, Colour)],
) -> Result<ImportReport, EngineError> {
    let told = input.told;
    let site = register.site();
    let ids = site.ids.clone();
    let mut planner =
        Planner::open(register.store().as_ref(), input, today(site.zone.get()), move || ids.next())?.colours(colours);
    let submit = |slice| {
        let go_on = !told.cancelled();
        go_on.then(|| register.submit(Some(session), Command::ImportSlice(Box::new(slice))))
    };
    write_all(&mut planner, submit, |written: Pending| check(written.wait()))?;
    match told.cancelled() {
        true => Err(aurapos_runtime::engine::error::Code::ImportFile.error("The import was called off.")),
        false => Ok(planner.report().clone()),
    }
}

fn check(answer: CallResult) -> Result<(), EngineError> {
    match answer? {
        Reply::Import(_) => Ok(()),
        _ => Err(aurapos_runtime::engine::error::Code::Bug.error("The engine answered an import with something else.")),
    }
}

/// An import that was called off.
fn partly() -> Trouble {
    let next = "What was imported so far stays; the same file goes on where it stopped.";
    trouble::trouble(CALLED_OFF, "The import was called off.", next)
}

/// The day on the shop's wall.
fn today(zone: zone::Tz) -> Date {
    let now = ids::now();
    Timestamp(now).local(i32::try_from(zone::local_time(zone, now).offset_s).unwrap_or(0)).date
}

impl Inner {
    /// What a catalog would do; before there is a shop, to a shop of the country of `new`.
    pub(super) fn preview_catalog(
        &self,
        source: &CatalogSource,
        new: Option<NewShop>,
        cancel: &Cancel,
    ) -> HostResult<CatalogPreview> {
        let told = Told::new(Arc::new(|_| {}), cancel.clone());
        let Some(input) = open(source, &told)? else {
            return Ok(CatalogPreview { report: ImportReport::default(), rows: Vec::new() });
        };
        let language = Language::from_code(&self.language()).unwrap_or_default();
        let found = match (self.register(), new) {
            (Some(register), None) => {
                let site = register.site();
                preview(register.store().as_ref(), input, today(site.zone.get()), &site.ids, language)
                    .map_err(Trouble::from)
            }
            (_, Some(new)) => self.preview_in_scratch(input, new, language),
            (None, None) => Err(trouble::not_open()),
        };
        if cancel.asked() { Err(trouble::called_off()) } else { found }
    }

    /// Against a shop that is set up for this only, in a temporary folder.
    fn preview_in_scratch(&self, input: Counted<'_>, new: NewShop, language: Language) -> HostResult<CatalogPreview> {
        let place = tempfile::Builder::new().prefix("aurapos-preview-").tempdir();
        let place = place.map_err(|error| trouble::of_file(&std::env::temp_dir(), &error))?;
        let options = OpenOptions { folder: DataFolder::new(place.path()), ..self.options.clone() };
        let fail = |error| trouble::of_runtime(&error);
        // What does not matter to a catalog need not be filled in yet.
        let receipts = if new.language.is_empty() { "en".to_owned() } else { new.language };
        let scratch = NewShop {
            name: "Preview".to_owned(),
            country: new.country,
            language: receipts,
            register: "R1".to_owned(),
            manager: "Preview".to_owned(),
            pin: "4711".into(),
            ..NewShop::default()
        };
        setup::set_up(&options, scratch).map_err(fail)?;
        let reader = Reader::open(&options).map_err(fail)?;
        let site = &reader.site;
        Ok(preview(reader.store.as_ref(), input, today(site.zone.get()), &site.ids, language)?)
    }

    /// Imports a catalog into the open register.
    pub(super) fn import_catalog(
        &self,
        session: SessionId,
        source: &CatalogSource,
        progress: Listener<Progress>,
        cancel: Cancel,
    ) -> HostResult<ImportReport> {
        let register = self.register().ok_or_else(trouble::not_open)?;
        let told = Told::new(progress, cancel);
        match open(source, &told)? {
            None => Ok(ImportReport::default()),
            Some(input) => import(&register, session, input, &colours(source)),
        }
    }
}
