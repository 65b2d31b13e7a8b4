//! `journal verify`.

use super::context::Context;
use super::progress::ProgressLine;
use crate::output::{Answer, Outcome};
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::engine::check;
use serde_json::{Value, json};

/// Walks every chain and compares every projection with it.
pub fn verify(context: &Context) -> Outcome {
    let reader = context.reader()?;
    let progress = ProgressLine::new();
    let mut keep_on = |done, total| {
        progress.report(done, total, "walking the journal");
        true
    };
    let found = check::check_store(reader.store.as_ref(), &mut keep_on)?;
    drop(progress);
    let first_bad = found.first_bad().map(|problem| {
        let place = problem.entry.as_ref();
        json!({
            "message": problem.message, "register": place.map(|place| place.register.clone()),
            "incarnation": place.map(|place| place.incarnation.clone()), "entry": place.map(|place| place.seq),
        })
    });
    let chains: Vec<Value> = found
        .chains
        .iter()
        .map(|chain| {
            json!({
                "register": chain.register.to_string(), "incarnation": chain.code, "entries": chain.entries,
                "sales": chain.sales, "ok": chain.first_bad.is_none(),
            })
        })
        .collect();
    let problems: Vec<&str> = found.problems.iter().map(|problem| problem.message.as_str()).collect();
    let json = json!({
        "entries": found.entries, "ok": found.ok(), "first_bad": first_bad, "problems": problems,
        "problem_count": found.problem_count, "sales": found.sales, "chains": chains,
    });
    let text = if found.ok() {
        format!("{} entries, {} sales: everything adds up.", found.entries, found.sales)
    } else {
        let Some(first) = problems.first() else { return Ok(Answer::bad(json, "Something differs.")) };
        let head = format!(
            "{} entries, {} sales, {} problems. The first: {first}",
            found.entries, found.sales, found.problem_count
        );
        format!("{head}\n{}", problems.join("\n"))
    };
    Ok(Answer { good: found.ok(), ..Answer::new(json, text) })
}
