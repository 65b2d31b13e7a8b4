//! The words of the report on backups that an inspector reads. A struct, so that a language that misses a word does not compile.

use crate::Language;

/// The words of one language. In `{0}` and `{1}` stand numbers and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Words {
    pub title: &'static str,
    pub shop: &'static str,
    pub vat_number: &'static str,
    pub register: &'static str,
    pub made: &'static str,
    pub period: &'static str,
    /// `{0}` years.
    pub years: &'static str,
    pub journal: &'static str,
    /// `{0}` entries.
    pub journal_good: &'static str,
    /// `{0}` differences.
    pub journal_bad: &'static str,
    pub last_entry: &'static str,
    pub backups: &'static str,
    pub date: &'static str,
    pub file: &'static str,
    pub series: &'static str,
    pub size: &'static str,
    pub hash: &'static str,
    pub sales: &'static str,
    pub entry: &'static str,
    pub state: &'static str,
    pub daily: &'static str,
    pub weekly: &'static str,
    pub safety: &'static str,
    pub verified: &'static str,
    pub unchecked: &'static str,
    pub refused: &'static str,
    /// `{0}` a day, `{1}` why.
    pub deleted: &'static str,
    pub missing: &'static str,
    pub changed: &'static str,
    /// `{0}` a day.
    pub restored: &'static str,
    pub unwritten: &'static str,
    pub gaps: &'static str,
    pub no_gaps: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub days: &'static str,
    pub explanation: &'static str,
    pub unused: &'static str,
    /// `{0}` days.
    pub used: &'static str,
    pub how: &'static str,
}

const ENGLISH: Words = Words {
    title: "Report on backups",
    shop: "Shop",
    vat_number: "VAT number",
    register: "Register",
    made: "Made",
    period: "Period",
    years: "The last {0} years",
    journal: "Journal",
    journal_good: "Walked from its beginning to its end: {0} entries, each bound to the one before it, no differences.",
    journal_bad: "Walked from its beginning to its end: {0} differences. The shop's supplier must look at it.",
    last_entry: "Last entry",
    backups: "Backups",
    date: "Made on",
    file: "File",
    series: "Series",
    size: "Bytes",
    hash: "SHA-256 of the file",
    sales: "Sales in it",
    entry: "Journal entry",
    state: "State",
    daily: "daily",
    weekly: "weekly",
    safety: "before a restore",
    verified: "there; restored and reconciled",
    unchecked: "there; not checked",
    refused: "there; did not pass its check",
    deleted: "deleted on {0}: {1}",
    missing: "not there any more; the journal tells of no deletion",
    changed: "there; not the file that was made",
    restored: "put in the place of the data on {0}",
    unwritten: "not in this journal",
    gaps: "More than eight days without a backup",
    no_gaps: "None.",
    from: "From",
    to: "To",
    days: "Days",
    explanation: "Explanation",
    unused: "The register sold nothing in this time.",
    used: "The register sold on {0} days of this time and made no backup.",
    how: "Every backup is written into the journal when it was made and proved. Each entry of the journal holds the hash of the \
          one before it, so none can be changed or taken out without a trace; the journal is in every backup.",
};

const FRENCH: Words = Words {
    title: "Rapport sur les sauvegardes",
    shop: "Magasin",
    vat_number: "Numéro de TVA",
    register: "Caisse",
    made: "Établi le",
    period: "Période",
    years: "Les {0} dernières années",
    journal: "Journal",
    journal_good: "Parcouru du début à la fin : {0} écritures, chacune liée à la précédente, aucune différence.",
    journal_bad: "Parcouru du début à la fin : {0} différences. Le fournisseur du magasin doit l'examiner.",
    last_entry: "Dernière écriture",
    backups: "Sauvegardes",
    date: "Faite le",
    file: "Fichier",
    series: "Série",
    size: "Octets",
    hash: "SHA-256 du fichier",
    sales: "Ventes contenues",
    entry: "Écriture du journal",
    state: "État",
    daily: "quotidienne",
    weekly: "hebdomadaire",
    safety: "avant une restauration",
    verified: "présente ; restaurée et rapprochée",
    unchecked: "présente ; non contrôlée",
    refused: "présente ; n'a pas passé son contrôle",
    deleted: "supprimée le {0} : {1}",
    missing: "n'est plus là ; le journal ne parle d'aucune suppression",
    changed: "présente ; ce n'est pas le fichier qui a été fait",
    restored: "mise à la place des données le {0}",
    unwritten: "pas dans ce journal",
    gaps: "Plus de huit jours sans sauvegarde",
    no_gaps: "Aucun intervalle.",
    from: "Du",
    to: "Au",
    days: "Jours",
    explanation: "Explication",
    unused: "La caisse n'a rien vendu pendant ce temps.",
    used: "La caisse a vendu {0} jours pendant ce temps et n'a fait aucune sauvegarde.",
    how: "Chaque sauvegarde est inscrite au journal lorsqu'elle a été faite et éprouvée. Chaque écriture du journal contient \
          l'empreinte de la précédente : aucune ne peut être changée ni retirée sans trace ; le journal est dans chaque sauvegarde.",
};

