//! A sale as rows of text, harmless in a spreadsheet.

use aurapos_plugin_api::contract::events::{EventKind, EventLine, HostEvent};
use aurapos_plugin_api::{ErrorCode, PluginError, PluginResult};

/// The first row. One row a line of a sale; what belongs to the whole sale stands in each of its rows.
const HEADER: [&str; 17] = [
    "time_utc",
    "register",
    "incarnation",
    "sequence",
    "kind",
    "receipt_number",
    "operator",
    "line",
    "sku",
    "name",
    "quantity",
    "unit_price",
    "line_total",
    "vat_percent",
    "sale_total",
    "currency",
    "tenders",
];

/// The header as bytes of the file.
pub(crate) fn header() -> PluginResult<Vec<u8>> {
    written(std::iter::once(HEADER.map(str::to_owned)))
}

/// The rows of an event as bytes of the file; none for what is no sale.
pub(crate) fn of_event(event: &HostEvent) -> PluginResult<Vec<u8>> {
    let kind = match event.kind {
        EventKind::Sale => "sale",
        EventKind::Refund => "refund",
        _ => return Ok(Vec::new()),
    };
    // A sale without lines (a total only) still has its row.
    let nothing = EventLine::default();
    let lines = if event.lines.is_empty() { std::slice::from_ref(&nothing) } else { &event.lines[..] };
    let tenders: Vec<String> =
        event.tenders.iter().map(|tender| format!("{} {}", tender.name, decimal(tender.amount_minor, 2))).collect();
    written(lines.iter().enumerate().map(|(index, line)| {
        [
            time(event.time),
            text(&event.register),
            event.incarnation.to_string(),
            event.sequence.to_string(),
            kind.to_owned(),
            text(&event.receipt_number),
            text(&event.operator),
            (index + 1).to_string(),
            text(&line.sku),
            text(&line.name),
            decimal(line.quantity, 3),
            decimal(line.unit_price_minor, 2),
            decimal(line.total_minor, 2),
            decimal(line.vat_rate, 2),
            decimal(event.total_minor, 2),
            text(&event.currency),
            text(&tenders.join("; ")),
        ]
    }))
}

fn written<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> PluginResult<Vec<u8>> {
    let failed = |error: &dyn std::fmt::Display| PluginError::new(ErrorCode::Internal, error.to_string());
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}

/// A cell of somebody else's text. Spreadsheets run a cell that begins like a formula; an apostrophe makes it text again. A
/// cell also begins behind a `;`, where the decimal sign is a comma.
fn text(cell: &str) -> String {
    const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let part = |part: &str| match part.trim_start_matches(['\'', '"', ' ']).starts_with(FORMULA) {
        true => format!("'{part}"),
        false => part.to_owned(),
    };
    cell.split(';').map(part).collect::<Vec<_>>().join(";")
}

/// A number of 10^-`places` as a decimal with a point.
fn decimal(number: i64, places: usize) -> String {
    let digits = format!("{:0width$}", number.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    format!("{}{whole}.{part}", if number < 0 { "-" } else { "" })
}

/// `2026-04-26T16:00:42Z`, by the civil calendar, after Howard Hinnant's `civil_from_days`.
fn time(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times() {
        assert_eq!(decimal(1245, 2), "12.45");
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(1250, 3), "1.250");
        assert_eq!(decimal(i64::MIN, 2), "-92233720368547758.08");
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(1_777_219_242_000_000), "2026-04-26T16:00:42Z");
        assert_eq!(time(951_782_400_000_000), "2000-02-29T00:00:00Z");
        assert_eq!(time(-1), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+32", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(text(bad), format!("'{bad}"));
        }
        for bad in ["＝1", " =1", "\"=1\"", "'=1", "'-5"] {
            assert_eq!(text(bad), format!("'{bad}"));
        }
        assert_eq!(text("Bread;=1+1;x; @y"), "Bread;'=1+1;x;' @y");
        for good in ["Pralines = bon", "'t Hoekje", "6 inch blade", "cash 5.00; card 2.00", ""] {
            assert_eq!(text(good), good);
        }
    }

    #[test]
    fn a_row_a_line_quoted_as_the_rfc_says() {
        let mut event = HostEvent { kind: EventKind::Sale, sequence: 7, total_minor: 300, ..Default::default() };
        event.lines = vec![
            EventLine {
                name: "Thé \"noir\", 1 kg".to_owned(), quantity: 1000, total_minor: 100, ..Default::default()
            },
            EventLine { name: "=HYPERLINK(1)".to_owned(), quantity: -500, total_minor: -200, ..Default::default() },
        ];
        let bytes = of_event(&event).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches("\r\n").count(), 2, "{text}");
        assert!(text.contains(",\"Thé \"\"noir\"\", 1 kg\",1.000,"), "{text}");
        assert!(text.contains(",'=HYPERLINK(1),-0.500,0.00,-2.00,"), "{text}");
        assert_eq!(of_event(&HostEvent { kind: EventKind::DrawerOpened, ..Default::default() }).unwrap(), b"");
    }
}
