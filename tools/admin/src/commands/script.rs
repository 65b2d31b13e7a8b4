//! `sell --script`: one JSON sale a line in, one JSON line out, written only when the sale is durable.

use super::context::{Context, Open};
use super::sale_view::sale_json;
use super::sell::{customer_id, sale_answer, sale_id};
use crate::amounts;
use crate::cli::SignIn;
use crate::output::{Answer, Failure, Outcome, line_out};
use aurapos_runtime::domain::money::Currency;
use aurapos_runtime::engine::command::{Command, ItemRequest, Reply, SaleRequest, SessionId, TenderRequest};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

/// The longest line, in bytes.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// One line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: Option<String>,
    operator: Option<String>,
    pin: Option<String>,
    items: Vec<Item>,
    discount: Option<String>,
    customer: Option<String>,
    customer_vat: Option<String>,
    note: Option<String>,
    tenders: Vec<BTreeMap<String, Option<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    item: String,
    qty: Option<String>,
    price: Option<String>,
}

/// Sells line by line until the input ends. The exit code tells whether any line was refused only by its output: a
/// script that ran to its end is done.
pub fn run(context: &Context, open: &Open, file: &Path, who: &SignIn) -> Outcome {
    let input: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let fail =
            |error| Failure::usage(format!("{}: {error}", file.display()), "Give a file, or - for standard input.");
        Box::new(BufReader::new(File::open(file).map_err(fail)?))
    };
    let mut script = Script { open, who, sessions: HashMap::new(), currency: open.register.currency() };
    let ran = script.lines(input);
    open.close();
    match ran {
        Ok(()) => Ok(Answer::silent(true)),
        // Whoever read the answers went away: what was sold is sold, the rest is not asked for any more.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Answer::silent(true)),
        Err(error) => Err(Failure::new("AP-0501", format!("the script stopped: {error}"), context.doctor_hint())),
    }
}

struct Script<'a> {
    open: &'a Open,
    who: &'a SignIn,
    sessions: HashMap<(String, String), SessionId>,
    currency: Currency,
}

impl Script<'_> {
    fn lines(&mut self, mut input: Box<dyn BufRead>) -> io::Result<()> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let limit = LINE_BYTES_MAX as u64 + 1;
            if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            if line.len() > LINE_BYTES_MAX {
                return Err(io::Error::other(format!("a line is longer than {LINE_BYTES_MAX} bytes")));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let answer = match self.sell(&line) {
                Ok(answer) => answer.json.to_string(),
                Err(failure) => failure.json().to_string(),
            };
            line_out(&answer)?;
        }
    }

    fn sell(&mut self, line: &[u8]) -> Outcome {
        let line: Line = serde_json::from_slice(line).map_err(|error| {
            Failure::usage(format!("the line is not a sale: {error}"), "See `aurapos-admin sell --help`.")
        })?;
        let request = self.request(&line)?;
        let session = self.session(&line)?;
        match self.open.register.call(Some(session), Command::Sell(request)) {
            Ok(Reply::Sale(sale)) => Ok(Answer::new(sale_json(&sale), "")),
            other => sale_answer(self.open, other),
        }
    }

    fn request(&self, line: &Line) -> Result<SaleRequest, Failure> {
        let currency = self.currency;
        let item = |item: &Item| {
            Ok(ItemRequest {
                code: item.item.clone(),
                quantity: item.qty.as_deref().map(amounts::quantity).transpose()?,
                price: item.price.as_deref().map(|price| amounts::money(price, currency)).transpose()?,
            })
        };
        let tender = |(instance, amount): (&String, &Option<String>)| {
            let amount = amount.as_deref().map(|amount| amounts::money(amount, currency)).transpose()?;
            Ok(TenderRequest { instance: instance.clone(), amount })
        };
        Ok(SaleRequest {
            id: sale_id(line.id.as_deref())?,
            items: line.items.iter().map(item).collect::<Result<_, Failure>>()?,
            discount: line.discount.as_deref().map(|text| amounts::discount(text, currency)).transpose()?,
            customer: line.customer.as_deref().map(customer_id).transpose()?,
            customer_vat_number: line.customer_vat.clone(),
            note: line.note.clone().unwrap_or_default(),
            tenders: line.tenders.iter().flatten().map(tender).collect::<Result<_, Failure>>()?,
        })
    }

    /// The session of a line's operator. A PIN is verified once a run; another PIN is verified again, and counts as wrong
    /// when it is.
    fn session(&mut self, line: &Line) -> Result<SessionId, Failure> {
        let missing =
            |what: &str| Failure::usage(format!("the line has no {what}"), "Give it in the line, or as an option.");
        let operator =
            line.operator.clone().or_else(|| self.who.operator.clone()).ok_or_else(|| missing("operator"))?;
        let pin = line.pin.clone().or_else(|| self.who.pin.clone()).ok_or_else(|| missing("pin"))?;
        let key = (operator, pin);
        if let Some(session) = self.sessions.get(&key) {
            return Ok(*session);
        }
        let session = self.open.sign_in_as(&key.0, &key.1)?;
        self.sessions.insert(key, session);
        Ok(session)
    }
}
