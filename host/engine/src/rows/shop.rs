//! The shop's row.

use super::{Fields, Record, time};
use crate::error::{Code, EngineResult};
use aurapos_contract::Value;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::country::CountryProfile;
use aurapos_domain::ids::ShopId;
use aurapos_domain::money::Currency;
use aurapos_domain::tax::PriceMode;
use std::collections::BTreeMap;

/// The shop. Its address and the like stand on receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Its id.
    pub id: ShopId,
    /// Its name.
    pub name: String,
    /// Its country's profile.
    pub country: &'static CountryProfile,
    /// Language of receipts, BCP 47: `fr`.
    pub language: String,
    /// Its money.
    pub currency: Currency,
    /// IANA time zone: `Europe/Brussels`.
    pub timezone: String,
    /// Address, a line each.
    pub address: Vec<String>,
    /// Phone number; empty for none.
    pub phone: String,
    /// VAT number; empty for none.
    pub vat_number: String,
    /// Whether prices contain the VAT.
    pub price_mode: PriceMode,
    /// When it was set up.
    pub created: Timestamp,
    /// What only a newer program understands, by column: it is kept when the row is written again. The field itself then
    /// holds something neutral, and nothing is sold with it ([`Shop::must_be_known`]).
    pub newer: BTreeMap<&'static str, String>,
}

impl Shop {
    /// Refuses what depends on all of the shop's row being understood: prices, taxes, rounding, days.
    ///
    /// # Errors
    /// [`Code::NeedsUpdate`] with what is not understood.
    pub fn must_be_known(&self) -> EngineResult<()> {
        let Some((column, value)) = self.newer.iter().next() else { return Ok(()) };
        let what = column.replace('_', " ");
        Err(Code::NeedsUpdate.error(format!("The shop's {what} \"{value}\" is not known to this program.")))
    }

    /// A text of the row as this program understands it; what it doesn't is put aside.
    fn understood<T>(
        &mut self,
        fields: &mut Fields<'_>,
        column: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
        neutral: T,
    ) -> EngineResult<T> {
        let text = fields.text()?;
        let known = read(&text);
        if known.is_none() {
            self.newer.insert(column, text);
        }
        Ok(known.unwrap_or(neutral))
    }
}

impl Record for Shop {
    const TABLE: &'static str = "shop";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "country",
        "language",
        "currency",
        "timezone",
        "address",
        "phone",
        "vat_number",
        "price_mode",
        "created",
    ];

    fn write(&self) -> Vec<Value> {
        let stored =
            |column: &str, known: &str| -> Value { self.newer.get(column).map_or(known, String::as_str).into() };
        vec![
            self.id.uuid().into(),
            self.name.as_str().into(),
            stored("country", self.country.code),
            self.language.as_str().into(),
            stored("currency", self.currency.code()),
            stored("timezone", &self.timezone),
            self.address.join("\n").into(),
            self.phone.as_str().into(),
            self.vat_number.as_str().into(),
            stored("price_mode", self.price_mode.code()),
            time(self.created),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let neutral = CountryProfile::neutral();
        let mut shop = Shop {
            id: fields.id()?,
            name: fields.text()?,
            country: neutral,
            language: String::new(),
            currency: Currency::NONE,
            timezone: neutral.timezone.to_owned(),
            address: Vec::new(),
            phone: String::new(),
            vat_number: String::new(),
            price_mode: neutral.price_mode,
            created: Timestamp(0),
            newer: BTreeMap::new(),
        };
        shop.country = shop.understood(fields, "country", CountryProfile::find, neutral)?;
        shop.language = fields.text()?;
        shop.currency = shop.understood(fields, "currency", |code| Currency::from_code(code).ok(), Currency::NONE)?;
        let zone = |name: &str| crate::local_time::zone(name).is_ok().then(|| name.to_owned());
        shop.timezone = shop.understood(fields, "timezone", zone, neutral.timezone.to_owned())?;
        shop.address = fields.text()?.lines().map(str::to_owned).collect();
        shop.phone = fields.text()?;
        shop.vat_number = fields.text()?;
        shop.price_mode = shop.understood(fields, "price_mode", PriceMode::from_code, neutral.price_mode)?;
        shop.created = fields.time()?;
        Ok(shop)
    }
}
