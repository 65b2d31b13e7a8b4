//! The header: which column holds what, in any order, under the names that shops use.

/// A column of the catalog file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Field {
    Sku,
    Name,
    Barcodes,
    Category,
    Price,
    Vat,
    Unit,
    Stock,
    Food,
}

/// The names under which each column is known, folded (lower case, no accents, no punctuation). The first is ours; the
/// rest are what French, Dutch and German price lists say. `import products --help` lists the first of each row.
const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Sku,
        &["sku", "reference", "ref", "code article", "article", "artikelnummer", "artikelnr", "artikel", "numero"],
    ),
    (
        Field::Name,
        &[
            "name",
            "nom",
            "designation",
            "libelle",
            "naam",
            "omschrijving",
            "bezeichnung",
            "beschreibung",
            "description",
        ],
    ),
    (
        Field::Barcodes,
        &[
            "barcodes",
            "barcode",
            "ean",
            "gtin",
            "code barres",
            "codes barres",
            "code a barres",
            "streepjescode",
            "strichcode",
        ],
    ),
    (
        Field::Category,
        &["category", "categorie", "rayon", "famille", "groep", "productgroep", "kategorie", "warengruppe"],
    ),
    (Field::Price, &["price", "prix", "prix ttc", "prix de vente", "prijs", "verkoopprijs", "preis", "verkaufspreis"]),
    (Field::Vat, &["vat", "tva", "taux tva", "btw", "btw tarief", "mwst", "mwst satz", "ust", "tax"]),
    (Field::Unit, &["unit", "unite", "eenheid", "einheit"]),
    (Field::Stock, &["stock", "quantite", "voorraad", "aantal", "bestand", "lagerbestand", "quantity"]),
    (Field::Food, &["food", "alimentaire", "alimentation", "voeding", "voedsel", "lebensmittel"]),
];

/// Without these nothing can be sold.
const REQUIRED: [Field; 4] = [Field::Sku, Field::Name, Field::Price, Field::Vat];

impl Field {
    /// Every column, in the order in which exports write them.
    pub const ALL: [Field; 9] = [
        Field::Sku,
        Field::Name,
        Field::Barcodes,
        Field::Category,
        Field::Price,
        Field::Vat,
        Field::Unit,
        Field::Stock,
        Field::Food,
    ];

    /// Our name for it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(field, _)| *field == self).map_or("", |(_, names)| names[0])
    }

    /// The column of a heading.
    pub fn of_heading(heading: &str) -> Option<Field> {
        let folded = crate::fold::fold(heading);
        NAMES.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|(field, _)| *field)
    }
}

/// Why the header was refused; nothing of the file is read then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// There is nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// The first line names no columns.
    #[error(
        "line {line} is no header: it should name the columns, such as sku,name,barcodes,category,price,vat,unit,stock,food"
    )]
    NoHeader {
        /// The first line that is not blank.
        line: u64,
    },
    /// A column is missing.
    #[error("the header has no column {missing}")]
    Missing {
        /// Names of the missing columns.
        missing: String,
    },
    /// A column is there twice, perhaps under two names.
    #[error("the header has the column {name} twice (\"{first}\" and \"{second}\")")]
    Twice {
        /// Our name.
        name: &'static str,
        /// First heading.
        first: String,
        /// Second heading.
        second: String,
    },
}

/// Where each column stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    places: [Option<usize>; Field::ALL.len()],
    /// How many columns the header has, known or not.
    pub width: usize,
    /// Headings that mean nothing here; their cells are passed over, and the report says so.
    pub ignored: Vec<String>,
}

