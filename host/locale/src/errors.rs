//! What somebody at the screen reads for every error code: what happened and what to do next, in each language.
//!
//! The codes are those of the engine (AP-1xxx to AP-9xxx), of the program (AP-0xxx, the server beside the master AP-06xx and AP-07xx) and of the plugin host (P-1xx); they
//! come as text, this crate knows none of those crates. The next step is one for the window; a tool of the command line or
//! the settings file is named only where nothing else helps. Where the caller has the facts of a code (see [`facts`]),
//! the sentence names them; without them it is the plain one.

use crate::Language;
use crate::format::spaced;

mod engine;
mod facts;
mod pairing;
mod plugins;
mod runtime;
mod server;

/// A code with what happened and what to do next, in the order of `Language::ALL`.
type Row = (&'static str, [(&'static str, &'static str); 4]);

/// What an operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What happened, one sentence.
    pub sentence: String,
    /// What to do next, one or two sentences.
    pub next: String,
}

/// Everything that is known of a code; `None` for a code of a newer program or another tool.
///
/// `args` are the facts of the code, already formatted for the language, in the order of [`facts`]. When there are fewer
/// than the sentence needs, the plain sentence stands for it.
pub fn sentence(language: Language, code: &str, args: &[&str]) -> Option<Told> {
    let (_, texts) = rows().find(|(known, _)| *known == code)?;
    let (plain, next) = texts[language.column()];
    let named = named_rows().find(|row| row.code == code && row.facts.len() <= args.len());
    let sentence = match named {
        Some(row) => filled(spaced(language, row.sentences[language.column()]), args),
        None => spaced(language, plain),
    };
    Some(Told { sentence, next: spaced(language, next) })
}

/// What `args` of a code are, in order: `["amount"]`; empty for a code whose sentence names no fact.
pub fn facts(code: &str) -> &'static [&'static str] {
    named_rows().find(|row| row.code == code).map_or(&[], |row| row.facts)
}

/// Every code of the tables.
pub fn codes() -> impl Iterator<Item = &'static str> {
    rows().map(|(code, _)| *code)
}

fn rows() -> impl Iterator<Item = &'static Row> {
    runtime::ROWS.iter().chain(engine::ROWS).chain(plugins::ROWS).chain(server::ROWS).chain(pairing::ROWS)
}

fn named_rows() -> impl Iterator<Item = &'static facts::Named> {
    facts::ROWS.iter().chain(server::NAMED)
}

/// Puts the facts in. What a fact contains is never a place itself.
fn filled(text: String, args: &[&str]) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, behind) = part.split_once('}').unwrap_or(("", part));
        filled.push_str(place.parse().ok().and_then(|place: usize| args.get(place)).copied().unwrap_or_default());
        filled.push_str(behind);
    }
    filled
}

#[cfg(test)]
mod tests;
