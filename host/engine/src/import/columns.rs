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

/// The names under which a column is known, folded (lower case, no accents, no punctuation).
struct Names {
    field: Field,
    /// What it is called. The first is ours; the rest are what French, Dutch and German price lists say, and the exports of
    /// other systems (Shopify, Square, WooCommerce, Odoo, Loyverse).
    first: &'static [&'static str],
    /// What it can be called when nothing else is: a description is the name where there is no name.
    second: &'static [&'static str],
}

/// Every column. `import products --help` lists the first name of each.
const NAMES: &[Names] = &[
    Names {
        field: Field::Sku,
        first: &[
            "sku",
            "reference",
            "ref",
            "code article",
            "article number",
            "item number",
            "product code",
            "artikelnummer",
            "artikelnr",
            "variant sku",
            "internal reference",
            "reference interne",
            "interne referentie",
            "interne referenz",
            "ugs",
        ],
        second: &["article", "artikel", "numero"],
    },
    Names {
        field: Field::Name,
        first: &[
            "name",
            "nom",
            "designation",
            "libelle",
            "naam",
            "bezeichnung",
            "item name",
            "product name",
            "nom du produit",
            "productnaam",
            "artikelnaam",
            "artikelname",
            "produktname",
            "artikelbezeichnung",
            "title",
            "titre",
        ],
        second: &[
            "artikelomschrijving",
            "omschrijving",
            "beschreibung",
            "beschrijving",
            "description",
            "intitule",
            "product",
            "produit",
            "produkt",
            "item",
        ],
    },
    Names {
        field: Field::Barcodes,
        first: &[
            "barcodes",
            "barcode",
            "ean",
            "ean13",
            "ean 13",
            "ean code",
            "gtin",
            "upc",
            "code barres",
            "codes barres",
            "code a barres",
            "streepjescode",
            "strichcode",
            "variant barcode",
            "gtin upc ean or isbn",
            "gtin upc ean ou isbn",
            "gtin upc ean of isbn",
            "gtin upc ean oder isbn",
        ],
        second: &["isbn"],
    },
    Names {
        field: Field::Category,
        first: &["category", "categorie", "rayon", "famille", "groep", "productgroep", "kategorie", "warengruppe"],
        second: &[],
    },
    Names {
        field: Field::Price,
        first: &[
            "price",
            "prix",
            "prix ttc",
            "prix de vente",
            "prijs",
            "verkoopprijs",
            "preis",
            "verkaufspreis",
            "variant price",
            "sales price",
            "regular price",
            "tarif regulier",
            "reguliere prijs",
            "regularer preis",
        ],
        second: &[],
    },
    Names {
        field: Field::Vat,
        first: &["vat", "tva", "taux tva", "btw", "btw tarief", "mwst", "mwst satz", "ust", "tax"],
        second: &[],
    },
    Names { field: Field::Unit, first: &["unit", "unite", "eenheid", "einheit"], second: &[] },
    Names {
        field: Field::Stock,
        first: &["stock", "quantite", "voorraad", "aantal", "bestand", "lagerbestand", "quantity"],
        second: &[],
    },
    Names {
        field: Field::Food,
        first: &["food", "alimentaire", "alimentation", "voeding", "voedsel", "lebensmittel"],
        second: &[],
    },
];

/// Which of several products of one name a row is: `Blue`, `M`. Square, Shopify and Loyverse keep it beside the name.
const VARIANTS: [&[&str]; 3] = [
    &["variation name"],
    &["option1 value", "option2 value", "option3 value"],
    &["option 1 value", "option 2 value", "option 3 value"],
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
        NAMES.iter().find(|names| names.field == self).map_or("", |names| names.first[0])
    }

    /// The column of a heading.
    pub fn of_heading(heading: &str) -> Option<Field> {
        Field::ranked(heading).map(|(field, _)| field)
    }

    /// The column of a heading, and whether another heading would be better.
    fn ranked(heading: &str) -> Option<(Field, Rank)> {
        let folded = crate::fold::fold(heading);
        let known = |folded: &str| {
            NAMES.iter().find_map(|names| match folded {
                first if names.first.contains(&first) => Some((names.field, Rank::First)),
                second if names.second.contains(&second) => Some((names.field, Rank::Second)),
                _ => None,
            })
        };
        // Loyverse has a price for each shop: `Price [Main Store]`.
        let of_shop = || {
            let (bare, _) = heading.trim().strip_suffix(']')?.split_once('[')?;
            known(&crate::fold::fold(bare)).filter(|(field, _)| *field == Field::Price)
        };
        known(&folded).or_else(of_shop)
    }
}

/// How sure a heading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    First,
    Second,
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
    /// What tells products of one name apart.
    variants: Vec<usize>,
    /// How many columns the header has, known or not.
    pub width: usize,
    /// Headings that mean nothing here; their cells are passed over, and the report says so.
    pub ignored: Vec<String>,
    /// Whether it is exactly the header that our own export writes: its texts stand in it as they are.
    pub ours: bool,
}

