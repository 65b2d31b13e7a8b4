//! How a register stands with the shop's shared storage just now, and why that is away: for `sync status` and `doctor`.

use super::context::Context;
use aurapos_master::why_away;
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::locale::Language;
use aurapos_runtime::standing::Standing;
use aurapos_runtime::zone;
use serde_json::{Value, json};

/// What is known.
#[derive(Debug, Default)]
pub struct Known {
    /// What the program says that has the register open; `None`: nobody has, so that nothing is brought.
    pub standing: Option<Standing>,
    /// What is wrong.
    pub trouble: Option<Told>,
}

/// A trouble as everybody is told it.
#[derive(Debug)]
pub struct Told {
    /// `AP-0000`.
    pub code: String,
    /// What it is.
    pub message: String,
    /// What to do.
    pub next: String,
}

impl Known {
    /// Asks. Where whoever sells says that all is well nobody is asked; otherwise the storage itself is, which may take some
    /// seconds. `held`: somebody has the register open.
    pub fn of(context: &Context, held: bool) -> Self {
        let standing = Standing::of(&context.folder).filter(|_| held);
        let trouble = match &standing {
            Some(standing) if standing.online => None,
            other => trouble(context, other.as_ref()),
        };
        Known { standing, trouble }
    }

    /// Whether the shared storage answers; `None`: nobody has the register open.
    pub fn online(&self) -> Option<bool> {
        self.standing.as_ref().map(|standing| standing.online)
    }

    /// For scripts.
    pub fn add_to(&self, json: &mut Value, zone: zone::Tz) {
        let since = self.standing.as_ref().and_then(Standing::offline_since);
        json["online"] = json!(self.online());
        json["offline_since"] = json!(since.map(|time| zone::rfc3339(zone, time.0)));
        json["server"] = json!(self.standing.as_ref().map(|standing| &standing.server).filter(|name| !name.is_empty()));
        json["trouble"] = self.trouble.as_ref().map_or(Value::Null, Told::json);
    }
}

impl Told {
    fn json(&self) -> Value {
        json!({"code": self.code, "message": self.message, "next": self.next})
    }
}

fn trouble(context: &Context, standing: Option<&Standing>) -> Option<Told> {
    let found = why_away(&context.folder);
    let is_full = standing.is_some_and(|standing| standing.is_full);
    match found {
        Some(found) if !found.is_good() || is_full => {
            let found = if found.is_good() { found.with_a_full_disk() } else { found };
            let told = found.told(Language::English);
            Some(Told { code: found.code().to_owned(), message: told.sentence, next: told.next })
        }
        // It lets a register in, or is none that can be asked: what the register itself was told.
        _ => standing.filter(|standing| !standing.message.is_empty()).map(|standing| Told {
            code: Code::StorageAway.text().to_owned(),
            message: standing.message.clone(),
            next: standing.next.clone(),
        }),
    }
}
