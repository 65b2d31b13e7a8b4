//! `plugin settings`, `plugin set-secret`, `plugin unset-secret`: what an owner gives to one use of a plugin. A secret comes
//! in here and never goes out: no answer, no error and no log has one.

use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use aurapos_runtime::Site;
use aurapos_runtime::contract::settings::{SettingChoice, SettingProblem};
use aurapos_runtime::contract::{ErrorCode, Value as SettingValue};
use aurapos_runtime::form::{Advice, Entry, Form, FormField};
use aurapos_runtime::plugin_host::manifest::{Kind, SETTING_BYTES_MAX};
use aurapos_runtime::settings::Instance;
use serde_json::{Value, json};
use std::io::{self, IsTerminal as _, Read as _};

/// The language of labels here; the window has its own.
const LANGUAGE: &str = "en";
/// The longest value in the table, in characters; `--json` has all of it.
const SHOWN_CHARS_MAX: usize = 60;

/// `plugin settings`; with `live` the plugin itself is asked, with `connect` the other end.
pub fn settings(site: &Site, name: &str, live: bool, connect: bool) -> Outcome {
    let (kind, one) = site.instance_named(name)?;
    let form = site.form(kind, one)?;
    let (mut json, mut text) = (form_json(&form), form_text(&form));
    let mut good = true;
    if live {
        let advice = site.ask_plugin(kind, one, connect)?;
        json["live"] = advice_json(&advice);
        text += &advice_text(&advice);
        good = !connect || advice.good();
    }
    Ok(Answer { good, ..Answer::new(json, text) })
}

fn advice_json(advice: &Advice) -> Value {
    let problems: Vec<Value> =
        advice.problems.iter().map(|one| json!({"key": one.key, "problem": one.message})).collect();
    let choice = |one: &SettingChoice| json!({"value": one.value, "label": one.label});
    let choices: serde_json::Map<String, Value> = advice
        .choices
        .iter()
        .map(|(key, some)| (key.clone(), some.iter().map(choice).collect::<Vec<Value>>().into()))
        .collect();
    let connection = advice.connection.as_ref().map(|answer| match answer {
        Ok(sentence) => json!({"ok": true, "message": sentence, "next": null}),
        Err(error) => {
            let untried = error.code == ErrorCode::Unsupported;
            let ok = if untried { Value::Null } else { Value::Bool(false) };
            json!({"ok": ok, "message": error.to_string(), "next": error.detail.next})
        }
    });
    json!({"ok": advice.good(), "problems": problems, "choices": choices, "connection": connection})
}

fn advice_text(advice: &Advice) -> String {
    let mut text = String::new();
    for SettingProblem { key, message } in &advice.problems {
        let of = if key.is_empty() { String::new() } else { format!("`{key}`: ") };
        text += &format!("\nThe plugin says: {of}{message}");
    }
    for (key, some) in &advice.choices {
        let shown = |one: &SettingChoice| match one.label.as_str() {
            "" => one.value.clone(),
            label => format!("{} ({label})", one.value),
        };
        text += &format!("\n`{key}` can be {}", some.iter().map(shown).collect::<Vec<String>>().join(", "));
    }
    match &advice.connection {
        None => {}
        Some(Ok(sentence)) => text += &format!("\nThe other end answers: {sentence}"),
        Some(Err(error)) if error.code == ErrorCode::Unsupported => text += "\nThere is nothing to connect to.",
        Some(Err(error)) => text += &format!("\nThe other end does not answer: {error}\n  → {}", error.detail.next),
    }
    text
}

fn form_json(form: &Form) -> Value {
    let strangers: Vec<Value> =
        form.strangers.iter().map(|one| json!({"key": one.key, "problem": one.to_string()})).collect();
    let problem = form
        .secrets_problem
        .as_ref()
        .map(|refusal| json!({"code": refusal.code_text(), "message": refusal.message, "next": refusal.next}));
    json!({
        "plugin": form.plugin, "kind": form.kind.word(), "name": form.name, "enabled": form.enabled, "ok": form.good(),
        "fields": form.fields.iter().map(field_json).collect::<Vec<Value>>(), "strangers": strangers,
        "unused_secrets": form.unused_secrets, "problem": problem,
    })
}

fn field_json(line: &FormField) -> Value {
    let FormField { field, shown, entry, problem } = line;
    let (value, given, set) = match entry {
        Entry::Given(value) => (plain(value), true, Value::Null),
        Entry::Default(value) => (plain(value), false, Value::Null),
        Entry::Empty => (Value::Null, false, Value::Null),
        Entry::SecretSet => (Value::Null, true, Value::Bool(true)),
        Entry::SecretNotSet => (Value::Null, false, Value::Bool(false)),
        Entry::SecretUnknown => (Value::Null, false, Value::Null),
    };
    let show_if = field.show_if.as_ref().map(|one| json!({"key": one.key, "equals": plain(&one.equals)}));
    json!({
        "key": field.key, "type": field.kind.word(), "label": label(line), "help": field.help.get(LANGUAGE),
        "value": value, "given": given, "default": field.default.as_ref().map(plain), "required": field.required,
        "min": field.min, "max": field.max, "choices": field.choices.iter().map(plain).collect::<Vec<Value>>(),
        "secret": field.secret, "set": set, "restart": field.restart, "shown": shown, "show_if": show_if,
        "problem": problem.as_ref().map(ToString::to_string),
    })
}

fn plain(value: &SettingValue) -> Value {
    match value {
        SettingValue::Text(text) => Value::from(text.as_str()),
        SettingValue::Int(number) => Value::from(*number),
        SettingValue::Bool(truth) => Value::from(*truth),
        _ => Value::Null,
    }
}

