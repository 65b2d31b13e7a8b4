//! `init --storage` and `init --mode master`: which storage plugin, with which settings and secrets.
//!
//! Must not know: any storage but that the server beside the master (`server init`) is a PostgreSQL.

use super::context::Context;
use super::progress::ProgressLine;
use crate::cli::InitArgs;
use crate::output::Failure;
use aurapos_master::{NoServer, POSTGRES, own_storage, ready};
use aurapos_runtime::storage_choice::StorageChoice;
use aurapos_server::{ServerError, Wish};
use std::io::Read as _;

/// More than any secrets need.
const SECRETS_BYTES_MAX: u64 = 64 * 1024;

/// What was chosen; `None`: what the settings say.
pub fn choice(context: &Context, args: &InitArgs) -> Result<Option<StorageChoice>, Failure> {
    let Some(plugin) = &args.storage else { return Ok(None) };
    let secrets = if args.storage_secrets_stdin { secrets_of(std::io::stdin())? } else { Vec::new() };
    if plugin == POSTGRES && args.storage_settings.is_empty() && secrets.is_empty() {
        return own_server(context).map(Some);
    }
    Ok(Some(StorageChoice {
        plugin: plugin.clone(),
        settings: args.storage_settings.clone(),
        secrets,
        in_process: args.storage_in_process,
    }))
}

/// The storage that a shop's registers are to share: the one that is named, or the server of this data folder.
pub fn shared(context: &Context, settings: &[(String, String)], secrets_stdin: bool) -> Result<StorageChoice, Failure> {
    if settings.is_empty() {
        return own_server(context);
    }
    let secrets = if secrets_stdin { secrets_of(std::io::stdin())? } else { Vec::new() };
    Ok(StorageChoice { plugin: POSTGRES.to_owned(), settings: settings.to_vec(), secrets, in_process: false })
}

/// The server of this data folder, with the passwords that its making kept.
fn own_server(context: &Context) -> Result<StorageChoice, Failure> {
    own_storage(&context.folder).map_err(|error| {
        let next = match &error {
            NoServer::Server(ServerError::NotMade { .. }) => format!(
                "Make a server first (`{0} server init`), or say where one is: --storage-setting host=… (see `{0} init --help`).",
                context.program()
            ),
            _ => error.next(&context.program()),
        };
        Failure::new(error.code(), error.to_string(), next)
    })
}

/// `--mode master` with no server named: that of this data folder, made where there is none and started where it does not run.
/// Whether it was made now.
pub fn master(context: &Context, args: &InitArgs) -> Result<(StorageChoice, bool), Failure> {
    let progress = ProgressLine::new();
    let made = ready(&context.folder, &wish(args), &progress)?;
    drop(progress);
    Ok((own_server(context)?, made))
}

/// The server that is made for the shop; everything else about it is chosen with `server init`.
fn wish(args: &InitArgs) -> Wish {
    Wish {
        shop: Some(args.shop.clone()),
        register: Some(args.register.clone()),
        port: args.server_port,
        listen: Some(args.server_listen.clone()).filter(|list| !list.is_empty()),
        cluster: args.server_cluster.clone(),
        user: args.server_user.clone(),
        ..Wish::default()
    }
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
