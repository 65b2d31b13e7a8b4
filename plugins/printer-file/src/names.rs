//! A title as a file name: readable, and harmless on every file system.

use aurapos_plugin_api::Uuid;

/// Characters of the title that are kept.
const TITLE_CHARS_MAX: usize = 80;
/// And bytes: file systems take names of 255, and a letter has up to four.
const TITLE_BYTES_MAX: usize = 200;

/// `R1-1-000042 4f1c2d3e.txt`: the title, and the end of the job's id, so that a job printed again replaces its own file
/// and never another's.
pub(crate) fn for_job(title: &str, id: Uuid) -> String {
    let safe: String = title.chars().take(TITLE_CHARS_MAX).map(|c| if is_safe(c) { c } else { '-' }).collect();
    let safe = &safe[..safe.floor_char_boundary(TITLE_BYTES_MAX)];
    // Windows refuses names that end in a dot or space; Unix hides names that begin with a dot.
    let safe = safe.trim_matches(|c| c == '.' || c == ' ');
    let safe = if safe.is_empty() { "document" } else { safe };
    // The first half of a UUIDv7 is the time: two jobs of a moment share it. The end is random.
    let id = id.simple().to_string();
    format!("{safe} {}.txt", &id[id.len() - 8..])
}

fn is_safe(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, expected: &str) {
        assert_eq!(for_job(title, Uuid::from_u128(0x1234_5678)), format!("{expected} 12345678.txt"), "{title}");
    }

    #[test]
    fn titles_become_safe() {
        check("R1-1-000042", "R1-1-000042");
        check("Rapport Z été", "Rapport Z été");
        check("../../etc/passwd", "-..-etc-passwd");
        check("..", "document");
        check("", "document");
        check("CON:\\a\0b\n*?", "CON--a-b---");
        check(". hidden. ", "hidden");
        check(&"x".repeat(500), &"x".repeat(80));
        check(&"茶".repeat(80), &"茶".repeat(66));
    }
}
