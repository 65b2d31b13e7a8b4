//! Columns of text for people.

use aurapos_runtime::contract::document::text_width;

/// Lays rows out in columns; the first row is the head. Columns named in `right` stand at the right edge.
pub fn table(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| text_width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(column, cell)| {
                    let space = " ".repeat(widths[column].saturating_sub(text_width(cell)));
                    if right.contains(&column) { format!("{space}{cell}") } else { format!("{cell}{space}") }
                })
                .collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}

/// A row of texts.
pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

/// Lines of `name: value`, the values below each other.
pub fn pairs(pairs: &[(&str, String)]) -> String {
    let rows: Vec<Vec<String>> = pairs.iter().map(|(name, value)| vec![format!("{name}:"), value.clone()]).collect();
    table(&rows, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [row(["name", "total"]), row(["Café", "1.50"]), row(["Bread and butter", "12.00"])];
        let expected = "name              total\nCafé               1.50\nBread and butter  12.00";
        assert_eq!(table(&rows, &[1]), expected);
        // A wide letter takes two columns, an accent of its own none.
        let wide = [row(["茶 🍵", "1.50"]), row(["Cafe\u{301}", "12.00"])];
        assert_eq!(table(&wide, &[1]), "茶 🍵   1.50\nCafe\u{301}   12.00");
        assert_eq!(table(&[], &[]), "");
        assert_eq!(pairs(&[("a", "1".into()), ("long", "2".into())]), "a:     1\nlong:  2");
    }
}
