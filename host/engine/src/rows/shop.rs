//! The shop's row.

use super::{Fields, Record, time};
use crate::error::EngineResult;
use aurapos_contract::Value;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::country::CountryProfile;
use aurapos_domain::ids::ShopId;
use aurapos_domain::money::Currency;
use aurapos_domain::tax::PriceMode;

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
        vec![
            self.id.uuid().into(),
            self.name.as_str().into(),
            self.country.code.into(),
            self.language.as_str().into(),
            self.currency.code().into(),
            self.timezone.as_str().into(),
            self.address.join("\n").into(),
            self.phone.as_str().into(),
            self.vat_number.as_str().into(),
            self.price_mode.code().into(),
            time(self.created),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(Shop {
            id: fields.id()?,
            name: fields.text()?,
            country: fields.coded(CountryProfile::find)?,
            language: fields.text()?,
            currency: fields.parsed(Currency::from_code)?,
            timezone: fields.text()?,
            address: fields.text()?.lines().map(str::to_owned).collect(),
            phone: fields.text()?,
            vat_number: fields.text()?,
            price_mode: fields.coded(PriceMode::from_code)?,
            created: fields.time()?,
        })
    }
}
