//! `init`: what the wizard does.

use super::context::{Context, Open, ask_new_pin};
use super::import::import_text;
use super::init_storage;
use crate::cli::InitArgs;
use crate::output::{Answer, Failure, Outcome};
use crate::words::shell;
use aurapos_master::POSTGRES;
use aurapos_runtime::engine::TypedPin;
use aurapos_runtime::engine::setup::{NewShop, check};
use aurapos_runtime::settings::Mode;
use aurapos_runtime::storage_choice::StorageChoice;
use aurapos_runtime::{RuntimeError, sample, setup};
use serde_json::json;

/// [`aurapos_runtime::RuntimeError::code`] of a setting that the storage's manifest refuses.
const WRONG_SETTING: &str = "P-129";

/// `init`
pub fn init(context: &Context, args: &InitArgs) -> Outcome {
    let mode = mode(args)?;
    let pin = match args.pin.as_ref().map(TypedPin::text).filter(|pin| !pin.is_empty()) {
        Some(pin) => pin.to_owned(),
        None => ask_new_pin(&format!("New PIN of {}: ", args.manager))?,
    };
    let new = NewShop {
        name: args.shop.clone(),
        country: args.country.clone(),
        language: args.language.clone(),
        address: args.address.lines().map(str::to_owned).collect(),
        vat_number: args.vat_number.clone(),
        register: args.register.clone(),
        manager: args.manager.clone(),
        pin: pin.clone(),
        ..NewShop::default()
    };
    let (storage, server_made) = storage(context, args, mode, &new)?;
    let made = match (&storage, mode) {
        (Some(shared), Mode::Master) => setup::set_up_sharing(&context.options(), new, shared),
        (storage, _) => setup::set_up_on(&context.options(), new, storage.as_ref()),
    };
    let created = made.map_err(|error| {
        let mut failure = Failure::from(error);
        // There is no settings file yet that could be corrected.
        if storage.is_some() && failure.code == WRONG_SETTING {
            failure.next =
                "Say it with --storage-setting KEY=VALUE, a password with --storage-secrets-stdin.".to_owned();
        }
        failure
    })?;
    let mut products = 0;
    if args.sample_data {
        let open = Open::register(context)?;
        let session = open.sign_in_as(&args.manager, &pin)?;
        let report = import_text(&open, Some(session), sample::sample_catalog_csv().as_bytes())?;
        products = report.added;
        open.close();
        if products == 0 {
            let reason = report.rejected.first().map_or_else(String::new, |row| format!(": {}", row.reason));
            let message = format!("{} is set up, but no sample product came in{reason}", args.shop);
            let next = format!("Bring a catalog in: `{} import products FILE.csv`.", context.program());
            return Err(Failure::new("AP-0506", message, next));
        }
    }
    let folder = context.folder.root().display().to_string();
    let server = if server_made { "The PostgreSQL server is made and runs.\n" } else { "" };
    let text = format!(
        "{server}{} is set up in {folder}: register {}, manager {}{}.\n\
         Next: {} drawer open --operator {} --float 100.00",
        args.shop,
        args.register,
        args.manager,
        if args.sample_data { format!(", {products} sample products") } else { String::new() },
        context.program(),
        shell(&args.manager),
    );
    Ok(Answer::new(
        json!({
            "shop": args.shop, "register": args.register, "mode": args.mode, "data": folder,
            "shop_id": created.shop.to_string(), "register_id": created.register.to_string(), "products": products,
            "server_made": server_made,
        }),
        text,
    ))
}

fn mode(args: &InitArgs) -> Result<Mode, Failure> {
    let of_server = args.server_port.is_some()
        || args.server_cluster.is_some()
        || args.server_user.is_some()
        || !args.server_listen.is_empty();
    match args.mode.as_str() {
        "single" if of_server => {
            Err(Failure::usage("--server-… goes with --mode master", "Add --mode master, or leave these options out."))
        }
        "single" => Ok(Mode::Single),
        "master" if args.storage.as_deref().is_some_and(|plugin| plugin != POSTGRES) => Err(Failure::usage(
            "a master shares the shop on a PostgreSQL server",
            "Leave --storage out, or give --storage postgres with --storage-setting host=….",
        )),
        "master" => Ok(Mode::Master),
        "slave" => Err(Failure::usage(
            "a register joins a shop that is there already",
            "Ask the master for a pairing (`aurapos-admin pair issue`), then `pair join` it here.",
        )),
        other => Err(Failure::usage(format!("there is no mode \"{other}\""), "Use --mode single or --mode master.")),
    }
}

/// What the register stands on (its own storage, or what a master shares), and whether a server was made for it. What is refused is refused before a server is made.
fn storage(
    context: &Context,
    args: &InitArgs,
    mode: Mode,
    new: &NewShop,
) -> Result<(Option<StorageChoice>, bool), Failure> {
    let is_named = !args.storage_settings.is_empty() || args.storage_secrets_stdin;
    if mode == Mode::Single || is_named {
        return Ok((init_storage::choice(context, args)?, false));
    }
    check(new)?;
    if context.folder.last_good_file().exists() {
        return Err(RuntimeError::ShopExists { folder: context.folder.root().display().to_string() }.into());
    }
    let (storage, made) = init_storage::master(context, args)?;
    Ok((Some(storage), made))
}
