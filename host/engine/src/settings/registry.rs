//! The table of settings: what each is, what it may be, who may change it.

use aurapos_domain::barcode::{EmbeddedKind, EmbeddedScheme};
use aurapos_domain::catalog::check_name;
use aurapos_domain::country::CountryProfile;
use aurapos_domain::people::Permission;

use crate::error::{Code, EngineResult};
use crate::rows::shop::Shop;

/// Most lines of a setting that has several.
const LINES_MAX: usize = 6;
/// The latest beginning of a day, in minutes after midnight: later, and most of a day would count for the one before.
const MORNING_MINUTES_MAX: u32 = 12 * 60;
/// Most layouts of scale labels.
const SCHEMES_MAX: usize = 10;

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number within these limits.
    Int {
        /// Lowest.
        min: i64,
        /// Highest.
        max: i64,
    },
    /// One line of text; may be empty when it says so.
    Text {
        /// Whether nothing is a value.
        empty: Empty,
    },
    /// Up to 6 lines of text, separated by `|` or line ends.
    Lines,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A VAT number by the rule of the shop's country; may be empty.
    VatNumber,
    /// A time of day from 00:00 to 12:00: `05:00`.
    Morning,
    /// Layouts of scale labels: `PREFIX:ITEM_DIGITS:VALUE_DIGITS:DECIMALS:weight|price`, `+` at the end for an inner check
    /// digit, several apart by `;`.
    ScaleLabels,
}

/// Whether a text may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Empty {
    Allowed,
    Refused,
}

/// A field of the shop's own row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ShopField {
    Name,
    Address,
    Phone,
    VatNumber,
    Language,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name: `backup.weekly_years`.
    pub key: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is unless changed; empty with [`Definition::default_for`] where the country decides.
    pub default: &'static str,
    /// One sentence for the shop owner.
    pub description: &'static str,
    /// Who may change it.
    pub permission: Permission,
    /// Where it stands when it is no row of its own.
    pub shop: Option<ShopField>,
}

const fn setting(key: &'static str, kind: Kind, default: &'static str, description: &'static str) -> Definition {
    Definition { key, kind, default, description, permission: Permission::Settings, shop: None }
}

const fn of_shop(key: &'static str, kind: Kind, place: ShopField, description: &'static str) -> Definition {
    Definition { key, kind, default: "", description, permission: Permission::Settings, shop: Some(place) }
}

const fn of_backup(key: &'static str, kind: Kind, default: &'static str, description: &'static str) -> Definition {
    Definition { key, kind, default, description, permission: Permission::Backup, shop: None }
}

/// Every setting, by key.
static DEFINITIONS: [Definition; 11] = [
    of_backup(
        "backup.daily_keep",
        Kind::Int { min: 1, max: 365 },
        "10",
        "How many days with a backup are kept: of each the newest backup.",
    ),
    of_backup(
        "backup.weekly_years",
        Kind::Int { min: 1, max: 50 },
        "",
        "Years for which weekly backups are kept. 7 was the Belgian rule for years; newer sources say 10 years for VAT \
         records: ask your accountant before choosing fewer than 10.",
    ),
    setting(
        "barcode.labels",
        Kind::ScaleLabels,
        "",
        "Layout of the labels of your scales, such as 21:5:5:3:weight (prefix 21, 5 digits of the article, 5 digits of \
         the weight with 3 decimals) or 28:4:5:2:price+ (the plus: an inner check digit); several separated by ;.",
    ),
    setting(
        "day.begins",
        Kind::Morning,
        "05:00",
        "When the shop's day begins: what is sold before it counts for the day before. 00:00 for midnight.",
    ),
    setting("receipt.footer", Kind::Lines, "", "Lines under every receipt, separated by |."),
    setting(
        "rounding.all_tenders",
        Kind::Bool,
        "false",
        "Round every total to 5 cents, not only what is paid in cash (vouchers are never rounded).",
    ),
    of_shop("shop.address", Kind::Lines, ShopField::Address, "Address on receipts, lines separated by |."),
    of_shop("shop.language", Kind::Choice(&crate::setup::LANGUAGES), ShopField::Language, "Language of receipts."),
    of_shop("shop.name", Kind::Text { empty: Empty::Refused }, ShopField::Name, "Name of the shop on receipts."),
    of_shop("shop.phone", Kind::Text { empty: Empty::Allowed }, ShopField::Phone, "Phone number on receipts."),
    of_shop("shop.vat_number", Kind::VatNumber, ShopField::VatNumber, "VAT number of the shop on receipts."),
];

/// Every setting, by key.
pub fn definitions() -> &'static [Definition] {
    &DEFINITIONS
}

/// The setting of a key; an error that names the nearest keys when there is none.
pub fn find(key: &str) -> EngineResult<&'static Definition> {
    if let Some(definition) = DEFINITIONS.iter().find(|definition| definition.key == key) {
        return Ok(definition);
    }
    let group = key.split('.').next().unwrap_or_default();
    let near: Vec<&str> =
        DEFINITIONS.iter().map(|definition| definition.key).filter(|known| known.starts_with(group)).collect();
    let shown: String = key.chars().take(60).collect();
    let error = Code::NoSuchSetting.error(format!("There is no setting \"{shown}\"."));
    Err(if near.is_empty() { error } else { error.with_next(format!("Use one of: {}.", near.join(", "))) })
}

impl Definition {
    /// What it is unless changed, in a country.
    pub fn default_for(&self, country: &CountryProfile) -> String {
        match self.key {
            "backup.weekly_years" => country.retention_years.to_string(),
            _ => self.default.to_owned(),
        }
    }