impl Columns {
    /// Reads the header.
    pub fn of_header(line: u64, headings: &[String]) -> Result<Columns, HeaderError> {
        let mut columns = Columns { places: [None; Field::ALL.len()], width: headings.len(), ignored: Vec::new() };
        for (place, heading) in headings.iter().enumerate() {
            let Some(field) = Field::of_heading(heading) else {
                if !heading.is_empty() {
                    columns.ignored.push(heading.chars().take(40).collect());
                }
                continue;
            };
            if let Some(first) = columns.places[field as usize].replace(place) {
                let (first, second) = (headings[first].clone(), heading.clone());
                return Err(HeaderError::Twice { name: field.name(), first, second });
            }
        }
        if columns.places.iter().all(Option::is_none) {
            return Err(HeaderError::NoHeader { line });
        }
        let missing: Vec<&str> = REQUIRED.into_iter().filter(|field| !columns.has(*field)).map(Field::name).collect();
        if missing.is_empty() { Ok(columns) } else { Err(HeaderError::Missing { missing: missing.join(", ") }) }
    }

    /// Whether the file has the column.
    pub fn has(&self, field: Field) -> bool {
        self.places[field as usize].is_some()
    }

    /// The cell of a column; `None` when the file does not have the column, empty when the row ends before it.
    pub fn cell<'a>(&self, field: Field, fields: &'a [String]) -> Option<&'a str> {
        let place = self.places[field as usize]?;
        Some(fields.get(place).map_or("", String::as_str))
    }
}

/// The separator under which the first line names the most columns; commas when none does.
pub fn guess_delimiter(header: &str) -> u8 {
    let known = |delimiter: char| header.split(delimiter).filter(|cell| Field::of_heading(cell).is_some()).count();
    let best = [',', ';', '\t'].into_iter().rev().max_by_key(|delimiter| known(*delimiter));
    best.filter(|delimiter| known(*delimiter) > 0).map_or(b',', |delimiter| delimiter as u8)
}

/// The separator that Excel's first line `sep=;` names.
pub fn excel_separator(line: &str) -> Option<u8> {
    let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let named = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
    [b',', b';', b'\t'].into_iter().find(|delimiter| named.as_bytes() == [*delimiter])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str) -> Result<Columns, HeaderError> {
        let delimiter = char::from(guess_delimiter(header));
        let headings: Vec<String> = header.split(delimiter).map(|cell| cell.trim().to_owned()).collect();
        Columns::of_header(1, &headings)
    }

    #[test]
    fn headers_of_four_languages() {
        for header in [
            "sku,name,barcodes,category,price,vat,unit,stock,food",
            "SKU;Nom;Code-barres;Rayon;Prix TTC;TVA;Unité;Quantité;Alimentaire",
            "Artikelnummer\tNaam\tEAN\tGroep\tPrijs\tBTW\tEenheid\tVoorraad\tVoeding",
            "Artikelnr.;Bezeichnung;Strichcode;Warengruppe;Verkaufspreis;MwSt;Einheit;Bestand;Lebensmittel",
        ] {
            let columns = columns(header).unwrap_or_else(|error| panic!("{header}: {error}"));
            assert!(Field::ALL.into_iter().all(|field| columns.has(field)), "{header}");
        }
    }

    #[test]
    fn order_is_free_and_strangers_are_passed_over() {
        let columns = columns("vat,colour,price,name,sku").unwrap();
        let row: Vec<String> = ["21", "red", "1.00", "Bread"].into_iter().map(str::to_owned).collect();
        assert_eq!(columns.cell(Field::Vat, &row), Some("21"));
        assert_eq!(columns.cell(Field::Sku, &row), Some(""));
        assert_eq!(columns.cell(Field::Stock, &row), None);
        assert_eq!(columns.ignored, ["colour"]);
    }

    #[test]
    fn what_is_no_header() {
        let message = |header: &str| columns(header).unwrap_err().to_string();
        assert_eq!(message("sku,name,stock"), "the header has no column price, vat");
        assert!(message("B-01,Bread,2.50,6").starts_with("line 1 is no header"));
        assert_eq!(
            message("sku,name,price,vat,EAN,barcode"),
            "the header has the column barcodes twice (\"EAN\" and \"barcode\")"
        );
    }

    #[test]
    fn the_separator_is_the_one_that_makes_sense() {
        assert_eq!(guess_delimiter("sku;name, long;price;vat"), b';');
        assert_eq!(guess_delimiter("what is this"), b',');
        assert_eq!(excel_separator("sep=;\r\n"), Some(b';'));
        assert_eq!(excel_separator("sku;name"), None);
    }
}