fn label(line: &FormField) -> &str {
    Some(line.field.label.get(LANGUAGE)).filter(|label| !label.is_empty()).unwrap_or(&line.field.key)
}

fn form_text(form: &Form) -> String {
    let off = if form.enabled { "" } else { " (off)" };
    let mut text = format!("{}/{}: {}{off}", form.kind, form.name, form.plugin);
    if form.fields.is_empty() {
        text += "\nIt has no settings.";
    } else {
        let mut rows = vec![row(["setting", "meaning", "type", "value", "default", "problem"])];
        rows.extend(form.fields.iter().map(line_of));
        text = format!("{text}\n{}", table(&rows, &[]));
    }
    for stranger in &form.strangers {
        text += &format!("\n{stranger}");
    }
    for key in &form.unused_secrets {
        text += &format!(
            "\nThe secret `{key}` is kept, and the plugin does not ask for it: `plugin unset-secret` forgets it."
        );
    }
    if let Some(refusal) = &form.secrets_problem {
        text += &format!("\n{refusal}\n  → {}", refusal.next);
    }
    text
}

fn line_of(line: &FormField) -> Vec<String> {
    let value = match &line.entry {
        Entry::Given(value) => short(value),
        Entry::Default(_) => "(default)".to_owned(),
        Entry::Empty => "-".to_owned(),
        Entry::SecretSet => "(secret set)".to_owned(),
        Entry::SecretNotSet => "(secret not set)".to_owned(),
        Entry::SecretUnknown => "(secret, not known)".to_owned(),
    };
    let value = if line.shown { value } else { format!("{value} (not used: see show_if)") };
    let default = line.field.default.as_ref().map(short).unwrap_or_default();
    let problem = line.problem.as_ref().map(|problem| problem.message.clone()).unwrap_or_default();
    row([&line.field.key, label(line), line.field.kind.word(), &value, &default, &problem])
}

/// As it stands in the file, cut where it is long. Quotes also keep a terminal from obeying what stands between them.
fn short(value: &SettingValue) -> String {
    let text = plain(value).to_string();
    if text.chars().count() <= SHOWN_CHARS_MAX {
        return text;
    }
    let start: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    format!("{start}…")
}

/// `plugin set-secret`
pub fn set_secret(site: &Site, name: &str, key: &str, from_stdin: bool) -> Outcome {
    // Nobody should type a secret for nothing.
    site.check_secret(name, key)?;
    let text = if from_stdin { read_secret()? } else { ask_secret(&format!("Secret {key} of {name}: "))? };
    let kind = site.set_secret(name, key, &text)?;
    let json = json!({"kind": kind.word(), "instance": name, "key": key, "set": true});
    Ok(Answer::new(json, format!("The secret {key} of {name} is set; it is used from the next start on.")))
}

/// `plugin unset-secret`
pub fn unset_secret(site: &Site, name: &str, key: &str) -> Outcome {
    let was_set = site.unset_secret(name, key)?;
    let text = if was_set { "is forgotten, from the next start on" } else { "was not set" };
    let json = json!({"instance": name, "key": key, "set": false, "was_set": was_set});
    Ok(Answer::new(json, format!("The secret {key} of {name} {text}.")))
}

fn ask_secret(prompt: &str) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        let next = "Give it on standard input with --stdin, or run the program in a terminal.";
        return Err(Failure::usage("a secret is needed", next));
    }
    rpassword::prompt_password(prompt)
        .map_err(|error| Failure::usage(format!("the secret was not read: {error}"), "Give it with --stdin."))
}

fn read_secret() -> Result<String, Failure> {
    let next = "Give the secret alone, as UTF-8 text.";
    let mut bytes = Vec::new();
    // One byte too many, and its newline: enough to refuse it as too long.
    let limit = SETTING_BYTES_MAX as u64 + 3;
    io::stdin()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::usage(format!("the secret was not read: {error}"), next))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage("the secret is not UTF-8 text", next))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// One secret of one use of a plugin, and whether it is set; `None` where that cannot be read.
pub struct SecretState {
    kind: Kind,
    instance: String,
    key: String,
    set: Option<bool>,
}

impl SecretState {
    /// Whether it is set, as far as that can be read.
    pub fn is_set(&self) -> bool {
        self.set == Some(true)
    }
}

/// The secrets of some uses of a plugin.
pub fn secrets_of<'a>(site: &Site, uses: impl Iterator<Item = (&'static str, &'a Instance)>) -> Vec<SecretState> {
    let mut all = Vec::new();
    for (kind, one) in uses {
        let form = Kind::from_word(kind).and_then(|kind| site.form(kind, one).ok());
        let Some(form) = form else { continue };
        all.extend(form.fields.iter().filter(|line| line.field.secret).map(|line| SecretState {
            kind: form.kind,
            instance: form.name.clone(),
            key: line.field.key.clone(),
            set: match line.entry {
                Entry::SecretSet => Some(true),
                Entry::SecretNotSet => Some(false),
                _ => None,
            },
        }));
    }
    all
}

/// As scripts read them.
pub fn secrets_json(secrets: &[SecretState]) -> Value {
    let one =
        |one: &SecretState| json!({"kind": one.kind.word(), "instance": one.instance, "key": one.key, "set": one.set});
    secrets.iter().map(one).collect()
}

/// As people read them.
pub fn secrets_line(secrets: &[SecretState]) -> String {
    let one = |one: &SecretState| {
        let set = match one.set {
            Some(true) => "set",
            Some(false) => "not set",
            None => "not known: secrets.toml cannot be read",
        };
        format!("{} of {}: {set}", one.key, one.instance)
    };
    secrets.iter().map(one).collect::<Vec<String>>().join(", ")
}
