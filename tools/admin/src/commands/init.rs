//! `init`: what the wizard does.

use super::context::{Context, Open, ask_new_pin};
use super::import::import_text;
use super::init_storage;
use crate::cli::InitArgs;
use crate::output::{Answer, Failure, Outcome};
use crate::words::shell;
use aurapos_runtime::engine::TypedPin;
use aurapos_runtime::engine::setup::NewShop;
use aurapos_runtime::{sample, setup};
use serde_json::json;

/// [`aurapos_runtime::RuntimeError::code`] of a setting that the storage's manifest refuses.
const WRONG_SETTING: &str = "P-129";

/// `init`
pub fn init(context: &Context, args: &InitArgs) -> Outcome {
    if args.mode != "single" {
        let message = format!("the mode \"{}\" is not offered by this version", args.mode);
        return Err(Failure::new("AP-0205", message, "Use --mode single; several registers arrive later."));
    }
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
    let storage = init_storage::choice(context, args)?;
    let created = setup::set_up_on(&context.options(), new, storage.as_ref()).map_err(|error| {
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
    let text = format!(
        "{} is set up in {folder}: register {}, manager {}{}.\n\
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
        }),
        text,
    ))
}