const DUTCH: Words = Words {
    title: "Verslag over de back-ups",
    shop: "Winkel",
    vat_number: "Btw-nummer",
    register: "Kassa",
    made: "Opgemaakt op",
    period: "Periode",
    years: "De laatste {0} jaar",
    journal: "Journaal",
    journal_good: "Van begin tot einde doorlopen: {0} boekingen, elk verbonden met de vorige, geen verschillen.",
    journal_bad: "Van begin tot einde doorlopen: {0} verschillen. De leverancier van de winkel moet ernaar kijken.",
    last_entry: "Laatste boeking",
    backups: "Back-ups",
    date: "Gemaakt op",
    file: "Bestand",
    series: "Reeks",
    size: "Bytes",
    hash: "SHA-256 van het bestand",
    sales: "Verkopen erin",
    entry: "Journaalboeking",
    state: "Toestand",
    daily: "dagelijks",
    weekly: "wekelijks",
    safety: "voor een herstel",
    verified: "aanwezig; hersteld en vergeleken",
    unchecked: "aanwezig; niet gecontroleerd",
    refused: "aanwezig; doorstond de controle niet",
    deleted: "verwijderd op {0}: {1}",
    missing: "niet meer aanwezig; het journaal vermeldt geen verwijdering",
    changed: "aanwezig; niet het bestand dat gemaakt werd",
    restored: "in de plaats van de gegevens gezet op {0}",
    unwritten: "niet in dit journaal",
    gaps: "Meer dan acht dagen zonder back-up",
    no_gaps: "Geen.",
    from: "Van",
    to: "Tot",
    days: "Dagen",
    explanation: "Uitleg",
    unused: "De kassa verkocht niets in deze tijd.",
    used: "De kassa verkocht op {0} dagen in deze tijd en maakte geen back-up.",
    how: "Elke back-up wordt in het journaal geschreven wanneer ze gemaakt en bewezen is. Elke boeking bevat de hash van de \
          vorige, zodat geen enkele zonder spoor veranderd of weggenomen kan worden; het journaal zit in elke back-up.",
};

const GERMAN: Words = Words {
    title: "Bericht über die Sicherungen",
    shop: "Geschäft",
    vat_number: "USt-IdNr.",
    register: "Kasse",
    made: "Erstellt am",
    period: "Zeitraum",
    years: "Die letzten {0} Jahre",
    journal: "Journal",
    journal_good: "Vom Anfang bis zum Ende durchgegangen: {0} Einträge, jeder an den vorigen gebunden, keine Unterschiede.",
    journal_bad: "Vom Anfang bis zum Ende durchgegangen: {0} Unterschiede. Der Lieferant des Geschäfts muss es ansehen.",
    last_entry: "Letzter Eintrag",
    backups: "Sicherungen",
    date: "Erstellt am",
    file: "Datei",
    series: "Reihe",
    size: "Bytes",
    hash: "SHA-256 der Datei",
    sales: "Verkäufe darin",
    entry: "Journaleintrag",
    state: "Zustand",
    daily: "täglich",
    weekly: "wöchentlich",
    safety: "vor einer Wiederherstellung",
    verified: "vorhanden; wiederhergestellt und abgeglichen",
    unchecked: "vorhanden; nicht geprüft",
    refused: "vorhanden; bestand die Prüfung nicht",
    deleted: "gelöscht am {0}: {1}",
    missing: "nicht mehr vorhanden; das Journal weiß von keiner Löschung",
    changed: "vorhanden; nicht die Datei, die erstellt wurde",
    restored: "am {0} an die Stelle der Daten gesetzt",
    unwritten: "nicht in diesem Journal",
    gaps: "Mehr als acht Tage ohne Sicherung",
    no_gaps: "Keine.",
    from: "Von",
    to: "Bis",
    days: "Tage",
    explanation: "Erklärung",
    unused: "Die Kasse hat in dieser Zeit nichts verkauft.",
    used: "Die Kasse hat an {0} Tagen dieser Zeit verkauft und keine Sicherung erstellt.",
    how: "Jede Sicherung wird ins Journal geschrieben, wenn sie erstellt und geprüft ist. Jeder Eintrag enthält den Hash des \
          vorigen; keiner kann ohne Spur geändert oder entfernt werden. Das Journal ist in jeder Sicherung.",
};

impl Words {
    /// Those of a language.
    pub const fn of(language: Language) -> &'static Words {
        match language {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
            Language::Dutch => &DUTCH,
            Language::German => &GERMAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place that a translation forgot would leave a day or a number out.
    #[test]
    fn every_language_has_the_same_places() {
        for language in Language::ALL {
            let words = Words::of(language);
            for text in [words.years, words.journal_good, words.journal_bad, words.restored, words.used] {
                assert!(text.contains("{0}") && !text.contains("{1}"), "{language}: {text}");
            }
            assert!(words.deleted.contains("{0}") && words.deleted.contains("{1}"), "{language}");
        }
    }
}
