//! The words of a receipt in each language. A struct, so that a language that misses a word does not compile.

use crate::Language;
use aurapos_domain::tender::TenderKind;

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Words {
    pub refund: &'static str,
    pub refund_of: &'static str,
    pub duplicate: &'static str,
    pub receipt: &'static str,
    pub served_by: &'static str,
    pub vat_number: &'static str,
    pub customer_vat_number: &'static str,
    pub phone: &'static str,
    pub discount: &'static str,
    pub subtotal: &'static str,
    pub vat: &'static str,
    pub vat_base: &'static str,
    pub vat_included: &'static str,
    pub total: &'static str,
    pub rounding: &'static str,
    pub to_pay: &'static str,
    pub paid_back: &'static str,
    pub change: &'static str,
    pub journal: &'static str,
    tenders: [&'static str; 8],
}

const ENGLISH: Words = Words {
    refund: "REFUND",
    refund_of: "Refund of",
    duplicate: "DUPLICATE",
    receipt: "Receipt",
    served_by: "Served by",
    vat_number: "VAT",
    customer_vat_number: "Customer VAT",
    phone: "Tel.",
    discount: "Discount",
    subtotal: "Subtotal",
    vat: "VAT",
    vat_base: "net",
    vat_included: "gross",
    total: "TOTAL",
    rounding: "Rounding",
    to_pay: "To pay",
    paid_back: "Paid back",
    change: "Change",
    journal: "Journal",
    tenders: ["Cash", "Card", "Meal voucher", "Eco voucher", "Gift voucher", "Transfer", "On account", "Other"],
};

const FRENCH: Words = Words {
    refund: "REMBOURSEMENT",
    refund_of: "Remboursement de",
    duplicate: "DUPLICATA",
    receipt: "Ticket",
    served_by: "Servi par",
    vat_number: "TVA",
    customer_vat_number: "TVA client",
    phone: "Tél.",
    discount: "Remise",
    subtotal: "Sous-total",
    vat: "TVA",
    vat_base: "HTVA",
    vat_included: "TVAC",
    total: "TOTAL",
    rounding: "Arrondi",
    to_pay: "À payer",
    paid_back: "Remboursé",
    change: "Rendu",
    journal: "Journal",
    tenders: ["Espèces", "Carte", "Titre-repas", "Éco-chèque", "Bon cadeau", "Virement", "En compte", "Autre"],
};

const DUTCH: Words = Words {
    refund: "TERUGBETALING",
    refund_of: "Terugbetaling van",
    duplicate: "DUPLICAAT",
    receipt: "Ticket",
    served_by: "Bediend door",
    vat_number: "BTW",
    customer_vat_number: "BTW klant",
    phone: "Tel.",
    discount: "Korting",
    subtotal: "Subtotaal",
    vat: "BTW",
    vat_base: "excl.",
    vat_included: "incl.",
    total: "TOTAAL",
    rounding: "Afronding",
    to_pay: "Te betalen",
    paid_back: "Terugbetaald",
    change: "Wisselgeld",
    journal: "Journaal",
    tenders: [
        "Contant",
        "Kaart",
        "Maaltijdcheque",
        "Ecocheque",
        "Cadeaubon",
        "Overschrijving",
        "Op rekening",
        "Andere",
    ],
};

const GERMAN: Words = Words {
    refund: "RÜCKGABE",
    refund_of: "Rückgabe zu",
    duplicate: "DUPLIKAT",
    receipt: "Beleg",
    served_by: "Es bediente Sie",
    vat_number: "MwSt.-Nr.",
    customer_vat_number: "MwSt.-Nr. Kunde",
    phone: "Tel.",
    discount: "Rabatt",
    subtotal: "Zwischensumme",
    vat: "MwSt.",
    vat_base: "netto",
    vat_included: "brutto",
    total: "SUMME",
    rounding: "Rundung",
    to_pay: "Zu zahlen",
    paid_back: "Erstattet",
    change: "Rückgeld",
    journal: "Journal",
    tenders: ["Bar", "Karte", "Mahlzeitscheck", "Öko-Scheck", "Gutschein", "Überweisung", "Auf Rechnung", "Sonstiges"],
};

impl Words {
    /// The words of a language.
    pub const fn of(language: Language) -> &'static Words {
        match language {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
            Language::Dutch => &DUTCH,
            Language::German => &GERMAN,
        }
    }

    /// The name of a way of paying.
    pub const fn tender(&self, kind: TenderKind) -> &'static str {
        self.tenders[match kind {
            TenderKind::Cash => 0,
            TenderKind::Card => 1,
            TenderKind::MealVoucher => 2,
            TenderKind::EcoVoucher => 3,
            TenderKind::GiftVoucher => 4,
            TenderKind::Transfer => 5,
            TenderKind::Account => 6,
            TenderKind::Other => 7,
        }]
    }
}
