//! `hostile-victim PROGRAM DATA PROBE PLUGIN CALL [KEY=VALUE…]`: opens a plugin host over these folders and makes one call
//! into one plugin, which may end this process. It says how far it came, a line each.

use aurapos_contract::host::NoProgress;
use aurapos_contract::payment::PaymentIntent;
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{PluginResult, Settings, Uuid};
use aurapos_plugin_host::PluginHost;
use aurapos_plugin_testkit::TestHost;
use aurapos_tests::plugins;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, data, probe, plugin, call, settings @ ..] = arguments.as_slice() else {
        return Err("usage: hostile-victim PROGRAM DATA PROBE PLUGIN CALL [KEY=VALUE…]".into());
    };
    let host = PluginHost::open(plugins::options(Path::new(program), Path::new(data), probe));
    println!("open");
    let settings: Vec<(&str, &str)> = settings.iter().filter_map(|setting| setting.split_once('=')).collect();
    let instance = plugins::instance(plugin, &settings, TestHost::over(Path::new(data)));
    if let Err(refusal) = run(&host, &instance, call) {
        println!("refused {refusal}");
    }
    println!("goes on");
    Ok(())
}

fn run(host: &PluginHost, instance: &aurapos_plugin_host::Instance, call: &str) -> Result<(), aurapos_plugin_host::Refusal> {
    match call {
        "begin" | "query_status" | "cancel" => {
            let payment = host.payment(instance)?;
            println!("made");
            let intent = PaymentIntent { amount_minor: 100, tendered_minor: 100, ..Default::default() };
            match call {
                "begin" => tell(payment.begin(&intent, &NoProgress)),
                "query_status" => tell(payment.query_status(&intent)),
                _ => tell(payment.cancel(Uuid::nil())),
            }
            drop(payment);
        }
        _ => {
            let storage = host.storage(instance)?;
            println!("made");
            let store = storage.open(&Settings::default()).map_err(|error| unopened(instance, &error.message))?;
            tell(store.commit(&Transaction::default()));
        }
    }
    Ok(())
}

fn unopened(instance: &aurapos_plugin_host::Instance, message: &str) -> aurapos_plugin_host::Refusal {
    aurapos_plugin_host::Refusal::new(aurapos_plugin_host::Code::Factory, &instance.selector, message)
}

fn tell<T: std::fmt::Debug>(result: PluginResult<T>) {
    println!("answered {result:?}");
}