impl Columns {
    /// Reads the header.
    pub fn of_header(line: u64, headings: &[String]) -> Result<Columns, HeaderError> {
        let known: Vec<Option<(Field, Rank)>> = headings.iter().map(|heading| Field::ranked(heading)).collect();
        let mut columns = Columns {
            places: [None; Field::ALL.len()],
            variants: variants(headings),
            width: headings.len(),
            ignored: Vec::new(),
            ours: headings.iter().map(String::as_str).eq(Field::ALL.map(Field::name)),
        };
        for (place, heading) in headings.iter().enumerate() {
            let field = known[place].filter(|(field, rank)| {
                // Where there is a better one, this is something else.
                known.iter().flatten().all(|(other, better)| other != field || better >= rank)
            });
            let Some((field, _)) = field else {
                if !heading.is_empty() && !columns.variants.contains(&place) {
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

    /// What tells this row from others of its name: `Blue`, or nothing.
    pub fn variant<'a>(&self, fields: &'a [String]) -> impl Iterator<Item = &'a str> {
        // What Shopify and Square write where there is only one.
        const NOTHING: [&str; 2] = ["Default Title", "Regular"];
        let cells = self.variants.iter().filter_map(|place| fields.get(*place)).map(String::as_str);
        cells.filter(|cell| !cell.is_empty() && !NOTHING.contains(cell)).collect::<Vec<_>>().into_iter()
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

fn variants(headings: &[String]) -> Vec<usize> {
    let folded: Vec<String> = headings.iter().map(|heading| crate::fold::fold(heading)).collect();
    let places = |names: &&[&str]| -> Vec<usize> {
        names.iter().filter_map(|name| folded.iter().position(|heading| heading == name)).collect()
    };
    VARIANTS.iter().map(places).find(|places| !places.is_empty()).unwrap_or_default()
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
    fn a_description_is_the_name_only_where_there_is_none() {
        let name = |header: &str| {
            let columns = columns(header).unwrap_or_else(|error| panic!("{header}: {error}"));
            let headings: Vec<String> = header.split([',', ';']).map(str::to_owned).collect();
            columns.cell(Field::Name, &headings).unwrap().to_owned()
        };
        for (header, expected) in [
            ("Référence;Désignation;Description;Prix TTC;TVA", "Désignation"),
            ("Description;Référence;Nom;Prix TTC;TVA", "Nom"),
            ("sku,description,price,vat", "description"),
            ("SKU,Item Name,Description,Price,vat", "Item Name"),
            ("Artikelnummer;Omschrijving;Naam;Prijs;BTW", "Naam"),
            ("Artikelnummer;Omschrijving;Prijs;BTW", "Omschrijving"),
            ("Artikelnr;Bezeichnung;Beschreibung;Preis;MwSt", "Bezeichnung"),
            ("sku,Title,Description,Variant Price,VAT", "Title"),
            ("Référence,Libellé,Produit,Description,Prix,TVA", "Libellé"),
        ] {
            assert_eq!(name(header), expected, "{header}");
        }
        let twice = columns("sku,name,nom,price,vat").unwrap_err().to_string();
        assert_eq!(twice, "the header has the column name twice (\"name\" and \"nom\")");
        let two = columns("sku,description,omschrijving,price,vat").unwrap_err().to_string();
        assert_eq!(two, "the header has the column name twice (\"description\" and \"omschrijving\")");
        assert_eq!(columns("Article;SKU;Nom;Description;Prix;TVA").unwrap().ignored, ["Article", "Description"]);
    }

    #[test]
    fn of_other_systems_only_what_is_really_missing_is_named() {
        for header in [
            "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Barcode",
            "Token,Item Name,Variation Name,SKU,Description,Category,GTIN,Price,Tax - TVA (21%)",
            "ID,Type,SKU,Name,Short description,Description,Tax status,Tax class,In stock?,Stock,Sale price,Regular price",
            "ID,Type,SKU,\"GTIN, UPC, EAN, or ISBN\",Name,Description,Regular price",
            "External ID,Name,Product Type,Internal Reference,Barcode,Sales Price,Cost,Sales Description",
            "Handle,SKU,Name,Category,Description,Option 1 name,Option 1 value,Barcode,SKU of included item,Price [Main Store]",
            "ID,UGS,Nom,Description,Tarif promo,Tarif régulier",
        ] {
            let headings: Vec<String> = super::super::records::split(header);
            let told = Columns::of_header(1, &headings).unwrap_err().to_string();
            assert_eq!(told, "the header has no column vat", "{header}");
        }
        assert_eq!(
            columns("SKU,Name,vat,Price [Main],Price [Second]").unwrap_err().to_string(),
            "the header has the column price twice (\"Price [Main]\" and \"Price [Second]\")"
        );
    }

    #[test]
    fn what_tells_variants_apart_is_known() {
        let header = "Option1 Value,Option2 Value,Title,Variant SKU,Variant Price,vat";
        let columns = columns(header).unwrap();
        let variant = |cells: [&str; 2]| columns.variant(&cells.map(str::to_owned)).collect::<Vec<_>>().join("/");
        assert_eq!(variant(["Blue", "M"]), "Blue/M");
        assert_eq!(variant(["Default Title", ""]), "");
        assert!(columns.ignored.is_empty(), "{:?}", columns.ignored);
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
