//! `sell --script`: one JSON sale a line in, one JSON line out, written only when the sale is durable.

use super::context::{Context, Open};
use super::sale_view::sale_json;
use super::sell::{customer_id, sale_answer, sale_id, stored};
use crate::amounts;
use crate::cli::SignIn;
use crate::output::{Answer, Failure, Outcome, line_out};
use crate::words::count;
use aurapos_runtime::domain::money::Currency;
use aurapos_runtime::engine::command::{Command, ItemRequest, Reply, SaleRequest, SessionId, TenderRequest, TypedPin};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

/// What some programs put before the first line of UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest line, in bytes.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// One line. It has a PIN in it, and no debug form that would show it.
#[derive(Deserialize)]
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
    let mut script =
        Script { open, who, sessions: HashMap::new(), key: RandomState::new(), currency: open.register.currency() };
    let ran = script.lines(input);
    open.close();
    match ran {
        Ok(()) => Ok(Answer::silent(true)),
        Err(Stop::Input(error)) => {
            Err(Failure::new("AP-0501", format!("the script stopped: {error}"), context.doctor_hint()))
        }
        Err(Stop::Unheard(failure)) => Err(failure),
    }
}

/// Why a script ends before its input.
enum Stop {
    /// The input could not be read.
    Input(io::Error),
    /// An answer could not be written: what was sold is sold, nothing more is.
    Unheard(Failure),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Input(error)
    }
}

struct Script<'a> {
    open: &'a Open,
    who: &'a SignIn,
    /// By operator and a digest of the PIN under a key of this run: no PIN is kept.
    sessions: HashMap<(String, u64), SessionId>,
    key: RandomState,
    currency: Currency,
}

impl Script<'_> {
    fn lines(&mut self, mut input: Box<dyn BufRead>) -> Result<(), Stop> {
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            let limit = LINE_BYTES_MAX as u64 + 1;
            if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            if line.len() > LINE_BYTES_MAX {
                return Err(io::Error::other(format!("line {number} is longer than {LINE_BYTES_MAX} bytes")).into());
            }
            let text = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| number == 1).unwrap_or(&line).trim_ascii();
            if text.is_empty() {
                continue;
            }
            self.answer(number, text)?;
        }
        Ok(())
    }

    /// Sells one line and says so; every answer has the line's number, a refusal also the id that was given.
    fn answer(&mut self, number: u64, text: &[u8]) -> Result<(), Stop> {
        let (mut json, done) = match self.sell(text) {
            Ok(answer) => (answer.json, answer.done),
            Err(failure) => {
                let mut json = failure.json();
                if let Some(id) = id_of(text) {
                    json["id"] = id;
                }
                (json, String::new())
            }
        };
        json["line"] = Value::from(number);
        line_out(&json.to_string()).map_err(|error| {
            let answer = format!("the script stopped at line {number}: its answer could not be written: {error}");
            let stored = if done.is_empty() { "nothing of it is stored" } else { &done };
            let lines = count(number, "line was", "lines were");
            let next = format!("{lines} worked on, the rest not; give the lines an \"id\" and run them again.");
            Stop::Unheard(Failure::new("AP-0504", format!("{answer}; {stored}"), next))
        })
    }

    fn sell(&mut self, line: &[u8]) -> Outcome {
        let line: Line = serde_json::from_slice(line).map_err(|error| {
            // Where in the line, without the parser's own line, which is always the first.
            let said = error.to_string().replace("at line 1 column", "at column");
            Failure::usage(format!("the line is not a sale: {said}"), "See `aurapos-admin sell --help`.")
        })?;
        let request = self.request(&line)?;
        let session = self.session(&line)?;
        match self.open.pay(session, Command::Sell(request)) {
            Ok(Reply::Sale(sale)) => Ok(Answer::new(sale_json(&sale), "").done(stored(&sale))),
            other => sale_answer(self.open, other),
        }
    }

    fn request(&self, line: &Line) -> Result<SaleRequest, Failure> {
        let currency = self.currency;
        let item = |item: &Item| {
            Ok(ItemRequest {
                code: amounts::item_code(&item.item)?,
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
    /// when it is. Rights and lockout are looked at for every line: `Unlock` does that without verifying anew a PIN that
    /// was right.
    fn session(&mut self, line: &Line) -> Result<SessionId, Failure> {
        let missing =
            |what: &str| Failure::usage(format!("the line has no {what}"), "Give it in the line, or as an option.");
        let operator =
            line.operator.clone().or_else(|| self.who.operator.clone()).ok_or_else(|| missing("operator"))?;
        let given = || self.who.given_pin().map(str::to_owned);
        let pin = TypedPin::from(line.pin.clone().or_else(given).ok_or_else(|| missing("pin"))?);
        // The session that is found is unlocked with the PIN: a digest alone opens nothing.
        let key = (operator, self.key.hash_one(pin.text()));
        if let Some(session) = self.sessions.get(&key).copied() {
            self.open.register.call(Some(session), Command::Unlock { pin })?;
            return Ok(session);
        }
        let session = self.open.sign_in_as(&key.0, pin.text())?;
        self.sessions.insert(key, session);
        Ok(session)
    }
}

/// The id that stands in a line, whatever else is wrong with it.
fn id_of(line: &[u8]) -> Option<Value> {
    let mut line: Value = serde_json::from_slice(line).ok()?;
    line.get_mut("id").map(Value::take).filter(Value::is_string)
}
