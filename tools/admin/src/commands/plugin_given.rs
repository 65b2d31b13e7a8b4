//! What `plugin test` is given for the plugin: settings as they are typed, secrets from a file. What stands in that file is
//! repeated by no error.

use crate::output::Failure;
use aurapos_runtime::contract::{Settings, Value};
use aurapos_runtime::plugin_host::Found;
use std::fs;
use std::path::Path;

/// Both together.
pub fn settings(given: &[String], secret_file: Option<&Path>, found: &Found) -> Result<Settings, Failure> {
    secrets_in(secret_file, found, settings_of(given, found)?)
}

/// `KEY=VALUE`, each as its setting's type has it.
fn settings_of(given: &[String], found: &Found) -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    for text in given {
        let wrong =
            || Failure::usage(format!("\"{text}\" is not a setting"), "Write a setting like host=192.168.1.20.");
        let (key, typed) = text.split_once('=').ok_or_else(wrong)?;
        let field = found.manifest.field(key);
        if field.is_some_and(|field| field.secret) {
            let message = format!("`{key}` is a secret, and others can see the arguments of a program");
            return Err(Failure::usage(
                message,
                "Write it into a file, as KEY=VALUE, and give that with --secret-file.",
            ));
        }
        let value = match field {
            Some(field) => field.parse(typed).map_err(|error| Failure::usage(error.to_string(), "Correct --set."))?,
            // It is refused in a moment, with the keys that there are.
            None => Value::from(typed),
        };
        settings = settings.with(key, value);
    }
    Ok(settings)
}

/// The secrets of a file for tests, a line `KEY=VALUE` each; empty lines and those that begin with # are left out.
fn secrets_in(file: Option<&Path>, found: &Found, mut settings: Settings) -> Result<Settings, Failure> {
    let Some(file) = file else { return Ok(settings) };
    let shown = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::new("AP-0502", format!("{shown}: {error}"), "Check the file's name and rights."))?;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let line_number = index + 1;
        // What stands there is never repeated.
        let next = "Write each secret as KEY=VALUE on a line of its own.";
        let wrong = |what: &str| Failure::usage(format!("{shown} line {line_number}: {what}"), next);
        let (key, text) = line.split_once('=').ok_or_else(|| wrong("this is not KEY=VALUE"))?;
        if !found.manifest.field(key).is_some_and(|field| field.secret) {
            return Err(wrong("this is no secret of the plugin"));
        }
        settings = settings.with_secret(key, text);
    }
    Ok(settings)
}
