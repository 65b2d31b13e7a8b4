//! `drawer …`

use super::context::{Context, Open};
use crate::amounts;
use crate::cli::{DrawerCommand, SignIn};
use crate::output::{Answer, Failure, Outcome};
use crate::table::pairs;
use aurapos_runtime::engine::command::{CashMove, Command, Reply};
use aurapos_runtime::engine::view;
use aurapos_runtime::zone;
use serde_json::{Map, Value, json};

/// `drawer …`
pub fn drawer(context: &Context, command: &DrawerCommand) -> Outcome {
    match command {
        DrawerCommand::Status => {
            let reader = context.reader()?;
            match reader.ask(Command::DrawerStatus)? {
                Reply::Drawer(drawer) => Ok(answer(&drawer, reader.site.zone.get())),
                other => Err(super::unexpected(&other)),
            }
        }
        DrawerCommand::Open { who, float } => act(context, who, |open| {
            Ok(Command::OpenDrawer { float: amounts::money(float, open.register.currency())? })
        }),
        DrawerCommand::Loan { who, amount, reason } => move_cash(context, who, CashMove::Loan, amount, reason),
        DrawerCommand::Pickup { who, amount, reason } => move_cash(context, who, CashMove::Pickup, amount, reason),
    }
}

fn move_cash(context: &Context, who: &SignIn, kind: CashMove, amount: &str, reason: &str) -> Outcome {
    act(context, who, |open| {
        let amount = amounts::money(amount, open.register.currency())?;
        Ok(Command::MoveCash { kind, amount, reason: reason.to_owned() })
    })
}

fn act(context: &Context, who: &SignIn, command: impl Fn(&Open) -> Result<Command, Failure>) -> Outcome {
    let open = Open::register(context)?;
    let command = command(&open)?;
    let session = open.sign_in(who)?;
    let reply = open.register.call(Some(session), command)?;
    let zone = open.register.site().zone.get();
    open.close();
    match reply {
        Reply::Drawer(drawer) => Ok(answer(&drawer, zone)),
        other => Err(super::unexpected(&other)),
    }
}

fn answer(drawer: &view::Drawer, zone: zone::Tz) -> Answer {
    let Some(session) = &drawer.session else {
        return Answer::new(json!({"open": false, "state": "closed"}), "The drawer is closed.");
    };
    let opened = zone::rfc3339(zone, session.opened_at.0);
    let mut totals = Map::new();
    let mut lines = vec![
        ("Drawer session", format!("{} ({})", session.number, session.state.code())),
        (
            "Opened",
            match session.is_of_earlier_day() {
                true => format!("{opened}, on an earlier day ({}; now it is {})", session.business_day, session.today),
                false => opened.clone(),
            },
        ),
        ("Float", session.float.to_decimal()),
        ("Put in", session.loans.to_decimal()),
        ("Taken out", session.pickups.to_decimal()),
    ];
    for (kind, amount) in &session.tenders {
        totals.insert(kind.code().to_owned(), Value::from(amount.to_decimal()));
        lines.push((kind.code(), amount.to_decimal()));
    }
    lines.push(("Cash expected", session.expected_cash.to_decimal()));
    let json = json!({
        "open": true, "drawer_id": session.id.to_string(), "number": session.number, "state": session.state.code(),
        "opened": opened, "business_day": session.business_day.to_string(),
        "today": session.today.to_string(), "of_earlier_day": session.is_of_earlier_day(), "float": session.float.to_decimal(),
        "loans": session.loans.to_decimal(), "pickups": session.pickups.to_decimal(), "tenders": totals,
        "expected": session.expected_cash.to_decimal(),
    });
    Answer::new(json, pairs(&lines))
}
