//! `journal verify`.

use super::context::Context;
use super::progress::ProgressLine;
use crate::output::{Answer, Outcome};
use crate::words::count;
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
        "problem_count": found.problem_count, "sales": found.sales, "received": found.received,
        "chains": chains,
    });
    let walked = format!("{}, {}", count(found.entries, "entry", "entries"), count(found.sales, "sale", "sales"));
    let received = match found.received {
        0 => String::new(),
        some => format!(" Of them {} of a newer program, counted only.", count(some, "entry is", "entries are")),
    };
    let text = if found.ok() {
        format!("{walked}: everything adds up.{received}")
    } else {
        let head = format!("{walked}, {}:", count(found.problem_count, "problem", "problems"));
        let hidden = found.problem_count.saturating_sub(problems.len() as u64);
        let more = if hidden > 0 { format!("\n… and {}", count(hidden, "more", "more")) } else { String::new() };
        format!("{head}\n{}{more}", problems.join("\n"))
    };
    Ok(Answer { good: found.ok(), ..Answer::new(json, text) })
}
