//! `storage …`: from one register to several and back, and whether register and shared storage hold the same.

use super::context::{Context, Open};
use super::init_storage;
use super::progress::ProgressLine;
use super::sync::settled;
use crate::cli::{Goal, MigrateArgs, StorageCommand};
use crate::output::{Answer, Failure, Outcome};
use crate::words::count;
use aurapos_master::several;
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::engine::agree::Agreement;
use aurapos_runtime::engine::queries;
use aurapos_runtime::joining;
use aurapos_runtime::settings::{MachineSettings, Mode};
use serde_json::{Value, json};
use std::time::Duration;

/// How long bringing a shop may take.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// What a difference means.
const UNLIKE: &str = "AP-0109";

/// `storage …`
pub fn storage(context: &Context, command: &StorageCommand) -> Outcome {
    match command {
        StorageCommand::Migrate(args) => match args.to {
            Goal::Master => to_master(context, args),
            Goal::Single => to_single(context, args),
        },
        StorageCommand::Check => {
            must_share(context)?;
            let proved = proved(context)?;
            let rows = count(proved.rows(), "row", "rows");
            Ok(Answer::new(json_of(&proved), format!("Register and shared storage hold the same: {rows}.")))
        }
    }
}

fn mode(context: &Context) -> Result<Mode, Failure> {
    let settings = MachineSettings::read(&context.folder).map_err(aurapos_runtime::RuntimeError::from)?;
    Ok(settings.mode)
}

fn must_share(context: &Context) -> Result<(), Failure> {
    if mode(context)? != Mode::Single {
        return Ok(());
    }
    let next = format!("Several registers need a master: `{} storage migrate --to master`.", context.program());
    Err(Failure::new("AP-0110", "this register is by itself and shares nothing", next))
}

fn to_master(context: &Context, args: &MigrateArgs) -> Outcome {
    match mode(context)? {
        Mode::Slave => {
            let next = "Do it on the master, or make this register one by itself first: --to single.";
            return Err(Failure::new("AP-0110", "this register belongs to a master already", next));
        }
        // Killed or called off before: it goes on.
        Mode::Master if args.settings.is_empty() => {}
        Mode::Master => {
            let next = "Leave the settings out to compare once more, or go back first: --to single.";
            return Err(Failure::new("AP-0110", "this register is a master already, with other settings", next));
        }
        Mode::Single => {
            several::check_share(&context.folder)?;
            let shared = init_storage::shared(context, &args.settings, args.secrets_stdin)?;
            joining::share(&context.folder, "aurapos-admin", &shared)?;
        }
    }
    let proved = proved(context)?;
    let rows = count(proved.rows(), "row", "rows");
    let text = format!(
        "The shop is on the server: {rows}, each proved to be the same on both sides. This register is the master and keeps its own \
         data where it was.\nNext: `{} pair issue` for the first other register.",
        context.program()
    );
    Ok(Answer::new(json_of(&proved), text).done("the shop is on the server"))
}

fn to_single(context: &Context, args: &MigrateArgs) -> Outcome {
    if mode(context)? == Mode::Single {
        let json = json!({"mode": "single", "rows": 0});
        return Ok(Answer::new(json, "This register is by itself already: nothing was changed."));
    }
    if args.server_lost {
        return lost(context, args);
    }
    let others = several::others(&context.options(), &context.reader()?.facts.code)?;
    if !others.is_empty() && !args.yes {
        let message = format!("other registers share the shop with this one: {}", others.join(", "));
        let next = "They go on with the server, and this one hears of them no more. Say so with --yes.";
        return Err(Failure::new("AP-0110", message, next));
    }
    let proved = proved(context)?;
    joining::be_alone(&context.folder, "aurapos-admin")?;
    let rows = count(proved.rows(), "row", "rows");
    let text = format!(
        "This register is by itself, with everything that the shop has: {rows}, each proved to be the same on both sides. The server \
         keeps its copy."
    );
    Ok(Answer::new(json_of(&proved), text).done("this register is by itself"))
}

/// Leaves a shared storage that does not come back.
fn lost(context: &Context, args: &MigrateArgs) -> Outcome {
    let reader = context.reader()?;
    let waiting = queries::sync_state(reader.store.as_ref())?.unsent;
    drop(reader);
    let waits = count(waiting, "journal entry", "journal entries");
    if !args.yes {
        let message = format!("this register leaves the shop's shared storage, which lacks {waits} of it");
        return Err(Failure::new("AP-0110", message, "Nothing was done. Say so with --yes."));
    }
    joining::be_alone(&context.folder, "aurapos-admin")?;
    let text = format!(
        "This register is by itself, with what it has: its own data whole, and of the others what came until the shared storage was last \
         here. The shared storage lacks {waits} of it."
    );
    let json = json!({"mode": "single", "unsent": waiting});
    Ok(Answer::new(json, text).done("this register is by itself"))
}

/// Brings and takes everything, then compares every row.
fn proved(context: &Context) -> Result<Agreement, Failure> {
    let open = Open::register(context)?;
    let agreement = (|| {
        settled(&open, PATIENCE)?;
        let progress = ProgressLine::new();
        let compared = open.register.agree(&mut |table, rows| {
            progress.report(0, 0, &format!("comparing {table}: {}", count(rows, "row", "rows")));
            true
        })?;
        Ok::<_, Failure>(compared.unwrap_or_default())
    })();
    open.close();
    let agreement = agreement?;
    if agreement.is_whole() {
        return Ok(agreement);
    }
    let many: u64 = agreement.tables.iter().map(|table| table.differences).sum();
    let message = format!(
        "{} differ between register and shared storage: {}",
        count(many, "row", "rows"),
        agreement.named.join("; ")
    );
    let next = format!(
        "Nothing was lost: both keep what they have. See `{} sync conflicts`, then try again.",
        context.program()
    );
    Err(Failure::new(UNLIKE, message, next))
}

fn json_of(proved: &Agreement) -> Value {
    let hex = |hash: &[u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let tables: Vec<Value> = proved
        .tables
        .iter()
        .map(|table| json!({"table": table.table, "rows": table.rows[0], "sha256": hex(&table.hash[0])}))
        .collect();
    json!({"rows": proved.rows(), "tables": tables})
}
