//! How far the file is, on disk: which events of which incarnation, how long the file is, and what is being appended.
//!
//! ```text
//! length 1234          the file as of the last delivery
//! pending 1500         only while a delivery is being written: where it will end
//! <incarnation> 42     the highest sequence taken
//! end
//! ```

use aurapos_plugin_api::{ErrorCode, PluginError, PluginResult, Uuid};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What is known of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Position {
    /// Bytes of the file after the last delivery.
    pub(crate) length: u64,
    /// Bytes it will have after the delivery that is being written.
    pub(crate) pending: Option<u64>,
    /// The highest sequence of each incarnation.
    pub(crate) sequences: BTreeMap<Uuid, u64>,
}

impl Position {
    /// As text.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("length {}\n", self.length);
        if let Some(pending) = self.pending {
            let _ = writeln!(text, "pending {pending}");
        }
        for (incarnation, sequence) in &self.sequences {
            let _ = writeln!(text, "{incarnation} {sequence}");
        }
        text + "end\n"
    }

    /// From text. Anything else than what was written is refused: guessing would count sales twice.
    pub(crate) fn parse(text: &str) -> PluginResult<Self> {
        read(text).ok_or_else(|| {
            PluginError::new(ErrorCode::Damaged, "sales.position cannot be read; nothing is written to sales.csv")
                .with_next("Move sales.csv and sales.position out of the folder; both begin anew from all sales.")
        })
    }
}

fn read(text: &str) -> Option<Position> {
    let mut position = Position::default();
    let mut lines = text.strip_suffix("end\n")?.lines();
    position.length = lines.next()?.strip_prefix("length ")?.parse().ok()?;
    for line in lines {
        let (key, number) = line.split_once(' ')?;
        let number = number.parse().ok()?;
        if key == "pending" {
            position.pending = Some(number);
        } else {
            position.sequences.insert(Uuid::try_parse(key).ok()?, number);
        }
    }
    Some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote_and_nothing_less() {
        let sequences = BTreeMap::from([(Uuid::from_u128(1), 42), (Uuid::from_u128(2), u64::MAX)]);
        for pending in [None, Some(99)] {
            let position = Position { length: 12, pending, sequences: sequences.clone() };
            let text = position.to_text();
            assert_eq!(Position::parse(&text).unwrap(), position);
            for end in 0..text.len() {
                assert_eq!(Position::parse(&text[..end]).unwrap_err().code, ErrorCode::Damaged, "{end}");
            }
        }
    }
}