    /// The value as it is stored, or why it is refused.
    pub fn normalise(&self, text: &str, country: &CountryProfile) -> Result<String, String> {
        let text = crate::fold::nfc(text.trim());
        match self.kind {
            Kind::Bool => match crate::fold::fold(&text).as_str() {
                "true" | "yes" | "on" | "1" => Ok("true".to_owned()),
                "false" | "no" | "off" | "0" => Ok("false".to_owned()),
                _ => Err("it is true or false".to_owned()),
            },
            Kind::Int { min, max } => match text.parse::<i64>() {
                Ok(number) if (min..=max).contains(&number) => Ok(number.to_string()),
                _ => Err(format!("it is a whole number from {min} to {max}")),
            },
            Kind::Text { empty: Empty::Allowed } if text.is_empty() => Ok(text),
            Kind::Text { .. } => check_name(&text).map(|()| text).map_err(|error| error.to_string()),
            Kind::Lines => {
                let lines = lines(&text);
                if lines.len() > LINES_MAX {
                    return Err(format!("it has at most {LINES_MAX} lines"));
                }
                lines.iter().try_for_each(|line| check_name(line)).map_err(|error| error.to_string())?;
                Ok(lines.join("|"))
            }
            Kind::Choice(choices) if choices.contains(&text.as_str()) => Ok(text),
            Kind::Choice(choices) => Err(format!("it is one of {}", choices.join(", "))),
            Kind::VatNumber if text.is_empty() => Ok(text),
            Kind::VatNumber => country.vat_number.normalise(&text).map_err(|error| error.to_string()),
            Kind::Morning => match morning(&text) {
                Some(minutes) => Ok(format!("{:02}:{:02}", minutes / 60, minutes % 60)),
                None => Err("it is a time from 00:00 to 12:00, like 05:00".to_owned()),
            },
            Kind::ScaleLabels => embedded_schemes(&text).map(|_| text),
        }
    }

    /// Whether a stored value is one that this program takes.
    pub(super) fn check(&self, value: &str) -> Result<(), String> {
        match self.kind {
            // The country decides; nothing but a shop's own row holds one.
            Kind::VatNumber => Ok(()),
            _ => self.normalise(value, &CountryProfile::ALL[0]).map(|_| ()),
        }
    }
}

impl ShopField {
    /// The field's value as a setting.
    pub(super) fn read(self, shop: &Shop) -> String {
        match self {
            ShopField::Name => shop.name.clone(),
            ShopField::Address => shop.address.join("|"),
            ShopField::Phone => shop.phone.clone(),
            ShopField::VatNumber => shop.vat_number.clone(),
            ShopField::Language => shop.language.clone(),
        }
    }

    /// Puts a normalised value into the shop.
    pub(super) fn write(self, shop: &mut Shop, value: &str) {
        match self {
            ShopField::Name => value.clone_into(&mut shop.name),
            ShopField::Address => shop.address = lines(value),
            ShopField::Phone => value.clone_into(&mut shop.phone),
            ShopField::VatNumber => value.clone_into(&mut shop.vat_number),
            ShopField::Language => value.clone_into(&mut shop.language),
        }
    }
}

/// Minutes after midnight of `5:00` or `05:00`, up to noon.
pub(super) fn morning(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |part: &str| {
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse::<u32>().ok() } else { None }
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes).filter(|_| minutes.len() == 2)?);
    let after_midnight = hours * 60 + minutes;
    (minutes < 60 && after_midnight <= MORNING_MINUTES_MAX).then_some(after_midnight)
}

/// The lines of a value; empty ones are left out.
pub(super) fn lines(value: &str) -> Vec<String> {
    value.split(['|', '\n']).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Reads `21:5:5:3:weight;28:4:5:2:price+`; two layouts must not read the same labels.
pub fn embedded_schemes(text: &str) -> Result<Vec<EmbeddedScheme>, String> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    let schemes: Vec<EmbeddedScheme> = parts.map(scheme).collect::<Result<_, _>>()?;
    if schemes.len() > SCHEMES_MAX {
        return Err(format!("at most {SCHEMES_MAX} layouts"));
    }
    for (index, scheme) in schemes.iter().enumerate() {
        let overlaps = |other: &EmbeddedScheme| {
            other.prefix.starts_with(&scheme.prefix) || scheme.prefix.starts_with(&other.prefix)
        };
        if schemes[..index].iter().any(overlaps) {
            return Err(format!("two layouts would read labels that begin with {}", scheme.prefix));
        }
    }
    Ok(schemes)
}

fn scheme(text: &str) -> Result<EmbeddedScheme, String> {
    let form = || format!("\"{text}\" is not a layout like 21:5:5:3:weight or 28:4:5:2:price+");
    let (bare, inner_check_digit) = text.strip_suffix('+').map_or((text, false), |bare| (bare, true));
    let parts: Vec<&str> = bare.split(':').collect();
    let [prefix, item, value, decimals, kind] = parts[..] else { return Err(form()) };
    let digits = |text: &str| text.parse::<u8>().map_err(|_| form());
    let kind = match kind {
        "weight" => EmbeddedKind::Weight,
        "price" => EmbeddedKind::Price,
        _ => return Err(form()),
    };
    let scheme = EmbeddedScheme {
        prefix: prefix.to_owned(),
        item_digits: digits(item)?,
        value_digits: digits(value)?,
        decimals: digits(decimals)?,
        inner_check_digit,
        kind,
    };
    scheme.check().map_err(|error| format!("\"{text}\": {error}"))?;
    Ok(scheme)
}
