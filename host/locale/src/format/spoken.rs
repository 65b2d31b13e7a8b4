//! Days, durations, counts and sizes in words, as a screen tells them.

use super::{NO_BREAK, date, number, time};
use crate::Language;
use aurapos_domain::calendar::{Date, LocalTime};

const WEEKDAYS: [[&str; 7]; 4] = [
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
    ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
];

#[rustfmt::skip]
const MONTHS: [[&str; 12]; 4] = [
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
];

/// A day in words, without its year: `Sunday 22 November`, `dimanche 22 novembre`, `Sonntag, 22. November`.
pub fn long_date(language: Language, date: Date) -> String {
    let (_, month, day) = date.ymd();
    let weekday = WEEKDAYS[language.column()][date.weekday() as usize];
    let month_name = MONTHS[language.column()][(month as usize - 1).min(11)];
    match language {
        Language::English | Language::Dutch => format!("{weekday} {day} {month_name}"),
        Language::French if day == 1 => format!("{weekday} 1er {month_name}"),
        Language::French => format!("{weekday} {day} {month_name}"),
        Language::German => format!("{weekday}, {day}. {month_name}"),
    }
}

/// A moment as seen from a day: `today 19:02`, `yesterday 19:02`, otherwise `22/11/2026 19:02`.
pub fn relative_day(language: Language, today: Date, when: LocalTime) -> String {
    let [now, before] = match language {
        Language::English => ["today", "yesterday"],
        Language::French => ["aujourd'hui", "hier"],
        Language::Dutch => ["vandaag", "gisteren"],
        Language::German => ["heute", "gestern"],
    };
    match today.days() - when.date.days() {
        0 => format!("{now} {}", time(when)),
        1 => format!("{before} {}", time(when)),
        _ => format!("{} {}", date(language, when.date), time(when)),
    }
}

/// The same with a large first letter, for a label that begins with it: `Yesterday 19:02`.
pub fn capitalized(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

/// A whole number with its groups: `100.000`.
pub fn count(language: Language, value: u64) -> String {
    number(language, &value.to_string())
}

/// A size of data: `1.2 MB`, `1,2 Mo`; thousands are 1000, as disks count.
pub fn size(language: Language, bytes: u64) -> String {
    const NAMES: [[&str; 5]; 2] = [["B", "kB", "MB", "GB", "TB"], ["o", "ko", "Mo", "Go", "To"]];
    let names = NAMES[usize::from(language == Language::French)];
    let mut unit: u64 = 1;
    let mut place = 0;
    // 999.95 of a unit would be shown as 1000.0: the next one is taken from there.
    while place + 1 < names.len() && u128::from(bytes) * 100 >= u128::from(unit) * 99_995 {
        unit *= 1000;
        place += 1;
    }
    let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
    let text = match (place, tenths % 10) {
        (0, _) => bytes.to_string(),
        (_, tenth) => format!("{}.{tenth}", tenths / 10),
    };
    format!("{}{NO_BREAK}{}", number(language, &text), names[place])
}

/// How long something takes or lasts: `45 s`, `2 min 5 s`, `3 h 20 min`.
pub fn duration(language: Language, seconds: u64) -> String {
    let hour = match language {
        Language::English | Language::French => "h",
        Language::Dutch => "u",
        Language::German => "Std.",
    };
    let two = |large: u64, large_name: &str, small: u64, small_name: &str| match small {
        0 => format!("{large}{NO_BREAK}{large_name}"),
        _ => format!("{large}{NO_BREAK}{large_name} {small}{NO_BREAK}{small_name}"),
    };
    match seconds {
        0..60 => format!("{seconds}{NO_BREAK}s"),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        _ => two(seconds / 3600, hour, seconds % 3600 / 60, "min"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn all(told: impl Fn(Language) -> String) -> [String; 4] {
        Language::ALL.map(|language| told(language).replace(NO_BREAK, "_"))
    }

    #[test]
    fn days_in_words() {
        let day = |text| Date::parse(text).unwrap();
        assert_eq!(
            all(|l| long_date(l, day("2026-11-22"))),
            ["Sunday 22 November", "dimanche 22 novembre", "zondag 22 november", "Sonntag, 22. November"]
        );
        assert_eq!(long_date(Language::French, day("2026-08-01")), "samedi 1er août");
        let when = LocalTime { date: day("2026-02-28"), hour: 19, minute: 2, second: 1 };
        assert_eq!(
            all(|l| relative_day(l, day("2026-02-28"), when)),
            ["today 19:02", "aujourd'hui 19:02", "vandaag 19:02", "heute 19:02"]
        );
        assert_eq!(
            all(|l| capitalized(&relative_day(l, day("2026-03-01"), when))),
            ["Yesterday 19:02", "Hier 19:02", "Gisteren 19:02", "Gestern 19:02"]
        );
        // A clock that was put back shows a later day; that is a date like any other.
        for today in ["2026-03-02", "2026-02-27"] {
            assert_eq!(relative_day(Language::Dutch, day(today), when), "28-02-2026 19:02");
        }
    }

    #[test]
    fn counts_sizes_and_durations() {
        assert_eq!(all(|l| count(l, 100_000)), ["100,000", "100_000", "100.000", "100.000"]);
        assert_eq!(all(|l| size(l, 1_234_567)), ["1.2_MB", "1,2_Mo", "1,2_MB", "1,2_MB"]);
        let english = |bytes| size(Language::English, bytes).replace(NO_BREAK, " ");
        assert_eq!([0, 999, 1000, 999_949].map(english), ["0 B", "999 B", "1.0 kB", "999.9 kB"]);
        assert_eq!([999_950, 1_500_000_000, u64::MAX].map(english), ["1.0 MB", "1.5 GB", "18,446,744.1 TB"]);
        let lasts = |seconds| all(|l| duration(l, seconds))[3].clone();
        assert_eq!([45, 60, 125, 3600, 12_000].map(lasts), ["45_s", "1_min", "2_min 5_s", "1_Std.", "3_Std. 20_min"]);
    }
}
