//! `init --storage`: which storage plugin, with which settings and secrets.
//!
//! Must not know: any storage but that the server beside the master (`server init`) is a PostgreSQL.

use super::context::Context;
use super::server_keep::Kept;
use crate::cli::InitArgs;
use crate::output::Failure;
use aurapos_runtime::storage_choice::StorageChoice;
use aurapos_server::{Connection, Home, Keep as _};
use std::io::Read as _;

/// The plugin that `server init` makes a server for.
const POSTGRES: &str = "postgres";
/// More than any secrets need.
const SECRETS_BYTES_MAX: u64 = 64 * 1024;

/// What was chosen; `None`: what the settings say.
pub fn choice(context: &Context, args: &InitArgs) -> Result<Option<StorageChoice>, Failure> {
    let Some(plugin) = &args.storage else { return Ok(None) };
    let secrets = if args.storage_secrets_stdin { secrets_of(std::io::stdin())? } else { Vec::new() };
    if plugin == POSTGRES && args.storage_settings.is_empty() && secrets.is_empty() {
        return own_server(context).map(Some);
    }
    Ok(Some(StorageChoice { plugin: plugin.clone(), settings: args.storage_settings.clone(), secrets }))
}

/// The server of this data folder, with the passwords that its making kept.
fn own_server(context: &Context) -> Result<StorageChoice, Failure> {
    let home = Home::of_data(context.folder.root());
    let way = Connection::known(&home).map_err(|error| {
        let next = format!(
            "Make a server first (`{0} server init`), or say where one is: --storage-setting host=… (see `{0} init --help`).",
            context.program()
        );
        Failure::new(error.code(), error.to_string(), next)
    })?;
    let keep = Kept::new(context);
    let mut secrets = Vec::new();
    for (key, role) in [("password", way.user.as_str()), ("owner_password", way.owner_user)] {
        let kept = keep.get(role)?;
        let missing = || {
            let next = format!("Run `{} server init` again: it makes what is missing.", context.program());
            Failure::new("AP-0609", format!("the password of {role} is not in this data folder"), next)
        };
        secrets.push((key.to_owned(), kept.ok_or_else(missing)?.text().to_owned()));
    }
    let root = std::path::absolute(context.folder.root()).unwrap_or_else(|_| context.folder.root().to_owned());
    // Relative to the data folder, so that the folder can be moved.
    let authority = way.authority.strip_prefix(&root).unwrap_or(&way.authority).display().to_string();
    let quoted = |text: &str| format!("{text:?}");
    let settings = [
        ("host", way.host.to_owned()),
        ("port", way.port.to_string()),
        ("database", quoted(&way.database)),
        ("schema", quoted(way.schema)),
        ("user", quoted(&way.user)),
        ("owner_user", quoted(way.owner_user)),
        ("register_role", quoted(way.register_role)),
        ("authority", quoted(&authority)),
    ];
    let settings = settings.map(|(key, text)| (key.to_owned(), text)).into();
    Ok(StorageChoice { plugin: POSTGRES.to_owned(), settings, secrets })
}

fn secrets_of(input: impl std::io::Read) -> Result<Vec<(String, String)>, Failure> {
    let bad = |message: String| Failure::new("AP-0306", message, "Give one secret a line: KEY=VALUE.");
    let mut text = String::new();
    input.take(SECRETS_BYTES_MAX).read_to_string(&mut text).map_err(|error| bad(format!("standard input: {error}")))?;
    let lines = text.lines().filter(|line| !line.is_empty());
    let pair = |(number, line): (usize, &str)| {
        let (key, value) =
            line.split_once('=').ok_or_else(|| bad(format!("line {} of the secrets has no =", number + 1)))?;
        Ok((key.trim().to_owned(), value.to_owned()))
    };
    lines.enumerate().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_read_by_line_and_never_told() {
        let read = |text: &str| secrets_of(text.as_bytes());
        let pairs = read("password=a=b \nowner_password=\n\n").unwrap_or_default();
        let expected = [("password", "a=b "), ("owner_password", "")];
        assert_eq!(pairs, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let told = format!("{:?}", read("password=x\nsesame").err());
        assert!(told.contains("line 2") && !told.contains("sesame"), "{told}");
    }
}
