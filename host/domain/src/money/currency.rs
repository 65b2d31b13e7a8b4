//! Currencies of ISO 4217: the code and how many decimals the minor unit has.

use super::MoneyError;
use std::fmt;

/// A currency; two currencies are equal when their codes are.
// Private fields: a value is always one of the table below, so code and digits belong together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    code: [u8; 3],
    digits: u8,
}

/// Active codes with two decimals (ISO 4217, list one; funds and metals left out).
const TWO_DIGITS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
    CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR \
    IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN \
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL \
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG";
/// Active codes without a minor unit.
const NO_DIGITS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Active codes with three decimals.
const THREE_DIGITS: &str = "BHD IQD JOD KWD LYD OMR TND";

impl Currency {
    /// The euro.
    pub const EUR: Currency = Currency { code: *b"EUR", digits: 2 };
    /// The US dollar.
    pub const USD: Currency = Currency { code: *b"USD", digits: 2 };
    /// The pound sterling.
    pub const GBP: Currency = Currency { code: *b"GBP", digits: 2 };
    /// The Swiss franc.
    pub const CHF: Currency = Currency { code: *b"CHF", digits: 2 };
    /// The yen, which has no minor unit.
    pub const JPY: Currency = Currency { code: *b"JPY", digits: 0 };

    /// No currency (ISO 4217 `XXX`): of amounts whose money this program does not know.
    pub const NONE: Currency = Currency { code: *b"XXX", digits: 2 };

    /// The currency of an upper-case ISO 4217 code.
    pub fn from_code(code: &str) -> Result<Currency, MoneyError> {
        let unknown = || MoneyError::UnknownCurrency { code: code.chars().take(16).collect() };
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| unknown())?;
        for (list, digits) in [(TWO_DIGITS, 2), (NO_DIGITS, 0), (THREE_DIGITS, 3)] {
            if list.split_ascii_whitespace().any(|known| known == code) {
                return Ok(Currency { code: bytes, digits });
            }
        }
        Err(unknown())
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).expect("only codes of the ASCII table above are ever stored")
    }

    /// Decimals of the minor unit: 2 for cents.
    pub const fn digits(&self) -> u8 {
        self.digits
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
