//! Figures: what was measured, its raw limit, the goal, and how they are shown.

use serde_json::{Value, json};
use std::fmt::Write as _;

/// What a goal asks of a figure.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// The value itself is at most this.
    AtMost(f64),
    /// The value itself is at least this.
    AtLeast(f64),
    /// Value / limit is at most this.
    Ratio(f64),
    /// Value / limit is at least this.
    Share(f64),
    /// Reported beside the others, without a goal.
    Shown,
}

/// One figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Group: `commit`.
    pub group: &'static str,
    /// What was measured.
    pub name: String,
    /// The value, in `unit`.
    pub value: f64,
    /// `µs`, `ms`, `ns`, `/s`.
    pub unit: &'static str,
    /// The raw limit in the same unit and run.
    pub limit: Option<(f64, String)>,
    /// The goal.
    pub goal: Goal,
}

impl Figure {
    /// A figure without a limit beside it.
    pub fn alone(group: &'static str, name: impl Into<String>, value: f64, unit: &'static str, goal: Goal) -> Self {
        Figure { group, name: name.into(), value, unit, limit: None, goal }
    }

    /// A figure beside its limit.
    #[must_use]
    pub fn beside(mut self, limit: f64, what: impl Into<String>) -> Self {
        self.limit = Some((limit, what.into()));
        self
    }

    fn ratio(&self) -> Option<f64> {
        self.limit.as_ref().filter(|(limit, _)| *limit > 0.0).map(|(limit, _)| self.value / limit)
    }

    /// Whether the goal was reached; `None` when there is none.
    pub fn reached(&self) -> Option<bool> {
        match self.goal {
            Goal::AtMost(most) => Some(self.value <= most),
            Goal::AtLeast(least) => Some(self.value >= least),
            Goal::Ratio(most) => Some(self.ratio().is_some_and(|ratio| ratio <= most)),
            Goal::Share(least) => Some(self.ratio().is_some_and(|ratio| ratio >= least)),
            Goal::Shown => None,
        }
    }

    fn goal_text(&self) -> String {
        match self.goal {
            Goal::AtMost(most) => format!("≤ {most} {}", self.unit),
            Goal::AtLeast(least) => format!("≥ {least} {}", self.unit),
            Goal::Ratio(most) => format!("≤ {most} ×"),
            Goal::Share(least) => format!("≥ {least} ×"),
            Goal::Shown => String::new(),
        }
    }
}

fn number(value: f64) -> String {
    match value {
        value if value >= 1000.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// The figures as a Markdown table.
pub fn table(figures: &[Figure]) -> String {
    let mut out = String::from(
        "| group | what | measured | raw limit in the same run | ratio | goal | |\n|---|---|---|---|---|---|---|\n",
    );
    for figure in figures {
        let limit = figure
            .limit
            .as_ref()
            .map_or(String::new(), |(value, what)| format!("{} {} ({what})", number(*value), figure.unit));
        let verdict = match figure.reached() {
            Some(true) => "reached",
            Some(false) => "not reached",
            None => "",
        };
        let ratio = figure.ratio().map_or(String::new(), |ratio| format!("{ratio:.2}"));
        let _ = writeln!(
            out,
            "| {} | {} | {} {} | {limit} | {ratio} | {} | {verdict} |",
            figure.group,
            figure.name,
            number(figure.value),
            figure.unit,
            figure.goal_text(),
        );
    }
    out
}

/// The text with the table between its marks `<!-- bench:begin -->` and `<!-- bench:end -->`; `None` without marks.
pub fn replaced(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once("<!-- bench:begin -->\n")?;
    let (_, after) = rest.split_once("<!-- bench:end -->")?;
    Some(format!("{before}<!-- bench:begin -->\n{table}<!-- bench:end -->{after}"))
}

/// The figures as JSON.
pub fn json(figures: &[Figure]) -> Value {
    figures
        .iter()
        .map(|figure| {
            json!({
                "group": figure.group, "name": figure.name, "value": figure.value, "unit": figure.unit,
                "limit": figure.limit.as_ref().map(|(value, what)| json!({"value": value, "what": what})),
                "ratio": figure.ratio(), "goal": figure.goal_text(), "reached": figure.reached(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_takes_the_place_of_the_last_one() {
        let text = "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb\n";
        let new = "a\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nb\n";
        assert_eq!(replaced(text, "new\n").as_deref(), Some(new));
        assert_eq!(replaced("no marks", "new\n"), None);
    }

    #[test]
    fn goals_are_judged() {
        let figure = |value, goal| Figure::alone("g", "n", value, "ms", goal).beside(2.0, "raw");
        assert_eq!(figure(3.0, Goal::Ratio(1.5)).reached(), Some(true));
        assert_eq!(figure(3.1, Goal::Ratio(1.5)).reached(), Some(false));
        assert_eq!(figure(3.0, Goal::AtMost(2.9)).reached(), Some(false));
        assert_eq!(figure(3.0, Goal::AtLeast(3.0)).reached(), Some(true));
        assert_eq!(figure(1.2, Goal::Share(0.6)).reached(), Some(true));
        assert_eq!(figure(1.1, Goal::Share(0.6)).reached(), Some(false));
        assert_eq!(figure(3.0, Goal::Shown).reached(), None);
        assert!(
            table(&[figure(3.0, Goal::Ratio(1.5))]).contains("| 3.00 ms | 2.00 ms (raw) | 1.50 | ≤ 1.5 × | reached |")
        );
    }
}
